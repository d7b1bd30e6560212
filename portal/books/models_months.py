"""Daily cash reports and the close of a month: what was counted, what the books say, and the figures as they were calculated."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from peewee import CharField, DateField, ForeignKeyField, IntegerField, TextField

from portal import clock, db
from portal.books.models import Fund, month_of
from portal.cases import Case, Detail, Line
from portal.db import MomentField, Table
from portal.flow import Act
from portal.money import Money, MoneyField, total
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import _

NOTES = (10000, 5000, 2000, 1000, 500, 100, 50, 10, 5, 2, 1)  # fen: notes and coins of the renminbi, largest first


class CashReport(Detail):
    """What came in and went out on a day."""

    day = DateField(unique=True)
    told_late = MomentField(null=True)

    class Meta:
        table_name = "cash_reports"


class CashReportLine(Line):
    fund = ForeignKeyField(Fund)
    before = MoneyField()
    income = MoneyField()
    outgo = MoneyField()

    class Meta:
        table_name = "cash_report_lines"

    @property
    def after(self) -> Money:
        return Money(self.before + self.income - self.outgo)


class LateDay(Table):
    """A day whose missing report was told of."""

    day = DateField(primary_key=True)
    told_at = MomentField()

    class Meta:
        table_name = "late_days"


class Close(Detail):
    """The close of a month. A note explains what does not agree (`note_for` says which) and is signed by somebody else."""

    month = IntegerField(unique=True)
    note = CharField(max_length=1000, default="")
    note_by = ForeignKeyField(Person, null=True)
    note_signed_by = ForeignKeyField(Person, null=True)
    note_for = CharField(max_length=64, default="")
    published_at = MomentField(null=True)

    class Meta:
        table_name = "closes"


class Counted(Table):
    """What was counted of a fund, round by round: of a till the pieces of each note and coin as JSON, of a bank its statement."""

    case = ForeignKeyField(Case)
    round = IntegerField()
    fund = ForeignKeyField(Fund)
    amount = MoneyField()
    pieces = TextField(default="")
    by = ForeignKeyField(Person)
    at = MomentField()

    class Meta:
        table_name = "counted"


class MonthResult(Table):
    """A month's figures as they were calculated; the last one counts."""

    case = ForeignKeyField(Case)
    month = IntegerField()
    figures = TextField()
    by = ForeignKeyField(Person)
    at = MomentField()

    class Meta:
        table_name = "month_results"


# ---- months ---------------------------------------------------------------------------------------------------------


