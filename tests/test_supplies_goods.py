"""Goods in: what came is stock once the office's manager confirmed it (SUP-18)."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest

from portal import clock, contents, db, steps
from portal.access import posts_of
from portal.cases import Case
from portal.ledger import Entry
from portal.refused import Mistyped, NotYours, Refused
from portal.stock.models import Item, levels
from portal.stock.rules import WHEN_STOCK_COMES
from portal.supplies.models import GoodsIn
from portal.supplies.rules_goods import GOODS_IN, goods_content
from tests.catalogue import supplier, supply
from tests.posts import cannot, grant


@pytest.fixture
def manager(cast):
    """Hao heads the office."""
    grant(cast.hao, "dept_manager", cast.department("Office"))
    return cast.hao


def draft(cast, lines, source="gift", by=None, **more):
    told = {"supplier": supplier(), "delivery_note": "DN-7"} if source == "gift" else {}
    day = more.pop("received_on", clock.today())
    content = goods_content("From the shop", source, day, [(item, quantity, "") for item, quantity in lines], **told | more)
    return contents.create(GOODS_IN, by or cast.sam, content, secrets.token_hex(8))


def submitted(cast, *lines, **more):
    case = draft(cast, lines, **more)
    return steps.take(case.requester, case.id, "submit")


def on_hand(item):
    return levels([item.id])[item.id].on_hand


def test_sup_18_what_came_is_stock_only_once_the_manager_confirmed_it(cast, manager):
    pen, paper = supply(cast, "PEN", 3), supply(cast, "PAPER")
    case = submitted(cast, (pen, 10), (paper, 5))
    before = (on_hand(pen), on_hand(paper))

    case = steps.take(manager, case.id, "confirm")

    assert before == (3, 0)
    assert (on_hand(pen), on_hand(paper), case.state) == (13, 5, "confirmed")
    entries = list(Entry.select().where(Entry.case == case).order_by(Entry.id))
    assert [(each.verb, each.amount, each.by.user) for each in entries] == [("put", 10, "hao"), ("put", 5, "hao")]


def test_who_entered_it_never_confirms_it(cast, manager):
    grant(cast.sam, "dept_manager", cast.department("Office"))

    case = submitted(cast, (supply(cast), 10))

    cannot(cast.sam, case, "confirm")
    assert steps.take(manager, case.id, "confirm").state == "confirmed"


def test_only_the_office_and_the_buyer_enter_what_came(cast):
    pen = supply(cast)
    grant(cast.bo, "purchaser")
    assert draft(cast, [(pen, 1)], by=cast.bo).state == "draft"

    with pytest.raises(NotYours, match="Only the office enters what came in"):
        draft(cast, [(pen, 1)], by=cast.ann)

    assert "office_clerk" not in posts_of(cast.ann)


@pytest.fixture
def heard():
    """Of which items it is told, and whether that was while they were put on the shelf."""
    found: list[object] = []
    WHEN_STOCK_COMES.append(hear := lambda ids: found.append((ids, db.is_in_transaction())))
    yield found
    WHEN_STOCK_COMES.remove(hear)


def test_those_who_wait_hear_of_it_in_the_same_transaction(cast, manager, heard):
    pen, paper = supply(cast, "PEN"), supply(cast, "PAPER")

    case = submitted(cast, (paper, 2), (pen, 10))
    steps.take(manager, case.id, "confirm")

    assert heard == [(sorted([pen.id, paper.id]), True)]


def test_sup_18_nothing_comes_on_a_day_before_a_closed_count(cast, manager, clock):
    clock.set("2026-11-18 10:00")
    pen = supply(cast)
    waiting = submitted(cast, (pen, 4))
    clock.set("2026-11-20 10:00")
    Item.update(counted_at=db.to_ms(now())).where(Item.id == pen.id).execute()

    with pytest.raises(Mistyped, match="was counted on 2026-11-20") as refusal:
        draft(cast, [(pen, 1)], received_on=now().date() - timedelta(days=1))
    with pytest.raises(Refused, match="was counted on 2026-11-20"):
        steps.take(manager, waiting.id, "confirm")

    assert refusal.value.field == "received_on"
    assert on_hand(pen) == 0
    assert steps.take(manager, submitted(cast, (pen, 6)).id, "confirm").state == "confirmed"


def now():
    return clock.now()


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("received_on", {"received_on": None}),
        ("received_on", {"received_on": clock.today() + timedelta(days=400)}),
        ("source", {"source": "theft"}),
        ("source", {"source": "delivery"}),
        ("delivery_note", {"delivery_note": "x" * 61}),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(cast, field, told):
    with pytest.raises(Mistyped) as refusal:
        draft(cast, [(supply(cast), 1)], **told)

    assert refusal.value.field == field


def test_lines_are_whole_pieces_of_items_in_use_each_once(cast):
    pen, old = supply(cast), supply(cast, "OLD", active=False)
    for lines in ([], [(pen, 0)], [(pen, -1)], [(pen, 10**9)], [(pen, 1), (pen, 2)], [(old, 1)]):
        with pytest.raises(Mistyped) as refusal:
            draft(cast, lines)
        assert refusal.value.field == "lines"

    assert Case.select().count() == 0


def test_opening_stock_is_only_of_items_that_never_moved(cast, manager):
    pen, paper = supply(cast, "PEN"), supply(cast, "PAPER", on_hand=1)
    first, second = (submitted(cast, (pen, 40), source="opening") for _each in range(2))

    steps.take(manager, first.id, "confirm")

    with pytest.raises(Mistyped, match="has moved already"):
        submitted(cast, (paper, 40), source="opening")
    with pytest.raises(Refused, match="has moved already"):
        steps.take(manager, second.id, "confirm")
    assert on_hand(pen) == 40


def test_sup_04_what_suppliers_deliver_comes_in_on_its_order_only(cast, manager):
    pen = supply(cast)
    drafted, sent = draft(cast, [(pen, 4)]), submitted(cast, (pen, 3))
    GoodsIn.update(source="delivery").execute()  # as they were entered before there were orders

    with pytest.raises(Mistyped, match="received on their order"):
        draft(cast, [(pen, 1)], source="delivery")
    with pytest.raises(Refused, match="received on their order"):
        steps.take(cast.sam, drafted.id, "submit")
    again = goods_content("From the shop", "delivery", clock.today(), [(pen, 9, "")], supplier())
    with pytest.raises(Mistyped, match="received on their order"):
        contents.edit(cast.sam, drafted.id, again, drafted.version)

    assert steps.take(manager, sent.id, "confirm").state == "confirmed" and on_hand(pen) == 3
