"""The pages of wishes and draws: the basket, the custodian's desk, granting, receiving, and what the office is suggested."""

from __future__ import annotations

import re

import pytest

from portal import contents, db, steps
from portal.cases import Case
from portal.flow import FLOWS
from portal.persons import Grant, Person
from portal.stock.models import levels
from portal.stock.rules import count_content
from portal.supplies.models import DrawLine, DrawWish, Suggestion
from portal.supplies.models_draws import lines_of_wish
from portal.supplies.rules_wishes import basket_of, in_basket
from tests import catalogue, draws
from tests.counting import statements
from tests.draws import drawn, granted, lines, pens, state, wished
from tests.test_spending_pages import post, text_of


@pytest.fixture(autouse=True)
def everybody_reads_english(cast):
    Person.update(language="en").execute()


@pytest.fixture
def bo(cast):
    return draws.keeper(cast)


@pytest.fixture
def ann(cast):
    """Ann works in IT here, where Bo is the custodian."""
    Person.update(department=cast.department("IT")).where(Person.user == "ann").execute()
    return cast.ann


def line_of(wish):
    ((line,),) = db.rows("SELECT id FROM wish_lines WHERE case_id = ? AND version = ?", wish.id, wish.version)
    return line


def basket(person):
    return in_basket(basket_of(person))


# ---- the basket -----------------------------------------------------------------------------------------------------


def test_sup_02_five_things_are_asked_for_with_a_click_each_and_one_more(cast, client, ann):
    items = [pens(cast, code=f"THING-{n}") for n in range(5)]
    browser = client(ann)

    typed: dict[str, object] = {}
    for item in items:
        answer = post(browser, "/supplies/shop", typed | {"add": item.id})
        typed = {f"n-{key}": quantity for key, quantity in basket(ann)[0].items()}
        assert (answer.status_code, answer.location) == (303, "/supplies/shop#basket")
    answer = post(browser, "/supplies/shop", typed | {"do": "submit"})

    case = Case.get(Case.kind == "wish")
    assert (answer.location, case.state, len(typed)) == (f"/papers/{case.id}", "submitted", 5)


def test_sup_02_quantities_are_stepped_typed_and_taken_out(cast, client, ann):
    pen, paper = pens(cast), pens(cast, code="PAPER")
    browser = client(ann)

    post(browser, "/supplies/shop", {"add": pen.id})
    post(browser, "/supplies/shop", {f"n-{pen.id}": "7", "add": paper.id, "text": ["A stapler"], "note": "For the fair"})
    post(browser, "/supplies/shop", {f"n-{pen.id}": "7", f"n-{paper.id}": "1", "less": paper.id, "text": ["A stapler"]})

    assert basket(ann) == ({pen.id: 7}, ["A stapler"])
    page = browser.get("/supplies/shop").text
    assert f'name="n-{pen.id}"' in page
    assert f'name="n-{paper.id}"' not in page


def test_sup_02_what_was_taken_out_is_put_back_with_one_click(cast, client, ann):
    pen, paper = pens(cast), pens(cast, code="PAPER")
    browser = client(ann)
    post(browser, "/supplies/shop", {f"n-{pen.id}": "7", f"n-{paper.id}": "2"})

    out = post(browser, "/supplies/shop", {f"n-{pen.id}": "0", f"n-{paper.id}": "2"}).location.partition("#")[0]
    button = re.search(r'name="back" value="([^"]+)"', browser.get(out).text)[1]
    back = post(browser, out, {f"n-{paper.id}": "2", "back": button})

    assert basket(ann)[0] == {pen.id: 7, paper.id: 2}
    assert 'name="back"' not in browser.get(back.location.partition("#")[0]).text
    assert all(browser.get(f"/supplies/shop?out={each}").status_code == 200 for each in ("x", "99999999999-1", "1-99999", "-"))


def test_sup_02_what_is_no_number_is_said_beside_it_and_the_rest_is_kept(cast, client, ann):
    pen = pens(cast)

    answer = post(client(ann), "/supplies/shop", {f"n-{pen.id}": "many", "note": "For the fair", "do": "submit"})

    assert answer.status_code == 422
    assert 'value="For the fair"' in answer.text


def test_sup_02_last_times_wish_is_one_click(cast, client, ann):
    pen = pens(cast)
    wished(ann, {pen: 3})

    post(client(ann), "/supplies/shop", {"do": "again"})

    assert basket(ann) == ({pen.id: 3}, [])


