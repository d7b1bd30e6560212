"""Applications to buy: who asks, why, on which money, and what is settled before anything is ordered (SUP-03, 04, 05, 07)."""

from __future__ import annotations

import pytest

from portal import checks, clock, contents, policies, steps
from portal.access import may_read, posts_of
from portal.expenses.models import overruns
from portal.history import Event
from portal.purchasing.models import Purchase
from portal.purchasing.models_purchases import coming, running_short
from portal.purchasing.policies import supplies_need_gm
from portal.purchasing.rules_purchases import PURCHASE, ApprovedLess
from portal.refused import Mistyped, NotYours, Refused
from portal.stock.models import levels
from tests import budgets, buying
from tests.budgets import yuan
from tests.catalogue import custodian, supply
from tests.refusals import refusal

files, company, line = buying.files, buying.company, buying.line


def held(line):
    return budgets.figures_now(line).held


def test_the_chain_from_application_to_posted_invoice(company, line):
    pen = supply(company)

    case = buying.bought(company, company.ann, line, (pen, 100, 250))

    assert case.state == "closed"
    figures = budgets.figures_now(line)
    assert (figures.spent, figures.held) == (yuan(200), 0)
    assert levels([pen.id])[pen.id].on_hand == 100
    assert checks.findings() == []


# ---- who asks, and why ----------------------------------------------------------------------------------------------


def test_sup_04_the_custodian_asks_for_the_department_and_nobody_else_in_it(company, line):
    pen = supply(company)

    why = refusal(lambda: buying.asked(company.hao, line, (pen, 10, 20)), Mistyped)

    assert "安妮 is the custodian" in why
    assert buying.asked(company.ann, line, (pen, 10, 20)).state == "submitted"


def test_the_head_asks_while_the_custodian_is_away_and_says_why(company, line):
    case = buying.asked(company.hao, line, (supply(company), 10, 20), away="On leave", in_place_of=company.ann)

    assert Purchase.get_by_id(case.id).away == "On leave"
    assert Event.get(Event.thing_id == case.id, Event.action == "submit").facts()["away"] == "On leave"


def test_the_office_asks_for_its_own_shelf(company):
    line = budgets.budget_line(company.department("Office"), 1000, "OFFICE")

    assert buying.asked(company.sam, line, (supply(company), 10, 20)).department == company.department("Office")


def test_a_colleague_does_not_ask(company, line):
    with pytest.raises(NotYours):
        buying.asked(company.bo, None, (supply(company), 10, 20))


def test_sup_07_a_special_need_says_what_it_is(company, line):
    why = refusal(lambda: buying.asked(company.ann, line, (supply(company), 10, 20), reason=" "), Refused)

    assert why == "Say what the special need is."


def test_sup_07_what_does_not_run_low_is_not_asked_for_as_low_stock(company, line):
    paper = supply(company, "PAPER", on_hand=50, reorder_level=10)

    why = refusal(lambda: buying.asked(company.ann, line, (paper, 10, 20), cause="low_stock", reason=""), Refused)

    assert "does not run low" in why


def test_sup_07_what_runs_low_is_asked_for_once(company, line):
    paper = supply(company, "PAPER", on_hand=5, reorder_level=10)
    assert buying.asked(company.ann, line, (paper, 20, 40), cause="low_stock", reason="").state == "submitted"

    again = refusal(lambda: buying.asked(company.ann, line, (paper, 20, 40), cause="low_stock", reason=""), Refused)

    assert "counting what is on the way" in again


def test_drafts_count_in_what_is_on_the_way(company, line):
    paper = supply(company, "PAPER", on_hand=5, reorder_level=10)
    assert running_short()[paper.id].lacking > 0

    contents.create(PURCHASE, company.ann, buying.content_of(company.ann, line, (paper, 20, 40)), "a draft")

    assert coming([paper.id]) == {paper.id: 20}
    assert paper.id not in running_short()


@pytest.mark.parametrize("lacking", ["line", "estimate", "lines"])
def test_an_application_names_its_money_and_what_it_costs(company, line, lacking):
    pen = supply(company)
    wanted = {"lines": []}.get(lacking, [(pen, 10, 0 if lacking == "estimate" else 20)])
    content = buying.content_of(company.ann, line, *wanted)
    if lacking == "line":
        content.detail["line"] = None
    case = contents.create(PURCHASE, company.ann, content, "incomplete")

    with pytest.raises(Refused):
        steps.take(company.ann, case.id, "submit")


def test_another_departments_money_is_not_named(company):
    other = budgets.budget_line(company.department("Finance"), 1000, "OFFICE")
    content = buying.content_of(company.ann, other, (supply(company), 10, 20))
    content.department = company.department("Marketing")

    why = refusal(lambda: contents.create(PURCHASE, company.ann, content, "foreign"), Mistyped)

    assert why == "Choose a budget line of the department that asks."


