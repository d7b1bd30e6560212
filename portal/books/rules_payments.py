"""Payments: one queue for whatever is payable, paid by the cashier in whole or in parts, each once (FIN-05, FIN-06, FIN-23)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal import clock, db
from portal.books.models import CashEntry, Fund, Payable, least_from, month_of, payables_of
from portal.books.models_accounts import account_of, signed_at
from portal.books.models_payments import Moved, Payment, why_not_paid_by
from portal.books.models_queue import CONFIRMS_GM
from portal.books.rules_reports import refuse_reported
from portal.books.rules_vouchers import refuse_closed
from portal.cases import Case, let_read
from portal.flow import Act, Either, Step, index, objection, step
from portal.money import Money, total
from portal.persons import Person
from portal.refused import Refused, SomebodyWasFirst
from portal.words import Words, _

_PAY = """
UPDATE payables SET paid = paid + ? WHERE id = ? AND case_id = ? AND withdrawn_at IS NULL AND paid + ? <= amount RETURNING id
"""


@dataclass(frozen=True)
class Owed:
    """What is to be paid to somebody: a person of the company, a supplier, or whom `payee` names. `barred` are those whose part
    in the paper makes the line stand apart until somebody else confirms it."""

    payee: str
    amount: Money
    person: Person | None = None
    supplier_id: int | None = None
    text: str = ""
    barred: frozenset[int] = frozenset()
    due: date | None = None


# ---- what is payable ------------------------------------------------------------------------------------------------


def owe(case: Case, owed: Iterable[Owed]) -> None:
    """Puts these on the cashier's queue, due today where no day is named, each with the account that was in force when the paper
    was signed. Who confirms lines that stand apart may read the paper."""
    assert db.is_in_transaction()
    signed, apart = signed_at(case), False
    for n, each in enumerate(owed, 1):
        account = account_of(each.person.id if each.person else None, each.supplier_id, signed)
        told = {"bank": account.bank, "number": account.number, "holder": account.holder} if account else {}
        barred = "," + "".join(f"{person}," for person in sorted(each.barred))
        Payable.add(
            case=case, n=n, person=each.person, payee=each.payee, text=each.text[:200], amount=each.amount,
            due=each.due or clock.today(), barred=barred, opened_at=clock.now(), **told,
        )  # fmt: skip
        apart = apart or bool(each.barred)
    if apart and let_read(case, {"gm", *CONFIRMS_GM}):
        index(case)


def withdraw_payables(act: Act) -> None:
    """Takes off the queue what is not paid. Raises Refused where a part was paid already."""
    if partly_paid(act):
        raise Refused(_("A part of it was paid already."))
    withdraw_rest(act)


def withdraw_rest(act: Act) -> None:
    """Takes off the queue what is not paid; what was paid stays paid."""
    db.run("UPDATE payables SET withdrawn_at = ? WHERE case_id = ? AND withdrawn_at IS NULL", db.to_ms(clock.now()), act.case.id)


@objection(_("a part of it was paid already"))
def partly_paid(act: Act) -> Words | None:
    if any(each.paid for each in payables_of(act.case)):
        return _("A part of it was paid already: it can no longer go back.")
    return None


# ---- paying ---------------------------------------------------------------------------------------------------------


def pay_out(act: Act) -> None:
    """Pays the parts, each conditionally: of two cashiers who pay at once, one does."""
    assert act.person is not None
    given: Payment = act.given
    chosen = given.chosen(act.case)
    if not chosen:
        raise SomebodyWasFirst(_("It was paid meanwhile. Reload to see it."))
    for payable, amount in chosen:
        if why := why_not_paid_by(payable, act.person):
            raise Refused(why)
        if not db.row(_PAY, amount, payable.id, act.case.id, amount):
            raise SomebodyWasFirst(_("It was paid meanwhile. Reload to see it."))
        enter(act, given.for_line(payable), -amount, "payment", payable.payee, payable.text or act.case.title, payable)
    act.data["paid"] = total(amount for _payable, amount in chosen)


def enter(act: Act, moved: Moved, amount: Money, kind: str, party: str, text: str, payable: Payable | None = None) -> CashEntry:
    """A line of the journal of the fund. Raises Refused where a till would go below nothing or the month is closed."""
    assert act.person is not None
    assert moved.day is not None
    refuse_closed(moved.day)
    refuse_reported(moved.day)
    fund = Fund.get_by_id(moved.fund)
    if fund.kind == "cash" and amount < 0 and (left := least_from(fund.id, moved.day)) + amount < 0:
        raise Refused(
            _("Only %(left)s is in %(fund)s. Pay from the bank, or fetch cash first.", left=max(left, Money(0)), fund=fund.called)
        )
    return CashEntry.add(
        fund=fund, day=moved.day, month=month_of(moved.day), amount=amount, kind=kind, case=act.case, payable=payable,
        method=moved.method, reference=moved.reference, party=party[:120], text=text[:200], by=act.person, at=clock.now(),
    )  # fmt: skip


def all_paid(act: Act) -> bool:
    return not any(each.open for each in payables_of(act.case))


def pay_step(paid: str = "paid", payable: str = "payable", *, unless: tuple[Any, ...] = (), then: tuple[Any, ...] = ()) -> Step:
    """The cashier pays what the paper owes, all or a part."""
    return step(
        "pay", Either(all_paid, paid, payable), form=Payment, confirm=True, unless=list(unless), then=[pay_out, *then],
        look="primary", rules=["FIN-05", "FIN-06"],
    )  # fmt: skip
