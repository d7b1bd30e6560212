"""Stand-ins: who may hold whose post while nobody else is there to fill it."""

from __future__ import annotations

from datetime import date

import pytest

from portal import access, steps
from portal.access import DERIVED, ROLES
from portal.cases import Case
from portal.people.models import Terms
from portal.people.rules_grants import give
from portal.people.rules_stand_ins import STAND_INS
from portal.persons import Department, Grant, Person
from portal.refused import Mistyped, Refused
from tests.administrator import granted, ida
from tests.cast import NEVER_OLD
from tests.posts import take_away

UNTIL = date(2099, 12, 31)


@pytest.fixture
def newcomer(cast):
    """Makes somebody who works there, with these roles held by right."""

    def join(department: str, *roles: str, level: str = "back_office") -> Person:
        user = f"new{Person.select().count()}"
        place = cast.department(department)
        made = Person.create(user=user, name=user, name_en=user, department=place, level=level, password_set_at=NEVER_OLD)
        for role in roles:
            granted(made, role, place if ROLES[role].scope == "department" else None)
        return made

    return join


def stand_in(person: Person, role: str, department: Department | None = None) -> Grant | Case:
    by = Person.get_or_none(Person.user == "ida") or ida()
    return give(by, person, Terms(role, department, ends=UNTIL, acting=True, reason="on leave"))


def is_refused(person: Person, role: str, department: Department | None, why: str) -> None:
    with pytest.raises(Mistyped, match=why) as refused:
        stand_in(person, role, department)
    assert refused.value.field == "person"


def test_gen_05_every_role_says_who_stands_in():
    assert set(STAND_INS) == set(ROLES)
    assert all(each.roles or each.head or each.colleagues for each in STAND_INS.values())
    assert all(str(STAND_INS[role].said.having(role=ROLES[role].label)) for role in set(ROLES) - DERIVED)


@pytest.mark.parametrize("own", ["designer", "copywriter", "section_specialist"])
@pytest.mark.parametrize("other", ["designer", "copywriter", "section_specialist"])
def test_gen_05_colleagues_of_one_level_stand_in_for_each_other(newcomer, own, other):
    if own == other:
        return
    person = newcomer("E-commerce", own)

    stand_in(person, other)

    assert access.posts_of(person)[other] is True


@pytest.mark.parametrize("role", ["designer", "copywriter", "section_specialist"])
def test_gen_05_the_planner_stands_in_below_and_nobody_stands_in_above(newcomer, role):
    planner, below = newcomer("E-commerce", "planner"), newcomer("E-commerce", role)

    stand_in(planner, role)
    is_refused(below, "planner", None, "Only the head of the department stands in as E-commerce planner.")

    assert access.posts_of(planner)[role] is True


@pytest.mark.parametrize("role", ["planner", "designer", "copywriter", "section_specialist", "purchaser", "marketing_staff"])
def test_gen_05_the_head_of_the_department_stands_in_for_a_lower_post_of_it(cast, newcomer, role):
    newcomer("E-commerce", role)
    head, other = newcomer("E-commerce", "dept_manager"), newcomer("IT", "dept_manager")
    above = newcomer("E-commerce")
    granted(above, "exec_in_charge", cast.branch)

    stand_in(head, role)
    stand_in(above, role)
    is_refused(other, role, None, "the department")

    assert access.posts_of(head)[role] is True


def test_gen_05_the_director_heads_e_commerce_without_being_its_manager(newcomer):
    newcomer("E-commerce", "planner")
    newcomer("Office", "copywriter")
    director = newcomer("Marketing", "ecom_director")

    stand_in(director, "planner")

    is_refused(director, "copywriter", None, "Only the head of the department, a planner")


def test_gen_05_a_post_nobody_ever_held_is_held_by_a_head(cast, newcomer):
    stand_in(cast.hao, "warehouse")

    is_refused(
        newcomer("Office"), "warehouse", None, "Only the head or a colleague of the department stands in as Warehouse keeper"
    )


@pytest.mark.parametrize("role", ["supervisor", "supplies_custodian"])
def test_gen_05_a_post_of_a_department_is_held_by_its_head_or_a_colleague(cast, newcomer, role):
    marketing = cast.department("Marketing")

    stand_in(cast.hao, role, marketing)
    stand_in(cast.ann, role, marketing)

    is_refused(cast.sam, role, marketing, "Only the head or a colleague")
    is_refused(newcomer("Finance", "dept_manager"), role, marketing, "Only the head or a colleague")


def test_gen_05_the_silent_posts_are_held_by_colleagues_and_the_general_manager_confirms(cast, newcomer):
    colleague = newcomer("Finance")

    case = stand_in(colleague, "cashier")
    is_refused(cast.sam, "cashier", None, "Only the head or a colleague of the department stands in as Cashier")

    assert case.state == "asked"
    steps.take(cast.mei, case.id, "grant", (case.state, case.version))
    assert access.posts_of(colleague)["cashier"] is True


def test_gen_04_who_keeps_the_books_stands_in_for_no_cashier(cast):
    with pytest.raises(Mistyped, match="never keeps the books"):
        stand_in(cast.lin, "cashier")


def test_gen_05_an_acting_manager_works_there_or_leads_already(cast, newcomer):
    marketing = cast.department("Marketing")

    for person in (cast.ann, newcomer("IT", "it_head"), newcomer("Office", "dept_manager")):
        assert stand_in(person, "dept_manager", marketing).state == "asked"

    is_refused(cast.sam, "dept_manager", marketing, "must work in that department, or lead")


def test_gen_05_an_acting_general_manager_leads_already(cast, newcomer):
    case = stand_in(cast.hao, "gm")

    is_refused(cast.lin, "gm", None, "must lead already")
    is_refused(newcomer("E-commerce", "planner"), "exec_in_charge", cast.branch, "must lead already")
    steps.take(cast.mei, case.id, "grant", (case.state, case.version))

    assert access.posts_of(cast.hao)["gm"] is True


def test_gen_05_only_what_is_held_by_right_makes_a_stand_in(cast, newcomer):
    newcomer("E-commerce", "planner")
    person = newcomer("E-commerce", "designer")
    stand_in(person, "copywriter")
    take_away(person, "designer")

    is_refused(person, "section_specialist", None, "Only the head of the department, a planner")


def test_gen_05_a_right_that_has_ended_when_it_begins_does_not_count(newcomer):
    newcomer("E-commerce", "copywriter")
    person = newcomer("E-commerce")
    Grant.create(person=person, role="designer", starts=date(2020, 1, 1), ends=date(2098, 1, 1), reason="the test")

    with pytest.raises(Mistyped, match="Only the head of the department, a planner"):
        give(ida(), person, Terms("copywriter", starts=date(2098, 1, 2), ends=UNTIL, acting=True, reason="on leave"))


def test_gen_05_who_left_the_department_meanwhile_is_not_confirmed(cast, newcomer):
    colleague = newcomer("Finance")
    case = stand_in(colleague, "cashier")
    Person.update(department=cast.department("IT")).where(Person.id == colleague.id).execute()

    with pytest.raises(Refused, match="Only the head or a colleague"):
        steps.take(cast.mei, case.id, "grant", (case.state, case.version))


def test_a_role_by_right_asks_for_no_head_and_no_colleague(cast):
    give(ida(), cast.sam, Terms("designer"))

    assert access.posts_of(cast.sam)["designer"] is False
