"""The catalogue as lists read it: items with specification and picture, what was drawn by month, and the limits that hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal import access, clock, db
from portal.persons import Department, Grant, Person
from portal.stock.models import ItemCategory
from portal.words import Name, Words, _

FULL_MONTHS = 6  # the average is over the last six full months (SUP-03)
KIND = "supply"
MEASURES: dict[str, Words] = {"unit": _("Units"), "pack": _("Purchase units")}


@dataclass(frozen=True)
class Entry:
    """An item as the catalogue shows it. `picture` is the id of its picture, `events` the state in which it was read."""

    id: int
    code: str
    called: Name
    category_id: int
    category: Name
    specification: str
    unit: str
    purchase_unit: str
    per_purchase: int
    place: str
    reorder_level: int | None
    active: bool
    account_id: int
    events: int
    picture: int | None

    @property
    def is_bought_in_packs(self) -> bool:
        return self.per_purchase > 1

    def packs_for(self, quantity: int) -> int:
        """How many purchase units hold at least that much."""
        return -(-quantity // self.per_purchase)


def in_packs(quantity: int, entry: Entry) -> Words | None:
    """The same quantity in purchase units, where the item is bought in them."""
    if not entry.is_bought_in_packs:
        return None
    whole, rest = divmod(quantity, entry.per_purchase)
    if not rest:
        return _("%(n)s %(unit)s", n=whole, unit=entry.purchase_unit)
    if not whole:
        return None
    return _("%(n)s %(pack)s + %(rest)s %(unit)s", n=whole, pack=entry.purchase_unit, rest=rest, unit=entry.unit)


def with_unit(each: Entry) -> Words:
    """An item as it is chosen from a list."""
    if each.is_bought_in_packs:
        return _(
            "%(code)s %(name)s (%(unit)s; 1 %(pack)s = %(n)s %(unit)s)",
            code=each.code, name=each.called, unit=each.unit, pack=each.purchase_unit, n=each.per_purchase,
        )  # fmt: skip
    return _("%(code)s %(name)s (%(unit)s)", code=each.code, name=each.called, unit=each.unit)


_CATALOGUE = """
SELECT i.id, i.code, i.name, i.name_en, c.id, c.name, c.name_en, s.specification, i.unit, s.purchase_unit, s.per_purchase,
       i.place, s.reorder_level, i.active, i.account_id, i.events,
       (SELECT MAX(a.id) FROM attachments a
        WHERE a.thing = 'item' AND a.thing_id = i.id AND a.purpose = 'picture' AND a.removed_at IS NULL)
