"""What people type into the bills of telephones, the standards of posts, and a penalty."""

from __future__ import annotations

from typing import Any

from wtforms import FileField, HiddenField

from portal import clock
from portal.access import ROLES
from portal.books.models import month_called, month_of
from portal.books.models_months import month_before
from portal.contents import Content
from portal.expenses.models_penalties import RULES, Answer, Penalty, bounds, penalty_content
from portal.fields import Amount, Choice, Day, LongText, PaperForm, PortalForm, Text
from portal.kinds import StepForm
from portal.money import Money
from portal.persons import Person
from portal.words import _


def months_over() -> list[tuple[int, str]]:
    """The last months, the one just over first."""
    month, found = month_of(clock.today()), []
    for _each in range(6):
        month = month_before(month)
        found.append((month, month_called(month)))
    return found


def months_begun() -> list[tuple[int, str]]:
    this = month_of(clock.today())
    return [(this, month_called(this)), *months_over()[:2]]


class BillForm(PortalForm):
    month = Choice(_("Month of the bill"), months_over, coerce=int)
    file = FileField(_("File"))


class MealForm(PortalForm):
    month = Choice(_("Month"), months_begun, coerce=int)


class StandardForm(PortalForm):
    role = Choice(
        _("Post"), [(key, role.label) for key, role in ROLES.items() if key not in ("gm", "dept_manager", "sales_staff")]
    )
    cap = Amount(_("Standard a month"), least=0)


class ExceptionForm(PortalForm):
    user = Text(_("Sign-in name"), most=40)
    reason = Text(_("Reason"), most=200)
    events = HiddenField(default="0")


class PenaltyForm(PaperForm):
    title: Any = None
    user = Text(_("Sign-in name of the person"), most=40)
    rule = Choice(_("Rule"), list(RULES.items()))
    amount = Amount(_("Amount"), description=_("Within the range of the rule; nothing is deducted by the portal."))
    day = Day(_("Day"))
    reason = LongText(_("What happened"), needed=True)
    person: Person | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        self.person = Person.get_or_none(Person.user == self.user.data, Person.active)
        if self.person is None:
            self.say(_("There is nobody with the sign-in name %(user)s.", user=self.user.data or ""), "user")
            return False
        least, most = bounds(self.rule.data)
        if not least <= (self.amount.data or 0) <= most:
            self.say(_("The rule allows %(least)s to %(most)s.", least=least, most=most), "amount")
            return False
        return True

    def content(self, person: Any) -> Content:
        about = self.person or Person.get_or_none(Person.user == self.user.data) or person
        amount = self.amount.data or Money(0)
        return penalty_content(about, self.rule.data or "", amount, self.day.data or clock.today(), self.reason.data or "")

    def fill(self, case: Any, paper: Penalty, lines: list[Any]) -> None:
        self.user.data, self.rule.data, self.day.data, self.reason.data = paper.person.user, paper.rule, paper.day, paper.reason
        self.amount.process_data(case.amount)

    def allow_gaps(self) -> None:
        """A penalty is kept whole or not at all."""


class AnswerForm(StepForm):
    text = LongText(_("Your answer"), most=2000, needed=True)

    def given(self) -> Answer:
        return Answer(self.text.data or "")
