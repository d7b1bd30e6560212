"""The books: vouchers sum to zero, nobody posts what he paid, closed months refuse, and every figure leads to its papers."""

from __future__ import annotations

import io
import secrets
from datetime import date

import peewee
import pytest

from portal import attachments, checks, clock, contents, db, steps
from portal.books import rules as books  # noqa: F401
from portal.books.models import (
    CategoryTitle,
    ClosedMonth,
    Fund,
    Posting,
    Title,
    Voucher,
    VoucherLine,
    balance,
    month_of,
    title_for,
    unposted,
)
from portal.books.models_statements import Behind, balances, journal, lines_behind, waiting_to_be_posted
from portal.books.rules_adjustments import ADJUSTMENT, adjustment_content, reverse
from portal.books.rules_titles import add_fund, add_title, change_fund, change_title, map_category
from portal.books.rules_vouchers import on, write_voucher
from portal.budget.models import Category
from portal.money import Money
from portal.refused import Mistyped, NotYours, Refused
from tests import budgets, moneys
from tests.budgets import yuan
from tests.test_spending_pages import everybody_reads_english, post, text_of  # noqa: F401


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@pytest.fixture
def line(cast):
    return budgets.budget_line(cast.department("Marketing"), 5000)


@pytest.fixture
def posted(cast, line):
    """A claim of 800 that was paid from the bank and posted."""
    return moneys.settled(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 300, 500)


def title(code: str) -> Title:
    return Title.get(Title.code == code)


def by_hand(cast, *lines, day=None):
    """A voucher by hand with a file: (code, debit, credit)."""
    rows = [
        {"title": title(code), "debit": yuan(debit), "credit": yuan(credit), "department": None, "person": None, "category": None,
         "text": ""}
        for code, debit, credit in lines
    ]  # fmt: skip
    case = contents.create(
        ADJUSTMENT, cast.lin, adjustment_content("Depreciation", day or clock.today(), rows), secrets.token_hex(8)
    )
    attachments.store("case", case.id, "paper", "list.csv", io.BytesIO(b"a,b"), cast.lin)
    return case


# ---- vouchers -------------------------------------------------------------------------------------------------------


def test_a_voucher_that_does_not_sum_to_zero_is_never_written(cast):
    with pytest.raises(AssertionError, match="sums to zero"):
        db.transaction(write_voucher)(clock.today(), "wrong", [on("bank", yuan(1)), on("sales", -yuan(2))], None, cast.lin)

    assert Voucher.select().count() == 0


def test_vouchers_lines_and_journals_are_append_only(posted):
    for table in ("vouchers", "voucher_lines", "cash_entries", "postings"):
        with pytest.raises(peewee.DatabaseError, match="append-only"):
            db.transaction(db.run)(f"DELETE FROM {table}")


def test_fin_06_the_schema_lets_nobody_post_what_he_paid(cast, line, posted):
    case = moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 10), 10)
    (waits,) = unposted(steps.take(cast.cai, case.id, "pay", given=moneys.by_bank()))
    kept = Posting.get()

    with pytest.raises(peewee.IntegrityError, match=r"(?i)check"):
        db.transaction(Posting.create)(entry=waits, voucher=kept.voucher_id, paid_by=cast.cai, posted_by=cast.cai)


@pytest.mark.parametrize("table", ["vouchers", "cash_entries"])
def test_fin_07_a_closed_month_takes_nothing_more_whoever_writes(cast, posted, table):
    ClosedMonth.create(month=month_of(clock.today()))
    columns = [name for (name,) in _columns(table) if name != "id"]
    values = ", ".join("'X-1'" if name == "number" else f'"{name}"' for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)

    with pytest.raises(peewee.DatabaseError, match="the month is closed"):
        db.transaction(db.run)(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} LIMIT 1")


def _columns(table):
    if db.is_postgres():
        return db.rows("SELECT column_name FROM information_schema.columns WHERE table_name = ? ORDER BY ordinal_position", table)
    return [(row[1],) for row in db.rows(f"PRAGMA table_info({table})")]


def test_fin_07_money_cannot_be_paid_into_a_closed_month(cast, line):
    case = moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 100)
    ClosedMonth.create(month=month_of(clock.today()))

    with pytest.raises(Mistyped, match="is closed: choose a day after it"):
        steps.take(cast.cai, case.id, "pay", given=moneys.by_bank())


def test_the_check_finds_a_voucher_that_does_not_sum_to_zero(cast, posted):
    voucher = Voucher.get()
    VoucherLine.create(voucher=voucher, n=9, title=title_for("sales"), month=voucher.month, amount=Money(5))

    assert checks.findings() == [f"voucher {voucher.number} does not sum to zero: 5"]


