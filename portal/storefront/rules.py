"""The shop as other systems read it: rows of the JSON feed and of the RSS feed with Google's product fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from portal import clock
from portal.money import Money
from portal.storefront.models import CURRENCY, OnSale, everything, titles

Address = Callable[[str], str]
BATCH = 100
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # one such sign makes the whole feed unreadable


def as_json(product: OnSale, address: Address, called: dict[int, str]) -> dict[str, Any]:
    """One product for the JSON feed; amounts as decimal text in yuan."""
    shown = product.shown
    promotion = None
    if shown.case is not None and shown.until is not None:
        promotion = {"title": called.get(shown.case, ""), "until": clock.local(shown.until).isoformat()}
    return {
        "id": product.id,
        "sku": product.code,
        "name": product.name.name,
        "name_en": product.name.name_en,
        "description": product.description,
        "description_en": product.description_en,
        "brand": product.brand,
        "category": product.category.name,
        "season": product.season,
        "main": product.is_main,
        "price": amount(product.price),
        "own_price": amount(shown.own or product.price),
        "currency": CURRENCY,
        "promotion": promotion,
        "gifts": [gift for gift, _case in shown.gifts],
        "availability": "in_stock",
        "link": address(f"/shop/products/{product.id}"),
        "images": [address(f"/shop/pictures/{file}") for file in product.pictures],
    }


def amount(fen: Money) -> str:
    return f"{int(fen) // 100}.{int(fen) % 100:02d}"


def named(products: Iterable[OnSale]) -> dict[int, str]:
    """The titles of the promotions these stand in, in one statement."""
    return titles({each.shown.case for each in products if each.shown.case is not None})


# ---- RSS ------------------------------------------------------------------------------------------------------------


def rss(
    at: datetime, title: str, address: Address, only: list[OnSale] | None = None, following: str | None = None
) -> Iterator[bytes]:
    """RSS 2.0 with the `g:` fields, a hundred products at a time; `only`: one page of it, `following`: the path of the next."""
    about = f"{title} {clock.local(at):%Y-%m-%d %H:%M}"
    further = f'<atom:link rel="next" href={quoteattr(address(following))}/>' if following else ""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"'
        f' xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>{_in_xml(title)}</title><link>{_in_xml(address("/shop"))}</link>'
        f"<description>{_in_xml(about)}</description>{further}\n"
    ).encode()
    for batch in _batches(everything(at) if only is None else iter(only)):
        yield "".join(_item(each, address) for each in batch).encode()
    yield b"</channel></rss>\n"


def _batches(products: Iterator[OnSale]) -> Iterator[list[OnSale]]:
    batch: list[OnSale] = []
    for each in products:
        batch.append(each)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _item(product: OnSale, address: Address) -> str:
    shown = product.shown
    own = shown.own or product.price
    fields = {
        "g:id": product.code,
        "title": product.name.name,
        "description": product.description,
        "link": address(f"/shop/products/{product.id}"),
        "g:price": f"{amount(own)} {CURRENCY}",
        "g:availability": "in_stock",
        "g:condition": "new",
        "g:brand": product.brand,
        "g:product_type": product.category.name,
    }
    if shown.is_special and shown.until is not None:
        fields["g:sale_price"] = f"{amount(product.price)} {CURRENCY}"
    tags = "".join(f"<{name}>{_in_xml(text)}</{name}>" for name, text in fields.items() if text)
    for n, file in enumerate(product.pictures[:11]):
        name = "g:additional_image_link" if n else "g:image_link"
        tags += f"<{name}>{_in_xml(address(f'/shop/pictures/{file}'))}</{name}>"
    return f"<item>{tags}</item>\n"


def _in_xml(text: str) -> str:
    """The text without the signs that XML does not know."""
    return escape(_NO_XML.sub("", text))
