"""Orders: made of approved applications only, at the lowest price or with a reason, to be delivered by a day (SUP-01, 04, 06, 08,
17)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from portal import access, clock, db, steps
from portal.access import any_of, chief_accountant, exec_in_charge, gm, office_clerk, office_manager, purchaser, requester, system
from portal.budget.models import exception_of
from portal.cases import Case
from portal.contents import Content
from portal.flow import Act, Either, Flow, objection, route, state, step
from portal.money import HIGHEST, Money, total
from portal.persons import Person
from portal.purchasing.models import Order, OrderLine, Purchase, PurchaseLine
from portal.purchasing.models_holds import decided_on, hold_what_is_needed
from portal.purchasing.models_orders import NewDay, Priced, Received, Sent, priced
from portal.purchasing.models_purchases import UNPAID, part_of
from portal.purchasing.models_quotes import Offer, taken_away
from portal.purchasing.rules_purchases import follow_orders
from portal.purchasing.rules_receipts import all_came, receive
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from portal.steps import longest_note
from portal.words import Words, _

ORDERS = any_of(office_clerk, purchaser)
BUYS = (office_clerk, purchaser)
MOST_LINES = 200
WHEN_EXPECTED: list[Callable[[Case], None]] = []  # what follows when a delivery is expected, on another day, or no more


# ---- what is typed --------------------------------------------------------------------------------------------------


def check_order(person: Person, content: Content) -> None:
    """SUP-01, SUP-04: only the office and the buyer order, and only what stands on an approved application."""
    if not ORDERS.allows(access.posts_of(person)):
        raise NotYours(_("Only the office and the buyer order office supplies."))
    supplier, note = content.detail["supplier"], content.detail.get("note", "")
    if supplier is None or not supplier.active:
        raise Mistyped(_("Choose a supplier that is in use."), "supplier")
    if len(note) > 500:
        raise Mistyped(_("That is too long: at most %(most)s characters.", most=500), "note")
    if not content.lines:
        raise Mistyped(_("Write at least one line."), "lines")
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")
    seen = set()
    for line in content.lines:
        if line["wanted"].id in seen:
            raise Mistyped(_("%(item)s stands there twice.", item=line["item"].called), "lines")
        seen.add(line["wanted"].id)
        _check_line(line)
    if content.amount is not None and content.amount >= HIGHEST:
        raise Mistyped(_("Amounts stay below 10,000,000,000."), "lines")


def _check_line(line: dict[str, Any]) -> None:
    wanted: PurchaseLine = line["wanted"]
    if line["item"].id != wanted.item_id:
        raise Mistyped(_("An order names the item that was approved."), "lines")
    if why := not_approved(wanted):
        raise Mistyped(why, "lines")
    if len(line.get("reason", "")) > 200:
        raise Mistyped(_("That is too long: at most %(most)s characters.", most=200), "lines")
    if not isinstance(line["quantity"], int) or line["quantity"] <= 0:
        raise Mistyped(_("%(item)s: write how many are ordered.", item=line["item"].called), "lines")
    if why := beyond(wanted, line["quantity"]):
        raise Mistyped(why, "lines")


def not_approved(wanted: PurchaseLine) -> Words | None:
    """SUP-04: without an approved application nothing is ordered."""
    case = Case.get_by_id(wanted.case_id)
    if case.state == "approved" and case.version == wanted.version:
        return None
    if case.state == "ordered" and case.version == wanted.version:
        return beyond(wanted, 1)
    return _("%(number)s is not approved: nothing is ordered without an approved application.", number=case.number or case.title)


def beyond(wanted: PurchaseLine, quantity: int) -> Words | None:
    """SUP-17: no more is ordered than was approved."""
    left = max(wanted.to_order, 0)
    if quantity <= left:
        return None
    return _(
        "%(item)s: %(left)s of what was approved on %(number)s is left to order: reduce by %(n)s.",
        item=wanted.item.called, left=left, number=Case.get_by_id(wanted.case_id).number or "", n=quantity - left,
    )  # fmt: skip


# ---- guards ---------------------------------------------------------------------------------------------------------


def _prices(act: Act) -> list[Priced | None]:
    return priced(act.paper.supplier_id, [(line.item_id, line.quantity) for line in act.lines])


@objection(_("a line has no approved application behind it"))
def no_application(act: Act) -> Words | None:
    return next((why for line in act.lines if (why := not_approved(line.wanted))), None)


@objection(_("more is ordered than was approved"))
def above_approved(act: Act) -> Words | None:
    return next((why for line in act.lines if (why := beyond(line.wanted, line.quantity))), None)


@objection(_("the exception it was approved with has run out"))
def exception_over(act: Act) -> Words | None:
    """FIN-02: what was approved over budget is ordered until the day the general manager named."""
    for key in sorted({line.wanted.case_id for line in act.lines}):
        case = Case.get_by_id(key)
        exception = exception_of(case)
        if exception and exception.expires < clock.today():
            return _(
                "%(number)s was approved over budget until %(day)s: return it to be approved anew, or buy no more of it.",
                number=case.number or "", day=exception.expires,
            )  # fmt: skip
    return None


@objection(_("no day of delivery is named"))
def no_day(act: Act) -> Words | None:
    """SUP-06: the supplier is told by when to deliver."""
    if act.paper.deliver_by is None:
        return _("Say by when it is to be delivered.")
    if act.paper.deliver_by < clock.today():
        return _("The day of delivery is past: choose another.")
    return None


@objection(_("the supplier is not in use any more"))
def supplier_gone(act: Act) -> Words | None:
    return None if act.paper.supplier.active else _("Choose a supplier that is in use.")


@objection(_("an item is not in use any more"))
def item_gone(act: Act) -> Words | None:
    gone = next((line.item for line in act.lines if not line.item.active), None)
    return _("%(item)s is not in use any more.", item=gone.called) if gone else None


@objection(_("the supplier has no valid quote for a line"))
def no_quote(act: Act) -> Words | None:
    """SUP-08: what is not quoted is not ordered."""
    for line, found in zip(act.lines, _prices(act), strict=True):
        if found is None:
            return _(
                "%(supplier)s has no valid quote for %(item)s: enter one first.",
                supplier=act.paper.supplier.name, item=line.item.called,
            )  # fmt: skip
        if not found.is_whole:
            return _(
                "%(item)s comes in %(pack)s of %(n)s: order whole ones.",
                item=line.item.called, pack=found.offer.pack, n=found.offer.per_pack,
            )  # fmt: skip
    return None


@objection(_("another supplier offers it for less, and no reason is given"))
def dearer_unsaid(act: Act) -> Words | None:
    """SUP-08: the lowest cost, or a reason that shows on the order."""
    for line, found in zip(act.lines, _prices(act), strict=True):
        if found and found.is_dearer and not line.reason:
            return _(
                "%(item)s: %(supplier)s offers it for less. Order it there, or say why not.",
                item=line.item.called, supplier=found.cheapest.supplier,
            )  # fmt: skip
        if found and not line.reason and (cheaper := _withdrawn_for_it(act, line, found)):
            return _(
                "%(item)s: you withdrew a cheaper quote of %(supplier)s yourself. Say why it is not ordered there.",
                item=line.item.called, supplier=cheaper.supplier,
            )  # fmt: skip
    return None


def _withdrawn_for_it(act: Act, line: OrderLine, found: Priced) -> Offer | None:
    """A cheaper quote that who places the order withdrew since the approval: nobody clears the way for another."""
    approved_at = Purchase.get_by_id(line.wanted.case_id).approved_at
    if act.person is None or approved_at is None:
        return None
    gone = taken_away(line.item_id, act.person.id, approved_at)
    return gone[0] if gone and gone[0].is_cheaper_than(found.offer) else None


@route(_("nothing of it was accepted"))
def nothing_came(act: Act) -> bool:
    return not any(line.accepted for line in act.lines)


@route(_("a part of it was accepted"))
def something_came(act: Act) -> bool:
    return not nothing_came(act)


# ---- effects --------------------------------------------------------------------------------------------------------

_ORDER = """
UPDATE purchase_lines SET ordered = ordered + ?, pool = pool - ? WHERE id = ? AND granted - ordered - dropped >= ? AND pool >= ?
"""
_GIVE_UP = "UPDATE purchase_lines SET ordered = ordered - ?, pool = pool + ? WHERE id = ?"


def place(act: Act) -> None:
    """Each line takes its part of what was approved, at today's price; where that is above the estimate more is held on the same
    budget line, or nothing is ordered."""
    for line, found in zip(act.lines, _prices(act), strict=True):
        assert found is not None
        _place(line, found)
    act.case.amount = total(line.amount for line in act.lines)
    if act.case.amount >= HIGHEST:
        raise Refused(_("Amounts stay below 10,000,000,000."))
    Order.update(placed_at=clock.now()).where(Order.case == act.case).execute()
    if told := "; ".join(f"{line.item.name}: {line.reason}" for line in act.lines if line.reason):
        act.note = "\n".join(filter(None, [act.note, told]))[: longest_note()]  # why not the cheapest, for good (SUP-08)
    settle_applications(act, act.lines)


def _place(line: OrderLine, found: Priced) -> None:
    wanted = PurchaseLine.get_by_id(line.wanted_id)
    left = wanted.to_order
    share = part_of(wanted.pool, line.quantity, max(left, line.quantity))
    if db.run(_ORDER, line.quantity, share, wanted.id, line.quantity, share).rowcount != 1:
        raise SomebodyWasFirst(_("It was put on another order meanwhile. Reload to see it."))
    line.price, line.per_pack, line.amount, line.share = found.offer.price, found.offer.per_pack, found.amount, share
    line.held = max(share, found.amount)
    OrderLine.update(
        quote=found.offer.id, cheapest=found.cheapest.id, price=line.price, per_pack=line.per_pack, amount=line.amount,
        share=share, held=line.held,
    ).where(OrderLine.id == line.id).execute()  # fmt: skip


def settle_applications(act: Act, lines: Iterable[OrderLine]) -> None:
    """Every application behind these lines holds what it needs now, and goes on from where its orders are."""
    for key in sorted({line.wanted.case_id for line in lines}):
        hold_what_is_needed(Case.get_by_id(key), act.person)
        follow_orders(key)


def told_supplier(act: Act) -> None:
    Order.update(sent_at=clock.now(), sent_by=act.person, sent_way=act.given.way).where(Order.case == act.case).execute()
    act.data["way"] = act.given.way
    for follow in WHEN_EXPECTED:
        follow(act.case)


def postpone(act: Act) -> None:
    act.data |= {"from": act.paper.deliver_by, "to": act.given.day}
    Order.update(deliver_by=act.given.day, told_late=None).where(Order.case == act.case).execute()
    for follow in WHEN_EXPECTED:
        follow(act.case)


def close_open(act: Act) -> None:
    """What does not come any more goes back to its applications, with its part of the estimate."""
    for line in act.lines:
        if line.open:
            _close_open(line)
    act.case.amount = total(line.amount for line in act.lines)
    settle_applications(act, act.lines)
    for follow in WHEN_EXPECTED:
        follow(act.case)


def _close_open(line: OrderLine) -> None:
    not_coming, left = line.open, line.quantity - line.closed
    back = part_of(line.share, not_coming, left)
    line.closed += not_coming
    line.share = Money(line.share - back)
    line.amount = line.cost_of(line.quantity - line.closed)
    line.held = still_held(line)
    OrderLine.update(closed=line.closed, share=line.share, amount=line.amount, held=line.held).where(
        OrderLine.id == line.id
    ).execute()
    db.run(_GIVE_UP, not_coming, back, line.wanted_id)


def is_done(line: OrderLine) -> bool:
    """Whether nothing of the line is to come, to be billed or to be paid."""
    return not line.open and line.billed >= line.accepted and db.row(f"SELECT 1 WHERE {UNPAID % '?'}", line.id) is None


def still_held(line: OrderLine, invoice_id: int = 0) -> Money:
    """What the line may still cost: what is decided to be paid, with this invoice, and the rest by the order; no less than what
    is left of its share while it is not done."""
    decided, due = decided_on(line.id, invoice_id)
    if is_done(line) and not due:
        return Money(0)
    return max(Money(line.share - line.paid), due + line.cost_of(line.quantity - line.closed) - line.cost_of(decided))


def is_over(act: Act) -> bool:
    """Whether nothing is left to come or to be paid."""
    return all(is_done(line) for line in OrderLine.where("case_id = ? AND version = ?", act.case.id, act.case.version))


def settle_order(order: Case) -> None:
    """After a payment: an order of which nothing is left to come or to be paid is closed."""
    lines = OrderLine.where("case_id = ? AND version = ?", order.id, order.version)
    if order.state == "received" and all(is_done(line) for line in lines):
        steps.take(None, order.id, "close", (order.state, order.version))


# ---- the flow -------------------------------------------------------------------------------------------------------

PLACE = step(
    "place", "placed",
    unless=[no_application, above_approved, exception_over, supplier_gone, item_gone, no_day, no_quote, dearer_unsaid],
    then=[place], label=_("Place the order"), said=_("%(who)s placed the order"), look="primary",
    rules=["SUP-01", "SUP-04", "SUP-06", "SUP-08", "SUP-17"],
)  # fmt: skip
SEND = step(
    "send", "sent", who=BUYS, form=Sent, then=[told_supplier], label=_("Mark as sent"), said=_("%(who)s sent it to the supplier"),
    look="primary", rules=["SUP-06"],
)  # fmt: skip
RECEIVE = step(
    "receive", Either(all_came, "received", "partly"), form=Received, then=[receive], label=_("Enter a receipt"),
    said=_("%(who)s entered a receipt"), look="primary", rules=["SUP-09", "SUP-17", "SUP-18"],
)  # fmt: skip
POSTPONE = {
    here: step(
        "postpone", here, who=BUYS, form=NewDay, note=True, then=[postpone], label=_("Change the day of delivery"),
        said=_("%(who)s changed the day of delivery"), rules=["SUP-06"],
    )
    for here in ("sent", "partly")
}  # fmt: skip
CALL_OFF = step(
    "call_off", "cancelled", who=BUYS, note=True, when=[nothing_came], then=[close_open], label=_("Call off the order"),
    said=_("%(who)s called off the order"), look="danger",
)  # fmt: skip
CLOSE_SHORT = step(
    "close_short", Either(is_over, "closed", "received"), who=BUYS, note=True, when=[something_came], then=[close_open],
    label=_("Close the rest"), said=_("%(who)s closed the rest"), look="quiet",
)  # fmt: skip

ORDER = Flow(
    "order",
    state("draft", requester, PLACE, step("cancel", "cancelled", who=requester, look="quiet"), editable=True),
    state("placed", office_clerk, SEND, CALL_OFF, label=_("To be sent"), carries_out=True),
    state(
        "sent", office_clerk, RECEIVE, POSTPONE["sent"], CALL_OFF,
        label=_("Sent to the supplier"), carries_out=True, tone="blue",
    ),
    state(
        "partly", office_clerk, RECEIVE, POSTPONE["partly"], CALL_OFF, CLOSE_SHORT,
        label=_("Partly received"), carries_out=True, tone="amber",
    ),
    state("received", step("close", "closed", who=system), label=_("Received"), tone="green"),
    state("closed", label=_("Paid and closed"), tone="green"),
    state("cancelled"),
    prefix="PO",
    label=_("Order"),
    detail=Order,
    lines=OrderLine,
    reads=(office_clerk, office_manager, purchaser, gm, exec_in_charge, chief_accountant),
    checks=(check_order,),
    icon="truck",
    about=_(
        "Lines of approved applications, also of several departments, become one order to a supplier: at the lowest price, or "
        "with the reason why not."
    ),
    rules=("SUP-01", "SUP-04", "SUP-06", "SUP-08", "SUP-09", "SUP-17"),
    begun_by=ORDERS,
)  # fmt: skip