def test_sup_02_a_wish_sent_back_is_corrected_in_the_basket(cast, client, ann, bo):
    pen = pens(cast)
    wish = wished(ann, {pen: 3})
    steps.take(bo, wish.id, "return", note="So many?", given="draft")
    browser = client(ann)

    to = browser.get(f"/papers/{wish.id}/edit")
    answer = post(browser, to.location, {f"n-{pen.id}": "1", "do": "submit"})

    assert to.location == f"/supplies/shop?paper={wish.id}"
    assert (answer.status_code, state(wish), Case.select().where(Case.kind == "wish").count()) == (303, "submitted", 1)
    assert client(cast.hao).get(f"/supplies/shop?paper={wish.id}").status_code == 404


def test_copying_a_wish_opens_the_basket_with_it(cast, client, ann):
    wish = wished(ann, {pens(cast): 3})
    browser = client(ann)

    to = browser.get(f"/papers/new/wish?copy={wish.id}")

    assert to.location == f"/supplies/shop?copy={wish.id}"
    assert 'value="3"' in browser.get(to.location).text
    assert basket_of(ann) is None


def test_no_stock_figure_stands_where_everybody_asks(cast, client, ann):
    pens(cast, on_hand=86_421)

    assert "86" not in re.sub(r"[0-9a-f]{8,}", "", text_of(client(ann).get("/supplies/shop")))


# ---- the desk -------------------------------------------------------------------------------------------------------


def desk(browser, **more):
    return post(browser, "/supplies/desk", {"token": "a-token-of-the-form", "version": "0"} | more)


def test_sup_16_wishes_are_filed_as_they_stand_with_one_click(cast, client, ann, bo):
    pen, paper = pens(cast), pens(cast, code="PAPER")
    wishes = [wished(ann, {pen: 2}), wished(ann, {paper: 1}), wished(ann, {pen: 1})]
    browser = client(bo)
    page = browser.get("/supplies/desk").text
    shown = dict(re.findall(r'name="(take-\d+)" value="(\d+)"', page))

    answer = desk(browser, do="file", **shown)

    case = Case.get(Case.kind == "draw")
    assert (answer.status_code, answer.location, case.state) == (303, f"/papers/{case.id}", "submitted")
    assert [(line.item_id, line.quantity) for line in lines(case)] == [(pen.id, 3), (paper.id, 1)]
    assert [state(wish) for wish in wishes] == ["filed"] * 3


def test_sup_16_less_than_was_wished_needs_a_reason_beside_it(cast, client, ann, bo):
    line = line_of(wished(ann, {pens(cast): 3}))
    browser = client(bo)

    refused = desk(browser, do="file", **{f"take-{line}": "1"})
    taken = desk(browser, do="file", **{f"take-{line}": "1", f"why-{line}": "One is enough"})

    assert refused.status_code == 422
    assert f'id="why-{line}-err1"' in refused.text
    assert taken.status_code == 303
    assert [(each.quantity, each.reason) for each in DrawWish.select()] == [(1, "One is enough")]


def test_sup_02_above_the_limit_is_marked_before_it_is_sent(cast, client, ann, bo):
    pen = pens(cast, on_hand=100, most=2)
    line = line_of(wished(ann, {pen: 3}))
    browser = client(bo)

    assert "Above the limit" in browser.get("/supplies/desk").text
    refused = desk(browser, do="file", **{f"take-{line}": "3"})
    filed = desk(browser, do="file", **{f"take-{line}": "3", f"reason-{pen.id}": "Trade fair"})

    assert refused.status_code == 422
    assert "Gel pen: the limit leaves 2 this month." in text_of(refused)
    assert (filed.status_code, Case.get(Case.kind == "draw").state) == (303, "special")


def test_a_wish_left_empty_stays_and_own_needs_are_added_by_code(cast, client, ann, bo):
    line, paper = line_of(wished(ann, {pens(cast): 3})), pens(cast, code="PAPER")
    browser = client(bo)

    unknown = desk(browser, do="file", **{f"take-{line}": "", "item-1": "NONE", "quantity-1": "2"})
    filed = desk(browser, do="file", **{f"take-{line}": "", "item-1": "paper", "quantity-1": "2"})

    assert unknown.status_code == 422
    assert "There is no item of this code in the catalogue." in text_of(unknown)
    assert filed.status_code == 303
    assert [(each.item_id, each.quantity) for each in DrawLine.select()] == [(paper.id, 2)]
    assert state(Case.get(Case.kind == "wish")) == "submitted"


