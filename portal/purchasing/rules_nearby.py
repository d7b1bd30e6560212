"""Purchases nearby: filed before buying, approved, bought by the department, and reviewed by the office (SUP-14, SUP-15)."""

from __future__ import annotations

from typing import Any

from portal import access, attachments, clock, tasks
from portal.access import dept_manager, gm, office_clerk, office_manager, requester, supplies_custodian, system
from portal.budget.models import Overrun, known
from portal.budget.rules import READERS
from portal.cases import Case
from portal.contents import Content
from portal.expenses.models import Spending, request_of
from portal.expenses.models_money import REQUESTS, RequestKind, claimed_by_line
from portal.expenses.rules import (
    DECIDES,
    MARKS,
    ends_supplements,
    foreign_line,
    give_back_what_is_held,
    go_over,
    hold_if_it_fits,
    hold_now,
    in_use,
    not_the_general_manager,
    over_budget,
    supplement_open,
    within_budget,
    write_approval,
)
from portal.expenses.rules_instead import is_managers_own, managers_apart, mark_in_stead
from portal.flow import IN_TIME, REJECT, RETURN, WITHDRAW, Act, Flow, during, objection, route, state, step
from portal.money import HIGHEST, Money, total
from portal.persons import Department, Person
from portal.purchasing.models import NearbyLine, NearbyPurchase
from portal.purchasing.models_nearby import LONGEST, MOST_LINES, MOST_QUANTITY, Bought, gap, spent_on
from portal.purchasing.policies import supplies_need_gm
from portal.refused import Mistyped, NotYours
from portal.supplies.models_catalogue import KIND, custodian_of, custodian_replaced_by
from portal.supplies.rules_draws import is_applicant, why_not_file
from portal.words import Words, _

OFFICE = (office_clerk, office_manager)


# ---- who writes one -------------------------------------------------------------------------------------------------


def why_not_write(person: Person, department: Department, away: str = "", held: dict[str, bool] | None = None) -> Words | None:
    """As with draws it is the custodian, or the head while there is none or the custodian is away (SUP-16)."""
    why = why_not_file(person, department, away, held)
    if why is None or custodian_replaced_by(person, department):
        return why
    keeper = custodian_of(department.id)
    if keeper is None:
        return _(
            "Nobody manages the supplies of %(department)s yet: its head writes what is to be bought nearby.",
            department=department.called,
        )
    return _(
        "Only %(who)s writes for %(department)s what is to be bought nearby, as its custodian of supplies.",
        who=keeper.called, department=department.called,
    )  # fmt: skip


# ---- what is typed --------------------------------------------------------------------------------------------------


def check_nearby(person: Person, content: Content) -> None:
    """However an application comes about: who writes it, and what may stand in a draft. It may lack something."""
    assert content.department is not None
    if why := why_not_write(person, content.department, content.detail["away"]):
        if custodian_replaced_by(person, content.department):
            raise Mistyped(why, "away")
        raise NotYours(why)
    for name, longest in LONGEST.items():
        if len(content.title if name == "title" else content.detail[name]) > longest:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=longest), name)
    line = content.detail["line"]
    if line is not None and line.department_id != content.department.id:
        raise Mistyped(_("Choose a budget line of your own department."), "line")
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")
    _check_lines(content.lines)
    if content.amount is not None and content.amount >= HIGHEST:
        raise Mistyped(_("Amounts stay below 10,000,000,000."), "lines")


