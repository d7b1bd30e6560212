"""Pages of consent by telephone: the lists, the form that records it, and when the general manager is away (FIN-14, FIN-15)."""

from __future__ import annotations

import re
from typing import Any

from flask import request

from portal import attachments, db, exports, kinds, languages, steps
from portal.access import any_of, chief_accountant, dept_manager, exec_in_charge, gm, office_clerk, office_manager
from portal.cases import Case
from portal.expenses.forms_consents import AbsenceForm, ConsentForm
from portal.expenses.models_consents import PAGE, TABS, WAYS, Consented, PhoneConsent, absences, consents, how_many_late
from portal.expenses.models_money import Absence
from portal.expenses.rules import SPENDING
from portal.expenses.rules_consents import confirm_days, end_absence, enter_absence, manager_is_away
from portal.expenses.views_requests import FINANCE, pages
from portal.fields import form_key
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.offers import offered
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from portal.web import (
    NAVIGATION,
    Link,
    asked,
    filled,
    find,
    find_case,
    go,
    me,
    my_posts,
    page,
    page_key,
    sent,
    tell,
    with_filters,
)
from portal.words import Words, _

RECORDS = any_of(dept_manager, office_manager, chief_accountant)
LOOKS = any_of(dept_manager, office_manager, chief_accountant, gm, exec_in_charge)
ENTERS = any_of(gm, office_manager, office_clerk)
NAVIGATION.append(Link(_("Consent by telephone"), "expenses.consent_index", "phone", FINANCE))
NAVIGATION.append(Link(_("Absence of the general manager"), "expenses.absence_index", "calendar", FINANCE))
WORKING_LISTS += [
    WorkingList(_("Consents by telephone to confirm"), "spending", "provisional", any_of(gm), "phone"),
    WorkingList(
        _("Consents not confirmed in time"), "", "late", any_of(gm, exec_in_charge, chief_accountant), "phone",
        "/expenses/consents?tab=late", how_many_late,
    ),
]  # fmt: skip
kinds.step_page(PhoneConsent, "/expenses/consents/%s")


# ---- lists ----------------------------------------------------------------------------------------------------------


@pages.get("/expenses/consents", may=LOOKS)
def consent_index() -> Any:
    """What these posts may read of it: a head the requests of the department."""
    tab, is_away = asked("tab", TABS, "open"), manager_is_away()
    if kind := asked("export", ("csv", "xlsx")):
        found = consents(my_posts(), tab, is_away, limit=5000)
        return sent(exports.table("consents", _COLUMNS, map(_cells, found), kind, languages.here))
    rows = consents(my_posts(), tab, is_away, page_key())
    return page(
        "expenses/consents.html",
        tab=tab,
        tabs=[{"label": label, "url": f"/expenses/consents?tab={name}", "current": name == tab} for name, label in TABS.items()],
        rows=rows[:PAGE],
        ways=WAYS,
        is_away=is_away,
        days=confirm_days(),
        older=with_filters(before=rows[PAGE - 1].case) if len(rows) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
    )


_COLUMNS: list[Words] = [
    _("Number"), _("Title"), _("Applicant"), _("Department"), _("Amount"), _("Recorded by"), _("Asked at"),
    _("How it was asked"), _("The words in which consent was given"), _("To be confirmed until"), _("Answered at"),
    _("Open advances"),
]  # fmt: skip


def _cells(row: Consented) -> list[Any]:
    who, unit, by = languages.here(row.requester), languages.here(row.department), languages.here(row.recorder)
    way = WAYS[row.way] if row.way else ""
    return [
        row.number, row.title, who, unit, row.amount, by, row.asked_at, way, row.words, row.due_at, row.answered_at, row.advanced
    ]  # fmt: skip


# ---- recording ------------------------------------------------------------------------------------------------------


@pages.form("/expenses/consents/<case_id>", may=RECORDS)
def record_consent(case_id: str) -> Any:
    """When it was asked, how, and the words; a file goes to the paper's files."""
    case = find_case(case_id)
    form = filled(ConsentForm)
    if request.method == "GET":
        return _write(case, form, 200, _why_not(case))
    if not form.validate():
        return _write(case, form, 422)
    version = request.form.get("version", "")
    shown = (request.form.get("state") or "-", int(version) if re.fullmatch(r"[0-9]{1,9}", version, re.ASCII) else -1)
    try:
        moved = steps.take(me(), case.id, "record_consent", shown, form.given(), form.note.data or "")
    except NotYours:
        raise
    except Refused as refusal:
        form.say(refusal.why, refusal.field if isinstance(refusal, Mistyped) else None)
        return _write(case, form, refusal.status)
    tell(_("The consent is recorded, and the general manager is told."))
    _attach(moved)
    return go("papers.show", case_id=case.id)


def _why_not(case: Case) -> Words | None:
    """What stands against recording it, for who may in general."""
    if case.kind != "spending":
        return _("Consent by telephone is recorded on spending requests.")
    offers = [each for each in offered(case, me(), my_posts()) if each.step.name == "record_consent"]
    if not offers:
        return _("Consent by telephone is for when the general manager is away, or a request is urgent.")
    return offers[0].why_not


def _attach(case: Case) -> None:
    """The consent stands, also where the file is refused: it can be attached on the page of the paper."""
    file = request.files.get("files")
    if file is None or not file.filename:
        return
    try:
        attachments.store("case", case.id, "paper", file.filename, file.stream, me())  # type: ignore[arg-type]
    except Refused as refusal:
        tell(_("The file was not attached: %(why)s", why=refusal.why), "red")


def _write(case: Case, form: ConsentForm, status: int, why_not: Words | None = None) -> Any:
    return page("expenses/consent.html", status, case=case, form=form, why_not=why_not, flow=SPENDING, taken=kinds.PROOFS)


# ---- absences -------------------------------------------------------------------------------------------------------


@pages.get("/expenses/absences", may=ENTERS)
def absence_index() -> Any:
    return _show_absences(AbsenceForm(formdata=None).begin(), 200)


@pages.post("/expenses/absences", may=ENTERS)
def add_absence() -> Any:
    form = filled(AbsenceForm)
    form.token.data = form_key(form.token.data)
    if not form.validate():
        return _show_absences(form, 422)
    person = Person.get_or_none(Person.id == form.person.data)
    try:
        enter_absence(me(), person, form.starts.data, form.ends.data, form.text.data or "", form.token.data or "")
    except Mistyped as refusal:
        form.say(refusal.why, refusal.field)
        return _show_absences(form, 422)
    tell(_("The absence is entered: consent may be asked by telephone in these days."))
    return go("expenses.absence_index")


@pages.post("/expenses/absences/<number>/end", may=ENTERS)
def close_absence(number: str) -> Any:
    end_absence(me(), find(Absence, number))
    tell(_("The absence is ended."))
    return go("expenses.absence_index")


def _show_absences(form: AbsenceForm, status: int) -> Any:
    with db.remembering():
        rows, is_away = absences(), manager_is_away()
    return page("expenses/absences.html", status, form=form, rows=rows, is_away=is_away)
