"""What the archivist does with a loan: handing it out, taking it back, writing down that it is lost (CON-10, CON-11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portal import clock, db, history
from portal.contracts.models import Contract, Loan
from portal.contracts.models_loans import CONDITIONS, FATES, loan_days
from portal.contracts.rules_incidents import open_incident
from portal.flow import Act
from portal.refused import Mistyped
from portal.words import _

# ---- handed out -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HandOut:
    """How many pages the borrower gets."""

    pages: int | None = None

    def why_not(self, act: Act) -> None:
        whole = act.paper.contract.pages
        if self.pages is None or not 1 <= self.pages <= whole:
            raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=1, most=whole), "pages")


_NEXT_COPY = "UPDATE contracts SET copies = copies + 1 WHERE id = ? RETURNING copies"


def hand_out(act: Act) -> None:
    """A photocopy gets the contract's next copy number; either is due after the days of the policy."""
    paper = act.paper
    act.given.why_not(act)
    number = db.row(_NEXT_COPY, paper.contract_id)[0] if paper.form == "copy" else None  # type: ignore[index]
    due = clock.today() + timedelta(days=loan_days())
    values = {"copy_number": number, "pages_out": act.given.pages, "lent_at": clock.now(), "due_on": due}
    Loan.update(**values).where(Loan.case == act.case).execute()
    act.data |= {"copy": number, "pages": act.given.pages, "due": due}
    _tell_contract(act, "lend", copy=number, due=due)


def _tell_contract(act: Act, action: str, **facts: Any) -> None:
    """The history of the contract says where its original went."""
    if act.paper.form == "original":
        contract = Contract.get_by_id(act.paper.contract_id)
        told = {"loan": act.case.id, "number": act.case.number} | facts
        history.record(contract, action, act.person, before=contract.state, after=contract.state, data=told)


def until_due(act: Act) -> Any:
    due = Loan.get_by_id(act.case.id).due_on
    return clock.end_of(due) if due else clock.FAR_FUTURE


# ---- taken back, or lost --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TakeBack:
    """How many pages came back and in which condition; a photocopy may be destroyed instead."""

    pages: int | None = None
    condition: str = "good"
    fate: str = "returned"

    def why_not(self, act: Act) -> None:
        out = act.paper.pages_out or 0
        if self.pages is None or not 0 <= self.pages <= out:
            raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=0, most=out), "pages")
        if self.condition not in CONDITIONS:
            raise Mistyped(_("Choose one of the list."), "condition")
        if self.fate not in FATES or (self.fate == "destroyed" and act.paper.form == "original"):
            raise Mistyped(_("Only a photocopy is destroyed; an original comes back into the archive."), "fate")


def take_back(act: Act) -> None:
    """Missing pages or damage open an incident with the return, or nothing is returned."""
    given: TakeBack = act.given
    given.why_not(act)
    values = {"pages_back": given.pages, "condition": given.condition, "fate": given.fate, "returned_at": clock.now()}
    Loan.update(**values).where(Loan.case == act.case).execute()
    act.data |= {"pages": given.pages, "condition": given.condition, "fate": given.fate}
    _tell_contract(act, "take_back", pages=given.pages, condition=given.condition)
    assert given.pages is not None and act.person is not None
    kind = "pages" if given.pages < act.paper.pages_out else "damaged" if given.condition == "damaged" else ""
    if kind:
        opened = open_incident(act.paper.contract, kind, act.person, act.case.department, act.case, act.note[:1000])
        act.data["incident"] = opened.id


def lose(act: Act) -> None:
    assert act.person is not None
    Loan.update(fate="lost").where(Loan.case == act.case).execute()
    _tell_contract(act, "lose")
    opened = open_incident(act.paper.contract, "lost", act.person, act.case.department, act.case, act.note[:1000])
    act.data["incident"] = opened.id


# ---- from an earlier register ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entered:
    """A loan as an earlier register has it."""

    lent_on: date
    due_on: date
    pages: int
    copy_number: int | None = None

    def why_not(self, act: Act) -> None:
        if self.lent_on > clock.today() or self.due_on < self.lent_on:
            raise Mistyped(_("It was lent by today, and is due on that day or later."), "due_on")
        if not 1 <= self.pages <= act.paper.contract.pages:
            why = _("Write a whole number from %(least)s to %(most)s.", least=1, most=act.paper.contract.pages)
            raise Mistyped(why, "pages")


_KNOWN_COPY = "SELECT 1 FROM loans WHERE contract_id = ? AND copy_number = ?"
_LIFT_COPIES = "UPDATE contracts SET copies = ? WHERE id = ? AND copies < ?"


def enter(act: Act) -> None:
    given: Entered = act.given
    given.why_not(act)
    paper, number = act.paper, None
    if paper.form == "copy":
        number = given.copy_number
        if number is None or number < 1 or db.row(_KNOWN_COPY, paper.contract_id, number):
            number = db.row(_NEXT_COPY, paper.contract_id)[0]  # type: ignore[index]
        db.run(_LIFT_COPIES, number, paper.contract_id, number)
    lent_at = clock.start_of(given.lent_on)
    values = {"copy_number": number, "pages_out": given.pages, "lent_at": lent_at, "due_on": given.due_on}
    Loan.update(**values).where(Loan.case == act.case).execute()
    act.data |= {"copy": number, "pages": given.pages, "due": given.due_on}
