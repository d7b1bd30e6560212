"""GEN-02, GEN-10: what was done stays as it was told, and what was changed or taken away is found."""

import peewee
import pytest

from portal import db, history, steps
from portal.history import Event, Refusal, history_of
from portal.refused import NotYours, SomebodyWasFirst


@pytest.fixture
def case(cast, memos):
    return memos.go(memos.draft(cast.ann), (cast.ann, "submit"), (cast.hao, "endorse"))


@pytest.fixture
def tampering(case):
    """As somebody with the database's own password would: without its triggers."""
    for table in ("events", "entries", "refusals"):
        for verb in ("update", "truncate") if db.is_postgres() else ("update", "delete"):
            db.run(f"DROP TRIGGER {table}_no_{verb}" + (f" ON {table}" if db.is_postgres() else ""))


def test_what_was_done_is_told_in_order(cast, case):
    told = [(each.n, each.action, each.by.user, each.before, each.after, each.version) for each in history_of(case)]

    assert told == [
        (1, "create", "ann", "", "draft", 1),
        (2, "submit", "ann", "draft", "submitted", 1),
        (3, "endorse", "hao", "submitted", "endorsed", 1),
    ]
    assert list(history.verify()) == []


CHANGES = [
    "note = 'yes'", "by_id = 2", "at = at + 1", "action = 'reject'", "data = '{}'", "post = 'gm'", "version = 2",
    "request_id = 'x'", "before = 'x'", "after = 'x'", "on_behalf_of_id = 1",
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_event_is_found(case, tampering, change):
    db.run(f"UPDATE events SET {change} WHERE n = 1 AND thing_id = ?", case.id)

    assert list(history.verify()) == [f"case {case.id}: event 1 was changed"]


def test_a_changed_event_with_a_digest_of_its_own_is_found(case, tampering):
    db.run("UPDATE events SET note = 'yes', digest = ? WHERE n = 2 AND thing_id = ?", "f" * 64, case.id)

    found = list(history.verify())

    assert found == [f"case {case.id}: event 2 was changed", f"case {case.id}: event 3 was changed"]


def test_a_missing_inner_event_is_found(case, tampering):
    db.run("DELETE FROM events WHERE n = 2 AND thing_id = ?", case.id)

    assert f"case {case.id}: event 2 is missing" in list(history.verify())


def test_a_missing_last_event_is_found(case, tampering):
    db.run("DELETE FROM events WHERE n = 3 AND thing_id = ?", case.id)

    assert list(history.verify()) == [f"case {case.id}: its last event is number 3 by its own record, 2 by the events"]


def test_a_missing_history_is_found(case, tampering):
    db.run("DELETE FROM events WHERE thing_id = ?", case.id)

    assert list(history.verify()) == [f"case {case.id}: none of its 3 events is there"]


@pytest.mark.parametrize("table", ["events", "entries", "refusals"])
@pytest.mark.parametrize(
    "deed", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE", "INSERT OR REPLACE INTO {} SELECT * FROM {}"]
)
def test_the_database_itself_refuses_to_change_what_was_written(cast, memos, case, table, deed):
    memos.account(1000)
    history.refuse("sign", cast.bo, "no")
    if ("TRUNCATE" in deed and not db.is_postgres()) or ("REPLACE" in deed and db.is_postgres()):
        pytest.skip("the other database's way")

    with pytest.raises((peewee.IntegrityError, peewee.InternalError, peewee.DatabaseError), match="append-only"):
        db.run(deed.replace("{}", table))

    assert db.row(f"SELECT COUNT(*) FROM {table}") > (0,)


def test_replacing_an_event_by_its_place_is_refused(case):
    if db.is_postgres():
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")

    with pytest.raises(peewee.IntegrityError, match="append-only"):
        db.run(
            "INSERT OR REPLACE INTO events (thing, thing_id, n, at, action, digest) VALUES ('case', ?, 2, 0, 'nothing', 'f')",
            case.id,
        )


def test_an_event_is_written_with_what_it_tells_of_or_not_at_all(cast):
    with pytest.raises(AssertionError, match="an event is written with what it tells of"):
        history.record(cast.ann, "change", cast.mei)


def test_a_thing_that_moved_on_takes_no_event_from_an_older_look(cast):
    before, again = cast.ann, cast.ann
    db.transaction(history.record)(before, "change", cast.mei)

    with pytest.raises((SomebodyWasFirst, peewee.IntegrityError)):
        db.transaction(history.record)(again, "change", cast.mei)

    assert Event.select().where(Event.thing == "person").count() == 1
    assert list(history.verify()) == []


def test_gen_10_an_attempt_outside_ones_rights_is_recorded(cast, case):
    with pytest.raises(NotYours):
        steps.take(cast.bo, case.id, "check")

    refusal = Refusal.get()
    assert (refusal.person, refusal.attempt, refusal.thing, refusal.thing_id) == (cast.bo, "check", "case", case.id)
    assert refusal.why == "You have no permission for this."


def test_the_request_that_caused_an_event_is_kept(cast, memos):
    token = history.request_id.set("r-1")

    case = memos.draft(cast.ann)

    history.request_id.reset(token)
    assert [each.request_id for each in history_of(case)] == ["r-1"]
