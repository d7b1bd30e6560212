"""Low stock, consumption against limits, open receipts and stocktake differences: each page, and the same rows to take away."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from portal import clock, db
from portal.cases import Case, Reader, Task, next_number
from portal.persons import Person
from portal.stock.models import STOCK, Count, CountLine
from portal.supplies.models import Draw, DrawLine
from portal.supplies.models_catalogue import first_of, month_after, this_month
from portal.supplies.models_reports import count_low, low_stock
from tests.catalogue import custodian, drawn, limit, supply
from tests.counting import statements
from tests.posts import grant
from tests.test_spending_pages import everybody_reads_english, text_of  # noqa: F401

MONTH = f"{first_of(this_month()):%Y-%m}"


@pytest.fixture
def manager(cast):
    grant(cast.bo, "dept_manager", cast.department("Office"))
    return cast.bo


@db.transaction
def paper(kind, person, state, **more):
    """A paper as it stands after its flow; what the flow does is tried elsewhere."""
    now = clock.now()
    case = Case.create(
        kind=kind, number=next_number("X"), title=f"A {kind}", requester=person, preparer=person, beneficiary=person,
        department=person.department, state=state, created_at=now, submitted_at=now,
        token=f"{kind} {Case.select().count()}", **more,
    )  # fmt: skip
    Reader.create(case=case, post=f"#{person.id}")
    return case


def draw(person, state, *lines, issued=None):
    case = paper("draw", person, state)
    Draw.create(case=case, approved_at=clock.now(), issued_at=issued)
    for n, (item, granted, kept) in enumerate(lines, 1):
        DrawLine.create(
            case=case,
            version=1,
            n=n,
            item=item,
            quantity=granted,
            granted=granted,
            issued=kept,
            stock=0,
            half_year=0,
            suggested=0,
        )
    return case


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))[1:]


# ---- low stock ------------------------------------------------------------------------------------------------------


def test_sup_07_what_is_at_its_level_runs_low_and_an_unused_item_never_does(cast):
    last = month_after(this_month(), -1)
    supply(cast, "ENOUGH", on_hand=11, reorder_level=10)
    level = supply(cast, "LEVEL", on_hand=10, reorder_level=10, per_purchase=12)
    used = supply(cast, "USED", on_hand=3)
    supply(cast, "UNUSED"), supply(cast, "NOTHING", reorder_level=0), supply(cast, "OLD", reorder_level=9, active=False)
    drawn(cast.department("Marketing"), used, 13, last)
    drawn(cast.department("IT"), used, 5, month_after(last, -5))
    drawn(cast.department("IT"), used, 500, month_after(last, -6))

    found = {each.entry.code: each for each in low_stock()}

    assert sorted(found) == ["LEVEL", "USED"] and count_low() == 2
    assert (found["LEVEL"].level, found["LEVEL"].suggested, found["LEVEL"].packs) == (10, 12, 1)
    assert (found["USED"].level, found["USED"].half_year, found["USED"].suggested) == (3, 18, 3)
    assert [each.entry.code for each in low_stock([level.id])] == ["USED"]


def test_what_waits_for_goods_leads_the_list_and_is_suggested(cast):
    pen, clip = supply(cast, "PEN", on_hand=50), supply(cast, "CLIP", on_hand=1, reorder_level=5)
    waiting = draw(cast.ann, "waiting", (pen, 60, 0), (clip, 1, 0))
    draw(cast.ann, "approved", (pen, 7, 0))
    with_hold = db.transaction(lambda: STOCK.hold(clip.account_id, 1, waiting))
    with_hold()

    found = low_stock()

    assert [(each.entry.code, each.waiting, each.free) for each in found] == [("PEN", 60, 50), ("CLIP", 0, 0)]
    assert found[0].suggested == 10


def test_the_list_is_the_offices_and_its_first_page_leads_to_it(cast, client, manager):
    supply(cast, "PEN", on_hand=2, reorder_level=5, per_purchase=12)
    sam = client(cast.sam)

    page, file = sam.get("/supplies/low"), sam.get("/supplies/low?export=csv")

    assert "Gel pen" in page.text and rows_of(file) == [["PEN", "Gel pen", "支", "2", "5", "0.0", "0", "0", "", "12", "1 盒"]]
    assert 'href="/supplies/low"' in sam.get("/").text
    assert client(manager).get("/supplies/low").status_code == 200
    for who in (cast.ann, cast.hao, cast.cai):
        assert client(who).get("/supplies/low").status_code == 403


def test_who_counts_an_item_does_not_read_its_figures_in_a_report(cast, client):
    pen = supply(cast, "PEN", on_hand=7919, reorder_level=9000)
    supply(cast, "CLIP", on_hand=1, reorder_level=5)
    case = paper("count", cast.sam, "counting")
    Count.create(case=case, kind="supply", frozen_at=clock.now())
    CountLine.create(case=case, n=1, item=pen, book=7919)

    for path in ("/supplies/low", "/supplies/low?export=csv", "/supplies/catalogue", f"/supplies/catalogue/{pen.id}"):
        assert "7919" not in client(cast.sam).get(path).text.replace(",", "")
    assert "You are counting one item" in client(cast.sam).get("/supplies/low").text
    assert "Paper clip" in client(cast.sam).get("/supplies/low").text


# ---- consumption ----------------------------------------------------------------------------------------------------


def test_sup_13_consumption_stands_against_the_limit_and_opens_its_draws(cast, client):
    pen, clip = supply(cast, "PEN"), supply(cast, "CLIP")
    marketing, it = cast.department("Marketing"), cast.department("IT")
    limit(marketing, pen, 10)
    drawn(marketing, pen, 13), drawn(marketing, clip, 2), drawn(it, pen, 99)
    drawn(marketing, pen, 6, month_after(this_month(), -1))
    case = draw(cast.ann, "received", (pen, 13, 13), issued=clock.now())
    draw(cast.ann, "received", (pen, 8, 8), issued=clock.now() - timedelta(days=70))
    mei, hao = client(cast.mei), client(cast.hao)

    page, file = mei.get("/supplies/consumption"), mei.get("/supplies/consumption?export=csv")
    behind = f"/supplies/consumption/{pen.id}?department={marketing.id}&month={MONTH}"

    assert rows_of(file) == [
        ["Marketing", "CLIP", "Paper clip", "支", "2", "", "", "0.0"],
        ["Marketing", "PEN", "Gel pen", "支", "13", "10", "-3", "1.0"],
        ["IT", "PEN", "Gel pen", "支", "99", "", "", "0.0"],
    ]
    assert f'href="{behind}"'.replace("&", "&amp;") in page.text and "Above the limit" in page.text
    assert page.text.count("data-row") == 3 and "99" not in hao.get("/supplies/consumption?export=csv").text
    assert "99" not in text_of(hao.get("/supplies/consumption"))
    seen = hao.get(behind)
    assert case.number in seen.text and seen.text.count("data-row") == 1 and f'"/papers/{case.id}"' not in seen.text
    custodian(cast.ann)
    assert f'"/papers/{case.id}"' in client(cast.ann).get(behind).text
    assert hao.get(f"/supplies/consumption/{pen.id}?department={it.id}").status_code == 404


def test_the_bars_count_pieces_of_one_item_and_else_lines(cast, client):
    pen, clip = supply(cast, "PEN"), supply(cast, "CLIP")
    drawn(cast.department("Marketing"), pen, 13), drawn(cast.department("Marketing"), clip, 200)
    mei = client(cast.mei)

    whole, one = (mei.get(f"/supplies/consumption{asked}").text for asked in ("", f"?item={pen.id}"))

    label = f"{this_month() % 100}"
    assert "How many items each department drew, month by month" in whole and f"<title>{label}: 2</title>" in whole
    assert "Gel pen</bdi> drawn, month by month, in " in one and f"<title>{label}: 13</title>" in one


@pytest.mark.parametrize("asked", ["month=x", "month=1999-01", "department=x", "category=-1", "item=9999999999999"])
def test_a_strange_address_shows_this_month(cast, client, asked):
    drawn(cast.department("Marketing"), supply(cast), 4)

    assert "data-row" in client(cast.mei).get(f"/supplies/consumption?{asked}").text


def test_long_reports_ask_the_database_few_times(cast, client):
    reports = ("/supplies/low", "/supplies/consumption", "/supplies/receipts", "/supplies/differences", "/supplies/limits")
    for n in range(12):
        item = supply(cast, f"ITEM-{n}", on_hand=1, reorder_level=5, unit="个")
        drawn(cast.department("Marketing"), item, 4)
        limit(cast.department("Marketing"), item, 3)
        draw(cast.ann, "issued", (item, 1, 1), issued=clock.now())

    costs = [_cost(client(cast.sam), path) for path in reports]

    assert max(costs) <= 9


def _cost(browser, path):
    browser.get(path)
    with statements() as asked:
        assert browser.get(path).status_code == 200
    return len(asked)


# ---- open receipts, differences -------------------------------------------------------------------------------------


def test_what_nobody_confirmed_is_listed_longest_first(cast, client):
    pen = supply(cast)
    old = draw(cast.ann, "issued", (pen, 5, 5), issued=clock.now() - timedelta(days=9))
    new = draw(cast.ann, "issued", (pen, 2, 2), issued=clock.now())
    draw(cast.ann, "received", (pen, 2, 2), issued=clock.now())
    draw(cast.cai, "issued", (pen, 4, 4), issued=clock.now())
    past = clock.now() - timedelta(days=6)
    Task.create(case=old, state="issued", wanted="gm", post="gm", opened=past, due=past)

    person = cast.ann
    custodian(person)

    file = rows_of(client(cast.hao).get("/supplies/receipts?export=csv"))
    page = client(cast.hao).get("/supplies/receipts").text

    assert [row[0] for row in file] == [old.number, new.number] and file[0][-2:] == ["1", "5"]
    assert page.count("data-row") == 2 and "Past deadline" in page and f'"/papers/{old.id}"' not in page
    assert f'"/papers/{new.id}"' in client(person).get("/supplies/receipts").text
    assert client(cast.sam).get("/supplies/receipts").text.count("data-row") == 3


def test_differences_of_closed_counts_are_listed_with_their_reason(cast, client):
    pen, clip = supply(cast, "PEN"), supply(cast, "CLIP")
    for state in ("closed", "verified"):
        case = paper("count", cast.sam, state, closed_at=clock.now() if state == "closed" else None)
        Count.create(case=case, kind="supply", frozen_at=clock.now())
        now = clock.now()
        CountLine.create(case=case, n=1, item=pen, book=10, moved=-2, counted=7, counted_at=now, reason="lost")
        CountLine.create(case=case, n=2, item=clip, book=10, counted=10, counted_at=now)
    mei = client(cast.mei)

    file = rows_of(mei.get("/supplies/differences?export=csv"))

    assert [row[2:] for row in file] == [["PEN", "Gel pen", "支", "10", "-2", "7", "-1", "lost"]]
    assert mei.get("/supplies/differences").text.count("data-row") == 1
    assert mei.get("/supplies/differences?year=1999").status_code == 200
    assert client(cast.hao).get("/supplies/differences").status_code == 403


@pytest.mark.parametrize("path", ["low", "consumption", "receipts", "differences", "limits", "custodians", "catalogue"])
def test_every_list_is_taken_away_as_a_workbook_too(cast, client, path):
    Person.update(language="zh-Hans").execute()

    answer = client(cast.sam).get(f"/supplies/{path}?export=xlsx")

    assert answer.status_code == 200 and answer.data.startswith(b"PK")
