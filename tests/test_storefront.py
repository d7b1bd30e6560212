"""What the shop sees: nothing without its approvals, every price as the rule has it, and feeds that do not grow in memory."""

from __future__ import annotations

import io
import re
import tracemalloc
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from werkzeug.test import EnvironBuilder, run_wsgi_app

from portal import access, attachments, db, steps
from portal import clock as now
from portal.access import ROLES
from portal.attachments import Attachment
from portal.cases import Case
from portal.flow import FLOWS
from portal.listings.models import ContentFile, Product
from portal.listings.models_contents import shown_to_all
from portal.listings.rules_products import content_of, files_of, write_content
from portal.persons import Person
from portal.publishing.models_papers import PROHIBITED, Down
from portal.publishing.models_shown import published
from portal.publishing.rules_take_downs import take_down_product
from portal.storefront.models import by_key, everything, on_sale, on_sale_one, state_of
from portal.storefront.rules import as_json, rss
from portal.web import public
from tests import counting, manuscripts, posts, promoting, shelf, shop
from tests.cast import NEVER_OLD, Cast
from tests.counting import statements
from tests.pdfs import pdf_of
from tests.test_listings_core import sell
from tests.test_spending_pages import everybody_reads_english  # noqa: F401
from tests.videos import mp4

ATOM = "{http://www.w3.org/2005/Atom}"
G = "{http://base.google.com/ns/1.0}"


@pytest.fixture(autouse=True)
def forms_without_tokens(app):
    app.config["WTF_CSRF_ENABLED"] = False


def test_anybody_reads_what_is_on_the_shelf_with_the_price_of_the_moment(cast: Cast, client, clock) -> None:
    clock.set("2026-03-02 09:00")
    product = shop.on_shelf(cast, "CUP", 100)
    promoting.applied(cast, promoting.passed(cast, now.now() + timedelta(hours=1), days=1), {"CUP": 80})
    nobody = client()
    before = nobody.get("/shop/feed.json").json["products"][0]

    clock.forward(hours=2)
    during = nobody.get("/shop/feed.json").json["products"][0]
    page = nobody.get(f"/shop/products/{product.id}").text
    clock.forward(days=2)
    after = nobody.get("/shop/feed.json").json["products"][0]

    assert [each["price"] for each in (before, during, after)] == ["100.00", "80.00", "100.00"]
    assert during["promotion"]["title"] == "Spring sale" and "80.00" in page and "100.00" in page


def test_what_is_not_on_the_shelf_does_not_exist_in_the_shop(cast: Cast, client) -> None:
    ready = shop.ready(cast, "HAT")
    sold = shop.on_shelf(cast, "BAG", on_hand=1)
    sell(sold, 1)
    nobody = client()

    answers = [nobody.get(f"/shop/products/{each.id}").status_code for each in (ready, sold)]

    assert answers == [404, 404] and nobody.get("/shop/feed.json").json["products"] == []
    assert "HAT" not in nobody.get("/shop").text


def test_contents_written_after_the_approval_are_not_shown(cast: Cast, client) -> None:
    product = shop.on_shelf(cast, "CUP")
    write_content(shop.staff(cast, "shu"), product.id, product.version, {"name": "Unread name", "description": "unread words"})
    nobody = client()

    told = nobody.get("/shop").text + nobody.get(f"/shop/products/{product.id}").text + nobody.get("/shop/feed.json").text
    told += nobody.get("/shop/feed.xml").text

    assert "nread" not in told


def test_what_has_no_stock_is_not_shown_even_where_it_was_not_taken_off(cast: Cast, client) -> None:
    product = shop.on_shelf(cast)
    db.run("UPDATE accounts SET put = 0 WHERE id = ?", product.item.account_id)

    assert client().get(f"/shop/products/{product.id}").status_code == 404


