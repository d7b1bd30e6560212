"""Pages of the daily cash report and of the months: to count, to close, and as they were published."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from flask import Response, request

from portal import clock, exports, kinds, languages, policies, steps
from portal.access import any_of, cashier, chief_accountant, dept_manager, everyone, exec_in_charge, gm
from portal.books.forms_months import CountForm, NoteForm
from portal.books.models import month_of
from portal.books.models_months import (
    NOTES,
    CashCount,
    CashReportLine,
    Close,
    Note,
    compared,
    days_to_report,
    funds_to_count,
    last_day,
    missing_days,
    months,
    published_months,
)
from portal.books.rules_close import CLOSE_OF_MONTH, LISTED, checklist, start_close, to_be_noted
from portal.books.rules_figures import DepartmentFigures, MonthFigures, kept
from portal.books.rules_reports import CASH_REPORT, start_report
from portal.books.views_statements import as_typed, month_asked, months_to_choose
from portal.books.views_titles import SEES, pages
from portal.cases import Case, lines_of
from portal.fields import PaperForm, form_key, read_day
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.money import Money, total
from portal.offers import offered
from portal.persons import Person
from portal.refused import Mistyped, NotThere, Refused
from portal.web import asked, find_case, go, go_to, me, my_posts, page, sent, tell
from portal.words import _

HANDLES = any_of(cashier)
REPORTS = any_of(cashier, chief_accountant, gm, exec_in_charge)
CLOSES = any_of(cashier, chief_accountant, gm)
LEADS = any_of(gm, exec_in_charge, chief_accountant, dept_manager)
WORKING_LISTS += [
    WorkingList(_("Cash reports to acknowledge"), "cash_report", "submitted", any_of(chief_accountant), "calculator"),
    WorkingList(_("Months to close"), "close", "counted", any_of(chief_accountant), "calendar-check"),
]
to_heads = policies.declare(
    "months_to_heads", True, "gm", _("Published months are shown to the heads of departments"), rule="FIN-07"
)
to_leaders = policies.declare(
    "months_to_leaders", True, "gm", _("Published months are shown to the leaders in charge"), rule="FIN-07"
)


class WrittenByThePortal(PaperForm):
    """A paper that is filled in from the journals; nothing of it is typed."""


# ---- daily reports --------------------------------------------------------------------------------------------------


@pages.get("/books/reports", may=REPORTS)
def reports() -> Any:
    """The days of a month that are to be reported, the missing ones first of all."""
    month = month_asked("month", month_of(clock.today()))
    first = date(month // 100, month % 100, 1)
    rows = days_to_report(first, min(last_day(month), clock.today()))[::-1]
    if kind := asked("export", ("csv", "xlsx")):
        cells = ([each.day, each.number, CASH_REPORT.states[each.state or "draft"].label, each.moved] for each in rows)
        return sent(exports.table(f"cash-reports-{month}", _REPORT_COLUMNS, cells, kind, languages.here))
    known = months_to_choose()
    missing = missing_days(clock.today() - timedelta(days=1))
    return page(
        "books/reports.html",
        rows=rows,
        month=as_typed(month),
        months=known if as_typed(month) in dict(known) else [*known, (as_typed(month), as_typed(month))],
        missing=missing,
        states=CASH_REPORT.states,
        may_report=HANDLES.allows(my_posts()),
        today=clock.today(),
    )


_REPORT_COLUMNS = [_("Date"), _("Number"), _("Status"), _("Movements")]


@pages.post("/books/reports", may=HANDLES)
def begin_report() -> Response:
    """The report of a day, filled in from the journals."""
    day = read_day(request.form.get("day", ""))
    if day is None:
        tell(_("Choose a day."), "red")
        return go("books.reports")
    try:
        case = start_report(me(), day, form_key(request.form.get("token")))
    except Refused as refusal:
        tell(refusal.why, "red")
        return go("books.reports")
    return go_to(f"/papers/{case.id}")


def report_body(case: Case, person: Person) -> dict[str, Any]:
    lines = lines_of(CashReportLine, case)
    sums = {name: total(getattr(line, name) for line in lines) for name in ("before", "income", "outgo", "after")}
    day = CASH_REPORT.detail.get_by_id(case.id).day
    return {
        "rows": lines,
        "sums": sums,
        "day": day,
        "is_nil": not (sums["income"] or sums["outgo"]),
        "is_draft": case.state == "draft",
    }


# ---- months ---------------------------------------------------------------------------------------------------------


@pages.get("/books/months", may=CLOSES)
def month_list() -> Any:
    """Every month since money first moved, and how far it is closed."""
    rows = months()
    if kind := asked("export", ("csv", "xlsx")):
        states = CLOSE_OF_MONTH.states
        cells = ([as_typed(each.month), each.number, states[each.state].label if each.state else ""] for each in rows)
        return sent(exports.table("months", [_("Month"), _("Number"), _("Status")], cells, kind, languages.here))
    may_begin = any_of(cashier, chief_accountant).allows(my_posts())
    return page("books/months.html", rows=rows, states=CLOSE_OF_MONTH.states, may_begin=may_begin)


@pages.post("/books/months", may=any_of(cashier, chief_accountant))
def begin_close() -> Response:
    typed = request.form.get("month", "")
    if not re.fullmatch(r"20[0-9]{2}(0[1-9]|1[0-2])", typed, re.ASCII):
        tell(_("Choose a month."), "red")
        return go("books.month_list")
    try:
        return go_to(f"/papers/{start_close(me(), int(typed)).id}")
    except Refused as refusal:
        tell(refusal.why, "red")
        return go("books.month_list")


def close_body(case: Case, person: Person) -> dict[str, Any]:
    """The count beside the books - not before it is counted -, the checklist, and what the month lists."""
    paper = Close.get_by_id(case.id)
    is_blind = case.state == "draft"
    figures = kept(paper.month)
    return {
        "month": paper.month,
        "is_blind": is_blind,
        "is_published": case.state == "published",
        "rows": [] if is_blind else compared(case, paper.month),
        "items": checklist(paper.month) if case.state in ("draft", "counted", "explained") else [],
        "listed": [each(paper.month) for each in LISTED],
        "to_note": [] if is_blind or case.state not in ("counted", "explained") else to_be_noted(case, paper.month),
        "figures": figures,
    }


@pages.form("/books/closes/<case_id>/count", may=everyone)
def count_cash(case_id: str) -> Any:
    """Notes and coins by denomination, and the banks' statements; what the books say is not shown (FIN-08)."""
    case = find_case(case_id)
    if case.kind != CLOSE_OF_MONTH.name or not any(each.step.name == "count" for each in offered(case, me(), my_posts())):
        raise NotThere()
    paper = Close.get_by_id(case.id)
    form = CountForm(funds_to_count(paper.month), request.form if request.method == "POST" else None)
    why = None
    if request.method == "POST" and (given := form.given()):
        try:
            steps.take(me(), case.id, "count", _as_shown(), given)
            tell(_("Counted. Now it stands beside the books."))
            return go_to(f"/papers/{case.id}")
        except Mistyped as refusal:
            why = refusal.why
    return page(
        "books/count.html", 422 if form.wrong or why else 200, case=case, form=form, why=why, notes=NOTES, month=paper.month,
        Money=Money,
    )  # fmt: skip


