"""The register of business spending as its page reads it (BEX-03)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from portal import db
from portal.expenses.models import BUSINESS_KINDS, CLAIMED, WATCHED, Watched, kept_day, next_month, read_watched
from portal.money import Money
from portal.words import Name


@dataclass(frozen=True)
class BusinessFilter:
    """Business spending expected in the month, by whom, of which kind, for which client."""

    month: date
    person_id: int | None = None
    kind: str = ""
    client: str = ""

    def condition(self, whole_year: bool = False) -> tuple[str, list[Any]]:
        """Of the requests that were submitted: in the month, or in its year."""
        sql = "WHERE s.nature = 'business' AND s.expected_date >= ? AND s.expected_date < ? AND k.number IS NOT NULL"
        sql += " AND s.business_kind <> ''"
        first, after = self.month.replace(day=1), next_month(self.month)
        if whole_year:
            first, after = date(self.month.year, 1, 1), date(self.month.year + 1, 1, 1)
        values: list[Any] = [kept_day(first), kept_day(after)]
        if self.person_id:
            sql, values = sql + " AND k.requester_id = ?", [*values, self.person_id]
        if self.kind:
            sql, values = sql + " AND s.business_kind = ?", [*values, self.kind]
        if self.client:
            sql, values = sql + " AND s.who = ?", [*values, self.client]
        return sql, values


def business_spending(chosen: BusinessFilter, before: int | None = None, limit: int = 51) -> list[Watched]:
    """The register of business spending, newest first (BEX-03)."""
    where, values = chosen.condition()
    sql = f"{WATCHED} {where} AND k.id < ? ORDER BY k.id DESC LIMIT ?"
    return [read_watched(row) for row in db.rows(sql, *values, before or 2**62, limit)]


class Sum(NamedTuple):
    """What is asked for or approved of it: papers, their amount, and what was claimed on them."""

    called: Any
    papers: int
    amount: Money
    claimed: Money


_BY = {"person": "p.id, p.name, p.name_en", "kind": "0, s.business_kind, ''", "client": "0, s.who, ''"}
_COUNTED = "k.state NOT IN ('rejected', 'cancelled', 'lapsed', 'withdrawn', 'draft')"


def business_totals(chosen: BusinessFilter, limit: int = 50) -> dict[str, list[Sum]]:
    """By person, kind and client in the month, the largest first."""
    where, values = chosen.condition()
    parts = [
        f"""SELECT * FROM (SELECT '{by}', COUNT(*), SUM(k.amount), SUM({CLAIMED}), {named}
            FROM spendings s JOIN cases k ON k.id = s.case_id JOIN persons p ON p.id = k.requester_id {where} AND {_COUNTED}
            GROUP BY 5, 6, 7 ORDER BY 3 DESC LIMIT {limit:d}) AS by_{by}"""
        for by, named in _BY.items()
    ]
    found: dict[str, list[Sum]] = {by: [] for by in _BY}
    for by, count, amount, claimed, _key, name, name_en in db.rows(" UNION ALL ".join(parts), *(values * len(parts))):
        told = {"person": Name(name, name_en), "kind": BUSINESS_KINDS.get(name), "client": name}
        found[by].append(Sum(told[by], count, Money(int(amount)), Money(int(claimed))))
    return found


def business_months(chosen: BusinessFilter) -> list[Sum]:
    """The twelve months of the year, with the other filters."""
    where, values = chosen.condition(whole_year=True)
    month = "to_char(s.expected_date, 'YYYY-MM')" if db.is_postgres() else "substr(s.expected_date, 1, 7)"
    sql = f"""SELECT {month}, COUNT(*), SUM(k.amount), SUM({CLAIMED}) FROM spendings s JOIN cases k ON k.id = s.case_id
              JOIN persons p ON p.id = k.requester_id {where} AND {_COUNTED} GROUP BY 1"""
    found = {key: (count, Money(int(amount)), Money(int(claimed))) for key, count, amount, claimed in db.rows(sql, *values)}
    keys = [f"{chosen.month.year}-{month:02d}" for month in range(1, 13)]
    return [Sum(key, *found.get(key, (0, Money(0), Money(0)))) for key in keys]


class RefusedClaim(NamedTuple):
    """A claim on business spending that was refused, and why."""

    case: int
    number: str
    request: str
    title: str
    requester: Name
    kind: str
    who: str
    amount: Money
    why: str
    by: Name
    at: datetime


_REFUSED = """
SELECT q.id, q.number, k.number, q.title, p.name, p.name_en, s.business_kind, s.who, q.amount, e.note, b.name, b.name_en, e.at
FROM claims c JOIN cases q ON q.id = c.case_id AND q.state = 'rejected' JOIN cases k ON k.id = c.request_id
JOIN spendings s ON s.case_id = k.id JOIN persons p ON p.id = q.requester_id
JOIN events e ON e.thing = 'case' AND e.thing_id = q.id AND e.action = 'reject' JOIN persons b ON b.id = e.by_id
"""


def refused_claims(chosen: BusinessFilter, before: int | None = None, limit: int = 51) -> list[RefusedClaim]:
    """Those on requests that the register shows, newest first."""
    where, values = chosen.condition()
    found = db.rows(f"{_REFUSED} {where} AND q.id < ? ORDER BY q.id DESC LIMIT ?", *values, before or 2**62, limit)
    return [
        RefusedClaim(
            case, number, request, title, Name(name, name_en), kind, who, Money(amount), why, Name(by, by_en), db.from_ms(at)
        )
        for case, number, request, title, name, name_en, kind, who, amount, why, by, by_en, at in found
    ]


def people_with_business(month: date) -> list[tuple[int, Name]]:
    """Who asked for business spending expected in the month: (id, name)."""
    where, values = BusinessFilter(month).condition()
    sql = f"""SELECT DISTINCT p.id, p.name, p.name_en FROM spendings s JOIN cases k ON k.id = s.case_id
              JOIN persons p ON p.id = k.requester_id {where} ORDER BY p.id LIMIT 200"""
    return [(person_id, Name(*names)) for person_id, *names in db.rows(sql, *values)]
