"""Invoices of suppliers: matched with order and receipt, signed by two, paid once, booked by a third."""

from __future__ import annotations

import pytest

from portal import checks, clock, contents, steps
from portal.books.models import Payable, Voucher, VoucherLine, payables_of
from portal.books.rules_accounts import Typed
from portal.books.rules_runs import Run, pay_together
from portal.cases import Case, open_tasks
from portal.persons import Grant
from portal.purchasing.models import OrderLine
from portal.purchasing.models_invoices import Billed, Decided, lines_of_invoice
from portal.purchasing.models_orders import Sent, lines_of_order
from portal.purchasing.rules_invoices import SUPPLIER_INVOICE
from portal.purchasing.rules_orders import ORDER
from portal.refused import Mistyped, NotYours, Refused
from portal.supplies.rules_accounts import set_supplier_account
from tests import budgets, buying
from tests.at_once import at_once
from tests.budgets import yuan
from tests.catalogue import supplier, supply
from tests.refusals import refusal

files, company, line = buying.files, buying.company, buying.line


@pytest.fixture
def order(company, line):
    """10 pens at 2 yuan that came and were good."""
    case = buying.approved(company, company.ann, line, (supply(company), 10, 25))
    return buying.received(company, buying.sent(company, case))


def figures(line):
    found = budgets.figures_now(line)
    return found.held, found.spent


def bills(order, quantity, amount):
    return [Billed(line, quantity, yuan(amount)) for line in lines_of_order(order)]


# ---- the match ------------------------------------------------------------------------------------------------------


def test_what_agrees_goes_to_the_signatures(company, order):
    case = buying.entered(company, order)

    assert case.state == "submitted"
    assert [line.payable for line in lines_of_invoice(case)] == [yuan(20)]


def test_sup_09_nothing_is_billed_before_the_goods_were_compared(company, line):
    sent = buying.sent(company, buying.approved(company, company.ann, line, (supply(company), 10, 25)))
    case = buying.invoice(company, sent, bills(sent, 10, 20))

    why = refusal(lambda: steps.take(company.sam, case.id, "submit"), Refused)

    assert "Enter a receipt first" in why


@pytest.mark.parametrize(("quantity", "amount"), [(12, 24), (10, 22), (10, 18), (12, 20)])
def test_a_difference_waits_for_a_decision(company, order, quantity, amount):
    case = buying.entered(company, order, bills(order, quantity, amount))

    assert case.state == "differing"
    for person in (buying.shu(), buying.qin(), company.cai):
        with pytest.raises(Refused):
            steps.take(person, case.id, "sign_first")


def test_the_decision_needs_its_reason_and_never_pays_what_did_not_come(company, order, line):
    case = buying.entered(company, order, bills(order, 12, 24))
    (billed,) = lines_of_invoice(case)

    assert refusal(lambda: decided(case, billed, 20, ""), Mistyped).startswith("Say why")
    assert "From 0 up to 20.00" in refusal(lambda: decided(case, billed, 21), Mistyped)
    case = decided(case, billed, 20)

    assert (case.state, buying.payable(case)) == ("submitted", yuan(20))


def decided(case, billed, amount, note="Two were not delivered"):
    return steps.take(buying.shu(), case.id, "decide", given=Decided({billed.id: yuan(amount)}), note=note)


def test_a_dearer_price_that_is_accepted_is_held_before_it_is_paid(company, order, line):
    case = buying.entered(company, order, bills(order, 10, 30))
    (billed,) = lines_of_invoice(case)
    assert figures(line) == (yuan(25), 0)

    case = decided(case, billed, 30, "Paper became dearer")

    assert figures(line) == (yuan(30), 0)
    buying.paid(company, buying.checked(company, buying.signed(case)))
    assert figures(line) == (0, yuan(30))
    assert checks.findings() == []


def test_a_dearer_price_beyond_the_budget_is_not_accepted(company):
    line = budgets.budget_line(company.department("Marketing"), 25, "OFFICE")
    case = buying.approved(company, company.ann, line, (supply(company), 10, 25))
    order = buying.received(company, buying.sent(company, case))
    case = buying.entered(company, order, bills(order, 10, 30))
    (billed,) = lines_of_invoice(case)

    why = refusal(lambda: decided(case, billed, 30), Refused)

    assert "5.00 more" in why
    assert Case.get_by_id(case.id).state == "differing"


def test_sup_17_what_failed_the_quality_check_is_not_payable(company, line):
    order = buying.sent(company, buying.approved(company, company.ann, line, (supply(company), 10, 25)))
    (ordered,) = lines_of_order(order)
    order = buying.received(company, order, {ordered.id: (10, 7, "Three leak")})

    case = buying.entered(company, order, bills(order, 10, 20))

    (billed,) = lines_of_invoice(case)
    assert (case.state, billed.counted) == ("differing", 7)
    assert "From 0 up to 14.00" in refusal(lambda: decided(case, billed, 15), Mistyped)


