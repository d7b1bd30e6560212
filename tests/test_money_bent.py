"""Who would bend the rules of money finds no road: not by another day, another post, or the same moment twice (part by part)."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, timedelta

import peewee
import pytest

from portal import attachments, checks, clock, contents, db, steps
from portal.books import rules as books  # noqa: F401
from portal.books.models import CashEntry, ClosedMonth, Title, Voucher, VoucherLine, payables_of
from portal.books.models_adjustments import adjustment_content
from portal.books.models_months import CashCount
from portal.books.models_notes import opening_content
from portal.books.models_payments import Payment
from portal.books.rules_adjustments import ADJUSTMENT, reverse
from portal.books.rules_close import start_close
from portal.books.rules_openings import OPENING
from portal.books.rules_reports import start_report
from portal.cases import Case
from portal.clock import now as moment
from portal.clock import start_of
from portal.expenses import rules as expenses  # noqa: F401
from portal.expenses.models_consents import PhoneConsent
from portal.expenses.models_money import Advance, Consent, standing
from portal.expenses.rules_allowances import draft_meals, except_from_meals
from portal.persons import Department, Person
from portal.refused import Mistyped, Refused
from tests import budgets, moneys
from tests.at_once import at_once
from tests.budgets import yuan
from tests.posts import cannot, grant, take_away
from tests.test_spending_pages import everybody_reads_english, post, text_of  # noqa: F401


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@pytest.fixture
def line(cast):
    return budgets.budget_line(cast.department("Marketing"), 5000)


@pytest.fixture
def october(cast, clock):
    """A claim of 800 paid and posted on the 30th of October, whose month is closed and published; it is the 2nd of November."""
    clock.set("2026-10-30 10:00")
    line = budgets.budget_line(cast.department("Marketing"), 5000)
    moneys.settled(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 300, 500)
    clock.set("2026-11-02 09:00")
    reported(cast, date(2026, 10, 30))
    case = steps.take(cast.cai, start_close(cast.lin, 202610).id, "count", given=counted())
    for name in ("close_month", "calculate", "publish"):
        case = steps.take(cast.lin, case.id, name)
    return case


def counted(bank: str = "-800") -> CashCount:
    return CashCount({moneys.till().id: {}}, {moneys.bank().id: yuan(bank)})


def reported(cast, day):
    case = steps.take(cast.cai, start_report(cast.cai, day, f"report {day}").id, "submit")
    return steps.take(cast.lin, case.id, "acknowledge")


def by_bank(day, **more):
    return Payment(moneys.bank().id, day, "transfer", "B-1", **more)


# ---- another day ----------------------------------------------------------------------------------------------------


def test_fin_07_nothing_is_entered_before_a_closed_month_either(cast, october):
    """What stood at its beginning is one of its figures."""
    september = date(2026, 9, 30)
    line = budgets.budget_line(cast.department("Marketing"), 5000, "OFFICE")
    claim = moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 100), 100)
    rows = [{"title": Title.get(Title.code == code), "debit": yuan(a), "credit": yuan(b), "department": None, "person": None,
             "category": None, "text": ""} for code, a, b in (("5602", 5, 0), ("1601", 0, 5))]  # fmt: skip
    case = contents.create(ADJUSTMENT, cast.lin, adjustment_content("Depreciation", september, rows), "one")
    moneys.invoice(case, cast.lin, "proof")

    with pytest.raises(Refused, match="closed"):
        steps.take(cast.cai, claim.id, "pay", given=by_bank(september))
    with pytest.raises(Refused, match="closed"):
        steps.take(cast.lin, case.id, "post")
    with pytest.raises(peewee.DatabaseError, match="the month is closed"):
        db.transaction(db.run)(
            "INSERT INTO vouchers (number, day, month, kind, text, at) VALUES ('V', '2026-09-30', 202609, 'adjustment', 'x', 1)"
        )
    assert checks.findings() == []


def test_nothing_moves_before_the_balances_the_books_begin_with(cast, clock, line):
    clock.set("2026-11-10 09:00")
    content = opening_content("Opening", date(2026, 11, 9), [{"fund": moneys.bank(), "amount": yuan(1000)}])
    case = contents.create(OPENING, cast.lin, content, "opening")
    steps.take(cast.lin, case.id, "submit")
    steps.take(cast.mei, case.id, "confirm")
    note = moneys.note_content("Sales", "sale", moneys.bank(), date(2026, 11, 6), yuan(5), "Jade Hotel", "R-1")
    case = contents.create(moneys.MONEY_NOTE, cast.cai, note, "note")
    moneys.invoice(case, cast.cai, "proof")

    with pytest.raises(Refused, match="begin"):
        steps.take(cast.cai, case.id, "submit")


def test_fin_11_nothing_is_paid_on_a_day_before_it_was_signed(cast, clock):
    """A payment does not slip over the end of a month."""
    clock.set("2026-11-02 10:00")
    line = budgets.budget_line(cast.department("Marketing"), 5000)
    request = budgets.approved(cast.ann, cast.mei, line, 1000)
    advance = moneys.advance(cast.ann, request, 100)

    with pytest.raises(Mistyped) as refusal:
        steps.take(cast.cai, advance.id, "pay", given=by_bank(date(2026, 10, 30)))
    assert refusal.value.field == "day"
    clock.set("2026-11-03 10:00")
    assert steps.take(cast.cai, advance.id, "pay", given=by_bank(date(2026, 11, 2))).state == "paid"


def test_fin_04_nothing_is_entered_on_a_day_before_one_that_is_reported(cast, clock):
    clock.set("2026-10-30 10:00")  # a Friday
    line = budgets.budget_line(cast.department("Marketing"), 5000)
    moneys.settled(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 300)
    claim = moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 100), 100)
    clock.set("2026-11-03 09:00")
    for day in (date(2026, 10, 30), date(2026, 11, 2)):
        reported(cast, day)

    with pytest.raises(Refused, match="is reported"):
        steps.take(cast.cai, claim.id, "pay", given=by_bank(date(2026, 10, 31)))


def test_fin_14_consent_to_what_was_written_anew_is_asked_after_that(cast, clock):
    clock.set("2026-11-02 09:00")
    line = budgets.budget_line(cast.department("Marketing"), 5000)
    case = budgets.asked(cast.ann, line, 100, urgent=True)
    clock.set("2026-11-02 12:00")
    steps.take(cast.mei, case.id, "return", note="more details")
    case = Case.get_by_id(case.id)
    contents.edit(cast.ann, case.id, budgets.content(cast.ann, line, 4000, urgent=True), case.version)
    steps.take(cast.ann, case.id, "submit")

    given = PhoneConsent(moment() - timedelta(hours=2), "phone", "Yes")
    with pytest.raises(Mistyped) as refusal:
        steps.take(cast.hao, case.id, "record_consent", given=given)
    assert refusal.value.field == "asked_at"


# ---- another post ---------------------------------------------------------------------------------------------------


def test_fin_06_who_paid_a_part_posts_no_other_part_of_it(cast, line):
    claim = moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 300)
    (payable,) = payables_of(claim)
    steps.take(cast.cai, claim.id, "pay", given=moneys.by_bank(parts=((payable.id, yuan(100)),)))
    steps.take(cast.lin, claim.id, "post_part")
    take_away(cast.cai, "cashier")
    grant(cast.cai, "chief_accountant")
    grant(cast.bo, "cashier")
    steps.take(cast.bo, claim.id, "pay", given=moneys.by_bank(parts=((payable.id, yuan(100)),)))

    with pytest.raises(Refused, match="somebody else posts it"):
        steps.take(cast.cai, claim.id, "post_part")


def test_who_approved_a_supplement_posts_no_claim_on_its_request(cast):
    office = budgets.budget_line(cast.department("Office"), 5000)
    grant(cast.bo, "exec_in_charge")
    request = steps.take(cast.bo, budgets.asked(cast.mei, office, 100).id, "approve")
    take_away(cast.bo, "exec_in_charge")
    more = budgets.asked(cast.mei, office, 100, supplements=request)
    steps.take(cast.lin, more.id, "approve")
    grant(cast.bo, "exec_in_charge")
    claim = moneys.claimed(cast.mei, request, 150)
    steps.take(cast.bo, claim.id, "sign", given=moneys.Granted())
    steps.take(cast.cai, claim.id, "check", given=moneys.LOOKED_AT)
    claim = steps.take(cast.cai, claim.id, "pay", given=moneys.by_bank())

    cannot(cast.lin, claim, "post")


def test_who_became_chief_accountant_does_not_post_an_own_line_that_nobody_confirmed(cast, clock):
    clock.set("2026-11-02 09:00")
    Person.update(created_at=clock_start()).execute()
    case = draft_meals(cast.sam, 202611, "meals")
    for person, name in ((cast.sam, "submit"), (cast.cai, "check"), (cast.mei, "sign")):
        case = steps.take(person, case.id, name)
    rest = tuple((each.id, each.amount) for each in payables_of(case) if each.barred == ",")
    case = steps.take(cast.cai, case.id, "pay", given=moneys.by_bank(parts=rest))
    grant(cast.bo, "chief_accountant")

    with pytest.raises(Refused, match="pays you"):
        steps.take(cast.bo, case.id, "post_part")
    assert steps.take(cast.lin, case.id, "post_part").state == "payable"


def clock_start():
    return start_of(date(2026, 1, 1))


# ---- what was settled before ----------------------------------------------------------------------------------------


def test_fin_22_who_is_marked_after_the_batch_was_drafted_gets_none(cast, clock):
    clock.set("2026-11-02 09:00")
    Person.update(created_at=clock_start()).execute()
    case = draft_meals(cast.sam, 202611, "meals")
    except_from_meals(cast.sam, cast.ann, "eats at home", True)

    with pytest.raises(Refused, match="changed since"):
        steps.take(cast.sam, case.id, "submit")
    case = draft_meals(cast.sam, 202611, "again")
    assert steps.take(cast.sam, case.id, "submit").state == "submitted"


def test_a_voucher_is_taken_back_with_the_people_on_its_lines_also_after_the_form_was_filled_in(cast, line, client):
    request = budgets.approved(cast.ann, cast.mei, line, 1000)
    moneys.lent(cast, cast.ann, request, 500)
    claim = moneys.settled(cast, cast.ann, request, 300, is_last=False)
    voucher = Voucher.get(Voucher.case == claim)
    back = reverse(cast.lin, voucher, "back")
    lin = client(cast.lin)
    rows = {"title": "It was booked twice", "day": clock.today().isoformat(), "version": "1", "do": "save"}
    for n, each in enumerate(VoucherLine.where("voucher_id = ? ORDER BY n", voucher.id)):
        rows |= {f"lines-{n}-title": each.title_id, f"lines-{n}-debit": str((max(-each.amount, 0) and yuan(300)) or ""),
                 f"lines-{n}-credit": str((max(each.amount, 0) and yuan(300)) or "")}  # fmt: skip
    saved = post(lin, f"/papers/{back.id}/edit", rows)
    assert saved.status_code == 303, text_of(saved)
    moneys.invoice(back, cast.lin, "proof")

    steps.take(cast.lin, back.id, "post")

    told = {
        (each.title_id, each.person_id, each.department_id, each.category_id)
        for each in VoucherLine.where("voucher_id = ?", voucher.id)
    }
    taken = Voucher.get(Voucher.case == back)
    assert {
        (each.title_id, each.person_id, each.department_id, each.category_id)
        for each in VoucherLine.where("voucher_id = ?", taken.id)
    } == told


def test_fin_07_the_statements_of_a_closed_month_read_the_figures_that_were_kept(cast, october, client):
    Title.update(name="改名", name_en="Renamed").where(Title.code == "5602").execute()
    lin = client(cast.lin)

    for path in ("/books", "/books/income"):
        assert "Renamed" not in lin.get(f"{path}?export=csv&from=2026-10&until=2026-10").text
        assert "Renamed" in lin.get(f"{path}?export=csv&from=2026-10&until=2026-11").text
    title = Title.get(Title.code == "5602").id
    Department.update(name="改了", name_en="Moved").where(Department.name_en == "Marketing").execute()
    assert "Renamed" not in text_of(lin.get("/books/income?from=2026-10&until=2026-10"))
    assert "Moved" not in text_of(lin.get("/books/income?from=2026-10&until=2026-10"))
    assert "Moved" in text_of(lin.get("/books/income?from=2026-10&until=2026-11"))
    assert "800.00" in text_of(lin.get(f"/books/titles/{title}?from=2026-10&until=2026-10"))


def test_a_month_that_is_none_is_no_fault_of_the_portal(cast, client):
    sam = client(cast.sam)

    for month in ("202613", "13", "202600", "2147483647", "199901", "x"):
        answer = post(
            sam, "/expenses/allowances/bill/confirm", {"month": month, "rows": '[[2, {"user": "hao", "actual": "150"}]]'}
        )
        assert answer.status_code in (404, 422), month


# ---- the same moment ------------------------------------------------------------------------------------------------


@pytest.fixture(params=["queue", "no queue"])
def queue(request, monkeypatch):
    """The process's own queue hides a missing lock of the database."""
    if request.param == "no queue":
        monkeypatch.setattr(db, "queue", nullcontext())


