"""Prices of many products changed alike by a percentage, as one draft (PRI-02)."""

from __future__ import annotations

from typing import Any

import pytest

from portal import db, steps
from portal.cases import Case
from portal.listings.models import PriceLine
from portal.listings.models_prices import changeable
from portal.listings.rules_prices_alike import Alike, propose_alike
from portal.refused import Mistyped, NotYours
from tests import shop
from tests.cast import Cast
from tests.test_listings_prices import forms_without_tokens  # noqa: F401

PAGE = "/products/prices/alike"
TYPED = {
    "percent": "-10",
    "to": "100",
    "title": "Cheaper",
    "cause": "season",
    "reason": "winter",
    "note": "as others",
    "token": "k" * 20,
}


def lines(case: Case) -> dict[str, int]:
    """The new price in fen, by code."""
    return {line.product.item.code: int(line.new_fen) for line in PriceLine.select().where(PriceLine.case == case)}


@pytest.mark.parametrize(
    ("percent", "to", "before", "after"),
    [(-10, 1, 9999, 8999), (-10, 100, 9999, 9000), (50, 1, 1, 2), (5, 10, 110, 120), (-90, 100, 120, 100), (0, 100, 149, 100)],
)
def test_a_price_is_rounded_half_up_and_never_to_nothing(percent: int, to: int, before: int, after: int) -> None:
    assert Alike(percent, to).of(before) == after


def test_all_that_fit_the_filters_become_one_draft_however_many(client: Any, cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr("portal.listings.views_register.MOST_TYPED", 1)
    for code, yuan in (("CUP-1", 100), ("CUP-2", 55), ("HAT", 80)):
        shop.priced(cast, code, yuan)
    pan = client(shop.staff(cast, "pan"))

    led = pan.post("/products/chosen", data={"all": "1", "query": "?q=CUP", "start": "0"}).location
    opened = pan.get(led)
    made = [pan.post(led, data=TYPED).location for _again in range(2)]

    case = Case.select().order_by(Case.id.desc()).first()
    assert led == f"{PAGE}?q=CUP" and opened.status_code == 200
    assert made == [f"/papers/{case.id}"] * 2
    assert (case.state, lines(case)) == ("draft", {"CUP-1": 9000, "CUP-2": 5000})
    assert steps.take(shop.staff(cast, "pan"), case.id, "submit").state == "submitted"


def test_what_has_no_price_or_stands_in_another_proposal_or_does_not_change_is_left_out(client: Any, cast: Cast) -> None:
    for code, yuan in (("CUP", 100), ("HAT", 80), ("PIN", 1)):
        shop.priced(cast, code, yuan)
    shop.draft(cast, "NEW")
    waiting = shop.proposal(cast, {"HAT": 90})
    steps.take(shop.staff(cast, "pan"), waiting.id, "submit")
    products = [shop.draft(cast, code).id for code in ("CUP", "HAT", "PIN", "NEW")]
    pan = client(shop.staff(cast, "pan"))

    address = f"{PAGE}?" + "&".join(f"product={each}" for each in products)
    made = pan.post(address, data=TYPED)

    assert lines(Case.get_by_id(int(made.location.rsplit("/", 1)[1]))) == {"CUP": 9000}
    assert pan.get(address).text.count('<dd class="num">1</dd>') == 2  # one without a price, one elsewhere


def test_a_change_of_nothing_is_said_beside_its_field_and_what_was_typed_stays(client: Any, cast: Cast) -> None:
    product = shop.priced(cast, "PIN", 1)
    pan = client(shop.staff(cast, "pan"))

    answers = [
        pan.post(f"{PAGE}?product={product.id}", data=TYPED | {"percent": percent}) for percent in ("0", "-91", "x", "-10", "")
    ]

    assert [each.status_code for each in answers] == [422] * 5
    assert "No price changes by that." in answers[3].text and 'value="Cheaper"' in answers[3].text
    assert Case.select().where(Case.title == "Cheaper").count() == 0


def test_only_the_planner_changes_prices_alike(cast: Cast) -> None:
    product = shop.priced(cast)

    with pytest.raises(NotYours):
        propose_alike(
            shop.staff(cast, "shu"), changeable([product.id]), Alike(-10), "T", "season", "r", "n", "a-key-of-twenty-signs"
        )
    with pytest.raises(Mistyped):
        propose_alike(
            shop.staff(cast, "pan"), changeable([product.id]), Alike(-91), "T", "season", "r", "n", "a-key-of-twenty-signs"
        )


def test_what_is_archived_is_not_changed(cast: Cast) -> None:
    product = shop.priced(cast)

    db.run("UPDATE products SET is_archived = TRUE WHERE id = ?", product.id)

    assert changeable([product.id]) == []
