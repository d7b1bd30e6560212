"""Spending is requested, held on its budget line, and approved by the general manager before it happens (FIN-10, BEX-01)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal import access, attachments, clock, contents, db, policies, steps
from portal.access import chief_accountant, dept_manager, exec_in_charge, gm, office_manager, requester, system
from portal.budget.models import BUDGET, Behind, Figures, Overrun, known, papers_using
from portal.budget.rules import READERS, cover, give_back, not_enough
from portal.cases import Case, open_tasks
from portal.contents import Content
from portal.expenses import rules_allowances, rules_bills, rules_months, rules_openings, rules_penalties  # noqa: F401
from portal.expenses.models import BUSINESS_KINDS, HOLDING, NATURES, Spending, SpendingLine, gap
from portal.expenses.models_consents import PhoneConsent, consent_of
from portal.expenses.models_money import advances_on, live_claims_on
from portal.expenses.rules_claims import CLAIM  # noqa: F401  its flow exists once it is read
from portal.expenses.rules_consents import (
    answer_due,
    by_telephone,
    confirm,
    consent_given,
    decides_itself,
    is_cashier,
    let_office_read,
    withdraw,
)
from portal.expenses.rules_instead import IN_STEAD, managers_apart, mark_in_stead
from portal.expenses.rules_lapsing import lapse_unused, last_day, request_lapse_days, verify
from portal.expenses.rules_supplements import (
    ends_supplements,
    nothing_to_supplement,
    rests_on_it,
    supplement_open,
    wrong_supplement,
)
from portal.flow import IN_TIME, REJECT, RETURN, WITHDRAW, Act, Flow, during, objection, route, state, step
from portal.money import HIGHEST, Money
from portal.offers import offered
from portal.persons import Person
from portal.refused import Mistyped, Refused
from portal.words import Words, _

__all__ = ["lapse_unused", "last_day", "request_lapse_days", "verify"]

dept_head_endorses = policies.declare(
    "dept_head_endorses",
    False,
    "gm",
    _("The department head endorses a spending request before the general manager decides"),
    rule="FIN-10",
)
LONGEST = {"title": 120, "purpose": 2000, "who": 120, "why": 2000}
MOST_LINES = 100


# ---- what is typed --------------------------------------------------------------------------------------------------


def check_spending(person: Person, content: Content) -> None:
    """What may stand in a draft: it may lack something, but nothing in it may be wrong."""
    for name, longest in LONGEST.items():
        if len(content.title if name == "title" else content.detail.get(name) or "") > longest:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=longest), name)
    if why := _wrong_line(person, content.detail):
        raise Mistyped(why, "line")
    if content.detail.get("nature", "office") not in NATURES:
        raise Mistyped(_("Choose office or business."), "nature")
    if why := wrong_supplement(person, content.detail):
        raise Mistyped(why, "supplements")
    kind = content.detail.get("business_kind", "")
    if kind and (kind not in BUSINESS_KINDS or content.detail.get("nature") != "business"):
        raise Mistyped(_("Choose one of the four kinds of business expense."), "business_kind")
    _check_lines(content)


def _wrong_line(person: Person, detail: Mapping[str, Any]) -> Words | None:
    line = detail.get("line")
    if line is None:
        return None
    if line.department_id != person.department_id:
        return _("Choose a budget line of your own department.")
    if not line.category.active:
        return _("%(category)s is not in use any more.", category=line.category.called)
    return None


def _check_lines(content: Content) -> None:
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")
    for line in content.lines:
        if not line["text"] or len(line["text"]) > 200:
            raise Mistyped(_("Say what each line is for, in at most %(most)s characters.", most=200), "lines")
        if line["amount"] <= 0:
            raise Mistyped(_("Write an amount above zero."), "lines")
    if content.amount is not None and content.amount >= HIGHEST:
        raise Mistyped(_("Amounts stay below 10,000,000,000."), "lines")


@db.transaction
def submit(person: Person, content: Content, token: str, case: Case | None = None, version: int = 0) -> Case:
    """Keeps the contents and submits them, or neither. Sent twice it is one request."""
    check_spending(person, content)
    if lacking := gap(content.detail, content.amount):
        raise Mistyped(*lacking)
    kept = contents.edit(person, case.id, content, version) if case else contents.create(SPENDING, person, content, token)
    if kept.state != SPENDING.first:
        return kept
    return steps.take(person, kept.id, "submit", (kept.state, kept.version))


# ---- guards ---------------------------------------------------------------------------------------------------------


@objection(_("something is missing from the request"))
def incomplete(act: Act) -> Words | None:
    lacking = gap(act.paper.__data__, act.case.amount)
    return lacking[0] if lacking else None


@objection(_("the budget line is not one of the applicant's department"))
def foreign_line(act: Act) -> Words | None:
    return _wrong_line(act.case.requester, {"line": act.paper.line})


@route(_("the department head endorses first, by company rule"))
def is_endorsed_first(act: Act) -> bool:
    """Whether the head sees it first: not when the head or the general manager asks."""
    if not dept_head_endorses():
        return False
    posts = access.posts_of(act.case.requester)
    return "gm" not in posts and access.wanted_post(dept_manager, act.case) not in posts


@route(_("nobody has to endorse first"))
def goes_straight(act: Act) -> bool:
    return not is_endorsed_first(act)


def fits(act: Act) -> bool:
    """Whether it holds its amount, as all do that are not marked over budget, or could now."""
    return act.case.mark != "over_budget" or known(act.paper.line_id).left >= act.case.amount


@objection(_("the budget line has too little left"))
def over_budget(act: Act) -> Words | None:
    if fits(act):
        return None
    return _(
        "%(why)s Ask for less, or move money between lines. Beyond it only the general manager approves, by a step of its own.",
        why=not_enough(known(act.paper.line_id), act.posts),
    )


@objection(_("it fits the budget"))
def within_budget(act: Act) -> Words | None:
    return _("It fits the budget: approve it the ordinary way.") if fits(act) else None


@objection(_("somebody else decides in the general manager's stead"))
def not_the_general_manager(act: Act) -> Words | None:
    """Who decides in the general manager's stead does not go beyond the budget (FIN-02)."""
    if any(task.post == "gm" for task in open_tasks(act.case)):
        return None
    return _("Only the general manager may approve over budget.")


