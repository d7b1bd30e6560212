"""Papers a department hands over: nothing is a contract of the archive until the archivist has registered it (CON-15)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portal import access, attachments
from portal.access import contract_archivist, requester
from portal.contents import Content
from portal.contracts.models import ContractLink, Intake
from portal.contracts.rules_confidential import conceal_now
from portal.contracts.rules_register import register
from portal.contracts.rules_scans import SCAN
from portal.flow import IN_TIME, REJECT, RETURN, WITHDRAW, Act, Flow, state, step
from portal.persons import Person
from portal.refused import Mistyped, NotYours
from portal.words import _


@dataclass(frozen=True)
class Registered:
    """What the archivist writes into the register of it."""

    values: dict[str, Any]
    parties: list[str]
    files: list[int] = field(default_factory=list)  # which of its files become scans of the contract

    def why_not(self, _act: Act) -> None:
        """The register itself says what cannot stand in it."""


def check_intake(person: Person, content: Content) -> None:
    """However the paper comes about."""
    if contract_archivist.key in access.posts_of(person):
        raise NotYours(_("You keep the register: register the contract there."))
    for name, most in (("partner", 120), ("group_file", 60), ("note", 500)):
        if len(content.detail[name]) > most:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=most, are=len(content.detail[name])), name)
    if not content.detail["partner"]:
        raise Mistyped(_("Say with whom the contract is."), "partner")


def put_into_register(act: Act) -> None:
    """The contract with its number; the papers handed over become its scans and stay on the paper as well."""
    assert act.person is not None
    given: Registered = act.given
    contract = register(act.person, given.values, given.parties)
    ContractLink.add(contract=contract.id, case=act.case, note="")
    for file in attachments.of("case", act.case.id):
        if file.id in given.files and "." + file.name.rpartition(".")[2] in SCAN.extensions:
            attachments.also_of("contract", contract.id, "scan", file, act.person)
    Intake.update(contract=contract.id).where(Intake.case == act.case).execute()
    act.data["contract"] = contract.id
    if contract.confidential:
        conceal_now(act, contract)


INTAKE = Flow(
    "intake",
    state("draft", requester, step("submit", "submitted", look="primary", label=_("Hand over")), editable=True),
    state(
        "submitted",
        contract_archivist,
        step(
            "register", "registered", form=Registered, then=[put_into_register], look="primary", label=_("Register"),
            said=_("%(who)s entered it in the contract register"), rules=("CON-01", "CON-15"),
        ),
        RETURN,
        REJECT,
        WITHDRAW,
        label=_("Handed over"),
        due=IN_TIME,
        carries_out=True,
    ),
    state("registered", label=_("Registered"), tone="green"),
    state("rejected", tone="red"),
    prefix="IN",
    label=_("Papers for the contract archive"),
    detail=Intake,
    reads=(contract_archivist,),
    checks=(check_intake,),
    icon="inbox",
    about=_("A contract and its papers handed to the archive: the archivist registers them, and their scans with them."),
    rules=("CON-15", "CON-16"),
)  # fmt: skip
