"""What the reports of buying show: orders by state, what is late, and what suppliers are still to be paid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from portal import clock, db
from portal.money import Money
from portal.purchasing.models_orders import RECEIVING
from portal.purchasing.models_quotes import as_day, as_stored
from portal.supplies.models_catalogue import first_of, month_after
from portal.words import Words, _

PAGE = 50  # rows of a page
STATES = ("placed", "sent", "partly", "received", "closed", "cancelled")  # of orders that were placed
UNPAID = ("differing", "submitted", "signed_first", "signed", "payable")  # of invoices that were entered and are not paid
LATE = {"open": _("Not delivered yet"), "delivered": _("Delivered late")}
AGES: dict[str, tuple[Words, int, int]] = {  # days since it was entered: from, until
    "7": (_("Up to 7 days"), 0, 7),
    "30": (_("8 to 30 days"), 8, 30),
    "60": (_("31 to 60 days"), 31, 60),
    "more": (_("More than 60 days"), 61, 9000),
}


def suppliers_ordered_from() -> list[tuple[int, str]]:
    """The suppliers of orders, in order of their names."""
    sql = "SELECT DISTINCT s.id, s.name FROM orders r JOIN suppliers s ON s.id = r.supplier_id ORDER BY s.name"
    return [(key, name) for key, name in db.rows(sql)]


@dataclass(frozen=True)
class Chosen:
    """The filters of a list of orders; empty ones let everything through."""

    supplier: int | None = None
    month: int | None = None  # in which it was placed
    state: str = ""

    def condition(self) -> tuple[str, list[Any]]:
        sql: str = ""
        values: list[Any] = []
        if self.supplier:
            sql, values = sql + " AND r.supplier_id = ?", [*values, self.supplier]
        if self.month:
            ends = (first_of(self.month), first_of(month_after(self.month)))
            sql, values = sql + " AND r.placed_at >= ? AND r.placed_at < ?", [*values, *map(_ms, ends)]
        if self.state:
            sql, values = sql + " AND k.state = ?", [*values, self.state]
        return sql, values


def _ms(day: date) -> int:
    return db.to_ms(clock.start_of(day))


# ---- orders ---------------------------------------------------------------------------------------------------------


class Placed(NamedTuple):
    """An order as the list of orders shows it."""

    case: int
    number: str
    title: str
    supplier: str
    placed_on: date
    deliver_by: date | None
    state: str
    lines: int
    amount: Money

    @property
    def is_late(self) -> bool:
        return self.state in RECEIVING and self.deliver_by is not None and self.deliver_by < clock.today()


_ORDERS = """
SELECT k.id, k.number, k.title, s.name, r.placed_at, r.deliver_by, k.state,
       (SELECT COUNT(*) FROM order_lines o WHERE o.case_id = k.id AND o.version = k.version), COALESCE(k.amount, 0)
