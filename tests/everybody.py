"""One person in each role, and one thing of each sort that somebody may try to reach."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from portal import attachments, clock, db, notices, policies, steps, tasks
from portal.access import ROLES
from portal.books.models import CashEntry, Title, Voucher, payables_of
from portal.books.models_adjustments import adjustment_content
from portal.books.rules_adjustments import ADJUSTMENT
from portal.books.rules_close import start_close
from portal.books.rules_payments import Owed, owe
from portal.books.rules_runs import Run, pay_together
from portal.budget.models import line_at
from portal.budget.rules import Wanted, allotment_content, transfer_content
from portal.cases import Case, Task, let_read
from portal.contents import create
from portal.contracts.models import CheckLine
from portal.contracts.models_checks import running_check
from portal.contracts.models_papers import Findings as IncidentFindings
from portal.contracts.models_papers import check_content, handover_content
from portal.contracts.models_register import intake_content
from portal.contracts.rules_finding import keep_search
from portal.contracts.rules_incidents import open_incident
from portal.contracts.rules_links import link
from portal.contracts.rules_retention import destruction_content
from portal.contracts.rules_scans import attach_scan
from portal.expenses.models_advances import advance_content
from portal.expenses.models_allowances import MealException
from portal.expenses.models_consents import PhoneConsent
from portal.expenses.models_money import Absence
from portal.expenses.rules import dept_head_endorses
from portal.expenses.rules_allowances import except_from_meals
from portal.flow import FLOWS, Act
from portal.listings.models import TakeDown
from portal.listings.models_promotions import artwork_content
from portal.listings.models_tasks import ContentTask, task_content
from portal.listings.rules_files import attach
from portal.listings.rules_filings import file_with_mall
from portal.listings.rules_products import vouch, write_content
from portal.money import Money
from portal.papers.rules import company_logo
from portal.people import rules_calendar
from portal.people.rules_grants import Terms, give
from portal.persons import Grant, Person
from portal.purchasing.models_suppliers import Spoken
from portal.purchasing.rules_suppliers import add_contact
from portal.stock.models_counts import lines_of
from portal.stock.rules import count_content, tally
from portal.stock.rules_counts import Findings
from portal.supplies import rules_limits
from portal.supplies.models import Suggestion
from portal.supplies.models_catalogue import this_month
from portal.supplies.models_draws import lines_of_wish
from portal.supplies.rules_catalogue import put_picture
from portal.supplies.rules_goods import goods_content
from portal.supplies.rules_limits import limits_content
from portal.words import Words
from tests import archive, budgets, buying, catalogue, draws, lending, manuscripts, moneys, posts, promoting, quotes, shelf, shop
from tests import nearby as near
from tests.cast import NEVER_OLD, Cast
from tests.pdfs import PDF, pdf_of
from tests.test_attachments import _picture

OF_THE_CAST = {
    "requester": "ann", "gm": "mei", "office_clerk": "sam", "chief_accountant": "lin", "cashier": "cai", "dept_manager": "hao",
}  # fmt: skip
NAMED_OTHERWISE = {"dept_manager_elsewhere": ("dept_manager", "IT"), "office_manager": ("dept_manager", "Office")}


def write_everybody(cast: Cast) -> None:
    """Who is missing in the cast: an employee in Ann's own department, and somebody in each other role."""
    _add(cast, "employee", "Marketing")
    for name in sorted({*ROLES, *NAMED_OTHERWISE} - {*OF_THE_CAST}):
        role, department = NAMED_OTHERWISE.get(name, (name, ""))
        department = department or ("Marketing" if ROLES[role].scope == "department" else "")
        person = _add(cast, name, department or "E-commerce")
        posts.grant(person, role, cast.department(department) if department else None)


def _add(cast: Cast, user: str, department: str) -> Person:
    level = "db_admin" if user == "it_admin" else "back_office"
    return Person.create(
        user=user, name=user, name_en=user, department=cast.department(department), level=level, password_set_at=NEVER_OLD
    )


def person_as(column: str) -> Person:
    return Person.get(Person.user == OF_THE_CAST.get(column, column))


# ---- things ---------------------------------------------------------------------------------------------------------

THINGS: dict[str, Callable[..., Any]] = {}