# ---- deciding -------------------------------------------------------------------------------------------------------


def test_sup_03_the_figures_are_those_of_the_moment_it_was_submitted(company, line):
    paper = supply(company, "PAPER", on_hand=7)
    case = buying.asked(company.ann, line, (paper, 10, 20))

    (kept,) = buying.of(case)

    assert (kept.stock, kept.coming, kept.half_year) == (7, 0, 0)


def test_sup_05_what_was_asked_and_what_was_approved_both_stay(company, line):
    case = buying.asked(company.ann, line, (supply(company), 10, 20))
    (asked,) = buying.of(case)

    steps.take(company.hao, case.id, "approve_less", given=ApprovedLess({asked.id: (4, "Four will do")}))

    (kept,) = buying.of(case)
    assert (kept.quantity, kept.granted, kept.cut_reason, kept.cut_by) == (10, 4, "Four will do", company.hao)
    assert held(line) == yuan(8)


def test_gen_01_who_asks_does_not_approve(company):
    custodian(company.hao, company.department("Marketing"))
    line = budgets.budget_line(company.department("Marketing"), 1000, "OFFICE")
    case = buying.asked(company.hao, line, (supply(company), 10, 20))

    with pytest.raises(NotYours):
        steps.take(company.hao, case.id, "approve")


def test_approval_holds_the_estimate_and_the_general_manager_signs(company, line):
    case = buying.asked(company.ann, line, (supply(company), 10, 20))
    assert held(line) == 0

    case = steps.take(company.hao, case.id, "approve")

    assert (case.state, held(line)) == ("signing", yuan(20))
    assert steps.take(company.mei, case.id, "approve").state == "approved"


def test_by_policy_the_general_manager_does_not_sign_what_fits(company, line):
    policies.change(company.mei, supplies_need_gm, False)
    case = buying.asked(company.ann, line, (supply(company), 10, 20))

    assert steps.take(company.hao, case.id, "approve").state == "approved"


def test_beyond_the_budget_the_general_manager_decides_also_against_the_policy(company, line):
    policies.change(company.mei, supplies_need_gm, False)
    case = buying.asked(company.ann, line, (supply(company), 1000, 2000))

    case = steps.take(company.hao, case.id, "approve")

    assert (case.state, case.mark, held(line)) == ("signing", "over_budget", 0)
    assert "Beyond it only the general manager" in refusal(lambda: steps.take(company.mei, case.id, "approve"), Refused)
    case = steps.take(company.mei, case.id, "approve_over_budget", given=budgets.overrun())
    assert (case.state, case.mark, held(line)) == ("approved", "exception", yuan(2000))
    assert checks.findings() == []


def test_fin_02_it_stands_in_the_list_of_what_was_approved_over_budget(company, line):
    case = buying.asked(company.ann, line, (supply(company), 1000, 2000))
    steps.take(company.hao, case.id, "approve")
    steps.take(company.mei, case.id, "approve_over_budget", given=budgets.overrun())

    (row,) = overruns(clock.today())

    assert (row.case_id, row.over_by, row.decided_by.name_en) == (case.id, yuan(1000), "Mei")


@pytest.mark.parametrize("way", ["reject", "return"])
def test_what_is_refused_or_returned_holds_nothing(company, line, way):
    case = buying.asked(company.ann, line, (supply(company), 10, 20))
    steps.take(company.hao, case.id, "approve")

    steps.take(company.mei, case.id, way, given="draft", note="Not now")

    assert held(line) == 0
    assert checks.findings() == []


def test_it_is_cancelled_until_it_is_ordered(company, line):
    case = buying.approved(company, company.ann, line, (supply(company), 10, 20))
    buying.placed(company, case)

    assert "is Ordered" in refusal(lambda: steps.take(company.ann, case.id, "cancel", note="No need"), Refused)
    other = buying.approved(company, company.ann, line, (supply(company), 5, 10))
    assert steps.take(company.ann, other.id, "cancel", note="No need").state == "cancelled"
    assert held(line) == yuan(20)


def test_the_office_returns_what_became_dearer_to_be_approved_anew(company, line):
    case = buying.approved(company, company.ann, line, (supply(company), 10, 20))

    back = steps.take(company.sam, case.id, "return", given="draft", note="It costs 3 yuan now")

    assert (back.state, held(line)) == ("draft", 0)


def test_the_rest_is_not_bought_any_more(company, line):
    case = buying.approved(company, company.ann, line, (supply(company), 10, 20))

    closed = steps.take(company.sam, case.id, "drop", note="The shop was closed")

    assert (closed.state, held(line), coming()) == ("closed", 0, {})
    assert checks.findings() == []


def test_who_may_read_an_application(company, line):
    case = buying.asked(company.ann, line, (supply(company), 10, 20))

    assert all(may_read(posts_of(person), case) for person in (company.sam, company.hao, company.mei, company.lin))
    assert not may_read(posts_of(company.bo), case)
