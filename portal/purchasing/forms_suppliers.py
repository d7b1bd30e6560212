"""What people type of suppliers: their entry with what they deliver, and their contacts."""

from __future__ import annotations

import re
from typing import Any

from wtforms import BooleanField, Field, FileField

from portal.fields import LongText, PortalForm, Text
from portal.forms import ShownForm
from portal.purchasing.models import SupplierContact
from portal.purchasing.models_suppliers import PARTS, Spoken
from portal.words import _


class Ticks(Field):
    """Ids as they are ticked in a list; -1 for what can be none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [int(each) if re.fullmatch(r"[1-9][0-9]{0,8}", each, re.ASCII) else -1 for each in valuelist[:500]]


class SupplierForm(ShownForm):
    name = Text(PARTS["name"], most=120)
    contact = Text(PARTS["contact"], most=80, needed=False)
    phone = Text(PARTS["phone"], most=40, needed=False)
    email = Text(PARTS["email"], most=120, needed=False)
    address = Text(PARTS["address"], most=200, needed=False)
    categories = Ticks(_("What it delivers"), default=list)
    note = LongText(PARTS["note"], most=500, rows=2)
    active = BooleanField(PARTS["active"], default=True)

    def told(self) -> dict[str, Any]:
        return {name: getattr(self, name).data or "" for name in ("name", "contact", "phone", "email", "address", "note")}


class ContactForm(ShownForm):
    name = Text(_("Name"), most=80)
    post = Text(_("Position"), most=80, needed=False)
    phone = Text(_("Phone"), most=40, needed=False)
    email = Text(_("Email"), most=120, needed=False)
    note = Text(_("Note"), most=200, needed=False)

    def spoken(self) -> Spoken:
        return Spoken(**{name: getattr(self, name).data or "" for name in ("name", "post", "phone", "email", "note")})

    def show(self, contact: SupplierContact, events: int) -> None:
        """The contact as it is, and the state of its supplier."""
        for name in ("name", "post", "phone", "email", "note"):
            getattr(self, name).data = getattr(contact, name)
        self.events.data = str(events)


class FileForm(PortalForm):
    file = FileField(_("File"))