FROM items i JOIN supplies s ON s.item_id = i.id JOIN item_categories c ON c.id = i.category_id WHERE i.kind = 'supply'
"""


def catalogue(
    wanted: str = "",
    category_id: int | None = None,
    active: bool | None = True,
    ids: Iterable[int] | None = None,
    after: str = "",
    limit: int = 10_000,
) -> list[Entry]:
    """Items in order of their code: those whose code, names or specification have the words wanted, of a category, in use (None:
    all), of these ids. `after` is the code of the last one shown."""
    sql: list[str] = [_CATALOGUE]
    values: list[Any] = []
    for word in wanted.split()[:8]:
        sql.append("AND LOWER(i.code || ' ' || i.name || ' ' || i.name_en || ' ' || s.specification) LIKE ? ESCAPE '!'")
        values.append(f"%{_plain(word.lower())}%")
    for condition, value in (("i.category_id = ?", category_id), ("i.active = ?", active), ("i.code > ?", after or None)):
        if value is not None:
            sql.append(f"AND {condition}")
            values.append(value)
    if ids is not None:
        chosen = list(ids) or [0]
        sql.append(f"AND i.id IN ({db.marks(chosen)})")
        values += chosen
    return [_entry(row) for row in db.rows(" ".join([*sql, "ORDER BY i.code LIMIT ?"]), *values, limit)]


def _plain(word: str) -> str:
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def entry_of(item_id: int) -> Entry | None:
    found = catalogue(ids=[item_id], active=None)
    return found[0] if found else None


def entries(item_ids: Iterable[int]) -> dict[int, Entry]:
    """The entries of these items, also of those not in use any more, read at once."""
    return {each.id: each for each in catalogue(ids=item_ids, active=None)}


def _entry(row: tuple[Any, ...]) -> Entry:
    item, code, name, name_en, category, in_words, in_english, *middle, active, account, events, picture = row
    specification, unit, purchase_unit, per_purchase, place, reorder_level = middle
    return Entry(
        item, code, Name(name, name_en), category, Name(in_words, in_english), specification, unit, purchase_unit, per_purchase,
        place, reorder_level, bool(active), account, events, picture,
    )  # fmt: skip


def categories(active: bool | None = True) -> list[ItemCategory]:
    """The categories of supplies, in order of their names."""
    found = ItemCategory.select().where(ItemCategory.kind == KIND)
    if active is not None:
        found = found.where(ItemCategory.active == active)
    return list(found.order_by(ItemCategory.name))


# ---- months ---------------------------------------------------------------------------------------------------------


def month_of(day: date) -> int:
    """202611 for any day of November 2026."""
    return day.year * 100 + day.month


def this_month() -> int:
    return month_of(clock.today())


def month_after(month: int, by: int = 1) -> int:
    """The month so many months later, or earlier."""
    count = month // 100 * 12 + month % 100 - 1 + by
    return count // 12 * 100 + count % 12 + 1


def months_until(last: int, count: int) -> list[int]:
    """So many months up to and with that one, in order."""
    return [month_after(last, back) for back in range(1 - count, 1)]


def first_of(month: int) -> date:
    return date(month // 100, month % 100, 1)


# ---- consumption ----------------------------------------------------------------------------------------------------


def drawn_months(department_id: int | None, item_ids: Iterable[int], months: Iterable[int]) -> dict[int, dict[int, int]]:
    """What a department (None: the whole company) was given, less what it declined: item -> month -> quantity. Every item is
    there; months without any are not."""
    items, chosen = list(item_ids), list(months)
    found: dict[int, dict[int, int]] = {item: {} for item in items}
    if not items or not chosen:
        return found
    of_one = "" if department_id is None else "AND department_id = ?"
    sql = f"""SELECT item_id, month, SUM(quantity) FROM supply_months WHERE item_id IN ({db.marks(items)})
              AND month IN ({db.marks(chosen)}) {of_one} GROUP BY item_id, month HAVING SUM(quantity) > 0"""
    more = [] if department_id is None else [department_id]
    for item, month, quantity in db.rows(sql, *items, *chosen, *more):
        found[item][month] = int(quantity)
    return found


def half_year(department_id: int | None, item_ids: Iterable[int], before: int | None = None) -> dict[int, int]:
    """What was drawn in the last six full months, by item; of the whole company where no department is named."""
    full = months_until(month_after(before or this_month(), -1), FULL_MONTHS)
    return {item: sum(by_month.values()) for item, by_month in drawn_months(department_id, item_ids, full).items()}


def average(half: int) -> str:
    """A month's average of what was drawn in six, with one decimal."""
    tenths = (half * 10 + FULL_MONTHS // 2) // FULL_MONTHS
    return f"{tenths // 10}.{tenths % 10}"


# ---- limits ---------------------------------------------------------------------------------------------------------


def limit_of(department_id: int, item_ids: Iterable[int], month: int) -> dict[int, int | None]:
    """What the department may draw of each item in that month; None where no limit is set."""
    items = list(item_ids)
    held = limits_in([department_id], items, month)
    return {item: held.get((department_id, item)) for item in items}


def limits_in(department_ids: Iterable[int], item_ids: Iterable[int], month: int) -> dict[tuple[int, int], int]:
    """The limits that hold in a month: (department, item) -> quantity; those without a limit are not there."""
    departments, items = list(department_ids), list(item_ids)
    if not departments or not items:
        return {}
    sql = f"""SELECT l.department_id, l.item_id, l.quantity FROM supply_limits l
              JOIN (SELECT department_id, item_id, MAX(since) AS since FROM supply_limits WHERE since <= ?
                    AND department_id IN ({db.marks(departments)}) AND item_id IN ({db.marks(items)})
                    GROUP BY department_id, item_id) m
              ON m.department_id = l.department_id AND m.item_id = l.item_id AND m.since = l.since"""
    found = db.rows(sql, month, *departments, *items)
    return {(department, item): quantity for department, item, quantity in found if quantity is not None}


# ---- custodians -----------------------------------------------------------------------------------------------------


def custodian_grant(department_id: int) -> Grant | None:
    """The grant of the one custodian of a department, today; who only stands in is none (SUP-16)."""
    today = clock.today()
    held = Grant.select(Grant, Person).join(Person).where(Grant.role == "supplies_custodian", Grant.department == department_id)
    held = held.where(~Grant.acting, Grant.revoked_at.is_null(), Grant.starts <= today, Person.active)
    return held.where(Grant.ends.is_null() | (Grant.ends >= today)).order_by(Grant.id).first()


def custodian_of(department_id: int) -> Person | None:
    """The person who manages the department's supplies (SUP-16)."""
    grant = custodian_grant(department_id)
    return grant.person if grant else None


def custodian_replaced_by(person: Person, department: Department) -> Person | None:
    """The custodian in whose stead this person files as the head; none where the person keeps the supplies, or nobody does."""
    posts = access.posts_of(person)
    if access.post("supplies_custodian", department.id) in posts or access.post("dept_manager", department.id) not in posts:
        return None
    return custodian_of(department.id)


def stand_in_told(person: Person, department: Department, away: str) -> dict[str, Any]:
    """As a paper keeps it: the custodian for whom the head files, and why the custodian is away."""
    keeper = custodian_replaced_by(person, department)
    return {"away": away if keeper else "", "in_place_of": keeper if away else None}


_CUSTODIANS = """
SELECT g.department_id, g.acting, p.id, p.name, p.name_en FROM grants g JOIN persons p ON p.id = g.person_id
WHERE g.role = 'supplies_custodian' AND p.active AND g.revoked_at IS NULL AND g.starts <= ? AND (g.ends IS NULL OR g.ends >= ?)
ORDER BY g.acting, g.id
"""


@dataclass(frozen=True)
class Keeper:
    """A department with its custodian, who stands in for them, and its head."""

    department: Department
    custodian: tuple[int, Name] | None
    standing_in: tuple[Name, ...]
    heads: tuple[Name, ...]


_HEADS = _CUSTODIANS.replace("supplies_custodian", "dept_manager")


def keepers() -> list[Keeper]:
    """Every department in use with its custodian, in two statements and one."""
    held, headed = _held(_CUSTODIANS), _held(_HEADS)
    return [_keeper(each, held.get(each.id, []), headed.get(each.id, [])) for each in _departments()]


def _departments() -> Iterator[Department]:
    return iter(Department.select().where(Department.active, Department.kind == "department").order_by(Department.id))


def _held(sql: str) -> dict[int, list[tuple[bool, int, Name]]]:
    today: Any = clock.today() if db.is_postgres() else clock.today().isoformat()
    found: dict[int, list[tuple[bool, int, Name]]] = {}
    for department, acting, person, name, name_en in db.rows(sql, today, today):
        found.setdefault(department, []).append((bool(acting), person, Name(name, name_en)))
    return found


def _keeper(department: Department, held: list[tuple[bool, int, Name]], headed: list[tuple[bool, int, Name]]) -> Keeper:
    own = next(((person, name) for acting, person, name in held if not acting), None)
    return Keeper(department, own, tuple(name for acting, _id, name in held if acting), tuple(name for _a, _id, name in headed))
