"""People brought in a table: what each row would change, and all of them taken or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal import db, passwords
from portal.imports import Row, RowError
from portal.people import rules
from portal.people.rules import NewPerson
from portal.people.rules_departments import only_administrators
from portal.persons import LEVELS, Department, Person
from portal.refused import Refused
from portal.words import Words, _

COLUMNS: dict[str, Words] = {
    "user": _("User name"),
    "name": _("Name"),
    "name_en": _("Name in English"),
    "department": _("Department"),
    "level": _("User level"),
}
ALSO_CALLED: dict[str, tuple[str, ...]] = {  # as people head their own tables, beside the words of the portal
    "user": ("账号", "帳號"),
    "name": ("姓名",),
    "name_en": ("英文名",),
    "department": ("所属部门", "所屬部門"),
    "level": ("级别", "級別"),
}
NEEDED = ("user", "name", "department")
MOST_NEW = 300
LONGEST = {"user": 40, "name": 80, "name_en": 80}


@dataclass(frozen=True)
class Difference:
    """What a row means: somebody new, or what changes of somebody who is there; `changed` is field -> (before, after)."""

    number: int
    wanted: NewPerson
    person: Person | None
    changed: dict[str, tuple[str, str]]

    @property
    def kind(self) -> str:
        return "new" if self.person is None else "changed" if self.changed else "same"


def compare(rows: Sequence[Row], levels: Mapping[str, str]) -> tuple[list[Difference], list[RowError]]:
    """The rows against the people there are; `levels` says which level a word in any language means."""
    found: list[Difference] = []
    errors: list[RowError] = []
    departments = {
        name: each for each in Department.select().where(Department.active) for name in (each.name, each.name_en) if name
    }
    people = {each.user: each for each in Person.select(Person, Department).join(Department)}
    seen: dict[str, int] = {}
    for row in rows:
        try:
            wanted = _wanted(row, departments, levels)
            if wanted.user in seen:
                raise RowError(row.number, "user", _("Row %(row)s has the same user name.", row=seen[wanted.user]))
            seen[wanted.user] = row.number
            found.append(_difference(row.number, wanted, people.get(wanted.user)))
        except RowError as error:
            errors.append(error)
    if sum(each.kind == "new" for each in found) > MOST_NEW:
        errors.append(
            RowError(rows[-1].number, "", _("At most %(most)s new people at once. Bring them in parts.", most=MOST_NEW))
        )
    return found, errors


def _wanted(row: Row, departments: Mapping[str, Department], levels: Mapping[str, str]) -> NewPerson:
    user, name = row.needed("user").casefold(), row.needed("name")
    for field, longest in LONGEST.items():
        if len(row.text(field)) > longest:
            raise RowError(row.number, field, _("That is too long: at most %(most)s characters.", most=longest))
    if not rules.is_user_name(user):
        raise RowError(row.number, "user", _("A user name is made of small letters a to z, digits, points and dashes."))
    department = departments.get(row.needed("department"))
    if department is None:
        raise RowError(row.number, "department", _("There is no department %(name)s.", name=row.text("department")))
    level = levels.get(row.text("level").casefold(), "") if row.text("level") else ""
    if row.text("level") and not level:
        raise RowError(row.number, "level", _("There is no level %(name)s.", name=row.text("level")))
    return NewPerson(user, name, department, row.text("name_en"), level)


def _difference(number: int, wanted: NewPerson, person: Person | None) -> Difference:
    """An empty cell leaves what is there; a level is never changed by a table."""
    if person is None:
        return Difference(number, wanted, None, {})
    if wanted.level and wanted.level != person.level:
        raise RowError(number, "level", _("The level of somebody who is there is changed on their own page."))
    changed = {}
    if wanted.name != person.name:
        changed["name"] = (person.name, wanted.name)
    if wanted.name_en and wanted.name_en != person.name_en:
        changed["name_en"] = (person.name_en, wanted.name_en)
    if wanted.department.id != person.department_id:
        changed["department"] = (person.department.name, wanted.department.name)
    return Difference(number, wanted, person, changed)


def bring(by: Person | None, rows: Sequence[Row], levels: Mapping[str, str]) -> dict[str, str]:
    """Takes all rows, or none; answers user name -> one-time password of those who are new."""
    only_administrators(by)
    found, errors = compare(rows, levels)
    if errors:
        raise Refused(_("Row %(row)s: %(why)s", row=errors[0].row, why=errors[0].words))
    secret = {each.wanted.user: passwords.one_time() for each in found if each.person is None}
    _bring(by, rows, levels, {user: passwords.hashed(password) for user, password in secret.items()})
    return secret


@db.transaction
def _bring(by: Person | None, rows: Sequence[Row], levels: Mapping[str, str], hashes: Mapping[str, str]) -> None:
    found, errors = compare(rows, levels)
    new = {each.wanted.user for each in found if each.person is None}
    if errors or new != set(hashes):
        raise Refused(_("Somebody else changed this first. Reload to see it."))
    _change(by, found)
    rules.write_people(by, [_with_level(each.wanted) for each in found if each.person is None], hashes)


def _change(by: Person | None, found: Iterable[Difference]) -> None:
    for each in found:
        if each.person is not None and each.changed:
            names = {"name": each.wanted.name, "department": each.wanted.department}
            names |= {"name_en": each.wanted.name_en} if each.wanted.name_en else {}
            rules.change_person(by, each.person, **names)


def _with_level(wanted: NewPerson) -> NewPerson:
    level = wanted.level or next(iter(LEVELS))
    return NewPerson(wanted.user, wanted.name, wanted.department, wanted.name_en, level)
