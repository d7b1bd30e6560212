"""What a check found otherwise than the register says: put back where it belongs, or taken over into the register (CON-02)."""

from __future__ import annotations

from portal import clock, db
from portal.contracts.models import CheckLine
from portal.contracts.models_checks import MOST_AT_ONCE, Line, differing, seen_as
from portal.contracts.rules_checks import counting
from portal.contracts.rules_register import change
from portal.persons import Person
from portal.refused import Mistyped, Refused, SomebodyWasFirst
from portal.words import _


@db.transaction
def settle(person: Person, case_id: int, how: str, seen: str, line_id: int | None = None) -> int:
    """All that differs, or one line, as it was shown; answers how many. `how`: `taken_over` changes the register, one change of
    each contract with its event; `put_back` leaves it as it is. Raises SomebodyWasFirst."""
    case = counting(person, case_id)
    if how not in ("taken_over", "put_back"):
        raise Mistyped(_("Choose one of the list."), "how")
    found = differing(case.id, line_id)[:MOST_AT_ONCE]
    if not found or seen_as(found) != seen:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))
    for line in found:
        if how == "taken_over":
            _take_over(person, line, case.number or "")
        _settled(person, line, how)
    return len(found)


def _take_over(person: Person, line: Line, check: str) -> None:
    try:
        change(person, line.contract, line.events, found_by=check, **line.differing)
    except Mistyped as refusal:
        raise Refused(_("%(number)s: %(why)s", number=line.number, why=refusal.why)) from refusal


def _settled(person: Person, line: Line, how: str) -> None:
    CheckLine.update(settled=how, settled_by=person, settled_at=clock.now()).where(CheckLine.id == line.id).execute()
