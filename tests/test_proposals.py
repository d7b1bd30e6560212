"""What runs low is proposed once, however often the portal looks, with what it is estimated to cost (SUP-07)."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest

from portal import attachments, clock, db, jobs, steps
from portal.access import posts_of
from portal.cases import Case
from portal.history import history_of
from portal.notices import Notice
from portal.persons import Grant, Person
from portal.purchasing.models import Purchase, Quote
from portal.purchasing.models_proposals import in_whole_packs
from portal.purchasing.models_purchases import coming, lines_of_purchase
from portal.purchasing.rules_proposals import propose
from portal.stock.models import Count, CountLine
from portal.supplies.models import Supply
from portal.supplies.models_catalogue import month_after, this_month
from portal.supplies.models_reports import Running, low_stock
from tests import budgets, buying, catalogue, draws
from tests.at_once import at_once
from tests.catalogue import supply
from tests.posts import grant
from tests.test_spending_pages import post
from tests.test_supplies_reports import paper, rows_of


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@pytest.fixture
def company(cast):
    buying.office(cast)
    Person.update(language="en").execute()
    return cast


@pytest.fixture(params=["queue", "no queue"])
def queue(request, monkeypatch):
    """The process's own queue hides a missing lock of the database."""
    if request.param == "no queue":
        monkeypatch.setattr(db, "queue", nullcontext())


def drafts():
    return Case.where("kind = 'purchase' ORDER BY id")


def proposed(case):
    return [(line.item.code, line.quantity, int(line.estimate)) for line in lines_of_purchase(case)]


def test_sup_07_what_runs_low_is_proposed_once_in_the_name_of_the_office_clerk(company):
    supply(company, "PEN", on_hand=2, reorder_level=5, per_purchase=12)
    supply(company, "PAPER", on_hand=90, reorder_level=5)
    supply(company, "CLIP", on_hand=0, reorder_level=4)
    buying.quote(supply(company, "PEN"), 6, per_pack=12)

    said = [str(jobs.run("propose_purchases").words()) for _each in range(3)]

    assert said == ["2 items were proposed.", "Nothing is to be proposed.", "Nothing is to be proposed."]
    (case,) = drafts()
    assert (case.state, case.requester, case.department) == ("draft", company.sam, company.department("Office"))
    assert case.title == "Low stock: Paper clip, Gel pen"
    assert proposed(case) == [("CLIP", 5, 0), ("PEN", 12, 600)] and case.amount == 600
    assert Purchase.get_by_id(case.id).cause == "low_stock"
    assert [event.by for event in history_of(case)] == [None]


def test_sup_07_two_runs_at_once_propose_once(company, queue):
    supply(company, "PEN", on_hand=2, reorder_level=5)

    made = at_once(propose, propose, lambda: propose(company.sam))

    assert len(drafts()) == 1 and sorted(each is None for each in made) == [False, True, True]
    assert coming() == {supply(company).id: 4}


def test_a_draft_that_was_cancelled_is_proposed_again_the_next_time(company):
    supply(company, "PEN", on_hand=2, reorder_level=5)
    first = propose()

    steps.take(company.sam, first.id, "cancel")
    second = propose()

    assert second is not None and second.id != first.id and proposed(second) == proposed(first)


def test_only_what_is_missing_beside_what_is_on_the_way_is_proposed_later(company):
    pen = supply(company, "PEN", on_hand=0, reorder_level=5)
    assert proposed(propose()) == [("PEN", 6, 0)]
    catalogue.drawn(company.department("IT"), pen, 60, month_after(this_month(), -1))
    assert propose() is None

    Supply.update(reorder_level=20).execute()

    assert proposed(propose()) == [("PEN", 24, 0)]  # above 20 by a month's 10, of which 6 are on the first draft


def test_what_waits_for_goods_is_proposed_and_no_more_than_that(company):
    pen = draws.pens(company, on_hand=2)
    draws.granted(company.sam, draws.drawn(draws.keeper(company), {pen: 9}))

    case = propose()

    assert proposed(case) == [("PEN", 7, 0)]
    assert propose() is None


def test_nobody_as_office_clerk_is_said_and_nothing_is_drafted(company):
    supply(company, "PEN", on_hand=2, reorder_level=5)
    Grant.update(revoked_at=clock.now()).where(Grant.role == "office_clerk").execute()

    run = jobs.run("propose_purchases")

    assert str(run.words()) == "Nobody is office clerk: nothing was proposed." and drafts() == []


def test_the_office_clerks_are_told_and_may_read_the_draft(company):
    grant(company.bo, "office_clerk")
    supply(company, "PEN", on_hand=2, reorder_level=5)

    case = propose()

    told = {notice.person_id: notice.case_id for notice in Notice.where("topic = 'low stock'")}
    assert told == {company.sam.id: case.id, company.bo.id: case.id}
    assert Notice.find("person_id = ?", company.bo.id).words().values == {"n": 1}
    assert low_stock(posts=posts_of(company.bo))[0].coming.papers == ((case.id, ""),)
    assert low_stock(posts=posts_of(buying.qin()))[0].coming.papers == ()


