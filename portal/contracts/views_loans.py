"""Pages of loans and incidents: the papers, their lists, the red list, and what a contract's own page tells of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import request

from portal import clock, kinds
from portal.access import any_of, contract_archivist, dept_manager, everyone, exec_in_charge, gm
from portal.cases import Case
from portal.contracts.forms_loans import FindingsForm, HandOutForm, IncidentForm, LoanForm, TakeBackForm
from portal.contracts.models import FORMS, Contract, is_seen, may_open_scans
from portal.contracts.models_incidents import KINDS, OUTCOMES, every_incident, incidents, open_incidents_of
from portal.contracts.models_incidents import TABS as INCIDENT_TABS
from portal.contracts.models_incidents import Told as ToldIncident
from portal.contracts.models_loans import (
    CONDITIONS,
    FATES_SAID,
    OUT,
    PAGE,
    TABS,
    Lent,
    every_loan,
    held_by,
    loans,
    open_loans_of,
    red_days,
)
from portal.contracts.models_papers import Findings, HandOut, TakeBack
from portal.contracts.models_register import around
from portal.contracts.rules_incidents import INCIDENT
from portal.contracts.rules_loans import LOAN
from portal.contracts.views_finding import ARCHIVE, take_away
from portal.contracts.views_register import BUTTONS, PARTS, Button, Part, pages
from portal.flow import Act
from portal.inbox.models import BELONGINGS, WORKING_LISTS, Belonging, Kept, WorkingList
from portal.kinds import Kind
from portal.languages import here
from portal.persons import Person
from portal.web import NAVIGATION, Link, asked, holds, me, my_posts, page, page_case, page_key, with_filters
from portal.words import Words, _

LOOKS_INTO = any_of(contract_archivist, gm, dept_manager, exec_in_charge)
NAVIGATION.append(Link(_("Loans of contracts"), "contracts.loan_index", "book-open", ARCHIVE, place=62))
NAVIGATION.append(Link(_("Incidents"), "contracts.incident_index", "triangle-alert", ARCHIVE, place=65))
WORKING_LISTS += [
    WorkingList(_("Contracts to hand out"), "loan", "approved", any_of(contract_archivist), "book-open"),
    WorkingList(_("Contracts on loan"), "loan", "lent", any_of(contract_archivist), "book-open"),
    WorkingList(_("Loans of contracts to consent to"), "loan", "submitted", any_of(dept_manager, exec_in_charge), "book-open"),
    WorkingList(_("Originals to consent to"), "loan", "special", any_of(gm), "book-open"),
    WorkingList(_("Incidents to look into"), "incident", "opened", any_of(contract_archivist), "triangle-alert"),
    WorkingList(_("Incidents to close"), "incident", "closing", any_of(dept_manager, exec_in_charge), "triangle-alert"),
]


def _kept(person: Person) -> list[Kept]:
    return [
        Kept(f"{each.title} · {each.number}", f"/papers/{each.case}", until=clock.end_of(each.due_on)) for each in held_by(person)
    ]


BELONGINGS.append(Belonging(_("Contracts on loan to me"), "book-open", _kept))


# ---- the papers -----------------------------------------------------------------------------------------------------


def seen_contract(contract: Contract) -> Contract | None:
    """The contract of a paper, for who may know of it: one that became confidential meanwhile is not named there any more."""
    return contract if is_seen(contract, my_posts()) else None


def loan_body(case: Case, person: Person) -> dict[str, Any]:
    paper = Act(case, person).paper
    return {
        "contract": seen_contract(paper.contract),
        "forms": FORMS,
        "conditions": CONDITIONS,
        "fates": FATES_SAID,
        "late": (clock.today() - paper.due_on).days if paper.due_on and case.state in OUT else 0,
        "is_out": case.state in OUT,
        "has_copy": case.state in OUT and paper.form == "copy",
        "has_scan": case.state in OUT and around(paper.contract_id).scans,
        "opens_copy": is_seen(paper.contract, my_posts()) and (person.id == case.requester_id or holds(contract_archivist)),
        "waits_for_consent": case.state in ("submitted", "confidential", "special"),
    }


kinds.register(
    Kind(
        flow=LOAN,
        form=LoanForm,
        folder="contracts",
        new=_("Borrow a contract"),
        about=_("For the work only. You get a photocopy with your purpose on every page; it comes back to the archive."),
        extra=loan_body,
        tone="blue",
    )
)
kinds.step_form(HandOut, HandOutForm)
kinds.step_form(TakeBack, TakeBackForm)


def incident_body(case: Case, person: Person) -> dict[str, Any]:
    paper = Act(case, person).paper
    return {
        "contract": seen_contract(paper.contract),
        "kinds_said": KINDS,
        "outcomes": OUTCOMES,
    }


kinds.register(
    Kind(
        flow=INCIDENT,
        form=IncidentForm,
        folder="contracts",
        new=_("Tell of loss or damage"),
        about=_("A contract is lost or damaged: it is under investigation until the head where it happened closes the incident."),
        may_start=any_of(contract_archivist),
        extra=incident_body,
        tone="rose",
        why_not=lambda person: _("Only the contract archivist opens an incident."),
        is_for_another=False,
    )
)
kinds.step_form(Findings, FindingsForm)


# ---- lists ----------------------------------------------------------------------------------------------------------

_LOAN_COLUMNS: list[Words] = [
    _("Loan"), _("Contract number"), _("Contract title"), _("Borrower"), _("Department"), _("Form"), _("Number of the copy"),
    _("Purpose"), _("Status"), _("Lent on"), _("Due back on"), _("Days late"), _("Returned on"), _("What became of it"),
]  # fmt: skip


@pages.get("/contracts/loans", may=everyone)
def loan_index() -> Any:
    """The loans one may read: the archivist's and the general manager's are all, a head's those of the department."""
    tab = asked("tab", TABS, "open")
    if kind := asked("export", ("csv", "xlsx")):
        return take_away(here(_("Loans of contracts")), _LOAN_COLUMNS, map(_loan_cells, every_loan(my_posts(), tab)), kind)
    rows = loans(my_posts(), tab, page_case())
    return page(
        "contracts/loans.html",
        tab=tab,
        tabs=_tabs("/contracts/loans", TABS, tab),
        rows=rows[:PAGE],
        states=LOAN.states,
        forms=FORMS,
        fates=FATES_SAID,
        red=red_days(),
        older=with_filters(before=rows[PAGE - 1].case) if len(rows) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
    )


