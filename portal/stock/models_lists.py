"""Rows of the stock's pages: the list of items with their figures, and the movements of one with the balance after each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from portal import db
from portal.words import Name, Words, _, from_json

PAGE = 50

LEVELS: dict[str, tuple[Words, str]] = {  # what the filter is called, and its condition
    "some": (_("On hand"), "a.put > a.taken"),
    "free": (_("Free"), "a.put - a.held - a.taken > 0"),
    "held": (_("Held"), "a.held > 0"),
    "none": (_("Nothing on hand"), "a.put = a.taken"),
}


@dataclass(frozen=True)
class Wanted:
    """The filters of the list. `hidden` are items whose figures the reader must not learn: no filter by figures finds them."""

    kind: str = ""
    category: int | None = None
    place: str = ""
    level: str = ""
    words: str = ""
    is_active: bool = True
    after: str = ""
    hidden: frozenset[int] = frozenset()

    def condition(self) -> tuple[str, list[Any]]:
        parts: list[tuple[str, list[Any]]] = [("i.active" if self.is_active else "NOT i.active", [])]
        for sql, value in (("i.kind = ?", self.kind), ("i.category_id = ?", self.category), ("i.place = ?", self.place)):
            parts += [(sql, [value])] if value else []
        if self.level:
            parts.append((LEVELS[self.level][1], []))
            if self.hidden:
                parts.append((f"i.id NOT IN ({db.marks(self.hidden)})", sorted(self.hidden)))
        for word in self.words.lower().split()[:6]:
            like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            names = ("i.code", "i.name", "i.name_en")
            parts.append(("(" + " OR ".join(rf"LOWER({name}) LIKE ? ESCAPE '\'" for name in names) + ")", [like] * 3))
        return " AND ".join(sql for sql, _values in parts), [value for _sql, values in parts for value in values]


@dataclass(frozen=True)
class Stocked:
    """An item with its figures; they are empty where the reader is counting it."""

    id: int
    code: str
    called: Name
    category: Name
    unit: str
    place: str
    active: bool
    on_hand: int | None
    held: int | None
    free: int | None
    is_counted: bool

    @property
    def is_hidden(self) -> bool:
        return self.on_hand is None


_ITEMS = """
SELECT i.id, i.code, i.name, i.name_en, c.name, c.name_en, i.unit, i.place, i.active, a.put, a.held, a.taken,
       EXISTS (SELECT 1 FROM count_lines l JOIN cases k ON k.id = l.case_id WHERE l.item_id = i.id AND k.kind = 'count'
               AND k.state IN ('counting', 'confirming', 'verifying', 'verified'))
FROM items i JOIN accounts a ON a.id = i.account_id JOIN item_categories c ON c.id = i.category_id
"""


def listed(wanted: Wanted, limit: int = PAGE + 1) -> list[Stocked]:
    """The items by code, after the one named."""
    condition, values = wanted.condition()
    found = db.rows(f"{_ITEMS} WHERE {condition} AND i.code > ? ORDER BY i.code LIMIT ?", *values, wanted.after, limit)
    return [_stocked(row, wanted.hidden) for row in found]


def stocked(item_id: int, hidden: Iterable[int] = ()) -> Stocked:
    (row,) = db.rows(f"{_ITEMS} WHERE i.id = ?", item_id)
    return _stocked(row, hidden)


def every(wanted: Wanted, at_once: int = 500) -> Iterator[Stocked]:
    """All of them, page after page."""
    while found := listed(wanted, at_once):
        yield from found
        if len(found) < at_once:
            return
        wanted = replace(wanted, after=found[-1].code)


def _stocked(row: tuple[Any, ...], hidden: Iterable[int]) -> Stocked:
    key, code, name, name_en, category, category_en, unit, place, active, put, held, taken, counted = row
    on_hand, held, free = (None, None, None) if key in hidden else (put - taken, held, put - held - taken)
    return Stocked(
        key, code, Name(name, name_en), Name(category, category_en), unit, place, bool(active), on_hand, held, free, bool(counted)
    )  # fmt: skip


def places(kind: str = "") -> list[str]:
    sql = "SELECT DISTINCT place FROM items WHERE active AND (? = '' OR kind = ?) ORDER BY place LIMIT 500"
    return [place for (place,) in db.rows(sql, kind, kind)]


def categories(kind: str = "") -> list[tuple[int, Name]]:
    sql = "SELECT id, name, name_en FROM item_categories WHERE ? = '' OR kind = ? ORDER BY kind, id LIMIT 500"
    return [(key, Name(name, name_en)) for key, name, name_en in db.rows(sql, kind, kind)]


# ---- movements ------------------------------------------------------------------------------------------------------

VERBS: dict[str, Words] = {
    "put": _("Came in"),
    "cut": _("Written off"),
    "hold": _("Set aside"),
    "release": _("Given free"),
    "take": _("Issued"),
}


@dataclass(frozen=True)
class Moved:
    """An entry: by how much what is on hand changed, and what was on hand and free after it."""

    id: int
    at: datetime
    verb: str
    amount: int
    on_hand_by: int
    on_hand: int
    free: int
    case: int | None
    number: str | None
    title: str | None
    by: Name | None
    why: Words | None
    is_readable: bool

    @property
    def signed(self) -> int:
        """What came or went; what is set aside or given free stays on the shelf and is told as it is."""
        return self.on_hand_by or self.amount


_MOVED = """
SELECT e.id, e.at, e.verb, e.amount, e.put, e.held, e.taken, k.id, k.number, k.title, p.name, p.name_en, e.why,
       EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN (%s))
