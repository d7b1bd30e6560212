"""Money without a request is recorded, posted and taken back; opening balances are entered once and live on (FIN-03, FIN-06)."""

from __future__ import annotations

import io
import secrets
from datetime import timedelta

import peewee
import pytest

from portal import attachments, checks, clock, contents, db, steps
from portal.books import rules as books  # noqa: F401
from portal.books.models import CashEntry, Title, Voucher, VoucherLine, balance, title_for
from portal.books.models_notes import Entitled, MoneyNote, Opening, counter_of, note_content, opening_content, usual_title
from portal.books.rules_notes import MONEY_NOTE, take_back
from portal.books.rules_openings import OPENING
from portal.cases import Case
from portal.expenses import rules as expenses  # noqa: F401
from portal.expenses.models_money import Advance, standing
from portal.refused import Mistyped, NotYours, Refused
from tests import budgets, moneys
from tests.budgets import yuan


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


def on_title(purpose: str) -> int:
    return sum(each.amount for each in VoucherLine.select().where(VoucherLine.title == title_for(purpose)))


def written(person, kind="sale", amount=500, **more):
    """A note that is not recorded yet, with its proof."""
    told = {"fund": moneys.bank(), "day": clock.today(), "party": "Jade Hotel", "reference": "R-1"} | more
    content = note_content("Sales of the day", kind, amount=yuan(amount), **told)
    case = contents.create(MONEY_NOTE, person, content, secrets.token_hex(8))
    attachments.store("case", case.id, "paper", "proof.csv", io.BytesIO(secrets.token_bytes(4).hex().encode()), person)
    return case


def recorded(cast, *told, **more):
    return steps.take(cast.cai, written(cast.cai, *told, **more).id, "submit")


def posted(cast, case, title=None):
    note = MoneyNote.get_by_id(case.id)
    given = None if note.is_transfer or note.corrects_id else Entitled(title or usual_title(note).id)
    return steps.take(cast.lin, case.id, "post", given=given)


# ---- recorded and posted --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "moved", "purpose"),
    [("sale", 500, "sales"), ("refund", 500, "cost"), ("other", 500, "other"), ("charge", -500, "charges")],
)
def test_fin_03_what_came_in_or_went_out_is_recorded_and_posted(cast, kind, moved, purpose):
    case = recorded(cast, kind)

    assert (case.state, balance(moneys.bank().id), on_title("bank")) == ("recorded", yuan(1) * moved, 0)
    case = posted(cast, case)
    assert (case.state, on_title("bank"), on_title(purpose)) == ("posted", yuan(1) * moved, -yuan(1) * moved)
    assert checks.findings() == []


def test_a_transfer_moves_money_between_two_funds_and_nothing_else(cast):
    recorded(cast, "sale", 800)

    case = recorded(cast, "transfer", 300, into=moneys.till())

    assert (balance(moneys.bank().id), balance(moneys.till().id)) == (yuan(500), yuan(300))
    assert {entry.method for entry in CashEntry.select().where(CashEntry.case == case)} == {"cash", "transfer"}
    posted(cast, case)
    assert (on_title("bank"), on_title("cash")) == (-yuan(300), yuan(300))
    assert checks.findings() == []


def test_the_chief_accountant_chooses_another_title_but_not_that_of_a_fund(cast):
    case = recorded(cast, "other")
    loans = Title.get(Title.code == "2001")

    for wrong in (None, 99999, moneys.bank().title_id):
        with pytest.raises(Mistyped) as refusal:
            steps.take(cast.lin, case.id, "post", given=Entitled(wrong))
        assert refusal.value.field == "title"
    posted(cast, case, loans.id)
    assert sum(each.amount for each in VoucherLine.select().where(VoucherLine.title == loans)) == -yuan(500)


