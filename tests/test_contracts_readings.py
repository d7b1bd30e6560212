"""Who read a contract at the archive: written down in two clicks, never changed, and shown to few (CON-07)."""

from datetime import timedelta

import pytest

from portal import access, clock, db
from portal.contracts.models import Contract, Reading
from portal.contracts.models_finding import readings
from portal.contracts.rules_finding import read_here
from portal.contracts.rules_register import withdraw
from portal.persons import Person
from portal.refused import Mistyped, NotThere, NotYours, Refused
from tests import lending
from tests.archive import archivist, contract
from tests.posts import grant


def test_con_07_an_employee_says_i_read_it_here_and_the_archivist_says_it_of_others(cast):
    one, wen = contract(cast), archivist(cast)

    read_here(cast.bo, one.id)
    read_here(wen, one.id, cast.ann, "With the auditor")

    assert [(each.person.user, each.by.user, each.note) for each in Reading.select().order_by(Reading.id)] == [
        ("bo", "bo", ""), ("ann", "wen", "With the auditor"),
    ]  # fmt: skip


def test_con_07_nobody_else_speaks_for_others_and_what_is_gone_is_not_read(cast):
    one, wen = contract(cast), archivist(cast)
    secret = contract(cast, "Takeover", confidential=True)

    with pytest.raises(NotYours):
        read_here(cast.bo, one.id, cast.ann)
    with pytest.raises(NotThere):
        read_here(cast.bo, secret.id)
    with pytest.raises(Mistyped, match="may not read this contract"):
        read_here(wen, secret.id, cast.ann)
    with pytest.raises(Mistyped, match="At most 200 characters"):
        read_here(cast.bo, one.id, note="x" * 201)
    lending.lent(cast, contract(cast, "Out"), "original")
    with pytest.raises(Refused, match="original is on loan"):
        read_here(cast.bo, Contract.get(Contract.title == "Out").id)
    Person.update(active=False).where(Person.id == cast.ann.id).execute()
    with pytest.raises(Mistyped, match="has left"):
        read_here(wen, one.id, cast.ann)
    withdraw(wen, one.id, one.events, "Moved")
    with pytest.raises(Refused, match="not in the archive"):
        read_here(cast.bo, one.id)
    assert Reading.select().count() == 0


def test_con_07_readings_of_a_confidential_contract_are_on_no_report_of_who_may_not_know_of_it(cast):
    secret = contract(cast, "Takeover", confidential=True)
    read_here(cast.hao, secret.id)
    now = clock.now()

    seen = [
        len(readings(access.posts_of(person), None, now - timedelta(days=1), now + timedelta(days=1)))
        for person in (cast.ann, cast.hao, cast.mei)
    ]

    assert seen == [0, 1, 1]


def test_con_07_a_reading_is_never_changed_or_taken_back(cast):
    import peewee

    made = read_here(cast.bo, contract(cast).id)

    for change_ in (lambda: made.delete_instance(), lambda: Reading.update(note="x").execute()):
        with pytest.raises(peewee.PeeweeException, match="append-only"):
            db.transaction(change_)()


def test_con_07_who_read_it_is_seen_by_archivist_owners_head_and_gm(cast, client, app):
    app.config["WTF_CSRF_ENABLED"] = False
    one = contract(cast)
    assert client(cast.bo).post(f"/contracts/{one.id}/readings").status_code == 303
    address = f"/contracts/{one.id}/readings"
    grant(cast.lin, "dept_manager", cast.department("Finance"))

    statuses = {
        each.user: client(each).get(address).status_code for each in (cast.ann, cast.hao, cast.mei, cast.lin, archivist(cast))
    }
    report = {each.user: client(each).get("/contracts/readings") for each in (cast.hao, cast.mei, cast.lin, cast.ann)}

    assert statuses == {"ann": 403, "hao": 200, "mei": 200, "lin": 403, "wen": 200}
    assert {user: answer.status_code for user, answer in report.items()} == {"hao": 200, "mei": 200, "lin": 200, "ann": 403}
    assert {user: one.number in answer.text for user, answer in report.items()} == {"hao": 1, "mei": 1, "lin": 0, "ann": 0}
    assert one.number in client(cast.hao).get("/contracts/readings?export=csv").text
    assert one.number not in client(cast.hao).get("/contracts/readings?since=2020-01-01&until=2020-02-01").text
    for until in ("9999-12-31", "2026-W01-1", "20260101", "1948-12-31"):  # what cannot be narrows nothing
        assert one.number in client(cast.hao).get(f"/contracts/readings?since=0001-01-01&until={until}").text
