"""Money as its people live it in a browser: consented to by telephone, lent, claimed, paid, posted, closed and published."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from portal import attachments, clock, db, modules
from portal.demo import money
from portal.demo.past import at_work, chances
from portal.money import Money
from tests import desks, shop
from tests.invoices import drawn
from tests.kept_companies import FOUNDED
from tests.serving_demo import Served, served
from tests.test_browser_story import confirm, fill_request, hour_later

pytestmark = [pytest.mark.browser, pytest.mark.no_database, pytest.mark.slow]
desk = desks.desk

EMPLOYEE, HEAD, GM, CASHIER, ACCOUNTANT = "maizi", "liming", "zhoumin", "caiyu", "chenmeiling"
THE_DAY, AFTER = at_work(date(2026, 3, 31), 9, 0), at_work(date(2026, 4, 1), 9, 0)
ASKED, LENT, SPENT = 120, 100, 118
TITLE, WORDS = "Fair in Foshan", "Yes, go. I sign when I am back."
CHECKS = ("The approval is present", "The sums agree", "The receipts are valid, complete and tidy")
PHONE = {"has_touch": True, "is_mobile": True}


@pytest.fixture
def company(demo_company: Callable[..., Any]) -> Iterator[Served]:
    """The demo company on the last day of a month, everything before it in order, for one story alone."""
    folder = demo_company(FOUNDED)
    keep_books(folder, FOUNDED.date(), THE_DAY.date() - timedelta(days=1))
    with clock.at(THE_DAY), served(folder, THE_DAY) as portal:
        yield portal


def keep_books(data: Path, first: date, last: date) -> None:
    """Finance does its daily work from one day to the other, on which nobody spends."""
    db.connect(f"sqlite:///{data}/portal.db")
    attachments.keep_in(data)
    modules.load()
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        for deed in money.FINANCE if clock.is_worked(day) else ():
            with clock.at(at_work(day, 17, 30)):
                deed(day, chances(f"books {day}"), money.Told(last))
    db.disconnect()


# ---- on the page of a paper -----------------------------------------------------------------------------------------


def shows(page: Page, *words: str) -> None:
    for each in words:
        expect(page.locator("main")).to_contain_text(each)


def step(page: Page, name: str) -> Locator:
    return page.locator(f"main button[name=step][value={name}]")


def is_not_offered(page: Page, address: str, *names: str) -> None:
    """The page is there to be read, but not these of its steps."""
    page.goto(address)
    expect(page.locator("#case h1").first).to_be_visible()
    for each in names:
        expect(step(page, each)).to_have_count(0)


def take(page: Page, address: str, name: str, *ticked: str, password: bool = False, **typed: str) -> None:
    """Opens the paper and the form of the step, fills it in and presses its button."""
    page.goto(address)
    form = page.locator("main details.step-form", has=page.locator(f"button[value={name}]"))
    if form.count():
        form.locator("summary").click()
    for each in ticked:
        form.get_by_label(each).check()
    for field, text in typed.items():
        form.locator(f"[name={field}]").fill(text)
    step(page, name).click()
    if password:
        confirm(page)
    expect(step(page, name)).to_have_count(0)


def yuan(amount: Money) -> str:
    """As a page shows it."""
    return f"¥{int(amount) / 100:,.2f}"


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


# ---- the last day of March ------------------------------------------------------------------------------------------


def ask(employee: Page) -> str:
    """It is urgent and the general manager on the road; answers the address of the request."""
    employee.goto("/papers/new/spending")
    fill_request(employee, TITLE, str(ASKED))
    employee.check("#urgent")
    employee.locator("button[name=do][value=submit]").click()
    shows(employee, TITLE, "Consent may be asked by telephone")
    expect(employee.get_by_role("link", name="Record consent by telephone")).to_have_count(0)
    return employee.url


def record_consent(head: Page) -> None:
    """On a phone: from the list of what may be asked for to the form, with a picture of the message."""
    head.set_viewport_size({"width": 360, "height": 740})
    head.goto("/expenses/consents?tab=asking")
    fits(head)
    head.locator("main").get_by_role("link", name=TITLE).tap()
    shows(head, "Record consent by telephone")
    fits(head)
    head.get_by_role("link", name="Record consent by telephone").tap()
    shows(head, "The words in which consent was given")
    fits(head)
    head.select_option("#way", label="By WeChat")
    head.fill("#words", WORDS)
    head.set_input_files("#files", {"name": "message.png", "mimeType": "image/png", "buffer": shop.picture(40, 60)})
    head.locator("main form").get_by_role("button", name="Record consent by telephone").tap()
    shows(head, "Not confirmed", WORDS, "By WeChat", "message.png")
    fits(head)


def borrow(employee: Page, request: str) -> str:
    employee.goto(request)
    shows(employee, "Until it is confirmed an advance may be paid, a claim may not.")
    employee.get_by_role("link", name="Ask for an advance").click()
    shows(employee, "Can still be advanced", f"¥{ASKED}.00")
    employee.fill("#amount", str(LENT))
    employee.locator(".foot button[value=submit]").click()
    shows(employee, "To be paid")
    expect(step(employee, "pay")).to_have_count(0)
    return employee.url


def lend(cashier: Page, advance: str) -> None:
    cashier.goto("/books/payables?q=AD-")
    shows(cashier, "麦子", TITLE, f"¥{LENT}.00")
    take(cashier, advance, "pay", reference="B-0331-1")
    shows(cashier, "Loan slip", "B-0331-1", f"paid ¥{LENT}.00")


def confirm_consent(gm: Page, company: Served, request: str) -> None:
    """He was told at once; he confirms with his password."""
    gm.goto("/notices")
    shows(gm, "Li Ming recorded your consent to", f"(¥{ASKED}.00)", f"“{WORDS}”. Confirm or withdraw it.")
    hour_later(company)
    take(gm, request, "confirm_consent", password=True)
    expect(gm.locator("#consent")).to_contain_text("Confirmed")


def claim(employee: Page, request: str) -> str:
    """What is read from the invoice is accepted as it stands."""
    number = f"2642700000{secrets.randbelow(10**10):010d}"
    said = drawn(f"01,32,,{number},{SPENT}.00,{clock.today():%Y%m%d},,5F98")
    employee.goto(request)
    expect(employee.locator("#consent")).to_contain_text("Confirmed")
    employee.get_by_role("link", name="Claim what was spent").click()
    employee.set_input_files("#files", [{"name": "hotel.pdf", "mimeType": "application/pdf", "buffer": said}])
    expect(employee.locator("[name='lines-0-amount']")).to_have_value(f"{SPENT}.00")
    expect(employee.locator("[name='lines-0-invoice_number']")).to_have_value(number)
    expect(employee.locator("#rail")).to_contain_text(f"¥{SPENT - LENT}.00")
    employee.locator(".foot button[value=submit]").click()
    expect(employee.locator("main")).to_contain_text(re.compile(r"EX-\d{4}-\d{4}"))
    return employee.url


def sign(gm: Page, address: str) -> None:
    """Beside the invoice and what was read from it."""
    gm.goto(address)
    gm.get_by_role("link", name="Sign", exact=True).click()
    shows(gm, "Read from the file:", "Advance still open", f"¥{LENT}.00", f"¥{SPENT}.00 with tax")
    gm.locator("main form").get_by_role("button", name="Sign", exact=True).click()
    shows(gm, "To be checked")


def settle(cashier: Page, address: str) -> None:
    """All three checks are ticked; what goes beyond the advance is paid."""
    take(cashier, address, "check", *CHECKS)
    shows(cashier, *CHECKS, "Checked by Cai Yu", f"¥{SPENT - LENT}.00")
    take(cashier, address, "pay", password=True, reference="B-0331-2")
    shows(cashier, "B-0331-2")
    expect(step(cashier, "post")).to_have_count(0)  # never who paid


def post(accountant: Page, *papers: str) -> None:
    accountant.goto("/books/to-post")
    for each in papers:
        expect(accountant.locator(f"main a[href='{urlsplit(each).path}']")).to_be_visible()
    for n, each in enumerate(papers):
        take(accountant, each, "post", password=n == 0)
    accountant.goto("/books/to-post")
    shows(accountant, "Everything that moved is posted.")


# ---- the month ------------------------------------------------------------------------------------------------------


def report(cashier: Page) -> None:
    """The day is filled in from the journals."""
    cashier.goto("/books/reports")
    row = cashier.locator("main tr", has_text="Today")
    expect(row).to_contain_text("2")  # movements: the advance and the rest of the claim
    row.get_by_role("button", name="Fill in").click()
    shows(cashier, f"¥{SPENT}.00")
    step(cashier, "submit").click()
    expect(step(cashier, "submit")).to_have_count(0)
    expect(step(cashier, "acknowledge")).to_have_count(0)


def acknowledge(accountant: Page) -> None:
    accountant.goto("/books/reports?month=2026-03")
    waiting = accountant.locator("main tr", has_text="Submitted")
    while n := waiting.count():
        waiting.last.locator("a").click()
        step(accountant, "acknowledge").click()
        expect(step(accountant, "acknowledge")).to_have_count(0)
        accountant.goto("/books/reports?month=2026-03")
        expect(waiting).to_have_count(n - 1)


def count(cashier: Page, books: dict[int, Money]) -> str:
    """Blind: no page says what the books say before the count is entered."""
    cashier.goto("/books/months")
    cashier.locator("main tr", has_text="2026-03").get_by_role("button", name="Begin the close").click()
    shows(cashier, "It is counted first, without seeing the books.")
    address = cashier.url
    told = cashier.content()
    cashier.get_by_role("link", name="Enter the count").click()
    shows(cashier, "Pieces of each note and coin")
    assert [each for each in map(yuan, books.values()) if each in told + cashier.content()] == []
    for fund, amount in books.items():
        if cashier.locator(f"#fund-{fund}").count():
            cashier.fill(f"#fund-{fund}", f"{int(amount) / 100:.2f}")
            continue
        for value, pieces in money.in_pieces(int(amount)).items():
            cashier.fill(f"#pieces-{fund}-{value}", str(pieces))
    cashier.get_by_role("button", name="Enter the count").click()
    shows(cashier, *map(yuan, books.values()), "Agrees")
    expect(cashier.get_by_text("Agrees", exact=True)).to_have_count(len(books))
    expect(step(cashier, "close_month")).to_have_count(0)
    return address


def explain(accountant: Page, gm: Page, address: str) -> None:
    """An advance is overdue: the month closes with a note about it that the general manager signs."""
    accountant.goto(address)
    expect(step(accountant, "close_month")).to_be_disabled()
    shows(accountant, "explain it in a note that the general manager signs", "AD-2026-0001")
    take(accountant, address, "explain", text="Borrowed by somebody who is ill; it comes back in April")
    is_not_offered(accountant, address, "sign_note")
    gm.goto(address)
    shows(gm, "it comes back in April")
    take(gm, address, "sign_note")


def close(accountant: Page, address: str) -> None:
    take(accountant, address, "close_month")
    take(accountant, address, "calculate")
    shows(accountant, "As calculated")
    take(accountant, address, "publish")
    shows(accountant, "Published")


def read_published(head: Page, spent: Money) -> None:
    """The chart with the table beside it."""
    head.goto("/books/published")
    head.locator("main").get_by_role("link", name="2026-03").click()
    shows(head, "Accounts of 2026-03", "Budget against actual by department")
    expect(head.get_by_role("img", name=re.compile("Guangzhou sales: [0-9]+%"))).to_be_visible()
    expect(head.locator("main tr", has_text="Guangzhou sales")).to_contain_text(yuan(spent))
    expect(head.locator("main")).not_to_contain_text("Result")  # department totals only


BALANCES = "SELECT fund_id, SUM(amount) FROM cash_entries GROUP BY fund_id"
SPENT_BY = """
SELECT SUM(l.amount) FROM voucher_lines l JOIN vouchers v ON v.id = l.voucher_id JOIN departments d ON d.id = l.department_id
WHERE v.month = 202603 AND d.name_en = 'Guangzhou sales'
"""


def said_by_the_books(company: Served) -> tuple[dict[int, Money], Money]:
    """What is in each fund, and what the employee's department spent in the month."""
    with closing(sqlite3.connect(company.data / "portal.db")) as known:
        (spent,) = known.execute(SPENT_BY).fetchone()
        return {fund: Money(amount) for fund, amount in known.execute(BALANCES)}, Money(spent)


