"""What is payable is paid once: by hand, in a run, in parts, by two at once; and into the account that was signed."""

from __future__ import annotations

import secrets
from contextlib import nullcontext
from datetime import timedelta

import peewee
import pytest

from portal import attachments, checks, clock, db, steps
from portal import clock as portal_clock
from portal.books import rules as books  # noqa: F401
from portal.books.models import CashEntry, Payable, payables_of
from portal.books.models_accounts import account_of, signed_at
from portal.books.models_payments import Payment, why_not_paid_by
from portal.books.models_queue import Wanted, apart_for, by_payee, due_count, payable_now, sums
from portal.books.models_runs import PaymentRun, lines_of_run, runs
from portal.books.rules_accounts import Typed, set_own_account
from portal.books.rules_payments import Owed, owe
from portal.books.rules_runs import Run, confirm_line, go_on, pay_together
from portal.cases import Case
from portal.history import Event, Refusal
from portal.notices import Notice
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from portal.supplies.models import Supplier
from portal.supplies.rules_accounts import set_supplier_account
from tests import budgets, moneys
from tests.at_once import at_once
from tests.budgets import yuan

BANK = Typed("Bank of the Lake", "6222 0001", "Ann")


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@pytest.fixture
def line(cast):
    return budgets.budget_line(cast.department("Marketing"), 50000)


@pytest.fixture
def payable(cast, line):
    """A claim of that much that waits to be paid."""

    def made(amount, person=None):
        person = person or cast.ann
        return moneys.checked(cast, person, budgets.approved(person, cast.mei, line, amount), amount)

    return made


@db.transaction
def owed_apart(case, *people, amount=100):
    """More lines on a paper, each to somebody with a part in it."""
    owe(case, [Owed(each.name, yuan(amount), each, barred=frozenset({each.id})) for each in people])


def run_of(*lines, **more):
    told = {"fund": moneys.bank().id, "day": clock.today(), "method": "transfer", "reference": "MAY"} | more
    return Run(**told, lines=tuple((each.id, amount or each.open) for each, amount in lines))


def paid(person, *cases, token=None, **more):
    lines = [(each, None) for case in cases for each in payables_of(case)]
    return pay_together(person, run_of(*lines, **more), token or secrets.token_hex(10))


# ---- the queue ------------------------------------------------------------------------------------------------------


def test_the_queue_lists_what_is_payable_the_longest_due_first_and_by_payee(cast, payable):
    first, second, other = payable(300), payable(500), payable(200, cast.hao)
    Payable.update(due=clock.today() - timedelta(days=2)).where(Payable.case == second).execute()

    found = payable_now()

    assert [each.case_id for each in found] == [second.id, first.id, other.id]
    assert [each.is_late for each in found] == [True, False, False]
    assert by_payee(Wanted()) == [(cast.ann.name, 2, yuan(800)), (cast.hao.name, 1, yuan(200))]
    assert (sums(Wanted()), due_count()) == ((3, yuan(1000)), 3)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(when="late"), ["late"]),
        (Wanted(when="due"), ["late", "today"]),
        (Wanted(when="later"), ["later"]),
        (Wanted(kind="claim"), ["late", "today", "later"]),
        (Wanted(kind="advance"), []),
        (Wanted(standing="begun"), ["today"]),
        (Wanted(standing="unnamed"), ["late", "today"]),
        (Wanted(standing="apart"), []),
        (Wanted(words="郝"), ["later"]),
        (Wanted(words="% _"), []),
    ],
    ids=str,
)
def test_the_queue_is_narrowed(cast, payable, wanted, found):
    set_own_account(cast.hao, BANK)
    cases = {"late": payable(100), "today": payable(100), "later": payable(100, cast.hao)}
    for name, days in (("late", -1), ("later", 1)):
        Payable.update(due=clock.today() + timedelta(days=days)).where(Payable.case == cases[name]).execute()
    part = ((payables_of(cases["today"])[0].id, yuan(40)),)
    steps.take(cast.cai, cases["today"].id, "pay", given=moneys.by_bank(parts=part))

    assert {each.case_id for each in payable_now(wanted)} == {cases[name].id for name in found}
    assert sums(wanted)[0] == len(found)


