"""Accounts and departments: who may keep them, and what they must be."""

from __future__ import annotations

import pytest
from peewee import IntegrityError

from portal import access, db, history, passwords, sessions
from portal.cases import Task
from portal.imports import Row
from portal.notices import Notice
from portal.people import models, rules, rules_departments, rules_grants, rules_imports
from portal.people.models import Terms
from portal.people.rules import NewPerson
from portal.persons import Department, Grant, Person
from portal.refused import Mistyped, NotYours, Refused
from tests.administrator import granted, ida


def last_event(thing):
    return history.history_of(thing)[-1]


# ---- founding -------------------------------------------------------------------------------------------------------


@pytest.fixture
def empty(database):
    db.run("DELETE FROM grants")
    db.run("DELETE FROM persons")
    db.run("DELETE FROM departments WHERE parent_id IS NOT NULL")
    db.run("DELETE FROM departments")


def founded(**changed):
    told = {
        "company": "云杉",
        "department": "办公室",
        "admin_user": "root",
        "admin_name": "管",
        "gm_user": "boss",
        "gm_name": "总",
    }
    return rules.found_company(**told | changed)


def test_founding_names_an_administrator_and_a_general_manager(empty):
    secret = founded()

    assert list(secret) == ["root", "boss"]
    root, boss = Person.get(Person.user == "root"), Person.get(Person.user == "boss")
    assert (root.level, list(access.posts_of(root))) == ("db_admin", [f"#{root.id}", "it_admin"])
    assert list(access.posts_of(boss)) == [f"#{boss.id}", "gm"]
    assert passwords.matches(root, secret["root"]) and root.must_change_password
    assert list(history.verify()) == []


def test_founding_takes_two_people(empty):
    with pytest.raises(Mistyped) as refused:
        founded(gm_user="ROOT")

    assert refused.value.field == "gm_user"
    assert Person.select().count() == 0


def test_a_company_is_founded_once(cast):
    with pytest.raises(Refused, match="already"):
        founded()


# ---- accounts -------------------------------------------------------------------------------------------------------


def test_dba_02_a_user_has_one_of_three_levels_and_no_other(cast):
    admin = ida()

    with pytest.raises(Mistyped) as refused:
        rules.set_level(admin, cast.ann, "superuser")

    assert refused.value.field == "level"
    with pytest.raises(IntegrityError):
        Person.update(level="superuser").where(Person.user == "ann").execute()


def test_dba_08_only_the_administrator_changes_accounts(cast):
    admin = ida()
    deeds = [
        lambda by: rules.add_person(by, "neu", "新", cast.ann.department),
        lambda by: rules.change_person(by, cast.ann, name="安"),
        lambda by: rules.set_level(by, cast.ann, "back_office"),
        lambda by: rules.reset_password(by, cast.ann),
        lambda by: rules.disable(by, cast.ann),
        lambda by: rules.enable(by, cast.ann),
        lambda by: rules_departments.add_department(by, "新部", parent=cast.branch),
    ]

    for deed in deeds:
        for by in (cast.mei, cast.hao, cast.lin, cast.bo):
            with pytest.raises(NotYours):
                deed(by)

    for deed in deeds:
        deed(admin)
    assert list(history.verify()) == []


def test_dba_08_nobody_changes_their_own_level(cast):
    admin = ida()

    with pytest.raises(NotYours, match="own roles or level"):
        rules.set_level(admin, admin, "ordinary")


def test_dba_08_a_level_change_is_an_event_with_before_and_after(cast):
    rules.set_level(ida(), cast.ann, "back_office", "enters data now")

    event = last_event(cast.ann)
    assert (event.action, event.before, event.after, event.note) == ("level", "ordinary", "back_office", "enters data now")


def test_a_level_is_not_lowered_while_a_role_needs_it(cast):
    with pytest.raises(Refused, match="Cashier needs the level"):
        rules.set_level(ida(), cast.cai, "ordinary")

    assert cast.cai.level == "back_office"


def test_a_new_person_gets_a_password_for_one_time(cast):
    secret = rules.add_person(ida(), " Neu.Mann ", "新人", cast.ann.department)

    neu = Person.get(Person.user == "neu.mann")
    assert passwords.matches(neu, secret) and passwords.is_expired(neu)
    assert secret not in last_event(neu).data


@pytest.mark.parametrize("user", ["", "a b", "王", "a\0b", "-a", "x" * 41, "ann"])
def test_a_user_name_is_plain_and_free(cast, user):
    with pytest.raises(Mistyped) as refused:
        rules.add_person(None, user, "新人", cast.ann.department)

    assert refused.value.field == "user"


def test_dba_12_nobody_borrows_a_role_by_a_new_password_in_silence(cast):
    admin = ida()

    rules.reset_password(admin, cast.lin)

    told = {notice.person_id: str(notice.words()) for notice in Notice.select().where(Notice.topic == "password")}
    assert set(told) == {cast.lin.id, cast.mei.id}
    assert set(told.values()) == {f"{admin.name} gave 林 a one-time password."}


def test_a_new_one_time_password_ends_every_session(cast):
    token = sessions.begin(cast.ann, "10.0.0.1", "test")

    secret = rules.reset_password(ida(), cast.ann)

    assert sessions.find(token) is None
    assert passwords.matches(cast.ann, secret) and cast.ann.must_change_password


def test_disabling_ends_sessions_and_rights_at_once(cast):
    token = sessions.begin(cast.cai, "10.0.0.1", "test")

    rules.disable(ida(), cast.cai, "left the company")

    assert sessions.find(token) is None
    assert access.posts_of(cast.cai) == {}
    assert access.holder_ids("cashier") == []