def _check_lines(lines: list[dict[str, Any]]) -> None:
    seen = set()
    for line in lines:
        item = line["item"]
        if item is None and not line["text"]:
            raise Mistyped(_("Choose an item in every line, or say in words what it is."), "lines")
        if len(line["text"]) > 200:
            raise Mistyped(_("Say what each line is for, in at most %(most)s characters.", most=200), "lines")
        if item is not None and item.id in seen:
            raise Mistyped(_("%(item)s stands there twice.", item=item.called), "lines")
        if item is not None and (item.kind != KIND or not item.active):
            raise Mistyped(_("%(item)s is not in use any more.", item=item.called), "lines")
        if not isinstance(line["quantity"], int) or not 0 < line["quantity"] <= MOST_QUANTITY:
            raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=1, most=MOST_QUANTITY), "lines")
        if line["estimate"] <= 0:
            raise Mistyped(_("Write an amount above zero."), "lines")
        seen |= {item.id} if item else set()


def stand_for_a_request(act: Act) -> None:
    """Its row among the requests follows what was typed."""
    paper = act.paper
    told = {"purpose": paper.reason, "line": paper.line, "expected_date": paper.expected_date}
    if not Spending.update(**told).where(Spending.case == act.case).execute():
        Spending.add(case=act.case, **told)


# ---- guards ---------------------------------------------------------------------------------------------------------


@objection(_("somebody other than the custodian writes it"))
def not_who_writes(act: Act) -> Words | None:
    return why_not_write(act.case.requester, act.case.department, act.paper.away)


@objection(_("something is missing from the application"))
def incomplete(act: Act) -> Words | None:
    lacking = gap(act.paper.__data__, act.case.amount)
    return lacking[0] if lacking else None


@route(_("the head's approval is enough: it fits the budget, and the general manager need not sign or approved it just now"))
def is_enough(act: Act) -> bool:
    line_id = act.paper and act.paper.line_id  # none yet while it is only being written
    if line_id and known(line_id).left < act.case.amount:
        return False
    return not supplies_need_gm() or (gm.key in act.posts and not is_managers_own(act.case))


@route(_("the general manager signs as well, by company rule or because it goes beyond the budget"))
def goes_on(act: Act) -> bool:
    return not is_enough(act)


@route(_("the custodian of supplies does it for the applicant"))
def keeps_supplies(act: Act) -> bool:
    return not is_applicant(act) and access.wanted_post(supplies_custodian, act.case) in act.posts


@route(_("the applicant does it"))
def by_the_applicant(act: Act) -> bool:
    return not keeps_supplies(act)


@objection(_("no receipt was attached since the approval"))
def receipt_missing(act: Act) -> Words | None:
    approved_at = request_of(act.case).approved_at
    if approved_at and any(each.at >= approved_at for each in attachments.of("case", act.case.id)):
        return None
    return _("Attach the receipt first.")


@route(_("the manager of the office reviews it"))
def by_the_manager(act: Act) -> bool:
    return office_manager.key in act.posts and office_clerk.key not in act.posts


@route(_("an office clerk reviews it"))
def by_the_clerk(act: Act) -> bool:
    return not by_the_manager(act)


@route(_("the applicant says so"))
def by_who_asked(act: Act) -> bool:
    return is_applicant(act)


@route(_("somebody of the office says so"))
def by_the_office(act: Act) -> bool:
    return not is_applicant(act)


@objection(_("a claim on it was paid already"))
def paid_already(act: Act) -> Words | None:
    paid = Case.find(
        "state IN ('paid', 'posted') AND id IN (SELECT case_id FROM claims WHERE request_id = ?) ORDER BY id LIMIT 1", act.case.id
    )
    return _("%(number)s was paid on it already.", number=paid.number or "") if paid else None


def had_a_hand_in_it(case: Case) -> set[int]:
    """GEN-01: who wrote it does not review it, nor who approved it or entered what was bought."""
    return tasks.signed({"approve", "approve_over_budget", "buy", "answer"}, case)


# ---- effects --------------------------------------------------------------------------------------------------------


