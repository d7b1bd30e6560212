"""Papers move by steps: by whom, when, against what they saw, and what happens on every road."""

from datetime import date

import peewee
import pytest

from portal import access, clock, contents, db, history, ledger, offers, steps, tasks
from portal.cases import Case, Task, lines_of, open_tasks
from portal.history import history_of
from portal.notices import Notice
from portal.persons import Grant, Person
from portal.refused import Mistyped, NotThere, NotYours, Refused, SomebodyWasFirst


def grant(person, role, department=None, **more):
    return Grant.create(person=person, role=role, department=department, **{"starts": date(2020, 1, 1), "reason": "test"} | more)


def take_away(person, role):
    Grant.update(revoked_at=clock.now()).where(Grant.person == person, Grant.role == role).execute()


def waiting(case):
    """The open tasks: the post wanted, the post that can act, and whether it is stuck."""
    return [(task.wanted, task.post, bool(task.stuck)) for task in open_tasks(case)]


def head(cast, department="Marketing"):
    return access.post("dept_manager", cast.department(department).id)


@pytest.fixture
def submitted(cast, memos):
    return memos.go(memos.draft(cast.ann), (cast.ann, "submit"))


@pytest.fixture
def endorsed(cast, memos, submitted):
    return memos.go(submitted, (cast.hao, "endorse"))


@pytest.fixture
def checked(cast, memos, endorsed):
    return memos.go(endorsed, (cast.mei, "check"), (cast.lin, "check"))


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

    with pytest.raises(NotYours):
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


# ---- nobody decides their own paper ---------------------------------------------------------------------------------


def cannot(person, case, name, **told):
    before = Case.get_by_id(case.id).events
    with pytest.raises(NotYours):
        steps.take(person, case.id, name, **told)
    assert Case.get_by_id(case.id).events == before
    assert all(offer.why_not for offer in buttons(person, case) if offer.step.name == name)


def buttons(person, case):
    return offers.offered(Case.get_by_id(case.id), person, access.posts_of(person))


@pytest.mark.parametrize("part", ["requester", "preparer", "beneficiary"])
@pytest.mark.parametrize("acting", [False, True], ids=["by right", "as stand-in"])
def test_nobody_decides_a_paper_they_have_a_part_in(cast, memos, part, acting):
    """Bo has a part in the paper and holds every post there is."""
    case = memos.draft(cast.bo if part == "requester" else cast.ann, department=cast.department("Marketing"))
    parts = {each: cast.bo if each == part else cast.ann for each in ("requester", "preparer", "beneficiary")}
    Case.update(**parts).where(Case.id == case.id).execute()
    told = {"acting": acting, "ends": date(2090, 1, 1)}
    for role in ("gm", "chief_accountant", "it_admin", "exec_in_charge"):
        grant(cast.bo, role, **told)
    grant(cast.bo, "dept_manager", cast.department("Marketing"), **told)
    case = memos.go(case, (cast.bo if part == "requester" else cast.ann, "submit"))

    cannot(cast.bo, case, "endorse")
    cannot(cast.bo, case, "reject", note="no")
    case = memos.go(case, (cast.hao, "endorse"))
    cannot(cast.bo, case, "check")


def test_an_administrator_decides_nothing_by_being_one(cast, memos, submitted):
    grant(cast.bo, "it_admin")

    cannot(cast.bo, submitted, "endorse")
    assert buttons(cast.bo, submitted) == []


def test_who_takes_office_after_submitting_still_decides_no_paper_of_their_own(cast, memos, submitted):
    grant(cast.ann, "dept_manager", cast.department("Marketing"))
    tasks.reroute()

    cannot(cast.ann, submitted, "endorse")
    (offer,) = [each for each in buttons(cast.ann, submitted) if each.step.name == "endorse"]
    assert str(offer.why_not) == "You had a part in this paper yourself, so somebody else decides it."


def test_the_schema_itself_refuses_a_barred_persons_signature(cast, memos, submitted):
    for column in ("closed_by_id", "on_behalf_of_id"):
        with pytest.raises(peewee.IntegrityError):
            db.run(f"UPDATE tasks SET closed = 1, {column} = ? WHERE state = 'submitted'", cast.ann.id)

    db.run("UPDATE tasks SET closed = 1, closed_by_id = ? WHERE state = 'submitted'", cast.hao.id)


