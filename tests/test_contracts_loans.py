"""Loans: purpose, consent, hand-out, return; one open loan of an original; nothing returned by a clock (CON-08 to CON-12)."""

import re
from datetime import date

import pytest

from portal import access, contents, steps, tasks
from portal import clock as portal_clock
from portal.cases import Case, open_tasks
from portal.contracts.models import SEE_ALL, Contract, Incident, Loan
from portal.contracts.models_incidents import open_incidents_of
from portal.contracts.models_loans import held_by
from portal.contracts.models_papers import Findings, HandOut, TakeBack, loan_content
from portal.contracts.models_register import listed, told
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


def test_con_12_gen_01_who_consented_for_the_head_does_not_consent_as_general_manager_too(cast, contract):
    """Hao heads the department and nobody leads the branch: Mei consents in his place, so another signs for the original."""
    case = steps.take(cast.mei, lending.asked(cast.hao, contract, "original").id, "approve")

    assert posts.waiting(case) == [("gm", "gm", True)]
    posts.cannot(cast.mei, case, "approve")
    posts.grant(cast.bo, "exec_in_charge")
    tasks.reroute()
    assert steps.take(cast.bo, case.id, "approve").state == "approved"


def test_con_09_the_borrowers_own_head_consents_whatever_the_draft_was_about_before(cast, contract):
    secret = archive.contract(cast, "Lease of the servers", department="IT", confidential=True)
    case = lending.draft(cast.mei, secret)

    contents.edit(cast.mei, case.id, loan_content(contract, purpose="to compare"), case.version)
    case = steps.take(cast.mei, case.id, "submit")

    assert (case.department, contract.number in case.title) == (cast.department("Office"), True)


def test_a_contract_made_confidential_while_drafted_makes_it_a_paper_of_its_owners(cast, contract):
    case = lending.draft(archive.archivist(cast), contract)
    Contract.update(confidential=True).where(Contract.id == contract.id).execute()

    case = steps.take(archive.archivist(cast), case.id, "submit")

    assert (case.state, case.department) == ("confidential", cast.department("Marketing"))
    assert contract.number not in case.title


@pytest.mark.parametrize(
    ("typed", "field"), [({"form": "scan"}, "form"), ({"purpose": "x" * 501}, "purpose"), ({"reason": "x" * 501}, "reason")]
)
def test_a_loan_is_of_a_photocopy_or_the_original_and_said_in_words_that_fit(cast, contract, typed, field):
    with pytest.raises(Mistyped) as refusal:
        lending.draft(cast.ann, contract, **({"form": "original"} | typed))

    assert refusal.value.field == field


def test_a_confidential_contract_is_not_lent_to_who_may_not_know_of_it_any_more(cast):
    case = lending.draft(cast.hao, archive.contract(cast, "Merger", confidential=True))
    posts.take_away(cast.hao, "dept_manager")

    with pytest.raises(Refused, match="not lent to you"):
        steps.take(cast.hao, case.id, "submit")


# ---- consent --------------------------------------------------------------------------------------------------------


def test_con_09_the_borrowers_head_consents_and_nobody_to_the_own_loan(cast, contract):
    case = lending.asked(cast.ann, contract)
    assert posts.waiting(case) == [(posts.head(cast), posts.head(cast), False)]
    posts.cannot(cast.ann, case, "approve")

    own = lending.asked(cast.hao, contract)
    posts.grant(cast.bo, "exec_in_charge")

    assert [task.post for task in open_tasks(own)] == ["gm"]
    posts.cannot(cast.hao, own, "approve")


@pytest.mark.parametrize("borrower", ["hao", "ann"], ids=["where the head borrows", "where there is no head"])
def test_con_09_the_leader_in_charge_consents_instead_of_the_head(cast, contract, borrower):
    posts.grant(cast.bo, "exec_in_charge", cast.branch)
    if borrower == "ann":
        posts.take_away(cast.hao, "dept_manager")

    case = lending.asked(getattr(cast, borrower), contract)

    assert [task.post for task in open_tasks(case)] == [access.post("exec_in_charge", cast.branch.id)]
    assert steps.take(cast.bo, case.id, "approve").state == "approved"


