"""GEN-06: one calendar of working days, which the administrator corrects."""

from __future__ import annotations

from datetime import date

import pytest

from portal import clock as portal_clock
from portal import history
from portal.people import rules_calendar
from portal.people.models_calendar import CalendarDay
from portal.persons import Grant
from portal.refused import Mistyped, NotYours

MONDAY = date(2026, 3, 9)


@pytest.fixture
def admin(cast):
    Grant.create(person=cast.bo, role="it_admin", starts=date(2020, 1, 1))
    return cast.bo


def test_gen_06_a_corrected_day_moves_deadlines(admin):
    rules_calendar.correct_day(admin, MONDAY, False, "公司周年庆")

    assert portal_clock.working_day_after(date(2026, 3, 6), 1) == date(2026, 3, 10)


def test_gen_06_a_correction_taken_back_lets_the_public_calendar_count(admin):
    corrected = rules_calendar.correct_day(admin, MONDAY, False, "公司周年庆")

    rules_calendar.take_back(admin, corrected)

    assert portal_clock.is_worked(MONDAY)
    assert [event.action for event in history.history_of(CalendarDay.get())] == ["rest", "public"]


def test_what_the_calendar_says_already_is_no_correction(admin):
    with pytest.raises(Mistyped) as refusal:
        rules_calendar.correct_day(admin, MONDAY, True, "?")

    assert str(refusal.value) == "2026-03-09 is a working day already."
    assert not CalendarDay.select().exists()


def test_only_the_administrator_corrects_the_calendar(cast):
    with pytest.raises(NotYours):
        rules_calendar.correct_day(cast.mei, MONDAY, False, "公司周年庆")


def test_the_page_corrects_and_takes_back(app, client, admin, clock):
    clock.set("2026-03-02 09:00")
    app.config["WTF_CSRF_ENABLED"] = False
    browser = client(admin)

    corrected = browser.post("/calendar", data={"day": "2026-03-09", "is_worked": "no", "note": "公司周年庆"})
    wrong = browser.post("/calendar", data={"day": "2026-02-31", "is_worked": "no", "note": "公司周年庆"})

    assert (corrected.status_code, corrected.location) == (303, "/calendar?year=2026")
    assert wrong.status_code == 422 and "公司周年庆" in wrong.text and "2026-02-31" in wrong.text
    assert "公司周年庆" in browser.get("/calendar?year=2026").text
    assert browser.post(f"/calendar/{CalendarDay.get().id}/take-back").status_code == 303
    assert portal_clock.is_worked(MONDAY)
