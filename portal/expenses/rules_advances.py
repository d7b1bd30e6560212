"""Advances: money lent against one approved request, due back in time, never more claimed or returned than is open (FIN-11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

from portal import access, checks, clock, db, notices, policies, steps, tasks
from portal.access import cashier, chief_accountant, dept_manager, exec_in_charge, gm, requester, system
from portal.books.models import CashEntry, unposted
from portal.books.models_payments import MAY_COME_BACK, CashBack
from portal.books.rules_payments import Owed, enter, owe, partly_paid, pay_step, withdraw_payables, withdraw_rest
from portal.books.rules_vouchers import BOOKINGS, Booking, Side, on, post_part_step, post_step
from portal.budget.rules import READERS
from portal.cases import Case, next_number
from portal.contents import Content
from portal.expenses.models import Spending
from portal.expenses.models_money import (
    ADVANCES,
    REQUESTS,
    Advance,
    advances_on,
    newly_overdue,
    overdue_of,
    room_for_advance,
    standing,
    supplements_of,
)
from portal.expenses.rules_instead import managers_apart
from portal.flow import BACK, IN_TIME, WITHDRAW, Act, Either, Flow, concerned, during, objection, state, step
from portal.jobs import job
from portal.money import HIGHEST, Money
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import Words, _, _n

settle_working_days = policies.declare(
    "advance_settle_working_days", 10, "gm", _("An advance is due back after the day of spending within"), unit=_("working days"),
    minimum=1, maximum=250, rule="FIN-11",
)  # fmt: skip
settle_days = policies.declare(
    "advance_settle_days", 30, "gm", _("An advance is due back after it was paid within"), unit=_("days"),
    minimum=1, maximum=366, rule="FIN-11",
)  # fmt: skip
DECISIONS = {"approve", "approve_over_budget", "approve_without_invoice", "confirm_consent"}  # steps that approve a request


# ---- what is typed --------------------------------------------------------------------------------------------------


def check_advance(person: Person, content: Content) -> None:
    """An advance of the opening balances has their paper for its request: only the portal goes on with such a one."""
    if isinstance(content.detail["request"], Case) and content.detail["request"].kind == "opening":
        return
    request = content.detail["request"]
    if not isinstance(request, Case) or request.number is None or request.kind not in REQUESTS or not is_for(request, person):
        raise Mistyped(_("Choose one of your own approved requests."), "request")
    if content.amount is None or not 0 < content.amount < HIGHEST:
        raise Mistyped(_("Write an amount above zero."), "amount")
    if len(content.detail["purpose"]) > 2000:
        raise Mistyped(_("That is too long: at most %(most)s characters.", most=2000), "purpose")


def is_for(request: Case, person: Person) -> bool:
    """Whether money may be asked for on the request by this person: it is theirs, asked for by them or for them, and does not
    supplement another, which is named instead."""
    if person.id not in (request.requester_id, request.beneficiary_id):
        return False
    return db.row("SELECT 1 FROM spendings WHERE case_id = ? AND supplements_id IS NOT NULL", request.id) is None


def may_be_lent_on(request: Case) -> bool:
    kind = REQUESTS.get(request.kind)
    return kind is not None and request.state in kind.lends


# ---- guards ---------------------------------------------------------------------------------------------------------


@objection(_("the request is not approved"))
def request_not_approved(act: Act) -> Words | None:
    """FIN-10, FIN-11: nothing is advanced without the approval."""
    request = act.paper.request
    if may_be_lent_on(request):
        return None
    return _(
        "%(number)s is not approved: money is lent against an approved request only.", number=request.number or request.title
    )


@objection(_("it is more than the request allows"))
def above_approved(act: Act) -> Words | None:
    room = room_for_advance(act.paper.request_id, act.case.id)
    if act.case.amount <= room:
        return None
    return _(
        "At most %(room)s can still be advanced on %(number)s.", room=max(room, Money(0)), number=act.paper.request.number or ""
    )


@objection(_("an earlier advance is overdue"))
def owes_overdue(act: Act) -> Words | None:
    late = [each for each in overdue_of(act.case.requester_id) if each.id != act.case.id]
    if not late:
        return None
    names = ", ".join(each.number or "" for each in late)
    return _("%(names)s is overdue: settle it first, or ask the general manager to lift the block.", names=names)


@objection(_("an earlier advance is overdue, and the general manager did not lift the block for this paper"))
def owes_unlifted(act: Act) -> Words | None:
    """FIN-11: what became overdue since it was asked for blocks it too."""
    return None if tasks.signed({"lift"}, act.case) else owes_overdue(act)


@objection(_("no earlier advance is overdue"))
def owes_nothing(act: Act) -> Words | None:
    return None if overdue_of(act.case.requester_id) else _("No earlier advance is overdue: submit it.")


@objection(_("nothing is open on it"))
def nothing_open(act: Act) -> Words | None:
    return None if standing(act.paper).open > 0 else _("Nothing is open on this advance.")


_RECORDED = """
SELECT 1 FROM consents c JOIN spendings s ON s.case_id = c.case_id
WHERE c.asked_by_id = ? AND (s.case_id = ? OR s.supplements_id = ?)
"""


@objection(_("you recorded the consent by telephone"))
def recorded_the_consent(act: Act) -> Words | None:
    """FIN-14: who records consent never pays on it."""
    person_id = act.person.id if act.person else 0
    asked = db.row(_RECORDED, person_id, act.paper.request_id, act.paper.request_id)
    return _("You recorded the consent by telephone: somebody else pays.") if asked else None


def decided(case: Case) -> set[int]:
    """Who approved its request or lifted its block: they neither pay nor post it."""
    return approved_by(Advance.get_by_id(case.id).request) | tasks.signed({"lift"}, case)


def approved_by(request: Case) -> set[int]:
    """Who approved the request, or what supplements it."""
    return {person for case in (request, *supplements_of(request.id)) for person in tasks.signed(DECISIONS, case)}


# ---- effects --------------------------------------------------------------------------------------------------------


def put_on_queue(act: Act) -> None:
    who = act.case.requester
    owe(act.case, [Owed(who.name, act.case.amount, who, text=act.case.title)])


def take_off_queue(act: Act) -> None:
    """Leaving the queue: what was paid stays paid, and what was not is withdrawn."""
    if partly_paid(act) is None:
        withdraw_payables(act)


def lend(act: Act) -> None:
    """What is paid is open on the advance; the first payment numbers the slip and sets the day it is due."""
    paid = act.data["paid"]
    advance: Advance = act.paper
    if advance.account_id is None:
        account, slip = ADVANCES.open(), next_number("JT")
        due = due_day(Spending.get_by_id(advance.request_id).expected_date, clock.today())
        Advance.update(account=account, slip=slip, paid_at=clock.now(), due_on=due).where(Advance.case == act.case).execute()
        act.data |= {"slip": slip, "due": due}
        act.paper = advance = Advance.get_by_id(act.case.id)
    assert advance.account_id is not None
    ADVANCES.put(advance.account_id, paid, act.case, act.person)


def carry_over(act: Act) -> None:
    """What was lent before the portal is open on the advance from now on, due on the day given."""
    account, slip, due = ADVANCES.open(), next_number("JT"), act.given
    Advance.update(account=account, slip=slip, paid_at=clock.now(), due_on=due).where(Advance.case == act.case).execute()
    ADVANCES.put(account.id, act.case.amount, act.case)
    act.data |= {"slip": slip, "due": due}


def due_day(expected: date | None, paid_on: date) -> date:
    """The earlier of so many working days after the expected day of spending and so many days after payment."""
    after_payment = paid_on + timedelta(days=settle_days())
    return min(clock.working_day_after(expected, settle_working_days()), after_payment) if expected else after_payment


def take_back(act: Act) -> None:
    given: CashBack = act.given
    assert given.amount is not None
    ADVANCES.cut(act.paper.account_id, given.amount, act.case, act.person)
    enter(act, given, given.amount, "return", act.case.requester.name, act.case.title)
    act.data["returned"] = given.amount


def is_settled(act: Act) -> bool:
    """Nothing open or in a claim, and nothing left to post."""
    here = standing(act.paper)
    return here.paid > 0 and here.open == 0 and here.held == 0 and not unposted(act.case)


def settle_advances(request_id: int) -> None:
    """Ends what is settled of the request's advances."""
    for advance in advances_on(request_id, ("outstanding",)):
        case = Case.get_by_id(advance.case_id)
        if is_settled(Act(case, None)):
            steps.take(None, case.id, "settle", (case.state, case.version))


