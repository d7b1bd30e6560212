"""The pages of stock: levels, movements, labels, and a count in the browser, from its list to what it found."""

from __future__ import annotations

import io
import re
import secrets
import zipfile

import pytest

from portal import contents, steps
from portal.cases import Case
from portal.stock.models import Tally
from portal.stock.models_counts import lines_of
from portal.stock.rules import COUNT, count_content
from tests import catalogue, crawling, posts, shelf, stocktakes
from tests.counting import statements
from tests.stocktakes import begun, count, findings, handed_in, verified
from tests.test_spending_pages import everybody_reads_english, text_of  # noqa: F401


@pytest.fixture(autouse=True)
def forms_without_tokens(app):
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def office(cast):
    return stocktakes.office(cast)


# ---- levels ---------------------------------------------------------------------------------------------------------


def test_the_list_shows_what_is_on_hand_held_and_free(cast, client):
    pens = shelf.item("PEN", 10)
    shelf.held(pens, 4)

    text = client(cast.sam).get("/stock").text

    assert re.findall(r'data-label="(?:On hand|Held|Free)">(?:<b>)?(\d+)<', text) == ["10", "4", "6"]


def test_the_list_is_narrowed_by_category_place_level_and_words(cast, client):
    ink = shelf.category("墨盒", "Cartridges")
    shelf.item("PEN", 10), shelf.item("PAPER", 0, place="B2"), shelf.item("INK", 3, in_category=ink)
    sam = client(cast.sam)

    found = {
        asked: [code for code in ("PEN", "PAPER", "INK") if f">{code}</bdi>" in sam.get(f"/stock?{asked}").text]
        for asked in (f"category={ink.id}", "place=B2", "level=none", "level=some", "q=gel", "q=复印", "q=%25", "state=unused")
    }

    assert found == {
        f"category={ink.id}": ["INK"], "place=B2": ["PAPER"], "level=none": ["PAPER"], "level=some": ["PEN", "INK"],
        "q=gel": ["PEN"], "q=复印": ["PAPER"], "q=%25": [], "state=unused": [],
    }  # fmt: skip


def test_the_export_says_what_the_list_says(cast, client):
    shelf.held(shelf.item("PEN", 10), 4)

    rows = client(cast.sam).get("/stock/export/csv?q=pen").text.splitlines()

    assert rows[1:] == ["PEN,签字笔,Gel pen,Stationery,支,A1,10,4,6"]
    assert client(cast.sam).get("/stock/export/xlsx").status_code == 200
    assert client(cast.sam).get("/stock/export/pdf").status_code == 404


def test_the_list_goes_on_by_code(cast, client):
    for n in range(53):
        shelf.item(f"T{n:02d}", 1)
    sam = client(cast.sam)

    assert "T49" in sam.get("/stock").text and "T50" not in sam.get("/stock").text
    assert "T50" in sam.get("/stock?after=T49").text


def test_each_movement_stands_with_its_balance_and_its_paper(cast, client, office):
    pens = shelf.item("PEN", 10)
    shelf.taken(pens, 3)
    case = verified(office, PEN=9)
    steps.take(office.bo, case.id, "approve")

    page = client(cast.sam).get(f"/stock/items/{pens.id}")
    rows = client(cast.sam).get(f"/stock/items/{pens.id}/movements").text.splitlines()

    assert f'href="/papers/{case.id}"' in page.text and case.number in page.text
    assert [row.split(",")[1:5] for row in rows[1:]] == [
        ["Came in", "2", "9", "9"], ["Issued", "-3", "7", "7"], ["Set aside", "3", "10", "7"], ["Came in", "10", "10", "10"],
    ]  # fmt: skip
    assert f"Count {case.number}: Lost" in rows[1]


def test_movements_go_on_page_by_page_with_the_same_balances(cast, client):
    pens = shelf.item("PEN", 0)
    for _n in range(60):
        shelf.put(pens, 1)
    sam = client(cast.sam)

    first = sam.get(f"/stock/items/{pens.id}").text
    (older,) = re.findall(r'rel="next" href="([^"]+)"', first)
    rest = sam.get(older.replace("&amp;", "&")).text

    assert first.count("<tr data-row") == 50 and rest.count("<tr data-row") == 10
    assert re.search(r'On hand after"><b>10</b>', rest) and re.search(r'On hand after"><b>1</b>', rest)


