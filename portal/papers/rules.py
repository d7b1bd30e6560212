"""What every paper allows: it is written and submitted, talked about, and decided together with others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from portal import contents, db, policies, steps
from portal.cases import Case
from portal.contents import Content
from portal.flow import FLOWS, Act, Flow, Step, applies
from portal.persons import Person
from portal.refused import Mistyped, Refused
from portal.words import Words, _

company_logo = policies.declare(
    "company_logo",
    0,
    "gm",
    _("Logo on printed papers: the number of an attached picture, 0 for none"),
    minimum=0,
    maximum=2**31 - 1,
)
MOST_AT_ONCE = 100
_MENTION = re.compile(r"(?<![\w.@])@(\w[\w.\-·]*(?: \w[\w.\-·]*)?)")
_HAN = re.compile(r"[\u3400-\u9fff]+")


# ---- writing --------------------------------------------------------------------------------------------------------


def keep(flow: Flow, person: Person, content: Content, token: str, case: Case | None, version: int) -> Case:
    """The contents kept as a new draft, or as the next version of the case."""
    if case is None:
        return contents.create(flow, person, content, token)
    return contents.edit(person, case.id, content, version)


def way_forward(case: Case, person: Person) -> Step | None:
    """The step that sends a draft on its way, once its contents are whole. None where the paper has left its first state."""
    flow = FLOWS[case.kind]
    if case.state != flow.first:
        return None
    act = Act(case, person)
    return next((way for way in flow.state_of(case).steps if way.who is None and applies(way, act)), None)


def unsaved(flow: Flow, person: Person) -> Case:
    """A paper that is only being written, to ask who will decide it."""
    return Case(
        kind=flow.name, title="", requester=person, preparer=person, beneficiary=person, department=person.department_id,
        state=flow.first,
    )  # fmt: skip


# ---- deciding several -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decided:
    """What became of one paper of several: `why_not` where the step was refused, and as what."""

    case: Case
    why_not: Words | None = None
    status: int = 200


def may_be_taken_together(way: Step) -> bool:
    return not (way.form or way.note)


def take_together(person: Person, name: str, shown: Iterable[tuple[Case, str, int]]) -> list[Decided]:
    """Takes the step on each paper as it was shown, each by itself: one that is refused does not stop the others."""
    return [_take_one(person, name, case, state, version) for case, state, version in shown]


def _take_one(person: Person, name: str, case: Case, state: str, version: int) -> Decided:
    ways = FLOWS[case.kind].steps_named(name)
    if ways and not all(may_be_taken_together(way) for way in ways):
        return Decided(case, _("This step is taken on its own page."), 409)
    try:
        return Decided(steps.take(person, case.id, name, (state, version)))
    except Refused as refusal:
        return Decided(case, refusal.why, refusal.status)


# ---- talking --------------------------------------------------------------------------------------------------------


def mentioned(text: str) -> list[Person]:
    """Who is named by `@user` or `@name` in the text. Raises Mistyped for a name that is nobody's, or of several."""
    asked = [_spellings(found) for found in _MENTION.findall(text)]
    people = _called({spelling for spellings in asked for spelling in spellings})
    found: dict[int, Person] = {}
    for spellings in asked:
        person = _one(spellings, people)
        found[person.id] = person
    return list(found.values())


def _spellings(typed: str) -> list[str]:
    """What may be the name, longest first: both words, the first, and where Chinese text goes on behind it, its first signs."""
    first = typed.split(" ")[0].rstrip(".-·")
    short = []
    if han := _HAN.match(first):
        short = [han.group()[:length] for length in (4, 3, 2) if length < len(first)]
    return list(dict.fromkeys([typed.rstrip(".-·"), first, *short]))


def _called(spellings: set[str]) -> dict[str, list[Person]]:
    if not spellings:
        return {}
    asked = [each.lower() for each in spellings]
    marks = db.marks(asked)
    found: dict[str, list[Person]] = {}
    condition = f'active AND ("user" IN ({marks}) OR name IN ({marks}) OR lower(name_en) IN ({marks})) ORDER BY id'
    for person in Person.where(condition, *asked, *spellings, *asked):
        for name in {person.user.lower(), person.name.lower(), person.name_en.lower()}:
            found.setdefault(name, []).append(person)
    return found


def _one(spellings: list[str], people: dict[str, list[Person]]) -> Person:
    for spelling in spellings:
        called = people.get(spelling.lower(), [])
        if len(called) == 1:
            return called[0]
        if called:
            exact = [person for person in called if person.user == spelling.lower()]
            if exact:
                return exact[0]
            raise Mistyped(_("Several people are called %(name)s. Write @ and the user name instead.", name=spelling), "note")
    raise Mistyped(_("Nobody here is called %(name)s. Write @ and a name or a user name.", name=spellings[-1]), "note")
