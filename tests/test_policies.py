"""Company rules that are numbers: changed by their owner, in force from the commit on, every change an event."""

import pytest

from portal import db, history, policies
from portal.history import history_of
from portal.money import Money
from portal.policies import PolicyValue
from portal.refused import Mistyped
from portal.words import Words

days = policies.Policy("test_days", 3, "gm", Words("Days"), minimum=1, maximum=30)
cap = policies.Policy("test_cap", Money(5000), "gm", Words("Cap"))


@pytest.fixture(autouse=True, scope="module")
def only_here():
    policies.POLICIES.update({policy.key: policy for policy in (days, cap)})
    yield
    for policy in (days, cap):
        del policies.POLICIES[policy.key]


def test_a_policy_stands_at_its_default_until_it_is_changed(cast):
    assert days() == 3

    policies.change(cast.mei, days, 5)

    assert days() == 5


def test_money_stays_money(cast):
    policies.change(cast.mei, cap, Money(123))

    assert (cap(), type(cap())) == (123, Money)


def test_a_change_says_who_changed_what_from_what(cast):
    policies.change(cast.mei, days, 5)
    policies.change(cast.mei, days, 7)

    told = [(each.by, each.facts()) for each in history_of(PolicyValue.get())]
    assert told == [
        (cast.mei, {"policy": "test_days", "before": 3, "after": 5}),
        (cast.mei, {"policy": "test_days", "before": 5, "after": 7}),
    ]
    assert list(history.verify()) == []


def test_a_change_to_the_same_is_none(cast):
    policies.change(cast.mei, days, 3)

    assert PolicyValue.select().count() == 0


@pytest.mark.parametrize(("value", "why"), [(0, "It cannot be less than 1."), (31, "It cannot be more than 30.")])
def test_a_policy_stays_within_its_limits(cast, value, why):
    with pytest.raises(Mistyped, match=why):
        policies.change(cast.mei, days, value)

    assert days() == 3


def test_a_change_that_was_not_committed_is_not_in_force(cast):
    @db.transaction
    def deed():
        policies.change(cast.mei, days, 9)
        days()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deed()

    assert days() == 3


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_database_has_its_own_values(cast, turn):
    assert days() == 3

    policies.change(cast.mei, days, 4)

    assert days() == 4
