"""The list of all papers: read by the posts somebody holds, newest first, by amount or by deadline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from portal import clock, db
from portal.flow import FLOWS, Flow, State
from portal.money import Money
from portal.timeline import standing
from portal.words import Name, Words

PAGE = 50

_FAR_MS = db.to_ms(clock.FAR_FUTURE)
_DUE = "(SELECT MIN(t.due) FROM tasks t WHERE t.case_id = k.id AND t.closed IS NULL)"
_KEYS = {  # sort: what it goes by, and which way
    "newest": ("k.id", "DESC"),
    "amount": ("COALESCE(k.amount, 0)", "DESC"),
    "deadline": (f"COALESCE({_DUE}, 9223372036854775807)", "ASC"),
}
_ROWS = f"""
SELECT k.id, k.kind, k.number, k.title, k.amount, k.state, k.mark, k.created_at, k.submitted_at, k.closed_at,
       p.name, p.name_en, d.name, d.name_en, CASE WHEN k.closed_at IS NULL THEN {_DUE} END
FROM cases k JOIN persons p ON p.id = k.requester_id JOIN departments d ON d.id = k.department_id
WHERE k.id IN (%s) ORDER BY %s LIMIT ?
"""


@dataclass(frozen=True)
class Wanted:
    """Which papers, in which order, and after which one the page goes on. `found` are the papers a search has found."""

    kind: str = ""
    state: str = ""
    department: int | None = None
    requester: int | None = None
    year: int | None = None
    found: tuple[int, ...] | None = None
    sort: str = "newest"
    after: int | None = None

    def condition(self) -> tuple[str, list[Any]]:
        """What a paper must fulfil, as SQL over `cases k`."""
        asked = [
            ("k.kind = ?", self.kind or None),
            ("k.state = ?", self.state or None),
            ("k.department_id = ?", self.department),
            ("k.requester_id = ?", self.requester),
        ]
        parts = [(sql, [value]) for sql, value in asked if value is not None]
        if self.year:
            first, after = date(self.year, 1, 1), date(self.year + 1, 1, 1)
            parts.append(("k.created_at >= ? AND k.created_at < ?", [_ms(first), _ms(after)]))
        if self.found is not None:
            parts.append((f"k.id IN ({db.marks(self.found) or 'NULL'})", list(self.found)))
        if self.sort == "deadline":
            parts.append(("k.closed_at IS NULL", []))
        if self.after:
            parts.append(self._goes_on())
        return " AND ".join(["1 = 1", *(sql for sql, _values in parts)]), [value for _sql, values in parts for value in values]

    def _goes_on(self) -> tuple[str, list[Any]]:
        key, way = _KEYS[self.sort]
        if key == "k.id":
            return "k.id < ?", [self.after]
        last = f"(SELECT {key} FROM cases k WHERE k.id = ?)"
        sign = "<" if way == "DESC" else ">"
        return f"({key} {sign} {last} OR ({key} = {last} AND k.id < ?))", [self.after] * 3


def _ms(day: date) -> int:
    return db.to_ms(clock.start_of(day))


class Listed(NamedTuple):
    """A row of the list, as the database keeps it."""

    id: int
    kind: str
    number: str | None
    title: str
    fen: int | None
    state_name: str
    mark_name: str
    created: int
    submitted: int | None
    closed: int | None
    requester_name: str
    requester_name_en: str
    department_name: str
    department_name_en: str
    due_ms: int | None

    @property
    def flow(self) -> Flow:
        return FLOWS[self.kind]

    @property
    def state(self) -> State:
        return self.flow.states[self.state_name]

    @property
    def mark(self) -> tuple[Words, str] | None:
        return self.flow.marks.get(self.mark_name)

    @property
    def standing(self) -> tuple[Words, str]:
        return standing(self.flow, self.state, bool(self.number), self.closed is not None)

    @property
    def amount(self) -> Money | None:
        return None if self.fen is None else Money(self.fen)

    @property
    def at(self) -> datetime:
        return db.from_ms(self.submitted or self.created)

    @property
    def due(self) -> datetime | None:
        return db.from_ms(self.due_ms) if self.due_ms and self.due_ms < _FAR_MS else None

    @property
    def requester(self) -> Name:
        return Name(self.requester_name, self.requester_name_en)

    @property
    def department(self) -> Name:
        return Name(self.department_name, self.department_name_en)


def listed(wanted: Wanted, posts: Iterable[str], limit: int = PAGE + 1) -> list[Listed]:
    """The papers these posts may read. Each post's are read along its own index, and then put together."""
    key, way = _KEYS[wanted.sort]
    condition, values = wanted.condition()
    along = "r.case_id DESC" if key == "k.id" else f"{key} {way}, k.id DESC"
    each = (
        f"SELECT id FROM (SELECT k.id FROM readers r JOIN cases k ON k.id = r.case_id "
        f"WHERE r.post = ? AND {condition} ORDER BY {along} LIMIT ?) AS one"
    )
    posts = list(posts)
    sql = _ROWS % (" UNION ".join([each] * len(posts)), f"{key} {way}, k.id DESC")
    asked = [value for post in posts for value in (post, *values, limit)]
    return [Listed(*row) for row in db.rows(sql, *asked, limit) if row[1] in FLOWS]


def every(wanted: Wanted, posts: Iterable[str], at_once: int = 500) -> Iterator[Listed]:
    """All of them, page after page."""
    posts = list(posts)
    while found := listed(wanted, posts, at_once):
        yield from found
        if len(found) < at_once:
            return
        wanted = replace(wanted, after=found[-1].id)
