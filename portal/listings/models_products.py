"""The register of products as lists read it: filters, rows with what the shop shows of them, and what one stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from portal import clock, db, search
from portal.listings.models import OFF, SEASONS
from portal.listings.models_shown import OWN_PRICE, UP_IN_ORDER, Shown, with_specials
from portal.money import Money
from portal.words import Name, Words, _

PAGE = 50
MOST_CHOSEN = 5000  # products that one paper may hold

_FEW = "p.id IN (SELECT x.id FROM products x WHERE {})"  # where few are found they are looked up, else the list is walked along
_OFF = _FEW.format("x.off_kind <> '' AND x.off_kind = '{}'")
STATES: dict[str, tuple[Words, str]] = {  # what the filter is called, and its condition: each `?` is the moment
    "draft": (_("Draft"), "p.up_at IS NULL AND p.off_kind = ''"),
    "up": (_("On the shelf"), UP_IN_ORDER),
    "planned": (_("Planned"), _FEW.format("x.up_at > ?")),
    "normal": (OFF["normal"], _OFF.format("normal")),
    "abnormal": (OFF["abnormal"], _OFF.format("abnormal")),
    "unlawful": (OFF["unlawful"], _OFF.format("unlawful")),
    "archived": (_("Archived"), _FEW.format("x.is_archived")),
    "price": (_("Price waiting"), "p.id IN (SELECT o.product_id FROM open_proposals o)"),
    "newer": (_("Contents newer than shown"), _FEW.format("x.up_at IS NOT NULL AND x.version > x.shown_version")),
    "unread": (_("Nobody vouched for it"), "COALESCE(p.checked_version, 0) <> p.version"),
}
_OF_SEASON = _FEW.format("x.season <> '' AND x.season = ?")
TONES = {"up": "green", "planned": "blue", "normal": "red", "abnormal": "", "unlawful": "red", "archived": "", "draft": ""}
SORTS: dict[str, tuple[Words, str, str]] = {  # what it is called, ORDER BY, and what stands behind the last row shown
    "shop": (_("Order in the shop"), "p.position, p.id", "(p.position, p.id) > (?, ?)"),
    "code": (_("Code"), "i.code", "i.code > ?"),
    "new": (_("Newest first"), "p.id DESC", "p.id < ?"),
}
_KEYS = {"shop": r"([0-9]{1,5})\.([0-9]{1,10})", "code": r"(.{1,40})", "new": r"([0-9]{1,10})"}


@dataclass(frozen=True)
class Sought:
    """The filters of the list, as they stand in its address; what is archived is found only where it is asked for. `after`:
    behind this row, as `key_of` writes it."""

    words: str = ""
    category: int | None = None
    brand: str = ""
    season: str = ""
    is_main: bool = False
    state: str = ""
    sort: str = "shop"
    after: str = ""
    at: datetime = field(default_factory=clock.now)

    def condition(self, posts: Iterable[str]) -> tuple[str, list[Any]]:
        """On the product `p`, its item `i`, its account `a` and its newest contents `t`."""
        parts: list[tuple[str, list[Any]]] = [("1 = 1" if self.state == "archived" else "NOT p.is_archived", [])]
        if self.words:
            found, values = search.among(self.words, posts, "product")
            parts.append((f"p.id IN ({found})", values))
        if self.brand:
            sql = "t.brand = ? AND p.id IN (SELECT b.product_id FROM product_contents b WHERE b.brand = ?)"
            parts.append((sql, [self.brand, self.brand]))
        if self.state:
            sql = STATES[self.state][1]
            parts.append((sql, [db.to_ms(self.at)] * sql.count("?")))
        for sql, value in (("i.category_id = ?", self.category), (_OF_SEASON, self.season)):
            parts += [(sql, [value])] if value else []
        parts += [(_FEW.format("x.is_main"), [])] if self.is_main else []
        if key := self._last():
            parts.append((SORTS[self.sort][2], list(key)))
        return " AND ".join(f"({sql})" for sql, _values in parts), [value for _sql, values in parts for value in values]

    def _last(self) -> tuple[Any, ...]:
        told = re.fullmatch(_KEYS[self.sort], self.after, re.ASCII if self.sort != "code" else 0)
        if told is None:
            return ()
        return told.groups() if self.sort == "code" else tuple(int(each) for each in told.groups())


class Listed(NamedTuple):
    """A product as the list shows it; `at` is the moment of which this is told."""

    id: int
    item: int
    code: str
    name: str
    name_en: str
    brand: str
    category_id: int
    category_name: str
    category_name_en: str
    unit: str
    place: str
    season: str
    is_main: bool
    position: int
    cost: int | None
    version: int
    shown_version: int | None
    checked_version: int | None
    checked_at_ms: int | None
    checked_by_name: str | None
    checked_by_name_en: str | None
    up_at: int | None
    off_kind: str
    off_reason: str
    is_archived: bool
    events: int
    image_links: str
    on_hand: int
    proposal: int | None  # the open one
    request: int | None  # the open one for the shelf
    picture: int | None
    written_at: int
    now: int
    price: Shown

    @property
    def called(self) -> Name:
        return Name(self.name, self.name_en)

    @property
    def category(self) -> Name:
        return Name(self.category_name, self.category_name_en)

    @property
    def state(self) -> str:
        if self.is_archived or self.off_kind:
            return "archived" if self.is_archived else self.off_kind
        if self.up_at is None:
            return "draft"
        if self.up_at > self.now:
            return "planned"
        return "up" if self.on_hand > 0 else "normal"

    @property
    def state_words(self) -> Words:
        return STATES[self.state][0]

    @property
    def tone(self) -> str:
        return TONES[self.state]

    @property
    def is_newer(self) -> bool:
        return self.up_at is not None and self.version > (self.shown_version or 0)

    @property
    def is_vouched(self) -> bool:
        return self.checked_version == self.version

    @property
    def checked_by(self) -> Name | None:
        return Name(self.checked_by_name, self.checked_by_name_en or "") if self.checked_by_name else None

    @property
    def checked_at(self) -> datetime | None:
        return db.from_ms(self.checked_at_ms) if self.checked_at_ms else None

    @property
    def planned_for(self) -> datetime | None:
        return db.from_ms(self.up_at) if self.state == "planned" and self.up_at else None

    @property
    def written(self) -> datetime:
        return db.from_ms(self.written_at)

    @property
    def cost_money(self) -> Money | None:
        return None if self.cost is None else Money(self.cost)

    @property
    def margin(self) -> int | None:
        """What remains of the price now, in tenths of a percent of it; nothing where price or cost is missing."""
        if self.cost is None or not self.price.price:
            return None
        return int(self.price.price - self.cost) * 1000 // int(self.price.price)


FIRST_PICTURE = """
(SELECT f.attachment_id FROM content_files f JOIN attachments x ON x.id = f.attachment_id WHERE f.content_id = t.id
 AND x.type LIKE 'image/%' AND x.removed_at IS NULL ORDER BY f.n LIMIT 1)