@pytest.mark.parametrize("form", ["copy", "original"])
def test_a_contract_made_confidential_meanwhile_is_not_the_heads_to_consent_to(cast, contract, form):
    case = lending.asked(cast.ann, contract, form)
    Contract.update(confidential=True).where(Contract.id == contract.id).execute()

    with pytest.raises(Refused, match="Only the general manager consents"):
        steps.take(cast.hao, case.id, "approve")


def test_a_contract_made_confidential_before_the_second_consent_is_asked_for_anew(cast, contract):
    case = steps.take(cast.hao, lending.asked(cast.ann, contract, "original").id, "approve")
    Contract.update(confidential=True).where(Contract.id == contract.id).execute()

    with pytest.raises(Refused, match="have it submitted again"):
        steps.take(cast.mei, case.id, "approve")


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
    assert held_by(cast.bo) == []
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


def test_con_10_what_is_investigated_meanwhile_is_not_handed_out(cast, contract):
    case = lending.approved(cast, contract)
    Contract.update(state="flagged").where(Contract.id == contract.id).execute()

    with pytest.raises(Refused, match="under investigation"):
        steps.take(archive.archivist(cast), case.id, "hand_out", given=HandOut(12))


@pytest.mark.parametrize(
    ("given", "field"), [(TakeBack(12, "eaten"), "condition"), (TakeBack(12, fate="lost"), "fate"), (TakeBack(None), "pages")]
)
def test_con_10_a_return_says_pages_condition_and_what_became_of_it(cast, contract, given, field):
    case = lending.lent(cast, contract)

    with pytest.raises(Mistyped) as refusal:
        steps.take(archive.archivist(cast), case.id, "take_back", given=given)

    assert refusal.value.field == field


def test_con_10_the_history_of_the_contract_says_where_its_original_went(cast, contract):
    lending.back(cast, lending.lent(cast, contract))
    lending.back(cast, lending.lent(cast, contract, "original"))
    steps.take(archive.archivist(cast), lending.lent(cast, contract, "original").id, "lose", note="Gone")

    said = [str(each.sentence) for each in reversed(told(SEE_ALL, "contract", contract.id))]
    assert said == [
        "文 entered it in the register", "文 handed out the original", "文 took the original back", "文 handed out the original",
        "文 wrote down that the original is lost", "It is under investigation",
    ]  # fmt: skip


def test_an_original_that_was_lost_and_replaced_is_not_on_loan_any_more(cast, contract):
    wen, findings = archive.archivist(cast), Findings("Left on a train", "Asked the railway", None, "Copied from the partner's")
    steps.take(wen, lending.lent(cast, contract, "original").id, "lose", note="Gone")
    steps.take(wen, Incident.get().case_id, "hand_in", given=findings)

    steps.take(cast.hao, Incident.get().case_id, "close")

    (row,) = listed(access.posts_of(cast.ann))
    assert (row.state, row.is_lent, str(row.state_words)) == ("in_archive", False, "In the archive")


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
    case = steps.take(cast.ann, case.id, "ask_longer", note="The court is slow")
    for name, given in (("take_back", TakeBack(12)), ("lose", None)):
        posts.cannot(cast.hao, case, name, given=given, note="because")

    assert lending.back(cast, case).state == "returned"


def test_con_10_the_pages_stand_in_the_form_as_they_are_and_as_they_went_out(cast, contract, client):
    case, browser = lending.approved(cast, contract), client(archive.archivist(cast))
    out = r'name="pages"[^>]*value="(\d+)"'

    handing_out = re.findall(out, browser.get(f"/papers/{case.id}").text)
    steps.take(archive.archivist(cast), case.id, "hand_out", given=HandOut(7))

    assert handing_out == [str(contract.pages)]
    assert re.findall(out, browser.get(f"/papers/{case.id}").text) == ["7"]
