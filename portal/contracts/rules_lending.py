"""What the archivist does with a loan: handing it out, taking it back, writing down that it is lost (CON-10, CON-11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal import clock, db, history
from portal.contracts.models import Contract, Loan
from portal.contracts.models_loans import loan_days
from portal.contracts.models_papers import Entered, TakeBack
from portal.contracts.rules_incidents import open_incident
from portal.flow import Act

# ---- handed out -----------------------------------------------------------------------------------------------------


_NEXT_COPY = "UPDATE contracts SET copies = copies + 1 WHERE id = ? RETURNING copies"


def hand_out(act: Act) -> None:
    """A photocopy gets the contract's next copy number; either is due after the days of the policy."""
    paper = act.paper
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


def take_back(act: Act) -> None:
    """Missing pages or damage open an incident with the return, or nothing is returned."""
    given: TakeBack = act.given
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


_KNOWN_COPY = "SELECT 1 FROM loans WHERE contract_id = ? AND copy_number = ?"
_LIFT_COPIES = "UPDATE contracts SET copies = ? WHERE id = ? AND copies < ?"


def enter(act: Act) -> None:
    given: Entered = act.given
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
