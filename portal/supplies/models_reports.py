"""What the reports of office supplies show: what runs low, who used how much, what nobody confirmed, what was miscounted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal import clock, db, policies
from portal.supplies.models_catalogue import FULL_MONTHS, Entry, entries, first_of, limits_in, month_after, this_month
from portal.words import Name, _

supplies_reorder_months = policies.declare(
    "supplies_reorder_months", 1, "office_manager", _("Low stock where an item has no reorder level: average consumption of"),
    unit=_("months"), minimum=0, maximum=12, rule="SUP-03",
)  # fmt: skip


# ---- low stock ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Running:
    """The figures of an item that runs low, or for which somebody waits."""

    item: int
    on_hand: int
    free: int
    level: int
    half_year: int
    waiting: int

    def lacking(self, coming: int = 0) -> int:
        """How many units are missing, where so many are on the way, to serve whatever waits and then stand above the level with a
        month in hand; none where what is on the way is enough not to run low."""
        left = self.free + coming - self.waiting
        if left > self.level or left == self.level == 0:
            return 0
        month = -(-self.half_year // FULL_MONTHS)
        return self.level + max(month, 1 if self.level else 0) - left


@dataclass(frozen=True)
class Coming:
    """How much of an item is asked for or ordered and has not come yet, and the papers that ask for it and may be opened: id, and
    the number where it has one."""

    quantity: int = 0
    papers: tuple[tuple[int, str], ...] = ()


ON_THE_WAY: list[Callable[[list[int], list[str]], dict[int, Coming]]] = []  # what buying tells of items, by posts


@dataclass(frozen=True)
class Low:
    """An item that runs low, or for which somebody waits: what is free, the level it should not fall to, what waits for it, and
    what is on the way."""

    entry: Entry
    running: Running
    coming: Coming = Coming()

    @property
    def free(self) -> int:
        return self.running.free

    @property
    def level(self) -> int:
        return self.running.level

    @property
    def half_year(self) -> int:
        return self.running.half_year

    @property
    def waiting(self) -> int:
        return self.running.waiting

    @property
    def suggested(self) -> int:
        """What is missing beside what is on the way: above the level with a month in hand, and whatever waits; in whole purchase
        units."""
        return self.packs * self.entry.per_purchase

    @property
    def packs(self) -> int:
        return self.entry.packs_for(self.running.lacking(self.coming.quantity))


_FIGURES = """
SELECT i.id, a.put - a.taken, a.put - a.held - a.taken, s.reorder_level, COALESCE(h.quantity, 0), COALESCE(w.quantity, 0)
FROM items i JOIN supplies s ON s.item_id = i.id JOIN accounts a ON a.id = i.account_id
LEFT JOIN (SELECT item_id, SUM(quantity) AS quantity FROM supply_months WHERE month BETWEEN ? AND ? GROUP BY item_id) h
    ON h.item_id = i.id
LEFT JOIN (SELECT l.item_id, SUM(l.granted) AS quantity
    FROM cases k JOIN draw_lines l ON l.case_id = k.id AND l.version = k.version
    JOIN items x ON x.id = l.item_id WHERE k.kind = 'draw' AND k.state = 'waiting' AND l.granted > 0 AND NOT EXISTS
    (SELECT 1 FROM open_holds o JOIN entries e ON e.id = o.entry_id WHERE o.account_id = x.account_id AND e.case_id = k.id)
    GROUP BY l.item_id) w ON w.item_id = i.id