def recall_advances(request_id: int) -> list[Case]:
    """What is still open on the request's advances is due back today. Answers those."""
    recalled = []
    for advance in advances_on(request_id, ("payable", "paid", "outstanding")):
        if advance.account_id and standing(advance).open and advance.recalled_at is None:
            due = min(advance.due_on or clock.today(), clock.today())
            Advance.update(recalled_at=clock.now(), due_on=due).where(Advance.case == advance.case_id).execute()
            recalled.append(Case.get_by_id(advance.case_id))
    return recalled


def call_off_unpaid(request_id: int) -> None:
    """What was asked for on the request and is not paid is paid no more, the rest of what was paid in part included."""
    for advance in advances_on(request_id, ("blocked", "payable")):
        name = "call_off_rest" if advance.account_id else "call_off"
        steps.take(None, advance.case_id, name, (advance.case.state, advance.case.version))


# ---- overdue --------------------------------------------------------------------------------------------------------


@db.transaction
def tell_overdue() -> int:
    """Tells who borrowed, their head and who keeps the money of advances that are overdue: each once. Answers how many."""
    found = newly_overdue()
    for advance in found:
        case = advance.case
        Advance.update(told_late=clock.now()).where(Advance.case == case).execute()
        text = _(
            "%(number)s is overdue: %(open)s was due back on %(day)s.",
            number=case.number or "",
            open=standing(advance).unsettled,
            day=advance.due_on,
        )
        posts = (access.wanted_post(dept_manager, case), "cashier", "chief_accountant")
        people = {person.id for post in posts for person in access.holders(post)}
        notices.tell(people | {case.requester_id}, "overdue", text, case)
    return len(found)