def first_day(month: int) -> date:
    return date(month // 100, month % 100, 1)


def last_day(month: int) -> date:
    return first_day(next_month(month)) - timedelta(days=1)


def next_month(month: int) -> int:
    return month + 1 if month % 100 < 12 else month + 89


def month_before(month: int) -> int:
    return month - 1 if month % 100 > 1 else month - 89


def _sql(day: date) -> Any:
    return day if db.is_postgres() else day.isoformat()


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def first_day_of_money() -> date | None:
    """The first day on which money moved: from it on every working day is reported."""
    found = db.row("SELECT MIN(day) FROM cash_entries")
    return _day(found[0]) if found and found[0] else None


# ---- the daily report -----------------------------------------------------------------------------------------------

_OF_DAY = """
SELECT f.id, COALESCE(SUM(CASE WHEN e.day < ? THEN e.amount END), 0),
       COALESCE(SUM(CASE WHEN e.day = ? AND e.amount > 0 THEN e.amount END), 0),
       COALESCE(SUM(CASE WHEN e.day = ? AND e.amount < 0 THEN -e.amount END), 0)
FROM funds f LEFT JOIN cash_entries e ON e.fund_id = f.id AND e.day <= ? GROUP BY f.id, f.active
HAVING f.active OR COALESCE(SUM(e.amount), 0) <> 0 OR COUNT(e.id) > 0 ORDER BY f.id
"""


def journal_of(day: date) -> list[dict[str, Any]]:
    """Of each fund what was there before the day, what came in and what went out on it: the lines of its report."""
    of = _sql(day)
    return [
        {"fund": Fund.get_by_id(key), "before": Money(int(before)), "income": Money(int(income)), "outgo": Money(int(outgo))}
        for key, before, income, outgo in db.rows(_OF_DAY, of, of, of, of)
    ]


def report_of(day: date) -> Case | None:
    found = db.row("SELECT case_id FROM cash_reports WHERE day = ?", _sql(day))
    return Case.get_by_id(found[0]) if found else None


@dataclass(frozen=True)
class Reported:
    """A day that is to be reported, or was."""

    day: date
    case_id: int | None
    number: str
    state: str
    moved: int

    @property
    def is_missing(self) -> bool:
        return self.state in ("", "draft")


_MOVED = "SELECT day, COUNT(*) FROM cash_entries WHERE day BETWEEN ? AND ? GROUP BY day"
_REPORTS = """
SELECT r.day, k.id, k.number, k.state FROM cash_reports r JOIN cases k ON k.id = r.case_id WHERE r.day BETWEEN ? AND ?
"""


def days_to_report(first: date, last: date) -> list[Reported]:
    """The days of a span that are to be reported or were: working days, and any other on which money moved (FIN-04)."""
    began = first_day_of_money()
    moved = {_day(day): int(count) for day, count in db.rows(_MOVED, _sql(first), _sql(last))}
    reports = {_day(day): told for day, *told in db.rows(_REPORTS, _sql(first), _sql(last))}
    found, day = [], first
    while day <= last:
        is_due = day in moved or (began is not None and began <= day and clock.is_worked(day))
        if is_due or day in reports:
            case_id, number, state = reports.get(day, (None, "", ""))
            found.append(Reported(day, case_id, number or "", state, moved.get(day, 0)))
        day += timedelta(days=1)
    return found


def missing_days(until: date) -> list[Reported]:
    """The days until then, in months not closed, whose report was not submitted."""
    began = first_day_of_money()
    if began is None:
        return []
    closed = db.row("SELECT MAX(month) FROM closed_months")
    start = max(began, first_day(next_month(closed[0]))) if closed and closed[0] else began
    return [each for each in days_to_report(start, until) if each.is_missing] if start <= until else []


_REPORTED = """
SELECT r.case_id FROM cash_reports r JOIN cases k ON k.id = r.case_id WHERE r.day >= ? AND k.state <> 'draft'
ORDER BY r.day LIMIT 1
"""


def is_reported(day: date) -> Case | None:
    """The submitted or acknowledged report of the day or of a later one, which begins with what the day leaves: nothing more is
    entered on such a day."""
    found = db.row(_REPORTED, _sql(day))
    return Case.get_by_id(found[0]) if found else None


# ---- the close ------------------------------------------------------------------------------------------------------


def close_of(month: int) -> Case | None:
    found = db.row("SELECT case_id FROM closes WHERE month = ?", month)
    return Case.get_by_id(found[0]) if found else None


@dataclass(frozen=True)
class Compared:
    """A fund at the end of the month: what was counted, and what the books say."""

    fund: Fund
    counted: Money
    books: Money
    pieces: dict[int, int]

    @property
    def difference(self) -> Money:
        return self.counted - self.books


_BALANCE_THEN = "SELECT COALESCE(SUM(amount), 0) FROM cash_entries WHERE fund_id = ? AND month <= ?"


def compared(case: Case, month: int) -> list[Compared]:
    """The last count beside the books."""
    found = db.row("SELECT COALESCE(MAX(round), 0) FROM counted WHERE case_id = ?", case.id)
    last = found[0] if found else 0
    rows = []
    for each in Counted.where("case_id = ? AND round = ? ORDER BY fund_id", case.id, last):
        (books,) = db.row(_BALANCE_THEN, each.fund_id, month)  # type: ignore[misc]
        pieces = {int(value): int(count) for value, count in json.loads(each.pieces or "{}").items()}
        rows.append(Compared(each.fund, each.amount, Money(int(books)), pieces))
    return rows


def funds_to_count(month: int) -> list[Fund]:
    """The funds in use, and those that still hold something at the end of the month."""
    return [
        each for each in Fund.where("id > 0 ORDER BY kind DESC, id")
        if each.active or db.row(_BALANCE_THEN, each.id, month)[0]  # type: ignore[index]
    ]  # fmt: skip


def result_of(month: int) -> MonthResult | None:
    """The figures of a month as they were last calculated, while it is closed."""
    return MonthResult.find(
        "month = ? AND EXISTS (SELECT 1 FROM closed_months c WHERE c.month = month_results.month)"
        " AND EXISTS (SELECT 1 FROM cases k WHERE k.id = case_id AND k.state IN ('calculated', 'published'))"
        " ORDER BY id DESC LIMIT 1",
        month,
    )


def published_months(limit: int = 60) -> list[int]:
    sql = """SELECT c.month FROM closes c JOIN cases k ON k.id = c.case_id WHERE k.state = 'published'
             ORDER BY c.month DESC LIMIT ?"""
    return [month for (month,) in db.rows(sql, limit)]


@dataclass(frozen=True)
class MonthRow:
    """A month in the list of months."""

    month: int
    case_id: int | None
    number: str
    state: str

    @property
    def is_over(self) -> bool:
        return self.month < month_of(clock.today())


_CLOSES = "SELECT c.month, k.id, k.number, k.state FROM closes c JOIN cases k ON k.id = c.case_id"


def months() -> list[MonthRow]:
    """From the first month in which money moved to this one, the latest first."""
    began = first_day_of_money()
    if began is None:
        return []
    known = {month: told for month, *told in db.rows(_CLOSES)}
    month, last, found = month_of(began), month_of(clock.today()), []
    while month <= last:
        case_id, number, state = known.get(month, (None, "", ""))
        found.append(MonthRow(month, case_id, number or "", state))
        month = next_month(month)
    return found[::-1]


# ---- what is given --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CashCount:
    """What was counted: of each till the pieces of every note and coin, of each bank what its statement says."""

    pieces: dict[int, dict[int, int]] = field(default_factory=dict)  # fund -> fen -> pieces
    statements: dict[int, Money | None] = field(default_factory=dict)  # fund -> balance

    def why_not(self, act: Act) -> None:
        for fund in funds_to_count(act.paper.month):
            if fund.kind == "bank" and self.statements.get(fund.id) is None:
                raise Mistyped(_("Write what the statement of %(fund)s says.", fund=fund.called), f"fund_{fund.id}")
            if fund.kind == "cash" and fund.id not in self.pieces:
                raise Mistyped(
                    _("Count the notes and coins of %(fund)s, 0 where there are none.", fund=fund.called), f"fund_{fund.id}"
                )
            if any(value not in NOTES or not 0 <= count < 10**6 for value, count in self.pieces.get(fund.id, {}).items()):
                raise Mistyped(_("Write how many pieces there are."), f"fund_{fund.id}")

    def amount(self, fund: Fund) -> Money:
        if fund.kind == "bank":
            return self.statements[fund.id] or Money(0)
        return total(Money(value * count) for value, count in self.pieces[fund.id].items())


@dataclass(frozen=True)
class Note:
    """Why something does not agree, and what is done about it."""

    text: str

    def why_not(self, act: Act) -> None:
        if not self.text.strip():
            raise Mistyped(_("Say why it does not agree, and what is done about it."), "text")
        if len(self.text) > 1000:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=1000), "text")