@objection(_("the day of business spending is past"))
def spent_before_consent(act: Act) -> Words | None:
    """BEX-01: consent comes before the spending."""
    if act.paper.nature == "business" and act.paper.expected_date < clock.today():
        return _("The day of spending is past: return it for a new date. Consent must come first.")
    return None


@objection(_("money went out or is claimed on it"))
def in_use(act: Act) -> Words | None:
    papers = [each.case for each in advances_on(act.case.id)] + live_claims_on(act.case.id)
    if not papers:
        return None
    return _("%(papers)s is still open on it.", papers=", ".join(each.number or each.title for each in papers))


@route(_("it is business spending"))
def is_business(act: Act) -> bool:
    return act.paper is not None and act.paper.nature == "business"  # none yet while it is only being written


# ---- effects --------------------------------------------------------------------------------------------------------


def accept_no_invoice(act: Act) -> None:
    Spending.update(no_invoice=True).where(Spending.case == act.case).execute()


def hold_if_it_fits(act: Act) -> None:
    """Holds the whole amount, or nothing and marks the request."""
    line, amount = act.paper.line, act.case.amount
    held = BUDGET.try_hold(line.account_id, amount, act.case, act.person)
    over_by = Money(0) if held else amount - line.free()
    act.case.mark = "" if held else "over_budget"
    Spending.update(over_by=over_by).where(Spending.case == act.case).execute()
    if over_by:
        act.data["over_by"] = over_by


def give_back_what_is_held(act: Act) -> None:
    give_back(act.case, act.person)
    if act.case.mark == "over_budget":
        act.case.mark = ""


def hold_now(act: Act) -> None:
    """Money that came free since takes the hold."""
    if not BUDGET.holds_of(act.case) and not BUDGET.try_hold(act.paper.line.account_id, act.case.amount, act.case, act.person):
        raise Refused(not_enough(known(act.paper.line_id), act.posts))
    act.case.mark = ""
    write_approval(act)


def go_over(act: Act) -> None:
    exception = cover(act, act.paper.line, act.case.amount, act.given)
    act.case.mark = "exception"
    act.data |= {"exception": exception.amount, "reason": exception.reason, "expires": exception.expires}
    write_approval(act, flagged=True)


def write_approval(act: Act, **more: Any) -> None:
    Spending.update(approved_at=clock.now(), **more).where(Spending.case == act.case).execute()


# ---- the flow -------------------------------------------------------------------------------------------------------

