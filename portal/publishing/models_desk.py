"""Manuscripts as whoever works on them reads them: lists, the plan of slots, versions, take-downs, and the log of the site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from portal import clock, db
from portal.publishing.models import TO_PUBLISH, urgency
from portal.publishing.models_shown import as_day
from portal.words import Name, Words, _

PAGE = 50
TABS: dict[str, Words] = {
    "work": _("In work"),
    "waiting": _("Waiting for approval"),
    "publish": _("To be published"),
    "late": _("Overdue"),
    "published": _("Published"),
    "confidential": _("Confidential"),
    "all": _("All manuscripts"),
}
_PUBLISHING = f"k.state IN ({', '.join(repr(each) for each in TO_PUBLISH)})"
_CONDITIONS = {
    "work": "k.state IN ('draft', 'collected', 'classified', 'compiled')",
    "waiting": "k.state IN ('submitted', 'with_gm')",
    "publish": _PUBLISHING,
    "late": f"(({_PUBLISHING} AND t.due < ?) OR (p.at > p.due_at AND k.state IN ('published', 'taken_down', 'retired')))",
    "published": "k.state = 'published'",
    "confidential": "m.confidential",
    "all": "1 = 1",
}
_ROWS = """
SELECT k.id, k.number, k.title, k.state, k.mark, m.kind, m.topic, m.channel, r.name, r.name_en, h.name, h.name_en, k.created_at,
    CASE WHEN {publishing} THEN t.due ELSE p.due_at END, CASE WHEN {publishing} THEN NULL ELSE p.at END
