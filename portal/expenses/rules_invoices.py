"""The files of invoices: each is read when it is attached to a claim, and found out if it was claimed before (FIN-12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from portal import attachments, db, invoices
from portal.attachments import Attachment
from portal.cases import Case
from portal.expenses.models_claims import ClaimLine, earlier_claim, keep_reading, number_key
from portal.invoices import Read
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import Words, _

MOST_FILES = 20  # at once: each is opened and looked through


@dataclass(frozen=True)
class Taken:
    """A file that was kept, and the invoices that were read from it; none where it says nothing."""

    file: Attachment
    found: tuple[Read, ...]


class Claimed(Mistyped):
    """The invoice was claimed before, on the claim `earlier`, or stands on another draft of the same person."""

    def __init__(self, why: Words, earlier: Case) -> None:
        super().__init__(why, "file")
        self.earlier = earlier


def take_invoice(case: Case, name: str, stream: BinaryIO, person: Person) -> Taken:
    """Keeps the file on the claim, unless the same invoice or the same file was claimed before or stands on this claim. Raises
    Claimed, Mistyped, and what `attachments.store` raises."""
    label, content = attachments.opened("case", case.id, "invoice", name, stream, person)
    digest = attachments.sha256_of(content)
    _refuse_here(case, label, digest)
    _refuse_claimed(case, label, "", "", digest)
    found = invoices.all_in(label, content)
    for each in found:
        _refuse_here(case, label, digest, each)
        _refuse_claimed(case, label, each.code, each.number, digest)
    kept = attachments.keep("case", case.id, "invoice", label, content, person)
    _remember(kept, found)
    return Taken(kept, found)


@db.transaction
def _remember(kept: Attachment, found: tuple[Read, ...]) -> None:
    keep_reading(kept, found)


def _refuse_here(case: Case, label: str, digest: str, read: Read | None = None) -> None:
    files = attachments.of("case", case.id)
    if any(each.sha256 == digest for each in files):
        raise Mistyped(_("%(file)s is attached to this claim already.", file=label), "file")
    for line in ClaimLine.where("case_id = ? AND version = ? ORDER BY n", case.id, case.version) if read else []:
        if read and line.file_id and line.invoice_number and number_key(line.invoice_number) == number_key(read.number):
            raise Mistyped(_("The invoice in %(file)s stands on line %(n)s already.", file=label, n=line.n), "file")


def _refuse_claimed(case: Case, label: str, code: str, number: str, digest: str) -> None:
    if earlier := earlier_claim(code, number, digest, case.id):
        why = _("The invoice in %(file)s was claimed before, on %(number)s.", file=label, number=earlier.number or "")
        raise Claimed(why, earlier)
    if draft := other_draft(case, number, digest):
        why = _("The invoice in %(file)s stands on another draft of yours: “%(title)s”.", file=label, title=draft.title)
        raise Claimed(why, draft)


_DRAFTS = """
SELECT k.id, l.invoice_number, a.sha256 FROM cases k JOIN claim_lines l ON l.case_id = k.id AND l.version = k.version
LEFT JOIN attachments a ON a.id = l.file_id
WHERE k.kind = 'claim' AND k.state = 'draft' AND k.requester_id = ? AND k.id <> ? ORDER BY k.id
"""


def other_draft(case: Case, number: str, digest: str) -> Case | None:
    """Another draft of the same person on which the file or the number stands; drafts of others are nobody else's business."""
    for case_id, typed, sha256 in db.rows(_DRAFTS, case.requester_id, case.id):
        if sha256 == digest or (number and typed and number_key(typed) == number_key(number)):
            return Case.get_by_id(case_id)
    return None
