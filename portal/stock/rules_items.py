"""How items and their categories are kept, whose eyes a count closes, and who is told when goods come (SUP-18, SUP-20)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from portal import clock, db, history
from portal.persons import Person
from portal.refused import Mistyped, SomebodyWasFirst
from portal.stock.models import KINDS, STOCK, Item, ItemCategory, Movement
from portal.stock.models_counts import RUNS
from portal.words import _

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}", re.ASCII)
WHEN_STOCK_COMES: list[Callable[[list[int]], None]] = []  # called with item ids, in the transaction that made more of them free
WHEN_STOCK_GOES: list[Callable[[list[int]], None]] = []  # the same for what became less

_MOST = {"name": 120, "name_en": 120, "unit": 20, "place": 60}
_NEEDED = {"name": _("Give it a name."), "unit": _("Say in which unit it is counted."), "place": _("Say where it is kept.")}


def stock_comes(item_ids: Iterable[int]) -> None:
    """Tells those who wait that more of these items may be free."""
    chosen = sorted(set(item_ids))
    if chosen:
        for told in WHEN_STOCK_COMES:
            told(chosen)


def stock_goes(item_ids: Iterable[int]) -> None:
    """Tells those who must act where nothing is left of these items."""
    chosen = sorted(set(item_ids))
    if chosen:
        for told in WHEN_STOCK_GOES:
            told(chosen)


# ---- categories -----------------------------------------------------------------------------------------------------


@db.transaction
def add_category(person: Person, kind: str, name: str, name_en: str = "") -> ItemCategory:
    assert kind in KINDS
    _check_category(None, kind, name, name_en)
    category = ItemCategory.create(kind=kind, name=name, name_en=name_en)
    history.record(category, "add", person, data={"kind": kind, "name": name, "name_en": name_en})
    return category


@db.transaction
def change_category(person: Person, category_id: int, name: str, name_en: str, active: bool, events: int) -> ItemCategory:
    """Renames it or takes it out of use, as it was shown (its count of events)."""
    category = ItemCategory.get_by_id(category_id)
    _as_shown(category, events)
    _check_category(category, category.kind, name, name_en)
    _change(category, person, {"name": name, "name_en": name_en, "active": active})
    return ItemCategory.get_by_id(category_id)


def _check_category(category: ItemCategory | None, kind: str, name: str, name_en: str) -> None:
    if not name:
        raise Mistyped(_("Give it a name."), "name")
    for field, text in (("name", name), ("name_en", name_en)):
        if len(text) > 60:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=60, are=len(text)), field)
    other = ItemCategory.find("kind = ? AND name = ?", kind, name)
    if other and (category is None or other.id != category.id):
        raise Mistyped(_("There is a category %(name)s already.", name=other.called), "name")


# ---- items ----------------------------------------------------------------------------------------------------------


@db.transaction
def add_item(
    person: Person, kind: str, code: str, name: str, name_en: str, category: ItemCategory | int, unit: str, place: str
) -> Item:
    """A new item with nothing on its shelf."""
    assert kind in KINDS
    typed = {"name": name, "name_en": name_en, "unit": unit, "place": place}
    found = category if isinstance(category, ItemCategory) else ItemCategory.get_or_none(ItemCategory.id == category)
    if not CODE.fullmatch(code):
        raise Mistyped(_("A code is up to 40 letters, digits, dots, dashes or slashes."), "code")
    if other := Item.find("UPPER(code) = ?", code.upper()):  # files and labels do not tell them apart
        raise Mistyped(_("There is an item %(code)s %(name)s already.", code=code, name=other.called), "code")
    _check_item(kind, typed, found)
    item = Item.add(kind=kind, code=code, category=found, account=STOCK.open(), **typed)
    history.record(item, "add", person, data={"kind": kind, "code": code, "category": found.id, **typed})  # type: ignore[union-attr]
    return item


@db.transaction
def change_item(person: Person, item_id: int, events: int, **changed: Any) -> Item:
    """Changes what is named: name, name_en, category, unit, place, active. The code stays: files and labels know it."""
    item = Item.get_by_id(item_id)
    _as_shown(item, events)
    category = changed.get("category", item.category)
    if not isinstance(category, ItemCategory):
        category = ItemCategory.get_or_none(ItemCategory.id == category)
    _check_item(item.kind, {name: changed.get(name, getattr(item, name)) for name in _MOST}, category, item.category_id)
    if changed.get("unit", item.unit) != item.unit and db.row("SELECT 1 FROM entries WHERE account_id = ?", item.account_id):
        raise Mistyped(_("Its unit stays: it has been counted in it already."), "unit")
    assert changed.keys() <= {*_MOST, "category", "active"}
    _change(item, person, changed | ({"category": category} if "category" in changed else {}))
    return Item.get_by_id(item_id)


def _check_item(kind: str, typed: dict[str, str], category: ItemCategory | None, before: int | None = None) -> None:
    for name, most in _MOST.items():
        if not typed[name] and name in _NEEDED:
            raise Mistyped(_NEEDED[name], name)
        if len(typed[name]) > most:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=most, are=len(typed[name])), name)
    if category is None or category.kind != kind:
        raise Mistyped(_("Choose a category."), "category")
    if not category.active and category.id != before:
        raise Mistyped(_("%(category)s is not in use any more.", category=category.called), "category")


def _as_shown(thing: Item | ItemCategory, events: int) -> None:
    if thing.events != events:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))


def _change(thing: Item | ItemCategory, person: Person, values: dict[str, Any]) -> None:
    """Writes what differs, with its event."""
    before = {name: _plain(getattr(thing, name)) for name in values}
    after = {name: _plain(value) for name, value in values.items()}
    differing = [name for name in values if before[name] != after[name]]
    if differing:
        model = type(thing)
        model.update(**{name: values[name] for name in differing}).where(model.id == thing.id).execute()
        told = {"before": {name: before[name] for name in differing}, "after": {name: after[name] for name in differing}}
        history.record(thing, "change", person, data=told)


def _plain(value: Any) -> Any:
    """As an event keeps it: rows by their id, yes and no as numbers."""
    return value.get_id() if isinstance(value, db.Table) else int(value) if isinstance(value, bool) else value


# ---- while it is counted --------------------------------------------------------------------------------------------

_HIDDEN = f"SELECT l.item_id FROM count_lines l JOIN cases k ON k.id = l.case_id WHERE {RUNS} AND k.preparer_id = ?"


def hidden_from(person: Person) -> set[int]:
    """The items this person is counting: he must not learn their figures until the count is closed, for it may come back."""
    return {item for (item,) in db.rows(_HIDDEN, person.id)}


def refuse_back_dated(item_ids: Iterable[int], day: date) -> None:
    """Nothing is entered that came before the last closed count of an item: it stands in what was counted. Raises Mistyped."""
    chosen = sorted(set(item_ids)) or [0]
    found = Item.where(f"id IN ({db.marks(chosen)}) AND counted_at > 0 ORDER BY counted_at DESC LIMIT 1", *chosen)
    for item in found:
        counted = clock.local(db.from_ms(item.counted_at)).date()
        if day < counted:
            raise Mistyped(
                _(
                    "%(item)s was counted on %(day)s: what came before stands in that count and is not entered any more.",
                    item=item.called, day=counted,
                ),
                "received_on",
            )  # fmt: skip


_MOVED = """
SELECT e.id, e.account_id, e.put - e.taken, e.verb, e.at, e.case_id, k.number, k.title FROM entries e
LEFT JOIN cases k ON k.id = e.case_id
WHERE e.id > ? AND e.account_id IN (%s) AND e.put <> e.taken ORDER BY e.id
"""


def moved_since(account_ids: Iterable[int], last_entry: int) -> dict[int, list[Movement]]:
    """What came to these accounts and left them after that entry, oldest first; what is only held stays on the shelf."""
    chosen = sorted(set(account_ids))
    found: dict[int, list[Movement]] = {}
    for entry, account, quantity, verb, at, *paper in db.rows(_MOVED % db.marks(chosen), last_entry, *chosen) if chosen else ():
        found.setdefault(account, []).append(Movement(entry, account, quantity, verb, db.from_ms(at), *paper))
    return found
