"""Payments: one queue for whatever is payable, paid by the cashier in whole or in parts, each once (FIN-05, FIN-06, FIN-23)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal import clock, db
from portal.access import cashier
from portal.books.models import METHODS, CashEntry, Fund, Payable, balance, is_closed, month_called, month_of, payables_of
from portal.books.rules_reports import refuse_reported
from portal.books.rules_vouchers import refuse_closed
from portal.cases import Case
from portal.flow import Act, Either, Step, objection, step
from portal.money import Money, total
from portal.persons import Person
from portal.refused import Mistyped, Refused, SomebodyWasFirst
from portal.words import Words, _

_PAY = """
UPDATE payables SET paid = paid + ? WHERE id = ? AND case_id = ? AND withdrawn_at IS NULL AND paid + ? <= amount RETURNING id
"""


@dataclass(frozen=True)
class Owed:
    """What is to be paid to somebody: a person of the company, or whom `payee` names."""

    payee: str
    amount: Money
    person: Person | None = None
    bank: str = ""
    number: str = ""
    holder: str = ""
    text: str = ""
    barred: frozenset[int] = frozenset()
    due: date | None = None


@dataclass(frozen=True)
class Moved:
    """How money moves: out of or into which fund, when, by which method, under which reference."""

    fund: int
    day: date | None
    method: str = "transfer"
    reference: str = ""

    def why_not(self, act: Act) -> None:
        fund = Fund.find("id = ? AND active", self.fund)
        if fund is None:
            raise Mistyped(_("Choose where the money moves."), "fund")
        if self.day is None or self.day > clock.today():
            raise Mistyped(_("Write the day it was paid, not one to come."), "day")
        if is_closed(self.day):
            raise Mistyped(_("%(month)s is closed: choose a day after it.", month=month_called(month_of(self.day))), "day")
        if self.method not in METHODS:
            raise Mistyped(_("Choose how it is paid."), "method")
        if len(self.reference) > 80:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=80), "reference")


@dataclass(frozen=True)
class Payment(Moved):
    """What is paid now: payable -> amount; where none is named, all that is open."""

    parts: tuple[tuple[int, Money], ...] = ()

    def why_not(self, act: Act) -> None:
        super().why_not(act)
        open_now = {each.id: each for each in payables_of(act.case)}
        for key, amount in self.parts:
            if key not in open_now:
                raise SomebodyWasFirst(_("What is payable changed meanwhile. Reload to see it."))
            if not 0 < amount <= open_now[key].open:
                raise Mistyped(_("At most %(open)s is open.", open=open_now[key].open), "amount")

    def chosen(self, case: Case) -> list[tuple[Payable, Money]]:
        """The payables it pays, each with its part."""
        here = [each for each in payables_of(case) if each.open]
        parts = dict(self.parts) if self.parts else {each.id: each.open for each in here}
        return [(each, parts[each.id]) for each in here if each.id in parts]


# ---- what is payable ------------------------------------------------------------------------------------------------


def owe(case: Case, owed: Iterable[Owed]) -> None:
    """Puts these on the cashier's queue, due today where no day is named."""
    assert db.is_in_transaction()
    for n, each in enumerate(owed, 1):
        barred = "," + "".join(f"{person}," for person in sorted(each.barred))
        Payable.add(
            case=case, n=n, person=each.person, payee=each.payee, bank=each.bank, number=each.number, holder=each.holder,
            text=each.text[:200], amount=each.amount, due=each.due or clock.today(), barred=barred, opened_at=clock.now(),
        )  # fmt: skip


def withdraw_payables(act: Act) -> None:
    """Takes off the queue what is not paid. Raises Refused where a part was paid already."""
    if partly_paid(act):
        raise Refused(_("A part of it was paid already."))
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
        _refuse_own(payable, act.person)
        if not db.row(_PAY, amount, payable.id, act.case.id, amount):
            raise SomebodyWasFirst(_("It was paid meanwhile. Reload to see it."))
        enter(act, given, -amount, "payment", payable.payee, payable.text or act.case.title, payable)
    act.data["paid"] = total(amount for _payable, amount in chosen)


def _refuse_own(payable: Payable, person: Person) -> None:
    """Separation is asked per line: what is paid to somebody with a part in it waits for another's confirmation."""
    if payable.person_id == person.id:
        raise Refused(_("%(payee)s is paid by somebody else.", payee=payable.payee))
    if payable.barred != "," and payable.confirmed_by_id is None:
        raise Refused(_("The line of %(payee)s waits to be confirmed: pay the others first.", payee=payable.payee))
    if payable.confirmed_by_id == person.id:
        raise Refused(_("You confirmed the line of %(payee)s: somebody else pays it.", payee=payable.payee))


def enter(act: Act, moved: Moved, amount: Money, kind: str, party: str, text: str, payable: Payable | None = None) -> CashEntry:
    """A line of the journal of the fund. Raises Refused where a till would go below nothing or the month is closed."""
    assert act.person is not None
    assert moved.day is not None
    refuse_closed(moved.day)
    refuse_reported(moved.day)
    fund = Fund.get_by_id(moved.fund)
    if fund.kind == "cash" and amount < 0 and balance(fund.id) + amount < 0:
        raise Refused(
            _("Only %(left)s is in %(fund)s. Pay from the bank, or fetch cash first.", left=balance(fund.id), fund=fund.called)
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


def may_pay(posts: Iterable[str]) -> bool:
    return cashier.key in set(posts)
