"""The contract statistics list: counted from the register and nothing else, over what its reader may know of (CON-04, CON-05)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from portal import clock, db
from portal.contracts.models import STATES, seen_by
from portal.contracts.models_finding import ON_LOAN, Sought, from_day
from portal.money import Money
from portal.words import Name, Words, _


@dataclass(frozen=True)
class Part:
    """What the list is broken down by: how a row is called, and where the rows come from."""

    label: Words
    title: Words
    key: str
    called: tuple[str, str, str]  # name, English name, code
    joined: str = ""
    order: str = "6 DESC, 1"


PARTS: dict[str, Part] = {
    "year": Part(_("Year"), _("Contracts by year"), "c.year", ("''", "''", "''"), order="1 DESC"),
    "nature": Part(
        _("Project nature"), _("Contracts by project nature"), "n.id", ("n.name", "n.name_en", "n.code"),
        "JOIN natures n ON n.id = c.nature_id",
    ),
    "party": Part(
        _("Party"), _("Contracts by party"), "p.name", ("p.name", "''", "''"),
        "JOIN contract_parties p ON p.contract_id = c.id",
    ),
    "department": Part(
        _("Owner department"), _("Contracts by owner department"), "d.id", ("d.name", "d.name_en", "''"),
        "JOIN departments d ON d.id = c.department_id",
    ),
    "state": Part(_("State"), _("Contracts by state"), "c.state", ("''", "''", "''")),
}  # fmt: skip


class Counted(NamedTuple):
    """A row of the list."""

    key: Any
    called: Name | Words
    code: str
    contracts: int
    amount: Money
    without_amount: int
    on_loan: int
    flagged: int
    gone: int


_FIGURES = f"""
SUM(CASE WHEN c.amount IS NULL THEN 1 ELSE 0 END), SUM(CASE WHEN o.contract_id IS NOT NULL THEN 1 ELSE 0 END),
SUM(CASE WHEN c.state = 'flagged' THEN 1 ELSE 0 END), SUM(CASE WHEN c.state IN ('withdrawn', 'destroyed') THEN 1 ELSE 0 END)
FROM contracts c LEFT JOIN (SELECT DISTINCT contract_id FROM ({ON_LOAN}) l) o ON o.contract_id = c.id
"""


def counted(by: str, sought: Sought, posts: Iterable[str], most: int = 1_000_000) -> list[Counted]:
    """The list by that part: years newest first, everything else by how much money it is."""
    part, (condition, values) = PARTS[by], sought.condition(posts)
    named = ", ".join(part.called)
    grouped = ", ".join(dict.fromkeys([part.key, *(each for each in part.called if each != "''")]))
    sql = (
        f"SELECT {part.key}, {named}, COUNT(*), COALESCE(SUM(c.amount), 0), {_FIGURES} {part.joined} "
        f"WHERE {condition} GROUP BY {grouped} ORDER BY {part.order} LIMIT ?"
    )
    return [_counted(by, row) for row in db.rows(sql, *values, most)]


def _counted(by: str, row: tuple[Any, ...]) -> Counted:
    key, name, name_en, code, contracts, amount, *figures = row
    called: Name | Words = STATES[key] if by == "state" else Name(str(key) if by == "year" else name, name_en)
    return Counted(key, called, code, contracts, Money(int(amount)), *map(int, figures))


def total(sought: Sought, posts: Iterable[str]) -> Counted:
    """All of them together; each contract once, however many parties it has."""
    condition, values = sought.condition(posts)
    row = db.row(f"SELECT COUNT(*), COALESCE(SUM(c.amount), 0), {_FIGURES} WHERE {condition}", *values)
    contracts, amount, *figures = row  # type: ignore[misc]
    return Counted("", _("Together"), "", contracts, Money(int(amount)), *(int(each or 0) for each in figures))


# ---- what is out, and what is under investigation -------------------------------------------------------------------


class Out(NamedTuple):
    """A loan that has not come back."""

    case: int
    case_number: str
    contract: int
    number: str
    title: str
    form: str
    borrower: Name
    department: Name
    due_on: date
    is_readable: bool

    @property
    def days_late(self) -> int:
        return max((clock.today() - self.due_on).days, 0)


_OUT = """
SELECT k.id, k.number, c.id, c.number, c.title, l.form, p.name, p.name_en, d.name, d.name_en, l.due_on,
    EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN (%s))
FROM loans l JOIN cases k ON k.id = l.case_id JOIN contracts c ON c.id = l.contract_id
JOIN persons p ON p.id = k.requester_id JOIN departments d ON d.id = k.department_id
WHERE l.lent_at IS NOT NULL AND l.returned_at IS NULL AND l.fate = '' AND %s ORDER BY l.due_on, k.id
"""


def loans_out(posts: Iterable[str]) -> list[Out]:
    """All open loans of what these posts may know of, those due first first."""
    posts = list(posts)
    sees, seen = seen_by(posts)
    found = []
    for case, number, contract, of, title, form, name, name_en, unit, unit_en, due, readable in db.rows(
        _OUT % (db.marks(posts) or "NULL", sees), *posts, *seen
    ):
        borrower, department = Name(name, name_en), Name(unit, unit_en)
        found.append(Out(case, number or "", contract, of, title, form, borrower, department, from_day(due), bool(readable)))
    return found


class Open(NamedTuple):
    """An incident that is not closed."""

    case: int
    case_number: str
    contract: int
    number: str
    title: str
    kind: str
    since: date
    is_readable: bool


_INCIDENTS = """
SELECT k.id, k.number, c.id, c.number, c.title, i.kind, k.created_at,
    EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN (%s))
FROM incidents i JOIN cases k ON k.id = i.case_id JOIN contracts c ON c.id = i.contract_id
WHERE i.closed_at IS NULL AND k.closed_at IS NULL AND %s ORDER BY k.id
"""


def incidents_open(posts: Iterable[str]) -> list[Open]:
    """All open incidents of what these posts may know of, oldest first."""
    posts = list(posts)
    sees, seen = seen_by(posts)
    found = db.rows(_INCIDENTS % (db.marks(posts) or "NULL", sees), *posts, *seen)
    return [
        Open(case, number or "", contract, of, title, kind, clock.local(db.from_ms(at)).date(), bool(readable))
        for case, number, contract, of, title, kind, at, readable in found
    ]
