"""What people type into a spending request, and with an approval over budget."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request
from wtforms import BooleanField

from portal import clock
from portal.budget.models import BudgetLine, Overrun
from portal.cases import Case
from portal.contents import Content
from portal.expenses.models import BUSINESS_KINDS, NATURES, gap, lines_open_to, spending_content
from portal.expenses.models_money import own_requests
from portal.fields import Amount, Choice, Day, Either, LineForm, Lines, LongText, PaperForm, Text
from portal.kinds import StepForm
from portal.money import Money, total
from portal.words import _


class SpendingLineForm(LineForm):
    text = Text(_("Description"), most=200)
    amount = Amount(_("Amount"))


class SpendingForm(PaperForm):
    live = "/expenses/live"
    is_draft = False
    nature = Either(_("Kind of spending"), list(NATURES.items()), default="office")
    purpose = LongText(_("Purpose"), needed=True)
    line = Choice(_("Budget line"), coerce=int)
    expected_date = Day(_("Expected date"), description=_("The day on which it will be spent"))
    business_kind = Choice(_("Kind of business expense"), list(BUSINESS_KINDS.items()), needed=False)
    who = Text(_("Guest or client"), most=120, needed=False)
    why = LongText(_("What it serves"), rows=2)
    supplements = Choice(
        _("Supplements"), coerce=int, needed=False, empty=_("A request of its own"),
        description=_("Choose the approved request that turned out too small: what is approved of both adds up."),
    )  # fmt: skip
    urgent = BooleanField(
        _("Urgent"), description=_("Consent may then be asked by telephone; the general manager confirms it afterwards.")
    )
    lines = Lines(_("Lines"), SpendingLineForm)

    def prepare(self, person: Any) -> None:
        self.line.choices = [
            (each.id, _("%(category)s %(year)s: %(left)s left", category=each.category, year=str(each.year), left=each.left))
            for each in lines_open_to(person)
        ]
        if len(self.line.choices) == 1 and self.line.raw_data is None:
            self.line.data = self.line.choices[0][0]
        self.supplements.choices = [(each.id, each.called) for each in own_requests(person, besides=("provisional",))]
        begun = request.args.get("supplements", "")
        if self.supplements.raw_data is None and begun in {str(key) for key, _label in self.supplements.choices}:
            self.supplements.data = int(begun)

    def amount(self) -> Money:
        """What the lines come to as far as they can be read."""
        return total(entry.amount.data for entry in self.lines.filled() if entry.amount.data)

    def chosen_line_id(self) -> int | None:
        """The line chosen, if it is one of those offered."""
        return self.line.data if self.line.data in {value for value, _label in self.line.choices} else None

    def content(self, person: Any) -> Content:
        is_business = self.nature.data == "business"
        detail = {
            "purpose": self.purpose.data or "",
            "line": BudgetLine.get_or_none(BudgetLine.id == self.chosen_line_id()),
            "expected_date": self.expected_date.data,
            "nature": self.nature.data,
            "business_kind": (is_business and self.business_kind.data) or "",
            "who": (is_business and self.who.data) or "",
            "why": (is_business and self.why.data) or "",
            "supplements": Case.get_or_none(Case.id == self.supplements.data) if self.supplements.data else None,
            "urgent": bool(self.urgent.data),
        }
        lines = [{"text": entry.text.data, "amount": entry.amount.data} for entry in self.lines.filled()]
        return spending_content(person, self.title.data or "", detail, lines)

    def allow_gaps(self) -> None:
        super().allow_gaps()
        self.is_draft = True

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        typed = self.content(_Nobody)
        lacking = None if self.is_draft else gap(typed.detail, typed.amount)
        if lacking:
            self.say(*lacking)
        return lacking is None

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        super().fill(case, paper, lines)
        if self.line.data not in {value for value, _label in self.line.choices}:
            self.line.data = None
        if self.supplements.data not in {value for value, _label in self.supplements.choices}:
            self.supplements.data = None
        if self.expected_date.data and self.expected_date.data < clock.today() - timedelta(days=1):
            self.expected_date.data = None


class _Nobody:
    """Whose contents are only looked at."""

    department = None


class OverrunForm(StepForm):
    """What the general manager says when going beyond the budget."""

    reason = LongText(_("Reason"), most=500, needed=True, rows=2)
    expires = Day(_("May be used until"))

    def given(self) -> Overrun:
        return Overrun(self.reason.data or "", self.expires.data)
