"""Departments: the tree of branches and departments, and which of them a rule calls by a mark."""

from __future__ import annotations

from typing import Any

from portal import access, db, history, tasks
from portal.access import it_admin
from portal.people.models import KINDS
from portal.persons import MARKS, Department, Grant, Person
from portal.refused import Mistyped, NotYours, Refused
from portal.words import Words, _, _n


def only_administrators(by: Person | None) -> None:
    """Nobody named means the command line of the server itself. Raises NotYours."""
    if by is not None and not access.any_of(it_admin).allows(access.posts_of(by)):
        raise NotYours()


@db.transaction
def add_department(
    by: Person | None,
    name: str,
    name_en: str = "",
    parent: Department | None = None,
    kind: str = "department",
    mark: str | None = None,
) -> Department:
    only_administrators(by)
    made = Department(name=name.strip(), name_en=name_en.strip(), parent=parent, kind=kind, mark=mark or None)
    _check(made)
    made.save()
    history.record(made, "add", by, data=_facts(made))
    tasks.reroute()
    return made


@db.transaction
def change_department(by: Person | None, department: Department, **changed: Any) -> Department:
    """New name, name_en, parent, kind or mark."""
    only_administrators(by)
    here = Department.get_by_id(department.id)
    before = _facts(here)
    for name, value in changed.items():
        assert name in ("name", "name_en", "parent", "kind", "mark")
        setattr(here, name, value.strip() if isinstance(value, str) else value)
    here.mark = here.mark or None
    _check(here)
    if (after := _facts(here)) == before:
        return here
    here.save(only=[Department.name, Department.name_en, Department.parent, Department.kind, Department.mark])
    history.record(here, "change", by, data={"before": before, "after": after})
    tasks.reroute()
    return here


@db.transaction
def close_department(by: Person | None, department: Department) -> None:
    """Nothing is deleted: it stays on the papers it had. Its mark becomes free."""
    only_administrators(by)
    here = Department.get_by_id(department.id)
    if why := why_not_close(here):
        raise Refused(why)
    Department.update(active=False, mark=None).where(Department.id == here.id).execute()
    history.record(here, "close", by, data={"mark": here.mark})
    tasks.reroute()


@db.transaction
def reopen_department(by: Person | None, department: Department) -> None:
    only_administrators(by)
    here = Department.get_by_id(department.id)
    if here.parent and not here.parent.active:
        raise Refused(_("Reopen %(department)s first.", department=here.parent.called))
    Department.update(active=True).where(Department.id == here.id).execute()
    history.record(here, "reopen", by)
    tasks.reroute()


def why_not_close(department: Department) -> Words | None:
    people = Person.select().where(Person.department == department, Person.active).count()
    if people:
        return _n("%(n)s person still belongs to it.", "%(n)s people still belong to it.", people)
    below = Department.select().where(Department.parent == department, Department.active).count()
    if below:
        return _n("%(n)s department still stands below it.", "%(n)s departments still stand below it.", below)
    granted = Grant.select().where(Grant.department == department, Grant.revoked_at.is_null()).count()
    if granted:
        return _n("%(n)s role is still granted for it.", "%(n)s roles are still granted for it.", granted)
    return None


def _check(department: Department) -> None:
    if not department.name:
        raise Mistyped(_("Give it a name."), "name")
    if department.kind not in KINDS:
        raise Mistyped(_("Choose branch or department."), "kind")
    if department.mark and department.mark not in MARKS:
        raise Mistyped(_("Choose one of the list."), "mark")
    _check_unique(department)
    _check_parent(department)


def _check_unique(department: Department) -> None:
    others = Department.select().where(Department.id != (department.id or 0))
    if others.where(Department.name == department.name).exists():
        raise Mistyped(_("There is a department of this name already."), "name")
    marked = others.where(Department.mark == department.mark).first() if department.mark else None
    if marked:
        raise Mistyped(_("%(department)s has this mark already.", department=marked.called), "mark")


def _check_parent(department: Department) -> None:
    """No department stands below itself, nor below one that is closed."""
    above = department.parent
    if above is None and department.kind != "branch":
        raise Mistyped(_("Say what it belongs to."), "parent")
    if above is not None and not above.active:
        raise Mistyped(_("%(department)s is closed.", department=above.called), "parent")
    while above is not None:
        if above.id == department.id:
            raise Mistyped(_("It cannot belong to itself or to one below it."), "parent")
        above = above.parent


def _facts(department: Department) -> dict[str, Any]:
    return {
        "name": department.name,
        "name_en": department.name_en,
        "parent": department.parent_id,
        "kind": department.kind,
        "mark": department.mark,
    }