def test_fin_06_who_recorded_it_never_posts_it(cast):
    case = recorded(cast, "sale")
    db.run("DELETE FROM grants WHERE person_id = ?", cast.cai.id)
    budgets.grant(cast.cai, "chief_accountant")

    with pytest.raises(NotYours):
        steps.take(cast.cai, case.id, "post", given=Entitled(title_for("sales").id))


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"kind": "gift"}, "kind"),
        ({"amount": 0}, "amount"),
        ({"party": ""}, "party"),
        ({"party": "x" * 121}, "party"),
        ({"reference": ""}, "reference"),
        ({"reference": "x" * 81}, "reference"),
        ({"kind": "transfer"}, "into"),
        ({"into": "till"}, "into"),
        ({"kind": "transfer", "into": "bank"}, "into"),
        ({"kind": "charge", "fund": "till"}, "fund"),
        ({"day": None}, "day"),
        ({"day": "tomorrow"}, "day"),
    ],
    ids=str,
)
def test_what_is_written_down_wrongly_is_said_beside_its_field(cast, told, field):
    said = {"bank": moneys.bank(), "till": moneys.till(), "tomorrow": clock.today() + timedelta(days=1)}

    with pytest.raises(Mistyped) as refusal:
        written(cast.cai, **{name: said.get(value, value) for name, value in told.items()})

    assert refusal.value.field == field


def test_before_any_close_a_year_that_was_mistyped_is_refused(cast):
    day = clock.today()

    assert written(cast.cai, day=day - timedelta(days=366)).state == "draft"
    with pytest.raises(Mistyped, match="That is more than a year ago") as refusal:
        written(cast.cai, day=day - timedelta(days=367))
    assert refusal.value.field == "day"


def test_what_moved_since_the_opening_balances_may_be_longer_ago_than_a_year(cast):
    day = clock.today() - timedelta(days=500)
    content = opening_content("Opening", day, [{"fund": moneys.bank(), "amount": yuan(100)}])
    case = contents.create(OPENING, cast.lin, content, "opening")
    steps.take(cast.mei, steps.take(cast.lin, case.id, "submit").id, "confirm")

    assert written(cast.cai, day=day).state == "draft"
    with pytest.raises(Mistyped, match="That is more than a year ago"):
        written(cast.cai, day=day - timedelta(days=1))


def test_once_a_month_is_closed_the_days_after_it_are_open_however_long_ago(cast):
    day = clock.today() - timedelta(days=400)
    before = day - timedelta(days=40)
    db.run("INSERT INTO closed_months (month) VALUES (?)", before.year * 100 + before.month)

    assert written(cast.cai, day=day).state == "draft"


def test_nothing_moves_before_the_books_begin(cast):
    day = clock.today() - timedelta(days=10)
    content = opening_content("Opening", day, [{"fund": moneys.bank(), "amount": yuan(100)}])
    case = contents.create(OPENING, cast.lin, content, "opening")
    steps.take(cast.mei, steps.take(cast.lin, case.id, "submit").id, "confirm")

    with pytest.raises(Refused, match="The books begin on"):
        recorded(cast, day=day - timedelta(days=1))


def test_nothing_is_recorded_without_its_proof_or_in_a_closed_month(cast):
    content = note_content("Sales", "sale", moneys.bank(), clock.today(), yuan(5), "Jade Hotel", "R-1")
    bare = contents.create(MONEY_NOTE, cast.cai, content, "without a proof")
    with pytest.raises(Refused, match="Attach what proves it"):
        steps.take(cast.cai, bare.id, "submit")

    case, day = written(cast.cai), clock.today()
    db.run("INSERT INTO closed_months (month) VALUES (?)", day.year * 100 + day.month)
    with pytest.raises(Refused, match="is closed"):
        steps.take(cast.cai, case.id, "submit")
    with pytest.raises(Mistyped, match="is closed"):
        written(cast.cai)
    assert CashEntry.select().count() == 0


def test_only_the_cashier_writes_down_what_came_in(cast):
    with pytest.raises(NotYours):
        written(cast.lin)


def test_the_till_gives_no_more_than_is_in_it(cast):
    recorded(cast, "sale", 100, fund=moneys.till())
    case = written(cast.cai, "transfer", 101, fund=moneys.till(), into=moneys.bank())

    with pytest.raises(Refused, match=r"Only 100\.00 is in"):
        steps.take(cast.cai, case.id, "submit")


