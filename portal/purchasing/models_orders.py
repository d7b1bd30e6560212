"""Orders as they are put together and looked at: the offers behind their lines, and what came of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal import clock, db
from portal.cases import Case, lines_of
from portal.contents import Content
from portal.money import Money, total
from portal.purchasing.models import WAYS, Order, OrderLine, PurchaseLine, Receipt, ReceiptLine
from portal.purchasing.models_quotes import Offer, quotes_valid
from portal.refused import Mistyped, SomebodyWasFirst
from portal.stock.rules import refuse_back_dated
from portal.supplies.models import Supplier
from portal.words import _

RECEIVING = ("sent", "partly")


@dataclass(frozen=True)
class Ordered:
    """So many units of a line of an application, and why not from the cheapest."""

    wanted: PurchaseLine
    quantity: int
    reason: str = ""


def order_content(
    title: str,
    supplier: Supplier,
    ordered: Iterable[Ordered],
    deliver_by: date | None = None,
    note: str = "",
    department: Any = None,
) -> Content:
    """The contents of an order; its prices are those of the supplier's quotes, read when it is placed."""
    ordered = list(ordered)
    lines = [
        {"wanted": each.wanted, "item": each.wanted.item, "quantity": each.quantity, "reason": each.reason} for each in ordered
    ]
    prices = priced(supplier.id, [(each.wanted.item_id, each.quantity) for each in ordered])
    amount = total(each.amount for each in prices if each)
    detail = {"supplier": supplier, "deliver_by": deliver_by, "note": note}
    return Content(title, detail, lines, amount, department)


@dataclass(frozen=True)
class Priced:
    """What so many units cost by the supplier's cheapest valid quote, and the cheapest quote there is."""

    offer: Offer
    cheapest: Offer
    quantity: int

    @property
    def amount(self) -> Money:
        return self.offer.cost_of(self.quantity)

    @property
    def is_dearer(self) -> bool:
        """Whether another supplier offers the unit for less (SUP-08)."""
        return self.cheapest.is_cheaper_than(self.offer)

    @property
    def is_whole(self) -> bool:
        return self.quantity % self.offer.per_pack == 0


def priced(supplier_id: int, wanted: Iterable[tuple[int, int]], day: date | None = None) -> list[Priced | None]:
    """For each item and quantity what it costs at this supplier today; None where the supplier has no valid quote."""
    wanted = list(wanted)
    offers = quotes_valid([item for item, _quantity in wanted], day or clock.today())
    found: list[Priced | None] = []
    for item, quantity in wanted:
        own = next((each for each in offers.get(item, []) if each.supplier_id == supplier_id), None)
        found.append(Priced(own, offers[item][0], quantity) if own else None)
    return found


def lines_of_order(case: Case) -> list[OrderLine]:
    return lines_of(OrderLine, case)


def application_of(line: OrderLine) -> Case:
    return Case.get_by_id(line.wanted.case_id)


# ---- receipts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Received:
    """A delivery compared with the order line by line (SUP-09): line -> how many came, how many of them are good, and what is
    wrong with the rest. `after` is how many receipts were known when it was written down."""

    day: date | None
    lines: dict[int, tuple[int, int, str]]
    delivery_note: str = ""
    after: int | None = None

    def why_not(self, act: Any) -> None:
        if self.after is not None and self.after != receipt_count(act.case):
            raise SomebodyWasFirst(_("Somebody else entered a receipt meanwhile. Reload to see it."))
        if self.day is None or self.day > clock.today():
            raise Mistyped(_("Write the day of the receipt, not one to come."), "day")
        if self.day < (placed := placed_on(act.case)):
            raise Mistyped(_("It was ordered on %(placed)s: nothing came on it before that day.", placed=placed), "day")
        if len(self.delivery_note) > 60:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=60), "delivery_note")
        open_lines = {line.id: line for line in act.lines if line.open}
        if not set(open_lines) <= set(self.lines):
            raise Mistyped(_("Check every open line: write 0 where nothing was received."))
        for key, (received, accepted, failure) in self.lines.items():
            self._check(open_lines.get(key), key, received, accepted, failure)
        if not any(received for received, _accepted, _failure in self.lines.values()):
            raise Mistyped(_("Nothing was received: there is nothing to enter."))
        refuse_back_dated([open_lines[key].item_id for key in self.lines], self.day)

    def _check(self, line: OrderLine | None, key: int, received: int, accepted: int, failure: str) -> None:
        if line is None:
            raise Mistyped(_("This line is not open any more. Reload to see it."), f"received-{key}")
        if received < 0 or accepted < 0 or accepted > received:
            raise Mistyped(_("No more can be accepted than was received."), f"accepted-{key}")
        if received > line.open:
            raise Mistyped(
                _("Only %(open)s of it are to be delivered: reduce by %(n)s.", open=line.open, n=received - line.open),
                f"received-{key}",
            )
        if accepted < received and not failure:
            raise Mistyped(_("Say why it failed."), f"failure-{key}")
        if len(failure) > 200:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=200), f"failure-{key}")


def placed_on(order: Case) -> date:
    """The day on which the order was placed; what was bought before is not received or billed on it (SUP-04)."""
    return clock.local(Order.get_by_id(order.id).placed_at).date()


def receipt_count(case: Case) -> int:
    (count,) = db.row("SELECT COUNT(*) FROM receipts WHERE case_id = ?", case.id)  # type: ignore[misc]
    return int(count)


def receipts_of(case: Case) -> list[tuple[Receipt, list[ReceiptLine]]]:
    """The deliveries on the order, the first first."""
    found = Receipt.where("case_id = ? ORDER BY n", case.id)
    by_receipt: dict[int, list[ReceiptLine]] = {each.id: [] for each in found}
    if found:
        marks = db.marks(by_receipt)
        for line in ReceiptLine.where(f"receipt_id IN ({marks}) ORDER BY id", *by_receipt):
            by_receipt[line.receipt_id].append(line)
    return [(each, by_receipt[each.id]) for each in found]


@dataclass(frozen=True)
class NewDay:
    """The day by which the supplier now promises to deliver, and why it is another."""

    day: date | None

    def why_not(self, act: Any) -> None:
        if self.day is None or self.day < clock.today():
            raise Mistyped(_("Choose today or a later day."), "day")
        if self.day == act.paper.deliver_by:
            raise Mistyped(_("That is the day of delivery already."), "day")


@dataclass(frozen=True)
class Sent:
    """How the supplier was told (SUP-06)."""

    way: str

    def why_not(self, act: Any) -> None:
        if self.way not in WAYS:
            raise Mistyped(_("Choose how the supplier was told."), "way")
