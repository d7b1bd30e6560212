"""The flow of a kind of paper: its states in order, whom each waits for, the steps that leave it. There is no second source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from portal import access, clock, db, policies, search
from portal.access import Relation, Right, Role, Who, requester
from portal.cases import Case, Detail, Line, lines_of
from portal.history import Event
from portal.persons import Person
from portal.refused import NotThere, SomebodyWasFirst
from portal.terms import SAID, STATES, STEPS
from portal.words import Name, Words, _, _n

BACK = "←"  # the target of `return`: a state chosen among those the case has been in

FLOWS: dict[str, Flow] = {}

_SAVE = """
UPDATE cases SET number = ?, title = ?, amount = ?, department_id = ?, beneficiary_id = ?, preparer_id = ?, state = ?, mark = ?,
    version = ?, submitted_at = ?, closed_at = ?, events = ?, digest = ?
WHERE id = ? AND state = ? AND version = ? AND events = ?
"""
_NAMES = "SELECT p.name, p.name_en, d.name, d.name_en FROM persons p, departments d WHERE p.id = ? AND d.id = ?"


@dataclass
class Act:
    """What guards, effects and forms get: who takes which step on which case, and what was given with it."""

    case: Case
    person: Person | None
    post: str = ""
    given: Any = None
    note: str = ""
    step: str = ""
    on_behalf_of: Person | None = None
    data: dict[str, Any] = field(default_factory=dict)  # what an effect wants kept in the event
    held: dict[str, bool] | None = None  # the person's posts, where they are known already

    @cached_property
    def posts(self) -> dict[str, bool]:
        """The posts the person holds now; none for the clock."""
        if self.held is not None:
            return self.held
        return access.posts_of(self.person) if self.person else {}

    @cached_property
    def paper(self) -> Any:
        """The kind's own row of the case."""
        return FLOWS[self.case.kind].detail.find("case_id = ?", self.case.id)

    @cached_property
    def lines(self) -> list[Any]:
        model = FLOWS[self.case.kind].lines
        return lines_of(model, self.case) if model else []


Objection = Callable[[Act], Words | None]
Test = Callable[[Act], bool]
Effect = Callable[[Act], None]
Guard = TypeVar("Guard", bound=Callable[..., Any])


@dataclass(frozen=True)
class Either:
    """An outcome known only after the effects."""

    test: Test
    then: str
    otherwise: str


@dataclass(frozen=True)
class Step:
    """`who` is empty where the state's own posts take it. `confirm`: the password is asked again when it was long ago."""

    name: str
    to: str | Either
    who: Who | tuple[Who, ...] | None = None  # any of these
    each: bool = False
    when: tuple[Test, ...] = ()
    unless: tuple[Objection, ...] = ()
    form: type | None = None
    then: tuple[Effect, ...] = ()
    apart_from: tuple[str, ...] = ()
    note: bool = False
    confirm: bool = False
    look: str = ""  # primary, danger, quiet
    said_by: Words | None = None
    label_words: Words | None = None
    rules: tuple[str, ...] = ()

    @property
    def takers(self) -> tuple[Who, ...]:
        """Who takes it, where it has a `who` of its own."""
        return self.who if isinstance(self.who, tuple) else (self.who,) if self.who else ()

    @property
    def label(self) -> Words:
        return self.label_words or STEPS[self.name]

    def said(self, who: Name | str) -> Words:
        return (self.said_by or SAID[self.name]).having(who=who)


@dataclass(frozen=True)
class State:
    name: str
    waits_for: tuple[Who, ...]
    steps: tuple[Step, ...]
    due: Callable[[Act], datetime] | None = None
    carries_out: bool = False
    gives_way: bool = False  # one that carries out, and still gives way where nobody in the post can
    editable: bool = False
    label_words: Words | None = None
    tone: str = ""  # green, amber, red, blue
    apart: tuple[Callable[[Case], set[int]], ...] = ()  # who else may not act here

    @property
    def label(self) -> Words:
        return self.label_words or STATES[self.name]

    @property
    def is_end(self) -> bool:
        return not self.steps

    @property
    def is_decided(self) -> bool:
        """Whether nothing is left to decide: what was agreed to waits to be carried out."""
        return self.carries_out or any("approve" in each.apart_from and each.name != "approve" for each in self.steps)

    @property
    def stands_fast(self) -> bool:
        """Whether its post never gives way to another."""
        return self.carries_out and not self.gives_way


