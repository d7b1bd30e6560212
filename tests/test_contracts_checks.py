"""The half-yearly check: frozen, counted, closed when each contract has a result and what is missing an incident (CON-02)."""

from datetime import date

import peewee
import pytest

from portal import access, checks, contents, db, jobs, notices, policies, steps
from portal.cases import Case
from portal.contracts import models_checks
from portal.contracts.models import ArchiveCheck, CheckScan, Contract, Incident, Place
from portal.contracts.models_checks import check_dates, check_days, half_now, line_of, lines, progress
from portal.contracts.models_papers import check_content
from portal.contracts.rules_checks import CHECK, Result, confirm_lent, scan, write_down, write_down_list
from portal.contracts.rules_register import withdraw
from portal.refused import Mistyped, NotThere, NotYours, Refused
from tests import archive, lending


@pytest.fixture
def wen(cast):
    return archive.archivist(cast)


@pytest.fixture
def three(cast):
    return [archive.contract(cast, f"Contract {n}", box=str(n)) for n in (1, 2, 3)]


def begun(person):
    case = contents.create(CHECK, person, check_content(), f"archive check {ArchiveCheck.select().count()}")
    return steps.take(person, case.id, "begin")


# ---- opened ---------------------------------------------------------------------------------------------------------


def test_con_02_the_list_is_frozen_when_the_check_begins(cast, wen, three):
    archive.contract(cast, "Gone")
    Contract.update(state="withdrawn").where(Contract.title == "Gone").execute()
    lending.lent(cast, three[1], "original")

    case = begun(wen)
    archive.contract(cast, "Came later")

    assert [(line.title, line.expected) for line in lines(case.id)] == [
        ("Contract 1", "here"), ("Contract 2", "lent"), ("Contract 3", "here"),
    ]  # fmt: skip


def test_con_02_the_clock_opens_one_check_for_each_half_year(cast, wen, three, clock):
    Contract.update(created_at=clock.set("2026-03-01 09:00")).execute()
    clock.set("2026-06-15 06:00")
    assert jobs.JOBS["contract_check"].work() is None

    clock.set("2026-06-16 06:00")
    assert jobs.JOBS["contract_check"].work() is not None
    assert jobs.JOBS["contract_check"].work() is None

    case = Case.get(Case.kind == "archive_check")
    paper = ArchiveCheck.get_by_id(case.id)
    assert (case.state, paper.half, paper.due_on, paper.opened_on) == ("counting", "2026-1", date(2026, 6, 30), date(2026, 6, 16))
    assert progress(case.id).whole == 3


def test_con_02_a_check_opened_by_hand_before_the_day_is_that_half_years(cast, wen, three, clock):
    Contract.update(created_at=clock.set("2026-03-01 09:00")).execute()
    clock.set("2026-06-20 09:00")
    case = begun(wen)

    assert jobs.JOBS["contract_check"].work() is None
    assert ArchiveCheck.get_by_id(case.id).half == "2026-1"
    with pytest.raises(Refused, match="not cancelled"):
        steps.take(wen, case.id, "cancel", note="Too much work")


def test_a_check_that_was_missed_is_opened_late_but_not_for_an_archive_younger_than_its_day(cast, wen, three, clock):
    Contract.update(created_at=clock.set("2026-08-01 09:00")).execute()
    clock.set("2026-09-01 06:00")
    assert jobs.JOBS["contract_check"].work() is None

    Contract.update(created_at=clock.set("2026-05-01 09:00")).where(Contract.id == three[0].id).execute()
    clock.set("2026-09-01 06:00")
    assert jobs.JOBS["contract_check"].work() is not None
    assert ArchiveCheck.get().half == "2026-1"