COMPLETE: dict[str, Any] = {
    "unless": [incomplete, foreign_line, nothing_to_supplement], "then": [let_office_read], "look": "primary",
}  # fmt: skip
SUBMIT_TO_HEAD = step("submit", "endorsing", when=[is_endorsed_first], **COMPLETE)
SUBMIT = step("submit", "submitted", when=[goes_straight], **COMPLETE)
APPROVE = step(
    "approve",
    "approved",
    confirm=True,
    unless=[spent_before_consent, nothing_to_supplement, over_budget],
    then=[hold_now, mark_in_stead],
    look="primary",
    rules=["FIN-01", "FIN-10", "BEX-01"],
)
APPROVE_OVER_BUDGET = step(
    "approve_over_budget",
    "approved",
    confirm=True,
    unless=[spent_before_consent, nothing_to_supplement, within_budget, not_the_general_manager],
    form=Overrun,
    then=[go_over],
    look="danger",
    rules=["FIN-02"],
)
APPROVE_WITHOUT_INVOICE = step(
    "approve_without_invoice",
    "approved",
    confirm=True,
    when=[is_business],
    unless=[spent_before_consent, nothing_to_supplement, over_budget],
    then=[hold_now, accept_no_invoice, mark_in_stead],
    rules=["BEX-01", "FIN-12"],
)
RECORD_CONSENT = step(
    "record_consent",
    "provisional",
    who=(dept_manager, office_manager, chief_accountant),
    when=[by_telephone],
    unless=[spent_before_consent, nothing_to_supplement, over_budget, is_cashier, decides_itself],
    form=PhoneConsent,
    then=[hold_now, consent_given],
    rules=["FIN-14", "FIN-15"],
)
CONFIRM = step(
    "confirm_consent", "approved", confirm=True, apart_from=["record_consent"], then=[confirm], look="primary", rules=["FIN-15"]
)
WITHDRAW_CONSENT = step(
    "withdraw_consent",
    "withdrawn",
    note=True,
    confirm=True,
    apart_from=["record_consent"],
    then=[withdraw],
    look="danger",
    rules=["FIN-15"],
)
UNUSED = [in_use, supplement_open, rests_on_it]
CANCEL = step("cancel", "cancelled", who=requester, unless=UNUSED, then=[ends_supplements("call_off")], look="quiet")
FINISH = step("finish", "closed", who=requester, unless=UNUSED, then=[ends_supplements("close")], look="quiet")
CLOSE = step("close", "closed", who=system)
CALL_OFF = step("call_off", "cancelled", who=system)
LAPSE = step("lapse", "lapsed", who=system, then=[ends_supplements("lapse")])
MARKS = {"over_budget": (_("Over budget"), "red"), "exception": (_("Approved over budget"), "amber")} | IN_STEAD
DECIDES = gm.or_else(exec_in_charge, chief_accountant)  # the last two where the general manager asks, or nobody else can

SPENDING = Flow(
    "spending",
    state("draft", requester, SUBMIT_TO_HEAD, SUBMIT, editable=True),
    state("endorsing", dept_manager, step("endorse", "submitted", look="primary"), RETURN, REJECT, WITHDRAW, due=IN_TIME),
    state(
        "submitted", DECIDES, APPROVE, APPROVE_OVER_BUDGET, APPROVE_WITHOUT_INVOICE, RETURN, REJECT, WITHDRAW, RECORD_CONSENT,
        apart=[managers_apart], due=IN_TIME,
    ),
    state("provisional", gm, CONFIRM, WITHDRAW_CONSENT, label=_("Consent by telephone"), tone="amber", due=answer_due),
    state("approved", CANCEL, FINISH, LAPSE, CLOSE, CALL_OFF, tone="green"),
    state("closed", tone="green"),
    state("withdrawn", label=_("Consent withdrawn"), tone="red"),
    state("cancelled"),
    state("lapsed"),
    state("rejected", tone="red"),
    prefix="SR",
    label=_("Spending request"),
    detail=Spending,
    lines=SpendingLine,
    during=(during(" ".join(HOLDING), hold_if_it_fits, give_back_what_is_held),),
    reads=READERS,
    checks=(check_spending,),
    marks=MARKS,
    icon="wallet",
    about=_("Ask before you spend: the general manager approves inside the annual budget. Unapproved spending is not repaid."),
    rules=("FIN-01", "FIN-02", "FIN-10", "FIN-14", "FIN-15", "BEX-01", "BEX-02"),
)  # fmt: skip


def proves_consent(case: Case, person: Person) -> bool:
    """Who may record consent by telephone attaches what shows it, and who recorded it until it is answered."""
    if case.state == "provisional":
        return (consent := consent_of(case)) is not None and consent.asked_by_id == person.id
    recording = [each for each in offered(case, person, access.posts_of(person)) if each.step.name == "record_consent"]
    return bool(recording) and not recording[0].why_not


attachments.ALSO["spending"] = proves_consent


# ---- the answer while typing ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What a line says to an amount: what is left after it, or by how much it is over and which papers use the line."""

    figures: Figures
    amount: Money
    papers: tuple[Behind, ...] = ()

    @property
    def left(self) -> Money:
        return self.figures.left - self.amount

    @property
    def over_by(self) -> Money:
        return max(-self.left, Money(0))


def answer(line_id: int, amount: Money, posts: dict[str, bool]) -> Answer:
    found = known(line_id)
    papers = papers_using(found.account_id, posts) if amount > found.left else []
    return Answer(found, amount, tuple(papers))