FROM entries e LEFT JOIN cases k ON k.id = e.case_id LEFT JOIN persons p ON p.id = e.by_id
WHERE e.account_id = ? AND e.id < ? ORDER BY e.id DESC LIMIT ?
"""
_BEFORE = (
    "SELECT COALESCE(SUM(put), 0), COALESCE(SUM(held), 0), COALESCE(SUM(taken), 0) FROM entries WHERE account_id = ? AND id < ?"
)


def movements(account_id: int, posts: Iterable[str], before: int | None = None, limit: int = PAGE + 1) -> list[Moved]:
    """Newest first; `before` is the last one shown."""
    readers, before = list(posts) or ["nobody"], before or 2**62
    put, held, taken = (int(each) for each in db.row(_BEFORE, account_id, before))  # type: ignore[union-attr]
    found = []
    for row in db.rows(_MOVED % db.marks(readers), *readers, account_id, before, limit):
        entry, at, verb, amount, put_by, held_by, taken_by, case, number, title, name, name_en, why, is_readable = row
        found.append(
            Moved(
                entry,
                db.from_ms(at),
                verb,
                amount,
                put_by - taken_by,
                put - taken,
                put - held - taken,
                case,
                number,
                title,
                Name(name, name_en or "") if name else None,
                from_json(why) if why else None,
                bool(is_readable),
            )
        )
        put, held, taken = put - put_by, held - held_by, taken - taken_by
    return found


def every_movement(account_id: int, posts: Iterable[str], at_once: int = 500) -> Iterator[Moved]:
    before: int | None = None
    while found := movements(account_id, posts, before, at_once):
        yield from found
        if len(found) < at_once:
            return
        before = found[-1].id


# ---- counts ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CountRow:
    """A count in the list: how far it is, and what it found once it is verified."""

    id: int
    number: str | None
    title: str
    state: str
    counter: Name
    lines: int
    done: int
    differing: int
    more: int
    less: int
    is_blind: bool


_COUNTS = """
SELECT k.id, k.number, k.title, k.state, k.preparer_id, p.name, p.name_en, COUNT(l.id), COUNT(l.counted_at),
       COALESCE(SUM(CASE WHEN l.is_resolved AND l.counted <> l.book + l.moved THEN 1 ELSE 0 END), 0),
       COALESCE(SUM(CASE WHEN l.is_resolved AND l.counted > l.book + l.moved THEN l.counted - l.book - l.moved ELSE 0 END), 0),
       COALESCE(SUM(CASE WHEN l.is_resolved AND l.counted < l.book + l.moved THEN l.book + l.moved - l.counted ELSE 0 END), 0)
FROM cases k JOIN persons p ON p.id = k.preparer_id LEFT JOIN count_lines l ON l.case_id = k.id
WHERE k.kind = 'count' AND k.id < ? %s AND EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN (%s))
GROUP BY k.id, k.number, k.title, k.state, k.preparer_id, p.name, p.name_en ORDER BY k.id DESC LIMIT ?
"""


def counts(
    posts: Iterable[str], reader: int, states: Iterable[str] = (), before: int | None = None, limit: int = PAGE + 1
) -> list[CountRow]:
    """The counts these posts may read, newest first; who counts is not told what differs while it runs."""
    readers, chosen = list(posts) or ["nobody"], list(states)
    which = f"AND k.state IN ({db.marks(chosen)})" if chosen else ""
    found = db.rows(_COUNTS % (which, db.marks(readers)), before or 2**62, *chosen, *readers, limit)
    return [_count_row(row, reader) for row in found]


def _count_row(row: tuple[Any, ...], reader: int) -> CountRow:
    key, number, title, state, counter, name, name_en, lines, done, *figures = row
    is_blind = counter == reader and state in ("counting", "confirming", "verifying", "verified")
    differing, more, less = (0, 0, 0) if is_blind else (int(each) for each in figures)
    return CountRow(key, number, title, state, Name(name, name_en), lines, done, differing, more, less, is_blind)
