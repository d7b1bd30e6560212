"""What papers of the archive say, and what is given with their steps: the shapes that forms fill and rules judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from portal import access, clock, languages
from portal.access import contract_archivist
from portal.cases import Case
from portal.contents import Content
from portal.contracts.models import Contract, is_seen
from portal.contracts.models_checks import had_contracts, half_now, is_opened
from portal.contracts.models_incidents import OUTCOMES
from portal.contracts.models_loans import CONDITIONS, FATES, title_for
from portal.flow import Act
from portal.persons import Department, Person
from portal.refused import Mistyped
from portal.words import _

LONG, SHORT = 1000, 500
BY_HAND_DAYS = 14  # how long a check may take that was opened for no half-year


# ---- loans ----------------------------------------------------------------------------------------------------------


def loan_content(contract: Contract, form: str = "copy", purpose: str = "", reason: str = "") -> Content:
    """A loan of a confidential contract is a paper of its owner's department, so that nobody else reads it."""
    detail = {"contract": contract, "form": form, "purpose": purpose, "reason": reason if form == "original" else ""}
    return Content(title_for(contract), detail, department=contract.department if contract.confidential else None)


@dataclass(frozen=True)
class HandOut:
    """How many pages the borrower gets."""

    pages: int | None = None

    def why_not(self, act: Act) -> None:
        whole = act.paper.contract.pages
        if self.pages is None or not 1 <= self.pages <= whole:
            raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=1, most=whole), "pages")


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


# ---- incidents ------------------------------------------------------------------------------------------------------


def incident_content(
    contract: Contract, kind: str, department: Department, cause: str = "", source: Case | None = None
) -> Content:
    """What happened to which contract, and where. Of a confidential one only its owner's department hears."""
    where = contract.department if contract.confidential else department
    detail = {"contract": contract, "kind": kind, "source": source, "cause": cause}
    return Content(title_for(contract), detail, department=where)


@dataclass(frozen=True)
class Findings:
    """How it came about, what was done, who answers for it, what is decided, and what takes its place."""

    cause: str = ""
    handling: str = ""
    responsible: Person | None = None
    decision: str = ""
    replacement: str = ""
    outcome: str = "kept"

    def why_not(self, act: Act) -> None:
        for name, most in (("cause", LONG), ("handling", LONG), ("decision", LONG), ("replacement", SHORT)):
            text = getattr(self, name)
            if not text and name != "replacement":
                raise Mistyped(_("Fill this in."), name)
            if len(text) > most:
                raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=most, are=len(text)), name)
        if self.outcome not in OUTCOMES:
            raise Mistyped(_("Choose one of the list."), "outcome")


# ---- checks ---------------------------------------------------------------------------------------------------------


def check_content() -> Content:
    """What it is called and by when it is due, as it would be begun today."""
    half, due = check_due()
    title = _("Archive check %(half)s", half=half) if half else _("Archive check of %(day)s", day=clock.today())
    return Content(languages.here(title), {"half": "", "opened_on": clock.today(), "due_on": due})


def check_due() -> tuple[str, date]:
    """A check begun in the days before a half-year's is due is that half-year's."""
    half, today = half_now(), clock.today()
    if is_opened(half) or not (half.due_on >= today or had_contracts(half.due_on)):
        return "", today + timedelta(days=BY_HAND_DAYS)
    return half.name, max(half.due_on, today)


# ---- custody and retention ------------------------------------------------------------------------------------------


def handover_content(outgoing: Person, incoming: Person) -> Content:
    title = languages.here(_("Archive: %(outgoing)s to %(incoming)s", outgoing=outgoing.called, incoming=incoming.called))
    return Content(title[:120], {"outgoing": outgoing, "incoming": incoming}, beneficiary=incoming)


@dataclass(frozen=True)
class Witnesses:
    """The two who see it destroyed."""

    first: Person | None = None
    second: Person | None = None

    def why_not(self, act: Act) -> None:
        if self.first and self.second and self.first.id == self.second.id:
            raise Mistyped(_("Two people see it destroyed: choose somebody else."), "second")
        for name, person in (("first", self.first), ("second", self.second)):
            if person is None or not person.active:
                raise Mistyped(_("Choose who sees it destroyed."), name)
            posts = access.posts_of(person)
            if person.id == act.case.requester_id or contract_archivist.key in posts:
                raise Mistyped(_("Somebody other than the archivist sees it destroyed."), name)
            if not all(is_seen(line.contract, posts) for line in act.lines):
                raise Mistyped(_("%(who)s may not know of a contract on this list.", who=person.called), name)