@pytest.mark.parametrize(("user", "role"), [("mei", "gm"), ("ida", "it_admin")])
def test_the_last_who_can_decide_or_administer_is_not_disabled(cast, user, role):
    ida()
    only = Person.get(Person.user == user)

    with pytest.raises(Refused, match="is the only"):
        rules.disable(None, only)

    assert access.holder_ids(role) == [only.id]


def test_nobody_disables_themselves(cast):
    admin = ida()
    granted(cast.bo, "it_admin")

    with pytest.raises(Refused, match="Somebody else"):
        rules.disable(admin, admin)


def test_what_waits_for_or_belongs_to_a_person_is_listed(cast):
    case = rules_grants.give(ida(), cast.sam, Terms("cashier"))

    left = models.left_by(cast.sam)
    assert ([each.id for each in left.papers], [each.role for each in left.grants]) == ([case.id], ["office_clerk"])
    assert left.alone == ["office_clerk"]
    assert [each.case_id for each in models.left_by(cast.mei).tasks] == [case.id]
    assert not models.left_by(cast.bo)


def test_papers_find_their_way_again_when_somebody_is_disabled(cast):
    granted(cast.hao, "exec_in_charge")
    case = rules_grants.give(ida(), cast.mei, Terms("ecom_director"))

    rules.disable(None, cast.hao)

    task = Task.get(Task.case == case, Task.closed.is_null())
    assert (task.wanted, task.stuck) == ("gm", 1)


# ---- departments ----------------------------------------------------------------------------------------------------


def test_gen_03_a_mark_stands_at_one_department(cast):
    with pytest.raises(Mistyped) as refused:
        rules_departments.add_department(ida(), "第二办公室", parent=cast.branch, mark="office")

    assert refused.value.field == "mark"


def test_gen_03_no_department_stands_below_itself(cast):
    admin = ida()
    below = rules_departments.add_department(admin, "下属", parent=cast.department("Office"))

    with pytest.raises(Mistyped) as refused:
        rules_departments.change_department(admin, cast.department("Office"), parent=below)

    assert refused.value.field == "parent"


def test_a_department_with_people_is_not_closed(cast):
    with pytest.raises(Refused, match="still belong"):
        rules_departments.close_department(ida(), cast.department("Marketing"))


def test_a_closed_department_gives_its_mark_free_and_can_open_again(cast):
    admin = ida()
    made = rules_departments.add_department(admin, "设计部", parent=cast.branch, mark="design")

    rules_departments.close_department(admin, made)
    rules_departments.add_department(admin, "新设计部", parent=cast.branch, mark="design")
    rules_departments.reopen_department(admin, made)

    assert Department.get_by_id(made.id).active
    assert [event.action for event in history.history_of(made)] == ["add", "close", "reopen"]


def test_the_tree_knows_heads_and_counts_what_stands_below(cast):
    (top,) = models.tree()

    marketing = next(place for place in top.below if place.department.name_en == "Marketing")
    assert (top.people, marketing.people, [head.user for head in marketing.heads]) == (7, 2, ["hao"])


# ---- importing ------------------------------------------------------------------------------------------------------

LEVELS = {"ordinary": "ordinary", "back_office": "back_office"}


def rows(*told):
    fields = ("user", "name", "department", "level")
    return [Row(number, dict(zip(fields, row, strict=False))) for number, row in enumerate(told, 2)]


def test_an_import_adds_and_changes_people(cast):
    secret = rules_imports.bring(ida(), rows(("neu", "新", "市场部", "back_office"), ("ann", "安妮", "Office", "")), LEVELS)

    assert list(secret) == ["neu"]
    assert cast.ann.department.name_en == "Office"
    neu = Person.get(Person.user == "neu")
    assert (neu.level, passwords.matches(neu, secret["neu"])) == ("back_office", True)


def test_an_import_with_one_bad_row_writes_nothing(cast):
    told = rows(("neu", "新", "市场部"), ("x y", "错", "市场部"), ("gut", "好", "没有部"), ("neu", "又", "市场部"))

    with pytest.raises(Refused):
        rules_imports.bring(ida(), told, LEVELS)

    _found, errors = rules_imports.compare(told, LEVELS)
    assert [(error.row, error.field) for error in errors] == [(3, "user"), (4, "department"), (5, "user")]
    assert Person.get_or_none(Person.user == "neu") is None


def test_importing_twice_changes_nothing(cast):
    admin, told = ida(), rows(("neu", "新", "市场部"), ("ann", "安妮", "市场部"))
    rules_imports.bring(admin, told, LEVELS)
    events = len(history.history_of(cast.ann))

    assert rules_imports.bring(admin, told, LEVELS) == {}

    assert {each.kind for each in rules_imports.compare(told, LEVELS)[0]} == {"same"}
    assert len(history.history_of(cast.ann)) == events


def test_an_import_never_changes_a_level(cast):
    _found, errors = rules_imports.compare(rows(("ann", "安妮", "市场部", "back_office")), LEVELS)

    assert [error.field for error in errors] == ["level"]


def test_grants_of_a_disabled_person_count_again_when_enabled(cast):
    admin = ida()
    rules.disable(admin, cast.cai)

    rules.enable(admin, cast.cai)

    assert "cashier" in access.posts_of(cast.cai)
    assert Grant.select().where(Grant.person == cast.cai).count() == 1


def test_many_are_added_together_or_nobody(cast):
    with pytest.raises(Mistyped):
        rules.add_people(ida(), [NewPerson("eins", "一", cast.branch), NewPerson("ann", "二", cast.branch)])

    assert Person.get_or_none(Person.user == "eins") is None
