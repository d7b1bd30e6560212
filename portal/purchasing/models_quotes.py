"""Quotes: what of an item is offered by whom on a day, the cheapest per unit first (SUP-08), and quotes as lists show them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from portal import clock, db
from portal.money import Money
from portal.supplies.models_catalogue import Entry
from portal.words import Name, Words, _


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

    def percent_above(self, other: Offer) -> str:
        """By how much a unit costs more than by the other, with one decimal: 12.5."""
        permille = (int(self.price) * other.per_pack * 2000 // (int(other.price) * self.per_pack) + 1) // 2 - 1000
        return f"{permille // 10}.{permille % 10}"

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


_TAKEN_AWAY = _VALID.replace("q.withdrawn_at IS NULL", "q.withdrawn_by_id = ? AND q.withdrawn_at >= ?")


def taken_away(item_id: int, by: int, since: datetime) -> list[Offer]:
    """Quotes of the item that this person withdrew since then and that would be valid today, the cheapest per unit first."""
    today = as_stored(clock.today())
    rows = db.rows(f"{_TAKEN_AWAY} AND q.item_id = ?", by, db.to_ms(since), today, today, item_id)
    return sorted(map(_offer, rows), key=_exactly)


def cheapest_of(item_id: int, day: date | None = None) -> Offer | None:
    """The lowest price per unit that day (SUP-08)."""
    return next(iter(quotes_valid([item_id], day)[item_id]), None)


def cheapest_ids(item_ids: Iterable[int]) -> set[int]:
    """The quotes that are the cheapest of their items today."""
    return {offers[0].id for offers in quotes_valid(item_ids).values() if offers}


def per_unit(price: int, per_pack: int) -> str:
    """What one unit costs, with two to four decimals: ¥0.4167."""
    whole, _point, decimals = plain_per_unit(price, per_pack).partition(".")
    return f"¥{int(whole):,}.{decimals}"


def plain_per_unit(price: int, per_pack: int) -> str:
    """The same as a cell of a table has it."""
    whole, rest = divmod((int(price) * 200 + per_pack) // (2 * per_pack), 10_000)  # ten-thousandths of a yuan, halves up
    decimals = f"{rest:04d}"
    return f"{whole}.{decimals[:2]}{decimals[2:].rstrip('0')}"


def _exactly(offer: Offer) -> Fraction:
    return Fraction(int(offer.price), offer.per_pack)


def _offer(row: tuple[Any, ...]) -> Offer:
    key, supplier_id, supplier, item_id, price, pack, per_pack, starts, ends, delivery_days = row
    days = as_day(starts), as_day(ends)
    return Offer(key, supplier_id, supplier, item_id, Money(price), pack, per_pack, *days, delivery_days)


# ---- as they are typed ----------------------------------------------------------------------------------------------

MOST_DAYS = 3 * 366
MOST_DELIVERY_DAYS = 365
LONGEST = {"pack": 20, "note": 200}


@dataclass(frozen=True)
class Quoted:
    """What a supplier asks for a pack of an item, as it is typed."""

    supplier_id: int
    item_id: int
    price: Money
    valid_from: date
    valid_until: date
    pack: str = ""
    per_pack: int | None = None
    delivery_days: int | None = None
    note: str = ""

    def in_packs_of(self, entry: Entry) -> Quoted:
        """With the pack in which the catalogue buys it, or single units, where that was left open."""
        if self.per_pack is None and self.pack in ("", entry.purchase_unit):
            pack = entry.purchase_unit if entry.is_bought_in_packs else entry.unit
            return replace(self, pack=pack, per_pack=entry.per_purchase)
        if self.per_pack in (None, 1) and self.pack in ("", entry.unit):
            return replace(self, pack=entry.unit, per_pack=1)
        return self

    def terms(self) -> tuple[Any, ...]:
        """Two quotes alike in these are the same."""
        days = self.valid_from.isoformat(), self.valid_until.isoformat()
        return self.supplier_id, self.item_id, int(self.price), self.pack, self.per_pack, *days, self.delivery_days


def standing_terms(item_ids: Iterable[int]) -> set[tuple[Any, ...]]:
    """The terms of the quotes of these items that are not withdrawn."""
    chosen = sorted(set(item_ids))
    sql = f"""SELECT supplier_id, item_id, price, pack, per_pack, valid_from, valid_until, delivery_days FROM quotes
              WHERE withdrawn_at IS NULL AND item_id IN ({db.marks(chosen)})"""
    found = db.rows(sql, *chosen) if chosen else []
    return {(*row[:5], as_day(row[5]).isoformat(), as_day(row[6]).isoformat(), row[7]) for row in found}


# ---- lists ----------------------------------------------------------------------------------------------------------

SOON_DAYS = 30
STATES: dict[str, Words] = {
    "valid": _("Valid now"),
    "ending": _("Running out"),
    "coming": _("Coming"),
    "over": _("Over"),
    "withdrawn": _("Withdrawn"),
}


@dataclass(frozen=True)
class Sought:
    """Which quotes a list shows."""

    words: str = ""
    quote_id: int | None = None
    supplier_id: int | None = None
    item_id: int | None = None
    category_id: int | None = None
    state: str = ""


class Listed(NamedTuple):
    """A quote as a list shows it."""

    id: int
    supplier_id: int
    supplier: str
    is_used: bool  # the supplier is in use
    item_id: int
    code: str
    item: Name
    unit: str
    price: Money
    pack: str
    per_pack: int
    valid_from: date
    valid_until: date
    delivery_days: int | None
    note: str
    is_withdrawn: bool

    @property
    def per_unit(self) -> str:
        return per_unit(self.price, self.per_pack)

    @property
    def state(self) -> str:
        today = clock.today()
        if self.is_withdrawn:
            return "withdrawn"
        if self.valid_until < today or not self.is_used:
            return "over"
        return "coming" if self.valid_from > today else "valid"

    @property
    def days_left(self) -> int:
        return (self.valid_until - clock.today()).days


_LISTED = """
SELECT q.id, q.supplier_id, s.name, s.active, q.item_id, i.code, i.name, i.name_en, i.unit, q.price, q.pack, q.per_pack,
    q.valid_from, q.valid_until, q.delivery_days, q.note, q.withdrawn_at
