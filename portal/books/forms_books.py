"""What people type into the chart of accounts and into a voucher by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import g
from wtforms import BooleanField, HiddenField

from portal import clock
from portal.books.models import NATURES, Title
from portal.books.models_adjustments import adjustment_content, fund_titles
from portal.contents import Content
from portal.fields import Amount, Choice, Day, LineForm, Lines, PaperForm, PortalForm, Text
from portal.money import Money
from portal.persons import Department, Person
from portal.words import Words, _


def titles_to_post() -> list[tuple[int, Words]]:
    """The titles a voucher by hand may move."""
    if "titles_to_post" not in g:
        only_journals = fund_titles()
        found = Title.where("active ORDER BY code")
        g.titles_to_post = [
            (each.id, _("%(code)s %(name)s", code=each.code, name=each.called)) for each in found if each.id not in only_journals
        ]
    return list(g.titles_to_post)


def departments() -> list[tuple[int, Any]]:
    if "books_departments" not in g:
        g.books_departments = [(each.id, each.called) for each in Department.where("active ORDER BY id")]
    return list(g.books_departments)


class AdjustmentLineForm(LineForm):
    title = Choice(_("Account title"), titles_to_post, coerce=int)
    debit = Amount(_("Debit"), needed=False)
    credit = Amount(_("Credit"), needed=False)
    department = Choice(_("Department"), departments, coerce=int, needed=False)
    text = Text(_("Text"), most=200, needed=False)

    def is_blank(self) -> bool:
        return not (self.debit.typed or self.credit.typed or self.title.data)


class AdjustmentForm(PaperForm):
    title = Text(_("Reason"), most=120)
    day = Day(_("Booked on"))
    lines = Lines(_("Lines"), AdjustmentLineForm)
    reverses: Any = None
    settled: list[dict[str, Any]] | None = None

    def prepare(self, person: Person) -> None:
        if not self.is_submitted() and not self.day.data:
            self.day.data = clock.today()

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        self.title.data, self.day.data, self.reverses = case.title, paper.day, paper.reverses
        self.lines.put(
            {
                "title": line.title_id,
                "debit": line.debit or None,
                "credit": line.credit or None,
                "department": line.department_id,
                "text": line.text,
            }
            for line in lines
        )

    def content(self, person: Person) -> Content:
        lines = [_typed(entry) for entry in self.lines.filled()]
        return adjustment_content(self.title.data or "", self.day.data or date.min, lines)

    def allow_gaps(self) -> None:
        """A voucher by hand is kept whole or not at all."""


def _typed(entry: Any) -> dict[str, Any]:
    return {
        "title": Title.get_by_id(entry.title.data),
        "debit": entry.debit.data or Money(0),
        "credit": entry.credit.data or Money(0),
        "department": Department.get_or_none(Department.id == entry.department.data),
        "person": None,
        "category": None,
        "text": entry.text.data or "",
    }


class TitleForm(PortalForm):
    code = Text(_("Code"), most=12)
    name = Text(_("Name"), most=80)
    name_en = Text(_("English name"), most=80, needed=False)
    nature = Choice(_("Kind of title"), list(NATURES.items()))
    active = BooleanField(_("In use"), default=True)
    events = HiddenField(default="0")


class FundForm(PortalForm):
    name = Text(_("Name"), most=80)
    name_en = Text(_("English name"), most=80, needed=False)
    kind = Choice(_("Kind"), [("cash", _("Till")), ("bank", _("Bank account"))])
    number = Text(_("Number of the account"), most=40, needed=False)
    active = BooleanField(_("In use"), default=True)
    events = HiddenField(default="0")
