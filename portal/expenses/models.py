"""Spending requests: what is to be spent, on which budget line, and the lists the general manager watches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import BooleanField, CharField, DateField, ForeignKeyField, TextField

from portal import clock, db
from portal.budget.models import BudgetLine, Figures, figures, line_called
from portal.cases import Case, Detail, Line
from portal.contents import Content
from portal.db import MomentField
from portal.expenses.models_money import LIVE_CLAIMS, REQUESTS, RequestKind
from portal.money import Money, MoneyField, total
from portal.persons import Person
from portal.words import Name, Words, _

NATURES: dict[str, Words] = {"office": _("Office spending"), "business": _("Business expenses")}
BUSINESS_KINDS: dict[str, Words] = {  # BEX-02
    "guests": _("Entertaining"),
    "gifts": _("Gifts"),
    "fares": _("Fares"),
    "other": _("Other expenses"),
}
HOLDING = ("endorsing", "submitted", "provisional", "approved")  # the states in which a request holds its amount
OPEN = ("approved", "provisional")
REQUESTS["spending"] = RequestKind(opened=OPEN, lends=OPEN, holds=HOLDING, signed_in="submitted")


class Spending(Detail):
    """`over_by` is what was missing when it was submitted; `flagged` stays once it was approved over budget (FIN-02)."""

    purpose = TextField(default="")
    line = ForeignKeyField(BudgetLine, null=True)
    expected_date = DateField(null=True)
    nature = CharField(max_length=10, default="office")
    business_kind = CharField(max_length=10, default="")
    who = CharField(max_length=120, default="")
    why = TextField(default="")
    over_by = MoneyField(default=0)
    flagged = BooleanField(default=False)
    approved_at = MomentField(null=True)
    urgent = BooleanField(default=False)
    supplements = ForeignKeyField(Case, null=True, backref="supplements")
    no_invoice = BooleanField(default=False)

    class Meta:
        table_name = "spendings"


def request_of(case: Case) -> Spending:
    """The row of a paper among the requests."""
    found = Spending.find("case_id = ?", case.id)
    assert found is not None
    return found


class SpendingLine(Line):
    text = CharField(max_length=200)
    amount = MoneyField()

    class Meta:
        table_name = "spending_lines"


def lines_open_to(person: Person) -> list[Figures]:
    """The lines a request of this person may name: those of the own department in use, of this year and the next."""
    this = clock.today().year
    return [each for each in figures(this, [person.department_id], until=this + 1) if each.active]


# ---- what is typed --------------------------------------------------------------------------------------------------


def spending_content(person: Person, title: str, detail: dict[str, Any], lines: list[dict[str, Any]]) -> Content:
    """The contents of a request: it asks for the sum of its lines, for the person's own department."""
    return Content(title, detail, lines, total(Money(line["amount"]) for line in lines), person.department)


def gap(detail: Mapping[str, Any], amount: int | None) -> tuple[Words, str] | None:
    """What a request lacks before it may be submitted, and the field it is typed in."""
    if not detail.get("purpose"):
        return _("Say what it is for."), "purpose"
    if lacking := line_gap(detail):
        return lacking
    if not amount:
        return _("Write at least one line with an amount."), "lines"
    return _business_gap(detail) if detail.get("nature") == "business" else None


def line_gap(detail: Mapping[str, Any]) -> tuple[Words, str] | None:
    """What it lacks of the line it is spent from, and of the day."""
    if not detail.get("line"):
        return _("Choose a budget line."), "line"
    day = detail.get("expected_date")
    if not day:
        return _("Say when it will be spent."), "expected_date"
    if day < clock.today():
        return _("The day of spending is past: approval must come first."), "expected_date"
    line = detail["line"] if isinstance(detail["line"], BudgetLine) else BudgetLine.get_by_id(detail["line"])
    if line.year != day.year:
        return _(
            "It is spent in %(spent)s, the line is of %(year)s: choose a line of that year.", spent=day.year, year=line.year
        ), "line"
    return None


def _business_gap(detail: Mapping[str, Any]) -> tuple[Words, str] | None:
    if not detail.get("business_kind"):
        return _("Choose one of the four kinds of business expense."), "business_kind"
    if not detail.get("who"):
        return _("Say who is the guest or client."), "who"
    if detail["business_kind"] == "other" and not detail.get("why"):
        return _("Describe the other expense."), "why"
    if not detail.get("why"):
        return _("Say why it serves the business."), "why"
    return None


# ---- what the general manager watches -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Watched:
    """A row of the overrun list or of the business register."""

    case_id: int
    paper: str  # the kind of paper
    number: str
    title: str
    requester: Name
    state: str
    amount: Money
    over_by: Money
    kind: str
    who: str
    expected_date: date | None
    line: Words | None
    reason: str
    decided_by: Name
    at: Any
    claimed: Money  # on it, in claims that were not refused


CLAIMED = f"""
COALESCE((SELECT SUM(COALESCE(j.approved, j.amount)) FROM claims m JOIN cases q ON q.id = m.case_id
JOIN claim_lines j ON j.case_id = q.id AND j.version = q.version
WHERE m.request_id = k.id AND q.state IN ({", ".join(f"'{state}'" for state in LIVE_CLAIMS)})), 0)
"""
WATCHED = f"""
SELECT k.id, k.kind, k.number, k.title, p.name, p.name_en, k.state, k.amount, COALESCE(x.amount, 0), s.business_kind, s.who,
       s.expected_date, d.name, d.name_en, c.name, c.name_en, COALESCE(x.reason, ''), COALESCE(b.name, ''),
       COALESCE(b.name_en, ''), s.approved_at, {CLAIMED}
FROM spendings s JOIN cases k ON k.id = s.case_id JOIN persons p ON p.id = k.requester_id
LEFT JOIN budget_lines l ON l.id = s.line_id
LEFT JOIN departments d ON d.id = l.department_id LEFT JOIN categories c ON c.id = l.category_id
LEFT JOIN budget_exceptions x ON x.case_id = k.id LEFT JOIN persons b ON b.id = x.by_id
"""


FLAGGED = ["SELECT case_id, line_id, business_kind, who, expected_date, approved_at, flagged FROM spendings"]  # papers with it


def overruns(month: date, limit: int = 501) -> list[Watched]:
    """What was approved over budget in the month, newest first (FIN-02)."""
    first, after = clock.start_of(month.replace(day=1)), clock.start_of(next_month(month))
    papers = WATCHED.replace("FROM spendings s", f"FROM ({' UNION ALL '.join(FLAGGED)}) s")
    sql = papers + "WHERE s.flagged AND s.approved_at >= ? AND s.approved_at < ? ORDER BY s.approved_at DESC, k.id DESC LIMIT ?"
    return [read_watched(row) for row in db.rows(sql, db.to_ms(first), db.to_ms(after), limit)]


def read_watched(row: tuple[Any, ...]) -> Watched:
    case_id, paper, number, title, name, name_en, state, amount, over_by, kind, who, expected, *rest = row
    department, department_en, category, category_en, reason, by, by_en, at, claimed = rest
    called = line_called(Name(department, department_en), Name(category, category_en)) if department else None
    expected = date.fromisoformat(expected) if isinstance(expected, str) else expected
    return Watched(
        case_id, paper, number, title, Name(name, name_en), state, Money(amount or 0), Money(over_by), kind, who, expected,
        called, reason, Name(by, by_en), at and db.from_ms(at), Money(int(claimed)),
    )  # fmt: skip


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def kept_day(day: date) -> Any:
    """A date as hand-written SQL compares it on either database."""
    return day if db.is_postgres() else day.isoformat()