WHERE i.kind = 'supply' AND i.active ORDER BY i.code
"""


def low_stock(hidden: Iterable[int] = (), posts: Iterable[str] = ()) -> list[Low]:
    """What runs low, what is waited for first, then by code. The items hidden from the reader are left out; `posts` are those the
    reader holds."""
    left_out = set(hidden)
    found = [each for each in running_low() if each.item not in left_out]
    known = entries(each.item for each in found)
    coming = on_the_way([each.item for each in found], list(posts))
    lows = [Low(known[each.item], each, coming.get(each.item, Coming())) for each in found]
    return sorted(lows, key=lambda each: (each.waiting == 0, each.entry.code))


def on_the_way(item_ids: list[int], posts: list[str]) -> dict[int, Coming]:
    return {item: coming for told in ON_THE_WAY if item_ids for item, coming in told(item_ids, posts).items()}


def count_low() -> int:
    return len(running_low())


def running_low() -> list[Running]:
    """Items at their level or below it, and those somebody waits for, with their figures. An item that nobody uses and for which
    no level is set never is one."""
    last = month_after(this_month(), -1)
    found = []
    for item, on_hand, free, level, half, waiting in db.rows(_FIGURES, month_after(last, 1 - FULL_MONTHS), last):
        wanted = -(-int(half) * supplies_reorder_months() // FULL_MONTHS) if level is None else level
        if waiting > 0 or (wanted > 0 and free <= wanted):
            found.append(Running(item, on_hand, free, wanted, int(half), int(waiting)))
    return found


# ---- consumption ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Used:
    """What a department was given of an item in a month, less what it declined, against its limit."""

    department_id: int
    department: Name
    entry: Entry
    quantity: int
    limit: int | None
    half_year: int

    @property
    def left(self) -> int | None:
        return None if self.limit is None else self.limit - self.quantity


_USED = """
SELECT d.id, d.name, d.name_en, m.item_id, m.month, m.quantity FROM supply_months m JOIN departments d ON d.id = m.department_id
WHERE m.quantity > 0 AND m.month BETWEEN ? AND ? AND m.department_id IN ({}) AND m.item_id IN ({})
"""


def consumption(department_ids: Iterable[int], items: Iterable[Entry], month: int) -> tuple[list[Used], dict[int, int]]:
    """What these departments used of these items in the month, by department and code; and for the twelve months until then the
    pieces of the one item, or how many such lines there were: pieces of different things do not add up."""
    departments, known = list(department_ids), {entry.id: entry for entry in items}
    if not departments or not known:
        return [], {}
    found = db.rows(_USED.format(db.marks(departments), db.marks(known)), month_after(month, -11), month, *departments, *known)
    sums: dict[int, int] = {}
    halves: dict[tuple[int, int], int] = {}
    for department, _name, _name_en, item, when, quantity in found:
        sums[when] = sums.get(when, 0) + (int(quantity) if len(known) == 1 else 1)
        if month_after(month, -FULL_MONTHS) <= when < month:
            halves[department, item] = halves.get((department, item), 0) + int(quantity)
    limits = limits_in(departments, known, month)
    used = [
        Used(department, Name(name, name_en), known[item], int(quantity), limits.get((department, item)),
             halves.get((department, item), 0))
        for department, name, name_en, item, when, quantity in found if when == month
    ]  # fmt: skip
    return sorted(used, key=lambda each: (each.department_id, each.entry.code)), sums


@dataclass(frozen=True)
class Drawn:
    """A draw behind a figure of consumption, if it may be opened, and how much of it was kept."""

    case_id: int
    number: str
    title: str
    who: Name
    at: datetime
    issued: int
    declined: int
    is_readable: bool


_DRAWN = """
SELECT k.id, k.number, k.title, p.name, p.name_en, d.issued_at, l.issued, l.declined,
       EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN ({}))
