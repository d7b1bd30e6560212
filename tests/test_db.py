"""One writer at a time, on both databases; a transaction is whole, and repeated whole where the database asks for it."""

import threading
from datetime import UTC, date, datetime

import peewee
import pytest

from portal import db
from portal.cases import Case, Counter
from portal.notices import Notice
from portal.persons import Department, Grant, Person
from tests.at_once import at_once

ONLY = {"sqlite": "only SQLite has it", "postgres": "only PostgreSQL has it"}


def only_on(name):
    if db.is_postgres() != (name == "postgres"):
        pytest.skip(ONLY[name])


def pragmas():
    return {name: db.row(f"PRAGMA {name}")[0] for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")}


def test_the_pragmas_are_set_on_every_connection(database):
    only_on("sqlite")
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}

    assert [pragmas(), *at_once(pragmas, pragmas)] == [wanted] * 3
    assert db.row("PRAGMA busy_timeout") >= (5000,)


def test_what_is_read_in_passing_is_not_kept_and_afterwards_everything_is_as_before(database):
    only_on("sqlite")
    before = db.row("PRAGMA cache_size")

    with pytest.raises(ZeroDivisionError), db.passing_through():
        assert db.row("PRAGMA cache_size") == (-2048,)
        raise ZeroDivisionError

    assert db.row("PRAGMA cache_size") == before == (-65536,)


def test_postgres_reads_what_is_committed(database):
    only_on("postgres")

    assert db.row("SHOW transaction_isolation") == ("read committed",)


def test_a_transaction_is_whole_or_nothing(cast):
    @db.transaction
    def half():
        Counter.create(kind="half", year=2026, last=1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()

    assert Counter.select().count() == 0
    assert not db.is_in_transaction()


def test_a_transaction_called_inside_another_joins_it(cast):
    @db.transaction
    def inner():
        Counter.create(kind="inner", year=2026, last=1)

    @db.transaction
    def outer():
        inner()
        assert db.is_in_transaction()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outer()

    assert Counter.select().count() == 0


def test_work_after_commit_waits_for_the_commit(cast):
    done = []

    @db.transaction
    def deed():
        db.after_commit(lambda: done.append(db.is_in_transaction()))
        assert done == []

    deed()

    assert done == [False]


def test_work_after_commit_is_not_done_when_nothing_was_committed(cast):
    done = []

    @db.transaction
    def deed():
        db.after_commit(lambda: done.append("mailed"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deed()

    assert done == []


def test_the_writer_is_alone_from_the_first_statement_on(cast, monkeypatch):
    only_on("sqlite")
    monkeypatch.setattr(db, "queue", threading.Lock())

    @db.transaction
    def deed():
        return db.db.obj.in_transaction(), at_once(refused_beside)[0]

    inside, beside = deed()

    assert inside
    assert beside == "database is locked"


def refused_beside():
    """What a second connection is told that asks to write at the same time."""
    db.run("PRAGMA busy_timeout = 10")
    try:
        db.run("BEGIN IMMEDIATE")
    except peewee.OperationalError as error:
        return str(error)
    db.run("ROLLBACK")
    return "not refused"


def test_postgres_takes_the_writers_lock_first(cast):
    only_on("postgres")
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()"

    @db.transaction
    def deed():
        return db.row(held)

    assert deed() == (1,)
    assert db.row(held) == (0,)


@pytest.mark.parametrize("state", ["40001", "40P01", "23505"])
def test_what_the_database_asks_to_repeat_is_repeated_whole(cast, state):
    only_on("postgres")
    tries = []

    @db.transaction
    def deed():
        tries.append(Counter.select().count())
        Counter.create(kind="deed", year=2026, last=1)
        db.after_commit(lambda: tries.append("after"))
        if len(tries) < 3:
            db.run(f"DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '{state}'; END $$")

    deed()

    assert tries == [0, 0, 0, "after"]
    assert Counter.select().count() == 1


def test_a_repeated_deed_gives_up_in_the_end(cast):
    only_on("postgres")
    tries = []

    @db.transaction
    def deed():
        tries.append(1)
        db.run("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$")

    with pytest.raises(peewee.OperationalError, match="again"):
        deed()

    assert len(tries) == db.TRIES


def test_other_mistakes_are_not_repeated(cast):
    tries = []

    @db.transaction
    def deed():
        tries.append(1)
        Person.create(user="no department", name="x", department=10**6)
        db.run("SET CONSTRAINTS ALL IMMEDIATE" if db.is_postgres() else "SELECT 1")

    with pytest.raises(peewee.IntegrityError):
        deed()

    assert tries == [1]


def test_those_who_wait_to_write_are_served_in_order():
    queue, served = db.Queue(), []
    threads = []

    def wait(n):
        with queue:
            served.append(n)

    with queue:
        for n in range(8):
            threads.append(threading.Thread(target=wait, args=(n,)))
            threads[-1].start()
            while len(queue._waiting) <= n:
                pass

    for each in threads:
        each.join()
    assert served == list(range(8))


def test_moments_are_kept_to_the_millisecond(cast):
    moment = datetime(2026, 3, 2, 1, 2, 3, 456000, tzinfo=UTC)

    Person.update(created_at=moment).where(Person.id == cast.ann.id).execute()

    assert cast.ann.created_at == moment
    assert db.from_ms(db.to_ms(moment)) == moment


def test_what_is_added_and_found_is_what_peewee_makes_of_it(cast):
    added = Notice.add(person=cast.ann, at=datetime(2026, 3, 2, tzinfo=UTC), topic="decided", text="100 % ? 'yes'")
    grant = Grant.add(person=cast.bo, role="it_admin", starts=date(2026, 3, 2), ends=date(2026, 3, 3), acting=True, reason="away")

    assert Notice.find("id = ?", added.id).__data__ == Notice.get_by_id(added.id).__data__
    assert Grant.find("id = ?", grant.id).__data__ == Grant.get_by_id(grant.id).__data__
    assert [each.user for each in Person.where("active AND level = ? ORDER BY id DESC", "ordinary")] == ["bo", "ann"]
    assert Department.find("mark = ?", "office").people.count() == 2
    assert Case.find("id = ?", 1) is None


def test_hand_written_sql_keeps_its_percent_signs(cast):
    names = db.rows('SELECT "user" FROM persons WHERE "user" LIKE \'%n\' AND active = ? ORDER BY "user"', True)

    assert [name for (name,) in names] == ["ann", "lin"]
    assert db.row("SELECT '5%'") == ("5%",)


def test_a_newer_database_is_refused(cast):
    db.run("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2030-01-01')")

    with pytest.raises(db.NewerDatabase, match="9999_later"):
        db.pending()
