"""Pages of the annual budget: the overview, a line with the papers behind it, categories, and the import."""

from __future__ import annotations

import re
from itertools import groupby
from operator import attrgetter
from typing import Any

from flask import Response, request

from portal import clock, exports, kinds, languages
from portal.access import any_of, chief_accountant, dept_manager, exec_in_charge, gm
from portal.budget import models
from portal.budget.forms import AllotmentForm, CategoryForm, TransferForm
from portal.budget.models import FIGURES, BudgetLine, Category, Figures, departments_seen, figures, may_see, months, papers_behind
from portal.budget.rules import ALLOTMENT, TRANSFER, add_category, change_category
from portal.budget.rules_imports import COLUMNS
from portal.budget.views_imports import COMPILES, pages
from portal.cases import Case
from portal.flow import FLOWS
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.money import Money, total
from portal.persons import Department, Person
from portal.refused import Mistyped, NotThere, Refused
from portal.web import NAVIGATION, Link, asked, filled, find, go, me, my_posts, page, page_key, sent, tell, with_filters
from portal.words import Name, Words, _

FINANCE = _("Finance")
SEES = any_of(gm, exec_in_charge, chief_accountant, dept_manager)
PROPOSES = any_of(dept_manager, chief_accountant)
NAVIGATION.append(Link(_("Annual budget"), "budget.overview", "chart-column", FINANCE, quick=True))
WORKING_LISTS += [
    WorkingList(_("Allotments to compile"), "allotment", "submitted", any_of(chief_accountant), "scale"),
    WorkingList(_("Transfers to compile"), "transfer", "submitted", any_of(chief_accountant), "arrow-right-left"),
    WorkingList(_("Allotments to approve"), "allotment", "compiled", any_of(gm), "scale"),
    WorkingList(_("Transfers to approve"), "transfer", "compiled", any_of(gm), "arrow-right-left"),
]
FIGURE_NAMES: dict[str, Words] = {
    "allotted": _("Allotted"),
    "exceptions": _("Exceptions"),
    "held": _("Held"),
    "spent": _("Spent"),
}


# ---- overview -------------------------------------------------------------------------------------------------------


@pages.get("/budget", may=SEES)
def overview() -> Any:
    year, chosen, found = _asked_for()
    return page(
        "budget/overview.html",
        year=year,
        years=[(str(each), str(each)) for each in _years(year)],
        departments=_departments_seen(),
        department=chosen,
        lines=found,
        groups=_by_department(found),
        sums=_sums(found),
        bars=_bars(year, [line.account_id for line in found]),
        may_propose=PROPOSES.allows(my_posts()),
        may_compile=COMPILES.allows(my_posts()),
    )


@pages.get("/budget/export/<kind>", may=SEES)
def export(kind: str) -> Response:
    """What the overview shows, to take away; an import reads it back."""
    if kind not in ("csv", "xlsx"):
        raise NotThere()
    year, _chosen, found = _asked_for()
    columns = [*COLUMNS.values(), *(FIGURE_NAMES[name] for name in FIGURES[1:]), _("Left")]
    return sent(exports.table(f"budget-{year}", columns, map(_cells, found), kind, languages.here))


def _cells(line: Figures) -> list[Any]:
    named = [str(line.year), languages.here(line.department), line.code, languages.here(line.category)]
    return [*named, line.allotted, line.exceptions, line.held, line.spent, line.left]


def _asked_for() -> tuple[int, int | None, list[Figures]]:
    """The year and the department in the address, and their lines as far as one may see them."""
    typed = request.args.get("year", "")
    year = int(typed) if re.fullmatch(r"20[0-9]{2}|2100", typed) else clock.today().year
    seen = departments_seen(my_posts())
    chosen = asked("department", [str(key) for key, _name in _departments_seen()])
    if chosen:
        seen = [int(chosen)]
    return year, int(chosen) if chosen else None, figures(year, seen)


def _departments_seen() -> list[tuple[int, str]]:
    seen = departments_seen(my_posts())
    found = Department.select().where(Department.active).order_by(Department.id)
    if seen is not None:
        found = found.where(Department.id.in_(seen or [0]))
    return [(each.id, languages.here(each.called)) for each in found]


def _years(shown: int) -> list[int]:
    """The years to choose from, latest first."""
    this = clock.today().year
    return sorted({shown, *range(this - 5, this + 2)}, reverse=True)


def _by_department(lines: list[Figures]) -> list[tuple[Name, list[Figures], dict[str, Money]]]:
    """The lines of each department with their sums."""
    grouped = [list(some) for _key, some in groupby(lines, key=attrgetter("department_id"))]
    return [(some[0].department, some, _sums(some)) for some in grouped]