def test_a_delivery_is_billed_once_also_by_two_invoices(company, order):
    buying.entered(company, order)
    case = buying.invoice(company, order, bills(order, 10, 20))

    why = refusal(lambda: steps.take(company.sam, case.id, "submit"), Refused)

    assert "nothing of it is payable" in why


def test_two_invoices_of_the_same_goods_at_once_bill_them_once(company, order):
    drafts = [buying.invoice(company, order, bills(order, 10, 20)) for _n in range(2)]

    at_once(*(lambda case=case: steps.take(company.sam, case.id, "submit") for case in drafts))

    assert sum(line.counted for case in drafts for line in lines_of_invoice(Case.get_by_id(case.id))) == 10
    assert checks.findings() == []


@pytest.mark.parametrize("same", ["number", "file"])
def test_fin_12_the_same_invoice_is_entered_once(company, order, line, same):
    first = buying.invoice(company, order, number="25117000000012345678", file=b"invoice;1\n")
    steps.take(company.sam, first.id, "submit")
    other = buying.received(company, buying.sent(company, buying.approved(company, company.ann, line, (supply(company), 5, 10))))
    number, file = ("25117000000012345678", b"other;2\n") if same == "number" else ("9988", b"invoice;1\n")

    again = buying.invoice(company, other, number=number, file=file)
    why = refusal(lambda: steps.take(company.sam, again.id, "submit"), Refused)

    assert "entered before, on PI-" in why


def test_an_invoice_without_its_file_is_not_sent_on(company, order):
    content = buying.invoice_content(order, "4711", clock.today(), buying.billed(order))
    case = contents.create(SUPPLIER_INVOICE, company.sam, content, "no file")

    assert refusal(lambda: steps.take(company.sam, case.id, "submit"), Refused) == "Attach the invoice."


def test_what_was_returned_may_be_billed_again(company, order):
    case = buying.entered(company, order)
    steps.take(buying.shu(), case.id, "return", given="draft", note="Wrong number")

    assert OrderLine.get(OrderLine.case == order).billed == 0
    assert steps.take(company.sam, case.id, "submit").state == "submitted"
    assert checks.findings() == []


# ---- two signatures -------------------------------------------------------------------------------------------------


def test_sup_10_the_supervisor_signs_before_the_manager(company, order):
    case = buying.entered(company, order)
    with pytest.raises(Refused):
        steps.take(buying.qin(), case.id, "sign_second")

    case = steps.take(buying.shu(), case.id, "sign_first")

    assert steps.take(buying.qin(), case.id, "sign_second").state == "signed"


def test_sup_10_the_office_signs_also_what_a_buyer_of_another_department_ordered(company, line):
    budgets.grant(company.bo, "purchaser")
    application = buying.approved(company, company.ann, line, (supply(company), 10, 25))
    order = contents.create(ORDER, company.bo, buying.ordering(buying.of(application)), "an order of Bo's")
    order = steps.take(company.bo, steps.take(company.bo, order.id, "place").id, "send", given=Sent("email"))
    case = buying.invoice(company, buying.received(company, order), by=company.bo)
    case = steps.take(company.bo, case.id, "submit")

    assert {task.post for task in open_tasks(case)} == {f"supervisor@{company.department('Office').id}"}
    assert buying.signed(case).state == "signed"


def test_sup_10_one_person_never_gives_both_signatures(company, order):
    Grant.create(
        person=buying.shu(), role="dept_manager", department=company.department("Office"), starts=clock.today(), reason="the test"
    )
    case = steps.take(buying.shu(), buying.entered(company, order).id, "sign_first")

    with pytest.raises(NotYours):
        steps.take(buying.shu(), case.id, "sign_second")
    assert steps.take(buying.qin(), case.id, "sign_second").state == "signed"


def test_sup_10_where_one_escalates_two_people_still_sign(company, order):
    Grant.delete().where(Grant.person == buying.shu()).execute()
    case = buying.entered(company, order)
    case = steps.take(buying.qin(), case.id, "sign_first")  # nobody supervises the office: its manager signs first

    with pytest.raises(NotYours):
        steps.take(buying.qin(), case.id, "sign_second")
    assert steps.take(company.mei, case.id, "sign_second").state == "signed"


def test_sup_10_who_entered_it_does_not_sign(company, order):
    Grant.create(
        person=company.sam, role="supervisor", department=company.department("Office"), starts=clock.today(), reason="the test"
    )
    case = buying.entered(company, order)

    with pytest.raises(NotYours):
        steps.take(company.sam, case.id, "sign_first")


