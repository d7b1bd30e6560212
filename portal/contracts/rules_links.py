"""What belongs to a contract: other contracts and papers; each end shows the other to whoever may know of it (CON-16)."""

from __future__ import annotations

from portal import access, db, history
from portal.cases import Case
from portal.contracts.models import Contract, ContractLink, is_seen
from portal.contracts.models_loans import by_number
from portal.contracts.rules_register import as_shown
from portal.persons import Person
from portal.refused import Mistyped, NotThere
from portal.words import _


@db.transaction
def link(person: Person, contract_id: int, events: int, number: str, note: str = "") -> ContractLink:
    """Ties it to the contract or the paper of that number, if the archivist may know of it."""
    contract = as_shown(person, contract_id, events)
    if len(note) > 120:
        raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=120, are=len(note)), "note")
    other, case = _named(person, number)
    if other is None and case is None:
        raise Mistyped(_("There is no contract and no paper %(number)s that you may see.", number=number[:40]), "number")
    if other is not None and other.id == contract.id:
        raise Mistyped(_("That is this contract itself."), "number")
    if _is_there(contract, other, case):
        raise Mistyped(_("%(number)s belongs to it already.", number=number[:40]), "number")
    made = ContractLink.add(contract=contract.id, other=other, case=case, note=note)
    told = {"other": other and other.id, "case": case and case.id}
    history.record(contract, "link", person, before=contract.state, after=contract.state, data=told)
    return made


def _named(person: Person, number: str) -> tuple[Contract | None, Case | None]:
    posts = access.posts_of(person)
    other = by_number(number, posts)
    if other is not None:
        return (other, None) if is_seen(other, posts) else (None, None)
    case = Case.find("number = ?", number)
    return None, case if case is not None and access.may_read(posts, case) else None


def _is_there(contract: Contract, other: Contract | None, case: Case | None) -> bool:
    if case is not None:
        return ContractLink.find("contract_id = ? AND case_id = ?", contract.id, case.id) is not None
    ends = (contract.id, other.id, other.id, contract.id)  # type: ignore[union-attr]
    return ContractLink.find("(contract_id = ? AND other_id = ?) OR (contract_id = ? AND other_id = ?)", *ends) is not None


@db.transaction
def unlink(person: Person, contract_id: int, events: int, link_id: int) -> None:
    """Takes the tie off, from either end."""
    contract = as_shown(person, contract_id, events)
    tie = ContractLink.find("id = ? AND (contract_id = ? OR other_id = ?)", link_id, contract.id, contract.id)
    if tie is None:
        raise NotThere()
    ContractLink.delete().where(ContractLink.id == tie.id).execute()
    history.record(
        contract, "unlink", person, before=contract.state, after=contract.state, data={"other": tie.other_id, "case": tie.case_id}
    )
