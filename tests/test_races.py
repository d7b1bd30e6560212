"""Two at the same moment: one wins, the other is told who; with the process's queue and without it."""

import time
from contextlib import nullcontext
from functools import partial

import pytest

from portal import contents, db, history, ledger, steps
from portal.cases import Case
from portal.history import Event
from portal.ledger import NotFree
from portal.refused import Refused, SomebodyWasFirst
from tests.at_once import at_once


@pytest.fixture(params=["queue", "no queue"], autouse=True)
def queue(request, monkeypatch):
    """Without the queue two processes are told apart from two threads by nothing: the database alone keeps order."""
    if request.param == "no queue":
        monkeypatch.setattr(db, "queue", nullcontext())


def test_of_two_who_take_the_same_step_one_wins_and_the_other_is_told_who(cast, memos):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"), (cast.hao, "endorse"), (cast.mei, "check"))
    shown = (case.state, case.version)

    answers = at_once(*[partial(steps.take, cast.lin, case.id, "check", shown)] * 4)

    lost = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(lost) == 3
    assert {type(each) for each in lost} == {SomebodyWasFirst}
    assert {str(each) for each in lost} == {"林 checked it first. Reload to see it."}
    assert Event.select().where(Event.action == "check", Event.by == cast.lin).count() == 1
    assert list(history.verify()) == []


def test_of_two_different_steps_one_wins(cast, memos):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))
    shown = (case.state, case.version)

    answers = at_once(
        partial(steps.take, cast.hao, case.id, "endorse", shown),
        partial(steps.take, cast.ann, case.id, "withdraw", shown),
        partial(steps.take, cast.hao, case.id, "reject", shown, note="no"),
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Case", "SomebodyWasFirst", "SomebodyWasFirst"]


def test_of_a_step_and_an_edit_one_wins(cast, memos):
    case = memos.draft(cast.ann)
    shown = (case.state, case.version)

    answers = at_once(
        partial(steps.take, cast.ann, case.id, "submit", shown),
        partial(contents.edit, cast.ann, case.id, memos.content("a chair"), case.version),
    )

    lost = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(lost) == 1
    assert Case.get_by_id(case.id).events == 2


def test_a_creation_form_sent_twice_at_once_makes_one_case(cast, memos):
    made = at_once(*[partial(memos.draft, cast.ann, "the same form")] * 6)

    assert len({case.id for case in made}) == 1
    assert Case.select().count() == 1
    assert memos.MemoLine.select().count() == 1


def test_numbers_are_gapless_under_fifty_parallel_creations_and_submissions(cast, memos):
    ann = cast.ann

    def ask(n):
        case = memos.draft(ann, f"form {n}", wish="" if n % 10 == 0 else "a lamp")
        return steps.take(ann, case.id, "submit")

    answers = at_once(*[partial(ask, n) for n in range(50)])

    assert sum(isinstance(answer, Refused) for answer in answers) == 5
    numbers = sorted(case.number for case in Case.select().where(Case.number.is_null(False)))
    year = numbers[0][3:7]
    assert numbers == [f"ME-{year}-{n:04d}" for n in range(1, 46)]
    assert list(history.verify()) == []


def test_of_two_requests_for_the_last_1000_one_holds(cast, memos):
    account = memos.account(1000)
    papers = [memos.draft(cast.ann, f"form {n}", account_id=account) for n in range(4)]

    answers = at_once(*[partial(steps.take, cast.ann, case.id, "submit") for case in papers])

    assert sum(isinstance(answer, NotFree) for answer in answers) == 3
    assert memos.totals(account) == (1000, 1000, 0)
    assert Case.select().where(Case.state == "submitted").count() == 1
    assert list(ledger.verify()) == []


def test_a_hold_is_settled_once_also_at_the_same_moment(cast, memos):
    account = memos.account(1000)
    hold = db.transaction(memos.chest.hold)(account, 600)

    release = partial(db.transaction(memos.chest.release), hold)
    take = partial(db.transaction(memos.chest.take), hold, 600)
    answers = at_once(release, take, release, take)

    assert sum(isinstance(answer, Refused) for answer in answers) == 3
    assert memos.totals(account) in [(1000, 0, 0), (1000, 0, 600)]
    assert list(ledger.verify()) == []


def test_what_a_transaction_decides_on_does_not_change_before_it_writes(cast):
    """A lost update: two read the same number and both add one to it."""
    db.run("INSERT INTO counters (kind, year, last) VALUES ('race', 2026, 0)")

    @db.transaction
    def add_one():
        (last,) = db.row("SELECT last FROM counters WHERE kind = 'race'")
        time.sleep(0.002)
        db.run("UPDATE counters SET last = ? WHERE kind = 'race'", last + 1)

    at_once(*[lambda: [add_one() for _n in range(10)]] * 4)

    assert db.row("SELECT last FROM counters WHERE kind = 'race'") == (40,)
