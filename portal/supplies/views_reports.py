"""The reports of office supplies: each on a page, and the same rows as CSV and XLSX."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request

from portal import clock, exports, languages
from portal.access import (
    any_of,
    chief_accountant,
    dept_manager,
    exec_in_charge,
    gm,
    office_clerk,
    office_manager,
    purchaser,
    supplies_custodian,
)
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.persons import Department
from portal.refused import NotThere
from portal.stock.models import Item
from portal.stock.rules import hidden_from
from portal.supplies import models_reports
from portal.supplies.models_catalogue import (
    Entry,
    average,
    catalogue,
    categories,
    entry_of,
    first_of,
    in_packs,
    months_until,
)
from portal.supplies.models_reports import Drawn, Low, Miscounted, Unconfirmed, Used
from portal.supplies.rules_goods import ENTERS
from portal.supplies.views_catalogue import SUPPLIES, pages
from portal.supplies.views_limits import departments_seen, month_asked, months_to_look_at
from portal.web import NAVIGATION, Link, asked, find, may_open, me, my_posts, page, sent
from portal.words import Words, _

BUYS = any_of(office_clerk, office_manager, purchaser)
REPORTS = any_of(office_clerk, office_manager, gm, exec_in_charge, chief_accountant, dept_manager, supplies_custodian)
COUNTS = any_of(office_clerk, office_manager, gm, exec_in_charge, chief_accountant)
NAVIGATION.append(Link(_("Low stock"), "supplies.low", "package", SUPPLIES, place=52))
NAVIGATION.append(Link(_("Reports"), "supplies.consumption", "chart-column", SUPPLIES, place=55))


def _exported(name: str, columns: list[Words], rows: Any, kind: str) -> Any:
    return sent(exports.table(name, columns, rows, kind, languages.here))


def _tabs(here: str) -> list[dict[str, Any]]:
    """The reports one may open."""
    shown = [
        ("consumption", _("Consumption"), "/supplies/consumption", REPORTS),
        ("receipts", _("Open receipts"), "/supplies/receipts", REPORTS),
        ("differences", _("Stocktake differences"), "/supplies/differences", COUNTS),
        ("low", _("Low stock"), "/supplies/low", BUYS),
        ("stock", _("Stock list"), "/stock", COUNTS),
    ]
    tabs: list[dict[str, Any]] = [
        {"label": label, "url": url, "count": None, "current": name == here}
        for name, label, url, may in shown
        if may.allows(my_posts())
    ]
    if may_open("purchasing.order_report"):
        tabs.append({"label": _("Reports of buying"), "url": "/purchasing/reports/orders", "count": None, "current": False})
    return tabs


# ---- low stock ------------------------------------------------------------------------------------------------------

_LOW_COLUMNS: list[Words] = [
    _("Code"), _("Item"), _("Unit"), _("Free"), _("Reorder level"), _("Average a month"), _("Waits for it"), _("On the way"),
    _("Applications"), _("Suggested"), _("In purchase units"),
]  # fmt: skip


@pages.get("/supplies/low", may=BUYS)
def low() -> Any:
    """What should be bought; whoever is counting an item does not learn its figures here."""
    hidden = hidden_from(me())
    rows = models_reports.low_stock(hidden, my_posts())
    if kind := asked("export", ("csv", "xlsx")):
        return _exported("low-stock", _LOW_COLUMNS, map(_low_cells, rows), kind)
    return page(
        "supplies/low.html",
        rows=[(each, average(each.half_year), _packs(each)) for each in rows],
        hidden=len(hidden),
        waiting=sum(each.waiting > 0 for each in rows),
        missing=sum(each.suggested > 0 for each in rows),
        may_enter=ENTERS.allows(my_posts()),
        tabs=_tabs("low"),
    )


def _low_cells(each: Low) -> list[Any]:
    entry = each.entry
    return [
        entry.code, languages.here(entry.called), entry.unit, each.free, each.level, average(each.half_year), each.waiting,
        each.coming.quantity, ", ".join(number or languages.here(_("Draft")) for _case, number in each.coming.papers),
        each.suggested, _packs(each),
    ]  # fmt: skip


def _packs(each: Low) -> Words | None:
    return in_packs(each.suggested, each.entry) if each.suggested else None


WORKING_LISTS.append(WorkingList(_("Low stock"), "low", "", BUYS, "package", url="/supplies/low", count=models_reports.count_low))


# ---- consumption ----------------------------------------------------------------------------------------------------

_USED_COLUMNS: list[Words] = [
    _("Department"), _("Code"), _("Item"), _("Unit"), _("Drawn"), _("Limit a month"), _("Left"), _("Average a month"),
]  # fmt: skip


@pages.get("/supplies/consumption", may=REPORTS)
def consumption() -> Any:
    """What departments drew in a month against their limits, and the twelve months until then (SUP-13)."""
    months = months_to_look_at(24)
    month, seen, kinds = month_asked(months), _departments(), categories(None)
    chosen = asked("department", [str(each.id) for each in seen])
    category = asked("category", [str(each.id) for each in kinds])
    items = catalogue(category_id=int(category) if category else None, active=None)
    item = asked("item", [str(each.id) for each in items])
    wanted = [each for each in items if not item or str(each.id) == item]
    rows, sums = models_reports.consumption([each.id for each in seen if not chosen or str(each.id) == chosen], wanted, month)
    if kind := asked("export", ("csv", "xlsx")):
        return _exported(f"consumption-{month}", _USED_COLUMNS, map(_used_cells, rows), kind)
    only = wanted[0] if len(wanted) == 1 else None
    return page(
        "supplies/consumption.html",
        rows=[(each, average(each.half_year)) for each in rows],
        bars=[(f"{each % 100}", sums.get(each, 0), languages.number(sums.get(each, 0))) for each in months_until(month, 12)],
        month=f"{first_of(month):%Y-%m}",
        months=months,
        departments=[(str(each.id), languages.here(each.called)) for each in seen],
        department=chosen,
        categories=[(str(each.id), languages.here(each.called)) for each in kinds],
        category=category,
        item=item,
        item_called=only.called if item and only else None,
        counted=_counted(only),
        over=sum(each.left is not None and each.left < 0 for each in rows),
        tabs=_tabs("consumption"),
    )


def _counted(only: Entry | None) -> tuple[Words, Words | str]:
    """What the bars count: the pieces of one item, or as many lines as the table has for a month."""
    if only is None:
        return _("How many items each department drew, month by month"), _("Lines")
    return _("%(item)s drawn, month by month, in %(unit)s", item=only.called, unit=only.unit), only.unit


def _departments() -> list[Department]:
    """Whose consumption one sees; the chief accountant sees all, as the general manager does."""
    if "chief_accountant" in my_posts():
        return list(Department.select().where(Department.active, Department.kind == "department").order_by(Department.id))
    return departments_seen()


def _used_cells(each: Used) -> list[Any]:
    return [
        languages.here(each.department), each.entry.code, languages.here(each.entry.called), each.entry.unit, each.quantity,
        each.limit, each.left, average(each.half_year),
    ]  # fmt: skip


_DRAW_COLUMNS: list[Words] = [_("Number"), _("Title"), _("Custodian"), _("Issued on"), _("Issued"), _("Declined")]


@pages.get("/supplies/consumption/<item_id>", may=REPORTS)
def draws(item_id: str) -> Any:
    """The draws behind a figure: of a department in a month."""
    entry, months, seen = entry_of(find(Item, item_id).id), months_to_look_at(24), _departments()
    month, chosen = month_asked(months), request.args.get("department", str(seen[0].id) if seen else "")
    department = next((each for each in seen if str(each.id) == chosen), None)
    if entry is None or department is None:
        raise NotThere()
    rows = models_reports.draws_behind(department.id, entry.id, month, my_posts())
    if kind := asked("export", ("csv", "xlsx")):
        cells = ([each.number, _title(each), languages.here(each.who), each.at, each.issued, each.declined] for each in rows)
        return _exported(f"draws-{entry.code}-{month}", _DRAW_COLUMNS, cells, kind)
    return page(
        "supplies/draws_behind.html",
        rows=rows,
        department=department,
        entry=entry,
        month=f"{first_of(month):%Y-%m}",
        months=months,
        kept=sum(each.issued - each.declined for each in rows),
    )


def _title(each: Drawn | Unconfirmed) -> Words | str:
    """As the page shows it: what others wrote is not for everybody."""
    return each.title if each.is_readable else _("A paper of others")


# ---- open receipts --------------------------------------------------------------------------------------------------

_RECEIPT_COLUMNS: list[Words] = [
    _("Number"), _("Title"), _("Department"), _("Custodian"), _("Issued on"), _("Due"), _("Lines"), _("Quantity"),
]  # fmt: skip


@pages.get("/supplies/receipts", may=REPORTS)
def receipts() -> Any:
    """Goods issued that nobody has confirmed yet."""
    rows = models_reports.open_receipts([each.id for each in _departments()], my_posts())
    if kind := asked("export", ("csv", "xlsx")):
        return _exported("open-receipts", _RECEIPT_COLUMNS, map(_receipt_cells, rows), kind)
    return page("supplies/receipts.html", rows=rows, late=sum(each.is_late for each in rows), tabs=_tabs("receipts"))


def _receipt_cells(each: Unconfirmed) -> list[Any]:
    named = [each.number, _title(each), languages.here(each.department), languages.here(each.who)]
    return [*named, each.issued_at, each.due, each.lines, each.quantity]


# ---- stocktake differences ------------------------------------------------------------------------------------------

_DIFFERENCE_COLUMNS: list[Words] = [
    _("Stocktake"), _("Date"), _("Code"), _("Item"), _("Unit"), _("In the books"), _("Moved meanwhile"), _("Counted"),
    _("Difference"), _("Reason"),
]  # fmt: skip


@pages.get("/supplies/differences", may=COUNTS)
def differences() -> Any:
    """Where shelf and books differed, of the counts closed in a year."""
    this = date(int(_year_asked()), 1, 1)
    rows = models_reports.differences(this, date(this.year + 1, 1, 1), hidden_from(me()))
    if kind := asked("export", ("csv", "xlsx")):
        return _exported(f"stocktake-differences-{this.year}", _DIFFERENCE_COLUMNS, map(_difference_cells, rows), kind)
    return page(
        "supplies/differences.html",
        rows=rows,
        year=str(this.year),
        years=_years(),
        surplus=sum(each.difference > 0 for each in rows),
        shortage=sum(each.difference < 0 for each in rows),
        tabs=_tabs("differences"),
    )


def _years() -> list[tuple[str, str]]:
    return list(dict.fromkeys((month[:4], month[:4]) for month, _label in months_to_look_at(60)))


def _year_asked() -> str:
    return asked("year", dict(_years()), _years()[0][0]) or _years()[0][0]


def _difference_cells(each: Miscounted) -> list[Any]:
    named = [each.number, clock.local(each.at).date(), each.code, languages.here(each.called), each.unit]
    return [*named, each.book, each.moved, each.counted, each.difference, each.reason]
