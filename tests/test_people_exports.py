"""People taken away as a table: the administrator all, a head those of the own department and below it (DBA-14)."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from portal.history import Event, Refusal
from portal.persons import Department, Person
from tests.administrator import granted, ida
from tests.cast import NEVER_OLD


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def browser(client):
    def of(person):
        made = client(person)
        made.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return made

    return of


@pytest.fixture
def team(cast):
    """Below Marketing a team with one person in it, and one who has left."""
    made = Department.create(name="推广组", name_en="Promotion", parent=cast.department("Marketing"))
    for user, active in (("tao", True), ("gone", False)):
        Person.create(user=user, name=user, name_en="", department=made, active=active, password_set_at=NEVER_OLD)
    return made


def rows(answer):
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_a_head_takes_the_own_department_and_below_it_as_the_page_shows_them(browser, cast, team):
    found = rows(browser(cast.hao).post("/people/export", data={"kind": "csv"}))

    assert found[0] == ["Name", "Name in English", "Department", "Head of the department"]
    assert sorted(found[1:]) == [
        ["tao", "", "Promotion", ""], ["安妮", "Ann", "Marketing", "Hao"], ["郝", "Hao", "Marketing", "Hao"]
    ]  # fmt: skip


def test_a_workbook_holds_the_same_of_the_own_department(browser, cast, team):
    answer = browser(cast.hao).post(f"/people/export?department={team.id}&state=all&sort=level", data={"kind": "xlsx"})

    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert [row[0] for row in sheet.iter_rows(values_only=True)] == ["Name", "tao"]


def test_dba_14_people_of_another_department_are_refused_and_the_attempt_kept(browser, cast):
    office = cast.department("Office")

    answer = browser(cast.hao).post(f"/people/export?department={office.id}", data={"kind": "csv"})

    assert answer.status_code == 403 and "your own department only" in answer.text
    assert Refusal.select().order_by(Refusal.id.desc()).get().person_id == cast.hao.id
    assert Event.select().where(Event.action == "export").count() == 0


def test_dba_14_what_a_head_took_stands_in_the_trail(browser, cast, team):
    browser(cast.hao).post("/people/export", data={"kind": "csv"})

    event = Event.get(Event.action == "export")
    assert (event.by_id, event.facts()["people"]) == (cast.hao.id, 3)
    assert "took a list of people away" in browser(cast.mei).get("/audit?thing=person").text


def test_a_head_who_looks_after_accounts_takes_what_that_page_shows(browser, cast):
    granted(cast.bo, "it_head")
    granted(cast.bo, "dept_manager", cast.department("IT"))

    found = rows(browser(cast.bo).post("/people/export?state=all", data={"kind": "csv"}))

    assert (found[0][0], [row[0] for row in found[1:]]) == ("User name", ["bo"])


def test_the_buttons_stand_where_one_may_and_say_whom_they_take(browser, cast, team):
    office, admin = cast.department("Office"), ida()
    mine = browser(cast.hao)

    assert "Export my department as XLSX" in mine.get("/people").text
    assert "Export my department as CSV" in mine.get(f"/people?department={team.id}").text
    assert "Export" not in mine.get(f"/people?department={office.id}").text
    assert "Export" not in browser(cast.ann).get("/people").text
    assert "Export as XLSX" in browser(admin).get(f"/people?department={office.id}").text
