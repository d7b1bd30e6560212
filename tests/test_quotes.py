"""Quotes: compared per unit to the fraction of a fen, entered once, never changed, withdrawn with a reason (SUP-08)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from peewee import IntegrityError

from portal import clock, history
from portal.imports import Row
from portal.money import HIGHEST, Money
from portal.purchasing.models import Quote
from portal.purchasing.models_quotes import (
    Quoted,
    Sought,
    cheapest_ids,
    cheapest_of,
    count_ending,
    per_unit,
    quotes,
    quotes_valid,
)
from portal.purchasing.rules_imports import bring_quotes, preview_quotes
from portal.purchasing.rules_quotes import enter_quote, withdraw_quote
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from portal.stock.models import Item
from portal.supplies.models import Supplier, Supply
from tests.catalogue import category, supplier, supply
from tests.posts import grant
from tests.quotes import quote


@pytest.fixture
def buyer(cast):
    grant(cast.bo, "purchaser")
    return cast.bo


def day(days):
    return clock.today() + timedelta(days)


def quoted(cast, price=1200, until=30, **more):
    """Sam's usual supplier on the pen, a box of twelve."""
    told = {"pack": "盒", "per_pack": 12, "valid_from": day(0)} | more
    return Quoted(supplier().id, supply(cast).id, Money(price), valid_until=day(until), **told)


# ---- compared -------------------------------------------------------------------------------------------------------


def test_sup_08_packs_of_any_size_are_compared_per_unit(cast):
    pen, near, far = supply(cast), supplier("近"), supplier("远")
    less = quote(far, pen, 3333, per_pack=100)
    third = quote(near, pen, 100, per_pack=3)

    first, second = quotes_valid([pen.id])[pen.id]

    assert (first.id, second.id) == (less.id, third.id) and first.is_cheaper_than(second)
    assert (first.per_unit, second.per_unit) == ("¥0.3333", "¥0.3333")
    assert (first.supplier, first.price, first.cost_of(200), second.cost_of(200)) == ("远", Money(3333), 6666, 6667)
    assert cheapest_of(pen.id).id == less.id


def test_sup_08_only_what_holds_that_day_is_offered(cast):
    pen, here = supply(cast), supplier()
    soon = quote(supplier("以后"), pen, 70, since=5)
    quote(supplier("以前"), pen, 60, since=-30, until=-1)
    withdraw_quote(cast.sam, quote(here, pen, 50).id, "wrong")
    now = quote(here, pen, 90, until=3)

    def offered(days):
        return [each.id for each in quotes_valid([pen.id], day(days))[pen.id]]

    assert [offered(days) for days in (0, 3, 4, 5)] == [[now.id], [now.id], [], [soon.id]]
    Supplier.update(active=False).where(Supplier.id == here.id).execute()
    assert offered(0) == [] and cheapest_of(pen.id) is None


def test_sup_08_each_supplier_is_offered_once_with_its_cheapest(cast):
    pen, clip, one, other = supply(cast), supply(cast, "CLIP"), supplier("一"), supplier("二")
    quote(one, pen, 200), quote(one, pen, 100)
    alike = [quote(other, pen, 100), quote(other, pen, 1000, per_pack=10)]

    found = quotes_valid([pen.id, clip.id])

    assert [(each.supplier, each.id) for each in found[pen.id]] == [("二", alike[1].id), ("一", Quote.get(price=100).id)]
    assert cheapest_ids([pen.id, clip.id]) == {alike[1].id}
    assert found[clip.id] == [] and [each.supplier for each in quotes_valid([pen.id], supplier_id=one.id)[pen.id]] == ["一"]


def test_how_much_more_a_unit_costs_is_told_with_one_decimal(cast):
    pen = supply(cast)
    quote(supplier("一"), pen, 1000, per_pack=10), quote(supplier("二"), pen, 1337, per_pack=12)
    quote(supplier("三"), pen, 100, per_pack=1)

    first, _same, dear = quotes_valid([pen.id])[pen.id]

    assert (dear.supplier, dear.percent_above(first), first.percent_above(first)) == ("二", "11.4", "0.0")


