"""Money on requests as tests begin with it: an approved request, an advance paid on it, a claim with its invoices."""

from __future__ import annotations

import io
import secrets
from datetime import date
from typing import Any

from portal import attachments, clock, contents, steps
from portal.books.models import Fund
from portal.books.models_notes import note_content
from portal.books.models_payments import CashBack, Payment
from portal.books.rules_notes import MONEY_NOTE
from portal.cases import Case
from portal.expenses.models import Spending
from portal.expenses.models_advances import advance_content
from portal.expenses.rules_advances import ADVANCE
from portal.expenses.rules_claims import CLAIM, Checklist, Granted, claim_content
from portal.persons import Person
from tests.budgets import yuan
from tests.cast import Cast

LOOKED_AT = Checklist(approval_seen=True, sums_agree=True, receipts_valid=True)


def bank() -> Fund:
    found: Fund = Fund.get(Fund.kind == "bank")
    return found


def till() -> Fund:
    found: Fund = Fund.get(Fund.kind == "cash")
    return found


def by_bank(**more: Any) -> Payment:
    """All that is open, from the bank, today."""
    return Payment(bank().id, clock.today(), "transfer", "B-1", **more)


def advance(person: Person, request: Case, amount: str | int) -> Case:
    """An advance that waits to be paid."""
    case = contents.create(ADVANCE, person, advance_content(request, yuan(amount)), secrets.token_hex(8))
    return steps.take(person, case.id, "submit")


def lent(cast: Cast, person: Person, request: Case, amount: str | int) -> Case:
    """An advance that was paid and posted."""
    case = steps.take(cast.cai, advance(person, request, amount).id, "pay", given=by_bank())
    return steps.take(cast.lin, case.id, "post")


def brought_back(cast: Cast, case: Case, amount: str | int) -> Case:
    given = CashBack(till().id, clock.today(), "cash", "", amount=yuan(amount))
    return steps.take(cast.cai, case.id, "give_back", given=given)


def invoice(case: Case, person: Person, text: str) -> attachments.Attachment:
    """A receipt with this text on it, attached to the claim."""
    return attachments.store("case", case.id, "paper", f"{text}.csv", io.BytesIO(text.encode()), person)


def received(
    cast: Cast, amount: str | int, kind: str = "sale", fund: Fund | None = None, day: date | None = None, **more: Any
) -> Case:
    """Money without a request that the cashier recorded, with its proof."""
    day = day or clock.today()
    content = note_content("Sales of the day", kind, fund or bank(), day, yuan(amount), "Jade Hotel", "R-1", **more)
    case = contents.create(MONEY_NOTE, cast.cai, content, secrets.token_hex(8))
    invoice(case, cast.cai, secrets.token_hex(8))
    return steps.take(cast.cai, case.id, "submit")


def drafted(
    person: Person, request: Case, *amounts: str | int, day: date | None = None, is_last: bool = True, **more: Any
) -> Case:
    """A claim of these amounts, a line and an invoice each."""
    line = Spending.get_by_id(request.id).line
    rows = [
        {
            "day": day or clock.today(), "line": line, "text": f"Spending {n}", "amount": yuan(amount), "invoice_code": "",
            "invoice_number": f"{secrets.randbelow(10**8):08d}", "file": None,
        } | more
        for n, amount in enumerate(amounts, 1)
    ]  # fmt: skip
    case = contents.create(CLAIM, person, claim_content(request, rows, is_last), secrets.token_hex(8))
    for row in rows:
        row["file"] = invoice(case, person, secrets.token_hex(8))
    return contents.edit(person, case.id, claim_content(request, rows, is_last), case.version)


def claimed(person: Person, request: Case, *amounts: str | int, **more: Any) -> Case:
    """A claim that was submitted."""
    return steps.take(person, drafted(person, request, *amounts, **more).id, "submit")


def checked(cast: Cast, person: Person, request: Case, *amounts: str | int, **more: Any) -> Case:
    """A claim that was signed and checked."""
    case = steps.take(cast.mei, claimed(person, request, *amounts, **more).id, "sign", given=Granted())
    return steps.take(cast.cai, case.id, "check", given=LOOKED_AT)


def settled(cast: Cast, person: Person, request: Case, *amounts: str | int, **more: Any) -> Case:
    """A claim that was paid and posted."""
    case = checked(cast, person, request, *amounts, **more)
    if case.state == "payable":
        case = steps.take(cast.cai, case.id, "pay", given=by_bank())
    return steps.take(cast.lin, case.id, "post")