def test_the_queue_goes_on_where_the_page_ended(cast, payable):
    cases = [payable(100 + n) for n in range(3)]

    first = payable_now(limit=2)
    rest = payable_now(after=(first[-1].due, first[-1].id))

    assert [each.case_id for each in (*first, *rest)] == [case.id for case in cases]


# ---- paying ---------------------------------------------------------------------------------------------------------


def test_fin_05_a_payable_is_paid_in_parts_and_never_beyond(cast, payable):
    case = payable(300)
    (open_line,) = payables_of(case)

    case = steps.take(cast.cai, case.id, "pay", given=moneys.by_bank(parts=((open_line.id, yuan(100)),)))
    with pytest.raises(Mistyped, match=r"At most 200\.00 is open"):
        steps.take(cast.cai, case.id, "pay", given=moneys.by_bank(parts=((open_line.id, yuan(201)),)))
    assert (case.state, payables_of(case)[0].open) == ("payable", yuan(200))

    case = steps.take(cast.cai, case.id, "pay", given=moneys.by_bank())
    assert case.state == "paid"
    assert [each.amount for each in CashEntry.select().order_by(CashEntry.id)] == [-yuan(100), -yuan(200)]


def test_the_last_word_on_what_is_open_is_the_tables(cast, payable, monkeypatch):
    case = payable(300)
    (open_line,) = payables_of(case)
    monkeypatch.setattr(Payment, "why_not", lambda _given, _act: None)

    with pytest.raises(SomebodyWasFirst, match="paid meanwhile"):
        steps.take(cast.cai, case.id, "pay", given=moneys.by_bank(parts=((open_line.id, yuan(301)),)))


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"fund": 99999}, "fund"),
        ({"day": None}, "day"),
        ({"day": "tomorrow"}, "day"),
        ({"method": "barter"}, "method"),
        ({"method": "cash"}, "method"),
        ({"reference": "x" * 81}, "reference"),
        ({"parts": ()}, None),
    ],
    ids=lambda told: str(told),
)
def test_what_cannot_be_paid_so_is_said_beside_its_field(cast, payable, told, field):
    case = payable(100)
    told = {name: clock.today() + timedelta(days=1) if value == "tomorrow" else value for name, value in told.items()}
    given = {"fund": moneys.bank().id, "day": clock.today(), "method": "transfer"} | told

    with pytest.raises(Mistyped) as refusal:
        steps.take(cast.cai, case.id, "pay", given=Payment(**given))

    assert (refusal.value.field, CashEntry.select().count()) == (field, 0)


def test_nothing_is_paid_into_a_closed_month(cast, payable):
    case, day = payable(100), clock.today()
    db.run("INSERT INTO closed_months (month) VALUES (?)", day.year * 100 + day.month)

    with pytest.raises(Mistyped, match="is closed"):
        steps.take(cast.cai, case.id, "pay", given=moneys.by_bank())


def test_the_till_never_goes_below_nothing_on_any_day(cast, line, payable):
    lent = moneys.lent(cast, cast.hao, budgets.approved(cast.hao, cast.mei, line, 300), 300)
    moneys.brought_back(cast, lent, 200)
    case = payable(150)
    till, today = moneys.till().id, clock.today()
    db.run("UPDATE payables SET opened_at = 0 WHERE case_id = ?", case.id)  # signed long ago

    with pytest.raises(Refused, match=r"Only 0\.00 is in"):  # the cash came today
        steps.take(cast.cai, case.id, "pay", given=Payment(till, today - timedelta(days=1), "cash"))
    with pytest.raises(Refused, match=r"Only 200\.00 is in"):
        steps.take(cast.cai, payable(201).id, "pay", given=Payment(till, today, "cash"))
    assert steps.take(cast.cai, case.id, "pay", given=Payment(till, today, "cash")).state == "paid"


