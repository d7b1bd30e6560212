"""Somebody at a desk with a browser, before the demo company."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from portal import clock
from tests.kept_companies import FOUNDED
from tests.serving_demo import Served, served
from tests.signing_in import cookie_of


@pytest.fixture(scope="session")
def company(demo_company: Callable[[datetime], Path]) -> Iterator[Served]:
    """The demo company served by a process of its own, with its clock set to when it was founded."""
    with served(demo_company(FOUNDED), FOUNDED) as portal:
        yield portal


@pytest.fixture
def desk(chromium: Any, company: Served) -> Iterator[Callable[..., Page]]:
    """A browser of its own for each who sits down, signed in; whatever a page complains about is a failure."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def sit_down(user: str | None, language: str = "en", **more: Any) -> Page:
        context = chromium.new_context(base_url=company.url, viewport={"width": 1280, "height": 900}, **more)
        kept = {"language": language} | ({"portal": cookie_of(company, user, language)} if user else {})
        context.add_cookies([{"name": name, "value": value, "url": company.url} for name, value in kept.items()])
        context.set_default_timeout(20_000)
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
        return page

    with clock.at(company.now):
        yield sit_down
    for context in opened:
        context.close()
    assert complaints == [], complaints


def _is_complaint(said: Any) -> bool:
    """What the console says of refusals that are meant (401, 409, 422) is none."""
    return said.type == "error" and not re.search(r"status of 4(01|09|22)", said.text)
