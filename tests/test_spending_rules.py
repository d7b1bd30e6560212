"""A spending request: what may be typed, who decides, what is held, what goes beyond the budget (FIN-01, 02, 10; BEX-01, 02)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal import access, clock, policies, steps
from portal.budget.models import BudgetException, exception_of, papers_using
from portal.cases import Case, Reader, open_tasks
from portal.contents import edit
from portal.expenses.models import Spending, overruns
from portal.expenses.models_business import BusinessFilter, business_spending, business_totals
from portal.expenses.rules import answer, dept_head_endorses, lapse_unused, last_day, request_lapse_days, submit, verify
from portal.ledger import Entry
from portal.ledger import verify as ledger_verify
from portal.offers import forecast, offered
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from tests.budgets import (
    approved,
    approved_over,
    asked,
    budget_line,
    business,
    content,
    draft,
    figures_now,
    grant,
    overrun,
    yuan,
)


@pytest.fixture
def line(cast):
    return budget_line(cast.department("Marketing"), 1000)


def held(line):
    return figures_now(line).held


def why_not(case, person, name):
    return next(str(each.why_not) for each in offered(case, person, access.posts_of(person)) if each.step.name == name)


# ---- FIN-10, FIN-01: asked first, inside the budget -----------------------------------------------------------------


def test_fin_10_a_request_goes_to_the_general_manager(cast, line):
    case = asked(cast.ann, line, 400)

    assert (case.state, case.number) == ("submitted", f"SR-{clock.today().year}-0001")
    assert [task.post for task in open_tasks(case)] == ["gm"]


def test_fin_01_submitting_holds_the_amount(cast, line):
    asked(cast.ann, line, 400)

    now = figures_now(line)
    assert (now.held, now.left, now.spent, now.allotted) == (yuan(400), yuan(600), 0, yuan(1000))


def test_fin_01_approval_keeps_the_hold(cast, line):
    case = approved(cast.ann, cast.mei, line, 400)

    assert case.state == "approved"
    assert held(line) == yuan(400)
    assert Spending.get_by_id(case.id).approved_at is not None


def test_fin_01_the_last_thousand_is_held_once(cast, line):
    first = asked(cast.ann, line, 1000)
    second = asked(cast.hao, line, 1000)

    assert (first.mark, second.mark) == ("", "over_budget")
    assert Spending.get_by_id(second.id).over_by == yuan(1000)
    assert held(line) == yuan(1000)


def test_fin_01_who_holds_the_last_money_is_approved_the_ordinary_way(cast, line):
    case = asked(cast.ann, line, 1000)

    steps.take(cast.mei, case.id, "approve")

    assert figures_now(line).left == 0
    assert (Case.get_by_id(case.id).state, held(line)) == ("approved", yuan(1000))


def test_fin_01_a_draft_holds_nothing(cast, line):
    draft(cast.ann, line, 400)

    assert held(line) == 0


@pytest.mark.parametrize("step", ["return", "reject"])
def test_fin_01_a_request_sent_back_holds_nothing(cast, line, step):
    case = asked(cast.ann, line, 400)

    steps.take(cast.mei, case.id, step, note="Too much")

    assert held(line) == 0


def test_fin_01_a_request_withdrawn_holds_nothing(cast, line):
    case = asked(cast.ann, line, 400)

    steps.take(cast.ann, case.id, "withdraw")

    assert held(line) == 0


def test_fin_01_cancelling_after_approval_releases(cast, line):
    case = approved(cast.ann, cast.mei, line, 400)

    steps.take(cast.ann, case.id, "cancel")

    assert (Case.get_by_id(case.id).state, held(line)) == ("cancelled", 0)


def test_fin_01_only_the_requester_cancels(cast, line):
    case = approved(cast.ann, cast.mei, line, 400)

    for other in (cast.mei, cast.hao, cast.lin, cast.bo):
        with pytest.raises(NotYours):
            steps.take(other, case.id, "cancel")


def test_fin_01_a_request_submitted_again_holds_again(cast, line):
    case = asked(cast.ann, line, 400)
    steps.take(cast.mei, case.id, "return", note="Less")
    changed = content(cast.ann, line, 300)

    submit(cast.ann, changed, "unused", Case.get_by_id(case.id), version=1)

    assert held(line) == yuan(300)


def test_fin_10_nobody_but_the_deciding_post_approves(cast, line):
    case = asked(cast.ann, line, 400)

    for other in (cast.ann, cast.hao, cast.lin, cast.cai, cast.bo):
        with pytest.raises(NotYours):
            steps.take(other, case.id, "approve")
        with pytest.raises(NotYours):
            steps.take(other, case.id, "approve_over_budget", given=overrun())


def test_fin_10_the_head_reads_and_does_not_decide(cast, line):
    case = asked(cast.ann, line, 400)

    assert access.may_read(access.posts_of(cast.hao), case)
    assert offered(case, cast.hao, access.posts_of(cast.hao)) == []
    steps.comment(cast.hao, case.id, "Please soon", [])


def test_fin_10_others_do_not_read_it(cast, line):
    case = asked(cast.ann, line, 400)

    assert not access.may_read(access.posts_of(cast.bo), case)
    assert not access.may_read(access.posts_of(cast.cai), case)
    assert access.may_read(access.posts_of(cast.lin), case)


# ---- what may be typed ----------------------------------------------------------------------------------------------


def refused_field(cast, line, **more):
    with pytest.raises(Mistyped) as refusal:
        submit(cast.ann, content(cast.ann, line, **more), "a token")
    assert Case.select().count() == 0
    return refusal.value.field


def test_fin_01_a_missing_line_refuses(cast, line):
    assert refused_field(cast, None) == "line"


def test_fin_01_another_departments_line_refuses(cast):
    assert refused_field(cast, budget_line(cast.department("IT"), 1000)) == "line"


def test_fin_01_another_years_line_refuses(cast):
    assert refused_field(cast, budget_line(cast.department("Marketing"), 1000, year=clock.today().year - 1)) == "line"


def test_fin_01_a_line_out_of_use_refuses(cast, line):
    line.category.active = False
    line.category.save()

    assert refused_field(cast, line) == "line"


def test_fin_01_a_foreign_line_refuses_even_in_a_draft(cast):
    with pytest.raises(Mistyped) as refusal:
        draft(cast.ann, budget_line(cast.department("IT"), 1000))

    assert refusal.value.field == "line"


def test_fin_01_a_draft_whose_requester_moved_is_not_submitted(cast, line):
    case = draft(cast.ann, line)
    ann = cast.ann
    ann.department = cast.department("IT")
    ann.save()

    with pytest.raises(Refused) as refusal:
        steps.take(cast.ann, case.id, "submit")

    assert "own department" in str(refusal.value)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("purpose", {"purpose": ""}),
        ("purpose", {"purpose": "x" * 2001}),
        ("title", {"title": ""}),
        ("title", {"title": "x" * 121}),
        ("expected_date", {"expected_date": None}),
        ("expected_date", {"expected_date": date(2020, 1, 1)}),
        ("lines", {"lines": []}),
        ("lines", {"lines": [{"text": "Ticket", "amount": yuan(0)}]}),
        ("lines", {"lines": [{"text": "Ticket", "amount": yuan(-1)}]}),
        ("lines", {"lines": [{"text": "", "amount": yuan(1)}]}),
        ("lines", {"lines": [{"text": "Ticket", "amount": yuan(9999999999)}] * 2}),
        ("lines", {"lines": [{"text": "Ticket", "amount": yuan(1)}] * 101}),
        ("nature", {"nature": "private"}),
        ("business_kind", {"business_kind": "guests"}),
        ("business_kind", {"nature": "business"}),
        ("business_kind", {"nature": "business", "business_kind": "horses"}),
        ("who", {"nature": "business", "business_kind": "gifts"}),
        ("why", {"nature": "business", "business_kind": "gifts", "who": "Jade Hotel"}),
        ("why", {"nature": "business", "business_kind": "other", "who": "Jade Hotel"}),
    ],
)
def test_fin_10_what_is_wrong_is_said_beside_its_field(cast, line, field, typed):
    assert refused_field(cast, line, **typed) == field


def test_fin_10_a_draft_may_lack_something(cast):
    case = draft(cast.ann, None, lines=[], purpose="", expected_date=None)

    assert case.state == "draft"
    assert "what it is for" in why_not(case, cast.ann, "submit")


def test_fin_10_a_form_sent_twice_is_one_request(cast, line):
    typed = content(cast.ann, line, 400)
    first = submit(cast.ann, typed, "the same token")

    second = submit(cast.ann, typed, "the same token")

    assert first.id == second.id
    assert held(line) == yuan(400)


def test_fin_10_the_amount_is_the_sum_of_its_lines(cast, line):
    case = draft(cast.ann, line, lines=[{"text": "There", "amount": yuan("12.50")}, {"text": "Back", "amount": yuan("7.51")}])

    assert case.amount == yuan("20.01")


def test_fin_10_a_submitted_request_is_not_changed(cast, line):
    case = asked(cast.ann, line, 400)

    with pytest.raises(Refused):
        edit(cast.ann, case.id, content(cast.ann, line, 900), 1)

    assert Case.get_by_id(case.id).amount == yuan(400)


def test_fin_01_next_years_spending_is_held_on_next_years_line(cast, clock):
    clock.set("2026-12-20 10:00")
    this, following = (budget_line(cast.department("Marketing"), 1000, year=year) for year in (2026, 2027))
    asked(cast.ann, following, 400, expected_date=date(2027, 1, 5))

    clock.set("2027-01-02 10:00")

    assert (held(this), held(following)) == (0, yuan(400))


def test_fin_01_a_hold_stays_on_the_line_of_its_year(cast, clock):
    clock.set("2026-12-20 10:00")
    this, following = (budget_line(cast.department("Marketing"), 1000, year=year) for year in (2026, 2027))
    case = asked(cast.ann, this, 400, expected_date=date(2026, 12, 30))
    clock.set("2027-01-02 10:00")

    steps.take(cast.mei, case.id, "approve")

    assert (held(this), held(following)) == (yuan(400), 0)


# ---- FIN-02: beyond the budget --------------------------------------------------------------------------------------


def test_fin_02_over_budget_needs_its_own_action(cast, line):
    case = asked(cast.ann, line, 1200)

    with pytest.raises(Refused) as refusal:
        steps.take(cast.mei, case.id, "approve")

    assert "Only 1000.00 is left" in str(refusal.value)
    assert Case.get_by_id(case.id).state == "submitted"


def test_fin_02_the_refusal_names_the_papers_that_use_the_line(cast, line):
    first = asked(cast.ann, line, 800)
    second = asked(cast.hao, line, 300)

    said = why_not(second, cast.mei, "approve")

    assert first.number in said and "Only 200.00" in said
    assert [paper.case_id for paper in papers_using(line.account_id)] == [first.id]


def test_fin_02_the_exception_is_exactly_the_excess(cast, line):
    case = approved_over(cast.ann, cast.mei, line, 1200)

    now = figures_now(line)
    assert (now.allotted, now.exceptions, now.held, now.left) == (yuan(1000), yuan(200), yuan(1200), 0)
    kept = exception_of(case)
    assert (kept.amount, kept.reason, kept.by.user) == (yuan(200), "The fair cannot be moved", "mei")


def test_fin_02_what_fits_is_not_approved_over_budget(cast, line):
    case = asked(cast.ann, line, 400)

    with pytest.raises(Refused):
        steps.take(cast.mei, case.id, "approve_over_budget", given=overrun())

    assert why_not(case, cast.mei, "approve_over_budget") == "It fits the budget: approve it the ordinary way."
    assert BudgetException.select().count() == 0


@pytest.mark.parametrize(
    ("field", "days", "reason"),
    [("reason", 30, " "), ("reason", 30, "x" * 501), ("expires", -1, "fair"), ("expires", 400, "fair")],
)
def test_fin_02_reason_and_expiry_are_needed(cast, line, field, days, reason):
    case = asked(cast.ann, line, 1200)

    with pytest.raises(Mistyped) as refusal:
        steps.take(cast.mei, case.id, "approve_over_budget", given=overrun(days, reason))

    assert refusal.value.field == field
    assert figures_now(line).exceptions == 0


def test_fin_02_it_is_flagged_for_ever(cast, line):
    case = approved_over(cast.ann, cast.mei, line, 1200)

    steps.take(cast.ann, case.id, "cancel")

    assert Spending.get_by_id(case.id).flagged
    assert Case.get_by_id(case.id).mark == "exception"


def leave_by_cancel(cast, case):
    steps.take(cast.ann, case.id, "cancel")


def leave_by_lapse(cast, case):
    with clock.at(clock.now() + timedelta(days=91)):
        assert lapse_unused() == 1


def leave_by_expiry(cast, case):
    with clock.at(clock.now() + timedelta(days=31)):
        assert lapse_unused() == 1


@pytest.mark.parametrize("leave", [leave_by_cancel, leave_by_lapse, leave_by_expiry])
def test_fin_02_an_exception_not_used_is_cut_again(cast, line, leave):
    case = approved_over(cast.ann, cast.mei, line, 1200, days=30 if leave is leave_by_expiry else 200)

    leave(cast, case)

    now = figures_now(line)
    assert (now.allotted, now.exceptions, now.held, now.left) == (yuan(1000), 0, 0, yuan(1000))
    assert exception_of(case) is None
    assert [entry.verb for entry in Entry.select().where(Entry.case == case).order_by(Entry.id)] == [
        "put",
        "hold",
        "release",
        "cut",
    ]


def test_fin_02_what_was_taken_of_an_exception_stays(cast, line):
    from portal import db
    from portal.budget.models import BUDGET

    case = approved_over(cast.ann, cast.mei, line, 1200)
    hold = BUDGET.holds_of(case)[0]
    db.transaction(lambda: BUDGET.take(hold.id, yuan(1100), cast.cai, more_follows=True))()

    steps.take(cast.ann, case.id, "cancel")

    now = figures_now(line)
    assert (now.allotted, now.exceptions, now.spent, now.left) == (yuan(1000), yuan(100), yuan(1100), 0)


def test_fin_02_money_that_came_free_first_takes_the_hold(cast, line):
    first = asked(cast.ann, line, 800)
    second = asked(cast.hao, line, 900)
    steps.take(cast.ann, first.id, "withdraw")

    case = steps.take(cast.mei, second.id, "approve")

    now = figures_now(line)
    assert (case.state, case.mark, now.held, now.exceptions) == ("approved", "", yuan(900), 0)
    assert not Spending.get_by_id(case.id).flagged


def test_fin_02_then_it_is_not_approved_over_budget(cast, line):
    first = asked(cast.ann, line, 800)
    second = asked(cast.hao, line, 900)
    steps.take(cast.ann, first.id, "withdraw")

    with pytest.raises(Refused):
        steps.take(cast.mei, second.id, "approve_over_budget", given=overrun())


@pytest.mark.parametrize("leave", ["return", "reject", "withdraw"])
def test_fin_02_a_request_over_budget_leaves_nothing_behind(cast, line, leave):
    case = asked(cast.ann, line, 1200)

    steps.take(cast.ann if leave == "withdraw" else cast.mei, case.id, leave, note="No")

    now = figures_now(line)
    assert (now.held, now.exceptions, now.left) == (0, 0, yuan(1000))
    assert Entry.select().where(Entry.case == case).count() == 0


def test_fin_02_who_decides_for_the_general_manager_does_not_go_beyond(cast):
    line = budget_line(cast.department("Office"), 1000)
    case = asked(cast.mei, line, 1200)

    with pytest.raises(Refused) as refusal:
        steps.take(cast.lin, case.id, "approve_over_budget", given=overrun())

    assert str(refusal.value) == "Only the general manager may approve over budget."


def test_fin_02_overruns_are_listed_by_month(cast, line, clock):
    clock.set("2026-10-30 10:00")
    line = budget_line(cast.department("Marketing"), 0, code="OFFICE")
    first = approved_over(cast.ann, cast.mei, line, 100)
    clock.set("2026-11-02 10:00")
    second = approved_over(cast.ann, cast.mei, line, 300)

    october, november = overruns(date(2026, 10, 1)), overruns(date(2026, 11, 30))

    assert [each.case_id for each in october] == [first.id]
    assert [(each.case_id, each.over_by, each.decided_by.name_en, each.reason) for each in november] == [
        (second.id, yuan(300), "Mei", "The fair cannot be moved")
    ]


# ---- who decides ----------------------------------------------------------------------------------------------------


def test_the_general_managers_own_request_goes_to_the_leader_in_charge(cast):
    grant(cast.sam, "exec_in_charge", cast.branch)
    line = budget_line(cast.department("Office"), 1000)

    case = asked(cast.mei, line, 400)

    assert [task.post for task in open_tasks(case)] == [f"exec_in_charge@{cast.branch.id}"]
    assert steps.take(cast.sam, case.id, "approve").state == "approved"


def test_without_a_leader_in_charge_the_chief_accountant_decides_it(cast):
    line = budget_line(cast.department("Office"), 1000)

    case = asked(cast.mei, line, 400)

    assert [task.post for task in open_tasks(case)] == ["chief_accountant"]
    with pytest.raises(NotYours):
        steps.take(cast.mei, case.id, "approve")
    assert steps.take(cast.lin, case.id, "approve").state == "approved"


def test_the_head_endorses_first_where_the_policy_says_so(cast, line):
    policies.change(cast.mei, dept_head_endorses, True)
    case = asked(cast.ann, line, 400)
    assert (case.state, held(line)) == ("endorsing", yuan(400))

    case = steps.take(cast.hao, case.id, "endorse")

    assert (case.state, held(line)) == ("submitted", yuan(400))
    assert [task.post for task in open_tasks(case)] == ["gm"]


def test_the_head_does_not_endorse_the_own_request(cast, line):
    policies.change(cast.mei, dept_head_endorses, True)

    assert asked(cast.hao, line, 400).state == "submitted"


def test_only_the_own_head_endorses(cast, line):
    policies.change(cast.mei, dept_head_endorses, True)
    grant(cast.bo, "dept_manager", cast.department("IT"))
    case = asked(cast.ann, line, 400)

    for other in (cast.ann, cast.bo, cast.mei, cast.lin):
        with pytest.raises(NotYours):
            steps.take(other, case.id, "endorse")


def test_a_request_may_go_back_to_the_head(cast, line):
    policies.change(cast.mei, dept_head_endorses, True)
    case = steps.take(cast.hao, asked(cast.ann, line, 400).id, "endorse")

    case = steps.take(cast.mei, case.id, "return", given="endorsing", note="Is it needed?")

    assert (case.state, held(line)) == ("endorsing", yuan(400))


def test_the_forecast_names_who_decides(cast, line):
    case = draft(cast.ann, line, 400)

    assert [[person.user for person in each.people] for each in forecast(case)] == [["mei"]]


# ---- BEX: business expenses -----------------------------------------------------------------------------------------


def test_bex_01_consent_comes_before_the_spending(cast, line):
    case = submit(cast.ann, business(cast.ann, line, 400, expected_date=clock.today() + timedelta(days=1)), "a token")

    with clock.at(clock.now() + timedelta(days=3)), pytest.raises(Refused) as refusal:
        steps.take(cast.mei, case.id, "approve")

    assert "Consent must come first" in str(refusal.value)


@pytest.mark.parametrize("kind", ["guests", "gifts", "fares", "other"])
def test_bex_02_the_four_kinds(cast, line, kind):
    case = submit(cast.ann, business(cast.ann, line, 100, business_kind=kind), "a token")

    assert Spending.get_by_id(case.id).business_kind == kind


def test_bex_03_the_register_shows_business_by_person_kind_client_and_month(cast, line):
    month = clock.today() + timedelta(days=1)
    first = submit(cast.ann, business(cast.ann, line, 100), "one")
    second = submit(cast.hao, business(cast.hao, line, 200, business_kind="gifts", who="Lake Bank"), "two")
    asked(cast.ann, line, 50)

    assert [each.case_id for each in business_spending(BusinessFilter(month))] == [second.id, first.id]
    assert [each.case_id for each in business_spending(BusinessFilter(month, person_id=cast.ann.id))] == [first.id]
    assert [each.case_id for each in business_spending(BusinessFilter(month, kind="gifts"))] == [second.id]
    assert [each.case_id for each in business_spending(BusinessFilter(month, client="Jade Hotel"))] == [first.id]
    assert business_spending(BusinessFilter(month + timedelta(days=62))) == []
    sums = business_totals(BusinessFilter(month))
    assert [(name.name_en, papers, amount) for name, papers, amount, _claimed in sums["person"]] == [
        ("Hao", 1, yuan(200)), ("Ann", 1, yuan(100)),
    ]  # fmt: skip
    assert [str(kind) for kind, *_rest in sums["kind"]] == ["Gifts", "Entertaining"]
    assert [client for client, *_rest in sums["client"]] == ["Lake Bank", "Jade Hotel"]


# ---- lapsing, answers, check ----------------------------------------------------------------------------------------


def test_an_approved_request_lapses_after_the_days_of_the_policy(cast, line):
    case = approved(cast.ann, cast.mei, line, 400)
    assert last_day(Spending.get_by_id(case.id), exception_of(case)) == clock.today() + timedelta(days=90)

    with clock.at(clock.now() + timedelta(days=90)):
        assert lapse_unused() == 0
    with clock.at(clock.now() + timedelta(days=91)):
        assert (lapse_unused(), lapse_unused()) == (1, 0)

    assert (Case.get_by_id(case.id).state, held(line)) == ("lapsed", 0)


def test_the_days_until_lapsing_are_a_policy(cast, line):
    case = approved(cast.ann, cast.mei, line, 400)

    policies.change(cast.mei, request_lapse_days, 10)

    assert last_day(Spending.get_by_id(case.id), exception_of(case)) == clock.today() + timedelta(days=10)


def test_nobody_lapses_a_request_by_hand(cast, line):
    case = approved(cast.ann, cast.mei, line, 400)

    for person in (cast.ann, cast.mei, cast.lin):
        with pytest.raises(NotYours):
            steps.take(person, case.id, "lapse")


def test_what_was_decided_already_is_not_decided_again(cast, line):
    case = asked(cast.ann, line, 400)
    steps.take(cast.mei, case.id, "approve", ("submitted", 1))

    with pytest.raises(SomebodyWasFirst):
        steps.take(cast.mei, case.id, "approve", ("submitted", 1))


def test_the_answer_while_typing(cast, line):
    first = asked(cast.ann, line, 800)

    fits = answer(line.id, yuan(200), access.posts_of(cast.ann))
    too_much = answer(line.id, yuan("200.01"), access.posts_of(cast.ann))

    assert (fits.left, fits.over_by, fits.papers) == (0, 0, ())
    assert (too_much.over_by, [paper.case_id for paper in too_much.papers]) == (1, [first.id])


def test_papers_of_others_are_named_but_not_opened(cast, line):
    asked(cast.hao, line, 800)

    (seen_by_ann,) = papers_using(line.account_id, access.posts_of(cast.ann))
    (seen_by_mei,) = papers_using(line.account_id, access.posts_of(cast.mei))

    assert (seen_by_ann.is_readable, seen_by_mei.is_readable) == (False, True)


def test_check_finds_nothing_to_say_of_honest_papers(cast, line):
    approved(cast.ann, cast.mei, line, 400)
    asked(cast.ann, line, 300)
    approved_over(cast.ann, cast.mei, line, 5000)
    asked(cast.ann, line, 300)
    draft(cast.ann, line)

    assert list(verify()) == []
    assert list(ledger_verify()) == []


def test_check_finds_a_request_that_holds_and_should_not(cast, line):
    case = asked(cast.ann, line, 400)
    Case.update(state="rejected").where(Case.id == case.id).execute()

    assert [case.number in said for said in verify()] == [True]


def test_check_finds_money_taken_without_approval(cast, line):
    from portal import db
    from portal.budget.models import BUDGET

    case = asked(cast.ann, line, 400)
    hold = BUDGET.holds_of(case)[0]
    db.transaction(lambda: BUDGET.take(hold.id, yuan(400)))()

    assert any("never approved" in said for said in verify())


def test_everyone_who_decides_may_read(cast, line):
    case = asked(cast.ann, line, 400)

    posts = {post for (post,) in Reader.select(Reader.post).where(Reader.case == case).tuples()}
    assert {"gm", "chief_accountant", f"dept_manager@{cast.ann.department_id}", f"#{cast.ann.id}"} <= posts
