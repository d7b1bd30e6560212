"""What comes from another site, is far too much, or wants to write into the log is stopped at the gate."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from portal import logs
from tests import whole_company
from tests.everybody import person_as
from tests.signing_in import sign_in

pytestmark = pytest.mark.no_database
template, company = whole_company.template, whole_company.company


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example", "http://[", "file://"])
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_a_form_on_another_site_is_not_carried_on(company: Any, origin: str, is_signed_in: bool) -> None:
    company.config["WTF_CSRF_ENABLED"] = True
    browser = company.test_client()
    if is_signed_in:
        sign_in(company, browser, person_as("requester"))

    answer = browser.post("/papers/new/spending", data={"title": "Typed by them"}, headers={"Origin": origin})

    assert answer.status_code == 403
    assert "Typed by them" not in answer.text


def test_a_form_of_this_site_says_where_it_stood(company: Any) -> None:
    company.config["WTF_CSRF_ENABLED"] = False
    browser = company.test_client()
    sign_in(company, browser, person_as("requester"))

    answer = browser.post("/theme", data={"theme": "dark"}, headers={"Origin": "http://localhost:8000"})

    assert answer.status_code == 303


FAR_TOO_MUCH = {"fields": "a=1&" * 2000, "long": "a=" + "x" * 4 * 1024 * 1024}


@pytest.mark.parametrize("much", FAR_TOO_MUCH)
@pytest.mark.parametrize("path", ["/sign-in", "/papers/new/spending", "/theme"])
def test_a_form_far_too_large_is_refused_before_it_is_read(company: Any, path: str, much: str) -> None:
    answer = company.test_client().post(path, data=FAR_TOO_MUCH[much], content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 413
    assert len(answer.text) < 20_000


def test_what_is_logged_stays_in_one_line() -> None:
    said = logging.LogRecord("portal", logging.ERROR, "", 0, "Exception on %s", ('/a\r\n{"id": "forged"}\u2028',), None)
    counted = logging.LogRecord("portal.requests", logging.INFO, "", 0, {"id": "1", "route": "people.sign_in"}, None, None)

    lines = [logs.OneLine().format(each) for each in (said, counted)]

    assert [len(each.splitlines()) for each in lines] == [1, 1]
    assert json.loads(lines[0])["said"].startswith("Exception on /a\r\n")
    assert json.loads(lines[1])["route"] == "people.sign_in"


@pytest.mark.parametrize("unreadable", ["http://[", "//[x", "http://[::1", "https://a]b"])
def test_an_address_that_cannot_be_read_leads_nowhere(company: Any, unreadable: str) -> None:
    company.config["WTF_CSRF_ENABLED"] = False
    browser = company.test_client()

    shown = browser.get("/sign-in", query_string={"next": unreadable})
    ended = browser.post("/sign-out", headers={"Referer": unreadable})

    assert (shown.status_code, ended.status_code) == (200, 303)
    assert unreadable not in shown.text
