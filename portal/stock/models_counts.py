"""What a count lists: its lines with the items they are about, and the counts that run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal import db
from portal.contents import Content
from portal.persons import Person
from portal.stock.models import ItemCategory
from portal.words import Name

RUNNING = ("counting", "confirming", "verifying", "verified")  # states of a count: its list is frozen, nothing is posted yet
RUNS = "k.kind = 'count' AND k.state IN ('counting', 'confirming', 'verifying', 'verified')"


def count_content(title: str, counter: Person, kind: str, category: ItemCategory | None = None, place: str = "") -> Content:
    return Content(title, {"kind": kind, "category": category, "place": place}, preparer=counter)


@dataclass(frozen=True)
class Counted:
    """A line of a count with its item; whoever counts is never shown `book` and what follows from it."""

    id: int
    n: int
    item: int
    account: int
    code: str
    called: Name
    unit: str
    place: str
    book: int
    counted: int | None
    missing: str
    counted_at: datetime | None
    moved: int
    is_resolved: bool
    reason: str
    entry: int | None

    @property
    def is_done(self) -> bool:
        """Somebody counted it, or said why it could not be."""
        return self.counted is not None or bool(self.missing)

    @property
    def difference(self) -> int | None:
        return None if self.counted is None else self.counted - self.book - self.moved


_LINES = """
SELECT l.id, l.n, i.id, i.account_id, i.code, i.name, i.name_en, i.unit, i.place, l.book, l.counted, l.missing, l.counted_at,
       l.moved, l.is_resolved, l.reason, l.entry_id
FROM count_lines l JOIN items i ON i.id = l.item_id WHERE l.case_id = ?
"""


def lines_of(case_id: int) -> list[Counted]:
    return [_counted(row) for row in db.rows(_LINES + " ORDER BY l.n", case_id)]


def line_of(case_id: int, n: int) -> Counted | None:
    found = db.row(_LINES + " AND l.n = ?", case_id, n)
    return _counted(found) if found else None


def _counted(row: tuple[Any, ...]) -> Counted:
    line, n, item, account, code, name, name_en, unit, place, book, counted, missing, at, moved, resolved, reason, entry = row
    return Counted(
        line, n, item, account, code, Name(name, name_en), unit, place, book, counted, missing, at and db.from_ms(at), moved,
        bool(resolved), reason, entry,
    )  # fmt: skip


_RUNNING_OF = f"""
SELECT l.n, k.id, k.number, k.preparer_id, k.state FROM count_lines l JOIN cases k ON k.id = l.case_id
WHERE l.item_id = ? AND {RUNS} ORDER BY k.id DESC LIMIT 1
"""


@dataclass(frozen=True)
class Runs:
    """The count an item stands in now."""

    n: int
    case: int
    number: str
    counter: int
    state: str


def running_count(item_id: int) -> Runs | None:
    found = db.row(_RUNNING_OF, item_id)
    return Runs(*found) if found else None


def progress(case_id: int) -> tuple[int, int]:
    """How many lines are done, and how many there are."""
    sql = "SELECT COUNT(counted_at), COUNT(*) FROM count_lines WHERE case_id = ?"
    done, whole = db.row(sql, case_id)  # type: ignore[misc]
    return done, whole