@dataclass(frozen=True)
class During:
    """What holds while the case is in these states: begun on the way in, ended on the way out, whatever the step."""

    states: frozenset[str]
    begin: Effect
    end: Effect


class Flow:
    """`reads` names roles that may read every such paper of theirs once it is submitted; `checks` look at contents before they
    are kept, `follows` is what follows from them in the same transaction. `begun_by`: who writes such papers; who held a draft
    and the post no more sends it no further."""

    def __init__(
        self,
        name: str,
        *states: State,
        prefix: str,
        label: Words,
        detail: type[Detail],
        lines: type[Line] | None = None,
        during: tuple[During, ...] = (),
        reads: tuple[Role, ...] = (),
        checks: tuple[Callable[[Person, Any], None], ...] = (),
        follows: tuple[Effect, ...] = (),
        summary: Callable[[Case], Words | str] | None = None,
        marks: dict[str, tuple[Words, str]] | None = None,
        icon: str = "file-text",
        about: Words | None = None,
        rules: tuple[str, ...] = (),
        begun_by: Right | None = None,
    ) -> None:
        self.name, self.prefix, self.label, self.icon = name, prefix, label, icon
        self.states = {each.name: each for each in states}
        self.first = states[0].name
        self.detail, self.lines, self.during = detail, lines, during
        self.reads, self.checks, self.summary, self.marks = reads, checks, summary, marks or {}
        self.follows, self.about, self.rules, self.begun_by = follows, about, rules, begun_by
        self._check()
        FLOWS[name] = self

    def _check(self) -> None:
        """A flow that names a state it does not have, or one without words, is a mistake of ours, found when its file is read."""
        for each in self.states.values():
            assert each.label
            for way in each.steps:
                assert way.label and way.said("")
                targets = (way.to.then, way.to.otherwise) if isinstance(way.to, Either) else (way.to,)
                for target in targets:
                    assert target == BACK or target in self.states, f"{self.name}: {each.name}.{way.name} leads nowhere: {target}"

    def state_of(self, case: Case) -> State:
        return self.states[case.state]

    def step(self, case: Case, name: str, act: Act) -> Step | None:
        """The step of that name that applies now; two may share it if their routes exclude each other."""
        return next((way for way in self.state_of(case).steps if way.name == name and applies(way, act)), None)

    def steps_named(self, name: str) -> list[Step]:
        return [way for each in self.states.values() for way in each.steps if way.name == name]

    def said(self, action: str, who: Name | str, **values: Any) -> Words:
        """The sentence of the timeline for an action, taken by that person."""
        named = self.steps_named(action)
        sentence = named[0].said_by if named and named[0].said_by else SAID[action]
        return sentence.having(who=who, **values)


def as_shown(case_id: int, state: str | None = None, version: int | None = None) -> Case:
    """The case, if it still is as the person saw it. Raises NotThere, SomebodyWasFirst."""
    case = Case.find("id = ?", case_id)
    if case is None:
        raise NotThere()
    if (state is not None and state != case.state) or (version is not None and version != case.version):
        raise SomebodyWasFirst(_who_was_first(case))
    return case


def save(case: Case, state: str, version: int, events: int) -> None:
    """Writes the case if it still stands as it was read; events are written before, with it."""
    moved = db.run(
        _SAVE, case.number, case.title, case.amount, case.department_id, case.beneficiary_id, case.preparer_id, case.state,
        case.mark, case.version,
        case.submitted_at and db.to_ms(case.submitted_at), case.closed_at and db.to_ms(case.closed_at), case.events, case.digest,
        case.id, state, version, events,
    )  # fmt: skip
    if moved.rowcount != 1:
        raise SomebodyWasFirst(_who_was_first(Case.get_by_id(case.id)))


