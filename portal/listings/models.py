"""Products and what the shop shows of them: contents by version, prices, the shelf, promotion prices (PRI, SHF, PRO)."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, CharField, CompositeKey, DateField, ForeignKeyField, IntegerField, TextField

from portal.access import (
    any_of,
    copywriter,
    designer,
    ecom_director,
    gm,
    marketing_staff,
    planner,
    section_specialist,
    warehouse,
)
from portal.attachments import Attachment
from portal.cases import Case, Detail, Line
from portal.db import MomentField, Table, Thing
from portal.money import MoneyField
from portal.persons import Person
from portal.stock.models import Item
from portal.words import Words, _

KIND = "product"  # of items and their categories
UNIT, PLACE = "件", "仓库"  # where nothing is said of them
TEXTS = {"name": 120, "name_en": 120, "brand": 60, "description": 20_000, "description_en": 20_000}  # what a version says
SEES = any_of(planner, section_specialist, ecom_director, gm, marketing_staff, designer, copywriter, warehouse)  # the register
PRICES = any_of(planner, section_specialist, ecom_director, gm, marketing_staff)  # price history (matrix)
COSTS = any_of(planner, ecom_director, gm)  # what goods cost, and the margin

SEASONS: dict[str, Words] = {
    "": _("All year"), "spring": _("Spring"), "summer": _("Summer"), "autumn": _("Autumn"), "winter": _("Winter"),
}  # fmt: skip
OFF: dict[str, Words] = {
    "normal": _("Off the shelf: out of stock"),
    "abnormal": _("Off the shelf"),
    "unlawful": _("Taken down"),
}


class Product(Thing):
    """Something the shop sells. Its code, category, unit, place and stock are those of its item; its texts and pictures stand in
    versions, of which the shop shows the one approved last (`shown_version`).

    `up_at`: the moment from which it stands on the shelf, also one to come; empty: it does not. `cost` in fen."""

    item = ForeignKeyField(Item, unique=True)
    season = CharField(max_length=12, default="")
    is_main = BooleanField(default=False)  # promoted first this season (SHF-13)
    cost = MoneyField(null=True)
    position = IntegerField(default=0)  # lower stands higher in the shop
    version = IntegerField(default=0)  # the newest version of its contents
    checked_version = IntegerField(null=True)  # the version somebody vouched for (SHF-16)
    checked_by = ForeignKeyField(Person, null=True)
    checked_at = MomentField(null=True)
    shown_version = IntegerField(null=True)
    up_at = MomentField(null=True)
    off_kind = CharField(max_length=10, default="")
    off_reason = CharField(max_length=500, default="")
    off_at = MomentField(null=True)
    is_archived = BooleanField(default=False)
    created_at = MomentField()
    token = CharField(max_length=40, null=True, unique=True)  # of the form it was entered by: taken once
    image_links = CharField(max_length=2000, default="")  # where another shop kept its pictures: text, never fetched

    class Meta:
        table_name = "products"


class ProductContent(Table):
    """A version of what the shop says of a product. Append-only."""

    product = ForeignKeyField(Product)
    n = IntegerField()
    name = CharField(max_length=120)
    name_en = CharField(max_length=120, default="")
    brand = CharField(max_length=60, default="")
    description = TextField(default="")
    description_en = TextField(default="")
    by = ForeignKeyField(Person)
    at = MomentField()

    class Meta:
        table_name = "product_contents"


class ContentFile(Table):
    """A picture, video or document of a version, in the order shown. Append-only."""

    content = ForeignKeyField(ProductContent)
    n = IntegerField()
    attachment = ForeignKeyField(Attachment)

    class Meta:
        table_name = "content_files"
        primary_key = CompositeKey("content", "n")


# ---- prices ---------------------------------------------------------------------------------------------------------


class Price(Table):
    """A price as it was published: the one whose `from_at` is the latest past is the product's own price. Append-only."""

    product = ForeignKeyField(Product)
    fen = MoneyField()
    from_at = MomentField()
    case = ForeignKeyField(Case)
    by = ForeignKeyField(Person)
    approved_by = ForeignKeyField(Person)

    class Meta:
        table_name = "prices"


class CompetitorPrice(Table):
    """What somebody else asks for the like, as it was seen (PRI-01). Append-only; `case`: the proposal it was entered with."""

    product = ForeignKeyField(Product)
    competitor = CharField(max_length=60)
    their_product = CharField(max_length=120)
    fen = MoneyField()
    seen_on = DateField()
    source = CharField(max_length=300)
    case = ForeignKeyField(Case, null=True)
    by = ForeignKeyField(Person)
    at = MomentField()

    class Meta:
        table_name = "competitor_prices"