def test_without_a_quote_the_price_of_the_last_order_is_the_estimate(company):
    pen = supply(company, "PEN", on_hand=0)
    line = budgets.budget_line(company.department("Marketing"), 1000, "OFFICE")
    buying.quote(pen, 30, per_pack=12)
    buying.bought(company, company.ann, line, (pen, 12, 40))
    Quote.update(valid_until=clock.today() - timedelta(days=1)).execute()
    catalogue.drawn(company.department("IT"), pen, 90, month_after(this_month(), -1))

    assert proposed(propose()) == [("PEN", 18, 4500)]


def test_the_budget_line_is_the_one_last_used_else_the_only_one(company):
    office = company.department("Office")
    only = budgets.budget_line(office, 1000, "OFFICE")
    supply(company, "PEN", on_hand=0, reorder_level=5)
    first = propose()
    other = budgets.budget_line(office, 1000, "TRAVEL")
    supply(company, "CLIP", on_hand=0, reorder_level=5)
    second = propose()
    buying.asked(company.sam, other, (supply(company, "INK"), 1, 20))
    supply(company, "PAPER", on_hand=0, reorder_level=5)
    third = propose()

    assert [Purchase.get_by_id(case.id).line for case in (first, second, third)] == [only, None, other]


def test_who_counts_an_item_learns_nothing_of_it_by_a_draft(company):
    pen = supply(company, "PEN", on_hand=2, reorder_level=5)
    case = paper("count", company.sam, "counting")
    Count.create(case=case, kind="supply", frozen_at=clock.now())
    CountLine.create(case=case, n=1, item=pen, book=2)

    assert propose() is None
    assert propose(buying.qin()) is not None


@pytest.mark.parametrize(
    ("quantity", "per_purchase", "whole"), [(1, 1, 1), (13, 12, 24), (12, 12, 12), (10**9, 1, 10**6), (10**9, 600_000, 600_000)]
)
def test_it_is_bought_in_whole_purchase_units_and_never_beyond_the_most(quantity, per_purchase, whole):
    assert in_whole_packs(quantity, per_purchase) == whole


@pytest.mark.parametrize(
    ("free", "level", "half_year", "waiting", "coming", "lacking"),
    [
        (5, 5, 0, 0, 0, 1),  # at its level: above it
        (2, 5, 60, 0, 0, 13),  # above it by a month's ten
        (2, 5, 60, 0, 4, 0),  # what is on the way is enough
        (2, 5, 60, 0, 3, 10),
        (0, 0, 60, 5, 5, 0),  # nobody waits any more, and no level is to be kept
        (0, 0, 60, 5, 4, 11),
    ],
)
def test_what_is_missing_is_what_brings_it_above_its_level(free, level, half_year, waiting, coming, lacking):
    assert Running(1, free, free, level, half_year, waiting).lacking(coming) == lacking


# ---- the page -------------------------------------------------------------------------------------------------------


def press(browser):
    return post(browser, "/purchasing/propose", {})


def test_the_button_proposes_at_once_in_the_name_of_who_presses_it(company, client):
    supply(company, "PEN", on_hand=2, reorder_level=5, per_purchase=12)
    browser = client(buying.qin())
    assert "Propose an application" in browser.get("/supplies/low").text

    answer = press(browser)

    (case,) = drafts()
    assert answer.status_code == 303 and answer.location.endswith(f"/papers/{case.id}")
    assert case.requester == buying.qin() and [event.by for event in history_of(case)] == [buying.qin()]
    assert [notice.person for notice in Notice.where("topic = 'low stock'")] == [company.sam]
    again = press(browser)
    assert again.location.endswith("/supplies/low") and len(drafts()) == 1
    assert "Propose an application" not in browser.get("/supplies/low").text


def test_the_list_shows_what_is_on_the_way_and_takes_it_away_alike(company, client):
    pen = supply(company, "PEN", on_hand=2, reorder_level=5, per_purchase=12)
    line = budgets.budget_line(company.department("Marketing"), 1000, "OFFICE")
    asked = buying.asked(company.ann, line, (pen, 3, 20))
    grant(company.bo, "purchaser")
    case = propose()

    seen = {who: client(who).get("/supplies/low") for who in (company.sam, company.bo)}

    assert proposed(case) == [("PEN", 12, 0)]
    assert f'href="/papers/{case.id}"' in seen[company.sam].text and f'href="/papers/{asked.id}"' in seen[company.sam].text
    assert f'href="/papers/{case.id}"' not in seen[company.bo].text and f'href="/papers/{asked.id}"' in seen[company.bo].text
    assert "Propose an application" not in seen[company.bo].text
    (row,) = rows_of(client(company.sam).get("/supplies/low?export=csv"))
    assert row == ["PEN", "Gel pen", "支", "2", "5", "0.0", "0", "15", f"{asked.number}, Draft", "0", ""]
    assert press(client(company.bo)).status_code == 403
