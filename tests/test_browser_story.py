"""The story of a spending request as its people live it in a browser: asked for, decided, refused; in two languages."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal import clock, demo, languages
from portal.words import Words
from tests import desks
from tests.serving_demo import Served

pytestmark = [pytest.mark.browser, pytest.mark.no_database, pytest.mark.slow]
company, desk = desks.company, desks.desk

EMPLOYEE, MANAGER = "maizi", "zhoumin"
PASSWORD = demo.PASSWORD
TITLES = {"en": ("Train to Hangzhou", "Lamp for the window"), "zh-Hans": ("去杭州的车票", "橱窗的灯")}
MORE_THAN_ANY_LINE = "9000000"


def say(sentence: str, language: str, **values: Any) -> str:
    return languages.say(Words(sentence, values), language)


def hour_later(company: Served) -> None:
    """As if everybody had given the password an hour ago."""
    with closing(sqlite3.connect(company.data / "portal.db", timeout=10)) as database, database:
        database.execute("UPDATE sessions SET confirmed_at = confirmed_at - 3600000")


def fill_request(page: Page, title: str, amount: str) -> None:
    page.fill("#title", title)
    page.fill("#purpose", "Visit the shop")
    page.fill("#expected_date", (clock.today() + timedelta(days=1)).isoformat())
    page.select_option("#line", index=1)
    page.fill("[name='lines-0-text']", "Ticket")
    page.fill("[name='lines-0-amount']", amount)


def ask(page: Page, language: str, title: str, amount: str = "120") -> str:
    """A request sent from the form; answers the address of its page."""
    page.goto("/papers/new/spending")
    fill_request(page, title, amount)
    page.locator("button[name=do][value=submit]").click()
    expect(page.locator("h1").first).to_contain_text(title)
    expect(page.locator("main")).to_contain_text(re.compile(r"SR-\d{4}-\d{4}"))
    return page.url


def confirm(page: Page) -> None:
    """Gives the password again, as a signature asks for it."""
    secret = page.locator("input[name=_password]")
    expect(secret).to_be_visible()
    secret.fill(PASSWORD)
    secret.press("Enter")
    expect(secret).to_have_count(0)


def test_somebody_signs_in_and_chooses_the_language(desk: Any) -> None:
    page = desk(None)
    page.goto("/inbox")
    expect(page).to_have_url(re.compile("/sign-in"))

    page.fill("#user", EMPLOYEE)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    expect(page).to_have_url(re.compile("/inbox$"))
    for language in ("zh-Hans", "en"):
        page.locator("#me-menu summary").click()
        page.locator(f"#me-menu button[value='{language}']").click()
        expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_a_request_is_asked_for_approved_and_another_refused(desk: Any, company: Served, language: str) -> None:
    wanted, refused = TITLES[language]
    employee = desk(EMPLOYEE, language)
    first, second = ask(employee, language, wanted), ask(employee, language, refused)
    manager = desk(MANAGER, language)

    hour_later(company)
    manager.goto(first)
    manager.locator("main button[name=step][value=approve]").click()
    confirm(manager)
    manager.goto(second)
    manager.fill("#note", "Not this year")
    manager.locator("main button[name=step][value=reject]").click()
    manager.locator("#confirm button[value=yes]").click()
    expect(manager.locator("main")).to_contain_text(say("Rejected", language))

    employee.goto(first)
    expect(employee.locator("main")).to_contain_text(say("Approved", language))
    employee.goto(second)
    expect(employee.locator("main")).to_contain_text("Not this year")


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_the_form_says_what_is_left_and_who_decides_while_one_types(desk: Any, language: str) -> None:
    page = desk(EMPLOYEE, language)
    page.goto("/papers/new/spending")
    page.select_option("#line", index=1)
    budget = page.locator("#budget")

    page.fill("[name='lines-0-amount']", "120")
    expect(budget).to_contain_text("120.00")
    page.fill("[name='lines-0-amount']", MORE_THAN_ANY_LINE)
    expect(budget).to_contain_text("9,000,000.00")

    expect(budget.get_by_role("status")).to_be_visible()  # over budget, and by how much
    expect(page.locator("main")).to_contain_text("Zhou Min" if language == "en" else "周敏")


def test_the_inbox_is_worked_with_keys(desk: Any) -> None:
    ask(desk(EMPLOYEE), "en", "A chair to sit on")
    page = desk(MANAGER)
    page.goto("/inbox?sort=newest")
    rows = page.locator("#list [data-row] a")

    expect(page.locator("#pane h1")).to_have_text("A chair to sit on")  # the first one opens by itself
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#pane h1")).not_to_have_text("A chair to sit on")
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#pane h1")).to_have_text("A chair to sit on")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#pane #note").fill("Which chair?")
    page.locator("#pane .scroll").focus()
    page.keyboard.press("r")
    expect(page.locator("#list")).not_to_contain_text("A chair to sit on")


def test_a_request_is_approved_by_a_key_in_the_inbox(desk: Any) -> None:
    ask(desk(EMPLOYEE), "en", "A desk to write on")
    page = desk(MANAGER)
    page.goto("/inbox?sort=newest")

    expect(page.locator("#pane h1")).to_have_text("A desk to write on")
    page.keyboard.press("a")

    expect(page.locator("#list")).not_to_contain_text("A desk to write on")


def test_the_story_works_without_javascript(desk: Any, company: Served) -> None:
    employee = desk(EMPLOYEE, java_script_enabled=False)
    address = ask(employee, "en", "A kettle for the office")
    manager = desk(MANAGER, java_script_enabled=False)

    hour_later(company)
    manager.goto("/inbox?sort=newest")
    manager.get_by_role("link", name="A kettle for the office").click()
    manager.locator("#pane button[name=step][value=approve]").click()
    confirm(manager)

    employee.goto(address)
    expect(employee.locator("main")).to_contain_text("Approved")
