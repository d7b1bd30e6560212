"""Prices by their pages: proposed, struck, published, remembered, and set beside what others show (PRI-01 to PRI-08)."""

from __future__ import annotations

import io
import threading
from datetime import date
from typing import Any

import pytest

from portal import clock as now
from portal import contents, steps
from portal.cases import Case
from portal.contents import Content
from portal.flow import FLOWS
from portal.listings import rules_prices
from portal.listings.models import CompetitorPrice, Price, PriceLine
from portal.listings.models_prices import last_file, mismatches, waiting
from portal.listings.models_shown import shown_price
from portal.listings.rules_arrangements import archive
from portal.listings.rules_competitors import bring_shop_file, enter_competitor, read_shop_file
from portal.listings.rules_prices import Struck
from portal.money import HIGHEST, Money
from portal.refused import Mistyped, NotYours, Refused
from tests import posts, shop
from tests.cast import Cast
from tests.test_spending_pages import everybody_reads_english  # noqa: F401


@pytest.fixture(autouse=True)
def forms_without_tokens(request):
    if "client" in request.fixturenames:
        request.getfixturevalue("app").config["WTF_CSRF_ENABLED"] = False


TEXTS = {"competitor": "Jia", "their_product": "A like cup", "source": "https://jia.example/cup"}


def approved(cast: Cast, prices: dict[str, int]) -> Case:
    case = shop.proposal(cast, prices)
    steps.take(shop.staff(cast, "pan"), case.id, "submit")
    return steps.take(shop.staff(cast, "dee"), case.id, "approve")


def test_pri_01_one_row_of_a_competitor_is_an_analysis(cast: Cast) -> None:
    pan, case = shop.staff(cast, "pan"), shop.proposal(cast, {"CUP": 100}, note="")
    enter_competitor(pan, shop.draft(cast), TEXTS, Money(9900), now.today(), case)

    assert steps.take(pan, case.id, "submit").state == "submitted"


def test_a_competitors_price_seen_long_ago_is_no_analysis(cast: Cast) -> None:
    pan, case = shop.staff(cast, "pan"), shop.proposal(cast, {"CUP": 100}, note="")
    enter_competitor(pan, shop.draft(cast), TEXTS, Money(9900), date(2020, 1, 1))

    with pytest.raises(Refused, match="competitor"):
        steps.take(pan, case.id, "submit")


def test_only_planners_and_marketing_staff_enter_competitors(cast: Cast) -> None:
    with pytest.raises(NotYours):
        enter_competitor(shop.staff(cast, "shu"), shop.draft(cast), TEXTS, Money(9900), now.today())
    with pytest.raises(Mistyped, match="to come"):
        enter_competitor(shop.staff(cast, "pan"), shop.draft(cast), TEXTS, Money(9900), date(2090, 1, 1))


def test_pri_02_only_the_planner_proposes(cast: Cast) -> None:
    from portal.listings.models_prices import price_content

    content = price_content("Prices", "new", "why", "note", {shop.draft(cast): 100})

    with pytest.raises(NotYours):
        contents.create(FLOWS["price_proposal"], shop.staff(cast, "shu"), content, "by a specialist")


def test_pri_03_a_director_who_stands_in_as_planner_does_not_approve_it(cast: Cast) -> None:
    from portal.listings.models_prices import price_content

    dee, product = shop.staff(cast, "dee"), shop.draft(cast)
    posts.grant(dee, "planner", acting=True, ends=date(2090, 1, 1))
    case = contents.create(FLOWS["price_proposal"], dee, price_content("P", "new", "why", "note", {product: 100}), "by dee")
    case = steps.take(dee, case.id, "submit")

    posts.cannot(dee, case, "approve")
    assert posts.waiting(case) == [("ecom_director", "gm", False)]


