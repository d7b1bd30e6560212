"""The shop's listings as their people live them in a browser: a product's whole life, and a catalogue of a thousand."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from portal import clock
from tests import desks, shop
from tests.kept_companies import FOUNDED
from tests.serving_demo import Served, served

pytestmark = [pytest.mark.browser, pytest.mark.no_database, pytest.mark.slow]
desk = desks.desk

PLANNER, SPECIALIST, OTHER_SPECIALIST, DIRECTOR = "hechen", "xieyu", "songjiayi", "shenwentao"
KEEPER, DESIGNER, WRITER, GM = "yeqing", "zhulin", "gaoyuan", "zhoumin"


@pytest.fixture
def company(demo_company: Callable[..., Any]) -> Iterator[Served]:
    """A demo company for one story alone."""
    with served(demo_company(FOUNDED), FOUNDED) as portal:
        yield portal


def table(rows: list[list[Any]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


def bring(page: Page, path: str, name: str, rows: list[list[Any]]) -> None:
    page.goto(path)
    page.set_input_files("#file", {"name": name, "mimeType": "text/csv", "buffer": table(rows)})
    page.locator("main form button.btn-p").click()


def take(page: Page, address: str, step: str) -> None:
    page.goto(address)
    page.locator(f"main button[name=step][value={step}]").click()
    expect(page.locator(f"main button[name=step][value={step}]")).to_have_count(0)


# ---- one product, from its draft to the end of its promotion and back -----------------------------------------------

SKU, NAME = "NOVA-01", "新星马克杯"
SALE = "Winter sale"


def new_paper(page: Page, name: str, typed: dict[str, str], do: str = "submit", **chosen: str) -> str:
    """A paper written in its form; answers its address."""
    page.goto(f"/papers/new/{name}")
    return write_paper(page, typed, do, **chosen)


def write_paper(page: Page, typed: dict[str, str], do: str = "submit", **chosen: str) -> str:
    for name, text in typed.items():
        page.locator(f"#paper [name='{name}']").fill(text)
    for name, value in chosen.items():
        page.select_option(f"#{name}", value)
    page.locator(f".foot button[name=do][value={do}]").click()
    expect(page).to_have_url(re.compile(r"/papers/\d+$"))
    return page.url


def enter(planner: Page) -> str:
    """The product as the planner enters it; answers its address."""
    planner.goto("/products")
    planner.locator("main .head").get_by_role("link", name="New product").click()
    for field, text in {"code": SKU, "cost": "30", "name": NAME, "name_en": "Nova mug", "description": "一只好杯子。"}.items():
        planner.fill(f"#{field}", text)
    planner.select_option("#category", label="Kitchen")
    planner.get_by_role("button", name="Enter the product").click()
    expect(planner.locator("h1")).to_have_text("Nova mug")
    return planner.url


def ask_for_pictures(planner: Page, product: str) -> str:
    planner.goto(product)
    planner.locator(".head").get_by_role("link", name="Ask for pictures or words").click()
    return write_paper(planner, {"title": "Pictures of the mug", "brief": "From the front, on white"}, needs="pictures")


def draw(designer: Page, task: str) -> None:
    """The picture goes into a new version of the contents, and the task is handed in."""
    designer.goto(task)
    designer.locator("#body").get_by_role("link", name="Nova mug").click()
    designer.locator(".head").get_by_role("link", name="Write the contents").click()
    designer.set_input_files("#files", {"name": "front.png", "mimeType": "image/png", "buffer": shop.picture(400, 400)})
    designer.get_by_role("button", name="Save as a new version").click()
    expect(designer.locator(".gallery img")).to_have_count(1)
    take(designer, task, "hand_in")


def write(writer: Page, product: str) -> None:
    writer.goto(f"{product}/contents")
    writer.fill("#description", "一只好杯子，三百五十毫升。")
    writer.get_by_role("button", name="Save as a new version").click()
    expect(writer.locator("main")).to_contain_text("三百五十毫升")


def receive(keeper: Page) -> None:
    new_paper(keeper, "goods_note", {"title": "First delivery", "lines-0-code": SKU, "lines-0-quantity": "40"}, "save", way="in")
    take(keeper, keeper.url, "book")


def propose(planner: Page, yuan: str) -> str:
    """A draft, a competitor's price on its page, and off it goes."""
    typed = {"title": "Price of the mug", "reason": "It is new", "lines-0-code": SKU, "lines-0-new_fen": yuan}
    proposal = new_paper(planner, "price_proposal", typed, "save", cause="new")
    expect(planner.locator("main button[name=step][value=submit]")).to_be_disabled()
    planner.get_by_role("link", name="Enter a price").click()
    seen = {"code": SKU, "competitor": "Mu Yu", "their_product": "Mug", "fen": "99", "source": "https://example.cn/mug"}
    for field, text in seen.items():
        planner.fill(f"#{field}", text)
    planner.get_by_role("button", name="Write down").click()
    expect(planner.locator("#rivals")).to_contain_text("Mu Yu")
    take(planner, proposal, "submit")
    return proposal


