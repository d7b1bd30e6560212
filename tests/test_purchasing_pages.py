"""Buying on its pages: written, put together on the board, received line by line, decided, printed."""

from __future__ import annotations

import html
import io
import re

import pytest

from portal import attachments, clock, steps
from portal.cases import Case
from portal.persons import Person
from portal.purchasing.models import OrderLine, Purchase, SupplierInvoice
from portal.purchasing.models_invoices import Billed
from portal.purchasing.models_orders import lines_of_order
from tests import budgets, buying
from tests.budgets import yuan
from tests.catalogue import supplier, supply
from tests.pdfs import PDF


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@pytest.fixture
def company(cast):
    buying.office(cast)
    buying.quote(supply(cast), 2)
    Person.update(language="en").execute()
    return cast


@pytest.fixture
def line(company):
    return budgets.budget_line(company.department("Marketing"), 1000, "OFFICE")


@pytest.fixture
def application(company, line):
    return buying.approved(company, company.ann, line, (supply(company), 10, 25))


def post(browser, path, data):
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/password").text)[1]
    return browser.post(path, data=data | {"csrf_token": token}, content_type="multipart/form-data")


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", answer.text)))


def shown(case):
    case = Case.get_by_id(case.id)
    return {"state": case.state, "version": case.version}


# ---- an application -------------------------------------------------------------------------------------------------


def typed(company, line, **more):
    pen = supply(company)
    fields = {"cause": "special_need", "reason": "The fair", "line": line.id, "token": "a-token-of-a-form", "version": 0}
    fields |= {
        "lines-0-item": pen.id,
        "lines-0-quantity": 3,
        "lines-0-measure": "unit",
        "lines-0-estimate": "",
        "lines-0-note": "",
    }
    return fields | more


def test_an_application_is_written_and_sent(client, company, line):
    browser = client(company.ann)
    assert "Without an estimate the cheapest valid quote is taken" in text_of(browser.get("/papers/new/purchase"))

    answer = post(browser, "/papers/new/purchase", typed(company, line, do="submit"))

    assert answer.status_code == 303
    case = Case.get(Case.kind == "purchase")
    assert (case.state, case.amount, Purchase.get_by_id(case.id).reason) == ("submitted", yuan(6), "The fair")
    page = text_of(browser.get(f"/papers/{case.id}"))
    assert "The fair" in page and "Special need" in page


def test_packs_are_counted_in_units(client, company, line):
    ink = supply(company, "INK", per_purchase=4)
    data = typed(company, line, do="save") | {"lines-0-item": ink.id, "lines-0-measure": "pack", "lines-0-estimate": "90"}

    post(client(company.ann), "/papers/new/purchase", data)

    (kept,) = buying.of(Case.get(Case.kind == "purchase"))
    assert (kept.quantity, kept.estimate) == (12, yuan(90))


def test_the_budget_answers_while_one_writes(client, company, line):
    browser = client(company.ann)

    fits = text_of(post(browser, "/purchasing/live", typed(company, line)))
    beyond = text_of(post(browser, "/purchasing/live", typed(company, line, **{"lines-0-quantity": 600})))

    assert "the head's approval holds ¥6.00" in html.unescape(fits)
    assert "Over budget by" in beyond and "1,200.00" in beyond


def test_what_is_wrong_is_said_beside_it_and_what_was_typed_is_kept(client, company, line):
    answer = post(client(company.ann), "/papers/new/purchase", typed(company, line, do="submit", reason=" "))

    assert answer.status_code == 422
    assert "Say what the special need is." in text_of(answer)
    assert 'value="3"' in answer.text


def test_less_is_approved_on_a_page_of_its_own(client, company, line):
    case = buying.asked(company.ann, line, (supply(company), 10, 25))
    (asked,) = buying.of(case)
    browser, path = client(company.hao), f"/purchasing/purchases/{case.id}/grant"
    assert "Approve less" in text_of(browser.get(path))

    emptied = post(browser, path, shown(case) | {f"granted-{asked.id}": ""})
    assert emptied.status_code == 422 and "Write a whole number from 0 to 10." in text_of(emptied)
    wrong = post(browser, path, shown(case) | {f"granted-{asked.id}": 4})
    assert wrong.status_code == 422 and "Say why" in text_of(wrong)
    answer = post(browser, path, shown(case) | {f"granted-{asked.id}": 4, f"reason-{asked.id}": "Enough"})

    assert answer.status_code == 303
    assert buying.of(case)[0].granted == 4
    assert "Why not all: Enough" in text_of(browser.get(f"/papers/{case.id}"))


