"""Destruction at the end of the years a contract is kept: proposed, approved twice, witnessed by two; the record stays."""

from __future__ import annotations

from collections.abc import Iterable

from portal import access, clock, contents, db, history, languages, steps
from portal.access import beneficiary, contract_archivist, dept_manager, gm, preparer, requester
from portal.attachments import Attachment
from portal.cases import Case
from portal.contents import Content
from portal.contracts.models import Contract, Destruction, DestructionLine
from portal.contracts.models_checks import unsettled_in
from portal.contracts.models_loans import open_loans_of
from portal.contracts.models_papers import Witnesses
from portal.contracts.models_retention import destroyed_elsewhere, is_due
from portal.contracts.rules_register import not_settled, set_state
from portal.flow import IN_TIME, REJECT, Act, Flow, objection, state, step
from portal.persons import Department, Person
from portal.refused import Mistyped, NotYours
from portal.words import Words, _

MOST_LINES, MOST_REASON = 200, 500


# ---- what is proposed -----------------------------------------------------------------------------------------------


def destruction_content(department: Department, contracts: Iterable[Contract], reason: str) -> Content:
    title = languages.here(_("Destruction of contracts of %(department)s", department=department.called))
    return Content(title[:120], {"reason": reason}, [{"contract": each} for each in contracts], department=department)


def check_destruction(person: Person, content: Content) -> None:
    """The archivist proposes what is due, of one owner department each time."""
    if contract_archivist.key not in access.posts_of(person):
        raise NotYours(_("Only the contract archivist proposes what is destroyed."))
    if not 0 < len(content.detail["reason"]) <= MOST_REASON:
        raise Mistyped(_("Say why, in at most %(most)s characters.", most=MOST_REASON), "reason")
    if not 0 < len(content.lines) <= MOST_LINES:
        raise Mistyped(_("Choose from 1 to %(most)s contracts.", most=MOST_LINES), "contract")
    assert content.department is not None
    for line in content.lines:
        contract = line["contract"]
        if contract.department_id != content.department.id:
            raise Mistyped(_("%(number)s belongs to another department.", number=contract.number), "contract")
        if why := why_not_destroyed(contract):
            raise Mistyped(why, "contract")


@db.transaction
def propose(person: Person, content: Content, token: str) -> Case:
    """The paper, submitted at once; sent twice it is one."""
    case = contents.create(DESTRUCTION, person, content, token)
    return steps.take(person, case.id, "submit", (case.state, case.version)) if case.state == DESTRUCTION.first else case


def why_not_destroyed(contract: Contract, case_id: int = 0) -> Words | None:
    """What stands against destroying it now; `case_id` is the paper that proposes it."""
    number = contract.number
    if contract.state == "flagged":
        return _("%(number)s is under investigation; close its incidents first.", number=number)
    if contract.state == "destroyed":
        return _("%(number)s was destroyed already.", number=number)
    if not is_due(contract):
        return _("%(number)s must be kept longer.", number=number)
    if loans := open_loans_of(contract.id):
        return _("%(number)s is on loan with %(loan)s; it must come back first.", number=number, loan=loans[0].number)
    if elsewhere := destroyed_elsewhere(contract.id, case_id):
        return _("%(number)s stands in %(paper)s already.", number=number, paper=elsewhere)
    return None


@objection(_("a contract on it must be kept"))
def must_be_kept(act: Act) -> Words | None:
    return next((why for line in act.lines if (why := why_not_destroyed(line.contract, act.case.id))), None)


@objection(_("who takes the step may not know of a contract on it"))
def may_not_know(act: Act) -> Words | None:
    """One became confidential or went to another owner: nobody signs for what they do not see."""
    if act.person is None or not access.withheld(act.posts, [act.case]):
        return None
    return _("Something on this list is not yours to see any more, so somebody else signs for it.")


@objection(_("a contract on it is still to be counted in the check that is going on"))
def must_be_counted(act: Act) -> Words | None:
    listed = ((line.contract.number, unsettled_in(line.contract_id)) for line in act.lines)
    return next((not_settled(number, check) for number, check in listed if check), None)


