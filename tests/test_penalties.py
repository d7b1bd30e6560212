"""Penalties are recorded within the rule's range, answered by the person, and confirmed by the manager (FIN-09, SUP-21)."""

from __future__ import annotations

import io
import secrets
from datetime import timedelta

import pytest

from portal import access, attachments, clock, contents, steps
from portal.access import may_read
from portal.expenses import rules as expenses  # noqa: F401
from portal.expenses.models_penalties import Answer, Penalty, penalty_content
from portal.expenses.rules_penalties import PENALTY
from portal.notices import Notice
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from tests.budgets import yuan
from tests.test_spending_pages import everybody_reads_english, post  # noqa: F401


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


def recorded(by, about, rule="SUP-21", amount=80, with_file=True):
    content = penalty_content(about, rule, yuan(amount), clock.today(), "Printed a book")
    case = contents.create(PENALTY, by, content, secrets.token_hex(8))
    if with_file:
        attachments.store("case", case.id, "paper", "log.csv", io.BytesIO(b"a,b"), by)
    return case


def test_sup_21_the_head_records_private_use_and_the_manager_confirms(cast):
    case = recorded(cast.hao, cast.ann)
    assert not may_read(access.posts_of(cast.ann), case)

    case = steps.take(cast.hao, case.id, "submit")
    assert may_read(access.posts_of(cast.ann), case)
    assert "penalty" in [each.topic for each in Notice.select().where(Notice.person == cast.ann)]
    case = steps.take(cast.ann, case.id, "answer", given=Answer("It was for work"))
    case = steps.take(cast.mei, case.id, "confirm")

    assert (case.state, Penalty.get_by_id(case.id).answer) == ("confirmed", "It was for work")


@pytest.mark.parametrize(
    ("rule", "amount"), [("SUP-21", "49.99"), ("SUP-21", "100.01"), ("FIN-09", "999.99"), ("FIN-09", "5000.01")]
)
def test_an_amount_outside_the_range_of_the_rule_is_refused(cast, rule, amount):
    by = cast.hao if rule == "SUP-21" else cast.mei

    with pytest.raises(Mistyped, match="The rule allows"):
        recorded(by, cast.ann, rule, amount)


def test_others_than_those_the_rule_names_record_nothing(cast):
    for by, about, rule, amount in (
        (cast.ann, cast.bo, "SUP-21", 80), (cast.hao, cast.bo, "SUP-21", 80), (cast.hao, cast.ann, "FIN-09", 2000),
        (cast.mei, cast.ann, "SUP-21", 80),
    ):  # fmt: skip
        with pytest.raises(NotYours, match="This is recorded by"):
            recorded(by, about, rule, amount)


def test_nobody_records_one_about_himself(cast):
    with pytest.raises(Mistyped, match="Choose somebody else"):
        recorded(cast.hao, cast.hao)


def test_fin_09_what_the_manager_records_is_confirmed_by_another(cast):
    case = steps.take(cast.mei, recorded(cast.mei, cast.ann, "FIN-09", 2000).id, "submit")

    with pytest.raises(NotYours):
        steps.take(cast.mei, case.id, "confirm")


def test_nothing_is_submitted_without_a_file_and_answered_once(cast):
    with pytest.raises(Refused, match=r"^Attach what proves it\.$"):
        steps.take(cast.hao, recorded(cast.hao, cast.ann, with_file=False).id, "submit")
    case = steps.take(cast.hao, recorded(cast.hao, cast.ann).id, "submit")
    steps.take(cast.ann, case.id, "answer", given=Answer("No"))

    with pytest.raises(Refused, match=r"^You answered already\.$"):
        steps.take(cast.ann, case.id, "answer", given=Answer("No!"))


def test_once_read_a_penalty_stays_about_the_same_person(cast):
    case = steps.take(cast.hao, recorded(cast.hao, cast.ann).id, "submit")
    case = steps.take(cast.mei, case.id, "return", note="Which book?", given="draft")
    Person.update(department=cast.ann.department).where(Person.id == cast.cai.id).execute()
    told = ("SUP-21", yuan(80), clock.today(), "Printed a novel")

    with pytest.raises(Mistyped, match="has read it: cancel this one and record another") as refusal:
        contents.edit(cast.hao, case.id, penalty_content(Person.get_by_id(cast.cai.id), *told), case.version)

    assert refusal.value.field == "person"
    assert Penalty.get_by_id(case.id).person_id == cast.ann.id
    again = contents.edit(cast.hao, case.id, penalty_content(cast.ann, *told), case.version)
    assert steps.take(cast.hao, again.id, "submit").state == "submitted"


def test_a_penalty_that_is_not_submitted_is_about_whoever_is_named_last(cast):
    case = recorded(cast.hao, cast.ann)
    Person.update(department=cast.ann.department).where(Person.id == cast.cai.id).execute()
    content = penalty_content(Person.get_by_id(cast.cai.id), "SUP-21", yuan(80), clock.today(), "Printed a novel")

    case = steps.take(cast.hao, contents.edit(cast.hao, case.id, content, case.version).id, "submit")

    assert case.beneficiary_id == cast.cai.id
    assert not may_read(access.posts_of(cast.ann), case)


def test_who_began_a_penalty_may_cancel_it_as_long_as_it_is_a_draft(cast):
    case = recorded(cast.hao, cast.ann)
    with pytest.raises(NotYours):
        steps.take(cast.mei, case.id, "cancel")

    assert steps.take(cast.hao, case.id, "cancel").state == "cancelled"


def test_a_penalty_is_written_on_the_common_form_and_shows_its_range(cast, client):
    hao = client(cast.hao)
    typed = {
        "user": "ann",
        "rule": "SUP-21",
        "amount": "80",
        "day": clock.today().isoformat(),
        "reason": "Printed a book",
        "do": "save",
    }

    assert hao.get("/papers/new/penalty").status_code == 200
    assert client(cast.ann).get("/papers/new/penalty").status_code == 403
    outside = post(hao, "/papers/new/penalty", typed | {"amount": "500", "token": "one"})
    assert outside.status_code == 422 and "The rule allows" in outside.text
    kept = post(hao, "/papers/new/penalty", typed | {"token": "two"})
    assert kept.status_code == 303
    assert "Printed a book" in hao.get(kept.headers["Location"]).text


def test_nothing_is_recorded_of_a_day_to_come(cast):
    content = penalty_content(cast.ann, "SUP-21", yuan(80), clock.today() + timedelta(days=1), "Printed a book")

    with pytest.raises(Mistyped, match="Write a day that has come"):
        contents.create(PENALTY, cast.hao, content, "tomorrow")
