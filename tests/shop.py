"""The shop's people, and products with contents, price and stock, as tests begin with them."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from portal import attachments, clock, contents, steps
from portal.attachments import Attachment
from portal.cases import Case
from portal.flow import FLOWS
from portal.listings import rules  # noqa: F401
from portal.listings.models import Product
from portal.listings.models_prices import price_content
from portal.listings.models_shelf import shelf_content
from portal.listings.rules_products import add_product, vouch, write_content
from portal.money import Money
from portal.persons import Person
from portal.stock.models import Item
from tests import posts, shelf
from tests.cast import NEVER_OLD, Cast

STAFF = {  # user: English name, Chinese name, role
    "pan": ("Pan", "潘", "planner"),
    "dee": ("Dee", "狄", "ecom_director"),
    "shu": ("Shu", "舒", "section_specialist"),
    "kun": ("Kun", "坤", "warehouse"),
    "yao": ("Yao", "姚", "designer"),
    "cui": ("Cui", "崔", "copywriter"),
}


def staff(cast: Cast, user: str) -> Person:
    """Pan plans, Dee directs, Shu keeps the section, Kun the warehouse, Yao designs, Cui writes; all come when the first is asked
    for, so that what waits finds them."""
    if Person.get_or_none(Person.user == "pan") is None:
        for each, (name_en, name, role) in STAFF.items():
            person = Person.create(
                user=each, name=name, name_en=name_en, department=cast.department("E-commerce"), level="back_office",
                password_set_at=NEVER_OLD, language="en",
            )  # fmt: skip
            posts.grant(person, role)
    return Person.get(Person.user == user)


def picture(width: int = 8, height: int = 8, colour: str = "teal") -> bytes:
    from PIL import Image

    written = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(written, "PNG")
    return written.getvalue()


def draft(cast: Cast, code: str = "CUP", **texts: str) -> Product:
    """A product as it was entered; the one made first is answered when it is asked for again."""
    if item := Item.find("code = ?", code):
        return Product.get(Product.item == item)
    whole = {"name": f"商品{code}", "name_en": f"Product {code}", "description": "好用"} | texts
    return add_product(staff(cast, "pan"), code, shelf.category("家居", "Home", "product"), whole, cost=Money(3000))


def attached(thing: Product | Case, person: Person, name: str = "front.png") -> Attachment:
    """A picture of the product or of the paper; where no folder of files is named, as far as rows tell of it."""
    content = picture(colour=f"#{hashlib.sha256(name.encode()).hexdigest()[:6]}")
    if attachments._data:
        attachments._write(content)
    return Attachment.create(
        thing=type(thing).__name__.lower(), thing_id=thing.id, purpose="product_picture",
        sha256=hashlib.sha256(content).hexdigest(), name=name, type="image/png", size_bytes=len(content), by=person,
        at=clock.now(),
    )  # fmt: skip


def described(cast: Cast, code: str = "CUP") -> Product:
    """With a picture, and somebody who vouches for it."""
    product, shu = draft(cast, code), staff(cast, "shu")
    if product.checked_version is None:
        product = write_content(shu, product.id, product.version, files=[attached(product, shu).id])
        product = vouch(shu, product.id, product.version)
    return product


def proposal(cast: Cast, prices: dict[str, int], note: str = "as others ask", **more: Any) -> Case:
    """A draft of new prices in yuan, by code, asked for by Pan."""
    wanted = {draft(cast, code): yuan * 100 for code, yuan in prices.items()}
    content = price_content("New prices", more.get("cause", "new"), more.get("reason", "it is new"), note, wanted)
    return contents.create(FLOWS["price_proposal"], staff(cast, "pan"), content, f"prices, {Case.select().count()} before")


def priced(cast: Cast, code: str = "CUP", yuan: int = 100) -> Product:
    """With that published price."""
    case = proposal(cast, {code: yuan})
    for person, name in (("pan", "submit"), ("dee", "approve"), ("shu", "publish")):
        steps.take(staff(cast, person), case.id, name)
    return draft(cast, code)


def ready(cast: Cast, code: str = "CUP", yuan: int = 100, on_hand: int = 10) -> Product:
    """All that the shelf asks for."""
    product = described(cast, code)
    priced(cast, code, yuan)
    shelf.put(product.item, on_hand)
    return Product.get_by_id(product.id)


def request(cast: Cast, *codes: str, way: str = "on", by: str = "shu", **more: Any) -> Case:
    """A draft that asks for the shelf."""
    content = shelf_content("Shelf", way, [draft(cast, code) for code in codes], **more)
    return contents.create(FLOWS["shelf_request"], staff(cast, by), content, f"shelf, {Case.select().count()} before")


def on_shelf(cast: Cast, code: str = "CUP", yuan: int = 100, on_hand: int = 10) -> Product:
    """As the shop shows it."""
    product = ready(cast, code, yuan, on_hand)
    case = request(cast, code)
    for person, name in (("shu", "submit"), ("dee", "approve"), ("shu", "put_up")):
        steps.take(staff(cast, person), case.id, name)
    return Product.get_by_id(product.id)