@pytest.mark.no_database
def test_what_a_unit_costs_has_two_to_four_decimals():
    assert [per_unit(*each) for each in ((500, 12), (150, 1), (1, 100_000), (125, 1000), (123_456_700, 1))] == [
        "¥0.4167", "¥1.50", "¥0.00", "¥0.0013", "¥1,234,567.00",
    ]  # fmt: skip


# ---- entered and withdrawn ------------------------------------------------------------------------------------------


def test_sup_08_who_buys_enters_a_quote_and_its_history_says_so(cast, buyer):
    made = enter_quote(buyer, quoted(cast, delivery_days=3, note="by mail"))

    assert (made.price, made.pack, made.per_pack, made.delivery_days, made.note) == (Money(1200), "盒", 12, 3, "by mail")
    assert [(each.action, each.by) for each in history.history_of(made)] == [("enter", buyer)]
    assert cheapest_of(made.item_id).id == made.id and list(history.verify()) == []


def test_sup_08_only_the_office_and_the_buyers_enter_and_withdraw_quotes(cast, buyer):
    made = enter_quote(cast.sam, quoted(cast))
    grant(cast.cai, "dept_manager", cast.department("Office"))

    for nobody in (cast.ann, cast.mei, cast.hao, cast.lin):
        for attempt in (
            lambda who: enter_quote(who, quoted(cast, 1100)),
            lambda who: withdraw_quote(who, made.id, "wrong"),
            lambda who: bring_quotes(who, [row(2)]),
        ):
            with pytest.raises(NotYours, match="Only the office and the buyers"):
                attempt(nobody)
    assert enter_quote(cast.cai, quoted(cast, 1100)).by == cast.cai
    assert withdraw_quote(buyer, made.id, "wrong").withdrawn_by == buyer


def test_without_a_pack_it_is_that_of_the_catalogue(cast):
    pen = supply(cast, per_purchase=24)
    supply(cast, "CLIP"), Supply.update(purchase_unit="支").where(Supply.item == Item.get(Item.code == "CLIP")).execute()
    clip = Item.get(Item.code == "CLIP")

    def packed(item, pack, per_pack):
        made = enter_quote(
            cast.sam, replace(quoted(cast, 900 + Quote.select().count()), item_id=item.id, pack=pack, per_pack=per_pack)
        )
        return made.pack, made.per_pack

    assert [packed(pen, *each) for each in (("", None), ("盒", None), ("", 1), ("支", None), ("箱", 240))] == [
        ("盒", 24), ("盒", 24), ("支", 1), ("支", 1), ("箱", 240),
    ]  # fmt: skip
    assert packed(clip, "", None) == ("支", 1)


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("supplier", {"supplier_id": 999}),
        ("item", {"item_id": 999}),
        ("price", {"price": Money(0)}),
        ("price", {"price": Money(-1)}),
        ("price", {"price": Money(HIGHEST)}),
        ("per_pack", {"per_pack": 0}),
        ("per_pack", {"per_pack": 100_001}),
        ("per_pack", {"per_pack": None, "pack": "箱"}),
        ("per_pack", {"per_pack": 1}),
        ("pack", {"pack": ""}),
        ("pack", {"pack": "支"}),
        ("pack", {"pack": "盒" * 21}),
        ("valid_until", {"until": -1, "days": -30}),
        ("valid_until", {"until": 2, "days": 3}),
        ("valid_until", {"until": 1099, "days": 0}),
        ("delivery_days", {"delivery_days": -1}),
        ("delivery_days", {"delivery_days": 366}),
        ("note", {"note": "x" * 201}),
    ],
)
def test_what_cannot_be_a_quote_is_said_at_its_field(cast, field, told):
    until, since = told.pop("until", 30), told.pop("days", 0)

    with pytest.raises(Mistyped) as refusal:
        enter_quote(cast.sam, replace(quoted(cast, until=until, valid_from=day(since)), **told))

    assert refusal.value.field == field and Quote.select().count() == 0


