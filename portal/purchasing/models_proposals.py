"""What a proposal to buy what runs low is made of: how much, what it is estimated to cost, and on which budget line."""

from __future__ import annotations

from collections.abc import Iterable

from portal import clock, db
from portal.budget.models import BudgetLine
from portal.money import Money
from portal.persons import Department
from portal.purchasing.models import MOST_QUANTITY
from portal.purchasing.models_purchases import TO_COME, UNDER_WAY, UNDER_WAY_LINES, last_line_of, lines_open_to
from portal.purchasing.models_quotes import quotes_valid
from portal.supplies.models_reports import ON_THE_WAY, Coming


def in_whole_packs(quantity: int, per_purchase: int) -> int:
    """So many units or a few more, in whole purchase units."""
    return min(-(-quantity // per_purchase), max(MOST_QUANTITY // per_purchase, 1)) * per_purchase


# ---- what it is estimated to cost -----------------------------------------------------------------------------------

_LAST = """
SELECT o.item_id, o.price, o.per_pack FROM order_lines o JOIN cases k ON k.id = o.case_id AND k.version = o.version
JOIN orders r ON r.case_id = k.id WHERE r.placed_at IS NOT NULL AND o.item_id IN ({})
ORDER BY r.placed_at, o.id
"""


def estimates(wanted: dict[int, int]) -> dict[int, Money]:
    """What so many units of each item are estimated to cost: by the cheapest quote that is valid today; where there is none, at
    the price at which it was ordered last; nothing where it never was."""
    if not wanted:
        return {}
    last = {item: (price, per_pack) for item, price, per_pack in db.rows(_LAST.format(db.marks(wanted)), *wanted)}
    offers = quotes_valid(wanted)
    found = {}
    for item, quantity in wanted.items():
        cheapest = next(iter(offers[item]), None)
        price, per_pack = (cheapest.price, cheapest.per_pack) if cheapest else last.get(item, (0, 1))
        found[item] = Money((int(price) * quantity + per_pack // 2) // per_pack)
    return found


def line_for(department: Department) -> BudgetLine | None:
    """The budget line the department last bought supplies from, where it is still open; else the only one it has this year."""
    lines = [each.id for each in lines_open_to(department.id) if each.year == clock.today().year]
    last = last_line_of(department.id)
    if last is not None and last.id in lines:
        return last
    return BudgetLine.get_by_id(lines[0]) if len(lines) == 1 else None


# ---- what is on the way, as the list of low stock shows it ----------------------------------------------------------


def applications(item_ids: list[int], posts: Iterable[str]) -> dict[int, Coming]:
    """How much of these items is asked for or ordered and has not come yet, and on which applications that may be opened."""
    readers = list(posts) or ["nobody"]
    sql = f"""SELECT l.item_id, k.id, COALESCE(k.number, ''), {TO_COME},
              EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN ({db.marks(readers)}))
              {UNDER_WAY_LINES % db.marks(UNDER_WAY)} AND l.item_id IN ({db.marks(item_ids)}) ORDER BY k.id, l.n"""
    found: dict[int, Coming] = {}
    for item, case, number, quantity, readable in db.rows(sql, *readers, *UNDER_WAY, *item_ids):
        if quantity > 0:
            before = found.get(item, Coming())
            papers = (*before.papers, (case, number)) if readable else before.papers
            found[item] = Coming(before.quantity + int(quantity), papers)
    return found


ON_THE_WAY.append(applications)