# ---- runs -----------------------------------------------------------------------------------------------------------


def test_a_run_pays_each_line_by_its_own_paper_with_its_own_reference(cast, payable):
    cases = [payable(300), payable(500, cast.hao)]

    run = paid(cast.cai, *cases)

    assert run.number.startswith("PR-")
    assert [(each.amount, each.is_paid, each.reference) for each in lines_of_run(run.id)] == [
        (yuan(300), True, "MAY-1"), (yuan(500), True, "MAY-2"),
    ]  # fmt: skip
    assert [steps.as_shown(case.id).state for case in cases] == ["paid", "paid"]
    assert [(each.number, each.lines, each.paid_lines, each.paid) for each in runs()] == [(run.number, 2, 2, yuan(800))]
    assert checks.findings() == []


def test_a_run_pays_in_parts(cast, payable):
    case = payable(300)
    (open_line,) = payables_of(case)

    run = pay_together(cast.cai, run_of((open_line, yuan(120))), "a run in parts 1")

    assert [each.amount for each in lines_of_run(run.id)] == [yuan(120)]
    assert (payables_of(case)[0].paid, steps.as_shown(case.id).state) == (yuan(120), "payable")


def test_what_cannot_be_paid_says_why_and_the_rest_goes_on(cast, payable):
    own, returned, good = payable(100), payable(200), payable(300)
    budgets.grant(cast.bo, "cashier")
    lines = [(payables_of(case)[0], None) for case in (own, returned, good)]
    Payable.update(person=cast.cai).where(Payable.id == lines[0][0].id).execute()
    steps.take(cast.bo, returned.id, "return", given="draft", note="the receipt is torn")

    run = pay_together(cast.cai, run_of(*lines), "some cannot be paid")

    whys = [str(each.why or "") for each in lines_of_run(run.id)]
    assert "is paid by somebody else" in whys[0]
    assert "not open any more" in whys[1]
    assert whys[2] == "" and lines_of_run(run.id)[2].is_paid
    assert CashEntry.select().count() == 1
    assert checks.findings() == []


def test_the_same_run_sent_again_pays_nothing_more(cast, payable):
    case = payable(300)
    (open_line,) = payables_of(case)
    wanted = run_of((open_line, yuan(100)))

    first = pay_together(cast.cai, wanted, "the same run twice")
    again = pay_together(cast.cai, wanted, "the same run twice")

    assert first.id == again.id
    assert payables_of(case)[0].paid == yuan(100)
    with pytest.raises(Refused, match="other contents"):
        pay_together(cast.cai, run_of((open_line, yuan(50))), "the same run twice")


def test_only_the_cashier_runs_payments_and_the_attempt_is_kept(cast, payable):
    case = payable(300)

    with pytest.raises(NotYours):
        paid(cast.lin, case)

    assert Refusal.select().where(Refusal.person == cast.lin).count() == 1
    assert PaymentRun.select().count() == 0


def test_a_run_without_anything_to_pay_is_none(cast, payable):
    payable(300)

    for lines in ((), ((99999, yuan(1)),)):
        with pytest.raises(Mistyped, match="Choose what is to be paid"):
            pay_together(cast.cai, Run(moneys.bank().id, clock.today(), lines=lines), secrets.token_hex(10))
    assert PaymentRun.select().count() == 0


