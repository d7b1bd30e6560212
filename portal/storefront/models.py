"""What stands in the shop at a moment: products on the shelf in the version that was approved, with the price of the moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from portal import clock, db
from portal.listings.models_shown import IN_FORCE, OWN_PRICE, UP_IN_ORDER, Shown, with_specials
from portal.money import Money
from portal.words import Name

PAGE = 24
MOST_OF_A_FEED = 500
MOST_COUNTED = 99  # products of a category; beyond it the number tells nothing
CURRENCY = "CNY"


class OnSale(NamedTuple):
    """A product as the shop shows it. `pictures` are ids of attachments, in their order."""

    id: int
    code: str
    name: Name
    description: str
    description_en: str
    brand: str
    category_id: int
    category: Name
    season: str
    is_main: bool
    position: int
    on_hand: int
    shown: Shown
    pictures: tuple[int, ...]

    @property
    def price(self) -> Money:
        assert self.shown.price is not None
        return self.shown.price

    @property
    def percent_off(self) -> int:
        """How much less than its own price a promotion asks, in whole percent, never more than it is."""
        own = int(self.shown.own or 0)
        return (own - int(self.price)) * 100 // own if self.shown.is_special and own else 0


_ON_SALE = f"""
SELECT p.id, i.code, t.name, t.name_en, t.description, t.description_en, t.brand, c.id, c.name, c.name_en, p.season, p.is_main,
    p.position, a.put - a.taken, {OWN_PRICE}
FROM products p JOIN items i ON i.id = p.item_id JOIN accounts a ON a.id = i.account_id
JOIN product_contents t ON t.product_id = p.id AND t.n = p.shown_version JOIN item_categories c ON c.id = i.category_id
WHERE {UP_IN_ORDER} AND EXISTS (SELECT 1 FROM prices r WHERE r.product_id = p.id AND r.from_at <= ?)
"""
_REDUCED = f"EXISTS (SELECT 1 FROM special_prices s WHERE s.product_id = p.id AND {IN_FORCE} AND s.fen < {OWN_PRICE})"
_PICTURES = """
SELECT t.product_id, f.attachment_id FROM products p JOIN product_contents t ON t.product_id = p.id AND t.n = p.shown_version
JOIN content_files f ON f.content_id = t.id JOIN attachments x ON x.id = f.attachment_id
WHERE p.id IN (%s) AND x.type LIKE 'image/%%' AND x.removed_at IS NULL ORDER BY t.product_id, f.n
"""


def _read(rows: list[tuple[Any, ...]], when: int) -> list[OnSale]:
    """The rows with their prices and pictures, in two more statements."""
    prices = with_specials({row[0]: row[-1] for row in rows}, when)
    pictures: dict[int, list[int]] = {}
    if rows:
        sql = (_PICTURES % db.marks(rows)).replace("%%", "%")
        for product, file in db.rows(sql, *(row[0] for row in rows)):
            pictures.setdefault(product, []).append(file)
    found = []
    for key, code, name, name_en, text, text_en, brand, category, of, of_en, season, is_main, position, on_hand, _own in rows:
        found.append(
            OnSale(
                key, code, Name(name, name_en), text, text_en, brand, category, Name(of, of_en), season, bool(is_main), position,
                on_hand, prices[key], tuple(pictures.get(key, ())),
            )
        )  # fmt: skip
    return found


def on_sale(
    at: datetime | None = None,
    category: int | None = None,
    words: str = "",
    after: tuple[int, int] | None = None,
    limit: int = PAGE + 1,
    is_reduced: bool = False,
) -> list[OnSale]:
    """What the shop shows at that moment, in its order; `after`: position and id of the last one shown; `is_reduced`: only what a
    promotion makes cheaper then."""
    when = db.to_ms(at or clock.now())
    sql, values = _ON_SALE, list[Any]([when, when, when])
    if is_reduced:
        sql, values = f"{sql} AND {_REDUCED}", [*values, when, when, when, when]
    if category:
        sql, values = f"{sql} AND i.category_id = ?", [*values, category]
    for word in words.split()[:5]:
        sql += " AND LOWER(t.name || ' ' || t.name_en || ' ' || i.code) LIKE ? ESCAPE '\\'"
        values.append(f"%{_escaped(word.lower())}%")
    if after:
        sql, values = f"{sql} AND (p.position, p.id) > (?, ?)", [*values, *after]
    return _read(db.rows(f"{sql} ORDER BY p.position, p.id LIMIT ?", *values, limit), when)


class Front(NamedTuple):
    """The first page of the shop: what is promoted first this season, what a promotion makes cheaper, and the first of all."""

    main: list[OnSale]
    reduced: list[OnSale]
    products: list[OnSale]


RAIL = 4  # how many stand in a row


def front(at: datetime) -> Front:
    """All of the first page in five statements."""
    when, order = db.to_ms(at), "ORDER BY p.position, p.id LIMIT ?"
    main = db.rows(f"{_ON_SALE} AND p.is_main {order}", when, when, when, RAIL)
    reduced = db.rows(f"{_ON_SALE} AND {_REDUCED} {order}", *[when] * 7, RAIL)
    products = db.rows(f"{_ON_SALE} {order}", when, when, when, PAGE + 1)
    found = {each.id: each for each in _read(list({row[0]: row for row in (*main, *reduced, *products)}.values()), when)}
    return Front(*([found[row[0]] for row in rows] for rows in (main, reduced, products)))


def beside(product: OnSale, at: datetime) -> list[OnSale]:
    """Others of its category: those that follow it in the shop's order, then from the start."""
    found = on_sale(at, product.category_id, after=(product.position, product.id), limit=RAIL)
    if len(found) < RAIL:
        known = {product.id, *(each.id for each in found)}
        found += [each for each in on_sale(at, product.category_id, limit=2 * RAIL) if each.id not in known]
    return found[:RAIL]


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def on_sale_one(product_id: int, at: datetime | None = None) -> OnSale | None:
    """The product, if the shop shows it at that moment."""
    when = db.to_ms(at or clock.now())
    found = _read(db.rows(f"{_ON_SALE} AND p.id = ?", when, when, when, product_id), when)
    return found[0] if found else None


