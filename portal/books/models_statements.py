"""What the books tell: balances by title and the lines behind them, the journals, vouchers, and what is not posted yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal import db
from portal.access import any_of, chief_accountant, exec_in_charge, gm
from portal.books.models import Fund, Voucher, month_of
from portal.cases import Case
from portal.money import Money
from portal.words import Name

SEES = any_of(gm, exec_in_charge, chief_accountant)  # the account books
DEBITS = ("asset", "expense")  # natures whose balance is a debit


@dataclass(frozen=True)
class Balance:
    """A title over a span of months: what stood on it before, debits and credits within, and what stands on it after."""

    id: int
    code: str
    title: Name
    nature: str
    before: Money
    debit: Money
    credit: Money

    @property
    def after(self) -> Money:
        return self.before + self.debit - self.credit

    @property
    def moved(self) -> Money:
        """How far it moved to its own side: spending of an expense title, income of an income title."""
        change = self.debit - self.credit
        return change if self.nature in DEBITS else -change


_BALANCES = """
SELECT t.id, t.code, t.name, t.name_en, t.nature,
       COALESCE(SUM(CASE WHEN l.month < ? THEN l.amount END), 0),
       COALESCE(SUM(CASE WHEN l.month >= ? AND l.amount > 0 THEN l.amount END), 0),
       COALESCE(SUM(CASE WHEN l.month >= ? AND l.amount < 0 THEN -l.amount END), 0)
FROM titles t LEFT JOIN voucher_lines l ON l.title_id = t.id AND l.month <= ?
GROUP BY t.id, t.code, t.name, t.name_en, t.nature ORDER BY t.code
"""


def balances(first: int, last: int) -> list[Balance]:
    """Every title from one month to another (202601), by code; those never used stand at nothing."""
    return [
        Balance(key, code, Name(name, name_en), nature, Money(int(before)), Money(int(debit)), Money(int(credit)))
        for key, code, name, name_en, nature, before, debit, credit in db.rows(_BALANCES, first, first, first, last)
    ]


@dataclass(frozen=True)
class Told:
    """A line of a voucher as a ledger shows it."""

    id: int
    voucher_id: int
    number: str
    day: date
    text: str
    amount: Money
    case_id: int | None
    case_number: str
    person: Name
    department: Name
    is_readable: bool

    @property
    def debit(self) -> Money:
        return max(self.amount, Money(0))

    @property
    def credit(self) -> Money:
        return max(-self.amount, Money(0))


_LINES = """
SELECT l.id, v.id, v.number, v.day, v.text, l.amount, k.id, k.number, p.name, p.name_en, d.name, d.name_en,
       EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN (%s))
FROM voucher_lines l JOIN vouchers v ON v.id = l.voucher_id LEFT JOIN cases k ON k.id = v.case_id
LEFT JOIN persons p ON p.id = l.person_id LEFT JOIN departments d ON d.id = l.department_id
"""


@dataclass(frozen=True)
class Behind:
    """Which lines of a title: in which months, of which person or department where one is named."""

    title_id: int
    first: int
    last: int
    person_id: int | None = None
    department_id: int | None = None

    def condition(self) -> tuple[str, list[Any]]:
        sql, values = " WHERE l.title_id = ? AND l.month BETWEEN ? AND ?", [self.title_id, self.first, self.last]
        if self.person_id:
            sql, values = sql + " AND l.person_id = ?", [*values, self.person_id]
        if self.department_id:
            sql, values = sql + " AND l.department_id = ?", [*values, self.department_id]
        return sql, values


def lines_behind(chosen: Behind, posts: Iterable[str], before: int | None = None, limit: int = 51) -> list[Told]:
    """The lines behind a balance, newest first; `before` is the id of the last one shown."""
    where, values = chosen.condition()
    readers = list(posts) or ["nobody"]
    sql = f"{_LINES % db.marks(readers)}{where} AND l.id < ? ORDER BY l.id DESC LIMIT ?"
    return [_told(row) for row in db.rows(sql, *readers, *values, before or 2**62, limit)]


def lines_of(voucher: Voucher, posts: Iterable[str]) -> list[Told]:
    """The lines of a voucher in their order; `text` is the line's title."""
    readers = list(posts) or ["nobody"]
    sql = f"{_LINES % db.marks(readers)} WHERE l.voucher_id = ? ORDER BY l.n"
    return [_told(row) for row in db.rows(sql, *readers, voucher.id)]