def test_fin_15_of_two_consents_at_once_one_is_recorded(cast, line, queue):
    case = budgets.asked(cast.ann, line, 100, urgent=True)
    given = PhoneConsent(clock.now(), "phone", "Yes")
    hao, lin = cast.hao, cast.lin

    answers = at_once(*[lambda who=who: steps.take(who, case.id, "record_consent", given=given) for who in (hao, lin)])

    assert sorted(isinstance(each, Refused) for each in answers) == [False, True]
    assert Consent.select().count() == 1


def test_fin_15_consent_is_confirmed_or_withdrawn_and_not_both(cast, line, queue):
    case = budgets.asked(cast.ann, line, 100, urgent=True)
    steps.take(cast.hao, case.id, "record_consent", given=PhoneConsent(clock.now(), "phone", "Yes"))
    mei = cast.mei

    answers = at_once(
        lambda: steps.take(mei, case.id, "confirm_consent"),
        lambda: steps.take(mei, case.id, "withdraw_consent", note="never said"),
    )

    assert sorted(isinstance(each, Refused) for each in answers) == [False, True]
    assert Case.get_by_id(case.id).state in ("approved", "withdrawn")
    assert checks.findings() == []


def test_fin_11_of_a_claim_and_the_return_of_its_advance_no_more_goes_than_is_open(cast, line, queue):
    request = budgets.approved(cast.ann, cast.mei, line, 1000)
    lent = moneys.lent(cast, cast.ann, request, 500)
    claim = steps.take(cast.mei, moneys.claimed(cast.ann, request, 400).id, "sign", given=moneys.Granted())
    cai = cast.cai
    back = moneys.CashBack(moneys.till().id, clock.today(), "cash", "", amount=yuan(500))

    answers = at_once(
        lambda: steps.take(cai, lent.id, "give_back", given=back),
        lambda: steps.take(cai, claim.id, "check", given=moneys.LOOKED_AT),
    )

    here = standing(Advance.get_by_id(lent.id))
    assert here.open >= 0 and here.returned + here.claimed + here.held <= yuan(500), answers
    assert checks.findings() == []


def test_fin_07_a_payment_and_the_close_of_its_month_do_not_cross(cast, clock, queue):
    clock.set("2026-10-30 10:00")
    line = budgets.budget_line(cast.department("Marketing"), 5000)
    moneys.settled(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 800)
    claim = moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 100), 100)
    clock.set("2026-11-02 09:00")
    reported(cast, date(2026, 10, 30))
    case = steps.take(cast.cai, start_close(cast.lin, 202610).id, "count", given=counted())
    cai, lin, given = cast.cai, cast.lin, by_bank(date(2026, 10, 31))  # a Saturday nobody had to report

    answers = at_once(lambda: steps.take(cai, claim.id, "pay", given=given), lambda: steps.take(lin, case.id, "close_month"))

    is_closed, is_paid = ClosedMonth.select().exists(), CashEntry.where("month = 202610 AND case_id = ?", claim.id) != []
    assert sorted(isinstance(each, Refused) for each in answers) == [False, True], answers
    assert is_closed != is_paid
