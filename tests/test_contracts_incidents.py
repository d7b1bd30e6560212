"""Incidents: the contract is flagged until the head of the department where it happened has closed them (CON-03)."""

from dataclasses import replace

import pytest

from portal import access, contents, notices, steps
from portal.contracts.models import Contract, Incident, Loan
from portal.contracts.models_incidents import incidents
from portal.contracts.models_papers import Findings, incident_content
from portal.contracts.rules_incidents import INCIDENT
from portal.refused import Mistyped, NotThere, NotYours, Refused
from tests import archive, lending, posts

FOUND = {"cause": "Left on a train", "handling": "Asked the railway", "decision": "Ann pays for a new one"}


@pytest.fixture
def contract(cast):
    return archive.contract(cast)


@pytest.fixture
def wen(cast):
    return archive.archivist(cast)


def opened(cast, contract, kind="damaged", department="Marketing"):
    content = incident_content(contract, kind, cast.department(department), "wet")
    case = contents.create(INCIDENT, archive.archivist(cast), content, f"incident {Incident.select().count()} of the test")
    return steps.take(archive.archivist(cast), case.id, "submit")


def handed_in(cast, case, **more):
    return steps.take(archive.archivist(cast), case.id, "hand_in", given=Findings(**FOUND | more))


def state_of(contract):
    return Contract.get_by_id(contract.id).state


def test_con_03_the_contract_is_flagged_until_the_head_closes_the_incident(cast, contract, wen):
    case = opened(cast, contract)
    assert state_of(contract) == "flagged"

    case = handed_in(cast, case, responsible=cast.ann, replacement="A copy")
    assert (case.state, state_of(contract)) == ("closing", "flagged")
    assert posts.waiting(case) == [(posts.head(cast), posts.head(cast), False)]
    case = steps.take(cast.hao, case.id, "close")

    assert (case.state, state_of(contract)) == ("closed", "in_archive")
    found = Incident.get_by_id(case.id)
    assert (found.cause, found.handling, found.responsible) == ("Left on a train", "Asked the railway", cast.ann)
    assert (found.decision, found.replacement, found.closed_at is not None) == ("Ann pays for a new one", "A copy", True)


@pytest.mark.parametrize("left_out", FOUND)
def test_con_03_cause_handling_and_decision_are_written_down(cast, contract, left_out):
    case = opened(cast, contract)

    with pytest.raises(Mistyped) as refusal:
        handed_in(cast, case, **{left_out: ""})

    assert refusal.value.field == left_out


@pytest.mark.parametrize(
    ("written", "field"),
    [({"cause": "x" * 1001}, "cause"), ({"replacement": "x" * 501}, "replacement"), ({"outcome": "?"}, "outcome")],
)
def test_con_03_the_findings_are_in_words_that_fit(cast, contract, written, field):
    case = opened(cast, contract)

    with pytest.raises(Mistyped) as refusal:
        handed_in(cast, case, **written)

    assert refusal.value.field == field


@pytest.mark.parametrize(("told", "field"), [({"kind": "eaten"}, "kind"), ({"cause": "x" * 1001}, "cause")])
def test_con_03_loss_or_damage_is_told_in_words_that_fit(cast, contract, wen, told, field):
    content = incident_content(contract, "lost", cast.department("Office"))

    with pytest.raises(Mistyped) as refusal:
        contents.create(INCIDENT, wen, replace(content, detail=content.detail | told), "an incident of the test")

    assert refusal.value.field == field


def test_con_03_what_was_destroyed_has_no_incidents_any_more(cast, contract):
    Contract.update(state="destroyed").where(Contract.id == contract.id).execute()

    with pytest.raises(Mistyped, match="its record stays as it is"):
        opened(cast, Contract.get_by_id(contract.id))


def test_con_03_an_incident_of_a_withdrawn_contract_is_closed_and_it_stays_withdrawn(cast, contract):
    Contract.update(state="withdrawn").where(Contract.id == contract.id).execute()

    case = handed_in(cast, opened(cast, contract))
    steps.take(cast.hao, case.id, "close")

    assert state_of(contract) == "withdrawn"


def test_con_03_who_answers_for_it_does_not_close_it(cast, contract):
    case = handed_in(cast, opened(cast, contract), responsible=cast.hao)

    posts.cannot(cast.hao, case, "close")
    assert posts.waiting(case) == [(posts.head(cast), "gm", False)]
    assert steps.take(cast.mei, case.id, "close").state == "closed"


