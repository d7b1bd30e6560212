"""Items whose quantity is counted, their categories, and the counts that make the books meet the goods (SUP-18)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField

from portal import db
from portal.cases import Case, Detail
from portal.db import MomentField, Table, Thing
from portal.ledger import Account, Entry, Ledger
from portal.persons import Person
from portal.words import Name, Words, _

STOCK = Ledger("stock")
KINDS: dict[str, Words] = {"supply": _("Office supplies"), "product": _("Products")}


class ItemCategory(Thing):
    """What kind of goods an item is; supplies and products have their own."""

    kind = CharField(max_length=10)  # supply, product
    name = CharField(max_length=60)
    name_en = CharField(max_length=60, default="")
    active = BooleanField(default=True)

    class Meta:
        table_name = "item_categories"

    @property
    def called(self) -> Name:
        return Name(self.name, self.name_en)


class Item(Thing):
    """Something on a shelf. On hand is put − taken of its account, free is what no approved paper holds; neither is ever typed.

    `counted_at` is the moment of its last closed count: no movement is entered before it, by the schema."""

    kind = CharField(max_length=10)  # supply, product
    code = CharField(max_length=40, unique=True)
    name = CharField(max_length=120)
    name_en = CharField(max_length=120, default="")
    category = ForeignKeyField(ItemCategory)
    unit = CharField(max_length=20)
    place = CharField(max_length=60)
    account = ForeignKeyField(Account, unique=True)
    counted_at = BigIntegerField(default=0)
    active = BooleanField(default=True)

    class Meta:
        table_name = "items"

    @property
    def called(self) -> Name:
        return Name(self.name, self.name_en)


class Level(NamedTuple):
    """What stands on the shelf of an item, how much of it approved papers hold, and what is free."""

    item: int
    on_hand: int
    held: int
    free: int


_LEVELS = "SELECT i.id, a.put - a.taken, a.held, a.put - a.held - a.taken FROM items i JOIN accounts a ON a.id = i.account_id"


def levels(item_ids: Iterable[int]) -> dict[int, Level]:
    """The figures of these items, read now in one statement."""
    chosen = sorted(set(item_ids))
    if not chosen:
        return {}
    return {row[0]: Level(*row) for row in db.rows(f"{_LEVELS} WHERE i.id IN ({db.marks(chosen)})", *chosen)}


class Movement(NamedTuple):
    """What came to an account or left it, and for which paper."""

    entry: int
    account: int
    quantity: int
    verb: str
    at: datetime
    case: int | None
    number: str | None
    title: str | None


class Count(Detail):
    """A stocktake of one kind of items: of a category, of a place, or of all. Its counter is the handler of the case."""

    kind = CharField(max_length=10)
    category = ForeignKeyField(ItemCategory, null=True)
    place = CharField(max_length=60, default="")
    frozen_at = MomentField(null=True)
    last_entry = BigIntegerField(default=0)  # the last entry of the books when the list was frozen
    approved_at = MomentField(null=True)

    class Meta:
        table_name = "counts"


class CountLine(Table):
    """An item of the frozen list. `book` is what was on hand when it was frozen; `counted` is empty until somebody counted, and
    stays so where `missing` says why it could not be; `moved` is what came and went during the count and stands in the number."""

    case = ForeignKeyField(Case)
    n = IntegerField()
    item = ForeignKeyField(Item)
    book = BigIntegerField()
    counted = BigIntegerField(null=True)
    missing = CharField(max_length=200, default="")
    counted_by = ForeignKeyField(Person, null=True)
    counted_at = MomentField(null=True)
    moved = BigIntegerField(default=0)
    is_resolved = BooleanField(default=False)
    reason = CharField(max_length=200, default="")
    entry = ForeignKeyField(Entry, null=True)

    class Meta:
        table_name = "count_lines"

    @property
    def difference(self) -> int:
        """Pieces the shelf has more than the books; 0 where nobody could count."""
        return 0 if self.counted is None else self.counted - self.book - self.moved


class Tally(Table):
    """Each number as it was written down; the last one of a line counts."""

    line = ForeignKeyField(CountLine)
    counted = BigIntegerField(null=True)
    missing = CharField(max_length=200, default="")
    by = ForeignKeyField(Person)
    at = MomentField()
    request_id = CharField(max_length=40, default="")

    class Meta:
        table_name = "tallies"
