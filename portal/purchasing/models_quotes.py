"""Quotes as they are compared: what of an item is offered by whom on a day, the cheapest per unit first (SUP-08)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from portal import clock, db
from portal.money import Money


@dataclass(frozen=True)
class Offer:
    """A quote that is valid. `price` is that of a pack of `per_pack` units."""

    id: int
    supplier_id: int
    supplier: str
    item_id: int
    price: Money
    pack: str
    per_pack: int
    valid_from: date
    valid_until: date
    delivery_days: int | None

    @property
    def per_unit(self) -> str:
        return per_unit(self.price, self.per_pack)

    def is_cheaper_than(self, other: Offer) -> bool:
        """Per unit, to the fraction of a fen."""
        return int(self.price) * other.per_pack < int(other.price) * self.per_pack

    def cost_of(self, quantity: int) -> Money:
        """What so many units cost by it, rounded to whole fen once."""
        return Money((int(self.price) * quantity + self.per_pack // 2) // self.per_pack)


_VALID = """
SELECT q.id, q.supplier_id, s.name, q.item_id, q.price, q.pack, q.per_pack, q.valid_from, q.valid_until, q.delivery_days
FROM quotes q JOIN suppliers s ON s.id = q.supplier_id
WHERE q.withdrawn_at IS NULL AND s.active AND q.valid_from <= ? AND q.valid_until >= ?
"""


def quotes_valid(item_ids: Iterable[int], day: date | None = None, supplier_id: int | None = None) -> dict[int, list[Offer]]:
    """What is offered of each item that day (today), the cheapest per unit first, the one entered later first where they cost the
    same; of each supplier its cheapest only. Every item is there, also where nobody offers it."""
    items = list(dict.fromkeys(item_ids))
    found: dict[int, list[Offer]] = {item: [] for item in items}
    if not items:
        return found
    of = as_stored(day or clock.today())
    sql, values = f"{_VALID} AND q.item_id IN ({db.marks(items)})", [of, of, *items]
    if supplier_id is not None:
        sql, values = f"{sql} AND q.supplier_id = ?", [*values, supplier_id]
    seen: set[tuple[int, int]] = set()
    for offer in sorted((_offer(row) for row in db.rows(sql, *values)), key=lambda each: (_exactly(each), -each.id)):
        if (offer.item_id, offer.supplier_id) not in seen:
            seen.add((offer.item_id, offer.supplier_id))
            found[offer.item_id].append(offer)
    return found


def cheapest_of(item_id: int, day: date | None = None) -> Offer | None:
    """The lowest price per unit that day (SUP-08)."""
    return next(iter(quotes_valid([item_id], day)[item_id]), None)


def per_unit(price: int, per_pack: int) -> str:
    """What one unit costs, with two to four decimals: ¥0.4167."""
    whole, rest = divmod((int(price) * 200 + per_pack) // (2 * per_pack), 10_000)  # ten-thousandths of a yuan, halves up
    decimals = f"{rest:04d}"
    return f"¥{whole:,}.{decimals[:2]}{decimals[2:].rstrip('0')}"


def _exactly(offer: Offer) -> Fraction:
    return Fraction(int(offer.price), offer.per_pack)


def _offer(row: tuple[Any, ...]) -> Offer:
    key, supplier_id, supplier, item_id, price, pack, per_pack, starts, ends, delivery_days = row
    days = as_day(starts), as_day(ends)
    return Offer(key, supplier_id, supplier, item_id, Money(price), pack, per_pack, *days, delivery_days)


def as_stored(day: date) -> Any:
    """A day as hand-written SQL compares it on either database."""
    return day if db.is_postgres() else day.isoformat()


def as_day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