def thing(make: Callable[..., Any]) -> Callable[..., Any]:
    """A sort of thing, called as the table calls it; each call makes a new one."""
    THINGS[make.__name__.replace("_", " ")] = make
    return make


@thing
def department(cast: Cast) -> Any:
    return cast.department("IT")


@thing
def person(cast: Cast) -> Any:
    return cast.bo


@thing
def corrected_day(cast: Cast) -> Any:
    free = next(day for day in weekdays_ahead() if clock.is_worked(day))
    return rules_calendar.correct_day(None, free, False, "Company outing")


def weekdays_ahead() -> Iterator[date]:
    """Mondays from 2030 on, each once corrected a day of rest."""
    return (date(2030, 1, 7) + timedelta(weeks=week) for week in range(500))


@thing
def held_role(cast: Cast) -> Any:
    return Grant.get(Grant.person == cast.sam)


@thing
def notice(cast: Cast) -> Any:
    notices.tell([cast.ann.id], "role", Words("Well done."))
    return notices.unread(cast.ann)[0]


@thing
def logo(cast: Cast) -> Any:
    kept = attachments.store("case", spending(cast).id, "paper", "logo.png", io.BytesIO(_picture()), cast.ann)
    policies.change(cast.mei, company_logo, kept.id)
    return kept


@thing
def file(cast: Cast) -> Any:
    return attachments.store("case", spending(cast).id, "paper", "offer.pdf", io.BytesIO(PDF), cast.ann)


@thing
def category(cast: Cast) -> Any:
    return budgets.category()


@thing
def line(cast: Cast, code: str = "TRAVEL") -> Any:
    found = line_at(clock.today().year, cast.department("Marketing"), budgets.category(code))
    return found or budgets.budget_line(cast.department("Marketing"), 1_000_000, code)


@thing
def draft(cast: Cast) -> Case:
    return budgets.draft(cast.ann, line(cast), 10)


@thing
def spending(cast: Cast) -> Case:
    return budgets.asked(cast.ann, line(cast), 10)


@thing
def business_spending(cast: Cast) -> Case:
    return steps_ahead(
        budgets.create(budgets.SPENDING, cast.ann, budgets.business(cast.ann, line(cast), 10), secrets.token_hex(8))
    )


def steps_ahead(case: Case, name: str = "submit") -> Case:
    return steps.take(case.requester, case.id, name)


@thing
def returned_spending(cast: Cast) -> Case:
    return steps.take(cast.mei, spending(cast).id, "return", given="draft", note="Which train?")


@thing
def spending_over_budget(cast: Cast) -> Case:
    return budgets.asked(cast.ann, line(cast, "GUESTS"), 9_000_000)


@thing
def endorsing(cast: Cast) -> Case:
    policies.change(cast.mei, dept_head_endorses, True)
    case = spending(cast)
    policies.change(cast.mei, dept_head_endorses, False)
    return case


@thing
def approved_spending(cast: Cast) -> Case:
    return steps.take(cast.mei, spending(cast).id, "approve")


@thing
def draft_claim(cast: Cast) -> Case:
    return moneys.drafted(cast.ann, approved_spending(cast), 5)


@thing
def claim(cast: Cast) -> Case:
    return moneys.claimed(cast.ann, approved_spending(cast), 5)


@thing
def signed_claim(cast: Cast) -> Case:
    return steps.take(cast.mei, claim(cast).id, "sign", given=moneys.Granted())


@thing
def checked_claim(cast: Cast) -> Case:
    return moneys.checked(cast, cast.ann, approved_spending(cast), 5)


@thing
def paid_claim(cast: Cast) -> Case:
    return steps.take(cast.cai, checked_claim(cast).id, "pay", given=moneys.by_bank())


@thing
def invoice_file(cast: Cast) -> Any:
    return attachments.store("case", claim(cast).id, "invoice", "invoice.pdf", io.BytesIO(PDF), cast.ann)


@thing
def urgent_spending(cast: Cast) -> Case:
    return budgets.asked(cast.ann, line(cast), 10, urgent=True)


@thing
def consented_spending(cast: Cast) -> Case:
    given = PhoneConsent(clock.now(), "phone", "Yes")
    return steps.take(cast.hao, urgent_spending(cast).id, "record_consent", given=given)


