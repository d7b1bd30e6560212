"""Every sort of page as a browser shows it: nothing that axe objects to, nothing wider than a phone, light, dark and Chinese."""

from __future__ import annotations

from typing import Any

import pytest

from tests import desks
from tests.looking import IN_WORDS, LOOKS, Look, looked_at

pytestmark = [pytest.mark.browser, pytest.mark.no_database, pytest.mark.slow]
company, desk = desks.company, desks.desk

PAGES = {
    "maizi": ["/", "/new", "/papers/new/spending", "/me", "/people", "/search?q=2026", "/notices", "/help", "/help/spending"],
    "zhoumin": ["/", "/inbox", "/inbox?tab=decided", "/papers", "/budget", "/expenses/overruns", "/expenses/business", "/audit"],
    "tiantian": [
        "/departments",
        "/departments/new",
        "/people/2",
        "/people/new",
        "/grants",
        "/grants/new",
        "/policies",
        "/help/roles",
    ],
}


@pytest.mark.parametrize(("language", "looks"), [("en", LOOKS), ("zh-Hans", IN_WORDS)], ids=["en", "zh-Hans"])
@pytest.mark.parametrize("user", PAGES)
def test_a_page_is_for_everybody_and_fits_a_phone(desk: Any, user: str, language: str, looks: tuple[Look, ...]) -> None:
    page = desk(user, language)

    assert looked_at(page, [*PAGES[user], *_papers(page)], looks) == {}


def _papers(page: Any) -> list[str]:
    """A paper open beside the inbox and on its own page, and its print."""
    page.goto("/papers")
    opened = page.locator("main [data-row] a[href*='/papers/']").first
    path = opened.get_attribute("href") if opened.count() else None
    return [path, f"{path}/print", f"/inbox?paper={path.rsplit('/', 1)[1]}"] if path else []
