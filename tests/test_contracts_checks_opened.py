"""When a check of the archive is opened, by hand or by the clock, and when not (CON-02)."""

from datetime import date

import peewee
import pytest

from portal import contents, jobs, notices, steps
from portal.cases import Case
from portal.contracts.models import ArchiveCheck, CheckLine, Contract
from portal.contracts.models_papers import check_content
from portal.contracts.rules_checks import CHECK, Result, write_down_list
from portal.refused import Refused
from tests import archive, posts
from tests.test_contracts_checks import begun


@pytest.fixture
def wen(cast):
    return archive.archivist(cast)


@pytest.fixture
def three(cast):
    return [archive.contract(cast, f"Contract {n}", box=str(n)) for n in (1, 2, 3)]


def test_a_check_begun_by_hand_in_an_archive_younger_than_the_day_is_of_no_half_year(cast, wen, three, clock):
    Contract.update(created_at=clock.set("2026-08-01 09:00")).execute()
    clock.set("2026-09-01 09:00")

    begun(wen)

    assert (ArchiveCheck.get().half, ArchiveCheck.get().due_on) == ("", date(2026, 9, 15))


def test_con_02_a_closed_check_is_not_opened_again_and_not_late(cast, wen, three, clock):
    Contract.update(created_at=clock.set("2026-03-01 09:00")).execute()
    clock.set("2026-06-20 09:00")
    case = begun(wen)
    write_down_list(wen, case.id, {each.id: Result("present") for each in three})
    steps.take(wen, case.id, "close")

    clock.set("2026-07-01 06:00")

    assert jobs.JOBS["contract_check"].work() is None
    assert [each for each in notices.Notice.select() if "overdue" in str(each.words())] == []


def test_con_02_the_clock_waits_for_the_check_that_is_going_on_for_an_archivist_and_for_contracts(cast, wen, clock):
    clock.set("2026-06-20 06:00")
    assert jobs.JOBS["contract_check"].work() is None

    archive.contract(cast)
    posts.take_away(wen, "contract_archivist")
    assert jobs.JOBS["contract_check"].work() is None

    posts.grant(wen, "contract_archivist")
    clock.set("2026-05-02 09:00")
    by_hand = begun(wen)
    clock.set("2026-06-20 06:00")
    assert jobs.JOBS["contract_check"].work() is None
    assert [case.id for case in Case.select().where(Case.kind == "archive_check")] == [by_hand.id]


def test_an_archive_that_holds_nothing_is_not_checked(cast, wen):
    with pytest.raises(Refused, match="no contract in the archive"):
        begun(wen)


def test_the_portal_opens_no_check_beside_another_nor_of_nothing(cast, wen):
    case = contents.create(CHECK, wen, check_content(), "opened by the portal")
    with pytest.raises(Refused, match="no contract in the archive"):
        steps.take(None, case.id, "open")
    archive.contract(cast)
    begun(wen)

    with pytest.raises(Refused, match="is going on"):
        steps.take(None, case.id, "open")


def test_con_02_the_schema_itself_refuses_a_second_check_of_a_half_year_and_a_line_twice(cast, wen, three, clock):
    clock.set("2026-06-20 09:00")
    first = begun(wen)
    second = contents.create(CHECK, wen, check_content(), "a second check")

    with pytest.raises(peewee.IntegrityError):
        ArchiveCheck.update(half="2026-1").where(ArchiveCheck.case == second).execute()
    with pytest.raises(peewee.IntegrityError):
        CheckLine.update(contract=three[0]).where(CheckLine.case == first, CheckLine.contract == three[1]).execute()
    with pytest.raises(peewee.IntegrityError):
        CheckLine.update(result="present").where(CheckLine.case == first).execute()
