"""Claims as people look at them: the requests they may stand on, what the files of their invoices say, and how old they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from peewee import ForeignKeyField, TextField

from portal import clock, db
from portal.attachments import Attachment
from portal.books.models import CashEntry
from portal.cases import Case
from portal.db import Table
from portal.expenses.models_money import LIVE_CLAIMS, ClaimLine, advances_on, approved_total, claimed_by_line, opened, standing
from portal.invoices import Read, Typed, differences
from portal.money import Money
from portal.refused import Mistyped
from portal.words import Name, Words, _, data_from_json, data_to_json


class Reading(Table):
    """What the portal read from the file of an invoice; a photo may show several."""

    attachment = ForeignKeyField(Attachment, primary_key=True)
    invoices = TextField()

    class Meta:
        table_name = "invoice_readings"


# ---- invoices -------------------------------------------------------------------------------------------------------

_LED_BY = re.compile(r"(NO\.?|N°|№|发票号码|發票號碼)?[:：]?")


def clean_number(typed: str) -> str:
    """A number as people copy it: full-width digits become plain ones; blanks, and `No.` before it, fall away."""
    plain = "".join(unicodedata.normalize("NFKC", typed).upper().split())
    return plain[_LED_BY.match(plain).end() :]  # type: ignore[union-attr]


def number_key(number: str) -> str:
    """What makes two spellings of a number the same one."""
    plain = "".join(each for each in clean_number(number) if each.isalnum())
    return plain.lstrip("0") or plain


def keep_reading(attachment: Attachment, found: Iterable[Read]) -> None:
    """Kept as pairs: a value under the name of a kind of value would be taken for one."""
    told = [[[name, value] for name, value in asdict(each).items() if value not in (None, "")] for each in found]
    Reading.add(attachment=attachment, invoices=data_to_json({"invoices": told}))


def readings(attachment_ids: Iterable[int]) -> dict[int, tuple[Read, ...]]:
    """What was read from these files, by their id; empty where nothing could be."""
    ids = sorted(set(attachment_ids))
    found = Reading.where(f"attachment_id IN ({db.marks(ids)})", *ids) if ids else []
    return {each.attachment_id: _told(each) for each in found}


def _told(reading: Reading) -> tuple[Read, ...]:
    return tuple(Read(**dict(pairs)) for pairs in data_from_json(reading.invoices)["invoices"])


def meant(number: str, found: tuple[Read, ...]) -> Read | None:
    """Which of the invoices in a file a line is about: the one of its number, else the first."""
    return next((each for each in found if number_key(each.number) == number_key(number)), found[0] if found else None)


def differing(line: ClaimLine, read: Read | None) -> list[Words]:
    """Where what was typed into a line is not what the file says."""
    if read is None or line.day is None or not line.amount:
        return []
    return differences(Typed(line.invoice_code, line.invoice_number, line.day, Money(line.amount)), read)


_EARLIER = """
SELECT case_id FROM claimed_invoices WHERE number = ? AND (code = ? OR code = '' OR ? = '') AND case_id <> ?
UNION SELECT case_id FROM claimed_files WHERE sha256 = ? AND case_id <> ? ORDER BY 1 LIMIT 1
"""


def earlier_claim(code: str, number: str, sha256: str | None, besides: int = 0) -> Case | None:
    """The claim that has this invoice or this file already. Where one of the two has no code, the number decides."""
    found = db.row(_EARLIER, number_key(number), code, code, besides, sha256 or "", besides)
    return Case.get_by_id(found[0]) if found else None


def earlier_of(line: ClaimLine, read: Read | None, besides: int) -> Case | None:
    """The claim that has the invoice of this line already: by what was typed, by what its file says, or by the file."""
    digest = line.file.sha256 if line.file else None
    told = numbers_of(line, read) or ([("", "")] if digest else [])
    return next((found for code, number in told if (found := earlier_claim(code, number, digest, besides))), None)


def numbers_of(line: ClaimLine, read: Read | None) -> list[tuple[str, str]]:
    """Code and number of the invoice of a line: as typed, and as its file says it where that is another one."""
    told = [(line.invoice_code, line.invoice_number)] if line.invoice_number else []
    if read and number_key(read.number) != number_key(line.invoice_number):
        told.append((read.code, read.number))
    return told


def read_for(lines: Iterable[ClaimLine]) -> list[tuple[ClaimLine, Read | None]]:
    """Each line with the invoice of its file that it is about."""
    lines = list(lines)
    found = readings(line.file_id for line in lines if line.file_id)
    return [(line, meant(line.invoice_number, found.get(line.file_id, ()))) for line in lines]


def twice(lines: Iterable[ClaimLine]) -> tuple[int, int] | None:
    """The first two lines of one claim that are on the same invoice, or on the same file attached twice."""
    seen: list[tuple[ClaimLine, Read | None]] = []
    for line, read in read_for(lines):
        for other, other_read in seen:
            if _is_same(line, read, other, other_read):
                return other.n, line.n
        seen.append((line, read))
    return None


def _is_same(line: ClaimLine, read: Read | None, other: ClaimLine, other_read: Read | None) -> bool:
    """On one photo may be two invoices: there what was typed decides."""
    if line.file_id and line.file_id == other.file_id:
        read = other_read = None
    elif line.file and other.file and line.file.sha256 == other.file.sha256:
        return True
    return any(
        number_key(number) == number_key(another) and (code == other_code or not code or not other_code)
        for code, number in numbers_of(line, read)
        for other_code, another in numbers_of(other, other_read)
    )


CHECKED: dict[str, Words] = {
    "approval_seen": _("The approval is present"),
    "sums_agree": _("The sums agree"),
    "receipts_valid": _("The receipts are valid, complete and tidy"),
}


# ---- what is given --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Granted:
    """What the general manager grants of each line: its number -> the amount; lines not named are granted in full."""

    lines: tuple[tuple[int, Money], ...] = ()

    def why_not(self, act: Any) -> None:
        known_lines = {line.n: line for line in act.lines}
        for n, amount in self.lines:
            if n not in known_lines or not 0 <= amount <= known_lines[n].amount:
                raise Mistyped(_("From 0 up to what is claimed can be approved of a line."), f"line_{n}")
        if not any(dict(self.lines).get(line.n, line.amount) for line in act.lines):
            raise Mistyped(_("Nothing would be left of it: reject the claim instead."))


@dataclass(frozen=True)
class Checklist:
    """What the cashier has looked at (FIN-05, FIN-17): kept with name and time."""

    approval_seen: bool = False
    sums_agree: bool = False
    receipts_valid: bool = False

    def why_not(self, act: Any) -> None:
        for field, why in _UNCHECKED.items():
            if not getattr(self, field):
                raise Mistyped(why, field)


_UNCHECKED = {
    "approval_seen": _("Tick that the approval is present, or return the claim."),
    "sums_agree": _("Tick that the sums agree, or return the claim."),
    "receipts_valid": _("Tick that the receipts are valid and complete, or return the claim."),
}


# ---- requests one may claim on --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sums:
    """What a request allows and what became of it: `here` is what the claim that is looked at comes to, of which `advance` is
    open on advances."""

    approved: Money
    claimed: Money
    here: Money
    advance: Money

    @property
    def left(self) -> Money:
        return self.approved - self.claimed - self.here

    @property
    def over_by(self) -> Money:
        return max(-self.left, Money(0))

    @property
    def from_advance(self) -> Money:
        return min(self.advance, self.here)

    @property
    def paid_out(self) -> Money:
        return self.here - self.from_advance

    @property
    def stays_open(self) -> Money:
        """What of the advances is not claimed: it is brought back where nothing more follows."""
        return self.advance - self.from_advance


def sums_of(request_id: int, here: Money, besides: int = 0) -> Sums:
    """As things stand now, for a claim of so much; without the claim `besides`."""
    claimed = sum(claimed_by_line(request_id, besides).values(), Money(0))
    advance = sum((standing(each).open for each in advances_on(request_id, ("paid", "outstanding"))), Money(0))
    return Sums(approved_total(request_id, (*opened(), "closed")), claimed, here, advance)


def lines_of_request(request_id: int) -> set[int]:
    """The budget lines that a request and those that supplement it are on, approved or not."""
    sql = "SELECT line_id FROM spendings WHERE (case_id = ? OR supplements_id = ?) AND line_id IS NOT NULL"
    return {key for (key,) in db.rows(sql, request_id, request_id)}


# ---- how old they are -----------------------------------------------------------------------------------------------

WAITING = ("submitted", "signed", "payable", "paid", "draft")  # a draft only once it was returned
_WAITING = """
SELECT k.id, k.number, k.title, k.state, k.amount, p.name, p.name_en, d.name, d.name_en, k.submitted_at, MIN(t.opened), MIN(t.due)
FROM cases k JOIN persons p ON p.id = k.requester_id JOIN departments d ON d.id = k.department_id
JOIN tasks t ON t.case_id = k.id AND t.closed IS NULL
WHERE k.kind = 'claim' AND k.closed_at IS NULL AND k.number IS NOT NULL %s
GROUP BY k.id, k.number, k.title, k.state, k.amount, p.name, p.name_en, d.name, d.name_en, k.submitted_at
ORDER BY MIN(t.opened), k.id LIMIT ?
"""


@dataclass(frozen=True)
class Waiting:
    """A claim under way, and since when it waits where it is (FIN-16)."""

    case_id: int
    number: str
    title: str
    state: str
    amount: Money
    requester: Name
    department: Name
    submitted: datetime
    since: datetime
    due: datetime | None

    @property
    def days(self) -> int:
        """How many days it has waited for this step."""
        return _days_since(self.since)

    @property
    def age(self) -> int:
        """How many days ago it was first submitted."""
        return _days_since(self.submitted)

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.due < clock.now()


def _days_since(moment: datetime) -> int:
    day: date = clock.local(moment).date()
    return (clock.today() - day).days


def waiting_claims(state: str = "", limit: int = 501) -> list[Waiting]:
    """The claims that are not through, the longest waiting first; those in one state, or all."""
    rows = db.rows(_WAITING % "AND k.state = ?", state, limit) if state else db.rows(_WAITING % "", limit)
    return [_waiting(row) for row in rows]


def _waiting(row: tuple[Any, ...]) -> Waiting:
    key, number, title, state, amount, name, name_en, department, department_en, submitted, since, due = row
    deadline = db.from_ms(due)
    return Waiting(
        key, number, title, state, Money(amount or 0), Name(name, name_en), Name(department, department_en),
        db.from_ms(submitted), db.from_ms(since), None if deadline >= clock.FAR_FUTURE else deadline,
    )  # fmt: skip


_MINE = """
SELECT id FROM cases WHERE kind IN ('claim', 'advance') AND closed_at IS NULL AND (requester_id = ? OR beneficiary_id = ?)
ORDER BY id LIMIT 201
"""


def unsettled_of(person_id: int) -> list[Case]:
    """The claims and advances of a person that are not through, the oldest first."""
    ids = [key for (key,) in db.rows(_MINE, person_id, person_id)]
    return Case.where(f"id IN ({db.marks(ids)}) ORDER BY id", *ids) if ids else []


def claims_on(request_id: int, besides: int = 0) -> list[Case]:
    """The claims on a request that were submitted and not refused, oldest first."""
    return Case.where(
        f"id <> ? AND state IN ({db.marks(LIVE_CLAIMS)}) AND id IN (SELECT case_id FROM claims WHERE request_id = ?) ORDER BY id",
        besides, *LIVE_CLAIMS, request_id,
    )  # fmt: skip


def payments_on(case: Case) -> list[CashEntry]:
    """What was paid on a claim, in order."""
    return CashEntry.where("case_id = ? ORDER BY day, id", case.id)
