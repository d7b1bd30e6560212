"""Quotes: compared per unit to the fraction of a fen, entered once, never changed, withdrawn with a reason (SUP-08)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.money import Money
from portal.purchasing.models import Quote
from portal.purchasing.models_quotes import cheapest_of, per_unit, quotes_valid
from portal.supplies.models import Supplier
from tests.catalogue import supplier, supply
from tests.quotes import quote

# ---- compared -------------------------------------------------------------------------------------------------------


def test_sup_08_packs_of_any_size_are_compared_per_unit(cast):
    pen, near, far = supply(cast), supplier("近"), supplier("远")
    third = quote(near, pen, 100, per_pack=3)
    less = quote(far, pen, 3333, per_pack=100)

    first, second = quotes_valid([pen.id])[pen.id]

    assert (first.id, second.id) == (less.id, third.id) and first.is_cheaper_than(second)
    assert (first.per_unit, second.per_unit) == ("¥0.3333", "¥0.3333")
    assert (first.supplier, first.price, first.cost_of(200), second.cost_of(200)) == ("远", Money(3333), 6666, 6667)
    assert cheapest_of(pen.id).id == less.id


def test_sup_08_only_what_holds_that_day_is_offered(cast):
    pen, here = supply(cast), supplier()
    soon = quote(supplier("以后"), pen, 70, since=5)
    quote(supplier("以前"), pen, 60, since=-30, until=-1)
    quote(here, pen, 50, withdrawn_at=clock.now(), withdrawn_by=cast.sam, withdrawn_because="wrong")
    now = quote(here, pen, 90, until=3)

    def offered(days):
        return [each.id for each in quotes_valid([pen.id], clock.today() + timedelta(days))[pen.id]]

    assert [offered(days) for days in (0, 3, 4, 5)] == [[now.id], [now.id], [], [soon.id]]
    Supplier.update(active=False).where(Supplier.id == here.id).execute()
    assert offered(0) == [] and cheapest_of(pen.id) is None


def test_sup_08_each_supplier_is_offered_once_with_its_cheapest(cast):
    pen, clip, one, other = supply(cast), supply(cast, "CLIP"), supplier("一"), supplier("二")
    quote(one, pen, 200), quote(one, pen, 100)
    alike = [quote(other, pen, 100), quote(other, pen, 1000, per_pack=10)]

    found = quotes_valid([pen.id, clip.id])

    assert [(each.supplier, each.id) for each in found[pen.id]] == [("二", alike[1].id), ("一", Quote.get(price=100).id)]
    assert found[clip.id] == [] and [each.supplier for each in quotes_valid([pen.id], supplier_id=one.id)[pen.id]] == ["一"]


@pytest.mark.no_database
def test_what_a_unit_costs_has_two_to_four_decimals():
    assert [per_unit(*each) for each in ((500, 12), (150, 1), (1, 100_000), (125, 1000), (123_456_700, 1))] == [
        "¥0.4167", "¥1.50", "¥0.00", "¥0.0013", "¥1,234,567.00",
    ]  # fmt: skip
