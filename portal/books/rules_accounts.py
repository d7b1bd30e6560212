"""Payment accounts change only by their owner, who is told; a payment that was signed already keeps the account it had."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal import clock, db, history, notices
from portal.books.models_accounts import PaymentAccount, account_of
from portal.db import Thing
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import _

CHANGED = _(
    "The payment account of %(owner)s was changed by %(who)s. If that is wrong, tell the cashier before anything is paid."
)


@dataclass(frozen=True)
class Typed:
    """An account as it is typed; an empty one takes the account away."""

    bank: str = ""
    number: str = ""
    holder: str = ""

    def check(self) -> None:
        for name, most in (("bank", 80), ("number", 40), ("holder", 80)):
            if len(getattr(self, name)) > most:
                raise Mistyped(
                    _("At most %(most)s characters; these are %(are)s.", most=most, are=len(getattr(self, name))), name
                )
        if not self.number and (self.bank or self.holder):
            raise Mistyped(_("Write the number of the account, or leave everything empty."), "number")
        if self.number and not self.holder:
            raise Mistyped(_("Write in whose name the account is."), "holder")


@db.transaction
def set_own_account(person: Person, typed: Typed) -> bool:
    """The person's own account from now on; answers whether it is another than before."""
    here = Person.get_by_id(person.id)
    if not _change(here, typed, person_id=here.id):
        return False
    history.record(here, "account", here)
    notices.tell([here.id], "account", CHANGED.having(owner=here.called, who=here.called))
    return True


def set_account_of(supplier: Thing, by: Person, typed: Typed, told: Iterable[int]) -> bool:
    """The account of a supplier, within the transaction of who knows that `by` may change it; those of `told` hear of it."""
    assert db.is_in_transaction()
    if not _change(by, typed, supplier_id=supplier.id):
        return False
    history.record(supplier, "account", by)
    notices.tell(told, "account", CHANGED.having(owner=supplier.name, who=by.called))
    return True


def _change(by: Person, typed: Typed, person_id: int | None = None, supplier_id: int | None = None) -> bool:
    typed.check()
    before = account_of(person_id, supplier_id)
    if (typed.bank, typed.number, typed.holder) == ((before.bank, before.number, before.holder) if before else ("", "", "")):
        return False
    told = {"bank": typed.bank, "number": typed.number, "holder": typed.holder}
    PaymentAccount.add(person=person_id, supplier_id=supplier_id, by=by, at=clock.now(), **told)
    return True
