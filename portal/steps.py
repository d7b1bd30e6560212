"""Papers move: a step is taken on a case as the person saw it, and the tasks of the next state are opened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal import access, clock, db, history, notices, policies, tasks
from portal.access import Role, anyone, system
from portal.cases import Case, Task, let_read, next_number, open_tasks
from portal.flow import BACK, FLOWS, Act, Either, Flow, Step, as_shown, holds_no_more, index, save
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from portal.words import Words, _

longest_note = policies.declare(
    "longest_note", 2000, "it_admin", _("Longest note or comment"), unit=_("characters"), minimum=200, maximum=20000
)

OWN_PART = _("You had a part in this paper yourself, so somebody else decides it.")
_CLOSE = "UPDATE tasks SET closed = ?, closed_by_id = ?, on_behalf_of_id = ?, step = ? WHERE "


def take(
    person: Person | None,
    case_id: int,
    name: str,
    shown: tuple[str, int] | None = None,
    given: Any = None,
    note: str = "",
) -> Case:
    """Takes the step on the case as the person saw it: state and version. `person` is empty for the clock or another paper.

    Raises SomebodyWasFirst, NotYours (recorded), Refused with the objection, Mistyped; then nothing has happened.
    """
    try:
        return _take(person, case_id, name, shown, given, note)
    except NotYours as refusal:
        if not db.is_in_transaction():
            history.refuse(f"{name}", person, str(refusal), "case", case_id)
        raise


@db.transaction
def _take(person: Person | None, case_id: int, name: str, shown: tuple[str, int] | None, given: Any, note: str) -> Case:
    case = as_shown(case_id, *(shown or (None, None)))
    flow = FLOWS[case.kind]
    act = Act(case, person, given=given, note=note.strip(), step=name)
    way = flow.step(case, name, act)
    if way is None:
        raise SomebodyWasFirst(_("This step is not open any more: the paper is %(state)s.", state=flow.state_of(case).label))
    task = _authority(flow, way, act)
    _objections(way, act)
    for effect in way.then:
        effect(act)
    to = _target(flow, way, act)
    if way.each and any(each.id != (task and task.id) for each in open_tasks(case)):
        _move(flow, way, act, task, case.state, leaves=False)
    else:
        _move(flow, way, act, task, to, leaves=task is not None or to != case.state)
    _tell(flow, way, act)
    return case


def _authority(flow: Flow, way: Step, act: Act) -> Task | None:
    """The task that the person takes the step on; none for a step of its own `who`. Raises NotYours."""
    if way.who is system:
        if act.person is not None:
            raise NotYours()
        return None
    assert act.person is not None, f"{way.name} is taken by a person"
    posts = act.posts
    if way.who is not None:
        post = own_post(way, act.case, posts)
        if post is None or (barred := had_a_part(way, act.case, act.person)):
            raise NotYours(barred if post else None)
        act.post = post
        if post != "anyone" and posts.get(post, True):
            act.data["acting"] = True
        return None
    task = next((each for each in open_tasks(act.case) if each.post in posts and not each.bars(act.person)), None)
    if task is None:
        if took_it_already(act.case, act.person):
            raise SomebodyWasFirst(_("You took this step already. Reload to see it."))
        raise NotYours(why_barred(act.case, posts, act.person))
    if why := holds_no_more(flow, way, act):
        raise NotYours(why)
    is_named = task.post != task.wanted and task.post.startswith("#")  # to stand in on this one paper
    act.post = task.wanted if is_named else task.post
    act.data["acting"] = is_named or posts[task.post]
    return task


def own_post(way: Step, case: Case, posts: Iterable[str]) -> str | None:
    if way.who is anyone:
        return "anyone"
    posts = list(posts)
    held = next((wanted for who in way.takers if (wanted := access.wanted_post(who, case)) in posts), None)
    if held or not any(isinstance(who, Role) for who in way.takers):
        return held
    return tasks.stands_in(way, case, next((post for post in posts if post.startswith("#")), ""))


def had_a_part(way: Step, case: Case, person: Person) -> Words | None:
    """A role that takes a step of its own, such as consent by phone, decides too: not on a paper of one's own."""
    decides = any(isinstance(who, Role) for who in way.takers)
    return OWN_PART if decides and person.id in tasks.barred_by_part(FLOWS[case.kind].state_of(case), case) else None


def took_it_already(case: Case, person: Person) -> bool:
    """Whether the person signed in this state, which still waits for others."""
    waiting = open_tasks(case)
    mine = "SELECT 1 FROM tasks WHERE case_id = ? AND state = ? AND closed_by_id = ? AND opened = ?"
    return bool(waiting and db.row(mine, case.id, case.state, person.id, db.to_ms(waiting[0].opened)))


def why_barred(case: Case, posts: dict[str, bool], person: Person) -> Words | None:
    for task in open_tasks(case):
        if (task.post in posts or task.wanted in posts) and task.bars(person):
            return OWN_PART
    return None


