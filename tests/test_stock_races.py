"""Stock under many hands: nothing is promised twice, and the figures are what the entries come to, whatever happened."""

from __future__ import annotations

import peewee
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from portal import checks, db, ledger, steps
from portal.cases import Case
from portal.ledger import Entry
from portal.refused import Refused
from portal.stock import rules_counts
from portal.stock.models import STOCK, Item
from portal.stock.models_counts import lines_of
from portal.stock.rules import tally
from tests import shelf, stocktakes
from tests.at_once import at_once
from tests.stocktakes import begun, count, findings, handed_in


@pytest.fixture
def office(cast):
    return stocktakes.office(cast)


def test_ten_pens_are_promised_ten_times_however_many_ask(office):
    pens = shelf.item("PEN", 10)

    answers = at_once(*[db.transaction(lambda: STOCK.try_hold(pens.account_id, 1))] * 20)

    assert sum(each is not None for each in answers) == 10
    assert shelf.level(pens)[1:] == (10, 10, 0)
    assert checks.findings() == []


def test_a_shortage_and_a_draw_do_not_both_get_the_last_pens(office):
    pens = shelf.item("PEN", 10)
    case = handed_in(office, PEN=2)
    steps.take(office.hao, case.id, "verify", given=findings(case))

    answers = at_once(
        lambda: steps.take(office.bo, case.id, "approve"), db.transaction(lambda: STOCK.try_hold(pens.account_id, 8))
    )

    on_hand, held, free = shelf.level(pens)[1:]
    assert isinstance(answers[0], Refused) != (answers[1] is None)
    assert (on_hand, held, free) == ((10, 8, 2) if answers[1] else (2, 0, 2))


def test_one_of_two_counts_of_the_same_shelf_begins(office):
    shelf.item("PEN", 10)

    answers = at_once(lambda: begun(office.sam, office.ann), lambda: begun(office.hao, office.ann))

    assert sum(isinstance(each, Case) for each in answers) == 1
    assert ["already" in str(each) for each in answers if isinstance(each, Refused)] == [True]


def test_a_number_written_down_while_the_count_is_handed_in_is_in_it_or_refused(office):
    shelf.item("PEN", 10)
    case = begun(office.sam, office.ann)
    count(case, PEN=9)
    line = lines_of(case.id)[0].id

    answers = at_once(lambda: steps.take(office.ann, case.id, "hand_in"), lambda: tally(office.ann, case.id, line, 7))

    assert Case.get_by_id(case.id).state == "verifying"
    assert lines_of(case.id)[0].counted == (9 if isinstance(answers[1], Refused) else 7)
    assert checks.findings() == []


class Shelf(RuleBasedStateMachine):
    """Goods come and go, are set aside and counted, in any order."""

    def __init__(self, cast):
        super().__init__()
        self.code = f"PEN{Item.select().count()}"
        self.cast, self.pens, self.holds, self.case = cast, shelf.item(self.code, 10, place=self.code), [], None

    def tried(self, deed):
        try:
            return db.transaction(deed)()
        except Refused:
            return None

    @rule(quantity=st.integers(1, 9))
    def comes(self, quantity):
        shelf.put(self.pens, quantity)

    @rule(quantity=st.integers(1, 9))
    def is_set_aside(self, quantity):
        if hold := self.tried(lambda: STOCK.try_hold(self.pens.account_id, quantity)):
            self.holds.append(hold)

    @precondition(lambda self: self.holds)
    @rule(part=st.integers(1, 9), more=st.booleans())
    def is_issued(self, part, more):
        hold = Entry.get_by_id(self.holds.pop())
        rest = self.tried(lambda: STOCK.take(hold.id, min(part, hold.amount), more_follows=more))
        self.holds += [rest] if rest else []

    @precondition(lambda self: self.holds)
    @rule()
    def is_given_free(self):
        hold = self.holds.pop(0)
        self.tried(lambda: STOCK.release(hold))

    @precondition(lambda self: self.case is None)
    @rule()
    def is_counted(self):
        self.case = begun(self.cast.sam, self.cast.ann, place=self.code)

    @precondition(lambda self: self.case)
    @rule(by=st.integers(-3, 3))
    def is_found(self, by):
        """The counter finds so many more or less than there are; the rest follows."""
        case, self.case = self.case, None
        count(case, **{self.code: max(shelf.level(self.pens).on_hand + by, 0)})
        case = steps.take(self.cast.ann, case.id, "hand_in")
        case = steps.take(self.cast.hao, case.id, "verify", given=findings(case))
        if case.state == "verified":
            try:
                steps.take(self.cast.bo, case.id, "approve")
            except Refused:
                steps.take(self.cast.sam, case.id, "cancel", note="Held")

    @invariant()
    def adds_up(self):
        level = shelf.level(self.pens)
        assert level.free >= 0 and level.on_hand == level.held + level.free
        assert [*ledger.verify(), *rules_counts.verify()] == []


def test_sup_18_any_order_of_deeds_keeps_figures_and_entries_equal(office):
    run_state_machine_as_test(lambda: Shelf(office))


def test_the_database_itself_refuses_what_is_not_there(office):
    pens = shelf.item("PEN", 10)

    with pytest.raises(peewee.IntegrityError):
        db.run("UPDATE accounts SET put = 0, held = 5 WHERE id = ?", pens.account_id)
