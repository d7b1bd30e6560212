"""Accounts: who belongs to the company, at which level, and with which password (DBA-02, DBA-08, DBA-10, DBA-11)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from portal import access, clock, db, history, notices, passwords, policies, sessions, tasks
from portal.access import ROLES
from portal.people import rules_grants
from portal.people.models import grants_of
from portal.people.rules_departments import add_department, only_administrators
from portal.people.rules_grants import NEVER_EMPTY, Terms, not_own, somebody_lost, why_not_lose
from portal.persons import LEVELS, Department, Person
from portal.refused import Mistyped, Refused
from portal.words import Words, _

_USER = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?", re.ASCII)

is_demo = policies.declare("is_demo", False, "", _("This is the demo company"))  # of no role: only the demo itself says so
demo_password = policies.declare("demo_password", "", "", _("The password of everybody in the demo company"))


@dataclass(frozen=True)
class NewPerson:
    """Somebody to be added."""

    user: str
    name: str
    department: Department
    name_en: str = ""
    level: str = "ordinary"


def found_company(
    company: str,
    department: str,
    admin_user: str,
    admin_name: str,
    gm_user: str,
    gm_name: str,
    company_en: str = "",
    department_en: str = "",
) -> dict[str, str]:
    """Founds an empty portal: a branch of the company's name, its first department, which is its office until somebody says
    otherwise, an administrator and a general manager. Answers user name -> one-time password."""
    users = [_user_name(admin_user), _user_name(gm_user)]
    if users[0] == users[1]:
        raise Mistyped(_("The administrator and the general manager are two people."), "gm_user")
    secret = {user: passwords.one_time() for user in users}
    hashes = {user: passwords.hashed(password) for user, password in secret.items()}
    _found((company, company_en), (department, department_en), dict(zip(users, (admin_name, gm_name), strict=True)), hashes)
    return secret


@db.transaction
def _found(company: tuple[str, str], department: tuple[str, str], names: dict[str, str], hashes: dict[str, str]) -> None:
    if Person.select().exists() or Department.select().exists():
        raise Refused(_("There is a company here already."))
    policies.change(None, policies.company_name, company[0].strip())
    branch = add_department(None, *company, kind="branch")
    first = add_department(None, *department, parent=branch, mark="office")
    for (user, name), level, role in zip(names.items(), ("db_admin", "back_office"), ("it_admin", "gm"), strict=True):
        person = _write(None, NewPerson(user, name, first, level=level), hashes[user])
        rules_grants.make(None, person, Terms(role))


def add_person(
    by: Person | None, user: str, name: str, department: Department, name_en: str = "", level: str = "ordinary"
) -> str:
    """Adds somebody; answers the one-time password, which is shown once and kept nowhere."""
    (password,) = add_people(by, [NewPerson(user, name, department, name_en, level)]).values()
    return password


def add_people(by: Person | None, people: list[NewPerson]) -> dict[str, str]:
    """Adds all of them or nobody; answers user name -> one-time password."""
    only_administrators(by)
    secret = {_user_name(each.user): passwords.one_time() for each in people}
    with ThreadPoolExecutor(os.cpu_count()) as several:  # a hash is slow on purpose
        hashes = list(several.map(passwords.hashed, secret.values()))
    write_people(by, people, dict(zip(secret, hashes, strict=True)))
    return secret


@db.transaction
def write_people(by: Person | None, people: list[NewPerson], hashes: Mapping[str, str]) -> None:
    """Adds all of them with the hashes of their one-time passwords."""
    only_administrators(by)
    for each in people:
        _write(by, each, hashes[_user_name(each.user)])
    tasks.reroute()


def _write(by: Person | None, new: NewPerson, password_hash: str) -> Person:
    person = Person(
        user=_user_name(new.user), name=new.name.strip(), name_en=new.name_en.strip(), department=new.department, level=new.level,
        password_hash=password_hash, password_set_at=clock.now(), must_change_password=True,
    )  # fmt: skip
    check_person(person)
    person.save()
    history.record(person, "add", by, data=_facts(person))
    return person


def check_person(person: Person) -> None:
    """Raises Mistyped, naming the field."""
    if not person.name:
        raise Mistyped(_("Fill this in."), "name")
    if not is_user_name(person.user):
        raise Mistyped(_("A user name is made of small letters a to z, digits, points and dashes."), "user")
    if Person.select().where(Person.user == person.user, Person.id != (person.id or 0)).exists():
        raise Mistyped(_("This user name is taken."), "user")
    if person.level not in LEVELS:
        raise Mistyped(_("Choose one of the list."), "level")
    if not person.department.active:
        raise Mistyped(_("%(department)s is closed.", department=person.department.called), "department")


def is_user_name(text: str) -> bool:
    return bool(_USER.fullmatch(text))


def _user_name(typed: str) -> str:
    return typed.strip().casefold()


def _facts(person: Person) -> dict[str, Any]:
    return {
        "user": person.user,
        "name": person.name,
        "name_en": person.name_en,
        "department": person.department_id,
        "level": person.level,
    }


@db.transaction
def change_person(by: Person | None, person: Person, **changed: Any) -> Person:
    """New name, name_en or department; the level has its own step."""
    only_administrators(by)
    here = Person.get_by_id(person.id)
    before = _facts(here)
    for name, value in changed.items():
        assert name in ("name", "name_en", "department")
        setattr(here, name, value.strip() if isinstance(value, str) else value)
    check_person(here)
    if (after := _facts(here)) == before:
        return here
    here.save(only=[Person.name, Person.name_en, Person.department])
    history.record(here, "change", by, data={"before": before, "after": after})
    tasks.reroute()
    return here


@db.transaction
def set_level(by: Person | None, person: Person, level: str, reason: str = "") -> None:
    """Raises Refused while a role of the person needs the level they have."""
    only_administrators(by)
    not_own(by, person)
    here = Person.get_by_id(person.id)
    if level not in LEVELS:
        raise Mistyped(_("Choose one of the list."), "level")
    if level == here.level:
        return
    if why := why_not_level(here, level):
        raise Refused(why)
    Person.update(level=level).where(Person.id == here.id).execute()
    history.record(here, "level", by, before=here.level, after=level, note=reason)


def why_not_level(person: Person, level: str) -> Words | None:
    levels = list(LEVELS)
    for grant in grants_of(person):
        needed = ROLES[grant.role].level
        if levels.index(level) < levels.index(needed):
            return _(
                "The role %(role)s needs the level %(level)s. Take the role back first.",
                role=ROLES[grant.role].label,
                level=LEVELS[needed],
            )
    return None


# ---- who may no longer come in --------------------------------------------------------------------------------------


@db.transaction
def disable(by: Person | None, person: Person, reason: str = "") -> None:
    """Ends every session at once. Grants stay written, but count for nothing until the person is enabled again."""
    only_administrators(by)
    here = Person.get_by_id(person.id)
    if by is not None and by.id == here.id:
        raise Refused(_("Somebody else must disable your account."))
    if not here.active:
        return
    for role in NEVER_EMPTY:
        if why := why_not_lose(here, role, [grant for grant in grants_of(here) if grant.role == role]):
            raise Refused(why)
    Person.update(active=False).where(Person.id == here.id).execute()
    history.record(here, "disable", by, note=reason)
    for role in sorted({grant.role for grant in grants_of(here)}):
        somebody_lost(role)
    sessions.end(here)
    tasks.reroute()


@db.transaction
def enable(by: Person | None, person: Person) -> None:
    only_administrators(by)
    here = Person.get_by_id(person.id)
    if here.active:
        return
    if not here.department.active:
        raise Refused(_("%(department)s is closed.", department=here.department.called))
    Person.update(active=True).where(Person.id == here.id).execute()
    history.record(here, "enable", by)
    tasks.reroute()


# ---- passwords ------------------------------------------------------------------------------------------------------


def reset_password(by: Person | None, person: Person) -> str:
    """A new one-time password, shown once and changed at the next sign-in; ends every session of the person."""
    password = passwords.one_time()
    _reset(by, person, passwords.hashed(password))
    return password


@db.transaction
def _reset(by: Person | None, person: Person, password_hash: str) -> None:
    only_administrators(by)
    here = Person.get_by_id(person.id)
    if by is not None and by.id == here.id:
        raise Refused(_("Change your own password on the page for it."))
    Person.update(password_hash=password_hash, password_set_at=clock.now(), must_change_password=True).where(
        Person.id == here.id
    ).execute()
    history.record(here, "reset", by)
    sessions.end(here)
    _tell_of_reset(by, here)


def _tell_of_reset(by: Person | None, person: Person) -> None:
    """Who resets a password could sign in with it: the person, the general manager and the head of IT hear of it, so that nobody
    borrows a role in silence (DBA-12)."""
    watching = [each for role in ("gm", "it_head") for each in access.holder_ids(role)]
    who = by.called if by else _("The system administrator")
    text = _("%(who)s gave %(what)s a one-time password.", who=who, what=person.called)
    notices.tell({person.id, *watching} - {by.id if by else 0}, "password", text)


@db.transaction
def change_password(person: Person, password: str, session_id: int | None = None) -> None:
    """The person's own new password; ends every other session of theirs (requirement 8)."""
    person = Person.get_by_id(person.id)
    passwords.check(password, person, "new")
    if passwords.matches(person, password):
        raise Mistyped(_("This is the password you have. Choose another."), "new")
    Person.update(password_hash=passwords.hashed(password), password_set_at=clock.now(), must_change_password=False).where(
        Person.id == person.id
    ).execute()
    history.record(person, "password", person)
    sessions.end(person, but=session_id)


# ---- one's own page -------------------------------------------------------------------------------------------------


@db.transaction
def set_language(person: Person, language: str) -> None:
    Person.update(language=language).where(Person.id == person.id).execute()


@db.transaction
def set_theme(person: Person, theme: str) -> None:
    """`light`, `dark`, or empty: as the system."""
    if theme not in ("", "light", "dark"):
        raise Mistyped(_("Choose one of the list."), "theme")
    Person.update(theme=theme).where(Person.id == person.id).execute()


@db.transaction
def note_export(person: Person, count: int) -> None:
    """Who took how many people away in a list stands in the trail (DBA-14)."""
    here = Person.get_by_id(person.id)
    history.record(here, "export", here, data={"people": count})
