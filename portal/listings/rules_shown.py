"""What the shop shows changes here only: products go up and come off, by an approved paper or because none is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from portal import checks, clock, db, history
from portal.cases import Case
from portal.listings.models import OFF, Product
from portal.persons import Person
from portal.stock.rules import WHEN_STOCK_GOES

_UP = """
UPDATE products SET up_at = ?, shown_version = ?, off_kind = '', off_reason = '', off_at = NULL
WHERE id = ? AND NOT is_archived AND up_at IS NULL RETURNING id
"""
_SHOW = "UPDATE products SET shown_version = ? WHERE id = ? AND up_at IS NOT NULL RETURNING id"
_OFF = (
    "UPDATE products SET up_at = NULL, off_kind = ?, off_reason = ?, off_at = ? WHERE id = ? AND up_at IS NOT NULL RETURNING id"
)


def put_up(product_id: int, version: int, at: datetime, by: Person | None, case: Case) -> bool:
    """Stands on the shelf from that moment on, with that version of its contents; the case has the approval. Answers whether it
    was not up already."""
    return _moved(_UP, "put_up", by, case, {"from": at, "version": version}, db.to_ms(at), version, product_id)


def show(product_id: int, version: int, by: Person | None, case: Case) -> bool:
    """Shows another version of the contents of what stands on the shelf."""
    return _moved(_SHOW, "show", by, case, {"version": version}, version, product_id)


def take_off(product_id: int, kind: str, reason: str, by: Person | None, case: Case | None = None) -> bool:
    """Comes off the shelf now. Answers whether it stood there."""
    assert OFF[kind]
    return _moved(_OFF, "take_off", by, case, {"kind": kind, "reason": reason}, kind, reason, db.to_ms(clock.now()), product_id)


def _moved(sql: str, action: str, by: Person | None, case: Case | None, told: dict[str, object], *values: object) -> bool:
    found = db.row(sql, *values)
    if found is None:
        return False
    product = Product.get_by_id(found[0])
    paper = {"case": case.id, "number": case.number} if case else {}
    history.record(product, action, by, data=told | paper)
    return True


_SOLD_OUT = """
SELECT p.id FROM products p JOIN items i ON i.id = p.item_id JOIN accounts a ON a.id = i.account_id
WHERE p.up_at IS NOT NULL AND a.put - a.taken <= 0 AND i.id IN (%s) ORDER BY p.id
"""


def take_off_sold_out(item_ids: Iterable[int]) -> None:
    """Nothing is left: it comes off at once, as normal, by the portal (SHF-03)."""
    chosen = list(item_ids)
    for (product,) in db.rows(_SOLD_OUT % db.marks(chosen), *chosen):
        take_off(product, "normal", "", None)


WHEN_STOCK_GOES.append(take_off_sold_out)


@checks.register
def verify() -> Iterator[str]:
    """A sentence for whatever the shop would show without stock, without a price, or in a version that does not exist."""
    wrong = """
    SELECT i.code FROM products p JOIN items i ON i.id = p.item_id JOIN accounts a ON a.id = i.account_id
    WHERE p.up_at IS NOT NULL AND (a.put - a.taken <= 0 OR NOT EXISTS (SELECT 1 FROM prices r WHERE r.product_id = p.id)
        OR NOT EXISTS (SELECT 1 FROM product_contents c WHERE c.product_id = p.id AND c.n = p.shown_version))
    """
    for (code,) in db.rows(wrong):
        yield f"product {code} stands on the shelf without stock, price or contents"
