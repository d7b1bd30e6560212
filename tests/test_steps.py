"""Papers move by steps: when, against what they saw, and what happens on every road."""

import pytest

from portal import contents, db, history, ledger, steps, tasks
from portal.cases import Case, Task, lines_of, open_tasks
from portal.history import history_of
from portal.refused import Mistyped, NotThere, NotYours, Refused, SomebodyWasFirst
from tests.posts import buttons, cannot, grant, head, take_away, waiting

# ---- the whole way --------------------------------------------------------------------------------------------------


def test_a_paper_goes_its_way_and_every_step_is_told(cast, memos, clock):
    clock.set("2026-03-02 09:00")
    grant(cast.bo, "chief_accountant")

    case = memos.go(
        memos.draft(cast.ann), (cast.ann, "submit"), (cast.hao, "endorse"), (cast.mei, "check"), (cast.lin, "check"),
        (cast.cai, "carry_out"), (cast.bo, "book"),
    )  # fmt: skip

    told = [(event.action, event.by.user, event.before, event.after) for event in history_of(case)]
    assert told == [
        ("create", "ann", "", "draft"),
        ("submit", "ann", "draft", "submitted"),
        ("endorse", "hao", "submitted", "endorsed"),
        ("check", "mei", "endorsed", "endorsed"),
        ("check", "lin", "endorsed", "checked"),
        ("carry_out", "cai", "checked", "done"),
        ("book", "bo", "done", "closed"),
    ]
    assert (case.number, case.submitted_at, case.closed_at) == ("ME-2026-0001", case.created_at, case.created_at)
    assert open_tasks(case) == []
    assert list(history.verify()) == []


def test_the_post_a_step_was_taken_by_is_kept(cast, endorsed):
    assert [event.post for event in history_of(endorsed)][1:] == [f"#{cast.ann.id}", head(cast)]


def test_each_post_takes_the_step_before_the_paper_moves(cast, memos, endorsed):
    assert {wanted for wanted, _post, _stuck in waiting(endorsed)} == {"gm", "chief_accountant"}

    first = memos.go(endorsed, (cast.lin, "check"))
    left = waiting(first)
    second = memos.go(first, (cast.mei, "check"))

    assert (first.state, left) == ("endorsed", [("gm", "gm", False)])
    assert (second.state, waiting(second)) == ("checked", [("cashier", "cashier", False)])


def test_nobody_takes_the_step_of_each_twice(cast, memos, endorsed):
    memos.go(endorsed, (cast.lin, "check"))

    with pytest.raises(SomebodyWasFirst, match=r"^You took this step already\. Reload to see it\.$"):
        memos.go(endorsed, (cast.lin, "check"))


def test_an_outcome_known_only_after_the_effects_comes_again_for_the_rest(cast, memos, checked):
    part = memos.go(checked, (cast.cai, "carry_out"), given=memos.Part(3))
    again = waiting(part)
    whole = memos.go(part, (cast.cai, "carry_out"), given=memos.Part(10))

    assert (part.state, again) == ("checked", [("cashier", "cashier", False)])
    assert whole.state == "done"
    assert Task.select().where(Task.step == "carry_out", Task.closed_by == cast.cai).count() == 2


# ---- against what was shown -----------------------------------------------------------------------------------------


def test_a_step_is_taken_on_the_state_that_was_shown(cast, memos, endorsed):
    with pytest.raises(SomebodyWasFirst, match=r"^郝 endorsed it first\. Reload to see it\.$"):
        steps.take(cast.hao, endorsed.id, "endorse", ("submitted", 1))


def test_a_decision_is_about_the_version_that_was_shown(cast, memos):
    case = memos.draft(cast.ann)
    contents.edit(cast.ann, case.id, memos.content("a chair"), 1)

    with pytest.raises(SomebodyWasFirst, match=r"^安妮 changed the contents first\. Reload to see it\.$"):
        steps.take(cast.ann, case.id, "submit", ("draft", 1))


def test_who_was_first_is_who_moved_it_not_who_spoke_last(cast, memos, endorsed):
    steps.comment(cast.mei, endorsed.id, "Good.", [])

    with pytest.raises(SomebodyWasFirst, match="郝 endorsed it first"):
        steps.take(cast.hao, endorsed.id, "endorse", ("submitted", 1))


def test_a_paper_that_does_not_exist_is_not_there(cast, memos):
    with pytest.raises(NotThere):
        steps.take(cast.ann, 10**6, "submit")


