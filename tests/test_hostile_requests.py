"""Requests no form of ours would send are refused with a sentence: none breaks a page, none leads elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portal import db, steps
from portal.cases import Case
from portal.history import Refusal
from portal.refused import SomebodyWasFirst
from tests import budgets, whole_company
from tests.everybody import person_as
from tests.signing_in import sign_in

template, company = whole_company.template, whole_company.company
alike = pytest.mark.no_database  # refused before the database, or alike on each
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def browser_of(app: Any, column: str) -> Any:
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()
    browser.set_cookie("language", "en")
    sign_in(app, browser, person_as(column))
    return browser


# ---- forms ----------------------------------------------------------------------------------------------------------


@alike
@pytest.mark.parametrize("number", ["²", "１", "9" * 5000, "-1", ""])
@pytest.mark.parametrize("path", ["/papers/new/spending", "/papers/rail/spending", "/expenses/live"])
def test_a_line_with_a_number_that_is_none_counts_as_no_line(company: Any, path: str, number: str) -> None:
    typed = {"title": "Train", f"lines-{number}-text": "Ticket of nobody"}

    answer = browser_of(company, "requester").post(path, data=typed)

    assert answer.status_code in (200, 303)
    assert "Ticket of nobody" not in answer.text


@alike
def test_one_more_line_than_there_is_room_for_is_not_added(company: Any) -> None:
    full = {f"lines-{n}-text": "Ticket" for n in range(101)}

    answer = browser_of(company, "requester").post("/papers/new/spending", data=full | {"title": "Train", "add_line": "1"})

    assert answer.status_code == 200
    assert 'name="lines-101-text"' not in answer.text


@alike
@pytest.mark.parametrize("events", ["²", "9" * 5000])
def test_a_count_of_events_that_is_none_is_another_than_shown(company: Any, events: str) -> None:
    typed = {"name": "Otherwise", "active": "y", "events": events}

    answer = browser_of(company, "chief_accountant").post("/budget/categories/1", data=typed)

    assert answer.status_code == 409


WRONG_ROWS = {
    "infinite": "[[1e999, {}]]",
    "below one": "[[0, {}]]",
    "true": "[[true, {}]]",
    "of many digits": f"[[{'9' * 4000}, {{}}]]",
    "a list": '[[1, ["user"]]]',
    "numbers": '[[1, {"user": 1, "year": 2026}]]',
    "deep": "[" * 100_000,
    "none": "[]",
    "too many": json.dumps([[n, {}] for n in range(1, 10_002)]),
}


@alike
@pytest.mark.parametrize("rows", WRONG_ROWS)
@pytest.mark.parametrize(
    ("column", "path"), [("chief_accountant", "/budget/import/confirm"), ("it_admin", "/people/import/confirm")]
)
def test_rows_that_no_preview_carried_are_refused(company: Any, column: str, path: str, rows: str) -> None:
    answer = browser_of(company, column).post(path, data={"rows": WRONG_ROWS[rows], "token": "a" * 24})

    assert answer.status_code == 422
    assert "Choose a file." in answer.text


@alike
@pytest.mark.parametrize("sign", ["\ud800", "\0", "\u202e"])
def test_signs_that_cannot_be_shown_do_not_come_in_behind_the_preview(company: Any, sign: str) -> None:
    person = {"user": f"x{sign}", "name": f"x{sign}", "department": f"x{sign}", "level": f"x{sign}"}
    line = {"year": "2026", "department": f"x{sign}", "code": f"x{sign}", "allotted": "1"}

    answers = [
        browser_of(company, "it_admin").post("/people/import/confirm", data={"rows": json.dumps([[2, person]])}),
        browser_of(company, "chief_accountant").post("/budget/import/confirm", data={"rows": json.dumps([[2, line]])}),
    ]

    assert [each.status_code for each in answers] == [409, 409]
    assert not any(sign in each.text for each in answers)


@pytest.mark.parametrize("token", ["", "\0", "x" * 500])
def test_a_key_no_form_was_opened_with_makes_a_paper_of_its_own(cast: Any, app: Any, token: str) -> None:
    line = budgets.budget_line(cast.department("Marketing"))
    name, code = cast.department("Marketing").name, line.category.code
    accountant, told = browser_of(app, "chief_accountant"), []

    for amount in ("1500", "1700"):
        rows = [[2, {"year": str(line.year), "department": name, "code": code, "allotted": amount}]]
        told.append(accountant.post("/budget/import/confirm", data={"rows": json.dumps(rows), "token": token}))

    assert [each.status_code for each in told] == [303, 303]
    assert told[0].location != told[1].location


# ---- addresses ------------------------------------------------------------------------------------------------------


@alike
@pytest.mark.parametrize("name", ["endpoint", "_external", "_scheme", "_method", "_anchor", "number", "form", "filename"])
@pytest.mark.parametrize("path", ["/papers", "/people", "/inbox"])
def test_a_name_in_the_address_is_a_filter_and_nothing_more(company: Any, path: str, name: str) -> None:
    browser = browser_of(company, "gm")

    answer = browser.get(path, query_string={name: "javascript"})

    assert answer.status_code == 200
    assert "javascript:" not in answer.text
    assert 'href="http' not in answer.text


@alike
def test_the_number_of_a_line_is_not_asked_twice(company: Any, template: Any) -> None:
    line = template[2]["line"].id if "line" in template[2] else 1

    answer = browser_of(company, "gm").get(f"/budget/lines/{line}?line_id=7")

    assert answer.status_code in (200, 404)


@alike
@pytest.mark.parametrize("year", ["02000" + "9" * 30, "9" * 5000, "２０２６", "2026x", "²", "1999"])
def test_a_year_that_is_none_is_this_one(company: Any, year: str) -> None:
    browser = browser_of(company, "gm")

    answers = [browser.get(path, query_string={"year": year}) for path in ("/budget", "/budget/export/csv")]

    assert [each.status_code for each in answers] == [200, 200]


@alike
@pytest.mark.parametrize("month", ["9999-12", "2026-13", "2026-1", "２０２６-01", "0000-00", "2026-01-15", "1999-12"])
def test_a_month_that_is_none_is_this_one(company: Any, month: str) -> None:
    browser = browser_of(company, "gm")

    for path in ("/expenses/business", "/expenses/overruns"):
        assert browser.get(path, query_string={"month": month}).text.count("selected") == browser.get(path).text.count("selected")


def test_signs_without_a_shape_do_not_reach_the_database(cast: Any, app: Any) -> None:
    boss, ann = browser_of(app, "gm"), browser_of(app, "requester")

    assert boss.get("/expenses/business", query_string={"client": "a\0b"}).status_code == 200
    assert ann.get("/budget/export/c%00%0Av").status_code == 403
    assert Refusal.select().order_by(Refusal.id.desc()).get().attempt == "GET /budget/export/cv"


@alike
def test_where_a_script_is_sent_is_an_address_a_header_can_carry(company: Any) -> None:
    answer = browser_of(company, "requester").post("/theme", data={"theme": "", "next": "/papers?q=采购"}, headers=PARTIAL)

    assert answer.headers["HX-Redirect"] == "/papers?q=%E9%87%87%E8%B4%AD"


@alike
@pytest.mark.parametrize("path", ["/people/new", "/grants/new", "/departments/new", "/me/account"])
def test_a_page_without_parts_is_whole_also_for_a_script(company: Any, path: str) -> None:
    answer = browser_of(company, "it_admin").post(path, data={"account": "x" * 200, "number": "x" * 200}, headers=PARTIAL)

    assert answer.status_code == 422
    assert "<html" in answer.text


# ---- papers ---------------------------------------------------------------------------------------------------------


@alike
@pytest.mark.parametrize("name", ["spending", "allotment", "transfer"])
def test_a_paper_of_another_kind_is_not_copied(company: Any, template: Any, name: str) -> None:
    others = [row[0] for row in db.rows("SELECT id FROM cases WHERE kind <> ? ORDER BY id", name)]
    browser = browser_of(company, "chief_accountant")

    assert others
    assert {browser.get(f"/papers/new/{name}?copy={each}").status_code for each in others} == {404}


def test_version_zero_is_no_version_a_paper_was_shown_in(cast: Any, app: Any) -> None:
    line = budgets.budget_line(cast.department("Marketing"))
    case = budgets.asked(cast.ann, line, 100)

    with pytest.raises(SomebodyWasFirst):
        steps.take(cast.mei, case.id, "approve", (case.state, 0))
    answer = browser_of(app, "requester").post(
        f"/papers/{case.id}/steps", data={"step": "withdraw", "state": case.state, "version": "0"}
    )

    assert answer.status_code == 409
    assert Case.get_by_id(case.id).state == case.state


def test_a_comment_far_too_long_is_refused_before_its_names_are_looked_up(cast: Any, app: Any) -> None:
    case = budgets.asked(cast.ann, budgets.budget_line(cast.department("Marketing")), 100)
    names = " ".join(f"@nobody{n}" for n in range(40_000))

    answer = browser_of(app, "requester").post(f"/papers/{case.id}/comments", data={"note": names})

    assert answer.status_code == 422
    assert "Write a comment of at most" in answer.text
