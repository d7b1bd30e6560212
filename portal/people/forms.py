"""What people type at the door, on their own page, and where departments, people and roles are kept."""

from __future__ import annotations

import secrets
from typing import Any

from wtforms import BooleanField, HiddenField, PasswordField

from portal.access import DERIVED, ROLES
from portal.fields import Choice, Day, PortalForm, Text, required
from portal.languages import here
from portal.people.models import KINDS, Terms, in_order
from portal.persons import LEVELS, MARKS, Department
from portal.words import Words, _


def _secret(label: Words, autocomplete: str) -> PasswordField:
    kwargs = {"autocomplete": autocomplete, "maxlength": 128, "required": True}
    return PasswordField(label, validators=[required], render_kw=kwargs)


class SignInForm(PortalForm):
    user = Text(_("User name"), most=40, render_kw={"autocomplete": "username", "autocapitalize": "none", "autofocus": True})
    password = _secret(_("Password"), "current-password")


class PasswordForm(PortalForm):
    old = _secret(_("Password now"), "current-password")
    new = _secret(_("New password"), "new-password")
    again = _secret(_("New password again"), "new-password")


# ---- departments and people -----------------------------------------------------------------------------------------


def departments() -> list[tuple[int, str]]:
    """The open departments, those below another set in."""
    return [(each.department.id, "\u3000" * each.depth + here(each.department.called)) for each in in_order()]


def department_of(field: Choice) -> Department | None:
    return Department.get_or_none(Department.id == field.data) if field.data else None


class PersonForm(PortalForm):
    """Everything but the level, which has its own step once the person is there."""

    name = Text(_("Name"), most=80)
    name_en = Text(_("Name in English"), most=80, needed=False)
    department = Choice(_("Department"), departments, coerce=int)


class NewPersonForm(PersonForm):
    user = Text(_("User name"), most=40, render_kw={"autocomplete": "off", "autocapitalize": "none"})
    level = Choice(_("User level"), list(LEVELS.items()), default="ordinary")


class LevelForm(PortalForm):
    level = Choice(_("User level"), list(LEVELS.items()))
    reason = Text(_("Reason"), most=200, needed=False)


class ReasonForm(PortalForm):
    reason = Text(_("Reason"), most=200, needed=False)


class DepartmentForm(PortalForm):
    name = Text(_("Name"), most=80)
    name_en = Text(_("Name in English"), most=80, needed=False)
    kind = Choice(_("Kind"), list(KINDS.items()), default="department")
    parent = Choice(_("Belongs to"), departments, coerce=int, needed=False, empty=_("Nothing: it stands at the top"))
    mark = Choice(
        _("Mark"),
        list(MARKS.items()),
        needed=False,
        empty=_("None"),
        description=_("What the rules call it by; each mark stands at one department."),
    )

    def given(self) -> dict[str, Any]:
        return {
            "name": self.name.data,
            "name_en": self.name_en.data,
            "kind": self.kind.data,
            "parent": department_of(self.parent),
            "mark": self.mark.data,
        }


class CalendarForm(PortalForm):
    day = Day(_("Day"))
    is_worked = Choice(_("The company"), [("yes", _("works")), ("no", _("rests"))], empty=_("Choose …"))
    note = Text(_("Why"), most=120)


# ---- roles ----------------------------------------------------------------------------------------------------------


def roles() -> list[tuple[str, Words]]:
    return [(key, role.label) for key, role in ROLES.items() if key not in DERIVED]


class GrantForm(PortalForm):
    """A role on its terms; the token makes a form sent twice one paper."""

    token = HiddenField(default=lambda: secrets.token_urlsafe(18))
    person = Choice(_("Person"), (), coerce=int)
    role = Choice(_("Role"), roles)
    department = Choice(_("Department"), departments, coerce=int, needed=False, empty=_("The whole company"))
    starts = Day(_("From"), needed=False)
    ends = Day(_("Until"), needed=False, description=_("Empty: until it is taken back."))
    acting = BooleanField(_("Stands in for somebody who is away"))
    reason = Text(_("Reason"), most=200, needed=False)

    def terms(self) -> Terms:
        return Terms(
            self.role.data,
            department_of(self.department),
            self.starts.data,
            self.ends.data,
            bool(self.acting.data),
            self.reason.data or "",
        )
