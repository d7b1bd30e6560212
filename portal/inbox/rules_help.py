"""What help says of each kind of paper, drawn from its flow: states, whom they wait for, steps; and who may do what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal.access import ROLES, Relation, Right, Role, Who, anyone, beneficiary, preparer, requester, system
from portal.flow import BACK, Either, Flow, State, Step
from portal.words import Words, _


@dataclass(frozen=True)
class StepHelp:
    label: Words
    to: tuple[Words, ...]  # several where the outcome is known only afterwards
    who: tuple[Words, ...]  # where it is not for those the state waits for
    each: bool
    only_if: tuple[Words, ...]
    unless: tuple[Words, ...]
    needs: tuple[Words, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True)
class StateHelp:
    label: Words
    who: tuple[Words, ...]
    instead: tuple[Words, ...]  # who decides when nobody in that post can
    due: Words | None
    is_end: bool
    steps: tuple[StepHelp, ...]


def way_of(flow: Flow) -> list[StateHelp]:
    """The states in order, each with the steps that leave it."""
    return [_state(flow, each) for each in flow.states.values()]


def rules_of(flow: Flow) -> list[str]:
    """The rules that the flow and its steps keep, in order."""
    named = [*flow.rules, *(rule for each in flow.states.values() for way in each.steps for rule in way.rules)]
    return sorted(set(named))


def _state(flow: Flow, here: State) -> StateHelp:
    due = getattr(here.due, "about", None)
    return StateHelp(
        here.label,
        tuple(who.label for who in here.waits_for),
        () if here.stands_fast else _instead(here.waits_for),
        due() if due else None,
        here.is_end,
        tuple(_step(flow, way) for way in here.steps),
    )


ABOVE = _("the head of the department above")


def _instead(posts: Iterable[Who]) -> tuple[Words, ...]:
    keys = [key for who in posts if isinstance(who, Role) for key in who.gives_way_to]
    return tuple(ABOVE if key == "parent" else ROLES[key].label for key in dict.fromkeys(keys))


def _step(flow: Flow, way: Step) -> StepHelp:
    return StepHelp(
        way.label,
        _targets(flow, way),
        tuple(who.label for who in way.takers),
        way.each,
        _about(way.when),
        _about(way.unless),
        tuple(words for needed, words in ((way.form, FORM), (way.note, NOTE), (way.confirm, PASSWORD)) if needed),
        way.rules,
    )


FORM, NOTE, PASSWORD = _("more is asked"), _("say why"), _("the password is asked again")
EARLIER = _("an earlier state, as chosen")


def _targets(flow: Flow, way: Step) -> tuple[Words, ...]:
    names = (way.to.then, way.to.otherwise) if isinstance(way.to, Either) else (way.to,)
    return tuple(EARLIER if name == BACK else flow.states[name].label for name in names)


def _about(tests: Iterable[object]) -> tuple[Words, ...]:
    """What the objections and routes say of themselves."""
    return tuple(words for test in tests if (words := getattr(test, "about", None)))


# ---- who may do what ------------------------------------------------------------------------------------------------

RELATIONS: dict[str, Relation] = {each.key: each for each in (anyone, requester, preparer, beneficiary)}
COLUMNS: dict[str, Words] = {key: each.label for key, each in RELATIONS.items()} | {
    key: role.label for key, role in ROLES.items()
}


@dataclass(frozen=True)
class Line:
    """An action and the columns that may do it."""

    label: Words
    may: frozenset[str]


def actions_of(flow: Flow, may_start: Right) -> list[Line]:
    """What is done on such a paper and by whom: to start it, and every step."""
    lines: dict[Words, set[str]] = {_("Start one"): set(may_start.roles or {anyone.key})}
    for here in flow.states.values():
        for way in here.steps:
            takers = here.waits_for if way.who is None else way.takers
            lines.setdefault(way.label, set()).update(who.key for who in takers if who is not system)
    return [Line(label, frozenset(may)) for label, may in lines.items() if may & COLUMNS.keys()]


def may_open(label: Words, right: Right) -> Line:
    return Line(label, right.roles or frozenset({anyone.key}))


def columns_in(lines: Iterable[Line]) -> list[tuple[str, Words]]:
    """The columns that any of the lines needs, in the order of the roles."""
    named = {key for line in lines for key in line.may}
    return [(key, label) for key, label in COLUMNS.items() if key in named]
