"""Products brought as a table, also as Shopify and WooCommerce export them: looked at first, then written whole."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal import access, contents, db, languages, steps
from portal.access import planner
from portal.cases import Case
from portal.imports import Row, RowError, each
from portal.listings.models import COSTS, KIND, PLACE, SEASONS, TEXTS, UNIT, Product
from portal.listings.models_prices import price_content
from portal.listings.models_products import COLUMNS
from portal.listings.models_shown import shown_prices
from portal.listings.rules_arrangements import enter_category
from portal.listings.rules_prices import PRICE
from portal.listings.rules_products import ENTERS, WRITES, add_product, change_product, only, write_content
from portal.money import HIGHEST, Money
from portal.persons import LANGUAGES, Person
from portal.refused import Mistyped
from portal.stock.models import Item, ItemCategory
from portal.stock.rules import CODE
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
MOST_LINKS = 2000


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
    is_main: bool | None = None
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
    named = {one.category.lower(): one.category for one in differing if one.category}
    new = sorted(name for key, name in named.items() if key not in known.categories)
    return Preview(differing, len(read) - len(differing), errors, new)


def _filled(rows: Iterable[Row]) -> list[Row]:
    """Rows of a variant take what only the first row of their handle says, and say their own options."""
    first: dict[str, Row] = {}
    led: dict[str, dict[str, str]] = {}  # what is taken of the first row of a handle
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
            if not any(values.get(name) for name in ("code", "own")) and values.get("images") and lead is not row:
                led[handle]["images"] = ", ".join(filter(None, (led[handle].get("images"), values["images"])))
                continue  # a further picture of the same product
            led.setdefault(handle, values)
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
        self.answers = {
            _said(words, each).lower(): yes for words, yes in ((_("Yes"), True), (_("No"), False)) for each in LANGUAGES
        }
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
            raise RowError(row.number, "name", _("There is no product with this SKU: a new one needs a name."))
        category = self._category(row) or OTHER
        if (known := self.categories.get(category.lower())) and not known.active:
            raise RowError(row.number, "category", _("%(category)s is not in use any more.", category=known.called))
        return Difference(
            row.number, code, None, texts, category, self._cost(row), self._price(row), self._season(row),
            row.text("unit")[:20] or UNIT, row.text("place")[:60] or PLACE, _addresses(row.text("images")), self._is_main(row),
        )  # fmt: skip

    def _changed(self, row: Row, code: str, product: Product) -> Difference:
        """A column that is not there, or an empty cell, changes nothing."""
        before = dict(zip(TEXTS, self.contents[product.id], strict=True))
        texts = {name: self._text(row, name, before[name]) or before[name] for name in TEXTS}
        changed = {name: (before[name], texts[name]) for name in TEXTS if texts[name] != before[name]}
        if changed and not self.may_write:
            why = _("Only section specialists and copywriters write what the shop says.")
            raise RowError(row.number, next(iter(changed)), why)
        cost, season, is_main, price = self._cost(row), self._season(row), self._is_main(row), self._price(row)
        item, own, images = self.items[code.upper()], self.prices[product.id].own, _addresses(row.text("images"))
        for name, old, new in (
            ("category", self.names[item.category_id], self._category(row)), ("unit", item.unit, row.text("unit")[:20]),
            ("place", " ".join(item.place.split()), row.text("place")[:60]), ("cost", product.cost, cost), ("own", own, price),
            ("season", product.season, season), ("is_main", product.is_main, is_main), ("images", product.image_links, images),
        ):  # fmt: skip
            if new is not None and new != "" and new != old:
                changed[name] = (_told(name, old), _told(name, new))
        if changed and product.is_archived:
            raise RowError(row.number, "code", _("%(product)s is archived.", product=code))
        for name, why in _ELSEWHERE.items():
            if name in changed:
                raise RowError(row.number, name, why)
        if "own" in changed and product.id in self.open:
            raise RowError(
                row.number, "own", _("%(product)s stands in %(number)s already.", product=code, number=self.open[product.id])
            )
        return Difference(
            row.number, code, product, texts, "", cost if "cost" in changed else None, price if "own" in changed else None,
            season if "season" in changed else None, "", changed.get("place", ("", ""))[1], images if "images" in changed else "",
            is_main if "is_main" in changed else None, changed,
        )  # fmt: skip

    def _text(self, row: Row, name: str, before: str = "") -> str:
        """The cell as text; what an export wrote comes back as it was, whatever its blanks."""
        if " ".join(row.text(name).split()) == " ".join(before.split()):
            return before
        text = plain(row.text(name)) if name in LONG else row.text(name)
        if len(text) > TEXTS[name]:
            raise RowError(
                row.number, name, _("At most %(most)s characters; these are %(are)s.", most=TEXTS[name], are=len(text))
            )
        return text

    def _category(self, row: Row) -> str:
        """As it is called here; of the ways another shop writes, the last step of the first one."""
        whole = row.text("category")
        name = whole if whole.lower() in self.categories else whole.split(",")[0].split(">")[-1].strip()[:60]
        known = self.categories.get(name.lower())
        return known.name if known else name

    def _is_main(self, row: Row) -> bool | None:
        typed = row.text("is_main").lower()
        if typed and typed not in self.answers:
            raise RowError(row.number, "is_main", _("Write yes or no."))
        return self.answers[typed] if typed else None

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


_ELSEWHERE: dict[str, Words] = {
    "category": _("The category of a product that is there is changed on its own page."),
    "unit": _("The unit of a product that is there stays: its stock is counted in it."),
}


def _told(name: str, value: Any) -> str:
    if name == "season":
        return languages.here(SEASONS[value])
    if isinstance(value, bool):
        return languages.here(_("Yes") if value else _("No"))
    return "" if value is None else str(value)


def _addresses(text: str) -> str:
    """Addresses of pictures, as many as there is room for, none of them cut off."""
    return text if len(text) < MOST_LINKS else text[:MOST_LINKS].rpartition(",")[0].rstrip()


_CONTENTS = """
SELECT c.product_id, c.name, c.name_en, c.brand, c.description, c.description_en FROM product_contents c
JOIN products p ON p.id = c.product_id AND c.n = p.version
"""


def _said(words: Words, language: str) -> str:
    return languages.say(words, language)


# ---- written --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Brought:
    """What came of a file: how many products are new and changed, and the one proposal with every price of it."""

    new: int
    changed: int
    proposal: Case | None


@db.transaction
def bring(
    person: Person, rows: Iterable[Row], title: str, reason: str, note: str, token: str, leave_out: bool = False
) -> Brought:
    """Writes what the preview showed, whole or not at all, or without the rows that have a mistake (`leave_out`); all prices
    become one proposal, submitted at once (PRI-05)."""
    if known := Case.find("token = ?", token):
        return Brought(0, 0, known)
    found = preview(person, rows)
    if found.errors and not leave_out:
        raise Mistyped(_("Nothing is imported while a row has a mistake. Correct the file and bring it again."), "file")
    categories = {each.name.lower(): each for each in ItemCategory.where("kind = ?", KIND)}
    for name in found.categories:
        categories[name.lower()] = enter_category(person, name)
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
    elif one.changed.keys() & TEXTS.keys():
        product = write_content(person, product.id, product.version, one.texts)
    told: dict[str, Any] = {"season": one.season, "is_main": one.is_main, "image_links": one.images or None}
    told |= {"cost": one.cost, "place": one.place or None} if one.product else {}
    if told := {name: value for name, value in told.items() if value is not None}:
        product = change_product(person, product.id, product.events, **told)
    return product


def _propose(person: Person, prices: dict[Product, int], title: str, reason: str, note: str, token: str) -> Case:
    case = contents.create(PRICE, person, price_content(title, "new", reason, note, prices), token)
    return steps.take(person, case.id, "submit", (case.state, case.version))
