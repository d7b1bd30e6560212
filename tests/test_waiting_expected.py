"""Who waits for goods is told once when they are expected, the first in the queue the first day, and again when that changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import attachments, languages, modules, steps
from portal import clock as portal_clock
from portal.notices import Notice
from portal.persons import Person
from portal.purchasing.models_orders import NewDay
from portal.stock.models import Item
from portal.supplies.models import ExpectedDay
from portal.supplies.models_draws import lines_of_wish
from portal.supplies.models_expected import expected_behind, expected_days
from tests import budgets, buying, draws
from tests.catalogue import supply
from tests.draws import pens, state
from tests.test_spending_pages import everybody_reads_english, text_of  # noqa: F401

modules.load()


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@pytest.fixture
def company(cast):
    buying.office(cast)
    draws.keeper(cast)
    return cast


@pytest.fixture
def pen(company):
    return pens(company, on_hand=2)


def waits(company, pen, quantity, **more):
    """A draw of IT that waits for that many pens."""
    return draws.granted(company.sam, draws.drawn(company.bo, {pen: quantity}, **more))


def ordered(company, *wanted, days=5):
    """A draft of an order that is placed, of (item, quantity)."""
    line = budgets.budget_line(company.department("Marketing"), 1000, "OFFICE")
    for item, _quantity in wanted:
        buying.quote(item, 2)
    case = buying.approved(company, company.ann, line, *[(item, quantity, 100) for item, quantity in wanted])
    return buying.placed(company, case, days=days)


def sent(company, *wanted, days=5):
    return send(company, ordered(company, *wanted, days=days))


def send(company, case):
    return steps.take(company.sam, case.id, "send", given=buying.Sent("email"))


def told(person):
    """What the person was told of expected goods, the first first, with the paper it is about."""
    found = Notice.where("topic = 'expected' AND person_id = ? ORDER BY id", person.id)
    return [(languages.say(each.words(), "en"), each.case_id) for each in found]


def day(days):
    return portal_clock.today() + timedelta(days=days)


def said(days):
    return languages.day(day(days), "en")


def days_of(*cases):
    found = {case: expected for (case, _item), expected in expected_days([supply_id()]).items()}
    return [found[case.id] for case in cases]


def supply_id():
    return Item.get(Item.code == "PEN").id


def test_who_waits_is_told_once_when_the_order_is_sent(company, pen):
    case = waits(company, pen, 9)
    order = ordered(company, (pen, 10))
    assert told(company.bo) == [] and days_of(case) == [None]

    send(company, order)
    sent(company, (pen, 20), days=9)

    assert told(company.bo) == [(f"{case.number} waits for Gel pen: expected on {said(5)}.", case.id)]
    assert days_of(case) == [day(5)]


def test_the_first_in_the_queue_has_the_first_delivery(company, pen):
    cases = [waits(company, pen, quantity) for quantity in (9, 4, 1, 30)]

    sent(company, (pen, 7), days=9)
    sent(company, (pen, 8), days=3)

    assert days_of(*cases) == [day(3), day(9), day(9), None]
    assert [text for text, _case in told(company.bo)] == [
        f"{cases[0].number} waits for Gel pen: expected on {said(9)}.",
        f"{cases[0].number} waits for Gel pen: now expected on {said(3)}, not on {said(9)}.",
        f"{cases[1].number} waits for Gel pen: expected on {said(9)}.",
        f"{cases[2].number} waits for Gel pen: expected on {said(9)}.",
    ]


def test_whose_wish_is_in_the_draw_is_told_about_the_wish(company, pen):
    Person.update(department=company.department("IT")).where(Person.user == "ann").execute()
    wishes = [draws.wished(person, {pen: quantity}) for person, quantity in ((company.ann, 7), (company.bo, 2))]
    taken = {lines_of_wish(wish)[0].id: (quantity, "") for wish, quantity in zip(wishes, (7, 2), strict=True)}
    case = waits(company, pen, 9, taken=taken)
    Person.update(department=company.department("Marketing")).where(Person.user == "ann").execute()

    sent(company, (pen, 10))

    assert told(company.ann) == [(f"{wishes[0].number} waits for Gel pen: expected on {said(5)}.", wishes[0].id)]
    assert told(company.bo) == [(f"{case.number} waits for Gel pen: expected on {said(5)}.", case.id)]


def test_another_day_is_told_and_so_is_that_nothing_comes(company, pen):
    case = waits(company, pen, 9)
    order = sent(company, (pen, 10))

    steps.take(company.sam, order.id, "postpone", given=NewDay(day(12)), note="No lorry")
    steps.take(company.sam, order.id, "call_off", note="They have none")

    assert [text for text, _case in told(company.bo)][1:] == [
        f"{case.number} waits for Gel pen: now expected on {said(12)}, not on {said(5)}.",
        f"{case.number} waits for Gel pen: not expected on {said(12)} any more. You are told when another day is known.",
    ]
    assert ExpectedDay.where("1 = 1") == []


def test_what_does_not_come_any_more_of_an_order_is_told(company, pen):
    first, second = waits(company, pen, 5), waits(company, pen, 6)
    order = sent(company, (pen, 9))
    line = buying.lines_of_order(order)[0]

    buying.received(company, order, {line.id: (3, 3, "")})
    steps.take(company.sam, order.id, "close_short", note="They have none")

    assert state(first) == "approved" and state(second) == "waiting"
    assert [text for text, case in told(company.bo) if case == second.id] == [
        f"{second.number} waits for Gel pen: expected on {said(5)}.",
        f"{second.number} waits for Gel pen: not expected on {said(5)} any more. You are told when another day is known.",
    ]


def test_a_draw_that_begins_to_wait_later_is_told_at_once(company, pen):
    sent(company, (pen, 10))

    first = waits(company, pen, 9)
    second = waits(company, pen, 4)

    assert told(company.bo) == [(f"{first.number} waits for Gel pen: expected on {said(5)}.", first.id)]
    assert days_of(first, second) == [day(5), None]


def test_who_stood_before_and_cancels_lets_the_next_one_be_expected(company, pen):
    first, second = waits(company, pen, 9), waits(company, pen, 8)
    sent(company, (pen, 7))

    steps.take(company.bo, first.id, "cancel", note="Not needed")

    assert [case for _text, case in told(company.bo)] == [first.id, second.id]
    assert [each.case_id for each in ExpectedDay.where("1 = 1")] == [second.id]


def test_who_waited_behind_a_cancelled_draw_is_served_from_the_shelf(company, pen):
    first, second = waits(company, pen, 9), waits(company, pen, 2)
    assert state(second) == "waiting"

    steps.take(company.bo, first.id, "cancel", note="Not needed")

    assert state(second) == "approved"


def test_goods_that_come_serve_who_waits_and_nobody_is_told_again(company, pen):
    case = waits(company, pen, 9)
    order = sent(company, (pen, 10))

    buying.received(company, order)

    assert state(case) == "approved" and len(told(company.bo)) == 1
    assert ExpectedDay.where("1 = 1") == []


def test_several_items_of_one_order_are_told_in_one_sentence(company, pen):
    clip = pens(company, on_hand=0, code="CLIP")
    case = draws.granted(company.sam, draws.drawn(company.bo, {pen: 9, clip: 3}))

    sent(company, (pen, 10), (clip, 5))

    assert told(company.bo) == [(f"{case.number} waits for Paper clip, Gel pen: expected on {said(5)}.", case.id)]


def test_a_delivery_that_is_late_is_said_to_be(company, pen, clock):
    sent(company, (pen, 10))
    clock.forward(days=7)

    case = waits(company, pen, 9)

    assert told(company.bo) == [(f"{case.number} waits for Gel pen: the delivery was due on {said(-2)} and is late.", case.id)]


# ---- pages ----------------------------------------------------------------------------------------------------------


def test_the_draw_and_the_desk_say_by_when_it_is_expected(company, pen, client):
    case, behind = waits(company, pen, 9), waits(company, pen, 90)
    sent(company, (pen, 20))
    draws.wished(company.bo, {pen: 4})
    browser = client(company.bo)

    desk = text_of(browser.get("/supplies/desk"))

    assert f"Expected on {said(5)}" in text_of(browser.get(f"/papers/{case.id}"))
    assert "No delivery is on the way yet" in text_of(browser.get(f"/papers/{behind.id}"))
    assert f"Expected on {said(5)}" in text_of(client(company.sam).get(f"/papers/{case.id}?part=1"))
    assert "Draws that wait for goods" in desk and said(5) in desk and "not known yet" in desk


def test_the_desk_says_when_what_is_wished_could_be_there(company, pen):
    other = supply(company, "INK", 0)
    waits(company, pen, 9)
    sent(company, (pen, 20), days=4)

    assert expected_behind({pen.id: 13, other.id: 1}, {pen.id: 2, other.id: 0}) == {pen.id: day(4)}
    assert expected_behind({pen.id: 14}, {pen.id: 2}) == {}
