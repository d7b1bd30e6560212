"""Buying as its people live it in a browser: from low stock to the paid invoice and the goods that are issued."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests import desks
from tests.pdfs import PDF
from tests.serving_demo import Served
from tests.test_browser_money import is_not_offered, shows, step, take

pytestmark = [pytest.mark.browser, pytest.mark.no_database, pytest.mark.slow]
desk, company = desks.desk, desks.company

CLERK, SUPERVISOR, MANAGER, BUYER, GM = "wujia", "sunxiaoyan", "wangli", "xiayu", "zhoumin"
CASHIER, ACCOUNTANT, CUSTODIAN = "caiyu", "chenmeiling", "yuanye"
MOUSE, STICK = "E-604", "E-603"  # of the first too few are left, for the second two departments wait
WAITS = "SD-2026-0015"
CHECKS = ("The approval is present", "The sums agree", "The receipts are valid, complete and tidy")


def test_from_low_stock_to_the_paid_invoice_and_the_issued_goods(desk: Callable[..., Page], company: Served) -> None:
    clerk, supervisor, manager = desk(CLERK), desk(SUPERVISOR), desk(MANAGER)
    application = ask_for_what_runs_low(supervisor)
    approve(manager, desk(GM), application)
    day = (company.now.date() + timedelta(days=5)).isoformat()
    order = put_on_an_order(desk(BUYER), day)
    is_expected(desk(CUSTODIAN))

    compare_with_the_order(clerk, order)
    invoice = enter_the_invoice(clerk, order)
    sign_twice(supervisor, manager, invoice, desk(CASHIER))
    pay(desk(CASHIER), desk(ACCOUNTANT), invoice)

    hand_out(clerk, desk(CUSTODIAN))
    clerk.goto(order)
    shows(clerk, "Partly received")
    clerk.fill("#note", "They have no other")
    step(clerk, "close_short").click()
    shows(clerk, "Paid and closed")


def ask_for_what_runs_low(office: Page) -> str:
    """The portal drafted it from the list of what runs low; the office keeps what cannot wait and sends it on."""
    office.goto("/supplies/low")
    office.locator("main tr", has_text=MOUSE).get_by_role("link", name="Draft").click()
    shows(office, MOUSE, "Low stock")
    office.get_by_role("link", name="Edit", exact=True).click()
    for line in reversed(office.locator("#lines tr[data-line]").all()):
        if MOUSE not in line.locator("option:checked").first.inner_text():
            line.locator("[data-remove-line]").click()
    expect(office.locator("#lines tr[data-line]")).to_have_count(1)
    office.locator(".foot button[value=submit]").click()
    shows(office, "With the department head")
    return office.url


def approve(manager: Page, gm: Page, application: str) -> None:
    is_not_offered(gm, application, "approve")
    take(manager, application, "approve")
    shows(manager, "With the general manager")
    is_not_offered(manager, application, "approve")
    take(gm, application, "approve")
    shows(gm, "To be ordered")


def put_on_an_order(buyer: Page, day: str) -> str:
    """Lines of two applications become one order to the cheapest; answers its address."""
    buyer.goto("/purchasing/to-order")
    for box in buyer.locator("main input[type=checkbox]").all():
        box.uncheck()
    for code in (MOUSE, STICK):
        card = buyer.locator("main section", has=buyer.locator("header", has_text=code))
        expect(card.locator("option:checked")).to_contain_text("锦程数码")
        card.locator("input[type=checkbox]").check()
    buyer.get_by_role("button", name="Draft the orders").click()
    buyer.fill("#deliver_by", day)
    buyer.locator(".foot button[value=submit]").click()
    shows(buyer, "To be sent", "PA-2026-0004")
    take(buyer, buyer.url, "send")
    shows(buyer, "Sent to the supplier")
    return buyer.url


def is_expected(custodian: Page) -> None:
    """Who waits is told, and reads on the draw when it comes."""
    custodian.goto("/notices")
    expect(custodian.locator("main")).to_contain_text(WAITS)
    custodian.goto("/papers?q=" + WAITS)
    custodian.locator("main").get_by_role("link", name=re.compile("U 盘")).first.click()
    shows(custodian, "25 Mar 2026")


def compare_with_the_order(clerk: Page, order: str) -> None:
    """One mouse too many is not taken, and one that fails is not stock."""
    clerk.goto(order)
    clerk.get_by_role("link", name="Enter a receipt").click()
    mouse = clerk.locator("main tr", has_text=re.compile("Mouse|鼠标"))
    received, failed = mouse.locator("input[name^=received-]"), mouse.locator("input[name^=failed-]")
    received.fill("5")
    clerk.get_by_role("button", name="Enter a receipt").click()
    shows(clerk, "reduce by 2")
    received.fill("3")
    failed.fill("1")
    mouse.locator("input[name^=failure-]").fill("The wheel is stuck")
    clerk.get_by_role("button", name="Enter a receipt").click()
    shows(clerk, "Partly received", "The wheel is stuck")


def enter_the_invoice(clerk: Page, order: str) -> str:
    """The supplier bills the one that failed as well."""
    clerk.get_by_role("link", name="Enter the invoice").click()
    clerk.fill("#number", "26117000000000004711")
    mouse = clerk.locator("#lines tr[data-line]", has=clerk.locator("option:checked", has_text=re.compile("Mouse|鼠标")))
    mouse.locator("input[name$=quantity]").fill("3")
    mouse.locator("input[name$=amount]").fill("132.78")
    clerk.set_input_files("input[type=file]", files=[{"name": "invoice.pdf", "mimeType": "application/pdf", "buffer": PDF}])
    clerk.locator(".foot button[value=submit]").click()
    shows(clerk, "Differs from order or receipt", "1 more than was accepted")
    return clerk.url


def sign_twice(supervisor: Page, manager: Page, invoice: str, cashier: Page) -> None:
    """What differs is decided with a reason; then two people sign, and nobody pays before."""
    supervisor.goto(invoice)
    supervisor.get_by_role("link", name="Decide what is paid").click()
    supervisor.fill("#note", "One went back")
    supervisor.get_by_role("button", name="Decide what is paid").click()
    shows(supervisor, "One went back")
    is_not_offered(manager, invoice, "sign_first", "sign_second")
    take(supervisor, invoice, "sign_first")
    is_not_offered(supervisor, invoice, "sign_second")
    is_not_offered(cashier, invoice, "check", "pay")
    take(manager, invoice, "sign_second")
    shows(manager, "To be checked")


def pay(cashier: Page, accountant: Page, invoice: str) -> None:
    take(cashier, invoice, "check", *CHECKS)
    cashier.goto("/books/payables")
    cashier.locator("main").get_by_role("link", name=re.compile("PI-2026")).first.wait_for()
    take(cashier, invoice, "pay")
    is_not_offered(cashier, invoice, "post")
    take(accountant, invoice, "post")
    shows(accountant, "Posted")


def hand_out(clerk: Page, custodian: Page) -> None:
    """The draw that waited longest was served when the goods came."""
    clerk.goto("/papers?q=" + WAITS)
    clerk.locator("main").get_by_role("link", name=re.compile("U 盘")).first.click()
    shows(clerk, "To be issued")
    take(clerk, clerk.url, "issue")
    take(custodian, clerk.url, "confirm")
    shows(custodian, "Received")
