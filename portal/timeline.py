"""What a paper has been through, where it stands, who acts next, and which papers belong to it: as its pages tell it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from portal import access, clock, db, history
from portal.access import ROLES
from portal.cases import Case, Task
from portal.flow import FLOWS, Flow, State
from portal.history import Event
from portal.money import Money
from portal.offers import Ahead
from portal.terms import SAID
from portal.words import Name, Words, _

_CASE = """
SELECT d.name, d.name_en, r.name, r.name_en, b.name, b.name_en,
       EXISTS (SELECT 1 FROM attachments a WHERE a.thing = 'case' AND a.thing_id = k.id AND a.removed_at IS NULL),
       k.parent_id IS NOT NULL OR EXISTS (SELECT 1 FROM cases c WHERE c.parent_id = k.id), %s
FROM cases k JOIN departments d ON d.id = k.department_id JOIN persons r ON r.id = k.requester_id
JOIN persons b ON b.id = k.beneficiary_id
WHERE k.id = ? AND EXISTS (SELECT 1 FROM readers e WHERE e.case_id = k.id AND e.post IN (%s))
"""
_LINKED = """
SELECT id, kind, number, title, state, parent_id FROM cases k
WHERE (parent_id = ? OR id = ?) AND EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN (%s))
ORDER BY id LIMIT 51
"""


# ---- who ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Read:
    """A case as a page reads it, with the names of whom it concerns, in one statement."""

    case: Case
    department: Name
    requester: Name
    beneficiary: Name
    has_files: bool
    has_links: bool

    @property
    def names(self) -> dict[int, Name]:
        return {self.case.requester_id: self.requester, self.case.beneficiary_id: self.beneficiary}


def read_case(case_id: int, posts: Iterable[str]) -> Read | None:
    """The case, if one of these posts may read it."""
    posts = list(posts)
    columns = ", ".join(f"k.{field.column_name}" for field in Case._meta.sorted_fields)
    found = db.row(_CASE % (columns, db.marks(posts) or "NULL"), case_id, *posts)
    if found is None:
        return None
    department, asks, gains = (Name(*found[at : at + 2]) for at in (0, 2, 4))
    return Read(Case._read(found[8:]), department, asks, gains, bool(found[6]), bool(found[7]))


def role_label(post: str) -> Words | None:
    """The role of a post, without its department; none where it is a person's own."""
    role, _key = access.split_post(post)
    return ROLES[role].label if role in ROLES else None


# ---- what happened --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """An event of a paper as its pages tell it."""

    n: int
    at: datetime
    post: str
    action: str
    before: str
    after: str
    version: int
    note: str
    facts: dict[str, Any]
    by_id: int | None
    by: Name | None
    on_behalf_of: Name | None
    said: Words = field(default=_("%(who)s"))
    step: Words = field(default=_("%(who)s"))  # as its button is called

    @property
    def who(self) -> Any:
        return self.by or _("The portal")

    @property
    def role(self) -> Words | None:
        """The role it was done in, and whether as a stand-in."""
        label = role_label(self.post)
        if label and self.facts.get("acting"):
            return _("acting as %(role)s", role=label)
        return label

    @property
    def is_move(self) -> bool:
        return self.before != self.after and bool(self.before)

    @property
    def is_back(self) -> bool:
        return self.action in ("return", "withdraw")


def told(case: Case, is_withheld: bool = False) -> list[Told]:
    """Everything that happened to the paper, oldest first; to whom what it says is withheld only its way, without a word."""
    flow = FLOWS[case.kind]
    events = [_told(flow, row) for row in history.told_of("case", case.id)]
    return [replace(each, note="") for each in events if each.is_move or each.action == "create"] if is_withheld else events


def _told(flow: Flow, row: tuple[Any, ...]) -> Told:
    n, at, post, action, before, after, version, note, data, by_id, name, name_en, _other_id, other, other_en = row
    event = Told(
        n, db.from_ms(at), post, action, before, after, version, note, Event(data=data).facts(), by_id,
        Name(name, name_en or "") if name else None, Name(other, other_en or "") if other else None,
    )  # fmt: skip
    named = flow.steps_named(action)
    step = named[0].label if named else flow.states[after].label if after in flow.states else event.said
    return Told(**(event.__dict__ | {"said": _sentence(flow, event), "step": step}))


def _sentence(flow: Flow, event: Told) -> Words:
    if event.action == "reroute":
        return flow.said("reroute", event.who, post=access.post_label(event.facts["to"]))
    if event.action not in SAID and not flow.steps_named(event.action):
        return _("%(who)s took a step that this kind of paper no longer has", who=event.who)
    return flow.said(event.action, event.who, **{name: value for name, value in event.facts.items() if name == "file"})