@thing
def absence(cast: Cast) -> Any:
    """Of somebody for whom nobody has to be asked by telephone."""
    today, token = clock.today(), secrets.token_hex(8)
    return Absence.add(person=cast.sam, starts=today, ends=today, text="", by=cast.mei, at=clock.now(), token=token)


@thing
def draft_advance(cast: Cast) -> Case:
    content = advance_content(approved_spending(cast), budgets.yuan(5))
    return create(FLOWS["advance"], cast.ann, content, secrets.token_hex(8))


@thing
def advance(cast: Cast) -> Case:
    return moneys.advance(cast.ann, approved_spending(cast), 5)


@thing
def blocked_advance(cast: Cast) -> Case:
    case = draft_advance(cast)
    Case.update(state="blocked").where(Case.id == case.id).execute()
    Task.delete().where(Task.case == case).execute()
    posts_there = tasks.open_for(FLOWS["advance"], Act(Case.get_by_id(case.id), None))
    let_read(case, posts_there | {"chief_accountant", "cashier", "exec_in_charge", posts.head(cast)})
    return Case.get_by_id(case.id)


@thing
def paid_advance(cast: Cast) -> Case:
    return steps.take(cast.cai, advance(cast).id, "pay", given=moneys.by_bank())


@thing
def lent_advance(cast: Cast) -> Case:
    return moneys.lent(cast, cast.ann, approved_spending(cast), 5)


@thing
def advance_of_the_cashier(cast: Cast) -> Case:
    of_finance = line_at(clock.today().year, cast.department("Finance"), budgets.category("TRAVEL"))
    of_finance = of_finance or budgets.budget_line(cast.department("Finance"), 1_000_000)
    return moneys.advance(cast.cai, budgets.approved(cast.cai, cast.mei, of_finance, 10), 5)


@thing
def allotment(cast: Cast) -> Case:
    wanted = [Wanted(cast.department("Marketing"), budgets.category("OFFICE"), budgets.yuan(5000))]
    content = allotment_content("Budget", clock.today().year, wanted)
    return steps_ahead(create(FLOWS["allotment"], cast.hao, content, secrets.token_hex(8)))


@thing
def money_note(cast: Cast) -> Case:
    """Sales that the cashier recorded."""
    return moneys.received(cast, 100)


@thing
def payment(cast: Cast) -> Any:
    """A claim of Ann's that was paid."""
    case = moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line(cast), 20), 10)
    steps.take(cast.cai, case.id, "pay", given=moneys.by_bank())
    return CashEntry.get(CashEntry.case == case)


@thing
def line_apart(cast: Cast) -> Any:
    """Of the chief accountant, on a claim of Ann's."""
    case = moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line(cast), 20), 10)
    owe_apart = db.transaction(owe)
    owe_apart(case, [Owed(cast.lin.name, budgets.yuan(5), cast.lin, barred=frozenset({cast.lin.id}))])
    return payables_of(case)[-1]


@thing
def payment_run(cast: Cast) -> Any:
    """Of Cai's."""
    case = moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line(cast), 20), 10)
    run = Run(moneys.bank().id, clock.today(), lines=tuple((each.id, each.open) for each in payables_of(case)))
    return pay_together(cast.cai, run, secrets.token_hex(10))


@thing
def compiled_allotment(cast: Cast) -> Case:
    return steps.take(cast.lin, allotment(cast).id, "compile")


@thing
def transfer(cast: Cast) -> Case:
    content = transfer_content("More for the fair", line(cast), line(cast, "GUESTS"), budgets.yuan(100), "the fair")
    return steps_ahead(create(FLOWS["transfer"], cast.hao, content, secrets.token_hex(8)))


@thing
def compiled_transfer(cast: Cast) -> Case:
    return steps.take(cast.lin, transfer(cast).id, "compile")


@thing
def role_asked_for(cast: Cast) -> Any:
    newcomer = _add(cast, f"newcomer-{secrets.token_hex(4)}", "Finance")
    return give(person_as("it_admin"), newcomer, Terms("cashier", reason="Help"), secrets.token_hex(8))


@thing
def item(cast: Cast) -> Any:
    return shelf.item(secrets.token_hex(4), 10)


