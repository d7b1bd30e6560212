"""The contract statistics list, on a page, on paper and to take away (CON-05)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from portal import clock, languages
from portal.access import any_of, contract_archivist, exec_in_charge, gm
from portal.contracts.models import FORMS
from portal.contracts.models_finding import Sought, choices
from portal.contracts.models_incidents import KINDS
from portal.contracts.models_statistics import PARTS, Counted, Open, Out, counted, incidents_open, loans_out, total
from portal.contracts.views_finding import ARCHIVE, filters_asked, sought_in_address, take_away
from portal.contracts.views_register import pages
from portal.refused import NotThere
from portal.web import NAVIGATION, Link, asked, me, my_posts, page, with_filters, with_query
from portal.words import Name, Words, _

COUNTS = any_of(gm, exec_in_charge, contract_archivist)
NAVIGATION.append(Link(_("Contract statistics list"), "contracts.statistics", "chart-column", ARCHIVE, place=68))
MOST_SHOWN, MOST_BARS, MOST_RANKS = 200, 24, 12
LISTS = {"loans": _("Loans that are out"), "incidents": _("Open incidents")}


@pages.get("/contracts/statistics", may=COUNTS)
def statistics() -> Any:
    return page("contracts/statistics.html", **_values(), tools=_tools())


@pages.get("/contracts/statistics/print", may=COUNTS)
def print_statistics() -> Any:
    return page("contracts/statistics_print.html", **_values(), now=clock.now(), printer=me().called)


def _values() -> dict[str, Any]:
    by, sought, posts = asked("by", PARTS, "year"), sought_in_address(), list(my_posts())
    rows = counted(by, sought, posts, MOST_SHOWN + 1)
    loans = loans_out(posts)
    return {
        "by": by,
        "part": PARTS[by],
        "rows": [(row, called(row), _behind(by, row)) for row in rows[:MOST_SHOWN]],
        "is_more": len(rows) > MOST_SHOWN,
        "total": total(sought, posts),
        "bars": _bars(rows) if by == "year" else [],
        "ranks": _ranks(rows) if by != "year" else [],
        "loans": loans,
        "late": sum(each.days_late > 0 for each in loans),
        "incidents": incidents_open(posts),
        "forms": FORMS,
        "kinds": KINDS,
        "query": with_query("", {"by": by, **filters_asked()}),
        "is_narrowed": bool(filters_asked()),
    }


def called(row: Counted) -> Name | Words | str:
    """With the code before it, where it has one."""
    return f"{row.code} {languages.here(row.called)}" if row.code else row.called


def _behind(by: str, row: Counted) -> str:
    """The contracts of a row, as the list shows them."""
    return f"/contracts?{urlencode({**filters_asked(), by: row.key})}"


def _bars(rows: list[Counted]) -> list[tuple[str, int, str]]:
    """How many contracts, year by year from left to right."""
    shown = rows[:MOST_BARS][::-1]
    return [(languages.here(row.called), row.contracts, languages.number(row.contracts)) for row in shown]


def _ranks(rows: list[Counted]) -> list[tuple[Any, int, float]]:
    """Of everything else the most: what it is called, how many, and the length of its bar in percent."""
    shown = sorted(rows, key=lambda row: -row.contracts)[:MOST_RANKS]
    return [(called(row), row.contracts, 100 * row.contracts / max(shown[0].contracts, 1)) for row in shown]


def _tools() -> dict[str, Any]:
    offers, here, this = choices(me().id, my_posts()), languages.here, clock.today().year
    sought: Sought = sought_in_address()
    return {
        "sought": sought,
        "years": [(str(year), str(year)) for year in range(this, (offers.first_year or this) - 1, -1)],
        "natures": [(str(key), f"{code} {here(each)}") for key, each, code in offers.natures],
        "departments": [(str(key), here(each)) for key, each, _code in offers.departments],
        "tabs": [
            {"label": part.label, "url": with_filters(by=name), "count": None, "current": name == asked("by", PARTS, "year")}
            for name, part in PARTS.items()
        ],
    }


# ---- to take away ---------------------------------------------------------------------------------------------------


@pages.get("/contracts/statistics/export/<kind>", may=COUNTS)
def export_statistics(kind: str) -> Any:
    """The list as it is broken down and filtered, all of its rows; or `list`: what is out, what is under investigation."""
    if kind not in ("csv", "xlsx"):
        raise NotThere()
    here, posts = languages.here, list(my_posts())
    match asked("list", LISTS):
        case "loans":
            return take_away(here(LISTS["loans"]), _LOAN_COLUMNS, [_loan_cells(each) for each in loans_out(posts)], kind)
        case "incidents":
            return take_away(
                here(LISTS["incidents"]), _INCIDENT_COLUMNS, [_incident_cells(each) for each in incidents_open(posts)], kind
            )
    part, rows = PARTS[asked("by", PARTS, "year")], counted(asked("by", PARTS, "year"), sought_in_address(), posts)
    cells = [_cells(each) for each in (*rows, total(sought_in_address(), posts))]
    return take_away(here(_("Contract statistics list")), [part.label, *_FIGURE_COLUMNS], cells, kind)


_FIGURE_COLUMNS: list[Words] = [
    _("Contracts"), _("Amount"), _("Without amount"), _("On loan"), _("Under investigation"), _("Withdrawn or destroyed"),
]  # fmt: skip
_LOAN_COLUMNS: list[Words] = [
    _("Number"), _("Contract number"), _("Contract title"), _("Form"), _("Borrower"), _("Department"), _("Due back on"),
    _("Days late"),
]  # fmt: skip
_INCIDENT_COLUMNS: list[Words] = [_("Number"), _("Contract number"), _("Contract title"), _("Kind"), _("Since")]


def _cells(row: Counted) -> list[Any]:
    return [
        languages.here(called(row)), row.contracts, row.amount, row.without_amount, row.on_loan, row.flagged, row.gone,
    ]  # fmt: skip


def _loan_cells(each: Out) -> list[Any]:
    here = languages.here
    return [
        each.case_number, each.number, each.title, FORMS[each.form], here(each.borrower), here(each.department), each.due_on,
        each.days_late,
    ]  # fmt: skip


def _incident_cells(each: Open) -> list[Any]:
    return [each.case_number, each.number, each.title, KINDS[each.kind], each.since]
