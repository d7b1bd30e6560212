"""Loans: purpose, consent, hand-out, return; one open loan of an original; nothing returned by a clock (CON-08 to CON-12)."""

import re
from datetime import date, timedelta

import pytest

from portal import access, jobs, notices, policies, steps
from portal import clock as portal_clock
from portal.cases import Case, open_tasks
from portal.contracts.models import Contract, Incident, Loan
from portal.contracts.models_incidents import open_incidents_of
from portal.contracts.models_loans import held_by, loan_days, loans
from portal.contracts.models_papers import Entered, HandOut, TakeBack
from portal.contracts.rules_loans import enter_open_loan
from portal.persons import Person
from portal.refused import Mistyped, NotThere, Refused
from tests import archive, lending, posts
from tests.at_once import at_once


@pytest.fixture
def contract(cast):
    return archive.contract(cast)


def loan_of(case):
    return Loan.get_by_id(case.id)


# ---- asked ----------------------------------------------------------------------------------------------------------


def test_con_08_a_loan_needs_a_purpose(cast, contract):
    case = lending.draft(cast.ann, contract, purpose="")

    with pytest.raises(Refused, match="Say what it is needed for"):
        steps.take(cast.ann, case.id, "submit")

    assert loan_of(case).is_open == 0


def test_con_11_a_photocopy_is_what_is_lent_unless_said_otherwise(cast, contract):
    from portal.contracts.models_papers import loan_content

    assert loan_content(contract).detail["form"] == "copy"


def test_con_12_an_original_needs_a_reason_and_the_general_manager_after_the_head(cast, contract):
    bare = lending.draft(cast.ann, contract, "original", reason="")
    with pytest.raises(Refused, match="special circumstances"):
        steps.take(cast.ann, bare.id, "submit")

    case = lending.asked(cast.ann, contract, "original")
    case = steps.take(cast.hao, case.id, "approve")

    assert case.state == "special"
    assert posts.waiting(case) == [("gm", "gm", False)]
    posts.cannot(cast.hao, case, "approve")
    assert steps.take(cast.mei, case.id, "approve").state == "approved"


@pytest.mark.parametrize("state", ["flagged", "withdrawn", "destroyed"])
def test_a_contract_that_is_not_in_the_archive_is_not_lent(cast, contract, state):
    Contract.update(state=state).where(Contract.id == contract.id).execute()
    case = lending.draft(cast.ann, contract)

    with pytest.raises(Refused, match="under investigation" if state == "flagged" else "not in the archive any more"):
        steps.take(cast.ann, case.id, "submit")


def test_a_confidential_contract_does_not_exist_for_who_may_not_know_of_it(cast):
    secret = archive.contract(cast, "Merger", confidential=True)

    with pytest.raises(NotThere):
        lending.draft(cast.ann, secret)

    assert Case.select().where(Case.kind == "loan").count() == 0


def test_a_confidential_loan_is_consented_to_by_the_general_manager_and_named_nowhere(cast):
    secret = archive.contract(cast, "Merger", confidential=True)

    case = lending.asked(cast.hao, secret)

    assert case.state == "confidential"
    assert posts.waiting(case) == [("gm", "gm", False)]
    assert "Merger" not in case.title and secret.number not in case.title
    assert steps.take(cast.mei, case.id, "approve").state == "approved"


# ---- consent --------------------------------------------------------------------------------------------------------


def test_con_09_the_borrowers_head_consents_and_nobody_to_the_own_loan(cast, contract):
    case = lending.asked(cast.ann, contract)
    assert posts.waiting(case) == [(posts.head(cast), posts.head(cast), False)]
    posts.cannot(cast.ann, case, "approve")

    own = lending.asked(cast.hao, contract)
    posts.grant(cast.bo, "exec_in_charge")

    assert [task.post for task in open_tasks(own)] == ["gm"]
    posts.cannot(cast.hao, own, "approve")


def test_con_09_the_leader_in_charge_consents_where_the_head_borrows(cast, contract):
    posts.grant(cast.bo, "exec_in_charge", cast.branch)

    case = lending.asked(cast.hao, contract)

    assert [task.post for task in open_tasks(case)] == [access.post("exec_in_charge", cast.branch.id)]
    assert steps.take(cast.bo, case.id, "approve").state == "approved"


