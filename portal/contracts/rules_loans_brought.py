"""Loans that were open before the portal: brought with the register, lent from then on like any other (CON-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from portal import access, clock, db
from portal.contracts.models import FORMS, Contract, Loan, is_seen
from portal.contracts.models_loans import OUT, loan_days
from portal.contracts.models_papers import Entered
from portal.contracts.rules_loans import enter_open_loan, why_taken
from portal.imports import Row, RowError
from portal.languages import say
from portal.persons import LANGUAGES, Person
from portal.words import Words, _

LOAN_COLUMNS: dict[str, Words] = {
    "borrower": _("Borrower"),
    "lent_on": _("Lent on"),
    "due_on": _("Due on"),
    "copy_number": _("Number of the copy"),
    "loan_form": _("Form of the loan"),
    "purpose": _("Purpose"),
}


@dataclass(frozen=True)
class BroughtLoan:
    """Who has it, since when and until when; an original has no copy number."""

    borrower: Person
    form: str
    lent_on: date
    due_on: date
    copy_number: int | None
    purpose: str


def read_loan(row: Row, people: Mapping[str, Person], contract: Contract, days: Mapping[str, date | None]) -> BroughtLoan | None:
    """The loan a row tells of; none where it names no borrower, or where the portal has that loan already. `contract` is as the
    row describes it, without an id where it is not in the register yet."""
    typed = row.text("borrower")
    if not typed:
        return None
    borrower = people.get(typed.casefold())
    if borrower is None:
        raise RowError(row.number, "borrower", _("There is nobody called %(name)s, or more than one.", name=typed))
    form, contract_id = _form(row), contract.get_id()
    if contract_id and db.row(_HAS_IT, contract_id, borrower.id, form, *OUT):
        return None
    if why := _why_not_lent(contract, borrower, form):
        raise RowError(row.number, "borrower", why)
    lent, due = days["lent_on"], days["due_on"]
    if lent is None or lent > clock.today():
        raise RowError(row.number, "lent_on", _("Say on which day it was lent; that day is not still to come."))
    due = due or lent + timedelta(days=loan_days())
    if due < lent:
        raise RowError(row.number, "due_on", _("It cannot be due before it was lent."))
    return BroughtLoan(borrower, form, lent, due, _copy(row, form, contract_id), row.text("purpose")[:500])


_HAS_IT = f"""
SELECT 1 FROM loans l JOIN cases k ON k.id = l.case_id
WHERE l.contract_id = ? AND k.requester_id = ? AND l.form = ? AND k.state IN ({db.marks(OUT)})
"""


def _why_not_lent(contract: Contract, borrower: Person, form: str) -> Words | None:
    """Told with the row; the loan itself asks once more when it is opened."""
    if not borrower.active:
        return _("%(person)s has left.", person=borrower.called)
    if not is_seen(contract, access.posts_of(borrower)):
        who = borrower.called
        return _(
            "%(who)s may not know of a confidential contract: bring it with its loan first, and mark it afterwards.", who=who
        )
    if contract.get_id() is None:
        return None
    if contract.state not in ("in_archive", "flagged"):
        return _("It is not in the archive any more.")
    return why_taken(contract.get_id()) if form == "original" else None


def _form(row: Row) -> str:
    """Photocopy or original, in any language; a photocopy where nothing stands."""
    typed = row.text("loan_form").casefold()
    known = {say(words, language).casefold(): key for key, words in FORMS.items() for language in LANGUAGES} | {
        key: key for key in FORMS
    }
    if typed and typed not in known:
        raise RowError(row.number, "loan_form", _("Choose one of the list."))
    return known.get(typed, "copy")


def _copy(row: Row, form: str, contract_id: int | None) -> int | None:
    if form == "original" or not row.text("copy_number"):
        return None
    number = row.whole("copy_number")
    if not 1 <= number <= 9999:
        raise RowError(row.number, "copy_number", _("Write a whole number from %(least)s to %(most)s.", least=1, most=9999))
    if contract_id and Loan.find("contract_id = ? AND copy_number = ?", contract_id, number):
        raise RowError(row.number, "copy_number", _("There is a copy %(n)s of it already.", n=number))
    return number


def bring_loan(person: Person, contract_id: int, loan: BroughtLoan) -> None:
    """Opens the loan as one that is lent already. Raises Refused as asking for it does."""
    contract = Contract.get_by_id(contract_id)
    purpose = loan.purpose or say(_("Lent before the portal"), contract.language)
    entered = Entered(loan.lent_on, loan.due_on, contract.pages, loan.copy_number)
    enter_open_loan(person, contract, loan.borrower, entered, loan.form, purpose)