# ---- paying ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signatures", [0, 1])
def test_sup_11_nothing_is_paid_before_both_signatures(company, order, signatures):
    case = buying.entered(company, order)
    if signatures:
        steps.take(buying.shu(), case.id, "sign_first")

    with pytest.raises(Refused):
        steps.take(company.cai, case.id, "pay", given=buying.payment())
    with pytest.raises(Refused):
        buying.checked(company, case)
    assert payables_of(case) == []


def test_fin_23_both_signatures_bring_it_to_the_cashiers_queue(company, order):
    set_supplier_account(company.sam, supplier().id, Typed("Bank", "6222 77", "Chenguang"))
    case = buying.checked(company, buying.signed(buying.entered(company, order)))

    (payable,) = payables_of(case)

    assert (payable.payee, payable.amount, payable.number) == (supplier().name, yuan(20), "6222 77")


def test_a_signer_does_not_pay_also_not_in_a_run(company, order):
    case = buying.checked(company, buying.signed(buying.entered(company, order)))
    Grant.create(person=buying.shu(), role="cashier", starts=clock.today(), reason="the test")

    with pytest.raises(NotYours):
        steps.take(buying.shu(), case.id, "pay", given=buying.payment())
    run = Run(buying.payment().fund, clock.today(), lines=tuple((each.id, each.open) for each in payables_of(case)))
    pay_together(buying.shu(), run, "a run of a signer")
    assert Payable.get(Payable.case == case).paid == 0


def test_payment_takes_and_the_rest_is_free_again(company, order, line):
    assert figures(line) == (yuan(25), 0)

    buying.paid(company, buying.checked(company, buying.signed(buying.entered(company, order))))

    assert figures(line) == (0, yuan(20))
    assert Case.get_by_id(order.id).state == "closed"


def test_paid_in_parts_the_budget_is_taken_when_all_of_it_is(company, order, line):
    case = buying.checked(company, buying.signed(buying.entered(company, order)))
    (payable,) = payables_of(case)

    steps.take(company.cai, case.id, "pay", given=buying.payment(((payable.id, yuan(5)),)))
    assert (Case.get_by_id(case.id).state, figures(line)) == ("payable", (yuan(25), 0))
    steps.take(company.cai, case.id, "pay", given=buying.payment())

    assert (Case.get_by_id(case.id).state, figures(line)) == ("paid", (0, yuan(20)))
    assert checks.findings() == []


def test_two_cashiers_pay_one_invoice_once(company, order):
    case = buying.checked(company, buying.signed(buying.entered(company, order)))
    Grant.create(person=company.bo, role="cashier", starts=clock.today(), reason="the test")

    cashiers = (company.cai, company.bo)
    answers = at_once(*(lambda who=who: steps.take(who, case.id, "pay", given=buying.payment()) for who in cashiers))

    assert sum(isinstance(each, Refused) for each in answers) == 1
    assert Payable.get(Payable.case == case).paid == yuan(20)


def test_a_part_delivery_is_billed_and_paid_while_the_rest_still_comes(company, line):
    application = buying.approved(company, company.ann, line, (supply(company), 10, 25))
    order = buying.sent(company, application)
    (ordered,) = lines_of_order(order)
    order = buying.received(company, order, {ordered.id: (4, 4, "")})
    buying.paid(company, buying.checked(company, buying.signed(buying.entered(company, order))))
    assert figures(line) == (yuan(17), yuan(8))

    order = buying.received(company, Case.get_by_id(order.id))
    buying.paid(company, buying.checked(company, buying.signed(buying.entered(company, order))))

    assert figures(line) == (0, yuan(20))
    assert Case.get_by_id(application.id).state == "closed"
    assert checks.findings() == []


def test_fin_06_the_books_follow_and_who_paid_does_not_post(company, order, line):
    case = buying.paid(company, buying.checked(company, buying.signed(buying.entered(company, order))))
    with pytest.raises(Refused):
        steps.take(company.cai, case.id, "post")

    steps.take(company.lin, case.id, "post")

    voucher = Voucher.get(Voucher.case == case)
    lines = VoucherLine.select().where(VoucherLine.voucher == voucher)
    assert sorted(each.amount for each in lines) == [yuan(-20), yuan(20)]
    assert {each.department_id for each in lines if each.category_id} == {line.department_id}
    assert checks.findings() == []


def test_gen_01_signers_do_not_post_it(company, order):
    case = buying.paid(company, buying.checked(company, buying.signed(buying.entered(company, order))))
    Grant.create(person=buying.qin(), role="chief_accountant", starts=clock.today(), reason="the test")

    with pytest.raises(NotYours):
        steps.take(buying.qin(), case.id, "post")
