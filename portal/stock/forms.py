"""What people type to start a count."""

from __future__ import annotations

from typing import Any

from portal import clock, languages
from portal.contents import Content
from portal.fields import Choice, PaperForm
from portal.persons import Person
from portal.stock.models import KINDS, ItemCategory
from portal.stock.models_counts import count_content
from portal.stock.models_lists import categories, places
from portal.words import _


def people() -> list[tuple[int, Any]]:
    found = Person.select(Person.id, Person.name, Person.name_en).where(Person.active).order_by(Person.name)
    return [(each.id, each.called) for each in found]


class CountForm(PaperForm):
    kind = Choice(_("What is counted"), lambda: list(KINDS.items()))
    category = Choice(_("Category"), categories, needed=False, coerce=int, empty=_("All categories"))
    place = Choice(_("Place"), lambda: [(place, place) for place in places()], needed=False, empty=_("All places"))
    counter = Choice(_("Counter"), people, coerce=int)

    def prepare(self, person: Any) -> None:
        """The form opens with what is usual."""
        self.counter.description = _("Counts without seeing the books. Somebody else verifies.")
        if not self.is_submitted():
            self.kind.data = self.kind.data or next(iter(KINDS))
            self.title.data = self.title.data or languages.here(_("Stock count of %(day)s", day=clock.today()))

    def allow_gaps(self) -> None:
        """A draft of a count is whole or not at all."""

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        super().fill(case, paper, lines)
        self.counter.data = case.preparer_id

    def content(self, person: Any) -> Content:
        category = ItemCategory.get_by_id(self.category.data) if self.category.data else None
        counter = Person.get_by_id(self.counter.data)
        return count_content(self.title.data or "", counter, self.kind.data, category, self.place.data or "")
