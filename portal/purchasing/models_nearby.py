"""Purchases nearby: what is asked for and why, what was bought of it, what the office said to it, and the list of a month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from portal import clock, db
from portal.cases import Case, lines_of
from portal.contents import Content
from portal.expenses.models import CLAIMED, kept_day, line_gap, request_of
from portal.expenses.models_money import approved_total
from portal.money import HIGHEST, Money, total
from portal.persons import Person
from portal.purchasing.models import NearbyLine
from portal.refused import Mistyped
from portal.stock.models import Item
from portal.words import Name, Words, _

MOST_LINES, MOST_QUANTITY = 30, 100_000
LONGEST = {"title": 120, "reason": 2000, "away": 200}


# ---- what is typed --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """So many of an item, or of what the text says, for about so much."""

    item: Item | None
    text: str
    quantity: int
    estimate: Money


def nearby_content(person: Person, title: str, detail: dict[str, Any], wanted: list[Wanted]) -> Content:
    """The contents of an application: it asks for the sum of its estimates, for the person's own department."""
    lines = [vars(each) for each in wanted]
    return Content(title, detail, lines, total(each.estimate for each in wanted), person.department)


def gap(detail: Mapping[str, Any], amount: int | None) -> tuple[Words, str] | None:
    """What an application lacks before it may be submitted, and the field it is typed in."""
    if not detail.get("reason"):
        return _("Say why it must be bought nearby."), "reason"
    if lacking := line_gap(detail):
        return lacking
    return None if amount else (_("Write at least one line with an amount."), "lines")


# ---- what was bought ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bought:
    """When and where it was bought; of each line, by its number, how many and for how much."""

    bought_on: date | None
    shop: str
    lines: tuple[tuple[int, int, Money], ...]

    @property
    def spent(self) -> Money:
        return total(amount for _n, _quantity, amount in self.lines)

    def why_not(self, act: Any) -> None:
        if self.bought_on is None or self.bought_on > clock.today():
            raise Mistyped(_("Write the day it was bought, not one to come."), "bought_on")
        if why := bought_too_early(act.case, self.bought_on):
            raise Mistyped(why, "bought_on")
        if not self.shop.strip():
            raise Mistyped(_("Say where it was bought."), "shop")
        if len(self.shop) > 120:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=120), "shop")
        self._check_lines({line.n: line for line in act.lines})
        self._check_sum(act.case)

    def _check_lines(self, asked: dict[int, NearbyLine]) -> None:
        if len({n for n, *_rest in self.lines}) != len(self.lines):
            raise Mistyped(_("A line stands twice."))
        for n, quantity, amount in self.lines:
            if n not in asked or not 0 <= quantity <= asked[n].quantity:
                most = asked[n].quantity if n in asked else 0
                raise Mistyped(_("Line %(n)s: at most %(most)s were approved.", n=n, most=most), f"bought_{n}")
            if not 0 <= amount < HIGHEST or bool(quantity) != bool(amount):
                raise Mistyped(_("Line %(n)s: write how many and for how much, or nothing of both.", n=n), f"spent_{n}")

    def _check_sum(self, case: Case) -> None:
        if not self.spent:
            raise Mistyped(_("Nothing was bought: then there is nothing to review."))
        approved = approved_total(case.id)
        if self.spent > approved:
            raise Mistyped(
                _(
                    "%(spent)s was spent and %(approved)s is approved. The excess needs a supplementary request.",
                    spent=self.spent, approved=approved,
                )
            )  # fmt: skip


def approved_on(case: Case) -> date | None:
    approved_at = request_of(case).approved_at
    return clock.local(approved_at).date() if approved_at else None


def bought_too_early(case: Case, day: date) -> Words | None:
    """SUP-14: the application is filed and approved before buying; the day of the approval itself counts as after it."""
    filed = clock.local(case.submitted_at).date() if case.submitted_at else None
    if filed and day < filed:
        return _(
            "It was bought on %(day)s, before the application was filed on %(filed)s: it is not repaid.", day=day, filed=filed
        )
    approved = approved_on(case)
    if approved and day < approved:
        return _("It was bought on %(day)s, before the approval of %(approved)s: it is not repaid.", day=day, approved=approved)
    return None


def spent_on(case: Case) -> Money:
    """What was paid in the shop."""
    return total(Money(line.spent or 0) for line in lines_of(NearbyLine, case))


# ---- what the office said to it -------------------------------------------------------------------------------------

REVIEWS: dict[str, Words] = {
    "pass": _("Reviewed"),
    "lift_objection": _("Objection lifted"),
    "object": _("Objection"),
    "answer": _("Answer"),
}


