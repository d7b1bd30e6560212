"""The catalogue and the limits brought as tables: what they would change is shown first, then written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from portal import clock, db, steps
from portal.cases import Case
from portal.contents import create
from portal.imports import Row, RowError, each
from portal.persons import Department, Person
from portal.refused import Mistyped, Refused
from portal.stock.models import Item, ItemCategory
from portal.stock.rules import CODE, add_category
from portal.supplies.models_catalogue import Entry, catalogue, limits_in
from portal.supplies.rules_catalogue import (
    MOST_LEVEL,
    MOST_OF_A_PACK,
    Described,
    add_supply,
    change_supply,
    check_buying,
    only_the_office,
)
from portal.supplies.rules_goods import GOODS_IN, MOST_QUANTITY, goods_content
from portal.supplies.rules_limits import LIMITS, MOST_LIMIT, Wanted, limits_content
from portal.words import Words, _

COLUMNS: dict[str, Words] = {  # what an export writes and an import reads; an export has no opening stock
    "code": _("Code"),
    "name": _("Name"),
    "name_en": _("English name"),
    "category": _("Category"),
    "specification": _("Specification"),
    "unit": _("Unit"),
    "purchase_unit": _("Purchase unit"),
    "per_purchase": _("Units per purchase unit"),
    "place": _("Place"),
    "reorder_level": _("Reorder level"),
    "active": _("In use"),
    "opening": _("Opening stock"),
}
EXPORTED = [field for field in COLUMNS if field != "opening"]
NEEDED = ("code", "name", "category", "specification", "unit", "place")
ALSO_CALLED: dict[str, tuple[str, ...]] = {  # as people head their own tables, beside the words of the portal
    "code": ("编号", "物品编码"),
    "name": ("物品名称", "品名", "Item"),
    "specification": ("规格型号",),
    "unit": ("计量单位",),
    "place": ("存放地点", "库位", "Storage place"),
    "opening": ("期初数量", "库存数量", "Opening quantity"),
}
YES, NO = {"yes", "true", "1", "是", "y"}, {"no", "false", "0", "否", "n"}
LIMIT_COLUMNS: dict[str, Words] = {
    "department": _("Department"),
    "code": _("Code"),
    "item": _("Item"),
    "unit": _("Unit"),
    "limit": _("Limit a month"),
}
LIMIT_NEEDED = ("department", "code", "limit")
_LONGEST = {
    "code": 40,
    "name": 120,
    "name_en": 120,
    "category": 60,
    "specification": 200,
    "unit": 20,
    "purchase_unit": 20,
    "place": 60,
}


# ---- the catalogue --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """What a row means: a new item, or what changes of one that is there; `changed` is field -> (before, after)."""

    row: int
    code: str
    described: Described
    category: str
    item: Entry | None
    changed: dict[str, tuple[str, str]]
    opening: int

    @property
    def kind(self) -> str:
        return "new" if self.item is None else "changed" if self.changed or self.opening else "same"


@dataclass(frozen=True)
class Preview:
    """What a file would change. Items it does not name stay as they are."""

    differences: list[Difference]
    unchanged: int
    new_categories: list[str]
    errors: list[RowError]

    @property
    def is_good(self) -> bool:
        return not self.errors and bool(self.differences)

    def count(self, kind: str) -> int:
        return sum(each.kind == kind for each in self.differences)

    @property
    def openings(self) -> list[Difference]:
        return [each for each in self.differences if each.opening]


def preview(rows: Iterable[Row]) -> Preview:
    """Every row's error with its number, and the differences of the rows that are good."""
    known = _Known()
    read, errors = each(rows, known.read)
    new = list(dict.fromkeys(one.category for one in read if one.category not in known.categories))
    differing = [one for one in read if one.kind != "same"]
    return Preview(differing, len(read) - len(differing), new, errors)