def test_lists_ask_the_database_little(cast, client, office):
    for n in range(40):
        shelf.item(f"T{n:02d}", 5)
    case = handed_in(office, **{f"T{n:02d}": 5 + n % 2 for n in range(40)})
    sam = client(cast.sam)
    first = Case.get_by_id(case.id)

    for path, most in (("/stock", 8), (f"/stock/items/{lines_of(first.id)[0].item}", 8), (f"/papers/{case.id}", 12)):
        sam.get(path)
        with statements() as sent:
            assert sam.get(path).status_code == 200
        assert len(sent) <= most, "\n".join(sent)


# ---- a count in the browser -----------------------------------------------------------------------------------------


def test_a_count_is_made_one_item_after_the_other_on_a_phone(office, client):
    shelf.item("PEN", 10), shelf.item("PAPER", 5, place="B2")
    case = begun(office.sam, office.ann)
    ann, url = client(office.ann), f"/stock/counts/{case.id}/count"

    assert "Gel pen" in ann.get(url).text
    assert 'value="1"' in ann.post(url, data={"line": "1", "counted": "", "do": "more"}).text
    assert Tally.select().count() == 0
    assert ann.post(url, data={"line": "1", "counted": "9", "do": "save"}).headers["Location"].endswith("?line=2")
    refused = ann.post(url, data={"line": "2", "counted": "", "do": "save"})
    assert (refused.status_code, "0 if there is none" in refused.text) == (422, True)
    done = ann.post(url, data={"line": "2", "counted": "", "missing": "Locked", "do": "missing"})
    assert done.headers["Location"].endswith("/list")
    handed = ann.post(f"/papers/{case.id}/steps", data={"step": "hand_in", "state": "counting", "version": "1"})

    assert handed.status_code == 303
    assert [(line.code, line.counted, line.missing) for line in lines_of(case.id)] == [("PEN", 9, ""), ("PAPER", None, "Locked")]
    assert Case.get_by_id(case.id).state == "verifying"


def test_a_count_is_made_as_a_list_whole_or_not_at_all(office, client):
    shelf.item("PEN", 10), shelf.item("PAPER", 5, place="B2")
    case = begun(office.sam, office.ann)
    ann, url = client(office.ann), f"/stock/counts/{case.id}/list"

    refused = ann.post(url, data={"counted-1": "7", "counted-2": "many"})
    assert (refused.status_code, Tally.select().count()) == (422, 0)
    assert 'value="many"' in refused.text and 'value="7"' in refused.text
    assert ann.post(url, data={"counted-1": "7", "missing-1": "x"}).status_code == 422
    assert ann.post(url, data={"counted-1": "7", "missing-2": "Locked"}).status_code == 303

    assert [(line.counted, line.missing) for line in lines_of(case.id)] == [(7, ""), (None, "Locked")]
    assert "Hand in" in ann.get(url).text


def test_a_label_leads_to_the_line_one_counts_else_to_the_item(office, client):
    pens = shelf.item("PEN", 10)
    case = begun(office.sam, office.ann)

    ways = [client(person).get(f"/stock/items/{pens.id}/scan") for person in (office.ann, office.sam, office.cai)]

    assert [each.headers.get("Location") for each in ways] == [
        f"/stock/counts/{case.id}/count?line=1", None, None,
    ]  # fmt: skip
    assert [each.status_code for each in ways] == [303, 200, 403]
    by_code = client(office.ann).get(f"/stock/counts/{case.id}/count?code=pen")
    assert by_code.headers["Location"].endswith("count?line=1")