def by_key(at: datetime, after: int = 0, limit: int = MOST_OF_A_FEED) -> list[OnSale]:
    """A page of all that is shown at that moment, by id: what feeds go through."""
    when = db.to_ms(at)
    return _read(db.rows(f"{_ON_SALE} AND p.id > ? ORDER BY p.id LIMIT ?", when, when, when, after, limit), when)


def everything(at: datetime, at_once: int = MOST_OF_A_FEED) -> Iterator[OnSale]:
    """All that is shown at that moment, page by page: never more than one page in memory."""
    after = 0
    with db.passing_through():
        while found := by_key(at, after, at_once):
            yield from found
            after = found[-1].id


_CATEGORIES = f"""
SELECT c.id, c.name, c.name_en, (SELECT COUNT(*) FROM (SELECT 1 FROM items i JOIN products p ON p.item_id = i.id
    JOIN accounts a ON a.id = i.account_id WHERE i.category_id = c.id AND {UP_IN_ORDER} LIMIT {MOST_COUNTED + 1}) AS few)
FROM item_categories c WHERE c.kind = 'product' ORDER BY c.id
"""


def categories(at: datetime | None = None) -> list[tuple[int, Name, str]]:
    """The categories of what is shown, with how many, as far as they are counted."""
    found = db.rows(_CATEGORIES, db.to_ms(at or clock.now()))
    return [
        (key, Name(name, name_en), f"{MOST_COUNTED}+" if n > MOST_COUNTED else str(n)) for key, name, name_en, n in found if n
    ]


class File(NamedTuple):
    """A video or a document of a product."""

    id: int
    type: str
    name: str
    size_bytes: int

    @property
    def is_video(self) -> bool:
        return self.type.startswith("video/")


_OTHERS = """
SELECT x.id, x.type, x.name, x.size_bytes FROM products p JOIN product_contents t ON t.product_id = p.id AND t.n = p.shown_version
JOIN content_files f ON f.content_id = t.id JOIN attachments x ON x.id = f.attachment_id
WHERE p.id = ? AND x.type NOT LIKE 'image/%' AND x.removed_at IS NULL ORDER BY f.n
"""


def others_of(product: OnSale) -> list[File]:
    """Its videos and documents, in their order."""
    return [File(*row) for row in db.rows(_OTHERS, product.id)]


# ---- what a feed is a picture of ------------------------------------------------------------------------------------

_STATE = """
SELECT (SELECT MAX(id) FROM events), (SELECT MAX(id) FROM entries), (SELECT MAX(up_at) FROM products WHERE up_at <= ?),
    (SELECT MAX(starts_at) FROM special_prices WHERE starts_at <= ?), (SELECT MAX(ends_at) FROM special_prices WHERE ends_at <= ?)
"""


def state_of(at: datetime) -> str:
    """Changes whenever what the feeds say may have changed: with every event and movement, and when a promotion or a planned
    moment comes. Each is the end of an index."""
    when = db.to_ms(at)
    return "-".join(str(int(each or 0)) for each in db.row(_STATE, when, when, when) or ())


def titles(cases: set[int]) -> dict[int, str]:
    """What the promotions are called from which prices and gifts come."""
    chosen = sorted(cases)
    sql = "SELECT t.case_id, k.title FROM treatments t JOIN cases k ON k.id = t.plan_id WHERE t.case_id IN (%s)"
    return dict(db.rows(sql % db.marks(chosen), *chosen)) if chosen else {}