def test_items_and_suppliers_out_of_use_are_quoted_no_more(cast):
    for model, field in ((Item, "item"), (Supplier, "supplier")):
        usual = quoted(cast)
        model.update(active=False).execute()

        with pytest.raises(Mistyped, match="is not in use any more") as refusal:
            enter_quote(cast.sam, usual)

        assert refusal.value.field == field
        model.update(active=True).execute()


def test_the_same_quote_is_entered_once(cast, buyer):
    made = enter_quote(cast.sam, quoted(cast), "a token of this form")

    again = enter_quote(cast.sam, quoted(cast), "a token of this form")

    assert again.id == made.id
    for who, other in ((cast.sam, quoted(cast, 1100)), (buyer, quoted(cast))):
        with pytest.raises(Refused, match="sent before with other contents"):
            enter_quote(who, other, "a token of this form")
    with pytest.raises(Mistyped, match="The same quote stands already"):
        enter_quote(buyer, quoted(cast), "a token of another one")
    withdraw_quote(buyer, made.id, "entered twice")
    assert enter_quote(buyer, quoted(cast)).id != made.id


def test_sup_08_a_quote_is_withdrawn_with_a_reason_and_offered_no_more(cast, buyer):
    made = enter_quote(cast.sam, quoted(cast))

    withdraw_quote(buyer, made.id, "A nought too few")

    gone = Quote.get_by_id(made.id)
    assert (gone.withdrawn_by, gone.withdrawn_because, gone.price) == (buyer, "A nought too few", Money(1200))
    assert [(each.action, each.note) for each in history.history_of(gone)] == [("enter", ""), ("withdraw", "A nought too few")]
    assert cheapest_of(gone.item_id) is None
    with pytest.raises(SomebodyWasFirst, match="withdrew this quote first"):
        withdraw_quote(cast.sam, made.id, "again")


def test_a_quote_is_withdrawn_only_with_a_reason_and_while_it_is_not_over(cast):
    made, old = enter_quote(cast.sam, quoted(cast)), quote(supplier(), supply(cast), 100, since=-9, until=-1)

    for wrong in ("", "x" * 201):
        with pytest.raises(Mistyped) as refusal:
            withdraw_quote(cast.sam, made.id, wrong)
        assert refusal.value.field == "reason"
    with pytest.raises(Refused, match="It is over already"):
        withdraw_quote(cast.sam, old.id, "wrong")
    assert Quote.select().where(Quote.withdrawn_at.is_null(False)).count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": 0},
        {"per_pack": 0},
        {"valid_until": clock.today() - timedelta(400)},
        {"withdrawn_because": "nobody withdrew it"},
        {"withdrawn_at": clock.now()},
        {"token": "a token of this form"},
    ],
)
def test_the_schema_refuses_what_no_quote_can_be(cast, wrong):
    quote(supplier(), supply(cast), 100, token="a token of this form")

    with pytest.raises(IntegrityError):
        quote(supplier(), supply(cast), **{"price": 100} | wrong)


# ---- listed ---------------------------------------------------------------------------------------------------------


