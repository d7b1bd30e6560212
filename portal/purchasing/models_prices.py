"""What suppliers asked for an item over time, and what was saved or spent beyond the cheapest offer (SUP-08)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from portal import clock, db
from portal.money import Money
from portal.purchasing.models_quotes import as_day, as_stored, per_unit
from portal.words import Name

MOST = 500  # prices of one item that are shown


def cost_of(price: int, per_pack: int, quantity: int) -> Money:
    """What so many units cost, rounded to whole fen once."""
    return Money((int(price) * quantity + per_pack // 2) // per_pack)


# ---- price history --------------------------------------------------------------------------------------------------


class PricedItem(NamedTuple):
    """An item that was quoted or ordered."""

    id: int
    code: str
    called: Name
    unit: str


_ITEMS = """
SELECT i.id, i.code, i.name, i.name_en, i.unit FROM items i
WHERE EXISTS (SELECT 1 FROM quotes q WHERE q.item_id = i.id) OR EXISTS (SELECT 1 FROM order_lines o WHERE o.item_id = i.id)
ORDER BY i.code
"""


def items_priced() -> list[PricedItem]:
    return [PricedItem(key, code, Name(name, name_en), unit) for key, code, name, name_en, unit in db.rows(_ITEMS)]


@dataclass(frozen=True)
class Price:
    """What a supplier asked for a pack of an item on a day: in a quote, or on an order of so many units. `change` is in percent
    of what the supplier asked before, per unit."""

    day: date
    supplier: int
    supplier_called: str
    price: Money
    per_pack: int
    order: int | None = None
    number: str = ""
    quantity: int | None = None
    until: date | None = None
    change: Fraction | None = None

    @property
    def unit_price(self) -> Fraction:
        """In fen."""
        return Fraction(int(self.price), self.per_pack)

    @property
    def per_unit(self) -> str:
        return per_unit(self.price, self.per_pack)


_QUOTED = """
SELECT q.valid_from, s.id, s.name, q.price, q.per_pack, q.valid_until FROM quotes q JOIN suppliers s ON s.id = q.supplier_id
WHERE q.item_id = ? {} ORDER BY q.valid_from DESC, q.id DESC LIMIT ?
"""
_ORDERED = """
SELECT r.placed_at, s.id, s.name, o.price, o.per_pack, k.id, k.number, SUM(o.quantity - o.closed)
FROM order_lines o JOIN cases k ON k.id = o.case_id AND k.version = o.version JOIN orders r ON r.case_id = k.id
JOIN suppliers s ON s.id = r.supplier_id WHERE o.item_id = ? AND r.placed_at IS NOT NULL AND o.quantity > o.closed {}
GROUP BY r.placed_at, s.id, s.name, o.price, o.per_pack, k.id, k.number ORDER BY r.placed_at DESC, k.id DESC LIMIT ?
"""


def prices_of(item_id: int, supplier_id: int | None = None, limit: int = MOST) -> list[Price]:
    """What was asked for an item, by one supplier or by all, the oldest first; so many of the newest. A quote that begins later
    is among them."""
    only, values = ("AND s.id = ?", [item_id, supplier_id]) if supplier_id else ("", [item_id])
    quoted = [
        Price(as_day(day), key, name, Money(price), per_pack, until=as_day(until))
        for day, key, name, price, per_pack, until in db.rows(_QUOTED.format(only), *values, limit)
    ]
    ordered = [
        Price(_day_of(at), key, name, Money(price), per_pack, case, number, int(quantity))
        for at, key, name, price, per_pack, case, number, quantity in db.rows(_ORDERED.format(only), *values, limit)
    ]
    found = sorted([*reversed(quoted), *reversed(ordered)], key=lambda each: (each.day, each.order is not None, each.order or 0))
    return _with_changes(found[-limit:])


def _with_changes(prices: list[Price]) -> list[Price]:
    """Each with how much more or less it is than what the supplier asked before."""
    last: dict[int, Price] = {}
    found = []
    for each in prices:
        before = last.get(each.supplier)
        change = (each.unit_price / before.unit_price - 1) * 100 if before and before.unit_price else None
        found.append(Price(**{**vars(each), "change": change}))
        last[each.supplier] = each
    return found


def lines_of_chart(prices: Iterable[Price], most: int) -> list[tuple[str, list[Price]]]:
    """The prices of each supplier, the oldest first; of the suppliers that asked last, so many."""
    found: dict[str, list[Price]] = {}
    for each in prices:
        found.setdefault(each.supplier_called, []).append(each)
    return sorted(found.items(), key=lambda each: each[1][-1].day, reverse=True)[:most]


def _day_of(ms: int) -> date:
    return clock.local(db.from_ms(ms)).date()


# ---- savings and extra cost -----------------------------------------------------------------------------------------


class Offered(NamedTuple):
    """What somebody offered for a pack."""

    supplier: str
    price: Money
    per_pack: int

    @property
    def unit_price(self) -> Fraction:
        """In fen."""
        return Fraction(int(self.price), self.per_pack)

    @property
    def per_unit(self) -> str:
        return per_unit(self.price, self.per_pack)


@dataclass(frozen=True)
class Bought:
    """A line of an order beside the cheapest offer of that day; `other` is the cheapest one of another supplier, where the
    cheapest was chosen."""

    line: int
    placed_on: date
    order: int
    number: str
    item: int
    code: str
    called: Name
    quantity: int
    amount: Money
    chosen: Offered
    cheapest: Offered
    other: Offered | None
    reason: str

    @property
    def extra(self) -> Money:
        """What it cost beyond the cheapest offer."""
        return max(self.amount - cost_of(self.cheapest.price, self.cheapest.per_pack, self.quantity), Money(0))

    @property
    def saved(self) -> Money:
        """What it would have cost more at the next supplier, where the cheapest was chosen."""
        if self.other is None:
            return Money(0)
        return max(cost_of(self.other.price, self.other.per_pack, self.quantity) - self.amount, Money(0))


_BOUGHT = """
SELECT o.id, r.placed_at, k.id, k.number, i.id, i.code, i.name, i.name_en, o.quantity - o.closed, o.amount, r.supplier_id, s.name,
       o.price, o.per_pack, c.price, c.per_pack, t.name, o.reason
