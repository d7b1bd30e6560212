"""Budget lines and spending requests as tests begin with them."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any

from portal import clock, db, steps
from portal.budget.models import BUDGET, BudgetLine, Category, Figures, Overrun, figures_of
from portal.budget.rules import open_line
from portal.cases import Case
from portal.contents import Content, create
from portal.expenses.models import spending_content
from portal.expenses.rules import SPENDING, submit
from portal.money import Money
from portal.persons import Department, Grant, Person

CATEGORIES = {"TRAVEL": ("差旅费", "Travel"), "OFFICE": ("办公费", "Office costs"), "GUESTS": ("招待费", "Entertaining")}


def yuan(amount: str | int) -> Money:
    return Money.parse(str(amount))


def category(code: str = "TRAVEL") -> Category:
    name, name_en = CATEGORIES[code]
    found, _made = Category.get_or_create(code=code, defaults={"name": name, "name_en": name_en})
    return found


@db.transaction
def budget_line(department: Department, amount: str | int = 1000, code: str = "TRAVEL", year: int | None = None) -> BudgetLine:
    """A line with that much allotted, in yuan."""
    line = open_line(year or clock.today().year, department, category(code))
    if yuan(amount):
        BUDGET.put(line.account_id, yuan(amount))
    return line


def figures_now(line: BudgetLine) -> Figures:
    found = figures_of(line.id)
    assert found is not None
    return found


def content(person: Person, line: BudgetLine | None, amount: str | int = 1000, **more: Any) -> Content:
    """What somebody types into a request; `more` changes the details."""
    title = more.pop("title", "Train to Hangzhou")
    lines = more.pop("lines", [{"text": "Ticket", "amount": yuan(amount)}])
    detail = {"purpose": "Visit the shop", "line": line, "expected_date": clock.today() + timedelta(days=1), "nature": "office"}
    return spending_content(person, title, detail | {"business_kind": "", "who": "", "why": ""} | more, lines)


def business(person: Person, line: BudgetLine, amount: str | int = 1000, **more: Any) -> Content:
    typed = {"nature": "business", "business_kind": "guests", "who": "Jade Hotel", "why": "New contract"}
    return content(person, line, amount, **typed | more)


def asked(person: Person, line: BudgetLine, amount: str | int = 1000, **more: Any) -> Case:
    """A request that was submitted."""
    return submit(person, content(person, line, amount, **more), secrets.token_hex(8))


def draft(person: Person, line: BudgetLine | None, amount: str | int = 1000, **more: Any) -> Case:
    return create(SPENDING, person, content(person, line, amount, **more), secrets.token_hex(8))


def approved(person: Person, by: Person, line: BudgetLine, amount: str | int = 1000, **more: Any) -> Case:
    return steps.take(by, asked(person, line, amount, **more).id, "approve")


def overrun(days: int = 30, reason: str = "The fair cannot be moved") -> Overrun:
    return Overrun(reason, clock.today() + timedelta(days=days))


def approved_over(person: Person, by: Person, line: BudgetLine, amount: str | int = 1000, days: int = 30) -> Case:
    return steps.take(by, asked(person, line, amount).id, "approve_over_budget", given=overrun(days))


def grant(person: Person, role: str, department: Department | None = None) -> None:
    Grant.create(person=person, role=role, department=department, starts=date(2020, 1, 1), reason="the test")
