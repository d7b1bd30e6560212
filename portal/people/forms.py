"""What people type at the door and on their own page."""

from __future__ import annotations

from wtforms import PasswordField

from portal.fields import PortalForm, Text, required
from portal.words import _


class SignInForm(PortalForm):
    user = Text(_("User name"), most=40, render_kw={"autocomplete": "username", "autocapitalize": "none", "autofocus": True})
    password = PasswordField(
        _("Password"), validators=[required], render_kw={"autocomplete": "current-password", "maxlength": 128, "required": True}
    )


class PasswordForm(PortalForm):
    old = PasswordField(
        _("Password now"),
        validators=[required],
        render_kw={"autocomplete": "current-password", "maxlength": 128, "required": True},
    )
    new = PasswordField(
        _("New password"), validators=[required], render_kw={"autocomplete": "new-password", "maxlength": 128, "required": True}
    )
    again = PasswordField(
        _("New password again"),
        validators=[required],
        render_kw={"autocomplete": "new-password", "maxlength": 128, "required": True},
    )