def test_con_02_a_check_that_is_late_is_told_once(cast, wen, three, clock):
    Contract.update(created_at=clock.set("2026-03-01 09:00")).execute()
    clock.set("2026-06-20 09:00")
    begun(wen)

    late = {}
    for day in ("2026-06-30", "2026-07-01", "2026-07-02"):
        clock.set(f"{day} 06:00")
        jobs.JOBS["contract_check"].work()
        late[day] = sorted(each.person.user for each in notices.Notice.select() if "overdue" in str(each.words()))

    assert late == {"2026-06-30": [], "2026-07-01": ["mei", "wen"], "2026-07-02": ["mei", "wen"]}
    assert models_checks.checks(access.posts_of(wen))[0].is_late


def test_con_02_the_days_are_a_policy_and_nonsense_is_none(cast, clock):
    policies.change(cast.mei, check_dates, "03-31 09-30")
    clock.set("2026-03-20 09:00")
    assert (check_days(2026), half_now().name) == ([date(2026, 3, 31), date(2026, 9, 30)], "2026-1")

    policies.change(cast.mei, check_dates, "whenever 13-45")
    assert check_days(2026) == [date(2026, 6, 30), date(2026, 12, 31)]


def test_one_check_at_a_time(cast, wen, three):
    first = begun(wen)

    with pytest.raises(Refused, match=f"{first.number} is going on"):
        begun(wen)


def test_only_the_archivist_checks(cast, wen, three):
    case = begun(wen)

    assert [len(models_checks.checks(access.posts_of(person))) for person in (wen, cast.mei, cast.hao)] == [1, 1, 0]
    with pytest.raises(NotYours):
        begun(cast.hao)
    with pytest.raises(NotYours):
        scan(cast.hao, case.id, three[0].number)
    with pytest.raises(NotYours):
        write_down(cast.mei, case.id, three[0].id, Result("present"))


# ---- counted --------------------------------------------------------------------------------------------------------


def test_con_02_number_former_number_and_label_are_each_the_contract(cast, wen):
    found = [archive.contract(cast, f"Contract {n}", former_number=f"old/{n}") for n in (1, 2, 3)]
    case = begun(wen)
    codes = [found[0].number.lower(), "old/2", f"https://portal.example/contracts/{found[2].id}"]

    answers = [scan(wen, case.id, code) for code in codes]

    assert [(each.result, each.line.title) for each in answers] == [("present", f"Contract {n}") for n in (1, 2, 3)]
    assert progress(case.id).left == 0


def test_con_02_what_is_scanned_twice_or_unknown_or_too_new_is_told_and_not_counted(cast, wen, three):
    case = begun(wen)
    late = archive.contract(cast, "Came later")

    answers = [scan(wen, case.id, code).result for code in (three[0].number, three[0].number, "9787", late.number)]

    assert answers == ["present", "again", "unknown", "not_listed"]
    assert progress(case.id).done == 1
    assert CheckScan.select().count() == 4


@pytest.mark.parametrize("seen", [Result("damaged", note="wet"), Result("wrong_place", Place("B-2", "1"))])
def test_con_02_a_second_scan_takes_nothing_away_from_what_was_seen_at_the_first(cast, wen, three, seen):
    case = begun(wen)
    write_down(wen, case.id, three[0].id, seen)

    answer = scan(wen, case.id, three[0].number)

    assert answer.result == "again"
    line = line_of(case.id, three[0].id)
    assert (line.result, line.found_place, line.note) == (seen.result, str(seen.found), seen.note)


def test_con_02_what_was_missing_is_there_when_it_is_scanned(cast, wen, three):
    case = begun(wen)
    write_down(wen, case.id, three[0].id, Result("missing"))

    assert scan(wen, case.id, three[0].number).result == "present"


def test_a_former_number_that_two_contracts_had_is_neither_of_them(cast, wen):
    for n in (1, 2):
        archive.contract(cast, f"Contract {n}", former_number="old/1")
    case = begun(wen)

    assert scan(wen, case.id, "old/1").result == "unknown"