def keep_purchase(act: Act) -> None:
    """What was bought of each line; what is not named was not bought."""
    given: Bought = act.given
    told = {n: (quantity, amount) for n, quantity, amount in given.lines}
    for line in act.lines:
        quantity, amount = told.get(line.n, (0, Money(0)))
        NearbyLine.update(bought=quantity, spent=amount).where(NearbyLine.id == line.id).execute()
    kept = NearbyPurchase.update(bought_on=given.bought_on, shop=given.shop.strip(), bought_at=clock.now())
    kept.where(NearbyPurchase.case == act.case).execute()
    act.data |= {"bought_on": given.bought_on, "spent": given.spent}


# ---- claims on it ---------------------------------------------------------------------------------------------------


def why_not_claimed(act: Act) -> Words | None:
    """SUP-14: one claims what was bought; what was given up is not repaid."""
    case: Case = act.paper.request
    number = case.number or case.title
    if case.state == "approved":
        return _("%(number)s is not bought yet: enter there what was bought, with its receipt, then claim it.", number=number)
    if case.state == "given_up":
        return _("%(number)s was given up after an objection of the office: it is not repaid.", number=number)
    claimed = total(claimed_by_line(case.id, act.case.id).values()) + total(line.granted for line in act.lines)
    spent = spent_on(case)
    if case.state in OPEN and claimed > spent:
        return _(
            "%(claimed)s is claimed on %(number)s, where %(spent)s was spent: claim what was spent.",
            claimed=claimed, number=number, spent=spent,
        )  # fmt: skip
    return None


def why_not_paid(act: Act) -> Words | None:
    """SUP-15: nothing is signed, checked or paid before the review, nor while the office objects."""
    case: Case = act.paper.request
    if case.state == "bought":
        return _("The office has not reviewed %(number)s yet: before that nothing is repaid on it.", number=case.number or "")
    if case.state == "objected":
        return _("The office objects to %(number)s: until that is resolved nothing is repaid on it.", number=case.number or "")
    return why_not_claimed(act)


HOLDS = ("signing", "approved", "bought", "objected", "reviewed")
OPEN = ("approved", "bought", "objected", "reviewed")
REQUESTS["nearby"] = RequestKind(
    opened=OPEN, lends=("approved",), holds=HOLDS, signed_in="signing", why_not_claimed=why_not_claimed, why_not_paid=why_not_paid
)


# ---- the flow -------------------------------------------------------------------------------------------------------

SUBMIT = step("submit", "submitted", unless=[not_who_writes, incomplete, foreign_line], look="primary", rules=["SUP-14"])
PASS_ON = step("approve", "signing", when=[goes_on], look="primary", rules=["SUP-05", "SUP-14"])
APPROVE = step("approve", "approved", when=[is_enough], then=[write_approval], look="primary", rules=["SUP-05", "SUP-14"])
SIGN = step(
    "approve", "approved", confirm=True, unless=[over_budget], then=[hold_now, mark_in_stead], look="primary",
    rules=["SUP-05", "FIN-01", "FIN-10"],
)  # fmt: skip
SIGN_OVER_BUDGET = step(
    "approve_over_budget", "approved", confirm=True, unless=[within_budget, not_the_general_manager], form=Overrun,
    then=[go_over], look="danger", rules=["FIN-02"],
)  # fmt: skip
ENTER: dict[str, Any] = {
    "unless": [receipt_missing], "form": Bought, "then": [keep_purchase], "look": "primary", "rules": ["SUP-14"],
    "label": _("Enter what was bought"), "said": _("%(who)s entered what was bought"),
}  # fmt: skip
BUY = step("buy", "bought", when=[by_the_applicant], **ENTER)
BUY_FOR_THEM = step("buy", "bought", who=supplies_custodian, when=[keeps_supplies], **ENTER)
UNUSED = [in_use, supplement_open]
CANCEL = step("cancel", "cancelled", who=requester, unless=UNUSED, then=[ends_supplements("call_off")], look="quiet")
LAPSE = step("lapse", "lapsed", who=system, then=[ends_supplements("lapse")])
REVIEW: dict[str, Any] = {
    "look": "primary", "rules": ["SUP-15"], "label": _("Pass the review"), "said": _("%(who)s reviewed it"),
}  # fmt: skip
OBJECT: dict[str, Any] = {
    "note": True, "look": "danger", "rules": ["SUP-15"], "label": _("Object"), "said": _("%(who)s objected to it"),
}  # fmt: skip
ANSWER = step("answer", "bought", note=True, form=Bought, then=[keep_purchase], look="primary", rules=["SUP-15"])
LIFT = step(
    "lift_objection", "reviewed", who=OFFICE, note=True, rules=["SUP-15"], label=_("Lift the objection"),
    said=_("%(who)s lifted the objection"),
)  # fmt: skip
GIVE_UP = step(
    "give_up", "given_up", unless=UNUSED, then=[ends_supplements("call_off")], look="danger", rules=["SUP-15"],
    label=_("Give it up"), said=_("%(who)s gave it up: it is not repaid"),
)  # fmt: skip
ENDS: dict[str, Any] = {"unless": UNUSED, "then": [ends_supplements("close")], "look": "quiet"}