FROM manuscripts m JOIN cases k ON k.id = m.case_id JOIN persons r ON r.id = k.requester_id JOIN persons h ON h.id = k.preparer_id
LEFT JOIN tasks t ON t.id = (SELECT MIN(o.id) FROM tasks o WHERE o.case_id = k.id AND o.closed IS NULL)
LEFT JOIN publications p ON p.id = (SELECT MAX(q.id) FROM publications q WHERE q.case_id = k.id)
WHERE {condition} AND EXISTS (SELECT 1 FROM readers e WHERE e.case_id = k.id AND e.post IN ({posts}))
ORDER BY {order} LIMIT ?
"""


class Listed(NamedTuple):
    """A manuscript as a list shows it; `due` and `published`: of the publication it waits for, or of its last one."""

    case: int
    number: str
    title: str
    state: str
    mark: str
    kind: str
    topic: str
    channel: str
    author: Name
    handler: Name
    created: datetime
    due: datetime | None
    published: datetime | None

    @property
    def left(self) -> timedelta:
        """What was left of its time when it was published, or is left now; less than nothing when it is late."""
        assert self.due is not None
        return self.due - (self.published or clock.now())

    @property
    def tone(self) -> str:
        return urgency(self.left) if self.due else ""

    @property
    def hours_late(self) -> int:
        return max(0, -self.left // timedelta(hours=1)) if self.due else 0


@dataclass(frozen=True)
class Wanted:
    """Which manuscripts: of a tab, and narrowed."""

    tab: str = "work"
    kind: str = ""
    topic: str = ""
    channel: str = ""
    after: tuple[int, int] | None = None  # where the page before ended: due and case

    @property
    def is_by_due(self) -> bool:
        return self.tab == "publish"

    def condition(self) -> tuple[str, list[Any]]:
        parts, values = [_CONDITIONS[self.tab]], [db.to_ms(clock.now())] if self.tab == "late" else []
        for name in ("kind", "topic", "channel"):
            if value := getattr(self, name):
                parts.append(f"m.{name} = ?")
                values.append(value)
        if self.after:
            parts.append("(t.due, k.id) > (?, ?)" if self.is_by_due else "k.id < ?")
            values += self.after if self.is_by_due else self.after[1:]
        return " AND ".join(parts), values


def listed(wanted: Wanted, posts: Iterable[str], limit: int = PAGE + 1) -> list[Listed]:
    """What these posts may read of it: what is to be published by its deadline, else newest first."""
    posts = list(posts)
    condition, values = wanted.condition()
    order = "t.due, k.id" if wanted.is_by_due else "k.id DESC"
    sql = _ROWS.format(publishing=_PUBLISHING, condition=condition, posts=db.marks(posts), order=order)
    return [_read(row) for row in db.rows(sql, *values, *posts, limit)]


def every(wanted: Wanted, posts: Iterable[str]) -> Iterator[Listed]:
    """All of a list, page by page."""
    posts = list(posts)
    while found := listed(wanted, posts):
        yield from found[:PAGE]
        if len(found) <= PAGE:
            return
        wanted = replace(wanted, after=place_of(found[PAGE - 1]))


def place_of(row: Listed) -> tuple[int, int]:
    return db.to_ms(row.due) if row.due else 0, row.case


def _read(row: tuple[Any, ...]) -> Listed:
    case, number, title, state, mark, kind, topic, channel, name, name_en, other, other_en, created, due, at = row
    is_due = due is not None and due < db.to_ms(clock.FAR_FUTURE)
    return Listed(
        case, number or "", title, state, mark, kind, topic, channel, Name(name, name_en), Name(other, other_en),
        db.from_ms(created), db.from_ms(due) if is_due else None, db.from_ms(at) if at else None,
    )  # fmt: skip


_COUNTS = """
SELECT k.state, t.due FROM cases k JOIN tasks t ON t.case_id = k.id AND t.closed IS NULL
WHERE k.kind = 'manuscript' AND k.state IN ('submitted', 'with_gm', {})
AND EXISTS (SELECT 1 FROM readers e WHERE e.case_id = k.id AND e.post IN ({})) GROUP BY k.id, k.state, t.due LIMIT 1000
"""


def counts(posts: Iterable[str]) -> dict[str, int]:
    """How many wait for approval, are to be published, and are late."""
    posts, now = list(posts), db.to_ms(clock.now())
    found = db.rows(_COUNTS.format(db.marks(TO_PUBLISH), db.marks(posts)), *TO_PUBLISH, *posts)
    return {
        "waiting": sum(state not in TO_PUBLISH for state, _due in found),
        "publish": sum(state in TO_PUBLISH for state, _due in found),
        "late": sum(state in TO_PUBLISH and due < now for state, due in found),
    }


class Concerned(NamedTuple):
    """Whom and what a manuscript names."""

    handler: Name
    vouched: Name | None
    department: Name | None
    product: Name | None
    product_code: str
    plan_number: str
    plan_title: str
    plan_state: str


_CONCERNED = """
SELECT h.name, h.name_en, v.name, v.name_en, d.name, d.name_en, i.name, i.name_en, i.code, c.number, c.title, c.state
FROM manuscripts m JOIN cases k ON k.id = m.case_id JOIN persons h ON h.id = k.preparer_id
LEFT JOIN persons v ON v.id = m.vouched_by_id LEFT JOIN departments d ON d.id = m.source_department_id
LEFT JOIN products p ON p.id = m.product_id LEFT JOIN items i ON i.id = p.item_id LEFT JOIN cases c ON c.id = m.plan_id
WHERE m.case_id = ?
"""


def concerned(case_id: int) -> Concerned:
    """In one statement."""
    found = db.row(_CONCERNED, case_id)
    assert found is not None
    names = [Name(found[at], found[at + 1] or "") if found[at] else None for at in (0, 2, 4, 6)]
    return Concerned(names[0], *names[1:], *(text or "" for text in found[8:]))  # type: ignore[arg-type]


# ---- slots ----------------------------------------------------------------------------------------------------------


class Slot(NamedTuple):
    """Something planned for a place, from a day until a day."""

    case: int
    title: Name
    state: str
    mark: str
    place: str
    starts_on: date
    ends_on: date


class Week(NamedTuple):
    first: date
    last: date
    by_place: dict[str, list[Slot]]


_SLOTS = """
SELECT k.id, t.title, t.title_en, k.state, k.mark, m.place, m.starts_on, m.ends_on
FROM manuscripts m JOIN cases k ON k.id = m.case_id
JOIN manuscript_texts t ON t.case_id = k.id AND t.version = k.version
WHERE m.kind = 'slot' AND m.place <> '' AND m.ends_on >= ? AND m.starts_on <= ?
AND k.state NOT IN ('rejected', 'cancelled', 'retired', 'taken_down')
AND EXISTS (SELECT 1 FROM readers e WHERE e.case_id = k.id AND e.post IN ({})) ORDER BY m.starts_on, k.id LIMIT 500
"""


def weeks(first: date, many: int, posts: Iterable[str]) -> list[Week]:
    """The plan from that Monday on: what stands or is to stand in each place, week by week (PRO-14)."""
    posts = list(posts)
    last = first + timedelta(days=7 * many - 1)
    found = [
        Slot(case, Name(title, title_en), state, mark, place, as_day(starts), as_day(ends))  # type: ignore[arg-type]
        for case, title, title_en, state, mark, place, starts, ends in db.rows(
            _SLOTS.format(db.marks(posts)), _plain(first), _plain(last), *posts
        )
    ]
    return [_week(first + timedelta(days=7 * n), found) for n in range(many)]


def _week(first: date, slots: Iterable[Slot]) -> Week:
    last = first + timedelta(days=6)
    by_place: dict[str, list[Slot]] = {}
    for each in slots:
        if each.starts_on <= last and each.ends_on >= first:
            by_place.setdefault(each.place, []).append(each)
    return Week(first, last, by_place)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _plain(day: date) -> Any:
    return day if db.is_postgres() else day.isoformat()


# ---- versions -------------------------------------------------------------------------------------------------------


class Version(NamedTuple):
    """A version of a manuscript, with who made it and when."""

    n: int
    title: str
    title_en: str
    body: str
    body_en: str
    files: str
    by: Name | None
    at: datetime | None


_VERSIONS = """
SELECT t.version, t.title, t.title_en, t.body, t.body_en, t.files, p.name, p.name_en, t.at FROM manuscript_texts t
LEFT JOIN persons p ON p.id = t.by_id WHERE t.case_id = ? ORDER BY t.version DESC LIMIT 200
"""


def versions(case_id: int) -> list[Version]:
    """The latest first."""
    return [
        Version(n, title, title_en, body, body_en, files, Name(name, name_en) if name else None, at and db.from_ms(at))
        for n, title, title_en, body, body_en, files, name, name_en, at in db.rows(_VERSIONS, case_id)
    ]


def names_of(files: Iterable[str]) -> dict[str, str]:
    """What attachments are called, by their ids as versions keep them."""
    chosen = sorted({each for some in files for each in some.split(",") if each})
    if not chosen:
        return {}
    found = db.rows(f"SELECT id, name FROM attachments WHERE id IN ({db.marks(chosen)})", *map(int, chosen))
    return {str(key): name for key, name in found}


class Out(NamedTuple):
    """A publication as the page of its manuscript tells it."""

    version: int
    by: Name
    at: datetime
    due: datetime
    confirmed: str


_OUT = """
SELECT p.version, w.name, w.name_en, p.at, p.due_at, p.confirmed FROM publications p JOIN persons w ON w.id = p.by_id
WHERE p.case_id = ? ORDER BY p.id
"""


def publications(case_id: int) -> list[Out]:
    return [
        Out(version, Name(name, name_en), db.from_ms(at), db.from_ms(due), confirmed)
        for version, name, name_en, at, due, confirmed in db.rows(_OUT, case_id)
    ]


# ---- take-downs and upkeep ------------------------------------------------------------------------------------------


class Taken(NamedTuple):
    """Something that was taken down, with who did it and who answers for it."""

    id: int
    thing: str
    thing_id: int
    title: str
    reason: str
    by: Name
    responsible: Name
    at: datetime


_TAKEN = """
SELECT d.id, d.thing, d.thing_id, d.title, d.reason, b.name, b.name_en, r.name, r.name_en, d.at FROM take_downs d
JOIN persons b ON b.id = d.by_id JOIN persons r ON r.id = d.responsible_id WHERE {} ORDER BY d.id DESC LIMIT ?
"""


def take_downs(before: int | None = None, limit: int = PAGE + 1) -> list[Taken]:
    return _taken(_TAKEN.format("d.id < ?"), before or 2**62, limit)


def take_downs_of(thing: str, key: int) -> list[Taken]:
    return _taken(_TAKEN.format("d.thing = ? AND d.thing_id = ?"), thing, key, PAGE)


def _taken(sql: str, *values: Any) -> list[Taken]:
    return [
        Taken(key, thing, of, title, reason, Name(by, by_en), Name(who, who_en), db.from_ms(at))
        for key, thing, of, title, reason, by, by_en, who, who_en, at in db.rows(sql, *values)
    ]


class Kept(NamedTuple):
    """An entry of the log of the site's upkeep."""

    id: int
    done_on: date
    part: str
    text: str
    by: Name
    at: datetime


def upkeep(part: str = "", before: int | None = None, limit: int = PAGE + 1) -> list[Kept]:
    sql = f"""SELECT u.id, u.done_on, u.part, u.text, p.name, p.name_en, u.at FROM upkeep u JOIN persons p ON p.id = u.by_id
              WHERE u.id < ? {"AND u.part = ?" if part else ""} ORDER BY u.id DESC LIMIT ?"""
    asked = [before or 2**62, *([part] if part else []), limit]
    return [
        Kept(key, as_day(day), name_of, text, Name(name, name_en), db.from_ms(at))  # type: ignore[arg-type]
        for key, day, name_of, text, name, name_en, at in db.rows(sql, *asked)
    ]


def every_entry(part: str = "") -> Iterator[Kept]:
    before = None
    while found := upkeep(part, before):
        yield from found[:PAGE]
        if len(found) <= PAGE:
            return
        before = found[PAGE - 1].id
