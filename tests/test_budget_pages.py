"""The pages of the budget: figures with the papers behind them, categories, allotments and transfers, export and import."""

from __future__ import annotations

import io
import secrets

import pytest

from portal import clock, steps
from portal.budget.models import Category, figures
from portal.budget.rules import add_category
from portal.cases import Case
from tests.budgets import approved_over, asked, budget_line, category, figures_now, yuan
from tests.test_spending_pages import everybody_reads_english, post, text_of  # noqa: F401


@pytest.fixture
def line(cast):
    return budget_line(cast.department("Marketing"), 1000)


def test_heads_see_their_own_department_others_all_or_nothing(cast, client, line):
    budget_line(cast.department("IT"), 777)

    seen = {user: client(getattr(cast, user)).get("/budget") for user in ("mei", "lin", "hao", "ann", "cai", "bo")}

    assert {user: answer.status_code for user, answer in seen.items()} == {
        "mei": 200, "lin": 200, "hao": 200, "ann": 403, "cai": 403, "bo": 403,
    }  # fmt: skip
    assert ["777.00" in seen[user].text for user in ("mei", "lin", "hao")] == [True, True, False]
    assert "777.00" not in client(cast.hao).get(f"/budget?department={cast.department('IT').id}").text


def test_a_line_of_others_does_not_exist(cast, client, line):
    foreign = budget_line(cast.department("IT"), 777)
    hao = client(cast.hao)

    answers = [hao.get(f"/budget/lines/{key}").status_code for key in (line.id, foreign.id, 999, "x", "99999999999999999999")]

    assert answers == [200, 404, 404, 404, 404]


@pytest.mark.parametrize("address", ["/budget?year=x", "/budget?year=99999999", "/budget?department=x", "/budget?year=２０２６"])
def test_a_strange_address_shows_this_year(cast, client, line, address):
    assert client(cast.mei).get(address).status_code == 200


def test_the_papers_behind_each_figure_are_linked(cast, client, line):
    case = approved_over(cast.ann, cast.mei, line, 1500)
    mei = client(cast.mei)

    held = mei.get(f"/budget/lines/{line.id}?figure=held").text
    exceptions = mei.get(f"/budget/lines/{line.id}?figure=exceptions").text
    spent = mei.get(f"/budget/lines/{line.id}?figure=spent").text

    assert f'href="/papers/{case.id}"' in held and f'href="/papers/{case.id}"' in exceptions
    assert "No papers are behind this figure" in spent


def test_a_page_of_papers_goes_on_by_key(cast, client, line):
    for _each in range(51):
        asked(cast.ann, line, 1)
    mei = client(cast.mei)

    page = mei.get(f"/budget/lines/{line.id}").text
    older = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")

    assert page.count("data-row") == 50
    assert mei.get(older).text.count("data-row") == 1


def test_what_is_exported_can_be_brought_back_and_changes_nothing(cast, client, line):
    budget_line(cast.department("IT"), "80.5", "OFFICE")
    lin = client(cast.lin)
    for kind in ("csv", "xlsx"):
        file = lin.get(f"/budget/export/{kind}").data

        answer = post(lin, "/budget/import", {"file": (io.BytesIO(file), f"budget.{kind}")})

        assert answer.status_code == 200
        assert "The file changes nothing" in text_of(answer)
    assert Case.select().count() == 0


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_headings_are_understood_in_every_language(cast, client, line, language):
    lin = cast.lin
    lin.language = language
    lin.save()

    file = client(cast.lin).get("/budget/export/csv").data

    assert post(client(cast.lin), "/budget/import", {"file": (io.BytesIO(file), "b.csv")}).status_code == 200


def test_a_budget_is_brought_looked_at_and_sent_to_the_general_manager(cast, client, line):
    file = f"Year,Department,Code,Allotted\n{line.year},Marketing,TRAVEL,1500\n".encode()
    lin = client(cast.lin)
    page = post(lin, "/budget/import", {"file": (io.BytesIO(file), "b.csv")})
    assert "¥1,500.00" in page.text and Case.select().count() == 0

    answer = post(lin, "/budget/import/confirm", _hidden(page.text))

    case = Case.get()
    assert (answer.status_code, answer.location, case.state) == (303, f"/papers/{case.id}", "compiled")
    steps.take(cast.mei, case.id, "approve")
    assert figures_now(line).allotted == yuan(1500)


