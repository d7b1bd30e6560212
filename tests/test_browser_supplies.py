"""From a wish to the confirmed receipt, as an employee, the custodian and the office live it in a browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.demo.goods import CUSTODIANS, WISHERS
from tests import desks

pytestmark = [pytest.mark.browser, pytest.mark.no_database, pytest.mark.slow]
company, desk = desks.company, desks.desk

DEPARTMENT = "财务部"
CLERK = "sunxiaoyan"
THINGS = ("W-101", "P-201")  # of which the department has a limit and the shelf enough


def wish(page: Page) -> str:
    """Two things out of the catalogue, a click each, and one more of the first; answers the page of the wish."""
    for n, code in enumerate(THINGS, 1):
        page.goto(f"/supplies/shop?q={code}")
        page.locator(".good button[name=add]").first.click()
        expect(page.locator("#basket .chosen-goods li")).to_have_count(n)
    page.locator("#basket .stepper button[name=add]").first.click()
    expect(page.locator("#basket .stepper input").first).to_have_value("2")
    page.locator("#basket button[value=submit]").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"SW-\d{4}-\d{4}"))
    return page.url


def take(page: Page, address: str, step: str, then: str) -> None:
    page.goto(address)
    page.locator(f"main button[name=step][value={step}]").first.click()
    expect(page.locator("main .tag").first).to_contain_text(then)


def empty_basket(page: Page) -> None:
    """What was in the basket before goes out of it again."""
    page.goto("/supplies/shop")
    while page.locator("#basket .stepper button[name=less]").count():
        before = page.locator("#basket .stepper").count(), page.locator("#basket .stepper input").first.input_value()
        page.locator("#basket .stepper button[name=less]").first.click()
        page.wait_for_function(
            """([count, value]) => { const all = document.querySelectorAll('#basket .stepper input');
               return all.length !== count || all[0].value !== value; }""", arg=list(before),
        )  # fmt: skip


@pytest.mark.parametrize("width", [1280, 360])
def test_sup_16_from_the_wish_to_the_confirmed_receipt(desk: Any, width: int) -> None:
    employee, custodian, clerk = (desk(user) for user in (WISHERS[DEPARTMENT][0], CUSTODIANS[DEPARTMENT], CLERK))
    for page in (employee, custodian, clerk):
        page.set_viewport_size({"width": width, "height": 800})
    empty_basket(employee)
    wished = wish(employee)
    number = re.search(r"SW-\d{4}-\d{4}", employee.locator("main").inner_text())[0]  # type: ignore[index]

    custodian.goto("/supplies/desk")
    _leave_all_but(custodian, wished)
    custodian.locator("button[form=desk-form][value=file]").click()
    expect(custodian.locator("main .tag").first).to_contain_text("With the office")
    drawn = custodian.url
    take(clerk, drawn, "approve", "To be issued")
    take(clerk, drawn, "issue", "Issued")
    take(custodian, drawn, "confirm", "Received")

    employee.goto(wished)
    expect(employee.locator("main .tag").first).to_contain_text("On the desk")
    employee.goto("/notices")
    expect(employee.locator("main")).to_contain_text(f"{number} ")


def _leave_all_but(page: Page, wished: str) -> None:
    """What others wish, and what is above a limit by it, stays for another day."""
    path = "/" + "/".join(wished.split("/")[3:])
    for row in page.locator(".takes tr:has([name^=take-])").all():
        if row.locator(f"a[href='{path}']").count() == 0:
            row.locator("[name^=take-]").evaluate("field => { field.value = ''; }")
