"""Consent by telephone as lists show it: what may be asked for, what is not confirmed, what was withdrawn (FIN-14, FIN-15)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from portal import clock, db
from portal.cases import Case, open_tasks
from portal.expenses.models_money import Absence, Consent
from portal.money import Money
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import Name, Words, _

WAYS: dict[str, Words] = {
    "phone": _("By telephone"),
    "wechat": _("By WeChat"),
    "message": _("By text message"),
    "in_person": _("In person"),
    "other": _("Otherwise"),
}
PAGE = 50
TABS: dict[str, Words] = {
    "open": _("Not confirmed"), "late": _("Red list"), "withdrawn": _("Consent withdrawn"), "confirmed": _("Confirmed"),
    "asking": _("To be asked for"),
}  # fmt: skip


@dataclass(frozen=True)
class PhoneConsent:
    """What is told of the consent: when and how it was asked, and the words it was given in."""

    asked_at: datetime | None
    way: str
    words: str

    def why_not(self, act: Any) -> None:
        if self.asked_at is None or self.asked_at > clock.now():
            raise Mistyped(_("Write when it was asked, not a time to come."), "asked_at")
        submitted = max((task.opened for task in open_tasks(act.case)), default=act.case.submitted_at)
        if submitted and self.asked_at < submitted - timedelta(minutes=1):
            raise Mistyped(_("Consent is asked once the request is submitted: write a time after that."), "asked_at")
        if self.way not in WAYS:
            raise Mistyped(_("Choose how it was asked."), "way")
        if not self.words.strip():
            raise Mistyped(_("Write the words in which consent was given."), "words")
        if len(self.words) > 500:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=500), "words")


class Consented(NamedTuple):
    """A request with the consent recorded on it; what belongs to the consent is empty where none is recorded yet."""

    case: int
    number: str
    title: str
    amount: Money
    requester: Name
    department: Name
    urgent: bool
    recorder: Name
    asked_at: datetime | None
    way: str
    words: str
    due_at: datetime | None
    answered_at: datetime | None
    advanced: Money  # what is out on it

    @property
    def is_late(self) -> bool:
        return self.answered_at is None and self.due_at is not None and self.due_at < clock.now()


_CONSENTS = """
SELECT k.id, k.number, k.title, k.amount, p.name, p.name_en, d.name, d.name_en, s.urgent, COALESCE(b.name, ''),
       COALESCE(b.name_en, ''), c.asked_at, c.way, c.words, c.due_at, c.answered_at,
       COALESCE((SELECT SUM(a.put - a.taken) FROM advances v JOIN accounts a ON a.id = v.account_id
                 WHERE v.request_id = COALESCE(s.supplements_id, k.id)), 0)
FROM cases k JOIN spendings s ON s.case_id = k.id JOIN persons p ON p.id = k.requester_id
JOIN departments d ON d.id = k.department_id LEFT JOIN consents c ON c.case_id = k.id LEFT JOIN persons b ON b.id = c.asked_by_id
WHERE EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN (%s)) AND %s AND k.id < ? ORDER BY k.id DESC LIMIT ?
"""
_WHICH = {
    "open": "c.answered_at IS NULL AND c.id IS NOT NULL",
    "late": "c.answered_at IS NULL AND c.due_at < ?",
    "withdrawn": "c.confirmed = ?",
    "confirmed": "c.confirmed = ?",
    "asking": "k.kind = 'spending' AND k.state = 'submitted' AND k.mark = '' AND c.id IS NULL AND (s.urgent OR ?)",
}


def consents(
    posts: Iterable[str], tab: str, is_away: bool = False, before: int | None = None, limit: int = PAGE + 1
) -> list[Consented]:
    """What these posts may read of it, newest first; where the general manager `is_away` any request may be asked for."""
    posts = list(posts)
    told: dict[str, list[Any]] = {
        "late": [db.to_ms(clock.now())], "withdrawn": [False], "confirmed": [True], "asking": [is_away],
    }  # fmt: skip
    sql = _CONSENTS % (db.marks(posts), _WHICH[tab])
    return [_read(row) for row in db.rows(sql, *posts, *told.get(tab, []), before or 2**62, limit)]


def _read(row: tuple[Any, ...]) -> Consented:
    case, number, title, amount, name, name_en, unit, unit_en, urgent, by, by_en, *consent, advanced = row
    asked_at, way, words, due_at, answered_at = consent
    return Consented(
        case, number, title, Money(amount or 0), Name(name, name_en), Name(unit, unit_en), bool(urgent), Name(by, by_en),
        asked_at and db.from_ms(asked_at), way or "", words or "", due_at and db.from_ms(due_at),
        answered_at and db.from_ms(answered_at), Money(int(advanced)),
    )  # fmt: skip


def consent_of(case: Case) -> Consent | None:
    """The last consent recorded on the request."""
    return Consent.find("case_id = ? ORDER BY id DESC LIMIT 1", case.id)


def how_many_late() -> int:
    (n,) = db.row("SELECT COUNT(*) FROM consents WHERE answered_at IS NULL AND due_at < ?", db.to_ms(clock.now()))  # type: ignore[misc]
    return int(n)


# ---- absences -------------------------------------------------------------------------------------------------------


class Away(NamedTuple):
    """An absence as the page lists it."""

    absence: Absence
    who: Name
    by: Name
    is_over: bool


def absences(limit: int = 50) -> list[Away]:
    """The last ones first."""
    found = Absence.where("1 = 1 ORDER BY starts DESC, id DESC LIMIT ?", limit)
    people = {person.id: person.called for person in _people({key for each in found for key in (each.person_id, each.by_id)})}
    today = clock.today()
    return [
        Away(each, people[each.person_id], people[each.by_id], each.ended_at is not None or each.ends < today) for each in found
    ]


def _people(ids: set[int]) -> list[Person]:
    return Person.where(f"id IN ({db.marks(ids)})", *sorted(ids)) if ids else []
