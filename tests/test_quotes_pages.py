"""The pages of quotes: found, compared, entered, withdrawn, brought and taken away by whoever buys (SUP-08)."""

from __future__ import annotations

import io
import secrets
from datetime import timedelta

import pytest

from portal import clock
from portal.persons import Person
from portal.purchasing.models import Quote
from portal.supplies.models import Supplier
from tests.catalogue import supplier, supply
from tests.counting import statements
from tests.posts import grant
from tests.quotes import quote
from tests.test_spending_pages import everybody_reads_english, post, text_of  # noqa: F401
from tests.test_supplies_catalogue_pages import hidden


@pytest.fixture
def browser(cast, client):
    """The buyer's."""
    grant(cast.bo, "purchaser")
    return client(cast.bo)


def typed(cast, **more):
    told = {"token": secrets.token_urlsafe(18), "supplier": supplier().id, "item": supply(cast).id, "price": "12.00"}
    told |= {"valid_from": clock.today().isoformat(), "valid_until": (clock.today() + timedelta(90)).isoformat()}
    return told | {"pack": "盒", "per_pack": "12"} | more


def test_a_quote_is_entered_from_the_page_of_an_item_and_compared_there(cast, browser):
    pen, near = supply(cast, per_purchase=12), supplier("近")
    quote(near, pen, 1300, per_pack=12, until=90)

    form = browser.get(f"/purchasing/quotes/new?item={pen.id}&supplier={near.id}").text
    answer = post(browser, "/purchasing/quotes/new", typed(cast))
    page = browser.get(f"/purchasing/compare/{pen.id}")

    assert f'<option selected value="{pen.id}">' in form and f'<option selected value="{near.id}">' in form
    assert 'value="盒"' in form and 'value="12"' in form and "Offered today" in form
    assert (answer.status_code, answer.location) == (303, f"/purchasing/compare/{pen.id}")
    first, second = page.text.split("<tbody>")[1].split("</tbody>")[0].split("<tr data-row>")[1:]
    assert "晨光文具" in first and "Cheapest" in first and "¥1.00" in first
    assert "近" in second and "Cheapest" not in second and "+8.3%" in second


def test_a_mistake_stays_on_the_form_with_what_was_typed(cast, browser):
    wrong = post(browser, "/purchasing/quotes/new", typed(cast, price="", note="by mail"))
    unlike = post(browser, "/purchasing/quotes/new", typed(cast, per_pack="1"))
    fields = typed(cast)
    once, twice = post(browser, "/purchasing/quotes/new", fields), post(browser, "/purchasing/quotes/new", fields)
    other = post(browser, "/purchasing/quotes/new", fields | {"price": "11"})

    assert wrong.status_code == 422 and "by mail" in wrong.text and "Fill this in." in wrong.text
    assert unlike.status_code == 422 and "Say how many 支 one 盒 holds." in text_of(unlike)
    assert (once.status_code, twice.status_code, other.status_code, Quote.select().count()) == (303, 303, 409, 1)
    for path in ("?item=x", "?supplier=999", f"?item={2**31}"):
        assert browser.get(f"/purchasing/quotes/new{path}").status_code == 404


def test_a_quote_is_withdrawn_in_the_browser_with_its_reason(cast, browser):
    made = quote(supplier(), supply(cast), 1200, per_pack=12)
    path = f"/purchasing/quotes/{made.id}"

    without = post(browser, f"{path}/withdraw", {"reason": ""})
    answer = post(browser, f"{path}/withdraw", {"reason": "A nought too few"})
    again = post(browser, f"{path}/withdraw", {"reason": "again"})
    shown = browser.get(path)

    assert (without.status_code, answer.status_code, again.status_code) == (422, 303, 409)
    assert "A nought too few" in text_of(shown) and f"{path}/withdraw" not in shown.text
    assert text_of(shown).index("entered the quote") < text_of(shown).index("withdrew the quote")


def test_the_list_shows_what_is_valid_and_what_runs_out(cast, browser):
    pen = supply(cast)
    quote(supplier("近"), pen, 1200, per_pack=12, until=9), quote(supplier("远"), pen, 1100, per_pack=12, until=90)
    quote(supplier("旧"), pen, 1000, per_pack=12, since=-9, until=-1)

    page = browser.get("/purchasing/quotes")
    ending, over = browser.get("/purchasing/quotes?state=ending"), browser.get("/purchasing/quotes?state=over")

    assert "1 quote runs out within 30 days" in text_of(page) and page.text.count("data-row") == 2
    assert "9 days left" in text_of(ending) and (ending.text.count("data-row"), over.text.count("data-row")) == (1, 1)
    assert text_of(page).count("Cheapest") == 1 and "runs out" not in text_of(over)
    assert "fits these filters" in browser.get("/purchasing/quotes?q=nothing").text
    assert "no quotes of this kind" in browser.get("/purchasing/quotes?state=coming").text


