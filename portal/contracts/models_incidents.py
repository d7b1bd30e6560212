"""Incidents as lists show them, and what stands open on a contract (CON-03)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from portal import clock, db
from portal.contracts.models import seen_by
from portal.contracts.models_register import open_papers
from portal.words import Name, Words, _

PAGE = 50
OPEN = ("opened", "closing", "closing_by_gm")
KINDS: dict[str, Words] = {
    "lost": _("Lost"), "missing": _("Not found"), "damaged": _("Damaged"), "pages": _("Pages missing"),
}  # fmt: skip
OUTCOMES: dict[str, Words] = {"kept": _("It stays in the archive"), "gone": _("It is lost for good: withdraw it")}
TABS: dict[str, Words] = {"open": _("Running"), "closed": _("Case closed")}


class Told(NamedTuple):
    """An incident as a list shows it."""

    case: int
    number: str
    state: str
    contract: int
    contract_number: str
    title: str
    kind: str
    department: Name
    opened: datetime
    closed: datetime | None
    responsible: Name | None
    decision: str

    @property
    def days_open(self) -> int:
        return (clock.local(self.closed or clock.now()).date() - clock.local(self.opened).date()).days


_INCIDENTS = """
SELECT k.id, k.number, k.state, c.id, c.number, c.title, i.kind, d.name, d.name_en, k.created_at, i.closed_at, p.name, p.name_en,
    i.decision
FROM incidents i JOIN cases k ON k.id = i.case_id JOIN contracts c ON c.id = i.contract_id
JOIN departments d ON d.id = k.department_id LEFT JOIN persons p ON p.id = i.responsible_id
WHERE {} AND EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN ({})) AND k.id < ? AND {}
ORDER BY k.id DESC LIMIT ?
"""
_CONDITIONS = {"open": "k.state IN ('opened', 'closing', 'closing_by_gm')", "closed": "k.state = 'closed'"}


def incidents(posts: Iterable[str], tab: str, before: int | None = None, limit: int = PAGE + 1) -> list[Told]:
    """The incidents these posts may read, newest first, of contracts they may know of."""
    posts = list(posts)
    sees, seen = seen_by(posts)
    sql = _INCIDENTS.format(sees, db.marks(posts), _CONDITIONS[tab])
    return [_read(row) for row in db.rows(sql, *seen, *posts, before or 2**62, limit)]


def every_incident(posts: Iterable[str], tab: str) -> Iterator[Told]:
    """All of a list, page by page."""
    posts, before = list(posts), None
    while found := incidents(posts, tab, before):
        yield from found
        before = found[-1].case


def _read(row: tuple[Any, ...]) -> Told:
    case, number, state, contract, contract_number, title, kind, unit, unit_en, opened, closed, name, name_en, decision = row
    return Told(
        case, number or "", state, contract, contract_number, title, kind, Name(unit, unit_en), db.from_ms(opened),
        closed and db.from_ms(closed), Name(name, name_en) if name else None, decision,
    )  # fmt: skip


def open_incidents_of(contract_id: int, but: int = 0) -> list[tuple[int, str]]:
    """The open incidents of a contract: case and number."""
    found = open_papers(contract_id)
    return [(each.case, each.number) for each in found if each.kind == "incident" and each.state in OPEN and each.case != but]


def is_lost_for_good(contract_id: int) -> bool:
    return bool(db.row("SELECT 1 FROM incidents WHERE contract_id = ? AND outcome = 'gone' LIMIT 1", contract_id))
