"""What a paper waits for: tasks are opened when a state is entered, and asked again who can act when grants change."""

from __future__ import annotations

from typing import Any

from peewee import CharField, CompositeKey, ForeignKeyField

from portal import access, clock, db, history, notices
from portal.access import Relation, Who
from portal.cases import Case, Task, let_read
from portal.db import MomentField, Table
from portal.flow import FLOWS, Act, Flow, State, as_shown, concerned, index
from portal.history import told_of
from portal.persons import LEVELS, Person
from portal.refused import Mistyped, NotYours, Refused
from portal.words import _


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
    named = Appointed.find("case_id = ? AND post = ?", case.id, wanted) if stuck else None
    if named is None or named.person_id in barred or not access.holder_ids(f"#{named.person_id}"):
        return wanted, post, stuck
    return wanted, f"#{named.person_id}", False


def barred_from(here: State, case: Case) -> set[int]:
    """Who may not act on the state's tasks: those the paper is about, and those who took a step it must stand apart from."""
    if all(isinstance(who, Relation) for who in here.waits_for):
        return set()
    barred = set() if here.carries_out else concerned(case)
    barred = barred.union(*(others(case) for others in here.apart))
    apart = {name for way in here.steps for name in way.apart_from}
    return barred | _signed(apart, case) if apart else barred


def _signed(names: set[str], case: Case) -> set[int]:
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


@db.transaction
def appoint(person: Person, case_id: int, version: int, wanted: str, stand_in: Person, reason: str) -> Case:
    """The general manager names who acts for a post on this one paper, where nobody in the post may: never somebody who had a
    part in it, and what no person may hold together (GEN-04) is not held here either."""
    case = as_shown(case_id, None, version)
    if "gm" not in access.posts_of(person):
        raise NotYours(_("The general manager names who stands in on a paper."))
    task = Task.find("case_id = ? AND wanted = ? AND stuck = 1 AND closed IS NULL", case.id, wanted)
    if task is None:
        raise Refused(_("Nobody is missing here any more. Reload to see it."))
    _check_appointed(task, stand_in, reason)
    Appointed.delete().where(Appointed.case == case, Appointed.post == wanted).execute()
    Appointed.add(case=case, post=wanted, person=stand_in, by=person, at=clock.now())
    told: dict[str, Any] = {"post": wanted, "person": stand_in.id}
    history.record(case, "appoint", person, before=case.state, after=case.state, version=case.version, note=reason, data=told)
    _reroute(Task.get_by_id(task.id))
    number = case.number or case.title
    notices.tell([stand_in.id], "appointed", _("You stand in on %(number)s.", number=number), case)
    return Case.get_by_id(case.id)


def _check_appointed(task: Task, stand_in: Person, reason: str) -> None:
    role = access.ROLES[access.split_post(task.wanted)[0]]
    held = {access.split_post(post)[0] for post in access.posts_of(stand_in)}
    if not stand_in.active or task.bars(stand_in):
        raise Mistyped(_("%(who)s had a part in this paper or works here no more.", who=stand_in.called), "person")
    if list(LEVELS).index(stand_in.level) < list(LEVELS).index(role.level):
        raise Mistyped(_("%(who)s has not the level that %(role)s needs.", who=stand_in.called, role=role.label), "person")
    if clash := next((key for key in held if frozenset({key, role.key}) in access.CLASHES), None):
        raise Mistyped(_("%(who)s is %(held)s: nobody is both.", who=stand_in.called, held=access.ROLES[clash].label), "person")
    if not reason.strip():
        raise Mistyped(_("Say why, so that the others can follow."), "reason")


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
