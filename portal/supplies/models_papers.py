"""What is typed into the catalogue, into goods in and into limits, as rules and forms hand it on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from portal import db
from portal.cases import Case
from portal.contents import Content
from portal.persons import Department
from portal.stock.models import Item, ItemCategory
from portal.supplies.models import Supplier
from portal.supplies.models_catalogue import limits_in, month_after, this_month
from portal.words import Name

MOST_OF_A_PACK = 100_000
MOST_LEVEL = 1_000_000
MOST_QUANTITY = 1_000_000
MOST_LIMIT = 1_000_000
MONTHS_AHEAD = 12


@dataclass(frozen=True)
class Described:
    """Everything the catalogue says of an item."""

    name: str
    category: ItemCategory | int
    specification: str
    unit: str
    place: str
    name_en: str = ""
    purchase_unit: str = ""  # empty: bought as it is counted
    per_purchase: int = 1
    reorder_level: int | None = None
    active: bool = True

    def of_the_shelf(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("name", "name_en", "category", "unit", "place")}

    def of_buying(self) -> dict[str, Any]:
        return {
            "specification": self.specification,
            "purchase_unit": self.purchase_unit or self.unit,
            "per_purchase": self.per_purchase,
            "reorder_level": self.reorder_level,
        }


def goods_content(
    title: str,
    source: str,
    received_on: date | None,
    lines: Iterable[tuple[Item, int, str]],
    supplier: Supplier | None = None,
    delivery_note: str = "",
) -> Content:
    """What came: each line an item, how many in its own unit, and a note."""
    detail = {"source": source, "supplier": supplier, "delivery_note": delivery_note, "received_on": received_on}
    return Content(title, detail, [{"item": item, "quantity": quantity, "note": note} for item, quantity, note in lines])


@dataclass(frozen=True)
class Wanted:
    """What a department shall be allowed of an item in each month; None takes the limit away."""

    department: Department
    item: Item
    quantity: int | None


def limits_content(title: str, since: int, wanted: Iterable[Wanted], department: Department | None = None) -> Content:
    """The contents of a paper; the limits that hold now are read, not typed."""
    wanted = list(wanted)
    now = limits_in({each.department.id for each in wanted}, {each.item.id for each in wanted}, since)
    lines = [
        {
            "department": each.department,
            "item": each.item,
            "old": now.get((each.department.id, each.item.id)),
            "new": each.quantity,
        }
        for each in wanted
    ]
    return Content(title, {"since": since}, lines, department=department)


class NamedLimit(NamedTuple):
    """A line of a limits paper with the names it needs."""

    old: int | None
    new: int | None
    department: Name
    called: Name
    code: str
    unit: str


_NAMED = """
SELECT l.old, l.new, d.name, d.name_en, i.name, i.name_en, i.code, i.unit
FROM limit_lines l JOIN departments d ON d.id = l.department_id JOIN items i ON i.id = l.item_id
WHERE l.case_id = ? AND l.version = ? ORDER BY l.n
"""


def lines_named(case: Case) -> list[NamedLimit]:
    found = db.rows(_NAMED, case.id, case.version)
    return [
        NamedLimit(old, new, Name(of, of_en), Name(name, name_en), code, unit)
        for old, new, of, of_en, name, name_en, code, unit in found
    ]


def months_to_choose() -> list[int]:
    """Limits begin this month or in one of the next."""
    return [month_after(this_month(), ahead) for ahead in range(MONTHS_AHEAD + 1)]