FROM orders r JOIN cases k ON k.id = r.case_id JOIN suppliers s ON s.id = r.supplier_id WHERE r.placed_at IS NOT NULL
"""


def orders(chosen: Chosen, before: int | None = None, limit: int = PAGE + 1) -> list[Placed]:
    """The newest first; `before` is the one shown last."""
    narrowed, values = chosen.condition()
    sql = f"{_ORDERS} {narrowed}"
    if before:
        sql += " AND (r.placed_at, k.id) < (SELECT x.placed_at, x.case_id FROM orders x WHERE x.case_id = ?)"
        values.append(before)
    return [_placed(row) for row in db.rows(f"{sql} ORDER BY r.placed_at DESC, k.id DESC LIMIT ?", *values, limit)]


def every_order(chosen: Chosen) -> Iterator[Placed]:
    """All of the list, page by page."""
    before = None
    while found := orders(chosen, before, 500):
        yield from found
        before = found[-1].case


def _placed(row: tuple[Any, ...]) -> Placed:
    case, number, title, supplier, placed_at, deliver_by, state, lines, amount = row
    day = None if deliver_by is None else as_day(deliver_by)
    return Placed(case, number, title, supplier, _day_of(placed_at), day, state, lines, Money(int(amount)))


def _day_of(ms: int) -> date:
    return clock.local(db.from_ms(ms)).date()


class Sum(NamedTuple):
    """How many papers of a state there are, and what they come to."""

    state: str
    papers: int
    amount: Money


def orders_by_state(chosen: Chosen) -> list[Sum]:
    """Every state in the order of the flow, those without any too; the state that is chosen does not narrow it."""
    narrowed, values = Chosen(chosen.supplier, chosen.month).condition()
    sql = f"""SELECT k.state, COUNT(*), SUM(COALESCE(k.amount, 0)) FROM orders r JOIN cases k ON k.id = r.case_id
              WHERE r.placed_at IS NOT NULL {narrowed} GROUP BY k.state"""
    found = {state: (int(count), Money(int(amount))) for state, count, amount in db.rows(sql, *values)}
    return [Sum(state, *found.get(state, (0, Money(0)))) for state in STATES]


# ---- late deliveries ------------------------------------------------------------------------------------------------


class Late(NamedTuple):
    """An order past its day, or the last of which came after it. `postponed`: how often another day was entered."""

    case: int
    number: str
    supplier: str
    deliver_by: date
    came_on: date | None
    state: str
    open_lines: int
    postponed: int

    @property
    def days_late(self) -> int:
        until = clock.today() if self.state in RECEIVING else self.came_on
        return (until - self.deliver_by).days if until else 0


_LATE = """
SELECT k.id, k.number, s.name, r.deliver_by, c.day, k.state,
       (SELECT COUNT(*) FROM order_lines o
        WHERE o.case_id = k.id AND o.version = k.version AND o.quantity > o.accepted + o.closed),
       (SELECT COUNT(*) FROM events e WHERE e.thing = 'case' AND e.thing_id = k.id AND e.action = 'postpone')
FROM orders r JOIN cases k ON k.id = r.case_id JOIN suppliers s ON s.id = r.supplier_id
LEFT JOIN (SELECT case_id, MAX(day) AS day FROM receipts GROUP BY case_id) c ON c.case_id = k.id WHERE
"""
_IS_LATE = {
    "open": "k.state IN ('sent', 'partly') AND r.deliver_by < ?",
    "delivered": "k.state IN ('received', 'closed') AND r.deliver_by < c.day AND c.day <= ?",
}


def late(part: str, supplier: int | None = None, before: int | None = None, limit: int = PAGE + 1) -> list[Late]:
    """What is still to come and late, longest first; or what was delivered late, the newest first. `before` is shown last."""
    way, order = (">", "ASC") if part == "open" else ("<", "DESC")
    sql, values = f"{_LATE} {_IS_LATE[part]}", [as_stored(clock.today())]
    if supplier:
        sql, values = f"{sql} AND r.supplier_id = ?", [*values, supplier]
    if before:
        after = "(SELECT x.deliver_by, x.case_id FROM orders x WHERE x.case_id = ?)"
        sql, values = f"{sql} AND (r.deliver_by, k.id) {way} {after}", [*values, before]
    return [_late(row) for row in db.rows(f"{sql} ORDER BY r.deliver_by {order}, k.id {order} LIMIT ?", *values, limit)]


def every_late(part: str, supplier: int | None = None) -> Iterator[Late]:
    """All of the list, page by page."""
    before = None
    while found := late(part, supplier, before, 500):
        yield from found
        before = found[-1].case


def count_late() -> int:
    """How many orders are past their day."""
    sql = f"SELECT COUNT(*) FROM orders r JOIN cases k ON k.id = r.case_id WHERE {_IS_LATE['open']}"
    (count,) = db.row(sql, as_stored(clock.today()))  # type: ignore[misc]
    return int(count)


def _late(row: tuple[Any, ...]) -> Late:
    case, number, supplier, deliver_by, came_on, *rest = row
    return Late(case, number, supplier, as_day(deliver_by), None if came_on is None else as_day(came_on), *rest)


# ---- open payments --------------------------------------------------------------------------------------------------


class Unpaid(NamedTuple):
    """An invoice of a supplier that was entered and is not paid in full. `payable` is empty until all of it is decided."""

    case: int
    number: str
    supplier: str
    order: int
    order_number: str
    invoice: str
    day: date | None
    entered_at: datetime
    state: str
    billed: Money
    payable: Money | None
    paid: Money

    @property
    def entered_on(self) -> date:
        return clock.local(self.entered_at).date()

    @property
    def days(self) -> int:
        """Since it was entered."""
        return (clock.today() - self.entered_on).days

    @property
    def open(self) -> Money:
        """What is still to be paid; as billed where nobody has decided yet."""
        return (self.billed if self.payable is None else self.payable) - self.paid


_UNPAID = f"""
SELECT k.id, k.number, s.name, q.id, q.number, i.number, i.day, k.submitted_at, k.state, COALESCE(k.amount, 0),
       (SELECT CASE WHEN COUNT(*) = COUNT(l.payable) THEN SUM(l.payable) END FROM supplier_invoice_lines l
        WHERE l.case_id = k.id AND l.version = k.version),
       COALESCE((SELECT SUM(p.paid) FROM payables p WHERE p.case_id = k.id AND p.withdrawn_at IS NULL), 0)
