"""Where nobody in a post may act on a paper, the general manager names a stand-in for that one paper; what no person may hold
together is not held there either (GEN-04, FIN-06)."""

from __future__ import annotations

from datetime import date

import pytest

from portal import access, attachments, history, tasks
from portal.books.models import payables_of
from portal.cases import Case, open_tasks
from portal.history import history_of
from portal.notices import Notice
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from tests import budgets, moneys
from tests.posts import cannot, grant, take_away, waiting
from tests.test_spending_pages import post, text_of


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)
    Person.update(language="en").execute()


def named(cast, case, post="cashier", person=None, by=None, reason="Nobody else is here"):
    return tasks.appoint(by or cast.mei, case.id, case.version, post, person or cast.sam, reason)


@pytest.fixture
def stuck(cast, memos, checked):
    """A memo that waits for a cashier, and there is none."""
    take_away(cast.cai, "cashier")
    tasks.reroute()
    return Case.get_by_id(checked.id)


# ---- named for one paper --------------------------------------------------------------------------------------------


def test_a_stand_in_carries_out_the_one_paper_and_the_paper_says_so(cast, memos, stuck):
    other = memos.draft(cast.ann, "another")
    case = named(cast, stuck)

    assert waiting(case) == [("cashier", f"#{cast.sam.id}", False)]
    assert access.may_read(access.posts_of(cast.sam), case)
    done = memos.go(case, (cast.sam, "carry_out"))

    assert [event.action for event in history_of(done)][-3:] == ["appoint", "reroute", "carry_out"]
    last = history_of(done)[-1]
    assert (last.post, last.facts()["acting"], last.by) == ("cashier", True, cast.sam)
    assert [notice.person for notice in Notice.select().where(Notice.topic == "appointed")] == [cast.sam]
    other = memos.go(other, (cast.ann, "submit"), (cast.hao, "endorse"), (cast.mei, "check"), (cast.lin, "check"))
    cannot(cast.sam, other, "carry_out")
    assert list(history.verify()) == []


def test_who_stands_in_does_not_book_the_same_paper_later(cast, memos, stuck):
    done = memos.go(named(cast, stuck), (cast.sam, "carry_out"))
    grant(cast.sam, "chief_accountant")

    cannot(cast.sam, done, "book")
    assert memos.go(done, (cast.lin, "book")).state == "closed"


@pytest.mark.parametrize("who", ["ann", "hao", "lin", "sam", "cai"])
def test_only_the_general_manager_names_a_stand_in(cast, stuck, who):
    with pytest.raises(NotYours, match="The general manager names who stands in"):
        named(cast, stuck, by=getattr(cast, who))


def test_nobody_is_named_where_somebody_can_act(cast, checked):
    with pytest.raises(Refused, match="Nobody is missing here any more"):
        named(cast, checked)


def test_a_chief_accountant_is_not_named_as_cashier(cast, stuck):
    with pytest.raises(Mistyped, match="is Chief accountant: nobody is both") as refusal:
        named(cast, stuck, person=cast.lin)

    assert refusal.value.field == "person"


def test_a_cashier_is_not_named_as_chief_accountant(cast, memos, checked):
    done = memos.go(checked, (cast.cai, "carry_out"))
    take_away(cast.lin, "chief_accountant")
    tasks.reroute()
    grant(cast.bo, "cashier")
    Person.update(level="back_office").where(Person.id == cast.bo.id).execute()

    with pytest.raises(Mistyped, match="is Cashier: nobody is both"):
        named(cast, done, "chief_accountant", cast.bo)
    assert cast.bo not in tasks.candidates(Case.get_by_id(done.id), "chief_accountant")


def test_one_person_does_not_stand_in_as_both_on_one_paper(cast, memos, stuck):
    done = memos.go(named(cast, stuck), (cast.sam, "carry_out"))
    take_away(cast.lin, "chief_accountant")
    tasks.reroute()

    with pytest.raises(Mistyped, match="had a part in this paper"):
        named(cast, Case.get_by_id(done.id), "chief_accountant", cast.sam)


def test_who_was_named_for_one_post_and_then_paid_does_not_book(cast, memos, checked):
    done = memos.go(checked, (cast.cai, "carry_out"))
    for person, role in ((cast.lin, "chief_accountant"), (cast.cai, "cashier")):
        take_away(person, role)
    tasks.reroute()
    done = named(cast, Case.get_by_id(done.id), "chief_accountant")
    back = memos.go(done, (cast.sam, "return"), given="checked", note="in parts, please")
    again = memos.go(named(cast, back), (cast.sam, "carry_out"))

    assert waiting(again) == [("chief_accountant", "chief_accountant", True)]
    cannot(cast.sam, again, "book")


