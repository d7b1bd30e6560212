"""What the warehouse took in and gave out, as papers and pages know it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from portal import db
from portal.contents import Content
from portal.listings.models import Product
from portal.words import Name, Words, _

PAGE = 50
WAYS: dict[str, Words] = {"in": _("Goods coming in"), "out": _("Goods going out"), "file": _("Stock file")}


def note_content(
    title: str, way: str, moved_on: date, lines: Iterable[tuple[Product, int]], reason: str = "", slip: str = ""
) -> Content:
    detail = {"way": way, "moved_on": moved_on, "reason": reason, "slip": slip}
    return Content(title, detail, [{"product": product, "quantity": quantity} for product, quantity in lines])


class Moved(NamedTuple):
    """A line of a note as it is shown. `on_hand`: now; `before` and `after`: when it was booked."""

    product: int
    item: int
    code: str
    name: Name
    unit: str
    quantity: int
    before: int | None
    after: int | None
    on_hand: int


_LINES = """
SELECT l.product_id, i.id, i.code, i.name, i.name_en, i.unit, l.quantity, l.before, l.after, a.put - a.taken
FROM goods_note_lines l JOIN products p ON p.id = l.product_id JOIN items i ON i.id = p.item_id
JOIN accounts a ON a.id = i.account_id WHERE l.case_id = ? AND l.version = ? AND l.n > ? ORDER BY l.n LIMIT ?
"""


def lines_moved(case_id: int, version: int, after: int = 0, limit: int = PAGE) -> list[Moved]:
    found: list[tuple[Any, ...]] = db.rows(_LINES, case_id, version, after, limit)
    return [
        Moved(product, item, code, Name(name, name_en), unit, quantity, before, then, on_hand)
        for product, item, code, name, name_en, unit, quantity, before, then, on_hand in found
    ]
