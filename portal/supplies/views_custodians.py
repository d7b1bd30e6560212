"""Who manages each department's supplies, and which departments have nobody (SUP-16)."""

from __future__ import annotations

from typing import Any

from flask import request

from portal import exports, languages
from portal.access import any_of, dept_manager, everyone, it_admin
from portal.persons import Department
from portal.refused import Mistyped, NotThere
from portal.supplies.forms_catalogue import CustodianForm
from portal.supplies.models_catalogue import Keeper, custodian_of, keepers
from portal.supplies.rules_custodians import colleagues, may_name, name_custodian
from portal.supplies.views_catalogue import SUPPLIES, pages
from portal.web import NAVIGATION, Link, asked, filled, find, go, me, my_posts, page, sent, tell
from portal.words import Words, _

NAMES = any_of(dept_manager, it_admin)
NAVIGATION.append(Link(_("Custodians"), "supplies.custodians", "user-check", SUPPLIES, place=56))
_COLUMNS: list[Words] = [_("Department"), _("Custodian"), _("Stands in"), _("Head of the department")]


@pages.get("/supplies/custodians", may=everyone)
def custodians() -> Any:
    """Departments without a custodian first."""
    found = sorted(keepers(), key=lambda each: each.custodian is not None)
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("custodians", _COLUMNS, map(_cells, found), kind, languages.here))
    posts = my_posts()
    return page(
        "supplies/custodians.html",
        rows=[(each, may_name(posts, each.department.id)) for each in found],
        without=sum(each.custodian is None for each in found),
    )


def _cells(each: Keeper) -> list[Any]:
    named = languages.here(each.custodian[1]) if each.custodian else ""
    return [
        languages.here(each.department.called),
        named,
        *(", ".join(map(languages.here, some)) for some in (each.standing_in, each.heads)),
    ]


@pages.form("/supplies/custodians/<department_id>", may=NAMES)
def custodian(department_id: str) -> Any:
    department = find(Department, department_id)
    if department.kind != "department" or not may_name(my_posts(), department.id):
        raise NotThere()
    form = filled(CustodianForm)
    form.person.choices = [(each.id, each.called) for each in colleagues(department.id) if each.id != me().id]
    before = custodian_of(department.id)
    if request.method == "POST" and form.validate():
        try:
            grant = name_custodian(me(), department.id, form.person.data)
            tell(_("%(who)s now manages the supplies of %(department)s.", who=grant.person.called, department=department.called))
            return go("supplies.custodians")
        except Mistyped as refusal:
            form.say(refusal.why, "person")
    status = 422 if request.method == "POST" else 200
    return page("supplies/custodian.html", status, form=form, department=department, before=before)
