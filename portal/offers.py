"""What may be done next on a paper: the buttons of a person, and who will act until the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal import access
from portal.access import Relation, Role, requester, system
from portal.cases import Case, Task, open_tasks
from portal.flow import BACK, FLOWS, Act, Either, Flow, State, Step, applies, holds_no_more
from portal.persons import Person
from portal.steps import had_a_part, own_post, why_barred
from portal.tasks import acts_here, barred_from
from portal.words import Words, _


@dataclass(frozen=True)
class Offer:
    """A step as its button: it may be pressed, or `why_not` says what stands against it."""

    step: Step
    why_not: Words | None = None
    acting: bool = False


def offered(case: Case, person: Person, posts: dict[str, bool]) -> list[Offer]:
    """The person's steps here. Who is not named sees none; who is named but stopped sees it with the sentence."""
    flow = FLOWS[case.kind]
    tasks = open_tasks(case)
    offers = []
    for way in flow.state_of(case).steps:
        act = Act(case, person, step=way.name, held=posts)
        if way.who is system or not applies(way, act):
            continue
        if way.who is not None:
            if own_post(way, case, posts):
                offers.append(Offer(way, had_a_part(way, case, person) or _first_objection(way, act)))
            continue
        mine = [task for task in tasks if task.post in posts or task.wanted in posts]
        if not mine:
            continue
        free = [task for task in mine if task.post in posts and not task.bars(person)]
        why_not = _why_not(flow, way, act) if free else why_barred(case, posts, person) or _given_way(mine[0])
        offers.append(Offer(way, why_not, bool(free and posts[free[0].post])))
    return offers


def _why_not(flow: Flow, way: Step, act: Act) -> Words | None:
    return holds_no_more(flow, way, act) or _first_objection(way, act)


def _first_objection(way: Step, act: Act) -> Words | None:
    return next((why for why in (objection(act) for objection in way.unless) if why), None)


def _given_way(task: Task) -> Words:
    return _("%(post)s decides this one.", post=access.post_label(task.post))


@dataclass(frozen=True)
class Ahead:
    """A state still to come, whom it will wait for."""

    state: State
    post: str
    people: tuple[Person, ...]
    stuck: bool


def forecast(case: Case, limit: int = 12, paper: Any = None) -> list[Ahead]:
    """The states ahead along the first step that applies, with the people who will act. The case may be one not yet kept, its
    `paper` what is typed so far."""
    flow = FLOWS[case.kind]
    ahead, here = [], flow.state_of(case)
    act = Act(case, None)
    if paper is not None:
        act.paper = paper
    for _count in range(limit):
        ways = [way for way in here.steps if way.to != BACK and way.who is None and applies(way, act)]
        if not ways or isinstance(ways[0].to, Either):
            break
        here = flow.states[ways[0].to]
        if here.is_end:
            break
        ahead += [_ahead(here, who, case) for who in here.waits_for]
    return ahead


def _ahead(here: State, who: access.Who, case: Case) -> Ahead:
    if not case.id and isinstance(who, Relation):  # whom the paper will name is not known before it is kept, but for who asks
        return Ahead(here, "", (case.requester,) if who is requester else (), False)
    barred = barred_from(here, case) if case.id else set() if here.carries_out else {case.requester_id, case.beneficiary_id}
    _wanted, post, stuck = acts_here(who, case, barred, here)
    people = tuple(person for person in access.holders(post) if person.id not in barred)
    return Ahead(here, post, people, stuck)


def roles_in(flow: Flow) -> list[Role]:
    """The roles a flow names, in order."""
    named = [
        who for each in flow.states.values() for who in (*each.waits_for, *(who for way in each.steps for who in way.takers))
    ]
    return list(dict.fromkeys(who for who in named if isinstance(who, Role)))
