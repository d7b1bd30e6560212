"""Who somebody is: departments, persons and the roles granted to them. The whole core may know."""

from __future__ import annotations

from datetime import date
from typing import Any

from peewee import BooleanField, CharField, DateField, ForeignKeyField, TextField

from portal import clock
from portal.db import MomentField, Thing
from portal.words import Name, Words, _

LEVELS: dict[str, Words] = {  # DBA-02, lowest first
    "ordinary": _("Ordinary user"),
    "back_office": _("Back-office user"),
    "db_admin": _("Database administrator"),
}
MARKS: dict[str, Words] = {  # what a rule calls a department by; one department each
    "office": _("Office"),
    "finance": _("Finance department"),
    "ecommerce": _("E-commerce department"),
    "design": _("Design department"),
    "warehouse": _("Warehouse department"),
    "it": _("IT department"),
}
LANGUAGES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}


class Department(Thing):
    """A branch or a department in the tree; its head is whoever holds dept_manager there (a branch's: exec_in_charge)."""

    name = CharField(max_length=80, unique=True)
    name_en = CharField(max_length=80, default="")
    parent = ForeignKeyField("self", null=True, backref="children")
    kind = CharField(max_length=12, default="department")  # branch, department
    mark = CharField(max_length=12, null=True, unique=True)
    active = BooleanField(default=True)

    class Meta:
        table_name = "departments"

    @property
    def called(self) -> Name:
        return Name(self.name, self.name_en)

    def branch(self) -> Department:
        """The branch it belongs to; the topmost department where the tree names none."""
        here = self
        while here.kind != "branch" and here.parent is not None:
            here = here.parent
        return here


class Person(Thing):
    user = CharField(max_length=40, unique=True)
    name = CharField(max_length=80)
    name_en = CharField(max_length=80, default="")
    department = ForeignKeyField(Department, backref="people")
    level = CharField(max_length=12, default="ordinary")
    active = BooleanField(default=True)
    password_hash = TextField(default="")
    password_set_at = MomentField(null=True)
    must_change_password = BooleanField(default=False)
    language = CharField(max_length=8, default="")  # empty: as the browser asks
    theme = CharField(max_length=5, default="")  # empty: as the system
    created_at = MomentField(default=clock.now)

    class Meta:
        table_name = "persons"

    @property
    def called(self) -> Name:
        return Name(self.name, self.name_en)

    # what Flask-Login asks of a person
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return bool(self.active)


class Grant(Thing):
    """A role given to a person, of the company or of one department, from a day until a day (GEN-03, GEN-05)."""

    person = ForeignKeyField(Person, backref="grants")
    role = CharField(max_length=30)
    department = ForeignKeyField(Department, null=True)
    starts = DateField()
    ends = DateField(null=True)
    acting = BooleanField(default=False)
    reason = CharField(max_length=200, default="")
    granted_by = ForeignKeyField(Person, null=True)
    revoked_at = MomentField(null=True)

    class Meta:
        table_name = "grants"

    def is_in_force(self, day: date | None = None) -> bool:
        day = day or clock.today()
        return self.revoked_at is None and self.starts <= day and (self.ends is None or day <= self.ends)


def in_force(day: date | None = None) -> Any:
    """The condition that a grant counts on that day."""
    day = day or clock.today()
    return Grant.revoked_at.is_null() & (Grant.starts <= day) & (Grant.ends.is_null() | (Grant.ends >= day))