def test_pictures_are_public_only_of_what_is_shown_in_the_version_that_is_shown(cast: Cast, client, settings) -> None:
    attachments.keep_in(settings.data)
    shu, hidden, product = shop.staff(cast, "shu"), shop.described(cast, "HAT"), shop.on_shelf(cast)
    shown, newer, paper = (attachments.of("product", product.id)[0], *(shop.attached(product, shu, f"{n}.png") for n in "ab"))
    film = Attachment.create(**paper.__data__ | {"id": None, "type": "video/mp4"})
    old = write_content(shu, product.id, product.version, files=[newer.id, film.id])
    case = shop.attached(shop.request(cast, "BAG"), shu)
    ContentFile.create(content=content_of(Product.get_by_id(product.id), product.shown_version), n=9, attachment=case)
    sold = shop.on_shelf(cast, "BAG", on_hand=1)
    sell(sold, 1)
    secret, gone = (attachments.of("product", each.id)[0] for each in (hidden, sold))
    nobody = client()

    def answers() -> list[int]:
        return [nobody.get(f"/shop/pictures/{each.id}").status_code for each in (shown, newer, film, case, secret, gone)]

    assert answers() == [200, 404, 404, 404, 404, 404]
    Product.update(shown_version=old.version).where(Product.id == product.id).execute()
    assert answers() == [404, 200, 404, 404, 404, 404]
    assert nobody.get(f"/shop/products/{product.id}").text.count(f"/shop/pictures/{film.id}") == 0


def test_what_is_told_in_the_portal_only_is_not_told_in_the_shop(cast: Cast, client, settings) -> None:
    attachments.keep_in(settings.data)
    inside = manuscripts.compiled(cast)
    attachments.store("case", inside.id, "product_picture", "a.png", io.BytesIO(shop.picture()), shop.staff(cast, "cui"))
    manuscripts.go(cast, Case.get_by_id(inside.id), ("cui", "submit"), ("dee", "approve"), ("shu", "publish"))
    outside = manuscripts.published(cast, on_shop=True)
    file, nobody = attachments.of("case", inside.id)[0], client()

    answers = [nobody.get(f"/shop/news/{told}").status_code for told in (inside.id, f"{inside.id}/files/{file.id}", outside.id)]

    assert answers == [404, 404, 200]


def test_the_sale_shows_only_what_a_promotion_makes_cheaper_at_that_moment(cast: Cast, client, clock) -> None:
    clock.set("2026-03-02 09:00")
    for code in ("CUP", "HAT"):
        shop.on_shelf(cast, code, 100)
    promoting.applied(cast, promoting.passed(cast, now.now() + timedelta(hours=1), days=1), {"CUP": 80, "HAT": "A ribbon"})
    nobody = client()
    before = nobody.get("/shop?sale=1").text

    clock.forward(hours=2)
    during, first = nobody.get("/shop?sale=1").text, nobody.get("/shop").text

    assert "/shop/products/" not in before
    assert "80.00" in during and "−20%" in during and "A ribbon" not in during
    assert first.count("−20%") == 2 and "A ribbon" in first  # among what is on sale, and among everything


def test_beside_a_product_stand_others_of_its_category_and_never_itself(cast: Cast, client) -> None:
    cup, *others = [shop.on_shelf(cast, code) for code in ("CUP", "BAG", "HAT")]

    page = client().get(f"/shop/products/{others[-1].id}").text

    assert f"/shop/products/{cup.id}" in page and f"/shop/products/{others[0].id}" in page
    assert f'href="/shop/products/{others[-1].id}"' not in page


def test_the_shop_asks_few_statements_however_much_it_shows(cast: Cast, client) -> None:
    for n in range(6):
        shop.on_shelf(cast, f"P{n}")
    nobody = client()
    nobody.get("/shop")

    with statements() as sent:
        nobody.get("/shop")

    assert len(sent) <= 10


