"""The first page, the inbox with its reading pane, the badge, search, notices and help, as a browser meets them."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest

from portal import notices
from portal.cases import Case
from portal.flow import FLOWS
from portal.notices import Notice
from portal.persons import Grant
from portal.rulebook import CHAPTERS, RULES, chapter
from portal.words import _, _n
from tests import memo_pages
from tests.counting import statements

PAGES = ["/", "/new", "/inbox", "/inbox?tab=returned", "/inbox?tab=mine", "/inbox?tab=decided", "/search?q=lamp", "/notices"]
HELP = ["/help", "/help/memo", "/help/rules", "/help/roles", "/help/keys"]


@pytest.fixture
def pages(app, memos):
    """The portal with the tests' own kind of paper in it; forged forms are tested apart."""
    app.config["WTF_CSRF_ENABLED"] = False
    with memo_pages.known(app):
        yield app


@pytest.fixture
def browser_of(pages, client):
    """A browser of that person, who reads English."""

    def signed_in(person):
        browser = client(person)
        browser.set_cookie("language", "en")
        return browser

    return signed_in


def submitted(memos, person, number=1):
    return [memos.go(memos.draft(person, f"{person.user}{n}"), (person, "submit")) for n in range(number)]


def text_of(answer) -> str:
    main = answer.text[answer.text.index('<main id="main"') :]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def count_of(browser, path) -> int:
    browser.get(path)
    with statements() as sent:
        assert browser.get(path).status_code == 200
    return len(sent)


# ---- the inbox ------------------------------------------------------------------------------------------------------


def test_the_inbox_lists_what_waits_with_number_people_and_amount(browser_of, cast, memos):
    (case,) = submitted(memos, cast.ann)

    answer = browser_of(cast.hao).get("/inbox")

    assert f"{case.number} · Ann · Marketing" in text_of(answer)
    assert "¥10.00" in answer.text and f'href="/inbox?paper={case.id}"' in answer.text


def test_bo_finds_nothing_anywhere(browser_of, cast, memos):
    submitted(memos, cast.ann)
    browser = browser_of(cast.bo)

    told = [text_of(browser.get(path)) for path in PAGES]

    assert not any("A lamp for the hall" in each for each in told)
    assert "Nothing waits for you." in told[2]


def test_a_chosen_paper_stands_beside_the_list_with_its_steps(browser_of, cast, memos):
    (case,) = submitted(memos, cast.ann)

    answer = browser_of(cast.hao).get(f"/inbox?paper={case.id}")

    assert 'class="inbox is-open"' in answer.text
    assert re.search(r'<button[^>]*value="endorse"', answer.text)
    assert answer.text.count('id="pane"') == 1


def test_htmx_gets_the_list_and_the_paper_without_the_frame(browser_of, cast, memos):
    (case,) = submitted(memos, cast.ann)

    answer = browser_of(cast.hao).get(f"/inbox?paper={case.id}", headers={"HX-Request": "true", "HX-Request-Type": "partial"})

    assert answer.text.lstrip().startswith('<div class="inbox is-open" id="inbox">')
    assert "<html" not in answer.text


@pytest.mark.parametrize("paper", ["999999", "0", "-1", "1e9", "x", "9" * 30])
def test_a_paper_one_may_not_read_is_not_there(browser_of, cast, memos, paper):
    submitted(memos, cast.ann)

    assert browser_of(cast.bo).get("/inbox", query_string={"paper": paper}).status_code == 404


def test_a_paper_of_others_is_not_there_beside_the_inbox_either(browser_of, cast, memos):
    (case,) = submitted(memos, cast.ann)

    assert browser_of(cast.bo).get(f"/inbox?paper={case.id}").status_code == 404


@pytest.mark.parametrize(
    "wrong", ["tab=x", "sort=x", "kind=x", "department=x", "least=x", "mark=x", "state=x", "after=x", "after=1-\0"]
)
def test_filters_that_cannot_be_are_let_through(browser_of, cast, memos, wrong):
    (case,) = submitted(memos, cast.ann)

    answer = browser_of(cast.hao).get(f"/inbox?{wrong}")

    assert (answer.status_code, case.number in answer.text) == (200, True)


def test_one_state_may_be_chosen_and_stays_with_other_filters(browser_of, cast, memos):
    (case,) = submitted(memos, cast.ann)
    browser = browser_of(cast.hao)

    here, elsewhere = (browser.get(f"/inbox?kind=memo&state={state}") for state in ("submitted", "endorsed"))

    assert case.number in text_of(here) and '<input type="hidden" name="state" value="submitted">' in here.text
    assert "Nothing here fits these filters." in text_of(elsewhere)


def test_an_acting_post_is_said_on_the_row(browser_of, cast, memos):
    stand_in = {"acting": True, "ends": date(2090, 1, 1), "reason": "away"}
    Grant.create(
        person=cast.sam, role="dept_manager", department=cast.department("Marketing"), starts=date(2020, 1, 1), **stand_in
    )
    submitted(memos, cast.ann)

    assert "Acting" in text_of(browser_of(cast.sam).get("/inbox"))
    assert "Acting" not in text_of(browser_of(cast.hao).get("/inbox"))


