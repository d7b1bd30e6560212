"""A draft of every kind of paper there is, asked for by Hao, a department head: what is tried on every flow begins with it."""

from __future__ import annotations

from collections.abc import Callable

from portal import clock, contents
from portal.cases import Case
from portal.flow import FLOWS
from portal.persons import Grant
from tests.cast import Cast


def memo(cast: Cast) -> Case:
    from tests import memo

    memo.build()
    return memo.draft(cast.hao)


def spending(cast: Cast) -> Case:
    from tests import budgets

    line = budgets.budget_line(cast.department("Marketing"), 5000)
    return contents.create(FLOWS["spending"], cast.hao, budgets.content(cast.hao, line), "a spending request")


def advance(cast: Cast) -> Case:
    from portal.expenses.models_advances import advance_content
    from tests import budgets

    line = budgets.budget_line(cast.department("Marketing"), 5000)
    content = advance_content(budgets.approved(cast.hao, cast.mei, line, 1000), budgets.yuan(300))
    return contents.create(FLOWS["advance"], cast.hao, content, "an advance")


def allotment(cast: Cast) -> Case:
    from portal.budget.rules import Wanted, allotment_content
    from tests.budgets import category, yuan

    wanted = [Wanted(cast.department("Marketing"), category(), yuan(5000))]
    return contents.create(FLOWS["allotment"], cast.hao, allotment_content("Budget", 2026, wanted), "an allotment")


def transfer(cast: Cast) -> Case:
    from portal.budget.rules import transfer_content
    from tests.budgets import budget_line, yuan

    giver, receiver = (budget_line(cast.department("Marketing"), 5000, code) for code in ("TRAVEL", "OFFICE"))
    content = transfer_content("More for the fair", giver, receiver, yuan(100), "the fair")
    return contents.create(FLOWS["transfer"], cast.hao, content, "a transfer")


def grant(cast: Cast) -> Case:
    Grant.create(person=cast.hao, role="it_admin", starts=clock.today(), reason="asks for roles")
    detail = {"person": cast.sam, "role": "cashier", "scope": None, "starts": clock.today(), "ends": None, "acting": False}
    content = contents.Content("山姆 · sam", detail | {"reason": "the cash"}, beneficiary=cast.sam)
    return contents.create(FLOWS["grant"], cast.hao, content, "a grant")


def wish(cast: Cast) -> Case:
    from portal.supplies.rules_wishes import wish_content
    from tests.catalogue import supply

    return contents.create(FLOWS["wish"], cast.hao, wish_content(cast.hao, {supply(cast).id: 2}), "a wish")


def draw(cast: Cast) -> Case:
    from portal.supplies.rules_draws import Wanted, draw_content
    from tests.catalogue import supply

    content = draw_content(cast.hao, cast.hao.department, [Wanted(supply(cast), 2)])
    return contents.create(FLOWS["draw"], cast.hao, content, "a draw")


def count(cast: Cast) -> Case:
    from portal.stock.rules import count_content
    from tests import shelf

    shelf.item("PEN", 10)
    Grant.create(person=cast.hao, role="warehouse", starts=clock.today(), reason="starts counts")
    return contents.create(FLOWS["count"], cast.hao, count_content("Shelf A", cast.ann, "supply"), "a stock count")


def goods_in(cast: Cast) -> Case:
    from portal.supplies.rules_goods import goods_content
    from tests.catalogue import supplier, supply

    Grant.create(person=cast.hao, role="purchaser", starts=clock.today(), reason="enters what came")
    content = goods_content("Pens came", "gift", clock.today(), [(supply(cast), 10, "")], supplier())
    return contents.create(FLOWS["goods_in"], cast.hao, content, "goods in")


def limits(cast: Cast) -> Case:
    from portal.supplies.models_catalogue import this_month
    from portal.supplies.rules_limits import Wanted, limits_content
    from tests.catalogue import supply

    Grant.create(person=cast.hao, role="office_clerk", starts=clock.today(), reason="proposes limits")
    content = limits_content("Pens", this_month(), [Wanted(cast.department("Marketing"), supply(cast), 10)])
    return contents.create(FLOWS["limits"], cast.hao, content, "limits")


def intake(cast: Cast) -> Case:
    from portal.contracts.models_register import intake_content
    from tests import archive

    archive.archivist(cast)
    return contents.create(FLOWS["intake"], cast.hao, intake_content("Store fittings", "Golden Fittings Ltd"), "an intake")


def loan(cast: Cast) -> Case:
    from portal.contracts.models_papers import loan_content
    from tests import archive

    content = loan_content(archive.contract(cast), purpose="to negotiate the next one")
    return contents.create(FLOWS["loan"], cast.hao, content, "a loan")


def incident(cast: Cast) -> Case:
    from portal.contracts.models_papers import incident_content
    from tests import archive

    contract = archive.contract(cast)
    Grant.create(person=cast.hao, role="contract_archivist", starts=clock.today(), reason="keeps contracts")
    content = incident_content(contract, "damaged", cast.department("Marketing"), "wet")
    return contents.create(FLOWS["incident"], cast.hao, content, "an incident")