def test_a_run_that_was_broken_off_goes_on_where_it_stopped(cast, payable, monkeypatch):
    cases = [payable(100), payable(200)]
    take, taken = steps.take, []

    def broken(person, case_id, step, *told, **more):
        if taken and step == "pay":
            raise KeyboardInterrupt
        taken.append(step)
        return take(person, case_id, step, *told, **more)

    monkeypatch.setattr(steps, "take", broken)
    with pytest.raises(KeyboardInterrupt):
        paid(cast.cai, *cases, token="broken off half way")
    monkeypatch.undo()
    run = PaymentRun.get()
    assert [(each.is_paid, each.is_open) for each in lines_of_run(run.id)] == [(True, False), (False, True)]
    budgets.grant(cast.bo, "cashier")
    with pytest.raises(NotYours):
        go_on(cast.bo, run.id)

    go_on(cast.cai, run.id)
    assert [each.is_paid for each in lines_of_run(run.id)] == [True, True]
    assert CashEntry.select().count() == 2


def test_the_check_finds_a_run_that_the_journals_tell_otherwise_and_a_line_paid_without_its_confirmation(cast, payable):
    case = payable(300)
    run = paid(cast.cai, case)

    db.run("UPDATE payment_run_lines SET amount = amount - 1")
    db.run("UPDATE payables SET barred = ?", f",{cast.lin.id},")

    assert set(checks.findings()) >= {
        f"payment run {run.number}: the journals say something else of line 1",
        f"{case.number}: line 1 stands apart and was paid without a confirmation",
    }


# ---- lines that stand apart -----------------------------------------------------------------------------------------


def test_lines_of_those_with_a_part_in_it_wait_and_the_rest_goes_on(cast, payable):
    case = payable(300)
    owed_apart(case, cast.lin)
    rest, apart = payables_of(case)

    run = paid(cast.cai, case)

    assert [each.is_paid for each in lines_of_run(run.id)] == [True, False]
    assert "waits to be confirmed" in str(lines_of_run(run.id)[1].why)
    assert steps.as_shown(case.id).state == "payable"

    confirm_line(cast.mei, apart.id)
    run = pay_together(cast.cai, run_of((Payable.get_by_id(apart.id), None)), "after it was confirmed")
    assert [each.is_paid for each in lines_of_run(run.id)] == [True]
    assert steps.as_shown(case.id).state == "paid"
    assert Event.select().where(Event.action == "confirm_line", Event.by == cast.mei).count() == 1
    assert Notice.select().where(Notice.person == cast.cai, Notice.topic == "confirmed").count() == 1
    assert rest.id != apart.id and checks.findings() == []


def test_a_line_that_stands_apart_is_not_paid_on_its_paper_either(cast, payable):
    case = payable(300)
    owed_apart(case, cast.lin)
    apart = payables_of(case)[-1]

    for parts in (None, ((apart.id, yuan(1)),)):
        with pytest.raises(Refused, match="waits to be confirmed"):
            steps.take(cast.cai, case.id, "pay", given=moneys.by_bank(parts=parts))
    assert CashEntry.select().count() == 0


@pytest.mark.parametrize(
    ("payee", "confirms", "may"),
    [
        ("lin", "mei", True),
        ("lin", "lin", False),
        ("lin", "exec", False),
        ("lin", "cai", False),
        ("mei", "lin", True),
        ("mei", "exec", True),
        ("mei", "mei", False),
        ("mei", "ann", False),
    ],
)
def test_the_general_manager_confirms_and_his_own_line_another(cast, payable, payee, confirms, may):
    budgets.grant(cast.sam, "exec_in_charge")
    case = payable(300)
    owed_apart(case, getattr(cast, payee))
    apart = payables_of(case)[-1]
    who = cast.sam if confirms == "exec" else getattr(cast, confirms)

    if may:
        assert confirm_line(who, apart.id).confirmed_by == who
        with pytest.raises(Refused, match="waits for no confirmation"):
            confirm_line(who, apart.id)
    else:
        with pytest.raises(NotYours):
            confirm_line(who, apart.id)
        assert Payable.get_by_id(apart.id).confirmed_by is None


def test_nobody_confirms_an_own_line_by_another_role(cast, payable):
    budgets.grant(cast.lin, "gm")
    case = payable(300)
    owed_apart(case, cast.lin)

    with pytest.raises(NotYours, match="pays you"):
        confirm_line(cast.lin, payables_of(case)[-1].id)