# ---- the story ------------------------------------------------------------------------------------------------------


def test_money_is_followed_from_a_telephone_call_to_the_published_month(desk: Callable[..., Page], company: Served) -> None:
    employee, head, cashier = desk(EMPLOYEE), desk(HEAD, **PHONE), desk(CASHIER)
    gm, accountant = desk(GM), desk(ACCOUNTANT)
    request = ask(employee)
    record_consent(head)
    advance = borrow(employee, request)
    is_not_offered(head, advance, "pay")
    lend(cashier, advance)
    is_not_offered(head, request, "confirm_consent")  # who recorded it
    confirm_consent(gm, company, request)
    paper = claim(employee, request)
    is_not_offered(cashier, paper, "check", "pay")
    sign(gm, paper)
    settle(cashier, paper)
    is_not_offered(employee, paper, "pay", "post")
    shows(employee, "B-0331-2")
    post(accountant, advance, paper)
    report(cashier)
    books, spent = said_by_the_books(company)

    company.move_to(AFTER)
    cashier, accountant, head, employee = desk(CASHIER), desk(ACCOUNTANT), desk(HEAD), desk(EMPLOYEE)
    acknowledge(accountant)
    month = count(cashier, books)
    is_not_offered(gm := desk(GM), month, "close_month")
    explain(accountant, gm, month)
    close(accountant, month)
    is_not_offered(cashier, month, "reopen")

    read_published(head, spent)
    assert employee.request.get("/books/published/202603").status == 403
    gm.goto(month)
    expect(step(gm, "reopen")).to_be_enabled()
