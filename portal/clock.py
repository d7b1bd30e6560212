"""The only place that reads the time. Moments are kept in UTC and shown in Shanghai (GEN-06)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)

_set_to: datetime | None = None
_corrections: Callable[[], Mapping[date, bool]] = dict  # day -> is worked, as the company corrected the public calendar


def now() -> datetime:
    moment = _set_to or datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def today() -> date:
    return local(_set_to or datetime.now(UTC)).date()


def local(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Inside, it is that moment, for the whole process: for tests and for telling the demo company's past."""
    global _set_to
    before, _set_to = _set_to, moment.astimezone(UTC)
    try:
        yield
    finally:
        _set_to = before


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The last moment of that day in Shanghai."""
    return start_of(day + timedelta(days=1)) - timedelta(milliseconds=1)


def corrected_by(corrections: Callable[[], Mapping[date, bool]]) -> None:
    """Names where the company's corrections to the public calendar are read: day -> is worked."""
    global _corrections
    _corrections = corrections


def is_worked(day: date) -> bool:
    corrected = _corrections().get(day)
    return is_publicly_worked(day) if corrected is None else corrected


@lru_cache(maxsize=4096)
def is_publicly_worked(day: date) -> bool:
    """By the public calendar; weekdays in years whose holidays are not announced yet."""
    import chinese_calendar

    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < 5


def working_day_after(day: date, days: int) -> date:
    """The day that many working days later."""
    while days > 0:
        day += timedelta(days=1)
        days -= is_worked(day)
    return day


def working_days_after(start: datetime, days: int) -> datetime:
    """The end of the day that many working days after the moment: a deadline."""
    return end_of(working_day_after(local(start).date(), days))
