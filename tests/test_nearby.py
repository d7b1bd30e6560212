"""Purchases nearby: asked for before buying, reviewed before anything is repaid, on every road (SUP-14, SUP-15)."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest

from portal import attachments, checks, clock, contents, policies, steps
from portal.access import post
from portal.books.models import payables_of
from portal.books.models_runs import PaymentRunLine
from portal.books.rules_runs import Run, pay_together
from portal.cases import Case, lines_of, open_tasks
from portal.expenses import models
from portal.expenses.models import Spending
from portal.expenses.models_money import Advance, own_requests, standing
from portal.expenses.rules import SPENDING, lapse_unused, request_lapse_days
from portal.expenses.rules_claims import Granted
from portal.expenses.rules_months import own_papers
from portal.papers.rules import take_together
from portal.purchasing.models import NearbyLine, NearbyPurchase
from portal.purchasing.models_nearby import Bought, Chosen, Wanted, nearby_purchases
from portal.purchasing.policies import supplies_need_gm
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from portal.stock.models import Item
from tests import budgets, catalogue, moneys, nearby, posts
from tests.at_once import at_once
from tests.budgets import figures_now, yuan


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@pytest.fixture(autouse=True)
def keeper(cast):
    """Ann manages the supplies of her department."""
    catalogue.custodian(cast.ann)


@pytest.fixture
def line(cast):
    return budgets.budget_line(cast.department("Marketing"), 5000)


@pytest.fixture
def books_agree():
    """Whatever a test does, the checks find nothing afterwards."""
    yield
    assert checks.findings() == []


pytestmark = pytest.mark.usefixtures("books_agree")
DAY = timedelta(days=1)


def supplemented(cast, case, line, amount):
    """A request that supplements the purchase, approved."""
    content = budgets.content(cast.ann, line, amount, supplements=case)
    draft = contents.create(SPENDING, cast.ann, content, secrets.token_hex(8))
    return steps.take(cast.mei, steps.take(cast.ann, draft.id, "submit").id, "approve")


def approved_days_ago(case, days):
    """As if it had been filed and approved then."""
    then = clock.now() - days * DAY
    Spending.update(approved_at=then).where(Spending.case == case).execute()
    Case.update(submitted_at=then).where(Case.id == case.id).execute()
    return Case.get_by_id(case.id)


# ---- who writes it --------------------------------------------------------------------------------------------------


def test_sup_16_only_the_custodian_writes_a_purchase_nearby(cast, line):
    with pytest.raises(Mistyped, match=r"is the custodian: you file only while .* is away"):
        nearby.drafted(cast.hao, line)
    posts.take_away(cast.hao, "dept_manager")

    with pytest.raises(NotYours, match=r"Only .* writes for .* what is to be bought nearby"):
        nearby.drafted(cast.hao, line)


def test_the_head_writes_it_while_the_custodian_is_away_and_the_reason_stays(cast, line):
    case = nearby.filed(cast.hao, line, away="On leave until Friday")

    paper = NearbyPurchase.get_by_id(case.id)
    assert (case.state, paper.in_place_of_id, paper.away) == ("submitted", cast.ann.id, "On leave until Friday")


def test_where_nobody_keeps_the_supplies_the_head_writes_it(cast, line):
    posts.take_away(cast.ann, "supplies_custodian")

    assert nearby.filed(cast.hao, line).state == "submitted"
    with pytest.raises(NotYours, match=r"Nobody manages the supplies of .* yet: its head writes"):
        nearby.drafted(cast.ann, line)


def test_who_is_custodian_no_more_sends_no_draft(cast, line):
    case = nearby.drafted(cast.ann, line)
    posts.take_away(cast.ann, "supplies_custodian")

    with pytest.raises(Refused, match="Nobody manages the supplies"):
        steps.take(cast.ann, case.id, "submit")


# ---- what is typed --------------------------------------------------------------------------------------------------

LACKING = [
    ({"reason": ""}, "Say why it must be bought nearby"),
    ({"line": None}, "Choose a budget line"),
    ({"expected_date": None}, "Say when it will be spent"),
    ({"wanted": []}, "Write at least one line with an amount"),
]


@pytest.mark.parametrize(("lacking", "why"), LACKING)
def test_a_draft_may_lack_what_an_application_must_have(cast, line, lacking, why):
    case = nearby.drafted(cast.ann, **{"line": line} | lacking)

    with pytest.raises(Refused, match=why):
        steps.take(cast.ann, case.id, "submit")


def test_a_purchase_nearby_falls_on_a_line_of_the_own_department(cast):
    other = budgets.budget_line(cast.department("IT"), 500)

    with pytest.raises(Mistyped, match="Choose a budget line of your own department"):
        nearby.drafted(cast.ann, other)


def wanted(cast, **more):
    return Wanted(**{"item": catalogue.supply(cast), "text": "", "quantity": 2, "estimate": yuan(10)} | more)


def test_no_line_of_it_is_without_sense(cast, line):
    out_of_use = catalogue.supply(cast, "OLD")
    Item.update(active=False).where(Item.id == out_of_use.id).execute()
    wrong = [
        ([wanted(cast, item=None)], "or say in words what it is"),
        ([wanted(cast, text="x" * 201)], "at most 200 characters"),
        ([wanted(cast), wanted(cast)], "stands there twice"),
        ([wanted(cast, item=Item.get_by_id(out_of_use.id))], "not in use any more"),
        ([wanted(cast, quantity=0)], "Write a whole number from 1"),
        ([wanted(cast, estimate=yuan(0))], "Write an amount above zero"),
        ([wanted(cast, item=None, text=f"Thing {n}") for n in range(31)], "at most 30 lines"),
    ]

    for lines, why in wrong:
        with pytest.raises(Mistyped, match=why):
            nearby.drafted(cast.ann, line, wanted=lines)


# ---- approval and budget --------------------------------------------------------------------------------------------


def test_the_author_never_approves_a_purchase_nearby(cast, line):
    posts.grant(cast.ann, "dept_manager", cast.department("Marketing"))

    posts.cannot(cast.ann, nearby.filed(cast.ann, line), "approve")


def test_the_heads_approval_holds_the_estimate_and_the_managers_signature_ends_it(cast, line):
    case = nearby.filed(cast.ann, line, 100, 50)
    before = figures_now(line).held

    case = steps.take(cast.hao, case.id, "approve")

    assert (before, case.state, figures_now(line).held) == (yuan(0), "signing", yuan(150))
    assert steps.take(cast.mei, case.id, "approve").state == "approved"
    assert figures_now(line).held == yuan(150)


def test_without_the_policy_the_heads_approval_is_enough(cast, line):
    policies.change(cast.mei, supplies_need_gm, False)

    case = steps.take(cast.hao, nearby.filed(cast.ann, line).id, "approve")

    assert (case.state, figures_now(line).held) == ("approved", yuan(100))
    assert Spending.get_by_id(case.id).approved_at is not None


def test_the_manager_who_approves_as_the_head_does_not_sign_once_more(cast, line):
    posts.take_away(cast.hao, "dept_manager")

    assert steps.take(cast.mei, nearby.filed(cast.ann, line).id, "approve").state == "approved"


def test_fin_02_beyond_the_budget_it_goes_to_the_manager_even_without_the_policy(cast, line):
    policies.change(cast.mei, supplies_need_gm, False)
    case = steps.take(cast.hao, nearby.filed(cast.ann, line, 6000).id, "approve")

    assert (case.state, case.mark, figures_now(line).held) == ("signing", "over_budget", yuan(0))
    with pytest.raises(Refused, match="Beyond it only the general manager approves, by a step of its own"):
        steps.take(cast.mei, case.id, "approve")
    case = steps.take(cast.mei, case.id, "approve_over_budget", given=budgets.overrun())
    assert (case.state, case.mark, figures_now(line).held) == ("approved", "exception", yuan(6000))
    assert [(each.number, each.paper) for each in models.overruns(clock.today())] == [(case.number, "nearby")]


def test_returned_by_the_manager_it_holds_nothing(cast, line):
    case = steps.take(cast.hao, nearby.filed(cast.ann, line).id, "approve")

    steps.take(cast.mei, case.id, "return", given="draft", note="Which screws?")

    assert figures_now(line).held == yuan(0)


def test_the_managers_own_purchase_is_signed_by_another_and_listed(cast):
    line = budgets.budget_line(cast.department("Office"), 500)
    catalogue.custodian(cast.mei)
    posts.grant(cast.bo, "dept_manager", cast.department("Office"))
    case = steps.take(cast.bo, nearby.filed(cast.mei, line).id, "approve")

    assert [task.post for task in open_tasks(case)] == ["chief_accountant"]
    case = steps.take(cast.lin, case.id, "approve")

    assert (case.state, case.mark) == ("approved", "in_stead")
    assert own_papers(clock.today().year * 100 + clock.today().month)[1] == [(case.number, case.title)]


def test_who_stands_in_as_manager_signs_nothing_of_the_managers_own(cast):
    line = budgets.budget_line(cast.department("Office"), 500)
    catalogue.custodian(cast.mei)
    posts.grant(cast.bo, "dept_manager", cast.department("Office"))
    posts.grant(cast.bo, "gm", acting=True, ends=clock.today() + DAY)

    case = steps.take(cast.bo, nearby.filed(cast.mei, line).id, "approve")

    assert case.state == "signing"
    posts.cannot(cast.bo, case, "approve")


# ---- buying ---------------------------------------------------------------------------------------------------------


def test_sup_14_what_was_bought_before_the_application_is_refused(cast, line):
    case = approved_days_ago(nearby.approved(cast, line), 2)
    Spending.update(approved_at=clock.now()).where(Spending.case == case).execute()
    moneys.invoice(case, cast.ann, "receipt")

    with pytest.raises(Mistyped, match=r"before the application was filed on .* it is not repaid"):
        steps.take(cast.ann, case.id, "buy", given=nearby.purchase(case, day=clock.today() - 3 * DAY))
    with pytest.raises(Mistyped, match=r"before the approval of .* it is not repaid"):
        steps.take(cast.ann, case.id, "buy", given=nearby.purchase(case, day=clock.today() - DAY))

    assert Case.get_by_id(case.id).state == "approved"


def test_sup_14_the_day_of_the_approval_counts_as_after_it(cast, line):
    assert nearby.bought(cast, line).state == "bought"


def test_nothing_is_entered_without_its_receipt(cast, line):
    case = nearby.drafted(cast.ann, line)
    moneys.invoice(case, cast.ann, "an offer, not the receipt")
    for person, name in ((cast.ann, "submit"), (cast.hao, "approve"), (cast.mei, "approve")):
        case = steps.take(person, case.id, name)

    with pytest.raises(Refused, match="Attach the receipt first"):
        steps.take(cast.ann, case.id, "buy", given=nearby.purchase(case))


def test_what_is_told_of_a_purchase_makes_sense(cast, line):
    case = nearby.approved(cast, line, 100, 50)
    moneys.invoice(case, cast.ann, "receipt")
    today, both = clock.today(), ((1, 2, yuan(100)), (2, 2, yuan(50)))
    wrong = [
        (Bought(None, "Shop", both), "not one to come"),
        (Bought(today + DAY, "Shop", both), "not one to come"),
        (Bought(today, " ", both), "Say where it was bought"),
        (Bought(today, "x" * 121, both), "at most 120 characters"),
        (Bought(today, "Shop", (*both, both[0])), "A line stands twice"),
        (Bought(today, "Shop", ((1, 3, yuan(100)),)), "Line 1: at most 2 were approved"),
        (Bought(today, "Shop", ((9, 1, yuan(10)),)), "Line 9: at most 0 were approved"),
        (Bought(today, "Shop", ((1, 0, yuan(100)),)), "write how many and for how much"),
        (Bought(today, "Shop", ((1, 2, yuan(0)),)), "write how many and for how much"),
        (Bought(today, "Shop", ((1, 0, yuan(0)),)), "Nothing was bought"),
    ]

    for given, why in wrong:
        with pytest.raises(Mistyped, match=why):
            steps.take(cast.ann, case.id, "buy", given=given)


def test_fin_13_more_than_was_approved_needs_a_supplementary_request(cast, line):
    case = nearby.approved(cast, line, 100)
    moneys.invoice(case, cast.ann, "receipt")
    dearer = nearby.purchase(case, 130)
    with pytest.raises(Mistyped, match=r"130\.00 was spent and 100\.00 is approved. The excess needs a supplementary request"):
        steps.take(cast.ann, case.id, "buy", given=dearer)

    supplemented(cast, case, line, 30)

    assert steps.take(cast.ann, case.id, "buy", given=dearer).state == "bought"
    assert [each.spent for each in lines_of(NearbyLine, case)] == [yuan(130)]


def test_the_custodian_enters_what_the_head_asked_for_in_their_stead(cast, line):
    case = nearby.filed(cast.hao, line, away="On leave")
    case = steps.take(cast.mei, case.id, "approve")
    moneys.invoice(case, cast.ann, "receipt")

    case = steps.take(cast.ann, case.id, "buy", given=nearby.purchase(case))

    assert case.state == "bought"


def test_nobody_else_enters_what_was_bought(cast, line):
    posts.cannot(cast.bo, nearby.approved(cast, line), "buy")


# ---- the review -----------------------------------------------------------------------------------------------------


def test_sup_15_the_office_reviews_what_was_bought(cast, line):
    case = nearby.reviewed(cast, line)

    assert (case.state, figures_now(line).held) == ("reviewed", yuan(100))


def test_sup_15_the_manager_of_the_office_reviews_as_well_as_a_clerk(cast, line):
    posts.grant(cast.bo, "dept_manager", cast.department("Office"))

    assert steps.take(cast.bo, nearby.bought(cast, line).id, "pass").state == "reviewed"
    assert steps.take(cast.bo, nearby.bought(cast, line).id, "object", note="Too dear").state == "objected"


def test_gen_01_who_wrote_approved_or_entered_it_does_not_review_it(cast, line):
    case = nearby.bought(cast, line)
    for person in (cast.ann, cast.hao, cast.mei):
        posts.grant(person, "office_clerk")
        posts.cannot(person, case, "pass")
    case = nearby.objected(cast, nearby.bought(cast, line))

    for person in (cast.ann, cast.hao, cast.mei):
        posts.cannot(person, case, "lift_objection", note="Fine")


def test_gen_01_who_entered_it_for_the_head_does_not_review_it(cast, line):
    case = steps.take(cast.mei, nearby.filed(cast.hao, line, away="On leave").id, "approve")
    posts.grant(cast.ann, "office_clerk")

    case = nearby.bought(cast, case=case)

    posts.cannot(cast.ann, case, "pass")


def test_where_the_only_clerk_had_a_part_the_manager_of_the_office_reviews(cast):
    office = cast.department("Office")
    line = budgets.budget_line(office, 500)
    catalogue.custodian(cast.sam)
    case = steps.take(cast.mei, nearby.filed(cast.sam, line).id, "approve")
    posts.grant(cast.bo, "dept_manager", office)
    moneys.invoice(case, cast.sam, "receipt")

    case = steps.take(cast.sam, case.id, "buy", given=nearby.purchase(case))

    assert posts.waiting(case) == [("office_clerk", "office_manager", False)]
    posts.cannot(cast.sam, case, "pass")
    assert steps.take(cast.bo, case.id, "pass").state == "reviewed"


def test_sup_15_two_reviewers_at_once_one_passes(cast, line):
    case = nearby.bought(cast, line)
    posts.grant(cast.bo, "office_clerk")
    shown = (case.state, case.version)

    answers = at_once(
        lambda: steps.take(cast.sam, case.id, "pass", shown),
        lambda: steps.take(cast.bo, case.id, "object", shown, note="No"),
    )

    assert sorted(type(each).__name__ for each in answers) == ["Case", "SomebodyWasFirst"]


def test_sup_15_an_objection_is_answered_and_reviewed_again(cast, line):
    case = nearby.objected(cast, nearby.bought(cast, line))
    with pytest.raises(Mistyped, match="Say why"):
        steps.take(cast.ann, case.id, "answer", given=nearby.purchase(case, 90))

    case = steps.take(cast.ann, case.id, "answer", given=nearby.purchase(case, 90), note="Ten were broken")

    assert (case.state, [each.spent for each in lines_of(NearbyLine, case)]) == ("bought", [yuan(90)])
    assert steps.take(cast.sam, case.id, "pass").state == "reviewed"


def test_sup_14_an_answer_does_not_move_the_purchase_before_its_approval(cast, line):
    case = nearby.objected(cast, approved_days_ago(nearby.bought(cast, line), 0))

    with pytest.raises(Mistyped, match="it is not repaid"):
        steps.take(cast.ann, case.id, "answer", given=nearby.purchase(case, day=clock.today() - DAY), note="It was yesterday")


def test_the_office_lifts_its_objection_and_says_why(cast, line):
    case = nearby.objected(cast, nearby.bought(cast, line))

    assert steps.take(cast.sam, case.id, "lift_objection", note="They were needed").state == "reviewed"


def test_what_is_given_up_is_free_again_and_not_repaid(cast, line):
    case = nearby.bought(cast, line)
    claim = moneys.drafted(cast.ann, case, 100)
    case = steps.take(cast.ann, nearby.objected(cast, case).id, "give_up")

    assert (case.state, figures_now(line).held) == ("given_up", yuan(0))
    with pytest.raises(Refused, match="was given up after an objection of the office: it is not repaid"):
        steps.take(cast.ann, claim.id, "submit")


def test_nothing_is_given_up_while_it_is_claimed(cast, line):
    case = nearby.bought(cast, line)
    claim = moneys.claimed(cast.ann, case, 100)
    nearby.objected(cast, case)

    with pytest.raises(Refused, match=f"{claim.number} is still open on it"):
        steps.take(cast.ann, case.id, "give_up")


# ---- claims ---------------------------------------------------------------------------------------------------------


def test_sup_14_a_purchase_nearby_is_claimed_once_it_is_bought(cast, line):
    case = nearby.approved(cast, line)
    claim = moneys.drafted(cast.ann, case, 100)
    with pytest.raises(Refused, match="is not bought yet: enter there what was bought, with its receipt, then claim it"):
        steps.take(cast.ann, claim.id, "submit")

    nearby.bought(cast, case=case)

    assert steps.take(cast.ann, claim.id, "submit").state == "submitted"


def test_no_more_is_claimed_than_was_spent(cast, line):
    case = nearby.approved(cast, line, 100)
    moneys.invoice(case, cast.ann, "receipt")
    case = steps.take(cast.ann, case.id, "buy", given=nearby.purchase(case, 80))
    claim = moneys.drafted(cast.ann, case, 90)

    with pytest.raises(Refused, match=r"90\.00 is claimed on .*, where 80\.00 was spent: claim what was spent"):
        steps.take(cast.ann, claim.id, "submit")


def test_several_claims_together_come_to_no_more_than_was_spent(cast, line):
    case = nearby.approved(cast, line, 100)
    moneys.invoice(case, cast.ann, "receipt")
    case = steps.take(cast.ann, case.id, "buy", given=nearby.purchase(case, 80))
    moneys.claimed(cast.ann, case, 50, is_last=False)
    second = moneys.drafted(cast.ann, case, 40)

    with pytest.raises(Refused, match=r"90\.00 is claimed on .*, where 80\.00 was spent"):
        steps.take(cast.ann, second.id, "submit")


def test_fin_13_a_line_before_the_approval_is_not_repaid(cast, line):
    claim = moneys.drafted(cast.ann, nearby.bought(cast, line), 100, day=clock.today() - DAY)

    with pytest.raises(Refused, match="before the approval of"):
        steps.take(cast.ann, claim.id, "submit")


UNREVIEWED = "The office has not reviewed NP-.* yet: before that nothing is repaid on it"
OBJECTED = "The office objects to NP-.*: until that is resolved nothing is repaid on it"


def test_sup_15_nothing_is_signed_before_the_review(cast, line):
    case = nearby.bought(cast, line)
    claim = moneys.claimed(cast.ann, case, 100)
    with pytest.raises(Refused, match=UNREVIEWED):
        steps.take(cast.mei, claim.id, "sign", given=Granted())

    steps.take(cast.sam, case.id, "pass")

    assert steps.take(cast.mei, claim.id, "sign", given=Granted()).state == "signed"


def test_sup_15_an_objection_blocks_signing_checking_and_paying(cast, line):
    case = nearby.reviewed(cast, line)
    claim = moneys.claimed(cast.ann, case, 100)
    ways = [
        (cast.mei, "sign", Granted(), "signed"), (cast.cai, "check", moneys.LOOKED_AT, "payable"),
        (cast.cai, "pay", moneys.by_bank(), "paid"),
    ]  # fmt: skip

    for person, name, given, after in ways:
        nearby.objected(cast, case)
        with pytest.raises(Refused, match=OBJECTED):
            steps.take(person, claim.id, name, given=given)
        steps.take(cast.sam, case.id, "lift_objection", note="It is explained")
        assert steps.take(person, claim.id, name, given=given).state == after


def test_sup_15_a_run_of_payments_pays_nothing_the_office_objects_to(cast, line):
    case = nearby.reviewed(cast, line)
    claim = moneys.checked(cast, cast.ann, case, 100)
    nearby.objected(cast, case)
    (payable,) = payables_of(claim)

    run = pay_together(cast.cai, Run(moneys.bank().id, clock.today(), lines=((payable.id, payable.open),)), secrets.token_hex(10))

    (line_of_run,) = PaymentRunLine.where("run_id = ?", run.id)
    assert "The office objects to" in line_of_run.why
    assert Case.get_by_id(claim.id).state == "payable"


def test_sup_15_what_an_answer_lowered_is_not_paid_in_full(cast, line):
    case = nearby.reviewed(cast, line)
    claim = moneys.checked(cast, cast.ann, case, 100)
    case = nearby.objected(cast, case)
    steps.take(cast.ann, case.id, "answer", given=nearby.purchase(case, 90), note="One was given back")
    steps.take(cast.sam, case.id, "pass")

    with pytest.raises(Refused, match="claim what was spent"):
        steps.take(cast.cai, claim.id, "pay", given=moneys.by_bank())


def test_the_last_claim_closes_it_and_what_is_left_is_free(cast, line):
    case = nearby.reviewed(cast, line, 100)

    claim = moneys.settled(cast, cast.ann, case, 80)

    assert (claim.state, Case.get_by_id(case.id).state) == ("posted", "closed")
    figures = figures_now(line)
    assert (figures.spent, figures.held) == (yuan(80), yuan(0))


def test_once_a_claim_was_paid_the_office_objects_no_more(cast, line):
    case = nearby.reviewed(cast, line, 100)
    claim = moneys.settled(cast, cast.ann, case, 80, is_last=False)

    with pytest.raises(Refused, match=f"{claim.number} was paid on it already"):
        steps.take(cast.sam, case.id, "object", note="Too late")


def test_who_approved_the_purchase_does_not_pay_it(cast, line):
    posts.grant(cast.hao, "cashier")
    claim = moneys.checked(cast, cast.ann, nearby.reviewed(cast, line), 100)

    posts.cannot(cast.hao, claim, "pay", given=moneys.by_bank())


# ---- how it ends ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["bought", "objected"])
def test_sup_15_unreviewed_it_is_closed_by_nobody(cast, line, where):
    case = nearby.bought(cast, line)
    if where == "objected":
        case = nearby.objected(cast, case)

    for person in (cast.ann, cast.sam, cast.mei, None):
        for name in ("finish", "close", "lapse", "cancel"):
            with pytest.raises(SomebodyWasFirst, match="This step is not open any more"):
                steps.take(person, case.id, name)


@pytest.mark.parametrize("user", ["ann", "sam"])
def test_after_the_review_applicant_or_office_say_that_nothing_more_follows(cast, line, user):
    case = nearby.reviewed(cast, line)
    claim = moneys.claimed(cast.ann, case, 100)
    with pytest.raises(Refused, match="is still open on it"):
        steps.take(getattr(cast, user), case.id, "finish")
    steps.take(cast.ann, claim.id, "withdraw")

    case = steps.take(getattr(cast, user), case.id, "finish")

    assert (case.state, figures_now(line).held) == ("closed", yuan(0))


def test_what_is_not_bought_in_time_lapses_and_what_was_bought_does_not(cast, line, clock):
    waiting, used = nearby.approved(cast, line, 100), nearby.approved(cast, line, 70)
    supplemented(cast, used, line, 30)
    nearby.bought(cast, case=used)
    clock.set(f"{nearby.clock.today() + (request_lapse_days() + 1) * DAY} 09:00")

    assert lapse_unused() == 1

    assert [Case.get_by_id(each.id).state for each in (waiting, used)] == ["lapsed", "bought"]
    assert figures_now(line).held == yuan(100)


def test_it_is_cancelled_before_it_is_bought(cast, line):
    case = nearby.approved(cast, line)

    assert steps.take(cast.ann, case.id, "cancel").state == "cancelled"
    assert figures_now(line).held == yuan(0)


# ---- advances and supplements ---------------------------------------------------------------------------------------


def test_money_is_lent_on_it_before_it_is_bought_and_settled_by_the_claim(cast, line):
    case = nearby.approved(cast, line)
    advance = moneys.lent(cast, cast.ann, case, 60)
    steps.take(cast.sam, nearby.bought(cast, case=case).id, "pass")

    claim = moneys.settled(cast, cast.ann, case, 100)

    assert standing(Advance.get_by_id(advance.id)).open == yuan(0)
    assert (claim.state, Case.get_by_id(case.id).state) == ("posted", "closed")


def test_sup_15_nothing_is_lent_on_what_is_bought_and_waits_for_its_review(cast, line):
    case = nearby.approved(cast, line)
    advance = moneys.advance(cast.ann, case, 60)
    nearby.bought(cast, case=case)

    with pytest.raises(Refused, match="money is lent"):
        steps.take(cast.cai, advance.id, "pay", given=moneys.by_bank())


def test_it_is_among_the_requests_one_may_claim_on(cast, line):
    case = nearby.approved(cast, line)

    assert [each.id for each in own_requests(cast.ann)] == [case.id]


def test_while_a_supplement_waits_it_does_not_end(cast, line):
    case = nearby.approved(cast, line)
    content = budgets.content(cast.ann, line, 30, supplements=case)
    draft = contents.create(SPENDING, cast.ann, content, secrets.token_hex(8))
    more = steps.take(cast.ann, draft.id, "submit")

    with pytest.raises(Refused, match=f"{more.number} is still open on it"):
        steps.take(cast.ann, case.id, "cancel")


def test_what_supplements_it_ends_with_it(cast, line):
    case = nearby.approved(cast, line)
    more = supplemented(cast, case, line, 30)

    steps.take(cast.ann, case.id, "cancel")

    assert Case.get_by_id(more.id).state == "cancelled"


# ---- several at once, and the list ----------------------------------------------------------------------------------


def test_the_head_approves_several_and_who_wrote_one_is_refused_that_one(cast, line):
    mine, theirs = nearby.filed(cast.hao, line, away="On leave"), nearby.filed(cast.ann, line)

    decided = take_together(cast.hao, "approve", [(each, each.state, each.version) for each in (mine, theirs)])

    assert [each.status for each in decided] == [403, 200]
    assert [Case.get_by_id(each.id).state for each in (mine, theirs)] == ["submitted", "signing"]


def test_the_list_of_a_month_says_what_was_approved_spent_claimed_and_reviewed(cast, line):
    case = nearby.reviewed(cast, line, 100, 50)
    moneys.claimed(cast.ann, case, 120)
    objected_to = nearby.objected(cast, nearby.bought(cast, line))
    month = clock.today().replace(day=1)

    found = nearby_purchases(["office_clerk"], Chosen(month))

    assert [each.case for each in found] == [objected_to.id, case.id]
    assert (found[1].approved, found[1].spent, found[1].claimed) == (yuan(150), yuan(150), yuan(120))
    assert (found[1].reviewer, found[0].reviewer, found[0].objections) == (cast.sam.called, type(cast.sam.called)("", ""), 1)
    assert nearby_purchases(["office_clerk"], Chosen((month - DAY).replace(day=1))) == []
    assert [each.case for each in nearby_purchases(["office_clerk"], Chosen(month, state="reviewed"))] == [case.id]
    assert nearby_purchases(["office_clerk"], Chosen(month, cast.department("IT").id)) == []
    assert nearby_purchases([post("dept_manager", cast.department("IT").id)], Chosen(month)) == []
