"""The tree of departments, each with its head and its mark."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from portal.people import models, models_audit, rules_departments
from portal.people.forms import DepartmentForm
from portal.people.views_door import done, pages
from portal.people.views_people import ADMINISTRATION, administrators, overseers
from portal.persons import MARKS, Department
from portal.web import NAVIGATION, Link, filled, find, go, key, me, page, tell
from portal.words import _

NAVIGATION.append(Link(_("Departments"), "people.departments", "building-2", group=ADMINISTRATION, place=90))


@pages.get("/departments", may=overseers)
def departments() -> Any:
    places = models.in_order(with_closed=True)
    missing = [label for mark, label in MARKS.items() if all(place.department.mark != mark for place in places)]
    return page("people/departments.html", places=places, marks=MARKS, kinds=models.KINDS, missing=missing)


@pages.form("/departments/new", may=administrators)
def new_department() -> Any:
    form = filled(DepartmentForm)
    if request.method == "POST" and (made := done(form, lambda: rules_departments.add_department(me(), **form.given()))):
        tell(_("%(department)s has been added.", department=made.called))
        return go("people.departments")
    if request.method == "GET" and request.args.get("parent"):
        form.parent.data = key(request.args["parent"])
    return page("people/department_form.html", 200 if request.method == "GET" else 422, form=form, department=None)


@pages.form("/departments/<number>", may=administrators)
def department(number: str) -> Any:
    department = find(Department, number)
    typed = {name: getattr(department, name) for name in ("name", "name_en", "kind", "mark")}
    form = filled(DepartmentForm, **typed, parent=department.parent_id)
    if request.method == "POST" and done(form, lambda: rules_departments.change_department(me(), department, **form.given())):
        tell(_("%(department)s has been changed.", department=Department.get_by_id(department.id).called))
        return go("people.departments")
    return page(
        "people/department_form.html",
        200 if request.method == "GET" else 422,
        form=form,
        department=Department.get_by_id(department.id),
        why_not=rules_departments.why_not_close(department),
        history=models_audit.history_of_department(department),
    )


@pages.post("/departments/<number>/close", may=administrators)
def close_department(number: str) -> Response:
    department = find(Department, number)
    rules_departments.close_department(me(), department)
    tell(_("%(department)s has been closed.", department=department.called), "amber")
    return go("people.departments")


@pages.post("/departments/<number>/reopen", may=administrators)
def reopen_department(number: str) -> Response:
    department = find(Department, number)
    rules_departments.reopen_department(me(), department)
    tell(_("%(department)s is open again.", department=department.called))
    return go("people.departments")