@thing
def draft_count(cast: Cast) -> Case:
    """Of one shelf, asked for by the keeper of the warehouse; Ann counts."""
    place = secrets.token_hex(4)
    shelf.item(secrets.token_hex(4), 10, place=place)
    content = count_content("Shelf", cast.ann, "supply", place=place)
    return create(FLOWS["count"], person_as("warehouse"), content, secrets.token_hex(8))


@thing
def count(cast: Cast) -> Case:
    return steps.take(person_as("warehouse"), draft_count(cast).id, "begin")


@thing
def handed_in_count(cast: Cast) -> Case:
    case = count(cast)
    for line in lines_of(case.id):
        tally(cast.ann, case.id, line.id, 9)
    return steps.take(cast.ann, case.id, "hand_in")


@thing
def verified_count(cast: Cast) -> Case:
    case = handed_in_count(cast)
    return steps.take(cast.sam, case.id, "verify", given=Findings(reasons={lines_of(case.id)[0].id: "Lost"}))


@thing
def supply(cast: Cast) -> Any:
    return catalogue.supply(cast, secrets.token_hex(4))


@thing
def picture(cast: Cast) -> Any:
    return put_picture(cast.sam, supply(cast), "pen.png", io.BytesIO(_picture()))


@thing
def item_category(cast: Cast) -> Any:
    return catalogue.category()


@thing
def supplier(cast: Cast) -> Any:
    return catalogue.supplier()


@thing
def supplier_contact(cast: Cast) -> Any:
    return add_contact(cast.sam, supplier(cast).id, Spoken(f"Fang {secrets.token_hex(3)}", phone="021-5550"))


@thing
def quote(cast: Cast) -> Any:
    return quotes.quote(supplier(cast), supply(cast), 1200, per_pack=12)


@thing
def goods_in(cast: Cast) -> Case:
    """Entered by the buyer."""
    content = goods_content("Pens came", "gift", clock.today(), [(supply(cast), 10, "")], supplier(cast))
    return steps_ahead(create(FLOWS["goods_in"], person_as("purchaser"), content, secrets.token_hex(8)))


@thing
def limits(cast: Cast) -> Case:
    """Of Marketing, proposed by Sam."""
    content = limits_content("Pens", this_month(), [rules_limits.Wanted(cast.department("Marketing"), supply(cast), 10)])
    return steps_ahead(create(FLOWS["limits"], cast.sam, content, secrets.token_hex(8)))


@thing
def wish(cast: Cast) -> Case:
    return draws.wished(cast.ann, {supply(cast): 2})


@thing
def suggestion(cast: Cast) -> Any:
    wish = draws.wished(cast.ann, {}, "A label printer")
    return Suggestion.get(Suggestion.wish_line.in_([line.id for line in lines_of_wish(wish)]))


@thing
def draw(cast: Cast, on_hand: int = 10, limit: int | None = 100) -> Case:
    """Of Marketing, filed by its custodian."""
    item = catalogue.supply(cast, secrets.token_hex(4), on_hand)
    if limit is not None:
        catalogue.limit(cast.department("Marketing"), item, limit)
    return draws.drawn(person_as("supplies_custodian"), {item: 2})


@thing
def special_draw(cast: Cast) -> Case:
    return draw(cast, limit=None)


@thing
def approved_draw(cast: Cast) -> Case:
    return draws.granted(cast.sam, draw(cast))


@thing
def waiting_draw(cast: Cast) -> Case:
    return draws.granted(cast.sam, draw(cast, on_hand=1))


@thing
def issued_draw(cast: Cast) -> Case:
    return steps.take(cast.sam, approved_draw(cast).id, "issue")


@thing
def nearby(cast: Cast) -> Case:
    """Of Marketing, filed by its custodian."""
    return near.filed(person_as("supplies_custodian"), line(cast), 10)


@thing
def signing_nearby(cast: Cast) -> Case:
    return steps.take(cast.hao, nearby(cast).id, "approve")


@thing
def approved_nearby(cast: Cast) -> Case:
    case = steps.take(cast.mei, signing_nearby(cast).id, "approve")
    moneys.invoice(case, case.requester, secrets.token_hex(8))
    return case


@thing
def bought_nearby(cast: Cast) -> Case:
    case = approved_nearby(cast)
    return steps.take(case.requester, case.id, "buy", given=near.purchase(case))


