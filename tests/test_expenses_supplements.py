"""FIN-13: what turned out too small is supplemented by a request of its own: what is approved adds up, and ends together."""

from __future__ import annotations

import secrets

import pytest

from portal import attachments, checks, clock, policies, steps
from portal.cases import Case
from portal.expenses.models import Spending
from portal.expenses.models_money import approved_total
from portal.expenses.rules import lapse_unused, request_lapse_days, submit
from portal.persons import Person
from portal.refused import Mistyped, Refused
from tests import budgets, moneys
from tests.budgets import yuan
from tests.test_spending_pages import NEW, post, typed


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)
    Person.update(language="en").execute()


@pytest.fixture
def line(cast):
    return budgets.budget_line(cast.department("Marketing"), 5000)


@pytest.fixture
def first(cast, line):
    return budgets.approved(cast.ann, cast.mei, line, 1000)


def supplement(cast, line, first, amount=500):
    return budgets.approved(cast.ann, cast.mei, line, amount, supplements=first)


def test_fin_13_an_excess_is_claimed_once_its_supplement_is_approved(cast, line, first):
    with pytest.raises(Refused, match="The excess needs a supplementary"):
        moneys.claimed(cast.ann, first, 1200)

    more = supplement(cast, line, first)

    assert approved_total(first.id) == yuan(1500)
    assert moneys.settled(cast, cast.ann, first, 1200).state == "posted"
    assert {Case.get_by_id(each.id).state for each in (first, more)} == {"closed"}
    assert budgets.figures_now(line).held == 0
    assert checks.findings() == []


def test_a_supplement_names_an_approved_request_of_ones_own(cast, line, first):
    others = budgets.approved(cast.hao, cast.mei, line, 100)
    more = supplement(cast, line, first)
    for wrong in (others, more, budgets.draft(cast.ann, line)):
        with pytest.raises(Mistyped, match="Choose one of your own approved requests") as refusal:
            budgets.asked(cast.ann, line, 10, supplements=wrong)
        assert refusal.value.field == "supplements"

    with pytest.raises(Refused, match="is not approved any more"):
        budgets.asked(cast.ann, line, 10, supplements=budgets.asked(cast.ann, line, 10))
    with pytest.raises(Mistyped, match="of the same kind of spending"):
        submit(cast.ann, budgets.business(cast.ann, line, 10, supplements=first), secrets.token_hex(8))


def test_a_supplement_is_not_approved_once_its_request_is_over(cast, line, first):
    more = budgets.asked(cast.ann, line, 500, supplements=first)
    Case.update(state="lapsed").where(Case.id == first.id).execute()

    with pytest.raises(Refused, match="is not approved any more"):
        steps.take(cast.mei, more.id, "approve")


@pytest.mark.parametrize(("step", "ends"), [("cancel", "cancelled"), ("finish", "closed")])
def test_what_supplements_a_request_ends_with_it(cast, line, first, step, ends):
    more = supplement(cast, line, first)

    steps.take(cast.ann, first.id, step)

    assert (Case.get_by_id(first.id).state, Case.get_by_id(more.id).state) == (ends, ends)
    assert budgets.figures_now(line).held == 0


def test_a_request_lapses_with_what_supplements_it(cast, line, first):
    policies.change(cast.mei, request_lapse_days, 10)
    with clock.at(clock.now() + (clock.end_of(clock.today()) - clock.start_of(clock.today())) * 9):
        more = supplement(cast, line, first)
        with clock.at(clock.now() + (clock.end_of(clock.today()) - clock.start_of(clock.today())) * 3):
            assert lapse_unused() == 1

    assert {Case.get_by_id(each.id).state for each in (first, more)} == {"lapsed"}


def test_a_request_is_not_ended_while_a_supplement_waits(cast, line, first):
    more = budgets.asked(cast.ann, line, 500, supplements=first)

    for step in ("cancel", "finish"):
        with pytest.raises(Refused, match=f"{more.number} is still open on it"):
            steps.take(cast.ann, first.id, step)


@pytest.mark.parametrize("step", ["cancel", "finish"])
def test_nothing_ends_while_money_is_out_or_claimed(cast, line, first, step):
    lent = moneys.lent(cast, cast.ann, first, 100)

    with pytest.raises(Refused, match=f"{lent.number} is still open on it"):
        steps.take(cast.ann, first.id, step)


def test_a_supplement_stays_while_claims_or_advances_rest_on_it(cast, line, first):
    on_claim, on_loan = (supplement(cast, line, first, 500) for _each in range(2))
    moneys.lent(cast, cast.ann, first, 1600)

    with pytest.raises(Refused, match="rest on it"):
        steps.take(cast.ann, on_loan.id, "cancel")
    moneys.claimed(cast.ann, first, 1900)
    with pytest.raises(Refused, match="rest on it"):
        steps.take(cast.ann, on_claim.id, "finish")


def test_fin_13_after_a_part_was_claimed_the_rest_is_given_back_by_finishing(cast, line, first):
    moneys.settled(cast, cast.ann, first, 300, is_last=False)
    assert budgets.figures_now(line).held == yuan(700)

    steps.take(cast.ann, first.id, "finish")

    assert (budgets.figures_now(line).held, budgets.figures_now(line).spent) == (0, yuan(300))
    assert checks.findings() == []


# ---- pages ----------------------------------------------------------------------------------------------------------


def test_the_form_offers_ones_own_approved_requests_and_urgency(cast, client, line, first):
    more = budgets.approved(cast.hao, cast.mei, line, 10)
    ann = client(cast.ann)

    page = ann.get(NEW).text
    assert f"{first.number} {first.title}" in page and more.number not in page
    answer = post(ann, NEW, typed(line, supplements=str(first.id), urgent="y"))

    made = Spending.get(Spending.supplements == first)
    assert (answer.status_code, made.urgent) == (303, True)
    shown = ann.get(f"/papers/{made.case_id}").text
    assert "Consent may be asked by telephone" in shown and f'href="/papers/{first.id}"' in shown
    assert f'href="/papers/{made.case_id}"' in ann.get(f"/papers/{first.id}").text
    assert "Consent may be asked by telephone" in ann.get(f"/papers/{made.case_id}/print").text
    assert post(ann, NEW, typed(line, supplements=str(more.id))).status_code == 422


# ---- no invoice accepted --------------------------------------------------------------------------------------------


def test_bex_no_invoice_is_accepted_only_at_approval_and_for_business(cast, client, line):
    office = budgets.asked(cast.ann, line, 100)
    business = submit(cast.ann, budgets.business(cast.ann, line, 100), secrets.token_hex(8))
    page = client(cast.mei).get(f"/papers/{office.id}").text

    assert "approve_without_invoice" not in page
    case = steps.take(cast.mei, business.id, "approve_without_invoice")

    assert (case.state, Spending.get_by_id(case.id).no_invoice) == ("approved", True)
    assert "no invoice accepted" in client(cast.mei).get(f"/papers/{case.id}").text