def test_who_confirmed_a_line_does_not_pay_it_and_with_a_confirmation_the_only_cashier_may_pay_an_own_one(cast, payable):
    case = payable(300)
    owed_apart(case, cast.cai)
    apart = payables_of(case)[-1]
    assert "waits to be confirmed" in str(why_not_paid_by(apart, cast.cai))

    confirm_line(cast.mei, apart.id)
    apart = Payable.get_by_id(apart.id)

    assert "You confirmed" in str(why_not_paid_by(apart, cast.mei))
    assert why_not_paid_by(apart, cast.cai) is None
    assert steps.take(cast.cai, case.id, "pay", given=moneys.by_bank()).state == "paid"


def test_the_confirmers_find_the_lines_and_may_read_the_paper(cast, payable):
    budgets.grant(cast.sam, "exec_in_charge")
    case = payable(300)
    db.run("DELETE FROM readers WHERE case_id = ? AND post = 'exec_in_charge'", case.id)
    owed_apart(case, cast.lin, cast.mei)

    of_lin, of_mei = payables_of(case)[1:]
    assert [each.id for each in apart_for(cast.mei.id, ["gm"])] == [of_lin.id]
    assert [each.id for each in apart_for(cast.sam.id, ["exec_in_charge"])] == [of_mei.id]
    assert [each.id for each in apart_for(cast.lin.id, ["chief_accountant"])] == [of_mei.id]
    assert db.row("SELECT 1 FROM readers WHERE case_id = ? AND post = 'exec_in_charge'", case.id)


# ---- payment accounts -----------------------------------------------------------------------------------------------


def test_a_payable_keeps_the_account_that_was_in_force_when_the_paper_was_signed(cast, line, clock):
    clock.set("2026-03-02 09:00")
    set_own_account(cast.ann, BANK)
    request = budgets.approved(cast.ann, cast.mei, line, 300)
    case = moneys.claimed(cast.ann, request, 300)
    clock.forward(hours=1)
    case = steps.take(cast.mei, case.id, "sign", given=moneys.Granted())
    clock.forward(hours=1)
    set_own_account(cast.ann, Typed("Thief's bank", "666", "Thief"))
    clock.forward(hours=1)

    case = steps.take(cast.cai, case.id, "check", given=moneys.LOOKED_AT)

    (open_line,) = payables_of(case)
    assert (open_line.bank, open_line.number, open_line.holder) == ("Bank of the Lake", "6222 0001", "Ann")


def test_a_paper_that_is_signed_anew_takes_the_account_of_that_day(cast, line, clock):
    clock.set("2026-03-02 09:00")
    set_own_account(cast.ann, BANK)
    case = moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 300), 300)
    clock.forward(hours=1)
    steps.take(cast.cai, case.id, "return", given="draft", note="the receipt is torn")
    set_own_account(cast.ann, Typed("Bank of the Hill", "7000", "Ann"))
    clock.forward(hours=1)
    steps.take(cast.ann, case.id, "submit")
    clock.forward(hours=1)
    steps.take(cast.mei, case.id, "sign", given=moneys.Granted())
    case = steps.take(cast.cai, case.id, "check", given=moneys.LOOKED_AT)

    assert [each.number for each in payables_of(case)] == ["7000"]


def test_a_signature_that_was_taken_back_counts_no_more(cast, line, clock):
    clock.set("2026-03-02 09:00")
    case = moneys.claimed(cast.ann, budgets.approved(cast.ann, cast.mei, line, 300), 300)
    clock.forward(hours=1)
    steps.take(cast.mei, case.id, "sign", given=moneys.Granted())
    first = portal_clock.now()
    clock.forward(hours=1)
    assert signed_at(Case.get_by_id(case.id)) == first

    case = steps.take(cast.cai, case.id, "return", given="draft", note="the receipt is torn")
    clock.forward(hours=1)

    assert signed_at(case) == portal_clock.now()


