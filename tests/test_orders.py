"""Orders and receipts: only what was approved, at the lowest price or with a reason, and compared with what came."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest

from portal import checks, clock, contents, steps
from portal.cases import Case
from portal.history import Event
from portal.purchasing.models import Order, PurchaseLine, Quote
from portal.purchasing.models_orders import NewDay, Received, Sent, lines_of_order, receipts_of
from portal.purchasing.rules_orders import ORDER
from portal.purchasing.rules_quotes import withdraw_quote
from portal.refused import Mistyped, NotYours, Refused
from portal.stock.models import levels
from tests import budgets, buying
from tests.at_once import at_once
from tests.budgets import yuan
from tests.catalogue import custodian, supplier, supply
from tests.refusals import refusal

files, company, line = buying.files, buying.company, buying.line


@pytest.fixture
def application(company, line):
    """Of 10 pens at 20 yuan, approved."""
    return buying.approved(company, company.ann, line, (supply(company), 10, 20))


def held(line):
    return budgets.figures_now(line).held


def on_hand(item):
    return levels([item.id])[item.id].on_hand


# ---- what is ordered ------------------------------------------------------------------------------------------------


def test_sup_01_only_the_office_and_the_buyer_order(company, application):
    for person in (company.ann, company.hao, company.mei, company.lin):
        with pytest.raises(NotYours):
            contents.create(ORDER, person, buying.ordering(buying.of(application)), secrets.token_hex(8))


@pytest.mark.parametrize("state", ["draft", "submitted", "signing", "rejected", "cancelled"])
def test_sup_04_without_an_approved_application_nothing_is_ordered(company, line, state):
    pen = supply(company)
    content = buying.content_of(company.ann, line, (pen, 10, 20))
    case = contents.create(buying.PURCHASE, company.ann, content, secrets.token_hex(8))
    for person, step in [(company.ann, "submit"), (company.hao, "approve"), (company.mei, "reject")]:
        if case.state == state or (state == "cancelled" and case.state == "draft"):
            break
        case = steps.take(person, case.id, step, note="No")
    if state == "cancelled":
        case = steps.take(company.ann, case.id, "cancel")
    assert case.state == state
    (wanted,) = buying.of(case)

    content = buying.order_content("Pens", supplier(), [buying.Ordered(wanted, 10)], clock.today())
    why = refusal(lambda: contents.create(ORDER, company.sam, content, "an order"), Mistyped)

    assert "nothing is ordered without an approved application" in why


def test_sup_04_what_was_cancelled_after_the_order_was_drafted_is_not_placed(company, application):
    order = buying.order(company, buying.of(application))
    steps.take(company.ann, application.id, "cancel", note="No need any more")

    why = refusal(lambda: steps.take(company.sam, order.id, "place"), Refused)

    assert "nothing is ordered without an approved application" in why


def test_sup_17_no_more_is_ordered_than_was_approved(company, application):
    (wanted,) = buying.of(application)
    content = buying.order_content("Pens", supplier(), [buying.Ordered(wanted, 12)], clock.today())

    why = refusal(lambda: contents.create(ORDER, company.sam, content, "an order"), Mistyped)

    assert "10 of what was approved" in why
    assert "reduce by 2" in why


def test_sup_17_two_orders_do_not_share_what_was_approved_once(company, application):
    one, other = buying.order(company, buying.of(application)), buying.order(company, buying.of(application))
    steps.take(company.sam, one.id, "place")

    why = refusal(lambda: steps.take(company.sam, other.id, "place"), Refused)

    assert "0 of what was approved" in why


def test_two_who_place_the_same_lines_at_once_one_does(company, application):
    orders = [buying.order(company, buying.of(application)) for _n in range(2)]

    answers = at_once(*(lambda case=case: steps.take(company.sam, case.id, "place") for case in orders))

    assert sorted(isinstance(each, Refused) for each in answers) == [False, True]
    assert PurchaseLine.get(PurchaseLine.case == application).ordered == 10
    assert checks.findings() == []


def test_applications_of_several_departments_become_one_order_that_keeps_each_ones_hold(company, line, application):
    custodian(company.lin, company.department("Finance"))
    other_line = budgets.budget_line(company.department("Finance"), 500, "OFFICE")
    asked = buying.asked(company.lin, other_line, (supply(company), 5, 15))
    for _step in ("of Finance, which has no head", "of the general manager"):
        asked = steps.take(company.mei, asked.id, "approve")

    order = buying.placed(company, application, asked)

    assert [line.wanted.case_id for line in lines_of_order(order)] == [application.id, asked.id]
    assert (held(line), held(other_line)) == (yuan(20), yuan(15))


def test_sup_08_the_cheapest_is_taken_or_a_reason_given_that_stays(company, application):
    dear = supplier("贵文具")
    buying.quote(supply(company), 3, of=dear)
    order = buying.order(company, buying.of(application), at=dear)
    assert "offers it for less" in refusal(lambda: steps.take(company.sam, order.id, "place"), Refused)

    with_reason = buying.order(company, buying.of(application), at=dear, reason="Delivers today")
    placed = steps.take(company.sam, with_reason.id, "place")

    (line,) = lines_of_order(placed)
    assert (line.reason, line.quote.supplier, line.cheapest.supplier) == ("Delivers today", dear, supplier())
    assert "Delivers today" in Event.get(Event.thing_id == placed.id, Event.action == "place").note


def test_sup_08_who_withdraws_the_cheaper_quote_says_why_it_is_not_ordered_there(company, application):
    dear = supplier("贵文具")
    buying.quote(supply(company), 3, of=dear)
    withdraw_quote(company.sam, Quote.get(Quote.supplier == supplier()).id, "They are slow")
    order = buying.order(company, buying.of(application), at=dear)

    why = refusal(lambda: steps.take(company.sam, order.id, "place"), Refused)

    assert "you withdrew a cheaper quote of 晨光文具 yourself" in why
    with_reason = buying.order(company, buying.of(application), at=dear, reason="The other is slow")
    assert steps.take(company.sam, with_reason.id, "place").state == "placed"


def test_sup_08_quotes_are_compared_by_the_unit(company, application):
    packs = supplier("大包文具")
    buying.quote(supply(company), 15, of=packs, per_pack=10)  # 1.50 each, against 2 each

    why = refusal(lambda: steps.take(company.sam, buying.order(company, buying.of(application)).id, "place"), Refused)

    assert "大包文具 offers it for less" in why


def test_sup_08_what_is_not_quoted_today_is_not_ordered(company, application, clock):
    order = buying.order(company, buying.of(application), days=100)
    clock.forward(days=60)

    why = refusal(lambda: steps.take(company.sam, order.id, "place"), Refused)

    assert "has no valid quote" in why


def test_whole_packs_are_ordered(company, line):
    ink = supply(company, "INK")
    buying.quote(ink, 30, per_pack=4)
    case = buying.approved(company, company.ann, line, (ink, 10, 75))

    why = refusal(lambda: buying.placed(company, case), Refused)

    assert "order whole ones" in why


def test_sup_06_an_order_says_by_when_it_is_to_be_delivered(company, application):
    content = buying.order_content("Pens", supplier(), [buying.Ordered(buying.of(application)[0], 10)], None)
    order = contents.create(ORDER, company.sam, content, "an order")

    assert refusal(lambda: steps.take(company.sam, order.id, "place"), Refused) == "Say by when it is to be delivered."


def test_a_price_above_the_estimate_takes_a_further_hold_from_the_same_line(company, line):
    case = buying.approved(company, company.ann, line, (supply(company), 10, 12))
    assert held(line) == yuan(12)

    buying.placed(company, case)

    assert held(line) == yuan(20)
    assert checks.findings() == []


def test_where_the_line_lacks_it_nothing_is_ordered_and_the_application_goes_back(company):
    line = budgets.budget_line(company.department("Marketing"), 15, "OFFICE")
    case = buying.approved(company, company.ann, line, (supply(company), 10, 12))
    order = buying.order(company, buying.of(case))

    why = refusal(lambda: steps.take(company.sam, order.id, "place"), Refused)

    assert "8.00 more than estimated" in why
    assert (held(line), Case.get_by_id(order.id).state, buying.of(case)[0].ordered) == (yuan(12), "draft", 0)
    assert steps.take(company.sam, case.id, "return", given="submitted", note="20 yuan").state == "submitted"


def test_fin_02_what_was_approved_over_budget_is_ordered_until_the_day_that_was_named(company, clock):
    line = budgets.budget_line(company.department("Marketing"), 15, "OFFICE")
    case = buying.asked(company.ann, line, (supply(company), 10, 20))
    steps.take(company.hao, case.id, "approve")
    case = steps.take(company.mei, case.id, "approve_over_budget", given=budgets.overrun(days=3))
    order = buying.order(company, buying.of(case), days=20)
    clock.forward(days=4)

    why = refusal(lambda: steps.take(company.sam, order.id, "place"), Refused)

    assert "approved over budget until" in why


def test_sup_06_the_supplier_is_told_and_another_day_is_kept_with_its_reason(company, application):
    order = buying.sent(company, application)
    assert Order.get_by_id(order.id).sent_way == "email"
    day = clock.today() + timedelta(days=9)

    steps.take(company.sam, order.id, "postpone", given=NewDay(day), note="Their lorry broke down")

    assert Order.get_by_id(order.id).deliver_by == day
    assert Event.get(Event.thing_id == order.id, Event.action == "postpone").note == "Their lorry broke down"


def test_an_order_is_called_off_before_anything_came_and_may_be_ordered_elsewhere(company, application, line):
    order = buying.sent(company, application)

    steps.take(company.sam, order.id, "call_off", note="They have none")

    assert Case.get_by_id(application.id).state == "approved"
    assert (buying.of(application)[0].to_order, held(line)) == (10, yuan(20))
    assert buying.placed(company, application).state == "placed"
    assert checks.findings() == []


# ---- what came ------------------------------------------------------------------------------------------------------


def test_sup_18_what_is_good_is_on_the_shelf_at_once(company, application):
    order = buying.sent(company, application)

    received = buying.received(company, order)

    assert (received.state, on_hand(supply(company))) == ("received", 10)
    assert checks.findings() == []


def test_sup_09_a_shortage_keeps_the_order_open(company, application):
    order = buying.sent(company, application)
    (line,) = lines_of_order(order)

    partly = buying.received(company, order, {line.id: (6, 6, "")})

    assert (partly.state, lines_of_order(order)[0].open, on_hand(supply(company))) == ("partly", 4, 6)
    assert buying.received(company, partly).state == "received"


def test_sup_09_an_excess_is_refused_and_says_by_how_much(company, application):
    order = buying.sent(company, application)
    (line,) = lines_of_order(order)

    why = refusal(lambda: buying.received(company, order, {line.id: (13, 13, "")}), Mistyped)

    assert "reduce by 3" in why
    assert on_hand(supply(company)) == 0


def test_sup_17_what_failed_is_not_stock_and_may_still_come(company, application):
    order = buying.sent(company, application)
    (line,) = lines_of_order(order)
    assert "why it failed" in refusal(lambda: buying.received(company, order, {line.id: (10, 8, "")}), Mistyped)

    partly = buying.received(company, order, {line.id: (10, 8, "Two leak")})

    ((_receipt, (came,)),) = receipts_of(partly)
    assert (came.received, came.accepted, came.failure) == (10, 8, "Two leak")
    assert (partly.state, on_hand(supply(company)), lines_of_order(order)[0].open) == ("partly", 8, 2)


def test_sup_09_every_open_line_is_checked(company, line):
    ink = supply(company, "INK")
    buying.quote(ink, 30)
    order = buying.sent(company, buying.approved(company, company.ann, line, (supply(company), 10, 20), (ink, 2, 60)))
    first, _second = lines_of_order(order)

    why = refusal(lambda: buying.received(company, order, {first.id: (10, 10, "")}), Mistyped)

    assert why.startswith("Check every open line")


def test_a_receipt_written_down_before_another_was_entered_is_not_taken(company, application):
    order = buying.sent(company, application)
    (line,) = lines_of_order(order)
    buying.received(company, order, {line.id: (4, 4, "")})

    late = Received(clock.today(), {line.id: (4, 4, "")}, after=0)
    why = refusal(lambda: steps.take(company.sam, order.id, "receive", given=late), Refused)

    assert why.startswith("Somebody else entered a receipt")


def test_two_receipts_of_the_last_open_line_at_once_one_passes(company, application):
    order = buying.sent(company, application)
    (line,) = lines_of_order(order)
    buying.received(company, order, {line.id: (6, 6, "")})
    given = Received(clock.today(), {line.id: (4, 4, "")})

    answers = at_once(*(lambda: steps.take(company.sam, order.id, "receive", given=given) for _n in range(2)))

    assert sorted(isinstance(each, Refused) for each in answers) == [False, True]
    assert on_hand(supply(company)) == 10
    assert checks.findings() == []


def test_what_does_not_come_any_more_is_to_be_ordered_again(company, application, line):
    order = buying.sent(company, application)
    (ordered,) = lines_of_order(order)
    buying.received(company, order, {ordered.id: (6, 6, "")})

    closed = steps.take(company.sam, order.id, "close_short", note="Out of production")

    assert (closed.state, lines_of_order(order)[0].closed) == ("received", 4)
    assert (Case.get_by_id(application.id).state, buying.of(application)[0].to_order, held(line)) == ("approved", 4, yuan(20))
    assert checks.findings() == []


def test_only_who_keeps_the_office_enters_receipts(company, application):
    order = buying.sent(company, application)

    for person in (company.ann, company.hao, company.mei, buying.qin()):
        with pytest.raises(NotYours):
            steps.take(person, order.id, "receive", given=Received(clock.today(), buying.everything(order)))


def test_an_order_is_not_received_before_it_is_sent(company, application):
    order = buying.placed(company, application)

    with pytest.raises(Refused):
        steps.take(company.sam, order.id, "receive", given=Received(clock.today(), buying.everything(order)))
    assert steps.take(company.sam, order.id, "send", given=Sent("phone")).state == "sent"


def test_an_order_of_which_nothing_good_came_is_called_off_and_not_closed_short(company, application):
    order = buying.sent(company, application)
    (line,) = lines_of_order(order)
    partly = buying.received(company, order, {line.id: (10, 0, "All of it leaks")})

    with pytest.raises(Refused):
        steps.take(company.sam, partly.id, "close_short", note="They have no others")
    assert steps.take(company.sam, partly.id, "call_off", note="They have no others").state == "cancelled"
    assert buying.of(application)[0].to_order == 10
    assert checks.findings() == []


def test_once_something_good_came_the_order_is_not_called_off(company, application):
    order = buying.sent(company, application)
    (line,) = lines_of_order(order)
    partly = buying.received(company, order, {line.id: (4, 4, "")})

    with pytest.raises(Refused):
        steps.take(company.sam, partly.id, "call_off", note="They have no others")


def test_the_rest_of_an_order_that_was_paid_is_closed_with_it(company, application):
    order = buying.sent(company, application)
    (line,) = lines_of_order(order)
    order = buying.received(company, order, {line.id: (4, 4, "")})
    buying.paid(company, buying.checked(company, buying.signed(buying.entered(company, order))))

    closed = steps.take(company.sam, order.id, "close_short", note="Out of production")

    assert (closed.state, Case.get_by_id(application.id).state) == ("closed", "approved")
    assert checks.findings() == []