class _Known:
    """What there is already, and what the rows before have named."""

    def __init__(self) -> None:
        self.items = {entry.code: entry for entry in catalogue(active=None)}
        self.others = {code for (code,) in db.rows("SELECT code FROM items WHERE kind <> 'supply'")}
        self.categories = {name: category for category in _categories() for name in (category.name, category.name_en) if name}
        self.moved = {item for (item,) in db.rows("SELECT i.id FROM items i WHERE i.kind = 'supply' AND " + _HAS_MOVED)}
        self.seen: dict[str, int] = {}

    def read(self, row: Row) -> Difference:
        code = row.needed("code")
        if not CODE.fullmatch(code):
            raise RowError(row.number, "code", _("A code is up to 40 letters, digits, dots, dashes or slashes."))
        if code in self.seen:
            raise RowError(row.number, "code", _("Row %(row)s has the same code.", row=self.seen[code]))
        self.seen[code] = row.number
        if code in self.others:
            raise RowError(row.number, "code", _("This code belongs to goods that are no office supplies."))
        item = self.items.get(code)
        described = self._described(row, item)
        category = self._category(row, item)
        return Difference(
            row.number, code, described, category, item, _changed(item, described, category), self._opening(row, item)
        )

    def _category(self, row: Row, item: Entry | None) -> str:
        """The category as it is named: one that is not there yet will be made."""
        typed = row.needed("category")
        found = self.categories.get(typed)
        if found is None:
            return typed
        if not found.active and (item is None or item.category_id != found.id):
            raise RowError(row.number, "category", _("%(category)s is not in use any more.", category=found.called))
        return found.name

    def _described(self, row: Row, item: Entry | None) -> Described:
        for field, most in _LONGEST.items():
            if len(row.text(field)) > most:
                raise RowError(row.number, field, _("That is too long: at most %(most)s characters.", most=most))
        unit = row.needed("unit")
        if item and unit != item.unit and item.id in self.moved:
            raise RowError(row.number, "unit", _("Its unit stays: it has been counted in it already."))
        found = self.categories.get(row.text("category"))
        described = Described(
            name=row.needed("name"), category=found or 0, specification=row.needed("specification"), unit=unit,
            place=row.needed("place"), name_en=_kept(row, "name_en", item.called.name_en if item else ""),
            purchase_unit=_kept(row, "purchase_unit", item.purchase_unit if item else "") or unit,
            per_purchase=_whole(row, "per_purchase", item.per_purchase if item else 1, MOST_OF_A_PACK) or 1,
            reorder_level=_whole(row, "reorder_level", item.reorder_level if item else None, MOST_LEVEL),
            active=_yes(row, item.active if item else True),
        )  # fmt: skip
        try:
            check_buying(described)
        except Mistyped as refusal:
            raise RowError(row.number, refusal.field or "", refusal.why) from None
        return described

    def _opening(self, row: Row, item: Entry | None) -> int:
        quantity = _whole(row, "opening", 0, MOST_QUANTITY) or 0
        if quantity and item and item.id in self.moved:
            raise RowError(row.number, "opening", _("It has moved already: it has no opening stock any more."))
        if quantity and item and not item.active:
            raise RowError(row.number, "opening", _("%(item)s is not in use any more.", item=item.called))
        return quantity


_HAS_MOVED = "EXISTS (SELECT 1 FROM entries e WHERE e.account_id = i.account_id)"


def _categories() -> list[ItemCategory]:
    return list(ItemCategory.select().where(ItemCategory.kind == "supply"))


def _kept(row: Row, field: str, before: str) -> str:
    """What the cell says; as it was where the file has no such column."""
    return row.text(field) if field in row.values else before


def _whole(row: Row, field: str, before: int | None, most: int) -> int | None:
    if field not in row.values:
        return before
    if not row.text(field):
        return None
    number = row.whole(field)
    if not 0 <= number <= most:
        raise RowError(row.number, field, _("Write a whole number from %(least)s to %(most)s.", least=0, most=most))
    return number


def _yes(row: Row, before: bool) -> bool:
    typed = row.text("active").casefold()
    if not typed:
        return before
    if typed not in YES | NO:
        raise RowError(row.number, "active", _("Write yes or no."))
    return typed in YES


def _changed(item: Entry | None, described: Described, category: str) -> dict[str, tuple[str, str]]:
    if item is None:
        return {}
    before = {
        "name": item.called.name, "name_en": item.called.name_en, "category": item.category.name,
        "specification": item.specification, "unit": item.unit, "purchase_unit": item.purchase_unit,
        "per_purchase": item.per_purchase, "place": item.place, "reorder_level": item.reorder_level, "active": item.active,
    }  # fmt: skip
    after = {field: getattr(described, field) for field in before} | {"category": category}
    return {field: (_text(before[field]), _text(after[field])) for field in before if before[field] != after[field]}


