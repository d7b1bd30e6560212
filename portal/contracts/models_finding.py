"""What the archive is asked: which contracts fit a search, who read one on site, which searches somebody keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from portal import clock, db, search
from portal.contracts import models_register
from portal.contracts.models import EVERYONE, STATES, SavedSearch, seen_by
from portal.contracts.models_register import PAGE, Listed
from portal.money import Money
from portal.words import Name, Words, _, from_json

ON_LOAN = "SELECT l.contract_id FROM loans l WHERE l.lent_at IS NOT NULL AND l.returned_at IS NULL AND l.fate = ''"
STANDING: dict[str, Words] = {"on_loan": _("On loan"), **STATES}
NEWEST_FIRST = "ORDER BY c.signed_on DESC, c.id DESC"


class Key(NamedTuple):
    """Where a list goes on: behind the row that was shown last."""

    signed_on: date
    id: int


@dataclass(frozen=True)
class Sought:
    """The filters of the archive's list, as they stand in its address."""

    text: str = ""
    exactly: str = ""  # a number, or a former one, as it stands
    number: str = ""
    year: int | None = None
    nature: int | None = None
    party: str = ""
    least: Money | None = None
    most: Money | None = None
    signed_from: date | None = None
    signed_until: date | None = None
    ends_from: date | None = None
    ends_until: date | None = None
    entered_from: date | None = None
    department: int | None = None
    place: str = ""
    state: str = ""
    before: Key | None = None

    def condition(self, posts: Iterable[str]) -> tuple[str, list[Any]]:
        """The condition on `c`, with what these posts may know of."""
        posts = list(posts)
        parts = [seen_by(posts), *self._plain(), *self._words(posts)]
        if self.before:
            parts.append(("(c.signed_on, c.id) < (?, ?)", [as_day(self.before.signed_on), self.before.id]))
        return " AND ".join(sql for sql, _values in parts), [value for _sql, values in parts for value in values]

    def _plain(self) -> Iterator[tuple[str, list[Any]]]:
        compared = {
            "c.year = ?": self.year, "c.nature_id = ?": self.nature, "c.department_id = ?": self.department,
            "c.amount >= ?": self.least, "c.amount <= ?": self.most,
            "c.signed_on >= ?": as_day(self.signed_from), "c.signed_on <= ?": as_day(self.signed_until),
            "c.ends >= ?": as_day(self.ends_from), "c.ends <= ?": as_day(self.ends_until),
        }  # fmt: skip
        yield from ((sql, [value]) for sql, value in compared.items() if value is not None)
        if self.entered_from is not None:
            yield "c.created_at >= ?", [db.to_ms(clock.start_of(self.entered_from))]
        if self.exactly:
            yield "(c.number = ? OR c.former_number <> '' AND c.former_number = ?)", [self.exactly.upper(), self.exactly]
        if self.state == "on_loan":
            yield f"c.id IN ({ON_LOAN})", []
        elif self.state:
            yield "c.state = ?", [self.state]

    def _words(self, posts: list[str]) -> Iterator[tuple[str, list[Any]]]:
        for typed, sql in ((self.number, _NUMBERED), (self.party, _PARTIES), (self.place, _PLACED)):
            if typed:
                found = sql.format(like=LIKE if db.is_postgres() else LIKE.removeprefix("I"))
                yield f"c.id IN ({found})", [like(typed)] * found.count("?")
        if self.text:
            register, values = search.among(self.text, [*posts, EVERYONE], "contract")
            scans, more = search.among(self.text, posts, "scan")
            yield f"(c.id IN ({register}) OR c.id IN ({scans}))", [*values, *more]


LIKE = r"ILIKE ? ESCAPE '\'"  # what SQLite calls LIKE minds no capital letters either
_NUMBERED = """
SELECT x.id FROM contracts x WHERE x.number {like}
UNION ALL SELECT x.id FROM contracts x WHERE x.former_number <> '' AND x.former_number {like}
"""
_PARTIES = "SELECT p.contract_id FROM contract_parties p WHERE p.name {like}"
_PLACED = "SELECT x.id FROM contracts x WHERE x.room {like} OR x.cabinet {like} OR x.box {like}"


