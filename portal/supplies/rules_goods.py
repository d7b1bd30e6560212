"""Goods in: what came without an order, entered by the office and confirmed by its manager; only then it is stock (SUP-18)."""

from __future__ import annotations

from typing import Any

from portal import access, clock, db
from portal.access import any_of, office_clerk, office_manager, purchaser, requester
from portal.contents import Content
from portal.flow import IN_TIME, REJECT, RETURN, WITHDRAW, Act, Flow, objection, state, step
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from portal.stock.models import STOCK, Item
from portal.stock.rules import refuse_back_dated, stock_comes
from portal.supplies.models import DELIVERY, SOURCES, GoodsIn, GoodsInLine
from portal.supplies.models_catalogue import KIND
from portal.supplies.models_papers import MOST_QUANTITY, goods_content
from portal.words import Words, _

__all__ = ["ENTERS", "GOODS_IN", "MOST_QUANTITY", "goods_content"]
ENTERS = any_of(office_clerk, purchaser)
MOST_LINES = 2000
ON_ITS_ORDER = _("Deliveries are received on their order, not entered here (SUP-04, SUP-09).")


def check_goods(person: Person, content: Content) -> None:
    """However the paper comes about."""
    if not ENTERS.allows(access.posts_of(person)):
        raise NotYours(_("Only the office enters what came in."))
    _check_head(content.detail)
    if not content.lines:
        raise Mistyped(_("Write at least one line."), "lines")
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")
    _check_lines(content.lines)
    items = [line["item"].id for line in content.lines]
    refuse_back_dated(items, content.detail["received_on"])
    if content.detail["source"] == "opening" and (why := _moved_before(items)):
        raise Mistyped(why, "lines")


def _check_head(detail: dict[str, Any]) -> None:
    if detail["source"] not in SOURCES:
        raise Mistyped(_("Choose one of the list."), "source")
    if detail["source"] == DELIVERY:
        raise Mistyped(ON_ITS_ORDER, "source")
    supplier = detail["supplier"]
    if supplier is not None and not supplier.active:
        raise Mistyped(_("%(name)s is not in use any more.", name=supplier.name), "supplier")
    if len(detail["delivery_note"]) > 60:
        raise Mistyped(
            _("At most %(most)s characters; these are %(are)s.", most=60, are=len(detail["delivery_note"])), "delivery_note"
        )
    if detail["received_on"] is None:
        raise Mistyped(_("Say on which day it came."), "received_on")
    if detail["received_on"] > clock.today():
        raise Mistyped(_("That day is still to come."), "received_on")


def _check_lines(lines: list[dict[str, Any]]) -> None:
    seen = set()
    for line in lines:
        item, quantity = line["item"], line["quantity"]
        if item.id in seen:
            raise Mistyped(_("%(item)s stands there twice.", item=item.called), "lines")
        seen.add(item.id)
        if item.kind != KIND or not item.active:
            raise Mistyped(_("%(item)s is not in use any more.", item=item.called), "lines")
        if not isinstance(quantity, int) or not 0 < quantity <= MOST_QUANTITY:
            raise Mistyped(_("How many %(item)s came: from 1 to %(most)s.", item=item.called, most=MOST_QUANTITY), "lines")
        if len(line["note"]) > 200:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=200, are=len(line["note"])), "lines")


def _moved_before(item_ids: list[int]) -> Words | None:
    """Opening stock is what was there before the portal: of an item that has moved there is none."""
    sql = f"""SELECT i.id FROM items i WHERE i.id IN ({db.marks(item_ids)})
              AND EXISTS (SELECT 1 FROM entries e WHERE e.account_id = i.account_id) ORDER BY i.id LIMIT 1"""
    for (item,) in db.rows(sql, *item_ids):
        called = Item.get_by_id(item).called
        return _("%(item)s has moved already: it has no opening stock any more. Count it instead.", item=called)
    return None


@objection(_("an item was counted since the day it came"))
def counted_since(act: Act) -> Words | None:
    try:
        refuse_back_dated([line.item_id for line in act.lines], act.paper.received_on)
    except Refused as refusal:
        return refusal.why
    return None


@objection(_("an item with opening stock has moved already"))
def has_moved(act: Act) -> Words | None:
    return _moved_before([line.item_id for line in act.lines]) if act.paper.source == "opening" else None


@objection(_("it is a delivery, which is received on its order"))
def is_delivery(act: Act) -> Words | None:
    """SUP-04, SUP-09: no draft of before brings in what nobody applied for and ordered."""
    return ON_ITS_ORDER if act.paper.source == DELIVERY else None


def bring_in(act: Act) -> None:
    """Puts each line on its shelf, in order of account, and tells those who wait for it."""
    accounts = {line.item_id: line.item.account_id for line in act.lines}
    for line in sorted(act.lines, key=lambda line: accounts[line.item_id]):
        STOCK.put(accounts[line.item_id], line.quantity, act.case, act.person, SOURCES[act.paper.source])
    GoodsIn.update(confirmed_at=clock.now()).where(GoodsIn.case == act.case).execute()
    stock_comes(accounts)


STANDS = [counted_since, has_moved]

GOODS_IN = Flow(
    "goods_in",
    state("draft", requester, step("submit", "submitted", unless=[is_delivery, *STANDS], look="primary"), editable=True),
    state(
        "submitted",
        office_manager,
        step("confirm", "confirmed", unless=STANDS, then=[bring_in], confirm=True, look="primary", rules=("SUP-18",)),
        RETURN,
        REJECT,
        WITHDRAW,
        due=IN_TIME,
    ),
    state("confirmed", label=_("In stock"), tone="green"),
    state("rejected", tone="red"),
    prefix="GI",
    label=_("Goods in"),
    detail=GoodsIn,
    lines=GoodsInLine,
    reads=(office_clerk, office_manager, purchaser),
    checks=(check_goods,),
    icon="truck",
    about=_(
        "What came to the store without an order - a gift, goods given back, opening stock: entered by the office, confirmed by "
        "its manager; only then it is stock."
    ),
    rules=("SUP-04", "SUP-18", "SUP-19"),
)  # fmt: skip
