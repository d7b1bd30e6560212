"""GEN-06: moments are kept in UTC and the days of the company are Shanghai's."""

from datetime import UTC, date, datetime

import pytest

from portal import clock as portal_clock
from portal.people.models_calendar import corrections

pytestmark = pytest.mark.no_database


@pytest.fixture(autouse=True)
def no_corrections():
    portal_clock.corrected_by(dict)
    yield
    portal_clock.corrected_by(corrections)


def test_today_is_the_day_in_shanghai(clock):
    clock.set(datetime(2026, 3, 2, 16, tzinfo=UTC))

    assert portal_clock.today() == date(2026, 3, 3)


def test_now_is_in_utc_and_whole_milliseconds(clock):
    clock.set(datetime(2026, 3, 2, 1, 2, 3, 456789, tzinfo=UTC))

    assert portal_clock.now() == datetime(2026, 3, 2, 1, 2, 3, 456000, tzinfo=UTC)


def test_a_day_ends_in_the_last_moment_before_the_next():
    assert portal_clock.start_of(date(2026, 3, 2)) == datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert portal_clock.end_of(date(2026, 3, 2)) == datetime(2026, 3, 2, 15, 59, 59, 999000, tzinfo=UTC)


def test_a_deadline_skips_weekends():
    friday = datetime(2026, 3, 6, 1, tzinfo=UTC)

    assert portal_clock.working_days_after(friday, 1) == portal_clock.end_of(date(2026, 3, 9))


def test_a_deadline_skips_public_holidays_and_counts_their_substitute_days():
    before_national_day = date(2025, 9, 30)

    assert portal_clock.working_day_after(before_national_day, 1) == date(2025, 10, 9)
    assert portal_clock.is_worked(date(2025, 10, 11))


def test_the_company_corrects_the_public_calendar():
    portal_clock.corrected_by(lambda: {date(2026, 3, 9): False, date(2026, 3, 7): True})

    assert portal_clock.working_day_after(date(2026, 3, 6), 2) == date(2026, 3, 10)


def test_a_year_whose_holidays_are_not_announced_has_its_weekends():
    assert [portal_clock.is_worked(date(2090, 1, day)) for day in (6, 7, 8, 9)] == [True, False, False, True]


def test_no_working_day_later_is_the_same_day():
    assert portal_clock.working_day_after(date(2026, 3, 7), 0) == date(2026, 3, 7)