def _text(value: Any) -> str:
    return "" if value is None else str(int(value)) if isinstance(value, bool) else str(value)


@db.transaction
def bring(person: Person, title: str, rows: Iterable[Row], token: str) -> tuple[Preview, Case | None]:
    """Writes every difference; opening stock becomes one paper that the office's manager confirms. Raises Refused if a row is not
    good, or if nothing changes."""
    only_the_office(person)
    found = preview(rows)
    _must_be_good(found.errors)
    if not found.differences:
        raise Refused(_("The file changes nothing: the catalogue is as it says."))
    for name in found.new_categories:
        add_category(person, "supply", name)
    categories = {category.name: category for category in _categories()}
    opening = []
    for one in found.differences:
        described = replace(one.described, category=categories[one.category])
        item = _written(person, one, described)
        if one.opening:
            opening.append((item, one.opening, ""))
    if not opening:
        return found, None
    case = create(GOODS_IN, person, goods_content(title, "opening", clock.today(), opening), token)
    return found, steps.take(person, case.id, "submit", (case.state, case.version))


def _written(person: Person, one: Difference, described: Described) -> Item:
    if one.item is None:
        item = add_supply(person, one.code, replace(described, active=True))
        return item if described.active else change_supply(person, item.id, described, item.events)
    return change_supply(person, one.item.id, described, one.item.events)


def _must_be_good(errors: list[RowError]) -> None:
    if errors:
        raise Refused(_("Row %(row)s: %(why)s Nothing was written.", row=errors[0].row, why=errors[0].words))


# ---- limits ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LimitDifference:
    """A limit that the file changes; None is no limit."""

    row: int
    department: Department
    item: Entry
    old: int | None
    new: int | None


@dataclass(frozen=True)
class LimitPreview:
    """What a file would change from a month on. Limits it does not name stay as they are."""

    since: int
    differences: list[LimitDifference]
    unchanged: int
    errors: list[RowError]

    @property
    def is_good(self) -> bool:
        return not self.errors and bool(self.differences)


def preview_limits(rows: Iterable[Row], since: int) -> LimitPreview:
    departments = _departments_by_name()
    items = {entry.code: entry for entry in catalogue()}
    seen: dict[tuple[int, str], int] = {}
    read, errors = each(rows, lambda row: _read_limit(row, departments, items, seen))
    now = limits_in({one.department.id for one in read}, {one.item.id for one in read}, since)
    whole = [replace(one, old=now.get((one.department.id, one.item.id))) for one in read]
    differing = [one for one in whole if one.old != one.new]
    return LimitPreview(since, differing, len(whole) - len(differing), errors)


def _departments_by_name() -> dict[str, Department]:
    found = Department.select().where(Department.active, Department.kind == "department")
    return {name.casefold(): one for one in found for name in (one.name, one.name_en) if name}


def _read_limit(
    row: Row, departments: Mapping[str, Department], items: Mapping[str, Entry], seen: dict[tuple[int, str], int]
) -> LimitDifference:
    department = departments.get(row.needed("department").casefold())
    if department is None:
        raise RowError(row.number, "department", _("There is no department %(name)s.", name=row.text("department")))
    item = items.get(row.needed("code"))
    if item is None:
        raise RowError(row.number, "code", _("There is no item with the code %(code)s in use.", code=row.text("code")))
    place = (department.id, item.code)
    if place in seen:
        raise RowError(row.number, "code", _("Row %(row)s has the same department and code.", row=seen[place]))
    seen[place] = row.number
    return LimitDifference(row.number, department, item, None, _whole(row, "limit", None, MOST_LIMIT))


@db.transaction
def bring_limits(person: Person, title: str, rows: Iterable[Row], since: int, token: str) -> Case:
    """Makes one paper of all differences and submits it. Raises Refused if a row is not good, or if nothing changes."""
    if before := Case.get_or_none(Case.token == token, Case.requester == person):
        return before
    found = preview_limits(rows, since)
    _must_be_good(found.errors)
    if not found.differences:
        raise Refused(_("The file changes nothing: the limits are as it says."))
    items = {item.id: item for item in Item.select().where(Item.id.in_([one.item.id for one in found.differences]))}
    wanted = [Wanted(one.department, items[one.item.id], one.new) for one in found.differences]
    case = create(LIMITS, person, limits_content(title, since, wanted, person.department), token)
    return steps.take(person, case.id, "submit", (case.state, case.version))
