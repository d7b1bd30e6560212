"""The reports of buying: each on a page, and the same rows as CSV and XLSX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from flask import request

from portal import exports, languages
from portal.access import (
    Right,
    any_of,
    cashier,
    chief_accountant,
    exec_in_charge,
    gm,
    office_clerk,
    office_manager,
    purchaser,
)
from portal.flow import FLOWS, State
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.money import total
from portal.people.models import readable
from portal.purchasing import models_reports
from portal.purchasing.models_reports import AGES, LATE, PAGE, STATES, UNPAID, Chosen, ChosenUnpaid, Late, Placed, Unpaid
from portal.purchasing.views_base import BUYS, SUPPLIES, pages
from portal.supplies.models_catalogue import first_of, month_after, this_month
from portal.web import NAVIGATION, Link, asked, may_open, my_posts, page, page_key, sent, with_filters
from portal.words import Name, Words, _

REPORTS = any_of(office_clerk, office_manager, purchaser, gm, exec_in_charge, chief_accountant)
PAYMENTS = any_of(office_clerk, office_manager, purchaser, gm, exec_in_charge, chief_accountant, cashier)
NAVIGATION += [
    Link(_("Reports of buying"), "purchasing.order_report", "chart-column", SUPPLIES, place=56),
    Link(_("Open payments"), "purchasing.payment_report", "receipt", SUPPLIES, place=57),
]
WORKING_LISTS.append(
    WorkingList(
        _("Late deliveries"), "late_orders", "", BUYS, "truck", url="/purchasing/reports/late", count=models_reports.count_late
    )
)
SHOWN: list[tuple[str, Words, Right]] = [
    ("orders", _("Orders"), REPORTS),
    ("late", _("Late deliveries"), REPORTS),
    ("prices", _("Price history"), REPORTS),
    ("savings", _("Savings"), REPORTS),
    ("payments", _("Open payments"), PAYMENTS),
]


class Column(NamedTuple):
    """A column of a report, on the page and in the file."""

    label: Words
    right: bool = False
    wraps: bool = False


class Cell(NamedTuple):
    """A value of a row, on the page and in the file; there it may lead somewhere, or be marked."""

    value: Any
    url: str = ""
    tone: str = ""

    @property
    def is_empty(self) -> bool:
        return self.value is None or self.value == ""

    @property
    def kept(self) -> Any:
        """As the file holds it."""
        return languages.here(self.value) if isinstance(self.value, Name) else self.value

    @property
    def shown(self) -> Any:
        """As the page shows it."""
        return languages.number(self.value) if type(self.value) is int else self.value


Row = list[Cell]


def report_tabs(here: str) -> list[dict[str, Any]]:
    """The reports one may open, purchases nearby among them, and those of the store beside them."""
    shown = [(name, label, f"/purchasing/reports/{name}") for name, label, may in SHOWN if may.allows(my_posts())]
    if may_open("purchasing.nearby"):
        shown.append(("nearby", _("Nearby purchases"), "/purchasing/nearby"))
    if may_open("supplies.consumption"):
        shown.append(("store", _("Reports of the store"), "/supplies/consumption"))
    return [{"label": label, "url": url, "count": None, "current": name == here} for name, label, url in shown]


def table_sent(name: str, columns: Sequence[Column], rows: Iterable[Row], kind: str) -> Any:
    labels, values = [each.label for each in columns], ([cell.kept for cell in row] for row in rows)
    return sent(exports.table(name, labels, values, kind, languages.here))


def suppliers_asked() -> tuple[list[tuple[str, str]], str]:
    """The suppliers to choose from, and the one that is chosen."""
    offered = [(str(key), name) for key, name in models_reports.suppliers_ordered_from()]
    return offered, asked("supplier", dict(offered))


def paper_cell(number: str, case: int) -> Cell:
    return Cell(number, f"/papers/{case}")


def further(rows: Sequence[Any], key: Any) -> dict[str, Any]:
    """Where the list goes on, and where it begins."""
    return {
        "older": with_filters(before=key(rows[PAGE - 1])) if len(rows) > PAGE else "",
        "newest": with_filters() if "before" in request.args else "",
    }


# ---- orders by state ------------------------------------------------------------------------------------------------

_ORDER_COLUMNS = [
    Column(_("Number")), Column(_("Title"), wraps=True), Column(_("Supplier")), Column(_("Placed on")), Column(_("Deliver by")),
    Column(_("State")), Column(_("Lines"), True), Column(_("Amount"), True),
]  # fmt: skip


@pages.get("/purchasing/reports/orders", may=REPORTS)
def order_report() -> Any:
    """The orders that were placed, how many in which state and what they come to."""
    offered, supplier = suppliers_asked()
    months = months_back()
    month, state = asked("month", dict(months)), asked("state", STATES)
    chosen = Chosen(int(supplier or 0) or None, int(month.replace("-", "")) if month else None, state)
    if kind := asked("export", ("csv", "xlsx")):
        return table_sent("orders", _ORDER_COLUMNS, map(_order_row, models_reports.every_order(chosen)), kind)
    rows, sums = models_reports.orders(chosen, page_key()), models_reports.orders_by_state(chosen)
    return page(
        "purchasing/report_orders.html",
        tabs=report_tabs("orders"),
        columns=_ORDER_COLUMNS,
        rows=[_order_row(each) for each in rows[:PAGE]],
        sums=[(each, _order_state(each.state)) for each in sums],
        count=sum(each.papers for each in sums) or 1,
        suppliers=offered,
        supplier=supplier,
        months=months,
        month=month,
        states=[(name, _order_state(name)) for name in STATES],
        state=state,
        **further(rows, lambda each: each.case),
    )


def _order_state(name: str) -> Words:
    return FLOWS["order"].states[name].label


def _order_row(each: Placed) -> Row:
    tone = "red" if each.is_late else FLOWS["order"].states[each.state].tone
    return [
        paper_cell(each.number, each.case), Cell(each.title), Cell(each.supplier), Cell(each.placed_on), Cell(each.deliver_by),
        Cell(_("Late") if each.is_late else _order_state(each.state), tone=tone), Cell(each.lines), Cell(each.amount),
    ]  # fmt: skip


def months_back(back: int = 36) -> list[tuple[str, str]]:
    months = [first_of(month_after(this_month(), -by)) for by in range(back)]
    return [(f"{each:%Y-%m}", f"{each:%Y-%m}") for each in months]


# ---- late deliveries ------------------------------------------------------------------------------------------------

_LATE_COLUMNS = [
    Column(_("Number")), Column(_("Supplier")), Column(_("Deliver by")), Column(_("Last delivery")), Column(_("Days late"), True),
    Column(_("Open lines"), True), Column(_("Times postponed"), True), Column(_("State")),
]  # fmt: skip


@pages.get("/purchasing/reports/late", may=REPORTS)
def late_report() -> Any:
    """What is past its day and still to come, and what was delivered after its day (SUP-06)."""
    offered, supplier = suppliers_asked()
    part, of = asked("part", LATE, "open"), int(supplier or 0) or None
    if kind := asked("export", ("csv", "xlsx")):
        return table_sent(f"late-deliveries-{part}", _LATE_COLUMNS, map(_late_row, models_reports.every_late(part, of)), kind)
    rows = models_reports.late(part, of, page_key())
    return page(
        "purchasing/report_late.html",
        tabs=report_tabs("late"),
        parts=[{"label": label, "url": with_filters(part=name), "current": name == part} for name, label in LATE.items()],
        part=part,
        columns=_LATE_COLUMNS,
        rows=[_late_row(each) for each in rows[:PAGE]],
        suppliers=offered,
        supplier=supplier,
        **further(rows, lambda each: each.case),
    )


def _late_row(each: Late) -> Row:
    return [
        paper_cell(each.number, each.case), Cell(each.supplier), Cell(each.deliver_by), Cell(each.came_on),
        Cell(each.days_late, tone="red"), Cell(each.open_lines), Cell(each.postponed),
        Cell(_order_state(each.state), tone=FLOWS["order"].states[each.state].tone),
    ]  # fmt: skip


# ---- open payments --------------------------------------------------------------------------------------------------

_UNPAID_COLUMNS = [
    Column(_("Number")), Column(_("Supplier")), Column(_("Order")), Column(_("Invoice")), Column(_("Invoice of")),
    Column(_("Entered on")), Column(_("Days open"), True), Column(_("State")), Column(_("Billed amount"), True),
    Column(_("To be paid"), True), Column(_("Still open"), True),
]  # fmt: skip


@pages.get("/purchasing/reports/payments", may=PAYMENTS)
def payment_report() -> Any:
    """Invoices of suppliers that were entered and are not paid, by state and age."""
    offered, supplier = suppliers_asked()
    chosen = ChosenUnpaid(int(supplier or 0) or None, asked("state", UNPAID), asked("age", AGES))
    every = models_reports.unpaid(chosen)
    found = [each for each in every if chosen.lets(each)]
    links = readable({case for each in found for case in (each.case, each.order)}, my_posts())
    rows = [_unpaid_row(each, links) for each in found]
    if kind := asked("export", ("csv", "xlsx")):
        return table_sent("open-payments", _UNPAID_COLUMNS, rows, kind)
    before = page_key()
    start = next((n for n, each in enumerate(found, 1) if each.case == before), 0)
    return page(
        "purchasing/report_payments.html",
        tabs=report_tabs("payments"),
        columns=_UNPAID_COLUMNS,
        rows=rows[start : start + PAGE],
        open=total(each.open for each in every),
        ages=models_reports.by_age(every),
        sums=[(each, _invoice_state(each.state), oldest) for each, oldest in models_reports.by_state(every)],
        states=[(name, _invoice_state(name)) for name in UNPAID],
        age_choices=[(key, label) for key, (label, _least, _most) in AGES.items()],
        suppliers=offered,
        supplier=supplier,
        chosen=chosen,
        **further(found[start:], lambda each: each.case),
    )


def _invoices() -> dict[str, State]:
    return FLOWS["supplier_invoice"].states


def _invoice_state(name: str) -> Words:
    return _invoices()[name].label


def _unpaid_row(each: Unpaid, links: set[int]) -> Row:
    own, order = (f"/papers/{case}" if case in links else "" for case in (each.case, each.order))
    return [
        Cell(each.number, own), Cell(each.supplier), Cell(each.order_number, order), Cell(each.invoice), Cell(each.day),
        Cell(each.entered_on), Cell(each.days), Cell(_invoice_state(each.state), tone=_invoices()[each.state].tone),
        Cell(each.billed), Cell(each.payable), Cell(each.open),
    ]  # fmt: skip
