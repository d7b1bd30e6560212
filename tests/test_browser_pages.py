"""Every sort of page as a browser shows it: nothing that axe objects to, nothing wider than a phone, light, dark and Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

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


class Look(NamedTuple):
    """How somebody reads: at these widths one after the other, and what is looked for at each; nothing is everything."""

    language: str
    scheme: Literal["light", "dark"]
    rules: dict[int, list[str]]
    rows: Literal["all", "unlike"] = "unlike"


LOOKS = {  # what is the same in any light is looked for once
    "light": Look("en", "light", {1280: []}, rows="all"),
    "dark": Look("en", "dark", {360: ["color-contrast", "target-size", "scrollable-region-focusable"], 1440: ["color-contrast"]}),
    "chinese": Look("zh-Hans", "light", {1440: []}),
}
AXE = Axe().axe_script
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LEAVE_ROWS_UNLIKE = """() => {
    const seen = new Set();
    for (const row of document.querySelectorAll("main tr, main li, main [data-row]")) {
        const parts = [row, ...row.querySelectorAll("*")];
        const look = parts.map(each => each.tagName + "." + each.getAttribute("class")).join(" ");
        if (seen.has(look)) row.remove();
        seen.add(look);
    }
}"""


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("user", PAGES)
def test_a_page_is_for_everybody_and_fits_a_phone(desk: Any, user: str, name: str) -> None:
    look = LOOKS[name]
    page = desk(user, look.language, color_scheme=look.scheme, reduced_motion="reduce")

    found = {path: _looked_at(page, path, look) for path in [*PAGES[user], *_papers(page, user)]}

    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def _papers(page: Any, user: str) -> list[str]:
    """A paper open beside the inbox and on its own page, and its print."""
    page.goto("/papers")
    opened = page.locator("main [data-row] a[href*='/papers/']").first
    path = opened.get_attribute("href") if opened.count() else None
    return [path, f"{path}/print", f"/inbox?paper={path.rsplit('/', 1)[1]}"] if path else []


def _looked_at(page: Any, path: str, look: Look) -> list[str]:
    _widen(page, min(look.rules))
    answer = page.goto(path)
    wrong = [] if answer.ok else [f"answers {answer.status}"]
    for width in look.rules:
        _widen(page, width)
        wide = page.evaluate(TOO_WIDE)
        wrong += [f"{wide} px too wide at {width} px"] if wide > 1 else []
    if look.rows == "unlike":
        page.evaluate(LEAVE_ROWS_UNLIKE)
    page.evaluate(AXE)
    for width, rules in look.rules.items():
        _widen(page, width)
        wrong += _objections(page, rules)
    return wrong


def _widen(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 780 if width < 500 else 900})


def _objections(page: Any, rules: list[str]) -> Iterator[str]:
    """What axe says against the page by these rules; by all of them where none is named."""
    asked: dict[str, Any] = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    for each in page.evaluate("asked => axe.run(document, asked).then(found => found.violations)", asked):
        where = "; ".join(node["html"][:120] for node in each["nodes"][:3])
        yield f"{each['id']}: {each['help']} ({len(each['nodes'])}): {where}"