# ---- by hand --------------------------------------------------------------------------------------------------------


def test_a_voucher_by_hand_is_posted_with_reason_and_file(cast):
    case = steps.take(cast.lin, by_hand(cast, ("5602", 50, 0), ("1601", 0, 50)).id, "post")

    voucher = Voucher.get(Voucher.case == case)
    assert (case.state, voucher.kind, voucher.text) == ("posted", "adjustment", "Depreciation")
    assert checks.findings() == []


def test_a_voucher_by_hand_without_a_file_or_with_unequal_sides_is_refused(cast):
    uneven = by_hand(cast, ("5602", 50, 0), ("1601", 0, 49))
    bare = by_hand(cast, ("5602", 50, 0), ("1601", 0, 50))
    attachments.remove(attachments.of("case", bare.id)[0], cast.lin)

    with pytest.raises(Refused, match=r"^Debits and credits differ by 1\.00\.$"):
        steps.take(cast.lin, uneven.id, "post")
    with pytest.raises(Refused, match=r"^Attach what proves it\.$"):
        steps.take(cast.lin, bare.id, "post")


def test_cash_and_bank_move_by_the_journals_only(cast):
    with pytest.raises(Mistyped, match="cash and bank move by the journals only"):
        by_hand(cast, ("1002", 50, 0), ("5001", 0, 50))


def test_only_the_chief_accountant_writes_vouchers(cast):
    rows = [
        {
            "title": title("5602"),
            "debit": yuan(1),
            "credit": yuan(0),
            "department": None,
            "person": None,
            "category": None,
            "text": "",
        }
    ]

    with pytest.raises(NotYours):
        contents.create(ADJUSTMENT, cast.cai, adjustment_content("Mine", clock.today(), rows), "token")


def test_a_voucher_is_taken_back_once_by_its_exact_opposite(cast):
    case = steps.take(cast.lin, by_hand(cast, ("5602", 50, 0), ("1601", 0, 50)).id, "post")
    voucher = Voucher.get(Voucher.case == case)
    back = reverse(cast.lin, voucher, "one")
    attachments.store("case", back.id, "paper", "why.csv", io.BytesIO(b"x"), cast.lin)

    back = steps.take(cast.lin, back.id, "post")

    written = Voucher.get(Voucher.case == back)
    assert (written.kind, written.reverses_id) == ("reversal", voucher.id)
    assert [each.after for each in balances(200001, 210012) if each.after] == []
    with pytest.raises(Refused, match="took it back"):
        reverse(cast.lin, voucher, "two")


def test_what_moved_money_is_corrected_by_a_movement_not_by_a_voucher(cast, posted):
    with pytest.raises(Refused, match="Money moved by it"):
        reverse(cast.lin, Voucher.get(), "one")


# ---- statements -----------------------------------------------------------------------------------------------------


def test_the_trial_balance_comes_to_nothing_and_each_figure_leads_to_its_lines(cast, posted):
    month = month_of(clock.today())
    found = {each.code: each for each in balances(month, month)}

    assert sum(each.after for each in found.values()) == 0
    spending = found["5602"]
    behind = lines_behind(Behind(spending.id, month, month), [f"#{cast.ann.id}"])
    assert (spending.after, [(each.amount, each.case_number, each.is_readable) for each in behind]) == (
        yuan(800), [(yuan(800), posted.number, True)],
    )  # fmt: skip
    assert lines_behind(Behind(spending.id, month, month), [f"#{cast.bo.id}"])[0].is_readable is False


def test_a_journal_says_what_was_there_after_each_movement(cast, posted):
    before, rows = journal(moneys.bank(), date(2000, 1, 1), clock.today(), [])

    assert (before, [(each.outgo, each.balance, each.voucher) for each in rows]) == (
        0, [(yuan(800), -yuan(800), Voucher.get().number)],
    )  # fmt: skip


def test_what_is_paid_waits_to_be_posted_until_it_is(cast, line):
    case = moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 100)
    assert waiting_to_be_posted() == []

    steps.take(cast.cai, case.id, "pay", given=moneys.by_bank())
    waiting = [(each.case_id, each.amount, each.handled_by) for each in waiting_to_be_posted()]
    steps.take(cast.lin, case.id, "post")

    assert waiting == [(case.id, -yuan(100), {cast.cai.id})]
    assert waiting_to_be_posted() == []


# ---- the chart of accounts ------------------------------------------------------------------------------------------


def test_spending_of_a_category_is_posted_to_its_own_title(cast, line):
    map_category(cast.lin, Category.get(Category.code == "TRAVEL"), title("5601").id)

    moneys.settled(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 100)

    assert [each.amount for each in VoucherLine.select().where(VoucherLine.title == title("5601"))] == [yuan(100)]