def test_the_feed_is_paged_and_answers_304_until_something_changes(cast: Cast, client) -> None:
    for n in range(5):
        shop.on_shelf(cast, f"P{n}", 10 + n)
    nobody = client()

    first = nobody.get("/shop/feed.json?limit=2")
    second = nobody.get(first.json["next"])
    last = nobody.get(second.json["next"])
    again = nobody.get("/shop/feed.json?limit=2", headers={"If-None-Match": first.headers["ETag"]})
    sell(Product.get(), 1)
    changed = nobody.get("/shop/feed.json?limit=2", headers={"If-None-Match": first.headers["ETag"]})

    codes = [each["sku"] for answer in (first, second, last) for each in answer.json["products"]]
    assert codes == [f"P{n}" for n in range(5)] and last.json["next"] is None
    assert (again.status_code, again.data, changed.status_code) == (304, b"", 200)


def test_a_promotion_that_begins_changes_the_etag_by_the_clock(cast: Cast, client, clock) -> None:
    clock.set("2026-03-02 09:00")
    shop.on_shelf(cast, "CUP", 100)
    promoting.applied(cast, promoting.passed(cast, now.now() + timedelta(hours=1), days=1), {"CUP": 80})
    nobody = client()
    tag = nobody.get("/shop/feed.xml").headers["ETag"]
    assert nobody.get("/shop/feed.xml", headers={"If-None-Match": tag}).status_code == 304

    clock.forward(hours=1)

    assert nobody.get("/shop/feed.xml", headers={"If-None-Match": tag}).status_code == 200


def test_the_rss_feed_has_googles_fields(cast: Cast, client) -> None:
    shop.on_shelf(cast, "A-B", 100)

    channel = ElementTree.fromstring(client().get("/shop/feed.xml").data).find("channel")
    item = channel.find("item")

    assert item.find(f"{G}id").text == "A-B" and item.find(f"{G}price").text == "100.00 CNY"
    assert item.find(f"{G}availability").text == "in_stock" and item.find("link").text.endswith("/shop/products/1")


def test_signs_that_xml_does_not_know_leave_the_feed_readable(cast: Cast, client) -> None:
    shop.described(cast, "CUP")
    product = shop.draft(cast, "CUP")
    hostile = {"name": "Cup \uffff & <b>", "description": "a\ufffeb]]>"}
    write_content(shop.staff(cast, "shu"), product.id, product.version, hostile)
    shop.vouch(shop.staff(cast, "shu"), product.id, product.version + 1)
    shop.on_shelf(cast, "CUP")

    item = ElementTree.fromstring(client().get("/shop/feed.xml").data).find("channel/item")

    assert item.find("title").text == "Cup  & <b>" and item.find("description").text == "ab]]>"


def test_a_page_of_the_rss_feed_leads_to_the_next(cast: Cast, client) -> None:
    for n in range(3):
        shop.on_shelf(cast, f"P{n}", 10 + n)
    nobody, path, codes = client(), "/shop/feed.xml?limit=2", []

    while path:
        channel = ElementTree.fromstring(nobody.get(path).data).find("channel")
        codes += [each.text for each in channel.iter(f"{G}id")]
        further = channel.find(f"{ATOM}link")
        path = further.get("href") if further is not None else None

    assert codes == ["P0", "P1", "P2"]


def test_what_changes_while_a_feed_is_read_is_not_taken_for_known(cast: Cast, client, monkeypatch) -> None:
    """The tag is made before the products are read: a later change has another."""
    from portal.storefront import views

    product, nobody, read = shop.on_shelf(cast, "CUP"), client(), views.by_key

    def meanwhile(*asked: Any) -> Any:
        found = read(*asked)
        sell(product, 10)
        return found

    monkeypatch.setattr(views, "by_key", meanwhile)
    first = nobody.get("/shop/feed.json")
    monkeypatch.setattr(views, "by_key", read)
    again = nobody.get("/shop/feed.json", headers={"If-None-Match": first.headers["ETag"]})

    assert len(first.json["products"]) == 1
    assert again.status_code == 200 and again.json["products"] == []