def archive_check(cast: Cast) -> Case:
    from portal.contracts.models_papers import check_content
    from tests import archive

    archive.contract(cast)
    Grant.create(person=cast.hao, role="contract_archivist", starts=clock.today(), reason="keeps contracts")
    return contents.create(FLOWS["archive_check"], cast.hao, check_content(), "an archive check")


def handover(cast: Cast) -> Case:
    from portal.contracts.models_papers import handover_content
    from tests import archive

    archive.contract(cast)
    wen = archive.archivist(cast)
    Grant.create(person=cast.hao, role="contract_archivist", starts=clock.today(), reason="keeps contracts")
    return contents.create(FLOWS["handover"], cast.hao, handover_content(cast.hao, wen), "a hand-over")


def destruction(cast: Cast) -> Case:
    from datetime import date

    from portal.contracts.rules_retention import destruction_content
    from tests import archive

    contract = archive.contract(cast, signed_on=date(2000, 1, 5))
    Grant.create(person=cast.hao, role="contract_archivist", starts=clock.today(), reason="keeps contracts")
    content = destruction_content(cast.department("Marketing"), [contract], "kept long enough")
    return contents.create(FLOWS["destruction"], cast.hao, content, "a destruction")


def price_proposal(cast: Cast) -> Case:
    from portal.listings.models_prices import price_content
    from tests import shop

    Grant.create(person=cast.hao, role="planner", starts=clock.today(), reason="proposes prices")
    content = price_content("New prices", "new", "it is new", "as others ask", {shop.draft(cast): 10000})
    return contents.create(FLOWS["price_proposal"], cast.hao, content, "a price proposal")


def shelf_request(cast: Cast) -> Case:
    from portal.listings.models_shelf import shelf_content
    from tests import shop

    Grant.create(person=cast.hao, role="planner", starts=clock.today(), reason="asks for the shelf")
    return contents.create(FLOWS["shelf_request"], cast.hao, shelf_content("Shelf", "on", [shop.ready(cast)]), "a shelf request")


def content_task(cast: Cast) -> Case:
    from portal.listings.models_tasks import task_content
    from tests import shop

    Grant.create(person=cast.hao, role="planner", starts=clock.today(), reason="asks for pictures")
    content = task_content("Winter pictures", "pictures", "on white", shop.draft(cast))
    return contents.create(FLOWS["content_task"], cast.hao, content, "a content task")


def promotion(cast: Cast) -> Case:
    from datetime import timedelta

    from portal.listings.models_promotions import plan_content
    from tests import promoting

    Grant.create(person=cast.hao, role="planner", starts=clock.today(), reason="plans promotions")
    content = plan_content("Spring sale", clock.now(), clock.now() + timedelta(days=7), **promoting.SAID)
    return contents.create(FLOWS["promotion"], cast.hao, content, "a promotion")


def treatment(cast: Cast) -> Case:
    from portal.listings.models_promotions import Treated, treatment_content
    from portal.money import Money
    from tests import promoting, shop

    product = shop.priced(cast, "CUP", 100)
    plan = promoting.passed(cast)
    Grant.create(person=cast.hao, role="section_specialist", starts=clock.today(), reason="treats goods")
    content = treatment_content("Cheaper cups", plan, [Treated(product, Money(8000))])
    return contents.create(FLOWS["treatment"], cast.hao, content, "a treatment")


def artwork(cast: Cast) -> Case:
    from portal.listings.models_promotions import artwork_content
    from tests import shop

    Grant.create(person=cast.hao, role="designer", starts=clock.today(), reason="draws")
    case = contents.create(FLOWS["artwork"], cast.hao, artwork_content("Poster", "poster"), "an artwork")
    shop.attached(case, cast.hao, "poster.png")
    return case


def goods_note(cast: Cast) -> Case:
    from portal.listings.models_goods import note_content
    from tests import shop

    Grant.create(person=cast.hao, role="warehouse", starts=clock.today(), reason="books goods")
    content = note_content("Note", "in", clock.today(), [(shop.draft(cast), 5)])
    return contents.create(FLOWS["goods_note"], cast.hao, content, "a warehouse note")


def manuscript(cast: Cast) -> Case:
    from portal.publishing.rules import MANUSCRIPT
    from tests import manuscripts

    Grant.create(person=cast.hao, role="copywriter", starts=clock.today(), reason="writes")
    return contents.create(MANUSCRIPT, cast.hao, manuscripts.content(), "a manuscript")


def claim(cast: Cast) -> Case:
    from portal.expenses.rules_claims import claim_content
    from tests import budgets

    line = budgets.budget_line(cast.department("Marketing"), 5000)
    request = budgets.approved(cast.hao, cast.mei, line)
    row = {"day": clock.today(), "line": line, "text": "Ticket", "amount": budgets.yuan(100), "invoice_number": "12345678"}
    return contents.create(FLOWS["claim"], cast.hao, claim_content(request, [row]), "a claim")


