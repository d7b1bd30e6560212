"""Whatever is thrown at a form is refused with a sentence or taken whole: nothing breaks, nothing is half written."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from portal import db
from portal.cases import Case
from tests import whole_company
from tests.everybody import person_as
from tests.signing_in import sign_in

pytestmark = pytest.mark.no_database  # what is refused before the database is refused alike on each
template, company = whole_company.template, whole_company.company

with (Path(__file__).parent / "access.csv").open(newline="") as opened:
    ROWS: list[dict[str, str]] = list(csv.DictReader(opened))
FORMS = list(
    {(row["route"], row["on"] if "<name>" in row["route"] else ""): row for row in ROWS if row["method"] == "POST"}.values()
)
NUMBERED = [row for row in ROWS if any(each in row["route"] for each in ("<number>", "_id>"))]
FIELDS = (
    *("title", "purpose", "line", "expected_date", "nature", "business_kind", "who", "why", "lines-0-text", "lines-0-amount"),
    *("lines-0-department", "lines-0-category", "lines-0-new", "year", "giver", "receiver", "amount", "reason", "code", "name"),
    *("name_en", "active", "events", "user", "level", "department", "parent", "kind", "mark", "person", "role", "starts", "ends"),
    *("acting", "token", "version", "state", "step", "note", "to", "paper", "value", "theme", "language", "next", "account"),
    *("old", "new", "again", "password", "rows", "do", "expires"),
)
THROWN = {
    "nul": "a\0b",
    "control": "a\x1b[2Jb",
    "a megabyte": "x" * 1_000_000,
    "right to left": "\u202eשלום\u202c",
    "emoji": "👩‍👩‍👧‍👦",
    "lone surrogate": "%ED%A0%80",
    "too large a number": "1e309",
    "not a number": "NaN",
    "negative": "-1",
    "too exact": "1.005",
    "no such day": "2026-02-31",
    "week": "2026-W01-1",
    "zero": "0",
    "past 31 bits": str(2**31),
    "past 63 bits": str(2**63),
    "foreign digits": "１２",
    "markup": "<script>alert(1)</script>",
    "statement": "'; DROP TABLE persons; --",
    "blank": " \u200b\u3000",
}
MEANT = {200, 204, 303, 400, 401, 403, 404, 409, 413, 422, 429}
NO_CHANGE = {"sessions", "attempts", "known_addresses", "refusals"}  # what a refused attempt itself leaves behind


def who_may(row: dict[str, str]) -> str:
    """The first column that may."""
    return next(name for name in list(row)[5:] if row[name] == "ok") if "ok" in list(row.values())[5:] else "gm"


def address(row: dict[str, str], number: Any) -> str:
    before, _bracket, rest = row["route"].partition("<")
    name, _end, after = rest.partition(">")
    return f"{before}{row['on'] if name in ('name', 'kind', 'form') else number}{after}" if name else before


def browser_of(app: Any, column: str) -> Any:
    browser = app.test_client()
    browser.set_cookie("language", "en")
    sign_in(app, browser, person_as(column))
    return browser


def rows_now() -> dict[str, int]:
    return dict(db.rows(_counting()))


@cache
def _counting() -> str:
    names = [name for name in db.db.get_tables() if name not in NO_CHANGE]
    return " UNION ALL ".join(f"SELECT '{name}', COUNT(*) FROM \"{name}\"" for name in names)


@pytest.mark.parametrize("thrown", THROWN)
def test_whatever_is_typed_everywhere_is_refused_with_a_sentence_or_taken_whole(company: Any, template: Any, thrown: str) -> None:
    company.config["WTF_CSRF_ENABLED"] = False
    wrong = []

    for row in FORMS:
        before = rows_now()
        path = address(row, getattr(template[2].get(row["on"].partition(":")[0]), "id", 1))
        fields = FIELDS if thrown != "a megabyte" else ["title", "name", "note"]
        answer = browser_of(company, who_may(row)).post(path, data=dict.fromkeys(fields, THROWN[thrown]))
        wrong += [f"{path}: {each}" for each in _wrongs(answer, before)]

    assert not wrong, "\n".join(wrong)


def _wrongs(answer: Any, before: dict[str, int]) -> list[str]:
    found = [] if answer.status_code in MEANT else [f"answers {answer.status_code}"]
    if answer.status_code >= 400:
        found += [] if answer.mimetype == "text/html" and "<h1" in answer.text else ["has no page that says why"]
        found += [] if rows_now() == before else ["wrote something although it refused"]
    if answer.mimetype == "text/html" and "<script>alert(1)" in answer.text:
        found.append("shows what was typed as markup")
    return found


KEPT = {
    "/papers/new/spending": ["title", "purpose", "lines-0-text", "lines-0-amount", "expected_date"],
    "/people/new": ["name", "user"],
    "/departments/new": ["name"],
    "/budget/categories": ["code", "name"],
    "/grants/new": ["reason", "starts"],
}


@pytest.mark.parametrize("path", KEPT)
def test_what_was_typed_stays_beside_what_is_wrong(company: Any, path: str) -> None:
    company.config["WTF_CSRF_ENABLED"] = False
    row = next(row for row in FORMS if address(row, 1) == path)
    typed = {name: f"1.005 / {n}" for n, name in enumerate(KEPT[path])}

    answer = browser_of(company, who_may(row)).post(path, data=typed | {"do": "submit"})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert [value for value in typed.values() if value not in answer.text] == []


@pytest.mark.parametrize(
    "number", ["0", "-1", str(2**31), str(2**63), "9" * 40, "99999", "x", "１", "1.0", "1e1", "%00", "a%0d%0ab"]
)
def test_req_21_a_number_that_is_nothings_is_not_there(company: Any, number: str) -> None:
    company.config["WTF_CSRF_ENABLED"] = False
    browsers = {column: browser_of(company, column) for column in {who_may(row) for row in NUMBERED}}
    ends_nothing = "/me/sessions/<number>/end"

    answers = [
        (row["method"], address(row, number), browsers[who_may(row)].open(address(row, number), method=row["method"]).status_code)
        for row in NUMBERED
        if not (row["route"] == ends_nothing and number == "99999")
    ]

    assert [each for each in answers if each[2] != 404] == []


@pytest.mark.parametrize("token", [None, "", "x" * 90, "foreign"])
def test_req_13_a_form_without_its_own_token_does_nothing(company: Any, template: Any, token: str | None) -> None:
    company.config["WTF_CSRF_ENABLED"] = True
    before, wrong = rows_now(), []
    if token == "foreign":
        token = browser_of(company, "cashier").get("/me").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    browsers = {column: browser_of(company, column) for column in {who_may(row) for row in FORMS}}

    for row in FORMS:
        path = address(row, getattr(template[2].get(row["on"].partition(":")[0]), "id", 1))
        typed = {"title": "A lamp"} | ({} if token is None else {"csrf_token": token})
        answer = browsers[who_may(row)].post(path, data=typed)
        wrong += [f"{path}: {answer.status_code}"] if answer.status_code not in (400, 403) or "<h1" not in answer.text else []

    company.config["WTF_CSRF_ENABLED"] = False
    assert wrong == []
    assert rows_now() == before


def test_a_wrong_method_is_said_and_does_nothing(company: Any) -> None:
    company.config["WTF_CSRF_ENABLED"] = False
    browser, before, wrong = browser_of(company, "gm"), rows_now(), []
    served: dict[str, set[str]] = {}
    for row in ROWS:
        served.setdefault(address(row, 1), set()).add(row["method"])

    for path, methods in served.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            answer = browser.open(path, method=method)
            wrong += [f"{method} {path}: {answer.status_code}"] if answer.status_code not in (404, 405) else []

    assert [each for each in wrong if "papers/" not in each] == []
    assert rows_now() == before


WRITTEN_DOWN = ("/copy.pdf", "/cover.pdf")  # each opening of a copy stands in the loan's history


def test_looking_changes_nothing(company: Any, template: Any) -> None:
    before = rows_now()
    counted = Case.select().where(Case.closed_at.is_null()).count()

    for row in ROWS:
        if row["method"] == "GET" and not row["route"].endswith(WRITTEN_DOWN):
            path = address(row, getattr(template[2].get(row["on"].partition(":")[0]), "id", 1))
            browser_of(company, who_may(row)).get(path)

    assert rows_now() == before
    assert Case.select().where(Case.closed_at.is_null()).count() == counted
