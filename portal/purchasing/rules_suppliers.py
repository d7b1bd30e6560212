"""How the office keeps suppliers: what they deliver, and whom one speaks to there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal import db, history
from portal.persons import Person
from portal.purchasing.models import SupplierCategory, SupplierContact
from portal.purchasing.models_suppliers import BETWEEN, Spoken, delivered_by, spoken
from portal.refused import Mistyped, SomebodyWasFirst
from portal.stock.models import ItemCategory
from portal.supplies.models import Supplier
from portal.supplies.models_catalogue import KIND
from portal.supplies.rules_catalogue import add_supplier, change_supplier, only_the_office
from portal.words import _

MOST_CONTACTS = 30


@db.transaction
def enter_supplier(person: Person, told: dict[str, Any], category_ids: Iterable[int] = ()) -> Supplier:
    """A new supplier with the categories it delivers."""
    supplier = add_supplier(person, **told)
    _deliver(supplier, person, category_ids)
    return Supplier.get_by_id(supplier.id)


@db.transaction
def edit_supplier(
    person: Person, supplier_id: int, told: dict[str, Any], category_ids: Iterable[int] | None, events: int
) -> Supplier:
    """The supplier as it is told now, against the state it was shown in; without categories they stay."""
    supplier = change_supplier(person, supplier_id, events, **told)
    if category_ids is not None:
        _deliver(supplier, person, category_ids)
    return Supplier.get_by_id(supplier_id)


def _deliver(supplier: Supplier, person: Person, category_ids: Iterable[int]) -> None:
    wanted = set(category_ids)
    after = ItemCategory.where(f"kind = ? AND id IN ({db.marks(wanted)}) ORDER BY name", KIND, *wanted) if wanted else []
    before = delivered_by(supplier.id)
    if len(after) < len(wanted) or any(not each.active and each not in before for each in after):
        raise Mistyped(_("Choose one of the list."), "categories")
    if before == after:
        return
    SupplierCategory.delete().where(SupplierCategory.supplier == supplier).execute()
    for each in after:
        SupplierCategory.add(supplier=supplier, category=each)
    sides = {side: {"categories": BETWEEN.join(each.name for each in of)} for side, of in (("before", before), ("after", after))}
    history.record(supplier, "change", person, data=sides)


# ---- contacts -------------------------------------------------------------------------------------------------------


@db.transaction
def add_contact(person: Person, supplier_id: int, typed: Spoken) -> SupplierContact:
    only_the_office(person)
    typed.check()
    supplier = Supplier.get_by_id(supplier_id)
    there = SupplierContact.where("supplier_id = ?", supplier.id)
    if any(spoken(each) == typed for each in there):
        raise Mistyped(_("%(name)s stands there already.", name=typed.name), "name")
    if len(there) >= MOST_CONTACTS:
        raise Mistyped(_("There are %(most)s contacts already: remove one first.", most=MOST_CONTACTS), "name")
    made = SupplierContact.add(supplier=supplier, **typed.told())
    history.record(supplier, "contact", person, data={"contact": typed.name, "after": typed.told()})
    return made


@db.transaction
def change_contact(person: Person, contact_id: int, typed: Spoken, events: int) -> None:
    """The contact as it is told now, against the state its supplier was shown in (its count of events)."""
    only_the_office(person)
    typed.check()
    contact, supplier = _as_shown(contact_id, events)
    before = spoken(contact).told()
    differing = [name for name, value in typed.told().items() if value != before[name]]
    if not differing:
        return
    SupplierContact.update(**{name: getattr(typed, name) for name in differing}).where(SupplierContact.id == contact.id).execute()
    sides = {side: {name: of[name] for name in differing} for side, of in (("before", before), ("after", typed.told()))}
    history.record(supplier, "change_contact", person, data={"contact": before["name"]} | sides)


@db.transaction
def remove_contact(person: Person, contact_id: int, events: int) -> None:
    """Takes the contact off; what it was stays in the history of the supplier (GEN-09)."""
    only_the_office(person)
    contact, supplier = _as_shown(contact_id, events)
    SupplierContact.delete().where(SupplierContact.id == contact.id).execute()
    told = spoken(contact).told()
    history.record(supplier, "remove_contact", person, data={"contact": contact.name, "before": told})


def _as_shown(contact_id: int, events: int) -> tuple[SupplierContact, Supplier]:
    """Raises SomebodyWasFirst where the contact is gone, or anything of its supplier was changed meanwhile."""
    contact = SupplierContact.find("id = ?", contact_id)
    if contact is not None:
        supplier = Supplier.get_by_id(contact.supplier_id)
        if supplier.events == events:
            return contact, supplier
    raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))
