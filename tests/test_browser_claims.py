"""A claim in a browser: invoices are dropped and read, what differs is said while one types, with and without a script."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from tests import desks
from tests.invoices import drawn
from tests.serving_demo import Served

pytestmark = [pytest.mark.browser, pytest.mark.no_database, pytest.mark.slow]
company, desk = desks.company, desks.desk

OPEN = """SELECT k.id, p."user" FROM cases k JOIN persons p ON p.id = k.requester_id JOIN spendings s ON s.case_id = k.id
WHERE k.state = 'approved' AND s.supplements_id IS NULL AND k.amount > 20000
AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.request_id = k.id) ORDER BY k.id DESC LIMIT 1"""


@pytest.fixture
def asked(company: Served) -> tuple[int, str]:
    """An approved request of the demo company on which nobody claimed yet, and whose it is."""
    with closing(sqlite3.connect(company.data / "portal.db")) as known:
        found: tuple[int, str] = known.execute(OPEN).fetchone()
    return found


def invoice(amount: str) -> dict[str, Any]:
    """A fully digital invoice of today as a PDF."""
    number = f"2642700000{secrets.randbelow(10**10):010d}"
    said = drawn(f"01,32,,{number},{amount},{clock.today():%Y%m%d},,5F98")
    return {"name": "hotel.pdf", "mimeType": "application/pdf", "buffer": said}


def sent(page: Page) -> None:
    page.locator(".foot button[value=submit]").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"EX-\d{4}-\d{4}"))


@pytest.mark.parametrize("width", [1280, 360])
def test_what_is_dropped_is_read_and_what_differs_is_said_while_one_types(
    desk: Callable[..., Page], asked: Any, width: int
) -> None:
    request, user = asked
    page = desk(user)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/expenses/claims/write?request={request}")
    page.uncheck("#is_last")

    page.set_input_files("#files", [invoice("20.00")])
    expect(page.locator("[name='lines-0-amount']")).to_have_value("20.00")
    page.fill("[name='lines-0-amount']", "30")
    expect(page.locator("#lines-0-notes")).to_contain_text("The amount typed is ¥30.00; the file says ¥20.00 with tax.")
    expect(page.locator("#sum")).to_contain_text("¥30.00")
    page.locator("[data-add-line]").click()
    page.fill("[name='lines-1-amount']", "9000000")
    expect(page.locator("#live")).to_contain_text("The excess needs a supplementary request.")
    page.locator("[data-remove-line]").last.click()
    expect(page.locator("#live")).not_to_contain_text("The excess needs a supplementary request.")

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    sent(page)


def test_without_a_script_files_are_read_by_a_button(desk: Callable[..., Page], asked: Any) -> None:
    request, user = asked
    page = desk(user, java_script_enabled=False)
    page.goto(f"/expenses/claims/write?request={request}")
    page.uncheck("#is_last")

    page.set_input_files("#files", [invoice("10.00")])
    page.locator("button[value=read]").click()
    expect(page.locator("[name='lines-0-amount']")).to_have_value("10.00")
    sent(page)