FROM order_lines o JOIN cases k ON k.id = o.case_id AND k.version = o.version JOIN orders r ON r.case_id = k.id
JOIN suppliers s ON s.id = r.supplier_id JOIN items i ON i.id = o.item_id
JOIN quotes c ON c.id = o.cheapest_id JOIN suppliers t ON t.id = c.supplier_id
WHERE r.placed_at >= ? AND r.placed_at < ? AND o.quantity > o.closed {} ORDER BY r.placed_at DESC, o.id
"""
_OFFERS = """
SELECT q.item_id, q.supplier_id, s.name, q.price, q.per_pack, q.valid_from, q.valid_until, q.at, q.withdrawn_at
FROM quotes q JOIN suppliers s ON s.id = q.supplier_id WHERE q.valid_from < ? AND q.valid_until >= ? AND q.item_id IN ({})
"""


class _Quote(NamedTuple):
    """A quote as it stood, whoever has withdrawn it since."""

    supplier: int
    offer: Offered
    valid_from: date
    valid_until: date
    entered: int
    withdrawn: int | None

    def held(self, at: int) -> bool:
        """Whether it could be chosen at that moment."""
        is_there = self.entered <= at and (self.withdrawn is None or self.withdrawn > at)
        return is_there and self.valid_from <= _day_of(at) <= self.valid_until


def bought(starts: date, ends: date, supplier_id: int | None = None) -> list[Bought]:
    """What was ordered from the first of these days until before the other, of one supplier or of all, the newest first."""
    only, more = (" AND r.supplier_id = ?", [supplier_id]) if supplier_id else ("", [])
    first, last = (db.to_ms(clock.start_of(day)) for day in (starts, ends))
    rows = db.rows(_BOUGHT.format(only), first, last, *more)
    offers = _offers({row[4] for row in rows}, starts, ends)
    return [_bought(row, offers.get(row[4], [])) for row in rows]


def _offers(items: set[int], starts: date, ends: date) -> dict[int, list[_Quote]]:
    found: dict[int, list[_Quote]] = {}
    if items:
        rows = db.rows(_OFFERS.format(db.marks(items)), as_stored(ends), as_stored(starts), *items)
        for item, supplier, name, price, per_pack, valid_from, valid_until, at, withdrawn in rows:
            offer = Offered(name, Money(price), per_pack)
            quote = _Quote(supplier, offer, as_day(valid_from), as_day(valid_until), at, withdrawn)
            found.setdefault(item, []).append(quote)
    return found


def _bought(row: tuple[Any, ...], quotes: list[_Quote]) -> Bought:
    line, at, case, number, item, code, name, name_en, quantity, amount, supplier, supplier_called, *rest = row
    price, per_pack, cheapest_price, cheapest_pack, cheapest_called, reason = rest
    chosen, cheapest = (
        Offered(supplier_called, Money(price), per_pack),
        Offered(cheapest_called, Money(cheapest_price), cheapest_pack),
    )
    is_dearer = cheapest.unit_price < chosen.unit_price
    others = [] if is_dearer else [each.offer for each in quotes if each.supplier != supplier and each.held(at)]
    return Bought(
        line, _day_of(at), case, number, item, code, Name(name, name_en), int(quantity), Money(int(amount)),
        chosen, cheapest, min(others, key=lambda each: each.unit_price, default=None), reason,
    )  # fmt: skip
