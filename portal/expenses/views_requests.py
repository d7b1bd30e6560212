"""Pages of spending: the request's form and body, what it was used for, and what went over budget."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request

from portal import clock, exports, kinds, languages
from portal.access import any_of, chief_accountant, dept_manager, everyone, exec_in_charge, gm, may_read
from portal.budget.models import Figures, Overrun, figures_of, last_exception, papers_using
from portal.cases import Case
from portal.expenses import models
from portal.expenses.forms import OverrunForm, SpendingForm
from portal.expenses.models import BUSINESS_KINDS, HOLDING, NATURES
from portal.expenses.models_advances import use_of
from portal.expenses.models_consents import WAYS, consent_of
from portal.expenses.rules import SPENDING, answer, last_day
from portal.expenses.rules_advances import OPEN_REQUESTS
from portal.fields import read_day
from portal.flow import FLOWS, Act
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.money import Money, total
from portal.persons import Person
from portal.web import NAVIGATION, Link, Pages, asked, filled, me, my_posts, page, sent
from portal.words import _

pages = Pages("expenses")
FINANCE = _("Finance")
WATCHES = any_of(gm, exec_in_charge, chief_accountant)
ASKING = ("draft", "endorsing", "submitted")
USED = ("provisional", "approved", "closed", "withdrawn", "lapsed", "cancelled")
NAVIGATION.append(Link(_("Over budget"), "expenses.overruns", "triangle-alert", FINANCE))
WORKING_LISTS += [
    WorkingList(_("Spending requests to endorse"), "spending", "endorsing", any_of(dept_manager), "wallet"),
    WorkingList(_("Spending requests to decide"), "spending", "submitted", any_of(gm), "wallet"),
]


# ---- the request ----------------------------------------------------------------------------------------------------


def body(case: Case, person: Person) -> dict[str, Any]:
    """What the body of a request shows beside its own columns."""
    figures = figures_of(Act(case, person).paper.line_id)
    papers = papers_using(figures.account_id, my_posts()) if figures and case.mark == "over_budget" else []
    return (
        {
            "figures": figures,
            "using": [each for each in papers if each.case_id != case.id],
            "exception": last_exception(case) if case.mark == "exception" else None,
            "last_day": last_day if case.state == "approved" else None,
            "natures": NATURES,
            "business_kinds": BUSINESS_KINDS,
        }
        | _asked(case, figures)
        | _around(case, person)
    )


def _asked(case: Case, figures: Figures | None) -> dict[str, Money]:
    """What the request asks of its line: what it holds there now, and by how much it goes beyond what is left."""
    holds = case.state in HOLDING and case.mark != "over_budget"
    amount = Money(case.amount or 0) if holds or case.state in ASKING else Money(0)
    beyond = amount - figures.left if figures and not holds else Money(0)
    return {"asked": amount, "held": amount if holds else Money(0), "over": max(beyond, Money(0))}


def _around(case: Case, person: Person) -> dict[str, Any]:
    """The consent recorded on it, the request it supplements, and what it was used for."""
    paper = Act(case, person).paper
    request = paper.supplements
    used = use_of(case.id, my_posts()) if case.state in USED and request is None else None
    return {
        "consent": consent_of(case) if case.state not in ASKING else None,
        "ways": WAYS,
        "supplemented": request,
        "may_open_supplemented": request is not None and may_read(my_posts(), request),
        "used": used,
        "flows": FLOWS,
        "may_borrow": case.state in OPEN_REQUESTS and request is None and person.id in (case.requester_id, case.beneficiary_id),
        "starts": [name for name in ("advance", "claim") if name in kinds.KINDS],
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
        "expenses/overruns.html", rows=found, over=over, month=f"{month_asked():%Y-%m}", months=months_back(), flow=SPENDING
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
