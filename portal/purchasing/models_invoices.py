"""Invoices of suppliers against order and receipt: what each line bills, what was to be expected, and where the two differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal import attachments, db
from portal.attachments import Attachment
from portal.cases import Case, lines_of
from portal.contents import Content
from portal.money import Money, total
from portal.persons import Department
from portal.purchasing.models import OrderLine, SupplierInvoiceLine
from portal.purchasing.models_purchases import part_of
from portal.refused import Mistyped
from portal.words import _

BILLABLE = ("partly", "received")  # the states of an order of which something can be billed
LIVE = ("differing", "submitted", "signed_first", "signed", "payable", "paid", "posted")


@dataclass(frozen=True)
class Billed:
    """So many units of a line of the order, for so much."""

    line: OrderLine
    quantity: int
    amount: Money


def invoice_content(
    order: Case, number: str, day: date | None, billed: Iterable[Billed], code: str = "", title: str = "", supplier: str = ""
) -> Content:
    billed = list(billed)
    lines = [{"line": each.line, "quantity": each.quantity, "amount": each.amount} for each in billed]
    detail = {"order": order, "code": code, "number": number, "day": day}
    amount = total(each.amount for each in billed)
    return Content(title or f"{order.number} {supplier}"[:120], detail, lines, amount, office() or order.department)


def office() -> Department | None:
    """The department in charge: its supervisor and its manager sign, whoever ordered (SUP-10)."""
    return Department.find("mark = 'office'")


def lines_of_invoice(case: Case) -> list[SupplierInvoiceLine]:
    return lines_of(SupplierInvoiceLine, case)


def files_of(case: Case) -> list[Attachment]:
    return attachments.of("case", case.id)


def expected(line: OrderLine, quantity: int, before: int) -> Money:
    """What so many units cost by the order, where `before` of it were billed already: whole fen, and nothing lost between."""
    return line.cost_of(before + quantity) - line.cost_of(before)


def billed_before(line: SupplierInvoiceLine) -> int:
    """How much of the order's line other invoices that still stand have counted, those entered before this one."""
    sql = f"""SELECT COALESCE(SUM(l.counted), 0) FROM supplier_invoice_lines l
              JOIN cases k ON k.id = l.case_id AND k.version = l.version
              WHERE l.line_id = ? AND l.case_id < ? AND k.state IN ({db.marks(LIVE)})"""
    return int(db.row(sql, line.line_id, line.case_id, *LIVE)[0])  # type: ignore[index]


@dataclass(frozen=True)
class Match:
    """A line of an invoice beside its order and receipt."""

    line: SupplierInvoiceLine
    ordered: OrderLine
    counted: int  # of what is billed, how much was accepted and is on no other invoice
    by_order: Money  # what that costs by the order

    @property
    def too_many(self) -> int:
        return self.line.quantity - self.counted

    @property
    def dearer_by(self) -> Money:
        """What is billed beyond the price of the order, for what was accepted; below zero where it is less."""
        return self.most - self.by_order

    @property
    def most(self) -> Money:
        """The most that may be paid: what is billed, for the part that was accepted."""
        return part_of(self.line.amount, self.counted, self.line.quantity)

    @property
    def suggested(self) -> Money:
        """What is paid where nothing else is decided: what was accepted, at the price of the order or less."""
        return min(self.by_order, self.most)

    @property
    def differs(self) -> bool:
        return bool(self.too_many) or self.line.amount != self.by_order


def matches(case: Case, counted_now: bool = False) -> list[Match]:
    """The three-way match of an invoice. `counted_now`: as it would be counted if it were submitted now."""
    found = []
    for line in lines_of_invoice(case):
        ordered = OrderLine.get_by_id(line.line_id)
        before = ordered.billed if counted_now else billed_before(line)
        counted = min(line.quantity, max(ordered.accepted - ordered.billed, 0)) if counted_now else line.counted
        found.append(Match(line, ordered, counted, expected(ordered, counted, before)))
    return found


@dataclass(frozen=True)
class Decided:
    """What is paid of each line of an invoice that differs: line -> amount. The reason is the step's note."""

    lines: dict[int, Money]

    def why_not(self, act: Any) -> None:
        found = {each.line.id: each for each in matches(act.case)}
        if set(self.lines) != set(found):
            raise Mistyped(_("Something is missing from this step."))
        for key, amount in self.lines.items():
            if not 0 <= amount <= found[key].most:
                raise Mistyped(_("From 0 up to %(most)s: only what was accepted is paid.", most=found[key].most), f"pay-{key}")
        if not any(self.lines.values()):
            raise Mistyped(_("Nothing would be left of it: reject the invoice instead."))