# ---- taken back -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sale", "charge", "transfer"])
def test_a_mistake_is_taken_back_by_its_counter_entry_once(cast, kind):
    recorded(cast, "sale", 1000, fund=moneys.till())
    recorded(cast, "sale", 1000)
    case = posted(cast, recorded(cast, kind, 300, **({"into": moneys.till()} if kind == "transfer" else {})))
    before = (balance(moneys.bank().id), balance(moneys.till().id))

    counter = take_back(cast.cai, case.id, clock.today(), "entered twice", "a counter of the test")

    assert (counter.state, counter_of(case)) == ("recorded", counter)
    assert (balance(moneys.bank().id), balance(moneys.till().id)) != before
    assert take_back(cast.cai, case.id, clock.today(), "entered twice", "a counter of the test").id == counter.id
    for wrong in (case, counter):
        with pytest.raises(Refused, match="taken back"):
            take_back(cast.cai, wrong.id, clock.today(), "again", secrets.token_hex(8))
    posted(cast, counter)
    assert sum(line.amount for line in VoucherLine.select() if line.voucher.case_id in (case.id, counter.id)) == 0
    by_title = {}
    for entry in VoucherLine.select().join(Voucher).where(Voucher.case.in_([case.id, counter.id])):
        by_title[entry.title_id] = by_title.get(entry.title_id, 0) + entry.amount
    assert set(by_title.values()) == {0}
    assert checks.findings() == []


def test_a_counter_entry_is_posted_after_what_it_takes_back_and_to_its_title(cast):
    case = recorded(cast, "other")
    counter = take_back(cast.cai, case.id, clock.today(), "entered twice", "a counter of the test")

    with pytest.raises(Refused, match="first: this takes it back"):
        posted(cast, counter)
    loans = Title.get(Title.code == "2001")
    posted(cast, case, loans.id)
    posted(cast, counter)
    assert sum(each.amount for each in VoucherLine.select().where(VoucherLine.title == loans)) == 0


def test_a_counter_entry_says_why_and_falls_into_an_open_month(cast):
    case = recorded(cast, "sale")

    with pytest.raises(Mistyped, match="Say why"):
        take_back(cast.cai, case.id, clock.today(), " ", secrets.token_hex(8))
    with pytest.raises(Mistyped, match="not one to come"):
        take_back(cast.cai, case.id, clock.today() + timedelta(days=1), "twice", secrets.token_hex(8))
    with pytest.raises(NotYours):
        take_back(cast.lin, case.id, clock.today(), "twice", secrets.token_hex(8))
    assert Case.select().where(Case.kind == "money_note").count() == 1


def test_cash_that_was_spent_meanwhile_cannot_be_taken_back(cast):
    case = recorded(cast, "sale", 100, fund=moneys.till())
    recorded(cast, "transfer", 60, fund=moneys.till(), into=moneys.bank())

    with pytest.raises(Refused, match=r"Only 40\.00 is in"):
        take_back(cast.cai, case.id, clock.today(), "entered twice", secrets.token_hex(8))
    assert Case.select().where(Case.kind == "money_note").count() == 2


def test_the_check_finds_a_note_of_which_the_journals_say_something_else(cast):
    case = recorded(cast, "sale")
    Case.update(amount=yuan(1)).where(Case.id == case.id).execute()

    assert f"{case.number}: the journals say something else" in checks.findings()


# ---- opening balances -----------------------------------------------------------------------------------------------


def opening(cast, *lines, day=None):
    told = lines or (
        {"fund": moneys.bank(), "amount": yuan(9000)}, {"fund": moneys.till(), "amount": yuan(500)},
        {"person": cast.ann, "amount": yuan(700), "text": "the fair of last year"},
    )  # fmt: skip
    content = opening_content("Balances of the old books", day or clock.today(), list(told))
    return contents.create(OPENING, cast.lin, content, secrets.token_hex(8))


def opened(cast, *lines, **more):
    case = steps.take(cast.lin, opening(cast, *lines, **more).id, "submit")
    return steps.take(cast.mei, case.id, "confirm")


def test_opening_balances_are_in_the_journals_and_the_books_once_confirmed(cast):
    case = steps.take(cast.lin, opening(cast).id, "submit")
    assert (CashEntry.select().count(), Voucher.select().count()) == (0, 0)

    case = steps.take(cast.mei, case.id, "confirm")

    assert case.state == "confirmed"
    assert (balance(moneys.bank().id), balance(moneys.till().id)) == (yuan(9000), yuan(500))
    assert {name: on_title(name) for name in ("bank", "cash", "advances", "opening")} == {
        "bank": yuan(9000), "cash": yuan(500), "advances": yuan(700), "opening": -yuan(10200),
    }  # fmt: skip
    assert [each.kind for each in Voucher.select()] == ["opening"]
    assert checks.findings() == []