def test_a_contract_made_confidential_meanwhile_is_not_the_heads_to_consent_to(cast, contract):
    case = lending.asked(cast.ann, contract)
    Contract.update(confidential=True).where(Contract.id == contract.id).execute()

    with pytest.raises(Refused, match="Only the general manager consents"):
        steps.take(cast.hao, case.id, "approve")


# ---- handed out and taken back --------------------------------------------------------------------------------------


def test_con_10_the_archivist_hands_out_with_copy_number_pages_and_due_day(cast, contract, clock):
    clock.set("2026-03-02 09:00")
    wen = archive.archivist(cast)
    case = lending.approved(cast, contract)
    posts.cannot(cast.hao, case, "hand_out", given=HandOut(12))
    for pages in (None, 0, 13):
        with pytest.raises(Mistyped, match="from 1 to 12"):
            steps.take(wen, case.id, "hand_out", given=HandOut(pages))

    case = steps.take(wen, case.id, "hand_out", given=HandOut(10))

    loan = loan_of(case)
    assert (case.state, loan.copy_number, loan.pages_out, loan.due_on) == ("lent", 1, 10, date(2026, 3, 9))
    assert portal_clock.local(open_tasks(case)[0].due).date() == date(2026, 3, 9)
    assert [(each.number, each.title) for each in held_by(cast.ann)] == [(case.number, f"{contract.number} {contract.title}")]
    assert loan_of(lending.lent(cast, contract)).copy_number == 2


def test_con_11_a_copy_comes_back_or_is_destroyed_an_original_comes_back(cast, contract):
    copy = lending.back(cast, lending.lent(cast, contract), fate="destroyed")
    original = lending.lent(cast, contract, "original")

    with pytest.raises(Mistyped, match="Only a photocopy is destroyed"):
        lending.back(cast, original, fate="destroyed")

    original = lending.back(cast, original)
    assert [case.state for case in (copy, original)] == ["returned", "returned"]
    assert loan_of(copy).fate == "destroyed"
    assert loan_of(original).copy_number is None
    assert held_by(cast.ann) == []


@pytest.mark.parametrize(("pages", "condition", "kind"), [(11, "good", "pages"), (12, "damaged", "damaged")])
def test_con_03_missing_pages_or_damage_at_return_open_an_incident_and_flag_the_contract(cast, contract, pages, condition, kind):
    case = lending.back(cast, lending.lent(cast, contract, "original"), pages, condition)

    (found,) = Incident.select()
    assert (found.kind, found.source_id, found.case.state) == (kind, case.id, "opened")
    assert found.case.department == cast.ann.department
    assert Contract.get_by_id(contract.id).state == "flagged"


def test_con_03_what_is_lost_opens_an_incident(cast, contract):
    case = lending.lent(cast, contract)

    case = steps.take(archive.archivist(cast), case.id, "lose", note="Left on a train")

    assert (case.state, loan_of(case).fate) == ("lost", "lost")
    assert len(open_incidents_of(contract.id)) == 1
    assert Incident.get().kind == "lost"
    assert Incident.get().cause == "Left on a train"
    assert Contract.get_by_id(contract.id).state == "flagged"


def test_a_return_that_is_refused_opens_nothing(cast, contract):
    case = lending.lent(cast, contract)

    with pytest.raises(Mistyped):
        steps.take(archive.archivist(cast), case.id, "take_back", given=TakeBack(13))

    assert Incident.select().count() == 0
    assert Case.get_by_id(case.id).state == "lent"


# ---- one open loan of an original -----------------------------------------------------------------------------------


def test_con_12_one_open_loan_of_an_original(cast, contract):
    lending.asked(cast.ann, contract, "original")
    other = lending.draft(cast.bo, contract, "original")

    with pytest.raises(Refused, match="安妮 asked for the original before"):
        steps.take(cast.bo, other.id, "submit")

    assert lending.asked(cast.bo, contract).state == "submitted"


def test_con_12_an_original_that_came_back_is_lent_again(cast, contract):
    lending.back(cast, lending.lent(cast, contract, "original"))

    assert lending.asked(cast.bo, contract, "original").state == "submitted"


