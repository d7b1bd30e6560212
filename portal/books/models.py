"""Account titles, the funds money is kept in, vouchers that sum to zero, what is payable, and the cash and bank journals."""

from __future__ import annotations

from datetime import date

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField

from portal import db
from portal.budget.models import Category
from portal.cases import Case
from portal.db import MomentField, Table, Thing
from portal.money import Money, MoneyField
from portal.persons import Department, Person
from portal.words import Name, Words, _

NATURES: dict[str, Words] = {
    "asset": _("Assets"),
    "liability": _("Liabilities"),
    "equity": _("Equity"),
    "income": _("Income"),
    "expense": _("Expenses"),
}
METHODS: dict[str, Words] = {
    "cash": _("In cash"),
    "transfer": _("By bank transfer"),
    "cheque": _("By cheque"),
    "card": _("By card"),
    "other": _("Otherwise"),
}


class Title(Thing):
    """An account title of the books. `purpose` names those the portal itself posts to; each stands once."""

    code = CharField(max_length=12, unique=True)
    name = CharField(max_length=80, unique=True)
    name_en = CharField(max_length=80, default="")
    nature = CharField(max_length=10)
    purpose = CharField(max_length=12, null=True, unique=True)
    active = BooleanField(default=True)

    class Meta:
        table_name = "titles"

    @property
    def called(self) -> Name:
        return Name(self.name, self.name_en)


class CategoryTitle(Table):
    """The title to which spending of a budget category is posted."""

    category = ForeignKeyField(Category, primary_key=True)
    title = ForeignKeyField(Title)

    class Meta:
        table_name = "category_titles"


class Fund(Thing):
    """Where money is kept: the till, or an account at a bank."""

    name = CharField(max_length=80, unique=True)
    name_en = CharField(max_length=80, default="")
    kind = CharField(max_length=4)  # cash, bank
    number = CharField(max_length=40, default="")
    title = ForeignKeyField(Title, unique=True)
    active = BooleanField(default=True)

    class Meta:
        table_name = "funds"

    @property
    def called(self) -> Name:
        return Name(self.name, self.name_en)


class ClosedMonth(Table):
    """A month that takes no more entries; the schema refuses them."""

    month = IntegerField(primary_key=True)  # 202611
    case = ForeignKeyField(Case, null=True)

    class Meta:
        table_name = "closed_months"


class Voucher(Table):
    number = CharField(max_length=24, unique=True)
    day = DateField()
    month = IntegerField()
    kind = CharField(max_length=10)  # paper, adjustment, reversal, opening
    text = CharField(max_length=200)
    case = ForeignKeyField(Case, null=True)
    reverses = ForeignKeyField("self", null=True, unique=True)
    by = ForeignKeyField(Person, null=True)
    at = MomentField()

    class Meta:
        table_name = "vouchers"


class VoucherLine(Table):
    """An amount on a title: debit above zero, credit below. What it is about stands beside it, for drilling down."""

    voucher = ForeignKeyField(Voucher)
    n = IntegerField()
    title = ForeignKeyField(Title)
    month = IntegerField()
    amount = MoneyField()
    person = ForeignKeyField(Person, null=True)
    department = ForeignKeyField(Department, null=True)
    category = ForeignKeyField(Category, null=True)
    text = CharField(max_length=200, default="")

    class Meta:
        table_name = "voucher_lines"


class Payable(Table):
    """What is to be paid out on a paper: to whom, into which account (as it was when it was signed), by when, how much is paid.
    `barred` are those who may not pay it, ",12,57,"; such a line waits for `confirmed_by` where the paper says so."""

    case = ForeignKeyField(Case)
    n = IntegerField()
    person = ForeignKeyField(Person, null=True)
    payee = CharField(max_length=120)
    bank = CharField(max_length=80, default="")
    number = CharField(max_length=80, default="")
    holder = CharField(max_length=80, default="")
    text = CharField(max_length=200, default="")
    amount = MoneyField()
    paid = MoneyField(default=0)
    due = DateField()
    barred = CharField(default=",")
    confirmed_by = ForeignKeyField(Person, null=True)
    opened_at = MomentField()
    withdrawn_at = MomentField(null=True)

    class Meta:
        table_name = "payables"

    @property
    def open(self) -> Money:
        return Money(0) if self.withdrawn_at else self.amount - self.paid

    def bars(self, person: Person) -> bool:
        return f",{person.id}," in self.barred


