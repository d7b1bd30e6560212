"""Money on an approved request: advances against it, claims that settle it, and how much of it is still open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import BooleanField, CharField, DateField, ForeignKeyField, TextField

from portal import clock, db
from portal.attachments import Attachment
from portal.budget.models import BudgetLine
from portal.cases import Case, Detail, Line
from portal.db import MomentField, Table
from portal.ledger import Account, Ledger
from portal.money import Money, MoneyField
from portal.persons import Person
from portal.words import Words

ADVANCES = Ledger(
    "advances"
)  # an account an advance: put is paid less returned, held is in claims, taken is claimed; free is open
LIVE_ADVANCES = ("blocked", "payable", "paid", "outstanding")
LIVE_CLAIMS = ("submitted", "signed", "payable", "paid", "posted")


class Consent(Table):
    """Consent by telephone, as somebody else recorded it (FIN-14), and what the general manager answered afterwards."""

    case = ForeignKeyField(Case)
    asked_by = ForeignKeyField(Person)
    asked_at = MomentField()
    way = CharField(max_length=10)
    words = CharField(max_length=500)
    at = MomentField()
    due_at = MomentField()
    answered_at = MomentField(null=True)
    confirmed = BooleanField(null=True)
    answered_by = ForeignKeyField(Person, null=True)
    told_late = MomentField(null=True)

    class Meta:
        table_name = "consents"


class Absence(Table):
    """From when to when somebody is away."""

    person = ForeignKeyField(Person)
    starts = DateField()
    ends = DateField()
    text = CharField(max_length=200, default="")
    by = ForeignKeyField(Person)
    at = MomentField()
    ended_at = MomentField(null=True)
    ended_by = ForeignKeyField(Person, null=True)
    token = CharField(max_length=40, unique=True)

    class Meta:
        table_name = "absences"


class Advance(Detail):
    """Money lent before it is spent, against one approved request; its slip is numbered when it is paid."""

    request = ForeignKeyField(Case)
    account = ForeignKeyField(Account, null=True)
    slip = CharField(max_length=24, null=True)
    purpose = TextField(default="")
    paid_at = MomentField(null=True)
    due_on = DateField(null=True)
    recalled_at = MomentField(null=True)  # due back at once: consent withdrawn, or the last claim is settled
    told_late = MomentField(null=True)

    class Meta:
        table_name = "advances"


class Claim(Detail):
    """Money spent on an approved request, with its invoices; `approved` and `from_advance` are settled by the cashier's check."""

    request = ForeignKeyField(Case)
    is_last = BooleanField(default=True)
    approval_seen = BooleanField(default=False)
    sums_agree = BooleanField(default=False)
    receipts_valid = BooleanField(default=False)
    checked_by = ForeignKeyField(Person, null=True)
    checked_at = MomentField(null=True)
    approved = MoneyField(null=True)
    from_advance = MoneyField(default=0)

    class Meta:
        table_name = "claims"


class ClaimLine(Line):
    """A spending: its day, the budget line it falls on, what is claimed and approved, and its invoice. A draft may lack day, text
    and amount."""

    day = DateField(null=True)
    line = ForeignKeyField(BudgetLine)
    text = CharField(max_length=200, default="")
    amount = MoneyField(default=0)
    invoice_code = CharField(max_length=20, default="")
    invoice_number = CharField(max_length=30, default="")
    file = ForeignKeyField(Attachment, null=True)
    approved = MoneyField(null=True)

    class Meta:
        table_name = "claim_lines"

    @property
    def granted(self) -> Money:
        """What is paid of it: what was approved, all of it where nothing was cut."""
        return self.amount if self.approved is None else self.approved


# ---- what stands for a request --------------------------------------------------------------------------------------


def _nothing(_act: Any) -> Words | None:
    return None


@dataclass(frozen=True)
class RequestKind:
    """A kind of paper on which money may be asked for: it has a row in `spendings`, and a step `close` taken by the portal once
    its last claim is settled. `why_not_claimed` and `why_not_paid` are asked with a claim on it, before that is sent, and before
    it is signed, checked or paid."""

    opened: tuple[str, ...]  # the states in which one may claim on it
    lends: tuple[str, ...]  # those in which an advance may be asked for and paid
    holds: tuple[str, ...]  # those in which it holds its amount
    signed_in: str  # where the general manager decides it
    why_not_claimed: Callable[[Any], Words | None] = _nothing
    why_not_paid: Callable[[Any], Words | None] = _nothing