def plan(planner: Page, first: datetime, last: datetime) -> str:
    typed = {
        "title": SALE, "strategy": "Cheaper for two days", "goods": "The mug", "resources": "A banner",
        "summary": "The mug is cheaper", "starts_at": f"{first:%Y-%m-%dT%H:%M}", "ends_at": f"{last:%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    return new_paper(planner, "promotion", typed)


def in_the_shop(page: Page) -> Locator:
    """The product as the storefront has it; nothing, where it does not stand there."""
    page.goto("/shop?q=NOVA")
    return page.locator(".shop-grid li", has_text="Nova mug")


def test_a_product_goes_from_its_draft_to_the_shelf_through_a_promotion_and_back(
    desk: Callable[..., Page], company: Served
) -> None:
    planner, director, specialist = desk(PLANNER), desk(DIRECTOR), desk(SPECIALIST)
    product = enter(planner)
    task = ask_for_pictures(planner, product)
    draw(desk(DESIGNER), task)
    write(desk(WRITER), product)
    take(planner, task, "accept")
    receive(desk(KEEPER))
    specialist.goto(product)
    specialist.get_by_role("button", name="I have read it: all of it is right").click()
    expect(specialist.locator("#files")).to_contain_text("Xie Yu vouched for it")

    proposal = propose(planner, "120")
    take(director, proposal, "approve")
    specialist.goto("/papers/new/shelf_request")
    specialist.locator("[name='lines-0-code']").fill(SKU)
    expect(specialist.locator("#rail .checks .bad")).to_have_text(re.compile("Price published"))
    take(specialist, proposal, "publish")
    request = new_paper(specialist, "shelf_request", {"title": "The mug", "lines-0-code": SKU}, way="on")
    expect(specialist.locator("#lines .checks .ok")).to_have_count(6)
    take(director, request, "approve")
    expect(in_the_shop(director)).to_have_count(0)
    other = desk(OTHER_SPECIALIST)
    take(other, request, "put_up")
    expect(in_the_shop(other)).to_contain_text("¥120.00")

    first, last = (clock.local(clock.now() + timedelta(days=n)).replace(hour=10, minute=0) for n in (1, 3))
    planned = plan(planner, first, last)
    take(director, planned, "approve")
    specialist.goto(planned)
    specialist.get_by_role("link", name="Propose how goods are treated").click()
    typed = {"title": "The mug for less", "lines-0-code": SKU, "lines-0-fen": "90", "lines-0-gift": "A spoon"}
    treatment = write_paper(specialist, typed)
    take(director, treatment, "approve")
    take(specialist, treatment, "apply")
    expect(in_the_shop(specialist)).to_contain_text("¥120.00")

    company.move_to(first + timedelta(hours=2))
    visitor = desk(WRITER)
    expect(in_the_shop(visitor)).to_contain_text(re.compile(rf"¥90\.00 Instead of ¥120\.00\s+{SALE}.*A spoon", re.DOTALL))
    in_the_shop(visitor).get_by_role("link").click()
    expect(visitor.locator(".shop-product")).to_contain_text(SALE)
    expect(visitor.locator(".shop-product")).to_contain_text(f"Until {last.day}")

    over = last + timedelta(hours=2)
    company.move_to(over)
    expect(in_the_shop(visitor)).to_contain_text("¥120.00")
    expect(in_the_shop(visitor)).not_to_contain_text("¥90.00")
    company.runs("promotion_end", over)
    specialist = desk(SPECIALIST)
    specialist.goto("/inbox?sort=newest")
    specialist.get_by_role("link", name="The mug for less").click()
    specialist.locator("#pane button[name=step][value=verify]").click()
    expect(specialist.locator("#list")).not_to_contain_text("The mug for less")

    director = desk(DIRECTOR)
    off = new_paper(
        specialist, "shelf_request", {"title": "Cracks", "reason": "The glaze cracks", "lines-0-code": SKU}, way="off"
    )
    take(director, off, "approve")
    take(specialist, off, "take_off")
    expect(in_the_shop(visitor)).to_have_count(0)
    specialist.goto(product)
    expect(specialist.locator("main")).to_contain_text("The glaze cracks")
    specialist.locator(".head").get_by_role("link", name="Back on the shelf").click()
    specialist.get_by_role("button", name="Ask for the shelf").click()
    expect(specialist.locator("main")).to_contain_text(re.compile(r"SR-\d{4}-\d{4}"))
    back = specialist.url
    take(director, back, "approve")
    take(specialist, back, "put_up")
    expect(in_the_shop(visitor)).to_contain_text("¥120.00")


# ---- a catalogue of a thousand --------------------------------------------------------------------------------------

CODES = [f"BULK-{n:04d}" for n in range(1000)]
SAID = "一千件商品之一，说明写得和别家店铺一样长。" * 20
AT_ONCE = 200
MOST_ROWS = 500  # of a table on any page
MOST_SECONDS = 10  # for any answer, also on a busy machine


def watched(page: Page, answers: list[tuple[float, str, str]]) -> Page:
    """Notes how long each answer let one wait."""

    def note(request: Any) -> None:
        if request.resource_type in ("document", "fetch", "xhr"):
            answers.append((request.timing["responseEnd"] / 1000, request.method, request.url))

    page.on("requestfinished", note)
    return page


def rows_on(page: Page) -> int:
    return page.locator("main tbody tr").count()


def with_all(page: Page, button: str) -> None:
    """Presses a button of the register for everything that fits its filter."""
    page.goto("/products?q=BULK")
    page.locator("main input[name=product]").first.check()
    page.check("input[name=all]")
    page.get_by_role("button", name=button).click()


def bring_catalogue(planner: Page) -> str:
    """Answers the address of the one proposal."""
    head = ["Code", "Name", "Category", "Brand", "Description", "Cost", "Own price"]
    rows = [[code, f"目录商品 {code}", "目录", "云杉", SAID, "10", str(20 + n)] for n, code in enumerate(CODES)]
    bring(planner, "/products/import", "catalogue.csv", [head, *rows])
    assert rows_on(planner) <= MOST_ROWS
    planner.fill("#reason", "The new catalogue")
    planner.fill("#note", "Between three rivals")
    planner.get_by_role("button", name="Write into the register").click()
    expect(planner.locator("main")).to_contain_text(re.compile(r"PP-\d{4}-\d{4}"))
    expect(planner.locator("#body .num").first).to_have_text("1000 lines")
    return planner.url


def bring_pictures(designer: Page) -> None:
    for start in range(0, len(CODES), AT_ONCE):
        files = [(f"{code}.png", shop.picture()) for code in CODES[start : start + AT_ONCE]]
        designer.goto("/products/pictures")
        designer.set_input_files("#file", [{"name": name, "mimeType": "image/png", "buffer": each} for name, each in files])
        designer.get_by_role("button", name="Bring the pictures").click()
        expect(designer.locator(".toast")).to_contain_text("200 products have new pictures.")


def test_a_thousand_products_are_imported_approved_at_once_and_put_up_as_one_request(
    desk: Callable[..., Page], company: Served
) -> None:
    answers: list[tuple[float, str, str]] = []
    users = (PLANNER, DIRECTOR, SPECIALIST, OTHER_SPECIALIST, DESIGNER, KEEPER)
    planner, director, specialist, other, designer, keeper = (watched(desk(user), answers) for user in users)

    proposal = bring_catalogue(planner)
    assert rows_on(planner) <= MOST_ROWS
    take(director, proposal, "approve")
    take(specialist, proposal, "publish")
    bring(keeper, "/products/stock", "stock.csv", [["SKU", "Quantity"], *([code, 5] for code in CODES)])
    assert rows_on(keeper) <= MOST_ROWS
    keeper.get_by_role("button", name="Book").click()
    expect(keeper.locator("main")).to_contain_text("Booked")
    bring_pictures(designer)

    with_all(specialist, "Vouch for")
    specialist.locator("#confirm button[value=yes]").click()
    expect(specialist.locator(".toast")).to_contain_text("You vouched for 1000 products.")
    with_all(specialist, "Put on the shelf")
    request = specialist.url
    assert rows_on(specialist) <= MOST_ROWS
    take(specialist, request, "submit")
    take(director, request, "approve")
    take(other, request, "put_up")
    expect(other.locator("#lines")).to_contain_text("Carried out")

    other.goto("/shop?category=")
    expect(other.locator(".shop-nav", has_text="目录")).to_contain_text("99+")
    feed = other.request.get("/shop/feed.xml").text()
    assert sorted(re.findall(r"<g:id>(BULK-\d{4})</g:id>", feed)) == CODES
    assert re.search(r"<g:id>BULK-0999</g:id>.*?<g:price>1019\.00 CNY</g:price>", feed)

    with_all(planner, "Propose prices")
    planner.fill("#percent", "-10")
    planner.fill("#title", "A tenth off")
    planner.select_option("#cause", "season")
    planner.fill("#reason", "Winter")
    planner.fill("#note", "As others do")
    planner.get_by_role("button", name="Make the draft").click()
    expect(planner.locator("#body .num").first).to_have_text("1000 lines")
    take(planner, planner.url, "submit")
    expect(planner.locator("main")).to_contain_text(re.compile(r"PP-\d{4}-\d{4}"))
    assert max(answers)[0] < MOST_SECONDS, max(answers)