class CashEntry(Table):
    """A line of the cash or bank journal: what came in (above zero) or went out, on which paper, and who handled it."""

    fund = ForeignKeyField(Fund)
    day = DateField()
    month = IntegerField()
    amount = MoneyField()
    kind = CharField(max_length=12)  # payment, return, receipt, charge, transfer, opening
    case = ForeignKeyField(Case)
    payable = ForeignKeyField(Payable, null=True)
    method = CharField(max_length=10)
    reference = CharField(max_length=80, default="")
    party = CharField(max_length=120, default="")
    text = CharField(max_length=200, default="")
    by = ForeignKeyField(Person)
    at = MomentField()

    class Meta:
        table_name = "cash_entries"


class Posting(Table):
    """The voucher that posted a line of the journals: never written by who handled the money (FIN-06), by the schema."""

    entry = ForeignKeyField(CashEntry, primary_key=True)
    voucher = ForeignKeyField(Voucher)
    paid_by = ForeignKeyField(Person)
    posted_by = ForeignKeyField(Person)

    class Meta:
        table_name = "postings"


# ---- titles and funds -----------------------------------------------------------------------------------------------


def title_for(purpose: str) -> Title:
    """The title the portal posts to for a purpose: advances, staff, suppliers, spending …"""
    found = Title.find("purpose = ?", purpose)
    assert found is not None, purpose
    return found


def title_of_category(category_id: int) -> Title:
    """Where spending of the category is posted: its own title, or the common one for spending."""
    found = CategoryTitle.find("category_id = ?", category_id)
    return found.title if found else title_for("spending")


def funds_in_use() -> list[Fund]:
    return Fund.where("active ORDER BY kind DESC, id")


_BALANCE = "SELECT COALESCE(SUM(amount), 0) FROM cash_entries WHERE fund_id = ?"


def balance(fund_id: int, until: date | None = None) -> Money:
    """What the journal says is in the fund, at the end of that day if one is named."""
    if until is None:
        found = db.row(_BALANCE, fund_id)
    else:
        found = db.row(f"{_BALANCE} AND day <= ?", fund_id, until if db.is_postgres() else until.isoformat())
    return Money(int(found[0]))  # type: ignore[index]


def least_from(fund_id: int, day: date) -> Money:
    """The least that is in the fund from the end of that day on: so much could have gone out on it."""
    here = least = balance(fund_id, day)
    later = "SELECT SUM(amount) FROM cash_entries WHERE fund_id = ? AND day > ? GROUP BY day ORDER BY day"
    for (amount,) in db.rows(later, fund_id, day if db.is_postgres() else day.isoformat()):
        here = here + Money(int(amount))
        least = min(least, here)
    return least


# ---- months ---------------------------------------------------------------------------------------------------------


def month_of(day: date) -> int:
    """202611 for a day of November 2026."""
    return day.year * 100 + day.month


def is_closed(day: date) -> bool:
    """Whether its month takes no more entries: it is closed, or one after it is, whose beginning would change."""
    return db.row("SELECT 1 FROM closed_months WHERE month >= ?", month_of(day)) is not None


def month_called(month: int) -> str:
    return f"{month // 100}-{month % 100:02d}"


# ---- the queue ------------------------------------------------------------------------------------------------------


def payables_of(case: Case) -> list[Payable]:
    """The case's payables that were not withdrawn, in order."""
    return Payable.where("case_id = ? AND withdrawn_at IS NULL ORDER BY n, id", case.id)


_UNPOSTED = "SELECT e.id FROM cash_entries e LEFT JOIN postings p ON p.entry_id = e.id WHERE p.entry_id IS NULL"


def unposted(case: Case) -> list[CashEntry]:
    """The case's lines of the journals that no voucher posted yet, in order."""
    ids = [key for (key,) in db.rows(f"{_UNPOSTED} AND e.case_id = ?", case.id)]
    return CashEntry.where(f"id IN ({db.marks(ids)}) ORDER BY day, id", *ids) if ids else []
