"""Items with so many on the shelf, as tests begin with them."""

from __future__ import annotations

from portal import db
from portal.stock.models import STOCK, Item, ItemCategory, Level, levels
from portal.supplies.models import Supply
from portal.words import _

NAMES = {"PEN": ("签字笔", "Gel pen", "支"), "PAPER": ("复印纸", "Copy paper", "包"), "CLIP": ("回形针", "Paper clips", "盒")}


def category(name: str = "文具", name_en: str = "Stationery", kind: str = "supply") -> ItemCategory:
    found, _made = ItemCategory.get_or_create(kind=kind, name=name, defaults={"name_en": name_en})
    return found


@db.transaction
def item(
    code: str = "PEN", on_hand: int = 10, kind: str = "supply", place: str = "A1", in_category: ItemCategory | None = None
) -> Item:
    """An item with that many on its shelf; the one made first is answered when it is asked for again."""
    if found := Item.find("code = ?", code):
        return found
    name, name_en, unit = NAMES.get(code, (f"物品{code}", f"Thing {code}", "个"))
    made = Item.create(
        kind=kind, code=code, name=name, name_en=name_en, category=in_category or category(kind=kind), unit=unit, place=place,
        account=STOCK.open(),
    )  # fmt: skip
    if kind == "supply":
        Supply.create(item=made, specification="0.5 mm", purchase_unit=unit)
    put(made, on_hand)
    return made


@db.transaction
def put(thing: Item, quantity: int) -> None:
    """More on the shelf."""
    if quantity:
        STOCK.put(thing.account_id, quantity, why=_("Opening stock"))


@db.transaction
def taken(thing: Item, quantity: int) -> None:
    """Less on the shelf: held and issued in one go."""
    STOCK.take(STOCK.hold(thing.account_id, quantity), quantity)


@db.transaction
def held(thing: Item, quantity: int) -> int:
    """Still on the shelf, but kept for somebody."""
    return STOCK.hold(thing.account_id, quantity)


def level(thing: Item) -> Level:
    return levels([thing.id])[thing.id]
