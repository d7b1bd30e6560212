"""Advances as pages read them: what is open by age, what somebody owes, and what was used of a request (FIN-11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from portal import clock, db
from portal.cases import Case
from portal.contents import Content
from portal.expenses.models_money import approved_total, opened, room_for_advance, supplements_of
from portal.money import Money
from portal.words import Name, Words, _

PAGE = 50
AGES: dict[str, tuple[Words, int, int]] = {  # days since it was paid: from, until
    "30": (_("Up to 30 days"), 0, 30),
    "60": (_("31 to 60 days"), 31, 60),
    "90": (_("61 to 90 days"), 61, 90),
    "more": (_("More than 90 days"), 91, 9000),
}
TABS: dict[str, Words] = {"open": _("Not settled"), "overdue": _("Overdue")}


class Open(NamedTuple):
    """An advance that is not settled, as the list shows it."""

    case: int
    number: str
    title: str
    slip: str
    who: Name
    department: Name
    paid_at: datetime
    due_on: date
    lent: Money  # paid, less what was brought back
    claimed: Money
    held: Money
    recalled: bool

    @property
    def unsettled(self) -> Money:
        return self.lent - self.claimed

    @property
    def days(self) -> int:
        """Since it was paid."""
        return (clock.today() - clock.local(self.paid_at).date()).days

    @property
    def days_late(self) -> int:
        return max((clock.today() - self.due_on).days, 0)

    @property
    def age(self) -> Words:
        return next(label for label, least, most in AGES.values() if least <= self.days <= most)


_OPEN = """
SELECT k.id, k.number, k.title, v.slip, p.name, p.name_en, d.name, d.name_en, v.paid_at, v.due_on, a.put, a.taken, a.held,
       v.recalled_at
