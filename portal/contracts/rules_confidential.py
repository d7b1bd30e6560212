"""What becomes of the papers about a contract when it becomes confidential, goes to another owner, or is open to all again.

From that moment on they are called, found, read and decided as papers written of a confidential contract are: title and readers
are those of such a paper, and what it says is withheld from who may not know of the contract (`models_confidential`).
A loan that was only asked for is called off where the borrower may not know of it any more. One that is out goes on: the borrower
reads on the paper what is due when, may ask for more days and gives it back. But the contract and its marked copy are there for
the three who may know of a confidential contract and for nobody else: the copy in the borrower's hands is the last.
What a paper was before stands in its history, and comes back when all may know of the contract again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal import access, db, history, steps
from portal.cases import Case, let_read, open_tasks
from portal.contracts.models import Contract, holders_of, is_seen
from portal.contracts.models_confidential import ONE, papers_about
from portal.contracts.models_loans import title_for
from portal.flow import FLOWS, Act, index, save
from portal.persons import Department, Person
from portal.refused import NotThere, SomebodyWasFirst
from portal.words import _, data_from_json


@db.transaction
def papers_follow(contract: Contract, by: Person | None) -> None:
    """Every paper about the contract as it is now: by whom it is known, and whose it is."""
    for case in papers_about(contract.id):
        if case.kind in ONE and contract.confidential:
            _conceal(case, contract, by)
        elif case.kind in ONE:
            _reveal(case, contract, by)
        index(Case.get_by_id(case.id))


def as_it_is(contract: Contract, posts: Iterable[str]) -> Contract:
    """The contract that a paper is written about, read anew. Raises NotThere for who may not know of it, and SomebodyWasFirst
    where it became confidential since: the paper would still be called after it."""
    now = Contract.get_by_id(contract.id)
    if not is_seen(now, posts):
        raise NotThere()
    if now.confidential and not contract.confidential:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))
    return now


# ---- confidential from now on ---------------------------------------------------------------------------------------


def _conceal(case: Case, contract: Contract, by: Person | None) -> None:
    gone = {post for (post,) in db.rows("SELECT post FROM readers WHERE case_id = ?", case.id)} - _stay(case, contract)
    kept = _kept(case) or {"title": case.title, "department": case.department_id, "readers": []}
    title, department = title_for(contract), contract.department if _is_the_owners(case) else case.department
    if not gone and (title, department) == (case.title, case.department):
        return
    kept["readers"] = sorted({*kept["readers"], *gone})
    case.title, case.department = title, department
    _write(case, "conceal", by, {"concealed": kept})
    case = _pass_on(case, contract)
    waiting = {post for task in open_tasks(case) for post in (task.post, task.wanted)}
    for post in gone - waiting:
        db.run("DELETE FROM readers WHERE case_id = ? AND post = ?", case.id, post)
    if case.number and case.kind != "intake":
        let_read(case, set(holders_of(contract)))


def conceal_now(act: Act, contract: Contract) -> None:
    """The same for a paper of which the contract is registered as confidential, within that step."""
    case = act.case
    act.data["concealed"] = {"title": case.title, "department": case.department_id, "readers": []}
    case.title = title_for(contract)
    index(case)


def _stay(case: Case, contract: Contract) -> set[str]:
    """Who still reads it: those who may know of the contract, and who wrote it."""
    return {*holders_of(contract), f"#{case.requester_id}"}


def _is_the_owners(case: Case) -> bool:
    """An incident is the owner department's, and so is a loan asked for while the contract was confidential; others are the
    borrower's."""
    return case.kind == "incident" or (case.kind == "loan" and case.department_id != case.requester.department_id)


def _pass_on(case: Case, contract: Contract) -> Case:
    """What waits for somebody who may not know of the contract is called off, or waits for somebody who may."""
    offered = {way.name for way in FLOWS[case.kind].state_of(case).steps}
    if "withhold" in offered and not is_seen(contract, access.posts_of(case.requester)):
        return steps.take(None, case.id, "withhold")
    return steps.take(None, case.id, "pass_on") if "pass_on" in offered else case


# ---- open to all again ----------------------------------------------------------------------------------------------


def _reveal(case: Case, contract: Contract, by: Person | None) -> None:
    """A paper that was written while the contract was confidential is called after it too, as one written now would be."""
    kept = _kept(case)
    title = title_for(contract) if case.kind != "intake" else kept["title"] if kept else case.title
    if kept is None and title == case.title:
        return
    case.title = title
    if kept:
        case.department = Department.get_by_id(kept["department"])
    _write(case, "reveal", by, {})
    let_read(case, set(kept["readers"]) if kept else set())


_LAST = """
SELECT data FROM events WHERE thing = 'case' AND thing_id = ? AND action IN ('conceal', 'reveal', 'register')
ORDER BY n DESC LIMIT 1
"""


def _kept(case: Case) -> dict[str, Any] | None:
    """What the paper was before it was concealed; none where it is not."""
    found = db.row(_LAST, case.id)
    return data_from_json(found[0]).get("concealed") if found else None


def _write(case: Case, action: str, by: Person | None, data: dict[str, Any]) -> None:
    events = case.events
    history.write(case, action, by, before=case.state, after=case.state, version=case.version, data=data)
    save(case, case.state, case.version, events)