class PriceProposal(Detail):
    """New prices of one or many products (PRI-02); `note` stands in for competitor rows."""

    cause = CharField(max_length=16, default="new")
    reason = CharField(max_length=1000, default="")
    note = CharField(max_length=2000, default="")
    published_at = MomentField(null=True)

    class Meta:
        table_name = "price_proposals"


class PriceLine(Line):
    """`old_fen` and `cost` as they stood when the line was written; a struck line is not published."""

    product = ForeignKeyField(Product)
    old_fen = MoneyField(null=True)
    new_fen = MoneyField()
    cost = MoneyField(null=True)
    struck_because = CharField(max_length=200, default="")

    class Meta:
        table_name = "price_lines"


class OpenProposal(Table):
    """The proposal in which a product stands now: one at a time, by the key."""

    product = ForeignKeyField(Product, primary_key=True)
    case = ForeignKeyField(Case)

    class Meta:
        table_name = "open_proposals"


class ShopFile(Thing):
    """Prices as the real shop shows them, brought as a file, to be compared with ours (PRI-08)."""

    name = CharField(max_length=200)
    by = ForeignKeyField(Person)
    at = MomentField()

    class Meta:
        table_name = "shop_files"


class ShopPrice(Table):
    """A row of such a file; without a product: its code is none of ours."""

    file = ForeignKeyField(ShopFile)
    n = IntegerField()
    code = CharField(max_length=40)
    product = ForeignKeyField(Product, null=True)
    fen = MoneyField()

    class Meta:
        table_name = "shop_prices"
        primary_key = CompositeKey("file", "n")


class SpecialPrice(Table):
    """A treatment that was approved and applied: a price or a gift, from a moment until a moment (PRO-03 to PRO-05). It runs and
    ends by the clock alone; `cancelled_at` ends it early."""

    product = ForeignKeyField(Product)
    case = ForeignKeyField(Case)
    fen = MoneyField(null=True)
    gift = CharField(max_length=120, default="")
    starts_at = MomentField()
    ends_at = MomentField()
    by = ForeignKeyField(Person)
    at = MomentField()
    cancelled_at = MomentField(null=True)

    class Meta:
        table_name = "special_prices"


# ---- shelf ----------------------------------------------------------------------------------------------------------


class ShelfRequest(Detail):
    """Products to go on the shelf, off it for a reason, or to show new contents there; `planned_at`: not before that moment."""

    way = CharField(max_length=8, default="on")  # on, off, update
    reason = CharField(max_length=500, default="")
    planned_at = MomentField(null=True)
    done_at = MomentField(null=True)

    class Meta:
        table_name = "shelf_requests"


class ShelfLine(Line):
    """`content`: the version that is asked for, frozen when the request is submitted."""

    product = ForeignKeyField(Product)
    content = IntegerField(null=True)
    left_because = TextField(default="")  # why it was left out when the rest was done: words as JSON
    done_at = MomentField(null=True)

    class Meta:
        table_name = "shelf_lines"


class OpenShelfRequest(Table):
    """The request in which a product stands now: one at a time, by the key."""

    product = ForeignKeyField(Product, primary_key=True)
    case = ForeignKeyField(Case)

    class Meta:
        table_name = "open_shelf_requests"


class TakeDown(Table):
    """Something unlawful or false that was taken off at once, as it stood, and who answers for it (INF-15). Append-only."""

    thing = CharField(max_length=20)
    thing_id = BigIntegerField()
    title = CharField(max_length=200)
    snapshot = TextField()
    reason = CharField(max_length=1000)
    responsible = ForeignKeyField(Person)
    by = ForeignKeyField(Person)
    at = MomentField()

    class Meta:
        table_name = "take_downs"


# ---- goods ----------------------------------------------------------------------------------------------------------


class GoodsNote(Detail):
    """What the warehouse took in or gave out, or a stock file that says how many there are."""

    way = CharField(max_length=8, default="in")  # in, out, file
    reason = CharField(max_length=500, default="")
    slip = CharField(max_length=60, default="")
    moved_on = DateField()
    booked_at = MomentField(null=True)

    class Meta:
        table_name = "goods_notes"


class GoodsNoteLine(Line):
    """`quantity`: pieces in or out, of a file the pieces there are; `before` and `after`: on hand when it was booked."""

    product = ForeignKeyField(Product)
    quantity = BigIntegerField()
    before = BigIntegerField(null=True)
    after = BigIntegerField(null=True)

    class Meta:
        table_name = "goods_note_lines"