def test_signing_keeps_the_version_and_editing_moves_it_on(cast, memos, endorsed):
    assert endorsed.version == 1

    returned = memos.go(endorsed, (cast.mei, "return"), note="cheaper")
    edited = contents.edit(cast.ann, returned.id, memos.content("a candle"), 1)

    assert edited.version == 2
    assert [line.item for line in lines_of(memos.MemoLine, edited)] == ["a candle"]
    assert [line.item for line in lines_of(memos.MemoLine, edited, 1)] == ["a lamp"]


# ---- back, no, never mind -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["return", "reject"])
@pytest.mark.parametrize("note", ["", "   "])
def test_returning_and_rejecting_need_a_note(cast, memos, submitted, name, note):
    with pytest.raises(Mistyped, match="Say why, so that the others can follow") as refusal:
        steps.take(cast.hao, submitted.id, name, note=note)

    assert refusal.value.field == "note"


def test_a_note_is_not_longer_than_the_policy_says(cast, memos, submitted):
    with pytest.raises(Mistyped, match="at most 2000 characters"):
        steps.take(cast.hao, submitted.id, "reject", note="x" * 2001)


def test_a_returned_paper_comes_back_to_who_asked_and_keeps_its_number(cast, memos, submitted):
    case = memos.go(submitted, (cast.hao, "return"), note="how much?")

    assert (case.state, case.number) == ("draft", submitted.number)
    assert [(task.post, task.tab) for task in open_tasks(case)] == [(f"#{cast.ann.id}", "returned")]
    again = memos.go(case, (cast.ann, "submit"))
    assert (again.number, again.submitted_at) == (submitted.number, submitted.submitted_at)


@pytest.mark.parametrize("to", ["draft", "submitted", "endorsed"])
def test_a_paper_goes_back_to_the_earlier_state_that_was_chosen(cast, memos, checked, to):
    case = memos.go(checked, (cast.cai, "return"), given=to, note="look again")

    assert case.state == to
    assert {task.state for task in open_tasks(case)} == {to}


@pytest.mark.parametrize("to", ["done", "closed", "checked", "rejected", "nowhere"])
def test_a_paper_goes_back_only_to_where_it_has_been(cast, memos, checked, to):
    with pytest.raises(Mistyped, match="It can only go back to a state it has been in") as refusal:
        steps.take(cast.cai, checked.id, "return", given=to, note="look again")

    assert refusal.value.field == "to"


def test_signatures_given_after_where_it_went_back_to_are_given_anew(cast, memos, checked):
    case = memos.go(checked, (cast.cai, "return"), given="endorsed", note="look again")

    assert {wanted for wanted, _post, _stuck in waiting(case)} == {"gm", "chief_accountant"}
    assert memos.go(case, (cast.lin, "check")).state == "endorsed"
    assert memos.go(case, (cast.mei, "check")).state == "checked"


def test_a_signature_bars_as_long_as_it_stands(cast, memos, checked):
    grant(cast.hao, "chief_accountant")
    done = memos.go(checked, (cast.cai, "carry_out"))

    back = memos.go(done, (cast.lin, "return"), given="checked", note="in parts, please")
    again = memos.go(back, (cast.cai, "carry_out"))

    cannot(cast.hao, again, "book")


def test_a_signature_that_was_given_anew_by_another_bars_no_more(cast, memos, checked):
    grant(cast.hao, "chief_accountant")
    done = memos.go(checked, (cast.cai, "carry_out"))
    back = memos.go(done, (cast.lin, "return"), given="submitted", note="all again")
    take_away(cast.hao, "dept_manager")
    tasks.reroute()

    again = memos.go(back, (cast.mei, "endorse"), (cast.mei, "check"), (cast.lin, "check"), (cast.cai, "carry_out"))

    assert memos.go(again, (cast.hao, "book")).state == "closed"


def test_a_rejected_paper_ends(cast, memos, submitted, clock):
    clock.set("2026-03-02 09:00")

    case = memos.go(submitted, (cast.hao, "reject"), note="no")

    assert (case.state, case.closed_at is not None, open_tasks(case)) == ("rejected", True, [])
    with pytest.raises(SomebodyWasFirst, match=r"This step is not open any more: the paper is Rejected\."):
        memos.go(case, (cast.hao, "endorse"))


def test_only_who_asked_withdraws(cast, memos, submitted):
    for other in (cast.hao, cast.mei, cast.bo):
        with pytest.raises(NotYours):
            memos.go(submitted, (other, "withdraw"))

    case = memos.go(submitted, (cast.ann, "withdraw"))

    assert (case.state, [task.tab for task in open_tasks(case)]) == ("draft", ["draft"])


