"""The specialist arranges the shop: categories, places, the archive; the planner looks at it afterwards (SHF-11, SHF-17)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from portal import clock, db, history, notices
from portal.access import any_of, planner, section_specialist
from portal.db import Thing
from portal.listings.models import KIND, Product
from portal.listings.models_arrangements import WHAT, Arrangement
from portal.listings.models_products import LINED
from portal.listings.rules_products import only
from portal.persons import Person
from portal.refused import Mistyped, NotThere, Refused, SomebodyWasFirst
from portal.stock import rules as stock
from portal.stock.models import ItemCategory
from portal.words import Name, Words, _, data_to_json

ARRANGES = any_of(section_specialist)
REVIEWS = any_of(planner)
LAST_PLACE = 9999
MOST_NOTE = 200

_WHY = _("The section specialist arranges the shop.")


def _arranged(thing: Thing, what: str, before: Any, after: Any, person: Person) -> None:
    told = {"before": before, "after": after}
    Arrangement.create(
        thing=history.name_of(type(thing)), thing_id=thing.get_id(), what=what, told=data_to_json(told), by=person, at=clock.now()
    )


# ---- products -------------------------------------------------------------------------------------------------------


@db.transaction
def move_to(person: Person, product_id: int, category_id: int, before: int) -> Product:
    """Stands in another category; `before` is the one it was seen in."""
    only(ARRANGES, person, _WHY)
    product = _product(product_id)
    item, was = product.item, product.item.category
    if was.id != before:
        raise _first()
    if category_id == was.id:
        return product
    now = stock.change_item(person, item.id, item.events, category=category_id).category
    _told(product, "category", was.called, now.called, person)
    return Product.get_by_id(product.id)


@db.transaction
def place(person: Person, places: Mapping[int, tuple[int, int]]) -> int:
    """Gives products their places in the shop, lower ones first: product -> the place it was seen at, and the new one. Answers
    how many changed."""
    only(ARRANGES, person, _WHY)
    moved = {product: pair for product, pair in places.items() if pair[0] != pair[1]}
    for product_id, (before, after) in sorted(moved.items()):
        if not 0 <= after <= LAST_PLACE:
            raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=0, most=LAST_PLACE), f"place-{product_id}")
        kept = Product.update(position=after).where(Product.id == product_id, Product.position == before)
        if kept.execute() != 1:
            raise _first()
        _told(_product(product_id), "position", before, after, person)
    return len(moved)


def _told(product: Product, what: str, before: Any, after: Any, person: Person) -> None:
    history.record(product, what, person, data={"before": {what: before}, "after": {what: after}})
    _arranged(product, what, before, after, person)


def _product(product_id: int) -> Product:
    found = Product.find("id = ?", product_id)
    if found is None:
        raise NotThere()
    return found


def _first() -> SomebodyWasFirst:
    return SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))


# ---- the archive ----------------------------------------------------------------------------------------------------

WHY_NOT_ARCHIVED: list[Callable[[Product], Words | None]] = []  # asked one after the other; a sentence is in the way


@db.transaction
def archive(person: Person, product_id: int) -> Product:
    """Out of the register's way, never erased; it can be taken out again."""
    only(ARRANGES, person, _WHY)
    product = _product(product_id)
    if product.is_archived:
        raise _first()
    if why := why_not_archived(product):
        raise Refused(why)
    return _archived(person, product, True)


@db.transaction
def restore(person: Person, product_id: int) -> Product:
    only(ARRANGES, person, _WHY)
    product = _product(product_id)
    if not product.is_archived:
        raise _first()
    return _archived(person, product, False)


def _archived(person: Person, product: Product, is_archived: bool) -> Product:
    Product.update(is_archived=is_archived).where(Product.id == product.id).execute()
    what = "archive" if is_archived else "restore"
    history.record(product, what, person)
    _arranged(product, what, None, None, person)
    return Product.get_by_id(product.id)


def why_not_archived(product: Product) -> Words | None:
    return next((why for asked in WHY_NOT_ARCHIVED if (why := asked(product))), None)


def stands_on_the_shelf(product: Product) -> Words | None:
    """Also where it goes up later."""
    return None if product.up_at is None else _("It stands on the shelf or goes up: take it off first.")