def test_the_list_goes_on_by_key_and_shows_every_paper_once(browser_of, cast, memos):
    cases = submitted(memos, cast.ann, 55)
    browser = browser_of(cast.hao)

    first = browser.get("/inbox").text
    more = html.unescape(re.search(r'rel="next" href="([^"]+)"', first).group(1))
    second = browser.get(more).text

    numbers = [re.findall(r"ME-\d{4}-\d{4}(?=</span>·)", each) for each in (first, second)]
    assert [len(each) for each in numbers] == [50, 5]
    assert sorted(numbers[0] + numbers[1]) == sorted(case.number for case in cases)


def test_my_papers_say_who_has_them(browser_of, cast, memos):
    submitted(memos, cast.ann)
    memos.draft(cast.ann, "draft")

    told = text_of(browser_of(cast.ann).get("/inbox?tab=mine"))

    assert "Submitted Waits for Hao" in told
    assert "Draft With you" in told


def test_what_i_decided_is_listed(browser_of, cast, memos):
    (case,) = submitted(memos, cast.ann)
    memos.go(case, (cast.hao, "endorse"))

    assert case.number in text_of(browser_of(cast.hao).get("/inbox?tab=decided"))
    assert "You have not decided anything yet" in text_of(browser_of(cast.mei).get("/inbox?tab=decided"))


def test_titles_stand_apart_and_are_never_markup(browser_of, cast, memos):
    (case,) = submitted(memos, cast.ann)
    Case.update(title="<b>\u202eلمبة</b>").where(Case.id == case.id).execute()

    answer = browser_of(cast.hao).get("/inbox")

    assert "<bdi>&lt;b&gt;\u202eلمبة&lt;/b&gt;</bdi>" in answer.text


# ---- how much it costs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES[2:])
def test_a_list_sends_at_most_eight_statements_however_long_it_is(browser_of, cast, memos, path):
    submitted(memos, cast.ann, 2)
    submitted(memos, cast.hao, 1)
    browser = browser_of(cast.hao)
    few = count_of(browser, path)

    for n in range(20):
        memos.go(memos.draft(cast.hao, f"more{n}"), (cast.hao, "submit"))
        memos.go(memos.draft(cast.ann, f"others{n}"), (cast.ann, "submit"))

    assert count_of(browser, path) == few <= 8


def test_the_first_page_sends_at_most_twelve_statements(browser_of, cast, memos):
    submitted(memos, cast.ann, 3)
    memos.go(memos.draft(cast.hao, "h"), (cast.hao, "submit"))

    assert count_of(browser_of(cast.hao), "/") <= 12


def test_fifty_rows_stay_small_on_the_wire(browser_of, cast, memos):
    submitted(memos, cast.ann, 50)

    assert len(browser_of(cast.hao).get("/inbox").data) < 41_000


# ---- the badge ------------------------------------------------------------------------------------------------------


def test_the_badge_answers_nothing_while_nothing_changed(browser_of, cast, memos):
    browser = browser_of(cast.hao)
    asks = html.unescape(re.search(r'hx-get="(/inbox/badge[^"]+)"', browser.get("/").text).group(1))

    same = browser.get(asks)
    submitted(memos, cast.ann)
    changed = browser.get(asks)

    assert (same.status_code, same.data) == (204, b"")
    assert changed.status_code == 200
    assert '<span class="n hot" id="n-inbox" hx-swap-oob="true">1</span>' in changed.text
    assert 'hx-get="/inbox/badge?seen=1-0"' in changed.text


def test_the_badge_does_not_keep_a_session_alive(browser_of, cast, clock):
    clock.set("2026-03-02 09:00")
    browser = browser_of(cast.ann)

    for _n_times in range(4):
        clock.forward(minutes=10)
        last = browser.get("/inbox/badge")

    assert last.status_code in (303, 401)


# ---- the first page -------------------------------------------------------------------------------------------------


def test_the_first_page_tells_what_waits_what_is_mine_and_what_i_may_start(browser_of, cast, memos):
    (case,) = submitted(memos, cast.ann)
    memos.draft(cast.hao, "own")

    told = text_of(browser_of(cast.hao).get("/"))

    for sentence in ("Waiting for me 1", f"{case.number} · Ann", "My papers", "Draft", "New memo"):
        assert sentence in told


def test_a_returned_paper_is_on_the_first_page(browser_of, cast, memos):
    (case,) = submitted(memos, cast.ann)
    memos.go(case, (cast.hao, "return"), note="which?")

    told = text_of(browser_of(cast.ann).get("/"))

    assert "Returned to me 1" in told
    assert "Hao returned it for correction" in told


# ---- search ---------------------------------------------------------------------------------------------------------


def test_a_number_typed_exactly_leads_to_the_paper_if_one_may_read_it(browser_of, cast, memos):
    (case,) = submitted(memos, cast.ann)

    mine = browser_of(cast.ann).get("/search", query_string={"q": f" {case.number.lower()} "})
    foreign = browser_of(cast.bo).get("/search", query_string={"q": case.number})

    assert (mine.status_code, mine.location) == (303, f"/papers/{case.id}")
    assert (foreign.status_code, "Nothing found" in text_of(foreign)) == (200, True)