class Said(NamedTuple):
    """A word of the office, or the answer to it."""

    action: str
    who: Name
    at: datetime
    note: str


_SAID = f"""
SELECT e.action, p.name, p.name_en, e.at, e.note FROM events e JOIN persons p ON p.id = e.by_id
WHERE e.thing = 'case' AND e.thing_id = ? AND e.action IN ({", ".join(f"'{each}'" for each in REVIEWS)}) ORDER BY e.n
"""


def said_to(case: Case) -> list[Said]:
    """Review, objections and answers, in order."""
    return [Said(action, Name(*names), db.from_ms(at), note) for action, *names, at, note in db.rows(_SAID, case.id)]


# ---- the list -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chosen:
    """The filters of the list: a month (its first day; none: all), a department, a state."""

    month: date | None = None
    department: int | None = None
    state: str = ""

    def condition(self) -> tuple[str, list[Any]]:
        """It is of the month in which it was bought, before that of the one in which it was filed."""
        sql, values = "", list[Any]()
        if self.month:
            after = date(self.month.year + self.month.month // 12, self.month.month % 12 + 1, 1)
            moments = [db.to_ms(clock.start_of(day)) for day in (self.month, after)]
            sql += """ AND (n.bought_on >= ? AND n.bought_on < ?
                       OR n.bought_on IS NULL AND k.submitted_at >= ? AND k.submitted_at < ?)"""
            values += [kept_day(self.month), kept_day(after), *moments]
        for column, value in (("k.department_id", self.department), ("k.state", self.state)):
            if value:
                sql, values = f"{sql} AND {column} = ?", [*values, value]
        return sql, values


class Nearby(NamedTuple):
    """A purchase nearby as the list shows it."""

    case: int
    number: str
    title: str
    state: str
    department: Name
    requester: Name
    bought_on: date | None
    shop: str
    approved: Money  # with its supplements
    spent: Money
    claimed: Money
    reviewer: Name
    objections: int


_LIST = f"""
SELECT k.id, k.number, k.title, k.state, d.name, d.name_en, p.name, p.name_en, n.bought_on, n.shop,
       CASE WHEN s.approved_at IS NULL THEN 0 ELSE k.amount END
       + COALESCE((SELECT SUM(j.amount) FROM spendings u JOIN cases j ON j.id = u.case_id
                   WHERE u.supplements_id = k.id AND j.state IN ('approved', 'closed')), 0),
       COALESCE((SELECT SUM(l.spent) FROM nearby_lines l WHERE l.case_id = k.id AND l.version = k.version), 0),
       {CLAIMED}, COALESCE(r.name, ''), COALESCE(r.name_en, ''),
       (SELECT COUNT(*) FROM events e WHERE e.thing = 'case' AND e.thing_id = k.id AND e.action = 'object')
FROM nearby_purchases n JOIN cases k ON k.id = n.case_id JOIN spendings s ON s.case_id = k.id
JOIN persons p ON p.id = k.requester_id JOIN departments d ON d.id = k.department_id
LEFT JOIN events v ON v.thing = 'case' AND v.thing_id = k.id AND v.n = (
    SELECT MAX(w.n) FROM events w WHERE w.thing = 'case' AND w.thing_id = k.id AND w.action IN ('pass', 'lift_objection'))
LEFT JOIN persons r ON r.id = v.by_id AND k.state IN ('reviewed', 'closed')
WHERE k.number IS NOT NULL AND EXISTS (SELECT 1 FROM readers a WHERE a.case_id = k.id AND a.post IN (%s)) %s
ORDER BY k.id DESC LIMIT ?
"""


def nearby_purchases(posts: Iterable[str], chosen: Chosen, limit: int = 501) -> list[Nearby]:
    """Those that these posts may read, newest first."""
    readers, (where, values) = list(posts), chosen.condition()
    return [_read(row) for row in db.rows(_LIST % (db.marks(readers), where), *readers, *values, limit)]


def _read(row: tuple[Any, ...]) -> Nearby:
    key, number, title, state, unit, unit_en, name, name_en, day, shop, approved, spent, claimed, by, by_en, objections = row
    return Nearby(
        key, number, title, state, Name(unit, unit_en), Name(name, name_en),
        date.fromisoformat(day) if isinstance(day, str) else day, shop, Money(int(approved)), Money(int(spent)),
        Money(int(claimed)), Name(by, by_en), int(objections),
    )  # fmt: skip


def how_many_to_review() -> int:
    (n,) = db.row("SELECT COUNT(*) FROM cases WHERE kind = 'nearby' AND state = 'bought'")  # type: ignore[misc]
    return int(n)
