"""Who manages a department's supplies: its head names the one custodian and replaces him (SUP-16)."""

from __future__ import annotations

from collections.abc import Iterable

from portal import access, db
from portal.people import rules_grants
from portal.people.models import Terms
from portal.persons import Department, Grant, Person
from portal.refused import Mistyped, NotYours
from portal.supplies.models_catalogue import custodian_grant
from portal.words import _

ROLE = "supplies_custodian"


def may_name(posts: Iterable[str], department_id: int) -> bool:
    """The head of the department, or who gives roles."""
    held = set(posts)
    return access.post("dept_manager", department_id) in held or "it_admin" in held


@db.transaction
def name_custodian(by: Person, department_id: int, person_id: int | None) -> Grant:
    """Makes the person the custodian from today on; whoever was it before is not any more."""
    department = Department.get_by_id(department_id)
    if not may_name(access.posts_of(by), department.id):
        raise NotYours(_("Only the head of the department names its custodian."))
    person = Person.get_or_none(Person.id == person_id)
    if person is None or not person.active or person.department_id != department.id:
        raise Mistyped(_("Choose somebody of the department."), "person")
    before = custodian_grant(department.id)
    if before and before.person_id == person.id:
        raise Mistyped(_("%(who)s manages the supplies already.", who=person.called), "person")
    rules_grants.not_own(by, person)
    terms = Terms(ROLE, department, reason="SUP-16")
    if before:
        rules_grants.not_own(by, before.person)
        rules_grants.end(by, before, terms.reason)
    rules_grants.check(person, terms)
    return rules_grants.make(by, person, terms)


def colleagues(department_id: int) -> list[Person]:
    """Who may be named: the active people of the department."""
    return list(Person.select().where(Person.active, Person.department == department_id).order_by(Person.id))
