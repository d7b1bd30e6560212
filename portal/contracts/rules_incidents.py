"""Loss and damage: investigated, dealt with, and closed by the head of the department where it happened (CON-03)."""

from __future__ import annotations

import secrets

from portal import clock, contents, notices, steps
from portal.access import contract_archivist, dept_manager, exec_in_charge, gm, posts_of, requester, system
from portal.cases import Case, let_read
from portal.contents import Content
from portal.contracts.models import Contract, Incident
from portal.contracts.models_incidents import KINDS, is_lost_for_good, open_incidents_of
from portal.contracts.models_papers import LONG, Findings, incident_content
from portal.contracts.rules_confidential import as_it_is
from portal.contracts.rules_register import flag, set_state, unflag
from portal.flow import IN_TIME, Act, Flow, during, objection, route, state, step
from portal.persons import Department, Person
from portal.refused import Mistyped, NotYours
from portal.words import Words, _

# ---- how one comes about --------------------------------------------------------------------------------------------


def check_incident(person: Person, content: Content) -> None:
    """However it comes about, the archivist opens it."""
    posts = posts_of(person)
    contract = as_it_is(content.detail["contract"], posts)
    if contract_archivist.key not in posts:
        raise NotYours(_("Only the contract archivist opens an incident."))
    if content.detail["kind"] not in KINDS:
        raise Mistyped(_("Choose what happened."), "kind")
    if contract.state == "destroyed":
        raise Mistyped(_("It was destroyed: its record stays as it is."), "contract")
    if len(content.detail["cause"]) > LONG:
        raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=LONG, are=len(content.detail["cause"])), "cause")


def open_incident(contract: Contract, kind: str, by: Person, department: Department, source: Case, cause: str = "") -> Case:
    """In the transaction of what brought it to light: the incident is open and the contract flagged, or nothing happened."""
    content = incident_content(contract, kind, department, cause, source)
    case = contents.create(INCIDENT, by, content, secrets.token_urlsafe(18), parent=source)
    return steps.take(None, case.id, "open")


@objection(_("the contract has an open incident already"))
def open_already(act: Act) -> Words | None:
    others = open_incidents_of(act.paper.contract_id, act.case.id)
    return _("%(number)s is open about this contract already: add to it.", number=others[0][1]) if others else None


# ---- what the archivist finds ---------------------------------------------------------------------------------------


def write_findings(act: Act) -> None:
    """Who answers for it is the one the paper is about: that person hears of it, and does not close it."""
    given: Findings = act.given
    Incident.update(
        cause=given.cause, handling=given.handling, responsible=given.responsible, decision=given.decision,
        replacement=given.replacement, outcome=given.outcome,
    ).where(Incident.case == act.case).execute()  # fmt: skip
    act.case.beneficiary = given.responsible or act.case.requester
    if given.responsible and not act.paper.contract.confidential:
        let_read(act.case, {f"#{given.responsible.id}"})
        told = _(
            "%(number)s names you as responsible for what happened to %(title)s.", number=act.case.number, title=act.case.title
        )
        notices.tell([given.responsible.id], "decided", told, act.case)


@route(_("the contract is confidential"))
def is_confidential(act: Act) -> bool:
    return bool(act.paper and act.paper.contract.confidential)


@route(_("all staff may know of the contract"))
def is_open_to_all(act: Act) -> bool:
    return not is_confidential(act)


# ---- what holds while it is open ------------------------------------------------------------------------------------


def begin_flag(act: Act) -> None:
    contract = act.paper.contract
    if contract.state in ("in_archive", "flagged"):
        source = act.paper.source
        flag(contract, act.person, source.number or "" if source else "")


def end_flag(act: Act) -> None:
    """The last incident takes the mark off, or the contract out of the archive if it is lost for good."""
    Incident.update(closed_at=clock.now()).where(Incident.case == act.case).execute()
    contract = Contract.get_by_id(act.paper.contract_id)
    if contract.state != "flagged" or open_incidents_of(contract.id, act.case.id):
        return
    number = act.case.number or ""
    if is_lost_for_good(contract.id):
        set_state(contract, "withdrawn", "withdraw", act.person, number, among=("flagged",))
    else:
        unflag(contract, act.person, number)


# ---- the flow -------------------------------------------------------------------------------------------------------

_HAND_IN = _("Hand in for closing")
_HANDED_IN = _("%(who)s wrote down cause, handling and decision")
HAND_IN = step(
    "hand_in", "closing", when=[is_open_to_all], form=Findings, then=[write_findings], label=_HAND_IN, said=_HANDED_IN,
    look="primary", rules=["CON-03"],
)  # fmt: skip
HAND_IN_TO_GM = step(
    "hand_in", "closing_by_gm", when=[is_confidential], form=Findings, then=[write_findings], label=_HAND_IN, said=_HANDED_IN,
    look="primary", rules=["CON-03"],
)  # fmt: skip
CLOSE = step(
    "close", "closed", label=_("Close the incident"), said=_("%(who)s closed the incident"), confirm=True, look="primary",
    apart_from=["hand_in"], rules=["CON-03"],
)  # fmt: skip
NOT_YET = step(
    "return", "opened", label=_("Have it looked into again"), said=_("%(who)s wants it looked into again"), note=True,
)  # fmt: skip

PASS_ON = step(
    "pass_on", "closing_by_gm", who=system, label=_("Pass it on, the contract being confidential"),
    said=_("It waits for the general manager: the contract has become confidential"),
)  # fmt: skip

INCIDENT = Flow(
    "incident",
    state(
        "draft",
        requester,
        step("submit", "opened", unless=[open_already], label=_("Open the incident"), said=_("%(who)s opened the incident")),
        step("open", "opened", who=system, label=_("Open the incident"), said=_("It was opened")),
    ),
    state(
        "opened", contract_archivist, HAND_IN, HAND_IN_TO_GM, label=_("Being looked into"), tone="amber", carries_out=True,
        due=IN_TIME,
    ),
    state(
        "closing", dept_manager.or_else(exec_in_charge, gm), CLOSE, NOT_YET, PASS_ON,
        label=_("To be closed by the department head"),
        tone="amber",
        due=IN_TIME,
    ),
    state(
        "closing_by_gm", gm.or_else(dept_manager), CLOSE, NOT_YET, label=_("With the general manager"), tone="amber", due=IN_TIME
    ),
    state("closed", label=_("Case closed"), tone="green"),
    prefix="CI",
    label=_("Incident"),
    detail=Incident,
    during=(during("opened closing closing_by_gm", begin_flag, end_flag),),
    reads=(contract_archivist, dept_manager, gm),
    checks=(check_incident,),
    icon="triangle-alert",
    about=_("Loss or damage of a contract is looked into; the head of the department where it happened closes it."),
    rules=("CON-03",),
)  # fmt: skip
