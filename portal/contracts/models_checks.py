"""The half-yearly check as its pages read it: what is expected, what was found, and how far it has come (CON-02, CON-13)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from portal import clock, db, policies
from portal.contracts.models import SEE_ALL, Place, seen_by, sees_all
from portal.contracts.models_loans import by_number, read_day
from portal.words import Name, Words, _

PAGE = 50
MOST_AT_ONCE = 200
RESULTS: dict[str, Words] = {
    "present": _("Present"), "missing": _("Not found"), "damaged": _("Damaged"), "wrong_place": _("In the wrong place"),
    "on_loan": _("Still on loan"), "found": _("Found, though on loan"),
}  # fmt: skip
TO_INCIDENT = ("missing", "damaged")
SETTLED: dict[str, Words] = {  # what became of what differs from the register
    "taken_over": _("Register corrected"), "put_back": _("Back in its place"), "left": _("Not dealt with"),
}  # fmt: skip
SCANS: dict[str, Words] = RESULTS | {"again": _("Scanned already"), "unknown": _("Unknown"), "not_listed": _("Not on the list")}
SHOWS: dict[str, Words] = {"left": _("Not counted yet"), "trouble": _("Something is wrong"), "all": _("All contracts")}

check_dates = policies.declare(
    "contract_check_dates", "06-30 12-31", "gm", _("Days by which the archive is checked, as month-day"), rule="CON-02"
)
check_ahead_days = policies.declare(
    "contract_check_ahead_days", 14, "gm", _("The half-yearly check is opened before its day by"), unit=_("days"), minimum=0,
    maximum=90, rule="CON-02",
)  # fmt: skip
_DAY = re.compile(r"(?<![0-9])([0-9]{1,2})-([0-9]{1,2})(?![0-9])", re.ASCII)


def check_days(year: int) -> list[date]:
    """The days of the policy in that year; the proposed ones where nothing readable stands there."""
    for text in (check_dates(), check_dates.default):
        found = sorted({day for month, number in _DAY.findall(str(text)) if (day := _real_day(year, int(month), int(number)))})
        if found:
            return found
    raise AssertionError("the proposed days are real")


def _real_day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


class Half(NamedTuple):
    """A check that falls due: `2026-1` by 30 June 2026."""

    name: str
    due_on: date


def half_now() -> Half:
    """The last check that was or is to be opened by today."""
    today = clock.today()
    named = [
        Half(f"{year}-{n}", day)
        for year in (today.year - 1, today.year, today.year + 1)
        for n, day in enumerate(check_days(year), 1)
    ]
    return [half for half in named if half.due_on - timedelta(days=check_ahead_days()) <= today][-1]


def is_opened(half: Half) -> bool:
    return bool(db.row("SELECT 1 FROM archive_checks WHERE half = ?", half.name))


def had_contracts(day: date) -> bool:
    """Whether there was something to check on that day."""
    return bool(db.row("SELECT 1 FROM contracts WHERE created_at < ? LIMIT 1", db.to_ms(clock.end_of(day))))


# ---- which checks there are -----------------------------------------------------------------------------------------


class Running(NamedTuple):
    """The check that is going on."""

    case: int
    number: str
    due_on: date


def running_check() -> Running | None:
    found = db.row(
        "SELECT k.id, k.number, a.due_on FROM archive_checks a JOIN cases k ON k.id = a.case_id WHERE k.state = 'counting'"
    )
    return Running(found[0], found[1] or "", read_day(found[2])) if found else None


class Listed(NamedTuple):
    """A check as the list shows it."""

    id: int
    number: str
    title: str
    state: str
    half: str
    opened_on: date
    due_on: date
    closed_at: datetime | None
    done: int
    whole: int
    trouble: int

    @property
    def is_late(self) -> bool:
        return self.closed_at is None and self.due_on < clock.today()


_CHECKS = """
SELECT k.id, k.number, k.title, k.state, a.half, a.opened_on, a.due_on, a.closed_at, COUNT(l.at), COUNT(l.id),
    COUNT(CASE WHEN l.result IN ('missing', 'damaged', 'wrong_place', 'found') THEN 1 END)
