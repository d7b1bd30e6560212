"""Papers handed to the archive as pages show them, and the form with which the archivist registers them (CON-15)."""

from __future__ import annotations

from typing import Any

from flask import request

from portal import attachments, kinds, steps
from portal.access import any_of, contract_archivist
from portal.attachments import Attachment
from portal.cases import Case
from portal.contracts.forms_register import ContractForm, IntakeForm
from portal.contracts.models import Intake, is_seen
from portal.contracts.rules_intake import INTAKE, Registered
from portal.contracts.rules_scans import SCAN
from portal.contracts.views_register import KEEPS, pages, status
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.persons import Person
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.web import filled, find_case, go_to, me, my_posts, page, tell
from portal.words import Words, _

WORKING_LISTS.append(WorkingList(_("Papers to register"), "intake", "submitted", any_of(contract_archivist), "inbox"))


def body(case: Case, person: Person) -> dict[str, Any]:
    """The contract it became is named to those who may know of it."""
    contract = Intake.get_by_id(case.id).contract
    return {"contract": contract if contract is not None and is_seen(contract, my_posts()) else None}


kinds.register(
    Kind(
        flow=INTAKE,
        form=IntakeForm,
        folder="contracts",
        new=_("Hand papers to the contract archive"),
        about=_(
            "A signed contract and its papers: the archivist registers them, and attached scans become those of the contract."
        ),
        extra=body,
        tone="violet",
    )
)
kinds.step_page(Registered, "/contracts/intake/%s/register")


@pages.form("/contracts/intake/<case_id>/register", may=KEEPS)
def register_intake(case_id: str) -> Any:
    case = find_case(case_id)
    if case.kind != INTAKE.name:
        raise NotThere()
    if case.state != "submitted":
        return go_to(f"/papers/{case.id}")
    form, why = filled(ContractForm), None
    if request.method == "GET":
        _show(form, case)
    elif form.validate():
        try:
            return _take(case, form)
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
        except NotYours:
            raise
        except Refused as refusal:
            why = refusal.why
    return _form_page(case, form, why)


def _form_page(case: Case, form: ContractForm, why: Words | None) -> Any:
    files = _scans_to_be(case)
    ticked = request.form.getlist("scan") if request.method == "POST" else [str(file.id) for file in files]
    return page(
        "contracts/intake_register.html", 409 if why else status(), case=case, form=form, why=why, contract=None, files=files,
        ticked=ticked,
    )  # fmt: skip


def _show(form: ContractForm, case: Case) -> None:
    """As the department wrote it."""
    paper = Intake.get_by_id(case.id)
    form.title.data, form.parties.data, form.group_file.data = case.title, paper.partner, paper.group_file
    form.note.data, form.department.data, form.responsible.data = paper.note, case.department_id, case.requester_id


def _take(case: Case, form: ContractForm) -> Any:
    ticked = [int(each) for each in request.form.getlist("scan") if each.isascii() and each.isdigit()]
    files = [file.id for file in _scans_to_be(case) if file.id in ticked]
    given = Registered(form.values() | {"nature": form.chosen_nature()}, form.named(), files)
    steps.take(me(), case.id, "register", (case.state, case.version), given)
    made = Intake.get_by_id(case.id).contract
    assert made is not None
    tell(_("%(number)s was entered in the register.", number=made.number))
    return go_to(f"/contracts/{made.id}")


def _scans_to_be(case: Case) -> list[Attachment]:
    """Its files that can be scans of a contract."""
    return [file for file in attachments.of("case", case.id) if file.name.endswith(SCAN.extensions)]