def test_only_the_office_changes_the_account_of_a_supplier(cast):
    supplier = Supplier.create(name="Paper & Pens")

    with pytest.raises(NotYours):
        set_supplier_account(cast.lin, supplier.id, BANK)
    assert account_of(supplier_id=supplier.id) is None
    assert set_supplier_account(cast.sam, supplier.id, BANK) is True
    assert account_of(supplier_id=supplier.id).number == BANK.number


def test_the_owner_is_told_and_the_history_names_no_number(cast):
    assert set_own_account(cast.ann, BANK) is True
    assert set_own_account(cast.ann, BANK) is False

    assert Notice.select().where(Notice.person == cast.ann, Notice.topic == "account").count() == 1
    event = Event.get(Event.thing == "person", Event.action == "account")
    assert "6222" not in event.data and "0001" not in event.data
    assert account_of(cast.ann.id).number == "6222 0001"
    set_own_account(cast.ann, Typed())
    assert account_of(cast.ann.id) is None


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (Typed("Bank", "", "Ann"), "number"),
        (Typed("Bank", "1", ""), "holder"),
        (Typed("B" * 81, "1", "Ann"), "bank"),
        (Typed("B", "1" * 41, "Ann"), "number"),
    ],
)
def test_half_an_account_is_none(cast, typed, field):
    with pytest.raises(Mistyped) as refusal:
        set_own_account(cast.ann, typed)

    assert (refusal.value.field, account_of(cast.ann.id)) == (field, None)


def test_an_account_that_was_cannot_be_written_over(cast):
    set_own_account(cast.ann, BANK)

    for sql in ("UPDATE payment_accounts SET number = '666'", "DELETE FROM payment_accounts"):
        with pytest.raises(peewee.DatabaseError, match="append-only"):
            db.transaction(db.run)(sql)
    assert account_of(cast.ann.id).number == "6222 0001"


# ---- at once --------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["queue", "no queue"])
def queue(request, monkeypatch):
    """The process's own queue hides a missing lock of the database."""
    if request.param == "no queue":
        monkeypatch.setattr(db, "queue", nullcontext())


def test_of_two_cashiers_who_pay_at_once_one_pays(cast, payable, queue):
    budgets.grant(cast.bo, "cashier")
    case, given, people = payable(300), moneys.by_bank(), (cast.cai, cast.bo)

    answers = at_once(*[lambda who=who: steps.take(who, case.id, "pay", given=given) for who in people])

    assert sorted(isinstance(each, Refused) for each in answers) == [False, True]
    assert [each.amount for each in CashEntry.select()] == [-yuan(300)]


def test_the_same_run_sent_twice_at_once_pays_once(cast, payable, queue):
    lines = [(payables_of(case)[0], yuan(50)) for case in (payable(100), payable(200))]
    wanted, cai = run_of(*lines), cast.cai

    answers = at_once(*[lambda: pay_together(cai, wanted, "sent twice at once")] * 2)

    assert {type(each) for each in answers} == {PaymentRun} and len({each.id for each in answers}) == 1
    assert [each.is_paid for each in lines_of_run(answers[0].id)] == [True, True]
    assert CashEntry.select().count() == 2
    assert checks.findings() == []


def test_a_run_and_a_single_payment_at_once_pay_once(cast, payable, queue):
    budgets.grant(cast.bo, "cashier")
    case, other = payable(100), payable(200)
    wanted = run_of(*[(payables_of(each)[0], None) for each in (case, other)])
    given, cai, bo = moneys.by_bank(), cast.cai, cast.bo

    at_once(
        lambda: steps.take(bo, case.id, "pay", given=given),
        lambda: pay_together(cai, wanted, "beside a single one"),
    )

    assert sorted(each.amount for each in CashEntry.select()) == [-yuan(200), -yuan(100)]
    assert all(each.is_paid or each.why for each in lines_of_run(PaymentRun.get().id))
    assert checks.findings() == []
