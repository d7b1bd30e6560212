"""The calendar of working days, corrected where the company works or rests otherwise than the public one."""

from __future__ import annotations

from datetime import date

from portal import clock, db, history
from portal.people.models_calendar import CalendarDay, forget
from portal.people.rules_departments import only_administrators
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import _


@db.transaction
def correct_day(by: Person | None, day: date, is_worked: bool, note: str) -> CalendarDay:
    """From now on the day counts so; deadlines set already stay. Raises Mistyped where nothing would change."""
    only_administrators(by)
    if clock.is_worked(day) == is_worked:
        why = _("%(day)s is a working day already.", day=day) if is_worked else _("%(day)s is a day of rest already.", day=day)
        raise Mistyped(why, "day")
    return _write(by, day, is_worked, note)


@db.transaction
def take_back(by: Person | None, corrected: CalendarDay) -> CalendarDay:
    """The public calendar counts again for that day."""
    only_administrators(by)
    return _write(by, corrected.day, None, "")


def _write(by: Person | None, day: date, is_worked: bool | None, note: str) -> CalendarDay:
    kept, _made = CalendarDay.get_or_create(day=day, defaults={"is_worked": None})
    before = kept.is_worked
    CalendarDay.update(is_worked=is_worked, note=note).where(CalendarDay.id == kept.id).execute()
    action = "public" if is_worked is None else "work" if is_worked else "rest"
    history.record(kept, action, by, note=note, data={"before": before, "after": is_worked})
    forget()
    db.after_commit(forget)
    return CalendarDay.get_by_id(kept.id)
