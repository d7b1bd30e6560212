"""How the pages of store listings, of what is published and of the storefront look, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests import desks
from tests.serving_demo import Served
from tests.test_browser_pages import Look, _looked_at
from tests.test_browser_stores import _where

pytestmark = [pytest.mark.browser, pytest.mark.no_database, pytest.mark.slow]
company, desk = desks.company, desks.desk

PAGES = {
    "hechen": [
        "/products", "/products/1", "/products/121/prices", "/products/prices/compare", "/products/competitors",
        "/products/promotions/calendar", "/products/campaigns", "price_proposal submitted", "treatment submitted",
    ],
    "xieyu": [
        "/products/order", "/products/1/contents", "/products/1/versions", "/publishing?tab=all", "/publishing/slots", "/news",
        "shelf_request approved", "manuscript approved_open", "/shop", "/shop/products/121",
    ],
}  # fmt: skip
LOOKS = {
    "light": Look("en", "light", {1440: []}),
    "dark": Look("en", "dark", {360: ["color-contrast", "target-size", "scrollable-region-focusable"]}),
}
ACROSS = """() => {
    const [head, main] = ['.shop-head', '.shop-main'].map(each => document.querySelector(each).getBoundingClientRect());
    return [head.width === document.documentElement.clientWidth, main.top >= head.height - 1, main.width >= 1000];
}"""


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("user", PAGES)
def test_pages_of_the_shop_are_for_everybody_and_fit_a_phone(
    desk: Callable[..., Page], company: Served, user: str, name: str
) -> None:
    look = LOOKS[name]
    page = desk(user, look.language, color_scheme=look.scheme, reduced_motion="reduce")

    found: dict[str, Any] = {path: _looked_at(page, _where(company, path, user), look) for path in PAGES[user]}

    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_the_storefront_stands_across_the_whole_page(desk: Callable[..., Page]) -> None:
    page = desk("xieyu")
    page.set_viewport_size({"width": 1440, "height": 900})

    found = [page.goto(path) and page.evaluate(ACROSS) for path in ("/shop", "/shop/products/121")]

    assert found == [[True, True, True]] * 2
