"""What the general manager says of a paper on which nobody can act: who stands in, and why."""

from __future__ import annotations

from portal.fields import Choice, LongText, PortalForm
from portal.persons import Person
from portal.words import _


class StandInForm(PortalForm):
    person = Choice(_("Who stands in"), coerce=int)
    reason = LongText(_("Reason"), most=500, needed=True, rows=2)

    def offer(self, people: list[Person]) -> None:
        """Each with the department: two may have one name."""
        self.person.choices = [
            (each.id, _("%(person)s, %(department)s", person=each.called, department=each.department.called)) for each in people
        ]
