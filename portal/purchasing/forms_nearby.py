"""What people type into a purchase nearby, and once it is bought."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal import clock
from portal.budget.models import BudgetLine
from portal.cases import Case, lines_of
from portal.contents import Content
from portal.expenses.models import lines_open_to
from portal.fields import Amount, Choice, Day, LineForm, Lines, LongText, PaperForm, Text, Whole
from portal.kinds import StepForm
from portal.money import Money, total
from portal.persons import Person
from portal.purchasing.forms_purchases import items_in_use
from portal.purchasing.models import NearbyLine, NearbyPurchase
from portal.purchasing.models_nearby import MOST_LINES, MOST_QUANTITY, Bought, Wanted, gap, nearby_content
from portal.stock.models import Item
from portal.supplies.models_catalogue import custodian_replaced_by, entries, stand_in_told
from portal.words import _

SAY_WHAT = _("Choose an item, or say in words what it is.")


class NearbyLineForm(LineForm):
    item = Choice(_("Item"), items_in_use, needed=False, coerce=int, empty=_("Not in the catalogue"))
    text = Text(_("In words"), most=200, needed=False)
    quantity = Whole(_("Quantity"), least=1, most=MOST_QUANTITY)
    estimate = Amount(_("Estimated cost"))

    def validate(self, extra_validators: Any = None) -> bool:
        is_right = super().validate(extra_validators)
        if self.item.data or self.text.data:
            return is_right
        self.text.errors = [*self.text.errors, SAY_WHAT]
        return False


class NearbyForm(PaperForm):
    is_draft = False
    reason = LongText(_("Why it must be bought nearby"), needed=True)
    line = Choice(_("Budget line"), coerce=int)
    expected_date = Day(_("Expected date"), description=_("The day on which it will be bought: approval comes first"))
    away = Text(_("Why the custodian is away"), most=200, needed=False)
    lines = Lines(_("What is to be bought"), NearbyLineForm, most=MOST_LINES)
    keeper: Person | None = None  # the custodian in whose stead it is written

    def prepare(self, person: Person) -> None:
        self.keeper = custodian_replaced_by(person, person.department)
        self.line.choices = [
            (each.id, _("%(category)s %(year)s: %(left)s left", category=each.category, year=str(each.year), left=each.left))
            for each in lines_open_to(person)
        ]
        if len(self.line.choices) == 1 and self.line.raw_data is None:
            self.line.data = self.line.choices[0][0]

    def chosen_line_id(self) -> int | None:
        """The line chosen, if it is one of those offered."""
        return self.line.data if self.line.data in {value for value, _label in self.line.choices} else None

    def amount(self) -> Money:
        """What the lines come to as far as they can be read."""
        return total(entry.estimate.data for entry in self.lines.filled() if entry.estimate.data)

    def content(self, person: Person) -> Content:
        typed = self.lines.filled()
        items = {each.id: each for each in Item.select().where(Item.id.in_([entry.item.data or 0 for entry in typed] or [0]))}
        wanted = [
            Wanted(items.get(entry.item.data), entry.text.data or "", entry.quantity.data, entry.estimate.data)
            for entry in typed
        ]  # fmt: skip
        detail = self._detail() | stand_in_told(person, person.department, self.away.data or "")
        return nearby_content(person, self.title.data or "", detail, wanted)

    def _detail(self) -> dict[str, Any]:
        return {
            "reason": self.reason.data or "",
            "line": BudgetLine.get_or_none(BudgetLine.id == self.chosen_line_id()),
            "expected_date": self.expected_date.data,
        }

    def allow_gaps(self) -> None:
        super().allow_gaps()
        self.is_draft = True

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        lacking = None if self.is_draft else gap(self._detail(), self.amount())
        if lacking:
            self.say(*lacking)
        return lacking is None

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        super().fill(case, paper, lines)
        self.lines.put(
            {"item": each.item_id, "text": each.text, "quantity": each.quantity, "estimate": each.estimate} for each in lines
        )
        if self.line.data not in {value for value, _label in self.line.choices}:
            self.line.data = None
        if self.expected_date.data and self.expected_date.data < clock.today() - timedelta(days=1):
            self.expected_date.data = None


class BoughtForm(StepForm):
    """When and where it was bought, and for every line how many and for how much."""

    bought_on = Day(_("Bought on"), default=clock.today)
    shop = Text(_("Bought at"), most=120)

    def __init__(self, formdata: Any = None, case: Any = None, **more: Any) -> None:
        super().__init__(formdata=formdata, case=case, **more)
        self.asked: list[NearbyLine] = lines_of(NearbyLine, case)
        known = entries(line.item_id for line in self.asked if line.item_id)
        for line in self.asked:
            what = known[line.item_id].called if line.item_id else line.text
            how_many = _("%(n)s. %(what)s: how many", n=line.n, what=what)
            for_how_much = _("%(n)s. %(what)s: for how much", n=line.n, what=what)
            most = _("At most %(most)s", most=line.quantity)
            self._ask(f"bought_{line.n}", Whole(how_many, most=line.quantity, needed=False, description=most), formdata)
            about = _("Estimated at %(estimate)s", estimate=line.estimate)
            self._ask(f"spent_{line.n}", Amount(for_how_much, needed=False, least=0, description=about), formdata)

    def _ask(self, name: str, unbound: Any, formdata: Any) -> None:
        field = unbound.bind(form=self, name=name, prefix="", _meta=self.meta)
        field.process(formdata)
        self._fields[name] = field

    def begin(self, case: Case) -> None:
        """As many as were asked for, or what was entered before."""
        paper = NearbyPurchase.find("case_id = ?", case.id)
        if paper and paper.bought_on:
            self.bought_on.data, self.shop.data = paper.bought_on, paper.shop
        for line in self.asked:
            self[f"bought_{line.n}"].data = line.quantity if line.bought is None else line.bought
            self[f"spent_{line.n}"].process_data(line.spent)

    def given(self) -> Bought:
        return Bought(self.bought_on.data, self.shop.data or "", tuple(self._line(line.n) for line in self.asked))

    def _line(self, n: int) -> tuple[int, int, Money]:
        return n, self[f"bought_{n}"].data or 0, Money(self[f"spent_{n}"].data or 0)
