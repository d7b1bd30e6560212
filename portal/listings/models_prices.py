"""Prices as pages show them: proposals that wait, what was agreed and is not published, history, competitors, mismatches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from portal import clock, db, policies
from portal.contents import Content
from portal.listings.models import Product, ShopFile
from portal.listings.models_shown import IS_UP, OWN_PRICE, shown_prices
from portal.money import Money
from portal.persons import Person
from portal.words import Name, Words, _

PAGE = 50
TABS: dict[str, Words] = {
    "submitted": _("With the director"), "approved": _("Approved, not published"), "published": _("Published"),
}  # fmt: skip

CAUSES: dict[str, Words] = {  # PRI-05
    "new": _("New product"),
    "season": _("Season"),
    "purchasing": _("Purchasing information"),
    "category": _("Prices of the same category"),
    "brand": _("Prices of the same brand"),
    "stock": _("Stock"),
    "other": _("Other reason"),
}
LEAST_PERCENT, MOST_PERCENT = -90, 900  # by which the prices of many products are changed alike
ROUNDED: dict[str, Words] = {  # to how many fen
    "1": _("To the fen"), "10": _("To ten fen"), "100": _("To whole yuan"),
}  # fmt: skip

warn_hours = policies.declare(
    "price_publish_warn_hours", 48, "ecom_director", _("An approved price that is not published is marked after"),
    unit=_("hours"), minimum=1, maximum=720, rule="PRI-06",
)  # fmt: skip


def product_of_code(code: str) -> Product | None:
    found = db.row("SELECT p.id FROM products p JOIN items i ON i.id = p.item_id WHERE UPPER(i.code) = ?", code.strip().upper())
    return Product.get_by_id(found[0]) if found else None


def price_content(title: str, cause: str, reason: str, note: str, prices: Mapping[Product, int]) -> Content:
    """The contents of a proposal: the new price in fen of each product."""
    lines = [{"product": product, "new_fen": fen} for product, fen in prices.items()]
    return Content(title, {"cause": cause, "reason": reason, "note": note}, lines)


class Called(NamedTuple):
    """A product by its code and its names."""

    id: int
    code: str
    name: Name


def called(product_ids: Iterable[int]) -> dict[int, Called]:
    chosen = sorted(set(product_ids))
    sql = "SELECT p.id, i.code, i.name, i.name_en FROM products p JOIN items i ON i.id = p.item_id WHERE p.id IN (%s)"
    found = db.rows(sql % db.marks(chosen), *chosen) if chosen else ()
    return {key: Called(key, code, Name(name, name_en)) for key, code, name, name_en in found}


def read_day(value: Any) -> Any:
    """A day as either database answers it to hand-written SQL."""
    return date.fromisoformat(value) if isinstance(value, str) else value


# ---- proposals ------------------------------------------------------------------------------------------------------


class Proposed(NamedTuple):
    """A line of a proposal as it is shown. `change` in tenths of a percent, `margin` likewise of the new price."""

    id: int
    product: int
    code: str
    name: Name
    old: Money | None
    new: Money
    cost: Money | None
    struck_because: str

    @property
    def change(self) -> int | None:
        return None if not self.old else tenths(int(self.new) - int(self.old), int(self.old))

    @property
    def margin(self) -> int | None:
        return None if self.cost is None else tenths(int(self.new) - int(self.cost), int(self.new))


def tenths(part: int, whole: int) -> int:
    """Tenths of a percent, rounded half away from zero."""
    sign = -1 if part < 0 else 1
    return sign * ((abs(part) * 2000 + whole) // (2 * whole))


_LINES = """
SELECT l.id, l.product_id, i.code, i.name, i.name_en, l.old_fen, l.new_fen, l.cost, l.struck_because FROM price_lines l
JOIN products p ON p.id = l.product_id JOIN items i ON i.id = p.item_id
WHERE l.case_id = ? AND l.version = ? AND l.n > ? ORDER BY l.n LIMIT ?
"""


def lines_shown(case_id: int, version: int, after: int = 0, limit: int = PAGE) -> list[Proposed]:
    """The lines of a proposal, a page at a time."""
    return [_proposed(row) for row in db.rows(_LINES, case_id, version, after, limit)]


def _proposed(row: tuple[Any, ...]) -> Proposed:
    line, product, code, name, name_en, old, new, cost, struck = row
    return Proposed(line, product, code, Name(name, name_en), _money(old), Money(new), _money(cost), struck)


def _money(fen: int | None) -> Money | None:
    return None if fen is None else Money(fen)


class Summed(NamedTuple):
    """A proposal in figures: its lines, those struck, those that go up, those that come down, those without a margin."""

    lines: int
    struck: int
    up: int
    down: int
    below_cost: int


_SUMMED = """
SELECT COUNT(*), SUM(CASE WHEN struck_because <> '' THEN 1 ELSE 0 END), SUM(CASE WHEN new_fen > old_fen THEN 1 ELSE 0 END),
    SUM(CASE WHEN new_fen < old_fen THEN 1 ELSE 0 END), SUM(CASE WHEN new_fen < cost THEN 1 ELSE 0 END)
