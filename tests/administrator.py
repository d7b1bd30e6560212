"""Ida administers: she keeps accounts and roles, and has no business right by it."""

from __future__ import annotations

from portal.persons import Department, Grant, Person
from tests.cast import LONG_AGO, NEVER_OLD


def ida() -> Person:
    department = Department.get(Department.name_en == "IT")
    made = Person.create(
        user="ida", name="艾达", name_en="Ida", department=department, level="db_admin", password_set_at=NEVER_OLD
    )
    Grant.create(person=made, role="it_admin", starts=LONG_AGO, reason="the cast")
    return made


def granted(person: Person, role: str, department: Department | None = None) -> Grant:
    """A role held long since, without the rules."""
    return Grant.create(person=person, role=role, department=department, starts=LONG_AGO, reason="the test")
