"""Where employees and suppliers are paid: a row a change, so that an account is what it was when a paper was signed."""

from __future__ import annotations

from datetime import datetime

from peewee import CharField, ForeignKeyField, IntegerField

from portal import clock, db, history
from portal.cases import Case
from portal.db import MomentField, Table
from portal.flow import FLOWS
from portal.persons import Person

SIGNS = frozenset({"sign", "sign_first", "sign_second", "approve", "approve_over_budget", "lift"})  # the steps of a signature


class PaymentAccount(Table):
    """The account of a person or a supplier from that moment on; without a number there is none any more."""

    person = ForeignKeyField(Person, null=True)
    supplier_id = IntegerField(null=True)  # suppliers are known to a later module
    bank = CharField(max_length=80, default="")
    number = CharField(max_length=80, default="")
    holder = CharField(max_length=80, default="")
    by = ForeignKeyField(Person)
    at = MomentField()

    class Meta:
        table_name = "payment_accounts"

    @property
    def ending(self) -> str:
        """By which its owner knows it again."""
        return self.number[-4:]


def account_of(person_id: int | None = None, supplier_id: int | None = None, at: datetime | None = None) -> PaymentAccount | None:
    """The account in force at that moment, now if none is named."""
    column, key = ("supplier_id", supplier_id) if person_id is None else ("person_id", person_id)
    until = db.to_ms(at or clock.now())
    found = PaymentAccount.find(f"{column} = ? AND at <= ? ORDER BY id DESC LIMIT 1", key, until) if key else None
    return found if found and found.number else None


def accounts_until_now(person_id: int | None = None, supplier_id: int | None = None) -> list[PaymentAccount]:
    """Every change, the last first."""
    column, key = ("supplier_id", supplier_id) if person_id is None else ("person_id", person_id)
    return PaymentAccount.where(f"{column} = ? ORDER BY id DESC LIMIT 50", key)


def signed_at(case: Case) -> datetime:
    """The last signature that still stands on the paper; now, where it needs none or is signed this moment."""
    order = list(FLOWS[case.kind].states)
    standing: list[tuple[int, datetime]] = []
    for _n, at, _post, action, before, after, *_told in history.told_of("case", case.id):
        if before and order.index(after) < order.index(before):
            standing = [(place, moment) for place, moment in standing if place < order.index(after)]
        elif action in SIGNS:
            standing.append((order.index(before), db.from_ms(at)))
    return max((moment for _place, moment in standing), default=clock.now())
