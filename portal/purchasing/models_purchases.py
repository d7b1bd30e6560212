"""Applications to buy: what runs low and is not on the way yet, what is to be ordered, and where each line stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal import access, clock, db, languages
from portal.access import any_of, office_clerk, office_manager
from portal.budget.models import BudgetLine, Figures, figures
from portal.cases import Case
from portal.contents import Content
from portal.money import Money, total
from portal.persons import Department, Person
from portal.purchasing.models import PurchaseLine
from portal.purchasing.models_quotes import as_day
from portal.stock.models import Item
from portal.supplies.models_catalogue import custodian_of
from portal.supplies.models_reports import Running, running_low
from portal.words import Name, _

UNDER_WAY = ("draft", "submitted", "signing", "approved", "ordered")  # what such an application asks for is on the way
ASKED = ("submitted", "signing", "approved", "ordered")
OFFICE = any_of(office_clerk, office_manager)
LIVE_ORDERS = ("placed", "sent", "partly", "received", "closed")


@dataclass(frozen=True)
class Wanted:
    """So many units of an item, and what they are estimated to cost altogether."""

    item: Item
    quantity: int
    estimate: Money
    note: str = ""


def purchase_content(department: Department, detail: dict[str, Any], wanted: Iterable[Wanted], title: str = "") -> Content:
    """The contents of an application; its figures are read when it is submitted, never typed."""
    wanted = list(wanted)
    if not title:
        items = ", ".join(languages.here(each.item.called) for each in wanted)
        title = languages.here(_("%(department)s: %(items)s", department=department.called, items=items))
    lines = [{"item": each.item, "quantity": each.quantity, "estimate": each.estimate, "note": each.note} for each in wanted]
    amount = total(each.estimate for each in wanted)
    return Content(title if len(title) <= 120 else title[:119] + "…", detail, lines, amount, department)


def part_of(amount: Money, quantity: int, whole: int) -> Money:
    """The part of an amount that falls on so many of the whole, in whole fen."""
    return Money(int(amount) * quantity // whole) if whole else Money(0)


def lines_open_to(department_id: int) -> list[Figures]:
    """The budget lines an application of this department may name: those in use, of this year and the next."""
    this = clock.today().year
    return [each for each in figures(this, [department_id], until=this + 1) if each.active]


def stands_in_for(person: Person, department: Department) -> Person | None:
    """The custodian in whose stead the head asks."""
    posts = access.posts_of(person)
    keeper = custodian_of(department.id)
    own = access.post("supplies_custodian", department.id) in posts
    by_office = department.id == person.department_id and OFFICE.allows(posts)
    return None if own or by_office or access.post("dept_manager", department.id) not in posts else keeper


# ---- what is on the way ---------------------------------------------------------------------------------------------

TO_COME = "COALESCE(l.granted, l.quantity) - l.dropped - COALESCE(o.accepted, 0)"  # of a line that is under way
UNDER_WAY_LINES = """
FROM cases k JOIN purchase_lines l ON l.case_id = k.id AND l.version = k.version
LEFT JOIN (SELECT ol.wanted_id, SUM(ol.accepted) AS accepted FROM order_lines ol
           JOIN cases c ON c.id = ol.case_id AND c.version = ol.version GROUP BY ol.wanted_id) o ON o.wanted_id = l.id