def _told(row: tuple[Any, ...]) -> Told:
    key, voucher_id, number, day, text, amount, case_id, case_number, name, name_en, department, department_en, readable = row
    return Told(
        key, voucher_id, number, _day(day), text, Money(amount), case_id, case_number or "", Name(name or "", name_en or ""),
        Name(department or "", department_en or ""), bool(readable),
    )  # fmt: skip


def _day(day: Any) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day


# ---- who owes what ----------------------------------------------------------------------------------------------------

_BY_PERSON = """
SELECT p.id, p.name, p.name_en, SUM(l.amount) FROM voucher_lines l JOIN titles t ON t.id = l.title_id AND t.purpose = ?
JOIN persons p ON p.id = l.person_id WHERE l.month <= ? GROUP BY p.id, p.name, p.name_en
HAVING SUM(l.amount) <> 0 ORDER BY 4 DESC, p.id
"""


def by_person(purpose: str, last: int) -> list[tuple[int, Name, Money]]:
    """What stands on the title of a purpose by person at the end of a month: (person, name, debit above zero)."""
    return [(key, Name(name, name_en), Money(int(amount))) for key, name, name_en, amount in db.rows(_BY_PERSON, purpose, last)]


_BY_DEPARTMENT = """
SELECT d.id, d.name, d.name_en, t.id, t.code, t.name, t.name_en, SUM(l.amount) FROM voucher_lines l
JOIN titles t ON t.id = l.title_id AND t.nature = 'expense' LEFT JOIN departments d ON d.id = l.department_id
WHERE l.month BETWEEN ? AND ? GROUP BY d.id, d.name, d.name_en, t.id, t.code, t.name, t.name_en ORDER BY d.id, t.code
"""


Expense = tuple[int | None, Name, int, str, Name, Money]


def expenses_by_department(first: int, last: int) -> list[Expense]:
    """Expenses by department and title: (department, its name, title, code, its name, amount)."""
    return [
        (key, Name(name or "", name_en or ""), title, code, Name(called, called_en), Money(int(amount)))
        for key, name, name_en, title, code, called, called_en, amount in db.rows(_BY_DEPARTMENT, first, last)
    ]


# ---- journals -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Movement:
    """A line of a journal: what came in or went out, what was there after it, and the voucher that posted it."""

    id: int
    day: date
    kind: str
    amount: Money
    balance: Money
    method: str
    reference: str
    party: str
    text: str
    case_id: int
    case_number: str
    by: Name
    voucher_id: int | None
    voucher: str
    is_readable: bool

    @property
    def income(self) -> Money:
        return max(self.amount, Money(0))

    @property
    def outgo(self) -> Money:
        return max(-self.amount, Money(0))


_MOVEMENTS = """
SELECT e.id, e.day, e.kind, e.amount, e.method, e.reference, e.party, e.text, k.id, k.number, p.name, p.name_en, v.id, v.number,
       EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN (%s))
FROM cash_entries e JOIN cases k ON k.id = e.case_id JOIN persons p ON p.id = e.by_id
LEFT JOIN postings o ON o.entry_id = e.id LEFT JOIN vouchers v ON v.id = o.voucher_id
WHERE e.fund_id = ? AND e.day BETWEEN ? AND ? ORDER BY e.day, e.id
"""
_UNTIL = "SELECT COALESCE(SUM(amount), 0) FROM cash_entries WHERE fund_id = ? AND day < ?"