@thing
def objected_nearby(cast: Cast) -> Case:
    return near.objected(cast, bought_nearby(cast))


@thing
def reviewed_nearby(cast: Cast) -> Case:
    return steps.take(cast.sam, bought_nearby(cast).id, "pass")


@thing
def shop_category(cast: Cast) -> Any:
    return shelf.category("家居", "Home", "product")


@thing
def product_picture(cast: Cast) -> Any:
    """Beside a product, in no version yet."""
    return attach(person_as("designer"), product(cast).id, "front.png", io.BytesIO(_picture()))


@thing
def content_task(cast: Cast) -> Case:
    """Pictures of a product, asked for by the planner."""
    content = task_content("Pictures", "pictures", "on white", product(cast))
    return steps_ahead(create(FLOWS["content_task"], person_as("planner"), content, secrets.token_hex(8)))


@thing
def writing_task(cast: Cast) -> Case:
    content = task_content("Words", "description", "short", product(cast))
    return steps_ahead(create(FLOWS["content_task"], person_as("planner"), content, secrets.token_hex(8)))


@thing
def handed_in_task(cast: Cast) -> Case:
    case = content_task(cast)
    kept = ContentTask.get_by_id(case.id).product
    files = [attach(person_as("designer"), kept.id, "front.png", io.BytesIO(_picture())).id]
    write_content(person_as("designer"), kept.id, kept.version, files=files)
    return steps.take(person_as("designer"), case.id, "hand_in")


# ---- what is typed --------------------------------------------------------------------------------------------------


@thing
def contract(cast: Cast) -> Any:
    """Of Marketing, in the archive."""
    return archive.contract(cast)


@thing
def secret_contract(cast: Cast) -> Any:
    return archive.contract(cast, confidential=True)


@thing
def contract_tie(cast: Cast) -> Any:
    one, other = archive.contract(cast), archive.contract(cast)
    return link(archive.archivist(cast), one.id, one.events, other.number)


@thing
def nature(cast: Cast) -> Any:
    return archive.nature(cast)


@thing
def scan(cast: Cast) -> Any:
    return attach_scan(archive.archivist(cast), archive.contract(cast).id, "scan.pdf", io.BytesIO(PDF))


@thing
def loan(cast: Cast) -> Case:
    """Of a photocopy, asked for by Ann."""
    return lending.asked(cast.ann, archive.contract(cast))


@thing
def loan_of_an_original(cast: Cast) -> Case:
    return steps.take(cast.hao, lending.asked(cast.ann, archive.contract(cast), "original").id, "approve")


@thing
def approved_loan(cast: Cast) -> Case:
    return lending.approved(cast, archive.contract(cast))


@thing
def lent_contract(cast: Cast) -> Case:
    return lending.lent(cast, archive.contract(cast))


@thing
def lent_copy(cast: Cast) -> Case:
    """A photocopy that is with Ann, of a contract with a scan."""
    made = archive.contract(cast)
    attach_scan(archive.archivist(cast), made.id, "scan.pdf", io.BytesIO(pdf_of("scan")))
    return lending.lent(cast, made)


@thing
def kept_search(cast: Cast) -> Any:
    return keep_search(cast.ann, secrets.token_hex(4), "q=lease")


@thing
def incident(cast: Cast) -> Case:
    """Where Marketing lost something."""
    return open_incident(archive.contract(cast), "lost", archive.archivist(cast), cast.department("Marketing"), loan(cast))


@thing
def handed_in_incident(cast: Cast) -> Case:
    found = IncidentFindings("fell into the water", "dried", None, "keep it dry")
    return steps.take(archive.archivist(cast), incident(cast).id, "hand_in", given=found)


@thing
def archive_check(cast: Cast) -> Case:
    """There is one at a time."""
    if running := running_check():
        return Case.get_by_id(running.case)
    archive.contract(cast)
    return steps_ahead(create(FLOWS["archive_check"], archive.archivist(cast), check_content(), secrets.token_hex(8)), "begin")


@thing
def check_line(cast: Cast) -> Any:
    return CheckLine.get(CheckLine.case == archive_check(cast))


