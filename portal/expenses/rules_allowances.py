"""Allowances: the office drafts the batch of a month, the cashier checks and pays, the manager signs (FIN-18 to FIN-22)."""

from __future__ import annotations

from portal import access, clock, contents, db, history
from portal.access import ROLES, cashier, chief_accountant, exec_in_charge, gm, office_clerk, posts_of
from portal.books.models import CashEntry, month_called, month_of
from portal.books.models_months import month_before
from portal.books.rules_payments import Owed, owe, partly_paid, pay_step, withdraw_payables
from portal.books.rules_vouchers import BOOKINGS, Booking, Side, on, post_part_step, post_step
from portal.cases import Case, lines_of
from portal.contents import Content
from portal.expenses.models_allowances import (
    KINDS,
    Allowance,
    AllowanceLine,
    MealException,
    PhoneStandard,
    allowance_content,
    batch_of,
    meal_lines,
    phone_lines,
    standards,
)
from portal.flow import BACK, IN_TIME, RETURN, WITHDRAW, Act, Flow, during, objection, state, step
from portal.history import told_of
from portal.money import HIGHEST, Money
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from portal.words import Words, _

MOST_LINES = 5000


def _may_draft(person: Person) -> None:
    if office_clerk.key not in posts_of(person):
        raise NotYours(_("The office drafts the allowances."))


# ---- the batch ------------------------------------------------------------------------------------------------------


def check_allowance(person: Person, content: Content) -> None:
    _may_draft(person)
    if content.detail["kind"] not in KINDS:
        raise Mistyped(_("Choose telephone or meals."), "kind")
    if content.detail["month"] > month_of(clock.today()):
        raise Mistyped(_("The month has not come."), "month")
    if content.detail["kind"] == "phone" and content.detail["month"] >= month_of(clock.today()):
        raise Mistyped(_("A bill exists once its month is over: settle the month before."), "month")
    if not content.lines:
        raise Mistyped(_("Nobody is on it."), "lines")
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")
    if any(not 0 <= line["actual"] < HIGHEST for line in content.lines):
        raise Mistyped(_("An amount is from 0 to below 10,000,000,000."), "lines")


@db.transaction
def draft_phone(person: Person, month: int, bills: list[tuple[Person, Money]], token: str) -> Case:
    """The telephone batch of a month from its bill; while it is a draft, a new bill takes the place of the old."""
    return _draft(person, allowance_content("phone", month, phone_lines(bills, month)), token)


@db.transaction
def draft_meals(person: Person, month: int, token: str) -> Case:
    """The meal batch of a month: for everyone who was there on its first day."""
    return _draft(person, allowance_content("meal", month, meal_lines(month)), token)


def _draft(person: Person, content: Content, token: str) -> Case:
    kind, month = content.detail["kind"], content.detail["month"]
    before = batch_of(kind, month)
    if before is None:
        return contents.create(ALLOWANCE, person, content, token)
    if before.state == ALLOWANCE.first:
        return contents.edit(person, before.id, content, before.version)
    raise Refused(
        _("%(kind)s of %(month)s is settled by %(number)s: there is one batch a month.",
          kind=KINDS[kind], month=month_called(month), number=before.number or "")
    )  # fmt: skip


@objection(_("who gets it, or somebody's standard, changed since it was drafted"))
def standards_changed(act: Act) -> Words | None:
    """What is paid is what the standards say when it is submitted."""
    paper: Allowance = act.paper
    if paper.kind != "phone":
        fresh = {line["person"].id: line["amount"] for line in meal_lines(paper.month)}
        if fresh != {line.person_id: line.amount for line in act.lines}:
            return _("Who gets meals changed since it was drafted: draft it again.")
        return None
    fresh = {line["person"].id: line["amount"] for line in phone_lines([(x.person, x.actual) for x in act.lines], paper.month)}
    if any(fresh[line.person_id] != line.amount for line in act.lines):
        return _("A telephone standard changed since the bill was read: bring the bill again.")
    return None


@objection(_("nothing is to be paid on it"))
def pays_nothing(act: Act) -> Words | None:
    return None if act.case.amount else _("Nothing is to be paid on it: nobody on it has a standard.")


# ---- paying ---------------------------------------------------------------------------------------------------------


def put_on_queue(act: Act) -> None:
    """One line of the queue for each person. Those who had, or will have, a hand in it stand apart."""
    apart = people_apart(act.case) | {act.person.id if act.person else 0}
    owed = [
        Owed(line.person.name, line.amount, line.person, text=_text(act.paper), barred=frozenset(apart & {line.person_id}))
        for line in act.lines
        if line.amount
    ]
    owe(act.case, owed)


