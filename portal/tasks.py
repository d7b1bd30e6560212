"""What a paper waits for: tasks are opened when a state is entered, and asked again who can act when grants change."""

from __future__ import annotations

from typing import Any

from peewee import CharField, CompositeKey, ForeignKeyField

from portal import access, clock, db, history, notices
from portal.access import Relation, Role, Who
from portal.cases import Case, Task, let_read, open_tasks
from portal.db import MomentField, Table
from portal.flow import FLOWS, Act, Flow, State, Step, applies, as_shown, concerned, index
from portal.history import told_of
from portal.persons import LEVELS, Person
from portal.refused import Mistyped, NotYours, Refused
from portal.words import Words, _


class Appointed(Table):
    """Who stands in for a post on one paper, where nobody in the post may act on it."""

    case = ForeignKeyField(Case)
    post = CharField(max_length=40)
    person = ForeignKeyField(Person)
    by = ForeignKeyField(Person)
    at = MomentField()

    class Meta:
        table_name = "appointed"
        primary_key = CompositeKey("case", "post")


def open_for(flow: Flow, act: Act, tab: str = "waiting") -> set[str]:
    """Opens a task for each post the state waits for; answers the posts that must be able to read the case."""
    case, posts = act.case, set()
    here = flow.state_of(case)
    now, due = clock.now(), here.due(act) if here.due else clock.FAR_FUTURE
    for who in here.waits_for:
        barred = barred_from(here, case)
        wanted, post, stuck = acts_here(who, case, barred, here)
        Task.add(
            case=case, state=here.name, wanted=wanted, post=post, barred=_list(barred), stuck=int(stuck), tab=tab,
            opened=now, due=due,
        )  # fmt: skip
        posts |= {wanted, post}
        if stuck:
            tell_stuck(case, wanted)
    return posts


def acts_here(who: Who, case: Case, barred: set[int], here: State) -> tuple[str, str, bool]:
    """As `access.who_acts` says; where that is nobody, who was named to stand in on this paper."""
    wanted, post, stuck = access.who_acts(who, case, barred, here.stands_fast)
    named = named_for(case, wanted, barred) if stuck else None
    return (wanted, named, False) if named else (wanted, post, stuck)


def barred_from(here: State, case: Case) -> set[int]:
    """Who may not act on the state's tasks: those the paper is about, and those who took a step it must stand apart from."""
    if all(isinstance(who, Relation) for who in here.waits_for):
        return set()
    barred = barred_by_part(here, case)
    apart = {name for way in here.steps for name in way.apart_from}
    return barred | signed(apart, case) if apart else barred


def barred_by_part(here: State, case: Case) -> set[int]:
    """Those the paper is about where it is decided, and whom the state names to stand apart."""
    barred = set() if here.carries_out else concerned(case)
    return barred.union(*(others(case) for others in here.apart))


def signed(names: set[str], case: Case) -> set[int]:
    """Who took one of these steps, where the signature still stands: the paper has not gone back to that state or before it."""
    order = list(FLOWS[case.kind].states)
    standing: list[tuple[int, set[int]]] = []
    for _n, _at, _post, action, before, after, *_told, by, _name, _name_en, other, _other, _other_en in told_of("case", case.id):
        if before and order.index(after) < order.index(before):
            standing = [(place, signers) for place, signers in standing if place < order.index(after)]
        if action in names:
            standing.append((order.index(before), {person for person in (by, other) if person}))
    return {person for _place, signers in standing for person in signers}


def _list(people: set[int]) -> str:
    return "," + "".join(f"{person}," for person in sorted(people))


def tell_stuck(case: Case, post: str) -> None:
    """Nobody can act: who may appoint a stand-in is told."""
    text = _(
        "%(number)s waits for %(post)s, and nobody can act there.", number=case.number or case.title, post=access.post_label(post)
    )
    told = [person.id for role in ("gm", "it_admin") for person in access.holders(role)]
    notices.tell(told, "stuck", text, case)


# ---- who stands in on one paper -------------------------------------------------------------------------------------


def named_for(case: Case, wanted: str, barred: set[int]) -> str | None:
    """The person's own post of who was named to stand in for this one here, as long as that person still may."""
    named = next((each for each in Appointed.where("case_id = ?", case.id) if each.post == wanted), None)
    if named is None or named.person_id in barred or _unfit(named.person, wanted):
        return None
    return f"#{named.person_id}"


def stands_in(way: Step, case: Case, own: str) -> str | None:
    """The post for which a person (by their own post) was named, for a step that is carried out and opens no task; none once
    somebody in the post may take it."""
    here = FLOWS[case.kind].state_of(case)
    wanted = _own_post_of(way, case, here)
    barred = barred_by_part(here, case) if wanted else set()
    return wanted if wanted and not _free(wanted, barred) and named_for(case, wanted, barred) == own else None


def missing(case: Case, waiting: list[Task] | None = None) -> dict[str, set[int]]:
    """The posts in which nobody can act on the paper now, each with who is barred: those its tasks are stuck in, and where it is
    carried out those of steps that open none, such as money brought back. `waiting` are its tasks, where they are known."""
    here = FLOWS[case.kind].state_of(case)
    tasks = open_tasks(case) if waiting is None else waiting
    stuck = [task for task in tasks if task.stuck and access.split_post(task.wanted)[0] != "#"]
    found = {task.wanted: {int(each) for each in task.barred.split(",") if each} for task in stuck}
    own = [(way, wanted) for way in here.steps if (wanted := _own_post_of(way, case, here))]
    act, barred = Act(case, None), barred_by_part(here, case) if own else set()
    for way, wanted in own:
        if _free(wanted, barred) or named_for(case, wanted, barred):
            continue
        if applies(way, act) and not any(why_not(act) for why_not in way.unless):
            found.setdefault(wanted, barred)
    return found