def _who_was_first(case: Case) -> Words:
    moved = (Event.after != Event.before) | (Event.action == "edit")
    last = Event.select().where(Event.thing == "case", Event.thing_id == case.id, moved).order_by(Event.n.desc()).first()
    if last is None or last.by is None:
        return _("This changed meanwhile. Reload to see it.")
    said = FLOWS[case.kind].said(last.action, last.by.called)
    return _("%(what)s first. Reload to see it.", what=said)


def index(case: Case) -> None:
    """Makes the paper found by its number, title, people and every text in it, by those who may read it. What is withheld from
    some of them is left out: who searches for its words would hear that they are there."""
    act = Act(case, None)
    texts = [case.number or "", case.title, *(db.row(_NAMES, case.requester_id, case.department_id) or ())]
    if not access.withheld((), [case]):
        texts += [value for row in (act.paper, *act.lines) for value in row.__data__.values() if isinstance(value, str)]
    search.put("case", case.id, texts, [post for (post,) in db.rows("SELECT post FROM readers WHERE case_id = ?", case.id)])


def holds_no_more(flow: Flow, way: Step, act: Act) -> Words | None:
    """Against sending a draft on: the post it was written in is not held any more."""
    is_sent_on = way.who is None and way.name != "cancel" and act.case.state == flow.first
    if not is_sent_on or flow.begun_by is None or flow.begun_by.allows(act.posts):
        return None
    return _("You no longer hold a post that writes such a paper.")


def applies(way: Step, act: Act) -> bool:
    return all(test(act) for test in way.when)


def state(name: str, *parts: Who | Step, label: Words | None = None, **more: Any) -> State:
    """Whom it waits for, and under it the steps that leave it."""
    waits_for = tuple(part for part in parts if isinstance(part, Role | Relation))
    more["apart"] = tuple(more.get("apart", ()))
    return State(name, waits_for, tuple(part for part in parts if isinstance(part, Step)), label_words=label, **more)


def step(name: str, to: str | Either, *, label: Words | None = None, said: Words | None = None, **more: Any) -> Step:
    several: dict[str, Any] = {
        key: tuple(more.pop(key)) for key in ("when", "unless", "then", "apart_from", "rules") if key in more
    }
    return Step(name, to, label_words=label, said_by=said, **several, **more)


def during(states: str, begin: Effect, end: Effect) -> During:
    return During(frozenset(states.split()), begin, end)


def working_days(number: Callable[[], int]) -> Callable[[Act], datetime]:
    """A deadline that many working days after the state is entered; the number is a policy."""

    def due(_act: Act) -> datetime:
        return clock.working_days_after(clock.now(), number())

    due.about = lambda: _n("%(n)s working day", "%(n)s working days", n=number())  # type: ignore[attr-defined]
    return due


decision_days = policies.declare(
    "decision_days", 3, "gm", _("A decision is due after"), unit=_("working days"), minimum=1, maximum=60
)
IN_TIME = working_days(decision_days)


def objection(about: Words) -> Callable[[Guard], Guard]:
    """Says of an objection what help tells of it, after "unless": `@objection(_("the budget line has too little left"))`."""

    def told(guard: Guard) -> Guard:
        guard.about = about  # type: ignore[attr-defined]
        return guard

    return told


def route(about: Words) -> Callable[[Guard], Guard]:
    """Says of a test when a step is there, after "if": `@route(_("the department head endorses first"))`."""
    return objection(about)


def concerned(case: Case) -> set[int]:
    """Whom a paper is about: where it is carried out by somebody apart from them."""
    return {case.requester_id, case.preparer_id, case.beneficiary_id}


RETURN = step("return", BACK, note=True)
REJECT = step("reject", "rejected", note=True, look="danger")
WITHDRAW = step("withdraw", "draft", who=requester, look="quiet")