FROM supplier_invoices i JOIN cases k ON k.id = i.case_id JOIN cases q ON q.id = i.order_id JOIN orders r ON r.case_id = q.id
JOIN suppliers s ON s.id = r.supplier_id WHERE k.state IN ({db.marks(UNPAID)})
"""


@dataclass(frozen=True)
class ChosenUnpaid:
    """The filters of the list of open payments; empty ones let everything through."""

    supplier: int | None = None
    state: str = ""
    age: str = ""

    def lets(self, each: Unpaid) -> bool:
        """By state and age; the supplier is asked of the database."""
        if self.state and each.state != self.state:
            return False
        return not self.age or AGES[self.age][1] <= each.days <= AGES[self.age][2]


def unpaid(chosen: ChosenUnpaid = ChosenUnpaid()) -> list[Unpaid]:
    """What is open, of every state and age, the oldest first. What is under way at one time is little: it is read at once."""
    sql, values = _UNPAID, list[Any](UNPAID)
    if chosen.supplier:
        sql, values = f"{sql} AND r.supplier_id = ?", [*values, chosen.supplier]
    return [_unpaid(row) for row in db.rows(f"{sql} ORDER BY k.submitted_at, k.id", *values)]


def _unpaid(row: tuple[Any, ...]) -> Unpaid:
    case, number, supplier, order, order_number, invoice, day, entered, state, billed, payable, paid = row
    return Unpaid(
        case, number, supplier, order, order_number, invoice, None if day is None else as_day(day), db.from_ms(entered), state,
        Money(int(billed)), None if payable is None else Money(int(payable)), Money(int(paid)),
    )  # fmt: skip


def by_state(rows: Iterable[Unpaid]) -> list[tuple[Sum, int]]:
    """How many are open in each state, what they come to, and for how many days the oldest is."""
    rows = list(rows)
    found = []
    for state in UNPAID:
        some = [each for each in rows if each.state == state]
        amount = Money(sum(int(each.open) for each in some))
        found.append((Sum(state, len(some), amount), max((each.days for each in some), default=0)))
    return found


def by_age(rows: Iterable[Unpaid]) -> list[tuple[str, Words, int, Money]]:
    """How many are open by days since they were entered, and what they come to: key, words, invoices, amount."""
    rows = list(rows)
    found = []
    for key, (label, least, most) in AGES.items():
        some = [each for each in rows if least <= each.days <= most]
        found.append((key, label, len(some), Money(sum(int(each.open) for each in some))))
    return found
