"""Pages of products: the register and what is started from it, a product's own page, writing its contents and files."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from portal import attachments, contents, steps
from portal.cases import Case
from portal.flow import FLOWS
from portal.listings.models import Product, ShelfLine
from portal.listings.models_contents import versions
from portal.listings.rules_arrangements import archive
from portal.listings.rules_files import attach, upload_image_bytes
from portal.money import Money
from portal.stock.rules import count_content
from tests import shelf, shop
from tests.cast import Cast
from tests.counting import statements
from tests.videos import mp4

ALL_TEXTS = {"name": "杯子", "name_en": "Cup", "brand": "", "description": "好用", "description_en": ""}


@pytest.fixture(autouse=True)
def folder(app: Any, tmp_path: Any) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


def sent(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def names_in(page: BeautifulSoup) -> list[str]:
    return [each.get_text(strip=True) for each in page.select("#files-in ol.sorted li a")]


def test_a_product_is_entered_once_however_often_the_form_is_sent(client: Any, cast: Cast) -> None:
    home, pan = shelf.category("家居", "Home", "product"), client(shop.staff(cast, "pan"))
    form = {**ALL_TEXTS, "code": "CUP", "category": home.id, "unit": "件", "place": "A1", "cost": "30", "token": "t" * 20}

    answers = [pan.post("/products/new", data=form) for _n in range(2)]
    again = pan.post("/products/new", data=form | {"token": "u" * 20})

    assert [each.status_code for each in (*answers, again)] == [303, 303, 422]
    assert (Product.select().count(), Product.get().cost) == (1, Money(3000))
    assert "There is an item CUP" in sent(again).text


def test_who_may_not_know_costs_is_neither_asked_nor_told(client: Any, cast: Cast) -> None:
    product, shu, pan = shop.draft(cast), client(shop.staff(cast, "shu")), client(shop.staff(cast, "pan"))

    pages = {who: who.get(f"/products/{product.id}").text for who in (shu, pan)}
    files = {who: who.get("/products/export/csv").get_data().decode("utf-8-sig") for who in (shu, pan)}

    assert "¥30.00" not in pages[shu] and 'name="cost"' not in pages[shu] + shu.get("/products/new").text
    assert "¥30.00" in pages[pan] and 'name="cost"' in pages[pan]
    assert ["Cost" in next(csv.reader(io.StringIO(files[who]))) for who in (shu, pan)] == [False, True]


def test_who_counts_a_product_does_not_learn_its_figure_from_the_register(client: Any, cast: Cast) -> None:
    product = shop.draft(cast)
    shelf.put(product.item, 4711)
    shu, kun = shop.staff(cast, "shu"), shop.staff(cast, "kun")
    counting = contents.create(FLOWS["count"], kun, count_content("Shop", shu, "product"), "a count of products")
    steps.take(kun, counting.id, "begin")

    counter, other = client(shu), client(shop.staff(cast, "pan"))

    paths = ("/products", f"/products/{product.id}", "/products/export/csv")
    assert [figure in counter.get(path).text for path in paths for figure in ("4711", "4,711")] == [False] * 6
    assert "4,711" in other.get("/products").text


def test_from_ticked_products_a_paper_is_started(client: Any, cast: Cast) -> None:
    ticked, shu = [shop.draft(cast, code).id for code in ("CUP", "HAT")], client(shop.staff(cast, "shu"))
    shop.draft(cast, "BAG")
    put_up = next(
        each["value"] for each in sent(shu.get("/products")).select("button[name=start]") if "Put on" in each.get_text()
    )

    some = shu.post("/products/chosen", data={"product": ticked, "start": put_up})
    fitting = shu.post("/products/chosen", data={"all": "1", "query": "?q=HAT", "start": put_up})

    assert some.location == f"/papers/new/shelf_request?way=on&product={ticked[0]}&product={ticked[1]}"
    assert fitting.location == f"/papers/new/shelf_request?way=on&product={ticked[1]}"
    assert shu.post("/products/chosen", data={"start": put_up}).location == "/products"
    assert shu.post("/products/chosen", data={"product": ticked, "start": "0"}).status_code == 403  # only planners propose prices


def test_more_than_a_form_holds_become_a_draft_at_once(client: Any, cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr("portal.listings.views_register.MOST_TYPED", 1)
    for code in ("CUP", "HAT"):
        shop.draft(cast, code)
    shu, form = client(shop.staff(cast, "shu")), {"all": "1", "query": "", "start": "2", "token": "t"}

    first, second = shu.post("/products/chosen", data=form), shu.post("/products/chosen", data=form)

    case = Case.get(Case.kind == "shelf_request")
    assert first.location == second.location == f"/papers/{case.id}"
    assert ShelfLine.select().where(ShelfLine.case == case).count() == 2


def test_the_list_shows_what_it_says_and_asks_no_more_for_more_rows(client: Any, cast: Cast) -> None:
    shop.on_shelf(cast, "CUP", yuan=120)
    pan = client(shop.staff(cast, "pan"))
    with statements() as few:
        one = sent(pan.get("/products"))
    for n in range(6):
        shop.draft(cast, f"HAT-{n}")

    with statements() as many:
        page = sent(pan.get("/products"))
    fragment = sent(pan.get("/products?q=CUP", headers={"HX-Request": "true"}))

    row = one.select_one("tr[data-row]")
    assert isinstance(row, Tag)
    assert all(text in row.get_text() for text in ("Product CUP", "¥120.00", "On the shelf"))
    assert len(many) == len(few)
    assert len(page.select("tr[data-row]")) == 7 and len(fragment.select("tr[data-row]")) == 1
    assert fragment.select_one("h1") is None


# ---- contents -------------------------------------------------------------------------------------------------------


def written(product: Product) -> Any:
    kept = Product.get_by_id(product.id)
    return versions(kept.id, [kept.version])[kept.version]


def test_files_are_added_and_moved_in_the_form_and_saved_as_one_version(client: Any, cast: Cast) -> None:
    product, yao, path = shop.draft(cast), client(shop.staff(cast, "yao")), "/products/{}/contents"
    path = path.format(product.id)
    chosen = [("front.png", shop.picture()), ("side.png", shop.picture(9)), ("a.mp4", mp4())]

    added = yao.post(path, data={
        "version": 1, "do": "add",
        "files": [(io.BytesIO(each), name) for name, each in chosen],
    })  # fmt: skip
    order = [each["value"] for each in sent(added).select("input[name=file]")]
    moved = yao.post(path, data={"version": 1, "file": order, "do": f"up-{order[1]}"})
    without = yao.post(path, data={"version": 1, "file": [order[1], *order[::2]], "do": f"out-{order[0]}"})
    saved = yao.post(path, data={"version": 1, "file": [order[1], order[0], order[2]], "do": "save"})

    assert names_in(sent(added)) == ["front.png", "side.png", "a.mp4"]
    assert names_in(sent(moved)) == ["side.png", "front.png", "a.mp4"]
    assert names_in(sent(without)) == ["side.png", "a.mp4"]
    assert (saved.status_code, written(product).n) == (303, 2)
    assert [file.name for file in written(product).files] == ["side.png", "front.png", "a.mp4"]
    assert written(product).texts["description"] == "好用"


def test_a_file_that_is_too_large_is_named_and_what_was_typed_stays(client: Any, cast: Cast) -> None:
    product, shu = shop.draft(cast), client(shop.staff(cast, "shu"))
    large = io.BytesIO(shop.picture() + b"\0" * upload_image_bytes())

    answer = shu.post(f"/products/{product.id}/contents", data={
        **ALL_TEXTS, "name": "新名", "version": 1, "do": "save", "files": [(large, "front.png")],
    })  # fmt: skip

    page = sent(answer)
    assert answer.status_code == 422 and written(product).n == 1
    assert "front.png is 501 KB; at most 500 KB can be attached." in page.get_text()
    assert page.select_one("#name")["value"] == "新名"  # type: ignore[index]
    field = page.select_one("input[type=file]")
    assert isinstance(field, Tag) and ".png:512000" in field["data-limit"] and ".mp4:31457280" in field["data-limit"]


def test_what_others_wrote_meanwhile_is_not_written_over(client: Any, cast: Cast) -> None:
    product, shu = shop.draft(cast), client(shop.staff(cast, "shu"))
    form = {**ALL_TEXTS, "version": 1, "do": "save"}

    answers = [shu.post(f"/products/{product.id}/contents", data=form | {"description": text}) for text in ("one", "two")]

    assert [each.status_code for each in answers] == [303, 409]
    assert "two" in answers[1].text and written(product).texts["description"] == "one"


def test_only_what_stood_in_no_version_is_taken_off(client: Any, cast: Cast) -> None:
    product, yao = shop.described(cast), client(shop.staff(cast, "yao"))
    (stood,) = attachments.of("product", product.id)
    beside = attach(shop.staff(cast, "yao"), product.id, "wrong.png", io.BytesIO(shop.picture()))
    path, order = f"/products/{product.id}/contents", {"version": product.version, "file": []}

    dropped = yao.post(path, data=order | {"do": f"drop-{beside.id}"})
    kept = yao.post(path, data=order | {"do": f"drop-{stood.id}"})

    assert (dropped.status_code, kept.status_code) == (200, 403)
    assert [each.id for each in attachments.of("product", product.id)] == [stood.id]


def test_a_video_is_sent_in_parts_and_a_small_picture_only_to_who_may_see_it(client: Any, cast: Cast) -> None:
    product, yao = shop.draft(cast), shop.staff(cast, "yao")
    film = attach(yao, product.id, "film.mp4", io.BytesIO(mp4(500)))
    front = attach(yao, product.id, "front.png", io.BytesIO(shop.picture(400, 400)))

    part = client(yao).get(f"/files/{film.id}", headers={"Range": "bytes=0-99"})
    small = client(yao).get(f"/products/pictures/{front.id}")

    assert (part.status_code, len(part.data), part.mimetype) == (206, 100, "video/mp4")
    assert "attachment" not in part.headers["Content-Disposition"] and "sandbox" in part.headers["Content-Security-Policy"]
    assert (small.mimetype, client(cast.bo).get(f"/products/pictures/{front.id}").status_code) == ("image/webp", 403)
    assert [client(cast.bo).get(f"/files/{each.id}").status_code for each in (film, front)] == [404, 404]
    assert client(yao).get(f"/products/pictures/{film.id}").status_code == 404


def test_the_page_says_what_is_shown_and_what_is_newer(client: Any, cast: Cast) -> None:
    from portal.listings.rules_products import write_content

    product = shop.on_shelf(cast)
    write_content(shop.staff(cast, "cui"), product.id, product.version, {"description": "更好用"})
    shu = client(shop.staff(cast, "shu"))

    page = sent(shu.get(f"/products/{product.id}"))
    differs = sent(shu.get(f"/products/{product.id}/versions"))

    assert "The shop shows version 2; version 3 is newer" in page.get_text()
    assert "Shu put it on the shelf" in page.get_text() and page.select_one('#history a[href^="/papers/"]')
    assert [each.get_text() for each in differs.select(".diff ins")] == ["更"]
    assert shu.get(f"/products/{product.id}/versions?from=99&to=x").status_code == 200


def test_an_archived_product_is_only_read(client: Any, cast: Cast) -> None:
    product, shu = shop.draft(cast), shop.staff(cast, "shu")
    archive(shu, product.id)

    page = sent(client(shu).get(f"/products/{product.id}"))

    assert not page.select("form[action$=marks], form[action$=vouch], a[href$=contents]")
    assert page.select('a[href$="/arrange"]')