def test_the_verifier_sees_books_movements_and_differences(office, client):
    pens = shelf.item("PEN", 10)
    case = begun(office.sam, office.ann)
    shelf.put(pens, 5)
    count(case, PEN=12)
    steps.take(office.ann, case.id, "hand_in")
    hao, url = client(office.hao), f"/stock/counts/{case.id}/verify"

    page = hao.get(url)
    (entry,) = re.findall(r'name="in" value="(\d+)"', page.text)
    sent = {"state": "verifying", "version": "1", "seen": entry, "do": "verify"}
    line = lines_of(case.id)[0].id
    refused = hao.post(url, data=sent | {"in": entry})
    looked = hao.post(url, data=sent | {"do": "look"})
    taken = hao.post(url, data=sent | {f"reason-{line}": "Two more in a drawer"})

    assert "What moved while it was counted" in text_of(page)
    assert (refused.status_code, "Say why" in refused.text) == (422, True)
    assert (looked.status_code, "+2" in looked.text) == (200, True)
    assert (taken.status_code, Case.get_by_id(case.id).state) == (303, "verified")
    assert "Two more in a drawer" in client(office.bo).get(f"/papers/{case.id}").text


def test_the_verifier_sends_items_back(office, client):
    shelf.item("PEN", 10)
    case = handed_in(office, PEN=3)
    hao, url = client(office.hao), f"/stock/counts/{case.id}/verify"
    sent = {"state": "verifying", "version": "1", "seen": "0", "do": "return", "again": str(lines_of(case.id)[0].id)}

    refused = hao.post(url, data=sent)
    taken = hao.post(url, data=sent | {"note": "There is a second drawer"})

    assert (refused.status_code, "Say why, so that the others can follow" in refused.text) == (422, True)
    assert (taken.status_code, Case.get_by_id(case.id).state) == (303, "counting")


def test_nobody_verifies_by_address_who_may_not(office, client):
    shelf.item("PEN", 10)
    case = handed_in(office, PEN=3)
    url = f"/stock/counts/{case.id}/verify"

    assert [client(person).get(url).status_code for person in (office.ann, office.sam, office.cai, office.lin, office.hao)] == [
        403, 403, 404, 403, 200,
    ]  # fmt: skip
    assert [client(person).post(url, data={"do": "look"}).status_code for person in (office.ann, office.lin)] == [403, 403]


def test_a_count_is_started_with_the_form(office, client):
    shelf.item("PEN", 10)
    typed = {"token": secrets.token_urlsafe(18), "version": "0", "title": "Shelf A", "kind": "supply", "counter": office.ann.id}

    sent = client(office.sam).post("/papers/new/count", data=typed | {"category": "", "place": "A1", "do": "submit"})

    assert sent.status_code == 303
    case = Case.get(Case.kind == "count")
    assert (case.state, case.preparer_id, lines_of(case.id)[0].code) == ("counting", office.ann.id, "PEN")
    assert client(office.ann).get("/papers/new/count").status_code == 403


# ---- blind ----------------------------------------------------------------------------------------------------------

TELLTALE = 73914


@pytest.fixture
def counting(office):
    """Hao, a clerk who may see all figures, counts; the books say 73914 pens, and something of them is held and moved."""
    pens = shelf.item("PEN", TELLTALE)
    shelf.item("PAPER", 5, place="B2")
    return begun(office.sam, office.hao), pens


def tells(answer) -> bool:
    """Whether the figure stands anywhere in the answer, with its marks or without, in its headers or inside a workbook."""
    sent = answer.get_data()
    if sent.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(sent)) as book:
            sent = b"".join(book.read(name) for name in book.namelist())
    text = sent.decode("utf-8", "ignore") + str(answer.headers)
    return any(figure in text for figure in (str(TELLTALE), f"{TELLTALE:,}"))


class Noting:
    """A browser that keeps which addresses told the figure."""

    def __init__(self, browser) -> None:
        self.browser, self.read, self.telling = browser, 0, []

    def get(self, path, **more):
        answer = self.browser.get(path, **more)
        self.read += 1
        self.telling += [path] if tells(answer) else []
        return answer


PATHS = [
    "/", "/stock", "/stock?q=pen", "/stock?level=some", "/stock?level=free", "/stock/export/csv", "/stock/items/{item}",
    "/stock/items/{item}/movements", "/stock/items/{item}/scan", "/stock/labels", "/stock/counts", "/stock/counts?tab=closed",
    "/stock/counts/{case}/count", "/stock/counts/{case}/count?line=1", "/stock/counts/{case}/count?code=PEN",
    "/stock/counts/{case}/list", "/stock/counts/{case}/sheet", "/stock/counts/{case}/verify", "/papers/{case}",
    "/papers/{case}?pane=1", "/papers/{case}/print", "/papers", "/papers?kind=count", "/search?q=pen", "/notices",
    "/papers/new/count?copy={case}",
]  # fmt: skip