def test_quotes_are_listed_by_state_item_supplier_and_category(cast):
    pen, cup, one, other = supply(cast), supply(cast, "CUP", category=category("茶水", "Pantry")), supplier("一"), supplier("二")
    valid, coming = quote(one, pen, 100, until=200), quote(other, pen, 90, since=1)
    over, gone = quote(one, cup, 80, since=-9, until=-1), quote(one, pen, 1)
    withdraw_quote(cast.sam, gone.id, "wrong")

    def found(**sought):
        return {each.id for each in quotes(Sought(**sought))}

    assert [found(state=state) for state in ("valid", "coming", "over", "withdrawn")] == [
        {each.id} for each in (valid, coming, over, gone)
    ]
    assert found() == {valid.id, coming.id, over.id, gone.id}
    assert (found(words="二 pen"), found(item_id=cup.id), found(quote_id=gone.id)) == ({coming.id}, {over.id}, {gone.id})
    assert (found(supplier_id=other.id), found(category_id=cup.category_id)) == ({coming.id}, {over.id})
    assert [each.id for each in quotes(Sought(), after=over.id)] == [valid.id, coming.id, gone.id]
    Supplier.update(active=False).where(Supplier.id == one.id).execute()
    assert (found(state="valid"), found(state="over")) == (set(), {valid.id, over.id})
    assert {each.id: each.state for each in quotes(Sought())}[valid.id] == "over"


def test_a_quote_runs_out_unless_its_supplier_has_given_a_later_one(cast):
    pen, clip, here = supply(cast), supply(cast, "CLIP"), supplier()
    soon, late = quote(here, pen, 100, until=30), quote(here, clip, 100, until=31)
    ending = [each.id for each in quotes(Sought(state="ending"))]

    quote(here, pen, 110, since=31, until=90)

    assert ending == [soon.id] and late.id not in ending
    assert (quotes(Sought(state="ending")), count_ending()) == ([], 0)
    withdraw_quote(cast.sam, Quote.get(price=110).id, "wrong")
    assert count_ending() == 1


# ---- brought as a table ---------------------------------------------------------------------------------------------


def row(number, **more):
    told = {"supplier": "晨光文具", "code": "PEN", "price": "12.00", "pack": "盒", "per_pack": "12", "valid_until": str(day(30))}
    return Row(number, told | more)


def test_a_table_enters_the_quotes_that_do_not_stand_yet(cast):
    supply(cast, per_purchase=12)
    enter_quote(cast.sam, quoted(cast))
    rows = [row(2), row(3, price="¥11", valid_from=str(day(1)), delivery_days="3"), row(4, price="10", pack="", per_pack="")]

    found = preview_quotes(rows)
    bring_quotes(cast.sam, rows)

    assert (found.unchanged, [(each.row, each.per_unit) for each in found.differences]) == (1, [(3, "¥0.9167"), (4, "¥0.8333")])
    assert [(each.price, each.per_pack, each.valid_from) for each in quotes(Sought())] == [
        (Money(1200), 12, day(0)), (Money(1100), 12, day(1)), (Money(1000), 12, day(0)),
    ]  # fmt: skip
    with pytest.raises(Refused, match="changes nothing"):
        bring_quotes(cast.sam, rows)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("supplier", {"supplier": ""}),
        ("supplier", {"supplier": "nobody"}),
        ("supplier", {"supplier": "旧家"}),
        ("code", {"code": "NONE"}),
        ("code", {"code": "OLD"}),
        ("price", {"price": ""}),
        ("price", {"price": "twelve"}),
        ("price", {"price": "0"}),
        ("per_pack", {"per_pack": "1.5"}),
        ("pack", {"pack": ""}),
        ("valid_from", {"valid_from": "2026-02-30"}),
        ("valid_until", {"valid_until": ""}),
        ("valid_until", {"valid_until": "2020-01-01"}),
        ("delivery_days", {"delivery_days": "soon"}),
        ("", {}),
    ],
)
def test_every_rows_error_is_told_with_its_number_and_nothing_is_written(cast, field, typed):
    supply(cast), supply(cast, "OLD", active=False), supplier(), Supplier.create(name="旧家", active=False)
    rows = [row(2), row(3, **typed)]

    found = preview_quotes(rows)

    assert [(error.row, error.field) for error in found.errors] == [(3, field)]
    with pytest.raises(Refused, match=r"Row 3: .* Nothing was written"):
        bring_quotes(cast.sam, rows)
    assert Quote.select().count() == 0