def _tabs(path: str, labels: dict[str, Words], current: str) -> list[dict[str, Any]]:
    return [{"label": label, "url": f"{path}?tab={name}", "current": name == current} for name, label in labels.items()]


def _day(moment: datetime | None) -> Any:
    return clock.local(moment).date() if moment else None


def _loan_cells(each: Lent) -> list[Any]:
    return [
        each.number, each.contract_number, each.title, here(each.who), here(each.department), FORMS[each.form], each.copy_number,
        each.purpose, LOAN.states[each.state].label, _day(each.lent_at), each.due_on, each.days_late or None,
        _day(each.returned_at), FATES_SAID.get(each.fate, ""),
    ]  # fmt: skip


_INCIDENT_COLUMNS: list[Words] = [
    _("Incident"), _("Contract number"), _("Contract title"), _("Loss or damage"), _("Department"), _("Status"), _("Opened on"),
    _("Closed on"), _("Days"), _("Who answers for it"), _("Decision"),
]  # fmt: skip


@pages.get("/contracts/incidents", may=LOOKS_INTO)
def incident_index() -> Any:
    tab = asked("tab", INCIDENT_TABS, "open")
    if kind := asked("export", ("csv", "xlsx")):
        rows = map(_incident_cells, every_incident(my_posts(), tab))
        return take_away(here(_("Incidents")), _INCIDENT_COLUMNS, rows, kind)
    found = incidents(my_posts(), tab, page_key())
    return page(
        "contracts/incidents.html",
        tabs=_tabs("/contracts/incidents", INCIDENT_TABS, tab),
        rows=found[:PAGE],
        states=INCIDENT.states,
        kinds_said=KINDS,
        may_start=holds(contract_archivist),
        older=with_filters(before=found[PAGE - 1].case) if len(found) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
    )


def _incident_cells(each: ToldIncident) -> list[Any]:
    return [
        each.number, each.contract_number, each.title, KINDS[each.kind], here(each.department), INCIDENT.states[each.state].label,
        _day(each.opened), _day(each.closed), each.days_open, here(each.responsible) if each.responsible else "", each.decision,
    ]  # fmt: skip


# ---- on the contract's own page -------------------------------------------------------------------------------------


def _borrow(contract: Contract) -> list[Button]:
    if contract.state != "in_archive":
        return []
    return [Button(_("Borrow"), f"/papers/new/loan?contract={contract.id}", "book-open")]


def _out(contract: Contract) -> list[Part]:
    """Who has the original is told to all who may know of it; who has a copy, to those who may open its scans, and to oneself."""
    there = around(contract.id)
    found = open_loans_of(contract.id, me()) if there.papers else []
    if not may_open_scans(contract, my_posts()):
        found = [each for each in found if each.form == "original" or each.is_mine]
    opened = open_incidents_of(contract.id) if there.papers and holds(contract_archivist, gm) else []
    if not found and not opened:
        return []
    values = {"open_loans": found, "loan_states": LOAN.states, "loan_forms": FORMS, "opened_incidents": opened}
    return [Part("contracts/_out.html", values, top=True)]


BUTTONS.append(_borrow)
PARTS.append(_out)