def journal(fund: Fund, first: date, last: date, posts: Iterable[str]) -> tuple[Money, list[Movement]]:
    """What was in the fund before the first day, and each movement until the last, with what was there after it."""
    start, end = (first, last) if db.is_postgres() else (first.isoformat(), last.isoformat())
    (before,) = db.row(_UNTIL, fund.id, start)  # type: ignore[misc]
    readers = list(posts) or ["nobody"]
    balance, found = Money(int(before)), []
    for row in db.rows(_MOVEMENTS % db.marks(readers), *readers, fund.id, start, end):
        balance += row[3]
        found.append(_movement(row, balance))
    return Money(int(before)), found


def _movement(row: tuple[Any, ...], balance: Money) -> Movement:
    key, day, kind, amount, method, reference, party, text, case_id, number, name, name_en, voucher_id, voucher, readable = row
    return Movement(
        key, _day(day), kind, Money(amount), balance, method, reference, party, text, case_id, number or "", Name(name, name_en),
        voucher_id, voucher or "", bool(readable),
    )  # fmt: skip


# ---- vouchers and what waits to be posted -----------------------------------------------------------------------------


def vouchers_seen(case: Case, posts: Iterable[str]) -> list[tuple[Voucher, Money]]:
    """What was posted of the paper, in order, each with what its debits come to: for those who see the account books."""
    if not SEES.allows(posts):
        return []
    return _with_debits(Voucher.where("case_id = ? ORDER BY id", case.id))


def vouchers(month: int, kind: str = "", before: int | None = None, limit: int = 51) -> list[tuple[Voucher, Money]]:
    """The vouchers of a month, newest first, each with what its debits come to."""
    where = "month = ? AND id < ?"
    if kind:
        where = where + " AND kind = ?"
    chosen: list[Any] = [month, before or 2**62, *([kind] if kind else [])]
    return _with_debits(Voucher.where(f"{where} ORDER BY id DESC LIMIT ?", *chosen, limit))


def _with_debits(found: list[Voucher]) -> list[tuple[Voucher, Money]]:
    ids = [each.id for each in found] or [0]
    sums = "SELECT voucher_id, SUM(amount) FROM voucher_lines WHERE amount > 0 AND voucher_id IN (%s) GROUP BY voucher_id"
    debits = {key: Money(int(amount)) for key, amount in db.rows(sums % db.marks(ids), *ids)}
    return [(each, debits.get(each.id, Money(0))) for each in found]


@dataclass(frozen=True)
class Waiting:
    """A paper on which money moved that is not posted yet."""

    case_id: int
    version: int
    state: str
    kind: str
    number: str
    title: str
    first_day: date
    amount: Money
    lines: int
    handled_by: frozenset[int]

    @property
    def month(self) -> int:
        return month_of(self.first_day)


_WAITING = """
SELECT k.id, k.version, k.state, k.kind, k.number, k.title, MIN(e.day), SUM(e.amount), COUNT(*) FROM cash_entries e
JOIN cases k ON k.id = e.case_id LEFT JOIN postings p ON p.entry_id = e.id
WHERE p.entry_id IS NULL AND e.month <= ? GROUP BY k.id, k.version, k.state, k.kind, k.number, k.title ORDER BY 7, k.id LIMIT ?
"""
_HANDLED = """
SELECT e.case_id, e.by_id FROM cash_entries e LEFT JOIN postings p ON p.entry_id = e.id
WHERE p.entry_id IS NULL AND e.case_id IN (%s)
"""


def waiting_to_be_posted(until: int = 210012, limit: int = 501) -> list[Waiting]:
    """Papers with money not posted, up to a month, the oldest first."""
    found = db.rows(_WAITING, until, limit)
    ids = [row[0] for row in found] or [0]
    handled: dict[int, set[int]] = {}
    for case_id, person in db.rows(_HANDLED % db.marks(ids), *ids):
        handled.setdefault(case_id, set()).add(person)
    return [Waiting(*(*row[:6], _day(row[6]), Money(int(row[7])), row[8], frozenset(handled.get(row[0], ())))) for row in found]
