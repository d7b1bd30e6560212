"""What people type into an application to buy."""

from __future__ import annotations

from typing import Any

from flask import g

from portal import clock
from portal.budget.models import BudgetLine
from portal.cases import Case
from portal.contents import Content
from portal.fields import Amount, Choice, Day, Either, LineForm, Lines, LongText, PaperForm, Text, Whole
from portal.money import Money, total
from portal.persons import Department, Person
from portal.purchasing.models import CAUSES, MOST_QUANTITY
from portal.purchasing.models_purchases import Wanted, lines_open_to, purchase_content, stands_in_for
from portal.purchasing.models_quotes import quotes_valid
from portal.refused import Mistyped
from portal.stock.models import Item
from portal.supplies.models_catalogue import MEASURES, Entry, catalogue, with_unit
from portal.words import Words, _


def known() -> dict[int, Entry]:
    """The items in use, asked once a request, however many rows choose from them."""
    if "purchasing_items" not in g:
        g.purchasing_items = {entry.id: entry for entry in catalogue()}
    return g.purchasing_items


def items_in_use() -> list[tuple[int, Words]]:
    return [(each.id, with_unit(each)) for each in known().values()]


class PurchaseLineForm(LineForm):
    item = Choice(_("Item"), items_in_use, coerce=int)
    quantity = Whole(_("Quantity"), least=1, most=MOST_QUANTITY)
    measure = Choice(_("Counted in"), list(MEASURES.items()), default="unit")
    estimate = Amount(_("Estimated cost"), needed=False)
    note = Text(_("Note"), most=200, needed=False)

    def is_blank(self) -> bool:
        return not (self.item.data or self.quantity.typed or self.estimate.data or self.note.data)

    def units(self) -> int:
        """How many in the item's own unit."""
        entry = known().get(self.item.data)
        times = entry.per_purchase if entry and self.measure.data == "pack" else 1
        return (self.quantity.data or 0) * times


class PurchaseForm(PaperForm):
    """The department is that of who writes it; `keeper` is the custodian in whose stead the head asks."""

    live = "/purchasing/live"
    title = Text(_("Title"), most=120, needed=False, description=_("Left empty it names the items."))
    cause = Either(_("Why"), list(CAUSES.items()), default="low_stock")
    reason = LongText(_("The special need"), rows=2, description=_("What it is for, where the stock is not low."))
    line = Choice(_("Budget line"), coerce=int, description=_("Once approved, the estimate is held on it."))
    needed_by = Day(_("Needed by"), needed=False)
    away = Text(_("Why the custodian does not file it"), most=200, needed=False)
    lines = Lines(_("Lines"), PurchaseLineForm, most=200)
    is_draft = False
    department: Department
    keeper: Person | None = None

    def prepare(self, person: Any) -> None:
        self.department = person.department
        self.keeper = stands_in_for(person, self.department)
        self.line.choices = [
            (each.id, _("%(category)s %(year)s: %(left)s left", category=each.category, year=str(each.year), left=each.left))
            for each in lines_open_to(self.department.id)
        ]
        if len(self.line.choices) == 1 and self.line.raw_data is None:
            self.line.data = self.line.choices[0][0]

    def chosen_line_id(self) -> int | None:
        return self.line.data if self.line.data in {value for value, _label in self.line.choices} else None

    def amount(self) -> Money:
        """What the lines come to as far as they can be read; at the cheapest quote where no estimate is typed."""
        filled = [each for each in self.lines.filled() if each.item.data]
        offers = quotes_valid([each.item.data for each in filled if not each.estimate.data])
        return total(self._estimate(each, offers) for each in filled)

    def _estimate(self, typed: Any, offers: dict[int, list[Any]]) -> Money:
        if typed.estimate.data:
            return Money(typed.estimate.data)
        offer = next(iter(offers.get(typed.item.data, [])), None)
        return offer.cost_of(typed.units()) if offer else Money(0)

    def content(self, person: Any) -> Content:
        typed = self.lines.filled()
        items = {each.id: each for each in Item.select().where(Item.id.in_([line.item.data or 0 for line in typed] or [0]))}
        if any(line.item.data not in items for line in typed):
            raise Mistyped(_("Choose an item in every line."), "lines")
        offers = quotes_valid(items)
        wanted = [
            Wanted(items[line.item.data], line.units(), self._estimate(line, offers), line.note.data or "") for line in typed
        ]
        is_special = self.cause.data == "special_need"
        detail = {
            "cause": self.cause.data,
            "reason": (is_special and self.reason.data) or "",
            "line": BudgetLine.get_or_none(BudgetLine.id == self.chosen_line_id()),
            "needed_by": self.needed_by.data,
            "in_place_of": self.keeper if self.keeper and self.away.data else None,
            "away": (self.keeper and self.away.data) or "",
        }
        return purchase_content(self.department, detail, wanted, self.title.data or "")

    def validate(self, extra_validators: Any = None) -> bool:
        is_right = super().validate(extra_validators)
        if self.needed_by.data and self.needed_by.data < clock.today():
            self.say(_("That day is past."), "needed_by")
            return False
        if not self.is_draft and self.cause.data == "special_need" and not self.reason.data:
            self.say(_("Say what the special need is."), "reason")
            return False
        return is_right

    def allow_gaps(self) -> None:
        super().allow_gaps()
        self.is_draft = True

    def fill(self, case: Case, paper: Any, lines: list[Any]) -> None:
        self.title.data, self.cause.data, self.reason.data = case.title, paper.cause, paper.reason
        self.line.data = paper.line_id if paper.line_id in {value for value, _label in self.line.choices} else None
        self.needed_by.data = paper.needed_by if paper.needed_by and paper.needed_by >= clock.today() else None
        self.away.data = paper.away
        self.lines.put(_as_typed(line) for line in lines)


def _as_typed(line: Any) -> dict[str, Any]:
    return {
        "item": line.item_id, "quantity": line.quantity, "measure": "unit", "estimate": line.estimate or None, "note": line.note,
    }  # fmt: skip