def test_who_became_the_other_meanwhile_stands_in_no_more(cast, memos, stuck):
    case = named(cast, stuck)
    grant(cast.sam, "chief_accountant")
    tasks.reroute()

    assert waiting(case) == [("cashier", "cashier", True)]
    cannot(cast.sam, case, "carry_out")


def test_who_has_left_or_lacks_the_level_is_not_named(cast, stuck):
    with pytest.raises(Mistyped, match="has not the level"):
        named(cast, stuck, person=cast.ann)
    Person.update(active=False).where(Person.id == cast.sam.id).execute()

    with pytest.raises(Mistyped, match="works here no more"):
        named(cast, stuck)


@pytest.mark.parametrize(("who", "reason", "field"), [("mei", "x", "person"), ("sam", "  ", "reason")])
def test_the_manager_names_another_and_says_why(cast, stuck, who, reason, field):
    with pytest.raises(Mistyped) as refusal:
        named(cast, stuck, person=getattr(cast, who), reason=reason)

    assert refusal.value.field == field


def test_a_stand_in_who_left_is_replaced(cast, memos, stuck):
    case = named(cast, stuck)
    Person.update(active=False).where(Person.id == cast.sam.id).execute()
    tasks.reroute()
    again = named(cast, Case.get_by_id(case.id), person=cast.cai)

    assert waiting(again) == [("cashier", f"#{cast.cai.id}", False)]


def test_the_post_itself_comes_first_once_somebody_holds_it(cast, memos, stuck):
    case = named(cast, stuck)
    grant(cast.cai, "cashier")
    tasks.reroute()

    assert waiting(case) == [("cashier", "cashier", False)]
    cannot(cast.sam, case, "carry_out")


# ---- steps that open no task ----------------------------------------------------------------------------------------


@pytest.fixture
def lent_to_cai(cast):
    """The only cashier has borrowed, once another was there to pay."""
    line = budgets.budget_line(cast.department("Finance"), 5000)
    request = budgets.approved(cast.cai, cast.mei, line, 1000)
    grant(cast.sam, "cashier")
    tasks.reroute()
    paid = moneys.steps.take(cast.sam, moneys.advance(cast.cai, request, 400).id, "pay", given=moneys.by_bank())
    case = moneys.steps.take(cast.lin, paid.id, "post")
    take_away(cast.sam, "cashier")
    tasks.reroute()
    return Case.get_by_id(case.id)


def brought(person, case):
    given = moneys.CashBack(moneys.till().id, moneys.clock.today(), "cash", "", amount=budgets.yuan(100))
    return moneys.steps.take(person, case.id, "give_back", given=given)


def test_a_step_that_opens_no_task_waits_for_a_stand_in_too(cast, lent_to_cai):
    assert tasks.missing(lent_to_cai) == {"cashier": {cast.cai.id, cast.mei.id}}
    cannot(cast.cai, lent_to_cai, "give_back")
    cannot(cast.sam, lent_to_cai, "give_back")

    case = named(cast, lent_to_cai)

    assert tasks.missing(case) == {}
    case = brought(cast.sam, case)
    assert (history_of(case)[-1].post, history_of(case)[-1].facts()["acting"]) == ("cashier", True)
    grant(cast.sam, "chief_accountant")
    with pytest.raises(Refused, match="You handled this money yourself"):
        moneys.steps.take(cast.sam, case.id, "post_part")
    assert moneys.steps.take(cast.lin, case.id, "post_part").state == "outstanding"


def test_the_post_itself_takes_the_step_once_somebody_holds_it(cast, lent_to_cai):
    case = named(cast, lent_to_cai)
    grant(cast.bo, "cashier")

    cannot(cast.sam, case, "give_back")
    assert brought(cast.bo, case).state == "outstanding"


# ---- the page -------------------------------------------------------------------------------------------------------


