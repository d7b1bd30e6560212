"""Products brought as a table: looked at first, written whole, all prices in one proposal; re-importing changes nothing."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from typing import Any

import pytest

from portal import db, imports, languages, steps
from portal.cases import Case
from portal.listings.models import Product
from portal.listings.models_arrangements import to_review
from portal.listings.models_shown import shown_price
from portal.listings.rules import archive, change_product
from portal.listings.rules_arrangements import change_category, review
from portal.listings.rules_goods import bring_stock
from portal.listings.rules_imports import FOREIGN, LONG, NEEDED, READ, bring, preview
from portal.listings.rules_products import add_product, content_of
from portal.refused import Mistyped, NotYours
from tests import posts, shelf, shop
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


def test_shf_11_a_category_that_comes_with_a_file_is_looked_at_by_the_planner_like_any_other(cast: Cast) -> None:
    table = HEAD + "N-1,Cup,Kitchen,,,,\nN-2,Hat,Clothes,,,,\nN-3,Bowl,kitchen,,,,\n"

    bring(shop.staff(cast, "shu"), rows(table), "", "", "", "a-token-of-an-import")

    assert [(str(row.what), row.called.name, row.by.name) for row in to_review()] == [
        ("Category added", "Clothes", "舒"), ("Category added", "kitchen", "舒"),
    ]  # fmt: skip
    assert review(shop.staff(cast, "pan"), [row.id for row in to_review()]) == 2


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


def test_who_may_not_enter_products_brings_none(cast: Cast, client) -> None:
    posts.grant(cast.ann, "copywriter")

    assert client(cast.ann).get("/products/import").status_code == 403


# ---- as other shops write them --------------------------------------------------------------------------------------


def test_rows_with_mistakes_are_left_out_where_that_is_asked_for(cast: Cast, client) -> None:
    """A file of Shopify has rows without SKU: it is taken as it is, and those rows fail alone."""
    pan = client(shop.staff(cast, "pan"))
    seen = pan.post("/products/import", data={"file": (io.BytesIO(SHOPIFY.encode()), "products.csv")})
    typed = carried_on(seen) | {"title": "New goods", "reason": "new", "note": "as others"}

    refused = pan.post("/products/import/confirm", data=typed)
    done = pan.post("/products/import/confirm", data=carried_on(refused) | {"leave_out": "1"} | typed)

    assert seen.status_code == 422 and 'name="leave_out"' in seen.text
    assert refused.status_code == 409 and done.status_code == 303
    assert sorted(each.item.code for each in Product.select()) == ["MUG-B", "MUG-W"]


def carried_on(answer: Any) -> dict[str, str]:
    """What the preview sends on."""
    return {name: unescape(value) for name, value in re.findall(r'name="(token|name|rows)" value="([^"]*)"', answer.text)}


def test_every_address_of_a_picture_is_kept_as_text(cast: Cast) -> None:
    shopify = "\n".join(line for line in SHOPIFY.splitlines() if "Hat" not in line)
    brought(cast, shopify)

    links = {each.item.code: each.image_links for each in Product.select()}
    again = preview(shop.staff(cast, "pan"), rows(shopify))

    assert links["MUG-B"] == "https://cdn.example/mug-b.jpg, https://cdn.example/mug-2.jpg"
    assert again.differences == [] and {each.field for each in again.errors} == {"own"}  # it stands in a proposal


def test_an_address_too_many_is_left_out_whole(cast: Cast) -> None:
    links = ", ".join(f"https://cdn.example/{n:060d}.jpg" for n in range(40))
    brought(cast, WOO.replace("https://shop.example/tea.jpg", links).replace('Tea",', 'Tea","')[:-1].rstrip("\n") + '"\n')

    kept = Product.get().image_links

    assert 1800 < len(kept) <= 2000 and kept.endswith(".jpg")


def test_odd_texts_come_back_as_they_were(cast: Cast, client) -> None:
    """Blanks, signs of tags and formulas, commas in the name of a category: re-importing an export changes nothing."""
    shu, pan = shop.staff(cast, "shu"), shop.staff(cast, "pan")
    product = add_product(pan, "ODD", shelf.category("茶, 咖啡 > 水", "Tea", "product"), {
        "name": "Tea  with   blanks", "name_en": "=1+1", "brand": "@home", "description": "5 < 6 > 4\n\n\n  a &amp; b\n-1",
    }, place="A  1")  # fmt: skip
    change_product(pan, product.id, product.events, season="winter", is_main=True)
    for person in (shu, pan):
        browser = client(person)
        for kind in ("csv", "xlsx"):
            table = browser.get(f"/products/export/{kind}").data
            seen = browser.post("/products/import", data={"file": (io.BytesIO(table), f"products.{kind}")})
            assert seen.status_code == 200 and "changes nothing" in seen.text, seen.text[-4000:]


def test_a_cell_that_was_changed_is_taken_or_refused_and_never_passed_over(cast: Cast) -> None:
    product = shop.draft(cast, "CUP")
    table = "Code,Promoted first,Place,Season\nCUP,Yes,B-7,Winter\n"

    brought(cast, table)

    changed = Product.get_by_id(product.id)
    assert (changed.is_main, changed.item.place, changed.season) == (True, "B-7", "winter")
    assert preview(shop.staff(cast, "pan"), rows(table)).differences == []
    for head, cell in (("Unit", "kg"), ("Category", "Elsewhere"), ("Promoted first", "perhaps")):
        assert len(preview(shop.staff(cast, "pan"), rows(f"Code,{head}\nCUP,{cell}\n")).errors) == 1


def test_a_category_that_is_not_in_use_fails_its_row(cast: Cast) -> None:
    kept = shelf.category("旧", "Old", "product")
    change_category(shop.staff(cast, "shu"), kept.id, "旧", "Old", False, kept.events)

    found = preview(shop.staff(cast, "pan"), rows(HEAD + "N-1,Thing,旧,,,10,\nN-2,Thing,新,,,10,\n"))

    assert [(each.row, each.field) for each in found.errors] == [(2, "category")] and len(found.differences) == 1


def test_an_archived_product_is_not_changed_by_a_file(cast: Cast) -> None:
    archive(shop.staff(cast, "shu"), shop.draft(cast, "CUP").id)

    found = preview(shop.staff(cast, "pan"), rows(HEAD + "CUP,,,,,90,\n"))

    assert "CUP is archived" in str(found.errors[0].words)


@pytest.mark.parametrize(
    "price", ["-5", "0", "0.00", "1e3", "12,50", "1,2,3", "NaN", "１２", "99999999999", "0.001", "=1+1", "15%"]
)
def test_a_price_that_is_none_fails_its_row(cast: Cast, price: str) -> None:
    found = preview(shop.staff(cast, "pan"), rows(HEAD + f'N-1,Thing,Home,,,"{price}",\n'))

    assert [(each.row, each.field) for each in found.errors] == [(2, "own")] and not found.differences


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_is_read_in_the_encodings_and_separators_of_this_country(cast: Cast, encoding: str, separator: str) -> None:
    table = "商品编码,商品名称,价格\n N-1 ,青瓷茶杯,25.5\n".replace(",", separator)

    read = imports.read("商品.csv", io.BytesIO(table.encode(encoding)), FOREIGN, NEEDED, long=LONG)
    found = preview(shop.staff(cast, "pan"), read)

    assert [(each.code, each.texts["name"], each.price) for each in found.differences] == [("N-1", "青瓷茶杯", 2550)]


@pytest.mark.parametrize("encoding", ["utf-16", "shift-jis", "latin-1"])
def test_another_encoding_is_refused_or_its_rows_fail(cast: Cast, encoding: str) -> None:
    table = (
        "SKU,Title,Price\nN-1,\u00e9\u00e8\u00e9 caf\u00e9,25.5\n" if encoding == "latin-1" else "SKU,Title,Price\nN-1,茶,25.5\n"
    )

    with pytest.raises((Mistyped, AssertionError)):
        read = imports.read("a.csv", io.BytesIO(table.encode(encoding)), FOREIGN, NEEDED)
        assert preview(shop.staff(cast, "pan"), read).errors


def test_a_code_in_other_letters_is_the_same_product(cast: Cast) -> None:
    shop.draft(cast, "CUP")

    with pytest.raises(Mistyped, match="already"):
        add_product(shop.staff(cast, "pan"), "cup", shelf.category("家居", "Home", "product"), {"name": "Another"})


@pytest.mark.parametrize("text", ["", "[", "[]", "eJ", "eJyL", "YWJj", "####", "x" * 1000])
def test_what_no_preview_packed_is_refused(text: str) -> None:
    with pytest.raises(Mistyped):
        imports.carried(text, {"code"})


def test_a_bomb_is_not_unpacked(monkeypatch) -> None:
    bomb = imports.packed("a.csv", [imports.Row(2, {"code": "a" * 100_000})])
    monkeypatch.setattr(imports, "MOST_UNPACKED_BYTES", 50_000)

    with pytest.raises(Mistyped):
        imports.carried(bomb, {"code"}, {"code"})


# ---- a whole catalogue ----------------------------------------------------------------------------------------------


def test_a_catalogue_goes_from_the_file_to_the_shelf_in_one_go(cast: Cast, client) -> None:
    """One proposal with all prices, one request for the shelf, in the browser; with texts as long as they are in shops."""
    told = "青瓷茶杯,手工拉坯;" * 40
    table = HEAD + "".join(f'N-{n},茶杯 {n},Home,Songhe,"{told}",{10 + n}.00,3.00\n' for n in range(300))
    pan, dee, shu = (client(shop.staff(cast, user)) for user in ("pan", "dee", "shu"))
    seen = pan.post("/products/import", data={"file": (io.BytesIO(table.encode()), "products.csv")})
    brought_in = pan.post(
        "/products/import/confirm", data=carried_on(seen) | {"title": "All", "reason": "new", "note": "as others"}
    )
    assert brought_in.status_code == 303
    _take(dee, "price_proposal", "approve")
    _take(shu, "price_proposal", "publish")
    _equip(cast)

    token = re.search(r'name="token" value="([^"]*)"', shu.get("/products").text)[1]
    assert shu.post("/products/chosen", data={"all": "1", "start": "2", "token": token}).status_code == 303
    for browser, name in ((shu, "submit"), (dee, "approve"), (shu, "put_up")):
        _take(browser, "shelf_request", name)

    nobody, path, codes = client(), "/shop/feed.json?limit=500", []
    while path:
        page = nobody.get(path).json
        codes += [(each["sku"], each["price"]) for each in page["products"]]
        path = page["next"]
    assert codes == [(f"N-{n}", f"{10 + n}.00") for n in range(300)]


def _take(browser: Any, kind: str, name: str) -> None:
    case = Case.get(Case.kind == kind)
    answer = browser.post(f"/papers/{case.id}/steps", data={"step": name, "state": case.state, "version": case.version})
    assert answer.status_code == 303, answer.text[-2000:]


@db.transaction
def _equip(cast: Cast) -> None:
    """Each with a picture and stock, and vouched for: what a file does not bring. In a few statements, for there are many."""
    shu, products = shop.staff(cast, "shu"), list(Product.select())
    file = shop.attached(products[0], shu)
    db.run("INSERT INTO content_files (content_id, n, attachment_id) SELECT id, 1, ? FROM product_contents", file.id)
    db.run("UPDATE products SET checked_version = version, checked_by_id = ?, checked_at = 1", shu.id)
    bring_stock(shop.staff(cast, "kun"), [(each, 5) for each in products], "a-stock-file")


# ---- what is refused ------------------------------------------------------------------------------------------------

WHOLE = "Code,Name,Category,Brand,Description,Own price,Cost,Season,Promoted first\n"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("PEN,Pen,Home,,,,,,", "code"),
        (f"N-1,{'x' * 121},Home,,,,,,", "name"),
        ("N-1,Cup,Home,,,12.345,,,", "own"),
        ("N-1,Cup,Home,,,0,,,", "own"),
        ("N-1,Cup,Home,,,,cheap,,", "cost"),
        ("N-1,Cup,Home,,,,,sometime,", "season"),
        ("N-1,Cup,Home,,,,,,perhaps", "is_main"),
        ("CUP,,Clothes,,,,,,", "category"),
    ],
    ids=["a supply", "long", "price", "nothing", "cost", "season", "promoted first", "category"],
)
def test_a_row_that_cannot_be_taken_is_named_with_its_column(cast: Cast, row: str, field: str) -> None:
    shelf.item("PEN")
    shop.draft(cast, "CUP")

    found = preview(shop.staff(cast, "pan"), rows(f"{WHOLE}{row}\n"))

    assert [(error.row, error.field) for error in found.errors] == [(2, field)] and found.differences == []


def test_who_may_not_know_costs_brings_none_and_who_does_not_plan_brings_no_price(cast: Cast) -> None:
    shu = shop.staff(cast, "shu")

    costly, priced = (preview(shu, rows(f"{HEAD}N-1,Cup,Home,,,{told}\n")) for told in (",3.00", "10.00,"))

    assert [error.field for error in costly.errors] == ["cost"]
    assert [each.price for each in priced.differences] == [None]


def test_a_file_that_was_brought_once_is_not_brought_again(cast: Cast) -> None:
    first = brought(cast, HEAD + "N-1,Cup,Home,,,10.00,\n")

    again = brought(cast, HEAD + "N-2,Hat,Home,,,10.00,\n")

    assert (again.new, again.proposal, Product.select().count()) == (0, first.proposal, 1)


def test_the_rules_bring_nothing_for_who_does_not_enter_products(cast: Cast) -> None:
    with pytest.raises(NotYours):
        bring(shop.staff(cast, "yao"), rows(HEAD + "N-1,Cup,Home,,,,\n"), "", "", "", "a-token-of-an-import")
    with pytest.raises(NotYours):
        preview(shop.staff(cast, "yao"), rows(HEAD + "N-1,Cup,Home,,,,\n"))
