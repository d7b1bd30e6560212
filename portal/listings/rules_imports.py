"""Products brought as a table, also as Shopify and WooCommerce export them: looked at first, then written whole."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal import access, contents, db, steps
from portal.access import planner
from portal.cases import Case
from portal.imports import Row, RowError, each
from portal.listings.models import COSTS, KIND, SEASONS, TEXTS, Product
from portal.listings.models_prices import price_content
from portal.listings.models_products import COLUMNS
from portal.listings.models_shown import shown_prices
from portal.listings.rules_prices import PRICE
from portal.listings.rules_products import ENTERS, WRITES, add_product, change_product, only, write_content
from portal.money import HIGHEST, Money
from portal.persons import LANGUAGES, Person
from portal.refused import Mistyped
from portal.stock.models import Item, ItemCategory
from portal.stock.rules import CODE, add_category
from portal.words import Words, _

READ: dict[str, Words] = {
    name: words for name, words in COLUMNS.items() if name not in ("price", "on_hand", "state")
} | {"images": _("Addresses of pictures")}  # fmt: skip
NEEDED = ("code",)
LONG = {"description", "description_en"}
FOREIGN: dict[str, str] = {  # headings of Shopify and WooCommerce, and how people head their own tables
    "Variant SKU": "code", "SKU": "code", "sku": "code", "产品编码": "code", "商品编码": "code", "货号": "code",
    "Title": "name", "标题": "name", "商品名称": "name", "产品名称": "name",
    "Body (HTML)": "description", "Body HTML": "description", "商品描述": "description",
    "Vendor": "brand", "Brands": "brand", "Type": "type", "Categories": "category",
    "Variant Price": "own", "Regular price": "own", "Price": "own", "价格": "own", "售价": "own",
    "Cost per item": "cost", "成本价": "cost", "Image Src": "images", "Images": "images", "Handle": "handle",
    "Option1 Value": "option1", "Option2 Value": "option2", "Option3 Value": "option3",
}  # fmt: skip
CARRIED = {*READ, "handle", "type", "option1", "option2", "option3"}
_TAG = re.compile(r"<(br|/p|/li|/div|/h[1-6])\b[^>]*>", re.IGNORECASE)
_ANY = re.compile(r"<[^<>]{0,2000}>")
OTHER = "其他"


@dataclass(frozen=True)
class Difference:
    """What a row means: a new product, or what changes of one that is there; `changed` is field -> (before, after) as shown."""

    row: int
    code: str
    product: Product | None
    texts: dict[str, str]
    category: str
    cost: Money | None
    price: Money | None
    season: str | None
    unit: str
    place: str
    images: str
    changed: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return "new" if self.product is None else "changed" if self.changed else "same"


@dataclass(frozen=True)
class Preview:
    """What a file would do. Products it does not name stay as they are."""

    differences: list[Difference]
    unchanged: int
    errors: list[RowError]
    categories: list[str]

    @property
    def is_good(self) -> bool:
        return not self.errors and bool(self.differences)

    @property
    def prices(self) -> int:
        return sum(each.price is not None for each in self.differences)

    def count(self, kind: str) -> int:
        return sum(each.kind == kind for each in self.differences)


def preview(person: Person, rows: Iterable[Row]) -> Preview:
    """Every row's error with its number, and the differences of the rows that are good."""
    only(ENTERS, person, _("Only planners and section specialists enter products."))
    known = _Known(person)
    read, errors = each(_filled(rows), known.read)
    differing = [one for one in read if one.kind != "same"]
    new = sorted({one.category for one in differing if one.category and one.category.lower() not in known.categories})
    return Preview(differing, len(read) - len(differing), errors, new)


def _filled(rows: Iterable[Row]) -> list[Row]:
    """Rows of a variant take what only the first row of their handle says, and say their own options."""
    first: dict[str, Row] = {}
    found = []
    for row in rows:
        handle = row.text("handle")
        options = " ".join(row.text(name) for name in ("option1", "option2", "option3") if _is_option(row.text(name)))
        values = dict(row.values)
        if handle:
            lead = first.setdefault(handle, row)
            for name in ("name", "description", "brand", "category", "type"):
                values[name] = values.get(name) or lead.text(name)
            values["category"] = values["category"] or values["type"]
            if not any(values.get(name) for name in ("code", "own")) and values.get("images"):
                continue  # a further picture of the same product
        if options and values.get("name"):
            values["name"] = f"{values['name']} {options}"[:120]
        found.append(Row(row.number, values))
    return found