FROM draws d JOIN cases k ON k.id = d.case_id JOIN persons p ON p.id = k.requester_id
JOIN draw_lines l ON l.case_id = k.id AND l.version = k.version
WHERE k.department_id = ? AND l.item_id = ? AND l.issued > 0 AND d.issued_at >= ? AND d.issued_at < ?
ORDER BY d.issued_at DESC, k.id DESC
"""


def draws_behind(department_id: int, item_id: int, month: int, posts: Iterable[str]) -> list[Drawn]:
    """The draws whose goods were issued to the department in that month, newest first."""
    readers = list(posts) or ["nobody"]
    start, end = (db.to_ms(clock.start_of(first_of(each))) for each in (month, month_after(month)))
    found = db.rows(_DRAWN.format(db.marks(readers)), *readers, department_id, item_id, start, end)
    return [
        Drawn(case, number or "", title, Name(name, name_en), db.from_ms(at), issued, declined, bool(readable))
        for case, number, title, name, name_en, at, issued, declined, readable in found
    ]


# ---- open receipts --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unconfirmed:
    """Goods that were issued and that nobody has confirmed yet."""

    case_id: int
    number: str
    title: str
    department: Name
    who: Name
    issued_at: datetime
    due: datetime | None
    lines: int
    quantity: int
    is_readable: bool

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.due < clock.now()


_UNCONFIRMED = """
SELECT k.id, k.number, k.title, dp.name, dp.name_en, p.name, p.name_en, d.issued_at,
       (SELECT MIN(t.due) FROM tasks t WHERE t.case_id = k.id AND t.closed IS NULL), COUNT(*), SUM(l.issued),
       EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN ({}))
FROM cases k JOIN draws d ON d.case_id = k.id JOIN departments dp ON dp.id = k.department_id
JOIN persons p ON p.id = k.requester_id JOIN draw_lines l ON l.case_id = k.id AND l.version = k.version AND l.issued > 0
WHERE k.kind = 'draw' AND k.state = 'issued' AND k.department_id IN ({})
GROUP BY k.id, k.number, k.title, dp.name, dp.name_en, p.name, p.name_en, d.issued_at ORDER BY d.issued_at, k.id
"""


def open_receipts(department_ids: Iterable[int], posts: Iterable[str]) -> list[Unconfirmed]:
    """What these departments have not confirmed, longest first."""
    departments, readers = list(department_ids) or [0], list(posts) or ["nobody"]
    sql = _UNCONFIRMED.format(db.marks(readers), db.marks(departments))
    return [_unconfirmed(row) for row in db.rows(sql, *readers, *departments)]


def _unconfirmed(row: tuple[Any, ...]) -> Unconfirmed:
    case, number, title, name, name_en, who, who_en, issued_at, due, lines, quantity, readable = row
    due_at = db.from_ms(due) if due and due < db.to_ms(clock.FAR_FUTURE) else None
    return Unconfirmed(
        case, number or "", title, Name(name, name_en), Name(who, who_en), db.from_ms(issued_at), due_at, lines, int(quantity),
        bool(readable),
    )  # fmt: skip


# ---- stocktake differences ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Miscounted:
    """A line of a closed count in which shelf and books differed."""

    case_id: int
    number: str
    at: datetime
    item_id: int
    code: str
    called: Name
    unit: str
    book: int
    moved: int
    counted: int
    reason: str

    @property
    def difference(self) -> int:
        return self.counted - self.book - self.moved


_MISCOUNTED = """
SELECT k.id, k.number, k.closed_at, i.id, i.code, i.name, i.name_en, i.unit, l.book, l.moved, l.counted, l.reason
FROM count_lines l JOIN cases k ON k.id = l.case_id JOIN items i ON i.id = l.item_id
WHERE k.kind = 'count' AND k.state = 'closed' AND i.kind = 'supply' AND l.counted IS NOT NULL AND l.counted <> l.book + l.moved
AND k.closed_at >= ? AND k.closed_at < ? ORDER BY k.closed_at DESC, k.id DESC, i.code
"""


def differences(since: date, until: date, hidden: Iterable[int] = ()) -> list[Miscounted]:
    """The differences of counts closed in these days, newest first; without the items hidden from the reader."""
    left_out = set(hidden)
    start, end = db.to_ms(clock.start_of(since)), db.to_ms(clock.start_of(until))
    found = db.rows(_MISCOUNTED, start, end)
    rows = [
        Miscounted(case, number or "", db.from_ms(at), item, code, Name(name, name_en), *rest)
        for case, number, at, item, code, name, name_en, *rest in found
    ]
    return [each for each in rows if each.item_id not in left_out]