def _as_shown() -> tuple[str, int] | None:
    found = re.fullmatch(r"([a-z_]{1,30}):([0-9]{1,9})", request.form.get("shown", ""), re.ASCII)
    return (found[1], int(found[2])) if found else None


kinds.step_page(CashCount, "/books/closes/%s/count")
kinds.step_form(Note, NoteForm)
for flow, body, new, about in (
    (CASH_REPORT, report_body, _("New cash report"), _("What came in and went out on a day.")),
    (CLOSE_OF_MONTH, close_body, _("Close a month"), _("Count, compare with the books, close, calculate and publish.")),
):
    kinds.register(
        Kind(
            flow=flow,
            form=WrittenByThePortal,
            folder="books",
            new=new,
            about=about,
            may_start=HANDLES if flow is CASH_REPORT else any_of(cashier, chief_accountant),
            extra=body,
            write="/books/reports" if flow is CASH_REPORT else "/books/months",
            tone="blue",
            is_typed=False,
        )
    )


# ---- published months -----------------------------------------------------------------------------------------------


def may_see_published() -> bool:
    """Whom the policies name, the general manager, and who keeps the books."""
    named = [any_of(gm, chief_accountant)] + [
        any_of(role) for role, shown in ((dept_manager, to_heads()), (exec_in_charge, to_leaders())) if shown
    ]
    return any(right.allows(my_posts()) for right in named)


@pages.get("/books/published", may=LEADS)
def published() -> Any:
    """The months that were published, the latest first."""
    found = published_months() if may_see_published() else []
    return page("books/published.html", rows=[(month, kept(month)) for month in found])


@pages.get("/books/published/<month>", may=LEADS)
def month_page(month: str) -> Any:
    """A published month: what each department spent against its budget, as it was calculated."""
    shown = _published(month)
    if kind := asked("export", ("csv", "xlsx")):
        cells = map(_department_cells, shown.departments)
        return sent(exports.table(f"month-{shown.month}", _DEPARTMENT_COLUMNS, cells, kind, languages.here))
    return page("books/month.html", **_of(shown))


@pages.get("/books/published/<month>/print", may=LEADS)
def month_print(month: str) -> Any:
    return page("books/month_print.html", **_of(_published(month)), printer=me())


def _published(month: str) -> MonthFigures:
    if not may_see_published() or not re.fullmatch(r"20[0-9]{4}", month, re.ASCII) or int(month) not in published_months(1000):
        raise NotThere()
    found = kept(int(month))
    if found is None:
        raise NotThere()
    return found


def _of(shown: MonthFigures) -> dict[str, Any]:
    rows = shown.departments
    sums = {name: total(getattr(each, name) for each in rows) for name in ("budget", "month", "year", "left")}
    months_known = sorted(published_months(1000))
    here = months_known.index(shown.month)
    return {
        "month": shown.month,
        "rows": rows,
        "sums": sums,
        "figures": shown if SEES.allows(my_posts()) else None,
        "before": months_known[here - 1] if here else None,
        "after": months_known[here + 1] if here + 1 < len(months_known) else None,
        "share": _share(shown.month),
        "rows_against": [_against(each) for each in rows if each.budget > 0],
    }


def _against(each: DepartmentFigures) -> tuple[Any, float, str]:
    """A department's bar: how much of its budget of the year is spent."""
    percent = 100 * int(each.year) / int(each.budget)
    return languages.here(each.department), percent, f"{percent:.0f}%"


def _share(month: int) -> int:
    """How much of the year is over at the end of the month, in percent: what even spending would have used."""
    return round(100 * (month % 100) / 12)


_DEPARTMENT_COLUMNS = [_("Department"), _("Budget of the year"), _("Spent in the month"), _("Spent in the year"), _("Left")]


def _department_cells(each: DepartmentFigures) -> list[Any]:
    return [languages.here(each.department), each.budget, each.month, each.year, each.left]