FROM price_lines WHERE case_id = ? AND version = ?
"""


def summed(case_id: int, version: int) -> Summed:
    return Summed(*(int(each or 0) for each in db.row(_SUMMED, case_id, version) or ()))


class Waiting(NamedTuple):
    """A proposal in a list; `since`: the moment it came into its state."""

    case: int
    number: str
    title: str
    who: Name
    lines: int
    since: datetime
    approved_by: Name | None

    @property
    def hours(self) -> int:
        return int((clock.now() - self.since).total_seconds() // 3600)

    @property
    def is_late(self) -> bool:
        return self.hours >= warn_hours()


_WAITING = """
SELECT k.id, k.number, k.title, p.name, p.name_en,
    (SELECT COUNT(*) FROM price_lines l WHERE l.case_id = k.id AND l.version = k.version AND l.struck_because = ''),
    (SELECT MAX(e.at) FROM events e WHERE e.thing = 'case' AND e.thing_id = k.id AND e.after = k.state AND e.before <> e.after),
    (SELECT e.by_id FROM events e WHERE e.thing = 'case' AND e.thing_id = k.id AND e.action = 'approve' ORDER BY e.n DESC LIMIT 1)
FROM cases k JOIN persons p ON p.id = k.requester_id
WHERE k.kind = 'price_proposal' AND k.state = ? AND k.id < ? ORDER BY k.id DESC LIMIT ?
"""


def waiting(state: str, before: int | None = None, limit: int = PAGE + 1) -> list[Waiting]:
    """The proposals in that state, newest first."""
    found = db.rows(_WAITING, state, before or 2**62, limit)
    named = {person.id: person.called for person in Person.select().where(Person.id.in_([row[-1] or 0 for row in found] or [0]))}
    return [
        Waiting(case, number or "", title, Name(name, name_en), lines, db.from_ms(since), named.get(by))
        for case, number, title, name, name_en, lines, since, by in found
    ]


class Changeable(NamedTuple):
    """A product with its published price; `stands_in`: the open proposal that settles it already."""

    id: int
    own: int | None
    stands_in: int | None


_CHANGEABLE = f"""
SELECT p.id, {OWN_PRICE}, (SELECT o.case_id FROM open_proposals o WHERE o.product_id = p.id) FROM products p
WHERE p.id IN (%s) AND NOT p.is_archived
"""


def changeable(product_ids: Iterable[int]) -> list[Changeable]:
    """Those of the products that are not archived, in their order."""
    chosen = list(dict.fromkeys(product_ids))
    sql = _CHANGEABLE % db.marks(chosen)
    found = {row[0]: Changeable(*row) for row in (db.rows(sql, db.to_ms(clock.now()), *chosen) if chosen else ())}
    return [found[key] for key in chosen if key in found]


# ---- history --------------------------------------------------------------------------------------------------------


class Once(NamedTuple):
    """A price a product had, who published it and who approved it."""

    fen: Money
    from_at: datetime
    case: int
    number: str
    by: Name
    approved_by: Name


_HISTORY = """
SELECT r.fen, r.from_at, k.id, k.number, b.name, b.name_en, a.name, a.name_en FROM prices r JOIN cases k ON k.id = r.case_id
JOIN persons b ON b.id = r.by_id JOIN persons a ON a.id = r.approved_by_id WHERE r.product_id = ?
ORDER BY r.from_at DESC, r.id DESC LIMIT ?
"""


def history_of_prices(product_id: int, limit: int = 200) -> list[Once]:
    """Every price a product was given, the latest first (PRI-06)."""
    return [
        Once(Money(fen), db.from_ms(at), case, number, Name(by, by_en), Name(agreed, agreed_en))
        for fen, at, case, number, by, by_en, agreed, agreed_en in db.rows(_HISTORY, product_id, limit)
    ]


# ---- competitors ----------------------------------------------------------------------------------------------------


class Seen(NamedTuple):
    """What a competitor asks for the like, as somebody saw it."""

    id: int
    product: int
    code: str
    name: Name
    competitor: str
    their_product: str
    fen: Money
    seen_on: date
    source: str
    by: Name


_SEEN = """
SELECT c.id, c.product_id, i.code, i.name, i.name_en, c.competitor, c.their_product, c.fen, c.seen_on, c.source, b.name, b.name_en
FROM competitor_prices c JOIN products p ON p.id = c.product_id JOIN items i ON i.id = p.item_id JOIN persons b ON b.id = c.by_id
WHERE %s ORDER BY c.id DESC LIMIT ?
"""


def seen(product_id: int | None = None, before: int | None = None, limit: int = PAGE + 1) -> list[Seen]:
    """What was seen of competitors, newest first; of one product or of all."""
    condition, values = ("c.product_id = ? AND c.id < ?", [product_id]) if product_id else ("c.id < ?", [])
    return [_seen(row) for row in db.rows(_SEEN % condition, *values, before or 2**62, limit)]


_FOR_PAPER = """
c.case_id = ? OR (c.seen_on >= ? AND c.product_id IN
(SELECT l.product_id FROM price_lines l WHERE l.case_id = ? AND l.version = ?))
"""


def seen_for(case_id: int, version: int, since: date, limit: int = PAGE) -> list[Seen]:
    """The competitors' prices a proposal rests on: entered with it, or lately for one of its products."""
    day = since if db.is_postgres() else since.isoformat()
    return [_seen(row) for row in db.rows(_SEEN % _FOR_PAPER, case_id, day, case_id, version, limit)]


