"""The copy that goes out: the scans under a sentence that says what for, for whom and which copy (CON-11)."""

from __future__ import annotations

from typing import IO

from portal import access, attachments, clock, db, history, languages, policies, scans
from portal.cases import Case
from portal.contracts.models import Contract, Loan, is_seen
from portal.contracts.models_loans import OUT
from portal.contracts.models_register import PARTY_SIGN
from portal.contracts.rules_finding import is_archivist
from portal.contracts.rules_register import parties_of
from portal.marks import Copy
from portal.persons import Person
from portal.refused import NotThere, NotYours, Refused
from portal.words import _


def is_lent_copy(case: Case, loan: Loan) -> bool:
    return case.state in OUT and loan.form == "copy"


def copy_of(person: Person, case_id: int) -> tuple[Contract, IO[bytes]]:
    """The contract and its marked copy as a PDF; the opening is written into the loan's history. Raises NotThere for who may not
    know of the contract, NotYours for who may not have the copy, Refused when there is none."""
    case, loan, contract = _asked(person, case_id)
    files = [each for each in attachments.of("contract", contract.id) if each.purpose == "scan"]
    if not files:
        raise Refused(_("There is no scan of it. Copy the paper, and put the cover sheet on it."))
    made = scans.marked(_described(case, loan, contract, tuple((str(attachments.path_of(each)), each.type) for each in files)))
    _record(person, case_id)
    return contract, made


def cover_of(person: Person, case_id: int) -> tuple[Contract, IO[bytes]]:
    """The cover sheet alone, for a copy that is made from paper."""
    case, loan, contract = _asked(person, case_id)
    made = scans.marked(_described(case, loan, contract, ()))
    _record(person, case_id)
    return contract, made


def _asked(person: Person, case_id: int) -> tuple[Case, Loan, Contract]:
    """The borrower has it, while a photocopy is lent to them, and the archivist, who prints it at the hand-out. Of a contract
    that became confidential meanwhile a borrower keeps the copy in hand, and prints no other."""
    case, loan = Case.get_or_none(Case.id == case_id), Loan.get_or_none(Loan.case == case_id)
    posts = access.posts_of(person)
    if case is None or loan is None or not access.may_read(posts, case) or not is_seen(loan.contract, posts):
        raise NotThere()
    if case.requester_id != person.id and not is_archivist(posts):
        raise NotYours(_("Only the borrower and the contract archivist may open the copy."))
    if not is_lent_copy(case, loan):
        raise Refused(_("There is a copy only while a photocopy is lent."))
    return case, loan, loan.contract


@db.transaction
def _record(person: Person, case_id: int) -> None:
    case, loan, _contract = _asked(person, case_id)
    history.record(
        case, "open_copy", person, before=case.state, after=case.state, version=case.version, data={"copy": loan.copy_number}
    )


def _described(case: Case, loan: Loan, contract: Contract, files: tuple[tuple[str, str], ...]) -> Copy:
    """In the contract's language, whoever prints it."""
    language = contract.language
    borrower, day = case.requester.called, clock.local(loan.lent_at).date()
    rows = [
        (_("Contract number"), contract.number),
        (_("Contract title"), contract.title),
        (_("Parties"), PARTY_SIGN.join(parties_of(contract.id))),
        (_("Borrower"), languages.text(borrower, language)),
        (_("Department"), languages.text(case.requester.department.called, language)),
        (_("Purpose"), loan.purpose),
        (_("Number of the copy"), str(loan.copy_number)),
        (_("Number of pages"), str(loan.pages_out or contract.pages)),
        (_("Lent on"), languages.day(day, language)),
        (_("Due back on"), languages.day(loan.due_on, language)),
    ]
    footer = _(
        "%(borrower)s · copy %(copy)s · %(day)s · %(number)s",
        borrower=borrower, copy=loan.copy_number, day=day, number=contract.number,
    )  # fmt: skip
    sentence = _("This copy is only for this use: %(purpose)s", purpose=" ".join(loan.purpose.split()).rstrip(" 。.；;，,"))
    closing = _("This copy is given back to the contract archivist or destroyed in front of them. It is not passed on.")
    return Copy(
        heading=languages.say(_("%(company)s: photocopy of a contract", company=policies.company_name()), language),
        sentence=languages.say(sentence, language),
        rows=tuple((languages.say(label, language), value) for label, value in rows if value),
        closing=languages.say(closing, language),
        footer=languages.say(footer, language),
        is_traditional=language == "zh-Hant",
        files=files,
    )
