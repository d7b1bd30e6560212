"""The shop as anybody reads it, and its feeds: everything computed for the moment of reading."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Any

from flask import Response, request, send_file

from portal import attachments, clock, languages, thumbnails
from portal.attachments import Attachment
from portal.fields import clean
from portal.listings.models import SEASONS
from portal.listings.models_contents import shown_to_all
from portal.publishing.models import TAKES_DOWN
from portal.publishing.models_shown import (
    File,
    Shown,
    files_of,
    published,
    published_file,
    published_for,
    published_one,
    read_in,
)
from portal.refused import NotThere
from portal.storefront.models import (
    CURRENCY,
    MOST_OF_A_FEED,
    PAGE,
    Front,
    OnSale,
    beside,
    by_key,
    categories,
    front,
    on_sale,
    on_sale_one,
    others_of,
    state_of,
)
from portal.storefront.rules import Address, as_json, named, rss
from portal.web import NAVIGATION, Link, Pages, absolute, find, key, me, my_posts, page, public, with_filters
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
    is_reduced = "sale" in request.args
    is_front = not (words or category or is_reduced or "after" in request.args)
    shelves = front(now) if is_front else Front([], [], on_sale(now, category, words, _after(), is_reduced=is_reduced))
    found, shown = shelves.products, shelves.products[:PAGE]
    stories = published("shop", now, limit=4) if is_front else []
    return _shop_page(
        "shop",
        products=shown,
        shelves=shelves,
        called=named([*shown, *shelves.main, *shelves.reduced]),
        category=category,
        is_front=is_front,
        is_reduced=is_reduced,
        words=words,
        news=stories,
        picture=next((_file(each) for each in _files_of_first(stories) if each.is_picture), ""),
        older=with_filters(after=f"{shown[-1].position}.{shown[-1].id}") if len(found) > PAGE else "",
        newest=with_filters() if "after" in request.args else "",
    )


def _files_of_first(stories: list[Shown]) -> list[File]:
    return files_of(stories[:1]).get(stories[0].case, []) if stories else []


def _after() -> tuple[int, int] | None:
    told = re.fullmatch(r"(-?[0-9]{1,9})\.([0-9]{1,10})", request.args.get("after", ""), re.ASCII)
    return (int(told[1]), int(told[2])) if told else None


def _shop_page(name: str, **values: Any) -> Any:
    """A page under the shop's head, which leads to every category."""
    found = categories(clock.now())
    usual = {"category": None, "is_front": False, "is_reduced": False, "words": ""}
    return page(f"storefront/{name}.html", categories=found, **usual | values)


@pages.get("/shop/products/<product_id>", may=public)
def shop_product(product_id: str) -> Any:
    """What is not on the shelf does not exist here."""
    now = clock.now()
    product = on_sale_one(key(product_id), now)
    if product is None:
        raise NotThere()
    others = beside(product, now)
    return _shop_page(
        "product", product=product, called=named([product, *others]), told=published_for(product.id, "shop", now), others=others,
        category=product.category_id, seasons=SEASONS, files=others_of(product), may_take_down=_may_take_down(),
    )  # fmt: skip


def _may_take_down() -> bool:
    """Who finds something unlawful here takes it down from here, also without a desk of their own (INF-15)."""
    return bool(me().is_authenticated) and TAKES_DOWN.allows(my_posts())


@pages.get("/shop/news/<case_id>", may=public)
def shop_news(case_id: str) -> Any:
    story = published_one(key(case_id), ("shop",))
    if story is None:
        raise NotThere()
    read = read_in(languages.reading.get(), story, files_of([story]).get(story.case, []))
    return _shop_page("news", story=story, read=read, pictures=tuple(map(_file, read.pictures)), address_of=_file,
                      may_take_down=_may_take_down())  # fmt: skip


def _file(file: File) -> str:
    return f"/shop/news/{file.case}/files/{file.id}"


@pages.get("/shop/news/<case_id>/files/<file_id>", may=public)
def shop_news_file(case_id: str, file_id: str) -> Response:
    kept = published_file(key(case_id), key(file_id), ("shop",))
    if kept is None:
        raise NotThere()
    return _apart(kept)


