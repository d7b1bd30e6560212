"""How the shop is arranged: categories, places, what is archived; each change is looked at afterwards (SHF-11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from portal import db
from portal.db import MomentField, Table
from portal.persons import Person
from portal.stock.models import ItemCategory
from portal.words import Name, Words, _, data_from_json

PAGE = 50
WHAT: dict[str, Words] = {
    "category": _("Moved to another category"),
    "position": _("Place in the shop changed"),
    "archive": _("Archived"),
    "restore": _("Taken out of the archive"),
    "add": _("Category added"),
    "change": _("Category changed"),
}


class Arrangement(Table):
    """A change of a product or a category of the shop; `told` is before and after as JSON. It waits for the planner's look."""

    thing = CharField(max_length=20)  # product, itemcategory
    thing_id = IntegerField()
    what = CharField(max_length=12)
    told = TextField()
    by = ForeignKeyField(Person)
    at = MomentField()
    reviewed_by = ForeignKeyField(Person, null=True)
    reviewed_at = MomentField(null=True)
    note = CharField(max_length=200, default="")  # what the planner would have otherwise

    class Meta:
        table_name = "arrangements"


class Arranged(NamedTuple):
    """A change as the review list shows it."""

    id: int
    thing: str
    thing_id: int
    what: Words
    called: Name
    code: str
    before: Any
    after: Any
    by_id: int
    by: Name
    at: datetime
    reviewed_by: Name | None
    reviewed_at: datetime | None
    note: str


_ARRANGED = """
SELECT r.id, r.thing, r.thing_id, r.what, r.told, COALESCE(i.name, c.name), COALESCE(i.name_en, c.name_en), COALESCE(i.code, ''),
    b.id, b.name, b.name_en, r.at, v.name, v.name_en, r.reviewed_at, r.note
FROM arrangements r JOIN persons b ON b.id = r.by_id LEFT JOIN persons v ON v.id = r.reviewed_by_id
LEFT JOIN products p ON r.thing = 'product' AND p.id = r.thing_id LEFT JOIN items i ON i.id = p.item_id
LEFT JOIN item_categories c ON r.thing = 'itemcategory' AND c.id = r.thing_id
"""
_OPEN = "r.reviewed_at IS NULL AND r.id > ? ORDER BY r.id LIMIT ?"
_PAST = "r.reviewed_at IS NOT NULL AND r.id < ? ORDER BY r.id DESC LIMIT ?"


def to_review(after: int | None = None, limit: int = PAGE + 1) -> list[Arranged]:
    """What nobody looked at yet, oldest first."""
    return [_arranged(row) for row in db.rows(f"{_ARRANGED} WHERE {_OPEN}", after or 0, limit)]


def reviewed(before: int | None = None, limit: int = PAGE + 1) -> list[Arranged]:
    """What was looked at, newest first."""
    return [_arranged(row) for row in db.rows(f"{_ARRANGED} WHERE {_PAST}", before or 2**31, limit)]


def _arranged(row: tuple[Any, ...]) -> Arranged:
    key, thing, thing_id, what, told, name, name_en, code, by_id, by, by_en, at, *seen, seen_at, note = row
    facts = data_from_json(told)
    return Arranged(
        key, thing, thing_id, WHAT[what], Name(name, name_en), code, facts.get("before"), facts.get("after"), by_id,
        Name(by, by_en), db.from_ms(at), Name(seen[0], seen[1] or "") if seen[0] else None, seen_at and db.from_ms(seen_at), note,
    )  # fmt: skip


def waiting() -> int:
    """How many nobody looked at yet, counted up to a hundred."""
    return db.row("SELECT COUNT(*) FROM (SELECT id FROM arrangements WHERE reviewed_at IS NULL LIMIT 100) AS few")[0]  # type: ignore[index]


class Kept(NamedTuple):
    """A category of the shop with how many products stand in it."""

    id: int
    called: Name
    active: bool
    products: int


def shop_categories() -> list[Kept]:
    sql = """SELECT c.id, c.name, c.name_en, c.active, (SELECT COUNT(*) FROM items i WHERE i.category_id = c.id)
             FROM item_categories c WHERE c.kind = 'product' ORDER BY c.name, c.id LIMIT 500"""
    return [Kept(key, Name(name, name_en), bool(active), n) for key, name, name_en, active, n in db.rows(sql)]


def offered_categories() -> list[ItemCategory]:
    """Those that new products may be given."""
    return ItemCategory.where("kind = 'product' AND active ORDER BY name, id LIMIT 500")
