"""What people type into the invoice of a supplier, and when it is decided what is paid of one that differs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import g, request

from portal import clock, db
from portal.cases import Case
from portal.contents import Content
from portal.expenses.models_claims import clean_number
from portal.fields import Amount, Choice, Day, LineForm, Lines, PaperForm, Text, Whole
from portal.languages import here
from portal.money import Money
from portal.purchasing.models import MOST_QUANTITY, Order, OrderLine
from portal.purchasing.models_invoices import BILLABLE, Billed, Decided, Match, invoice_content
from portal.purchasing.models_orders import lines_of_order
from portal.refused import Mistyped
from portal.typed import Typed
from portal.words import Words, _


def orders_to_bill() -> list[tuple[int, str]]:
    """The orders of which something came and is not billed yet."""
    sql = f"""
    SELECT k.id, k.number, s.name FROM cases k JOIN orders o ON o.case_id = k.id JOIN suppliers s ON s.id = o.supplier_id
    WHERE k.kind = 'order' AND k.state IN ({db.marks(BILLABLE)}) AND EXISTS (SELECT 1 FROM order_lines l
          WHERE l.case_id = k.id AND l.version = k.version AND l.accepted > l.billed) ORDER BY k.id DESC LIMIT 500
    """
    return [(key, f"{number} {name}") for key, number, name in db.rows(sql, *BILLABLE)]


def lines_to_bill() -> list[tuple[int, Words]]:
    """The lines of the order that is billed."""
    order = g.get("purchasing_order")
    return [] if order is None else [(line.id, _billable(line)) for line in lines_of_order(order)]


def _billable(line: OrderLine) -> Words:
    return _("%(item)s: %(n)s accepted and not billed", item=line.item.called, n=line.accepted - line.billed)


class InvoiceLineForm(LineForm):
    line = Choice(_("Line of the order"), lines_to_bill, coerce=int)
    quantity = Whole(_("Units billed"), least=1, most=MOST_QUANTITY)
    amount = Amount(_("Amount"))

    def is_blank(self) -> bool:
        return not (self.quantity.typed or self.amount.data)


class InvoiceForm(PaperForm):
    title = Text(_("Title"), most=120, needed=False, description=_("Left empty it names order and supplier."))
    order = Choice(_("Order"), orders_to_bill, coerce=int)
    number = Text(_("Invoice number"), most=30)
    code = Text(_("Invoice code"), most=20, needed=False)
    day = Day(_("Day of the invoice"), default=clock.today)
    lines = Lines(_("Lines"), InvoiceLineForm, most=200)

    def prepare(self, person: Any) -> None:
        """The order that is named, with what came and is not billed as its lines."""
        asked = request.args.get("order", "")
        if self.order.raw_data is None and asked.isascii() and asked.isdigit() and len(asked) < 11:
            self.order.data = int(asked)
        order = Case.find("id = ? AND kind = 'order'", self.order.data or 0)
        g.purchasing_order = order
        if order and not self.is_submitted():
            open_lines = [(line, line.accepted - line.billed) for line in lines_of_order(order)]
            self.lines.put(
                {"line": line.id, "quantity": n, "amount": line.cost_of(line.billed + n) - line.cost_of(line.billed)}
                for line, n in open_lines if n > 0
            )  # fmt: skip

    def content(self, person: Any) -> Content:
        order = Case.find("id = ? AND kind = 'order'", self.order.data or 0)
        if order is None:
            raise Mistyped(_("Choose the order that is billed."), "order")
        lines = {each.id: each for each in lines_of_order(order)}
        typed = self.lines.filled()
        if any(each.line.data not in lines for each in typed):
            raise Mistyped(_("Choose a line of the order."), "lines")
        billed = [Billed(lines[each.line.data], each.quantity.data or 0, Money(each.amount.data or 0)) for each in typed]
        number, code = clean_number(self.number.data or ""), clean_number(self.code.data or "")
        supplier = Order.get_by_id(order.id).supplier.name
        return invoice_content(order, number, self.day.data, billed, code, self.title.data or "", here(supplier))

    def fill(self, case: Case, paper: Any, lines: list[Any]) -> None:
        self.title.data, self.order.data, self.number.data = case.title, paper.order_id, paper.number
        self.code.data, self.day.data = paper.code, paper.day
        g.purchasing_order = paper.order
        self.order.choices = [*orders_to_bill(), (paper.order_id, paper.order.number)]
        self.lines.put({"line": line.line_id, "quantity": line.quantity, "amount": line.amount} for line in lines)


def decided_as_typed(typed: Typed, found: Iterable[Match]) -> Decided:
    """What is paid of each line; by the order where nothing is typed."""
    given: dict[int, Money] = {}
    for each in found:
        name = f"pay-{each.line.id}"
        written = typed.text(name, str(each.suggested))
        try:
            given[each.line.id] = Money.parse(written)
        except ValueError:
            typed.wrong[name] = _("Write an amount in yuan, such as 1200 or 12.50.")
    return Decided(given)
