"""The pages of spending: the form with the budget beside it, the page of a request, the lists the general manager watches."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

import pytest

from portal import clock, db
from portal.cases import Case
from portal.expenses.rules import submit
from portal.ledger import Entry
from portal.persons import Person
from tests import budgets
from tests.budgets import approved_over, asked, business, content, figures_now, overrun, yuan

NEW = "/papers/new/spending"


@pytest.fixture(autouse=True)
def everybody_reads_english(cast):
    Person.update(language="en").execute()


@pytest.fixture
def line(cast):
    return budgets.budget_line(cast.department("Marketing"), 1000)


def typed(budget_line, /, **more):
    """What a browser sends."""
    fields = {
        "token": secrets.token_urlsafe(18),
        "title": "Train to Hangzhou",
        "purpose": "Visit the shop",
        "nature": "office",
        "line": budget_line and budget_line.id,
        "expected_date": (clock.today() + timedelta(days=1)).isoformat(),
        "lines-0-text": "Ticket",
        "lines-0-amount": "400",
        "do": "submit",
    }
    return {name: value for name, value in (fields | more).items() if value is not None}


def post(browser, path, data):
    """Sends a form with the token of the page it came from."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/password").text)[1]
    return browser.post(path, data=data | {"csrf_token": token})


def text_of(answer):
    return re.sub(r"<[^>]+>", "", answer.text)


def test_an_employee_sends_a_request_from_the_form(cast, client, line):
    ann = client(cast.ann)
    assert "1,000.00" in ann.get(NEW).text

    answer = post(ann, NEW, typed(line))

    case = Case.get()
    assert (answer.status_code, answer.location) == (303, f"/papers/{case.id}")
    assert (case.state, case.amount, figures_now(line).held) == ("submitted", yuan(400), yuan(400))


def test_a_draft_may_lack_all_but_its_title(cast, client, line):
    answer = post(client(cast.ann), NEW, {"token": secrets.token_urlsafe(18), "title": "Train", "nature": "office", "do": "save"})

    assert answer.status_code == 303
    assert Case.get().state == "draft"
    assert client(cast.ann).get(answer.location).status_code == 200


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("title", {"title": " "}),
        ("purpose", {"purpose": ""}),
        ("line", {"line": ""}),
        ("line", {"line": "999"}),
        ("line", {"line": "x"}),
        ("expected_date", {"expected_date": "2026-02-31"}),
        ("expected_date", {"expected_date": "2020-01-01"}),
        ("nature", {"nature": "private"}),
        ("business_kind", {"nature": "business"}),
        ("lines-0-amount", {"lines-0-amount": "1e309"}),
        ("lines-0-amount", {"lines-0-amount": "NaN"}),
        ("lines-0-amount", {"lines-0-amount": "-1"}),
        ("lines-0-amount", {"lines-0-amount": "1.005"}),
        ("lines-0-amount", {"lines-0-amount": "１２"}),
        ("lines-0-text", {"lines-0-text": "x" * 201}),
        ("purpose", {"purpose": "x" * 100_000}),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(cast, client, line, field, more):
    answer = post(client(cast.ann), NEW, typed(line, **more))

    assert answer.status_code == 422
    assert f'href="#{field}' in answer.text
    assert "Visit the shop" in answer.text or field == "purpose"
    assert Case.select().count() == 0


def test_another_departments_line_is_not_taken_from_the_form(cast, client, line):
    foreign = budgets.budget_line(cast.department("IT"), 1000)

    answer = post(client(cast.ann), NEW, typed(foreign))

    assert answer.status_code == 422
    assert Case.select().count() == 0


def test_the_budget_answers_while_one_types(cast, client, line):
    asked(cast.hao, line, 700)

    fits = post(client(cast.ann), "/expenses/live", typed(line, **{"lines-0-amount": "300"}))
    over = post(client(cast.ann), "/expenses/live", typed(line, **{"lines-0-amount": "300.01"}))

    assert "It fits the budget" in text_of(fits)
    assert "Over budget by ¥0.01" in text_of(over) and f"SR-{clock.today().year}-0001" in text_of(over)
    assert "/papers/" not in over.text


def test_what_is_typed_is_looked_at_without_the_files_chosen_beside_it(cast, client, line):
    page = client(cast.ann).get(NEW).text

    rail = re.search(r'<aside[^>]*hx-include="#paper"[^>]*>', page)
    assert rail and 'enctype="multipart/form-data"' in page
    assert 'hx-encoding="application/x-www-form-urlencoded"' in rail[0]


@pytest.mark.parametrize(
    "more", [{"line": ""}, {"line": "x"}, {"lines-0-amount": "x"}, {"lines-0-amount": "-5"}, {"nature": "?"}]
)
def test_the_budget_answers_whatever_is_typed(cast, client, line, more):
    assert post(client(cast.ann), "/expenses/live", typed(line, **more)).status_code == 200


def test_the_answer_costs_the_same_with_many_entries(cast, client, line, monkeypatch):
    ann = client(cast.ann)
    page = post(ann, "/expenses/live", typed(line))
    few = _statements(monkeypatch, lambda: post(ann, "/expenses/live", typed(line)))
    for _each in range(30):
        asked(cast.ann, line, 1)

    many = _statements(monkeypatch, lambda: post(ann, "/expenses/live", typed(line, **{"lines-0-amount": "200"})))

    assert page.status_code == 200
    assert many <= few + 1