def test_a_result_is_one_of_the_list_in_words_that_fit(cast, wen, three):
    case = begun(wen)

    for given, field in (
        (Result("eaten"), "result"),
        (Result("present", note="x" * 201), "note"),
        (Result("wrong_place", Place("B-2", "x" * 41)), "found_cabinet"),
    ):
        with pytest.raises(Mistyped) as refusal:
            write_down(wen, case.id, three[0].id, given)
        assert refusal.value.field == field
    with pytest.raises(Mistyped, match="Scan a label"):
        scan(wen, case.id, "")


def test_nothing_is_counted_on_another_paper(cast, wen, three):
    with pytest.raises(NotThere):
        scan(wen, lending.asked(cast.ann, three[0]).id, three[0].number)


def test_con_02_what_was_scanned_is_never_changed_or_taken_back(cast, wen, three):
    scan(wen, begun(wen).id, three[0].number)

    for change in (lambda: CheckScan.delete().execute(), lambda: CheckScan.update(result="unknown").execute()):
        with pytest.raises(peewee.PeeweeException, match="append-only"):
            db.transaction(change)()


def test_con_02_what_is_found_though_on_loan_is_told(cast, wen, three):
    lending.lent(cast, three[0], "original")
    case = begun(wen)

    assert scan(wen, case.id, three[0].number).result == "found"
    assert confirm_lent(wen, case.id) == 0


def test_con_02_a_contract_of_which_a_photocopy_is_lent_is_present(cast, wen, three):
    lending.lent(cast, three[0])
    case = begun(wen)

    assert [line.expected for line in lines(case.id)] == ["here"] * 3
    assert scan(wen, case.id, three[0].number).result == "present"


def test_con_02_what_came_back_during_the_check_is_simply_there(cast, wen, three):
    loan = lending.lent(cast, three[0], "original")
    case = begun(wen)
    lending.back(cast, loan)

    assert scan(wen, case.id, three[0].number).result == "present"


def test_con_02_what_is_still_out_is_confirmed_in_one_go(cast, wen, three):
    lending.lent(cast, three[0], "original")
    case = begun(wen)

    assert confirm_lent(wen, case.id) == 1

    assert progress(case.id).by_result["on_loan"] == 1
    with pytest.raises(Mistyped, match="not on loan"):
        write_down(wen, case.id, three[1].id, Result("on_loan"))


def test_con_13_fire_and_damp_marks_are_kept_with_the_line(cast, wen, three):
    Contract.update(fire_proof=True).where(Contract.id == three[0].id).execute()
    case = begun(wen)

    scan(wen, case.id, three[0].number, fire_proof=False, damp_proof=True)

    line = line_of(case.id, three[0].id)
    assert (line.fire_proof, line.damp_proof, line.lacks_protection) == (False, True, True)
    assert [each.title for each in lines(case.id, "trouble")] == ["Contract 1"]


def test_a_wrong_place_says_which(cast, wen, three):
    case = begun(wen)

    with pytest.raises(Mistyped, match="where it was found"):
        write_down(wen, case.id, three[0].id, Result("wrong_place"))

    assert write_down(wen, case.id, three[0].id, Result("wrong_place", Place("B-2", "1"))).found_place == "B-2 / 1"


def test_a_typed_list_is_taken_whole_or_not_at_all(cast, wen, three):
    case = begun(wen)

    with pytest.raises(Mistyped) as refusal:
        write_down_list(wen, case.id, {three[0].id: Result("present"), three[1].id: Result("wrong_place")})

    assert refusal.value.field == f"found_room-{three[1].id}"
    assert progress(case.id).done == 0


def test_what_is_not_on_the_list_gets_no_result(cast, wen, three):
    case = begun(wen)
    late = archive.contract(cast, "Came later")

    with pytest.raises(NotThere):
        write_down(wen, case.id, late.id, Result("present"))


# ---- closed ---------------------------------------------------------------------------------------------------------


