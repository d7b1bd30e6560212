"""Requests for the same money at once, and in any order: nothing is held twice, and nothing is lost."""

from __future__ import annotations

import secrets
import threading
from contextlib import nullcontext
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from portal import access, clock, db, ledger, steps
from portal.budget import rules as budget_rules
from portal.budget.models import BUDGET, Category
from portal.budget.rules import open_line
from portal.cases import Case
from portal.expenses import rules as expenses_rules
from portal.expenses.models import HOLDING
from portal.expenses.rules import submit
from portal.money import Money
from portal.offers import offered
from portal.refused import Refused
from tests.budgets import asked, budget_line, content, figures_now, overrun, yuan
from tests.cast import Cast


def together(*deeds):
    """Runs the deeds at once, each on a connection of its own; answers what each said or raised."""
    start, answers = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(n, deed):
        start.wait()
        try:
            answers[n] = deed()
        except Refused as refusal:
            answers[n] = refusal
        finally:
            db.disconnect()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture(params=["queue", "no queue"])
def queue(request, monkeypatch):
    """The process's own queue hides a missing lock of the database."""
    if request.param == "no queue":
        monkeypatch.setattr(db, "queue", nullcontext())


def test_fin_01_of_two_requests_for_the_last_thousand_one_holds(cast, queue):
    line = budget_line(cast.department("Marketing"), 1000)
    typed = [(person, content(person, line, 1000)) for person in (cast.ann, cast.hao)]

    answers = together(*[lambda each=each: submit(*each, secrets.token_hex(8)) for each in typed])

    assert sorted(case.mark for case in answers) == ["", "over_budget"]
    assert figures_now(line).left == 0


def test_fin_01_money_that_came_free_is_given_once(cast, queue):
    line = budget_line(cast.department("Marketing"), 1000)
    first = asked(cast.ann, line, 1000)
    waiting = [asked(person, line, 900) for person in (cast.ann, cast.hao)]
    steps.take(cast.ann, first.id, "withdraw")
    mei = cast.mei

    answers = together(*[lambda case=case: steps.take(mei, case.id, "approve") for case in waiting])

    assert sorted(isinstance(each, Refused) for each in answers) == [False, True]
    assert figures_now(line).held == yuan(900)


def test_fin_02_an_exception_is_put_once(cast, queue):
    line = budget_line(cast.department("Marketing"), 1000)
    case = asked(cast.ann, line, 1200)
    mei = cast.mei
    approve = lambda: steps.take(mei, case.id, "approve_over_budget", ("submitted", 1), overrun())  # noqa: E731

    answers = together(approve, approve)

    assert sorted(isinstance(each, Refused) for each in answers) == [False, True]
    assert figures_now(line).exceptions == yuan(200)


STEPS = ("submit", "approve", "approve_over_budget", "return", "reject", "withdraw", "cancel")


class Spendings(RuleBasedStateMachine):
    """Requests of one line in any order of steps."""

    def __init__(self) -> None:
        super().__init__()
        self.cast, self.cases = Cast(), []
        name = secrets.token_hex(6)
        category = Category.create(code=name, name=name)
        self.line = self._line(category)

    @db.transaction
    def _line(self, category):
        line = open_line(clock.today().year, self.cast.department("Marketing"), category)
        BUDGET.put(line.account_id, yuan(1000))
        return line

    @rule(amount=st.integers(1, 150_000))
    def ask(self, amount):
        self.cases.append(asked(self.cast.ann, self.line, str(Money(amount))).id)

    @precondition(lambda self: self.cases)
    @rule(
        data=st.data(),
        step=st.sampled_from(["submit", "approve", "approve_over_budget", "return", "reject", "withdraw", "cancel"]),
    )
    def take(self, data, step):
        case = Case.get_by_id(data.draw(st.sampled_from(self.cases)))
        person = self.cast.ann if step in ("submit", "withdraw", "cancel") else self.cast.mei
        open_to = [offer.step.name for offer in offered(case, person, access.posts_of(person)) if not offer.why_not]
        if step in open_to:
            steps.take(person, case.id, step, given=overrun() if step == "approve_over_budget" else None, note="so")

    @precondition(lambda self: self.cases)
    @rule(data=st.data())
    def pay_in_part(self, data):
        case = Case.get_by_id(data.draw(st.sampled_from(self.cases)))
        for hold in BUDGET.holds_of(case):
            if case.state == "approved" and hold.amount > 1:
                db.transaction(BUDGET.take)(hold.id, data.draw(st.integers(1, hold.amount - 1)), more_follows=True)

    @rule()
    def lapse(self):
        with clock.at(clock.now() + timedelta(days=100)):
            expenses_rules.lapse_unused()

    @invariant()
    def held_is_what_open_requests_ask_for(self):
        cases = list(Case.select().where(Case.id.in_(self.cases)))
        holding = [case for case in cases if case.state in HOLDING and case.mark != "over_budget"]
        now = figures_now(self.line)
        assert now.held + now.spent >= sum(case.amount for case in holding if case.mark == "")
        assert now.held == sum(hold.amount for case in holding for hold in BUDGET.holds_of(case))
        assert sum(hold.amount for case in cases if case not in holding for hold in BUDGET.holds_of(case)) == 0

    @invariant()
    def only_open_or_used_exceptions_stay(self):
        now = figures_now(self.line)
        assert now.allotted == yuan(1000)
        assert now.left >= 0
        if not now.held and not now.spent:
            assert now.exceptions == 0

    @invariant()
    def everything_adds_up(self):
        assert [*ledger.verify(), *budget_rules.verify(), *expenses_rules.verify()] == []


def test_fin_01_in_any_order_of_steps_held_is_what_open_requests_ask_for(cast):
    run_state_machine_as_test(Spendings)