FROM archive_checks a JOIN cases k ON k.id = a.case_id LEFT JOIN check_lines l ON l.case_id = a.case_id
WHERE EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN ({})) AND k.id < ?
GROUP BY k.id, k.number, k.title, k.state, a.half, a.opened_on, a.due_on, a.closed_at ORDER BY k.id DESC LIMIT ?
"""


def checks(posts: Iterable[str], before: int | None = None, limit: int = PAGE + 1) -> list[Listed]:
    """Newest first."""
    posts = list(posts)
    return [
        Listed(
            case, number or "", title, state, half, read_day(opened), read_day(due), closed and db.from_ms(closed), done, whole,
            trouble,
        )
        for case, number, title, state, half, opened, due, closed, done, whole, trouble in db.rows(
            _CHECKS.format(db.marks(posts)), *posts, before or 2**62, limit
        )
    ]  # fmt: skip


# ---- lines ----------------------------------------------------------------------------------------------------------


class Line(NamedTuple):
    """A contract of the list, how it was found, and what the register said and says."""

    id: int
    case: int
    contract: int
    number: str
    title: str
    kept: Place
    department: Name
    expected: str
    result: str
    found: Place
    fire_proof: bool | None
    damp_proof: bool | None
    note: str
    who: Name | None
    at: datetime | None
    incident: int | None
    incident_number: str
    recorded_place: str
    recorded_fire: bool
    recorded_damp: bool
    settled: str
    settled_who: Name | None
    events: int
    says_fire: bool
    says_damp: bool

    @property
    def place(self) -> str:
        """Where the register says it is now."""
        return str(self.kept)

    @property
    def found_place(self) -> str:
        return str(self.found)

    @property
    def result_words(self) -> Words | str:
        return RESULTS[self.result] if self.result else ""

    @property
    def settled_words(self) -> Words | str:
        if self.settled == "put_back" and self.result != "wrong_place":
            return _("Put right")
        return SETTLED.get(self.settled, "")

    @property
    def needs_incident(self) -> bool:
        return self.result in TO_INCIDENT and self.incident is None

    @property
    def lacks_protection(self) -> bool:
        """The register said it is protected, the check says it is not."""
        return (self.recorded_fire and self.fire_proof is False) or (self.recorded_damp and self.damp_proof is False)

    @property
    def differing(self) -> dict[str, Any]:
        """What the register would say otherwise if what was found were taken over, by field."""
        found: dict[str, Any] = {}
        if self.result == "wrong_place" and self.found != self.kept:
            found |= self.found._asdict()
        if self.fire_proof not in (None, self.says_fire):
            found["fire_proof"] = self.fire_proof
        if self.damp_proof not in (None, self.says_damp):
            found["damp_proof"] = self.damp_proof
        return found

    @property
    def seen_as(self) -> str:
        """A mark of the line and its contract as they are: another one when either changes."""
        return f"{self.id}.{self.events}.{db.to_ms(self.at) if self.at else 0}"


_LINES = """
SELECT l.id, l.case_id, c.id, c.number, c.title, c.room, c.cabinet, c.box, d.name, d.name_en, l.expected, l.result, l.found_room,
    l.found_cabinet, l.found_box, l.fire_proof, l.damp_proof, l.note, p.name, p.name_en, l.at, l.incident_id, k.number,
    l.recorded_place, l.recorded_fire, l.recorded_damp, l.settled, s.name, s.name_en, c.events, c.fire_proof, c.damp_proof
FROM check_lines l JOIN contracts c ON c.id = l.contract_id JOIN departments d ON d.id = c.department_id
JOIN cases a ON a.id = l.case_id LEFT JOIN persons p ON p.id = l.by_id LEFT JOIN cases k ON k.id = l.incident_id
LEFT JOIN persons s ON s.id = l.settled_by_id WHERE """
OTHERWISE = """
c.state IN ('in_archive', 'flagged') AND (
    l.result = 'wrong_place' AND (l.found_room <> c.room OR l.found_cabinet <> c.cabinet OR l.found_box <> c.box)
    OR COALESCE(l.fire_proof, c.fire_proof) <> c.fire_proof OR COALESCE(l.damp_proof, c.damp_proof) <> c.damp_proof)
"""  # the line l was found otherwise than the register says now of its contract c
DIFFERS = f"(a.state = 'counting' AND l.settled = '' AND {OTHERWISE})"  # and the check a goes on: it can be dealt with
TROUBLE = (
    "(l.result NOT IN ('', 'present', 'on_loan') OR (l.recorded_fire AND l.fire_proof = FALSE) "
    "OR (l.recorded_damp AND l.damp_proof = FALSE))"
)
_SHOWN = {
    "left": "l.result = ''",
    "trouble": TROUBLE,
    "differing": DIFFERS,
    "settled": "l.settled <> ''",
    "other_trouble": f"({TROUBLE} AND (l.result IN ('missing', 'damaged', 'found') OR l.settled = '' AND NOT {DIFFERS}))",
    "all": "1 = 1",
}


def lines(case_id: int, show: str = "all", after: int = 0, limit: int = PAGE + 1, posts: Iterable[str] = SEE_ALL) -> list[Line]:
    """The lines in the order of the list, which is that of the shelves: all of them, or those that posts may know of."""
    sees, seen = seen_by(posts)
    sql = f"{_LINES} l.case_id = ? AND l.id > ? AND {sees} AND {_SHOWN[show]} ORDER BY l.id LIMIT ?"
    return [_line(row) for row in db.rows(sql, case_id, after, *seen, limit)]


def differing(case_id: int, line_id: int | None = None) -> list[Line]:
    """What was found otherwise than the register says, while nobody decided which is right: of a check, or one line of it. One
    more than is settled at once."""
    if line_id is None:
        return lines(case_id, "differing", limit=MOST_AT_ONCE + 1)
    return [_line(row) for row in db.rows(f"{_LINES} l.case_id = ? AND l.id = ? AND {_SHOWN['differing']}", case_id, line_id)]


def seen_as(found: Iterable[Line]) -> str:
    """A mark of these lines and their contracts as a page showed them; of a single line, its own."""
    seen = [line.seen_as for line in found]
    return seen[0] if len(seen) == 1 else hashlib.sha256(" ".join(seen).encode()).hexdigest()[:20]


def every_line(case_id: int, show: str = "all", posts: Iterable[str] = SEE_ALL) -> Iterator[Line]:
    after, posts = 0, list(posts)
    while found := lines(case_id, show, after, 500, posts):
        yield from found
        after = found[-1].id


def line_of(case_id: int, contract_id: int) -> Line | None:
    found = db.row(f"{_LINES} l.case_id = ? AND l.contract_id = ?", case_id, contract_id)
    return _line(found) if found else None


def line_by_id(line_id: int) -> Line | None:
    found = db.row(f"{_LINES} l.id = ?", line_id)
    return _line(found) if found else None


def open_line(contract_id: int) -> Line | None:
    """The contract's line in the check that is going on: its page carries the buttons for the result then."""
    sql = (
        f"{_LINES} l.contract_id = ? AND l.case_id IN (SELECT id FROM cases WHERE kind = 'archive_check' AND state = 'counting')"
    )
    found = db.row(sql, contract_id)
    return _line(found) if found else None


