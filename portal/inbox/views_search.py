"""Search over papers, people and departments; and what the portal told me."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, request

from portal import notices, search
from portal.access import everyone
from portal.inbox import models
from portal.inbox.models import MOST
from portal.inbox.views import pages
from portal.inbox.views_rows import shown
from portal.notices import Notice
from portal.refused import NotThere
from portal.web import go, go_to, key, me, my_posts, page, page_key, tell, with_filters
from portal.words import _

_NUMBER = re.compile(r"[A-Z]{1,6}-[0-9]{4}-[0-9]{1,10}", re.ASCII)


@pages.get("/search", may=everyone, quiet=False)
def find() -> Any:
    text = request.args.get("q", "")[:100].replace("\x00", "").strip()
    before, is_number = page_key(), bool(_NUMBER.fullmatch(text.upper()))
    if is_number and before is None and (case := models.by_number(text.upper(), my_posts())):
        return go_to(f"/papers/{case}")
    found = search.find(text, my_posts(), before=before, limit=MOST + 1)
    papers = models.papers([thing for _document, thing in found[:MOST]])
    rows = [papers[thing] for _document, thing in found[:MOST] if thing in papers]
    return page(
        "inbox/search.html",
        text=text,
        papers=shown(rows, {}),
        directory=[] if is_number or before or len(text) < 1 else models.directory(text),
        older=with_filters(before=found[MOST - 1][0]) if len(found) > MOST else "",
        newer=with_filters() if before else "",
    )


# ---- notices --------------------------------------------------------------------------------------------------------


@pages.get("/notices", may=everyone)
def told() -> Any:
    before = page_key()
    fresh = [] if before else notices.unread(me(), MOST + 1, my_posts())
    read = notices.read(me(), before, MOST + 1, my_posts())
    return page(
        "inbox/notices.html",
        fresh=fresh[:MOST],
        is_more=len(fresh) > MOST,
        read=read[:MOST],
        older=with_filters(before=read[MOST - 1].id) if len(read) > MOST else "",
        newer=with_filters() if before else "",
    )


@pages.post("/notices/read", may=everyone)
def read_all() -> Response:
    notices.mark_read(me())
    tell(_("All notices are marked as read."))
    return go("inbox.told")


@pages.post("/notices/<number>", may=everyone)
def read_one(number: str) -> Response:
    """Marks a notice of mine as read; with `open` it leads on to its paper."""
    notice = Notice.find("id = ? AND person_id = ?", key(number), me().id)
    if notice is None:
        raise NotThere()
    notices.mark_read(me(), notice.id)
    return go_to(f"/papers/{notice.case_id}") if "open" in request.form and notice.case_id else go("inbox.told")
