"""Draws of the same goods at once, and in any order: nothing is given twice, nobody overtakes, and the books stay whole."""

from __future__ import annotations

import secrets
from contextlib import nullcontext

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from portal import access, db, ledger, steps
from portal.cases import Case
from portal.offers import offered
from portal.refused import Refused
from portal.stock.models import STOCK, levels
from portal.stock.rules import stock_comes
from portal.supplies import rules_issuing
from portal.supplies.models import DrawLine
from portal.supplies.models_draws import short_of
from portal.supplies.rules_issuing import Declined
from portal.supplies.rules_waiting import Granted
from tests import catalogue, draws
from tests.at_once import at_once
from tests.cast import Cast
from tests.draws import drawn, granted, lines, pens, state, wished


@pytest.fixture(params=["queue", "no queue"])
def queue(request, monkeypatch):
    """The process's own queue hides a missing lock of the database."""
    if request.param == "no queue":
        monkeypatch.setattr(db, "queue", nullcontext())


def test_sup_18_of_many_draws_on_ten_pens_ten_are_issued(cast, queue):
    bo, sam = draws.keeper(cast), cast.sam
    pen = pens(cast, on_hand=10)
    cases = [drawn(bo, {pen: quantity}) for quantity in (3, 4, 2, 5, 1, 4, 3, 2)]

    at_once(*[lambda case=case: steps.take(sam, case.id, "approve") for case in cases])
    at_once(*[lambda case=case: steps.take(sam, case.id, "issue") for case in cases])
    answers = at_once(*[lambda case=case: steps.take(sam, case.id, "issue") for case in cases])

    assert all(isinstance(answer, Refused) for answer in answers)
    shelf = levels([pen.id])[pen.id]
    issued = sum(line.issued for case in cases for line in lines(case))
    assert (shelf.on_hand, shelf.held) == (10 - issued, 0)
    assert 0 < issued <= 10
    assert all(state(case) in ("issued", "waiting") for case in cases)
    assert [*ledger.verify(), *rules_issuing.verify()] == []


def test_sup_18_goods_that_come_while_a_draw_is_granted_are_not_lost(cast, queue):
    bo, sam = draws.keeper(cast), cast.sam
    pen = pens(cast, on_hand=0)
    cases = [drawn(bo, {pen: 1}) for _each in range(3)]

    @db.transaction
    def come():
        STOCK.put(pen.account_id, 1)
        stock_comes([pen.id])

    answers = at_once(*[lambda case=case: steps.take(sam, case.id, "approve") for case in cases], come, come, come)

    assert [each for each in answers if isinstance(each, Exception)] == []
    assert [state(case) for case in cases] == ["approved"] * 3
    assert levels([pen.id])[pen.id].free == 0


def test_sup_16_a_wish_is_taken_over_once(cast, queue):
    bo, pen = draws.keeper(cast), pens(cast)
    wish = wished(bo, {pen: 2})
    taken = {_line(wish): (2, "")}

    answers = at_once(*[lambda: drawn(bo, {pen: 2}, taken=taken) for _each in range(3)])

    assert sorted(isinstance(each, Refused) for each in answers) == [False, True, True]
    assert state(wish) == "filed"


def _line(wish: Case) -> int:
    ((line,),) = db.rows("SELECT id FROM wish_lines WHERE case_id = ?", wish.id)
    return line


def test_sup_18_one_receipt_is_confirmed_or_declined_not_both(cast, queue):
    bo, pen = draws.keeper(cast), pens(cast)
    case = steps.take(cast.sam, granted(cast.sam, drawn(bo, {pen: 4})).id, "issue")
    given = Declined({lines(case)[0].id: (4, "Broken")})

    answers = at_once(lambda: steps.take(bo, case.id, "confirm"), lambda: steps.take(bo, case.id, "decline", given=given))

    assert sorted(isinstance(each, Refused) for each in answers) == [False, True]
    assert levels([pen.id])[pen.id].on_hand == (6 if state(case) == "received" else 10)


STEPS = (
    "approve",
    "approve_less",
    "return",
    "reject",
    "withdraw",
    "cancel",
    "go_without",
    "issue",
    "confirm",
    "decline",
    "submit",
)
OF_SAM = ("approve", "approve_less", "return", "reject", "go_without", "issue")


class Draws(RuleBasedStateMachine):
    """Draws of two things in any order of steps, while goods come."""

    def __init__(self) -> None:
        super().__init__()
        self.cast, self.cases, self.came = Cast(), [], [0, 0]
        name = secrets.token_hex(4)
        self.items = [pens(self.cast, on_hand=0, code=f"{name}-{n}") for n in range(2)]
        if not access.holders(access.post("supplies_custodian", self.cast.bo.department_id)):
            catalogue.custodian(self.cast.bo)

    @rule(first=st.integers(0, 6), second=st.integers(0, 6), twice=st.booleans())
    def ask(self, first, second, twice):
        wanted = {item: n for item, n in zip(self.items, (first, second), strict=True) if n}
        if wanted:
            self.cases.append(drawn(self.cast.bo, wanted).id)
            if twice:
                steps.take(self.cast.sam, self.cases[-1], "approve")

    @rule(which=st.integers(0, 1), quantity=st.integers(1, 8))
    def come(self, which, quantity):
        db.transaction(self._come)(which, quantity)

    def _come(self, which, quantity):
        STOCK.put(self.items[which].account_id, quantity)
        stock_comes([self.items[which].id])
        self.came[which] += quantity

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), step=st.sampled_from(STEPS))
    def take(self, data, step):
        case = Case.get_by_id(data.draw(st.sampled_from(self.cases)))
        person = self.cast.sam if step in OF_SAM else self.cast.bo
        open_to = [offer.step.name for offer in offered(case, person, access.posts_of(person)) if not offer.why_not]
        if step not in open_to:
            return
        try:
            steps.take(person, case.id, step, given=self._given(data, step, case), note="so")
        except Refused as refusal:
            assert "Nothing" in str(refusal)

    def _given(self, data, step, case):
        parts = lambda most: {line.id: (data.draw(st.integers(0, most(line))), "so") for line in lines(case)}  # noqa: E731
        if step == "approve_less":
            return Granted(parts(lambda line: line.quantity))
        if step == "decline":
            return Declined({key: part for key, part in parts(lambda line: line.issued).items() if part[0]})
        return None

    @invariant()
    def what_came_lies_there_or_was_issued(self):
        issued = [0, 0]
        for line in DrawLine.select().where(DrawLine.case.in_(self.cases)):
            issued[[item.id for item in self.items].index(line.item_id)] += line.issued - line.declined
        shelf = levels(item.id for item in self.items)
        assert [shelf[item.id].on_hand for item in self.items] == [
            came - gone for came, gone in zip(self.came, issued, strict=True)
        ]

    @invariant()
    def nobody_waits_for_what_is_there(self):
        waiting = [each for case in self.cases if state(Case(id=case)) == "waiting" for each in short_of(case)]
        for item in self.items:
            first = next((each for each in sorted(waiting, key=self._approved) if each.item == item.id), None)
            assert first is None or levels([item.id])[item.id].free < first.granted

    def _approved(self, each):
        return db.row("SELECT approved_at FROM draws WHERE case_id = ?", each.case)[0], each.case

    @invariant()
    def everything_adds_up(self):
        assert [*ledger.verify(), *rules_issuing.verify()] == []


def test_sup_18_in_any_order_of_steps_nothing_is_given_twice(cast):
    run_state_machine_as_test(Draws)
