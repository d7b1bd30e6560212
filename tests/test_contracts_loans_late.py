"""Loans that are late, and who sees which loans: reminders, the head, the red list; nothing is returned by a clock (CON-10)."""

from datetime import date, timedelta

import pytest

from portal import access, jobs, notices, policies, steps
from portal import clock as portal_clock
from portal.cases import Case
from portal.contracts.models import Contract, Loan
from portal.contracts.models_loans import head_days, loan_days, loans
from portal.contracts.models_papers import HandOut
from portal.persons import Person
from tests import archive, lending, posts


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

    clock.set("2026-03-11 09:00")
    jobs.JOBS["loan_due"].work()
    assert told(cast.hao) == []

    clock.set("2026-03-12 09:00")
    for _again in range(2):
        jobs.JOBS["loan_due"].work()
    assert ["安妮 still has it" in text for text in told(cast.hao)] == [True]
    assert [each.case for each in loans(reads, "overdue")] == [case.id]
    assert loans(reads, "red") == []

    clock.set("2026-03-16 09:00")
    assert [(each.case, each.days_late, each.is_red) for each in loans(reads, "red")] == [(case.id, 7, True)]


def test_the_head_hears_of_what_is_late_never_of_what_is_due_today(cast, contract, clock):
    clock.set("2026-03-02 09:00")
    policies.change(cast.mei, head_days, 0)
    lending.lent(cast, contract)

    clock.set("2026-03-09 09:00")
    jobs.JOBS["loan_due"].work()
    assert (len(told(cast.ann)), told(cast.hao)) == (1, [])

    clock.set("2026-03-10 09:00")
    jobs.JOBS["loan_due"].work()
    assert (len(told(cast.ann)), len(told(cast.hao))) == (1, 1)


def test_of_the_heads_own_late_loan_the_other_head_hears(cast, contract, clock):
    posts.grant(cast.bo, "dept_manager", cast.department("Marketing"))
    case = steps.take(cast.bo, lending.asked(cast.hao, contract).id, "approve")
    steps.take(archive.archivist(cast), case.id, "hand_out", given=HandOut(12))

    clock.forward(days=20)
    jobs.JOBS["loan_due"].work()

    assert ["still has it" in text for person in (cast.hao, cast.bo) for text in told(person)] == [False, True]


def test_of_the_only_heads_own_late_loan_the_general_manager_hears(cast, contract, clock):
    case = steps.take(cast.mei, lending.asked(cast.hao, contract).id, "approve")
    steps.take(archive.archivist(cast), case.id, "hand_out", given=HandOut(12))

    clock.forward(days=20)
    jobs.JOBS["loan_due"].work()

    assert ["still has it" in text for person in (cast.hao, cast.mei) for text in told(person)] == [False, True]


def test_of_a_late_confidential_contract_the_general_manager_hears(cast, clock):
    wen, secret = archive.archivist(cast), archive.contract(cast, "Merger", confidential=True)
    case = steps.take(cast.mei, lending.asked(wen, secret).id, "approve")
    steps.take(wen, case.id, "hand_out", given=HandOut(12))

    clock.forward(days=20)
    jobs.JOBS["loan_due"].work()

    assert (len(told(cast.mei)), told(cast.hao)) == (1, [])


def test_what_came_back_or_is_lost_is_neither_late_nor_reminded_of(cast, contract, clock):
    back, lost = lending.lent(cast, contract), lending.lent(cast, contract)
    lending.back(cast, back)
    steps.take(archive.archivist(cast), lost.id, "lose", note="Gone")

    clock.forward(days=20)
    jobs.JOBS["loan_due"].work()

    reads = access.posts_of(cast.mei)
    assert (told(cast.ann), loans(reads, "overdue"), loans(reads, "red")) == ([], [], [])
    assert {each.case: each.days_late for each in loans(reads, "closed")} == {back.id: 0, lost.id: 0}


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


def test_a_loan_of_what_became_confidential_is_on_no_list_of_who_may_not_know_of_it(cast, contract):
    lending.lent(cast, contract)
    Contract.update(confidential=True).where(Contract.id == contract.id).execute()

    assert [len(loans(access.posts_of(person), "open")) for person in (cast.ann, cast.hao)] == [0, 1]


def test_a_disabled_borrowers_loan_still_shows(cast, contract):
    case = lending.lent(cast, contract)
    Person.update(active=False).where(Person.id == cast.ann.id).execute()

    assert [each.case for each in loans(access.posts_of(archive.archivist(cast)), "open")] == [case.id]
    assert portal_clock.today() + timedelta(days=7) == loan_of(case).due_on
