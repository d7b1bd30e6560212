"""Somebody at a desk with a browser, before the demo company."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from portal import clock, demo
from tests.serving_demo import Served, served


@pytest.fixture(scope="session")
def company(demo_company: Callable[[datetime], Path]) -> Iterator[Served]:
    """The demo company of today served by a process of its own."""
    with served(demo_company(clock.end_of(clock.today()))) as portal:
        yield portal


@pytest.fixture
def desk(chromium: Any, company: Served) -> Iterator[Callable[..., Page]]:
    """A browser of its own for each who sits down; whatever a page complains about is a failure."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def sit_down(user: str, language: str = "en", **more: Any) -> Page:
        context = chromium.new_context(base_url=company.url, viewport={"width": 1280, "height": 900}, **more)
        context.add_cookies([{"name": "language", "value": language, "url": company.url}])
        context.set_default_timeout(20_000)
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
        _sign_in(page, user, language)
        return page

    yield sit_down
    for context in opened:
        context.close()
    assert complaints == []


def _is_complaint(said: Any) -> bool:
    """What the console says of refusals that are meant (401, 409, 422) is none."""
    return said.type == "error" and not re.search(r"status of 4(01|09|22)", said.text)


def _sign_in(page: Page, user: str, language: str) -> None:
    page.goto("/sign-in")
    page.fill("#user", user)
    page.fill("#password", demo.PASSWORD)
    page.click("main button[type=submit]")
    expect(page).to_have_url(re.compile(r"/$"))
    if page.locator("html").get_attribute("lang") != language:
        page.locator(f"form[action='/language'] button[value='{language}']").first.click()
    expect(page.locator("html")).to_have_attribute("lang", language)