def test_videos_and_documents_are_for_everybody_while_the_shop_shows_them(cast: Cast, client, settings) -> None:
    attachments.keep_in(settings.data)
    shu, product = shop.staff(cast, "shu"), shop.described(cast, "CUP")
    film = attachments.store("product", product.id, "product_video", "film.mp4", io.BytesIO(mp4()), shu)
    paper = attachments.store("product", product.id, "product_document", "care.pdf", io.BytesIO(pdf_of("care")), shu)
    secret = attachments.store("product", product.id, "product_document", "cost.pdf", io.BytesIO(pdf_of("cost")), shu)
    kept = [each.attachment_id for each in files_of(content_of(product))]
    product = write_content(shu, product.id, product.version, files=[*kept, film.id, paper.id])
    shop.vouch(shu, product.id, product.version)
    nobody = client()
    before = [nobody.get(f"/shop/files/{each.id}").status_code for each in (film, paper, secret)]
    shop.on_shelf(cast, "CUP")

    page = nobody.get(f"/shop/products/{product.id}").text
    answers = [nobody.get(f"/shop/files/{each.id}") for each in (film, paper, secret)]
    in_parts = nobody.get(f"/shop/files/{film.id}", headers={"Range": "bytes=0-3"})

    assert before == [404, 404, 404] and [each.status_code for each in answers] == [200, 200, 404]
    assert in_parts.status_code == 206
    assert f"/shop/files/{film.id}" in page and f"/shop/files/{paper.id}" in page and "cost.pdf" not in page
    assert "attachment" in answers[1].headers["Content-Disposition"]
    assert "sandbox" in answers[0].headers["Content-Security-Policy"]


def test_inf_15_a_picture_taken_down_is_gone_also_for_those_who_have_a_copy(cast: Cast, client, settings) -> None:
    attachments.keep_in(settings.data)
    product, nobody = shop.on_shelf(cast, "CUP"), client()
    path = f"/shop/pictures/{by_key(now.now())[0].pictures[0]}"
    first = nobody.get(path)
    tag = {"If-None-Match": first.headers["ETag"]}
    unchanged = nobody.get(path, headers=tag).status_code
    small = nobody.get(f"{path}?small", headers=tag)

    take_down_product(shop.staff(cast, "shu"), product.id, Down("unlawful", shop.staff(cast, "cui")))

    assert (unchanged, small.status_code, first.headers["Cache-Control"]) == (304, 200, "public, no-cache")
    assert nobody.get(path, headers=tag).status_code == 404


def test_inf_15_an_administrator_finds_what_is_shown_and_takes_it_down_from_there(cast: Cast, client) -> None:
    product = shop.on_shelf(cast, "CUP")
    story = manuscripts.published(cast, on_news=False, on_home=False, on_shop=True)
    admin = client(_as(cast, "it_admin"))

    pages = [admin.get(path).text for path in (f"/shop/products/{product.id}", f"/shop/news/{story.id}")]
    listed = admin.get("/publishing/take-downs").text

    assert f"/publishing/products/{product.id}/take-down" in pages[0] and f"/publishing/{story.id}/take-down" in pages[1]
    assert f"/publishing/{story.id}/take-down" in listed
    assert "take-down" not in client().get(f"/shop/products/{product.id}").text
    form = admin.get(f"/publishing/products/{product.id}/take-down").text
    assert f'href="/shop/products/{product.id}"' in form and f'href="/products/{product.id}"' not in form
    assert f'href="/shop/news/{story.id}"' in admin.get(f"/publishing/{story.id}/take-down").text


def test_no_address_in_a_feed_is_made_from_the_request(cast: Cast, client, app) -> None:
    shop.on_shelf(cast, "CUP")
    nobody = client()

    foreign = nobody.get("/shop/feed.xml", headers={"Host": "evil.example"}).status_code
    forwarded = nobody.get("/shop/feed.json", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})
    without = forwarded.json["products"][0]["link"]
    app.config["PORTAL"] = replace(app.config["PORTAL"], url="https://shop.example")

    assert foreign == 400 and "evil" not in forwarded.text and without.startswith("/shop/products/")
    assert nobody.get("/shop/feed.json").json["products"][0]["link"].startswith("https://shop.example/shop/products/")


HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)> {{7*7}}'


def test_hostile_words_are_shown_as_they_were_typed(cast: Cast, client) -> None:
    shu, product = shop.staff(cast, "shu"), shop.described(cast, "CUP")
    write_content(shu, product.id, product.version, {"name": HOSTILE, "description": HOSTILE, "brand": HOSTILE[:60]})
    shop.vouch(shu, product.id, product.version + 1)
    shop.on_shelf(cast, "CUP")
    body = f"{HOSTILE}\n\n[a](javascript:alert(1)) [b](data:text/html,x) <svg onload=alert(1)>"
    story = manuscripts.published(cast, title=HOSTILE, body=body, on_shop=True)
    nobody = client()

    for path in ("/shop", f"/shop/products/{product.id}", f"/shop/news/{story.id}", "/shop?q=%22%3E%3Cscript%3Ealert(1)"):
        page = BeautifulSoup(nobody.get(path).text, "html.parser")
        assert [each for each in page.find_all("script") if "alert" in each.text] == []
        assert page.find(src="x") is None and page.find("svg", onload=True) is None
        assert [each["href"] for each in page.find_all(href=re.compile("^(javascript|data):"))] == []
    assert "{{7*7}}" in nobody.get(f"/shop/products/{product.id}").text


def test_a_picture_that_was_lost_on_the_disk_is_not_there(cast: Cast, client, settings) -> None:
    attachments.keep_in(settings.data)
    shop.on_shelf(cast, "CUP")
    file = Attachment.get_by_id(by_key(now.now())[0].pictures[0])
    nobody = client()
    attachments.path_of(file).unlink()

    assert [nobody.get(f"/shop/pictures/{file.id}{how}").status_code for how in ("", "?small")] == [404, 404]
    assert nobody.get("/shop").status_code == 200


@pytest.mark.parametrize("asked", ["limit=0", "limit=-1", "limit=9999999", "after=abc", "after=9999999999999999", "limit=1e9"])
def test_odd_pages_of_the_feed_are_answered(cast: Cast, client, asked: str) -> None:
    shop.on_shelf(cast, "CUP")

    assert client().get(f"/shop/feed.json?{asked}").status_code == 200
    assert client().get(f"/shop/feed.xml?{asked}").status_code == 200


def test_the_whole_feed_streams_in_constant_memory(cast: Cast, monkeypatch) -> None:
    """A page of products again and again, as if there were as many as one likes: memory stays what a page takes."""
    from portal.storefront import models

    shop.on_shelf(cast, "CUP")
    product = by_key(now.now())[0]

    def endless(_at: Any, after: int = 0, limit: int = 500) -> list[Any]:
        return [product._replace(id=after + n) for n in range(1, limit + 1)] if after < endless.most else []

    monkeypatch.setattr(models, "by_key", endless)
    peaks = []
    for endless.most in (2_000, 20_000):
        tracemalloc.start()
        sent = sum(len(chunk) for chunk in rss(now.now(), "Shop", str))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert sent > 5_000_000 and peaks[1] < peaks[0] * 1.5
    assert sum(1 for _each in everything(now.now())) == 20_000


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_the_feed_begins_before_the_rest_is_read_and_stops_with_its_reader(cast: Cast, app, monkeypatch, coding: str) -> None:
    from portal.storefront import models

    shop.on_shelf(cast, "CUP")
    product, read = by_key(now.now())[0], list[int]()

    def endless(_at: Any, after: int = 0, limit: int = 500) -> list[Any]:
        read.append(after)
        return [product._replace(id=after + n) for n in range(1, limit + 1)]

    monkeypatch.setattr(models, "by_key", endless)
    environ = EnvironBuilder("/shop/feed.xml", headers={"Accept-Encoding": coding}).get_environ()
    answer, status, _headers = run_wsgi_app(app.wsgi_app, environ)
    chunks = iter(answer)
    size = sum(len(next(chunks)) for _chunk in range(4))
    answer.close()

    assert status == "200 OK" and size > 20_000
    assert read == [0]