def test_a_draft_of_the_desk_is_gone_on_with(cast, client, ann, bo):
    pen = pens(cast)
    line = line_of(wished(ann, {pen: 3}))
    browser = client(bo)

    desk(browser, do="save", **{f"take-{line}": "2", f"why-{line}": "Two", f"own-{pen.id}": "4"})
    case = Case.get(Case.kind == "draw")
    page = browser.get(browser.get(f"/papers/{case.id}/edit").location).text
    answer = post(
        browser, f"/supplies/desk?paper={case.id}",
        {"version": "1", "do": "file", f"take-{line}": "2", f"why-{line}": "Two", f"own-{pen.id}": "5"},
    )  # fmt: skip

    assert f'name="take-{line}" value="2"' in page
    assert f'name="own-{pen.id}" value="4"' in page
    assert answer.status_code == 303
    assert [(line.version, line.quantity) for line in lines(case)] == [(2, 7)]


def test_the_desk_works_it_out_while_one_types(cast, client, ann, bo):
    pen = pens(cast, most=2)
    line = line_of(wished(ann, {pen: 1}))
    browser = client(bo)
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/password").text)[1]

    answer = browser.post(
        "/supplies/desk", data={"csrf_token": token, f"take-{line}": "1", f"own-{pen.id}": "2"}, headers={"HX-Request": "true"}
    )

    assert "<html" not in answer.text
    assert "Above the limit" in answer.text
    assert Case.select().where(Case.kind == "draw").count() == 0


def test_sup_16_anybody_else_is_refused_with_the_custodians_name(cast, client, ann, bo):
    browser = client(ann)

    for path in ("/papers/new/draw", "/supplies/desk"):
        assert browser.get(path).status_code == 403
        assert post(browser, path, {"do": "file"}).status_code == 403
    answer = text_of(post(browser, "/papers/new/draw", {"title": "Pens"}))

    assert "Only Bo files draws for IT, as its custodian of supplies. Put what you need into your basket" in answer


def test_sup_16_the_head_says_why_the_custodian_does_not_file(cast, client, ann, bo):
    Grant.create(person=cast.hao, role="dept_manager", department=cast.department("IT"), starts=catalogue.LONG_AGO, reason="test")
    Grant.delete().where(Grant.person == cast.hao, Grant.department == cast.department("Marketing")).execute()
    line = line_of(wished(ann, {pens(cast): 3}))
    browser = client(cast.hao)

    refused = desk(browser, do="file", **{f"take-{line}": "3"})
    filed = desk(browser, do="file", away="Bo is ill", **{f"take-{line}": "3"})

    assert refused.status_code == 422
    assert "Bo is the custodian: you file only while Bo is away. Say why." in text_of(refused)
    assert "Filed in place of Bo: Bo is ill" in text_of(browser.get(filed.location))


def test_sup_18_who_counts_an_item_does_not_read_its_stock_in_a_draw(cast, client, bo):
    pen = pens(cast, on_hand=86_421)
    case = drawn(bo, {pen: 2})
    wished(bo, {pen: 1})
    for counter in (bo, cast.sam):
        content = count_content("Shelf", counter, "supply")
        count = steps.take(cast.sam, contents.create(FLOWS["count"], cast.sam, content, f"count by {counter.id}").id, "begin")
        paths = ["/supplies/desk"] if counter == bo else [f"/supplies/draws/{case.id}/grant"]
        browser = client(counter)

        told = [text_of(browser.get(path)) for path in (*paths, f"/papers/{case.id}", f"/papers/{case.id}/print")]

        assert all("being counted" in each and "86,421" not in each for each in told)
        steps.take(cast.sam, count.id, "cancel", note="Enough seen")


# ---- granting and receiving -----------------------------------------------------------------------------------------


def test_sup_05_the_office_grants_less_line_by_line(cast, client, bo):
    case = drawn(bo, {pens(cast): 4})
    (line,) = lines(case)
    browser = client(cast.sam)
    path = f"/supplies/draws/{case.id}/grant"
    sent = {"state": case.state, "version": case.version}

    assert f'href="{path}"' in browser.get(f"/papers/{case.id}").text
    refused = post(browser, path, sent | {f"granted-{line.id}": "3"})
    done = post(browser, path, sent | {f"granted-{line.id}": "3", f"reason-{line.id}": "Few are left"})

    assert (refused.status_code, done.status_code, state(case)) == (422, 303, "approved")
    page = text_of(browser.get(f"/papers/{case.id}"))
    assert "Few are left" in page


