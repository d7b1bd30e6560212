"""What happened, for who looks after the rules: events and refused attempts, in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import JOIN

from portal import access, clock, db
from portal.access import ROLES
from portal.cases import Case
from portal.flow import FLOWS
from portal.history import Event, Refusal
from portal.people.models import PAGE, readable
from portal.persons import LEVELS, Department, Person
from portal.policies import POLICIES
from portal.words import Name, Words, _

THINGS: dict[str, Words] = {
    "case": _("Papers"),
    "person": _("People"),
    "department": _("Departments"),
    "grant": _("Roles"),
    "policyvalue": _("Company rules"),
    "calendarday": _("Working days"),
}
SAID: dict[tuple[str, str], Words] = {
    ("person", "add"): _("%(who)s added %(what)s"),
    ("person", "change"): _("%(who)s changed the details of %(what)s"),
    ("person", "level"): _("%(who)s changed the level of %(what)s from %(before)s to %(after)s"),
    ("person", "disable"): _("%(who)s disabled %(what)s"),
    ("person", "enable"): _("%(who)s enabled %(what)s again"),
    ("person", "reset"): _("%(who)s gave %(what)s a one-time password"),
    ("person", "password"): _("%(who)s changed the password"),
    ("person", "account"): _("%(who)s changed the payment account"),
    ("person", "export"): _("%(who)s took a list of people away"),
    ("department", "add"): _("%(who)s added the department %(what)s"),
    ("department", "change"): _("%(who)s changed the department %(what)s"),
    ("department", "close"): _("%(who)s closed the department %(what)s"),
    ("department", "reopen"): _("%(who)s reopened the department %(what)s"),
    ("grant", "give"): _("%(who)s gave %(what)s the role %(role)s"),
    ("grant", "revoke"): _("%(who)s took the role %(role)s back from %(what)s"),
    ("grant", "unfollowed"): _("It was told that nobody follows %(what)s as %(role)s"),
    ("calendarday", "work"): _("%(who)s made %(what)s a working day"),
    ("calendarday", "rest"): _("%(who)s made %(what)s a day of rest"),
    ("calendarday", "public"): _("%(who)s let the public calendar count again for %(what)s"),
    ("policyvalue", "change"): _("%(who)s changed “%(what)s” from %(before)s to %(after)s"),
}


@dataclass(frozen=True)
class Told:
    """An event as the trail shows it; `case` where it is one of a paper. Its note, and a file by name, are for who may read what
    the paper says."""

    event: Event
    sentence: Words
    case: Case | None = None
    is_readable: bool = False
    note: str = ""


@dataclass(frozen=True)
class Trail:
    """Which events the trail shows."""

    thing: str = ""
    person: int | None = None
    since: date | None = None
    until: date | None = None

    def page(self, before: int | None, posts: Iterable[str]) -> list[Told]:
        """Newest first, one more than a page holds where there are more; as far as these posts may read the papers."""
        found = Event.select(Event, Person).join(Person, JOIN.LEFT_OUTER, on=Event.by)
        if self.thing:
            found = found.where(Event.thing == self.thing)
        if self.thing and self.thing != "case":
            found = found.where(Event.thing != "case")  # the condition of the index on these
        if self.person:
            found = found.where(Event.by == self.person)
        if self.since:
            found = found.where(Event.at >= clock.start_of(self.since))
        if self.until:
            found = found.where(Event.at <= clock.end_of(self.until))
        if before:
            found = found.where(Event.id < before)
        return told(list(found.order_by(Event.id.desc()).limit(PAGE + 1)), posts)


def refusals(person: int | None = None, before: int | None = None) -> list[Refusal]:
    """Attempts outside somebody's rights, newest first (GEN-10)."""
    found = Refusal.select(Refusal, Person).join(Person, JOIN.LEFT_OUTER)
    if person:
        found = found.where(Refusal.person == person)
    if before:
        found = found.where(Refusal.id < before)
    return list(found.order_by(Refusal.id.desc()).limit(PAGE + 1))


def told(events: list[Event], posts: Iterable[str] = ()) -> list[Told]:
    """The events with their sentences; what they name is read in one query."""
    named, posts = _named(events), list(posts)
    cases = {key: Case(id=key, kind=called[0], number=called[1]) for (thing, key), called in named.items() if thing == "case"}
    there = readable(cases, posts)
    whole = there - access.withheld(posts, cases.values())
    return [
        _told_case(event, cases[key], key in there, key in whole)
        if event.thing == "case" and (key := event.thing_id) in cases
        else _told(event, named.get((event.thing, event.thing_id), ()))
        for event in events
    ]