REQUESTS: dict[str, RequestKind] = {}  # by the kind of paper


def opened() -> tuple[str, ...]:
    """The states in which a request of whatever kind is open to claims."""
    return tuple(dict.fromkeys(state for kind in REQUESTS.values() for state in kind.opened))


def is_open(request: Case) -> bool:
    return request.state in REQUESTS[request.kind].opened


# ---- what a request allows ------------------------------------------------------------------------------------------

_COVERED = """
SELECT k.id, s.line_id, k.amount, k.state, s.no_invoice, s.approved_at FROM spendings s JOIN cases k ON k.id = s.case_id
WHERE (k.id = ? OR s.supplements_id = ?) AND k.state IN (%s) ORDER BY k.id
"""


@dataclass(frozen=True)
class Covered:
    """A request, or one that supplements it, with what it allows on which budget line."""

    case_id: int
    line_id: int
    amount: Money
    state: str
    no_invoice: bool  # the general manager accepts that there is none
    approved_on: date


def covered_by(request_id: int, states: Iterable[str] = ()) -> list[Covered]:
    """The request and its supplements, as far as they are in these states, or open to claims where none are named."""
    chosen = list(states) or list(opened())
    rows = db.rows(_COVERED % db.marks(chosen), request_id, request_id, *chosen)
    return [
        Covered(key, line, Money(amount), state, bool(no_invoice), clock.local(db.from_ms(at)).date())
        for key, line, amount, state, no_invoice, at in rows
        if at
    ]


@dataclass(frozen=True)
class Own:
    """A request of somebody's, to choose among."""

    id: int
    called: str  # number and title
    amount: Money
    state: str
    line_id: int


_OWN = """
SELECT k.id, k.number, k.title, k.amount, k.state, s.line_id FROM cases k JOIN spendings s ON s.case_id = k.id
WHERE (k.requester_id = ? OR k.beneficiary_id = ?) AND s.supplements_id IS NULL AND k.state IN (%s) ORDER BY k.id DESC LIMIT 200
"""


def own_requests(person: Person, besides: Iterable[str] = ()) -> list[Own]:
    """The requests of this person on which money may be asked for, the newest first, without those in the states `besides`; what
    supplements another is not one."""
    chosen = [each for each in opened() if each not in set(besides)]
    rows = db.rows(_OWN % db.marks(chosen), person.id, person.id, *chosen)
    return [Own(key, f"{number} {title}", Money(amount), state, line) for key, number, title, amount, state, line in rows]


def supplements_of(request_id: int, states: Iterable[str] | None = None) -> list[Case]:
    """The requests that supplement this one and were submitted, oldest first; those in these states."""
    chosen = list(states or ())
    narrowed = f"AND state IN ({db.marks(chosen)})" if chosen else "AND number IS NOT NULL"
    here = "id IN (SELECT case_id FROM spendings WHERE supplements_id = ?)"
    return Case.where(f"{here} {narrowed} ORDER BY id", request_id, *chosen)


def unconfirmed_part(request_id: int) -> Case | None:
    """The request, or what supplements it, where that stands on consent by telephone alone."""
    sql = "SELECT case_id FROM spendings WHERE case_id = ? OR supplements_id = ?"
    return Case.find(f"id IN ({sql}) AND state = 'provisional' ORDER BY id LIMIT 1", request_id, request_id)


def approved_total(request_id: int, states: Iterable[str] = ()) -> Money:
    return sum((each.amount for each in covered_by(request_id, states)), Money(0))


_CLAIMED = """
SELECT l.line_id, SUM(COALESCE(l.approved, l.amount)) FROM claims c JOIN cases k ON k.id = c.case_id
JOIN claim_lines l ON l.case_id = k.id AND l.version = k.version
WHERE c.request_id = ? AND k.id <> ? AND k.state IN (%s) %s GROUP BY l.line_id
"""
_BARE = "AND (l.invoice_number = '' OR l.file_id IS NULL)"