def test_a_struck_line_is_not_published_and_may_be_proposed_anew(cast: Cast) -> None:
    case, dee = shop.proposal(cast, {"CUP": 100, "HAT": 50}), shop.staff(cast, "dee")
    steps.take(shop.staff(cast, "pan"), case.id, "submit")
    hat = PriceLine.get(PriceLine.case == case, PriceLine.product == shop.draft(cast, "HAT"))
    steps.take(dee, case.id, "strike", given=Struck({hat.id: "too low"}))
    steps.take(dee, case.id, "approve")

    again = shop.proposal(cast, {"HAT": 60})
    steps.take(shop.staff(cast, "pan"), again.id, "submit")
    steps.take(shop.staff(cast, "shu"), case.id, "publish")

    assert [price.product for price in Price.select()] == [shop.draft(cast, "CUP")]


def test_a_proposal_with_every_line_struck_is_not_approved(cast: Cast) -> None:
    case, dee = shop.proposal(cast, {"CUP": 100}), shop.staff(cast, "dee")
    steps.take(shop.staff(cast, "pan"), case.id, "submit")
    line = PriceLine.get(PriceLine.case == case)
    steps.take(dee, case.id, "strike", given=Struck({line.id: "no"}))

    with pytest.raises(Refused, match="reject it"):
        steps.take(dee, case.id, "approve")


def test_what_is_corrected_after_the_approval_is_approved_anew(cast: Cast) -> None:
    case, pan = approved(cast, {"CUP": 100}), shop.staff(cast, "pan")
    steps.take(pan, case.id, "correct", note="a slip")
    steps.take(pan, case.id, "submit")

    with pytest.raises((NotYours, Refused)):
        steps.take(shop.staff(cast, "shu"), case.id, "publish")
    assert not Price.select().exists()