def test_an_advance_of_the_opening_balances_lives_on_and_is_brought_back(cast, clock):
    clock.set("2026-03-02 09:00")
    opened(cast)

    case = Case.get(Case.kind == "advance")
    advance = Advance.get_by_id(case.id)
    assert (case.requester, case.state, standing(advance).open) == (cast.ann, "outstanding", yuan(700))
    assert advance.slip.startswith("JT-") and f"{advance.due_on}" == "2026-04-01"

    moneys.brought_back(cast, case, 300)
    case = steps.take(cast.lin, case.id, "post_part")
    assert (case.state, standing(advance).open, on_title("advances")) == ("outstanding", yuan(400), yuan(400))
    moneys.brought_back(cast, case, 400)
    case = steps.take(cast.lin, case.id, "post_part")
    assert (case.state, on_title("advances")) == ("settled", 0)
    assert checks.findings() == []


def test_nobody_writes_an_advance_on_the_opening_balances(cast):
    from portal.contents import Content
    from portal.expenses.rules_advances import ADVANCE

    case = opened(cast)
    content = Content("More", {"request": case, "purpose": ""}, [], yuan(5), cast.ann.department)
    draft = contents.create(ADVANCE, cast.ann, content, "an advance on nothing")

    with pytest.raises(Refused, match="is not approved"):
        steps.take(cast.ann, draft.id, "submit")
    with pytest.raises(NotYours):
        steps.take(cast.ann, draft.id, "carry_over")


def test_there_is_one_opening_for_the_company_by_the_schema_too(cast):
    waiting = steps.take(cast.lin, opening(cast).id, "submit")
    opened(cast)

    for case in (waiting, opening(cast)):
        person, step = (cast.mei, "confirm") if case.state == "submitted" else (cast.lin, "submit")
        with pytest.raises(Refused, match="stand already"):
            steps.take(person, case.id, step)
    with pytest.raises(peewee.IntegrityError):
        Opening.update(stands=1).where(Opening.case == waiting).execute()


def test_the_balances_are_those_before_money_moved(cast):
    recorded(cast, "sale", day=clock.today() - timedelta(days=1))

    with pytest.raises(Refused, match="Money moved on"):
        steps.take(cast.lin, opening(cast).id, "submit")
    assert opened(cast, day=clock.today() - timedelta(days=1)).state == "confirmed"


def test_the_check_finds_a_balance_that_is_not_what_was_confirmed(cast):
    opened(cast)
    db.run("UPDATE opening_lines SET amount = amount + 1 WHERE fund_id = ?", moneys.till().id)

    assert [each for each in checks.findings() if "as opening balance" in each] == [
        f"{moneys.till().name}: 50000 in the journal as opening balance, 50001 by the opening balances"
    ]


def test_only_the_chief_accountant_enters_them_and_another_confirms(cast):
    with pytest.raises(NotYours):
        contents.create(OPENING, cast.cai, opening_content("B", clock.today(), [{"fund": moneys.bank(), "amount": 1}]), "cai")

    case = steps.take(cast.lin, opening(cast).id, "submit")
    budgets.grant(cast.lin, "gm")
    with pytest.raises(NotYours):
        steps.take(cast.lin, case.id, "confirm")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [{"amount": 1}],
        [{"fund": "bank", "person": "ann", "amount": 1}],
        [{"fund": "bank", "amount": 0}],
        [{"fund": "bank", "amount": 1}, {"fund": "bank", "amount": 1}],
        [{"fund": "bank", "amount": 1, "due": "today"}],
        [{"fund": "bank", "amount": 1, "text": "x" * 201}],
    ],
    ids=str,
)
def test_each_line_is_of_one_fund_or_one_person(cast, lines):
    said = {"bank": moneys.bank(), "ann": cast.ann, "today": clock.today()}
    whole = [{name: said.get(value, value) for name, value in line.items()} for line in lines]

    with pytest.raises(Mistyped) as refusal:
        contents.create(OPENING, cast.lin, opening_content("Balances", clock.today(), whole), secrets.token_hex(8))

    assert refusal.value.field == "lines"
