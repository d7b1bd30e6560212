"""Suppliers and quotes brought as tables: what they would change is shown first, then written whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from portal import clock, db, languages
from portal.imports import Row, RowError, each
from portal.persons import Person
from portal.purchasing.models_quotes import Quoted, per_unit, standing_terms
from portal.purchasing.models_suppliers import BETWEEN, Listed, suppliers
from portal.purchasing.rules_quotes import check_quote, only_who_buys, write_quote
from portal.purchasing.rules_suppliers import edit_supplier, enter_supplier
from portal.refused import Mistyped, Refused
from portal.stock.models import ItemCategory
from portal.supplies.models import Supplier
from portal.supplies.models_catalogue import Entry, catalogue, categories
from portal.supplies.rules_catalogue import OF_A_SUPPLIER, only_the_office
from portal.supplies.rules_imports import NO, YES
from portal.words import Words, _

SUPPLIER_NEEDED = ("name",)
SUPPLIER_ALSO: dict[str, tuple[str, ...]] = {  # as people head their own tables, beside the words of the portal
    "name": ("供应商", "供应商名称", "Supplier"),
    "contact": ("联系人",),
    "phone": ("联系电话", "电话"),
    "categories": ("供货类别", "What it delivers"),
}
QUOTE_COLUMNS: dict[str, Words] = {
    "supplier": _("Supplier"),
    "code": _("Code"),
    "price": _("Price of a pack"),
    "pack": _("Pack"),
    "per_pack": _("Units per pack"),
    "valid_from": _("Valid from"),
    "valid_until": _("Valid until"),
    "delivery_days": _("Delivery in days"),
    "note": _("Note"),
}
QUOTE_NEEDED = ("supplier", "code", "price", "valid_until")
QUOTE_ALSO: dict[str, tuple[str, ...]] = {
    "supplier": ("供应商", "供应商名称"),
    "code": ("编号", "物品编码", "Item code"),
    "price": ("报价", "价格", "Price"),
    "delivery_days": ("交货天数", "Delivery days"),
}
_PARTED = re.compile(r"\s*[、,，;；]\s*")


@dataclass(frozen=True)
class Told:
    """What a row says of a supplier: a new one, or what changes of one that is there; `changed` is field -> (before, after)."""

    row: int
    told: dict[str, Any]
    category_ids: list[int] | None
    there: Listed | None
    changed: dict[str, tuple[str, str]]

    @property
    def kind(self) -> str:
        return "new" if self.there is None else "changed" if self.changed else "same"


@dataclass(frozen=True)
class Preview:
    """What a file would change; whatever it does not name stays as it is."""

    differences: list[Any]
    unchanged: int
    errors: list[RowError]

    @property
    def is_good(self) -> bool:
        return not self.errors and bool(self.differences)

    def count(self, kind: str) -> int:
        return sum(each.kind == kind for each in self.differences)


def _previewed(read: list[Any], errors: list[RowError]) -> Preview:
    differing = [one for one in read if one.kind != "same"]
    return Preview(differing, len(read) - len(differing), errors)


def _must_be_good(found: Preview) -> None:
    if found.errors:
        raise Refused(_("Row %(row)s: %(why)s Nothing was written.", row=found.errors[0].row, why=found.errors[0].words))
    if not found.differences:
        raise Refused(_("The file changes nothing: everything is as it says."))


# ---- suppliers ------------------------------------------------------------------------------------------------------


def preview_suppliers(rows: Iterable[Row]) -> Preview:
    """Every row's error with its number, and the differences of the rows that are good."""
    return _previewed(*each(rows, _KnownSuppliers().read))


class _KnownSuppliers:
    """Who is there already, and whom the rows before have named."""

    def __init__(self) -> None:
        self.there = {one.name: one for one in suppliers(active=None)}
        self.categories = {name: one for one in categories(None) for name in (one.name, one.name_en) if name}
        self.seen: dict[str, int] = {}

    def read(self, row: Row) -> Told:
        name = row.needed("name")
        if name in self.seen:
            raise RowError(row.number, "name", _("Row %(row)s has the same name.", row=self.seen[name]))
        self.seen[name] = row.number
        there = self.there.get(name)
        told: dict[str, Any] = {field: _text(row, field, there) for field in OF_A_SUPPLIER if field in row.values or not there}
        told["active"] = _yes(row, there.active if there else True)
        delivered = self._categories(row, there)
        ids = None if delivered is None else [one.id for one in delivered]
        return Told(row.number, told, ids, there, _changed(there, told, delivered) if there else {})

    def _categories(self, row: Row, there: Listed | None) -> list[ItemCategory] | None:
        """What it delivers; nothing is said of it where the file has no such column."""
        if "categories" not in row.values:
            return None
        found = {}
        for name in filter(None, _PARTED.split(row.text("categories"))):
            one = self.categories.get(name)
            if one is None:
                raise RowError(row.number, "categories", _("There is no category %(name)s of office supplies.", name=name))
            if not one.active and not (there and one.called in there.categories):
                raise RowError(row.number, "categories", _("%(category)s is not in use any more.", category=one.called))
            found[one.id] = one
        return sorted(found.values(), key=lambda one: one.name)


