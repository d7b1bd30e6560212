"""The directory for everybody, and the pages where accounts are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, request

from portal import exports, languages
from portal.access import ROLES, any_of, departments_headed, dept_manager, everyone, gm, it_admin, it_head
from portal.people import models, models_audit, rules, rules_grants
from portal.people.forms import LevelForm, NewPersonForm, PersonForm, ReasonForm, department_of
from portal.people.models import PAGE, Chosen, Place
from portal.people.views_door import done, pages
from portal.persons import LEVELS, Person
from portal.refused import NotYours
from portal.web import (
    NAVIGATION,
    Link,
    asked,
    confirm_first,
    filled,
    find,
    go,
    key,
    me,
    my_posts,
    page,
    page_key,
    sent,
    tell,
    with_filters,
)
from portal.words import Words, _

Table = tuple[list[Words], Callable[[Person], tuple[Any, ...]]]  # headings, and the cells of a person

administrators = any_of(it_admin)
overseers = any_of(gm, it_head, it_admin)
STATES = {"": _("In service"), "disabled": _("Disabled"), "all": _("All")}
ADMINISTRATION = _("Administration")

NAVIGATION.append(Link(_("People"), "people.people", "users", group=_("Company"), place=80))


@pages.get("/people", may=everyone)
def people() -> Any:
    chosen = _chosen()
    found = chosen.page(page_key("after"))
    shown, tops = found[:PAGE], models.tree(with_heads=not _oversees())
    places = [place for top in tops for place in top.all()]
    return page(
        "people/people.html",
        chosen=chosen,
        people=shown,
        next=with_filters(after=shown[-1].id) if len(found) > PAGE else "",
        tops=tops,
        heads={place.department.id: place.heads for place in places},
        roles=models.roles_of(shown) if _oversees() else {},
        oversees=_oversees(),
        may_take=_may_take(chosen, places),
        takes_all=administrators.allows(my_posts()),
        departments=[(place.department.id, place.department.called) for place in places],
        grant_label=rules_grants.grant_label,
        level_labels=LEVELS,
        role_choices=[(name, role.label) for name, role in ROLES.items()],
        levels=list(LEVELS.items()),
        states=list(STATES.items()),
    )


def _oversees() -> bool:
    return overseers.allows(my_posts())


def _chosen() -> Chosen:
    """The filters of the address; what only those who look after accounts may ask is left out for the others."""
    sees = _oversees()
    department = request.args.get("department") or ""
    state = asked("state", STATES) if sees else ""
    return Chosen(
        words=request.args.get("q", "")[:100].replace("\0", ""),
        department=key(department) if department else None,
        role=asked("role", ROLES) if sees else "",
        level=asked("level", LEVELS) if sees else "",
        active={"": True, "disabled": False, "all": None}[state],
        sort=asked("sort", models.SORTS if sees else {"name"}, "name"),
    )


@pages.post("/people/export", may=any_of(it_admin, dept_manager))
def export_people() -> Response:
    """The list as filtered, as a table to take away; who took it is kept (DBA-14)."""
    confirm_first()
    chosen = _to_take_away()
    if chosen is None:
        raise NotYours(_("You take away the people of your own department only."))
    kind = request.form.get("kind") if request.form.get("kind") in ("csv", "xlsx") else "xlsx"
    columns, cells = _account_columns() if _oversees() else _directory_columns()
    rules.note_export(me(), chosen.people().count())
    return sent(exports.table("people", columns, map(cells, chosen.all()), str(kind), languages.here))


def _may_take(chosen: Chosen, places: list[Place]) -> bool:
    """Whether the list may be taken away as `_to_take_away` says, asked of the departments the page has read."""
    if administrators.allows(my_posts()):
        return True
    headed = departments_headed(my_posts())
    own = {each.department.id for place in places if place.department.id in headed for each in place.all()}
    return bool(own) and chosen.department in (None, *own)


def _to_take_away() -> Chosen | None:
    """The people of the list whom this person may take away: the administrator all, a head those of the own department and
    below it. Nobody where the list is of another department."""
    chosen = _chosen()
    if administrators.allows(my_posts()):
        return chosen
    own = models.and_below(*departments_headed(my_posts()))
    return replace(chosen, within=tuple(own)) if chosen.department in (None, *own) else None


def _account_columns() -> Table:
    def cells(person: Person) -> tuple[Any, ...]:
        return person.user, person.name, person.name_en, person.department.name, LEVELS[person.level], person.is_active

    return [_("User name"), _("Name"), _("Name in English"), _("Department"), _("User level"), _("In service")], cells


def _directory_columns() -> Table:
    """What everybody sees of a person."""
    heads = models.heads()

    def cells(person: Person) -> tuple[Any, ...]:
        led_by = ", ".join(languages.here(head.called) for head in heads.get(person.department_id, []))
        return person.name, person.name_en, languages.here(person.department.called), led_by

    return [_("Name"), _("Name in English"), _("Department"), _("Head of the department")], cells


# ---- one person -----------------------------------------------------------------------------------------------------


@pages.get("/people/<number>", may=overseers)
def person(number: str) -> Any:
    return _page(find(Person, number))


def _page(person: Person, status: int = 200, **more: Any) -> Response:
    left = models.left_by(person)
    values = {
        "person": person,
        "left": left,
        "readable": models.readable(left.cases(), my_posts()),
        "requests": rules_grants.open_requests(person),
        "history": models_audit.history_of_person(person),
        "level_form": LevelForm(formdata=None, level=person.level),
        "levels": LEVELS,
        "is_me": person.id == me().id,
        "called": rules_grants.post_called,
    }
    return page("people/person.html", status, **(values | more))


@pages.form("/people/new", may=administrators)
def new_person() -> Any:
    form = filled(NewPersonForm)
    if request.method == "POST" and (password := done(form, lambda: _add(form))):
        return page("people/one_time.html", passwords={form.user.data.strip().casefold(): password}, new=True)
    if request.method == "GET" and request.args.get("department"):
        form.department.data = key(request.args["department"])
    return page("people/person_form.html", 200 if request.method == "GET" else 422, form=form, person=None)


def _add(form: NewPersonForm) -> str:
    department = department_of(form.department)
    assert department is not None
    return rules.add_person(me(), form.user.data, form.name.data, department, form.name_en.data, form.level.data)


@pages.form("/people/<number>/edit", may=administrators)
def edit_person(number: str) -> Any:
    person = find(Person, number)
    form = filled(PersonForm, obj=None, **_typed(person))
    if request.method == "POST" and done(form, lambda: _change(person, form)):
        tell(_("The details of %(who)s have been changed.", who=person.called))
        return go("people.person", number=person.id)
    return page("people/person_form.html", 200 if request.method == "GET" else 422, form=form, person=person)


def _typed(person: Person) -> dict[str, Any]:
    return {"name": person.name, "name_en": person.name_en, "department": person.department_id}


def _change(person: Person, form: PersonForm) -> Person:
    changed = {"name": form.name.data, "name_en": form.name_en.data, "department": department_of(form.department)}
    return rules.change_person(me(), person, **changed)


@pages.post("/people/<number>/level", may=administrators)
def set_level(number: str) -> Any:
    person = find(Person, number)
    form = filled(LevelForm)
    if form.validate():
        confirm_first()
    if done(form, lambda: rules.set_level(me(), person, form.level.data, form.reason.data) or True):
        tell(_("%(who)s now has the level %(level)s.", who=person.called, level=LEVELS[form.level.data]))
        return go("people.person", number=person.id)
    return _page(person, 422, level_form=form)


@pages.form("/people/<number>/disable", may=administrators)
def disable_person(number: str) -> Any:
    """Shows first what still waits for the person or belongs to them."""
    person = find(Person, number)
    form = filled(ReasonForm)
    if request.method == "POST":
        if form.validate():
            confirm_first()
        if done(form, lambda: rules.disable(me(), person, form.reason.data) or True):
            tell(_("%(who)s can no longer sign in.", who=person.called), "amber")
            return go("people.person", number=person.id)
    left = models.left_by(person)
    return page(
        "people/disable.html",
        200 if request.method == "GET" else 422,
        person=person,
        form=form,
        left=left,
        readable=models.readable(left.cases(), my_posts()),
        called=rules_grants.post_called,
    )


@pages.post("/people/<number>/enable", may=administrators)
def enable_person(number: str) -> Response:
    person = find(Person, number)
    rules.enable(me(), person)
    tell(_("%(who)s can sign in again.", who=person.called))
    return go("people.person", number=person.id)


@pages.post("/people/<number>/password", may=administrators)
def reset_password(number: str) -> Response:
    """The one-time password stands on this answer only; it is kept nowhere."""
    person = find(Person, number)
    confirm_first()
    return page("people/one_time.html", passwords={person.user: rules.reset_password(me(), person)}, new=False)
