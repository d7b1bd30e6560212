"""Which contracts have been kept for as long as their nature says (CON; open point on retention)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from portal import clock, db
from portal.contracts.models import Contract, Nature, seen_by
from portal.contracts.models_loans import kept_day, read_day
from portal.words import Name

PAGE = 50
OPEN = ("submitted", "endorsed", "approved", "witnessing")
_KEPT_OUT = """
NOT EXISTS (SELECT 1 FROM loans l WHERE l.contract_id = c.id AND l.is_open)
AND NOT EXISTS (SELECT 1 FROM destruction_lines x JOIN cases k ON k.id = x.case_id AND k.version = x.version
    WHERE x.contract_id = c.id AND k.state IN ('draft', 'submitted', 'endorsed', 'approved', 'witnessing'))
"""


def ended_on(contract: Contract) -> date:
    """Its end; of one without an end the day it was signed, which is all that is known of it."""
    return contract.ends or contract.signed_on


def years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def is_due(contract: Contract) -> bool:
    years = contract.nature.years_kept
    return years is not None and ended_on(contract) <= years_before(clock.today(), years)


class Due(NamedTuple):
    """A contract whose years are over."""

    id: int
    number: str
    title: str
    department: int
    department_called: Name
    nature: Name
    ended_on: date
    years: int
    state: str
    place: str


def _due_condition() -> tuple[str, list[Any]]:
    """On `c`: the years of its nature are over today."""
    natures = [(each.id, each.years_kept) for each in Nature.select() if each.years_kept is not None]
    if not natures:
        return "1 = 0", []
    one = "(c.nature_id = ? AND COALESCE(c.ends, c.signed_on) <= ?)"
    values = [value for key, years in natures for value in (key, kept_day(years_before(clock.today(), years)))]
    return f"({' OR '.join([one] * len(natures))})", values


_DUE = """
SELECT c.id, c.number, c.title, d.id, d.name, d.name_en, n.name, n.name_en, COALESCE(c.ends, c.signed_on), n.years_kept, c.state,
    c.room, c.cabinet, c.box
FROM contracts c JOIN departments d ON d.id = c.department_id JOIN natures n ON n.id = c.nature_id
WHERE {} AND {} AND c.state IN ('in_archive', 'withdrawn') AND {} AND (c.department_id = ? OR ? = 0) AND c.id > ?
ORDER BY c.id LIMIT ?
"""


def due(posts: Iterable[str], department: int = 0, after: int = 0, limit: int = PAGE + 1) -> list[Due]:
    """Contracts that may be destroyed: their years are over, they are there, and no paper says so yet."""
    sees, seen = seen_by(posts)
    over, values = _due_condition()
    sql = _DUE.format(sees, over, _KEPT_OUT)
    return [_read(row) for row in db.rows(sql, *seen, *values, department, department, after, limit)]


def every_due(posts: Iterable[str], department: int = 0) -> Iterator[Due]:
    posts, after = list(posts), 0
    while found := due(posts, department, after, 500):
        yield from found
        after = found[-1].id


def _read(row: tuple[Any, ...]) -> Due:
    key, number, title, unit, name, name_en, nature, nature_en, ended, years, state, *place = row
    where = " / ".join(part for part in place if part)
    return Due(key, number, title, unit, Name(name, name_en), Name(nature, nature_en), read_day(ended), years, state, where)


_BY_DEPARTMENT = """
SELECT d.id, d.name, d.name_en, COUNT(*) FROM contracts c JOIN departments d ON d.id = c.department_id
WHERE {} AND {} AND c.state IN ('in_archive', 'withdrawn') AND {} GROUP BY d.id, d.name, d.name_en ORDER BY d.id
"""


def due_by_department(posts: Iterable[str]) -> list[tuple[int, Name, int]]:
    """Owner departments with how many of their contracts may be destroyed."""
    sees, seen = seen_by(posts)
    over, values = _due_condition()
    found = db.rows(_BY_DEPARTMENT.format(sees, over, _KEPT_OUT), *seen, *values)
    return [(key, Name(name, name_en), n) for key, name, name_en, n in found]


_ELSEWHERE = f"""
SELECT k.number FROM destruction_lines x JOIN cases k ON k.id = x.case_id AND k.version = x.version
WHERE x.contract_id = ? AND k.id <> ? AND k.state IN ({db.marks(OPEN)}) ORDER BY k.id LIMIT 1
"""


def destroyed_elsewhere(contract_id: int, but: int) -> str | None:
    """The other open paper that proposes it."""
    found = db.row(_ELSEWHERE, contract_id, but, *OPEN)
    return found[0] if found else None