def test_search_finds_two_chinese_signs_and_people_and_departments(browser_of, cast, memos):
    case = memos.go(memos.draft(cast.ann, wish="季度办公用纸采购"), (cast.ann, "submit"))
    browser = browser_of(cast.ann)

    told = [text_of(browser.get("/search", query_string={"q": text})) for text in ("办公", "采购", "市场", "hao")]

    assert case.number in told[0] and case.number in told[1]
    assert "办公室" not in told[1] and "Marketing" in told[2]
    assert "People and departments Hao" in told[3]


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "%", '"', "'; DROP TABLE cases", "😀", "\u202e", "* OR *", "a" * 5000, "NEAR(a b)"]
)
def test_search_bears_whatever_is_typed(browser_of, cast, memos, text):
    assert browser_of(cast.ann).get("/search", query_string={"q": text}).status_code == 200


def test_search_says_when_to_narrow_and_goes_on_by_key(browser_of, cast, memos):
    submitted(memos, cast.ann, 52)
    browser = browser_of(cast.ann)

    first = browser.get("/search?q=lamp")
    older = html.unescape(re.search(r'rel="next" href="([^"]+)"', first.text).group(1))

    assert "More than 50 papers fit" in text_of(first)
    assert len(re.findall(r"ME-\d{4}-\d{4}", browser.get(older).text)) == 2


# ---- notices --------------------------------------------------------------------------------------------------------


def test_unread_notices_come_first_and_can_be_marked(browser_of, cast, memos):
    (case,) = submitted(memos, cast.ann)
    for n in range(3):
        notices.tell([cast.ann.id], "decided", _n("%(n)s lamp", "%(n)s lamps", n=n + 1), case)
    oldest = Notice.select().order_by(Notice.id).first()
    browser = browser_of(cast.ann)

    browser.post(f"/notices/{oldest.id}")
    some = text_of(browser.get("/notices"))
    browser.post("/notices/read")
    none = text_of(browser.get("/notices"))

    assert re.search(r"Unread 3 lamps .* 2 lamps .* Read 1 lamp ", some)
    assert "Unread" not in none and len(notices.unread(cast.ann, 100)) == 0


def test_a_notice_leads_to_its_paper(browser_of, cast, memos):
    (case,) = submitted(memos, cast.ann)
    notices.tell([cast.ann.id], "decided", _("A lamp."), case)

    answer = browser_of(cast.ann).post(f"/notices/{Notice.get().id}", data={"open": "1"})

    assert answer.location == f"/papers/{case.id}"


def test_nobody_marks_a_notice_of_somebody_else(browser_of, cast):
    notices.tell([cast.ann.id], "decided", _("A lamp."))
    key = Notice.get().id

    answers = [browser_of(cast.bo).post(f"/notices/{each}").status_code for each in (key, key + 1, "x", "9" * 20)]

    assert answers == [404] * 4
    assert len(notices.unread(cast.ann, 100)) == 1


def test_reading_changes_nothing(browser_of, cast):
    notices.tell([cast.ann.id], "decided", _("A lamp."))

    browser_of(cast.ann).get("/notices")

    assert len(notices.unread(cast.ann, 100)) == 1


# ---- help -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", HELP)
def test_help_is_there_for_everybody(browser_of, cast, path):
    assert browser_of(cast.bo).get(path).status_code == 200


def test_help_tells_every_state_and_step_of_a_flow(browser_of, cast, memos):
    told = text_of(browser_of(cast.bo).get("/help/memo"))

    for here in memos.flow.states.values():
        assert str(here.label) in told
        for way in here.steps:
            assert str(way.label) in told
    assert "Hurry" in told and "each of them" in told


def test_help_of_a_kind_there_is_not_is_not_there(browser_of, cast):
    assert browser_of(cast.bo).get("/help/nothing").status_code == 404


def test_every_kind_has_its_help_page_and_each_rule_it_names_has_a_sentence(browser_of, cast):
    browser = browser_of(cast.bo)

    for name, flow in FLOWS.items():
        named = {*flow.rules, *(rule for here in flow.states.values() for way in here.steps for rule in way.rules)}
        assert browser.get(f"/help/{name}").status_code == 200
        assert named <= RULES.keys()


@pytest.mark.no_database
def test_every_rule_stands_in_a_chapter():
    assert {chapter(rule) for rule in RULES} == CHAPTERS.keys()


def test_the_matrix_says_who_takes_which_step(browser_of, cast):
    table = browser_of(cast.bo).get("/help/memo").text
    heads = re.findall(r'<th scope="col">([^<]+)</th>', table)
    cells = re.search(r'<th scope="row">Endorse</th>(.*?)</tr>', table, re.S).group(1).split("</td>")

    may = {head for head, cell in zip(heads, cells, strict=False) if ">yes<" in cell}

    assert may == {"Department manager"}