def money_note(cast: Cast) -> Case:
    from portal.books.models_notes import note_content
    from portal.money import Money
    from tests import moneys

    Grant.create(person=cast.hao, role="cashier", starts=clock.today(), reason="records what moves")
    content = note_content("Sales", "sale", moneys.bank(), clock.today(), Money(500), "Jade Hotel", "R-1")
    return contents.create(FLOWS["money_note"], cast.hao, content, "a note of money")


def opening(cast: Cast) -> Case:
    from portal.books.models_notes import opening_content
    from portal.money import Money
    from tests import moneys

    Grant.create(person=cast.hao, role="chief_accountant", starts=clock.today(), reason="opens the books")
    content = opening_content("Old books", clock.today(), [{"fund": moneys.bank(), "amount": Money(500)}])
    return contents.create(FLOWS["opening"], cast.hao, content, "the opening balances")


def adjustment(cast: Cast) -> Case:
    from portal.books.models import Title
    from portal.books.models_adjustments import adjustment_content
    from portal.money import Money

    Grant.create(person=cast.hao, role="chief_accountant", starts=clock.today(), reason="keeps the books")
    about = {"department": None, "person": None, "category": None, "text": ""}
    sides = (("5602", Money(500), Money(0)), ("1601", Money(0), Money(500)))
    lines = [{"title": Title.get(Title.code == code), "debit": debit, "credit": credit} | about for code, debit, credit in sides]
    return contents.create(FLOWS["adjustment"], cast.hao, adjustment_content("Wear", clock.today(), lines), "a voucher")


def cash_report(cast: Cast) -> Case:
    from portal.books.rules_reports import report_content

    Grant.create(person=cast.hao, role="cashier", starts=clock.today(), reason="reports the day")
    return contents.create(FLOWS["cash_report"], cast.hao, report_content(clock.today()), "a cash report")


def close(cast: Cast) -> Case:
    from portal.books.rules_close import start_close
    from portal.expenses.rules_allowances import last_month

    Grant.create(person=cast.hao, role="cashier", starts=clock.today(), reason="closes the month")
    return start_close(cast.hao, last_month())


def allowance(cast: Cast) -> Case:
    from portal.expenses.rules_allowances import draft_phone, last_month
    from portal.money import Money

    Grant.create(person=cast.hao, role="office_clerk", starts=clock.today(), reason="drafts allowances")
    return draft_phone(cast.hao, last_month(), [(cast.mei, Money(5000)), (cast.hao, Money(15000))], "allowances")


def penalty(cast: Cast) -> Case:
    from portal.expenses.models_penalties import penalty_content
    from portal.money import Money

    content = penalty_content(cast.ann, "SUP-21", Money(8000), clock.today(), "Printed a book")
    return contents.create(FLOWS["penalty"], cast.hao, content, "a penalty")


def purchase(cast: Cast) -> Case:
    from tests import budgets, buying
    from tests.catalogue import supply

    line = budgets.budget_line(cast.department("Marketing"), 5000, "OFFICE")
    content = buying.content_of(cast.hao, line, (supply(cast), 10, 50))
    return contents.create(FLOWS["purchase"], cast.hao, content, "an application to buy")


def order(cast: Cast) -> Case:
    from tests import budgets, buying
    from tests.catalogue import custodian, supply

    line = budgets.budget_line(cast.department("Marketing"), 5000, "OFFICE")
    custodian(cast.ann)
    buying.quote(supply(cast), 2)
    lines = buying.of(buying.approved(cast, cast.ann, line, (supply(cast), 10, 50)))
    Grant.create(person=cast.hao, role="purchaser", starts=clock.today(), reason="orders")
    return contents.create(FLOWS["order"], cast.hao, buying.ordering(lines), "an order")


def supplier_invoice(cast: Cast) -> Case:
    from portal import steps
    from portal.purchasing.models_orders import Sent
    from tests import buying

    placed = steps.take(cast.hao, order(cast).id, "place")
    sent = steps.take(cast.hao, placed.id, "send", given=Sent("email"))
    return buying.bill_of(buying.received(cast, sent), cast.hao)


def nearby(cast: Cast) -> Case:
    from tests import budgets, nearby

    return nearby.drafted(cast.hao, budgets.budget_line(cast.department("Marketing"), 5000))


DRAFTS: dict[str, Callable[[Cast], Case]] = {
    each.__name__: each
    for each in (
        memo,
        spending,
        claim,
        advance,
        allotment,
        transfer,
        grant,
        wish,
        draw,
        count,
        goods_in,
        limits,
        intake,
        loan,
        incident,
        archive_check,
        handover,
        destruction,
        price_proposal,
        shelf_request,
        content_task,
        promotion,
        treatment,
        artwork,
        goods_note,
        manuscript,
        money_note,
        opening,
        adjustment,
        cash_report,
        close,
        allowance,
        penalty,
        purchase,
        order,
        supplier_invoice,
        nearby,
    )
}