def test_titles_the_portal_posts_to_stay_in_use(cast):
    spending = title_for("spending")

    with pytest.raises(Mistyped, match="The portal itself posts to this title"):
        change_title(cast.lin, spending.id, spending.name, spending.name_en, False, spending.events)


def test_a_title_is_added_renamed_and_its_code_is_unique(cast):
    added = add_title(cast.lin, "560203", "管理费用—水电", "Power and water", "expense")
    changed = change_title(cast.lin, added.id, "管理费用—水电费", "Power and water", True, added.events)

    assert changed.name == "管理费用—水电费"
    with pytest.raises(Mistyped, match="There is a title 560203"):
        add_title(cast.lin, "560203", "another", "", "expense")
    with pytest.raises(NotYours):
        add_title(cast.cai, "560204", "mine", "", "expense")


def test_another_bank_account_gets_a_title_of_its_own_and_goes_only_when_empty(cast, line):
    fund = add_fund(cast.lin, "招行", "Merchants Bank", "bank", "6225 0000 1111")
    assert (fund.title.code, fund.title.name) == ("100201", "银行存款—招行")
    bank = moneys.bank()
    moneys.settled(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 100)

    with pytest.raises(Mistyped, match=r"-100\.00 is still in it"):
        change_fund(cast.lin, bank.id, bank.name, bank.name_en, "", False, bank.events)
    assert not change_fund(cast.lin, fund.id, fund.name, fund.name_en, "", False, fund.events).active
    assert balance(Fund.get_by_id(fund.id).id) == 0


# ---- pages ----------------------------------------------------------------------------------------------------------

PAGES = ["/books", "/books/income", "/books/advances", "/books/vouchers", "/books/titles", "/books/journal"]


@pytest.mark.parametrize("path", PAGES)
def test_statements_are_seen_by_those_who_may_and_taken_away_as_they_stand(cast, client, posted, path):
    may = {user: client(getattr(cast, user)).get(path).status_code for user in ("mei", "lin", "hao", "ann", "sam")}
    answers = [client(cast.lin).get(f"{path}?export={kind}") for kind in ("csv", "xlsx")]

    assert may == {"mei": 200, "lin": 200, "hao": 403, "ann": 403, "sam": 403}
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].data.count(b"\n") >= 2 or path in ("/books/advances", "/books/journal")


def test_every_figure_drills_down_to_its_paper(cast, client, posted):
    lin = client(cast.lin)
    voucher, spending = Voucher.get(), title_for("spending")

    assert f"/books/titles/{spending.id}?" in lin.get("/books").text
    assert f"/books/vouchers/{voucher.id}" in lin.get(f"/books/titles/{spending.id}").text
    shown = lin.get(f"/books/vouchers/{voucher.id}")
    assert f"/papers/{posted.id}" in shown.text and "800.00" in shown.text
    assert lin.get(f"/books/vouchers/{voucher.id}/print").status_code == 200


def test_the_cashier_sees_the_journals_and_not_the_statements(cast, client, posted):
    cai = client(cast.cai)

    assert (cai.get("/books/journal").status_code, cai.get("/books").status_code, cai.get("/books/to-post").status_code) == (
        200,
        403,
        403,
    )


@pytest.mark.parametrize(
    "address", ["/books?from=x&until=2026-13", "/books/journal?fund=x&from=2026-99-99", "/books/vouchers?month=1"]
)
def test_a_strange_address_shows_this_month(cast, client, address):
    assert client(cast.lin).get(address).status_code == 200


def test_the_chart_is_kept_on_its_pages(cast, client):
    lin = client(cast.lin)
    answer = post(lin, "/books/titles", {"code": "560299", "name": "杂费", "name_en": "Sundries", "nature": "expense"})
    wrong = post(lin, "/books/titles", {"code": "x", "name": "杂费", "nature": "expense"})

    assert (answer.status_code, wrong.status_code) == (303, 422)
    assert "A code is four digits" in wrong.text
    for path in ("/books/categories", "/books/funds", f"/books/titles/{title('560299').id}/edit"):
        assert lin.get(path).status_code == 200
    assert post(lin, "/books/funds", {"kind": "cash", "name": "门店", "name_en": "Shop till", "number": ""}).status_code == 303
    assert Title.get(Title.name == "库存现金—门店").code == "100101"


def test_a_wrong_choice_among_the_categories_keeps_none_of_them(cast, client, line):
    budgets.budget_line(cast.department("Marketing"), code="OFFICE")
    first, last = Category.where("id > 0 ORDER BY code")
    typed = {f"category_{first.id}": str(title("5601").id), f"category_{last.id}": str(title("1001").id)}

    answer = post(client(cast.lin), "/books/categories", typed)

    assert answer.status_code == 422 and "Choose a title of expenses that is in use." in answer.text
    assert CategoryTitle.select().count() == 0


