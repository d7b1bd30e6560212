"""Whoever reads Chinese meets no English word on any page, except in what people wrote themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml.html import HtmlElement

from portal import clock, db
from portal.budget.models import Category
from portal.config import Settings
from portal.contracts.models import Nature
from portal.flow import FLOWS
from portal.persons import Person
from tests.crawling import forms, is_whole, links, pages, taken_apart
from tests.english_on_chinese_pages import WORD, english_words
from tests.portals import Portals
from tests.signing_in import sign_in

FOUNDED = datetime(2026, 3, 20, 11, 0, tzinfo=clock.SHANGHAI)
GENERAL_MANAGER, ADMINISTRATOR, ACCOUNTANT, EMPLOYEE = "zhoumin", "tiantian", "linguodong", "qinfeng"

pytestmark = [pytest.mark.no_database, pytest.mark.slow]


@pytest.fixture(scope="module")
def company(portals: Portals, demo_company: Callable[[datetime], Path]) -> Iterator[Any]:
    """The portal of the demo company on the day it is told of; without the papers that exist only in tests."""
    folder = demo_company(FOUNDED)
    settings = Settings(data=folder, database=f"sqlite:///{folder}/portal.db")
    only_in_tests = FLOWS.pop("memo", None)
    db.connect(settings.database)
    with clock.at(FOUNDED):
        yield portals.move_in(settings)
        db.disconnect()
    if only_in_tests:
        FLOWS["memo"] = only_in_tests


@pytest.fixture
def own(company: Any) -> frozenset[str]:
    """What people of the company chose: user names, codes, and names in English."""
    codes = [each.code for each in (*Category.select(), *Nature.select())]
    chosen = [f"{each.user} {each.name_en}" for each in Person.select()] + codes
    return frozenset(word for text in chosen for word in WORD.findall(text))


def reading(app: Any, user: str, language: str) -> Any:
    """The browser of that person, who reads that language."""
    Person.update(language=language).where(Person.user == user).execute()
    browser = app.test_client()
    sign_in(app, browser, Person.get(Person.user == user))
    return browser


Walked = Callable[[str, str], list[tuple[str, HtmlElement]]]


@pytest.fixture(scope="module")
def walked(company: Any) -> Walked:
    """Path and contents of every page that person comes to, reading that language; walked once."""
    return cache(lambda user, language: list(pages(company, reading(company, user, language))))


@pytest.mark.parametrize(
    ("user", "language", "at_least"),
    [
        (GENERAL_MANAGER, "zh-Hans", 40),
        (ADMINISTRATOR, "zh-Hans", 40),
        (ACCOUNTANT, "zh-Hant", 40),
        (EMPLOYEE, "zh-Hans", 20),
        (EMPLOYEE, "zh-Hant", 20),
    ],
)
def test_no_english_word_stands_on_a_page_read_in_chinese(user, language, at_least, walked, own):
    read = walked(user, language)

    assert [path for path, page in read if is_whole(page) and not page.get("lang", "").startswith("zh-")] == []
    assert {word: path for path, page in reversed(read) for word in english_words(page, own)} == {}
    assert len(read) >= at_least, f"only {len(read)} pages were reached"


@pytest.mark.parametrize(("user", "language"), [(ADMINISTRATOR, "zh-Hans"), (ACCOUNTANT, "zh-Hant")])
def test_what_a_form_says_of_mistakes_is_chinese(user, language, company, walked, own, monkeypatch):
    found = sorted({form for _path, page in walked(user, language) for form in forms(page) if form.action != "/sign-out"})
    monkeypatch.setitem(company.config, "WTF_CSRF_ENABLED", False)
    browser = reading(company, user, language)

    for typed in ("", "??"):
        sent = [(form, dict.fromkeys(form.names, typed) | form.hidden) for form in found]
        answers = [(form.action, browser.post(form.action, data=data)) for form, data in sent]

        refused = [(action, taken_apart(answer.text)) for action, answer in answers if answer.status_code == 422]
        assert [(action, word) for action, page in refused for word in english_words(page, own)] == []
        assert len(refused) >= 5, f"only {len(refused)} forms refused {typed!r}"


@pytest.mark.parametrize("path", ["/papers", "/budget"])
def test_a_table_taken_away_has_chinese_headings(path, company):
    browser = reading(company, ACCOUNTANT, "zh-Hans")
    page = taken_apart(browser.get(path).text)
    (link,) = {each for each in links(page) if "csv" in each}

    table = browser.get(link, buffered=True)

    assert table.mimetype == "text/csv"
    headings = table.get_data(as_text=True).lstrip("\ufeff").splitlines()[0]
    assert re.search("[一-鿿]", headings)
    assert WORD.findall(headings) == []


def test_the_door_and_its_refusals_are_all_chinese(company, own):
    browser = company.test_client()
    browser.set_cookie("language", "zh-Hans")

    door = browser.get("/sign-in")
    refused = browser.post("/sign-in", data={"user": "nobody", "password": "nothing"})
    nothing = reading(company, EMPLOYEE, "zh-Hans").get("/papers/999999")

    for answer in (door, refused, nothing):
        assert english_words(taken_apart(answer.text), own) == []
        assert re.search("[一-鿿]", answer.text)


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>保存 Save</p>", ["Save in “保存 Save”"]),
        ("<p>保存<!-- Save --></p><script>Save()</script>", []),
        ("<p><bdi>Ann</bdi>已批准</p>", []),
        ('<input placeholder="Search">', ["Search in “Search”"]),
        ('<button aria-label="删除 Ann"></button><bdi>Ann</bdi>', []),
        ("<title>Home</title>", ["Home in “Home”"]),
        ('<span lang="en">English</span>', []),
        ("<p>选择SR-2026-0001，规则 FIN-02</p>", []),
        ("<p>上传 PDF，10 MB</p>", []),
        ("<option>周敏 · zhoumin</option>", []),
    ],
)
def test_an_english_word_is_found_outside_peoples_own_text(html, found):
    assert english_words(taken_apart(html), frozenset({"zhoumin"})) == found
