"""The page of working days: what the company does otherwise than the public calendar."""

from __future__ import annotations

from typing import Any

from flask import Response

from portal import clock
from portal.people import models_audit, models_calendar, rules_calendar
from portal.people.forms import CalendarForm
from portal.people.models_calendar import CalendarDay
from portal.people.views_door import done, pages
from portal.people.views_people import ADMINISTRATION, administrators, overseers
from portal.web import NAVIGATION, Link, asked, filled, find, go, me, page, tell
from portal.words import _

NAVIGATION.append(Link(_("Working days"), "people.calendar", "calendar", group=ADMINISTRATION, place=90))


@pages.get("/calendar", may=overseers)
def calendar() -> Any:
    return _show(CalendarForm(formdata=None), 200)


@pages.post("/calendar", may=administrators)
def correct_day() -> Any:
    form = filled(CalendarForm)
    if done(form, lambda: rules_calendar.correct_day(me(), form.day.data, form.is_worked.data == "yes", form.note.data)):
        tell(_("The calendar has been corrected for %(day)s.", day=form.day.data))
        return go("people.calendar", year=form.day.data.year)
    return _show(form, 422)


@pages.post("/calendar/<number>/take-back", may=administrators)
def take_back(number: str) -> Response:
    corrected = find(CalendarDay, number)
    rules_calendar.take_back(me(), corrected)
    tell(_("%(day)s counts by the public calendar again.", day=corrected.day), "amber")
    return go("people.calendar", year=corrected.day.year)


def _show(form: CalendarForm, status: int) -> Any:
    this_year = clock.today().year
    years = [str(year) for year in range(this_year - 1, this_year + 3)]
    year = int(asked("year", years, str(this_year)))
    return page(
        "people/calendar.html",
        status,
        form=form,
        year=year,
        years=years,
        days=models_calendar.corrected_days(year),
        history=models_audit.history_of_calendar(),
    )