def every_seen() -> Iterator[Seen]:
    before = None
    while found := seen(before=before, limit=500):
        yield from found
        before = found[-1].id


def _seen(row: tuple[Any, ...]) -> Seen:
    key, product, code, name, name_en, competitor, theirs, fen, day, source, by, by_en = row
    return Seen(key, product, code, Name(name, name_en), competitor, theirs, Money(fen), read_day(day), source, Name(by, by_en))


# ---- mismatches -----------------------------------------------------------------------------------------------------


class Differs(NamedTuple):
    """Where the real shop does not show what the rule says. `product` is empty for a code that is none of ours, `theirs` for one
    that is on our shelf and not in the file."""

    code: str
    product: int | None
    name: Name | None
    theirs: Money | None
    ours: Money | None
    case: int | None  # the promotion our price comes from


def last_file() -> ShopFile | None:
    return ShopFile.select().order_by(ShopFile.id.desc()).first()


_ROWS = """
SELECT s.code, s.product_id, i.name, i.name_en, s.fen FROM shop_prices s LEFT JOIN products p ON p.id = s.product_id
LEFT JOIN items i ON i.id = p.item_id WHERE s.file_id = ? ORDER BY s.n
"""
_MISSING = f"""
SELECT i.code, p.id, i.name, i.name_en FROM products p JOIN items i ON i.id = p.item_id JOIN accounts a ON a.id = i.account_id
WHERE {IS_UP} AND NOT EXISTS (SELECT 1 FROM shop_prices s WHERE s.file_id = ? AND s.product_id = p.id) ORDER BY i.code
"""


def mismatches(file: ShopFile) -> list[Differs]:
    """What differs now between the file and the price of the moment; then what stands on our shelf and is not in the file."""
    rows = db.rows(_ROWS, file.id)
    asked = shown_prices(product for _code, product, *_rest in rows if product)
    found = []
    for code, product, name, name_en, fen in rows:
        ours = asked.get(product)
        if ours is None or ours.price is None or int(ours.price) != fen:
            named = Name(name, name_en) if product else None
            found.append(Differs(code, product, named, Money(fen), ours and ours.price, ours and ours.case))
    missing = db.rows(_MISSING, db.to_ms(clock.now()), file.id)
    prices = shown_prices(product for _code, product, *_rest in missing)
    return found + [
        Differs(code, product, Name(name, name_en), None, prices[product].price, prices[product].case)
        for code, product, name, name_en in missing
    ]
