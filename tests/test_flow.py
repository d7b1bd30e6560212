"""What the table of every flow says is what happens: the wrong person and the wrong moment, for every step of every flow."""

from datetime import date

import pytest

from portal import access, clock, flow, modules, offers, policies, steps, tasks
from portal.access import Relation, Role, anyone, cashier, gm, it_admin, system
from portal.cases import Case, Task, open_tasks
from portal.flow import BACK, FLOWS, Act, Either, Flow, state, step, working_days
from portal.history import Refusal
from portal.persons import Grant, Person
from portal.refused import NotYours, SomebodyWasFirst
from portal.words import Words
from tests import memo
from tests.papers import DRAFTS

modules.load()
STEPS = [(each.name, here.name, way.name) for each in FLOWS.values() for here in each.states.values() for way in here.steps]
NAMED = sorted({(kind, name) for kind, _state, name in STEPS})
ONCE = dict.fromkeys(STEPS)  # two steps may share a name if their routes exclude each other


def put_into(case: Case, where: str) -> Case:
    """The paper in that state, with the tasks of it, however it would have come there."""
    Task.delete().where(Task.case == case).execute()
    Case.update(state=where).where(Case.id == case.id).execute()
    case = Case.get_by_id(case.id)
    tasks.open_for(FLOWS[case.kind], Act(case, None))
    return case


def ways_named(kind, where, name):
    return [way for way in FLOWS[kind].states[where].steps if way.name == name]


def decides(kind, where, name):
    here = FLOWS[kind].states[where]
    by_role = any(isinstance(who, Role) for who in here.waits_for)
    return by_role and not here.carries_out and any(way.who is None for way in ways_named(kind, where, name))


def stands_as(case):
    return Case.get_by_id(case.id).__data__, [task.__data__ for task in open_tasks(case)]


@pytest.mark.no_database
def test_every_kind_of_paper_is_tried():
    assert set(FLOWS) <= set(DRAFTS), "tests/papers.py says how a draft of every kind is made"


@pytest.mark.parametrize(("kind", "where", "name"), ONCE)
def test_the_wrong_person_takes_no_step(cast, kind, where, name):
    """Bo is nobody here; as administrator he is nobody still, unless the rulebook names administrators."""
    ways = ways_named(kind, where, name)
    if any(way.who is anyone for way in ways):
        pytest.skip("everybody may")
    case = put_into(DRAFTS[kind](cast), where)
    if not any(way.who is it_admin for way in FLOWS[kind].states[where].steps):
        Grant.create(person=cast.bo, role="it_admin", starts=date(2020, 1, 1))
    before = stands_as(case)

    with pytest.raises((NotYours, SomebodyWasFirst)) as refusal:
        steps.take(cast.bo, case.id, name, (where, case.version), note="because")

    assert stands_as(case) == before
    applies = [way for way in ways if flow.applies(way, Act(case, cast.bo))]
    assert refusal.type is (NotYours if applies else SomebodyWasFirst)
    assert Refusal.select().where(Refusal.person == cast.bo).count() == bool(applies)
    assert offers.offered(case, cast.bo, access.posts_of(cast.bo)) == []


DECIDING = [each for each in ONCE if decides(*each)]


@pytest.mark.parametrize(("kind", "where", "name"), DECIDING)
def test_who_asked_takes_no_step_that_decides(cast, kind, where, name):
    """Hao asked, and holds every role a flow may name."""
    deciding = [way for way in ways_named(kind, where, name) if way.who is None]
    case = DRAFTS[kind](cast)
    for role in access.ROLES.values():
        if role.key not in access.DERIVED:
            Grant.create(person=cast.hao, role=role.key, department=None, starts=date(2020, 1, 1))
    case = put_into(case, where)

    with pytest.raises((NotYours, SomebodyWasFirst)):
        steps.take(cast.hao, case.id, name, note="because")

    assert all(offer.why_not for offer in offers.offered(case, cast.hao, access.posts_of(cast.hao)) if offer.step in deciding)


@pytest.mark.parametrize(("kind", "name"), NAMED)
def test_no_step_is_taken_at_the_wrong_moment(cast, kind, name):
    case = DRAFTS[kind](cast)

    for where, here in FLOWS[kind].states.items():
        if name in {way.name for way in here.steps}:
            continue
        case = put_into(case, where)
        before = stands_as(case)
        for person in Person.select():
            with pytest.raises(SomebodyWasFirst, match="This step is not open any more"):
                steps.take(person, case.id, name, note="because")
        assert stands_as(case) == before