def like(text: str) -> str:
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def as_day(day: date | None) -> Any:
    """A date as hand-written SQL compares it on either database."""
    return day if day is None or db.is_postgres() else day.isoformat()


def from_day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def found(sought: Sought, posts: Iterable[str], limit: int = PAGE + 1) -> list[Listed]:
    """The contracts that fit, newest first: which they are is settled before anything is joined to them."""
    posts = list(posts)
    condition, values = sought.condition(posts)
    chosen = f"c.id IN (SELECT id FROM (SELECT c.id FROM contracts c WHERE {condition} {NEWEST_FIRST} LIMIT ?) AS chosen)"
    return models_register.listed(posts, chosen, [*values, limit], NEWEST_FIRST)


def named(sought: Sought, posts: Iterable[str]) -> list[Listed]:
    """Of what fits, what has the text that is sought for its number: it stands before all that only contains it."""
    if not sought.text or sought.before or not any(sign.isdigit() for sign in sought.text):
        return []
    return found(replace(sought, text="", exactly=sought.text), posts, 3)


def every(sought: Sought, posts: Iterable[str], at_once: int = 500) -> Iterator[Listed]:
    """All of them, page after page."""
    posts = list(posts)
    while rows := found(sought, posts, at_once):
        yield from rows
        if len(rows) < at_once:
            return
        sought = replace(sought, before=Key(rows[-1].signed_on, rows[-1].id))


def on_loan(contract_ids: Iterable[int]) -> set[int]:
    """Which of these are out, as original or as copy."""
    chosen = sorted(contract_ids)
    sql = f"{ON_LOAN} AND l.contract_id IN ({db.marks(chosen)})"
    return {key for (key,) in db.rows(sql, *chosen)} if chosen else set()


# ---- what can be chosen ---------------------------------------------------------------------------------------------


@dataclass
class Choices:
    """What the filters offer, and the searches this person keeps, read in one statement."""

    natures: list[tuple[int, Name, str]] = field(default_factory=list)
    departments: list[tuple[int, Name, str]] = field(default_factory=list)
    searches: list[tuple[int, Name, str]] = field(default_factory=list)
    first_year: int | None = None


_CHOICES = """
SELECT * FROM (
SELECT 'natures' AS sort, n.id AS id, n.name AS name, n.name_en AS name_en, n.code AS more FROM natures n
UNION ALL SELECT 'departments', d.id, d.name, d.name_en, '' FROM departments d WHERE d.kind = 'department'
UNION ALL SELECT 'searches', s.id, s.name, '', s.query FROM saved_searches s WHERE s.person_id = ?
UNION ALL SELECT 'year', y.year, '', '', '' FROM (SELECT c.year FROM contracts c WHERE %s ORDER BY c.signed_on, c.id LIMIT 1) y
) choices ORDER BY sort, more, id
"""


def choices(person_id: int, posts: Iterable[str]) -> Choices:
    sees, seen = seen_by(posts)
    made = Choices()
    for sort, key, name, name_en, more in db.rows(_CHOICES % sees, person_id, *seen):
        if sort == "year":
            made.first_year = key
        else:
            getattr(made, sort).append((key, Name(name, name_en), more))
    return made


def searches_of(person_id: int) -> list[SavedSearch]:
    return SavedSearch.where("person_id = ? ORDER BY name, id", person_id)


# ---- readings on site -----------------------------------------------------------------------------------------------


class Read(NamedTuple):
    """Somebody read a contract at the archive."""

    id: int
    at: datetime
    contract: int
    number: str
    title: str
    person: Name
    department: Name
    by: Name
    is_own_word: bool
    note: str


