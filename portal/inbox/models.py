"""What waits for whom, what is mine, what I decided: rows for the lists, not models."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from portal import clock, db
from portal.access import Right, split_post
from portal.money import Money
from portal.persons import Person
from portal.words import Name, Words

MOST = 50  # rows of a page
FULL = 100  # counts end here: beyond it the number tells nothing
FAR_MS = db.to_ms(clock.FAR_FUTURE)

Posts = dict[str, bool]


class Row(NamedTuple):
    """A paper in a list. `task` and what belongs to it are those of the task the list is about; 0 and empty where it has none."""

    case: int
    kind: str
    number: str | None
    title: str
    amount: int | None
    mark: str
    state: str
    version: int
    who: str
    who_en: str
    department: str
    department_en: str
    task: int
    post: str
    opened: int
    due: int
    stuck: int
    closed: int

    @property
    def deadline(self) -> datetime | None:
        return db.from_ms(self.due) if 0 < self.due < FAR_MS else None


_CASE = "c.id, c.kind, c.number, c.title, c.amount, c.mark, c.state, c.version, p.name, p.name_en, d.name, d.name_en"
_PEOPLE = "JOIN persons p ON p.id = c.requester_id JOIN departments d ON d.id = c.department_id"
_TASK = "t.id, t.post, t.opened, t.due, t.stuck, COALESCE(t.closed, 0)"


@dataclass(frozen=True)
class Chosen:
    """The filters of a list; empty ones let everything through."""

    kind: str = ""
    state: str = ""
    department: int | None = None
    mark: str = ""
    least: int | None = None  # fen

    def condition(self) -> tuple[str, list[Any]]:
        """SQL on the case `c`, each part led by AND, and its values."""
        parts = {
            "c.kind = ?": self.kind,
            "c.state = ?": self.state,
            "c.department_id = ?": self.department,
            "c.mark = ?": self.mark,
            "c.amount >= ?": self.least,
        }
        kept = {sql: value for sql, value in parts.items() if value}
        return "".join(f" AND {sql}" for sql in kept), list(kept.values())


class Order(NamedTuple):
    """How a list is sorted: the column that leads, and which way; the task's id decides between equals."""

    column: str
    falling: bool

    def sql(self, leading: str, key: str) -> str:
        way = " DESC" if self.falling else ""
        return f"ORDER BY {leading}{way}, {key}{way}"


SORTS = {
    "deadline": Order("t.due", False),
    "newest": Order("t.opened", True),
    "amount": Order("COALESCE(c.amount, 0)", True),
}
Place = tuple[int, int]  # where a page ends: the sorted value and the task of its last row


def read_place(text: str | None) -> Place | None:
    """`1763712000000-123` out of an address; nothing where it cannot be one."""
    found = re.fullmatch(r"([0-9]{1,15})-([0-9]{1,10})", text or "", re.ASCII)
    return (int(found[1]), int(found[2])) if found else None


def place_of(row: Row, sort: str) -> str:
    """Where the list goes on after this row."""
    leading = {"deadline": row.due, "newest": row.opened, "amount": row.amount or 0}[sort]
    return f"{leading}-{row.task}"


# ---- what waits -----------------------------------------------------------------------------------------------------


def waiting(
    person: Person,
    posts: Posts,
    tab: str = "waiting",
    chosen: Chosen = Chosen(),
    sort: str = "deadline",
    after: Place | None = None,
    limit: int = MOST + 1,
) -> list[Row]:
    """What these posts may act on, each paper once. Of each post one page is read, by index, and merged: the table may be as long
    as it likes."""
    order = SORTS[sort]
    each, values = _of_one_post(chosen, order, after)
    inner = " UNION ALL ".join([f"SELECT * FROM ({each}) AS one"] * len(posts))
    sql = f"""SELECT {_CASE}, t.id, t.post, t.opened, t.due, t.stuck, 0 FROM tasks t JOIN cases c ON c.id = t.case_id {_PEOPLE}
              WHERE t.id IN ({inner}) AND NOT EXISTS ({_TWIN.format(db.marks(posts))})
              {order.sql(order.column, "t.id")} LIMIT ?"""
    told: list[Any] = []
    for post in posts:
        told += [post, tab, _bar(person), *values, limit]
    return [Row(*row) for row in db.rows(sql, *told, *posts, _bar(person), limit)]


_TWIN = """
SELECT 1 FROM tasks o WHERE o.case_id = t.case_id AND o.id < t.id AND o.closed IS NULL AND o.tab = t.tab
AND o.post IN ({}) AND o.barred NOT LIKE ?
"""  # the same paper waits for another post of the same person: the task opened first stands for both


