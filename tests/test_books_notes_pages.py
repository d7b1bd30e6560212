"""Money without a request and opening balances in a browser: written, recorded, posted, taken back, confirmed."""

from __future__ import annotations

import io

import pytest

from portal import clock, steps
from portal.books.models import CashEntry, balance, title_for
from portal.books.models_notes import counter_of
from portal.cases import Case
from tests import moneys
from tests.budgets import yuan
from tests.test_books_notes import opened, opening, posted, recorded


@pytest.fixture
def browser(app, client):
    """A browser of that person, who reads English; forged forms are tested apart."""
    app.config["WTF_CSRF_ENABLED"] = False

    def signed_in(person):
        made = client(person)
        made.set_cookie("language", "en")
        return made

    return signed_in


def note_form(**more):
    told = {
        "title": "Sales of the day", "kind": "sale", "fund": moneys.bank().id, "day": clock.today().isoformat(),
        "amount": "120.50",
        "party": "Jade Hotel", "reference": "R-7", "token": "n" * 20, "do": "submit",
    }  # fmt: skip
    return told | {"files": (io.BytesIO(b"a,b\n1,2\n"), "receipt.csv")} | more


def step_of(case, name, **given):
    case = Case.get_by_id(case.id)
    return {"step": name, "state": case.state, "version": case.version} | given


def test_the_cashier_records_a_receipt_with_its_proof_and_the_chief_accountant_posts_it(browser, cast):
    mine, books = browser(cast.cai), browser(cast.lin)

    answer = mine.post("/papers/new/money_note", data=note_form(), content_type="multipart/form-data", follow_redirects=True)
    case = Case.get(Case.kind == "money_note")
    assert "MN-" in answer.text and "Recorded" in answer.text and case.state == "recorded"
    assert balance(moneys.bank().id) == yuan("120.50")

    shown = books.get(f"/papers/{case.id}").text
    assert "Jade Hotel" in shown and 'name="title"' in shown and f'<option selected value="{title_for("sales").id}"' in shown
    assert "Take back" not in shown
    answer = books.post(f"/papers/{case.id}/steps", data=step_of(case, "post", title=title_for("sales").id))
    assert answer.status_code == 303 and Case.get_by_id(case.id).state == "posted"
    assert "Posted to" in books.get(f"/papers/{case.id}").text
    assert books.get(f"/papers/{case.id}/print").status_code == 200


def test_without_its_proof_the_draft_is_kept_and_says_what_is_missing(browser, cast):
    typed = note_form()
    del typed["files"]

    answer = browser(cast.cai).post("/papers/new/money_note", data=typed)

    assert answer.status_code == 409 and "Attach what proves it" in answer.text
    assert Case.get(Case.kind == "money_note").state == "draft"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": ""}, "Fill this in"),
        ({"reference": ""}, "Fill this in"),
        ({"party": ""}, "from whom"),
        ({"into": "till"}, "with a transfer"),
    ],
    ids=str,
)
def test_what_is_typed_wrongly_is_said_and_kept(browser, cast, wrong, said):
    wrong = {name: moneys.till().id if value == "till" else value for name, value in wrong.items()}

    answer = browser(cast.cai).post("/papers/new/money_note", data=note_form(**wrong), content_type="multipart/form-data")

    assert answer.status_code == 422 and said in answer.text and 'value="120.50"' in answer.text


def test_a_mistake_is_taken_back_on_its_page(browser, cast):
    case = posted(cast, recorded(cast, "sale", 300))
    mine, path = browser(cast.cai), f"/books/notes/{case.id}/counter"
    assert f'href="{path}"' in mine.get(f"/papers/{case.id}").text
    assert mine.get(path).status_code == 200

    typed = {"day": clock.today().isoformat(), "reason": "entered twice", "token": "c" * 20}
    assert mine.post(path, data=typed | {"reason": ""}).status_code == 422
    answers = [mine.post(path, data=typed) for _each in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303] and CashEntry.select().count() == 2
    counter = counter_of(case)
    assert "entered twice" in mine.get(f"/papers/{counter.id}").text and case.number in mine.get(f"/papers/{counter.id}").text
    assert counter.number in mine.get(f"/papers/{case.id}").text
    assert mine.get(path).status_code == 409
    assert browser(cast.lin).get(path).status_code == 403
    assert mine.get("/books/notes/99999/counter").status_code == 404


def test_opening_balances_are_entered_and_confirmed_in_a_browser(browser, cast):
    mine = browser(cast.lin)
    typed = {
        "title": "Old books", "day": clock.today().isoformat(), "token": "o" * 20, "do": "submit",
        "lines-0-fund": moneys.bank().id, "lines-0-amount": "9000",
        "lines-1-person": cast.ann.id, "lines-1-amount": "700", "lines-1-due": "2090-01-01", "lines-1-text": "the fair",
    }  # fmt: skip

    wrong = mine.post("/papers/new/opening", data=typed | {"lines-1-person": ""})
    assert wrong.status_code == 422 and "Each line is what is in a fund" in wrong.text
    mine.post("/papers/new/opening", data=typed)
    case = Case.get(Case.kind == "opening")
    page = browser(cast.mei).get(f"/papers/{case.id}").text
    assert "9000.00" in page.replace(",", "") and "the fair" in page
    answer = browser(cast.mei).post(f"/papers/{case.id}/steps", data=step_of(case, "confirm"))

    assert answer.status_code == 303 and balance(moneys.bank().id) == yuan(9000)
    lent = Case.get(Case.kind == "advance")
    assert (lent.requester, lent.amount) == (cast.ann, yuan(700))
    assert "stand already" in browser(cast.lin).post("/papers/new/opening", data=typed | {"token": "p" * 20}).text


def test_an_advance_of_the_opening_balances_is_shown_and_brought_back_on_its_page(browser, cast):
    opened(cast)
    case = Case.get(Case.kind == "advance")

    for who in (cast.ann, cast.cai, cast.lin, cast.mei):
        assert browser(who).get(f"/papers/{case.id}").status_code == 200
        assert browser(who).get(f"/papers/{case.id}/print").status_code == 200
    assert browser(cast.ann).get(f"/expenses/advances/{case.id}/slip").status_code == 200
    assert case.number in browser(cast.lin).get("/expenses/advances").text
    assert case.number in browser(cast.ann).get("/expenses/mine").text
    mine = browser(cast.cai)
    assert 'value="700.00"' in mine.get(f"/papers/{case.id}").text
    typed = {"fund": moneys.till().id, "method": "cash", "day": clock.today().isoformat(), "amount": "300"}
    assert mine.post(f"/papers/{case.id}/steps", data=step_of(case, "give_back", **typed)).status_code == 303

    assert balance(moneys.till().id) == yuan(800)
    assert 'value="400.00"' in mine.get(f"/papers/{case.id}").text


def test_a_draft_of_the_balances_is_shown_again_as_it_was_typed(browser, cast):
    case = opening(cast)

    page = browser(cast.lin).get(f"/papers/{case.id}/edit").text

    assert 'value="9000.00"' in page and "the fair of last year" in page


def test_only_cashier_and_chief_accountant_begin_these_papers(browser, cast):
    for who, kind, status in (
        ("ann", "money_note", 403),
        ("lin", "money_note", 403),
        ("cai", "opening", 403),
        ("cai", "money_note", 200),
    ):
        assert browser(getattr(cast, who)).get(f"/papers/new/{kind}").status_code == status
    assert steps.as_shown(recorded(cast).id).state == "recorded"
