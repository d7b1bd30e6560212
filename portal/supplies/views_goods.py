"""Goods in as pages show them: the paper, and everything that came."""

from __future__ import annotations

from typing import Any

from portal import kinds
from portal.access import any_of, office_manager
from portal.cases import Case, lines_of
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.persons import Person
from portal.supplies.forms_papers import GoodsInForm
from portal.supplies.models import SOURCES, GoodsInLine
from portal.supplies.models_catalogue import entries, in_packs
from portal.supplies.rules_goods import ENTERS, GOODS_IN
from portal.words import _

WORKING_LISTS.append(WorkingList(_("Goods in to confirm"), "goods_in", "submitted", any_of(office_manager), "truck"))


def goods_body(case: Case, person: Person) -> dict[str, Any]:
    """The lines with their items, read at once."""
    lines = lines_of(GoodsInLine, case)
    known = entries(line.item_id for line in lines)
    rows = [(line, known[line.item_id], in_packs(line.quantity, known[line.item_id])) for line in lines]
    return {"rows": rows, "sources": SOURCES}


kinds.register(
    Kind(
        flow=GOODS_IN,
        form=GoodsInForm,
        folder="supplies",
        new=_("New goods in"),
        about=_("What came without an order, such as a gift: stock once the office's manager has confirmed it."),
        may_start=ENTERS,
        extra=goods_body,
        tone="violet",
    )
)
