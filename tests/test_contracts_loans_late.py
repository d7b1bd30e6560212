"""Loans that are late, and who sees which loans: reminders, the head, the red list; nothing is returned by a clock (CON-10)."""

from datetime import date, timedelta

import pytest

from portal import access, jobs, notices, policies
from portal import clock as portal_clock
from portal.cases import Case
from portal.contracts.models import Loan
from portal.contracts.models_loans import loan_days, loans
from portal.persons import Person
from tests import archive, lending


@pytest.fixture
def contract(cast):
    return archive.contract(cast)


def loan_of(case):
    return Loan.get_by_id(case.id)


# ---- late -----------------------------------------------------------------------------------------------------------


def told(person):
    return [
        str(each.words())
        for each in notices.Notice.select().where(notices.Notice.person == person, notices.Notice.topic == "due")
    ]


def test_the_borrower_is_reminded_then_the_head_then_it_is_on_the_red_list(cast, contract, clock):
    clock.set("2026-03-02 09:00")
    case = lending.lent(cast, contract)
    reads = access.posts_of(cast.mei)

    clock.set("2026-03-08 09:00")
    jobs.JOBS["loan_due"].work()
    assert told(cast.ann) == []

    clock.set("2026-03-09 09:00")
    for _again in range(2):
        jobs.JOBS["loan_due"].work()
    assert len(told(cast.ann)) == 1
    assert told(cast.hao) == []

    clock.set("2026-03-12 09:00")
    for _again in range(2):
        jobs.JOBS["loan_due"].work()
    assert ["安妮 still has it" in text for text in told(cast.hao)] == [True]
    assert [each.case for each in loans(reads, "overdue")] == [case.id]
    assert loans(reads, "red") == []

    clock.set("2026-03-16 09:00")
    assert [(each.case, each.days_late, each.is_red) for each in loans(reads, "red")] == [(case.id, 7, True)]


def test_nothing_is_ever_returned_by_the_clock(cast, contract, clock):
    case = lending.lent(cast, contract)

    clock.forward(days=400)
    for job in jobs.JOBS.values():
        if job.name.startswith(("loan", "contract")):
            job.work()

    assert Case.get_by_id(case.id).state == "lent"
    assert loan_of(case).returned_at is None


def test_the_days_of_a_loan_are_a_policy(cast, contract, clock):
    clock.set("2026-03-02 09:00")
    policies.change(cast.mei, loan_days, 3)

    assert loan_of(lending.lent(cast, contract)).due_on == date(2026, 3, 5)


# ---- who sees it ----------------------------------------------------------------------------------------------------


def test_a_list_of_loans_holds_what_one_may_read_of_what_one_may_know_of(cast, contract):
    secret = archive.contract(cast, "Merger", confidential=True)
    lending.asked(cast.ann, contract)
    lending.asked(cast.hao, secret)

    seen = {
        name: [each.title for each in loans(access.posts_of(getattr(cast, name)), "open")] for name in ("ann", "hao", "bo", "mei")
    }

    assert seen == {
        "ann": ["Store fittings 2026"],
        "hao": ["Merger", "Store fittings 2026"],
        "bo": [],
        "mei": ["Merger", "Store fittings 2026"],
    }


def test_a_disabled_borrowers_loan_still_shows(cast, contract):
    case = lending.lent(cast, contract)
    Person.update(active=False).where(Person.id == cast.ann.id).execute()

    assert [each.case for each in loans(access.posts_of(archive.archivist(cast)), "open")] == [case.id]
    assert portal_clock.today() + timedelta(days=7) == loan_of(case).due_on