@thing
def handover(cast: Cast) -> Case:
    """From the archivist to somebody new."""
    newcomer = _add(cast, f"keeper-{secrets.token_hex(4)}", "Finance")
    posts.grant(newcomer, "contract_archivist")
    wen = archive.archivist(cast)
    case = create(FLOWS["handover"], wen, handover_content(wen, newcomer), secrets.token_hex(8))
    posts.take_away(newcomer, "contract_archivist")
    Case.update(state="closed").where(Case.kind == "handover", Case.state == "outgoing").execute()
    return steps_ahead(case, "begin")


@thing
def destruction(cast: Cast) -> Case:
    old = archive.contract(cast, signed_on=date(2000, 1, 5))
    content = destruction_content(old.department, [old], "kept long enough")
    return steps_ahead(create(FLOWS["destruction"], archive.archivist(cast), content, secrets.token_hex(8)))


@thing
def endorsed_destruction(cast: Cast) -> Case:
    return steps.take(cast.hao, destruction(cast).id, "endorse")


@thing
def intake(cast: Cast) -> Case:
    """Handed over by Ann."""
    content = intake_content("Store fittings", "Golden Fittings Ltd")
    return steps_ahead(create(FLOWS["intake"], cast.ann, content, secrets.token_hex(8)))


# ---- store listings ------------------------------------------------------------------------------------------------


@thing
def product(cast: Cast) -> Any:
    return shop.draft(cast, f"P{secrets.token_hex(4)}")


@thing
def price_proposal(cast: Cast) -> Case:
    case = shop.proposal(cast, {f"P{secrets.token_hex(4)}": 100})
    return steps.take(shop.staff(cast, "pan"), case.id, "submit")


@thing
def approved_price_proposal(cast: Cast) -> Case:
    return steps.take(shop.staff(cast, "dee"), price_proposal(cast).id, "approve")


@thing
def product_off_the_shelf(cast: Cast) -> Any:
    return shop.ready(cast, f"P{secrets.token_hex(4)}")


@thing
def shelf_request(cast: Cast) -> Case:
    case = shop.request(cast, product_off_the_shelf(cast).item.code)
    return steps.take(shop.staff(cast, "shu"), case.id, "submit")


@thing
def approved_shelf_request(cast: Cast) -> Case:
    return steps.take(shop.staff(cast, "dee"), shelf_request(cast).id, "approve")


@thing
def submitted_plan(cast: Cast) -> Case:
    return steps.take(shop.staff(cast, "pan"), promoting.plan(cast).id, "submit")


@thing
def passed_plan(cast: Cast) -> Case:
    return promoting.passed(cast)


@thing
def submitted_treatment(cast: Cast) -> Case:
    code = f"P{secrets.token_hex(4)}"
    shop.priced(cast, code, 100)
    return steps.take(shop.staff(cast, "shu"), promoting.treatment(cast, promoting.passed(cast), {code: 80}).id, "submit")


@thing
def agreed_treatment(cast: Cast) -> Case:
    return steps.take(shop.staff(cast, "dee"), submitted_treatment(cast).id, "approve")


@thing
def submitted_artwork(cast: Cast) -> Case:
    yao = shop.staff(cast, "yao")
    case = create(FLOWS["artwork"], yao, artwork_content("Poster", "poster"), secrets.token_hex(8))
    attachments.store("case", case.id, "paper", "poster.png", io.BytesIO(_picture()), yao)
    return steps.take(yao, case.id, "submit")


@thing
def filing(cast: Cast) -> Any:
    texts = {"mall": "Tmall", "subject": "11.11", "note": ""}
    return file_with_mall(shop.staff(cast, "dee"), "campaign", texts, True, clock.today())


@thing
def product_in_the_shop(cast: Cast) -> Any:
    return shop.on_shelf(cast, f"P{secrets.token_hex(4)}")


@thing
def picture_in_the_shop(cast: Cast) -> Any:
    """A file that is there, on a product that the shop shows."""
    product = shop.ready(cast, f"P{secrets.token_hex(4)}")
    shu = shop.staff(cast, "shu")
    file = attachments.store("product", product.id, "product_picture", "front.png", io.BytesIO(shop.picture()), shu)
    product = vouch(shu, product.id, write_content(shu, product.id, product.version, files=[file.id]).version)
    case = shop.request(cast, product.item.code)
    for user, name in (("shu", "submit"), ("dee", "approve"), ("shu", "put_up")):
        steps.take(shop.staff(cast, user), case.id, name)
    return file


