"""The paper of a voucher that is written by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from peewee import CharField, DateField, ForeignKeyField

from portal import db
from portal.books.models import Fund, Title, Voucher, VoucherLine
from portal.budget.models import Category
from portal.cases import Case, Detail, Line
from portal.contents import Content
from portal.money import Money, MoneyField, total
from portal.persons import Department, Person


class Adjustment(Detail):
    """The day it is booked on, and the voucher it takes back, if it does."""

    day = DateField()
    reverses = ForeignKeyField(Voucher, null=True)

    class Meta:
        table_name = "adjustments"


class AdjustmentLine(Line):
    """An amount on one side of a title."""

    title = ForeignKeyField(Title)
    debit = MoneyField(default=0)
    credit = MoneyField(default=0)
    department = ForeignKeyField(Department, null=True)
    person = ForeignKeyField(Person, null=True)
    category = ForeignKeyField(Category, null=True)
    text = CharField(max_length=200, default="")

    class Meta:
        table_name = "adjustment_lines"

    @property
    def amount(self) -> Money:
        """Debit above zero."""
        return Money(self.debit - self.credit)


def fund_titles() -> set[int]:
    """The titles that only journals move."""
    return {fund.title_id for fund in Fund.select()}


def lines_reversed(voucher: Voucher) -> list[dict[str, object]]:
    """The lines that take a voucher back."""
    return [
        {
            "title": line.title, "debit": max(-line.amount, Money(0)), "credit": max(line.amount, Money(0)),
            "department": line.department_id and line.department, "person": line.person_id and line.person,
            "category": line.category_id and line.category, "text": line.text,
        }
        for line in VoucherLine.where("voucher_id = ? ORDER BY n", voucher.id)
    ]  # fmt: skip


def taken_back_by(voucher: Voucher) -> Voucher | None:
    return Voucher.find("reverses_id = ?", voucher.id)


def paper_reversing(voucher: Voucher) -> Case | None:
    """The paper under way that takes the voucher back."""
    found = db.row(
        "SELECT k.id FROM adjustments a JOIN cases k ON k.id = a.case_id WHERE a.reverses_id = ? AND k.state = 'draft'",
        voucher.id,
    )
    return Case.get_by_id(found[0]) if found else None


def adjustment_content(reason: str, day: date, lines: list[dict[str, Any]], reverses: Voucher | None = None) -> Content:
    """The contents of a voucher by hand: its reason is the title; lines have title, debit or credit, and what they are about."""
    amount = total(Money(line["debit"]) for line in lines)
    detail: dict[str, Any] = {"day": day}
    return Content(reason, detail | ({"reverses": reverses} if reverses else {}), lines, amount)
