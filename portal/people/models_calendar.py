"""Days on which the company works or rests against the public calendar (GEN-06: one calendar table)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from peewee import BooleanField, CharField, DateField

from portal import clock, db
from portal.db import Thing


class CalendarDay(Thing):
    """`is_worked` is empty where the correction was taken back: the public calendar counts again."""

    day = DateField(unique=True)
    is_worked = BooleanField(null=True)
    note = CharField(max_length=120, default="")

    class Meta:
        table_name = "calendar_days"


_read: tuple[object, dict[date, bool]] | None = None  # of which database, and its corrections


def corrections() -> Mapping[date, bool]:
    global _read
    if _read is None or _read[0] is not db.db.obj:
        found = CalendarDay.select(CalendarDay.day, CalendarDay.is_worked).where(CalendarDay.is_worked.is_null(False))
        _read = db.db.obj, {each.day: bool(each.is_worked) for each in found}
    return _read[1]


def forget() -> None:
    """Reads the corrections anew when next asked."""
    global _read
    _read = None


def corrected_days(year: int) -> list[CalendarDay]:
    """The year's corrections that count, by day."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    chosen = CalendarDay.is_worked.is_null(False) & CalendarDay.day.between(first, last)
    return list(CalendarDay.select().where(chosen).order_by(CalendarDay.day))


clock.corrected_by(corrections)