@pages.get("/shop/pictures/<file_id>", may=public)
def shop_picture(file_id: str) -> Response:
    """A picture of what the shop shows now; `?small`: its small size."""
    kept = find(Attachment, file_id)
    if not kept.type.startswith("image/") or not shown_to_all(kept):
        raise NotThere()
    return _apart(kept, is_small="small" in request.args)


@pages.get("/shop/files/<file_id>", may=public)
def shop_file(file_id: str) -> Response:
    """A video or a document of what the shop shows now."""
    kept = find(Attachment, file_id)
    if kept.type.startswith("image/") or not shown_to_all(kept):
        raise NotThere()
    return _apart(kept)


def _apart(kept: Attachment, is_small: bool = False) -> Response:
    """The file; whoever keeps a copy asks each time whether it is still shown: what is taken down is gone at once. One that was
    lost on the disk is not there, and the nightly check tells of it."""
    if not attachments.path_of(kept).exists():
        raise NotThere()
    path, kind = (thumbnails.of(kept), thumbnails.TYPE) if is_small else (attachments.path_of(kept), kept.type)
    inline = kind.startswith(("image/", "video/"))
    tag = f"{kept.sha256[:32]}{'-small' if is_small else ''}"
    answer = send_file(path, mimetype=kind, as_attachment=not inline, download_name=kept.name, etag=tag, conditional=True)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer.headers["Cache-Control"] = "public, no-cache"
    return answer


# ---- feeds ----------------------------------------------------------------------------------------------------------


@pages.get("/shop/feed.json", may=public)
def feed_json() -> Response:
    """A page of products by id, `?after=` the last one, `?limit=` up to 500; `next` leads on."""
    now, limit = clock.now(), _limit(100)
    tag = _etag(now)
    if _is_known(tag):
        return _feed(Response(status=304), tag)
    address = _address()
    shown, following = _page_of_feed(now, limit)
    called = named(shown)
    told = {
        "title": "Shop",
        "computed_at": clock.local(now).isoformat(),
        "currency": CURRENCY,
        "products": [as_json(each, address, called) for each in shown],
        "next": following and address(following),
    }
    body = json.dumps(told, ensure_ascii=False).encode()
    return _feed(Response(body, mimetype="application/json"), tag)


@pages.get("/shop/feed.xml", may=public)
def feed_xml() -> Response:
    """RSS 2.0 with Google's fields: the whole shop in one stream; by `?after=` and `?limit=` a page that names the next one."""
    now = clock.now()
    tag = _etag(now)
    if _is_known(tag):
        return _feed(Response(status=304), tag)
    is_page = bool(request.args.keys() & {"after", "limit"})
    only, following = _page_of_feed(now, _limit(MOST_OF_A_FEED)) if is_page else (None, None)
    return _feed(Response(rss(now, "Shop", _address(), only, following), mimetype="application/rss+xml"), tag)


def _page_of_feed(now: datetime, limit: int) -> tuple[list[OnSale], str | None]:
    """The products asked for, and the path of the next page."""
    found = by_key(now, _last(), limit + 1)
    shown = found[:limit]
    return shown, f"{request.path}?after={shown[-1].id}&limit={limit}" if len(found) > limit else None


def _limit(usual: int) -> int:
    typed = request.args.get("limit", "")
    return min(max(int(typed), 1), MOST_OF_A_FEED) if re.fullmatch(r"[0-9]{1,4}", typed, re.ASCII) else usual


def _last() -> int:
    typed = request.args.get("after", "")
    return int(typed) if re.fullmatch(r"[0-9]{1,10}", typed, re.ASCII) else 0


def _etag(now: datetime) -> str:
    asked = f"{request.path}?{request.query_string.decode('ascii', 'replace')}"
    return hashlib.sha256(f"{asked} {state_of(now)}".encode()).hexdigest()[:32]


def _is_known(tag: str) -> bool:
    return request.if_none_match.contains_weak(tag)


def _feed(answer: Response, tag: str) -> Response:
    answer.set_etag(tag, weak=True)
    answer.headers["Cache-Control"] = "public, no-cache"
    return answer
