"""The annual budget: proposed, compiled, approved, moved between lines; its figures and the papers behind them (FIN-01)."""

from __future__ import annotations

import secrets
from datetime import date

import pytest

from portal import access, clock, db, steps
from portal.budget.models import (
    BUDGET,
    BudgetLine,
    Category,
    departments_seen,
    figures,
    line_at,
    may_see,
    months,
    papers_behind,
    papers_using,
)
from portal.budget.rules import (
    ALLOTMENT,
    TRANSFER,
    Wanted,
    add_category,
    allotment_content,
    change_category,
    transfer_content,
    verify,
)
from portal.cases import Case, open_tasks
from portal.contents import create, edit
from portal.history import history_of
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from tests.budgets import approved, approved_over, asked, budget_line, category, figures_now, yuan

YEAR = 2026


def proposed(person, department, amount, code="TRAVEL", year=YEAR):
    """An allotment that was submitted."""
    wanted = [Wanted(department, category(code), yuan(amount))]
    case = create(ALLOTMENT, person, allotment_content("Budget", year, wanted), secrets.token_hex(8))
    return steps.take(person, case.id, "submit")


def moved(person, giver, receiver, amount, reason="The fair costs more"):
    """A transfer that was submitted."""
    content = transfer_content("More for the fair", giver, receiver, yuan(amount), reason)
    case = create(TRANSFER, person, content, secrets.token_hex(8))
    return steps.take(person, case.id, "submit")


def allotted(line):
    return figures_now(line).allotted


# ---- allotments -----------------------------------------------------------------------------------------------------


def test_fin_01_heads_propose_the_chief_accountant_compiles_the_general_manager_approves(cast):
    case = proposed(cast.hao, cast.department("Marketing"), 5000)
    assert (case.state, [task.post for task in open_tasks(case)]) == ("submitted", ["chief_accountant"])

    case = steps.take(cast.lin, case.id, "compile")
    assert (case.state, [task.post for task in open_tasks(case)]) == ("compiled", ["gm"])

    case = steps.take(cast.mei, case.id, "approve")
    assert case.state == "approved"
    assert case.number == f"BA-{clock.today().year}-0001"
    assert allotted(line_at(YEAR, cast.department("Marketing"), category())) == yuan(5000)


def test_fin_01_nothing_is_allotted_before_the_general_manager_approves(cast):
    case = proposed(cast.hao, cast.department("Marketing"), 5000)

    steps.take(cast.lin, case.id, "compile")

    assert BudgetLine.select().count() == 0


def test_fin_01_the_chief_accountants_own_paper_goes_to_the_general_manager(cast):
    case = proposed(cast.lin, cast.department("Marketing"), 5000)

    assert (case.state, [task.post for task in open_tasks(case)]) == ("compiled", ["gm"])
    with pytest.raises(NotYours):
        steps.take(cast.lin, case.id, "approve")


def test_fin_01_a_head_proposes_for_the_own_department_only(cast):
    with pytest.raises(NotYours):
        proposed(cast.hao, cast.department("IT"), 5000)


@pytest.mark.parametrize("user", ["ann", "cai", "bo", "sam"])
def test_fin_01_others_propose_nothing(cast, user):
    person = getattr(cast, user)

    with pytest.raises(NotYours):
        proposed(person, person.department, 5000)


def test_fin_01_wrong_people_do_not_compile_or_approve(cast):
    case = proposed(cast.hao, cast.department("Marketing"), 5000)
    for other in (cast.hao, cast.mei, cast.cai, cast.ann):
        with pytest.raises(NotYours):
            steps.take(other, case.id, "compile")
    steps.take(cast.lin, case.id, "compile")

    for other in (cast.hao, cast.lin, cast.cai, cast.ann):
        with pytest.raises(NotYours):
            steps.take(other, case.id, "approve")


def test_fin_01_an_allotment_may_lower_a_line(cast):
    line = budget_line(cast.department("Marketing"), 1000, year=YEAR)
    case = proposed(cast.lin, cast.department("Marketing"), 400)

    steps.take(cast.mei, case.id, "approve")

    assert allotted(line) == yuan(400)


def test_fin_01_what_is_held_cannot_be_taken_away(cast):
    line = budget_line(cast.department("Marketing"), 1000)
    held = asked(cast.ann, line, 700)

    with pytest.raises(Refused) as refusal:
        proposed(cast.lin, cast.department("Marketing"), 600, year=line.year)

    assert held.number in str(refusal.value)


def test_fin_01_a_line_that_changed_meanwhile_is_compiled_anew(cast):
    first = proposed(cast.lin, cast.department("Marketing"), 5000)
    second = proposed(cast.lin, cast.department("Marketing"), 6000)
    steps.take(cast.mei, first.id, "approve")

    with pytest.raises(Refused) as refusal:
        steps.take(cast.mei, second.id, "approve")

    assert "5000.00" in str(refusal.value) and "compiled anew" in str(refusal.value)
    assert allotted(line_at(YEAR, cast.department("Marketing"), category())) == yuan(5000)


