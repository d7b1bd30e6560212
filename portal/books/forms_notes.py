"""What is typed about money without a request, with its posting, and into the opening balances."""

from __future__ import annotations

from typing import Any

from flask import g
from wtforms import HiddenField

from portal import clock
from portal.books.forms_payments import funds
from portal.books.models import Fund, Title
from portal.books.models_notes import NOTES, Entitled, MoneyNote, note_content, opening_content, usual_title
from portal.contents import Content
from portal.fields import Amount, Choice, Day, LineForm, Lines, LongText, PaperForm, PortalForm, Text
from portal.kinds import StepForm
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import Words, _


class MoneyNoteForm(PaperForm):
    kind = Choice(_("Kind"), list(NOTES.items()))
    fund = Choice(
        _("Fund"), funds, coerce=int, description=_("Where it came in or went out; with a transfer, where it comes from")
    )
    into = Choice(_("Into"), funds, needed=False, coerce=int, empty=_("Only with a transfer"))
    day = Day(_("Day"), default=clock.today)
    amount = Amount(_("Amount"))
    party = Text(_("From or to whom"), needed=False)
    reference = Text(
        _("Reference"), most=80, description=_("The number of the receipt or of the bank's statement; attach it as well")
    )

    def content(self, person: Any) -> Content:
        fund, into = (Fund.find("id = ?", field.data) if field.data else None for field in (self.fund, self.into))
        if fund is None:
            raise Mistyped(_("Choose where the money moves."), "fund")
        return note_content(
            self.title.data or "", self.kind.data or "", fund, self.day.data, self.amount.data, self.party.data or "",
            self.reference.data or "", into,
        )  # fmt: skip

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        super().fill(case, paper, lines)
        self.amount.process_data(case.amount)

    def allow_gaps(self) -> None:
        """A draft of what moved is whole or not at all."""


def titles() -> list[tuple[int, Words]]:
    """The titles in use, but those of the funds themselves."""
    if "books_titles" not in g:
        found = Title.where("active AND id NOT IN (SELECT title_id FROM funds) ORDER BY code")
        g.books_titles = [(each.id, _("%(code)s %(name)s", code=each.code, name=each.called)) for each in found]
    return g.books_titles


class EntitledForm(StepForm):
    title = Choice(_("Account title"), titles, coerce=int)

    def begin(self, case: Any) -> None:
        """What is usual for the kind."""
        self.title.data = usual_title(MoneyNote.get_by_id(case.id)).id

    def given(self) -> Entitled:
        return Entitled(self.title.data)


class CounterForm(PortalForm):
    token = HiddenField(default="")
    day = Day(_("Day"), default=clock.today)
    reason = LongText(_("Reason"), most=500, needed=True)


# ---- opening balances -----------------------------------------------------------------------------------------------


def people() -> list[tuple[int, Any]]:
    if "books_people" not in g:
        found = Person.select(Person.id, Person.name, Person.name_en).where(Person.active).order_by(Person.name)
        g.books_people = [(each.id, each.called) for each in found]
    return g.books_people


class OpeningLineForm(LineForm):
    fund = Choice(_("Fund"), funds, needed=False, coerce=int, empty=_("An advance"))
    person = Choice(_("Who owes an advance"), people, needed=False, coerce=int, empty=_("Nobody"))
    amount = Amount(_("Amount"))
    due = Day(_("Due back on"), needed=False)
    text = Text(_("Text"), most=200, needed=False)


class OpeningForm(PaperForm):
    day = Day(_("As of"), default=clock.today)
    lines = Lines(_("Lines"), OpeningLineForm, most=500)

    def content(self, person: Any) -> Content:
        typed = self.lines.filled()
        kept = {each.id: each for each in Fund.where("active ORDER BY id")}
        known = {each.id: each for each in Person.where("active ORDER BY id")}
        lines = [
            {
                "fund": kept.get(line.fund.data), "person": known.get(line.person.data), "amount": line.amount.data,
                "due": line.due.data, "text": line.text.data or "",
            }
            for line in typed
        ]  # fmt: skip
        return opening_content(self.title.data or "", self.day.data, lines)

    def allow_gaps(self) -> None:
        """A draft of the balances is whole or not at all."""

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        self.title.data, self.day.data = case.title, paper.day
        self.lines.put(
            {"fund": each.fund_id, "person": each.person_id, "amount": each.amount, "due": each.due, "text": each.text}
            for each in lines
        )