def _of_one_post(chosen: Chosen, order: Order, after: Place | None) -> tuple[str, list[Any]]:
    """The statement that reads one page of one post's tasks, and the values that follow post, tab and bar."""
    narrowed, values = chosen.condition()
    if after is not None:
        narrowed += f" AND ({order.column}, t.id) {'<' if order.falling else '>'} (?, ?)"
        values += after
    needs_case = "c." in narrowed or "c." in order.column
    joined = "JOIN cases c ON c.id = t.case_id" if needs_case else ""
    sql = f"""SELECT t.id FROM tasks t {joined}
              WHERE t.post = ? AND t.tab = ? AND t.closed IS NULL AND t.barred NOT LIKE ?{narrowed}
              {order.sql(order.column, "t.id")} LIMIT ?"""
    return sql, values


def _bar(person: Person) -> str:
    """Matches the list of those who may not act when this person is in it."""
    return f"%,{person.id},%"


def counts(person: Person, posts: Posts) -> dict[str, int]:
    """How many papers wait for the person, how many came back, and how many notices are unread: each counted up to 100."""
    one = f"""SELECT DISTINCT tab, case_id FROM tasks
              WHERE post IN ({db.marks(posts)}) AND tab = ? AND closed IS NULL AND barred NOT LIKE ? LIMIT ?"""
    unread = "SELECT 'unread' AS tab, id AS case_id FROM notices WHERE person_id = ? AND read_at IS NULL LIMIT ?"
    few = " UNION ALL ".join(f"SELECT * FROM ({each}) AS {name}" for name, each in (("w", one), ("r", one), ("u", unread)))
    told = [value for tab in ("waiting", "returned") for value in (*posts, tab, _bar(person), FULL)]
    found = db.rows(f"SELECT tab, COUNT(*) FROM ({few}) AS few GROUP BY tab", *told, person.id, FULL)
    return {"waiting": 0, "returned": 0, "unread": 0} | dict(found)


# ---- what is mine, what I decided -----------------------------------------------------------------------------------


def mine(person: Person, chosen: Chosen = Chosen(), before: int | None = None, limit: int = MOST + 1) -> list[Row]:
    """The person's own papers, newest first, a row for each task they wait on."""
    narrowed, values = chosen.condition()
    sql = f"""SELECT {_CASE}, COALESCE(t.id, 0), COALESCE(t.post, ''), COALESCE(t.opened, 0), COALESCE(t.due, 0),
                COALESCE(t.stuck, 0), 0
              FROM (SELECT * FROM cases c WHERE c.requester_id = ? AND c.id < ?{narrowed} ORDER BY c.id DESC LIMIT ?) AS c
              {_PEOPLE} LEFT JOIN tasks t ON t.case_id = c.id AND t.closed IS NULL ORDER BY c.id DESC, t.id"""
    return [Row(*row) for row in db.rows(sql, person.id, before or 2**62, *values, limit)]


def decided(
    person: Person, posts: Posts, chosen: Chosen = Chosen(), after: Place | None = None, limit: int = MOST + 1
) -> list[Row]:
    """What the person decided on other people's papers and may still read, latest first. `after`: the moment and the task of the
    last row shown."""
    narrowed, values = chosen.condition()
    if after is not None:
        narrowed, values = narrowed + " AND (t.closed, t.id) < (?, ?)", [*values, *after]
    sql = f"""SELECT {_CASE}, {_TASK} FROM tasks t JOIN cases c ON c.id = t.case_id {_PEOPLE}
              WHERE t.closed_by_id = ? AND t.closed IS NOT NULL AND c.requester_id <> ?
                AND EXISTS (SELECT 1 FROM readers r WHERE r.case_id = c.id AND r.post IN ({db.marks(posts)})){narrowed}
              ORDER BY t.closed DESC, t.id DESC LIMIT ?"""
    return [Row(*row) for row in db.rows(sql, person.id, person.id, *posts, *values, limit)]


_HOLDERS = """
SELECT g.role, g.department_id, d.mark, p.name, p.name_en FROM grants g JOIN persons p ON p.id = g.person_id
LEFT JOIN departments d ON d.id = g.department_id
WHERE p.active AND g.revoked_at IS NULL AND g.starts <= ? AND (g.ends IS NULL OR g.ends >= ?) AND g.role IN ({roles})
UNION ALL SELECT '#', id, NULL, name, name_en FROM persons WHERE active AND id IN ({persons})
"""


def holders_by_name(posts: Iterable[str]) -> dict[str, list[Name]]:
    """Who holds each of these posts today, asked at once."""
    asked = {post: split_post(post) for post in posts}
    if not asked:
        return {}
    roles = {"dept_manager" if role == "office_manager" else role for role, _key in asked.values() if role != "#"} or {""}
    persons = {key for role, key in asked.values() if role == "#"} or {0}
    today = clock.today() if db.is_postgres() else clock.today().isoformat()
    sql = _HOLDERS.format(roles=db.marks(roles), persons=db.marks(persons))
    found: dict[tuple[str, int | None], list[Name]] = {}
    for role, key, mark, name, name_en in db.rows(sql, today, today, *roles, *persons):
        for held in [(role, key)] + ([("office_manager", None)] if role == "dept_manager" and mark == "office" else []):
            named = found.setdefault(held, [])
            if Name(name, name_en) not in named:
                named.append(Name(name, name_en))
    return {post: found.get(held, []) for post, held in asked.items()}


