"""What the cashier types when money moves: the fund, the day, the method, and how much of each line of the queue."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from wtforms import HiddenField

from portal import clock
from portal.books.models import METHODS, funds_in_use, payables_of
from portal.books.models_payments import CashBack, Payment, may_come_back, times_moved, why_not_paid_by
from portal.books.models_queue import Due
from portal.fields import MOST_ID, Amount, Choice, Day, PortalForm, Text, form_key
from portal.kinds import StepForm
from portal.money import Money
from portal.web import me
from portal.words import Name, Words, _


def funds() -> list[tuple[int, Name]]:
    return [(each.id, each.called) for each in funds_in_use()]


class MovedForm(StepForm):
    """How money moves."""

    fund = Choice(_("Out of or into"), funds, coerce=int)
    day = Day(_("Day"), default=clock.today)
    method = Choice(_("Method"), list(METHODS.items()), default="transfer")
    reference = Text(_("Reference"), most=80, needed=False, description=_("Such as the number of the bank's receipt"))
    after = HiddenField(default="")

    def __init__(self, formdata: Any = None, case: Any = None, **more: Any) -> None:
        super().__init__(formdata=formdata, case=case, **more)
        if formdata is None and case is not None:
            self.after.data = str(times_moved(case))

    @property
    def told(self) -> int | None:
        """How often money had moved on the paper when the form was made."""
        written = self.after.data or ""
        return int(written) if re.fullmatch(r"[0-9]{1,9}", written, re.ASCII) else None

    def begin(self, case: Any) -> None:
        """From the first account at a bank."""
        self.fund.data = next((each.id for each in funds_in_use() if each.kind == "bank"), None)

    @property
    def how(self) -> tuple[int, date | None, str, str]:
        return (self.fund.data or 0, self.day.data, self.method.data or "", self.reference.data or "")


class AmountsForm(MovedForm):
    """With an amount for every line that is paid: `amount-<payable>`, filled in with what is open."""

    fund = Choice(_("Pay from"), funds, coerce=int)

    def ask(self, payable: int, is_open: Money | None, label: Words, why_not: Words | None, formdata: Any) -> None:
        """One more amount; a line that may not be paid says why instead."""
        field = Amount(label, needed=False, description=why_not or "").bind(
            form=self, name=f"amount-{payable}", prefix="", _meta=self.meta
        )
        field.process(None if why_not else formdata, None if why_not else is_open)
        if why_not:
            field.render_kw = dict(field.render_kw, disabled=True)
        self._fields[field.name] = field

    @property
    def amounts(self) -> tuple[tuple[int, Money], ...]:
        """Payable -> how much of it, in the order of the form; what is left empty is not paid now."""
        typed = [(name, field.data) for name, field in self._fields.items() if name.startswith("amount-")]
        return tuple((int(name.partition("-")[2]), Money(amount)) for name, amount in typed if amount)


class PaymentForm(AmountsForm):
    """What is paid on one paper: an amount for every line of it that is open."""

    def __init__(self, formdata: Any = None, case: Any = None, **more: Any) -> None:
        super().__init__(formdata=formdata, case=case, **more)
        here = [each for each in payables_of(case) if each.open]
        for each in here:
            label = _("Amount") if len(here) == 1 else _("Amount for %(payee)s", payee=each.payee)
            self.ask(each.id, each.open, label, why_not_paid_by(each, me()), formdata)

    def given(self) -> Payment:
        return Payment(*self.how, parts=self.amounts, after=self.told)


class RunForm(AmountsForm):
    """What is paid together. Without `formdata` it begins with these lines of the queue; sent, it has those that were typed."""

    token = HiddenField(default="")
    reference = Text(
        _("Reference begins with"),
        most=70,
        needed=False,
        description=_("Each line gets its number behind it; left empty, it begins with the number of the run"),
    )

    def __init__(self, formdata: Any = None, lines: Iterable[Due] = ()) -> None:
        super().__init__(formdata=formdata)
        there = {each.id: each for each in lines}
        for key in typed_lines(formdata) if formdata else there:
            line = there.get(key)
            label = _("Amount for %(payee)s", payee=line.payee if line else "")
            self.ask(key, line.open if line else None, label, None, formdata)

    def begin(self, case: Any = None) -> None:
        super().begin(case)
        self.token.data = form_key(None)


def typed_lines(formdata: Any) -> list[int]:
    """The lines for which an amount came back, in the order of the form."""
    found = (re.fullmatch(r"amount-([0-9]{1,10})", name, re.ASCII) for name in formdata)
    return [int(each[1]) for each in found if each and 0 < int(each[1]) <= MOST_ID]


class CashBackForm(MovedForm):
    """What is brought back, filled in with all that may come back."""

    fund = Choice(_("Paid into"), funds, coerce=int)
    method = Choice(_("Method"), list(METHODS.items()), default="cash")
    amount = Amount(_("Amount"))

    def begin(self, case: Any) -> None:
        """In cash, into the till."""
        self.fund.data = next((each.id for each in funds_in_use() if each.kind == "cash"), None)
        self.amount.process_data(may_come_back(case))

    def given(self) -> CashBack:
        return CashBack(*self.how, amount=self.amount.data, after=self.told)


class AccountForm(PortalForm):
    """Where somebody is paid."""

    bank = Text(_("Bank"), most=80, needed=False, render_kw={"autocomplete": "off"})
    number = Text(_("Account number"), most=40, needed=False, render_kw={"autocomplete": "off", "class": "in id"})
    holder = Text(_("In whose name"), most=80, needed=False, render_kw={"autocomplete": "off"})
