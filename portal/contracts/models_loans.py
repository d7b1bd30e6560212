"""Loans as lists, pages and reminders need them: who has which contract, until when, and who is late (CON-08 to CON-12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from portal import clock, db, languages, policies
from portal.contracts.models import Contract, seen_by
from portal.contracts.models_register import open_papers
from portal.persons import Person
from portal.words import Name, Words, _

PAGE = 50
OUT = ("lent", "extending", "extending_by_gm")  # states of a loan: it is with the borrower
ASKED = ("submitted", "confidential", "special", "approved")  # asked for, not handed out yet
OPEN = (*ASKED, *OUT)
CONDITIONS: dict[str, Words] = {"good": _("Undamaged"), "damaged": _("Damaged")}
FATES: dict[str, Words] = {"returned": _("Came back"), "destroyed": _("Destroyed in front of the archivist")}
FATES_SAID: dict[str, Words] = FATES | {"lost": _("Lost")}

loan_days = policies.declare(
    "contract_loan_days", 7, "gm", _("A contract is lent for"), unit=_("days"), minimum=1, maximum=365, rule="CON-10"
)
extension_days = policies.declare(
    "contract_loan_extension_days", 7, "gm", _("A loan of a contract is extended, once, by"), unit=_("days"), minimum=1,
    maximum=365, rule="CON-10",
)  # fmt: skip
head_days = policies.declare(
    "contract_loan_head_days", 3, "gm", _("Of a contract that is late the borrower's head hears after"), unit=_("days"),
    minimum=0, maximum=365, rule="CON-10",
)  # fmt: skip
red_days = policies.declare(
    "contract_loan_red_days", 7, "gm", _("A contract that is late comes on the red list after"), unit=_("days"), minimum=0,
    maximum=365, rule="CON-10",
)  # fmt: skip


def kept_day(day: date) -> Any:
    """A day as hand-written SQL compares it on either database."""
    return day if db.is_postgres() else day.isoformat()


def read_day(value: Any) -> Any:
    """A day as either database answers it to hand-written SQL."""
    return date.fromisoformat(value) if isinstance(value, str) else value


class Lent(NamedTuple):
    """A loan as a list shows it."""

    case: int
    number: str
    state: str
    contract: int
    contract_number: str
    title: str
    confidential: bool
    who: Name
    department: Name
    form: str
    copy_number: int | None
    purpose: str
    lent_at: datetime | None
    due_on: date | None
    returned_at: datetime | None
    fate: str

    @property
    def days_late(self) -> int:
        if self.due_on is None or self.returned_at is not None or self.fate == "lost":
            return 0
        return max((clock.today() - self.due_on).days, 0)

    @property
    def is_red(self) -> bool:
        return self.days_late > 0 and self.days_late >= red_days()


_LENT = """
SELECT k.id, k.number, k.state, c.id, c.number, c.title, c.confidential, p.name, p.name_en, d.name, d.name_en, l.form,
    l.copy_number, l.purpose, l.lent_at, l.due_on, l.returned_at, l.fate
