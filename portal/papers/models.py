"""The list of all papers: read by the posts somebody holds, newest first, by amount or by deadline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from portal import clock, db
from portal.flow import FLOWS, Flow, State
from portal.money import Money
from portal.timeline import standing
from portal.words import Name, Words

PAGE = 50

_DUE = "(SELECT MIN(t.due) FROM tasks t WHERE t.case_id = k.id AND t.closed IS NULL)"
_KEYS = {  # sort: what it goes by, and which way
    "newest": ("k.id", "DESC"),
    "amount": ("COALESCE(k.amount, 0)", "DESC"),
    "deadline": (f"COALESCE({_DUE}, 9223372036854775807)", "ASC"),
}
_ROWS = f"""
SELECT k.id, k.kind, k.number, k.title, k.amount, k.state, k.mark, k.created_at, k.submitted_at, k.closed_at,
       p.name, p.name_en, d.name, d.name_en, {_DUE}
FROM (%s) AS f JOIN cases k ON k.id = f.id JOIN persons p ON p.id = k.requester_id JOIN departments d ON d.id = k.department_id
ORDER BY %s LIMIT ?
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


@dataclass(frozen=True)
class Listed:
    """A row of the list."""

    id: int
    flow: Flow
    number: str
    title: str
    amount: Money | None
    state: State
    mark: tuple[Words, str] | None
    at: datetime
    closed_at: datetime | None
    requester: Name
    department: Name
    due: datetime | None

    @property
    def standing(self) -> tuple[Words, str]:
        return standing(self.flow, self.state, bool(self.number), self.closed_at is not None)

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.due < clock.now()


def listed(wanted: Wanted, posts: Iterable[str], limit: int = PAGE + 1) -> list[Listed]:
    """The papers these posts may read. Each post's are read along its own index, and then put together."""
    key, way = _KEYS[wanted.sort]
    condition, values = wanted.condition()
    along = "r.case_id DESC" if key == "k.id" else f"{key} {way}, k.id DESC"
    each = (
        f"SELECT * FROM (SELECT k.id, {key} AS key FROM readers r JOIN cases k ON k.id = r.case_id "
        f"WHERE r.post = ? AND {condition} ORDER BY {along} LIMIT ?) AS f"
    )
    posts = list(posts)
    sql = _ROWS % (" UNION ".join([each] * len(posts)), f"f.key {way}, f.id DESC")
    asked = [value for post in posts for value in (post, *values, limit)]
    known = (row for row in db.rows(sql, *asked, limit) if row[1] in FLOWS)
    return [_listed(row) for row in known]


def _listed(row: tuple[Any, ...]) -> Listed:
    key, kind, number, title, amount, state, mark, created, submitted, closed, name, name_en, department, department_en, due = row
    flow = FLOWS[kind]
    return Listed(
        key, flow, number or "", title, None if amount is None else Money(amount), flow.states[state], flow.marks.get(mark),
        db.from_ms(submitted or created), closed and db.from_ms(closed), Name(name, name_en), Name(department, department_en),
        db.from_ms(due) if due and due < db.to_ms(clock.FAR_FUTURE) else None,
    )  # fmt: skip


def every(wanted: Wanted, posts: Iterable[str], at_once: int = 500) -> Iterator[Listed]:
    """All of them, page after page."""
    posts = list(posts)
    while found := listed(wanted, posts, at_once):
        yield from found
        if len(found) < at_once:
            return
        wanted = replace(wanted, after=found[-1].id)
