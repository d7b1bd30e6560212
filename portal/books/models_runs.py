"""Payment runs: many lines of the queue paid together, with what became of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from peewee import CharField, DateField, ForeignKeyField, IntegerField, TextField

from portal import db
from portal.books.models import CashEntry, Fund, Payable
from portal.db import MomentField, Table
from portal.money import Money, MoneyField
from portal.persons import Person
from portal.words import Name, Words, from_json

PAGE = 50


class PaymentRun(Table):
    """Out of one fund, on one day, by one method; `token` makes it once."""

    number = CharField(max_length=24, unique=True)
    fund = ForeignKeyField(Fund)
    day = DateField()
    method = CharField(max_length=10)
    reference = CharField(max_length=70, default="")
    by = ForeignKeyField(Person)
    at = MomentField()
    token = CharField(max_length=40, unique=True)

    class Meta:
        table_name = "payment_runs"


class PaymentRunLine(Table):
    """A line to be paid with a run: `entry` once it is, `why` where it could not be; neither as long as it was not tried."""

    run = ForeignKeyField(PaymentRun)
    n = IntegerField()
    payable = ForeignKeyField(Payable)
    amount = MoneyField()
    entry = ForeignKeyField(CashEntry, null=True, unique=True)
    why = TextField(default="")  # Words

    class Meta:
        table_name = "payment_run_lines"


class RunLine(NamedTuple):
    """A line of a run as its page and the file for the bank show it."""

    n: int
    payable_id: int
    case_id: int
    kind: str
    case_number: str
    title: str
    payee: str
    bank: str
    number: str
    holder: str
    text: str
    amount: Money
    entry_id: int | None
    reference: str
    why: Words | None

    @property
    def is_paid(self) -> bool:
        return self.entry_id is not None

    @property
    def is_open(self) -> bool:
        return self.entry_id is None and self.why is None


_LINES = """
SELECT l.n, l.payable_id, k.id, k.kind, k.number, k.title, p.payee, p.bank, p.number, p.holder, p.text, l.amount, l.entry_id,
       COALESCE(e.reference, ''), l.why
FROM payment_run_lines l JOIN payables p ON p.id = l.payable_id JOIN cases k ON k.id = p.case_id
LEFT JOIN cash_entries e ON e.id = l.entry_id WHERE l.run_id = ? ORDER BY l.n
"""


def lines_of_run(run_id: int) -> list[RunLine]:
    return [_line(row) for row in db.rows(_LINES, run_id)]


def _line(row: tuple[Any, ...]) -> RunLine:
    told: Any = row[:11]
    amount, entry, reference, why = row[11:]
    return RunLine(*(*told, Money(amount), entry, reference, from_json(why) if why else None))


class Run(NamedTuple):
    """A run in the list of runs."""

    id: int
    number: str
    day: date
    fund: Name
    by: Name
    at: datetime
    lines: int
    paid_lines: int
    paid: Money


_RUNS = """
SELECT r.id, r.number, r.day, f.name, f.name_en, b.name, b.name_en, r.at, COUNT(l.id), COUNT(l.entry_id),
       COALESCE(SUM(CASE WHEN l.entry_id IS NULL THEN 0 ELSE l.amount END), 0)
FROM payment_runs r JOIN funds f ON f.id = r.fund_id JOIN persons b ON b.id = r.by_id
JOIN payment_run_lines l ON l.run_id = r.id WHERE r.id < ?
GROUP BY r.id, r.number, r.day, f.name, f.name_en, b.name, b.name_en, r.at ORDER BY r.id DESC LIMIT ?
"""


def runs(before: int | None = None, limit: int = PAGE + 1) -> list[Run]:
    """The newest first."""
    return list(every_run(before, limit))


def every_run(before: int | None = None, limit: int = 2**31) -> Iterator[Run]:
    for key, number, day, fund, fund_en, by, by_en, at, lines, paid_lines, paid in db.rows(_RUNS, before or 2**62, limit):
        when = date.fromisoformat(day) if isinstance(day, str) else day
        yield Run(key, number, when, Name(fund, fund_en), Name(by, by_en), db.from_ms(at), lines, paid_lines, Money(int(paid)))
