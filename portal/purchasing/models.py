"""Buying: quotes of suppliers, applications, orders made of them, what was received on them, and what suppliers bill."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, CharField, CompositeKey, DateField, ForeignKeyField, IntegerField, TextField

from portal.attachments import Attachment
from portal.budget.models import BudgetLine
from portal.cases import Case, Detail, Line
from portal.db import MomentField, Table, Thing
from portal.money import Money, MoneyField
from portal.persons import Person
from portal.stock.models import Item, ItemCategory
from portal.supplies.models import Supplier
from portal.words import Words, _

CAUSES: dict[str, Words] = {"low_stock": _("Low stock"), "special_need": _("Special need")}  # SUP-07
MOST_QUANTITY = 1_000_000
WAYS: dict[str, Words] = {
    "email": _("By e-mail"),
    "phone": _("By telephone"),
    "message": _("By message"),
    "paper": _("On paper"),
}


# ---- suppliers ------------------------------------------------------------------------------------------------------


class SupplierContact(Table):
    """Somebody at a supplier beside the one that stands on the supplier itself."""

    supplier = ForeignKeyField(Supplier)
    name = CharField(max_length=80)
    post = CharField(max_length=80, default="")
    phone = CharField(max_length=40, default="")
    email = CharField(max_length=120, default="")
    note = CharField(max_length=200, default="")

    class Meta:
        table_name = "supplier_contacts"


class SupplierCategory(Table):
    """What a supplier delivers."""

    supplier = ForeignKeyField(Supplier)
    category = ForeignKeyField(ItemCategory)

    class Meta:
        table_name = "supplier_categories"
        primary_key = CompositeKey("supplier", "category")


class Quote(Thing):
    """The price of a pack of `per_pack` units of an item, valid from a day until a day, both included (SUP-08). A quote is never
    changed: it is withdrawn, and another one entered. `token` is that of the form it was entered with."""

    supplier = ForeignKeyField(Supplier)
    item = ForeignKeyField(Item)
    price = MoneyField()
    pack = CharField(max_length=20)
    per_pack = IntegerField()
    valid_from = DateField()
    valid_until = DateField()
    delivery_days = IntegerField(null=True)
    note = CharField(max_length=200, default="")
    by = ForeignKeyField(Person)
    at = MomentField()
    withdrawn_at = MomentField(null=True)
    withdrawn_by = ForeignKeyField(Person, null=True)
    withdrawn_because = CharField(max_length=200, default="")
    token = CharField(max_length=40, null=True, unique=True)

    class Meta:
        table_name = "quotes"


# ---- applications ---------------------------------------------------------------------------------------------------


class Purchase(Detail):
    """An application to buy: why, and on which budget line. `over_by` is what was missing there when it was asked; `flagged`
    stays once it was approved over budget (FIN-02). `in_place_of` is the custodian for whom the head filed, `away` why."""

    cause = CharField(max_length=12, default="low_stock")
    reason = TextField(default="")
    line = ForeignKeyField(BudgetLine, null=True)
    needed_by = DateField(null=True)
    over_by = MoneyField(default=0)
    flagged = BooleanField(default=False)
    approved_at = MomentField(null=True)
    in_place_of = ForeignKeyField(Person, null=True)
    away = CharField(max_length=200, default="")

    class Meta:
        table_name = "purchases"


class PurchaseLine(Line):
    """What is asked for in units, what the whole is estimated to cost, on which figures (frozen when it was submitted), and how
    much was granted. Of that `ordered` stands on orders and `dropped` is not bought any more; `pool` is the part of the estimate
    that is held and on no order yet. `coming` is what was on other applications and orders."""

    item = ForeignKeyField(Item)
    quantity = IntegerField()
    estimate = MoneyField()
    note = CharField(max_length=200, default="")
    stock = BigIntegerField(default=0)
    half_year = BigIntegerField(default=0)
    coming = BigIntegerField(default=0)
    granted = IntegerField(null=True)
    cut_reason = CharField(max_length=200, default="")
    cut_by = ForeignKeyField(Person, null=True)
    ordered = IntegerField(default=0)
    dropped = IntegerField(default=0)
    pool = MoneyField(default=0)

    class Meta:
        table_name = "purchase_lines"

    @property
    def to_order(self) -> int:
        return (self.granted or 0) - self.ordered - self.dropped


# ---- orders ---------------------------------------------------------------------------------------------------------


class Order(Detail):
    """An order to one supplier, made of lines of approved applications."""

    supplier = ForeignKeyField(Supplier)
    deliver_by = DateField(null=True)
    note = CharField(max_length=500, default="")
    placed_at = MomentField(null=True)
    sent_at = MomentField(null=True)
    sent_by = ForeignKeyField(Person, null=True)
    sent_way = CharField(max_length=10, default="")
    told_late = MomentField(null=True)

    class Meta:
        table_name = "orders"


class OrderLine(Line):
    """So many units of a line of an application, at the price of a quote. `cheapest` is the cheapest quote that was valid then,
    `reason` why another was chosen. `share` is the part of the application's estimate that fell on it, `held` what the
    application still holds for it, `paid` what was taken of that. Of the quantity `accepted` came and was good, `closed` does
    not come any more; `billed` stands on invoices."""

    wanted = ForeignKeyField(PurchaseLine)
    item = ForeignKeyField(Item)
    quantity = IntegerField()
    quote = ForeignKeyField(Quote, null=True)
    cheapest = ForeignKeyField(Quote, null=True)
    reason = CharField(max_length=200, default="")
    price = MoneyField(default=0)
    per_pack = IntegerField(default=1)
    amount = MoneyField(default=0)
    share = MoneyField(default=0)
    held = MoneyField(default=0)
    accepted = IntegerField(default=0)
    closed = IntegerField(default=0)
    billed = IntegerField(default=0)
    paid = MoneyField(default=0)

    class Meta:
        table_name = "order_lines"

    @property
    def open(self) -> int:
        """What is still to come."""
        return self.quantity - self.accepted - self.closed

    def cost_of(self, quantity: int) -> Money:
        """What so many units cost by the order."""
        return Money((int(self.price) * quantity + self.per_pack // 2) // self.per_pack)


class Receipt(Table):
    """A delivery as it was compared with the order (SUP-09)."""

    case = ForeignKeyField(Case)
    n = IntegerField()
    day = DateField()
    delivery_note = CharField(max_length=60, default="")
    by = ForeignKeyField(Person)
    at = MomentField()

    class Meta:
        table_name = "receipts"


class ReceiptLine(Table):
    """How much came of a line of the order, how much of it was good, and what was wrong with the rest (SUP-17)."""

    receipt = ForeignKeyField(Receipt)
    line = ForeignKeyField(OrderLine)
    received = IntegerField()
    accepted = IntegerField()
    failure = CharField(max_length=200, default="")

    class Meta:
        table_name = "receipt_lines"


# ---- invoices of suppliers ------------------------------------------------------------------------------------------


class SupplierInvoice(Detail):
    """What a supplier bills for an order. `differs`: it did not agree with order and receipt, `decision` is why it is paid so.
    `settled_at`: it was paid in full."""

    order = ForeignKeyField(Case)
    code = CharField(max_length=20, default="")
    number = CharField(max_length=30, default="")
    day = DateField(null=True)
    file = ForeignKeyField(Attachment, null=True)
    differs = BooleanField(default=False)
    decision = CharField(max_length=500, default="")
    decided_by = ForeignKeyField(Person, null=True)
    decided_at = MomentField(null=True)
    settled_at = MomentField(null=True)

    class Meta:
        table_name = "supplier_invoices"


class SupplierInvoiceLine(Line):
    """What is billed of a line of the order; `counted` of it is accepted and on no other invoice, `payable` is what is paid."""

    line = ForeignKeyField(OrderLine)
    quantity = IntegerField()
    amount = MoneyField()
    counted = IntegerField(default=0)
    payable = MoneyField(null=True)

    class Meta:
        table_name = "supplier_invoice_lines"


# ---- purchases nearby -----------------------------------------------------------------------------------------------


class NearbyPurchase(Detail):
    """Bought nearby by the department itself, after its application was approved (SUP-14); reviewed by the office (SUP-15). It
    has a row in `spendings` as well: claims count against it as against any request."""

    reason = TextField(default="")
    line = ForeignKeyField(BudgetLine, null=True)
    expected_date = DateField(null=True)
    in_place_of = ForeignKeyField(Person, null=True)
    away = CharField(max_length=200, default="")
    bought_on = DateField(null=True)
    shop = CharField(max_length=120, default="")
    bought_at = MomentField(null=True)

    class Meta:
        table_name = "nearby_purchases"


class NearbyLine(Line):
    """Something of the catalogue or in words, what it is estimated to cost, and what was bought of it for how much."""

    item = ForeignKeyField(Item, null=True)
    text = CharField(max_length=200, default="")
    quantity = IntegerField()
    estimate = MoneyField()
    bought = IntegerField(null=True)
    spent = MoneyField(null=True)

    class Meta:
        table_name = "nearby_lines"
