"""Who is responsible for the archive, and what passes from one archivist to the next (CON-14)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from portal import clock, db
from portal.access import holder_ids, holders
from portal.contracts.models import seen_by
from portal.persons import Grant, Person, in_force
from portal.words import Name, Words, _

ROLE = "contract_archivist"
OPEN = ("outgoing", "incoming")
HELD: dict[str, Words] = {
    "in_archive": _("In the archive"), "flagged": _("Under investigation"), "on_loan": _("Original on loan"),
}  # fmt: skip


class Responsible(NamedTuple):
    """Somebody who answers for the archive today; `leaving` until the hand-over is signed by both."""

    id: int
    called: Name
    leaving: bool
    handover: int | None
    number: str


_LEAVING = """
SELECT p.id, p.name, p.name_en, k.id, k.number FROM handovers h JOIN cases k ON k.id = h.case_id
JOIN persons p ON p.id = h.outgoing_id WHERE k.state IN ('outgoing', 'incoming') ORDER BY k.id
"""


def responsible_now() -> list[Responsible]:
    """The archivists, and who hands over to one of them until both have signed."""
    leaving = {row[0]: row for row in db.rows(_LEAVING)}
    found = [Responsible(person.id, person.called, False, None, "") for person in holders(ROLE) if person.id not in leaving]
    return found + [
        Responsible(key, Name(name, name_en), True, case, number or "") for key, name, name_en, case, number in leaving.values()
    ]


class Listed(NamedTuple):
    """A hand-over as the page of custody shows it."""

    case: int
    number: str
    state: str
    outgoing: Name
    incoming: Name
    contracts: int
    signed_out: datetime | None
    signed_in: datetime | None
    is_readable: bool


_HANDOVERS = """
SELECT k.id, k.number, k.state, o.name, o.name_en, i.name, i.name_en,
    (SELECT COUNT(*) FROM handover_lines l JOIN contracts c ON c.id = l.contract_id WHERE l.case_id = k.id AND {}),
    h.signed_out_at, h.signed_in_at,
    EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN ({}))
FROM handovers h JOIN cases k ON k.id = h.case_id JOIN persons o ON o.id = h.outgoing_id JOIN persons i ON i.id = h.incoming_id
WHERE k.number IS NOT NULL ORDER BY k.id DESC LIMIT 50
"""


def handovers(posts: Iterable[str]) -> list[Listed]:
    """The latest hand-overs, with how many contracts on them these posts may know of. That there was one is no secret; its list
    is read by those who may."""
    posts = list(posts)
    sees, seen = seen_by(posts)
    return [
        Listed(
            case, number, state, Name(out, out_en), Name(to, to_en), n, a and db.from_ms(a), b and db.from_ms(b), bool(readable)
        )
        for case, number, state, out, out_en, to, to_en, n, a, b, readable in db.rows(
            _HANDOVERS.format(sees, db.marks(posts)), *seen, *posts
        )
    ]


class Held(NamedTuple):
    """A contract of the frozen list of a hand-over."""

    contract: int
    number: str
    title: str
    place: str
    state: str


_HELD = """
SELECT c.id, c.number, c.title, l.place, l.state FROM handover_lines l JOIN contracts c ON c.id = l.contract_id
WHERE l.case_id = ? AND {} AND c.number > ? ORDER BY c.number LIMIT ?
"""


def held_in(case_id: int, posts: Iterable[str] | None, after: str = "", limit: int = 51) -> list[Held]:
    """The list by number; without posts the whole of it, for the two who sign it."""
    sees, seen = ("1 = 1", []) if posts is None else seen_by(posts)
    return [Held(*row) for row in db.rows(_HELD.format(sees), case_id, *seen, after, limit)]


def every_held(case_id: int, posts: Iterable[str] | None) -> Iterator[Held]:
    posts, after = None if posts is None else list(posts), ""
    while found := held_in(case_id, posts, after, 500):
        yield from found
        after = found[-1].number


_COUNT_HELD = "SELECT COUNT(*) FROM handover_lines l JOIN contracts c ON c.id = l.contract_id WHERE l.case_id = ? AND {}"


def count_held(case_id: int, posts: Iterable[str] | None = None) -> int:
    """How long the list is, for the same readers."""
    sees, seen = ("1 = 1", []) if posts is None else seen_by(posts)
    return db.row(_COUNT_HELD.format(sees), case_id, *seen)[0]  # type: ignore[index]


def archivists_who_left() -> list[Person]:
    """Who kept the archive and does not any more, and did not begin to hand over since."""
    today = clock.today()
    began: dict[int, date] = {}
    for grant in Grant.select().where(Grant.role == ROLE, ~Grant.acting, Grant.starts <= today):
        began[grant.person_id] = max(grant.starts, began.get(grant.person_id, grant.starts))
    still = set(holder_ids(ROLE))
    return [Person.get_by_id(key) for key in sorted(began) if key not in still and not _handed_over(key, began[key])]


def _handed_over(person_id: int, since: date) -> bool:
    sql = """SELECT 1 FROM handovers h JOIN cases k ON k.id = h.case_id
             WHERE h.outgoing_id = ? AND k.created_at >= ? AND k.state NOT IN ('draft', 'cancelled')"""
    return bool(db.row(sql, person_id, db.to_ms(clock.start_of(since))))


def successor(but: int) -> Person | None:
    """Who keeps the archive now: of several, who got the role last, and for good rather than as a stand-in."""
    found = Grant.select(Grant, Person).join(Person, on=Grant.person).where(Grant.role == ROLE, in_force(), Person.active)
    others = sorted((grant for grant in found if grant.person_id != but), key=lambda each: (not each.acting, each.id))
    return others[-1].person if others else None


def holds_something() -> bool:
    return bool(db.row("SELECT 1 FROM contracts WHERE state IN ('in_archive', 'flagged') LIMIT 1"))