# ---- what other modules add -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WorkingList:
    """What a post works through: the papers of one kind in one state, counted and drawn from tasks; or, with `url` and `count`,
    a list of its own."""

    label: Words
    kind: str
    state: str
    may: Right  # whose list it is
    icon: str = "list-checks"
    url: str = ""
    count: Callable[[], int] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Kept:
    """Something that stands open with a person: what, where it is shown, and how much or until when."""

    title: Words | Name | str
    url: str
    amount: Money | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Belonging:
    """What is owed to a person, advanced to them or lent to them: a card of their own page."""

    label: Words
    icon: str
    kept: Callable[[Person], list[Kept]] = field(compare=False)


@dataclass(frozen=True)
class News:
    """Something told to everybody on the first page, since when; `place` is where it stands: headline, banner, floating, or among
    the news. `picture` is the address of one."""

    title: Name
    url: str
    at: datetime
    place: str = ""
    picture: str = ""


WORKING_LISTS: list[WorkingList] = []
BELONGINGS: list[Belonging] = []
NEWS: list[Callable[[], list[News]]] = []

_WORK = """
SELECT kind, state, COUNT(*) FROM (
    SELECT DISTINCT c.kind, t.state, c.id FROM tasks t JOIN cases c ON c.id = t.case_id
    WHERE t.post IN ({}) AND t.tab = 'waiting' AND t.closed IS NULL AND t.barred NOT LIKE ? LIMIT 1000) AS few
GROUP BY kind, state
"""


def work(person: Person, posts: Posts) -> list[tuple[WorkingList, int]]:
    """The working lists of these posts with how much is in each; counted among the first thousand tasks."""
    lists = [each for each in WORKING_LISTS if each.may.allows(posts)]
    if not lists:
        return []
    found = {(kind, state): n for kind, state, n in db.rows(_WORK.format(db.marks(posts)), *posts, _bar(person))}
    return [(each, each.count() if each.count else found.get((each.kind, each.state), 0)) for each in lists]


def departments() -> list[tuple[int, Name]]:
    """All departments in use, for a filter."""
    found = db.rows("SELECT id, name, name_en FROM departments WHERE active ORDER BY id LIMIT 500")
    return [(key, Name(name, name_en)) for key, name, name_en in found]


# ---- what is searched -----------------------------------------------------------------------------------------------


def by_number(text: str, posts: Posts) -> int | None:
    """The paper of exactly that number, if these posts may read it."""
    sql = "SELECT c.id FROM cases c JOIN readers r ON r.case_id = c.id WHERE c.number = ? AND r.post IN ({}) LIMIT 1"
    found = db.row(sql.format(db.marks(posts)), text, *posts)
    return found[0] if found else None


def papers(ids: list[int]) -> dict[int, Row]:
    """The papers of these ids, as rows without a task."""
    if not ids:
        return {}
    sql = f"""SELECT {_CASE}, 0, '', COALESCE(c.submitted_at, c.created_at), 0, 0, 0 FROM cases c {_PEOPLE}
              WHERE c.id IN ({db.marks(ids)})"""
    return {row[0]: Row(*row) for row in db.rows(sql, *ids)}


class Found(NamedTuple):
    """A person or a department that was searched for, with the department it belongs to."""

    thing: str  # person, department
    id: int
    called: Name
    of: Name


_DIRECTORY = """
SELECT * FROM (SELECT 'person', p.id, p.name, p.name_en, d.name AS of_name, d.name_en AS of_name_en
    FROM persons p JOIN departments d ON d.id = p.department_id
    WHERE p.active AND (LOWER(p.name) LIKE ? ESCAPE '!' OR LOWER(p.name_en) LIKE ? ESCAPE '!' OR p."user" = ?)
    ORDER BY p.id LIMIT ?) AS people
UNION ALL
SELECT * FROM (SELECT 'department', d.id, d.name, d.name_en, COALESCE(a.name, ''), COALESCE(a.name_en, '')
    FROM departments d LEFT JOIN departments a ON a.id = d.parent_id
    WHERE d.active AND (LOWER(d.name) LIKE ? ESCAPE '!' OR LOWER(d.name_en) LIKE ? ESCAPE '!') ORDER BY d.id LIMIT ?) AS parts
"""


def directory(text: str, limit: int = 9) -> list[Found]:
    """People and departments whose name holds the text."""
    plain = text.strip().lower()
    like = "%" + re.sub(r"([!%_])", r"!\1", plain) + "%"
    found = db.rows(_DIRECTORY, like, like, plain, limit, like, like, limit)
    return [Found(thing, key, Name(name, name_en), Name(of, of_en)) for thing, key, name, name_en, of, of_en in found]
