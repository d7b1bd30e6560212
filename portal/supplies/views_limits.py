"""Limits as pages show them: what each department may draw, and the paper that changes it."""

from __future__ import annotations

from typing import Any

from portal import exports, kinds, languages
from portal.access import any_of, dept_manager, exec_in_charge, gm, office_clerk, office_manager, split_post, supplies_custodian
from portal.cases import Case
from portal.flow import Act
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.persons import Department, Person
from portal.supplies.forms_papers import LimitsForm
from portal.supplies.models_catalogue import catalogue, first_of, limits_in, month_after, this_month
from portal.supplies.models_papers import lines_named
from portal.supplies.rules_imports import LIMIT_COLUMNS
from portal.supplies.rules_limits import LIMITS, PROPOSES
from portal.supplies.views_catalogue import SUPPLIES, pages
from portal.web import NAVIGATION, Link, asked, my_posts, page, sent
from portal.words import _

SEES_ALL = any_of(office_clerk, office_manager, gm, exec_in_charge)
SEES = any_of(office_clerk, office_manager, gm, exec_in_charge, dept_manager, supplies_custodian)
OWN = ("dept_manager", "supplies_custodian")
NAVIGATION.append(Link(_("Limits"), "supplies.limits", "sliders-horizontal", SUPPLIES, place=54))
WORKING_LISTS.append(WorkingList(_("Limits to approve"), "limits", "submitted", any_of(office_manager), "sliders-horizontal"))


def departments_seen() -> list[Department]:
    """Whose limits and consumption one sees: all departments, or those one heads or keeps supplies for."""
    found = Department.select().where(Department.active, Department.kind == "department").order_by(Department.id)
    if not SEES_ALL.allows(my_posts()):
        own = [key for role, key in map(split_post, my_posts()) if role in OWN and key]
        found = found.where(Department.id.in_(own or [0]))
    return list(found)


def months_to_look_at(back: int, ahead: int = 0) -> list[tuple[str, str]]:
    """Months as a filter offers them, latest first."""
    months = [month_after(this_month(), by) for by in range(ahead, -back - 1, -1)]
    return [(f"{first_of(each):%Y-%m}", f"{first_of(each):%Y-%m}") for each in months]


def month_asked(offered: list[tuple[str, str]]) -> int:
    """The month in the address, this one where it is none of those offered."""
    chosen = asked("month", dict(offered), f"{first_of(this_month()):%Y-%m}")
    return int(chosen.replace("-", "")) if chosen else this_month()


@pages.get("/supplies/limits", may=SEES)
def limits() -> Any:
    """What each department may draw of each item in a month; what has no limit needs its head every time."""
    months = months_to_look_at(12, 12)
    month, seen = month_asked(months), departments_seen()
    chosen = asked("department", [str(each.id) for each in seen])
    shown = [each for each in seen if not chosen or str(each.id) == chosen]
    items = catalogue()
    held = limits_in([each.id for each in shown], [each.id for each in items], month)
    rows = [
        (department, entry, held[department.id, entry.id])
        for department in shown
        for entry in items
        if (department.id, entry.id) in held
    ]
    if kind := asked("export", ("csv", "xlsx")):
        cells = ([row[0].name, row[1].code, languages.here(row[1].called), row[1].unit, row[2]] for row in rows)
        return sent(exports.table(f"limits-{month}", list(LIMIT_COLUMNS.values()), cells, kind, languages.here))
    return page(
        "supplies/limits.html",
        groups=[(each, [row for row in rows if row[0].id == each.id]) for each in shown],
        count=len(rows),
        items=len(items),
        month=f"{first_of(month):%Y-%m}",
        months=months,
        departments=[(str(each.id), languages.here(each.called)) for each in seen],
        department=chosen,
        may_propose=PROPOSES.allows(my_posts()),
    )


# ---- the paper ------------------------------------------------------------------------------------------------------


def limits_body(case: Case, person: Person) -> dict[str, Any]:
    """The lines with the names they need, read at once."""
    return {"rows": lines_named(case), "since": f"{first_of(Act(case, person).paper.since):%Y-%m}"}


kinds.register(
    Kind(
        flow=LIMITS,
        form=LimitsForm,
        folder="supplies",
        new=_("New limits"),
        about=_("How much departments may draw of an item in a month, from a month on."),
        may_start=PROPOSES,
        extra=limits_body,
        tone="violet",
    )
)