def _text(row: Row, field: str, there: Listed | None) -> str:
    """The cell; what an export wrote comes back as it was, whatever its lines."""
    before, most = getattr(there, field, ""), OF_A_SUPPLIER[field]
    if row.text(field) == " ".join(before.split()):
        return before
    if len(row.text(field)) > most:
        raise RowError(row.number, field, _("That is too long: at most %(most)s characters.", most=most))
    return row.text(field)


def _yes(row: Row, before: bool) -> bool:
    typed = row.text("active").casefold()
    if not typed:
        return before
    if typed not in YES | NO:
        raise RowError(row.number, "active", _("Write yes or no."))
    return typed in YES


def _changed(there: Listed, told: dict[str, Any], delivered: list[ItemCategory] | None) -> dict[str, tuple[str, str]]:
    before = {field: getattr(there, field) for field in told}
    changed = {field: (_shown(before[field]), _shown(told[field])) for field in told if told[field] != before[field]}
    names = sorted(each.name for each in there.categories)
    if delivered is not None and [one.name for one in delivered] != names:
        changed["categories"] = (BETWEEN.join(names), BETWEEN.join(one.name for one in delivered))
    return changed


def _shown(value: Any) -> str:
    return languages.here(_("Yes") if value else _("No")) if isinstance(value, bool) else str(value)


@db.transaction
def bring_suppliers(person: Person, rows: Iterable[Row]) -> Preview:
    """Writes every difference. Raises Refused if a row is not good, or if nothing changes."""
    only_the_office(person)
    found = preview_suppliers(rows)
    _must_be_good(found)
    for one in found.differences:
        if one.there is None:
            enter_supplier(person, one.told, one.category_ids or [])
        else:
            edit_supplier(person, one.there.id, one.told, one.category_ids, Supplier.get_by_id(one.there.id).events)
    return found


# ---- quotes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A quote as a row says it; the same that stands already changes nothing."""

    row: int
    quoted: Quoted
    supplier: str
    entry: Entry
    is_there: bool

    @property
    def kind(self) -> str:
        return "same" if self.is_there else "new"

    @property
    def per_unit(self) -> str:
        return per_unit(self.quoted.price, self.quoted.per_pack or 1)


def preview_quotes(rows: Iterable[Row]) -> Preview:
    return _previewed(*each(rows, _KnownQuotes().read))


class _KnownQuotes:
    """Who may be named for what, and the quotes that stand or were named in the rows before."""

    def __init__(self) -> None:
        self.suppliers = {one.name: one for one in Supplier.select()}
        self.items = {one.code: one for one in catalogue(active=None)}
        self.standing = standing_terms(one.id for one in self.items.values())
        self.seen: dict[tuple[Any, ...], int] = {}

    def read(self, row: Row) -> Asked:
        supplier = self.suppliers.get(row.needed("supplier"))
        if supplier is None:
            raise RowError(row.number, "supplier", _("There is no supplier %(name)s.", name=row.text("supplier")))
        entry = self.items.get(row.needed("code"))
        if entry is None:
            raise RowError(row.number, "code", _("There is no item with the code %(code)s in use.", code=row.text("code")))
        quoted = self._quoted(row, supplier, entry)
        if quoted.terms() in self.seen:
            raise RowError(row.number, "", _("Row %(row)s has the same quote.", row=self.seen[quoted.terms()]))
        self.seen[quoted.terms()] = row.number
        is_there = quoted.terms() in self.standing
        if not is_there:
            try:
                check_quote(quoted, supplier, entry)
            except Mistyped as refusal:
                field = "code" if refusal.field == "item" else refusal.field or ""
                raise RowError(row.number, field, refusal.why) from None
        return Asked(row.number, quoted, supplier.name, entry, is_there)

    def _quoted(self, row: Row, supplier: Supplier, entry: Entry) -> Quoted:
        return Quoted(
            supplier.id, entry.id, row.money("price"), pack=row.text("pack"), per_pack=_whole(row, "per_pack"),
            valid_from=row.day("valid_from") if row.text("valid_from") else clock.today(), valid_until=row.day("valid_until"),
            delivery_days=_whole(row, "delivery_days"), note=row.text("note"),
        ).in_packs_of(entry)  # fmt: skip


def _whole(row: Row, field: str) -> int | None:
    return row.whole(field) if row.text(field) else None


@db.transaction
def bring_quotes(person: Person, rows: Iterable[Row]) -> Preview:
    """Enters every quote that does not stand yet. Raises Refused if a row is not good, or if all of them stand."""
    only_who_buys(person)
    found = preview_quotes(rows)
    _must_be_good(found)
    for one in found.differences:
        write_quote(person, one.quoted)
    return found
