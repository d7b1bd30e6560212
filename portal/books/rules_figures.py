"""The figures of a month: calculated once, kept as they are, and read by every later view of the month (FIN-07)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from portal import clock, db
from portal.books.models_months import MonthResult, compared, last_day, result_of
from portal.books.models_statements import Balance, Expense, balances, expenses_by_department
from portal.cases import Case
from portal.money import Money, total
from portal.words import Name


@dataclass(frozen=True)
class DepartmentFigures:
    """A department's budget of the year, what it spent in the month and in the year until its end."""

    id: int | None
    department: Name
    budget: Money
    month: Money
    year: Money

    @property
    def left(self) -> Money:
        return self.budget - self.year


@dataclass(frozen=True)
class MonthFigures:
    """Everything a month comes to."""

    month: int
    titles: list[Balance]
    funds: list[tuple[Name, Money, Money]]  # what the books say, what was counted
    departments: list[DepartmentFigures]
    expenses: list[Expense]  # by department and title

    @property
    def income(self) -> Money:
        return total(each.moved for each in self.titles if each.nature == "income")

    @property
    def expense(self) -> Money:
        return total(each.moved for each in self.titles if each.nature == "expense")


def calculated(case: Case, month: int) -> MonthFigures:
    """The month's figures as books, count and budget say now."""
    titles = [each for each in balances(month, month) if each.before or each.debit or each.credit]
    funds = [(each.fund.called, each.books, each.counted) for each in compared(case, month)]
    return MonthFigures(month, titles, funds, _departments(month), expenses_by_department(month, month))


_BUDGETS = """
SELECT d.id, d.name, d.name_en, SUM(e.put) FROM budget_lines l JOIN departments d ON d.id = l.department_id
JOIN entries e ON e.account_id = l.account_id WHERE l.year = ? AND e.at <= ? GROUP BY d.id, d.name, d.name_en ORDER BY d.id
"""


def _departments(month: int) -> list[DepartmentFigures]:
    """Budget against actual: what was allotted by the end of the month, and what the books say was spent."""
    year = month // 100
    budgets = db.rows(_BUDGETS, year, db.to_ms(clock.end_of(last_day(month))))
    names: dict[int | None, Name] = {key: Name(name, name_en) for key, name, name_en, _put in budgets}
    budget: dict[int | None, Money] = {key: Money(int(put)) for key, _name, _name_en, put in budgets}
    spent: dict[str, dict[int | None, Money]] = {"month": {}, "year": {}}
    for span, first in (("month", month), ("year", year * 100 + 1)):
        for key, name, _title, _code, _called, amount in expenses_by_department(first, month):
            names.setdefault(key, name)
            spent[span][key] = spent[span].get(key, Money(0)) + amount
    zero = Money(0)
    return [
        DepartmentFigures(
            key, name, budget.get(key, zero), spent["month"].get(key, zero), spent["year"].get(key, zero)
        )
        for key, name in sorted(names.items(), key=lambda pair: (pair[0] is None, pair[0] or 0))
    ]  # fmt: skip


# ---- kept -----------------------------------------------------------------------------------------------------------


def figures_as_text(figures: MonthFigures) -> str:
    """The figures as they are kept: whole fen, names as they are today."""
    plain = {
        "titles": [
            [each.id, each.code, *_name(each.title), each.nature, int(each.before), int(each.debit), int(each.credit)]
            for each in figures.titles
        ],
        "funds": [[*_name(name), int(books), int(counted)] for name, books, counted in figures.funds],
        "departments": [
            [each.id, *_name(each.department), int(each.budget), int(each.month), int(each.year)] for each in figures.departments
        ],
        "expenses": [
            [key, *_name(department), title, code, *_name(called), int(amount)]
            for key, department, title, code, called, amount in figures.expenses
        ],
    }
    return json.dumps(plain, ensure_ascii=False)


def _name(name: Name) -> list[str]:
    return [name.name, name.name_en]


def figures_from_text(month: int, text: str) -> MonthFigures:
    plain: dict[str, list[list[Any]]] = json.loads(text)
    return MonthFigures(
        month,
        [
            Balance(key, code, Name(*called), nature, *map(Money, amounts))
            for key, code, *called, nature, amounts in _titles(plain)
        ],
        [(Name(name, name_en), Money(books), Money(counted)) for name, name_en, books, counted in plain["funds"]],
        [DepartmentFigures(key, Name(name, name_en), *map(Money, rest)) for key, name, name_en, *rest in plain["departments"]],
        _expenses(plain["expenses"]) if "expenses" in plain else expenses_by_department(month, month),
    )


def _expenses(rows: list[list[Any]]) -> list[Expense]:
    return [
        (key, Name(name, name_en), title, code, Name(called, called_en), Money(amount))
        for key, name, name_en, title, code, called, called_en, amount in rows
    ]


def _titles(plain: dict[str, list[list[Any]]]) -> list[tuple[Any, ...]]:
    return [(key, code, name, name_en, nature, amounts) for key, code, name, name_en, nature, *amounts in plain["titles"]]


def kept(month: int) -> MonthFigures | None:
    """The figures of a month that was calculated and is closed still."""
    result: MonthResult | None = result_of(month)
    return figures_from_text(month, result.figures) if result else None


def balances_of(first: int, last: int) -> list[Balance]:
    """As `balances`; of a single month that was calculated, the figures that were kept."""
    found = kept(first) if first == last else None
    return found.titles if found else balances(first, last)


def expenses_of(first: int, last: int) -> list[Expense]:
    """As `expenses_by_department`; of a single month that was calculated, the figures that were kept."""
    found = kept(first) if first == last else None
    return found.expenses if found else expenses_by_department(first, last)
