"""Where suppliers are paid: the office enters it, and everybody of the office and the cashiers hear of a change."""

from __future__ import annotations

from portal import access, db
from portal.books.rules_accounts import Typed, set_account_of
from portal.persons import Person
from portal.supplies.models import Supplier
from portal.supplies.rules_catalogue import only_the_office


@db.transaction
def set_supplier_account(person: Person, supplier_id: int, typed: Typed) -> bool:
    """The supplier's account from now on; answers whether it is another than before. Raises NotYours, Mistyped."""
    only_the_office(person)
    told = {key for role in ("office_clerk", "office_manager", "cashier") for key in access.holder_ids(role)}
    return set_account_of(Supplier.get_by_id(supplier_id), person, typed, told)