def test_a_planned_moment_and_the_end_of_a_promotion_change_the_etag_by_the_clock(cast: Cast, client, clock) -> None:
    clock.set("2026-03-02 09:00")
    shop.on_shelf(cast, "CUP", 100)
    shop.ready(cast, "HAT")
    promoting.applied(cast, promoting.passed(cast, days=1), {"CUP": 80})
    case = shop.request(cast, "HAT", by="pan", planned_at=now.now() + timedelta(hours=2))
    for person, name in (("pan", "submit"), ("dee", "approve"), ("shu", "put_up")):
        steps.take(shop.staff(cast, person), case.id, name)
    nobody, answers = client(), []

    tag = nobody.get("/shop/feed.xml").headers["ETag"]
    for hours in (1, 1, 1, 21, 1):  # it goes up after two, and the promotion ends after twenty-four
        clock.forward(hours=hours)
        again = nobody.get("/shop/feed.xml", headers={"If-None-Match": tag})
        tag = again.headers["ETag"]
        answers.append(again.status_code)

    assert answers == [304, 200, 304, 200, 304]


def test_what_the_shop_asks_does_not_grow_with_it(cast: Cast) -> None:
    """As SQLite says it goes about each statement: by an index, or along the order that is shown."""
    if db.is_postgres():
        pytest.skip("PostgreSQL plans small tables otherwise")
    file = Attachment(id=1, thing="product")
    with counting.statements() as sent:
        state_of(now.now()), shown_to_all(file), on_sale(), on_sale(after=(1, 1)), on_sale_one(1), by_key(now.now())

    plans = [row[3] for sql in sent for row in db.rows(f"EXPLAIN QUERY PLAN {sql}", *[1] * sql.count("?"))]

    walked = [each for each in plans if re.match("SCAN|SEARCH (?!.* USING )|.*TEMP B-TREE", each)]
    assert len(sent) == 6
    last_ones = {"SEARCH events", "SEARCH entries"}  # the end of the table by its key
    assert set(walked) - last_ones == {"SCAN CONSTANT ROW", "SCAN p USING INDEX products_position"}


# ---- nothing without its approvals ----------------------------------------------------------------------------------


def _unapproved(cast: Cast) -> list[Case]:
    """Papers about what nobody has agreed to: each as a draft and as it waits."""
    shop.ready(cast, "SECRET-UP")
    shop.draft(cast, "SECRET-NEW")
    shown = shop.on_shelf(cast, "SHOWN", 100)
    write_content(shop.staff(cast, "shu"), shown.id, shown.version, {"name": "SECRET-NAME", "description": "SECRET-WORDS"})
    plan = promoting.passed(cast)
    pan, shu = shop.staff(cast, "pan"), shop.staff(cast, "shu")
    return [
        shop.request(cast, "SECRET-UP"),
        steps.take(shu, shop.request(cast, "SECRET-UP").id, "submit"),
        shop.request(cast, "SHOWN", way="update"),
        shop.proposal(cast, {"SHOWN": 43}),
        steps.take(pan, shop.proposal(cast, {"SHOWN": 44}).id, "submit"),
        promoting.treatment(cast, plan, {"SHOWN": 45}),
        steps.take(shu, promoting.treatment(cast, plan, {"SHOWN": 46}).id, "submit"),
        promoting.plan(cast),
        manuscripts.draft(cast, title="SECRET-DRAFT", on_shop=True),
        manuscripts.submitted(cast, title="SECRET-STORY", on_shop=True),
        manuscripts.submitted(cast, title="SECRET-CLOSED", on_shop=True, confidential=True),
    ]