def _line(row: tuple[Any, ...]) -> Line:
    key, case, contract, number, title, *rest = row
    kept, (unit, unit_en, expected, result), found, rest = Place(*rest[:3]), rest[3:7], Place(*rest[7:10]), rest[10:]
    fire, damp, note, name, name_en, at, incident, incident_number, recorded, had_fire, had_damp, settled, *rest = rest
    settler, settler_en, events, says_fire, says_damp = rest
    return Line(
        key, case, contract, number, title, kept, Name(unit, unit_en), expected, result, found,
        None if fire is None else bool(fire), None if damp is None else bool(damp), note, Name(name, name_en) if name else None,
        at and db.from_ms(at), incident, incident_number or "", recorded, bool(had_fire), bool(had_damp), settled,
        Name(settler, settler_en) if settler else None, events, bool(says_fire), bool(says_damp),
    )  # fmt: skip


class Progress(NamedTuple):
    """How far a check has come: how many lines had which result, and what stands in the way of closing it."""

    whole: int
    done: int
    by_result: dict[str, int]
    without_incident: int
    lent_left: int

    @property
    def left(self) -> int:
        return self.whole - self.done

    @property
    def percent(self) -> int:
        return 100 * self.done // max(self.whole, 1)


_PROGRESS = """
SELECT l.result, l.expected, COUNT(*),
    COUNT(CASE WHEN l.result IN ('missing', 'damaged') AND l.incident_id IS NULL THEN 1 END)
FROM check_lines l {} WHERE l.case_id = ? AND {} GROUP BY l.result, l.expected
"""


def progress(case_id: int, posts: Iterable[str] = SEE_ALL) -> Progress:
    """Of the whole list, or of what of it posts may know of."""
    posts = list(posts)
    sees, seen = seen_by(posts)
    joined = "" if sees_all(posts) else "JOIN contracts c ON c.id = l.contract_id"
    found = db.rows(_PROGRESS.format(joined, sees), case_id, *seen)
    by_result = {name: sum(n for result, _e, n, _w in found if result == name) for name in RESULTS}
    lent_left = sum(n for result, expected, n, _w in found if not result and expected == "lent")
    return Progress(sum(row[2] for row in found), sum(by_result.values()), by_result, sum(row[3] for row in found), lent_left)


_IS_OUT = """
SELECT 1 FROM loans l JOIN cases k ON k.id = l.case_id WHERE l.contract_id = ? AND l.form = 'original' AND l.is_open
AND l.lent_at IS NOT NULL
"""


def is_out(contract_id: int) -> bool:
    """Whether its original is with a borrower now."""
    return bool(db.row(_IS_OUT, contract_id))


_ADDRESS = re.compile(r"/contracts/([0-9]{1,10})(?:[/?#].*)?$", re.ASCII)


def contract_of_code(code: str) -> int | None:
    """The contract of a scanned or typed code: its label's address, its number, or its former number."""
    if found := _ADDRESS.search(code):
        key = int(found[1])
        return key if db.row("SELECT 1 FROM contracts WHERE id = ?", key) else None
    contract = by_number(code, SEE_ALL)
    return contract.id if contract else None


_UNSETTLED = """
SELECT k.number FROM check_lines l JOIN cases k ON k.id = l.case_id WHERE l.contract_id = ? AND k.state = 'counting'
AND (l.result = '' OR l.result IN ('missing', 'damaged') AND l.incident_id IS NULL)
"""


def unsettled_in(contract_id: int) -> str | None:
    """The check that is going on in which it is not counted yet, or missing or damaged without an incident."""
    found = db.row(_UNSETTLED, contract_id)
    return found[0] if found else None
