"""A blind count as its people make it: on a phone beside the shelf, verified at a desk, approved, posted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal import db, demo
from tests import desks, shelf
from tests.serving_demo import Served

pytestmark = [pytest.mark.browser, pytest.mark.no_database, pytest.mark.slow]
company, desk = desks.company, desks.desk

CLERK, COUNTER, VERIFIER, MANAGER = "wujia", "maizi", "sunxiaoyan", "wangli"
PLACE, TELLTALE = "Z9-9", 73914


@pytest.fixture
def stocked(company: Served) -> Iterator[None]:
    """Two things nobody else has, on a shelf of their own."""
    db.connect(f"sqlite:///{company.data}/portal.db")
    shelf.item("BROWSER-A", TELLTALE, place=PLACE)
    shelf.item("BROWSER-B", 5, place=PLACE)
    db.disconnect()
    yield


def begin(page: Page) -> str:
    page.goto("/papers/new/count")
    page.fill("#title", "Shelf Z9")
    page.select_option("#place", PLACE)
    page.select_option("#counter", label="Mai Zi")
    page.locator("button[name=do][value=submit]").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"ST-\d{4}-\d{4}"))
    return page.url


def write_down(page: Page, number: str) -> None:
    page.fill("#counted", number)
    page.locator(".tally button.whole").click()


def test_a_count_is_made_blind_on_a_phone_and_posted_by_the_manager(desk: Any, company: Served, stocked: None) -> None:
    paper = begin(desk(CLERK))

    phone = desk(COUNTER)
    phone.set_viewport_size({"width": 360, "height": 740})
    seen: list[str] = []
    phone.on(
        "response", lambda answer: seen.append(answer.text()) if "text/html" in answer.headers.get("content-type", "") else None
    )
    phone.goto(paper)
    phone.get_by_role("link", name="Count", exact=True).click()
    phone.get_by_role("button", name="One more").click()
    expect(phone.locator("#counted")).to_have_value("1")
    write_down(phone, str(TELLTALE - 4))
    expect(phone.locator("#counting h1")).to_contain_text("BROWSER-B")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    write_down(phone, "5")
    phone.get_by_role("button", name="Hand in").click()
    expect(phone.locator("main")).to_contain_text("Being verified")
    assert seen and not any(str(TELLTALE) in text or f"{TELLTALE:,}" in text for text in seen)

    verifier = desk(VERIFIER)
    verifier.goto(paper)
    verifier.get_by_role("link", name="Verify").click()
    expect(verifier.locator("main")).to_contain_text("73,914")
    verifier.locator("input[name^=reason-]").fill("Four were broken")
    verifier.get_by_role("button", name="Verify").click()
    expect(verifier.locator("main")).to_contain_text("Verified")

    manager = desk(MANAGER)
    manager.goto(paper)
    manager.locator("main button[name=step][value=approve]").click()
    if manager.locator("input[name=_password]").count():
        manager.fill("input[name=_password]", demo.PASSWORD)
        manager.press("input[name=_password]", "Enter")
    expect(manager.locator("main")).to_contain_text("Closed")
    phone.goto(paper)
    expect(phone.locator("main")).to_contain_text("Four were broken")