def _statements(monkeypatch, deed):
    count = [0]
    execute = db.db.obj.execute_sql

    def counted(*args, **kwargs):
        count[0] += 1
        return execute(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(db.db.obj, "execute_sql", counted)
        deed()
    return count[0]


def test_the_page_of_a_request_over_budget_links_the_papers_that_use_the_line(cast, client, line):
    first = asked(cast.ann, line, 800)
    second = asked(cast.hao, line, 500)

    page = client(cast.mei).get(f"/papers/{second.id}")

    assert "Over budget by ¥300.00" in text_of(page)
    assert f'href="/papers/{first.id}"' in page.text


def test_the_general_manager_approves_over_budget_on_the_page(cast, client, line):
    case = asked(cast.ann, line, 1500)
    shown = {"state": "submitted", "version": "1", "step": "approve_over_budget"}
    mei = client(cast.mei)

    wrong = post(mei, f"/papers/{case.id}/steps", shown | {"reason": "", "expires": "2026-02-31"})
    right = post(mei, f"/papers/{case.id}/steps", shown | {"reason": "The fair", "expires": overrun().expires.isoformat()})

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert (Case.get_by_id(case.id).state, figures_now(line).exceptions) == ("approved", yuan(500))
    assert "The fair" in mei.get(f"/papers/{case.id}").text


def test_fin_02_the_exception_stays_on_the_page_once_it_is_taken_back(cast, client, line):
    case = approved_over(cast.ann, cast.mei, line, 1500)
    post(client(cast.ann), f"/papers/{case.id}/steps", {"state": "approved", "version": "1", "step": "cancel"})

    page = client(cast.mei).get(f"/papers/{case.id}")

    assert Case.get().state == "cancelled"
    assert "The fair cannot be moved" in page.text and "Taken back unused¥500.00" in text_of(page)


def test_a_request_prints(cast, client, line):
    case = asked(cast.ann, line, 800)

    page = client(cast.ann).get(f"/papers/{case.id}/print")

    assert page.status_code == 200 and "捌佰元整" in page.text


def test_a_copy_begins_with_what_the_first_said(cast, client, line):
    case = asked(cast.ann, line, 800)

    page = client(cast.ann).get(f"{NEW}?copy={case.id}")

    assert "Visit the shop" in page.text and "800.00" in page.text


@pytest.mark.parametrize("address", ["/expenses/overruns", "/expenses/business"])
def test_lists_are_for_those_who_watch(cast, client, address):
    watching = {user: client(getattr(cast, user)).get(address).status_code for user in ("mei", "lin", "ann", "hao", "cai", "bo")}

    assert watching == {"mei": 200, "lin": 200, "ann": 403, "hao": 403, "cai": 403, "bo": 403}


def test_fin_02_the_list_of_overruns(cast, client, line):
    case = approved_over(cast.ann, cast.mei, line, 1500)

    page = client(cast.mei).get("/expenses/overruns")
    file = client(cast.mei).get("/expenses/overruns?export=csv")

    assert case.number in page.text and "¥500.00" in page.text
    assert "500.00" in file.text and file.headers["Content-Disposition"].startswith("attachment")
    assert case.number not in client(cast.mei).get("/expenses/overruns?month=2020-01").text


def test_bex_03_the_register_of_business_spending(cast, client, line):
    first = submit(cast.ann, business(cast.ann, line, 100, who="Jade Hotel"), "one")
    second = submit(cast.hao, business(cast.hao, line, 200, business_kind="gifts", who="Lake <Bank>"), "two")
    month = f"{clock.today() + timedelta(days=1):%Y-%m}"
    mei = client(cast.mei)

    everything = mei.get(f"/expenses/business?month={month}").text
    gifts = mei.get(f"/expenses/business?month={month}&kind=gifts").text
    hers = mei.get(f"/expenses/business?month={month}&person={cast.ann.id}&kind=horses").text

    assert first.number in everything and second.number in everything and "Lake &lt;Bank&gt;" in everything
    assert first.number not in gifts and second.number in gifts
    assert first.number in hers and second.number not in hers
    assert mei.get("/expenses/business?month=abc&before=1").status_code == 200
    assert "Jade Hotel" in mei.get(f"/expenses/business?month={month}&export=csv").text


def test_what_people_wrote_never_becomes_markup(cast, client, line):
    evil = "<script>alert(1)</script>"
    case = submit(
        cast.ann, content(cast.ann, line, 100, title=evil, purpose=evil, lines=[{"text": evil, "amount": yuan(1)}]), "one"
    )

    page = client(cast.mei).get(f"/papers/{case.id}").text

    assert evil not in page and page.count("&lt;script&gt;") >= 3


def test_looking_writes_nothing(cast, client, line):
    case = asked(cast.ann, line, 800)
    before = Entry.select().count()
    for address in (NEW, f"/papers/{case.id}", f"/papers/{case.id}/print", "/expenses/business", "/expenses/overruns"):
        client(cast.mei).get(address)

    assert Entry.select().count() == before