def test_sup_12_the_receiver_declines_line_by_line(cast, client, bo):
    pen = pens(cast)
    case = steps.take(cast.sam, granted(cast.sam, drawn(bo, {pen: 4})).id, "issue")
    (line,) = lines(case)
    browser = client(bo)
    path = f"/supplies/draws/{case.id}/decline"
    sent = {"state": "issued", "version": case.version}

    refused = post(browser, path, sent | {f"declined-{line.id}": "9", f"reason-{line.id}": "Dry"})
    done = post(browser, path, sent | {f"declined-{line.id}": "1", f"reason-{line.id}": "Dry"})

    assert (refused.status_code, done.status_code, state(case)) == (422, 303, "received")
    assert levels([pen.id])[pen.id].on_hand == 7


def test_sup_12_the_issue_note_is_printed(cast, client, bo):
    case = granted(cast.sam, drawn(bo, {pens(cast): 4}))

    page = client(cast.sam).get(f"/supplies/draws/{case.id}/note")

    assert page.status_code == 200
    assert "Issue note" in page.text
    assert case.number in page.text


def test_the_wisher_reads_both_numbers_the_reasons_and_where_it_stands(cast, client, ann, bo):
    pen = pens(cast)
    wish = wished(ann, {pen: 9})
    case = drawn(bo, {pen: 7}, taken={line_of(wish): (7, "Nine are too many")})
    draws.granted_less(cast.sam, case, 4)

    page = text_of(client(ann).get(f"/papers/{wish.id}"))

    assert all(each in page for each in (
        "Why not all were taken over: Nine are too many", "Why not all were granted: Too many", "To be issued", case.number,
        "In a draw",
    ))  # fmt: skip
    assert "Standing(" not in page


# ---- suggestions ----------------------------------------------------------------------------------------------------


def test_sup_02_the_office_answers_a_suggestion_on_its_page(cast, client, ann):
    pens(cast)
    wish = wished(ann, {}, "A label printer")
    (suggestion,) = Suggestion.select()
    browser = client(cast.sam)
    path = f"/supplies/suggestions/{suggestion.id}"

    assert "A label printer" in browser.get("/supplies/suggestions").text
    refused = post(browser, path, {"events": suggestion.events, "answer": "added", "item": "NONE"})
    done = post(browser, path, {"events": suggestion.events, "answer": "added", "item": "PEN"})

    assert (refused.status_code, done.status_code, state(wish)) == (422, 303, "answered")
    assert "Gel pen" in text_of(client(ann).get(f"/papers/{wish.id}"))


# ---- how many questions ---------------------------------------------------------------------------------------------


def _asked(browser, path):
    browser.get(path)
    with statements() as sent:
        assert browser.get(path).status_code == 200
    return len(sent)


def test_req_30_the_pages_ask_as_little_however_long_they_are(cast, client, ann, bo):
    items = [pens(cast, code=f"THING-{n}") for n in range(8)]
    office = cast.sam

    def asked_for(wanted):
        wish, open_wish = wished(ann, wanted), wished(ann, wanted)
        taken = {line.id: (line.quantity, "") for line in lines_of_wish(wish)}
        draft, late = wished(ann, wanted), drawn(bo, wanted)
        case, issued = drawn(bo, wanted, taken=taken), granted(office, drawn(bo, wanted))
        steps.take(ann, draft.id, "withdraw")
        steps.take(office, late.id, "return", note="Why?", given="draft")
        return {
            "shop": (ann, "/supplies/shop"),
            "desk": (bo, "/supplies/desk"),
            "draft at the desk": (bo, f"/supplies/desk?paper={late.id}"),
            "basket": (ann, f"/papers/{draft.id}"),
            "wish": (ann, f"/papers/{open_wish.id}"),
            "wish to take over": (bo, f"/papers/{open_wish.id}"),
            "wish in a draw": (ann, f"/papers/{wish.id}"),
            "draft": (bo, f"/papers/{late.id}"),
            "draw": (bo, f"/papers/{case.id}"),
            "draw to grant": (office, f"/papers/{case.id}"),
            "draw to issue": (office, f"/papers/{issued.id}"),
        }

    few = {name: _asked(client(person), path) for name, (person, path) in asked_for({items[0]: 1}).items()}
    many = {name: _asked(client(person), path) for name, (person, path) in asked_for(dict.fromkeys(items, 1)).items()}

    assert many == few
    assert {name: count for name, count in few.items() if count > (8 if name == "shop" else 14)} == {}
