"""Budget lines per year, department and category, the papers that allot and transfer, and the figures of each line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, TextField

from portal import clock, db
from portal.access import departments_headed
from portal.cases import Case, Detail, Line
from portal.db import MomentField, Table, Thing
from portal.ledger import Account, Entry, Ledger
from portal.money import Money, MoneyField
from portal.persons import Department, Person
from portal.refused import Mistyped
from portal.words import Name, Words, _

BUDGET = Ledger("budget")
SEE_ALL = {"gm", "exec_in_charge", "chief_accountant"}  # company figures, by the permission matrix


class Category(Thing):
    """What money is spent on; the code is what files name it by."""

    code = CharField(max_length=20, unique=True)
    name = CharField(max_length=80, unique=True)
    name_en = CharField(max_length=80, default="")
    active = BooleanField(default=True)

    class Meta:
        table_name = "categories"

    @property
    def called(self) -> Name:
        return Name(self.name, self.name_en)


class BudgetLine(Table):
    """The money of a department for a category in a year; how much it is stands on its account."""

    year = IntegerField()
    department = ForeignKeyField(Department)
    category = ForeignKeyField(Category)
    account = ForeignKeyField(Account, unique=True)

    class Meta:
        table_name = "budget_lines"

    @property
    def called(self) -> Words:
        return line_called(self.department.called, self.category.called)

    def free(self) -> Money:
        """What may still be asked for, read now."""
        (free,) = db.row("SELECT put - held - taken FROM accounts WHERE id = ?", self.account_id)  # type: ignore[misc]
        return Money(free)


class Allotment(Detail):
    year = IntegerField()

    class Meta:
        table_name = "allotments"


class AllotmentLine(Line):
    """From what was allotted when it was written to what shall be allotted."""

    department = ForeignKeyField(Department)
    category = ForeignKeyField(Category)
    old = MoneyField()
    new = MoneyField()

    class Meta:
        table_name = "allotment_lines"

    @property
    def called(self) -> Words:
        return line_called(self.department.called, self.category.called)


class Transfer(Detail):
    giver = ForeignKeyField(BudgetLine)
    receiver = ForeignKeyField(BudgetLine)
    reason = TextField()

    class Meta:
        table_name = "transfers"


class BudgetException(Table):
    """What the general manager put beyond the budget for one paper (FIN-02); `given_back` is what that paper did not use."""

    case = ForeignKeyField(Case)
    line = ForeignKeyField(BudgetLine)
    entry = ForeignKeyField(Entry, unique=True)
    amount = MoneyField()
    reason = TextField()
    expires = DateField()
    by = ForeignKeyField(Person)
    at = MomentField()
    given_back = MoneyField(default=0)
    cut = ForeignKeyField(Entry, null=True)
    ended_at = MomentField(null=True)

    class Meta:
        table_name = "budget_exceptions"


@dataclass(frozen=True)
class Overrun:
    """What the general manager says when going beyond the budget: why, and until when it may be used."""

    reason: str
    expires: date | None

    def why_not(self, act: Any) -> None:
        if not self.reason.strip():
            raise Mistyped(_("Say why it must go beyond the budget."), "reason")
        if len(self.reason) > 500:
            raise Mistyped(_("The reason is too long: at most %(most)s characters.", most=500), "reason")
        if self.expires is None:
            raise Mistyped(_("Say until when the exception may be used."), "expires")
        if self.expires < clock.today():
            raise Mistyped(_("That day is past."), "expires")
        if self.expires > clock.today() + timedelta(days=366):
            raise Mistyped(_("An exception lasts a year at most."), "expires")


def line_called(department: Name, category: Name) -> Words:
    return _("%(department)s · %(category)s", department=department, category=category)


def line_at(year: int, department: Department | int, category: Category | int) -> BudgetLine | None:
    return BudgetLine.get_or_none(BudgetLine.year == year, BudgetLine.department == department, BudgetLine.category == category)


def exception_of(case: Case) -> BudgetException | None:
    """The exception that covers the paper now."""
    return BudgetException.get_or_none(BudgetException.case == case, BudgetException.ended_at.is_null())


def last_exception(case: Case) -> BudgetException | None:
    """The exception that was made for the paper, also once it was used or taken back."""
    return BudgetException.find("case_id = ? ORDER BY id DESC LIMIT 1", case.id)


# ---- figures --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """A line and its money: allotted + exceptions = held + spent + left."""

    id: int
    year: int
    department_id: int
    department: Name
    category_id: int
    code: str
    category: Name
    active: bool
    account_id: int
    allotted: Money
    exceptions: Money
    held: Money
    spent: Money

    @property
    def left(self) -> Money:
        return self.allotted + self.exceptions - self.held - self.spent

    @property
    def called(self) -> Words:
        return line_called(self.department, self.category)


_FIGURES = """
SELECT l.id, l.year, d.id, d.name, d.name_en, c.id, c.code, c.name, c.name_en, c.active, a.id, a.put, a.held, a.taken,
       COALESCE((SELECT SUM(x.amount - x.given_back) FROM budget_exceptions x WHERE x.line_id = l.id), 0)