_NAMES = {
    "case": "SELECT 'case', id, kind, number, '' FROM cases WHERE id IN (%s)",
    "person": "SELECT 'person', id, name, name_en, '' FROM persons WHERE id IN (%s)",
    "department": "SELECT 'department', id, name, name_en, '' FROM departments WHERE id IN (%s)",
    "policyvalue": "SELECT 'policyvalue', id, key, '', '' FROM policies WHERE id IN (%s)",
    "calendarday": "SELECT 'calendarday', id, CAST(day AS text), '', '' FROM calendar_days WHERE id IN (%s)",
    "grant": """SELECT 'grant', g.id, p.name, p.name_en, g.role FROM grants g
        JOIN persons p ON p.id = g.person_id WHERE g.id IN (%s)""",
}


def _named(events: list[Event]) -> dict[tuple[str, int], tuple[Any, ...]]:
    """Thing and id -> the three texts it is called by."""
    ids = {thing: sorted({event.thing_id for event in events if event.thing == thing}) for thing in _NAMES}
    asked = [thing for thing in _NAMES if ids[thing]]
    if not asked:
        return {}
    sql = " UNION ALL ".join(_NAMES[thing] % db.marks(ids[thing]) for thing in asked)
    found = db.rows(sql, *(key for thing in asked for key in ids[thing]))
    return {(thing, key): tuple(called) for thing, key, *called in found}


def _told_case(event: Event, case: Case, is_readable: bool, says_all: bool) -> Told:
    if event.action == "reroute":
        return Told(event, _("The portal asked again who can act"), case, is_readable)
    facts: dict[str, Any] = {name: value for name, value in event.facts().items() if isinstance(value, str)}
    if "file" in facts and not says_all:
        facts["file"] = _("a file")
    sentence = FLOWS[case.kind].said(event.action, _who(event), **facts)
    return Told(event, sentence, case, is_readable, event.note if says_all else "")


def _told(event: Event, called: tuple[Any, ...]) -> Told:
    sentence = SAID.get((event.thing, event.action), _("%(who)s: %(action)s"))
    told = sentence.having(who=_who(event), action=event.action, **_values(event, called))
    return Told(event, told, note=event.note if event.thing in THINGS else "")


def _who(event: Event) -> Any:
    return event.by.called if event.by else _("The portal")


def _values(event: Event, called: tuple[Any, ...]) -> dict[str, Any]:
    if not called:
        return {"what": Name(f"{event.thing} {event.thing_id}")}
    first, second, role = called
    match event.thing:
        case "person":
            before, after = (LEVELS.get(level, "") for level in (event.before, event.after))
            return {"what": Name(first, second), "before": before, "after": after}
        case "grant":
            return {"what": Name(first, second), "role": ROLES[role].label if role in ROLES else role}
        case "calendarday":
            return {"what": date.fromisoformat(first)}
        case "policyvalue":
            return {"what": policy_label(first)} | {name: shown(event.facts().get(name)) for name in ("before", "after")}
    return {"what": Name(first, second)}


def policy_label(key: str) -> Words | str:
    return POLICIES[key].about if key in POLICIES else key


def shown(value: Any) -> Any:
    """A policy's value in words."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return value if value not in (None, "") else "–"


def history_of_person(person: Person, limit: int = PAGE) -> list[Told]:
    """What was done to the account and the roles of the person, newest first."""
    grants = [key for (key,) in db.rows("SELECT id FROM grants WHERE person_id = ?", person.id)]
    own = (Event.thing == "person") & (Event.thing_id == person.id)
    given = (Event.thing == "grant") & Event.thing_id.in_(grants or [0])
    return _newest(own | given, limit)


def history_of_department(department: Department, limit: int = PAGE) -> list[Told]:
    return _newest((Event.thing == "department") & (Event.thing_id == department.id), limit)


def history_of_calendar(limit: int = PAGE) -> list[Told]:
    return _newest(Event.thing == "calendarday", limit)


def history_of_policies(limit: int = PAGE) -> list[Told]:
    return _newest(Event.thing == "policyvalue", limit)


def _newest(condition: Any, limit: int) -> list[Told]:
    found = Event.select(Event, Person).join(Person, JOIN.LEFT_OUTER, on=Event.by).where(condition)
    return told(list(found.order_by(Event.at.desc(), Event.id.desc()).limit(limit)))
