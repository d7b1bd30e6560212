"""How the office keeps the catalogue: items with one specification, their pictures, and who delivers them (SUP-02, SUP-20)."""

from __future__ import annotations

from typing import Any, BinaryIO

from portal import access, attachments, db, history, policies
from portal.access import any_of, office_clerk
from portal.attachments import GUARDS, MB, PURPOSES, Attachment, Guard, Purpose
from portal.persons import Person
from portal.refused import Mistyped, NotYours, SomebodyWasFirst
from portal.stock import rules as stock
from portal.stock.models import Item
from portal.supplies.models import Supplier, Supply
from portal.supplies.models_catalogue import KIND
from portal.supplies.models_papers import MOST_LEVEL, MOST_OF_A_PACK, Described
from portal.words import _

KEEPS = any_of(office_clerk)
_LONGEST = {"specification": 200, "purchase_unit": 20}

upload_picture_bytes = policies.declare(
    "upload_picture_bytes", 2 * MB, "it_admin", _("Largest picture of an item"),
    unit=_("bytes"), minimum=MB // 10, maximum=10 * MB,
)  # fmt: skip
PURPOSES["picture"] = Purpose(upload_picture_bytes, (".jpg", ".jpeg", ".png", ".webp"))


def only_the_office(person: Person) -> None:
    """Raises NotYours for whoever does not keep the catalogue."""
    if not KEEPS.allows(access.posts_of(person)):
        raise NotYours()


# ---- items ----------------------------------------------------------------------------------------------------------


@db.transaction
def add_supply(person: Person, code: str, described: Described) -> Item:
    """A new item with nothing on its shelf."""
    only_the_office(person)
    check_buying(described)
    item = stock.add_item(person, KIND, code, **described.of_the_shelf())
    Supply.create(item=item, **described.of_buying())
    history.record(item, "describe", person, data={"after": described.of_buying()})
    return item


@db.transaction
def change_supply(person: Person, item_id: int, described: Described, events: int) -> Item:
    """The item as it is described now, against the state it was shown in (its count of events)."""
    only_the_office(person)
    check_buying(described)
    item = stock.change_item(person, item_id, events, **described.of_the_shelf(), active=described.active)
    supply, wanted = Supply.get_by_id(item.id), described.of_buying()
    before = {name: getattr(supply, name) for name in wanted}
    differing = [name for name in wanted if wanted[name] != before[name]]
    if differing:
        Supply.update(**{name: wanted[name] for name in differing}).where(Supply.item == item).execute()
        told = {"before": {name: before[name] for name in differing}, "after": {name: wanted[name] for name in differing}}
        history.record(item, "describe", person, data=told)
    return Item.get_by_id(item.id)


def check_buying(described: Described) -> None:
    """Raises Mistyped for what no item can have."""
    if not described.specification:
        raise Mistyped(_("Give it one specification: size, colour or make."), "specification")
    for field, most in _LONGEST.items():
        if len(getattr(described, field)) > most:
            raise Mistyped(
                _("At most %(most)s characters; these are %(are)s.", most=most, are=len(getattr(described, field))), field
            )
    if not 1 <= described.per_purchase <= MOST_OF_A_PACK:
        raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=1, most=MOST_OF_A_PACK), "per_purchase")
    if described.per_purchase > 1 and described.purchase_unit in ("", described.unit):
        raise Mistyped(_("Name the unit it is bought in: it holds several."), "purchase_unit")
    if described.per_purchase == 1 and described.purchase_unit not in ("", described.unit):
        raise Mistyped(_("Say how many one purchase unit holds."), "per_purchase")
    if described.reorder_level is not None and not 0 <= described.reorder_level <= MOST_LEVEL:
        raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=0, most=MOST_LEVEL), "reorder_level")


# ---- pictures -------------------------------------------------------------------------------------------------------


def _keeps_pictures(person: Person) -> bool:
    return KEEPS.allows(access.posts_of(person))


GUARDS["item"] = Guard(  # pictures are for everybody, as the catalogue is; they have an address of their own
    may_attach=lambda _item, person: _keeps_pictures(person),
    may_remove=lambda _picture, _item, person: _keeps_pictures(person),
    may_read=lambda picture, _item, _posts: picture.purpose == "picture",
    page="/supplies/catalogue/%s",
)


def put_picture(person: Person, item: Item, name: str, stream: BinaryIO) -> Attachment:
    """The item's picture; the one it had before is taken off."""
    only_the_office(person)
    before = pictures_of(item.id)
    kept = attachments.store("item", item.id, "picture", name, stream, person)
    for each in before:
        attachments.remove(each, person)
    return kept


def take_picture_off(person: Person, item: Item) -> None:
    only_the_office(person)
    for each in pictures_of(item.id):
        attachments.remove(each, person)


def pictures_of(item_id: int) -> list[Attachment]:
    return [each for each in attachments.of("item", item_id) if each.purpose == "picture"]


# ---- suppliers ------------------------------------------------------------------------------------------------------

OF_A_SUPPLIER = {"name": 120, "contact": 80, "phone": 40, "email": 120, "address": 200, "note": 500}


@db.transaction
def add_supplier(person: Person, **told: Any) -> Supplier:
    """Who delivers: name, contact, phone, email, address, note."""
    only_the_office(person)
    _check_supplier(None, told)
    supplier = Supplier.create(**told)
    history.record(supplier, "add", person, data=told)
    return supplier


@db.transaction
def change_supplier(person: Person, supplier_id: int, events: int, **told: Any) -> Supplier:
    only_the_office(person)
    supplier = Supplier.get_by_id(supplier_id)
    if supplier.events != events:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))
    _check_supplier(supplier, told)
    before = {name: getattr(supplier, name) for name in told}
    differing = [name for name in told if told[name] != before[name]]
    if differing:
        Supplier.update(**{name: told[name] for name in differing}).where(Supplier.id == supplier.id).execute()
        sides = {side: {name: int(of[name]) if name == "active" else of[name] for name in differing}
                 for side, of in (("before", before), ("after", told))}  # fmt: skip
        history.record(supplier, "change", person, data=sides)
    return Supplier.get_by_id(supplier_id)


def _check_supplier(supplier: Supplier | None, told: dict[str, Any]) -> None:
    if not told["name"]:
        raise Mistyped(_("Give it a name."), "name")
    for field, most in OF_A_SUPPLIER.items():
        if len(told.get(field, "")) > most:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=most, are=len(told[field])), field)
    other = Supplier.find("name = ?", told["name"])
    if other and (supplier is None or other.id != supplier.id):
        raise Mistyped(_("There is a supplier %(name)s already.", name=other.name), "name")
