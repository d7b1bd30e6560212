"""What the pages of store listings share: their blueprint, where they stand, and how the lines of a paper are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import request

from portal.listings.models import SEES
from portal.listings.models_products import faces
from portal.web import Pages, my_posts, page_key, with_filters
from portal.words import _

pages = Pages("listings")
SHOP = _("Store listings")
AT_ONCE = 50  # lines of a paper on a page
ON_PAPER = 5000  # and on its print, which is a record of all of them


def lines_of(read: Callable[[int, int], list[Any]]) -> dict[str, Any]:
    """The lines of a paper with their pictures, a page at a time, with the ways to the others; `read(after, most)` reads them."""
    is_print = request.endpoint == "papers.print_"
    start, most = page_key("line") or 0, ON_PAPER if is_print else AT_ONCE
    found = read(start, most + 1)
    shown = found[:most]
    return {
        "rows": shown,
        "pictures": {} if is_print else pictured(each.product for each in shown),
        "shown_lines": _("Lines %(first)s to %(last)s", first=start + 1, last=start + len(shown)),
        "earlier": _from(start - most if start > most else "") if start else "",
        "later": _from(start + most) if len(found) > most else "",
    }


def _from(line: int | str) -> str:
    """Where the lines go on. What a step answers is the page of its paper."""
    return with_filters(line=line).replace("/steps?", "?").removesuffix("/steps")


def pictured(products: Iterable[int]) -> dict[int, int]:
    """The first picture of each product, for those who may see the register."""
    return faces(products) if SEES.allows(my_posts()) else {}
