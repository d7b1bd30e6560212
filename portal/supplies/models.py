"""Office supplies: what the catalogue says of an item, who delivers it, how much a department may draw, and the papers that
move it."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, CharField, CompositeKey, DateField, ForeignKeyField, IntegerField

from portal.cases import Case, Detail, Line
from portal.db import MomentField, Table, Thing
from portal.persons import Department, Person
from portal.stock.models import Item
from portal.words import Words, _

SOURCES: dict[str, Words] = {
    "delivery": _("Delivery"),
    "gift": _("Gift"),
    "return": _("Goods given back"),
    "opening": _("Opening stock"),
}
DELIVERY = "delivery"  # stands on old papers only: what suppliers deliver is received on its order


class Supply(Table):
    """What the catalogue says of an item besides: its one specification (SUP-02), and how it is bought."""

    item = ForeignKeyField(Item, primary_key=True)
    specification = CharField(max_length=200)
    purchase_unit = CharField(max_length=20)
    per_purchase = IntegerField(default=1)  # units in one purchase unit
    reorder_level = IntegerField(null=True)  # empty: one month of average consumption

    class Meta:
        table_name = "supplies"


class Supplier(Thing):
    name = CharField(max_length=120, unique=True)
    contact = CharField(max_length=80, default="")
    phone = CharField(max_length=40, default="")
    email = CharField(max_length=120, default="")
    address = CharField(max_length=200, default="")
    note = CharField(max_length=500, default="")
    active = BooleanField(default=True)

    class Meta:
        table_name = "suppliers"


# ---- limits ---------------------------------------------------------------------------------------------------------


class LimitPaper(Detail):
    """Limits proposed by the office; they hold from this month (202611) on."""

    since = IntegerField()

    class Meta:
        table_name = "limit_papers"


class LimitLine(Line):
    """From the limit that held when it was written to the one that shall hold; empty is no limit."""

    department = ForeignKeyField(Department)
    item = ForeignKeyField(Item)
    old = IntegerField(null=True)
    new = IntegerField(null=True)

    class Meta:
        table_name = "limit_lines"


class SupplyLimit(Table):
    """What a department may draw of an item in each month from `since` on, until a later row; empty takes the limit away."""

    department = ForeignKeyField(Department)
    item = ForeignKeyField(Item)
    since = IntegerField()
    quantity = IntegerField(null=True)
    case = ForeignKeyField(Case)

    class Meta:
        table_name = "supply_limits"


# ---- wishes and draws -----------------------------------------------------------------------------------------------


class Wish(Detail):
    note = CharField(max_length=500, default="")

    class Meta:
        table_name = "wishes"


class WishLine(Line):
    """Something of the catalogue, or in words what it lacks."""

    item = ForeignKeyField(Item, null=True)
    text = CharField(max_length=200, default="")
    quantity = IntegerField()

    class Meta:
        table_name = "wish_lines"


class Suggestion(Thing):
    """What the catalogue lacks, and what the office answered."""

    wish_line = ForeignKeyField(WishLine, unique=True)
    answer = CharField(max_length=10, default="")  # added, declined
    item = ForeignKeyField(Item, null=True)
    note = CharField(max_length=500, default="")
    answered_by = ForeignKeyField(Person, null=True)
    answered_at = MomentField(null=True)

    class Meta:
        table_name = "suggestions"


class Draw(Detail):
    """`is_special`: a line goes above its limit. `in_place_of` is the custodian for whom the head filed, `away` why. `month`
    (202611) is the one whose limits it counts against: that in which it was last submitted."""

    month = IntegerField(null=True)
    is_special = BooleanField(default=False)
    in_place_of = ForeignKeyField(Person, null=True)
    away = CharField(max_length=200, default="")
    approved_at = MomentField(null=True)
    issued_at = MomentField(null=True)
    received_at = MomentField(null=True)

    class Meta:
        table_name = "draws"


class DrawLine(Line):
    """What was asked for, on which figures (frozen when it was submitted), what was granted, issued and declined.

    `half_year` is what the department drew in the last six full months; `limit_left` is empty where there is no limit."""

    item = ForeignKeyField(Item)
    quantity = IntegerField()
    reason = CharField(max_length=200, default="")
    stock = BigIntegerField(default=0)
    half_year = BigIntegerField(default=0)
    limit_left = IntegerField(null=True)
    suggested = IntegerField(default=0)
    granted = IntegerField(null=True)
    cut_reason = CharField(max_length=200, default="")
    cut_by = ForeignKeyField(Person, null=True)
    issued = IntegerField(default=0)
    declined = IntegerField(default=0)
    decline_reason = CharField(max_length=200, default="")

    class Meta:
        table_name = "draw_lines"

    @property
    def is_above_limit(self) -> bool:
        return self.limit_left is None or self.quantity > self.limit_left


class DrawWish(Table):
    """How much of a wished line went into a draw, and why not all."""

    case = ForeignKeyField(Case)
    version = IntegerField()
    wish_line = ForeignKeyField(WishLine)
    quantity = IntegerField()
    reason = CharField(max_length=200, default="")

    class Meta:
        table_name = "draw_wishes"


class ExpectedDay(Table):
    """The day on which those who wait with a draw for an item were told that it is expected."""

    case = ForeignKeyField(Case)
    item = ForeignKeyField(Item)
    day = DateField()

    class Meta:
        table_name = "expected_days"
        primary_key = CompositeKey("case", "item")


# ---- goods in -------------------------------------------------------------------------------------------------------


class GoodsIn(Detail):
    source = CharField(max_length=10)
    supplier = ForeignKeyField(Supplier, null=True)
    delivery_note = CharField(max_length=60, default="")
    received_on = DateField()
    confirmed_at = MomentField(null=True)

    class Meta:
        table_name = "goods_in"


class GoodsInLine(Line):
    item = ForeignKeyField(Item)
    quantity = IntegerField()
    note = CharField(max_length=200, default="")

    class Meta:
        table_name = "goods_in_lines"


class SupplyMonth(Table):
    """What a department was given of an item in a month, less what it declined."""

    department = ForeignKeyField(Department)
    item = ForeignKeyField(Item)
    month = IntegerField()
    quantity = BigIntegerField()

    class Meta:
        table_name = "supply_months"
        primary_key = CompositeKey("department", "item", "month")
