"""Who holds which role now; giving and taking back."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from portal import clock, kinds
from portal.access import ROLES, Right
from portal.cases import Case
from portal.fields import PaperForm, clean, form_key
from portal.languages import here
from portal.people import models, rules_grants
from portal.people.forms import GrantForm
from portal.people.models import PAGE
from portal.people.rules_grants import GRANT
from portal.people.views_door import done, pages
from portal.people.views_people import ADMINISTRATION, administrators, overseers
from portal.persons import LEVELS, Grant, Person
from portal.web import NAVIGATION, Link, asked, confirm_first, filled, find, go, key, me, page, page_key, tell, with_filters
from portal.words import _

NAVIGATION.append(Link(_("Roles"), "people.grants", "key-round", group=ADMINISTRATION, place=90))

kinds.register(
    kinds.Kind(
        flow=GRANT,
        form=PaperForm,
        folder="people",
        new=_("Role for a person"),
        about=_("Asked for on the page of roles."),
        may_start=Right(frozenset({"nobody"})),  # begun by giving a role, never from the list of papers
        extra=lambda case, person: {"grant_label": rules_grants.grant_label, "level_labels": LEVELS},
    )
)


@pages.get("/grants", may=overseers)
def grants() -> Any:
    role, acting = asked("role", ROLES), asked("acting", {"1"})
    found = models.grants_held(role, bool(acting), page_key("after"))
    shown = found[:PAGE]
    held = {grant.role for grant in shown}
    return page(
        "people/grants.html",
        grants=shown,
        next=with_filters(after=shown[-1].id) if len(found) > PAGE else "",
        grant_label=rules_grants.grant_label,
        choices=[(name, each.label) for name, each in ROLES.items()],
        role=role,
        acting=acting,
        today=clock.today(),
        requests=rules_grants.open_requests(),
        vacant=[]
        if role or acting or len(found) > PAGE
        else [each.label for name, each in ROLES.items() if _is_vacant(name, held)],
    )


def _is_vacant(role: str, held: set[str]) -> bool:
    return role not in held and role not in rules_grants.DERIVED and ROLES[role].scope == "company"


@pages.form("/grants/new", may=administrators)
def give_role() -> Any:
    form = filled(GrantForm)
    form.person.choices = [(each.id, f"{here(each.called)} · {each.user}") for each in _everybody()]
    if request.method == "POST":
        if form.validate():
            confirm_first()
        if given := done(form, lambda: _give(form)):
            return _said(given)
    elif request.args.get("person"):
        form.person.data = key(request.args["person"])
    return page("people/grant_form.html", 200 if request.method == "GET" else 422, form=form, weighty=_weighty())


def _everybody() -> list[Person]:
    return list(Person.select().where(Person.active, Person.id != me().id).order_by(Person.name, Person.id))


def _weighty() -> list[Any]:
    return [role.label for role in ROLES.values() if role.needs_gm]


def _give(form: GrantForm) -> Grant | Case:
    return rules_grants.give(me(), find(Person, form.person.data), form.terms(), form_key(form.token.data))


def _said(given: Grant | Case) -> Response:
    if isinstance(given, Grant):
        tell(_("%(who)s now holds the role %(role)s.", who=given.person.called, role=ROLES[given.role].label))
        return go("people.person", number=given.person_id)
    tell(_("%(number)s waits for the general manager.", number=given.number), "blue")
    return go("people.person", number=given.beneficiary_id)


@pages.post("/grants/<number>/revoke", may=administrators)
def revoke_role(number: str) -> Response:
    grant = find(Grant, number)
    confirm_first()
    rules_grants.revoke(me(), grant, clean(request.form.get("reason"))[:200])
    tell(_("%(who)s no longer holds the role %(role)s.", who=grant.person.called, role=ROLES[grant.role].label), "amber")
    return go("people.person", number=grant.person_id)