@pytest.mark.parametrize("state", ["counting", "verifying", "verified"])
def test_sup_18_nothing_the_counter_gets_carries_the_figure_of_the_books(office, client, counting, state):
    case, pens = counting
    if state != "counting":
        count(case, PEN=TELLTALE - 20000, PAPER=5)
        steps.take(office.hao, case.id, "hand_in")
    if state == "verified":
        steps.take(office.bo, case.id, "verify", given=findings(case))
    assert Case.get_by_id(case.id).state == state
    hao, fragment = client(office.hao), {"HX-Request": "true", "HX-Request-Type": "partial"}

    for path in (each.format(case=case.id, item=pens.id) for each in PATHS):
        for headers in ({}, fragment):
            assert not tells(hao.get(path, headers=headers, buffered=True)), path
    for data in (
        {"line": "1", "counted": "5", "do": "more"},
        {"line": "1", "counted": "", "do": "save"},
        {"line": "1", "counted": "7", "do": "save"},
    ):
        for headers in ({}, fragment):
            assert not tells(hao.post(f"/stock/counts/{case.id}/count", data=data, headers=headers)), data
    assert not tells(hao.post(f"/stock/counts/{case.id}/list", data={"counted-1": "x"}))
    assert not tells(hao.post(f"/papers/{case.id}/steps", data={"step": "hand_in", "state": "counting", "version": "1"}))
    assert not tells(hao.post(f"/papers/{case.id}/steps", data={"step": "verify", "state": state, "version": "1"}))


def test_the_others_see_the_figure(office, client, counting):
    """The tell-tale figure tells: who does not count finds it."""
    _case, pens = counting
    sam = client(office.sam)

    assert all(tells(sam.get(path)) for path in ("/stock", "/stock/export/csv", f"/stock/items/{pens.id}"))


def test_no_filter_tells_the_counter_that_something_is_there(office, client, counting):
    hao = client(office.hao)

    seen = {level: "Gel pen" in hao.get(f"/stock?level={level}").text for level in ("", "some", "none", "free", "held")}

    assert seen == {"": True, "some": False, "none": False, "free": False, "held": False}


def test_once_it_is_closed_the_counter_sees_what_it_found(office, client, counting):
    case, _pens = counting
    count(case, PEN=TELLTALE - 1, PAPER=5)
    steps.take(office.hao, case.id, "hand_in")
    steps.take(office.bo, case.id, "verify", given=findings(case))
    steps.take(office.mei, case.id, "approve")

    assert tells(client(office.hao).get(f"/papers/{case.id}"))


def test_sheets_and_labels_are_drawn(office, client, counting):
    case, _pens = counting

    sheet = client(office.hao).get(f"/stock/counts/{case.id}/sheet").text
    labels = client(office.sam).get("/stock/labels?place=B2").text

    assert sheet.count('<svg class="qr"') + sheet.count('class="qr"') >= 2 and "Gel pen" in sheet
    assert "Copy paper" in labels and "Gel pen" not in labels


def test_a_draft_says_how_many_items_it_would_list(office, client):
    shelf.item("PEN", 10)
    case = contents.create(COUNT, office.sam, count_content("Shelf A", office.ann, "supply"), secrets.token_hex(8))

    assert "1 item now" in text_of(client(office.sam).get(f"/papers/{case.id}"))


def test_sup_18_no_page_a_link_leads_to_tells_the_counter_the_figure(office, app, client):
    """Hao is clerk, head and custodian at once: he follows every link there is."""
    posts.grant(office.hao, "supplies_custodian", office.department("Marketing"))
    catalogue.supply(office, "PEN", TELLTALE, reorder_level=TELLTALE + 86)
    catalogue.supply(office, "CLIP", 5)
    begun(office.sam, office.hao)
    hao, sam = Noting(client(office.hao)), Noting(client(office.sam))

    for browser in (hao, sam):
        assert list(crawling.pages(app, browser))

    assert hao.telling == []
    assert {"/stock", "/supplies/low", "/stock/export/xlsx", "/stock/export/csv"} <= set(sam.telling), (
        "who does not count is told"
    )