def test_a_step_of_the_portal_is_taken_by_no_person(cast, memos, checked):
    with pytest.raises(NotYours):
        memos.go(checked, (cast.ann, "lapse"))

    case = steps.take(None, checked.id, "lapse")

    assert (case.state, history_of(case)[-1].by) == ("lapsed", None)


def test_a_step_exists_only_on_its_route(cast, memos):
    way = [(cast.ann, "submit"), (cast.hao, "endorse"), (cast.mei, "check"), (cast.lin, "check")]
    slow = memos.go(memos.draft(cast.ann, "slow"), *way)
    fast = memos.go(memos.draft(cast.ann, "fast", wish="at once"), *way)

    with pytest.raises(SomebodyWasFirst):
        memos.go(slow, (cast.ann, "hurry"))

    assert [offer.step.name for offer in buttons(cast.ann, slow)] == ["cancel"]
    assert memos.go(fast, (cast.ann, "hurry")).state == "done"


# ---- objections, forms, effects -------------------------------------------------------------------------------------


def test_an_objection_stops_button_and_step_with_the_same_sentence(cast, memos):
    case = memos.draft(cast.ann, wish="")

    (offer, _cancel) = buttons(cast.ann, case)

    assert str(offer.why_not) == "Say what you wish."
    with pytest.raises(Refused, match=r"^Say what you wish\.$"):
        memos.go(case, (cast.ann, "submit"))


def test_what_is_given_with_a_step_is_looked_at(cast, memos, checked):
    with pytest.raises(Mistyped, match="Carry out at least one") as refusal:
        memos.go(checked, (cast.cai, "carry_out"), given=memos.Part(0))
    with pytest.raises(Mistyped, match="Something is missing from this step"):
        memos.go(checked, (cast.cai, "carry_out"), given=None)

    assert refusal.value.field == "pieces"


def test_when_anything_objects_nothing_has_happened(cast, memos):
    account = memos.account(999)
    case = memos.draft(cast.ann, account_id=account)
    before = Case.get_by_id(case.id).__data__

    with pytest.raises(Refused, match="That much is not there any more"):
        memos.go(case, (cast.ann, "submit"))

    assert Case.get_by_id(case.id).__data__ == before
    assert db.row("SELECT COUNT(*) FROM counters") == (0,)
    assert memos.totals(account) == (999, 0, 0)
    assert list(history.verify()) == []


# ---- what holds while the paper is somewhere ------------------------------------------------------------------------

ROADS = {
    "submit": ([("ann", "submit")], 1000),
    "withdraw": ([("ann", "submit"), ("ann", "withdraw")], 0),
    "submit again": ([("ann", "submit"), ("ann", "withdraw"), ("ann", "submit")], 1000),
    "return": ([("ann", "submit"), ("hao", "return")], 0),
    "reject": ([("ann", "submit"), ("hao", "endorse"), ("mei", "reject")], 0),
    "check by one": ([("ann", "submit"), ("hao", "endorse"), ("mei", "check")], 1000),
    "cancel": ([("ann", "submit"), ("hao", "endorse"), ("mei", "check"), ("lin", "check"), ("ann", "cancel")], 0),
    "lapse": ([("ann", "submit"), ("hao", "endorse"), ("mei", "check"), ("lin", "check"), (None, "lapse")], 0),
    "carry out": ([("ann", "submit"), ("hao", "endorse"), ("mei", "check"), ("lin", "check"), ("cai", "carry_out")], 1000),
}


@pytest.mark.parametrize("road", ROADS)
def test_what_holds_in_these_states_begins_and_ends_on_every_road(cast, memos, road):
    account = memos.account(1000)
    case = memos.draft(cast.ann, account_id=account)
    way, held = ROADS[road]

    for user, name in way:
        given = memos.Part(10) if name == "carry_out" else None
        steps.take(user and getattr(cast, user), case.id, name, given=given, note="because")

    assert memos.totals(account) == (1000, held, 0)
    assert list(ledger.verify()) == []


def test_what_was_taken_is_not_released_too(cast, memos):
    account = memos.account(1000)
    case = memos.draft(cast.ann, account_id=account)
    way = [getattr(cast, user) for user in ("ann", "hao", "mei", "lin", "cai", "lin")]

    memos.go(case, *zip(way, ("submit", "endorse", "check", "check", "carry_out", "book"), strict=True))

    assert memos.totals(account) == (1000, 0, 1000)