FROM advances v JOIN cases k ON k.id = v.case_id JOIN accounts a ON a.id = v.account_id
JOIN persons p ON p.id = k.requester_id JOIN departments d ON d.id = k.department_id
"""
_SEEN = "WHERE a.put > a.taken AND EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN (%s))"


@dataclass(frozen=True)
class Chosen:
    """The filters of the list of open advances: tab, age, department; empty ones let everything through."""

    tab: str = "open"
    age: str = ""
    department: int | None = None

    def condition(self) -> tuple[str, list[Any]]:
        sql: str = ""
        values: list[Any] = []
        if self.tab == "overdue":
            sql, values = sql + " AND v.due_on < ?", [*values, _day(clock.today())]
        if self.age:
            _label, least, most = AGES[self.age]
            sql, values = sql + " AND v.paid_at < ? AND v.paid_at >= ?", [*values, _days_ago(least - 1), _days_ago(most)]
        if self.department:
            sql, values = sql + " AND k.department_id = ?", [*values, self.department]
        return sql, values


def open_advances(posts: Iterable[str], chosen: Chosen, before: int | None = None, limit: int = PAGE + 1) -> list[Open]:
    """What these posts may read of it, the longest due first; `before` is the one shown last."""
    posts = list(posts)
    narrowed, values = chosen.condition()
    later = "AND (v.due_on, k.id) > (SELECT x.due_on, x.case_id FROM advances x WHERE x.case_id = ?)" if before else "AND ? = 0"
    sql = f"{_OPEN} {_SEEN % db.marks(posts)} {narrowed} {later} ORDER BY v.due_on, k.id LIMIT ?"
    return [_read(row) for row in db.rows(sql, *posts, *values, before or 0, limit)]


def every_open(posts: Iterable[str], chosen: Chosen) -> Iterator[Open]:
    """All of the list, page by page."""
    posts, before = list(posts), None
    while found := open_advances(posts, chosen, before):
        yield from found
        before = found[-1].case


def by_age(posts: Iterable[str], chosen: Chosen) -> list[tuple[str, Words, int, Money]]:
    """How many and how much by days since they were paid: (key, words, advances, amount); none is left out."""
    posts = list(posts)
    narrowed, values = Chosen(chosen.tab, "", chosen.department).condition()
    sql = f"""SELECT v.paid_at, a.put - a.taken FROM advances v JOIN cases k ON k.id = v.case_id
              JOIN accounts a ON a.id = v.account_id {_SEEN % db.marks(posts)} {narrowed}"""
    sums = {key: [0, Money(0)] for key in AGES}
    for paid_at, amount in db.rows(sql, *posts, *values):
        days = (clock.today() - clock.local(db.from_ms(paid_at)).date()).days
        key = next(key for key, (_label, least, most) in AGES.items() if least <= days <= most)
        sums[key] = [sums[key][0] + 1, sums[key][1] + int(amount)]
    return [(key, AGES[key][0], n, amount) for key, (n, amount) in sums.items()]  # type: ignore[misc]


def open_of(person_id: int) -> list[Open]:
    """The advances a person has not settled, the longest due first."""
    sql = f"{_OPEN} WHERE a.put > a.taken AND k.requester_id = ? ORDER BY v.due_on, k.id LIMIT 50"
    return [_read(row) for row in db.rows(sql, person_id)]


def _read(row: tuple[Any, ...]) -> Open:
    case, number, title, slip, name, name_en, unit, unit_en, paid_at, due, put, taken, held, recalled = row
    day = date.fromisoformat(due) if isinstance(due, str) else due
    return Open(
        case, number or "", title, slip, Name(name, name_en), Name(unit, unit_en), db.from_ms(paid_at), day, Money(put),
        Money(taken), Money(held), recalled is not None,
    )  # fmt: skip


def _day(day: date) -> Any:
    return day if db.is_postgres() else day.isoformat()


def _days_ago(days: int) -> int:
    """The first moment of the day that many days ago; -1 is tomorrow."""
    return db.to_ms(clock.start_of(clock.today() - timedelta(days=days)))


# ---- what is typed --------------------------------------------------------------------------------------------------


def advance_content(request: Case, amount: Money | None, purpose: str = "") -> Content:
    """The contents of an advance: so much of an approved request, for whom it was asked."""
    title = f"{request.number} {request.title}"[:120]
    return Content(title, {"request": request, "purpose": purpose}, [], amount, request.department)


# ---- what a request was used for ------------------------------------------------------------------------------------


class Paper(NamedTuple):
    """An advance or a claim on a request."""

    case: int
    kind: str
    number: str
    amount: Money
    state: str
    is_readable: bool


@dataclass(frozen=True)
class Use:
    """What is approved on a request with its supplements, and what became of it."""

    approved: Money
    lent: Money  # paid as advances, less what was brought back
    claimed: Money  # in claims that were submitted and not refused
    from_advances: Money
    room: Money  # that may still be advanced
    papers: tuple[Paper, ...] = ()
    supplements: tuple[Case, ...] = ()

    @property
    def left(self) -> Money:
        """What may still be claimed."""
        return self.approved - self.claimed


_PAPERS = """
SELECT k.id, k.kind, k.number, k.amount, k.state,
       EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN (%s)),
       COALESCE(a.put, 0), COALESCE(c.from_advance, 0),
       COALESCE((SELECT SUM(COALESCE(l.approved, l.amount)) FROM claim_lines l
                 WHERE l.case_id = k.id AND l.version = k.version), 0)
FROM cases k LEFT JOIN advances v ON v.case_id = k.id LEFT JOIN accounts a ON a.id = v.account_id
LEFT JOIN claims c ON c.case_id = k.id
WHERE k.number IS NOT NULL
    AND k.id IN (SELECT case_id FROM advances WHERE request_id = ? UNION SELECT case_id FROM claims WHERE request_id = ?)
ORDER BY k.id
"""
_REFUSED = ("rejected", "cancelled", "draft")


def use_of(request_id: int, posts: Iterable[str]) -> Use:
    """Read for the page of the request; these posts look."""
    posts = list(posts)
    rows = db.rows(_PAPERS % db.marks(posts), *posts, request_id, request_id)
    papers, lent, claimed, from_advances = [], Money(0), Money(0), Money(0)
    for key, kind, number, amount, state, is_readable, put, settled, granted in rows:
        papers.append(Paper(key, kind, number, Money(amount or 0), state, bool(is_readable)))
        lent += int(put)
        if kind == "claim" and state not in _REFUSED:
            claimed, from_advances = claimed + int(granted), from_advances + int(settled)
    approved = approved_total(request_id, (*opened(), "closed"))
    room = max(room_for_advance(request_id), Money(0))
    return Use(approved, lent, claimed, from_advances, room, tuple(papers), tuple(supplements_of(request_id)))
