"""The contract archive as people live it in a browser: a loan from asking to giving back, a check on a phone, its looks."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal import db, languages, modules
from portal.contracts import models_checks
from portal.contracts.models_checks import RESULTS
from portal.contracts.rules_checks import Result, confirm_lent, write_down_list
from portal.contracts.rules_loans import LOAN
from portal.demo.agreements import TITLES
from portal.demo.company import person
from portal.words import Words
from tests import desks
from tests.looking import looked_at
from tests.serving_demo import Served

pytestmark = [pytest.mark.browser, pytest.mark.no_database, pytest.mark.slow]
company, desk = desks.company, desks.desk

EMPLOYEE, HEAD, ARCHIVIST, OTHER_ARCHIVIST = "jiangtao", "suqing", "zhengfang", "fengjing"
PURPOSE = "To compare the commission with a rival's"
CHINESE = "zh-Hans"


def say(sentence: str, **values: Any) -> str:
    return languages.say(Words(sentence, values), CHINESE)


@pytest.fixture
def books(company: Served) -> Iterator[None]:
    """The rules of the company that is served, for what a story finds done already."""
    db.connect(f"sqlite:///{company.data}/portal.db")
    modules.load()
    yield
    db.disconnect()


# ---- borrowed -------------------------------------------------------------------------------------------------------


def borrow(page: Page) -> str:
    """Finds the contract by a word of its title and asks for a photocopy; answers the address of the paper."""
    page.goto("/contracts?q=marketplace")
    page.get_by_role("link", name=TITLES["market"]).click()
    page.get_by_role("link", name="Borrow").first.click()
    page.fill("#purpose", PURPOSE)
    page.locator("button[name=do][value=submit]").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"CL-\d{4}-\d{4}"))
    return page.url


def take_step(page: Page, step: str, **typed: str) -> None:
    """Opens the form of the step, fills it in and sends it."""
    form = page.locator("main details.step-form", has=page.locator(f"button[value={step}]"))
    form.locator("summary").click()
    for name, text in typed.items():
        form.locator(f"[name={name}]").fill(text)
    form.locator(f"button[name=step][value={step}]").click()
    expect(page.locator(f"main button[name=step][value={step}]")).to_have_count(0)


def read_pdf(page: Page, link: str) -> str:
    """What stands on the pages of the PDF behind that link."""
    from pypdf import PdfReader

    address = page.get_by_role("link", name=link).get_attribute("href")
    answer = page.request.get(str(address))
    assert answer.status == 200 and answer.headers["content-type"] == "application/pdf"
    return "\n".join(each.extract_text() for each in PdfReader(io.BytesIO(answer.body())).pages)


def test_a_photocopy_is_asked_for_consented_to_handed_out_read_and_taken_back(desk: Callable[..., Page]) -> None:
    employee = desk(EMPLOYEE)
    loan = borrow(employee)

    head = desk(HEAD)
    head.goto(loan)
    head.locator("main button[name=step][value=approve]").click()
    expect(head.locator("main")).to_contain_text("To be handed out")
    archivist = desk(ARCHIVIST)
    archivist.goto(loan)
    take_step(archivist, "hand_out", pages="31")
    expect(archivist.locator("main")).to_contain_text("On loan")

    employee.goto(loan)
    copy = read_pdf(employee, "Open the marked copy")
    assert all(copy.count(text) >= 2 for text in (PURPOSE, "Jiang Tao", "Harbour Marketplace"))

    archivist.goto(loan)
    take_step(archivist, "take_back", pages="31")
    expect(archivist.locator("main")).to_contain_text(languages.say(LOAN.states["returned"].label, "en"))
    employee.goto(loan)
    expect(employee.get_by_role("link", name="Open the marked copy")).to_have_count(0)
    assert employee.request.get(f"/contracts/loans/{loan.rsplit('/', 1)[1]}/copy.pdf").status in (403, 404, 409)


# ---- checked on a phone ---------------------------------------------------------------------------------------------


@pytest.fixture
def nearly_counted(books: None) -> tuple[int, list[models_checks.Line]]:
    """The check that goes on, counted but for three contracts."""
    running = models_checks.running_check()
    assert running is not None
    left = [each for each in models_checks.every_line(running.case, "left") if each.expected == "here"]
    archivist = person(OTHER_ARCHIVIST)
    write_down_list(archivist, running.case, {each.contract: Result("present") for each in left[3:]})
    confirm_lent(archivist, running.case)
    return running.case, left[:3]


def test_a_check_is_finished_on_a_phone_and_what_is_missing_becomes_an_incident(
    desk: Callable[..., Page], nearly_counted: tuple[int, list[models_checks.Line]]
) -> None:
    case, (labelled, typed, missing) = nearly_counted
    phone = desk(OTHER_ARCHIVIST, CHINESE, has_touch=True, is_mobile=True)
    phone.set_viewport_size({"width": 390, "height": 844})

    phone.goto(f"/contracts/{labelled.contract}")  # where its label leads
    expect(phone.get_by_role("link", name=say("Borrow"), exact=True)).to_be_visible()
    phone.locator("#check button[name=result][value=present]").click()
    expect(phone.locator("#check")).to_contain_text(languages.say(RESULTS["present"], CHINESE))
    phone.goto(f"/contracts/checks/{case}/scan")
    for number in (typed.number, missing.number):
        expect(phone.locator("#code")).to_be_focused()
        phone.keyboard.type(number)  # as a hand scanner does: into the field that has the focus, one after the other
        phone.keyboard.press("Enter")
        expect(phone.locator("#scanning [role=status]")).to_contain_text(number)
        expect(phone.locator("#code")).to_have_value("")
    phone.locator(".check-line button[name=result][value=missing]").click()
    expect(phone.locator("#scanning [role=status]")).to_contain_text(languages.say(RESULTS["missing"], CHINESE))
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")

    phone.goto(f"/papers/{case}")
    expect(phone.locator("main button[name=step][value=close]")).to_be_disabled()
    phone.locator("main button[name=step][value=open_incidents]").click()
    expect(phone.locator("main")).to_contain_text(re.compile(r"CI-\d{4}-\d{4}"))
    phone.locator("main button[name=step][value=close]").click()
    expect(phone.locator("main")).to_contain_text(say("Closed"))

    phone.get_by_role("link", name=say("Report")).first.click()
    report = phone.locator("body")
    expect(report).to_contain_text(missing.number)
    expect(report).to_contain_text(re.compile(r"CI-\d{4}-\d{4}"))
    phone.goto(f"/contracts/{missing.contract}")
    expect(phone.locator("main")).to_contain_text(say("Under investigation"))


# ---- how it looks ---------------------------------------------------------------------------------------------------

LISTS = (
    "/contracts?q=%E5%8C%85%E8%A3%85", "/contracts/loans?tab=overdue", "/contracts/incidents", "/contracts/checks",
    "/contracts/readings", "/contracts/custody", "/contracts/retention", "/contracts/statistics", "/contracts/natures",
    "/contracts/new", "/contracts/import", "/papers/new/loan", "/papers/new/intake",
)  # fmt: skip
KINDS = ("loan", "archive_check", "incident", "intake", "handover", "destruction")


@pytest.fixture
def addresses(books: None) -> list[str]:
    """Lists and forms, a contract's own page, and a paper of every kind."""
    papers = [db.row("SELECT MAX(id) FROM cases WHERE kind = ? AND number IS NOT NULL", kind)[0] for kind in KINDS]  # type: ignore[index]
    (fitout,) = db.row("SELECT id FROM contracts WHERE title = ?", TITLES["fitout"])  # type: ignore[misc]
    (check,) = db.row("SELECT MIN(id) FROM cases WHERE kind = 'archive_check'")  # type: ignore[misc]
    own = [f"/contracts/{fitout}", f"/contracts/{fitout}/edit"]
    return [*LISTS, *own, *(f"/papers/{key}" for key in papers), f"/contracts/checks/{check}/report"]


def test_pages_of_the_archive_are_for_everybody_and_fit_a_phone(desk: Callable[..., Page], addresses: list[str]) -> None:
    page = desk(ARCHIVIST)

    assert looked_at(page, addresses) == {}