# ---- the board ------------------------------------------------------------------------------------------------------


def chosen(company, wanted, at, **more):
    fields = {f"pick-{wanted.id}": "1", f"quantity-{wanted.id}": "10", f"supplier-{supply(company).id}": at.id}
    return fields | {"token": "a-token-of-the-board"} | more


def test_the_board_drafts_an_order_at_the_cheapest_supplier(client, company, application):
    dear = supplier("贵文具")
    buying.quote(supply(company), 3, of=dear)
    browser, (wanted,) = client(company.sam), buying.of(application)
    page = browser.get("/purchasing/to-order").text
    assert page.index("晨光文具") < page.index("贵文具")  # the first option is the one chosen

    answer = post(browser, "/purchasing/to-order", chosen(company, wanted, supplier()))
    again = post(browser, "/purchasing/to-order", chosen(company, wanted, supplier()))

    order = Case.get(Case.kind == "order")
    assert answer.status_code == again.status_code == 303
    assert (Case.select().where(Case.kind == "order").count(), order.state, order.amount) == (1, "draft", yuan(20))


def test_sup_08_the_board_asks_why_it_is_not_the_cheapest(client, company, application):
    dear = supplier("贵文具")
    buying.quote(supply(company), 3, of=dear)
    browser, (wanted,) = client(company.sam), buying.of(application)

    wrong = post(browser, "/purchasing/to-order", chosen(company, wanted, dear))
    assert wrong.status_code == 422 and "Another supplier offers it for less" in text_of(wrong)
    assert Case.select().where(Case.kind == "order").count() == 0
    reason = {f"reason-{supply(company).id}": "Delivers today"}
    post(browser, "/purchasing/to-order", chosen(company, wanted, dear, **reason))

    assert OrderLine.get().reason == "Delivers today"


def test_more_than_is_left_is_not_taken_on_the_board(client, company, application):
    (wanted,) = buying.of(application)
    data = chosen(company, wanted, supplier()) | {f"quantity-{wanted.id}": "11"}

    answer = post(client(company.sam), "/purchasing/to-order", data)

    assert answer.status_code == 422
    assert Case.select().where(Case.kind == "order").count() == 0


def test_what_nobody_offers_leads_to_a_new_quote(client, company, line):
    ink = supply(company, "INK")
    buying.approved(company, company.ann, line, (ink, 10, 25))

    page = client(company.sam).get("/purchasing/to-order")

    assert "There is no valid quote" in text_of(page)
    assert f"/purchasing/quotes/new?item={ink.id}" in page.text


def test_an_empty_board_says_so(client, company):
    assert "Nothing waits to be ordered" in text_of(client(company.sam).get("/purchasing/to-order"))


# ---- an order -------------------------------------------------------------------------------------------------------


def test_a_draft_is_completed_placed_and_marked_as_sent(client, company, application):
    order, browser = buying.order(company, buying.of(application)), client(company.sam)
    (wanted,) = buying.of(application)
    data = {
        "supplier": supplier().id,
        "deliver_by": clock.today().isoformat(),
        "note": "Gate 3",
        "version": 1,
        "token": "an-order",
    }
    data |= {"lines-0-wanted": wanted.id, "lines-0-quantity": 10, "lines-0-reason": "", "title": "Pens"}

    answer = post(browser, f"/papers/{order.id}/edit", data | {"do": "submit"})
    assert answer.status_code == 303, text_of(answer)
    assert Case.get_by_id(order.id).state == "placed"
    post(browser, f"/papers/{order.id}/steps", shown(order) | {"step": "send", "way": "phone"})

    page = text_of(browser.get(f"/papers/{order.id}"))
    for words in ("Gate 3", "By telephone", application.number, "Sent to the supplier"):
        assert words in page


def test_an_order_is_printed_for_the_supplier(client, company, application):
    order = buying.placed(company, application)

    page = text_of(client(company.sam).get(f"/papers/{order.id}/print"))

    for words in (order.number, "晨光文具", application.number, "20.00"):
        assert words in page