def test_the_paper_leads_the_manager_to_the_page_where_a_stand_in_is_named(cast, client, lent_to_cai):
    mei = client(cast.mei)
    address = f"/papers/{lent_to_cai.id}/stand-in?post=cashier"
    paper = mei.get(f"/papers/{lent_to_cai.id}")
    assert "Nobody who is Cashier can act on this paper now" in text_of(paper) and f'href="{address}"' in paper.text
    assert "Name a stand-in" not in client(cast.cai).get(f"/papers/{lent_to_cai.id}").text

    page = mei.get(address)
    wrong = post(mei, address, {"version": lent_to_cai.version, "person": cast.lin.id, "reason": "x"})
    right = post(mei, address, {"version": lent_to_cai.version, "person": cast.sam.id, "reason": "Alone"})

    assert f'value="{cast.sam.id}"' in page.text
    for other in (cast.cai, cast.lin, cast.ann, cast.mei):
        assert f'<option value="{other.id}"' not in page.text
    assert (wrong.status_code, right.status_code) == (422, 303)
    assert "Nobody who is Cashier" not in text_of(mei.get(f"/papers/{lent_to_cai.id}"))
    assert "Nobody is missing on this paper" in text_of(mei.get(address))


def test_no_other_opens_the_page(cast, client, lent_to_cai):
    address = f"/papers/{lent_to_cai.id}/stand-in"

    assert [client(person).get(address).status_code for person in (cast.cai, cast.lin, cast.sam)] == [403, 403, 403]


# ---- own papers of those who decide, pay and post -------------------------------------------------------------------


@pytest.fixture
def office(cast):
    return budgets.budget_line(cast.department("Office"), 5000)


@pytest.fixture
def finance(cast):
    return budgets.budget_line(cast.department("Finance"), 5000)


def test_the_managers_own_request_is_decided_by_the_leader_in_charge(cast, office):
    grant(cast.bo, "exec_in_charge")
    case = budgets.asked(cast.mei, office, 100)

    assert waiting(case) == [("gm", "exec_in_charge", False)]
    for person in (cast.mei, cast.lin):
        cannot(person, case, "approve")
    assert moneys.steps.take(cast.bo, case.id, "approve").state == "approved"


def test_who_stands_in_as_general_manager_does_not_decide_the_managers_own_request(cast, office):
    grant(cast.sam, "gm", acting=True, ends=date(2090, 1, 1))
    case = budgets.asked(cast.mei, office, 100)

    assert waiting(case) == [("gm", "chief_accountant", False)]
    cannot(cast.sam, case, "approve")
    assert moneys.steps.take(cast.lin, case.id, "approve").mark == "in_stead"


def test_the_leader_in_charge_decides_it_also_while_standing_in_as_manager(cast, office):
    grant(cast.bo, "exec_in_charge")
    grant(cast.bo, "gm", acting=True, ends=date(2090, 1, 1))

    own = budgets.asked(cast.bo, budgets.budget_line(cast.department("IT"), 500), 100)

    assert moneys.steps.take(cast.bo, budgets.asked(cast.mei, office, 100).id, "approve").mark == "in_stead"
    assert moneys.steps.take(cast.mei, own.id, "approve").mark == ""


def test_without_a_leader_the_chief_accountant_decides_it_and_posts_nothing_of_it(cast, office):
    request = budgets.asked(cast.mei, office, 1000)
    assert waiting(request) == [("gm", "chief_accountant", False)]
    cannot(cast.mei, request, "approve")
    moneys.steps.take(cast.lin, request.id, "approve")
    lent = moneys.steps.take(cast.cai, moneys.advance(cast.mei, request, 300).id, "pay", given=moneys.by_bank())

    assert waiting(lent) == [("chief_accountant", "chief_accountant", True)]
    cannot(cast.lin, lent, "post")
    grant(cast.sam, "chief_accountant")
    tasks.reroute()

    assert moneys.steps.take(cast.sam, lent.id, "post").state == "outstanding"


def test_a_claim_of_the_manager_is_signed_by_the_chief_accountant_and_posted_by_a_second(cast, office):
    request = moneys.steps.take(cast.lin, budgets.asked(cast.mei, office, 1000).id, "approve")
    claim = moneys.claimed(cast.mei, request, 200)
    assert [task.post for task in open_tasks(claim)] == ["chief_accountant"]
    cannot(cast.mei, claim, "sign", given=moneys.Granted())
    claim = moneys.steps.take(cast.lin, claim.id, "sign", given=moneys.Granted())
    claim = moneys.steps.take(cast.cai, claim.id, "check", given=moneys.LOOKED_AT)
    (payable,) = payables_of(claim)
    claim = moneys.steps.take(cast.cai, claim.id, "pay", given=moneys.by_bank(parts=((payable.id, budgets.yuan(50)),)))
    cannot(cast.lin, claim, "post_part")
    claim = moneys.steps.take(cast.cai, claim.id, "pay", given=moneys.by_bank())

    cannot(cast.lin, claim, "post")
    claim = named(cast, claim, "chief_accountant", cast.sam)

    assert moneys.steps.take(cast.sam, claim.id, "post").state == "posted"


