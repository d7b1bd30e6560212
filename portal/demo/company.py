"""Founds the demo company: departments, people, and the roles the general manager confirms one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from portal import clock, policies, steps
from portal.cases import Case
from portal.demo.past import Story, at_work
from portal.demo.people import ADMINISTRATOR, EMPLOYEES, GENERAL_MANAGER, HEAD_OFFICE, LEAVER, PASSWORD, UNITS, Employee
from portal.people import rules, rules_departments, rules_grants
from portal.people.rules_grants import Terms
from portal.persons import Department, Grant, Person

REPORTED_DAYS = 40  # how long ago the last changes of people were


def unit(name: str) -> Department:
    found = Department.find("name = ?", name)
    assert found is not None, name
    return found


def person(user: str) -> Person:
    found = Person.find('"user" = ?', user)
    assert found is not None, user
    return found


def found(first: date, present: datetime) -> Iterator[Story]:
    yield _founding(first)
    yield _coming_and_going(clock.local(present).date())


def _founding(first: date) -> Story:
    yield at_work(first, 9, 0)
    office = next(each for each in UNITS if each.mark == "office")
    rules.found_company(
        company="云杉", company_en="Yunshan", department=office.name, department_en=office.name_en,
        admin_user=ADMINISTRATOR.user, admin_name=ADMINISTRATOR.name, gm_user=GENERAL_MANAGER.user, gm_name=GENERAL_MANAGER.name,
    )  # fmt: skip
    policies.change(None, rules.is_demo, True)
    policies.change(None, rules.demo_password, PASSWORD)
    rules_departments.change_department(None, unit("云杉"), name=HEAD_OFFICE.name, name_en=HEAD_OFFICE.name_en)
    for each in UNITS:
        if each is not office:
            rules_departments.add_department(None, each.name, each.name_en, unit(each.parent), each.kind, each.mark)
    for chief in (ADMINISTRATOR, GENERAL_MANAGER):
        rules.change_person(None, person(chief.user), name_en=chief.name_en, department=unit(chief.unit))
    newcomers = [each for each in (*EMPLOYEES, LEAVER) if each not in (ADMINISTRATOR, GENERAL_MANAGER)]
    administrator = person(ADMINISTRATOR.user)
    rules.add_people(
        administrator, [rules.NewPerson(each.user, each.name, unit(each.unit), each.name_en, each.level) for each in newcomers]
    )
    yield at_work(first, 10, 30)
    asked = [case for each in newcomers for case in _give_all(administrator, each)]
    yield at_work(first, 14, 10)
    for case in asked:
        _confirm(case)


def _give_all(administrator: Person, employee: Employee) -> Iterator[Case]:
    """Gives the roles of the employee; answers the papers that wait for the general manager."""
    for role, of in employee.held():
        made = rules_grants.give(
            administrator, person(employee.user), Terms(role, unit(of) if of else None), f"demo-{employee.user}-{role}"
        )
        if isinstance(made, Case):
            yield made


def _confirm(case: Case) -> None:
    steps.take(person(GENERAL_MANAGER.user), case.id, "grant", (case.state, case.version))


def _coming_and_going(today: date) -> Story:
    """Somebody stands in, somebody gave a role back, somebody will get one, somebody has left."""
    start = today - timedelta(days=REPORTED_DAYS)
    yield at_work(start, 9, 20)
    administrator = person(ADMINISTRATOR.user)
    helping = rules_grants.give(administrator, person("qinfeng"), Terms("marketing_staff", reason="双十一筹备支援"))
    assert isinstance(helping, Grant)
    yield at_work(start + timedelta(days=12), 16, 0)
    rules.disable(administrator, person(LEAVER.user), "离职")
    yield at_work(today - timedelta(days=11), 17, 30)
    rules_grants.revoke(administrator, helping, "支援结束")
    yield at_work(today - timedelta(days=6), 9, 40)
    asked = rules_grants.give(
        administrator,
        person("xiayu"),
        Terms("dept_manager", unit("采购部"), ends=today + timedelta(days=20), acting=True, reason="余波休假期间代理"),
        "demo-acting",
    )
    rules_grants.give(
        administrator, person("gaoyuan"), Terms("designer", starts=today + timedelta(days=14), reason="兼任专题页设计")
    )
    assert isinstance(asked, Case)
    yield at_work(today - timedelta(days=6), 11, 15)
    _confirm(asked)
    yield at_work(today - timedelta(days=1), 15, 5)
    rules_grants.give(
        administrator, person("mengting"), Terms("dept_manager", unit("客户服务部"), reason="升任客服副经理"), "demo-waiting"
    )


def set_passwords() -> None:
    """Everybody has changed the one-time password to the one that is printed."""
    for each in (*EMPLOYEES, LEAVER):
        rules.change_password(person(each.user), PASSWORD)