def _sums(lines: list[Figures]) -> dict[str, Money]:
    return {name: total(getattr(line, name) for line in lines) for name in (*FIGURES, "left")}


def _bars(year: int, accounts: list[int]) -> list[tuple[str, int, Money]]:
    """Held and spent, month by month."""
    found = [(each.first, each.held + each.spent) for each in months(year, accounts)]
    return [(str(day.month) if day.year == year else f"{day:%Y-%m}", int(amount), amount) for day, amount in found]


# ---- a line ---------------------------------------------------------------------------------------------------------


@pages.get("/budget/lines/<line_id>", may=SEES)
def line(line_id: str) -> Any:
    """The figures of a line and the papers behind the one chosen."""
    found = find(BudgetLine, line_id)
    if not may_see(my_posts(), found.department_id):
        raise NotThere()
    shown = models.figures_of(found.id)
    figure = asked("figure", FIGURES, "held")
    papers = papers_behind(figure, found.account_id, my_posts(), page_key())
    return page(
        "budget/line.html",
        line=shown,
        figure=figure,
        tabs=[_tab(name, getattr(shown, name), figure, found.id) for name in FIGURES],
        papers=papers[:50],
        states={name: flow.states for name, flow in FLOWS.items()},
        older=with_filters(before=papers[49].key) if len(papers) > 50 else "",
        newest=with_filters() if "before" in request.args else "",
        bars=_bars(found.year, [found.account_id]),
    )


def _tab(name: str, amount: Money, chosen: str, line_id: int) -> dict[str, Any]:
    url = f"/budget/lines/{line_id}?figure={name}"
    return {"label": FIGURE_NAMES[name], "count": languages.money(amount), "url": url, "current": name == chosen}


# ---- categories -----------------------------------------------------------------------------------------------------


@pages.form("/budget/categories", may=COMPILES)
def categories() -> Any:
    form = filled(CategoryForm)
    if request.method == "POST" and form.validate():
        try:
            add_category(me(), form.code.data, form.name.data, form.name_en.data)
            tell(_("%(name)s was added.", name=form.name.data))
            return go("budget.categories")
        except Refused as refusal:
            form.say(refusal.why, refusal.field if isinstance(refusal, Mistyped) else None)
    status = 422 if request.method == "POST" else 200
    return page("budget/categories.html", status, form=form, rows=list(Category.select().order_by(Category.code)))


@pages.form("/budget/categories/<category_id>", may=COMPILES)
def category(category_id: str) -> Any:
    found = find(Category, category_id)
    form = filled(CategoryForm, obj=found)
    form.code.data = found.code
    if request.method == "POST" and form.validate():
        try:
            events = int(form.events.data) if re.fullmatch(r"[0-9]{1,9}", form.events.data or "") else -1
            change_category(me(), found.id, form.name.data, form.name_en.data, bool(form.active.data), events)
            tell(_("Saved."))
            return go("budget.categories")
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return page("budget/category.html", 422 if request.method == "POST" else 200, form=form, category=found)


# ---- papers ---------------------------------------------------------------------------------------------------------


def allotment_body(case: Case, person: Person) -> dict[str, Any]:
    """The lines of an allotment with the names they need, read at once."""
    query = (
        models.AllotmentLine.select(models.AllotmentLine, Department, Category)
        .join(Department)
        .switch(models.AllotmentLine)
        .join(Category)
        .where(models.AllotmentLine.case == case, models.AllotmentLine.version == case.version)
    )
    return {"lines": list(query.order_by(models.AllotmentLine.n))}


def transfer_body(case: Case, person: Person) -> dict[str, Any]:
    """Both lines with their figures, and who uses the one that gives."""
    paper = models.Transfer.get_by_id(case.id)
    giver, receiver = models.figures_of(paper.giver_id), models.figures_of(paper.receiver_id)
    lacks = giver is not None and not case.closed_at and giver.left < (case.amount or 0)
    using = models.papers_using(giver.account_id, my_posts()) if lacks and giver else []
    return {"giver": giver, "receiver": receiver, "using": using}


kinds.register(
    Kind(
        flow=ALLOTMENT,
        form=AllotmentForm,
        folder="budget",
        new=_("New allotment"),
        about=_("What the lines of a department get in the year, before the general manager approves the budget."),
        may_start=PROPOSES,
        extra=allotment_body,
        tone="blue",
    )
)
kinds.register(
    Kind(
        flow=TRANSFER,
        form=TransferForm,
        folder="budget",
        new=_("New transfer between lines"),
        about=_("Moves money that is still free to another line of the same year."),
        may_start=PROPOSES,
        extra=transfer_body,
        tone="blue",
    )
)