@job("overdue_advances", every=timedelta(days=1), at=time(8, 0), about=_("Tells of advances that were not settled in time"))
def tell_daily() -> Words:
    return _n("%(n)s advance is overdue.", "%(n)s advances are overdue.", tell_overdue())


# ---- the flow -------------------------------------------------------------------------------------------------------

SUBMIT = step("submit", "payable", unless=[request_not_approved, above_approved, owes_overdue], look="primary", rules=["FIN-11"])
ASK = step("ask_to_lift", "blocked", unless=[request_not_approved, above_approved, owes_nothing], note=True)
LIFT = step("lift", "payable", unless=[request_not_approved, above_approved], note=True, confirm=True, look="primary")
THROUGH = Either(is_settled, "settled", "outstanding")
BROUGHT: dict[str, Any] = {"who": cashier, "unless": [nothing_open], "form": CashBack, "then": [take_back]}
GIVE_BACK = step("give_back", THROUGH, **BROUGHT)
GIVE_BACK_EARLY = step("give_back", "paid", **BROUGHT)
PAY = pay_step(unless=(request_not_approved, above_approved, owes_unlifted, recorded_the_consent), then=(lend,))
RETURN = step("return", BACK, note=True, unless=[partly_paid])
REJECT = step("reject", "rejected", note=True, look="danger", unless=[partly_paid])
CALL_OFF = step("call_off", "cancelled", who=system)
CALL_OFF_REST = step(
    "call_off_rest",
    "paid",
    who=system,
    then=[withdraw_rest],
    label=_("Call off the rest"),
    said=_("What was not paid is called off"),
)
CARRY_OVER = step(
    "carry_over", "outstanding", who=system, then=[carry_over], label=_("Carry over"), said=_("It was carried over from before")
)
APART = [concerned, decided]

ADVANCE = Flow(
    "advance",
    state("draft", requester, SUBMIT, ASK, CARRY_OVER, step("cancel", "cancelled", who=requester, look="quiet"), editable=True),
    state(
        "blocked", gm.or_else(exec_in_charge, chief_accountant), LIFT, REJECT, RETURN, WITHDRAW, CALL_OFF, due=IN_TIME,
        apart=[managers_apart], label=_("Blocked by an overdue one"), tone="amber",
    ),
    state(
        "payable", cashier, PAY, RETURN, REJECT, step("withdraw", "draft", who=requester, unless=[partly_paid], look="quiet"),
        post_part_step("payable"), CALL_OFF, CALL_OFF_REST, carries_out=True, apart=APART, due=IN_TIME, label=_("To be paid"),
    ),
    state(
        "paid", chief_accountant, post_step(THROUGH), GIVE_BACK_EARLY, carries_out=True, apart=APART,
        due=IN_TIME, label=_("Paid"), tone="blue",
    ),
    state(
        "outstanding", GIVE_BACK, post_part_step(THROUGH), step("settle", "settled", who=system), carries_out=True, apart=APART,
        label=_("Outstanding"), tone="blue",
    ),
    state("settled", label=_("Settled"), tone="green"),
    state("rejected", tone="red"),
    state("cancelled"),
    prefix="AD",
    label=_("Advance"),
    detail=Advance,
    during=(during("payable", put_on_queue, take_off_queue),),
    reads=(*READERS, cashier),
    checks=(check_advance,),
    icon="hand-coins",
    about=_("Money lent against an approved request before it is spent; it is settled by a claim or brought back."),
    rules=("FIN-11",),
)  # fmt: skip


def _counter(case: Case, _entry: CashEntry) -> Side:
    """Money out is owed by who borrowed it, money back no longer is."""
    return on("advances", Money(0), person_id=case.requester_id)


BOOKINGS["advance"] = Booking(_counter)
MAY_COME_BACK["advance"] = lambda case: standing(Advance.get_by_id(case.id)).open


# ---- check ----------------------------------------------------------------------------------------------------------

_WRONG = """
SELECT k.number, a.put, COALESCE((SELECT SUM(-e.amount) FROM cash_entries e WHERE e.case_id = k.id), 0)
       + CASE WHEN r.kind = 'opening' THEN k.amount ELSE 0 END
FROM advances v JOIN cases k ON k.id = v.case_id JOIN accounts a ON a.id = v.account_id JOIN cases r ON r.id = v.request_id
"""

checks.NUMBERED.append("SELECT slip FROM advances WHERE slip IS NOT NULL")


@checks.register
def verify() -> Iterator[str]:
    """A sentence for every advance of which the journals say something else than its account."""
    for number, put, moved in db.rows(_WRONG):
        if int(put) != int(moved):
            yield f"advance {number}: {put} lent by its account, {int(moved)} by the journals"