def claimed_by_line(request_id: int, besides: int = 0, bare: bool = False) -> dict[int, Money]:
    """What the claims on the request come to by budget line, those under way and those paid; without the claim `besides`. `bare`:
    only what was claimed without an invoice."""
    rows = db.rows(_CLAIMED % (db.marks(LIVE_CLAIMS), _BARE if bare else ""), request_id, besides, *LIVE_CLAIMS)
    return {line: Money(int(amount)) for line, amount in rows}


_ADVANCED = """
SELECT COALESCE(SUM(COALESCE(a.put, k.amount)), 0) FROM advances v JOIN cases k ON k.id = v.case_id
LEFT JOIN accounts a ON a.id = v.account_id WHERE v.request_id = ? AND k.id <> ? AND k.state IN (%s)
"""
_FROM_ADVANCES = """
SELECT COALESCE(SUM(c.from_advance), 0) FROM claims c JOIN cases k ON k.id = c.case_id WHERE c.request_id = ? AND k.state IN (%s)
"""


def room_for_advance(request_id: int, besides: int = 0) -> Money:
    """How much may still be advanced on the request: what is approved, less what went out or is asked for, each counted once."""
    states = (*LIVE_ADVANCES, "settled")
    (advanced,) = db.row(_ADVANCED % db.marks(states), request_id, besides, *states)  # type: ignore[misc]
    (settled,) = db.row(_FROM_ADVANCES % db.marks(LIVE_CLAIMS), request_id, *LIVE_CLAIMS)  # type: ignore[misc]
    claimed = sum(claimed_by_line(request_id).values(), Money(0))
    return approved_total(request_id) - int(advanced) - (claimed - int(settled))


def advances_on(request_id: int, states: Iterable[str] = LIVE_ADVANCES) -> list[Advance]:
    """The advances on a request that are in these states, oldest first."""
    chosen = list(states)
    return Advance.where(
        f"request_id = ? AND case_id IN (SELECT id FROM cases WHERE state IN ({db.marks(chosen)})) ORDER BY case_id",
        request_id,
        *chosen,
    )


def live_claims_on(request_id: int) -> list[Case]:
    """The claims on a request that were submitted and are not through, oldest first."""
    under_way = ("submitted", "signed", "payable")
    return Case.where(
        f"state IN ({db.marks(under_way)}) AND id IN (SELECT case_id FROM claims WHERE request_id = ?) ORDER BY id",
        *under_way,
        request_id,
    )


# ---- what is open ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """Where an advance stands: paid − returned = claimed + held by claims + open."""

    paid: Money
    returned: Money
    claimed: Money
    held: Money

    @property
    def open(self) -> Money:
        return self.paid - self.returned - self.claimed - self.held

    @property
    def unsettled(self) -> Money:
        """What is open, or in a claim that is not paid yet."""
        return self.open + self.held


_STANDING = """
SELECT COALESCE(SUM(CASE WHEN e.verb = 'put' THEN e.amount END), 0), COALESCE(SUM(CASE WHEN e.verb = 'cut' THEN e.amount END), 0),
       a.taken, a.held FROM accounts a LEFT JOIN entries e ON e.account_id = a.id WHERE a.id = ? GROUP BY a.taken, a.held
"""


def standing(advance: Advance) -> Standing:
    found = db.row(_STANDING, advance.account_id) if advance.account_id else None
    return Standing(*(Money(int(each)) for each in found)) if found else Standing(Money(0), Money(0), Money(0), Money(0))


_OVERDUE = """
SELECT k.id FROM advances v JOIN cases k ON k.id = v.case_id JOIN accounts a ON a.id = v.account_id
WHERE v.due_on < ? AND a.put - a.taken > 0 AND %s ORDER BY v.due_on, k.id
"""


def _today() -> object:
    """Today, as hand-written SQL compares it on either database."""
    return clock.today() if db.is_postgres() else clock.today().isoformat()


def overdue_of(person_id: int) -> list[Case]:
    """The advances of a person that are overdue, the longest first."""
    return [Case.get_by_id(key) for (key,) in db.rows(_OVERDUE % "k.requester_id = ?", _today(), person_id)]


def newly_overdue() -> list[Advance]:
    """The overdue advances of which nobody was told yet, the longest first."""
    return [Advance.get_by_id(key) for (key,) in db.rows(_OVERDUE % "v.told_late IS NULL", _today())]
