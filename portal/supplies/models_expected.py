"""When the goods that draws wait for are expected: what is on order, given to those who wait in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from portal import clock, db
from portal.cases import Case
from portal.supplies.models import ExpectedDay
from portal.supplies.models_draws import Short, short_lines
from portal.words import Name


class Arrival(NamedTuple):
    """So many units of an item that a supplier was told to deliver by that day, and that have not come yet."""

    item: int
    day: date
    quantity: int


ARRIVALS: list[Callable[[list[int]], list[Arrival]]] = []  # what is on order of these items
Waits = tuple[int, int]  # a draw, and an item it waits for


def expected_days(item_ids: Iterable[int], but: int = 0, beginning: int = 0) -> dict[Waits, date | None]:
    """For each draw that waits for one of these items the day by which its turn comes: who was approved first is served first, in
    full. A day that is past: that delivery is late. None where what is on order does not reach that far. `but` is a draw left
    out, `beginning` one that begins to wait in this step."""
    lines = short_lines(item_ids, but, beginning)
    days = _days_when([(each.item, each.granted) for each in lines], {each.item: each.free for each in lines})
    return {(each.case, each.item): day for each, day in zip(lines, days, strict=True)}


def expected_behind(wanted: dict[int, int], free: dict[int, int]) -> dict[int, date]:
    """The day by which so many of each item could be had, behind all who wait already; items that no delivery reaches are not
    there. `free` is how many of each are on the shelf."""
    lines = short_lines(wanted) if wanted else []
    queue = [(each.item, each.granted) for each in lines] + list(wanted.items())
    days = _days_when(queue, free)[len(lines) :]
    return {item: day for item, day in zip(wanted, days, strict=True) if day}


def _days_when(queue: list[tuple[int, int]], free: dict[int, int]) -> list[date | None]:
    """For each (item, quantity) of a queue the day by which it is there with all before it."""
    items = sorted({item for item, _quantity in queue})
    coming = _by_item(items)
    needed = dict.fromkeys(items, 0)
    days = []
    for item, quantity in queue:
        needed[item] += quantity
        days.append(_day_when(needed[item] - max(free[item], 0), coming.get(item, [])))
    return days


def _by_item(items: list[int]) -> dict[int, list[Arrival]]:
    coming: dict[int, list[Arrival]] = {}
    for each in sorted((each for told in ARRIVALS if items for each in told(items)), key=lambda each: each.day):
        coming.setdefault(each.item, []).append(each)
    return coming


def _day_when(missing: int, coming: list[Arrival]) -> date | None:
    """The day by which so many units have come; today where none is missing."""
    if missing <= 0:
        return clock.today()
    for each in coming:
        missing -= each.quantity
        if missing <= 0:
            return each.day
    return None


# ---- who waits ------------------------------------------------------------------------------------------------------


def told_days(item_ids: Iterable[int]) -> dict[Waits, date]:
    """What those who wait for these items were told last."""
    items = list(item_ids) or [0]
    found = ExpectedDay.where(f"item_id IN ({db.marks(items)})", *items)
    return {(each.case_id, each.item_id): each.day for each in found}


class Wisher(NamedTuple):
    """Somebody whose wish for an item a draw took over."""

    person: int
    wish: int
    item: int


_WISHERS = """
SELECT DISTINCT y.requester_id, y.id, w.item_id FROM draw_wishes x JOIN cases k ON k.id = x.case_id AND k.version = x.version
JOIN wish_lines w ON w.id = x.wish_line_id JOIN cases y ON y.id = w.case_id
WHERE k.id = ? AND x.quantity > 0 ORDER BY y.id, w.item_id
"""


def wishers(draw_id: int) -> list[Wisher]:
    return [Wisher(*row) for row in db.rows(_WISHERS, draw_id)]


class Waiting(NamedTuple):
    """A draw of a department that waits: for which items, and by when each is expected."""

    case: Case
    lines: list[tuple[Name, int, date | None]]


def waiting_of(department_id: int) -> list[Waiting]:
    """The draws of a department that wait for goods, who was approved first before all others."""
    sql = """kind = 'draw' AND state = 'waiting' AND department_id = ? ORDER BY id LIMIT 50"""
    cases = {each.id: each for each in Case.where(sql, department_id)}
    if not cases:
        return []
    own = _SHORT_OF.format(db.marks(cases))
    called = {item: Name(name, name_en) for item, name, name_en in db.rows(own, *cases)}
    lines = short_lines(called)
    days = expected_days(called)
    found: dict[int, list[Short]] = {}
    for line in lines:
        if line.case in cases:
            found.setdefault(line.case, []).append(line)
    return [
        Waiting(cases[key], [(called[each.item], each.granted, days[key, each.item]) for each in waits])
        for key, waits in found.items()
    ]


_SHORT_OF = """
SELECT DISTINCT l.item_id, i.name, i.name_en FROM draw_lines l JOIN cases k ON k.id = l.case_id AND k.version = l.version
JOIN items i ON i.id = l.item_id WHERE k.id IN ({})
"""