_READ = """
SELECT r.id, r.at, c.id, c.number, c.title, p.name, p.name_en, d.name, d.name_en, b.name, b.name_en, r.person_id, r.by_id, r.note
FROM readings r JOIN contracts c ON c.id = r.contract_id JOIN persons p ON p.id = r.person_id
JOIN departments d ON d.id = p.department_id JOIN persons b ON b.id = r.by_id
"""


def readings_of(contract_id: int, before: int | None = None, limit: int = PAGE + 1) -> list[Read]:
    """Newest first; who may see them is the caller's to ask."""
    sql = f"{_READ} WHERE r.contract_id = ? AND r.id < ? ORDER BY r.id DESC LIMIT ?"
    return [_read(row) for row in db.rows(sql, contract_id, before or 2**62, limit)]


def readings(
    posts: Iterable[str], owners: Iterable[int] | None, since: datetime, until: datetime, before: int | None = None,
    limit: int = PAGE + 1,
) -> list[Read]:  # fmt: skip
    """The readings of a period, newest first, of contracts these posts may know of; `owners`: only of these departments."""
    sees, seen = seen_by(posts)
    chosen = None if owners is None else sorted(owners)
    owned = "" if chosen is None else f" AND c.department_id IN ({db.marks(chosen) or 'NULL'})"
    sql = f"{_READ} WHERE {sees}{owned} AND r.at >= ? AND r.at < ? AND r.id < ? ORDER BY r.id DESC LIMIT ?"
    values = [*seen, *(chosen or ()), db.to_ms(since), db.to_ms(until), before or 2**62, limit]
    return [_read(row) for row in db.rows(sql, *values)]


def _read(row: tuple[Any, ...]) -> Read:
    key, at, contract, number, title, name, name_en, unit, unit_en, by, by_en, person_id, by_id, note = row
    return Read(
        key, db.from_ms(at), contract, number, title, Name(name, name_en), Name(unit, unit_en), Name(by, by_en),
        person_id == by_id, note,
    )  # fmt: skip


def people() -> list[tuple[int, Name, str]]:
    """Everybody who works here, with their user name, for a list to choose a reader from."""
    found = db.rows("SELECT p.id, p.name, p.name_en, p.user FROM persons p WHERE p.active ORDER BY p.name, p.id LIMIT 5000")
    return [(key, Name(name, name_en), user) for key, name, name_en, user in found]


# ---- text of scans --------------------------------------------------------------------------------------------------

_SCANS = """
SELECT a.id, a.type, a.name, a.size_bytes, p.name, p.name_en, a.at, COALESCE(t.state, 'waiting'), COALESCE(t.pages, 0),
    CASE WHEN t.state = 'failed' THEN t.text ELSE '' END
FROM attachments a JOIN persons p ON p.id = a.by_id LEFT JOIN scan_texts t ON t.attachment_id = a.id
WHERE a.thing = 'contract' AND a.thing_id = ? AND a.purpose = 'scan' AND a.removed_at IS NULL ORDER BY a.id
"""


class Scanned(NamedTuple):
    """A scan as the contract's page shows it; `note` is what there is to say of its text."""

    id: int
    type: str
    name: str
    size_bytes: int
    by: Name
    at: datetime
    note: Words


def scans_of(contract_id: int) -> list[Scanned]:
    return [
        Scanned(key, kind, name, size, Name(by, by_en), db.from_ms(at), _scan_note(kind, *text))
        for key, kind, name, size, by, by_en, at, *text in db.rows(_SCANS, contract_id)
    ]


def _scan_note(kind: str, state: str, pages: int, why: str) -> Words:
    if kind.startswith("image/"):
        return _("A picture: what stands on it is not searched.")
    if state == "failed" and why:
        return _("Its text was not read: %(why)s", why=from_json(why))
    return _SAID[state]


_SAID: dict[str, Words] = {
    "waiting": _("Its text is being read."),
    "read": _("Its text can be searched."),
    "empty": _("It carries no text; only the register finds it."),
    "failed": _("Its text was not read."),
}
