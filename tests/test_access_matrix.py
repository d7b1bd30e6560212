"""Who may open and send what: every route as every role and as nobody, against a table written from the rulebook."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from portal.access import ROLES
from portal.cases import Case
from tests import whole_company
from tests.cast import Cast
from tests.everybody import THINGS, a_file, person_as, typed_for
from tests.signing_in import sign_in

pytestmark = pytest.mark.no_database  # rights are alike on every database: these tests keep their own
template, company = whole_company.template, whole_company.company

TABLE = Path(__file__).parent / "access.csv"
with TABLE.open(newline="") as opened:
    ROWS: list[dict[str, str]] = list(csv.DictReader(opened))
COLUMNS = list(ROWS[0])[4:]
ANSWERS = {"ok", "303", "401", "403", "404"}
FINE = {"GET": {200, 204}, "POST": {200, 303, 409, 422}}


def test_every_route_stands_in_the_table_and_no_other(company: Any) -> None:
    served = {
        (method, rule.rule) for rule in company.url_map.iter_rules() for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    listed = {(row["method"], row["route"]) for row in ROWS}

    assert served - listed == set(), "served, but the table does not say to whom"
    assert listed - served == set(), "in the table, but not served"


def test_every_role_has_its_column() -> None:
    assert set(ROLES) <= set(COLUMNS)
    assert {row[column] for row in ROWS for column in COLUMNS} <= ANSWERS


@pytest.mark.parametrize("column", COLUMNS)
def test_req_01_every_route_answers_each_as_the_rulebook_says(company: Any, template: Any, column: str) -> None:
    visitor = Visitor(company, template[2], column)

    answers = [(row, visitor.visit(row)) for row in ROWS]

    wrong = [
        f"{row['method']} {row['route']} [{row['on']}]: {answer.status_code}, by the rulebook {row[column]} ({row['because']})"
        for row, answer in answers
        if not _is_as_told(row, column, answer)
    ]
    assert not wrong, "\n".join(wrong)


class Visitor:
    """Somebody who tries everything; what succeeds is tried on a thing of its own, so that nothing else changes by it."""

    def __init__(self, app: Any, things: dict[str, Any], column: str) -> None:
        self._app, self._things, self._column = app, things, column
        self._begin()

    def _begin(self) -> None:
        self._browser = self._app.test_client()
        if self._column != "nobody":
            sign_in(self._app, self._browser, person_as(self._column))

    def visit(self, row: dict[str, str]) -> Any:
        is_deed = row["method"] == "POST" and row[self._column] == "ok"
        sort, _colon, step = row["on"].partition(": ")
        thing = THINGS[sort](Cast()) if is_deed and sort in THINGS else self._things.get(sort)
        path = _path(row, thing.id if thing else "1")
        if row["method"] == "GET":
            return self._browser.get(path, buffered=True)  # a stream that is not read keeps its request open
        answer = self._browser.post(path, data=_typed(row, thing, step))
        if is_deed:
            self._begin()
        return answer


def _path(row: dict[str, str], number: Any) -> str:
    """The address of the route with its thing in it: by number, or as it is called."""
    before, _bracket, rest = row["route"].partition("<")
    name, _end, after = rest.partition(">")
    value = row["on"] if name in ("name", "kind", "form") else number
    return f"{before}{value}{after}" if name else before


def _typed(row: dict[str, str], thing: Any, step: str) -> dict[str, Any]:
    if step == "approve together":
        assert isinstance(thing, Case)
        return {"step": "approve", "paper": f"{thing.id}:{thing.state}:{thing.version}"}
    if step:
        return typed_for(thing, step)
    return {"typed": "something"} | (a_file() if row["route"].endswith("/files") else {})


def _is_as_told(row: dict[str, str], column: str, answer: Any) -> bool:
    told, status = row[column], answer.status_code
    if told == "303":
        return status == 303 and answer.location.startswith("/sign-in")
    if told == "ok":
        is_led_away = status == 303 and answer.location.startswith("/sign-in") and row["route"] != "/sign-out"
        return status in FINE[row["method"]] and not is_led_away
    return str(status) == told


def test_nobody_sends_an_empty_form_and_is_led_to_the_door(company: Any) -> None:
    sent = [row for row in ROWS if row["method"] == "POST" and row["nobody"] == "401"]

    answers = {row["route"]: company.test_client().post(_path(row, "1")) for row in sent}

    assert {route: answer.status_code for route, answer in answers.items() if answer.status_code != 303} == {}
    assert all(answer.location.startswith("/sign-in") for answer in answers.values())