@pytest.mark.parametrize(
    ("kind", "where", "name"), [each for each in ONCE if any(way.who is system for way in ways_named(*each))]
)
def test_the_portals_own_steps_are_taken_by_nobody_else(cast, kind, where, name):
    case = put_into(DRAFTS[kind](cast), where)

    for person in Person.select():
        with pytest.raises(NotYours):
            steps.take(person, case.id, name)


@pytest.mark.parametrize("kind", FLOWS)
@pytest.mark.no_database
def test_every_state_that_is_no_end_can_be_left_and_reached(kind):
    states = FLOWS[kind].states
    reached, front = set(), [FLOWS[kind].first]
    while front:
        here = front.pop()
        reached.add(here)
        for way in states[here].steps:
            targets = [way.to.then, way.to.otherwise] if isinstance(way.to, Either) else [way.to] if way.to != BACK else []
            front += [target for target in targets if target not in reached]

    assert reached == set(states)
    assert all(here.is_end or here.waits_for or any(way.who for way in here.steps) for here in states.values())


@pytest.mark.parametrize("kind", FLOWS)
@pytest.mark.no_database
def test_every_step_back_or_out_needs_a_note_and_has_its_words(kind):
    for here in FLOWS[kind].states.values():
        assert str(here.label)
        for way in here.steps:
            assert str(way.label)
            assert "Ann" in str(way.said("Ann")) or way.who is system
            assert way.note or way.name not in ("return", "reject")


@pytest.mark.parametrize("kind", FLOWS)
@pytest.mark.no_database
def test_posts_that_carry_out_are_said_to(kind):
    """A cashier's superior must not pay."""
    for here in FLOWS[kind].states.values():
        for who in here.waits_for:
            if who == cashier:
                assert here.carries_out, f"{kind}: {here.name}"


def test_a_flow_that_leads_nowhere_is_found_when_its_file_is_read():
    with pytest.raises(AssertionError, match=r"broken: draft\.submit leads nowhere: sent"):
        Flow("broken", state("draft", gm, step("submit", "sent")), prefix="X", label=Words("X"), detail=memo.Memo)

    assert "broken" not in FLOWS


def test_a_task_is_due_as_its_state_says(cast, memos, clock):
    clock.set("2026-03-06 17:00")
    allowed = policies.Policy("test", 2, "gm", Words("x"))
    due = working_days(allowed)(Act(memos.draft(cast.ann), None))

    assert access.clock.local(due).strftime("%Y-%m-%d %H:%M") == "2026-03-10 23:59"


def test_a_state_without_a_deadline_is_due_in_the_far_future(cast, memos):
    case = memos.draft(cast.ann)

    assert [task.due for task in open_tasks(case)] == [clock.FAR_FUTURE]


def test_the_forecast_names_who_will_act(cast, memos):
    case = memos.draft(cast.ann)

    ahead = [(each.state.name, each.post, [person.user for person in each.people], each.stuck) for each in offers.forecast(case)]

    head = access.post("dept_manager", cast.ann.department.id)
    assert ahead == [
        ("submitted", head, ["hao"], False),
        ("endorsed", "gm", ["mei"], False),
        ("endorsed", "chief_accountant", ["lin"], False),
        ("checked", "cashier", ["cai"], False),
    ]


def test_the_forecast_gives_way_as_the_tasks_will(cast, memos):
    case = memos.draft(cast.hao)
    (submitted, *_rest) = offers.forecast(case)

    case = memos.go(case, (cast.hao, "submit"))

    assert submitted.post == open_tasks(case)[0].post == "gm"
    assert [person.user for person in submitted.people] == ["mei"]


def test_the_forecast_says_where_nobody_can_act(cast, memos):
    Person.update(active=False).where(Person.id == cast.cai.id).execute()

    *_before, checked = offers.forecast(memos.draft(cast.ann))

    assert (checked.state.name, checked.people, checked.stuck) == ("checked", (), True)


def test_a_flow_names_its_roles_in_order():
    assert [role.key for role in offers.roles_in(memo.flow)] == ["dept_manager", "gm", "chief_accountant", "cashier"]


def test_a_row_taken_out_of_the_flow_takes_button_and_step_with_it(cast, memos, monkeypatch):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))
    here = memos.flow.states["submitted"]
    without = flow.State(here.name, here.waits_for, tuple(way for way in here.steps if way.name != "endorse"))

    monkeypatch.setitem(memos.flow.states, "submitted", without)

    assert "endorse" not in {offer.step.name for offer in offers.offered(case, cast.hao, access.posts_of(cast.hao))}
    with pytest.raises(SomebodyWasFirst):
        memos.go(case, (cast.hao, "endorse"))


@pytest.mark.no_database
def test_whom_a_flow_may_name():
    named = {type(who) for each in FLOWS.values() for here in each.states.values() for who in here.waits_for}

    assert named <= {Role, Relation}