def stands_in_a_paper(product: Product) -> Words | None:
    lines = " UNION ".join(f"SELECT l.case_id, l.version FROM {table} l WHERE l.product_id = ?" for table in LINED)
    sql = f"""SELECT COALESCE(k.number, k.title) FROM cases k
              JOIN ({lines} UNION SELECT w.case_id, 0 FROM content_tasks w WHERE w.product_id = ?) AS l
              ON l.case_id = k.id AND l.version IN (0, k.version)
              WHERE k.closed_at IS NULL AND k.number IS NOT NULL ORDER BY k.id LIMIT 1"""
    found = db.row(sql, *[product.id] * (len(LINED) + 1))
    return _("It stands in %(number)s, which is still open.", number=found[0]) if found else None


def has_a_price_to_come(product: Product) -> Words | None:
    sql = "SELECT 1 FROM special_prices WHERE product_id = ? AND ends_at > ? AND cancelled_at IS NULL LIMIT 1"
    found = db.row(sql, product.id, db.to_ms(clock.now()))
    return _("It stands in a promotion that has not ended.") if found else None


WHY_NOT_ARCHIVED += [stands_on_the_shelf, stands_in_a_paper, has_a_price_to_come]


# ---- categories -----------------------------------------------------------------------------------------------------


@db.transaction
def add_category(person: Person, name: str, name_en: str) -> ItemCategory:
    only(ARRANGES, person, _WHY)
    return enter_category(person, name, name_en)


def enter_category(person: Person, name: str, name_en: str = "") -> ItemCategory:
    """The same where it comes along with a file of products, whoever brings it (SHF-11)."""
    made = stock.add_category(person, KIND, name, name_en)
    _arranged(made, "add", None, made.called, person)
    return made


@db.transaction
def change_category(person: Person, category_id: int, name: str, name_en: str, active: bool, events: int) -> ItemCategory:
    """Renames it or takes it out of use, as it was shown (its count of events)."""
    only(ARRANGES, person, _WHY)
    before = ItemCategory.find("id = ? AND kind = ?", category_id, KIND)
    if before is None:
        raise NotThere()
    now = stock.change_category(person, category_id, name, name_en, active, events)
    if now.events != before.events:
        _arranged(now, "change", _as_it_is(before), _as_it_is(now), person)
    return now


def _as_it_is(category: ItemCategory) -> Words | Name:
    return category.called if category.active else _("%(category)s, not in use", category=category.called)


# ---- looked at afterwards -------------------------------------------------------------------------------------------


@db.transaction
def review(person: Person, arrangement_ids: list[int], note: str = "") -> int:
    """The planner has looked at these changes; with a note, who made them hears what should be otherwise. Answers how many."""
    only(REVIEWS, person, _("The planner looks at how the shop is arranged."))
    if len(note) > MOST_NOTE:
        raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=MOST_NOTE, are=len(note)), "note")
    seen = [each for key in sorted(set(arrangement_ids)) if (each := _reviewed(person, key, note))]
    if note:
        _tell(person, seen, note)
    return len(seen)


def _reviewed(person: Person, arrangement_id: int, note: str) -> Arrangement | None:
    """None where somebody looked at it already, or where it is the planner's own: a stand-in does not look at the own work."""
    mine = Arrangement.update(reviewed_by=person, reviewed_at=clock.now(), note=note)
    open_ = mine.where(Arrangement.id == arrangement_id, Arrangement.reviewed_at.is_null(), Arrangement.by != person)
    if open_.execute() != 1:
        return None
    found = Arrangement.get_by_id(arrangement_id)
    thing = history.things()[found.thing].get_by_id(found.thing_id)
    history.record(thing, "review", person, note=note, data={"arrangement": found.id, "what": found.what})
    return found


def _tell(person: Person, seen: list[Arrangement], note: str) -> None:
    for by in sorted({each.by_id for each in seen}):
        what = WHAT[next(each.what for each in seen if each.by_id == by)]
        notices.tell([by], "review", _("%(who)s on “%(what)s”: %(note)s", who=person.called, what=what, note=note))