"""  # of the contents `t`
_JOINS = """
FROM products p JOIN items i ON i.id = p.item_id JOIN accounts a ON a.id = i.account_id
JOIN product_contents t ON t.product_id = p.id AND t.n = p.version
"""
_LISTED = f"""
SELECT p.id, i.id, i.code, t.name, t.name_en, t.brand, c.id, c.name, c.name_en, i.unit, i.place, p.season, p.is_main, p.position,
    p.cost, p.version, p.shown_version, p.checked_version, p.checked_at, v.name, v.name_en,
    p.up_at, p.off_kind, p.off_reason, p.is_archived, p.events,
    p.image_links, a.put - a.taken,
    (SELECT o.case_id FROM open_proposals o WHERE o.product_id = p.id),
    (SELECT o.case_id FROM open_shelf_requests o WHERE o.product_id = p.id), {FIRST_PICTURE}, t.at,
    {OWN_PRICE}
{_JOINS} JOIN item_categories c ON c.id = i.category_id LEFT JOIN persons v ON v.id = p.checked_by_id
"""


def found(sought: Sought, posts: Iterable[str], limit: int = PAGE + 1) -> list[Listed]:
    """The products that fit, in two statements: which they are is settled before anything is joined to them."""
    condition, values = sought.condition(list(posts))
    order, now = SORTS[sought.sort][1], db.to_ms(sought.at)
    chosen = f"SELECT id FROM (SELECT p.id {_JOINS} WHERE {condition} ORDER BY {order} LIMIT ?) AS chosen"
    return _with_prices(db.rows(f"{_LISTED} WHERE p.id IN ({chosen}) ORDER BY {order}", now, *values, limit), now)


def listed(product_id: int, at: datetime | None = None) -> Listed | None:
    """One product, as the list would show it."""
    now = db.to_ms(at or clock.now())
    made = _with_prices(db.rows(f"{_LISTED} WHERE p.id = ?", now, product_id), now)
    return made[0] if made else None


def _with_prices(rows: list[tuple[Any, ...]], now: int) -> list[Listed]:
    """The last column is the own price."""
    prices = with_specials({row[0]: row[-1] for row in rows}, now)
    return [Listed._make([*row[:-1], now, prices[row[0]]]) for row in rows]


def faces(product_ids: Iterable[int]) -> dict[int, int]:
    """The first picture of each product that has one, in one statement."""
    chosen = sorted(set(product_ids))
    sql = "SELECT p.id, %s FROM products p JOIN product_contents t ON t.product_id = p.id AND t.n = p.version WHERE p.id IN (%s)"
    found = db.rows(sql % (FIRST_PICTURE, db.marks(chosen)), *chosen) if chosen else ()
    return {product: picture for product, picture in found if picture}


def every(sought: Sought, posts: Iterable[str], at_once: int = 500) -> Iterator[Listed]:
    """All of them, page after page."""
    posts = list(posts)
    while rows := found(sought, posts, at_once):
        yield from rows
        if len(rows) < at_once:
            return
        sought = replace(sought, after=key_of(rows[-1], sought.sort))


COLUMNS: dict[str, Words] = {  # of a file to take away, by field
    "code": _("Code"), "name": _("Name"), "name_en": _("English name"), "category": _("Category"), "brand": _("Brand"),
    "description": _("Description"), "description_en": _("English description"), "season": _("Season"),
    "is_main": _("Promoted first"), "unit": _("Unit"), "place": _("Place"), "cost": _("Cost"), "own": _("Own price"),
    "price": _("Price now"), "on_hand": _("On hand"), "state": _("State"),
}  # fmt: skip
COSTLY = {"cost"}  # only for who may know what goods cost


def exported(sought: Sought, posts: Iterable[str]) -> Iterator[tuple[Listed, dict[str, Any]]]:
    """All of them with the cells of a file by column, five hundred at once with their texts."""
    for rows in _chunks(every(sought, posts)):
        sql = f"""SELECT t.product_id, t.description, t.description_en FROM products p JOIN product_contents t
                  ON t.product_id = p.id AND t.n = p.version WHERE p.id IN ({db.marks(rows)})"""
        texts = {key: (text, text_en) for key, text, text_en in db.rows(sql, *(row.id for row in rows))}
        yield from ((row, _cells(row, *texts.get(row.id, ("", "")))) for row in rows)


def _chunks(rows: Iterator[Listed], at_once: int = 500) -> Iterator[list[Listed]]:
    while chunk := list(islice(rows, at_once)):
        yield chunk


def _cells(row: Listed, description: str, description_en: str) -> dict[str, Any]:
    """As an import reads them back: company text in Chinese, which every product has."""
    return {
        "code": row.code, "name": row.name, "name_en": row.name_en, "category": row.category_name, "brand": row.brand,
        "description": description, "description_en": description_en, "season": SEASONS[row.season] if row.season else "",
        "is_main": bool(row.is_main), "unit": row.unit, "place": row.place, "cost": row.cost_money, "own": row.price.own,
        "price": row.price.price, "on_hand": row.on_hand, "state": row.state_words,
    }  # fmt: skip


def ids(sought: Sought, posts: Iterable[str]) -> list[int]:
    """The products that fit, in their order, as many as one paper may hold and one more."""
    condition, values = sought.condition(list(posts))
    sql = f"SELECT p.id {_JOINS} WHERE {condition} ORDER BY {SORTS[sought.sort][1]} LIMIT ?"
    return [key for (key,) in db.rows(sql, *values, MOST_CHOSEN + 1)]


def key_of(row: Listed, sort: str) -> str:
    """Where a list goes on behind this row."""
    return {"shop": f"{row.position}.{row.id}", "code": row.code, "new": str(row.id)}[sort]


def latest_content() -> int:
    """The version of contents written last: what a page shows now is not newer."""
    return (db.row("SELECT MAX(id) FROM product_contents") or (0,))[0] or 0


# ---- what can be chosen ---------------------------------------------------------------------------------------------

MOST_BRANDS = 200
_CHOICES = f"""
WITH RECURSIVE brands(brand, n) AS (
    SELECT MIN(brand), 1 FROM product_contents WHERE brand > ''
    UNION ALL SELECT (SELECT MIN(c.brand) FROM product_contents c WHERE c.brand > b.brand), b.n + 1 FROM brands b
    WHERE b.brand IS NOT NULL AND b.n < {MOST_BRANDS})