FROM budget_lines l JOIN departments d ON d.id = l.department_id JOIN categories c ON c.id = l.category_id
JOIN accounts a ON a.id = l.account_id
"""


def figures_of(line_id: int | None) -> Figures | None:
    found = db.row(f"{_FIGURES} WHERE l.id = ?", line_id)
    return _figures(found) if found else None


def known(line_id: int) -> Figures:
    """The figures of a line that is there."""
    found = figures_of(line_id)
    assert found is not None
    return found


def figures(year: int, department_ids: Iterable[int] | None = None, until: int = 0) -> list[Figures]:
    """The lines of a year (or of the years until another), of these departments or of all, by year, department and code."""
    sql, values = _FIGURES + "WHERE l.year BETWEEN ? AND ?", [year, until or year]
    if department_ids is not None:
        chosen = list(department_ids) or [0]
        sql, values = f"{sql} AND d.id IN ({db.marks(chosen)})", [*values, *chosen]
    return [_figures(row) for row in db.rows(sql + " ORDER BY l.year, d.id, c.code", *values)]


def _figures(row: tuple[Any, ...]) -> Figures:
    (
        line,
        year,
        department_id,
        department,
        department_en,
        category_id,
        code,
        category,
        category_en,
        active,
        account_id,
        *amounts,
    ) = row
    put, held, spent, extra = (Money(int(amount)) for amount in amounts)
    return Figures(
        line, year, department_id, Name(department, department_en), category_id, code, Name(category, category_en), bool(active),
        account_id, put - extra, extra, held, spent,
    )  # fmt: skip


def departments_seen(posts: Iterable[str]) -> list[int] | None:
    """Whose figures these posts see: ids of departments, or None for all of them."""
    posts = list(posts)
    if any(post.partition("@")[0] in SEE_ALL for post in posts):
        return None
    return departments_headed(posts)


def may_see(posts: Iterable[str], department_id: int) -> bool:
    seen = departments_seen(posts)
    return seen is None or department_id in seen


# ---- the papers behind the figures ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Behind:
    """A paper behind a figure: how much of it, since when, and whether the one who asks may open it."""

    key: int
    case_id: int | None
    number: str | None
    title: str
    requester: Name
    state: str
    kind: str
    amount: Money
    at: Any
    is_readable: bool


_BEHIND = """
SELECT %s, k.id, k.number, k.title, p.name, p.name_en, k.state, k.kind, %s, e.at,
       EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN (%s))
FROM entries e LEFT JOIN cases k ON k.id = e.case_id LEFT JOIN persons p ON p.id = k.requester_id
"""
_OF_EXCEPTIONS = "EXISTS (SELECT 1 FROM budget_exceptions x WHERE x.entry_id = e.id OR x.cut_id = e.id)"
_FIGURE = {  # figure: what it counts of an entry, the key, and which entries of the account
    "allotted": ("e.put", "e.id", f"WHERE e.account_id = ? AND e.verb IN ('put', 'cut') AND NOT {_OF_EXCEPTIONS}"),
    "exceptions": ("e.put", "e.id", f"WHERE e.account_id = ? AND e.verb IN ('put', 'cut') AND {_OF_EXCEPTIONS}"),
    "held": ("e.amount", "h.entry_id", "JOIN open_holds h ON h.entry_id = e.id WHERE h.account_id = ?"),
    "spent": ("e.amount", "e.id", "WHERE e.account_id = ? AND e.verb = 'take'"),
}
FIGURES = tuple(_FIGURE)


def papers_behind(figure: str, account_id: int, posts: Iterable[str], before: int | None = None, limit: int = 51) -> list[Behind]:
    """Newest first; `before` is the key of the last one shown."""
    counted, key, where = _FIGURE[figure]
    readers = list(posts) or ["nobody"]
    sql = _BEHIND % (key, counted, db.marks(readers)) + where
    found = db.rows(f"{sql} AND {key} < ? ORDER BY {key} DESC LIMIT ?", *readers, account_id, before or 2**62, limit)
    return [_behind(row) for row in found]


def papers_using(account_id: int, posts: Iterable[str] = (), limit: int = 10) -> list[Behind]:
    """The papers that hold or used the line's money, those that hold it first, newest first."""
    readers = list(posts) or ["nobody"]
    parts = []
    for figure in ("held", "spent"):
        counted, key, where = _FIGURE[figure]
        one = _BEHIND % (key, counted, db.marks(readers)) + where
        parts.append(f"SELECT * FROM ({one} ORDER BY {key} DESC LIMIT {limit:d}) AS {figure}")
    found = db.rows(" UNION ALL ".join(parts), *(2 * [*readers, account_id]))
    return [_behind(row) for row in found][:limit]


def _behind(row: tuple[Any, ...]) -> Behind:
    key, case_id, number, title, name, name_en, state, kind, amount, at, is_readable = row
    asked_by = Name(name or "", name_en or "")
    amount, at = Money(int(amount)), db.from_ms(at)
    return Behind(key, case_id, number, title or "", asked_by, state or "", kind or "", amount, at, bool(is_readable))


@dataclass(frozen=True)
class Month:
    """What was taken in the month, and what is still held of what was held in it."""

    first: date
    held: Money
    spent: Money


def months(year: int, account_ids: Iterable[int]) -> list[Month]:
    """The twelve months of the year, and those of other years in which something of these accounts moved."""
    chosen = list(account_ids)
    sql = f"SELECT month, SUM(held), SUM(taken) FROM budget_months WHERE account_id IN ({db.marks(chosen)}) GROUP BY month"
    found = {month: (held, taken) for month, held, taken in db.rows(sql, *chosen) if held or taken} if chosen else {}
    for month in range(1, 13):
        found.setdefault(year * 100 + month, (0, 0))
    return [
        Month(date(month // 100, month % 100, 1), Money(int(held)), Money(int(taken)))
        for month, (held, taken) in sorted(found.items())
    ]