def test_a_delivery_is_compared_line_by_line(client, company, application):
    order, browser = buying.sent(company, application), client(company.sam)
    (line,) = lines_of_order(order)
    path = f"/purchasing/orders/{order.id}/receive"
    page = browser.get(path)
    assert f'name="received-{line.id}" value="10"' in page.text

    data = shown(order) | {"after": 0, "day": clock.today().isoformat(), "delivery_note": "D-7"}
    too_many = post(browser, path, data | {f"received-{line.id}": 12, f"failed-{line.id}": 0})
    assert too_many.status_code == 422 and "reduce by 2" in text_of(too_many)
    unsaid = post(browser, path, data | {f"received-{line.id}": 10, f"failed-{line.id}": 1})
    assert unsaid.status_code == 422 and "Say why it failed" in text_of(unsaid)
    answer = post(browser, path, data | {f"received-{line.id}": 10, f"failed-{line.id}": 1, f"failure-{line.id}": "Leaks"})

    assert answer.status_code == 303
    page = text_of(browser.get(f"/papers/{order.id}"))
    for words in ("Leaks", "D-7", "Partly received"):
        assert words in page


# ---- an invoice -----------------------------------------------------------------------------------------------------


@pytest.fixture
def order(company, application):
    return buying.received(company, buying.sent(company, application))


def test_the_form_of_an_invoice_knows_what_came(client, company, order):
    page = client(company.sam).get(f"/papers/new/supplier_invoice?order={order.id}")

    assert 'value="10"' in page.text
    assert 'value="20.00"' in page.text


def test_an_invoice_is_entered_with_its_file(client, company, order):
    (line,) = lines_of_order(order)
    data = {"order": order.id, "number": "No. 2511 7000", "code": "", "day": clock.today().isoformat(), "token": "an-invoice"}
    data |= {"lines-0-line": line.id, "lines-0-quantity": 10, "lines-0-amount": "20", "version": 0, "title": ""}
    browser = client(company.sam)

    answer = post(browser, "/papers/new/supplier_invoice", data | {"do": "submit", "files": (io.BytesIO(PDF), "invoice.pdf")})

    assert answer.status_code == 303, text_of(answer)
    case = Case.get(Case.kind == "supplier_invoice")
    assert (case.state, SupplierInvoice.get_by_id(case.id).number) == ("submitted", "25117000")
    page = text_of(browser.get(f"/papers/{case.id}"))
    assert "They agree" in page and order.number in page


def test_a_difference_is_decided_on_a_page_of_its_own(client, company, order):
    case = buying.entered(company, order, [Billed(line, 12, yuan(24)) for line in lines_of_order(order)])
    browser, path = client(buying.shu()), f"/purchasing/invoices/{case.id}/decide"
    assert "2 more than was accepted" in text_of(browser.get(f"/papers/{case.id}"))
    (billed,) = buying.lines_of_invoice(case)

    wrong = post(browser, path, shown(case) | {f"pay-{billed.id}": "24", "note": "As billed"})
    assert wrong.status_code == 422 and "From 0 up to ¥20.00" in text_of(wrong)
    unsaid = post(browser, path, shown(case) | {f"pay-{billed.id}": "20", "note": ""})
    assert unsaid.status_code == 422 and "Say why" in text_of(unsaid)
    answer = post(browser, path, shown(case) | {f"pay-{billed.id}": "20", "note": "Ten came"})

    assert answer.status_code == 303
    assert "Ten came" in text_of(browser.get(f"/papers/{case.id}"))


def test_the_cashier_finds_it_in_the_queue(client, company, order):
    case = buying.checked(company, buying.signed(buying.entered(company, order)))

    page = text_of(client(company.cai).get("/books/payables"))

    assert case.number in page and "晨光文具" in page


def test_the_application_tells_where_it_stands(client, company, application, order):
    page = text_of(client(company.ann).get(f"/papers/{application.id}"))

    assert order.number in page and "晨光文具" in page


def test_who_may_not_read_an_order_sees_no_way_to_it(client, company, application, order):
    browser = client(company.ann)

    assert f'href="/papers/{order.id}"' not in browser.get(f"/papers/{application.id}").text
    assert browser.get(f"/papers/{order.id}").status_code == 404


def test_steps_taken_by_forged_forms_are_refused(client, company, order):
    case = buying.entered(company, order)
    for person, step in ((company.cai, "pay"), (buying.qin(), "sign_second"), (company.sam, "sign_first"), (company.ann, "post")):
        answer = post(client(person), f"/papers/{case.id}/steps", shown(case) | {"step": step})
        assert answer.status_code in (403, 404, 409, 422)
    assert Case.get_by_id(case.id).state == "submitted"
    assert steps.take(buying.shu(), case.id, "sign_first").state == "signed_first"