def test_fin_01_it_is_compiled_anew_after_a_return(cast):
    department = cast.department("Marketing")
    first, second = proposed(cast.lin, department, 5000), proposed(cast.lin, department, 6000)
    steps.take(cast.mei, first.id, "approve")
    steps.take(cast.mei, second.id, "return", note="Changed meanwhile")

    again = allotment_content("Budget", YEAR, [Wanted(department, category(), yuan(6000))])
    edit(cast.lin, second.id, again, 1)
    steps.take(cast.lin, second.id, "submit")
    steps.take(cast.mei, second.id, "approve")

    assert allotted(line_at(YEAR, department, category())) == yuan(6000)


def test_fin_01_exceptions_are_not_counted_as_allotted(cast):
    line = budget_line(cast.department("Marketing"), 1000)
    approved_over(cast.ann, cast.mei, line, 1500)

    case = proposed(cast.lin, cast.department("Marketing"), 2000, year=line.year)
    steps.take(cast.mei, case.id, "approve")

    now = figures_now(line)
    assert (now.allotted, now.exceptions, now.held, now.left) == (yuan(2000), yuan(500), yuan(1500), yuan(1000))


@pytest.mark.parametrize(
    ("field", "year", "amounts"), [("lines", YEAR, []), ("lines", YEAR, [1, 2]), ("year", 1999, [1]), ("lines", YEAR, [-1])]
)
def test_fin_01_what_is_wrong_in_an_allotment_is_said(cast, field, year, amounts):
    wanted = [Wanted(cast.department("Marketing"), category(), yuan(amount)) for amount in amounts]

    with pytest.raises(Mistyped) as refusal:
        create(ALLOTMENT, cast.lin, allotment_content("Budget", year, wanted, cast.department("Finance")), "a token")

    assert refusal.value.field == field


def test_fin_01_heads_read_what_was_allotted_to_them(cast):
    case = proposed(cast.lin, cast.department("Marketing"), 5000)

    assert access.may_read(access.posts_of(cast.hao), case)
    assert not access.may_read(access.posts_of(cast.ann), case)


# ---- transfers ------------------------------------------------------------------------------------------------------


def test_fin_01_a_transfer_moves_what_is_free(cast):
    giver, receiver = (budget_line(cast.department("Marketing"), 1000, code) for code in ("TRAVEL", "OFFICE"))
    case = moved(cast.hao, giver, receiver, 300)
    steps.take(cast.lin, case.id, "compile")

    steps.take(cast.mei, case.id, "approve")

    assert (allotted(giver), allotted(receiver)) == (yuan(700), yuan(1300))


def test_fin_01_a_transfer_of_what_is_not_free_is_refused_with_the_papers(cast):
    giver, receiver = (budget_line(cast.department("Marketing"), 1000, code) for code in ("TRAVEL", "OFFICE"))
    case = moved(cast.lin, giver, receiver, 300)
    holding = asked(cast.ann, giver, 800)

    with pytest.raises(Refused) as refusal:
        steps.take(cast.mei, case.id, "approve")

    assert holding.number in str(refusal.value)
    assert (allotted(giver), allotted(receiver)) == (yuan(1000), yuan(1000))


def test_fin_01_a_head_moves_money_within_the_own_department_only(cast):
    giver, receiver = budget_line(cast.department("IT"), 1000), budget_line(cast.department("Marketing"), 1000)

    with pytest.raises(NotYours):
        moved(cast.hao, giver, receiver, 300)
    assert moved(cast.lin, giver, receiver, 300).state == "compiled"


@pytest.mark.parametrize(("field", "amount", "reason"), [("amount", 0, "fair"), ("reason", 1, ""), ("reason", 1, "x" * 2001)])
def test_fin_01_what_is_wrong_in_a_transfer_is_said(cast, field, amount, reason):
    giver, receiver = (budget_line(cast.department("Marketing"), 1000, code) for code in ("TRAVEL", "OFFICE"))

    with pytest.raises(Mistyped) as refusal:
        moved(cast.lin, giver, receiver, amount, reason)

    assert refusal.value.field == field


def test_fin_01_a_transfer_stays_in_its_year_and_between_two_lines(cast):
    this, other = (
        budget_line(cast.department("Marketing"), 1000, year=2026),
        budget_line(cast.department("Marketing"), 10, year=2027),
    )

    for receiver in (this, other):
        with pytest.raises(Mistyped) as refusal:
            moved(cast.lin, this, receiver, 5)
        assert refusal.value.field == "receiver"


# ---- categories -----------------------------------------------------------------------------------------------------


def test_categories_are_added_and_changed_with_their_history(cast):
    added = add_category(cast.lin, "TRAVEL", "差旅费", "Travel")

    changed = change_category(cast.lin, added.id, "差旅", "Travelling", False, added.events)

    assert (changed.name, changed.name_en, changed.active) == ("差旅", "Travelling", False)
    assert [event.action for event in history_of(changed)] == ["add", "change"]


