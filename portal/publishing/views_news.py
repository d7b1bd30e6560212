"""What is published, for everybody: the news page, a page and a print of each, and what the first page shows of it."""

from __future__ import annotations

from typing import Any

from flask import Response, request, send_file

from portal import attachments, clock, languages, thumbnails
from portal.access import everyone
from portal.inbox.models import NEWS, News
from portal.publishing.models import KINDS, TAKES_DOWN, TOPICS
from portal.publishing.models_shown import PAGE, File, Shown, files_of, published, published_file, published_one, read_in
from portal.publishing.views_desk import pages
from portal.refused import NotThere
from portal.web import NAVIGATION, Link, absolute, key, me, my_posts, page, page_key, with_filters
from portal.words import _

NAVIGATION.append(Link(_("News"), "publishing.news", "megaphone", place=12))
LATEST = 5


def told() -> list[News]:
    """The latest news of the first page, and the slots that stand there today."""
    found = published("home")
    files = files_of(each for each in found if each.kind == "slot")
    slots = [each for each in found if each.kind == "slot"]
    return [_told(each, files) for each in [*slots, *[each for each in found if each.kind != "slot"][:LATEST]]]


def _told(shown: Shown, files: dict[int, list[File]]) -> News:
    picture = next((address(each) for each in files.get(shown.case, []) if each.is_picture), "")
    return News(shown.title, shown.url, shown.at, shown.place, picture)


NEWS.append(told)


def address(file: File) -> str:
    return f"/news/{file.case}/files/{file.id}"


@pages.get("/news", may=everyone)
def news() -> Any:
    rows = published("news", before=page_key())
    files = files_of(rows[:PAGE])
    return page(
        "publishing/news.html",
        rows=[(each, next((address(file) for file in files.get(each.case, []) if file.is_picture), "")) for each in rows[:PAGE]],
        topics=TOPICS,
        kinds=KINDS,
        older=with_filters(before=rows[PAGE - 1].case) if len(rows) > PAGE else "",
        newest=with_filters() if page_key() else "",
    )


@pages.get("/news/<case_id>", may=everyone)
def news_of(case_id: str) -> Any:
    shown = _find(case_id)
    return page("publishing/news_of.html", may_take_down=TAKES_DOWN.allows(my_posts()), **_values(shown))


@pages.get("/news/<case_id>/print", may=everyone)
def news_print(case_id: str) -> Any:
    shown = _find(case_id)
    where = absolute(f"/news/{shown.case}")
    return page("publishing/news_print.html", now=clock.now(), printer=me().called, address=where, **_values(shown))


def _find(case_id: str) -> Shown:
    shown = published_one(key(case_id))
    if shown is None:
        raise NotThere()
    return shown


def _values(shown: Shown) -> dict[str, Any]:
    read = read_in(languages.reading.get(), shown, files_of([shown]).get(shown.case, []))
    return read._asdict() | {
        "shown": shown,
        "topics": TOPICS,
        "pictures": tuple(map(address, read.pictures)),
        "address_of": address,
    }


@pages.get("/news/<case_id>/files/<file_id>", may=everyone)
def news_file(case_id: str, file_id: str) -> Response:
    kept = published_file(key(case_id), key(file_id))
    if kept is None:
        raise NotThere()
    if "small" in request.args and kept.type.startswith("image/"):
        return _apart(send_file(thumbnails.of(kept), mimetype=thumbnails.TYPE, etag=False))
    inline = kept.type.startswith(("image/", "video/"))
    return _apart(
        send_file(attachments.path_of(kept), mimetype=kept.type, as_attachment=not inline, download_name=kept.name, etag=False)
    )


def _apart(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer.headers["Cache-Control"] = "no-store"
    return answer
