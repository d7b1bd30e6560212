"""Applications to buy: asked for in writing, the quantity settled by the head, the money held, before it is ordered (SUP-04, 05,
07)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal import clock, contents, db, steps
from portal.access import (
    chief_accountant,
    dept_manager,
    exec_in_charge,
    gm,
    office_clerk,
    office_manager,
    purchaser,
    requester,
    supplies_custodian,
    system,
)
from portal.budget.models import BUDGET, Overrun, exception_of, known
from portal.budget.rules import READERS, cover, give_back, not_enough
from portal.cases import Case
from portal.contents import Content
from portal.expenses.models import FLAGGED
from portal.expenses.rules import not_the_general_manager
from portal.expenses.rules_instead import IN_STEAD, managers_apart, mark_in_stead
from portal.expenses.rules_lapsing import APPROVED
from portal.expenses.rules_months import SIGNED_IN
from portal.flow import IN_TIME, REJECT, RETURN, WITHDRAW, Act, Either, Flow, during, objection, route, state, step
from portal.money import Money, total
from portal.persons import Person
from portal.purchasing.models import Purchase, PurchaseLine
from portal.purchasing.models_holds import hold_what_is_needed
from portal.purchasing.models_purchases import (
    coming,
    is_settled,
    lines_of_purchase,
    on_order,
    part_of,
    running_short,
)
from portal.purchasing.policies import supplies_need_gm
from portal.purchasing.rules_asking import MAY_ASK, check_purchase, why_not_ask
from portal.refused import Refused
from portal.stock.models import levels
from portal.supplies.models_catalogue import half_year
from portal.supplies.rules_waiting import Granted
from portal.words import Words, _

APPROVED.append("SELECT case_id FROM purchases WHERE approved_at IS NOT NULL")
FLAGGED.append("SELECT case_id, line_id, '', '', needed_by, approved_at, flagged FROM purchases")
SIGNED_IN["purchase"] = "signing"


@dataclass(frozen=True)
class ApprovedLess(Granted):
    """Less than was asked for, on some lines (SUP-05)."""


@db.transaction
def submit(person: Person, content: Content, token: str) -> Case:
    """Keeps the contents and submits them, or neither. Sent twice it is one application."""
    kept = contents.create(PURCHASE, person, content, token)
    return kept if kept.state != PURCHASE.first else steps.take(person, kept.id, "submit", (kept.state, kept.version))


# ---- guards ---------------------------------------------------------------------------------------------------------


@objection(_("something is missing from the application"))
def incomplete(act: Act) -> Words | None:
    if not act.lines:
        return _("Write at least one line.")
    if act.paper.line is None:
        return _("Choose a budget line: once approved, the estimate is held on it.")
    for line in act.lines:
        if not line.item.active:
            return _("%(item)s is not in use any more.", item=line.item.called)
        if not line.estimate:
            return _("%(item)s: write what it is estimated to cost.", item=line.item.called)
    return None


@objection(_("a special need has no reason"))
def need_unsaid(act: Act) -> Words | None:
    """SUP-07: an order is triggered by low stock, or by a special need with its reason."""
    if act.paper.cause == "special_need" and not act.paper.reason.strip():
        return _("Say what the special need is.")
    return None


@objection(_("an item does not run low"))
def not_low(act: Act) -> Words | None:
    """SUP-07: what is on the shelf or on the way is not asked for as low stock."""
    if act.paper.cause != "low_stock":
        return None
    short = running_short(besides=act.case.id)
    for line in act.lines:
        if line.item_id not in short:
            return _(
                "%(item)s does not run low, counting what is on the way: choose special need, and say why.", item=line.item.called
            )
    return None


@objection(_("the budget line is not one of the department that asks, or of a year that is over"))
def foreign_line(act: Act) -> Words | None:
    line = act.paper.line
    if line is not None and (line.department_id != act.case.department_id or not line.category.active):
        return _("Choose a budget line of the department that asks.")
    if line is not None and line.year < clock.today().year:
        return _("That budget line is of %(year)s: choose one of this year.", year=str(line.year))
    return None


@objection(_("somebody other than the custodian files it"))
def not_who_asks(act: Act) -> Words | None:
    return why_not_ask(act.person or act.case.requester, act.case.department, act.paper.away)


@objection(_("the budget line has too little left"))
def over_budget(act: Act) -> Words | None:
    if _fits(act):
        return None
    return _(
        "%(why)s Return it to ask for less. Beyond it only the general manager approves, by a step of its own.",
        why=not_enough(known(act.paper.line_id), act.posts),
    )


@objection(_("it fits the budget"))
def within_budget(act: Act) -> Words | None:
    return _("It fits the budget: approve it the ordinary way.") if _fits(act) else None


@objection(_("something of it stands on an order"))
def on_an_order(act: Act) -> Words | None:
    held = [each for each in on_order(act.case) if each.state != "cancelled"]
    if held:
        return _("It stands on %(order)s already.", order=held[0].number or "")
    return None


@objection(_("something of it is still to be ordered"))
def still_to_order(act: Act) -> Words | None:
    if any(line.to_order for line in act.lines):
        return _("Something of it is still to be ordered.")
    return None


def _fits(act: Act) -> bool:
    return act.case.mark != "over_budget" or known(act.paper.line_id).left >= granted_estimate(act.lines)


# ---- effects --------------------------------------------------------------------------------------------------------


def freeze(act: Act) -> None:
    """The figures at this moment are those the decision is made on (SUP-03)."""
    act.case.amount, act.case.mark = total(line.estimate for line in act.lines), ""
    items = [line.item_id for line in act.lines]
    shelf, halves, on_the_way = levels(items), half_year(None, items), coming(items, besides=act.case.id)
    for line in act.lines:
        PurchaseLine.update(
            stock=shelf[line.item_id].free, half_year=halves[line.item_id], coming=on_the_way.get(line.item_id, 0),
            granted=None, cut_reason="", cut_by=None, ordered=0, dropped=0, pool=0,
        ).where(PurchaseLine.id == line.id).execute()  # fmt: skip
    if act.paper.in_place_of_id:
        act.data |= {"in_place_of": act.paper.in_place_of_id, "away": act.paper.away}


def estimate_of(line: PurchaseLine) -> Money:
    """What of the estimate falls on what was granted, on all of it while nothing is decided; a fen at least of what is bought."""
    granted = line.quantity if line.granted is None else line.granted
    return max(part_of(line.estimate, granted, line.quantity), Money(min(line.estimate, granted, 1)))


def granted_estimate(lines: list[PurchaseLine]) -> Money:
    return total(estimate_of(line) for line in lines)


def grant_all(act: Act) -> None:
    for line in act.lines:
        PurchaseLine.update(granted=line.quantity, cut_reason="", cut_by=None).where(PurchaseLine.id == line.id).execute()
    hold_estimate(act)


def grant_less(act: Act) -> None:
    """Both the quantity asked for and the one approved stay (SUP-05)."""
    for line in act.lines:
        granted, reason = act.given.lines[line.id]
        is_cut = granted < line.quantity
        cut: dict[str, Any] = {"cut_reason": reason if is_cut else "", "cut_by": act.person if is_cut else None}
        PurchaseLine.update(granted=granted, **cut).where(PurchaseLine.id == line.id).execute()
    hold_estimate(act)


def hold_estimate(act: Act) -> None:
    """Holds what the granted quantities are estimated to cost, or nothing and marks the application (FIN-01)."""
    lines = lines_of_purchase(act.case)
    amount, line = granted_estimate(lines), act.paper.line
    held = BUDGET.try_hold(line.account_id, amount, act.case, act.person)
    act.case.mark = "" if held else "over_budget"
    over_by = Money(0) if held else amount - line.free()
    Purchase.update(over_by=over_by).where(Purchase.case == act.case).execute()
    act.case.amount = amount
    if over_by:
        act.data["over_by"] = over_by


@route(_("the general manager signs as well, by company rule or because it goes beyond the budget"))
def goes_on(act: Act) -> bool:
    if supplies_need_gm():
        return True
    line_id = act.paper and act.paper.line_id  # none yet while it is only being written
    return bool(line_id and known(line_id).left < total(line.estimate for line in act.lines))


@route(_("the head's approval is enough: it fits the budget, and the general manager need not sign"))
def is_enough(act: Act) -> bool:
    return not goes_on(act)


def goes_to_gm(act: Act) -> bool:
    """Known once the estimate of what was granted is held, or could not be."""
    return supplies_need_gm() or act.case.mark == "over_budget"


def hold_now(act: Act) -> None:
    """Money that came free since takes the hold."""
    if not BUDGET.holds_of(act.case):
        amount = granted_estimate(act.lines)
        if not BUDGET.try_hold(act.paper.line.account_id, amount, act.case, act.person):
            raise Refused(not_enough(known(act.paper.line_id), act.posts))
    act.case.mark = ""


def go_over(act: Act) -> None:
    exception = cover(act, act.paper.line, granted_estimate(act.lines), act.given)
    act.case.mark = "exception"
    Purchase.update(flagged=True).where(Purchase.case == act.case).execute()
    act.data |= {"exception": exception.amount, "reason": exception.reason, "expires": exception.expires}


def fill_pools(act: Act) -> None:
    """Approved: each line has its part of the estimate to be ordered for."""
    for line in lines_of_purchase(act.case):
        PurchaseLine.update(pool=estimate_of(line)).where(PurchaseLine.id == line.id).execute()
    Purchase.update(approved_at=clock.now()).where(Purchase.case == act.case).execute()


def keep_holding(_act: Act) -> None:
    """What was held with the decision stays held while the application is under way."""


def give_back_all(act: Act) -> None:
    give_back(act.case, act.person)
    if act.case.mark == "over_budget":
        act.case.mark = ""


def empty_pools(act: Act) -> None:
    """Nothing of it is to be ordered any more. What was approved beyond the budget is signed anew where it goes back to that."""
    PurchaseLine.update(pool=0).where(PurchaseLine.case == act.case).execute()
    if exception_of(act.case):
        give_back(act.case, act.person)
        act.case.mark = "over_budget"


def drop_the_rest(act: Act) -> None:
    """What is on no order is not bought any more."""
    for line in act.lines:
        PurchaseLine.update(dropped=line.dropped + line.to_order, pool=0).where(PurchaseLine.id == line.id).execute()
    hold_what_is_needed(act.case, act.person)


def is_all_settled(act: Act) -> bool:
    return is_settled(act.case)


def follow_orders(case_id: int) -> None:
    """An order changed something: its application is all ordered, to be ordered again, or through."""
    case = Case.get_by_id(case_id)
    open_lines = any(line.to_order for line in lines_of_purchase(case))
    if case.state == "approved" and not open_lines:
        case = steps.take(None, case.id, "all_ordered", (case.state, case.version))
    elif case.state == "ordered" and open_lines:
        case = steps.take(None, case.id, "order_again", (case.state, case.version))
    if case.state == "ordered" and is_settled(case):
        steps.take(None, case.id, "close", (case.state, case.version))


# ---- the flow -------------------------------------------------------------------------------------------------------

COMPLETE = [not_who_asks, incomplete, need_unsaid, foreign_line, not_low]
WHOLE: dict[str, Any] = {
    "unless": [incomplete, foreign_line], "then": [grant_all], "label": _("Approve all"), "look": "primary", "rules": ["SUP-05"],
}  # fmt: skip
PASS_ON = step("approve", "signing", when=[goes_on], **WHOLE)
APPROVE = step("approve", "approved", when=[is_enough], **WHOLE)
APPROVE_LESS = step(
    "approve_less", Either(goes_to_gm, "signing", "approved"), unless=[incomplete, foreign_line], form=ApprovedLess,
    then=[grant_less], label=_("Approve less"), said=_("%(who)s approved less"), rules=["SUP-05"],
)  # fmt: skip
SIGN = step(
    "approve", "approved", confirm=True, unless=[over_budget], then=[hold_now, mark_in_stead],
    look="primary", rules=["FIN-01", "FIN-10"],
)  # fmt: skip
SIGN_OVER = step(
    "approve_over_budget", "approved", confirm=True, unless=[within_budget, not_the_general_manager], form=Overrun,
    then=[go_over], look="danger", rules=["FIN-02"],
)  # fmt: skip
BUYS = (office_clerk, purchaser)
DROP = step(
    "drop", Either(is_all_settled, "closed", "ordered"), who=BUYS, note=True, then=[drop_the_rest],
    label=_("Buy no more of it"), said=_("%(who)s decided to buy no more of it"), look="quiet",
)  # fmt: skip
CANCEL = step("cancel", "cancelled", who=requester, unless=[on_an_order], note=True, look="quiet")
BACK = step(RETURN.name, RETURN.to, who=BUYS, note=True, unless=[on_an_order])
ALL_ORDERED = step("all_ordered", "ordered", who=system, label=_("All of it is ordered"), said=_("All of it is ordered"))
ORDER_AGAIN = step(
    "order_again",
    "approved",
    who=system,
    label=_("Order again"),
    said=_("A part of it will not be delivered and is to be ordered again"),
)
CLOSE = step("close", "closed", who=system, unless=[still_to_order])

PURCHASE = Flow(
    "purchase",
    state(
        "draft",
        requester,
        step("submit", "submitted", unless=COMPLETE, then=[freeze], look="primary", rules=["SUP-04", "SUP-07"]),
        step("cancel", "cancelled", who=requester, look="quiet"),
        editable=True,
    ),
    state(
        "submitted", dept_manager, PASS_ON, APPROVE, APPROVE_LESS, RETURN, REJECT, WITHDRAW,
        label=_("With the department head"), due=IN_TIME,
    ),
    state(
        "signing", gm.or_else(exec_in_charge, chief_accountant), SIGN, SIGN_OVER, RETURN, REJECT,
        label=_("With the general manager"), apart=[managers_apart], due=IN_TIME,
    ),
    state(
        "approved", office_clerk, DROP, BACK, CANCEL, ALL_ORDERED,
        label=_("To be ordered"), carries_out=True, tone="blue",
    ),
    state(
        "ordered", ORDER_AGAIN, CLOSE,
        label=_("Ordered"), tone="blue",
    ),
    state("closed", tone="green"),
    state("cancelled"),
    state("rejected", tone="red"),
    prefix="PA",
    label=_("Purchase application"),
    detail=Purchase,
    lines=PurchaseLine,
    during=(
        during("signing approved ordered", keep_holding, give_back_all),
        during("approved ordered", fill_pools, empty_pools),
    ),
    reads=(*READERS, office_clerk, office_manager, purchaser, supplies_custodian),
    checks=(check_purchase,),
    marks={"over_budget": (_("Over budget"), "red"), "exception": (_("Approved over budget"), "amber")} | IN_STEAD,
    icon="shopping-cart",
    about=_(
        "What is low on the shelf, or needed for a special reason, is asked for in writing: the head settles the quantity, the "
        "general manager signs, and only then it is ordered."
    ),
    rules=("SUP-01", "SUP-03", "SUP-04", "SUP-05", "SUP-07", "FIN-01", "FIN-02", "FIN-10"),
    begun_by=MAY_ASK,
)  # fmt: skip
