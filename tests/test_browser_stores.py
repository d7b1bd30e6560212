"""The year's supplies in a browser: asked for and handed out, counted blind on a phone; and how all their pages look."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from portal import languages
from portal.words import Words
from tests import desks
from tests.looking import looked_at
from tests.serving_demo import Served
from tests.test_browser_story import confirm, hour_later

pytestmark = [pytest.mark.browser, pytest.mark.no_database, pytest.mark.slow]
company, desk = desks.company, desks.desk

EMPLOYEE, CUSTODIAN, CLERK, OTHER_CLERK = "jiangtao", "dingling", "sunxiaoyan", "wujia"
MANAGER, COUNTER = "wangli", "yeqing"
FIVE = ("W-101", "P-203", "D-405", "F-303", "C-701")
TELL_TALE = 7391  # so many more of an item than anything else on any page says


# ---- asked for, handed out ------------------------------------------------------------------------------------------


def ask(page: Page) -> int:
    """Five things into the basket and the basket sent off; answers in how many clicks."""
    page.goto("/supplies/shop")
    for n, code in enumerate(FIVE, 1):
        page.locator(f"li.good:has(.id:text-is('{code}')) button").click()
        expect(page.locator("#basket header .num")).to_have_text(str(n))
    page.locator("#basket button[value=submit]").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"SW-\d{4}-\d{4}"))
    return len(FIVE) + 1


@pytest.mark.parametrize(("language", "scripts"), [("en", True), ("zh-Hans", False)])
def test_what_an_employee_asks_for_arrives(desk: Callable[..., Page], language: str, scripts: bool) -> None:
    employee = desk(EMPLOYEE, language, java_script_enabled=scripts)
    assert ask(employee) == 6
    wish = urlsplit(employee.url).path

    custodian = desk(CUSTODIAN, language, java_script_enabled=scripts)
    custodian.goto("/supplies/desk")
    row = custodian.locator(f"tr:has(a[href='{wish}'])").last
    row.locator("input[name^=take-]").fill("0")
    row.locator("input[name^=why-]").fill("Enough lies in the cupboard")
    custodian.locator("button[value=file]").click()
    expect(custodian.locator("main")).to_contain_text(re.compile(r"SD-\d{4}-\d{4}"))
    draw = custodian.url

    for user, step in ((CLERK, "approve"), (OTHER_CLERK, "issue"), (CUSTODIAN, "confirm")):
        page = custodian if user == CUSTODIAN else desk(user, language, java_script_enabled=scripts)
        page.goto(draw)
        page.locator(f"main button[name=step][value={step}]").click()
        expect(page.locator(f"main button[name=step][value={step}]")).to_have_count(0)

    employee.goto(wish)
    expect(employee.locator("main")).to_contain_text(languages.say(Words("On the desk", {}), language))
    expect(employee.locator("main")).to_contain_text("Enough lies in the cupboard")


# ---- counted blind --------------------------------------------------------------------------------------------------


def bring_in(company: Served, clerk: Page, manager: Page, code: str) -> None:
    """So much of an item comes back to the store that its figure is like no other."""
    clerk.goto("/papers/new/goods_in")
    clerk.fill("#title", "Wallets from the fair")
    clerk.select_option("#source", "return")
    item = clerk.locator("[name='lines-0-item']")
    item.select_option(item.locator("option", has_text=code).get_attribute("value"))
    clerk.fill("[name='lines-0-quantity']", str(TELL_TALE))
    clerk.locator("button[name=do][value=submit]").click()
    expect(clerk.locator("main")).to_contain_text(re.compile(r"GI-\d{4}-\d{4}"))
    hour_later(company)
    manager.goto(clerk.url)
    manager.locator("main button[name=step][value=confirm]").click()
    confirm(manager)


def shelf(page: Page, prefix: str) -> dict[str, tuple[str, int]]:
    """Code -> address and figure of the items, as the stock list shows them to the office."""
    page.goto(f"/stock?q={prefix}")
    found = {}
    for row in page.locator("#rows tbody tr").all():
        figure = row.locator("[data-label='On hand']").inner_text().replace(",", "")
        found[row.locator(".id").inner_text()] = (row.locator("a").get_attribute("href") or "", int(figure))
    return found


def tells(answer: Any, figure: int) -> bool:
    """Whether the figure of the books stands in what a page was told, its headers among it."""
    if answer.request.resource_type not in ("document", "xhr", "fetch") or 300 <= answer.status < 400:
        return False
    said = answer.text() + str(answer.headers)
    return str(figure) in said or f"{figure:,}" in said


def count(page: Page, counting: str, found: dict[str, int], first: str) -> None:
    """The first by its label, then whatever the page asks for; handed in at the end."""
    page.goto(f"{first}/scan")
    assert f"/stock/counts/{counting}/count" in page.url
    for n in range(len(found)):
        code = page.locator("form.tally header .id").inner_text()
        page.fill("#counted", str(found[code]))
        page.locator("button.whole").click()
        if n + 1 < len(found):
            expect(page.locator("form.tally header .id")).not_to_have_text(code)
    page.locator("button[value=hand_in]").click()
    expect(page.locator("main")).to_contain_text("Being verified")


def test_sup_18_a_count_on_a_phone_is_blind_until_it_is_approved(desk: Callable[..., Page], company: Served) -> None:
    clerk, manager, verifier = desk(CLERK), desk(MANAGER), desk(OTHER_CLERK)
    bring_in(company, verifier, manager, "F-303")
    books = shelf(clerk, "F-3")
    address, figure = books["F-303"]
    assert len(books) == 6 and figure > TELL_TALE
    clerk.goto("/papers/new/count")
    clerk.fill("#title", "Folders")
    clerk.select_option("#category", label="Filing")
    clerk.select_option("#counter", label="Ye Qing")
    clerk.locator("button[name=do][value=save]:not(.vh)").click()
    clerk.locator("main button[name=step][value=begin]").click()
    expect(clerk.locator("main")).to_contain_text(re.compile(r"ST-\d{4}-\d{4}"))
    counting = urlsplit(clerk.url).path.rsplit("/", 1)[1]

    told: list[str] = []
    counter = desk(COUNTER, has_touch=True)
    counter.set_viewport_size({"width": 390, "height": 844})
    counter.on("response", lambda answer: told.append(answer.url) if tells(answer, figure) else None)
    wrong = {code: n + (code == "F-303") - (code == "F-302") for code, (_href, n) in books.items()}
    for path in ("/", "/stock", address, "/stock?q=F-3", "/search?q=F-303", f"/papers/{counting}", "/supplies/shop"):
        counter.goto(path)
    count(counter, counting, wrong, address)
    assert told == []

    assert tells(verifier.goto(f"/stock/counts/{counting}/verify"), figure)
    for reason in verifier.locator("input[name^=reason-]").all():
        reason.fill("Lent to the fair")
    verifier.locator("button[value=verify]").click()
    hour_later(company)
    manager.goto(f"/papers/{counting}")
    manager.locator("main button[name=step][value=approve]").click()
    confirm(manager)
    expect(manager.locator("main")).to_contain_text("Lent to the fair")
    after = shelf(clerk, "F-3")
    assert {code: n for code, (_href, n) in after.items()} == wrong


# ---- how the pages look ---------------------------------------------------------------------------------------------

PAGES = {
    "qinfeng": ["/", "/supplies/shop", "/supplies/catalogue/1", "/supplies/custodians", "wish arrived"],
    "dingling": ["/supplies/desk"],
    "sunxiaoyan": [
        "/stock", "/stock/items/1", "/stock/counts", "/supplies/low", "/supplies/consumption", "/supplies/differences",
        "/supplies/limits?department=4", "/supplies/suggestions", "/papers/new/goods_in", "goods_in confirmed", "draw received",
        "/supplies/draws/<draw submitted>/grant", "/supplies/draws/<draw approved>/note", "count closed",
    ],
    "wujia": ["/stock/counts/<count verifying>/verify"],
    "panwei": ["/stock/counts/<count counting>/count", "/stock/counts/<count counting>/list"],
}  # fmt: skip


@pytest.mark.parametrize("user", PAGES)
def test_pages_of_supplies_are_for_everybody_and_fit_a_phone(desk: Callable[..., Page], company: Served, user: str) -> None:
    page = desk(user)

    assert looked_at(page, [_where(company, path, user) for path in PAGES[user]]) == {}


OWN = """
SELECT k.id FROM cases k JOIN persons p ON p.id = k.requester_id
WHERE k.kind = ? AND k.state = ? AND (k.kind <> 'wish' OR p."user" = ?) ORDER BY k.id LIMIT 1
"""


def _where(company: Served, path: str, user: str) -> str:
    """The address of a page; where a kind and a state are named, that of the oldest such paper, of wishes the user's own."""
    asked = re.search(r"(\w+) (\w+)", path)
    if asked is None:
        return path
    with closing(sqlite3.connect(company.data / "portal.db", timeout=10)) as database:
        (found,) = database.execute(OWN, (*asked.groups(), user)).fetchone()
    return re.sub(r"<.*>", str(found), path) if "<" in path else f"/papers/{found}"
