"""GEN-03 to GEN-05: who holds which post now, who acts when nobody can, and who may read what."""

from datetime import date, timedelta

import pytest

from portal import access, db
from portal import clock as portal_clock
from portal.access import ROLES, any_of, everyone, holders, post, posts_of, split_post, who_acts
from portal.cases import Case
from portal.persons import Grant, Person


def grant(person, role, department=None, **more):
    told = {"starts": date(2020, 1, 1), "reason": "test"} | more
    return Grant.create(person=person, role=role, department=department, **told)


def users(people):
    return [each.user for each in people]


@pytest.mark.no_database
def test_a_post_is_read_back_from_its_text():
    assert [split_post(text) for text in ("gm", "dept_manager@12", "#57")] == [("gm", None), ("dept_manager", 12), ("#", 57)]
    assert [post("gm"), post("dept_manager", 12)] == ["gm", "dept_manager@12"]


@pytest.mark.no_database
def test_a_role_gives_way_only_to_roles_there_are():
    named = {key for role in ROLES.values() for key in role.gives_way_to}

    assert named - {"parent"} <= set(ROLES)


@pytest.mark.no_database
def test_posts_that_carry_out_give_way_to_nobody():
    carrying = ["cashier", "chief_accountant", "warehouse", "purchaser", "supplies_custodian", "office_clerk", "it_admin"]

    assert [key for key in carrying if ROLES[key].gives_way_to] == []


def test_everybody_holds_their_own_post_and_those_granted(cast):
    marketing = cast.department("Marketing").id

    assert posts_of(cast.hao) == {f"#{cast.hao.id}": False, f"dept_manager@{marketing}": False}
    assert posts_of(cast.bo) == {f"#{cast.bo.id}": False}


def test_who_has_left_holds_no_post(cast):
    Person.update(active=False).where(Person.id == cast.mei.id).execute()

    assert posts_of(cast.mei) == {}
    assert holders("gm") == holders(f"#{cast.mei.id}") == []


@pytest.mark.parametrize(
    ("starts", "ends", "holds"), [(0, 0, True), (0, None, True), (-3, 0, True), (1, None, False), (-3, -1, False), (0, 1, True)]
)
def test_a_grant_counts_from_its_first_day_to_its_last(cast, clock, starts, ends, holds):
    clock.set("2026-03-02 09:00")
    day = date(2026, 3, 2)
    last = None if ends is None else day + timedelta(days=ends)

    grant(cast.bo, "it_admin", starts=day + timedelta(days=starts), ends=last)

    assert ("it_admin" in posts_of(cast.bo)) == holds
    assert (users(holders("it_admin")) == ["bo"]) == holds


def test_a_revoked_grant_counts_no_more(cast):
    given = grant(cast.bo, "it_admin")

    Grant.update(revoked_at=portal_clock.now()).where(Grant.id == given.id).execute()

    assert "it_admin" not in posts_of(cast.bo)
    assert holders("it_admin") == []


def test_who_holds_a_post_by_right_does_not_only_stand_in(cast):
    for acting in (True, False, True):
        grant(cast.bo, "it_admin", acting=acting, ends=date(2090, 1, 1))

    assert posts_of(cast.bo)["it_admin"] is False


def test_a_stand_in_is_known_as_one(cast):
    grant(cast.bo, "gm", acting=True, ends=date(2090, 1, 1))

    assert posts_of(cast.bo)["gm"] is True


def test_the_head_of_the_office_is_the_manager_of_the_office(cast):
    grant(cast.sam, "dept_manager", cast.department("Office"))

    assert "office_manager" in posts_of(cast.sam)
    assert "office_manager" not in posts_of(cast.hao)
    assert users(holders("office_manager")) == ["sam"]


def test_a_post_of_one_department_is_none_of_another(cast):
    assert users(holders(post("dept_manager", cast.department("Marketing").id))) == ["hao"]
    assert holders(post("dept_manager", cast.department("Finance").id)) == []
    assert holders("dept_manager") == []


@pytest.fixture
def case(cast, memos):
    return memos.draft(cast.ann)