WHERE k.kind = 'purchase' AND k.state IN (%s)
"""


def coming(item_ids: Iterable[int] | None = None, besides: int = 0) -> dict[int, int]:
    """How much of each item is on applications and orders and has not come yet, drafts too; without the application `besides`."""
    chosen = None if item_ids is None else sorted(set(item_ids))
    if chosen == []:
        return {}
    of_some = f"AND l.item_id IN ({db.marks(chosen)})" if chosen else ""
    lines = UNDER_WAY_LINES % db.marks(UNDER_WAY)
    sql = f"SELECT l.item_id, SUM({TO_COME}) {lines} AND k.id <> ? {of_some} GROUP BY l.item_id"
    rows = db.rows(sql, *UNDER_WAY, besides, *(chosen or ()))
    return {item: int(quantity) for item, quantity in rows}


@dataclass(frozen=True)
class Short:
    """An item that will run low although so much is coming."""

    running: Running
    coming: int

    @property
    def lacking(self) -> int:
        """How many units are to be bought besides."""
        return self.running.lacking(self.coming)


def running_short(besides: int = 0) -> dict[int, Short]:
    """What is at its level or below it, or waited for, and not covered by what is on the way."""
    low = running_low()
    on_the_way = coming((each.item for each in low), besides) if low else {}
    found = {each.item: Short(each, on_the_way.get(each.item, 0)) for each in low}
    return {item: short for item, short in found.items() if short.lacking}


# ---- where lines stand ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ToOrder:
    """A line of an approved application of which something is still to be ordered."""

    line_id: int
    case_id: int
    number: str
    department: Name
    item_id: int
    quantity: int
    estimate: Money  # what of the estimate is left for it
    needed_by: date | None


_TO_ORDER = """
SELECT l.id, k.id, k.number, d.name, d.name_en, l.item_id, l.granted - l.ordered - l.dropped, l.pool, p.needed_by
FROM cases k JOIN purchases p ON p.case_id = k.id JOIN purchase_lines l ON l.case_id = k.id AND l.version = k.version
JOIN departments d ON d.id = k.department_id
WHERE k.kind = 'purchase' AND k.state = 'approved' AND l.granted > l.ordered + l.dropped %s ORDER BY l.item_id, k.id, l.n
"""


def to_order(line_ids: Iterable[int] | None = None) -> list[ToOrder]:
    """What is approved and on no order yet, by item, the oldest application first; of these lines, or of all."""
    chosen = None if line_ids is None else list(line_ids) or [0]
    some = f"AND l.id IN ({db.marks(chosen)})" if chosen else ""
    return [
        ToOrder(line, case, number, Name(name, name_en), item, int(quantity), Money(int(pool)), _day(needed))
        for line, case, number, name, name_en, item, quantity, pool, needed in db.rows(_TO_ORDER % some, *(chosen or ()))
    ]


def _day(value: Any) -> date | None:
    return None if value is None else as_day(value)


UNPAID = """
EXISTS (SELECT 1 FROM supplier_invoice_lines v JOIN supplier_invoices i ON i.case_id = v.case_id
        JOIN cases c ON c.id = v.case_id AND c.version = v.version WHERE v.line_id = %s AND v.counted > 0 AND i.settled_at IS NULL
        AND c.state IN ('differing', 'submitted', 'signed_first', 'signed', 'payable'))
"""
_UNSETTLED = f"""
SELECT 1 FROM purchase_lines l WHERE l.case_id = ? AND l.version = ? AND (COALESCE(l.granted, 0) > l.ordered + l.dropped
    OR EXISTS (SELECT 1 FROM order_lines o JOIN cases k ON k.id = o.case_id AND k.version = o.version
               JOIN orders r ON r.case_id = k.id WHERE o.wanted_id = l.id AND r.placed_at IS NOT NULL
               AND (o.accepted + o.closed < o.quantity OR o.billed < o.accepted OR {UNPAID % "o.id"}))) LIMIT 1
"""


def is_settled(case: Case) -> bool:
    """Whether nothing of an application is to be ordered, to come, to be billed or to be paid."""
    return db.row(_UNSETTLED, case.id, case.version) is None


def lines_of_purchase(case: Case) -> list[PurchaseLine]:
    return PurchaseLine.where("case_id = ? AND version = ? ORDER BY n", case.id, case.version)


@dataclass(frozen=True)
class OnOrder:
    """What of a line of an application stands on which order, and how far that is."""

    wanted_id: int
    case_id: int
    number: str | None
    state: str
    supplier: str
    quantity: int
    accepted: int
    closed: int
    amount: Money
    paid: Money
    deliver_by: date | None


_ON_ORDER = """
SELECT ol.wanted_id, k.id, k.number, k.state, s.name, ol.quantity, ol.accepted, ol.closed, ol.amount, ol.paid, o.deliver_by
FROM purchase_lines l JOIN order_lines ol ON ol.wanted_id = l.id JOIN cases k ON k.id = ol.case_id AND k.version = ol.version
JOIN orders o ON o.case_id = k.id JOIN suppliers s ON s.id = o.supplier_id
WHERE l.case_id = ? AND k.state <> 'draft' ORDER BY k.id, ol.n
"""


def on_order(case: Case) -> list[OnOrder]:
    return [
        OnOrder(wanted, key, number, state, supplier, quantity, accepted, closed, Money(int(amount)), Money(int(paid)), _day(by))
        for wanted, key, number, state, supplier, quantity, accepted, closed, amount, paid, by in db.rows(_ON_ORDER, case.id)
    ]


def last_line_of(department_id: int) -> BudgetLine | None:
    """The budget line this department last bought office supplies from, where it is one of this year."""
    sql = """SELECT p.line_id FROM purchases p JOIN cases k ON k.id = p.case_id JOIN budget_lines l ON l.id = p.line_id
             WHERE k.department_id = ? AND l.year = ? AND k.number IS NOT NULL ORDER BY k.id DESC LIMIT 1"""
    found = db.row(sql, department_id, clock.today().year)
    return BudgetLine.get_by_id(found[0]) if found else None


def office_keeper() -> Person | None:
    """The office clerk in whose name the portal drafts an application."""
    held = access.holders("office_clerk")
    return held[0] if held else None
