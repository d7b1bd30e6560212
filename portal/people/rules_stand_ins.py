"""Who may stand in for which post (GEN-05).

The rulebook names three stand-ins: the head of a department holds a vacant lower post of it, the planner the posts below, and
colleagues of one level (designer, copywriter, section specialist) hold each other's. Where it is silent this is decided:

- A post is vacant while nobody is there to fill it, also while its holder is away; the reason of the stand-in says which.
- Posts outside the e-commerce section (office, finance, warehouse, purchasing, IT) are held by their head or by a colleague of
  the department, so that a small office goes on working. What the post needs otherwise stays: the level, the clash of GEN-04, and
  the general manager where the role waits for that.
- A post that leads (acting manager, director, general manager) is held by somebody who leads already or, in a department, by one
  of its own people. All of them wait for the general manager, and for the leader in charge while nobody is that.
- A post of the whole company belongs to the departments of those who hold it or held it; one that nobody ever held belongs to
  none, and the head of any department may stand in.
- Standing in makes nobody a stand-in elsewhere: only what is held by right counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.access import ROLES
from portal.people.models import Terms, grants_of
from portal.persons import Department, Grant, Person
from portal.refused import Mistyped
from portal.words import Words, _

LEADING = ("gm", "exec_in_charge", "ecom_director", "dept_manager", "it_head")
ALIKE = ("section_specialist", "designer", "copywriter")
HEADS_BY_MARK = {"ecom_director": "ecommerce", "it_head": "it"}  # they head this department without being its dept_manager


@dataclass(frozen=True)
class StandIns:
    """Who may stand in for a post: holders of these roles, the head of its department, whoever works there; `said` says it."""

    said: Words
    roles: tuple[str, ...] = ()
    head: bool = False
    colleagues: bool = False


_COMPANY = StandIns(_("Who stands in as %(role)s must lead already: the company, a branch, a department or IT."), LEADING)
_LEADER = StandIns(
    _("Who stands in as %(role)s must work in that department, or lead the company, a branch, a department or IT already."),
    LEADING,
    colleagues=True,
)
_PLANNER = StandIns(_("Only the head of the department stands in as %(role)s."), head=True)
_ALIKE = StandIns(
    _("Only the head of the department, a planner, a section specialist, a designer or a copywriter stands in as %(role)s."),
    ("planner", *ALIKE),
    head=True,
)
_OTHER = StandIns(_("Only the head or a colleague of the department stands in as %(role)s."), head=True, colleagues=True)

STAND_INS: dict[str, StandIns] = {
    **dict.fromkeys(ROLES, _OTHER),
    **dict.fromkeys(("gm", "exec_in_charge"), _COMPANY),
    **dict.fromkeys(("ecom_director", "dept_manager", "it_head"), _LEADER),
    "planner": _PLANNER,
    **dict.fromkeys(ALIKE, _ALIKE),
}


def check_stand_in(person: Person, terms: Terms) -> None:
    """Raises Mistyped if the person is none of those who may stand in for the post on the day it begins."""
    allowed = STAND_INS[terms.role]
    held = [grant for grant in grants_of(person) if not grant.acting and grant.is_in_force(terms.begin())]
    if any(grant.role in allowed.roles for grant in held):
        return
    home = _home(terms)
    if allowed.colleagues and home & _with_all_above(person.department):
        return
    if allowed.head and any(_heads(grant, home) for grant in held):
        return
    raise Mistyped(allowed.said.having(role=terms.of.label), "person")


def _home(terms: Terms) -> set[int]:
    """The departments the post belongs to."""
    if terms.department is not None:
        return {terms.department.id}
    own = Grant.select(Grant, Person).join(Person, on=Grant.person).where(Grant.role == terms.role, ~Grant.acting)
    return {grant.person.department_id for grant in own}


def _heads(grant: Grant, home: set[int]) -> bool:
    """Whether it makes its holder head of a department the post belongs to, or of one above it."""
    if grant.role == "exec_in_charge" and grant.department_id is None:
        return True
    if grant.role in ("dept_manager", "exec_in_charge"):
        headed = grant.department_id
    elif grant.role in HEADS_BY_MARK:
        marked = Department.get_or_none(Department.mark == HEADS_BY_MARK[grant.role])
        headed = marked and marked.id
    else:
        return False
    return not home or any(headed in _with_all_above(Department.get_by_id(each)) for each in home)


def _with_all_above(department: Department) -> set[int]:
    found, here = {department.id}, department
    while here.parent is not None:
        here = here.parent
        found.add(here.id)
    return found