def _is_option(text: str) -> bool:
    return bool(text) and text != "Default Title"


def plain(text: str) -> str:
    """What a description says, without its marks."""
    if "<" not in text:
        return text
    lines = html.unescape(_ANY.sub("", _TAG.sub("\n", text))).split("\n")
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())


class _Known:
    """What there is already, and what the rows before have named."""

    def __init__(self, person: Person) -> None:
        posts = access.posts_of(person)
        self.may_price = planner.key in posts
        self.may_write = WRITES.allows(posts)
        self.may_cost = COSTS.allows(posts)
        items = {item.id: item for item in Item.where("kind = 'product'")}
        self.products = {items[each.item_id].code.upper(): each for each in Product.select()}
        self.items = {code: items[each.item_id] for code, each in self.products.items()}
        self.others = {code.upper() for (code,) in db.rows("SELECT code FROM items WHERE kind <> 'product'")}
        self.categories = {each.name.lower(): each for each in ItemCategory.where("kind = ?", KIND)}
        self.names = {each.id: each.name for each in self.categories.values()}
        self.contents = {row[0]: row[1:] for row in db.rows(_CONTENTS)}
        self.prices = shown_prices(each.id for each in self.products.values())
        self.open = dict(db.rows("SELECT o.product_id, k.number FROM open_proposals o JOIN cases k ON k.id = o.case_id"))
        self.seasons = {_said(words, language): key for key, words in SEASONS.items() for language in LANGUAGES}
        self.named: set[str] = set()

    def read(self, row: Row) -> Difference:
        code = row.text("code")
        if not code:
            raise RowError(row.number, "code", _("There is no SKU."))
        if not CODE.fullmatch(code):
            raise RowError(row.number, "code", _("A code is up to 40 letters, digits, dots, dashes or slashes."))
        if code.upper() in self.named:
            raise RowError(row.number, "code", _("This SKU stood in a row before."))
        if code.upper() in self.others:
            raise RowError(row.number, "code", _("This code is one of an office supply."))
        self.named.add(code.upper())
        product = self.products.get(code.upper())
        return self._new(row, code) if product is None else self._changed(row, code, product)

    def _new(self, row: Row, code: str) -> Difference:
        texts = {name: self._text(row, name) for name in TEXTS}
        if not texts["name"]:
            raise RowError(row.number, "name", _("Give it a name."))
        season = self._season(row)
        return Difference(
            row.number, code, None, texts, self._category(row) or OTHER, self._cost(row), self._price(row), season,
            row.text("unit")[:20] or "件", row.text("place")[:60] or "仓库", row.text("images"),
        )  # fmt: skip

    def _changed(self, row: Row, code: str, product: Product) -> Difference:
        """A column that is not there, or an empty cell, changes nothing."""
        before = dict(zip(TEXTS, self.contents[product.id], strict=True))
        texts = {name: self._text(row, name) or before[name] for name in TEXTS}
        changed = {name: (before[name], texts[name]) for name in TEXTS if texts[name] != before[name]}
        if changed and not self.may_write:
            why = _("Only section specialists and copywriters write what the shop says.")
            raise RowError(row.number, next(iter(changed)), why)
        category, cost, season = self._category(row), self._cost(row), self._season(row)
        own, price = self.prices[product.id].own, self._price(row)
        for name, old, new in (
            ("category", self.names[self.items[code.upper()].category_id], category), ("cost", product.cost, cost),
            ("own", own, price), ("season", product.season, season),
        ):  # fmt: skip
            if new is not None and new != "" and new != old and not (name == "season" and not row.text("season")):
                changed[name] = ("" if old is None else str(old), str(new))
        if "category" in changed:
            raise RowError(row.number, "category", _("The category of a product that is there is changed on its own page."))
        if "own" in changed and product.id in self.open:
            raise RowError(
                row.number, "own", _("%(product)s stands in %(number)s already.", product=code, number=self.open[product.id])
            )
        return Difference(
            row.number, code, product, texts, "", cost if "cost" in changed else None, price if "own" in changed else None,
            season if "season" in changed else None, "", "", "", changed,
        )  # fmt: skip

    def _text(self, row: Row, name: str) -> str:
        text = plain(row.text(name)) if name in LONG else row.text(name)
        if len(text) > TEXTS[name]:
            raise RowError(
                row.number, name, _("At most %(most)s characters; these are %(are)s.", most=TEXTS[name], are=len(text))
            )
        return text

    def _category(self, row: Row) -> str:
        name = re.split(r"[>,]", row.text("category"))[-1].strip()[:60]
        known = self.categories.get(name.lower())
        return known.name if known else name

    def _season(self, row: Row) -> str | None:
        typed = row.text("season")
        if not typed:
            return None
        if typed not in self.seasons:
            raise RowError(row.number, "season", _("Choose one of the list."))
        return self.seasons[typed]

    def _cost(self, row: Row) -> Money | None:
        cost = self._money(row, "cost", least=0)
        if cost is not None and not self.may_cost:
            raise RowError(row.number, "cost", _("What goods cost is entered by those who may know it."))
        return cost

    def _price(self, row: Row) -> Money | None:
        return self._money(row, "own", least=1) if self.may_price else None

    def _money(self, row: Row, name: str, least: int) -> Money | None:
        typed = row.text(name)
        if not typed:
            return None
        try:
            amount = Money.parse(typed)
        except ValueError:
            raise RowError(row.number, name, _("Write an amount in yuan, such as 1200 or 12.50.")) from None
        if not least <= amount < HIGHEST:
            raise RowError(row.number, name, _("The amount must be more than zero."))
        return amount


