"""Whatever is counted is moved by put, cut, hold, release and take; the totals are the sum of the entries, always."""

import peewee
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule, run_state_machine_as_test

from portal import db, ledger
from portal.ledger import Entry, Ledger, NotFree
from portal.refused import Refused
from tests.memo import account, chest, totals

amounts = st.integers(1, 500)


def moved(verb, *args, **more):
    return db.transaction(verb)(*args, **more)


class Movements(RuleBasedStateMachine):
    """A chest beside a model of it: what was put, and what is held by which hold."""

    holds = Bundle("holds")

    def __init__(self):
        super().__init__()
        self.account = account(0)
        self.put = self.taken = 0
        self.held = {}

    @property
    def free(self):
        return self.put - self.taken - sum(self.held.values())

    @rule(amount=amounts)
    def puts(self, amount):
        moved(chest.put, self.account, amount)
        self.put += amount

    @rule(amount=amounts)
    def cuts(self, amount):
        if amount > self.free:
            with pytest.raises(NotFree):
                moved(chest.cut, self.account, amount)
            return
        moved(chest.cut, self.account, amount)
        self.put -= amount

    @rule(target=holds, amount=amounts)
    def holds_some(self, amount):
        if amount > self.free:
            with pytest.raises(NotFree):
                moved(chest.hold, self.account, amount)
            assert moved(chest.try_hold, self.account, amount) is None
            return multiple()
        hold = moved(chest.try_hold, self.account, amount)
        self.held[hold] = amount
        return hold

    @rule(hold=consumes(holds))
    def releases(self, hold):
        moved(chest.release, hold)
        del self.held[hold]
        self.refuses_again(hold)

    @rule(target=holds, hold=consumes(holds), share=st.integers(1, 100), more_follows=st.booleans())
    def takes(self, hold, share, more_follows):
        held = self.held.pop(hold)
        amount = max(1, held * share // 100)
        rest = moved(chest.take, hold, amount, more_follows=more_follows)
        self.taken += amount
        self.refuses_again(hold)
        assert (rest is not None) == (more_follows and amount < held)
        if rest is None:
            return multiple()
        self.held[rest] = held - amount
        return rest

    def refuses_again(self, hold):
        for again in (lambda: moved(chest.release, hold), lambda: moved(chest.take, hold, 1)):
            with pytest.raises(Refused):
                again()

    @invariant()
    def totals_are_what_was_moved(self):
        assert totals(self.account) == (self.put, sum(self.held.values()), self.taken)
        assert list(ledger.verify()) == []


def test_every_verb_keeps_the_totals_in_any_order(database):
    run_state_machine_as_test(Movements)


def test_a_rolled_back_movement_has_not_happened(database):
    chest_id = account(1000)

    @db.transaction
    def deed():
        chest.hold(chest_id, 400)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deed()

    assert totals(chest_id) == (1000, 0, 0)
    assert Entry.select().count() == 1


def test_more_than_was_held_cannot_be_taken(database):
    hold = moved(chest.hold, account(1000), 400)

    with pytest.raises(Refused, match=r"That is more than was set aside for this paper\."):
        moved(chest.take, hold, 401)


def test_a_verb_never_begins_a_transaction(database):
    with pytest.raises(AssertionError):
        chest.put(account(0), 5)


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_than_nothing_is_not_moved(database, amount):
    with pytest.raises(AssertionError):
        moved(chest.put, account(0), amount)


def test_a_ledger_moves_only_its_own_accounts(database):
    with pytest.raises(NotFree):
        moved(Ledger("other").put, account(1000), 5)


@pytest.mark.parametrize("wrong", ["put = 5", "held = 2000", "taken = -1", "put = -1"])
def test_the_schema_itself_keeps_what_is_free_above_zero(database, wrong):
    chest_id = account(1000)
    moved(chest.hold, chest_id, 400)

    with pytest.raises(peewee.IntegrityError):
        db.run(f"UPDATE accounts SET {wrong} WHERE id = ?", chest_id)


def test_the_schema_itself_lets_a_hold_be_settled_once(database):
    hold = moved(chest.hold, account(1000), 400)
    moved(chest.release, hold)

    with pytest.raises(peewee.IntegrityError):
        db.run(
            "INSERT INTO entries (account_id, verb, amount, put, held, taken, settles_id, at) "
            "SELECT account_id, 'release', 400, 0, -400, 0, id, 0 FROM entries WHERE id = ?",
            hold,
        )


def test_a_total_that_is_not_the_sum_of_its_entries_is_found(database):
    chest_id = account(1000)

    db.run("UPDATE accounts SET put = 1001 WHERE id = ?", chest_id)

    assert list(ledger.verify()) == [f"memo account {chest_id}: totals [1001, 0, 0], entries [1000, 0, 0]"]


def test_holds_of_a_case_are_those_not_settled_yet(cast, memos):
    chest_id = account(1000)
    case = memos.draft(cast.ann)
    first, second = (moved(chest.hold, chest_id, amount, case) for amount in (100, 200))
    moved(chest.hold, chest_id, 300)

    moved(chest.release, first)

    assert [hold.id for hold in chest.holds_of(case)] == [second]
