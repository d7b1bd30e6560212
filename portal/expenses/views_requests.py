"""Pages of spending: the request's form and body, what it was used for, and what went over budget."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request

from portal import clock, exports, kinds, languages
from portal.access import any_of, chief_accountant, dept_manager, everyone, exec_in_charge, gm, may_read
from portal.budget.models import Overrun
from portal.cases import Case
from portal.expenses import models
from portal.expenses.forms import OverrunForm, SpendingForm
from portal.expenses.models import BUSINESS_KINDS, NATURES, request_of
from portal.expenses.models_consents import WAYS, consent_of
from portal.expenses.rules import SPENDING, answer
from portal.expenses.rules_figures import request_told
from portal.fields import read_day
from portal.flow import FLOWS
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.money import total
from portal.persons import Person
from portal.web import NAVIGATION, Link, Pages, asked, filled, me, my_posts, page, sent
from portal.words import _

pages = Pages("expenses")
FINANCE = _("Finance")
WATCHES = any_of(gm, exec_in_charge, chief_accountant)
NAVIGATION.append(Link(_("Over budget"), "expenses.overruns", "triangle-alert", FINANCE))
WORKING_LISTS += [
    WorkingList(_("Spending requests to endorse"), "spending", "endorsing", any_of(dept_manager), "wallet"),
    WorkingList(_("Spending requests to decide"), "spending", "submitted", any_of(gm), "wallet"),
]


# ---- the request ----------------------------------------------------------------------------------------------------


def body(case: Case, person: Person) -> dict[str, Any]:
    """What the body of a request shows beside its own columns."""
    request = request_of(case)
    supplemented = request.supplements
    return request_told(case, request, person, my_posts()) | {
        "natures": NATURES,
        "business_kinds": BUSINESS_KINDS,
        "consent": consent_of(case) if request.approved_at else None,
        "ways": WAYS,
        "supplemented": supplemented,
        "may_open_supplemented": supplemented is not None and may_read(my_posts(), supplemented),
    }


def beside(form: SpendingForm, person: Person) -> dict[str, Any]:
    """What the chosen line says to the amount typed so far."""
    line_id, amount = form.chosen_line_id(), form.amount()
    return {"answer": answer(line_id, amount, my_posts()) if line_id else None, "amount": amount}


@pages.page("/expenses/live", everyone, ("POST",), quiet=True)
def live() -> Any:
    """The budget while one types."""
    form = filled(SpendingForm)
    form.prepare(me())
    return page("expenses/_spending_rail.html", form=form, is_live=True, **beside(form, me()))


kinds.step_form(Overrun, OverrunForm)
kinds.register(
    Kind(
        flow=SPENDING,
        form=SpendingForm,
        folder="expenses",
        new=_("New spending request"),
        about=_("Before you spend: the general manager approves it inside the annual budget."),
        extra=body,
        rail=beside,
    )
)


# ---- over budget ----------------------------------------------------------------------------------------------------


def month_asked() -> date:
    """The month in the address, this one if there is none."""
    return read_day(f"{request.args.get('month', '')}-01") or clock.today().replace(day=1)


def months_back(count: int = 24) -> list[tuple[str, str]]:
    """This month and those before it, to choose from."""
    month, found = clock.today().replace(day=1), []
    for _each in range(count):
        found.append((f"{month:%Y-%m}", f"{month:%Y-%m}"))
        month = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    return found


@pages.get("/expenses/overruns", may=WATCHES)
def overruns() -> Any:
    """What was approved over budget in a month (FIN-02)."""
    found = models.overruns(month_asked())
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("over-budget", _OVERRUN_COLUMNS, map(_overrun_cells, found), kind, languages.here))
    over = total(each.over_by for each in found)
    return page(
        "expenses/overruns.html", rows=found, over=over, month=f"{month_asked():%Y-%m}", months=months_back(), flows=FLOWS
    )


_OVERRUN_COLUMNS = [
    _("Number"),
    _("Title"),
    _("Applicant"),
    _("Budget line"),
    _("Amount"),
    _("Over by"),
    _("Reason"),
    _("Approved by"),
    _("Date"),
]


def _overrun_cells(row: models.Watched) -> list[Any]:
    who, by = languages.here(row.requester), languages.here(row.decided_by)
    return [row.number, row.title, who, row.line, row.amount, row.over_by, row.reason, by, row.at]