def _as(cast: Cast, role: str) -> Person:
    scope = ROLES[role].scope
    department = {"department": cast.department("E-commerce"), "branch": cast.branch}.get(scope)
    person = Person.create(
        user=f"only-{role}", name=role, department=cast.department("E-commerce"), level="db_admin", password_set_at=NEVER_OLD,
        language="en",
    )  # fmt: skip
    posts.grant(person, role, department)
    return person


DECIDES = ["dept_manager", "ecom_director", "exec_in_charge", "gm"]
LEAVES = {"people.sign_out", "people.sign_in", "people.change_password", "people.end_session"}  # who tries these is gone
OURS = {"listings", "publishing", "papers", "storefront"}


@pytest.mark.slow
def test_nothing_reaches_shop_or_feed_without_its_approvals_by_any_route(cast: Cast, client, app) -> None:
    """Every role tries every unsafe route of the portal and every step on what nobody has agreed to; those who decide come last,
    for what they agree to others may carry out. What the shop tells is read after each."""
    cases = _unapproved(cast)
    products = [each.id for each in Product.select()]
    before, tried = _told(), 0
    roles = [*sorted(ROLES.keys() - {"office_manager", *DECIDES}), *DECIDES]

    for role in roles:
        person = _as(cast, role)
        browser = client(person)
        for path, data in _unsafe(app, access.posts_of(person), cases, products):
            browser.post(path, data=data | {"token": f"{role}-{tried:020d}"})
            tried += 1
            assert _told() == before, f"{role}: {path}"
        assert browser.get("/").status_code == 200  # still signed in
        assert "SECRET" not in "".join(browser.get(path).text for path in _pages())

    assert tried > 1500 and len(roles) > 15


def _unsafe(app: Any, held: Any, cases: list[Case], products: list[int]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The addresses of all routes that change something and that such a post opens - that the others stay closed is told of the
    whole table elsewhere - and every step of the papers, as they stand now."""
    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods and rule.endpoint not in LEAVES:
            right = app.extensions["rights"][rule.endpoint]
            for path in _paths(rule, cases, products) if right == public or right.allows(held) else []:
                yield path, {"way": "on", "title": "x", "do": "submit"}
    for case in cases:
        steps_of = {way.name for here in FLOWS[case.kind].states.values() for way in here.steps}
        for name in sorted(steps_of) if access.may_read(held, case) else ["approve"]:
            here = Case.get_by_id(case.id)
            more = {"facts": "y", "rights": "y"} | dict.fromkeys(PROHIBITED, "y")
            yield f"/papers/{case.id}/steps", {"step": name, "state": here.state, "version": here.version, "note": "try"} | more


def _paths(rule: Any, cases: list[Case], products: list[int]) -> list[str]:
    path = str(rule)
    names = re.findall(r"<([a-z_:]+)>", path)
    if not names:
        return [path]
    is_ours = rule.endpoint.split(".")[0] in OURS
    of = {"case_id": [case.id for case in cases], "product_id": products} if is_ours else {}
    kinds = {"name": ["price_proposal", "shelf_request", "treatment", "promotion", "manuscript"]} if is_ours else {}
    for name in names[1:]:
        path = path.replace(f"<{name}>", "1")
    return [path.replace(f"<{names[0]}>", str(each)) for each in (of | kinds).get(names[0], [1])]


def _told() -> tuple[Any, ...]:
    """What the feeds and the pages of the shop are made of, at this moment."""
    at = now.now()
    return [as_json(each, str, {}) for each in by_key(at)], [(each.case, each.version) for each in published("shop", at)]


def _pages() -> list[str]:
    shown = Product.get(Product.item == shelf.item("SHOWN"))
    return ["/shop", "/shop/feed.json", "/shop/feed.xml", f"/shop/products/{shown.id}"]
