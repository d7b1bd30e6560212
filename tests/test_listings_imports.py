"""Products brought as a table: looked at first, written whole, all prices in one proposal; re-importing changes nothing."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from typing import Any

import pytest

from portal import imports, languages, steps
from portal.cases import Case
from portal.listings.models import Product
from portal.listings.models_shown import shown_price
from portal.listings.rules_imports import FOREIGN, LONG, NEEDED, READ, bring, preview
from portal.listings.rules_products import content_of
from portal.refused import Mistyped
from tests import posts, shop
from tests.cast import Cast
from tests.test_spending_pages import everybody_reads_english  # noqa: F401

HEAD = "Code,Name,Category,Brand,Description,Own price,Cost\n"
SHOPIFY = """Handle,Title,Body (HTML),Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src
mug,Mug,<p>350 ml</p><p>Blue &amp; white</p>,Songhe,Kitchen,Colour,Blue,MUG-B,39.00,https://cdn.example/mug-b.jpg
mug,,,,,,White,MUG-W,42.00,https://cdn.example/mug-w.jpg
mug,,,,,,,,,https://cdn.example/mug-2.jpg
hat,Hat,,,Clothes,Title,Default Title,,10.00,
"""
WOO = """ID,Type,SKU,Name,Published,Description,Regular price,Categories,Images
7,simple,TEA-1,Green tea,1,"<b>Fresh</b>",25.5,"Food > Tea",https://shop.example/tea.jpg
"""


@pytest.fixture(autouse=True)
def forms_without_tokens(request):
    if "client" in request.fixturenames:
        request.getfixturevalue("app").config["WTF_CSRF_ENABLED"] = False


def rows(table: str) -> list[imports.Row]:
    headings = FOREIGN | {languages.say(words, "en"): name for name, words in READ.items()}
    return imports.read("products.csv", io.BytesIO(table.encode()), headings, NEEDED, long=LONG)


def brought(cast: Cast, table: str, token: str = "a-token-of-an-import") -> Any:
    return bring(shop.staff(cast, "pan"), rows(table), "Prices", "new goods", "as others ask", token)


def test_new_products_and_one_proposal_with_every_price(cast: Cast) -> None:
    table = HEAD + "".join(f"N-{n},Thing {n},Home,Songhe,good,{10 + n}.00,3.00\n" for n in range(30))

    done = brought(cast, table)

    assert done.new == 30 and done.proposal.state == "submitted" and Product.select().count() == 30
    steps.take(shop.staff(cast, "dee"), done.proposal.id, "approve")
    steps.take(shop.staff(cast, "shu"), done.proposal.id, "publish")
    assert shown_price(Product.select().order_by(Product.id).first().id).price == 1000


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    table = HEAD + 'N-1,Thing,Home,Songhe,"two\nlines",10.00,3.00\n'
    done = brought(cast, table)
    steps.take(shop.staff(cast, "dee"), done.proposal.id, "approve")
    steps.take(shop.staff(cast, "shu"), done.proposal.id, "publish")

    found = preview(shop.staff(cast, "pan"), rows(table))

    assert (found.differences, found.unchanged, found.errors) == ([], 1, [])
    assert content_of(Product.get()).description == "two\nlines"


def test_re_importing_an_export_changes_nothing(cast: Cast, client) -> None:
    shop.on_shelf(cast, "CUP", 100)
    shop.described(cast, "HAT")
    pan = client(shop.staff(cast, "pan"))
    for kind in ("csv", "xlsx"):
        table = pan.get(f"/products/export/{kind}").data

        seen = pan.post("/products/import", data={"file": (io.BytesIO(table), f"products.{kind}")})

        assert seen.status_code == 200 and "changes nothing" in seen.text, seen.text[-4000:]


def test_a_file_with_mistakes_names_each_row_and_writes_nothing(cast: Cast) -> None:
    shop.proposal(cast, {"CUP": 100})
    table = (
        HEAD + ",No code,Home,,,1,\nA B,Blank,Home,,,1,\nN-1,,Home,,,1,\nN-2,Two,Home,,,abc,\nN-3,x,Home,,,1,\nN-3,x,Home,,,1,\n"
    )

    found = preview(shop.staff(cast, "pan"), rows(table))

    assert [(error.row, error.field) for error in found.errors] == [
        (2, "code"),
        (3, "code"),
        (4, "name"),
        (5, "own"),
        (7, "code"),
    ]
    with pytest.raises(Mistyped):
        brought(cast, table)
    assert Product.select().count() == 1


def test_shopifys_own_file_is_taken_as_it_is(cast: Cast) -> None:
    found = preview(shop.staff(cast, "pan"), rows(SHOPIFY))

    assert [(each.code, each.texts["name"], each.price) for each in found.differences] == [
        ("MUG-B", "Mug Blue", 3900), ("MUG-W", "Mug White", 4200),
    ]  # fmt: skip
    assert found.differences[0].texts["description"] == "350 ml\nBlue & white"
    assert found.differences[1].texts["brand"] == "Songhe"
    assert [(error.row, error.field) for error in found.errors] == [(5, "code")]  # without SKU


def test_woocommerces_own_file_is_taken_as_it_is_and_pictures_stay_text(cast: Cast) -> None:
    brought(cast, WOO)

    product = Product.get()
    assert product.image_links == "https://shop.example/tea.jpg" and product.item.category.name == "Tea"
    assert content_of(product).description == "Fresh"


def test_a_planner_changes_no_texts_by_a_file(cast: Cast) -> None:
    shop.draft(cast, "CUP")

    found = preview(shop.staff(cast, "pan"), rows(HEAD + "CUP,Another name,,,,,\n"))

    assert [error.field for error in found.errors] == ["name"]


def test_a_price_that_stands_in_an_open_proposal_points_to_it(cast: Cast) -> None:
    case = shop.proposal(cast, {"CUP": 100})
    case = steps.take(shop.staff(cast, "pan"), case.id, "submit")

    found = preview(shop.staff(cast, "pan"), rows(HEAD + "CUP,,,,,90,\n"))

    assert case.number in str(found.errors[0].words)


def test_a_planner_brings_a_catalogue_in_the_browser(cast: Cast, client) -> None:
    pan = client(shop.staff(cast, "pan"))
    table = HEAD + "N-1,Thing,Home,Songhe,good,10.00,3.00\n"
    seen = pan.post("/products/import", data={"file": (io.BytesIO(table.encode()), "products.csv")})
    kept = {name: unescape(value) for name, value in re.findall(r'name="(token|name|rows)" value="([^"]*)"', seen.text)}

    refused = pan.post("/products/import/confirm", data=kept | {"title": "New goods", "reason": "", "note": ""})
    assert refused.status_code == 409 and not Product.select().exists()
    kept |= {name: unescape(value) for name, value in re.findall(r'name="(token|name|rows)" value="([^"]*)"', refused.text)}
    answer = pan.post("/products/import/confirm", data=kept | {"title": "New goods", "reason": "new", "note": "as others"})

    case = Case.get(Case.kind == "price_proposal")
    assert answer.location == f"/papers/{case.id}" and case.state == "submitted"


def previewed(pan: Any, table: str) -> Any:
    return pan.post("/products/import", data={"file": (io.BytesIO(table.encode()), "catalogue.csv")})


def test_a_catalogue_with_long_texts_is_carried_through_its_preview(cast: Cast, client) -> None:
    said = "一段很长的商品说明，" * 400
    table = HEAD + "".join(f"CUP-{n},Cup {n},Cups,,{said}{n},,30\n" for n in range(150))
    pan = client(shop.staff(cast, "pan"))

    seen = previewed(pan, table)
    kept = dict(re.findall(r'name="(token|name|rows)" value="([^"]*)"', seen.text))
    answer = pan.post("/products/import/confirm", data=kept)

    assert len(json.dumps(table)) * 3 > 4 * 1024 * 1024  # as a form would send it
    assert (seen.status_code, answer.status_code) == (200, 303)
    (last,) = [each for each in Product.select() if each.item.code == "CUP-149"]
    assert content_of(last).description == f"{said}149"


def test_more_than_a_form_carries_is_said_beside_the_file(cast: Cast, client, monkeypatch) -> None:
    monkeypatch.setattr("portal.imports.MOST_PACKED_BYTES", 100)

    seen = previewed(client(shop.staff(cast, "pan")), HEAD + "CUP,A cup,Cups,,,,30\n")

    assert seen.status_code == 422
    assert "holds more text than can be looked at in one go. Bring it in parts." in seen.text


@pytest.mark.parametrize("text", ["", "x", "[]", "eJyL", "eJyLjgUAARUAuQ==x", "YWJj"])
def test_rows_that_no_preview_packed_are_refused(text: str) -> None:
    with pytest.raises(Mistyped, match="Choose a file"):
        imports.unpacked(text)


def test_what_opens_to_more_than_a_workbook_may_hold_is_refused(monkeypatch) -> None:
    packed = imports.packed("a.csv", [imports.Row(2, {"name": "x" * 5000})])
    assert imports.unpacked(packed).startswith("[[2, ")

    monkeypatch.setattr("portal.imports.MOST_UNPACKED_BYTES", 1000)

    with pytest.raises(Mistyped, match="Choose a file"):
        imports.unpacked(packed)


def test_who_may_not_enter_products_brings_none(cast: Cast, client) -> None:
    posts.grant(cast.ann, "copywriter")

    assert client(cast.ann).get("/products/import").status_code == 403