def test_con_03_the_archivist_who_looked_into_it_does_not_close_it(cast, contract, wen):
    """Sam wrote down the findings of what Wen opened, and heads the department where it happened."""
    case = opened(cast, contract, department="Office")
    posts.grant(cast.sam, "contract_archivist")
    posts.grant(cast.sam, "dept_manager", cast.department("Office"))
    case = steps.take(cast.sam, case.id, "hand_in", given=Findings(**FOUND))

    assert [wanted for wanted, _post, _stuck in posts.waiting(case)] == [posts.head(cast, "Office")]
    posts.cannot(cast.sam, case, "close")
    posts.cannot(wen, case, "close")
    assert steps.take(cast.mei, case.id, "close").state == "closed"


def test_who_answers_for_it_hears_of_it_and_may_read_it(cast, contract):
    case = handed_in(cast, opened(cast, contract), responsible=cast.bo)

    assert access.may_read(access.posts_of(cast.bo), case)
    assert notices.Notice.select().where(notices.Notice.person == cast.bo, notices.Notice.case == case).exists()


def test_an_incident_goes_back_to_be_looked_into_again(cast, contract):
    case = handed_in(cast, opened(cast, contract))

    case = steps.take(cast.hao, case.id, "return", note="Ask the driver")

    assert (case.state, state_of(contract)) == ("opened", "flagged")


def test_con_03_with_two_incidents_the_last_one_takes_the_mark_off(cast, contract):
    for _time in range(2):
        lending.lent(cast, contract)
    for loan in Loan.select().order_by(Loan.case):
        steps.take(archive.archivist(cast), loan.case_id, "lose", note="Gone")
    first, second = [each.case for each in Incident.select().order_by(Incident.case)]

    for case, state in ((first, "flagged"), (second, "in_archive")):
        handed_in(cast, case)
        steps.take(cast.hao, case.id, "close")
        assert state_of(contract) == state


def test_what_is_lost_for_good_leaves_the_archive(cast, contract):
    case = handed_in(cast, opened(cast, contract, "lost"), outcome="gone")

    steps.take(cast.hao, case.id, "close")

    assert state_of(contract) == "withdrawn"


def test_a_second_incident_is_not_opened_by_hand_while_one_is_open(cast, contract):
    case = opened(cast, contract)

    with pytest.raises(Refused, match=f"{case.number} is open about this contract already"):
        opened(cast, contract)


def test_only_the_archivist_opens_an_incident(cast, contract):
    with pytest.raises(NotYours):
        contents.create(INCIDENT, cast.ann, incident_content(contract, "lost", cast.ann.department), "by Ann of all people")


def test_of_a_confidential_contract_nobody_hears_who_may_not_know_of_it(cast, wen):
    secret = archive.contract(cast, "Merger", confidential=True)

    case = handed_in(cast, opened(cast, secret, department="IT"), responsible=cast.bo)

    assert case.state == "closing_by_gm"
    assert (case.department.name_en, posts.waiting(case)) == ("Marketing", [("gm", "gm", False)])
    assert not access.may_read(access.posts_of(cast.bo), case)
    told = " ".join(each.text for each in notices.Notice.select())
    assert "Merger" not in told and secret.number not in told
    with pytest.raises(NotThere):
        contents.create(INCIDENT, cast.bo, incident_content(secret, "lost", cast.bo.department), "by Bo who knows nothing")


def test_the_list_of_incidents_shows_what_one_may_read(cast, contract, wen):
    case = opened(cast, contract)

    seen = {
        person.user: [each.number for each in incidents(access.posts_of(person), "open")] for person in (wen, cast.hao, cast.bo)
    }

    assert seen == {"wen": [case.number], "hao": [case.number], "bo": []}


def test_an_incident_of_what_became_confidential_is_on_no_list_of_who_may_not_know_of_it(cast, contract):
    case = handed_in(cast, opened(cast, contract), responsible=cast.bo)
    Contract.update(confidential=True).where(Contract.id == contract.id).execute()

    assert access.may_read(access.posts_of(cast.bo), case)
    assert [len(incidents(access.posts_of(person), "open")) for person in (cast.bo, cast.hao)] == [0, 1]


def test_con_03_the_findings_of_a_confidential_one_are_whole_too(cast):
    case = opened(cast, archive.contract(cast, "Merger", confidential=True))

    with pytest.raises(Mistyped):
        handed_in(cast, case, decision="")