def test_a_supplier_out_of_use_offers_nothing(cast, browser):
    made = quote(supplier(), supply(cast), 1200, per_pack=12)
    Supplier.update(active=False).execute()

    assert "Nobody offers it today" in text_of(browser.get(f"/purchasing/compare/{made.item_id}"))
    assert "Supplier not in use" in text_of(browser.get(f"/purchasing/quotes/{made.id}"))
    assert "data-row" not in browser.get("/purchasing/quotes").text


def test_a_long_list_of_quotes_goes_on_by_key_and_costs_no_more(cast, browser):
    here = supplier()
    for n in range(26):
        item = supply(cast, f"ITEM-{n:02d}")
        quote(here, item, 100), quote(here, item, 101)
    browser.get("/purchasing/quotes")

    with statements() as asked:
        page = browser.get("/purchasing/quotes").text
    older = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")

    assert len(asked) <= 10
    assert (page.count("data-row"), browser.get(older).text.count("data-row")) == (50, 2)


def test_only_who_buys_sees_quotes(cast, client, browser):
    pen = supply(cast)

    for path in ("/purchasing/quotes", f"/purchasing/compare/{pen.id}", "/purchasing/quotes/import"):
        assert [client(who).get(path).status_code for who in (cast.ann, cast.mei, cast.sam)] == [403, 403, 200]
    assert "/purchasing/compare" not in client(cast.ann).get(f"/supplies/catalogue/{pen.id}").text
    assert f"/purchasing/compare/{pen.id}" in browser.get(f"/supplies/catalogue/{pen.id}").text


# ---- import and export ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_quotes_that_are_exported_can_be_brought_back_and_change_nothing(cast, browser, kind, language):
    Person.update(language=language).execute()
    quote(supplier(), supply(cast), 120050, per_pack=12, delivery_days=3, note="=1+1"), quote(supplier("远"), supply(cast), 99)
    quote(supplier("旧"), supply(cast), 98, since=-9, until=-1)
    file = browser.get(f"/purchasing/quotes?export={kind}&state=all").data

    answer = post(browser, "/purchasing/quotes/import", {"file": (io.BytesIO(file), f"quotes.{kind}")})

    assert answer.status_code == 200 and 'class="bad"' not in answer.text
    assert "btn-p" not in answer.text.split("import/confirm")[1].split("</form>")[0]
    assert hidden(answer.text)["rows"] and Quote.select().count() == 3


def test_an_export_of_quotes_is_what_the_screen_shows(cast, browser):
    pen, today = supply(cast), clock.today()
    (
        quote(supplier(), pen, 1000, per_pack=12, delivery_days=3),
        quote(supplier("远"), pen, 99),
        quote(supplier("旧"), pen, 9, since=1),
    )

    whole = browser.get("/purchasing/quotes?export=csv").data.decode("utf-8-sig").splitlines()
    narrowed = browser.get(f"/purchasing/quotes?export=csv&supplier={supplier().id}").data.decode("utf-8-sig").splitlines()

    assert (len(whole), len(narrowed)) == (3, 2)
    assert narrowed[1] == f"晨光文具,PEN,10.00,盒,12,{today},{today + timedelta(30)},3,,签字笔,0.8333,Valid now"


def test_quotes_are_imported_in_the_browser(cast, browser):
    supplier(), supply(cast, "PEN-05", per_purchase=12)
    template = browser.get("/purchasing/quotes/import/template/csv").data

    preview = post(browser, "/purchasing/quotes/import", {"file": (io.BytesIO(template), "q.csv")})
    answer = post(browser, "/purchasing/quotes/import/confirm", hidden(preview.text))
    again = post(browser, "/purchasing/quotes/import/confirm", hidden(preview.text))
    bad = post(
        browser,
        "/purchasing/quotes/import",
        {"file": (io.BytesIO("供应商,编号,报价,有效期至\n谁,X,1,2026-01-01\n".encode()), "q.csv")},
    )

    assert [each.status_code for each in (preview, answer, again, bad)] == [200, 303, 409, 422]
    assert "¥1.50" in text_of(preview) and Quote.get().price == 1800 and Quote.select().count() == 1
    assert "There is no supplier 谁." in text_of(bad) and "changes nothing" in text_of(again)
    for nothing in ({}, {"file": (io.BytesIO(b"x,y\n1,2\n"), "a.csv")}):
        assert post(browser, "/purchasing/quotes/import", nothing).status_code == 422
    assert post(browser, "/purchasing/quotes/import/confirm", {"rows": "[[0]]"}).status_code == 422
