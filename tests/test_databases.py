"""Every test has a database of its own, made by the migrations, with the cast in it."""

from datetime import UTC, datetime

import pytest

from portal import clock as portal_clock
from portal import db
from portal.persons import Department, Grant, Person


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_one_test_writes_no_other_sees(turn):
    assert Department.select().where(Department.name == "仓库").count() == 0

    Department.create(name="仓库", name_en="Warehouse")

    assert Department.select().where(Department.name == "仓库").count() == 1


def test_the_database_is_built_by_all_migrations():
    assert db.pending() == []


def test_the_cast_is_known_to_all(cast):
    assert cast.ann.department == cast.hao.department == cast.department("Marketing")
    assert cast.ann.department.parent == cast.branch
    assert {grant.person.user: grant.role for grant in Grant.select()} == {
        "mei": "gm",
        "sam": "office_clerk",
        "lin": "chief_accountant",
        "cai": "cashier",
        "hao": "dept_manager",
    }
    assert Person.select().count() == 7


def test_a_database_is_the_one_that_was_asked_for(database):
    assert db.is_postgres() == database.startswith("postgresql://")


def test_the_clock_can_be_set(clock):
    morning = clock.set("2026-03-02 09:00")

    later = clock.forward(days=1)

    assert morning == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert later == portal_clock.now() == datetime(2026, 3, 3, 1, tzinfo=UTC)
