"""Every kind of paper is written, shown, decided and printed by the same pages; the kind here exists only in tests."""

from __future__ import annotations

import html
import re

import pytest

from portal.cases import Case
from tests.memo_pages import decide, english_browsers, number_in, portal_with_memos, steps_on, typed  # noqa: F401


def test_a_paper_is_written_and_submitted(browser_of, cast):
    browser = browser_of(cast.ann)

    form = browser.get("/papers/new/memo")
    sent = browser.post("/papers/new/memo", data=typed(), follow_redirects=True)

    assert form.status_code == 200, form.text
    assert "Hao" in form.text  # who decides, by name
    assert sent.status_code == 200, sent.text
    assert number_in(sent)
    assert "¥12.50" in sent.text


def test_a_paper_is_decided_on_its_page(browser_of, memos, cast):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))
    browser = browser_of(cast.hao)

    page = browser.get(f"/papers/{case.id}")
    done = decide(browser, case, "endorse")

    assert page.status_code == 200, page.text
    assert steps_on(page) == ["endorse", "return", "reject"]
    assert (done.status_code, done.location) == (303, f"/papers/{case.id}")
    assert Case.get_by_id(case.id).state == "endorsed"


def test_a_step_that_needs_a_note_says_so_and_keeps_what_was_typed(browser_of, memos, cast):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))
    browser = browser_of(cast.hao)

    refused = decide(browser, case, "return", note=" ")
    returned = decide(browser, case, "return", note="Which lamp?", to="draft")

    assert refused.status_code == 422
    assert "Say why" in refused.text
    assert returned.status_code == 303
    assert "Which lamp?" in browser.get(f"/papers/{case.id}").text


def test_who_comes_second_sees_who_was_first_and_how_it_stands(browser_of, memos, cast):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))
    seen = {"step": "reject", "state": case.state, "version": case.version, "note": "No lamps this year"}
    memos.go(case, (cast.hao, "endorse"))

    late = browser_of(cast.hao).post(f"/papers/{case.id}/steps", data=seen)

    assert late.status_code == 409
    assert "Hao" in late.text and "first. Reload to see it." in late.text


def test_a_step_with_a_form_of_its_own_keeps_what_was_typed(browser_of, memos, cast):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"), (cast.hao, "endorse"), (cast.mei, "check"), (cast.lin, "check"))
    browser = browser_of(cast.cai)

    unreadable = decide(browser, case, "carry_out", pieces="1e309", note="by truck")
    none = decide(browser, case, "carry_out", pieces="0")
    some = decide(browser, case, "carry_out", pieces="3")

    assert (unreadable.status_code, none.status_code, some.status_code) == (422, 422, 303)
    assert "1e309" in unreadable.text and "by truck" in unreadable.text
    assert "Carry out at least one." in none.text


def test_a_stopped_step_says_why(browser_of, memos, cast):
    case = memos.draft(cast.ann, wish="")

    page = browser_of(cast.ann).get(f"/papers/{case.id}")

    assert "submit" not in steps_on(page)
    assert "Say what you wish." in page.text


def test_a_paper_is_printed_with_its_decisions(browser_of, memos, cast):
    case = memos.go(memos.draft(cast.ann, fen=287850), (cast.ann, "submit"), (cast.hao, "endorse"))

    printed = browser_of(cast.ann).get(f"/papers/{case.id}/print")

    assert printed.status_code == 200, printed.text
    assert "贰仟捌佰柒拾捌元伍角整" in printed.text
    assert "Department manager" in printed.text and 'class="qr"' in printed.text


def test_the_list_shows_what_one_may_read_and_nothing_else(browser_of, memos, cast):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))

    mine = browser_of(cast.ann).get("/papers")
    others = browser_of(cast.bo).get("/papers")

    assert case.number in mine.text
    assert others.status_code == 200
    assert case.number not in others.text


@pytest.mark.parametrize(
    "filters", ["q=lamp", "kind=memo", "state=submitted", "sort=amount", "sort=deadline", "year=2026", "q=hall"]
)
def test_the_list_is_filtered_by_its_address(browser_of, memos, cast, clock, filters):
    clock.set("2026-03-02 09:00")
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))

    page = browser_of(cast.ann).get(f"/papers?{filters}")

    assert page.status_code == 200, page.text
    assert case.number in page.text


@pytest.mark.parametrize("filters", ["q=zebra", "state=closed", "year=2025", "requester=1", "department=1"])
def test_what_does_not_fit_the_filter_is_left_out(browser_of, memos, cast, clock, filters):
    clock.set("2026-03-02 09:00")
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))

    page = browser_of(cast.hao).get(f"/papers?{filters.replace('requester=1', f'requester={cast.bo.id}')}")

    assert page.status_code == 200, page.text
    assert case.number not in page.text


@pytest.mark.parametrize("sort", ["newest", "amount", "deadline"])
def test_the_list_goes_on_from_its_last_row(browser_of, memos, cast, sort):
    numbers = {memos.go(memos.draft(cast.ann, f"t{n}", fen=100 + n // 2), (cast.ann, "submit")).number for n in range(60)}
    browser = browser_of(cast.ann)

    first = browser.get(f"/papers?sort={sort}")
    second = browser.get(html.unescape(re.search(r'rel="next" href="([^"]+)"', first.text).group(1)))
    shown = [re.findall(r"ME-\d{4}-\d{4}", page.text) for page in (first, second)]

    assert [len(each) for each in shown] == [50, 10]
    assert {number for each in shown for number in each} == numbers


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_list_is_taken_away_as_it_is_filtered(browser_of, memos, cast, form):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))
    memos.draft(cast.ann, "t2")
    browser = browser_of(cast.ann)

    answer = browser.get(f"/papers/export/{form}?state=submitted")

    assert answer.status_code == 200
    if form == "csv":
        lines = answer.data.decode("utf-8-sig").splitlines()
        assert len(lines) == 2
        assert lines[1].startswith(f"{case.number},Memo,A lamp for the hall,Ann,Marketing,10.00,Submitted")
    else:
        assert answer.data.startswith(b"PK")


def test_the_reading_pane_is_answered_in_place_and_leads_back_without_script(browser_of, memos, cast):
    first, second = (memos.go(memos.draft(cast.ann, f"t{n}"), (cast.ann, "submit")) for n in range(2))
    browser = browser_of(cast.hao)
    given = {"pane": "1", "close": "/inbox?tab=waiting"}
    shown = {"step": "endorse", "state": "submitted", "version": 1}

    in_place = browser.post(f"/papers/{first.id}/steps", data=shown | given, headers={"HX-Request": "true"})
    back = decide(browser, second, "endorse", **given)

    assert in_place.status_code == 200 and in_place.headers["HX-Trigger"] == "tasks-moved"
    assert in_place.text.lstrip().startswith('<section class="pane" id="pane"') and "/inbox?tab=waiting" in in_place.text
    assert (back.status_code, back.location) == (303, "/inbox?tab=waiting")