FROM quotes q JOIN suppliers s ON s.id = q.supplier_id JOIN items i ON i.id = q.item_id WHERE 1 = 1
"""
_HAS = "AND LOWER(i.code || ' ' || i.name || ' ' || i.name_en || ' ' || s.name) LIKE ? ESCAPE '!'"
_STANDS = "AND q.withdrawn_at IS NULL AND s.active AND q.valid_from <= :today AND q.valid_until >= :today"
_IN_STATE = {
    "valid": _STANDS,
    "ending": f"""{_STANDS} AND q.valid_until <= :soon AND NOT EXISTS (SELECT 1 FROM quotes l WHERE l.supplier_id = q.supplier_id
        AND l.item_id = q.item_id AND l.withdrawn_at IS NULL AND l.valid_until > q.valid_until)""",
    "coming": "AND q.withdrawn_at IS NULL AND s.active AND q.valid_from > :today",
    "over": "AND q.withdrawn_at IS NULL AND (q.valid_until < :today OR NOT s.active)",
    "withdrawn": "AND q.withdrawn_at IS NOT NULL",
    "": "",
}
_AFTER = "AND (i.code, q.id) > (SELECT j.code, a.id FROM quotes a JOIN items j ON j.id = a.item_id WHERE a.id = ?)"


def quotes(sought: Sought, after: int | None = None, limit: int = 10_000) -> list[Listed]:
    """By the codes of their items, then as they were entered; those that run out are not followed by another of their supplier.
    `after` is the id of the last one shown."""
    condition, values = _condition(sought, after)
    return [_listed(row) for row in db.rows(f"{_LISTED} {condition} ORDER BY i.code, q.id LIMIT ?", *values, limit)]


def count_ending() -> int:
    """How many valid quotes run out within 30 days and are not followed by another of their supplier."""
    condition, values = _condition(Sought(state="ending"), None)
    sql = f"SELECT COUNT(*) FROM quotes q JOIN suppliers s ON s.id = q.supplier_id WHERE 1 = 1 {condition}"
    return int((db.row(sql, *values) or (0,))[0])


def _condition(sought: Sought, after: int | None) -> tuple[str, list[Any]]:
    days = {":today": as_stored(clock.today()), ":soon": as_stored(clock.today() + timedelta(SOON_DAYS))}
    named = re.split("(:today|:soon)", _IN_STATE[sought.state])
    sql = ["".join("?" if each in days else each for each in named)]
    values = [days[each] for each in named if each in days]
    for word in sought.words.split()[:8]:
        sql.append(_HAS)
        values.append(like(word))
    for condition, value in (
        ("AND q.id = ?", sought.quote_id),
        ("AND q.supplier_id = ?", sought.supplier_id),
        ("AND q.item_id = ?", sought.item_id),
        ("AND i.category_id = ?", sought.category_id),
        (_AFTER, after),
    ):
        if value is not None:
            sql.append(condition)
            values.append(value)
    return " ".join(sql), values


def _listed(row: tuple[Any, ...]) -> Listed:
    key, supplier_id, supplier, active, item_id, code, name, name_en, unit, price, pack, per_pack, *rest = row
    starts, ends, delivery_days, note, withdrawn_at = rest
    return Listed(
        key, supplier_id, supplier, bool(active), item_id, code, Name(name, name_en), unit, Money(price), pack, per_pack,
        as_day(starts), as_day(ends), delivery_days, note, withdrawn_at is not None,
    )  # fmt: skip


def like(word: str) -> str:
    """A word as LIKE finds it anywhere, its own signs taken as they are (requirement 23)."""
    return f"%{word.lower().replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"


def as_stored(day: date) -> Any:
    """A day as hand-written SQL compares it on either database."""
    return day if db.is_postgres() else day.isoformat()


def as_day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
