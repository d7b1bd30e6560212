"""What a draw is decided on, what it took over of whose wish, and which approved draws wait for goods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from portal import db
from portal.cases import Case
from portal.stock.models import Item
from portal.stock.models_counts import RUNS
from portal.supplies.models import DrawWish, WishLine
from portal.supplies.models_catalogue import FULL_MONTHS, month_after, this_month
from portal.words import Name

ALIVE = ("submitted", "special", "waiting", "approved", "issued", "received")  # in these a draw keeps what it took over
UNDECIDED = ("submitted", "special")
HOLDING = ("waiting", "approved")


Taken = dict[int, tuple[int, str]]  # wished line -> how many of it are taken over, and why not all


@dataclass(frozen=True)
class Wanted:
    """How many of an item a draw asks for in all, and why, where that is above the limit."""

    item: Item
    quantity: int
    reason: str = ""


# ---- figures --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """What is free of an item, what the department drew in the last six full months, its limit of the month, and how much of
    that its other draws took or ask for."""

    stock: int
    half_year: int
    limit: int | None
    drawn: int

    @property
    def limit_left(self) -> int | None:
        return None if self.limit is None else max(self.limit - self.drawn, 0)

    @property
    def suggested(self) -> int:
        """A month's average less what was drawn this month, never beyond the limit (SUP-03)."""
        wanted = max((self.half_year + FULL_MONTHS // 2) // FULL_MONTHS - self.drawn, 0)
        return wanted if self.limit_left is None else min(wanted, self.limit_left)

    def is_above(self, quantity: int) -> bool:
        """Whether that much goes beyond the limit; where there is none, nothing does."""
        return self.limit_left is not None and quantity > self.limit_left


_FIGURES = """
SELECT i.id, a.put - a.held - a.taken, COALESCE(h.quantity, 0), s.quantity, COALESCE(t.quantity, 0)
FROM items i JOIN accounts a ON a.id = i.account_id
LEFT JOIN (SELECT item_id, SUM(quantity) AS quantity FROM supply_months WHERE department_id = ? AND month BETWEEN ? AND ?
           AND item_id IN ({items}) GROUP BY item_id) h ON h.item_id = i.id
LEFT JOIN (SELECT item_id, MAX(since) AS since FROM supply_limits WHERE department_id = ? AND since <= ? AND item_id IN ({items})
           GROUP BY item_id) m ON m.item_id = i.id
LEFT JOIN supply_limits s ON s.department_id = ? AND s.item_id = i.id AND s.since = m.since
LEFT JOIN (SELECT l.item_id, SUM(CASE WHEN k.state IN ({undecided}) THEN l.quantity
                                 ELSE COALESCE(l.granted, 0) - l.declined END) AS quantity
           FROM draws d JOIN cases k ON k.id = d.case_id JOIN draw_lines l ON l.case_id = k.id AND l.version = k.version
           WHERE d.month = ? AND k.department_id = ? AND k.state IN ({alive}) AND k.id <> ? AND l.item_id IN ({items})
           GROUP BY l.item_id) t ON t.item_id = i.id
WHERE i.id IN ({items})
"""


def figures_of(department_id: int, item_ids: Iterable[int], but: int = 0) -> dict[int, Figures]:
    """The figures of these items for a department, read now in one statement; `but` is a draw that does not count."""
    items, month = sorted(set(item_ids)), this_month()
    if not items:
        return {}
    sql = _FIGURES.format(items=db.marks(items), undecided=db.marks(UNDECIDED), alive=db.marks(ALIVE))
    found = db.rows(
        sql, department_id, month_after(month, -FULL_MONTHS), month_after(month, -1), *items, department_id, month, *items,
        department_id, *UNDECIDED, month, department_id, *ALIVE, but, *items, *items,
    )  # fmt: skip
    return {item: Figures(max(free, 0), int(half), limit, int(drawn)) for item, free, half, limit, drawn in found}


class DrawnItem(NamedTuple):
    """An item as a draw names it; `is_hidden` from who counts it just now."""

    id: int
    code: str
    called: Name
    unit: str
    is_hidden: bool


_ITEMS = f"""
SELECT i.id, i.code, i.name, i.name_en, i.unit, EXISTS
    (SELECT 1 FROM count_lines l JOIN cases k ON k.id = l.case_id WHERE l.item_id = i.id AND {RUNS} AND k.preparer_id = ?)
FROM items i WHERE i.id IN
"""


def items_for(person_id: int, item_ids: Iterable[int]) -> dict[int, DrawnItem]:
    """These items for a reader, in one statement."""
    chosen = list(item_ids) or [0]
    found = db.rows(f"{_ITEMS} ({db.marks(chosen)})", person_id, *chosen)
    return {
        key: DrawnItem(key, code, Name(name, name_en), unit, bool(hidden)) for key, code, name, name_en, unit, hidden in found
    }


# ---- waiting for goods ----------------------------------------------------------------------------------------------


class Short(NamedTuple):
    """A line of an approved draw for which nothing is held yet, and how many of the item are free."""

    case: int
    item: int
    account: int
    granted: int
    free: int


_SHORT = """
SELECT k.id, l.item_id, i.account_id, l.granted, a.put - a.held - a.taken FROM cases k JOIN draws d ON d.case_id = k.id
JOIN draw_lines l ON l.case_id = k.id AND l.version = k.version JOIN items i ON i.id = l.item_id
JOIN accounts a ON a.id = i.account_id
WHERE k.kind = 'draw' AND (k.state = 'waiting' OR k.id = ?) AND l.granted > 0 AND {}
AND NOT EXISTS (SELECT 1 FROM open_holds h JOIN entries e ON e.id = h.entry_id
                WHERE e.case_id = k.id AND h.account_id = i.account_id)
ORDER BY d.approved_at, k.id, l.n
"""


def short_lines(item_ids: Iterable[int], but: int = 0, beginning: int = 0) -> list[Short]:
    """The lines that wait for these items, of the paper approved first before all others; `but` is a paper left out, `beginning`
    one that begins to wait in this step."""
    items = list(item_ids) or [0]
    sql = _SHORT.format(f"l.item_id IN ({db.marks(items)}) AND k.id <> ?")
    return [Short(*row) for row in db.rows(sql, beginning, *items, but)]


def short_of(case_id: int) -> list[Short]:
    """The lines of one draw that wait for goods."""
    return [Short(*row) for row in db.rows(_SHORT.format("k.id = ?"), 0, case_id)]


# ---- what was taken over of wishes ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Link:
    """How much of a wished line a draw took over, and what became of its line of that item, where it has one. `is_gone`: the wish
    was taken back, or another draw took the line over."""

    draw: int
    state: str
    number: str
    wish: int
    wish_line: int
    item: int
    quantity: int
    reason: str
    cut_reason: str
    asked: int
    granted: int | None
    issued: int
    declined: int
    decline_reason: str
    name: str
    name_en: str
    wished: int
    wish_number: str
    is_gone: bool

    @property
    def by(self) -> Name:
        """Who wished it."""
        return Name(self.name, self.name_en)

    @property
    def is_alive(self) -> bool:
        return self.state in ALIVE


_LINKS = """
SELECT k.id, k.state, COALESCE(k.number, ''), w.case_id, w.id, w.item_id, x.quantity, x.reason, COALESCE(l.cut_reason, ''),
       COALESCE(l.quantity, 0), l.granted, COALESCE(l.issued, 0), COALESCE(l.declined, 0), COALESCE(l.decline_reason, ''),
       p.name, p.name_en, w.quantity, COALESCE(y.number, ''),
       y.state <> 'submitted' OR w.version <> y.version OR EXISTS
       (SELECT 1 FROM draw_wishes o JOIN cases d ON d.id = o.case_id AND d.version = o.version
        WHERE o.wish_line_id = w.id AND d.id <> k.id AND d.state IN ({}))
FROM draw_wishes x JOIN cases k ON k.id = x.case_id AND k.version = x.version JOIN wish_lines w ON w.id = x.wish_line_id
JOIN cases y ON y.id = w.case_id JOIN persons p ON p.id = y.requester_id
LEFT JOIN draw_lines l ON l.case_id = k.id AND l.version = k.version AND l.item_id = w.item_id
WHERE {} ORDER BY x.wish_line_id, k.id
"""


def _links(condition: str, *values: int) -> list[Link]:
    found = db.rows(_LINKS.format(db.marks(ALIVE), condition), *ALIVE, *values)
    return [Link(*row) for row in found]


def links_of_draw(case_id: int) -> list[Link]:
    """What the draw took over, the oldest wish first."""
    return _links("k.id = ?", case_id)


def links_of_wish(wish_id: int) -> list[Link]:
    """What the draws that took over something of this wish took over, of other wishes too; those of ended draws and of drafts
    among them."""
    beside = "SELECT y.case_id FROM draw_wishes y JOIN wish_lines v ON v.id = y.wish_line_id WHERE v.case_id = ?"
    return _links(f"k.id IN ({beside})", wish_id)


def links_of_lines(wish_line_ids: Iterable[int]) -> list[Link]:
    lines = list(wish_line_ids) or [0]
    return _links(f"x.wish_line_id IN ({db.marks(lines)})", *lines)


def write_links(case: Case, taken: Taken) -> None:
    """What this version of a draw takes over of wished lines: line -> quantity, and why not all."""
    DrawWish.delete().where(DrawWish.case == case, DrawWish.version == case.version).execute()
    for line, (quantity, reason) in sorted(taken.items()):
        DrawWish.add(case=case, version=case.version, wish_line=line, quantity=quantity, reason=reason)


def shares(links: list[Link], total: int) -> dict[int, int]:
    """What each wished line gets of the total that a draw was given of an item, the oldest wish first: wish line -> quantity."""
    found, rest = {}, total
    for link in sorted(links, key=lambda link: link.wish_line):
        found[link.wish_line] = min(link.quantity, rest)
        rest -= found[link.wish_line]
    return found


# ---- the desk -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wished:
    """A wished line that nobody has taken over yet."""

    line: int
    wish: int
    number: str
    item: int
    quantity: int
    by: Name
    note: str
    at: int


_OPEN = """
SELECT w.id, k.id, k.number, w.item_id, w.quantity, p.name, p.name_en, v.note, k.submitted_at
FROM cases k JOIN wishes v ON v.case_id = k.id JOIN wish_lines w ON w.case_id = k.id AND w.version = k.version
JOIN persons p ON p.id = k.requester_id
WHERE k.kind = 'wish' AND k.state = 'submitted' AND k.department_id = ? AND w.item_id IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM draw_wishes x JOIN cases d ON d.id = x.case_id AND d.version = x.version
                WHERE x.wish_line_id = w.id AND d.state IN ({}))
ORDER BY k.submitted_at, w.id LIMIT 500
"""


def open_wishes(department_id: int) -> list[Wished]:
    """What people of the department wish and nobody has taken over, oldest first."""
    found = db.rows(_OPEN.format(db.marks(ALIVE)), department_id, *ALIVE)
    return [
        Wished(line, wish, number or "", item, quantity, Name(name, name_en), note, at)
        for line, wish, number, item, quantity, name, name_en, note, at in found
    ]


def lines_of_wish(case: Case) -> list[WishLine]:
    return WishLine.where("case_id = ? AND version = ? ORDER BY n", case.id, case.version)


def uncovered(wish: Case, also: int = 0) -> list[int]:
    """The lines of a wish that no draw has taken over; `also` is a draft that does just now."""
    lines = [line.id for line in lines_of_wish(wish) if line.item_id]
    covered = {link.wish_line for link in links_of_lines(lines) if link.is_alive or link.draw == also}
    return [line for line in lines if line not in covered]


# ---- checking -------------------------------------------------------------------------------------------------------


def issued_lines() -> list[tuple[int, int, int, int]]:
    """Everything that was ever issued: department, item, when (ms), how much stayed."""
    sql = """SELECT k.department_id, l.item_id, d.issued_at, l.issued - l.declined FROM draws d JOIN cases k ON k.id = d.case_id
             JOIN draw_lines l ON l.case_id = k.id AND l.version = k.version WHERE d.issued_at IS NOT NULL"""
    return list(db.rows(sql))