def test_a_voucher_by_hand_is_written_on_the_common_form(cast, client):
    lin = client(cast.lin)
    shown = lin.get("/papers/new/adjustment")

    assert shown.status_code == 200
    assert client(cast.cai).get("/papers/new/adjustment").status_code == 403
    case = by_hand(cast, ("5602", 50, 0), ("1601", 0, 50))
    page = lin.get(f"/papers/{case.id}")
    assert page.status_code == 200 and "50.00" in page.text


# ---- what stands against it -----------------------------------------------------------------------------------------


def paid(cast, line):
    """A claim that was paid and is not posted."""
    case = moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 100)
    return steps.take(cast.cai, case.id, "pay", given=moneys.by_bank())


def test_fin_06_who_handled_the_money_and_became_chief_accountant_does_not_post_it(cast, line):
    case = moneys.lent(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 100)
    moneys.brought_back(cast, case, 40)
    budgets.grant(cast.cai, "chief_accountant")

    with pytest.raises(Refused, match="You handled this money yourself"):
        steps.take(cast.cai, case.id, "post_part")


def test_nothing_waits_to_be_posted_twice(cast, line):
    case = moneys.lent(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 100)

    with pytest.raises(Refused, match="Nothing on this paper waits to be posted"):
        steps.take(cast.lin, case.id, "post_part")


def test_fin_07_what_was_paid_in_a_closed_month_is_not_posted(cast, line):
    case = paid(cast, line)
    ClosedMonth.create(month=month_of(clock.today()))

    with pytest.raises(Refused, match="is closed: the general manager opens it again, with a reason"):
        steps.take(cast.lin, case.id, "post")


def test_fin_07_the_months_before_a_closed_one_take_nothing_more(cast, posted):
    later = month_of(clock.today()) + 1
    ClosedMonth.create(month=later)

    with pytest.raises(Refused, match="is closed"):
        db.transaction(write_voucher)(clock.today(), "late", [on("bank", yuan(1)), on("sales", -yuan(1))], None, cast.lin)
    with pytest.raises(peewee.DatabaseError, match="the month is closed"):
        voucher = Voucher.get()
        VoucherLine.create(voucher=voucher, n=9, title=title_for("sales"), month=voucher.month, amount=Money(5))


def test_fin_07_nothing_is_posted_by_hand_into_a_closed_month(cast):
    case = by_hand(cast, ("5602", 50, 0), ("1601", 0, 50))
    ClosedMonth.create(month=month_of(clock.today()))

    with pytest.raises(Refused, match=r"is closed: choose a later day\.$"):
        steps.take(cast.lin, case.id, "post")


def test_what_takes_back_is_not_taken_back_itself(cast):
    case = steps.take(cast.lin, by_hand(cast, ("5602", 50, 0), ("1601", 0, 50)).id, "post")
    back = reverse(cast.lin, Voucher.get(Voucher.case == case), "one")
    attachments.store("case", back.id, "paper", "why.csv", io.BytesIO(b"x"), cast.lin)
    steps.take(cast.lin, back.id, "post")

    with pytest.raises(Refused, match="It takes another voucher back itself"):
        reverse(cast.lin, Voucher.get(Voucher.case == back), "two")


def test_what_takes_back_is_the_opposite_of_the_voucher(cast):
    case = steps.take(cast.lin, by_hand(cast, ("5602", 50, 0), ("1601", 0, 50)).id, "post")
    voucher = Voucher.get(Voucher.case == case)
    back = reverse(cast.lin, voucher, "one")
    attachments.store("case", back.id, "paper", "why.csv", io.BytesIO(b"x"), cast.lin)
    db.run("UPDATE adjustment_lines SET credit = credit * 2, debit = debit * 2 WHERE case_id = ?", back.id)

    with pytest.raises(Refused, match="Its lines are not the opposite of"):
        steps.take(cast.lin, back.id, "post")


def test_only_the_chief_accountant_keeps_the_chart_as_it_was_shown(cast):
    with pytest.raises(NotYours, match="The chief accountant keeps the books"):
        add_title(cast.cai, "560299", "杂费", "", "expense")
    found = title("5602")

    with pytest.raises(Refused, match="Somebody else changed this first"):
        change_title(cast.lin, found.id, "杂项", "", True, found.events + 1)


def test_the_title_of_a_fund_in_use_stays_in_use(cast):
    own = add_fund(cast.lin, "门店", "Shop", "cash", "").title

    with pytest.raises(Mistyped, match="it stays in use"):
        change_title(cast.lin, own.id, own.name, "", False, own.events)