def _objections(way: Step, act: Act) -> None:
    for objection in way.unless:
        if why := objection(act):
            raise Refused(why)
    if len(act.note) > longest_note():
        raise Mistyped(_("The note is too long: at most %(most)s characters.", most=longest_note()), "note")
    if way.note and not act.note:
        raise Mistyped(_("Say why, so that the others can follow."), "note")
    if way.form:
        if act.given is None:
            raise Mistyped(_("Something is missing from this step."))
        act.given.why_not(act)


def _target(flow: Flow, way: Step, act: Act) -> str:
    if isinstance(way.to, Either):
        return way.to.then if way.to.test(act) else way.to.otherwise
    if way.to != BACK:
        return way.to
    chosen = act.given if isinstance(act.given, str) and act.given else flow.first
    if chosen not in been_in(act.case):
        raise Mistyped(_("It can only go back to a state it has been in."), "to")
    return chosen


def been_in(case: Case) -> list[str]:
    """The earlier states a return may choose, in the flow's order."""
    flow = FLOWS[case.kind]
    seen = {state for (state,) in db.rows("SELECT before FROM events WHERE thing = 'case' AND thing_id = ?", case.id)}
    order = list(flow.states)
    return [name for name in order if name in seen and order.index(name) < order.index(case.state)]


def _move(flow: Flow, way: Step, act: Act, task: Task | None, to: str, leaves: bool) -> None:
    """In this order: what ends and begins, the event, the tasks closed, number and state, the tasks opened. A step that leads
    to where the paper is, such as a part received, `leaves` it and comes again: its tasks are opened anew."""
    case, before = act.case, act.case.state
    for each in flow.during:
        if before in each.states and to not in each.states:
            each.end(act)
        elif to in each.states and before not in each.states:
            each.begin(act)
    readers = {f"#{act.person.id}"} if act.person else set()
    is_first = case.number is None and before == flow.first and to != before
    if is_first:
        _number(flow, case)
        readers |= {access.wanted_post(role, case) for role in flow.reads}
    events = case.events
    history.write(
        case, way.name, act.person, on_behalf_of=act.on_behalf_of, post=act.post, before=before, after=to,
        version=case.version, note=act.note, data=act.data,
    )  # fmt: skip
    _close_tasks(case, act, way, task, leaves)
    case.state = to
    case.closed_at = clock.now() if flow.states[to].is_end else None
    save(case, before, case.version, events)
    if leaves:
        tab = "returned" if way.to == BACK else "draft" if to == flow.first else "waiting"
        readers |= tasks.open_for(flow, act, tab)
    if let_read(case, readers) or is_first:
        index(case)


def _number(flow: Flow, case: Case) -> None:
    """The number is given when the paper is first submitted."""
    case.number = next_number(flow.prefix)
    case.submitted_at = clock.now()


def _close_tasks(case: Case, act: Act, way: Step, task: Task | None, leaves: bool) -> None:
    """The task the step was taken on is closed by its taker; when the case leaves the others fall away."""
    now = db.to_ms(clock.now())
    if task is not None:
        on_behalf_of = act.on_behalf_of and act.on_behalf_of.id
        db.run(_CLOSE + "id = ? AND closed IS NULL", now, act.person and act.person.id, on_behalf_of, way.name, task.id)
    if leaves:
        db.run(_CLOSE + "case_id = ? AND closed IS NULL", now, None, None, way.name, case.id)


def _tell(flow: Flow, way: Step, act: Act) -> None:
    """Those the paper is about hear of what others decided."""
    case = act.case
    concerned = {case.requester_id, case.preparer_id, case.beneficiary_id} - {act.person.id if act.person else 0}
    if case.kind in access.WITHHELD:
        concerned = {key for key in concerned if access.may_read(access.posts_of(Person.get_by_id(key)), case)}
    if way.who is system or (act.person and concerned):
        said = way.said(act.person.called if act.person else "")
        text = _("%(number)s %(title)s: %(what)s.", number=case.number or "", title=case.title, what=said)
        notices.tell(concerned, "decided", text, case)


@db.transaction
def comment(person: Person, case_id: int, text: str, mentioned: list[Person]) -> Case:
    """Adds to the timeline. Who is mentioned is told, and must be one who may read the paper and what it says."""
    case = as_shown(case_id, None, None)
    text = text.strip()
    if not text or len(text) > longest_note():
        raise Mistyped(_("Write a comment of at most %(most)s characters.", most=longest_note()), "note")
    for other in (person, *mentioned):
        if not access.may_read_all(access.posts_of(other), case):
            raise Mistyped(_("%(who)s may not see this paper.", who=other.called), "note")
    history.record(case, "comment", person, before=case.state, after=case.state, version=case.version, note=text)
    number = case.number or case.title
    notices.tell(
        [each.id for each in mentioned],
        "mentioned",
        _("%(who)s mentioned you on %(number)s.", who=person.called, number=number),
        case,
    )
    return case