@pytest.mark.parametrize(
    ("field", "code", "name"),
    [("code", "a b", "x"), ("code", "", "x"), ("name", "NEW", ""), ("code", "TRAVEL", "x"), ("name", "NEW", "差旅费")],
)
def test_a_category_has_a_code_and_a_name_of_its_own(cast, field, code, name):
    category()

    with pytest.raises(Mistyped) as refusal:
        add_category(cast.lin, code, name, "")

    assert refusal.value.field == field
    assert Category.select().count() == 1


def test_two_who_change_a_category_at_once(cast):
    added = add_category(cast.lin, "TRAVEL", "差旅费", "Travel")
    change_category(cast.lin, added.id, "差旅", "Travel", True, added.events)

    with pytest.raises(SomebodyWasFirst):
        change_category(cast.lin, added.id, "旅费", "Travel", True, added.events)


# ---- figures --------------------------------------------------------------------------------------------------------


def test_who_sees_whose_figures(cast):
    marketing, it = cast.department("Marketing"), cast.department("IT")

    seen = {user: departments_seen(access.posts_of(getattr(cast, user))) for user in ("mei", "lin", "hao", "ann", "cai")}

    assert seen == {"mei": None, "lin": None, "hao": [marketing.id], "ann": [], "cai": []}
    assert may_see(access.posts_of(cast.hao), marketing.id) and not may_see(access.posts_of(cast.hao), it.id)


def test_the_papers_behind_each_figure(cast):
    line = budget_line(cast.department("Marketing"), 0)
    allotment = proposed(cast.lin, cast.department("Marketing"), 1000, year=line.year)
    steps.take(cast.mei, allotment.id, "approve")
    over = approved_over(cast.ann, cast.mei, line, 1200)
    spent = BUDGET.holds_of(over)[0]
    db.transaction(lambda: BUDGET.take(spent.id, yuan(500), cast.cai, more_follows=True))()
    posts = access.posts_of(cast.mei)

    behind = {name: [(each.case_id, each.amount) for each in papers_behind(name, line.account_id, posts)] for name in
              ("allotted", "exceptions", "held", "spent")}  # fmt: skip

    assert behind == {
        "allotted": [(allotment.id, yuan(1000))],
        "exceptions": [(over.id, yuan(200))],
        "held": [(over.id, yuan(700))],
        "spent": [(over.id, yuan(500))],
    }
    assert [each.amount for each in papers_using(line.account_id)] == [yuan(700), yuan(500)]


def test_the_papers_behind_a_figure_page_by_key(cast):
    line = budget_line(cast.department("Marketing"), 1000)
    cases = [asked(cast.ann, line, 1) for _each in range(5)]
    posts = access.posts_of(cast.mei)

    first = papers_behind("held", line.account_id, posts, limit=3)
    second = papers_behind("held", line.account_id, posts, before=first[-1].key, limit=3)

    assert [each.case_id for each in first + second] == [case.id for case in reversed(cases)]


def test_months_show_what_was_spent_and_what_is_still_held(cast, clock):
    clock.set("2026-01-31 23:30")
    line = budget_line(cast.department("Marketing"), 1000)
    january = approved(cast.ann, cast.mei, line, 300)
    clock.set("2026-02-01 00:10")
    asked(cast.ann, line, 100)
    hold = BUDGET.holds_of(january)[0]
    db.transaction(lambda: BUDGET.take(hold.id, yuan(250)))()

    found = {each.first: (each.held, each.spent) for each in months(2026, [line.account_id])}

    assert len(found) == 12
    assert (found[date(2026, 1, 1)], found[date(2026, 2, 1)]) == ((0, 0), (yuan(100), yuan(250)))


def test_figures_of_a_year_come_in_one_statement(cast):
    for code in ("TRAVEL", "OFFICE", "GUESTS"):
        budget_line(cast.department("Marketing"), 100, code)
        budget_line(cast.department("IT"), 200, code)

    everything = figures(clock.today().year)
    marketing = figures(clock.today().year, [cast.department("Marketing").id])

    assert len(everything) == 6
    assert [(each.code, each.allotted) for each in marketing] == [(code, yuan(100)) for code in ("GUESTS", "OFFICE", "TRAVEL")]
    assert figures(clock.today().year, []) == []


def test_check_finds_rollups_that_differ_from_the_entries(cast):
    line = budget_line(cast.department("Marketing"), 1000)
    asked(cast.ann, line, 300)
    assert list(verify()) == []

    db.run("UPDATE budget_months SET held = held + 1 WHERE account_id = ?", line.account_id)
    db.run("DELETE FROM open_holds")

    assert len(list(verify())) == 2


def test_a_case_keeps_its_own_exception_open_once(cast):
    line = budget_line(cast.department("Marketing"), 0)
    case = approved_over(cast.ann, cast.mei, line, 100)

    with pytest.raises(Refused):
        steps.take(cast.mei, case.id, "approve_over_budget")
    assert Case.get_by_id(case.id).state == "approved"