def _own_post_of(way: Step, case: Case, here: State) -> str | None:
    """The post of a step that opens no task, where the paper is carried out."""
    roles = [who for who in way.takers if isinstance(who, Role)]
    return access.wanted_post(roles[0], case) if roles and here.carries_out else None


def _free(post: str, barred: set[int]) -> bool:
    return any(person not in barred for person in access.holder_ids(post))


def candidates(case: Case, wanted: str) -> list[Person]:
    """Who may be named to stand in for the post on this paper."""
    barred = missing(case).get(wanted, set())
    people = Person.where("active ORDER BY name, id")
    return [person for person in people if person.id not in barred and not _unfit(person, wanted)]


def _unfit(person: Person, wanted: str) -> Words | None:
    """What the person lacks for the post: the level, or that nobody holds with it what this person holds (GEN-04)."""
    role = access.ROLES[access.split_post(wanted)[0]]
    if not person.active:
        return _("%(who)s works here no more.", who=person.called)
    if list(LEVELS).index(person.level) < list(LEVELS).index(role.level):
        return _("%(who)s has not the level that %(role)s needs.", who=person.called, role=role.label)
    others = [key for pair in access.CLASHES if role.key in pair for key in pair if key != role.key]
    if clash := next((key for key in others if person.id in access.holder_ids(key)), None):
        return _("%(who)s is %(held)s: nobody is both.", who=person.called, held=access.ROLES[clash].label)
    return None


@db.transaction
def appoint(person: Person, case_id: int, version: int, wanted: str, stand_in: Person | None, reason: str) -> Case:
    """The general manager names who acts for a post on this one paper, where nobody in the post may: never somebody who had a
    part in it, and what no person may hold together (GEN-04) is not held here either. Who decides the manager's own paper is
    named by a grant, never by the manager."""
    case = as_shown(case_id, None, version)
    if "gm" not in access.posts_of(person):
        raise NotYours(_("The general manager names who stands in on a paper."))
    barred = missing(case).get(wanted)
    if barred is None:
        raise Refused(_("Nobody is missing here any more. Reload to see it."))
    if person.id in barred and not FLOWS[case.kind].state_of(case).carries_out:
        raise NotYours(_("You have a part in this paper yourself: who decides it is not yours to name."))
    _check_appointed(person, wanted, stand_in, barred, reason)
    assert stand_in is not None
    Appointed.delete().where(Appointed.case == case, Appointed.post == wanted).execute()
    Appointed.add(case=case, post=wanted, person=stand_in, by=person, at=clock.now())
    told: dict[str, Any] = {"post": wanted, "person": stand_in.id}
    history.record(
        case, "appoint", person, before=case.state, after=case.state, version=case.version, note=reason.strip(), data=told
    )
    _let_in(case, stand_in, wanted)
    number = case.number or case.title
    text = _("You stand in as %(post)s on %(number)s.", post=access.post_label(wanted), number=number)
    notices.tell([stand_in.id], "appointed", text, case)
    return Case.get_by_id(case.id)


def _check_appointed(by: Person, wanted: str, stand_in: Person | None, barred: set[int], reason: str) -> None:
    if stand_in is None:
        raise Mistyped(_("Choose who stands in."), "person")
    if stand_in.id == by.id:
        raise Mistyped(_("Name somebody else than yourself."), "person")
    if stand_in.id in barred:
        raise Mistyped(_("%(who)s had a part in this paper.", who=stand_in.called), "person")
    if why := _unfit(stand_in, wanted):
        raise Mistyped(why, "person")
    if not reason.strip():
        raise Mistyped(_("Say why, so that the others can follow."), "reason")


def _let_in(case: Case, stand_in: Person, wanted: str) -> None:
    """The stand-in may read the paper, and what waits there waits for them now."""
    for task in open_tasks(case):
        if task.wanted == wanted:
            _reroute(task)
    case = Case.get_by_id(case.id)
    if let_read(case, {f"#{stand_in.id}"}):
        index(case)


@db.transaction
def reroute() -> int:
    """Asks again which post can act on each open task: with every change of grants, and by a job. Answers how many changed."""
    return sum(_reroute(task) for task in Task.select(Task, Case).join(Case).where(Task.closed.is_null()).order_by(Task.id))


def _reroute(task: Task) -> bool:
    case = task.case
    here = FLOWS[case.kind].states[task.state]
    barred = {int(each) for each in task.barred.split(",") if each}
    asked = [(who, access.wanted_post(who, case)) for who in here.waits_for]
    who = next((who for who, wanted in asked if wanted == task.wanted), here.waits_for[0])
    wanted, post, stuck = acts_here(who, case, barred, here)
    if (wanted, post, stuck) == (task.wanted, task.post, bool(task.stuck)):
        return False
    Task.update(wanted=wanted, post=post, stuck=int(stuck)).where(Task.id == task.id, Task.closed.is_null()).execute()
    case = Case.get_by_id(case.id)  # an earlier task of it may have been rerouted just now
    if let_read(case, {wanted, post}):
        index(case)
    history.record(
        case, "reroute", before=case.state, after=case.state, version=case.version, data={"from": task.post, "to": post}
    )
    if stuck:
        tell_stuck(case, wanted)
    return True