def _hidden(page):
    import html
    import re

    form = page.split('action="/budget/import/confirm"')[1]
    found = re.findall(r'name="(token|name|rows)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


def test_mistakes_are_listed_by_row_and_nothing_is_written(cast, client, line):
    file = f"Year,Department,Code,Allotted\n{line.year},Marketing,TRAVEL,1500\n{line.year},Nowhere,TRAVEL,1\n".encode()
    lin = client(cast.lin)

    page = post(lin, "/budget/import", {"file": (io.BytesIO(file), "b.csv")})
    sent = post(lin, "/budget/import/confirm", _hidden(page.text))

    assert (page.status_code, sent.status_code) == (422, 409)
    assert "There is no department Nowhere" in text_of(page)
    assert Case.select().count() == 0


@pytest.mark.parametrize("rows", ["", "x", "[[1]]", "[1]", '{"a": 1}', '[[1, {"year": "2026"}]]', "[" * 5000, '[["x", {}]]'])
def test_what_comes_back_from_the_browser_is_not_believed(cast, client, line, rows):
    answer = post(client(cast.lin), "/budget/import/confirm", {"rows": rows, "token": "t" * 20, "name": "b"})

    assert answer.status_code in (409, 422)
    assert Case.select().count() == 0


@pytest.mark.parametrize("file", [b"", b"\0", b"PK\x03\x04 broken", b"<html>", b"a,b\n1,2\n"])
def test_a_file_that_is_no_budget_is_refused(cast, client, line, file):
    answer = post(client(cast.lin), "/budget/import", {"file": (io.BytesIO(file), "b.csv")})

    assert answer.status_code == 422


def test_only_the_chief_accountant_keeps_categories_and_brings_files(cast, client, line):
    found = category()
    for address in ("/budget/categories", f"/budget/categories/{found.id}", "/budget/import"):
        answers = {user: client(getattr(cast, user)).get(address).status_code for user in ("lin", "mei", "hao", "ann", "cai")}
        assert answers == {"lin": 200, "mei": 403, "hao": 403, "ann": 403, "cai": 403}


def test_categories_are_added_and_changed_on_their_pages(cast, client):
    lin = client(cast.lin)

    added = post(lin, "/budget/categories", {"code": "TRAVEL", "name": "差旅费", "name_en": "Travel"})
    again = post(lin, "/budget/categories", {"code": "TRAVEL", "name": "差旅费二", "name_en": ""})
    found = Category.get()
    changed = post(lin, f"/budget/categories/{found.id}", {"name": "差旅", "name_en": "", "events": str(found.events)})
    stale = post(lin, f"/budget/categories/{found.id}", {"name": "旅", "name_en": "", "events": str(found.events)})

    assert [answer.status_code for answer in (added, again, changed, stale)] == [303, 422, 303, 409]
    assert (Category.get().name, Category.get().active) == ("差旅", False)


def test_a_head_proposes_on_the_form_which_begins_with_the_lines_as_they_are(cast, client, line):
    hao = client(cast.hao)
    office = category("OFFICE").id
    assert "1000.00" in hao.get("/papers/new/allotment").text

    answer = post(hao, "/papers/new/allotment", {
        "token": secrets.token_urlsafe(18), "title": "Next year", "year": str(clock.today().year + 1), "do": "submit",
        "lines-0-department": str(cast.hao.department_id), "lines-0-category": str(line.category_id), "lines-0-new": "0",
        "lines-1-department": str(cast.hao.department_id), "lines-1-category": str(office), "lines-1-new": "1,200.5",
    })  # fmt: skip

    assert (answer.status_code, Case.get().state, Case.get().amount) == (303, "submitted", yuan("1200.5"))
    for person in (cast.hao, cast.lin, cast.mei):
        assert "1,200.50" in client(person).get(answer.location).text


def test_a_head_does_not_propose_for_others(cast, client, line):
    answer = post(client(cast.hao), "/papers/new/allotment", {
        "token": secrets.token_urlsafe(18), "title": "IT", "year": str(clock.today().year), "do": "submit",
        "lines-0-department": str(cast.bo.department_id), "lines-0-category": str(line.category_id), "lines-0-new": "1",
    })  # fmt: skip

    assert answer.status_code == 422
    assert Case.select().count() == 0


def test_a_transfer_is_written_and_edited_on_its_form(cast, client, line):
    other = budget_line(cast.department("Marketing"), 0, "OFFICE")
    hao = client(cast.hao)
    typed = {"token": secrets.token_urlsafe(18), "title": "For the fair", "giver": str(line.id), "receiver": str(other.id),
             "amount": "300", "reason": "It costs more"}  # fmt: skip

    kept = post(hao, "/papers/new/transfer", typed | {"do": "save"})
    case = Case.get()
    assert "300.00" in hao.get(f"/papers/{case.id}/edit").text
    sent = post(hao, f"/papers/{case.id}/edit", typed | {"amount": "200", "version": "1", "do": "submit"})
    page = client(cast.lin).get(f"/papers/{case.id}")

    assert (kept.status_code, sent.status_code, page.status_code) == (303, 303, 200)
    assert (Case.get().state, Case.get().amount) == ("submitted", yuan(200))


@pytest.mark.parametrize("user", ["ann", "cai", "bo", "mei", "sam"])
def test_others_start_no_budget_papers(cast, client, user):
    browser = client(getattr(cast, user))

    assert [browser.get(f"/papers/new/{name}").status_code for name in ("allotment", "transfer")] == [403, 403]


def test_the_overview_costs_the_same_with_many_lines(cast, client, monkeypatch):
    from tests.test_spending_pages import _statements

    for n in range(3):
        add_category(cast.lin, f"C{n}", f"科目{n}", "")
        budget_line(cast.department("Marketing"), 10, "TRAVEL", 2030 + n)
    mei = client(cast.mei)
    mei.get("/budget?year=2030")
    few = _statements(monkeypatch, lambda: mei.get("/budget?year=2030"))
    for name in ("IT", "Office", "Finance"):
        budget_line(cast.department(name), 10, "TRAVEL", 2030)

    many = _statements(monkeypatch, lambda: mei.get("/budget?year=2030"))

    assert len(figures(2030)) == 4
    assert many == few
