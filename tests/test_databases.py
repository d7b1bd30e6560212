"""Every test has a database of its own, made by the migrations, with the cast in it."""

from datetime import UTC, datetime

import pytest

from portal import clock as portal_clock
from portal import db, history
from portal.persons import Department, Grant, Person


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_one_test_writes_no_other_sees(turn):
    assert Department.select().where(Department.name == "仓库").count() == 0

    Department.create(name="仓库", name_en="Warehouse")

    assert Department.select().where(Department.name == "仓库").count() == 1


@db.transaction
def write_rows():
    history.record(Department.create(name="仓库", name_en="Warehouse"), "create")
    Person.update(name="everybody").execute()


def build_on():
    db.run("CREATE TABLE shelves (id integer)")
    db.run("ALTER TABLE departments ADD COLUMN shelf integer")


def take_a_guard_away():
    db.run("DROP TRIGGER events_no_update" + (" ON events" if db.is_postgres() else ""))


@pytest.mark.parametrize("deed", [write_rows, build_on, take_a_guard_away])
def test_a_database_that_is_given_again_is_like_a_new_one(databases, database, deed):
    """As the migrations and the cast made it: tables, rows, guards, and the numbers that are given next."""
    at_first = everything_in(database)

    for _turn in range(2):
        url = databases.copy()
        db.connect(url)
        deed()
        databases.drop(url)

    again = databases.copy()
    assert everything_in(again) == at_first
    databases.drop(again)
    db.connect(database)


def everything_in(url):
    db.connect(url)
    rows = {name: sorted(map(repr, db.rows(f'SELECT * FROM "{name}"'))) for name in db.db.get_tables()}
    columns = {name: [each.name for each in db.db.get_columns(name)] for name in rows}
    if db.is_postgres():
        guards = db.rows("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1")
    else:
        guards = db.rows("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1")
    following = Department.create(name="新", name_en="New").id
    Department.delete().where(Department.id == following).execute()
    return rows, columns, guards, following


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
