"""What a paper waits for: tasks are opened when a state is entered, and asked again who can act when grants change."""

from __future__ import annotations

from portal import access, clock, db, history, notices
from portal.access import Relation
from portal.cases import Case, Task, let_read
from portal.flow import FLOWS, Act, Flow, State, index
from portal.history import told_of
from portal.words import _


def open_for(flow: Flow, act: Act, tab: str = "waiting") -> set[str]:
    """Opens a task for each post the state waits for; answers the posts that must be able to read the case."""
    case, posts = act.case, set()
    here = flow.state_of(case)
    now, due = clock.now(), here.due(act) if here.due else clock.FAR_FUTURE
    for who in here.waits_for:
        barred = barred_from(here, case)
        wanted, post, stuck = access.who_acts(who, case, barred, here.stands_fast)
        Task.add(
            case=case, state=here.name, wanted=wanted, post=post, barred=_list(barred), stuck=int(stuck), tab=tab,
            opened=now, due=due,
        )  # fmt: skip
        posts |= {wanted, post}
        if stuck:
            tell_stuck(case, wanted)
    return posts


def barred_from(here: State, case: Case) -> set[int]:
    """Who may not act on the state's tasks: those the paper is about, and those who took a step it must stand apart from."""
    if all(isinstance(who, Relation) for who in here.waits_for):
        return set()
    barred = set() if here.carries_out else {case.requester_id, case.preparer_id, case.beneficiary_id}
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
def reroute() -> int:
    """Asks again which post can act on each open task: with every change of grants, and by a job. Answers how many changed."""
    return sum(_reroute(task) for task in Task.select(Task, Case).join(Case).where(Task.closed.is_null()).order_by(Task.id))


def _reroute(task: Task) -> bool:
    case = task.case
    here = FLOWS[case.kind].states[task.state]
    barred = {int(each) for each in task.barred.split(",") if each}
    asked = [(who, access.wanted_post(who, case)) for who in here.waits_for]
    who = next((who for who, wanted in asked if wanted == task.wanted), here.waits_for[0])
    wanted, post, stuck = access.who_acts(who, case, barred, here.stands_fast)
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
