"""What people type into an order, and when it is sent, put off or received."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import g

from portal import clock
from portal.cases import Case
from portal.contents import Content
from portal.fields import Choice, Day, LineForm, Lines, LongText, PaperForm, Text, Whole, read_day
from portal.kinds import StepForm
from portal.purchasing.models import MOST_QUANTITY, WAYS, OrderLine, PurchaseLine
from portal.purchasing.models_orders import NewDay, Ordered, Received, Sent, order_content
from portal.purchasing.models_purchases import to_order
from portal.refused import Mistyped
from portal.supplies.models import Supplier
from portal.supplies.models_catalogue import entries
from portal.typed import Typed
from portal.words import Words, _


def open_lines() -> list[tuple[int, Words]]:
    """The lines that may be ordered, asked once a request."""
    if "purchasing_to_order" not in g:
        found = to_order()
        known = entries({each.item_id for each in found})
        g.purchasing_to_order = [
            (
                each.line_id,
                _(
                    "%(item)s: %(n)s %(unit)s for %(department)s, %(number)s",
                    item=known[each.item_id].called, n=each.quantity, unit=known[each.item_id].unit, department=each.department,
                    number=each.number,
                ),
            )
            for each in found
        ]  # fmt: skip
    return g.purchasing_to_order


class OrderLineForm(LineForm):
    wanted = Choice(_("Approved line"), open_lines, coerce=int)
    quantity = Whole(_("Units to order"), least=1, most=MOST_QUANTITY)
    reason = Text(_("Why not the cheapest"), most=200, needed=False)


class OrderForm(PaperForm):
    title = Text(_("Title"), most=120, needed=False, description=_("Left empty it names the supplier."))
    supplier = Choice(
        _("Supplier"), lambda: [(each.id, each.name) for each in Supplier.where("active ORDER BY name")], coerce=int
    )
    deliver_by = Day(_("To be delivered by"))
    note = LongText(_("Note to the supplier"), most=500, rows=2)
    lines = Lines(_("Lines"), OrderLineForm, most=200)

    def content(self, person: Any) -> Content:
        typed = self.lines.filled()
        keys = [line.wanted.data or 0 for line in typed] or [0]
        wanted = {each.id: each for each in PurchaseLine.select().where(PurchaseLine.id.in_(keys))}
        supplier = Supplier.get_or_none(Supplier.id == self.supplier.data)
        if supplier is None:
            raise Mistyped(_("Choose a supplier that is in use."), "supplier")
        if any(line.wanted.data not in wanted for line in typed):
            raise Mistyped(_("Choose what was approved in every line."), "lines")
        ordered = [Ordered(wanted[line.wanted.data], line.quantity.data or 0, line.reason.data or "") for line in typed]
        title = self.title.data or supplier.name
        return order_content(title, supplier, ordered, self.deliver_by.data, self.note.data or "", person.department)

    def fill(self, case: Case, paper: Any, lines: list[Any]) -> None:
        self.title.data, self.supplier.data, self.note.data = case.title, paper.supplier_id, paper.note
        self.deliver_by.data = paper.deliver_by if paper.deliver_by and paper.deliver_by >= clock.today() else None
        self.lines.put({"wanted": line.wanted_id, "quantity": line.quantity, "reason": line.reason} for line in lines)


class SentForm(StepForm):
    """How the supplier was told (SUP-06)."""

    way = Choice(_("How the supplier was told"), list(WAYS.items()), default="email")

    def given(self) -> Sent:
        return Sent(self.way.data or "")


class NewDayForm(StepForm):
    """The day the supplier now promises."""

    day = Day(_("Now to be delivered by"))

    def given(self) -> NewDay:
        return NewDay(self.day.data)


def received_as_typed(typed: Typed, lines: Iterable[OrderLine]) -> Received:
    """What came of each line that is open: how many, how many of them failed, and what was wrong with those."""
    given: dict[int, tuple[int, int, str]] = {}
    for line in lines:
        received = typed.number(f"received-{line.id}", most=10**6)
        failed = typed.number(f"failed-{line.id}", most=10**6) or 0
        if received is None:
            typed.wrong.setdefault(f"received-{line.id}", _("Write how many were received: 0 where nothing was."))
            continue
        if failed > received:
            typed.wrong.setdefault(f"failed-{line.id}", _("No more can fail than was received."))
            continue
        given[line.id] = (received, received - failed, typed.text(f"failure-{line.id}"))
    day = read_day(typed.text("day"))
    return Received(day, given, typed.text("delivery_note"), typed.number("after", most=10**6))
