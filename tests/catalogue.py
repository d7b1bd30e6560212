"""Supplies as tests begin with them: an item of the catalogue, what was drawn of it, and a limit."""

from __future__ import annotations

import secrets

from portal import clock, db, history
from portal.cases import Case
from portal.persons import Department, Grant, Person
from portal.stock.models import STOCK, Item, ItemCategory
from portal.supplies.models import Supplier, Supply, SupplyLimit, SupplyMonth
from portal.supplies.models_catalogue import this_month
from tests.cast import LONG_AGO, Cast

NAMES = {
    "PEN": ("签字笔", "Gel pen"),
    "PAPER": ("打印纸", "Copy paper"),
    "CLIP": ("回形针", "Paper clip"),
    "INK": ("墨盒", "Ink"),
}


def category(name: str = "文具", name_en: str = "Stationery") -> ItemCategory:
    found, _made = ItemCategory.get_or_create(kind="supply", name=name, defaults={"name_en": name_en})
    return found


@db.transaction
def supply(cast: Cast, code: str = "PEN", on_hand: int = 0, per_purchase: int = 1, **more: object) -> Item:
    """An item of the catalogue with so many on the shelf; `more` says otherwise what the item is."""
    if found := Item.get_or_none(Item.code == code):
        return found
    name, name_en = NAMES.get(code, (f"{code}品", code.title()))
    level = more.pop("reorder_level", None)
    told = {"name": name, "name_en": name_en, "category": category(), "unit": "支", "place": "A-1"} | more
    item = Item.create(kind="supply", code=code, account=STOCK.open(), **told)
    Supply.create(item=item, specification="0.5 mm", purchase_unit="盒", per_purchase=per_purchase, reorder_level=level)
    if on_hand:
        STOCK.put(item.account_id, on_hand)
    return item


def supplier(name: str = "晨光文具") -> Supplier:
    found, _made = Supplier.get_or_create(name=name)
    return found


def drawn(department: Department, item: Item, quantity: int, month: int | None = None) -> None:
    """The department was given so many in that month."""
    SupplyMonth.create(department=department, item=item, month=month or this_month(), quantity=quantity)


def limit(department: Department, item: Item, quantity: int | None, since: int | None = None) -> SupplyLimit:
    """From that month on, this is the most the department may draw of the item in a month."""
    by = Person.get(Person.user == "sam")
    case = Case.create(
        kind="limits", title="Limits", requester=by, preparer=by, beneficiary=by, department=by.department, state="approved",
        created_at=clock.now(), closed_at=clock.now(), token=secrets.token_hex(8),
    )  # fmt: skip
    db.transaction(history.record)(case, "create", by, after="approved", version=1)
    return SupplyLimit.create(department=department, item=item, since=since or this_month(), quantity=quantity, case=case)


def custodian(person: Person, department: Department | None = None) -> Grant:
    """The person manages the supplies of the department, their own where none is named."""
    return Grant.create(
        person=person, role="supplies_custodian", department=department or person.department, starts=LONG_AGO, reason="the test"
    )
