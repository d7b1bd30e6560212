"""The shop as anybody reads it, and its feeds: everything computed for the moment of reading."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from flask import Response, request, send_file

from portal import attachments, clock, thumbnails
from portal.attachments import Attachment
from portal.fields import clean
from portal.publishing.models_shown import files_of, published, published_file, published_for, published_one
from portal.refused import NotThere
from portal.storefront.models import (
    CURRENCY,
    MOST_OF_A_FEED,
    PAGE,
    by_key,
    categories,
    on_sale,
    on_sale_one,
    shown_picture,
    state_of,
)
from portal.storefront.rules import Address, as_json, named, rss
from portal.web import NAVIGATION, Link, Pages, absolute, find, key, page, public, with_filters
from portal.words import _

pages = Pages("storefront")
NAVIGATION.append(Link(_("Storefront"), "storefront.shop", "store", _("Store listings"), place=79))


def _address() -> Address:
    """Makes whole addresses, also after the request is over: a feed is read for long."""
    base = absolute("") or ""
    return lambda path: base + path


# ---- pages ----------------------------------------------------------------------------------------------------------


@pages.get("/shop", may=public)
def shop() -> Any:
    now = clock.now()
    words = clean(request.args.get("q"))[:60]
    chosen = request.args.get("category", "")
    category = key(chosen) if chosen else None
    found = on_sale(now, category, words, _after())
    shown = found[:PAGE]
    return page(
        "storefront/shop.html",
        products=shown,
        called=named(shown),
        categories=categories(now),
        category=category,
        words=words,
        news=published("shop", now, limit=6) if not (words or chosen or "after" in request.args) else [],
        older=with_filters(after=f"{shown[-1].position}.{shown[-1].id}") if len(found) > PAGE else "",
        newest=with_filters() if "after" in request.args else "",
    )


def _after() -> tuple[int, int] | None:
    told = re.fullmatch(r"(-?[0-9]{1,9})\.([0-9]{1,10})", request.args.get("after", ""), re.ASCII)
    return (int(told[1]), int(told[2])) if told else None


@pages.get("/shop/products/<product_id>", may=public)
def shop_product(product_id: str) -> Any:
    """What is not on the shelf does not exist here."""
    now = clock.now()
    product = on_sale_one(key(product_id), now)
    if product is None:
        raise NotThere()
    return page(
        "storefront/product.html", product=product, called=named([product]), told=published_for(product.id, "shop", now), now=now
    )


@pages.get("/shop/news/<case_id>", may=public)
def shop_news(case_id: str) -> Any:
    story = published_one(key(case_id), ("shop",))
    if story is None:
        raise NotThere()
    return page("storefront/news.html", story=story, files=files_of([story]).get(story.case, []))


@pages.get("/shop/news/<case_id>/files/<file_id>", may=public)
def shop_news_file(case_id: str, file_id: str) -> Response:
    kept = published_file(key(case_id), key(file_id), ("shop",))
    if kept is None:
        raise NotThere()
    inline = kept.type.startswith(("image/", "video/"))
    path = attachments.path_of(kept)
    return _apart(send_file(path, mimetype=kept.type, as_attachment=not inline, download_name=kept.name, etag=False))


@pages.get("/shop/pictures/<file_id>", may=public)
def shop_picture(file_id: str) -> Response:
    """A picture of what the shop shows now; `?small`: its small size."""
    kept = find(Attachment, file_id)
    if kept.thing != "product" or not kept.type.startswith("image/") or not shown_picture(kept.id):
        raise NotThere()
    if "small" in request.args:
        return _apart(send_file(thumbnails.of(kept), mimetype=thumbnails.TYPE, etag=False))
    return _apart(send_file(attachments.path_of(kept), mimetype=kept.type, etag=False))


def _apart(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


# ---- feeds ----------------------------------------------------------------------------------------------------------


@pages.get("/shop/feed.json", may=public)
def feed_json() -> Response:
    """A page of products by id, `?after=` the last one, `?limit=` up to 500; `next` leads on."""
    now, limit = clock.now(), _limit(100)
    if kept := _unchanged(now):
        return kept
    found, address = by_key(now, _last(), limit + 1), _address()
    shown = found[:limit]
    called = named(shown)
    following = f"/shop/feed.json?after={shown[-1].id}&limit={limit}" if len(found) > limit else None
    told = {
        "title": "Shop",
        "computed_at": clock.local(now).isoformat(),
        "currency": CURRENCY,
        "products": [as_json(each, address, called) for each in shown],
        "next": following and address(following),
    }
    body = json.dumps(told, ensure_ascii=False).encode()
    return _feed(Response(body, mimetype="application/json"), now)


@pages.get("/shop/feed.xml", may=public)
def feed_xml() -> Response:
    """RSS 2.0 with Google's fields: the whole shop in one stream, or a page of it by `?after=` and `?limit=`."""
    now = clock.now()
    if kept := _unchanged(now):
        return kept
    only = by_key(now, _last(), _limit(MOST_OF_A_FEED)) if request.args.keys() & {"after", "limit"} else None
    return _feed(Response(rss(now, "Shop", _address(), only), mimetype="application/rss+xml"), now)


def _limit(usual: int) -> int:
    typed = request.args.get("limit", "")
    return min(max(int(typed), 1), MOST_OF_A_FEED) if re.fullmatch(r"[0-9]{1,4}", typed, re.ASCII) else usual


def _last() -> int:
    typed = request.args.get("after", "")
    return int(typed) if re.fullmatch(r"[0-9]{1,10}", typed, re.ASCII) else 0


def _etag(now: Any) -> str:
    asked = f"{request.path}?{request.query_string.decode('ascii', 'replace')}"
    return hashlib.sha256(f"{asked} {state_of(now)}".encode()).hexdigest()[:32]


def _unchanged(now: Any) -> Response | None:
    if not request.if_none_match.contains_weak(_etag(now)):
        return None
    return _feed(Response(status=304), now)


def _feed(answer: Response, now: Any) -> Response:
    answer.set_etag(_etag(now), weak=True)
    answer.headers["Cache-Control"] = "public, no-cache"
    return answer
