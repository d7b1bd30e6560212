"""Loans of an earlier register: entered as they run, judged like any other from then on (CON-10 to CON-12)."""

from dataclasses import replace
from datetime import date

import pytest

from portal import access
from portal.contracts.models import Contract, Loan
from portal.contracts.models_loans import loans
from portal.contracts.models_papers import Entered
from portal.contracts.rules_loans import enter_open_loan
from portal.refused import Mistyped, NotYours, Refused
from tests import archive, lending, posts

RUNNING = Entered(date(2026, 2, 1), date(2026, 2, 8), 12, 5)


@pytest.fixture(autouse=True)
def march(clock):
    clock.set("2026-03-02 09:00")


@pytest.fixture
def contract(cast):
    return archive.contract(cast)


def loan_of(case):
    return Loan.get_by_id(case.id)


def test_an_open_loan_of_an_earlier_register_runs_on(cast, contract):
    wen = archive.archivist(cast)

    case = enter_open_loan(wen, contract, cast.ann, RUNNING)

    assert (case.state, case.requester, loan_of(case).copy_number) == ("lent", cast.ann, 5)
    assert loans(access.posts_of(wen), "overdue")[0].days_late == 22
    assert loan_of(lending.lent(cast, contract)).copy_number == 6
    with pytest.raises(NotYours):
        enter_open_loan(cast.hao, contract, cast.ann, RUNNING)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"lent_on": date(2026, 3, 3)}, "due_on"), ({"due_on": date(2026, 1, 31)}, "due_on"), ({"pages": 13}, "pages")],
)
def test_an_open_loan_of_an_earlier_register_has_days_and_pages_that_can_be(cast, contract, wrong, field):
    with pytest.raises(Mistyped) as refusal:
        enter_open_loan(archive.archivist(cast), contract, cast.ann, replace(RUNNING, **{"due_on": date(2026, 4, 1)} | wrong))

    assert refusal.value.field == field


def test_con_11_a_copy_number_that_is_taken_is_given_anew_and_none_is_given_twice(cast, contract):
    wen = archive.archivist(cast)

    entered = [enter_open_loan(wen, contract, cast.ann, replace(RUNNING, copy_number=n)) for n in (5, 5, 2)]
    last = lending.lent(cast, contract)

    assert [loan_of(case).copy_number for case in (*entered, last)] == [5, 6, 2, 7]


def test_con_12_an_open_loan_of_an_original_that_is_taken_or_gone_is_not_entered(cast, contract):
    wen = archive.archivist(cast)
    lending.asked(cast.bo, contract, "original")

    with pytest.raises(Refused, match="波 asked for the original before"):
        enter_open_loan(wen, contract, cast.ann, RUNNING, "original")
    Contract.update(state="withdrawn").where(Contract.id == contract.id).execute()
    with pytest.raises(Refused, match="not in the archive any more"):
        enter_open_loan(wen, contract, cast.ann, RUNNING)


def test_an_open_loan_of_a_confidential_contract_is_a_paper_of_its_owners(cast):
    secret = archive.contract(cast, "Merger", confidential=True)

    case = enter_open_loan(archive.archivist(cast), secret, cast.mei, RUNNING)

    assert [access.may_read([posts.head(cast, each)], case) for each in ("Marketing", "Office")] == [True, False]