def changes(event: Told, labels: dict[str, Words]) -> list[Words]:
    """What an edit changed, a sentence a field; a text too long to show, or a choice, is only named. A title that follows from a
    choice, and is not typed, is not told."""
    changed = event.facts.get("changed", {}).items()
    return [_change(labels.get(name, _("Contents")), name, *pair) for name, pair in changed if name != "title" or name in labels]


def _change(label: Words, name: str, before: Any, after: Any) -> Words:
    if name == "amount" and isinstance(before, int) and isinstance(after, int):
        before, after = Money(before), Money(after)
    is_short = all(isinstance(each, Money) or (isinstance(each, str) and 0 < len(each) <= 60) for each in (before, after))
    if is_short and name != "lines":
        return _("%(field)s: %(before)s → %(after)s", field=label, before=before, after=after)
    return _("%(field)s changed", field=label)


# ---- the way of a paper ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    """A place on the way of a paper: done, rejected, closed, now, late, or still to come (an empty state)."""

    state: str
    label: Words
    people: tuple[Name, ...] = ()
    role: Words | None = None
    when: datetime | None = None
    due: datetime | None = None
    stuck: bool = False
    instead: bool = False  # the post acts because the one the flow wants cannot


def been_in(flow: Flow, case: Case, events: Iterable[Told]) -> list[State]:
    """The earlier states a return may choose, as `steps.been_in` has them, out of events already read."""
    order = list(flow.states)
    seen = {event.before for event in events if event.before}
    return [flow.states[name] for name in order[: order.index(case.state)] if name in seen]


def way_of(read: Read, events: Iterable[Told], tasks: Iterable[Task], ahead: Iterable[Ahead]) -> list[Stage]:
    """Where the paper has been since it last started, where it is, and who is still to act."""
    flow = FLOWS[read.case.kind]
    done: list[Told] = []
    order = list(flow.states)
    for event in (each for each in events if each.is_move):
        if event.is_back or order.index(event.after) < order.index(event.before):
            done = [each for each in done if order.index(each.after) <= order.index(event.after)]
        else:
            done.append(event)
    stages = [_passed(flow.states[each.after], each) for each in done]
    stages += [_waiting(task, read.names, flow.states[task.state].is_decided) for task in tasks]
    return stages + [_ahead(each) for each in ahead]


def _passed(state: State, event: Told) -> Stage:
    """What was done and by whom: the name of the state it led to would read as if that person had been there."""
    is_bad_end = state.is_end and state.tone != "green"
    standing = ("rejected" if state.tone == "red" else "closed") if is_bad_end else "done"
    return Stage(standing, event.said, (), event.role, event.at)


def _waiting(task: Task, names: dict[int, Name], is_decided: bool) -> Stage:
    due = task.due if task.due < clock.FAR_FUTURE else None
    is_late = due is not None and due < clock.now()
    role, key = access.split_post(task.post)
    held = (
        [names[key]]
        if role == "#" and key in names
        else [each.called for each in access.holders(task.post) if not task.bars(each)]
    )
    return Stage(
        "late" if is_late or task.stuck else "now", _awaited(task, is_decided), tuple(held), role_label(task.post),
        None, due, bool(task.stuck), task.post != task.wanted,
    )  # fmt: skip


def _awaited(task: Task, is_decided: bool) -> Words:
    if task.tab == "draft":
        return _("Waits to be submitted")
    if task.tab == "returned":
        return _("Waits to be corrected")
    return _("Waits to be carried out") if is_decided else _("Waiting for a decision")


def _ahead(each: Ahead) -> Stage:
    people = tuple(person.called for person in each.people)
    return Stage("", each.state.label, people, role_label(each.post), stuck=each.stuck)


# ---- links ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Linked:
    id: int
    number: str
    title: str
    state: State
    kind: Words
    is_parent: bool


def standing(flow: Flow, here: State, is_numbered: bool, is_closed: bool) -> tuple[Words, str]:
    """How a paper stands, in a word and its tone. One that came back to its first state waits to be corrected."""
    if here.name == flow.first:
        return (_("To be corrected"), "amber") if is_numbered else (here.label, "")
    return here.label, here.tone or ("" if is_closed else "blue")


def linked(case: Case, posts: Iterable[str]) -> list[Linked]:
    """The paper it came from and those that came from it, as far as these posts may read them."""
    posts = list(posts)
    found = db.rows(_LINKED % db.marks(posts), case.id, case.parent_id or 0, *posts)
    return [
        Linked(key, number or "", title, FLOWS[kind].states[state], FLOWS[kind].label, key == case.parent_id)
        for key, kind, number, title, state, _parent in found
    ]
