"""Buying as tests begin with it: quotes, applications, orders, receipts and invoices, each as far as a test needs it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from portal import attachments, clock, contents, steps
from portal.books.models import Fund
from portal.books.models_payments import Payment
from portal.budget.models import BudgetLine
from portal.cases import Case
from portal.expenses.models_claims import Checklist
from portal.money import Money
from portal.persons import Grant, Person
from portal.purchasing.models import PurchaseLine, Quote
from portal.purchasing.models_invoices import Billed, invoice_content, lines_of_invoice
from portal.purchasing.models_orders import Ordered, Received, Sent, lines_of_order, order_content
from portal.purchasing.models_purchases import Wanted, lines_of_purchase, purchase_content
from portal.purchasing.rules_invoices import SUPPLIER_INVOICE, payable_amount
from portal.purchasing.rules_orders import ORDER
from portal.purchasing.rules_purchases import PURCHASE
from portal.stock.models import Item
from portal.supplies.models import Supplier
from tests.budgets import budget_line, yuan
from tests.cast import NEVER_OLD, Cast
from tests.catalogue import custodian, supplier, supply

NEED: dict[str, Any] = {"cause": "special_need", "reason": "A stall at the fair"}


MORE = {"shu": ("Shu", "舒", "supervisor"), "qin": ("Qin", "秦", "dept_manager")}


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    attachments.keep_in(tmp_path)


@pytest.fixture
def company(cast: Cast) -> Cast:
    """The office is manned, and a pen costs 2 yuan."""
    office(cast)
    quote(supply(cast), 2)
    return cast


@pytest.fixture
def line(company: Cast) -> BudgetLine:
    """Marketing has 1000 yuan for office costs."""
    return budget_line(company.department("Marketing"), 1000, "OFFICE")


def office(cast: Cast) -> None:
    """The office is manned: Shu supervises it and Qin manages it; and Ann keeps the supplies of Marketing."""
    of, today = cast.department("Office"), clock.today()
    for user, (name_en, name, role) in MORE.items():
        made = Person.create(
            user=user, name=name, name_en=name_en, department=of, level="back_office", password_set_at=NEVER_OLD
        )  # fmt: skip
        Grant.create(person=made, role=role, department=of, starts=today, reason="the test")
    custodian(cast.ann)


def shu() -> Person:
    return Person.get(Person.user == "shu")


def qin() -> Person:
    return Person.get(Person.user == "qin")


def fen(amount: Money | str | int) -> Money:
    """Money as it is, else so many yuan."""
    return amount if isinstance(amount, Money) else yuan(amount)


def quote(item: Item, price: str | int, of: Supplier | None = None, per_pack: int = 1, days: int = 30) -> Quote:
    """A pack of so many for that many yuan, valid from yesterday."""
    today = clock.today()
    return Quote.create(
        supplier=of or supplier(), item=item, price=fen(price), pack="盒", per_pack=per_pack,
        valid_from=today - timedelta(days=1), valid_until=today + timedelta(days=days),
        by=Person.get(Person.user == "sam"), at=clock.now(),
    )  # fmt: skip


def asked(person: Person, line: BudgetLine, *wanted: tuple[Item, int, str | int], **more: Any) -> Case:
    """An application that was submitted: item, units, and what they are estimated to cost in yuan."""
    content = content_of(person, line, *wanted, **more)
    case = contents.create(PURCHASE, person, content, secrets.token_hex(8))
    return steps.take(person, case.id, "submit")


def content_of(person: Person, line: BudgetLine | None, *wanted: tuple[Item, int, str | int], **more: Any) -> contents.Content:
    lines = [Wanted(item, quantity, fen(estimate)) for item, quantity, estimate in wanted]
    detail = NEED | {"line": line, "needed_by": None, "in_place_of": None, "away": ""} | more
    return purchase_content(line.department if line else person.department, detail, lines)


def approved(cast: Cast, person: Person, line: BudgetLine, *wanted: tuple[Item, int, str | int]) -> Case:
    """An application the head and the general manager approved."""
    case = asked(person, line, *wanted)
    head = cast.hao if line.department_id == cast.hao.department_id else qin()
    steps.take(head, case.id, "approve")
    return steps.take(cast.mei, case.id, "approve")


def of(*cases: Case) -> list[PurchaseLine]:
    return [line for case in cases for line in lines_of_purchase(case)]


def ordering(lines: Iterable[PurchaseLine], at: Supplier | None = None, days: int = 5, reason: str = "") -> contents.Content:
    """All that is left to order of these lines, at one supplier."""
    ordered = [Ordered(line, line.to_order, reason) for line in lines]
    return order_content("Supplies", at or supplier(), ordered, clock.today() + timedelta(days=days))


def order(cast: Cast, lines: Iterable[PurchaseLine], at: Supplier | None = None, days: int = 5, reason: str = "") -> Case:
    """A draft of an order of all that is left to order of these lines."""
    return contents.create(ORDER, cast.sam, ordering(lines, at, days, reason), secrets.token_hex(8))


def placed(cast: Cast, *cases: Case, **more: Any) -> Case:
    return steps.take(cast.sam, order(cast, of(*cases), **more).id, "place")


def sent(cast: Cast, *cases: Case, **more: Any) -> Case:
    return steps.take(cast.sam, placed(cast, *cases, **more).id, "send", given=Sent("email"))


def everything(case: Case) -> dict[int, tuple[int, int, str]]:
    return {line.id: (line.open, line.open, "") for line in lines_of_order(case) if line.open}


def received(cast: Cast, case: Case, lines: dict[int, tuple[int, int, str]] | None = None) -> Case:
    """A delivery of today: all that is open, where nothing else is said."""
    given = Received(clock.today(), lines if lines is not None else everything(case), "D-1")
    return steps.take(cast.sam, case.id, "receive", given=given)


def billed(case: Case) -> list[Billed]:
    """What was accepted and not billed, at the price of the order."""
    return [Billed(line, line.accepted - line.billed, line.cost_of(line.accepted - line.billed)) for line in lines_of_order(case)]


def bill_of(case: Case, by: Person, lines: list[Billed] | None = None, number: str = "") -> Case:
    """A draft of an invoice on the order, without its file."""
    content = invoice_content(case, number or secrets.token_hex(8), clock.today(), billed(case) if lines is None else lines)
    return contents.create(SUPPLIER_INVOICE, by, content, secrets.token_hex(8))


def invoice(
    cast: Cast, case: Case, lines: list[Billed] | None = None, number: str = "", file: bytes = b"", by: Person | None = None
) -> Case:
    """A draft of an invoice on the order, with its file."""
    kept = bill_of(case, by or cast.sam, lines, number)
    attachments.store(
        "case", kept.id, "paper", "invoice.csv", BytesIO(file or secrets.token_bytes(8).hex().encode()), kept.requester
    )
    return kept


def entered(cast: Cast, case: Case, lines: list[Billed] | None = None) -> Case:
    return steps.take(cast.sam, invoice(cast, case, lines).id, "submit")


def signed(case: Case) -> Case:
    """Both signatures: the supervisor of the office, then its manager."""
    steps.take(shu(), case.id, "sign_first")
    return steps.take(qin(), case.id, "sign_second")


def checked(cast: Cast, case: Case) -> Case:
    return steps.take(cast.cai, case.id, "check", given=Checklist(True, True, True))


def payment(parts: tuple[tuple[int, Money], ...] | None = None) -> Payment:
    bank = Fund.find("kind = 'bank' ORDER BY id LIMIT 1")
    assert bank is not None
    return Payment(bank.id, clock.today(), "transfer", "T-1", parts=parts)


def paid(cast: Cast, case: Case) -> Case:
    return steps.take(cast.cai, case.id, "pay", given=payment())


def bought(cast: Cast, person: Person, line: BudgetLine, *wanted: tuple[Item, int, str | int]) -> Case:
    """From the application to the posted invoice; answers the application."""
    application = approved(cast, person, line, *wanted)
    goods = received(cast, sent(cast, application))
    case = paid(cast, checked(cast, signed(entered(cast, goods))))
    steps.take(cast.lin, case.id, "post")
    return Case.get_by_id(application.id)


def payable(case: Case) -> Money:
    return payable_amount(case)


__all__ = ["lines_of_invoice"]