# ---- books ----------------------------------------------------------------------------------------------------------


@thing
def account_title(cast: Cast) -> Title:
    return Title.get(Title.code == "1122")


@thing
def fund(cast: Cast) -> Any:
    return moneys.bank()


@thing
def voucher(cast: Cast) -> Voucher:
    """Written by hand and posted."""
    about = {"department": None, "person": None, "category": None, "text": ""}
    sides = (("5602", Money(500), Money(0)), ("1601", Money(0), Money(500)))
    lines = [{"title": Title.get(Title.code == code), "debit": debit, "credit": credit} | about for code, debit, credit in sides]
    case = create(ADJUSTMENT, cast.lin, adjustment_content("Wear", clock.today(), lines), secrets.token_hex(8))
    attachments.store("case", case.id, "paper", "why.pdf", io.BytesIO(PDF), cast.lin)
    steps.take(cast.lin, case.id, "post")
    return Voucher.get(Voucher.case == case)


@thing
def close_to_count(cast: Cast) -> Case:
    """Of a month long ago, each once."""
    month = 200001 + db.row("SELECT COUNT(*) FROM closes")[0]
    return start_close(cast.lin, month)


@thing
def meal_exception(cast: Cast) -> Any:
    known = MealException.get_or_none(MealException.person == cast.bo)
    return except_from_meals(cast.sam, cast.bo, "Eats at home", True, known.events if known else 0)


# ---- buying ---------------------------------------------------------------------------------------------------------


@thing
def purchase(cast: Cast) -> Case:
    """Of Marketing, asked for by its custodian."""
    return buying.asked(person_as("supplies_custodian"), line(cast, "OFFICE"), (supply(cast), 10, 50))


@thing
def order_to_receive(cast: Cast) -> Case:
    item = supply(cast)
    buying.quote(item, 2)
    case = buying.approved(cast, person_as("supplies_custodian"), line(cast, "OFFICE"), (item, 10, 50))
    return buying.sent(cast, case)


@thing
def differing_invoice(cast: Cast) -> Case:
    """It bills more than came."""
    order = buying.received(cast, order_to_receive(cast))
    return buying.entered(
        cast, order, [buying.Billed(line, line.accepted + 1, Money(2200)) for line in buying.lines_of_order(order)]
    )


# ---- publishing -----------------------------------------------------------------------------------------------------


@thing
def manuscript(cast: Cast) -> Case:
    """News of Cui's that waits for the director."""
    return manuscripts.submitted(cast)


@thing
def confidential_manuscript(cast: Cast) -> Case:
    return manuscripts.submitted(cast, confidential=True)


@thing
def consented_manuscript(cast: Cast) -> Case:
    """Confidential, and agreed to by the director."""
    return manuscripts.go(cast, confidential_manuscript(cast), ("dee", "approve"))


@thing
def approved_manuscript(cast: Cast) -> Case:
    return manuscripts.approved(cast)


@thing
def approved_article(cast: Cast) -> Case:
    return manuscripts.approved(cast, "article")


@thing
def published_manuscript(cast: Cast) -> Case:
    return manuscripts.published(cast)


@thing
def take_down(cast: Cast) -> Any:
    manuscripts.go(cast, published_manuscript(cast), ("shu", "take_down"), given=manuscripts.down(cast))
    return TakeDown.select().order_by(TakeDown.id.desc()).first()


def typed_for(case: Case, step: str) -> dict[str, Any]:
    """The form of a step as the page of the paper sends it."""
    ends = (clock.today() + timedelta(days=30)).isoformat()
    typed = {"step": step, "state": case.state, "version": case.version, "note": "As agreed", "to": "draft"}
    told = {"cause": "rain", "handling": "dried", "decision": "keep it dry", "outcome": "kept"}
    archive_says = told | {"pages": 12, "condition": "good", "fate": "returned"}
    bought = {"bought_on": clock.today().isoformat(), "shop": "Corner shop", "bought_1": "2", "spent_1": "10"}
    return typed | archive_says | bought | {"reason": "The fair cannot be moved", "expires": ends}


def a_file() -> dict[str, Any]:
    return {"files": (io.BytesIO(PDF), "offer.pdf")}
