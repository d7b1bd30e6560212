"""The basket as its page shows it, where each wished line stands, and what was suggested for the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from portal import db
from portal.cases import Case
from portal.supplies.models_draws import Link, links_of_wish, shares
from portal.words import Name, Words, _


class Shown(NamedTuple):
    """A line of a wish with what it is called."""

    line: int
    item: int | None
    text: str
    quantity: int
    code: str
    called: Name
    unit: str


@dataclass(frozen=True)
class Basket:
    """A wish that is being written: its case, nothing where it was never kept, and what is in it."""

    case: int = 0
    version: int = 0
    number: str = ""
    note: str = ""
    lines: tuple[Shown, ...] = ()

    @property
    def items(self) -> dict[int, int]:
        return {line.item: line.quantity for line in self.lines if line.item}

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines if line.text]


_BASKET = """
SELECT k.id, k.version, COALESCE(k.number, ''), v.note, w.id, w.item_id, w.text, w.quantity, i.code, i.name, i.name_en, i.unit
FROM cases k JOIN wishes v ON v.case_id = k.id LEFT JOIN wish_lines w ON w.case_id = k.id AND w.version = k.version
LEFT JOIN items i ON i.id = w.item_id
WHERE k.id = {} ORDER BY w.n
"""
_NEWEST = """(SELECT MAX(id) FROM cases WHERE kind = 'wish' AND state = 'draft' AND requester_id = ? AND number IS NULL)"""
_NAMED = """(SELECT id FROM cases WHERE kind = 'wish' AND state = 'draft' AND requester_id = ? AND id = ?)"""


def basket(person_id: int, case_id: int | None = None) -> Basket | None:
    """What the person has in the basket, in one statement; of the wish named, if it is still being written."""
    if case_id is None:
        return _basket(db.rows(_BASKET.format(_NEWEST), person_id))
    return _basket(db.rows(_BASKET.format(_NAMED), person_id, case_id))


def content_of(wish_id: int) -> Basket | None:
    """What a wish asked for, whatever became of it."""
    return _basket(db.rows(_BASKET.format("?"), wish_id))


def _basket(rows: list[tuple[Any, ...]]) -> Basket | None:
    if not rows:
        return None
    lines = tuple(
        Shown(line, item, text, quantity, code or "", Name(name or "", name_en or ""), unit or "")
        for *_of_case, line, item, text, quantity, code, name, name_en, unit in rows
        if line
    )
    case, version, number, note = rows[0][:4]
    return Basket(case, version, number, note, lines)


# ---- where a wish stands --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """A wished line: what was wished, how much of it was taken over, granted and came, and at which of these why not more."""

    shown: Shown
    draw: Link | None = None
    taken: int | None = None
    granted: int | None = None
    issued: int | None = None
    reasons: tuple[tuple[Words, str], ...] = ()
    suggestion: Suggested | None = None


def standing(wish: Case) -> list[Standing]:
    """Each line of the wish; where a draw was cut, who wished first comes first."""
    found = content_of(wish.id)
    others = links_of_wish(wish.id)
    links = {link.wish_line: link for link in others if link.wish == wish.id and link.is_alive}
    answers = {each.line: each for each in suggested(wish_id=wish.id)} if found and found.texts else {}
    return [_standing(line, links.get(line.line), others, answers.get(line.line)) for line in (found.lines if found else ())]


def _standing(line: Shown, link: Link | None, others: list[Link], answer: Suggested | None) -> Standing:
    if link is None:
        return Standing(line, suggestion=answer)
    same = [each for each in others if each.draw == link.draw and each.item == link.item]
    granted = None if link.granted is None else shares(same, link.granted)[link.wish_line]
    issued = shares(same, link.issued - link.declined)[link.wish_line] if link.issued else None
    came_short = issued is not None and granted is not None and issued < granted
    reasons = (
        (_("Why not all were taken over"), link.reason if link.quantity < line.quantity else ""),
        (_("Why not all were granted"), link.cut_reason if granted is not None and granted < link.quantity else ""),
        (_("Why not all were kept"), link.decline_reason if came_short else ""),
    )
    return Standing(line, link, link.quantity, granted, issued, tuple(each for each in reasons if each[1]))


# ---- suggestions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Suggested:
    """What somebody misses in the catalogue, and what the office answered."""

    id: int
    events: int
    line: int
    text: str
    wish: int
    number: str
    by: Name
    department: Name
    at: datetime
    answer: str
    note: str
    item: int | None
    called: Name | None
    answered_by: Name | None
    answered_at: datetime | None = field(default=None)

    @property
    def is_open(self) -> bool:
        return not self.answer


_SUGGESTED = """
SELECT s.id, s.events, w.id, w.text, k.id, k.number, p.name, p.name_en, d.name, d.name_en, k.submitted_at, s.answer, s.note,
       s.item_id, i.name, i.name_en, a.name, a.name_en, s.answered_at
FROM suggestions s JOIN wish_lines w ON w.id = s.wish_line_id JOIN cases k ON k.id = w.case_id AND k.version = w.version
JOIN persons p ON p.id = k.requester_id JOIN departments d ON d.id = k.department_id
LEFT JOIN items i ON i.id = s.item_id LEFT JOIN persons a ON a.id = s.answered_by_id
WHERE k.state NOT IN ('draft', 'rejected') AND {} ORDER BY s.id DESC LIMIT ?
"""


def suggested(
    wish_id: int | None = None, answered: bool | None = None, before: int | None = None, limit: int = 200
) -> list[Suggested]:
    """Suggestions, newest first: of a wish, those answered or those open."""
    conditions, values = ["s.id < ?"], [before or 2**62]
    if wish_id is not None:
        conditions.append("k.id = ?")
        values.append(wish_id)
    if answered is not None:
        conditions.append("s.answer <> ''" if answered else "s.answer = ''")
    return [_suggested(row) for row in db.rows(_SUGGESTED.format(" AND ".join(conditions)), *values, limit)]


def _suggested(row: tuple[Any, ...]) -> Suggested:
    key, events, line, text, wish, number, *people, at, answer, note, item = row[:14]
    name, name_en, by, by_en, answered = row[14:]
    return Suggested(
        key, events, line, text, wish, number, Name(*people[:2]), Name(*people[2:]), db.from_ms(at), answer, note, item,
        Name(name, name_en) if item else None, Name(by, by_en or "") if by else None, answered and db.from_ms(answered),
    )  # fmt: skip


def open_suggestions() -> int:
    """How many the office has not answered yet, counted up to 100."""
    sql = """SELECT COUNT(*) FROM (SELECT 1 FROM suggestions s JOIN wish_lines w ON w.id = s.wish_line_id
             JOIN cases k ON k.id = w.case_id AND k.version = w.version
             WHERE s.answer = '' AND k.state NOT IN ('draft', 'rejected') LIMIT 100) AS few"""
    (found,) = db.row(sql)  # type: ignore[misc]
    return found