SELECT * FROM (
SELECT 'category' AS sort, c.id, c.name, c.name_en FROM item_categories c WHERE c.kind = 'product'
UNION ALL SELECT 'brand', 0, b.brand, '' FROM brands b WHERE b.brand IS NOT NULL
UNION ALL SELECT 'latest', COALESCE(MAX(id), 0), '', '' FROM product_contents) AS choices ORDER BY sort, name
"""


class Choices(NamedTuple):
    """What the filters offer, and the version of contents written last."""

    categories: list[tuple[int, Name]]
    brands: list[str]
    latest: int


def choices() -> Choices:
    """In one statement."""
    found = db.rows(_CHOICES)
    return Choices(
        [(key, Name(name, name_en)) for sort, key, name, name_en in found if sort == "category"],
        [name for sort, _key, name, _name_en in found if sort == "brand"],
        next(key for sort, key, *_names in found if sort == "latest"),
    )


# ---- what it stands in ----------------------------------------------------------------------------------------------


class Reason(NamedTuple):
    """The paper a promotion price comes from."""

    case: int
    number: str
    title: str
    is_readable: bool


def reasons(cases: Iterable[int | None], posts: Iterable[str]) -> dict[int, Reason]:
    """What the papers are called from which prices come, in one statement."""
    chosen, posts = sorted({case for case in cases if case}), list(posts)
    if not chosen:
        return {}
    sql = f"""SELECT k.id, COALESCE(k.number, ''), k.title,
              EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN ({db.marks(posts)}))
              FROM cases k WHERE k.id IN ({db.marks(chosen)})"""
    rows = db.rows(sql, *posts, *chosen)
    return {key: Reason(key, number, title, bool(is_readable)) for key, number, title, is_readable in rows}


LINED = ("price_lines", "shelf_lines", "goods_note_lines", "treatment_lines")  # tables of lines that name a product


class Paper(NamedTuple):
    case: int
    kind: str
    number: str
    title: str
    state: str


def open_papers(product_id: int, posts: Iterable[str]) -> list[Paper]:
    """The papers about a product that are not closed, as far as these posts may read them."""
    posts = list(posts)
    lines = " UNION ".join(f"SELECT l.case_id, l.version FROM {table} l WHERE l.product_id = ?" for table in LINED)
    sql = f"""SELECT DISTINCT k.id, k.kind, COALESCE(k.number, ''), k.title, k.state FROM cases k
              JOIN ({lines} UNION SELECT w.case_id, 0 FROM content_tasks w WHERE w.product_id = ?) AS l
              ON l.case_id = k.id AND l.version IN (0, k.version)
              WHERE k.closed_at IS NULL
              AND EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN ({db.marks(posts)}))
              ORDER BY k.id DESC LIMIT 20"""
    return [Paper(*row) for row in db.rows(sql, *[product_id] * (len(LINED) + 1), *posts)]
