"""What people type to borrow a contract, to tell of loss or damage, to hand the archive over, and with the steps of these."""

from __future__ import annotations

from typing import Any

from flask import g, request

from portal import access, db
from portal.contents import Content
from portal.contracts.models import FORMS, Contract, is_seen
from portal.contracts.models_custody import ROLE
from portal.contracts.models_incidents import KINDS, OUTCOMES
from portal.contracts.models_loans import CONDITIONS, FATES, by_number
from portal.contracts.models_papers import (
    Findings,
    HandOut,
    TakeBack,
    Witnesses,
    check_content,
    handover_content,
    incident_content,
    loan_content,
)
from portal.fields import Choice, LongText, PaperForm, Said, Text, Whole
from portal.kinds import StepForm
from portal.persons import Department, Person
from portal.refused import Mistyped, NotThere
from portal.words import Words, _


def people() -> list[tuple[int, Any]]:
    """Everybody who is here, asked once a request."""
    if "archive_people" not in g:
        found = Person.select(Person.id, Person.name, Person.name_en).where(Person.active).order_by(Person.name)
        g.archive_people = [(each.id, each.called) for each in found]
    return g.archive_people


def departments() -> list[tuple[int, Any]]:
    found = Department.select().where(Department.active, Department.kind == "department").order_by(Department.id)
    return [(each.id, each.called) for each in found]


NO_SUCH: Words = _("There is no such contract. Look it up in the register and begin on its page.")


class AboutContract(PaperForm):
    """A paper about one contract, which is named by its number; one that may not be known of is none."""

    title = None  # type: ignore[assignment]
    contract = Text(_("Contract number"), most=60, render_kw={"autocomplete": "off", "class": "in id"})
    asked_by: Person | None = None

    def prepare(self, person: Any) -> None:
        """Begun on the page of a contract, the form names it."""
        self.asked_by = person
        if not self.is_submitted() and (asked := request.args.get("contract")):
            found = Contract.find("id = ?", int(asked)) if asked.isdecimal() and asked.isascii() and len(asked) < 10 else None
            self.contract.data = self._seen(found).number

    def _seen(self, found: Contract | None) -> Contract:
        if found is None or not is_seen(found, self._posts()):
            raise NotThere()
        return found

    def _posts(self) -> list[str]:
        return list(access.posts_of(self.asked_by)) if self.asked_by else []

    def validate_contract(self, field: Any) -> None:
        """What is unknown is not shown back: nobody learns from it whether it exists."""
        try:
            self._seen(by_number(field.data or "", self._posts()))
        except NotThere:
            field.data = ""
            raise Said(NO_SUCH) from None

    def chosen(self) -> Contract:
        try:
            return self._seen(by_number(self.contract.data or "", self._posts()))
        except NotThere:
            raise Mistyped(NO_SUCH, "contract") from None

    def allow_gaps(self) -> None:
        """A draft may lack everything but the contract."""
        kept = self.contract.validators
        super().allow_gaps()
        self.contract.validators = kept

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        self.contract.data = self._seen(paper.contract).number
        for name, field in self._fields.items():
            if name not in ("contract", "token", "version") and hasattr(paper, name):
                field.process_data(getattr(paper, name))


class LoanForm(AboutContract):
    form = Choice(_("Form of the loan"), list(FORMS.items()), default="copy")
    purpose = LongText(_("Purpose"), most=500, needed=True, rows=2)
    reason = LongText(_("Why the original"), most=500, rows=2)

    def prepare(self, person: Any) -> None:
        super().prepare(person)
        self.purpose.description = _("It stands on every page of the copy.")
        self.reason.description = _("Only where a photocopy does not do. The general manager consents after your head.")

    def content(self, person: Any) -> Content:
        return loan_content(self.chosen(), self.form.data or "copy", self.purpose.data or "", self.reason.data or "")


class IncidentForm(AboutContract):
    kind = Choice(_("Loss or damage"), list(KINDS.items()))
    department = Choice(_("Where it happened"), departments, coerce=int)
    cause = LongText(_("What is known"), most=1000)

    def content(self, person: Any) -> Content:
        department = Department.get_by_id(self.department.data) if self.department.data else person.department
        return incident_content(self.chosen(), self.kind.data or "", department, self.cause.data or "")

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        super().fill(case, paper, lines)
        self.department.data = case.department_id


class CheckForm(PaperForm):
    """Nothing is typed: what is checked is what is there."""

    title = None  # type: ignore[assignment]

    def content(self, person: Any) -> Content:
        return check_content()

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        """A new check is like no other."""


class HandoverForm(PaperForm):
    title = None  # type: ignore[assignment]
    incoming = Choice(_("Who takes over"), coerce=int)

    def prepare(self, person: Any) -> None:
        self.incoming.choices = [(each.id, each.called) for each in access.holders(ROLE) if each.id != person.id]
        self.incoming.description = _("Somebody who has the role of contract archivist already.")

    def allow_gaps(self) -> None:
        """It is from somebody to somebody, or it is none."""

    def content(self, person: Any) -> Content:
        return handover_content(person, Person.get_by_id(self.incoming.data))

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        self.incoming.data = paper.incoming_id


class WrittenFromTheList(PaperForm):
    """What is destroyed is chosen on the list of what is due."""


# ---- with steps -----------------------------------------------------------------------------------------------------


_PAGES = "SELECT c.pages FROM loans l JOIN contracts c ON c.id = l.contract_id WHERE l.case_id = ?"


class HandOutForm(StepForm):
    pages = Whole(_("Pages handed out"), least=1, most=100_000)

    def begin(self, case: Any) -> None:
        """As many as the contract has."""
        (self.pages.data,) = db.row(_PAGES, case.id) or (None,)

    def given(self) -> HandOut:
        return HandOut(self.pages.data)


class TakeBackForm(StepForm):
    pages = Whole(_("Pages that came back"), least=0, most=100_000)
    condition = Choice(_("Condition"), list(CONDITIONS.items()), default="good")
    fate = Choice(_("What became of it"), list(FATES.items()), default="returned")

    def begin(self, case: Any) -> None:
        """As many as went out; an original only comes back."""
        (self.pages.data, form) = db.row("SELECT pages_out, form FROM loans WHERE case_id = ?", case.id) or (None, "")
        if form == "original":
            self.fate.choices = [each for each in self.fate.choices if each[0] != "destroyed"]

    def given(self) -> TakeBack:
        return TakeBack(self.pages.data, self.condition.data or "", self.fate.data or "")


class FindingsForm(StepForm):
    cause = LongText(_("Cause"), most=1000, needed=True)
    handling = LongText(_("How it was dealt with"), most=1000, needed=True)
    responsible = Choice(_("Who answers for it"), people, needed=False, coerce=int, empty=_("Nobody"))
    decision = LongText(_("Decision"), most=1000, needed=True)
    replacement = LongText(_("What takes its place"), most=500, rows=2)
    outcome = Choice(_("What becomes of the contract"), list(OUTCOMES.items()), default="kept")

    def given(self) -> Findings:
        person = Person.get_by_id(self.responsible.data) if self.responsible.data else None
        return Findings(
            self.cause.data or "", self.handling.data or "", person, self.decision.data or "", self.replacement.data or "",
            self.outcome.data or "",
        )  # fmt: skip


class WitnessesForm(StepForm):
    first = Choice(_("First witness"), people, coerce=int)
    second = Choice(_("Second witness"), people, coerce=int)

    def given(self) -> Witnesses:
        return Witnesses(*(Person.get_by_id(each.data) if each.data else None for each in (self.first, self.second)))
