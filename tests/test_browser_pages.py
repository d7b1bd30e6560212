"""Every sort of page as a browser shows it: nothing that axe objects to, nothing wider than a phone, in light and dark."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import desks

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
LOOKS = {"light": (1280, 900), "dark": (360, 780)}
ASKED: dict[str, dict[str, Any]] = {  # what is the same in any light is looked for once
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast", "target-size", "scrollable-region-focusable"]},
}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("scheme", LOOKS)
@pytest.mark.parametrize("user", PAGES)
def test_a_page_is_for_everybody_and_fits_a_phone(desk: Any, user: str, scheme: str) -> None:
    width, height = LOOKS[scheme]
    page = desk(user, color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": height})

    found = {path: _looked_at(page, path, ASKED[scheme]) for path in [*PAGES[user], *_papers(page, user)]}

    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def _papers(page: Any, user: str) -> list[str]:
    """A paper open beside the inbox and on its own page, and its print."""
    page.goto("/papers")
    opened = page.locator("main [data-row] a[href*='/papers/']").first
    path = opened.get_attribute("href") if opened.count() else None
    return [path, f"{path}/print", f"/inbox?paper={path.rsplit('/', 1)[1]}"] if path else []


def _looked_at(page: Any, path: str, asked: dict[str, Any]) -> list[str]:
    answer = page.goto(path)
    wrong = [] if answer.ok else [f"answers {answer.status}"]
    wide = page.evaluate(TOO_WIDE)
    wrong += [f"{wide} px too wide"] if wide > 1 else []
    for each in Axe().run(page, options=asked).response["violations"]:
        where = "; ".join(node["html"][:120] for node in each["nodes"][:3])
        wrong.append(f"{each['id']}: {each['help']} ({len(each['nodes'])}): {where}")
    return wrong
