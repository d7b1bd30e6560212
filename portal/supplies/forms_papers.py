"""What people type into the papers of the store: goods that came in, and limits."""

from __future__ import annotations

from typing import Any

from flask import g

from portal import clock
from portal.contents import Content
from portal.fields import Choice, Day, LineForm, Lines, PaperForm, Text, Whole
from portal.persons import Department
from portal.refused import Mistyped
from portal.stock.models import Item
from portal.supplies.models import DELIVERY, SOURCES, Supplier
from portal.supplies.models_catalogue import MEASURES, Entry, catalogue, first_of, this_month, with_unit
from portal.supplies.models_papers import MOST_LIMIT, MOST_QUANTITY, Wanted, goods_content, limits_content, months_to_choose
from portal.words import Words, _


def entries() -> dict[int, Entry]:
    """The items in use, asked once a request, however many rows choose from them."""
    if "supplies_entries" not in g:
        g.supplies_entries = {entry.id: entry for entry in catalogue()}
    return g.supplies_entries


def items_to_choose() -> list[tuple[int, Words]]:
    if "supplies_items" not in g:
        g.supplies_items = [(each.id, with_unit(each)) for each in entries().values()]
    return g.supplies_items


def departments() -> list[tuple[int, Any]]:
    if "supplies_departments" not in g:
        found = Department.select().where(Department.active, Department.kind == "department").order_by(Department.id)
        g.supplies_departments = [(each.id, each.called) for each in found]
    return g.supplies_departments


# ---- goods in -------------------------------------------------------------------------------------------------------


class GoodsLineForm(LineForm):
    item = Choice(_("Item"), items_to_choose, coerce=int)
    quantity = Whole(_("Quantity"), least=1, most=MOST_QUANTITY)
    measure = Choice(_("Counted in"), list(MEASURES.items()), default="unit")
    note = Text(_("Note"), most=200, needed=False)

    def is_blank(self) -> bool:
        return not (self.item.data or self.quantity.typed or self.note.data)

    def units(self) -> int:
        """How many in the item's own unit."""
        entry = entries().get(self.item.data)
        times = entry.per_purchase if entry and self.measure.data == "pack" else 1
        return (self.quantity.data or 0) * times


class GoodsInForm(PaperForm):
    source = Choice(_("Where it comes from"), [each for each in SOURCES.items() if each[0] != DELIVERY])
    supplier = Choice(
        _("Supplier"), lambda: [(each.id, each.name) for each in Supplier.where("active ORDER BY name")], needed=False, coerce=int
    )
    delivery_note = Text(_("Delivery note"), most=60, needed=False)
    received_on = Day(_("Received on"), default=clock.today)
    lines = Lines(_("Lines"), GoodsLineForm, most=500)

    def content(self, person: Any) -> Content:
        typed = self.lines.filled()
        items = {item.id: item for item in Item.select().where(Item.id.in_([entry.item.data or 0 for entry in typed] or [0]))}
        if any(entry.item.data not in items for entry in typed):
            raise Mistyped(_("Choose an item in every line."), "lines")
        return goods_content(
            self.title.data or "",
            self.source.data or "",
            self.received_on.data,
            [(items[entry.item.data], entry.units(), entry.note.data or "") for entry in typed],
            Supplier.get_or_none(Supplier.id == self.supplier.data) if self.supplier.data else None,
            self.delivery_note.data or "",
        )

    def allow_gaps(self) -> None:
        """A draft of what came in is whole or not at all."""

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        self.title.data, self.source.data, self.received_on.data = case.title, paper.source, paper.received_on
        self.supplier.data, self.delivery_note.data = paper.supplier_id, paper.delivery_note
        self.lines.put({"item": line.item_id, "quantity": line.quantity, "measure": "unit", "note": line.note} for line in lines)


# ---- limits ---------------------------------------------------------------------------------------------------------


class LimitLineForm(LineForm):
    department = Choice(_("Department"), departments, coerce=int)
    item = Choice(_("Item"), items_to_choose, coerce=int)
    new = Whole(_("Limit a month"), least=0, most=MOST_LIMIT, needed=False)


class LimitsForm(PaperForm):
    since = Choice(_("From month"), lambda: [(each, f"{first_of(each):%Y-%m}") for each in months_to_choose()], coerce=int)
    lines = Lines(_("Lines"), LimitLineForm, most=500)

    def prepare(self, person: Any) -> None:
        if not self.is_submitted() and not self.since.data:
            self.since.data = this_month()

    def content(self, person: Any) -> Content:
        return limits_content(self.title.data or "", self.since.data, list(self._wanted()), person.department)

    def _wanted(self) -> Any:
        typed = self.lines.filled()
        items = {each.id: each for each in Item.select().where(Item.id.in_([line.item.data or 0 for line in typed] or [0]))}
        found = {each.id: each for each in Department.select().where(Department.active)}
        for line in typed:
            if line.item.data not in items or line.department.data not in found:
                raise Mistyped(_("Choose a department and an item in every line."), "lines")
            yield Wanted(found[line.department.data], items[line.item.data], line.new.data)

    def allow_gaps(self) -> None:
        """A draft of limits is whole or not at all."""

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        self.title.data = case.title
        self.since.data = paper.since if paper.since in months_to_choose() else this_month()
        self.lines.put({"department": line.department_id, "item": line.item_id, "new": line.new} for line in lines)