def test_a_deciding_post_gives_way_to_its_superior_and_says_so(cast, memos):
    case = memos.go(memos.draft(cast.hao), (cast.hao, "submit"))

    assert waiting(case) == [(head(cast), "gm", False)]
    cannot(cast.hao, case, "endorse")
    assert {str(offer.why_not) for offer in buttons(cast.hao, case) if offer.step.name == "endorse"} == {
        "You had a part in this paper yourself, so somebody else decides it."
    }
    assert memos.go(case, (cast.mei, "endorse")).state == "endorsed"


def test_a_post_whose_decision_went_up_sees_who_decides(cast, memos):
    Person.update(active=False).where(Person.id == cast.hao.id).execute()
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))
    Person.update(active=True).where(Person.id == cast.hao.id).execute()

    (endorse, *_others) = buttons(cast.hao, case)

    assert (endorse.step.name, str(endorse.why_not)) == ("endorse", "General manager decides this one.")


def test_a_post_that_carries_out_gets_stuck_and_who_may_appoint_is_told(cast, memos, endorsed):
    grant(cast.bo, "it_admin")
    take_away(cast.cai, "cashier")

    case = memos.go(endorsed, (cast.mei, "check"), (cast.lin, "check"))

    assert waiting(case) == [("cashier", "cashier", True)]
    told = {notice.person.user: str(notice.words()) for notice in Notice.select().where(Notice.topic == "stuck")}
    assert told == dict.fromkeys(("mei", "bo"), f"{case.number} waits for Cashier, and nobody can act there.")
    with pytest.raises(NotYours):
        memos.go(case, (cast.mei, "carry_out"))


def test_who_carries_out_may_be_who_asked(cast, memos):
    case = memos.draft(cast.cai)

    case = memos.go(case, (cast.cai, "submit"), (cast.mei, "endorse"), (cast.mei, "check"), (cast.lin, "check"))

    assert memos.go(case, (cast.cai, "carry_out")).state == "done"


def test_a_step_stands_apart_from_those_it_names(cast, memos, checked):
    grant(cast.cai, "chief_accountant")
    grant(cast.hao, "chief_accountant")

    done = memos.go(checked, (cast.cai, "carry_out"))

    cannot(cast.cai, done, "book")
    cannot(cast.hao, done, "book")
    assert memos.go(done, (cast.lin, "book")).state == "closed"


# ---- when grants change ---------------------------------------------------------------------------------------------


def test_a_task_goes_to_the_superior_when_the_post_falls_vacant_and_back(cast, memos, submitted):
    take_away(cast.hao, "dept_manager")
    changed = tasks.reroute()
    up = waiting(submitted)

    grant(cast.bo, "dept_manager", cast.department("Marketing"))
    tasks.reroute()

    assert (changed, up) == (1, [(head(cast), "gm", False)])
    assert waiting(submitted) == [(head(cast), head(cast), False)]
    assert tasks.reroute() == 0
    assert memos.go(submitted, (cast.bo, "endorse")).state == "endorsed"
    assert [event.facts() for event in history_of(submitted) if event.action == "reroute"] == [
        {"from": head(cast), "to": "gm"},
        {"from": "gm", "to": head(cast)},
    ]
    assert list(history.verify()) == []


def test_who_a_paper_comes_to_by_rerouting_may_read_it(cast, memos, submitted):
    assert not access.may_read(access.posts_of(cast.mei), submitted)

    take_away(cast.hao, "dept_manager")
    tasks.reroute()

    assert access.may_read(access.posts_of(cast.mei), submitted)


def test_a_stuck_task_goes_on_with_a_stand_in(cast, memos, checked):
    take_away(cast.cai, "cashier")
    tasks.reroute()
    stuck = waiting(checked)

    grant(cast.bo, "cashier", acting=True, ends=date(2090, 1, 1))
    tasks.reroute()

    assert (stuck, waiting(checked)) == ([("cashier", "cashier", True)], [("cashier", "cashier", False)])
    assert memos.go(checked, (cast.bo, "carry_out")).state == "done"
    assert history_of(checked)[-1].facts()["acting"] is True


def test_a_grant_that_ends_by_the_clock_ends_the_right_at_once(cast, memos, submitted, clock):
    take_away(cast.hao, "dept_manager")
    grant(cast.bo, "dept_manager", cast.department("Marketing"), ends=date(2026, 3, 2), starts=date(2026, 3, 1))
    clock.set("2026-03-02 23:59")
    assert buttons(cast.bo, submitted)

    clock.set("2026-03-03 00:00")

    cannot(cast.bo, submitted, "endorse")


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
