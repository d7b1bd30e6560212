"""What the shop shows: nothing without its approvals, at every moment the rule's price (PRI-04, SHF-02, SHF-03)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock as now
from portal import db, steps
from portal.cases import Case
from portal.listings.models import Price, Product, SpecialPrice
from portal.listings.models_shelf import readiness
from portal.listings.models_shown import shown_price
from portal.money import Money
from portal.refused import NotYours, Refused
from portal.stock.models import STOCK
from portal.stock.rules import stock_goes
from tests import posts, shop
from tests.cast import Cast


def test_pri_04_the_price_published_is_the_one_approved(cast: Cast) -> None:
    product = shop.priced(cast, "CUP", 100)

    assert shown_price(product.id).price == Money(10000)
    assert Price.get().approved_by == shop.staff(cast, "dee")


def test_pri_01_no_price_is_proposed_without_an_analysis(cast: Cast) -> None:
    case = shop.proposal(cast, {"CUP": 100}, note="")

    with pytest.raises(Refused, match="competitor"):
        steps.take(shop.staff(cast, "pan"), case.id, "submit")


def test_a_product_stands_in_one_open_proposal_and_the_second_points_to_it(cast: Cast) -> None:
    first, second = shop.proposal(cast, {"CUP": 100}), shop.proposal(cast, {"CUP": 90})
    first = steps.take(shop.staff(cast, "pan"), first.id, "submit")

    with pytest.raises(Refused, match=first.number):
        steps.take(shop.staff(cast, "pan"), second.id, "submit")


def test_who_drafted_or_approved_never_publishes(cast: Cast) -> None:
    case = shop.proposal(cast, {"CUP": 100})
    pan, dee = shop.staff(cast, "pan"), shop.staff(cast, "dee")
    posts.grant(pan, "section_specialist")
    posts.grant(dee, "section_specialist")
    steps.take(pan, case.id, "submit")
    steps.take(dee, case.id, "approve")

    posts.cannot(pan, Case.get_by_id(case.id), "publish")
    posts.cannot(dee, Case.get_by_id(case.id), "publish")


def test_shf_02_nothing_stands_on_the_shelf_before_the_director_agrees(cast: Cast) -> None:
    product, case = shop.ready(cast), shop.request(cast, "CUP")
    steps.take(shop.staff(cast, "shu"), case.id, "submit")

    with pytest.raises((NotYours, Refused)):
        steps.take(shop.staff(cast, "shu"), case.id, "put_up")

    assert Product.get_by_id(product.id).up_at is None


def test_shf_07_what_is_missing_is_named(cast: Cast) -> None:
    product = shop.draft(cast)

    assert "no picture" in str(readiness([product.id])[product.id].lacks())


@db.transaction
def sell(product: Product, pieces: int) -> None:
    STOCK.cut(product.item.account_id, pieces)
    stock_goes([product.item_id])


def test_shf_03_what_is_sold_out_comes_off_at_once_as_normal(cast: Cast) -> None:
    product = shop.on_shelf(cast, on_hand=2)
    assert product.up_at is not None

    sell(product, 2)

    product = Product.get_by_id(product.id)
    assert (product.up_at, product.off_kind) == (None, "normal")


def test_contents_edited_after_they_were_agreed_to_go_back_to_review(cast: Cast) -> None:
    from portal.listings.rules_products import write_content

    shu, case = shop.staff(cast, "shu"), None
    product = shop.ready(cast)
    case = shop.request(cast, "CUP")
    steps.take(shu, case.id, "submit")
    steps.take(shop.staff(cast, "dee"), case.id, "approve")
    write_content(shu, product.id, product.version, {"description": "better"})

    with pytest.raises(Refused, match="changed after"):
        steps.take(shu, case.id, "put_up")


def test_the_best_price_wins_while_it_runs(cast: Cast, clock) -> None:
    product, case = shop.priced(cast, "CUP", 100), Case.get()
    start = now.now() + timedelta(hours=1)
    for n, fen in enumerate((9000, 8000)):
        SpecialPrice.create(
            product=product, case=case if n else shop.proposal(cast, {"HAT": 5}), fen=Money(fen), starts_at=start,
            ends_at=start + timedelta(hours=2 - n), by=shop.staff(cast, "shu"), at=now.now(),
        )  # fmt: skip

    asked = [shown_price(product.id, start + timedelta(minutes=minutes)).price for minutes in (-1, 0, 59, 60, 119, 120)]

    assert asked == [10000, 8000, 8000, 9000, 9000, 10000]