_CONTENTS = """
SELECT c.product_id, c.name, c.name_en, c.brand, c.description, c.description_en FROM product_contents c
JOIN products p ON p.id = c.product_id AND c.n = p.version
"""


def _said(words: Words, language: str) -> str:
    from portal import languages

    return languages.say(words, language)


# ---- written --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Brought:
    """What came of a file: how many products are new and changed, and the one proposal with every price of it."""

    new: int
    changed: int
    proposal: Case | None


@db.transaction
def bring(person: Person, rows: Iterable[Row], title: str, reason: str, note: str, token: str) -> Brought:
    """Writes what the preview showed, whole or not at all; all prices become one proposal, submitted at once (PRI-05)."""
    if known := Case.find("token = ?", token):
        return Brought(0, 0, known)
    found = preview(person, rows)
    if found.errors:
        raise Mistyped(_("Nothing is imported while a row has a mistake. Correct the file and bring it again."), "file")
    categories = {each.name.lower(): each for each in ItemCategory.where("kind = ?", KIND)}
    for name in found.categories:
        categories[name.lower()] = add_category(person, KIND, name)
    prices: dict[Product, int] = {}
    for one in found.differences:
        product = _write(person, one, categories)
        if one.price is not None:
            prices[product] = one.price
    case = _propose(person, prices, title, reason, note, token) if prices else None
    return Brought(found.count("new"), found.count("changed"), case)


def _write(person: Person, one: Difference, categories: Mapping[str, ItemCategory]) -> Product:
    product = one.product
    if product is None:
        product = add_product(person, one.code, categories[one.category.lower()], one.texts, one.cost, one.unit, one.place)
        if one.images:
            db.run("UPDATE products SET image_links = ? WHERE id = ?", one.images[:2000], product.id)
    elif one.changed.keys() & TEXTS.keys():
        product = write_content(person, product.id, product.version, one.texts)
    told: dict[str, Any] = {} if one.product is None else {"cost": one.cost} if one.cost is not None else {}
    if one.season is not None:
        told["season"] = one.season
    if told:
        product = change_product(person, product.id, product.events, **told)
    return product


def _propose(person: Person, prices: dict[Product, int], title: str, reason: str, note: str, token: str) -> Case:
    case = contents.create(PRICE, person, price_content(title, "new", reason, note, prices), token)
    return steps.take(person, case.id, "submit", (case.state, case.version))