NEARBY = Flow(
    "nearby",
    state("draft", requester, SUBMIT, editable=True),
    state("submitted", dept_manager, APPROVE, PASS_ON, RETURN, REJECT, WITHDRAW, due=IN_TIME),
    state(
        "signing", DECIDES, SIGN, SIGN_OVER_BUDGET, RETURN, REJECT, WITHDRAW, apart=[managers_apart], due=IN_TIME,
        label=_("With the general manager"),
    ),
    state("approved", requester, BUY, BUY_FOR_THEM, CANCEL, LAPSE, label=_("Approved, to be bought"), tone="green"),
    state(
        "bought", office_clerk.or_else(office_manager),
        step("pass", "reviewed", when=[by_the_clerk], **REVIEW), step("object", "objected", when=[by_the_clerk], **OBJECT),
        step("pass", "reviewed", who=office_manager, when=[by_the_manager], **REVIEW),
        step("object", "objected", who=office_manager, when=[by_the_manager], **OBJECT),
        apart=[had_a_hand_in_it], due=IN_TIME, label=_("To be reviewed"), tone="amber",
    ),
    state("objected", requester, ANSWER, GIVE_UP, LIFT, apart=[had_a_hand_in_it], label=_("Objected to"), tone="red"),
    state(
        "reviewed",
        step("finish", "closed", who=requester, when=[by_who_asked], **ENDS),
        step("finish", "closed", who=OFFICE, when=[by_the_office], **ENDS),
        step("object", "objected", who=OFFICE, unless=[paid_already], **OBJECT),
        step("close", "closed", who=system),
        apart=[had_a_hand_in_it], label=_("Reviewed"), tone="green",
    ),
    state("closed", tone="green"),
    state("given_up", label=_("Given up, not repaid"), tone="red"),
    state("cancelled"),
    state("lapsed"),
    state("rejected", tone="red"),
    prefix="NP",
    label=_("Nearby purchase"),
    detail=NearbyPurchase,
    lines=NearbyLine,
    during=(during(" ".join(HOLDS), hold_if_it_fits, give_back_what_is_held),),
    reads=(*READERS, supplies_custodian, *OFFICE),
    checks=(check_nearby,),
    follows=(stand_for_a_request,),
    marks=MARKS,
    icon="store",
    about=_("In special circumstances a department buys nearby itself: asked for before, reviewed by the office afterwards."),
    rules=("SUP-14", "SUP-15", "SUP-16", "FIN-02", "FIN-13"),
)  # fmt: skip


def enters_the_purchase(case: Case, person: Person) -> bool:
    """The custodian attaches the receipt of what the head asked for in their stead."""
    return case.state == "approved" and access.wanted_post(supplies_custodian, case) in access.posts_of(person)


attachments.ALSO["nearby"] = enters_the_purchase