def _text(paper: Allowance) -> str:
    return f"{KINDS[paper.kind].message} {month_called(paper.month)}"


def people_apart(case: Case) -> set[int]:
    """Who drafts, checks or signed the batch, and who may pay or post it: their own lines wait for another's confirmation."""
    acted = {event[13] for event in told_of("case", case.id) if event[13]}
    holders = {person for role in ("cashier", "chief_accountant") for person in access.holder_ids(role)}
    return acted | holders | {case.requester_id}


def take_off_queue(act: Act) -> None:
    if partly_paid(act) is None:
        withdraw_payables(act)


SUBMIT = step("submit", "submitted", unless=[pays_nothing, standards_changed], look="primary", rules=["FIN-18", "FIN-22"])
CHECK = step("check", "checked", look="primary", rules=["FIN-05"])
SIGN = step("sign", "payable", confirm=True, look="primary", rules=["FIN-18"])
POST = post_step("posted", apart_from=("check",))

ALLOWANCE = Flow(
    "allowance",
    state("draft", office_clerk, SUBMIT, editable=True, carries_out=True),
    state("submitted", cashier, CHECK, RETURN, WITHDRAW, carries_out=True, due=IN_TIME),
    state("checked", gm.or_else(exec_in_charge), SIGN, RETURN, label=_("Checked"), due=IN_TIME),
    state(
        "payable", cashier, pay_step(), step("return", BACK, note=True, unless=[partly_paid]), post_part_step("payable"),
        carries_out=True, due=IN_TIME, label=_("To be paid"),
    ),
    state("paid", chief_accountant, POST, carries_out=True, due=IN_TIME, label=_("Paid"), tone="blue"),
    state("posted", label=_("Posted"), tone="green"),
    prefix="AL",
    label=_("Allowances"),
    detail=Allowance,
    lines=AllowanceLine,
    during=(during("payable", put_on_queue, take_off_queue),),
    reads=(gm, exec_in_charge, cashier, chief_accountant, office_clerk),
    checks=(check_allowance,),
    icon="phone",
    about=_("Telephone and meals of a month, for everybody at once: drafted by the office, checked, signed, paid and posted."),
    rules=("FIN-18", "FIN-19", "FIN-20", "FIN-21", "FIN-22"),
)  # fmt: skip


def _counter(case: Case, entry: CashEntry) -> Side:
    """What is paid to somebody is spent by the department they work in."""
    kind = Allowance.get_by_id(case.id).kind
    person = entry.payable.person if entry.payable else None
    return on(kind, Money(0), department_id=person.department_id if person else case.department_id)


BOOKINGS["allowance"] = Booking(_counter)


def last_month() -> int:
    """The month whose bill is settled now."""
    return month_before(month_of(clock.today()))


# ---- standards and exceptions ---------------------------------------------------------------------------------------


@db.transaction
def set_standard(person: Person, role: str, cap: Money) -> PhoneStandard:
    """The office enters what a post gets whose standard the rules do not name."""
    _may_draft(person)
    if role not in ROLES or role in ("gm", "dept_manager", "sales_staff"):
        raise Mistyped(_("Choose a post of which the rules name no standard."), "role")
    if not 0 <= cap < HIGHEST:
        raise Mistyped(_("An amount is from 0 to below 10,000,000,000."), "cap")
    kept, _made = PhoneStandard.get_or_create(role=role, defaults={"cap": Money(0)})
    before = standards().get(role)
    PhoneStandard.update(cap=cap).where(PhoneStandard.id == kept.id).execute()
    history.record(kept, "change", person, data={"role": role, "before": before.cap if before else None, "after": cap})
    return PhoneStandard.get_by_id(kept.id)


@db.transaction
def except_from_meals(person: Person, other: Person, reason: str, active: bool, events: int = 0) -> MealException:
    """Marks somebody as not entitled to the meal allowance, or takes the mark off."""
    _may_draft(person)
    if active and not reason.strip():
        raise Mistyped(_("Say why, so that the others can follow."), "reason")
    if len(reason) > 200:
        raise Mistyped(_("That is too long: at most %(most)s characters.", most=200), "reason")
    kept = MealException.find("person_id = ?", other.id)
    if kept is None:
        kept = MealException.create(person=other, reason=reason.strip(), active=True)
    elif kept.events != events:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))
    told = {"active": active} | ({"reason": reason.strip()} if active else {})
    MealException.update(**told).where(MealException.id == kept.id).execute()
    history.record(kept, "except" if active else "entitle", person, note=reason.strip())
    return MealException.get_by_id(kept.id)


def granted_of(case: Case) -> list[AllowanceLine]:
    """The lines of a batch as they stand."""
    return lines_of(AllowanceLine, case)