def test_where_nobody_can_decide_it_the_manager_names_nobody(cast, office):
    case = budgets.asked(cast.mei, office, 100)
    take_away(cast.lin, "chief_accountant")
    tasks.reroute()

    assert waiting(case) == [("gm", "gm", True)]
    with pytest.raises(NotYours, match="who decides it is not yours to name"):
        named(cast, Case.get_by_id(case.id), "gm")


def test_the_managers_own_block_is_lifted_by_the_chief_accountant_who_does_not_post(cast, office, clock):
    clock.set("2026-03-02 09:00")
    grant(cast.bo, "exec_in_charge")
    office = budgets.budget_line(cast.department("Office"), 5000, "OFFICE")
    request = moneys.steps.take(cast.bo, budgets.asked(cast.mei, office, 1000).id, "approve")
    moneys.lent(cast, cast.mei, request, 100)
    clock.forward(days=40)
    take_away(cast.bo, "exec_in_charge")
    content = moneys.advance_content(request, budgets.yuan(10))
    draft = moneys.contents.create(moneys.ADVANCE, cast.mei, content, "a token of it")
    case = moneys.steps.take(cast.mei, draft.id, "ask_to_lift", note="please")

    cannot(cast.mei, case, "lift", note="mine")
    case = moneys.steps.take(cast.lin, case.id, "lift", note="once")
    paid = moneys.steps.take(cast.cai, case.id, "pay", given=moneys.by_bank())

    assert waiting(paid) == [("chief_accountant", "chief_accountant", True)]
    cannot(cast.lin, paid, "post")


def test_a_cashiers_own_claim_is_checked_and_paid_by_another(cast, finance):
    request = budgets.approved(cast.cai, cast.mei, finance, 500)
    claim = moneys.steps.take(cast.mei, moneys.claimed(cast.cai, request, 200).id, "sign", given=moneys.Granted())

    assert waiting(claim) == [("cashier", "cashier", True)]
    cannot(cast.cai, claim, "check", given=moneys.LOOKED_AT)
    claim = named(cast, claim)
    claim = moneys.steps.take(cast.sam, claim.id, "check", given=moneys.LOOKED_AT)
    cannot(cast.cai, claim, "pay", given=moneys.by_bank())
    claim = moneys.steps.take(cast.sam, claim.id, "pay", given=moneys.by_bank())

    assert moneys.steps.take(cast.lin, claim.id, "post").state == "posted"


def test_a_cashiers_own_advance_is_paid_by_a_second_holder(cast, finance):
    request = budgets.approved(cast.cai, cast.mei, finance, 500)
    case = moneys.advance(cast.cai, request, 200)
    assert waiting(case) == [("cashier", "cashier", True)]

    grant(cast.bo, "cashier", acting=True, ends=date(2090, 1, 1))
    tasks.reroute()

    cannot(cast.cai, case, "pay", given=moneys.by_bank())
    assert moneys.steps.take(cast.bo, case.id, "pay", given=moneys.by_bank()).state == "paid"


def test_a_chief_accountants_own_advance_and_claim_are_posted_by_another(cast, finance):
    request = budgets.approved(cast.lin, cast.mei, finance, 500)
    lent = moneys.steps.take(cast.cai, moneys.advance(cast.lin, request, 200).id, "pay", given=moneys.by_bank())
    claim = moneys.checked(cast, cast.lin, request, 500)
    claim = moneys.steps.take(cast.cai, claim.id, "pay", given=moneys.by_bank())

    for case in (lent, claim):
        case = Case.get_by_id(case.id)
        assert waiting(case) == [("chief_accountant", "chief_accountant", True)]
        cannot(cast.lin, case, "post")
        case = named(cast, case, "chief_accountant")
        moneys.steps.take(cast.sam, case.id, "post")

    assert Case.get_by_id(claim.id).state == "posted"
