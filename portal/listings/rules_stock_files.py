"""How many there are, brought as a table of SKU and quantity: looked at first, then booked as one note."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from portal import db
from portal.imports import Row, RowError, each
from portal.listings.models import Product
from portal.stock.models import levels
from portal.words import Words, _

STOCK_COLUMNS: dict[str, Words] = {"code": _("SKU"), "quantity": _("Quantity")}
STOCK_FOREIGN = {
    "Variant SKU": "code", "sku": "code", "产品编码": "code", "商品编码": "code", "货号": "code",
    "Variant Inventory Qty": "quantity", "Stock": "quantity", "Available": "quantity", "On hand": "quantity",
    "库存": "quantity", "库存量": "quantity", "数量": "quantity",
}  # fmt: skip


@dataclass(frozen=True)
class Stocked:
    """A row of a stock file: how many there are now, and how many there will be."""

    row: int
    code: str
    product: Product
    before: int
    after: int


def preview_stock(rows: Iterable[Row]) -> tuple[list[Stocked], int, list[RowError]]:
    """What differs, how many rows are as the books say, and the errors."""
    products = {
        code.upper(): key for code, key in db.rows("SELECT i.code, p.id FROM products p JOIN items i ON i.id = p.item_id")
    }
    found = {each.id: each for each in Product.select()}
    there = levels(each.item_id for each in found.values())
    named: set[str] = set()

    def read(row: Row) -> Stocked:
        code, typed = row.text("code"), row.text("quantity")
        key = products.get(code.upper())
        if key is None:
            raise RowError(row.number, "code", _("There is no product with this SKU."))
        if code.upper() in named:
            raise RowError(row.number, "code", _("This SKU stood in a row before."))
        named.add(code.upper())
        if not re.fullmatch(r"[0-9]{1,8}", typed, re.ASCII) or int(typed) > 10_000_000:
            raise RowError(
                row.number, "quantity", _("Write a whole number from %(least)s to %(most)s.", least=0, most=10_000_000)
            )
        return Stocked(row.number, code, found[key], there[found[key].item_id].on_hand, int(typed))

    taken, errors = each(rows, read)
    differing = [one for one in taken if one.before != one.after]
    return differing, len(taken) - len(differing), errors
