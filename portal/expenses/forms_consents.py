"""What is typed of consent by telephone, and from when to when the general manager is away."""

from __future__ import annotations

import secrets
from typing import Any

from wtforms import FileField, HiddenField

from portal import access, clock
from portal.expenses.models_consents import WAYS, PhoneConsent
from portal.fields import Choice, Day, LongText, Moment, PortalForm, Text
from portal.kinds import StepForm
from portal.words import Name, _


class ConsentForm(StepForm):
    asked_at = Moment(_("Asked at"), default=clock.now)
    way = Choice(_("How it was asked"), list(WAYS.items()), default="phone")
    words = LongText(_("The words in which consent was given"), most=500, needed=True, rows=2)
    note = LongText(_("Comment"), most=2000, rows=2)
    files = FileField(_("File, such as a picture of the message"))

    def given(self) -> PhoneConsent:
        return PhoneConsent(self.asked_at.data, self.way.data or "", self.words.data or "")


def managers() -> list[tuple[int, Name]]:
    """Whose absence can be entered."""
    return [(person.id, person.called) for person in access.holders("gm")]


class AbsenceForm(PortalForm):
    token = HiddenField(default=lambda: secrets.token_urlsafe(18))
    person = Choice(_("General manager"), managers, coerce=int)
    starts = Day(_("First day away"), default=clock.today)
    ends = Day(_("Last day away"))
    text = Text(_("Where, and how to be reached"), most=200, needed=False)

    def begin(self) -> Any:
        """Where there is one general manager it is that one."""
        if len(managers()) == 1 and self.person.raw_data is None:
            self.person.data = managers()[0][0]
        return self
