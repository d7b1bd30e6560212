"""What suppliers asked for an item over time, and what was saved or cost more than the cheapest offer, as pages and files."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal import clock, languages
from portal.money import total
from portal.purchasing import models_prices
from portal.purchasing.models_prices import Bought, Offered, Price, PricedItem
from portal.purchasing.models_reports import PAGE
from portal.purchasing.views_base import pages
from portal.purchasing.views_reports import (
    REPORTS,
    Cell,
    Column,
    Row,
    further,
    months_back,
    paper_cell,
    report_tabs,
    suppliers_asked,
    table_sent,
)
from portal.supplies.models_catalogue import first_of, month_after
from portal.web import asked, page, page_key
from portal.words import _

MOST_LINES_OF_A_CHART = 5

# ---- price history --------------------------------------------------------------------------------------------------

_PRICE_COLUMNS = [
    Column(_("Date")), Column(_("Supplier")), Column(_("Paper")), Column(_("Quantity"), True), Column(_("Price of a pack"), True),
    Column(_("Units in a pack"), True), Column(_("Price per unit"), True), Column(_("Price change"), True),
    Column(_("Valid until")),
]  # fmt: skip


@pages.get("/purchasing/reports/prices", may=REPORTS)
def price_report() -> Any:
    """What suppliers asked for an item over time, in quotes and on orders, per unit."""
    items = {str(each.id): each for each in models_prices.items_priced()}
    item = items.get(asked("item", items, next(iter(items), "")))
    every = models_prices.prices_of(item.id) if item else []
    offered = sorted({(str(each.supplier), each.supplier_called) for each in every}, key=lambda each: each[1])
    supplier = asked("supplier", dict(offered))
    prices = [each for each in every if not supplier or str(each.supplier) == supplier]
    rows = [_price_row(each) for each in reversed(prices)]
    if kind := asked("export", ("csv", "xlsx")):
        return table_sent(f"prices-{item.code if item else ''}", _PRICE_COLUMNS, rows, kind)
    return page(
        "purchasing/report_prices.html",
        tabs=report_tabs("prices"),
        columns=_PRICE_COLUMNS,
        rows=rows,
        item=item,
        items=[(key, f"{each.code} {languages.here(each.called)}") for key, each in items.items()],
        suppliers=offered,
        supplier=supplier,
        is_cut=len(every) == models_prices.MOST,
        most=models_prices.MOST,
        **_chart(prices, item),
    )


def _chart(prices: list[Price], item: PricedItem | None) -> dict[str, Any]:
    """A line for each supplier; what begins later is not drawn."""
    past = [each for each in prices if each.day <= clock.today()]
    lines = models_prices.lines_of_chart(past, MOST_LINES_OF_A_CHART)
    drawn = [(name, [(each.day, float(each.unit_price), each.per_unit) for each in some]) for name, some in lines]
    return {"lines": drawn, "first": min((each.day for each in past), default=None), "today": clock.today()}


def _price_row(each: Price) -> Row:
    change = (
        None
        if each.change is None
        else f"{'▲' if each.change > 0 else '▼'} {float(abs(each.change)):.1f} %"
        if each.change
        else "0 %"
    )
    tone = "" if not each.change else "red" if each.change > 0 else "green"
    paper = Cell(each.number, f"/papers/{each.order}") if each.order else Cell(_("Quote"))
    return [
        Cell(each.day), Cell(each.supplier_called), paper, Cell(each.quantity), Cell(each.price), Cell(each.per_pack),
        Cell(each.per_unit), Cell(change, tone=tone), Cell(each.until),
    ]  # fmt: skip


# ---- savings and extra cost -----------------------------------------------------------------------------------------

_SAVING_COLUMNS = [
    Column(_("Placed on")), Column(_("Order")), Column(_("Item")), Column(_("Supplier")),
    Column(_("Quantity"), True), Column(_("Price per unit"), True), Column(_("Amount"), True), Column(_("Cheapest offer")),
    Column(_("Next offer")), Column(_("Saved"), True), Column(_("Extra cost"), True),
    Column(_("Why not the cheapest"), wraps=True),
]  # fmt: skip


@pages.get("/purchasing/reports/savings", may=REPORTS)
def saving_report() -> Any:
    """What each line of an order saved against the next offer, or cost beyond the cheapest, with its reason (SUP-08)."""
    offered, supplier = suppliers_asked()
    periods = _periods()
    period = asked("period", dict(periods), periods[0][0]) or periods[0][0]
    found = models_prices.bought(*_days_of(period), int(supplier or 0) or None)
    only = asked("show", ("saved", "extra"))
    found = [each for each in found if not only or getattr(each, only)]
    if kind := asked("export", ("csv", "xlsx")):
        return table_sent(f"savings-{period}", _SAVING_COLUMNS, map(_saving_row, found), kind)
    after = page_key()
    start = next((n for n, each in enumerate(found, 1) if each.line == after), 0)
    return page(
        "purchasing/report_savings.html",
        tabs=report_tabs("savings"),
        columns=_SAVING_COLUMNS,
        rows=[_saving_row(each) for each in found[start : start + PAGE]],
        bought=total(each.amount for each in found),
        saved=total(each.saved for each in found),
        extra=total(each.extra for each in found),
        suppliers=offered,
        supplier=supplier,
        periods=periods,
        period=period,
        show=only,
        **further(found[start:], lambda each: each.line),
    )


def _periods() -> list[tuple[str, str]]:
    """Years and months to choose from, this year first."""
    months = [month for month, _label in months_back()]
    years = list(dict.fromkeys(month[:4] for month in months))
    return [(each, each) for each in (*years, *months)]


def _days_of(period: str) -> tuple[date, date]:
    if len(period) == 4:
        return date(int(period), 1, 1), date(int(period) + 1, 1, 1)
    month = int(period.replace("-", ""))
    return first_of(month), first_of(month_after(month))


def _saving_row(each: Bought) -> Row:
    return [
        Cell(each.placed_on), paper_cell(each.number, each.order), Cell(f"{each.code} {languages.here(each.called)}"),
        Cell(each.chosen.supplier),
        Cell(each.quantity), Cell(each.chosen.per_unit), Cell(each.amount), Cell(_offer(each.cheapest)), Cell(_offer(each.other)),
        Cell(each.saved or None, tone="green"), Cell(each.extra or None, tone="red"), Cell(each.reason),
    ]  # fmt: skip


def _offer(offer: Offered | None) -> str | None:
    return offer and f"{offer.per_unit} {offer.supplier}"