def test_con_02_it_does_not_close_with_a_contract_uncounted(cast, wen, three):
    case = begun(wen)
    for each in three[:2]:
        scan(wen, case.id, each.number)

    with pytest.raises(Refused, match="1 contract is not counted yet"):
        steps.take(wen, case.id, "close")

    scan(wen, case.id, three[2].number)
    case = steps.take(wen, case.id, "close")
    assert case.state == "closed"
    assert all(each.checked_at for each in Contract.select())
    with pytest.raises(Refused, match="Nothing is counted here any more"):
        scan(wen, case.id, three[0].number)


def test_con_02_it_does_not_close_with_something_missing_or_damaged_without_incident(cast, wen, three):
    case = begun(wen)
    for each, result in zip(three, ("missing", "damaged", "present"), strict=True):
        write_down(wen, case.id, each.id, Result(result, note="wet"))

    with pytest.raises(Refused, match="2 contracts are missing or damaged without an incident"):
        steps.take(wen, case.id, "close")

    case = steps.take(wen, case.id, "open_incidents")
    assert [(each.contract, each.kind, each.source_id) for each in Incident.select().order_by(Incident.case)] == [
        (three[0], "missing", case.id), (three[1], "damaged", case.id),
    ]  # fmt: skip
    assert [each.state for each in Contract.select().order_by(Contract.id)] == ["flagged", "flagged", "in_archive"]
    assert steps.take(wen, case.id, "close").state == "closed"


def test_what_is_missing_still_is_joined_to_the_incident_it_has(cast, wen, three):
    lost = lending.lent(cast, three[0])
    steps.take(wen, lost.id, "lose", note="Gone")
    case = begun(wen)
    write_down(wen, case.id, three[0].id, Result("missing"))

    steps.take(wen, case.id, "open_incidents")

    assert Incident.select().count() == 1
    assert line_of(case.id, three[0].id).incident == Incident.get().case_id


def test_a_check_opened_by_mistake_is_cancelled_before_anything_is_counted(cast, wen, three, clock):
    Contract.update(created_at=clock.set("2026-03-01 09:00")).execute()
    clock.set("2026-06-20 09:00")
    half = begun(wen)
    for each in three:
        scan(wen, half.id, each.number)
    steps.take(wen, half.id, "close")
    case = begun(wen)
    assert ArchiveCheck.get_by_id(case.id).half == ""

    scan(wen, case.id, three[0].number)
    with pytest.raises(Refused, match="go on to the end"):
        steps.take(wen, case.id, "cancel", note="By mistake")


def test_con_02_there_is_nothing_to_open_where_nothing_is_missing(cast, wen, three):
    case = begun(wen)

    with pytest.raises(Refused, match="Nothing is missing or damaged"):
        steps.take(wen, case.id, "open_incidents")


@pytest.mark.parametrize("result", ["", "missing"])
def test_con_02_a_closed_check_that_lacks_something_is_found(cast, wen, three, result):
    case = begun(wen)
    write_down_list(wen, case.id, {each.id: Result("present") for each in three})
    steps.take(wen, case.id, "close")
    assert checks.findings() == []

    sql = "UPDATE check_lines SET result = ?, at = CASE WHEN ? = '' THEN NULL ELSE at END WHERE contract_id = ?"
    db.run(sql, result, result, three[0].id)

    assert [f"{case.number} is closed, but contract {three[0].id} has" in each for each in checks.findings()] == [True]


def test_con_02_nothing_leaves_uncounted_while_the_archive_is_being_checked(cast, wen, three):
    one = three[0]
    case = begun(wen)

    for result in (None, "missing"):
        if result:
            write_down(wen, case.id, one.id, Result(result))
        with pytest.raises(Refused, match=f"{one.number} is on the list of {case.number}: count it there first"):
            withdraw(wen, one.id, one.events, "Moved to the head office")
    write_down(wen, case.id, one.id, Result("present"))

    assert withdraw(wen, one.id, one.events, "Moved to the head office").state == "withdrawn"
