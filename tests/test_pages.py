"""What every page keeps, whoever opens it: headers, shape, links that lead somewhere, few questions to the database."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml.etree import Element, XPath
from lxml.html import HtmlElement

from portal import db
from tests import crawling, whole_company
from tests.budgets import asked
from tests.cast import Cast
from tests.counting import statements
from tests.everybody import line, person_as
from tests.signing_in import sign_in

pytestmark = pytest.mark.no_database  # pages are alike on every database
template, company = whole_company.template, whole_company.company

with (Path(__file__).parent / "access.csv").open(newline="") as opened:
    ROWS: list[dict[str, str]] = list(csv.DictReader(opened))
WITH_PAGES_OF_THEIR_OWN = (
    "requester", "gm", "exec_in_charge", "dept_manager", "office_manager", "chief_accountant", "it_head", "it_admin", "planner",
    "section_specialist",
)  # fmt: skip
KEPT = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
FORBIDDEN = ("unsafe-inline", "unsafe-eval", "http:", "https:", "*")
HEARS = re.compile(r"on|hx-on")
LANGUAGES = {"en", "zh-Hans", "zh-Hant"}


def browser_of(app: Any, column: str | None, language: str = "en") -> Any:
    browser = app.test_client()
    browser.set_cookie("language", language)
    if column:
        sign_in(app, browser, person_as(column))
    return browser


@pytest.mark.parametrize("role", WITH_PAGES_OF_THEIR_OWN)
def test_req_04_every_link_and_button_leads_somewhere_for_who_sees_it(company: Any, role: str) -> None:
    browser, refused, pages = browser_of(company, role), [], 0

    for path, page in crawling.pages(company, browser):
        pages += 1
        refused += [f"{path}: {each}" for each in _faults_of(page)]
        refused += [f"{path}: {each}" for each in _refused_forms(company, page, path)]

    assert pages > 15
    assert not refused, "\n".join(sorted(set(refused)))


def _refused_forms(app: Any, page: HtmlElement, here: str) -> list[str]:
    """Forms sent to an address that there is not, or that does not take them."""
    adapter, found = app.url_map.bind("localhost"), []
    for form in page.xpath("//form[not(@method='dialog')]"):
        method = str(form.get("method") or "get").upper()
        targets = [form.get("action") or here, *form.xpath(".//@formaction")]
        refused = [each for each in targets if not adapter.test(urlsplit(str(each)).path, method=method)]
        found += [f"a form is sent to {method} {each}, which there is not" for each in refused]
    return found


# ---- shape ----------------------------------------------------------------------------------------------------------


HEADINGS = XPath("//main//h1 | //body[@class='plain']//h1")
IN_PANE = XPath("//*[@id='pane']//h1")  # beside a list a paper has its own heading
STYLED = XPath("//*[@style] | //style")
SCRIPTED = XPath("//script[not(@src)]")
WITHOUT_TOKEN = XPath("//form[@method='post'][not(.//*[@name='csrf_token'])]")
NAMED = XPath("//label/@for")
FIELDS = XPath(
    "//*[self::input or self::select or self::textarea][not(@type='hidden' or @type='submit' or @type='button')]"
    "[not(@aria-label) and not(@aria-labelledby)][not(ancestor::label or ancestor::template)]"
)
IDS = XPath("//*[not(ancestor::template)]/@id")


def _faults_of(page: HtmlElement) -> list[str]:
    if not crawling.is_whole(page):
        return []
    found = [] if page.get("lang") in LANGUAGES else ["has no language"]
    found += [] if len(HEADINGS(page)) == 1 or IN_PANE(page) else [f"has {len(list(page.iter('h1')))} h1"]
    found += [f"has a style on {each.tag}" for each in STYLED(page)]
    found += ["has a script in it" for _each in SCRIPTED(page)]
    found += [f"hears {name} in {each.tag}" for each in page.iter(Element) for name in each.attrib if HEARS.match(name)]
    found += [f"has {each.get('name') or each.get('id')} without a label" for each in _unlabelled(page)]
    found += [f"has the id {each} twice" for each, times in Counter(IDS(page)).items() if times > 1]
    found += ["sends a form without a token" for _each in WITHOUT_TOKEN(page)]
    return found


def _unlabelled(page: HtmlElement) -> list[HtmlElement]:
    named = set(NAMED(page))
    return [each for each in FIELDS(page) if each.get("id") not in named]


# ---- headers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/inbox", "/papers", "/papers/new/spending", "/me", "/sign-in", "/nothing-here", "/audit"])
def test_req_16_every_answer_carries_the_headers(company: Any, path: str) -> None:
    for role in (None, "employee", "gm"):
        answer = browser_of(company, role).get(path)

        policy = answer.headers["Content-Security-Policy"]
        assert {name: answer.headers[name] for name in KEPT} == KEPT
        assert [each for each in FORBIDDEN if each in policy.replace("data:", "")] == []
        parts = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}
        assert parts["default-src"] == ["'none'"] and parts["object-src"] == ["'none'"] and parts["base-uri"] == ["'none'"]
        assert parts["form-action"] == ["'self'"] and parts["frame-ancestors"] == ["'none'"]
        assert "Server" not in answer.headers


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize(("path", "method", "status"), [
    ("/nothing-here", "GET", 404), ("/audit", "GET", 403), ("/", "DELETE", 405), ("/papers/steps", "POST", 422),
])  # fmt: skip
def test_req_25_an_error_is_a_page_with_a_sentence_and_a_number(
    company: Any, path: str, method: str, status: int, language: str
) -> None:
    answer = browser_of(company, "employee", language).open(path, method=method, data={"step": "x"})
    page = crawling.taken_apart(answer.text)

    assert answer.status_code == status
    assert _faults_of(page) == []
    assert answer.headers["X-Request-Id"] in answer.text
    assert "Traceback" not in answer.text


# ---- statements -----------------------------------------------------------------------------------------------------


MOST = {"/inbox": 7, "/papers": 7, "/people": 6, "/audit": 7, "/expenses/business": 7, "/notices": 7} | {
    f"/papers/{{{kind}}}": 12
    for kind in ("spending", "spending_over_budget", "business_spending", "returned_spending", "allotment", "transfer")
}
MOST |= {f"/papers/{{{kind}}}": 12 for kind in (
    "wish", "draw", "special_draw", "waiting_draw", "approved_draw", "issued_draw", "goods_in", "limits", "count",
    "handed_in_count", "verified_count",
)}  # fmt: skip
MOST |= {"/papers/{nearby}": 14, "/papers/{bought_nearby}": 22, "/papers/{objected_nearby}": 25, "/purchasing/nearby": 8}
MOST |= {"/products": 8, "/products/{product}": 12, "/products/arrangements": 7, "/papers/{content_task}": 12}
OPENED_BY = {
    "/products": "planner", "/products/{product": "section_specialist", "/products/arrangements": "planner",
    "content_task": "designer",
    "wish": "supplies_custodian", "draw": "office_clerk", "special_draw": "dept_manager", "waiting_draw": "office_clerk",
    "approved_draw": "office_clerk", "issued_draw": "supplies_custodian", "goods_in": "office_manager",
    "nearby": "dept_manager", "bought_nearby": "office_clerk", "objected_nearby": "supplies_custodian",
    "limits": "office_manager", "count": "requester", "handed_in_count": "office_clerk", "verified_count": "office_manager",
}  # fmt: skip


@pytest.mark.parametrize("path", MOST)
def test_req_41_a_page_asks_as_little_however_much_there_is(company: Any, template: Any, path: str) -> None:
    browser = browser_of(company, OPENED_BY.get(path.removeprefix("/papers/{").removesuffix("}"), "gm"))
    most, path = MOST[path], _address(path, template[2])
    assert browser.get(path).status_code == 200
    with statements() as few:
        browser.get(path)
    for turn in range(12):
        asked(Cast().ann, line(Cast()), 1, title=f"Lamp {turn}")

    with statements() as many:
        browser.get(path)

    assert len(many) <= len(few), _more(few, many)
    assert len(_asked(many)) <= most, "\n".join(_asked(many))
    assert db.row("SELECT COUNT(*) FROM cases")[0] > 12


def _address(path: str, things: dict[str, Any]) -> str:
    return path.format(**{name.replace(" ", "_"): thing.id for name, thing in things.items() if hasattr(thing, "id")})


def _asked(sent: list[str]) -> list[str]:
    return [each for each in sent if not each.startswith(("BEGIN", "COMMIT", "PRAGMA"))]


def _more(few: list[str], many: list[str]) -> str:
    return "\n".join(each for each in many if each not in few)