def test_con_12_two_who_ask_at_once_get_one_loan_and_the_other_is_told_who(cast, contract):
    people = {"Ann": cast.ann, "Bo": cast.bo}
    drafts = {name: lending.draft(person, contract, "original") for name, person in people.items()}

    answers = at_once(*(lambda name=name: steps.take(people[name], drafts[name].id, "submit") for name in people))

    (through,) = [each for each in answers if isinstance(each, Case)]
    (refused,) = [each for each in answers if not isinstance(each, Case)]
    first = through.requester.name
    assert f"{first} asked for the original before ({through.number})" in str(refused)
    assert Loan.select().where(Loan.is_open).count() == 1


def test_con_12_the_schema_itself_refuses_a_second_open_loan_of_an_original(cast, contract):
    import peewee

    lending.asked(cast.ann, contract, "original")
    other = lending.draft(cast.bo, contract, "original")

    with pytest.raises(peewee.IntegrityError):
        Loan.update(is_open=True).where(Loan.case == other).execute()


# ---- longer ---------------------------------------------------------------------------------------------------------


def test_a_loan_is_extended_once_by_who_consented(cast, contract, clock):
    clock.set("2026-03-02 09:00")
    case = lending.lent(cast, contract)

    case = steps.take(cast.ann, case.id, "ask_longer", note="The court is slow")
    assert posts.waiting(case) == [(posts.head(cast), posts.head(cast), False)]
    case = steps.take(cast.hao, case.id, "extend")

    assert (case.state, loan_of(case).due_on) == ("lent", date(2026, 3, 16))
    with pytest.raises(Refused, match="extended once"):
        steps.take(cast.ann, case.id, "ask_longer", note="Still slow")


def test_more_days_on_an_original_are_the_general_managers_to_give(cast, contract):
    case = lending.lent(cast, contract, "original")

    case = steps.take(cast.ann, case.id, "ask_longer", note="The court is slow")

    assert posts.waiting(case) == [("gm", "gm", False)]
    due = loan_of(case).due_on
    case = steps.take(cast.mei, case.id, "refuse_longer", note="It is needed here")
    assert (case.state, loan_of(case).due_on) == ("lent", due)


def test_another_head_does_not_extend_while_who_consented_still_can(cast, contract):
    case = lending.lent(cast, contract)
    posts.grant(cast.bo, "dept_manager", cast.department("Marketing"))
    case = steps.take(cast.ann, case.id, "ask_longer", note="The court is slow")

    with pytest.raises(Refused, match="郝 consented to this loan"):
        steps.take(cast.bo, case.id, "extend")

    posts.take_away(cast.hao, "dept_manager")
    assert steps.take(cast.bo, case.id, "extend").state == "lent"


def test_it_may_come_back_while_more_days_are_asked_for(cast, contract):
    case = lending.lent(cast, contract)
    steps.take(cast.ann, case.id, "ask_longer", note="The court is slow")

    assert lending.back(cast, case).state == "returned"


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


def test_an_open_loan_of_an_earlier_register_runs_on(cast, contract, clock):
    clock.set("2026-03-02 09:00")
    wen = archive.archivist(cast)
    entered = Entered(date(2026, 2, 1), date(2026, 2, 8), 12, 5)

    case = enter_open_loan(wen, contract, cast.ann, entered)

    assert (case.state, case.requester, loan_of(case).copy_number) == ("lent", cast.ann, 5)
    assert loans(access.posts_of(wen), "overdue")[0].days_late == 22
    assert loan_of(lending.lent(cast, contract)).copy_number == 6
    with pytest.raises(Mistyped):
        enter_open_loan(wen, contract, cast.ann, Entered(date(2026, 3, 3), date(2026, 3, 4), 12))


def test_a_disabled_borrowers_loan_still_shows(cast, contract):
    case = lending.lent(cast, contract)
    Person.update(active=False).where(Person.id == cast.ann.id).execute()

    assert [each.case for each in loans(access.posts_of(archive.archivist(cast)), "open")] == [case.id]
    assert portal_clock.today() + timedelta(days=7) == loan_of(case).due_on


def test_con_10_the_pages_stand_in_the_form_as_they_are_and_as_they_went_out(cast, contract, client):
    case, browser = lending.approved(cast, contract), client(archive.archivist(cast))
    out = r'name="pages"[^>]*value="(\d+)"'

    handing_out = re.findall(out, browser.get(f"/papers/{case.id}").text)
    steps.take(archive.archivist(cast), case.id, "hand_out", given=HandOut(7))

    assert handing_out == [str(contract.pages)]
    assert re.findall(out, browser.get(f"/papers/{case.id}").text) == ["7"]