# ---- witnessed ------------------------------------------------------------------------------------------------------


def call_witnesses(act: Act) -> None:
    """They are those whom the paper names besides who asks: it waits for both."""
    given: Witnesses = act.given
    assert given.first and given.second
    act.case.beneficiary, act.case.preparer = given.first, given.second
    Destruction.update(first_witness=given.first, second_witness=given.second).where(Destruction.case == act.case).execute()


def dismiss_witnesses(act: Act) -> None:
    act.case.beneficiary = act.case.preparer = act.case.requester
    Destruction.update(first_witness=None, second_witness=None).where(Destruction.case == act.case).execute()


def destroy(act: Act) -> None:
    """With the second signature: scans go off the page, their content stays for the record, and so does the register."""
    signed = db.row("SELECT COUNT(*) FROM tasks WHERE case_id = ? AND closed IS NULL", act.case.id)
    if signed and signed[0] > 1:
        return
    now = clock.now()
    for line in act.lines:
        contract = Contract.get_by_id(line.contract_id)
        scans = (Attachment.thing == "contract") & (Attachment.thing_id == contract.id) & Attachment.removed_at.is_null()
        for scan in Attachment.select().where(scans):
            Attachment.update(removed_at=now).where(Attachment.id == scan.id).execute()
            facts = {"file": scan.name, "attachment": scan.id}
            history.record(contract, "detach", act.person, before=contract.state, after=contract.state, data=facts)
        set_state(contract, "destroyed", "destroy", act.person, act.case.number or "", among=("in_archive", "withdrawn"))
    Destruction.update(destroyed_at=now).where(Destruction.case == act.case).execute()


# ---- the flow -------------------------------------------------------------------------------------------------------

SIGNED = [may_not_know, must_be_kept]
CANCEL = step("cancel", "cancelled", who=requester, note=True, look="quiet")

DESTRUCTION = Flow(
    "destruction",
    state("draft", requester, step("submit", "submitted", unless=[must_be_kept], look="primary"), CANCEL),
    state(
        "submitted", dept_manager.or_else(gm), step("endorse", "endorsed", unless=SIGNED, look="primary"), REJECT, CANCEL,
        label=_("With the owner's head"), due=IN_TIME,
    ),
    state(
        "endorsed", gm.or_else(),
        step("approve", "approved", unless=SIGNED, apart_from=["endorse"], confirm=True, look="primary"), REJECT, CANCEL,
        label=_("With the general manager"), due=IN_TIME,
    ),
    state(
        "approved",
        contract_archivist,
        step(
            "call_witnesses", "witnessing", form=Witnesses, then=[call_witnesses], label=_("Call two witnesses"),
            said=_("%(who)s called two witnesses"), look="primary",
        ),
        CANCEL,
        label=_("To be destroyed"),
        carries_out=True,
    ),
    state(
        "witnessing",
        beneficiary,
        preparer,
        step(
            "witness", "destroyed", each=True, unless=[*SIGNED, must_be_counted], then=[destroy], confirm=True,
            label=_("Sign: I saw it destroyed"), said=_("%(who)s saw it destroyed"), look="primary",
        ),
        step(
            "dismiss", "approved", who=requester, then=[dismiss_witnesses], note=True, label=_("Call others"),
            said=_("%(who)s calls other witnesses"), look="quiet",
        ),
        label=_("Being destroyed before two witnesses"),
        tone="amber",
        due=IN_TIME,
    ),
    state("destroyed", label=_("Destroyed"), tone="green"),
    state("rejected", tone="red"),
    state("cancelled"),
    prefix="CD",
    label=_("Destruction of contracts"),
    detail=Destruction,
    lines=DestructionLine,
    reads=(contract_archivist, dept_manager, gm),
    checks=(check_destruction,),
    icon="trash-2",
    about=_("Contracts kept for as long as they must be are destroyed before two witnesses; their record stays in the register."),
)  # fmt: skip