FROM loans l JOIN cases k ON k.id = l.case_id JOIN contracts c ON c.id = l.contract_id
JOIN persons p ON p.id = k.requester_id JOIN departments d ON d.id = p.department_id
WHERE {} AND EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN ({})) AND {} AND {}
ORDER BY {} LIMIT ?
"""
_LATER = "(l.due_on, k.id) > (SELECT x.due_on, x.case_id FROM loans x WHERE x.case_id = ?)"
_IS_OUT = "l.lent_at IS NOT NULL AND l.returned_at IS NULL AND l.fate = ''"
TABS: dict[str, Words] = {
    "open": _("Running"), "overdue": _("Overdue"), "red": _("Red list"), "closed": _("Closed"),
}  # fmt: skip


def _condition(tab: str) -> tuple[str, list[Any]]:
    if tab == "open":
        return f"k.state IN ({db.marks(OPEN)})", list(OPEN)
    if tab == "closed":
        return "k.closed_at IS NOT NULL AND k.number IS NOT NULL", []
    late = 1 if tab == "overdue" else max(red_days(), 1)
    return f"{_IS_OUT} AND l.due_on <= ?", [kept_day(clock.today() - timedelta(days=late))]


def loans(posts: Iterable[str], tab: str, before: int | None = None, limit: int = PAGE + 1) -> list[Lent]:
    """The loans these posts may read, of contracts they may know of: newest first, of those that are late the latest first.
    `before`: the one that was shown last."""
    posts = list(posts)
    sees, seen = seen_by(posts)
    narrowed, values = _condition(tab)
    goes_on, order = (_LATER, "l.due_on, k.id") if tab in ("overdue", "red") else ("k.id < ?", "k.id DESC")
    sql = _LENT.format(sees, db.marks(posts), goes_on if before else "? = 0", narrowed, order)
    return [_read(row) for row in db.rows(sql, *seen, *posts, before or 0, *values, limit)]


def every_loan(posts: Iterable[str], tab: str) -> Iterator[Lent]:
    """All of a list, page by page."""
    posts, before = list(posts), None
    while found := loans(posts, tab, before):
        yield from found
        before = found[-1].case


def _read(row: tuple[Any, ...]) -> Lent:
    case, number, state, contract, contract_number, title, confidential, name, name_en, unit, unit_en, form, copy, *rest = row
    purpose, lent_at, due_on, returned_at, fate = rest
    return Lent(
        case, number or "", state, contract, contract_number, title, bool(confidential), Name(name, name_en),
        Name(unit, unit_en), form, copy, purpose, lent_at and db.from_ms(lent_at), read_day(due_on),
        returned_at and db.from_ms(returned_at), fate,
    )  # fmt: skip


class Holding(NamedTuple):
    """Something of the archive that is with a person now, called as its loan is."""

    case: int
    number: str
    title: str
    form: str
    due_on: date


_HELD = f"""
SELECT k.id, k.number, k.title, l.form, l.due_on FROM loans l JOIN cases k ON k.id = l.case_id
WHERE k.requester_id = ? AND k.state IN ({db.marks(OUT)}) ORDER BY l.due_on, l.case_id
"""


def held_by(person: Person) -> list[Holding]:
    """What the person has on loan, what is due first first."""
    found = db.rows(_HELD, person.id, *OUT)
    return [Holding(case, number or "", title, form, read_day(due)) for case, number, title, form, due in found]


class Taken(NamedTuple):
    """The open loan of an original."""

    case: int
    number: str
    who: Name
    state: str

    @property
    def is_out(self) -> bool:
        return self.state in OUT


_ORIGINAL = """
SELECT k.id, k.number, p.name, p.name_en, k.state FROM loans l JOIN cases k ON k.id = l.case_id
JOIN persons p ON p.id = k.requester_id WHERE l.contract_id = ? AND l.form = 'original' AND l.is_open AND l.case_id <> ?
"""


def original_taken(contract_id: int, but: int = 0) -> Taken | None:
    """Who asked for the original, or has it; `but` is the loan that asks."""
    found = db.row(_ORIGINAL, contract_id, but)
    return Taken(found[0], found[1] or "", Name(found[2], found[3]), found[4]) if found else None


class OpenLoan(NamedTuple):
    """A loan of a contract that is asked for or out, as the contract's page shows it."""

    case: int
    number: str
    who: Name
    state: str
    form: str
    copy_number: int | None
    due_on: date | None
    is_mine: bool

    @property
    def is_late(self) -> bool:
        return self.due_on is not None and self.due_on < clock.today()


def open_loans_of(contract_id: int, person: Person | None = None) -> list[OpenLoan]:
    """The loans of a contract that are asked for or out; `person` is who looks."""
    return [
        OpenLoan(
            each.case, each.number, each.who, each.state, each.form, each.copy_number, each.due_on,
            person is not None and each.requester == person.id,
        )
        for each in open_papers(contract_id)
        if each.kind == "loan" and each.state in OPEN
    ]  # fmt: skip


_LATE = f"""
SELECT l.case_id, l.due_on, l.reminded_for, l.escalated_for FROM loans l JOIN cases k ON k.id = l.case_id
WHERE k.state IN ({db.marks(OUT)}) AND l.due_on <= ? ORDER BY l.case_id
"""


def due_loans() -> list[tuple[int, date, bool, bool]]:
    """The loans due today or before: case, due day, whether the borrower was reminded of that day, whether the head heard."""
    found = db.rows(_LATE, *OUT, kept_day(clock.today()))
    return [(case, read_day(due), reminded == due, told == due) for case, due, reminded, told in found]


_CONSENT = """
SELECT by_id, post FROM events WHERE thing = 'case' AND thing_id = ? AND action = 'approve' ORDER BY n DESC LIMIT 1
"""


def consent_of(case_id: int) -> tuple[int, str] | None:
    """Who consented to the loan last, and in which post."""
    found = db.row(_CONSENT, case_id)
    return (found[0], found[1]) if found else None


def asked_longer(case_id: int) -> bool:
    return bool(db.row("SELECT 1 FROM events WHERE thing = 'case' AND thing_id = ? AND action = 'ask_longer' LIMIT 1", case_id))


def title_for(contract: Contract) -> str:
    """What a paper about the contract is called. Titles go into lists and notices: a confidential one is not named there."""
    if contract.confidential:
        return languages.here(_("A confidential contract"))
    return f"{contract.number} {contract.title}"[:120]


_BY_NUMBER = "(number = ? OR former_number = ?) AND {} ORDER BY CASE WHEN number = ? THEN 0 ELSE 1 END, id LIMIT 2"


def by_number(text: str, posts: Iterable[str]) -> Contract | None:
    """The contract of that number; of that former number, where only one had it. What these posts may not know of is none, and
    stands in no other's way."""
    number, (sees, seen) = text.upper(), seen_by(posts, "contracts")
    found = Contract.where(_BY_NUMBER.format(sees), number, text, *seen, number) if text else []
    return found[0] if found and (found[0].number == number or len(found) == 1) else None
