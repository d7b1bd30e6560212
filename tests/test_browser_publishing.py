"""What is published, as its people live it in a browser; and the shop's decisions by keys, on a phone and without scripts."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from tests import desks
from tests.kept_companies import FOUNDED
from tests.looking import looked_at
from tests.serving_demo import Served, served
from tests.test_browser_listings import DESIGNER, DIRECTOR, GM, OTHER_SPECIALIST, PLANNER, SPECIALIST, WRITER, new_paper, take

pytestmark = [pytest.mark.browser, pytest.mark.no_database, pytest.mark.slow]
desk = desks.desk

MARKETING = "jiangtao"
TITLE, HEADLINE = "Spring fair", "春季展会"
TO_AGREE, TO_PUBLISH, GUARDED = "收纳盒清库存", "杯碗同类调价", "与外方考察团会谈纪要"  # papers of the demo company


@pytest.fixture(scope="module")
def company(demo_company: Callable[..., Any]) -> Iterator[Served]:
    """A demo company of their own, for the stories of this file."""
    with served(demo_company(FOUNDED), FOUNDED) as portal:
        yield portal


def button(page: Page, step: str) -> Any:
    return page.locator(f"main button[name=step][value={step}]")


# ---- a manuscript ---------------------------------------------------------------------------------------------------


def tick_step(page: Page, address: str, step: str) -> None:
    """Opens the form of the step, ticks all that it asks to confirm, and sends it."""
    page.goto(address)
    form = page.locator("main details.step-form", has=page.locator(f"button[value={step}]"))
    form.locator("summary").click()
    for box in form.locator("input[type=checkbox]").all():
        box.check()
    form.locator(f"button[name=step][value={step}]").click()
    expect(button(page, step)).to_have_count(0)


def collect(marketing: Page) -> str:
    address = new_paper(marketing, "manuscript", {"title": HEADLINE, "source": "The fair's office"}, "save", kind="news")
    take(marketing, address, "hand_in")
    return address


def compile_text(writer: Page, address: str) -> None:
    """Takes it on and writes it, with what it will look like beside it."""
    writer.goto(address)
    form = writer.locator("main details.step-form", has=writer.locator("button[value=classify]"))
    form.locator("summary").click()
    form.locator("[name=topic]").select_option("visit")
    form.locator("button[value=classify]").click()
    expect(writer.locator("#body")).to_contain_text("Visits")
    writer.get_by_role("link", name="Edit", exact=True).click()
    writer.fill("#title_en", TITLE)
    writer.fill("#body", "# 展会\n\n我们在**三号馆**。<script>alert(1)</script>")
    expect(writer.locator("#preview strong")).to_have_text("三号馆")
    expect(writer.locator("#preview script")).to_have_count(0)
    for name in ("on_news", "on_home", "on_shop", "copyrighted"):
        writer.check(f"#{name}")
    writer.fill("#licence", "The fair's office, by its letter of Monday")
    writer.locator(".foot button[name=do][value=save]").click()
    take(writer, address, "compile")


def where_it_stands(page: Page) -> list[str]:
    """The pages on which its title is read."""
    found = []
    for path in ("/news", "/", "/shop"):
        page.goto(path)
        found += [path] if TITLE in page.locator("body").inner_text() else []
    return found


def test_a_manuscript_is_compiled_agreed_to_by_two_published_and_taken_down(desk: Callable[..., Page], company: Served) -> None:
    address = collect(desk(MARKETING))
    writer, director, specialist = desk(WRITER), desk(DIRECTOR), desk(SPECIALIST)
    compile_text(writer, address)
    tick_step(writer, address, "submit")
    take(director, address, "approve")
    assert where_it_stands(director) == []
    specialist.goto(address)
    expect(button(specialist, "publish")).to_have_count(0)  # copyrighted: the general manager signs as well
    gm = desk(GM)
    take(gm, address, "approve")

    for page in (writer, director, gm):
        page.goto(address)
        expect(button(page, "publish")).to_have_count(0)
    designer = desk(DESIGNER)
    designer.goto(address)
    expect(designer.locator("#body")).to_contain_text(re.compile(r"To be published by .*: 2 days left"))
    tick_step(designer, address, "publish")
    assert where_it_stands(designer) == ["/news", "/", "/shop"]

    specialist.goto("/news")
    specialist.get_by_role("link", name=TITLE).first.click()
    specialist.get_by_role("link", name="Take down at once").click()
    specialist.fill("#reason", "The hall is another")
    specialist.select_option("#responsible", label="Gao Yuan")
    specialist.get_by_role("button", name="Take down at once").click()
    specialist.locator("#confirm button[value=yes]").click()
    expect(specialist).to_have_url(re.compile(r"/news$"))
    assert where_it_stands(specialist) == []
    specialist.goto("/publishing/take-downs")
    specialist.locator("main").get_by_role("link", name=re.compile(f"{TITLE}|{HEADLINE}")).first.click()
    for text in ("The hall is another", "Gao Yuan", "Xie Yu", "三号馆"):
        expect(specialist.locator("main")).to_contain_text(text)


def test_what_is_confidential_waits_for_the_general_manager(desk: Callable[..., Page], company: Served) -> None:
    gm = desk(GM)
    gm.goto("/inbox?sort=newest")

    gm.get_by_role("link", name=GUARDED).click()
    expect(gm.locator("#pane")).to_contain_text(GUARDED)
    gm.locator("#pane button[name=step][value=approve]").click()
    expect(gm.locator("#list")).not_to_contain_text(GUARDED)

    designer = desk(DESIGNER)
    designer.goto("/inbox?sort=newest")
    designer.get_by_role("link", name=GUARDED).click()
    expect(designer.locator("#pane")).to_contain_text("Confidential")
    expect(designer.locator("#pane")).to_contain_text("To be published by specialist or designer")


# ---- by keys, on a phone, without scripts ---------------------------------------------------------------------------


def tab_to(page: Page, selector: str) -> None:
    for _n in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no way by keys to {selector} on {page.url}")


def open_by_keys(page: Page, title: str) -> None:
    """From the inbox, with j and Enter, which go on from the first paper: that one opens by itself."""
    page.goto("/inbox?sort=newest")
    opened = page.locator("#pane h1")
    expect(opened).to_be_visible()
    if opened.inner_text() == title:
        return
    for _n in range(60):
        page.keyboard.press("j")
        if title in page.evaluate("document.activeElement.innerText"):
            page.keyboard.press("Enter")
            expect(page.locator("#pane h1")).to_have_text(title)
            return
    raise AssertionError(f"{title} is not in the list")


def test_prices_are_agreed_to_and_published_by_keys_alone(desk: Callable[..., Page], company: Served) -> None:
    director, specialist = desk(DIRECTOR), desk(SPECIALIST)

    open_by_keys(director, TO_AGREE)
    director.keyboard.press("a")
    expect(director.locator("#list")).not_to_contain_text(TO_AGREE)

    open_by_keys(specialist, TO_AGREE)
    tab_to(specialist, "#pane button[name=step][value=publish]")
    specialist.keyboard.press("Enter")
    expect(specialist.locator("#list")).not_to_contain_text(TO_AGREE)
    specialist.goto("/products/prices?tab=published")
    expect(specialist.locator("main")).to_contain_text(TO_AGREE)


def phone(desk: Callable[..., Page], user: str) -> Page:
    page = desk(user, has_touch=True, is_mobile=True)
    page.set_viewport_size({"width": 360, "height": 740})
    return page


def tap_step(page: Page, title: str, step: str) -> None:
    """From the inbox to the paper and the step, by tapping; nothing is wider than the phone."""
    page.goto("/inbox?sort=newest")
    page.get_by_role("link", name=title).tap()
    expect(page.locator("#pane h1")).to_have_text(title)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(f"#pane button[name=step][value={step}]").tap()
    expect(page.locator("#list")).not_to_contain_text(title)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_prices_are_agreed_to_and_published_on_a_phone(desk: Callable[..., Page], company: Served) -> None:
    title = "Cushions on a phone"
    typed = {
        "title": title, "reason": "Stock", "note": "As others", "lines-0-code": "CUSH-01", "lines-0-new_fen": "77.00",
    }  # fmt: skip
    new_paper(phone(desk, PLANNER), "price_proposal", typed, cause="stock")

    tap_step(phone(desk, DIRECTOR), title, "approve")
    specialist = phone(desk, OTHER_SPECIALIST)
    tap_step(specialist, title, "publish")

    specialist.goto("/products?q=CUSH-01")
    expect(specialist.locator("main")).to_contain_text("¥77.00")


def test_prices_and_shelf_go_their_way_without_scripts(desk: Callable[..., Page], company: Served) -> None:
    planner, director, specialist = (desk(each, java_script_enabled=False) for each in (PLANNER, DIRECTOR, OTHER_SPECIALIST))
    typed = {"title": "Pots", "reason": "Stock", "note": "As others", "lines-0-code": "POT-02", "lines-0-new_fen": "111.00"}

    proposal = new_paper(planner, "price_proposal", typed, cause="stock")
    take(director, proposal, "approve")
    take(specialist, proposal, "publish")
    specialist.goto("/products?q=POT-02")
    specialist.locator("main input[name=product]").first.check()
    specialist.get_by_role("button", name="Take off the shelf").click()
    specialist.fill("#title", "Pots come off")
    specialist.fill("#reason", "The lids are late")
    specialist.locator(".foot button[name=do][value=submit]").click()
    off = specialist.url
    expect(specialist.locator("main")).to_contain_text(re.compile(r"SR-\d{4}-\d{4}"))
    specialist.goto("/shop?q=POT-02")
    expect(specialist.locator(".shop-price")).to_contain_text("¥111.00")
    take(director, off, "approve")
    take(specialist, off, "take_off")

    specialist.goto("/shop?q=POT-02")
    expect(specialist.locator(".shop-price")).to_have_count(0)


# ---- how it looks ---------------------------------------------------------------------------------------------------

LOOKED_AT = {
    PLANNER: [
        "/products", "/products/new", "/products/import", "/products/prices", "/products/prices/alike?q=MUG",
        "/products/prices/compare", "/products/competitors", "/products/shelf", "/products/promotions",
        "/products/promotions/calendar", "/products/campaigns", "/papers/new/price_proposal", "/papers/new/promotion",
        "price_proposal", "promotion",
    ],
    SPECIALIST: [
        "/products/1", "/products/1/contents", "/products/1/versions", "/products/121/prices", "/products/order",
        "/products/pictures", "/publishing", "/publishing/slots", "/publishing/take-downs",
        "/papers/new/shelf_request?product=1&way=on", "/papers/new/manuscript", "shelf_request", "treatment",
        "manuscript", "/shop", "/shop/products/121", "/news",
    ],
}  # fmt: skip


@pytest.mark.parametrize("user", LOOKED_AT)
def test_pages_of_the_shop_are_for_everybody_and_fit_a_phone(desk: Callable[..., Page], company: Served, user: str) -> None:
    page = desk(user)

    assert looked_at(page, [path if "/" in path else newest(company, path) for path in LOOKED_AT[user]]) == {}


def test_the_storefront_shows_its_goods_side_by_side(desk: Callable[..., Page], company: Served) -> None:
    page = desk(WRITER)
    page.set_viewport_size({"width": 1440, "height": 900})

    page.goto("/shop")

    main, tops = page.locator("main").bounding_box(), [each.bounding_box() for each in page.locator(".shop-grid li").all()[:4]]
    assert main and main["width"] > 1000 and main["y"] < 120
    assert len({round(each["y"]) for each in tops if each}) == 1
    for width in (360, 768, 1024):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def newest(company: Served, kind: str) -> str:
    """The address of the newest paper of that kind."""
    with closing(sqlite3.connect(company.data / "portal.db", timeout=10)) as database:
        (found,) = database.execute("SELECT MAX(id) FROM cases WHERE kind = ? AND number IS NOT NULL", (kind,)).fetchone()
    return f"/papers/{found}"


def test_what_is_clicked_wins_over_the_paper_that_opens_by_itself(desk: Callable[..., Page], company: Served) -> None:
    """The first paper opens beside the list; its answer may come after that of a paper somebody chose meanwhile."""
    page, held = desk(DIRECTOR), list[Any]()
    page.route(re.compile(r"paper=\d+"), lambda route: route.continue_() if held else held.append(route))
    with page.expect_request(re.compile(r"paper=\d+")):
        page.goto("/inbox?sort=newest")
    chosen = page.locator("#list .ttl a").nth(2)
    title = chosen.inner_text()
    chosen.click()
    expect(page.locator("#pane h1")).to_have_text(title)
    with contextlib.suppress(Error):  # where the browser has given it up
        held[0].continue_()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#pane h1")).to_have_text(title)