def test_pri_04_two_specialists_who_publish_at_once_publish_once(cast: Cast) -> None:
    case = approved(cast, {"CUP": 100})
    first = shop.staff(cast, "shu")
    second = cast.bo
    posts.grant(second, "section_specialist")
    refused: list[Exception] = []

    def publish(person: Any) -> None:
        try:
            steps.take(person, case.id, "publish", (case.state, case.version))
        except (Refused, NotYours) as refusal:
            refused.append(refusal)

    threads = [threading.Thread(target=publish, args=(person,)) for person in (first, second)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert Price.select().count() == 1 and len(refused) == 1


def test_pri_06_what_is_agreed_and_not_published_shows_its_age(cast: Cast, clock) -> None:
    clock.set("2026-03-02 09:00")
    approved(cast, {"CUP": 100})
    assert not waiting("approved")[0].is_late

    clock.forward(hours=48)

    assert waiting("approved")[0].hours == 48 and waiting("approved")[0].is_late


def test_pri_08_the_mismatch_list_names_what_the_shop_shows_otherwise(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    shop.priced(cast, "HAT", 50)
    shop.on_shelf(cast, "BAG", 70)
    bring_shop_file(shop.staff(cast, "shu"), "shop.csv", [("cup", Money(9900)), ("HAT", Money(5000)), ("??", Money(100))])

    found = {each.code: (each.theirs, each.ours) for each in mismatches(last_file())}

    assert found == {"cup": (9900, 10000), "??": (100, None), "BAG": (None, 7000)}


# ---- pages ----------------------------------------------------------------------------------------------------------


def test_a_planner_proposes_by_the_form_and_the_director_strikes_a_line(cast: Cast, client) -> None:
    shop.draft(cast, "CUP")
    shop.draft(cast, "HAT")
    typed = {
        "title": "Spring", "cause": "season", "reason": "spring", "note": "as others", "token": "a-token-of-the-form",
        "version": "0",
        "lines-0-code": "cup", "lines-0-new_fen": "99.00", "lines-1-code": "HAT", "lines-1-new_fen": "45", "do": "submit",
    }  # fmt: skip
    client(shop.staff(cast, "pan")).post("/papers/new/price_proposal", data=typed)
    case = Case.get(Case.kind == "price_proposal")
    assert case.state == "submitted"
    line = PriceLine.get(PriceLine.case == case, PriceLine.n == 2)

    browser = client(shop.staff(cast, "dee"))
    page = browser.get(f"/products/prices/{case.id}/strike")
    answer = browser.post(
        f"/products/prices/{case.id}/strike",
        data={f"because-{line.id}": "too low", "state": case.state, "version": str(case.version)},
    )

    assert "HAT" in page.text and answer.status_code == 303
    assert PriceLine.get_by_id(line.id).struck_because == "too low"


def test_an_unknown_sku_is_said_beside_its_line_and_what_was_typed_stays(cast: Cast, client) -> None:
    typed = {
        "title": "Spring", "cause": "season", "reason": "spring", "token": "a-token-of-the-form", "version": "0",
        "lines-0-code": "NONE", "lines-0-new_fen": "99.00", "do": "save",
    }  # fmt: skip

    answer = client(shop.staff(cast, "pan")).post("/papers/new/price_proposal", data=typed)

    assert answer.status_code == 422 and "NONE" in answer.text and "no product" in answer.text


def test_costs_and_margins_are_for_few(cast: Cast, client) -> None:
    case = approved(cast, {"CUP": 100})

    assert "Margin" in client(shop.staff(cast, "dee")).get(f"/papers/{case.id}").text
    assert "Margin" not in client(shop.staff(cast, "shu")).get(f"/papers/{case.id}").text


def test_the_history_of_a_product_shows_who_approved_each_price(cast: Cast, client, clock) -> None:
    clock.set("2026-03-02 09:00")
    product = shop.priced(cast, "CUP", 100)
    clock.forward(days=3)
    shop.priced(cast, "CUP", 90)

    page = client(shop.staff(cast, "pan")).get(f"/products/{product.id}/prices").text

    assert page.count("Dee") >= 2 and "100.00" in page and shown_price(product.id).price == 9000


def test_a_price_file_as_shopify_exports_it_is_compared(cast: Cast, client) -> None:
    shop.priced(cast, "CUP", 100)
    table = "Handle,Title,Variant SKU,Variant Price\ncup,Cup,CUP,99.00\n"
    browser = client(shop.staff(cast, "shu"))

    answer = browser.post("/products/prices/compare", data={"file": (io.BytesIO(table.encode()), "shop.csv")})
    page = browser.get("/products/prices/compare").text

    assert answer.status_code == 303 and "99.00" in page and "The shop shows another price" in page


@pytest.mark.parametrize(("table", "found"), [
    ("Handle,Variant SKU,Variant Price,Image Src\ncup,CUP,99.00,https://x/1.jpg\ncup,,,https://x/2.jpg\n", [("CUP", 9900)]),
    ("Type,SKU,Regular price,Sale price\nvariable,ALL,,\nvariation,CUP,100,80\nsimple,HAT,50,\n", [("CUP", 8000), ("HAT", 5000)]),
])  # fmt: skip
def test_what_other_shops_export_is_compared_as_it_is(table: str, found: list[tuple[str, int]]) -> None:
    """Rows of further pictures, of what only holds variants, and prices of promotions."""
    prices, errors = read_shop_file("shop.csv", io.BytesIO(table.encode()), {})

    assert (prices, errors) == (found, [])


def test_a_file_of_the_shop_without_any_price_is_refused(cast: Cast, client) -> None:
    answer = client(shop.staff(cast, "shu")).post(
        "/products/prices/compare", data={"file": (io.BytesIO(b"SKU,Price\nCUP,\n"), "shop.csv")}
    )

    assert answer.status_code == 422 and "No row of the file has a price." in answer.text and last_file() is None


def test_a_planner_enters_a_competitor_with_the_own_draft(cast: Cast, client) -> None:
    case = shop.proposal(cast, {"CUP": 100}, note="")
    typed = TEXTS | {"code": "CUP", "fen": "98", "seen_on": now.today().isoformat(), "case": str(case.id)}

    answer = client(shop.staff(cast, "pan")).post("/products/competitors/new", data=typed)

    assert answer.location == f"/papers/{case.id}" and CompetitorPrice.get().case_id == case.id


def test_the_way_to_further_lines_leads_to_the_paper_after_a_step_too(cast: Cast, client) -> None:
    case = shop.proposal(cast, {f"P{n:03}": 10 for n in range(60)})
    pan = client(shop.staff(cast, "pan"))

    step = {"step": "submit", "state": "draft", "version": str(case.version)}
    answer = pan.post(f"/papers/{case.id}/steps", data=step, headers={"HX-Request": "true"})

    assert answer.status_code == 200 and f"/papers/{case.id}?line=50#lines" in answer.text


def test_what_differs_from_the_shop_is_shown_fifty_at_a_time_and_none_is_left_out(cast: Cast, client) -> None:
    shop.priced(cast, "CUP", 100)
    bring_shop_file(shop.staff(cast, "shu"), "shop.csv", [(f"X{n:03}", Money(100)) for n in range(70)])
    browser = client(shop.staff(cast, "shu"))

    first, last = browser.get("/products/prices/compare").text, browser.get("/products/prices/compare?line=50").text

    assert "X049" in first and "X050" not in first and "?line=50" in first
    assert "X049" not in last and "X069" in last and "Lines 51 to 70" in last


def test_prices_that_are_agreed_to_wait_to_be_carried_out_and_not_for_a_decision(cast: Cast, client) -> None:
    case = approved(cast, {"CUP": 100})

    page = client(shop.staff(cast, "pan")).get(f"/papers/{case.id}").text

    assert "Waits to be carried out" in page and "Waiting for a decision" not in page


def test_lines_stand_with_their_pictures_for_who_may_see_the_register(cast: Cast, client) -> None:
    shop.ready(cast, "HAT")
    case = shop.proposal(cast, {"CUP": 10, "HAT": 20})

    page = client(shop.staff(cast, "pan")).get(f"/papers/{case.id}").text

    assert page.count("/products/pictures/") == 1


def test_a_big_proposal_shows_fifty_lines_a_page_and_stays_whole_when_its_words_change(cast: Cast, client) -> None:
    codes = {f"P{n:03}": 10 + n for n in range(210)}
    case = shop.proposal(cast, codes)
    browser = client(shop.staff(cast, "pan"))

    first, last = browser.get(f"/papers/{case.id}").text, browser.get(f"/papers/{case.id}?line=200").text
    printed = browser.get(f"/papers/{case.id}/print").text
    form = browser.get(f"/papers/{case.id}/edit").text
    typed = {"title": "Other words", "cause": "new", "reason": "why", "note": "n", "kept": "1", "token": "a-token-of-the-form"}
    browser.post(f"/papers/{case.id}/edit", data=typed | {"version": str(case.version), "do": "save"})

    assert "P049" in first and "P050" not in first and "P209" in last and 'name="kept"' in form
    assert all(code in printed for code in codes)
    case = Case.get_by_id(case.id)
    assert case.title == "Other words"
    assert PriceLine.select().where(PriceLine.case == case, PriceLine.version == case.version).count() == 210


# ---- what is refused ------------------------------------------------------------------------------------------------


def proposed(cast: Cast, lines: list[tuple[str, int | None]], **detail: str) -> Case:
    """A draft of Pan's with these lines in fen, as they come."""
    told = [{"product": shop.draft(cast, code), "new_fen": fen} for code, fen in lines]
    content = Content("Prices", {"cause": "new", "reason": "why", "note": "note"} | detail, told)
    return contents.create(FLOWS["price_proposal"], shop.staff(cast, "pan"), content, f"proposal {Case.select().count()}")


@pytest.mark.parametrize(
    ("lines", "detail", "field"),
    [
        ([("CUP", 100)], {"cause": "whim"}, "cause"),
        ([], {}, "lines"),
        ([("CUP", None)], {}, "lines"),
        ([("CUP", 0)], {}, "lines"),
        ([("CUP", HIGHEST)], {}, "lines"),
        ([("CUP", 100), ("CUP", 200)], {}, "lines"),
        ([("CUP", 100), ("HAT", 100), ("BAG", 100)], {}, "lines"),
    ],
    ids=["cause", "empty", "no amount", "nothing", "too much", "twice", "too long"],
)
def test_what_cannot_be_a_proposal_is_refused_however_it_comes_about(cast, monkeypatch, lines, detail, field) -> None:
    monkeypatch.setattr(rules_prices, "MOST_LINES", 2)

    with pytest.raises(Mistyped) as refused:
        proposed(cast, lines, **detail)

    assert refused.value.field == field


def test_pri_05_a_proposal_says_its_reason(cast: Cast) -> None:
    case = shop.proposal(cast, {"CUP": 100}, reason="")

    with pytest.raises(Refused, match="Say why"):
        steps.take(shop.staff(cast, "pan"), case.id, "submit")


def test_no_price_is_proposed_for_what_is_archived(cast: Cast) -> None:
    case = shop.proposal(cast, {"CUP": 100})
    archive(shop.staff(cast, "shu"), shop.draft(cast, "CUP").id)

    with pytest.raises(Refused, match="archived"):
        steps.take(shop.staff(cast, "pan"), case.id, "submit")


def test_the_button_says_in_which_proposal_a_product_stands(cast: Cast) -> None:
    pan, first, second = shop.staff(cast, "pan"), shop.proposal(cast, {"CUP": 100}), shop.proposal(cast, {"CUP": 90})
    first = steps.take(pan, first.id, "submit")

    (why,) = [str(each.why_not) for each in posts.buttons(pan, second) if each.step.name == "submit"]

    assert first.number in why


def test_the_director_strikes_lines_of_this_proposal_and_says_why_in_few_words(cast: Cast) -> None:
    dee, case, other = shop.staff(cast, "dee"), shop.proposal(cast, {"CUP": 100}), shop.proposal(cast, {"HAT": 100})
    steps.take(shop.staff(cast, "pan"), case.id, "submit")
    line, foreign = (PriceLine.get(PriceLine.case == each).id for each in (case, other))

    with pytest.raises(Refused, match="changed meanwhile"):
        steps.take(dee, case.id, "strike", given=Struck({foreign: "no"}))
    with pytest.raises(Mistyped) as refused:
        steps.take(dee, case.id, "strike", given=Struck({line: "x" * 201}))

    assert refused.value.field == f"because-{line}"


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("text", ["", "x" * 301])
def test_a_competitors_price_says_whose_for_what_and_from_where(cast: Cast, name: str, text: str) -> None:
    with pytest.raises(Mistyped) as refused:
        enter_competitor(shop.staff(cast, "pan"), shop.draft(cast), TEXTS | {name: text}, Money(9900), now.today())

    assert refused.value.field == name


@pytest.mark.parametrize(
    ("fen", "day", "field"), [(None, "today", "fen"), (Money(0), "today", "fen"), (Money(9), None, "seen_on")]
)
def test_a_competitors_price_has_an_amount_and_a_day(cast: Cast, fen: Any, day: Any, field: str) -> None:
    with pytest.raises(Mistyped) as refused:
        enter_competitor(shop.staff(cast, "pan"), shop.draft(cast), TEXTS, fen, now.today() if day else None)

    assert refused.value.field == field


def test_a_competitor_is_entered_with_the_own_draft_only(cast: Cast) -> None:
    pan, product, case = shop.staff(cast, "pan"), shop.draft(cast), shop.proposal(cast, {"CUP": 100})
    posts.grant(cast.ann, "marketing_staff")
    with pytest.raises(NotYours):
        enter_competitor(cast.ann, product, TEXTS, Money(9900), now.today(), case)
    other = shop.request(cast, "CUP", by="pan")
    with pytest.raises(NotYours):
        enter_competitor(pan, product, TEXTS, Money(9900), now.today(), other)

    case = steps.take(pan, case.id, "submit")

    with pytest.raises(NotYours):
        enter_competitor(pan, product, TEXTS, Money(9900), now.today(), case)


def test_pri_08_only_planner_and_specialist_compare_and_a_file_has_rows(cast: Cast) -> None:
    with pytest.raises(NotYours):
        bring_shop_file(shop.staff(cast, "cui"), "shop.csv", [("CUP", Money(100))])
    with pytest.raises(Mistyped, match="No row"):
        bring_shop_file(shop.staff(cast, "shu"), "shop.csv", [])


def test_rows_of_a_price_file_that_cannot_be_read_are_named() -> None:
    table = "SKU,Price\nCUP,9.90\n,5\nHAT,cheap\nBAG,0\nPOT,99999999999\n"

    read, errors = read_shop_file("shop.csv", io.BytesIO(table.encode()), {"SKU": "code", "Price": "price"})

    assert read == [("CUP", 990)]
    assert [(error.row, error.field) for error in errors] == [(3, "code"), (4, "price"), (5, "price"), (6, "price")]