def test_who_holds_the_post_acts(cast, case):
    wanted = post("dept_manager", case.department_id)

    assert who_acts(access.dept_manager, case, set(), False) == (wanted, wanted, False)


@pytest.mark.parametrize("above", ["parent", "branch", "company", "gm"])
def test_a_post_that_decides_gives_way_to_its_nearest_superior(cast, case, above):
    grants = {
        "parent": ("dept_manager", cast.branch),
        "branch": ("exec_in_charge", cast.branch),
        "company": ("exec_in_charge", None),
        "gm": ("gm", None),
    }
    for role, department in list(grants.values())[list(grants).index(above) :]:
        if role != "gm":
            grant(cast.bo, role, department)

    wanted, acting, stuck = who_acts(access.dept_manager, case, {cast.hao.id}, False)

    role, department = grants[above]
    assert (wanted, acting, stuck) == (post("dept_manager", case.department_id), post(role, department and department.id), False)


def test_a_post_that_carries_out_does_not_climb(cast, case):
    assert who_acts(access.cashier, case, {cast.cai.id}, True) == ("cashier", "cashier", True)
    assert who_acts(access.dept_manager, case, {cast.hao.id}, True)[2] is True


def test_when_all_above_are_barred_too_it_is_stuck(cast, case):
    assert who_acts(access.gm, case, {cast.mei.id}, False) == ("gm", "gm", True)


def test_one_of_several_holders_is_enough(cast, case):
    grant(cast.bo, "gm")

    assert who_acts(access.gm, case, {cast.mei.id}, False) == ("gm", "gm", False)


def test_or_else_names_who_decides_instead(cast, case):
    checked_by = access.chief_accountant.or_else(access.gm)

    assert who_acts(checked_by, case, {cast.lin.id}, False) == ("chief_accountant", "gm", False)


def test_the_branches_own_post_comes_before_the_companys(cast, case):
    grant(cast.bo, "exec_in_charge")
    assert access.wanted_post(access.exec_in_charge, case) == "exec_in_charge"

    grant(cast.sam, "exec_in_charge", cast.branch)

    assert access.wanted_post(access.exec_in_charge, case) == f"exec_in_charge@{cast.branch.id}"


def test_a_right_is_of_these_roles_wherever_held():
    right = any_of(access.dept_manager, access.gm)

    assert [right.allows(posts) for posts in (["#1", "dept_manager@3"], ["gm"], ["#1"], [])] == [True, True, False, False]
    assert everyone.allows(["#1"])


def visible(person):
    return [case.id for case in Case.select().where(access.visible_to(posts_of(person)))]


def test_a_draft_is_seen_by_those_it_is_of(cast, case):
    assert [visible(person) for person in (cast.ann, cast.hao, cast.mei, cast.bo)] == [[case.id], [], [], []]


def test_a_paper_is_seen_by_those_it_waited_for(cast, memos, case):
    memos.go(case, (cast.ann, "submit"), (cast.hao, "endorse"))

    seen = {person.user: visible(person) == [case.id] for person in Person.select()}

    assert seen == {"ann": True, "hao": True, "mei": True, "lin": True, "bo": False, "sam": False, "cai": False}
    assert all(access.may_read(posts_of(person), case) == seen[person.user] for person in Person.select())


def test_who_has_left_sees_nothing(cast, case):
    Person.update(active=False).where(Person.id == cast.ann.id).execute()

    assert visible(cast.ann) == []
    assert access.may_read(posts_of(cast.ann), case) is False


def test_an_administrator_sees_no_paper_by_being_one(cast, memos, case):
    grant(cast.bo, "it_admin")

    memos.go(case, (cast.ann, "submit"))

    assert visible(cast.bo) == []


def test_posts_are_said_in_words(cast):
    assert str(access.post_label("gm")) == "General manager"
    assert str(access.post_label(post("dept_manager", cast.department("Finance").id))) == "Department manager of 财务部"
    assert str(access.post_label(f"#{cast.ann.id}")) == "安妮"
    assert db.marks([1, 2, 3]) == "?,?,?"
