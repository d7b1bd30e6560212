"""Buying as people bend it: more than was approved, without who signs, too early, twice, by the wrong one, half back."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest

from portal import attachments, checks, clock, contents, policies, steps
from portal.books.models import Fund, payables_of
from portal.cases import Case
from portal.purchasing.models import Quote
from portal.purchasing.models_invoices import Billed, Decided, invoice_content, lines_of_invoice
from portal.purchasing.models_orders import Received, lines_of_order
from portal.purchasing.policies import supplies_need_gm
from portal.purchasing.rules_invoices import SUPPLIER_INVOICE
from portal.purchasing.rules_purchases import ApprovedLess
from portal.refused import Mistyped, Refused
from portal.stock.models import Item
from tests import budgets, buying
from tests.budgets import yuan
from tests.catalogue import supply
from tests.refusals import refusal

files, company, line = buying.files, buying.company, buying.line


@pytest.fixture
def application(company, line):
    """Of 10 pens at 25 yuan, approved."""
    return buying.approved(company, company.ann, line, (supply(company), 10, 25))


@pytest.fixture
def order(company, application):
    """The 10 pens at 2 yuan; they came and were good."""
    return buying.received(company, buying.sent(company, application))


def figures(line):
    found = budgets.figures_now(line)
    return found.held, found.spent


def bill(case, *lines):
    """Of the lines of the order by their place: how many, for how many yuan."""
    rows = lines_of_order(case)
    return [Billed(rows[place], quantity, yuan(amount)) for place, quantity, amount in lines]


def paid(company, case):
    return buying.paid(company, buying.checked(company, buying.signed(case)))


# ---- asking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("back", ["draft", "submitted"])
def test_what_was_approved_less_and_comes_back_is_weighed_as_a_whole(company, back):
    """SUP-05, FIN-02: the head alone does not approve what the budget line lacks, whatever was approved of it before."""
    line = budgets.budget_line(company.department("Marketing"), 500, "OFFICE")
    case = buying.asked(company.ann, line, (supply(company), 10, 1000))
    steps.take(company.hao, case.id, "approve_less", given=ApprovedLess({buying.of(case)[0].id: (4, "Less will do")}))
    policies.change(company.mei, supplies_need_gm, False)
    steps.take(company.mei, case.id, "return", given=back, note="Think again")
    if back == "draft":
        steps.take(company.ann, case.id, "submit")
    assert Case.get_by_id(case.id).amount == yuan(1000 if back == "draft" else 400)

    case = steps.take(company.hao, case.id, "approve")

    assert (case.state, case.mark, case.amount) == ("signing", "over_budget", yuan(1000))
    assert checks.findings() == []


def test_fin_02_what_goes_back_to_be_signed_anew_is_approved_over_budget_anew(company):
    """An exception is used once: the office does not bring it back to life by returning the application."""
    line = budgets.budget_line(company.department("Marketing"), 10, "OFFICE")
    case = buying.asked(company.ann, line, (supply(company), 10, 25))
    steps.take(company.hao, case.id, "approve")
    steps.take(company.mei, case.id, "approve_over_budget", given=budgets.overrun())

    case = steps.take(company.sam, case.id, "return", given="signing", note="It became dearer")

    assert (case.mark, figures(line), budgets.figures_now(line).exceptions) == ("over_budget", (0, 0), 0)
    assert "beyond" in refusal(lambda: steps.take(company.mei, case.id, "approve"), Refused).lower()
    case = steps.take(company.mei, case.id, "approve_over_budget", given=budgets.overrun())
    assert (case.mark, figures(line)) == ("exception", (yuan(25), 0))
    assert checks.findings() == []


def test_a_part_that_is_worth_less_than_a_fen_holds_one(company, line):
    case = buying.asked(company.ann, line, (supply(company), 3, "0.01"))

    case = steps.take(company.hao, case.id, "approve_less", given=ApprovedLess({buying.of(case)[0].id: (1, "Less will do")}))

    assert (case.state, case.amount, figures(line)) == ("signing", 1, (1, 0))


def test_why_less_was_approved_falls_away_once_all_of_it_is(company, line):
    case = buying.asked(company.ann, line, (supply(company), 10, 25))
    steps.take(company.hao, case.id, "approve_less", given=ApprovedLess({buying.of(case)[0].id: (4, "Less will do")}))
    steps.take(company.mei, case.id, "return", given="submitted", note="Let them have it")

    steps.take(company.hao, case.id, "approve")

    (line_of_it,) = buying.of(case)
    assert (line_of_it.granted, line_of_it.cut_reason, line_of_it.cut_by) == (10, "", None)


def test_nothing_is_asked_for_or_approved_from_the_money_of_a_year_that_is_over(company, line, clock):
    content = buying.content_of(company.ann, line, (supply(company), 1, 2))
    draft = contents.create(buying.PURCHASE, company.ann, content, "a draft of last year")
    waiting = buying.asked(company.ann, line, (supply(company), 10, 25))

    clock.set(f"{line.year + 1}-01-02 09:00")

    for person, case, step in ((company.ann, draft, "submit"), (company.hao, waiting, "approve")):
        why = refusal(lambda person=person, case=case, step=step: steps.take(person, case.id, step), Refused)
        assert f"of {line.year}: choose one of this year" in why


def test_what_was_taken_out_of_use_is_neither_asked_for_nor_approved_nor_ordered(company, line, application):
    pen = supply(company)
    draft = contents.create(buying.PURCHASE, company.ann, buying.content_of(company.ann, line, (pen, 1, 2)), "a draft")
    waiting, order = buying.asked(company.ann, line, (pen, 10, 25)), buying.order(company, buying.of(application))
    Item.update(active=False).where(Item.id == pen.id).execute()

    for person, case, step in ((company.ann, draft, "submit"), (company.hao, waiting, "approve"), (company.sam, order, "place")):
        why = refusal(lambda person=person, case=case, step=step: steps.take(person, case.id, step), Refused)
        assert "is not in use any more" in why


def test_an_order_of_more_than_amounts_hold_is_refused(company, line):
    """Also where it became so between draft and placing."""
    pen, ink = supply(company), supply(company, "INK")
    application = buying.approved(company, company.ann, line, (pen, 10**6, 1), (ink, 10**6, 1))
    quote = buying.quote(ink, 2)
    order = buying.order(company, buying.of(application))
    Quote.update(withdrawn_at=clock.now(), withdrawn_because="dearer").where(Quote.id == quote.id).execute()
    buying.quote(ink, "9999999999.99")

    drafted = refusal(lambda: buying.order(company, buying.of(application)), Mistyped)
    placed = refusal(lambda: steps.take(company.sam, order.id, "place"), Refused)

    assert "stay below" in drafted and "stay below" in placed


# ---- what comes -----------------------------------------------------------------------------------------------------


def test_sup_04_what_came_before_it_was_ordered_is_not_received_on_the_order(company, application):
    order = buying.sent(company, application)
    given = Received(clock.today() - timedelta(days=1), buying.everything(order))

    why = refusal(lambda: steps.take(company.sam, order.id, "receive", given=given), Mistyped)

    assert "nothing came on it before that day" in why


def test_sup_04_what_was_billed_before_it_was_ordered_is_not_paid_on_the_order(company, order):
    content = invoice_content(order, "2511 7000", clock.today() - timedelta(days=1), bill(order, (0, 10, 20)))
    case = contents.create(SUPPLIER_INVOICE, company.sam, content, "an early invoice")
    attachments.store("case", case.id, "paper", "invoice.csv", BytesIO(b"invoice"), company.sam)

    why = refusal(lambda: steps.take(company.sam, case.id, "submit"), Refused)

    assert "what was bought before it was ordered is not paid on it" in why


# ---- billing --------------------------------------------------------------------------------------------------------


def decided(case, amount):
    (billed,) = lines_of_invoice(case)
    return steps.take(buying.shu(), case.id, "decide", given=Decided({billed.id: yuan(amount)}), note="As agreed")


@pytest.mark.parametrize("first", ["the ordinary", "the dear"])
def test_what_is_decided_to_be_paid_stays_held_whichever_invoice_is_paid_first(company, order, line, first):
    if first == "the ordinary":
        one = buying.entered(company, order, bill(order, (0, 5, 10)))
        other = decided(buying.entered(company, order, bill(order, (0, 5, 50))), 50)
        held_between = yuan(50)
    else:
        one = decided(buying.entered(company, order, bill(order, (0, 5, 50))), 50)
        other, held_between = None, yuan(10)

    paid(company, one)
    between = figures(line)
    paid(company, other or buying.entered(company, order, bill(order, (0, 5, 10))))

    assert between[0] == held_between
    assert figures(line) == (0, yuan(60))
    assert checks.findings() == []


def test_the_rest_is_closed_and_what_is_decided_to_be_paid_stays_held(company, application, line):
    order = buying.sent(company, application)
    (ordered,) = lines_of_order(order)
    buying.received(company, order, {ordered.id: (5, 5, "")})
    case = decided(buying.entered(company, order, bill(order, (0, 5, 50))), 50)

    steps.take(company.sam, order.id, "close_short", note="They have no more")
    steps.take(company.sam, application.id, "drop", note="Enough")

    assert figures(line) == (yuan(50), 0)
    paid(company, case)
    assert figures(line) == (0, yuan(50))
    assert {Case.get_by_id(each.id).state for each in (order, application)} == {"closed"}


def test_an_invoice_that_bills_a_paid_line_again_keeps_no_application_open(company, application, line):
    """A line of which nothing is counted waits for nothing, also once the invoice is refused."""
    ink, of_office = supply(company, "INK"), budgets.budget_line(company.department("Office"), 1000, "OFFICE")
    buying.quote(ink, 30)
    other = buying.approved(company, company.sam, of_office, (ink, 1, 40))
    order = buying.received(company, buying.sent(company, application, other))
    one = buying.entered(company, order, bill(order, (0, 10, 20)))
    again = buying.entered(company, order, bill(order, (0, 10, 20), (1, 1, 30)))
    paid(company, one)
    steps.take(buying.shu(), again.id, "reject", note="The pens were billed before")

    paid(company, buying.entered(company, order, bill(order, (1, 1, 30))))

    assert {Case.get_by_id(each.id).state for each in (application, other, order)} == {"closed"}
    assert figures(line) == (0, yuan(20))


def test_what_was_paid_and_closed_is_not_billed_again(company, order):
    paid(company, buying.entered(company, order))
    order = Case.get_by_id(order.id)
    case = buying.invoice(company, order, bill(order, (0, 10, 20)))

    why = refusal(lambda: steps.take(company.sam, case.id, "submit"), Refused)

    assert f"{order.number} is paid and closed" in why


# ---- paying ---------------------------------------------------------------------------------------------------------


def test_a_part_is_paid_once_however_often_its_form_is_sent(client, company, order):
    case, browser = buying.checked(company, buying.signed(buying.entered(company, order))), client(company.cai)
    (payable,) = payables_of(case)
    page = browser.get(f"/papers/{case.id}").text
    hidden = ("csrf_token", "state", "version", "after")
    typed = {name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1] for name in hidden}
    typed |= {"step": "pay", "fund": Fund.get(Fund.kind == "bank").id, "day": clock.today().isoformat(), "method": "transfer"}
    typed |= {"reference": "B-1", f"amount-{payable.id}": "8"}

    first, again = (browser.post(f"/papers/{case.id}/steps", data=typed) for _n in range(2))

    assert (first.status_code, again.status_code) == (303, 409)
    assert payables_of(case)[0].paid == yuan(8)
