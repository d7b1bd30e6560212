"""The page where pictures of many products are brought at once."""

from __future__ import annotations

from typing import Any

from flask import request

from portal.attachments import PURPOSES, measured
from portal.listings.rules_files import limits
from portal.listings.rules_pictures import MOST_PICTURES, PURPOSE, Picture, bring_pictures
from portal.listings.rules_products import DRAWS
from portal.listings.views_shop import pages
from portal.refused import Mistyped, NotYours, Refused
from portal.web import go, me, page, tell
from portal.words import Words, _, _n


@pages.form("/products/pictures", may=DRAWS)
def bring_many_pictures() -> Any:
    """As many files as one sending holds; those that are there already change nothing."""
    if request.method == "GET":
        return _page()
    chosen = [file for file in request.files.getlist("file") if file.filename]
    try:
        if len(chosen) > MOST_PICTURES:
            raise Mistyped(_("Choose from 1 to %(most)s pictures.", most=MOST_PICTURES), "file")
        done = bring_pictures(me(), [Picture(file.filename or "", file.stream.read()) for file in chosen])
    except NotYours:
        raise
    except Refused as refusal:
        return _page(refusal.why, refusal.status)
    tell(_n("%(n)s product has new pictures.", "%(n)s products have new pictures.", n=done.products))
    if done.known:
        tell(_n("%(n)s picture stood there already.", "%(n)s pictures stood there already.", n=done.known), "amber")
    return go("listings.bring_many_pictures")


def _page(why: Words | None = None, status: int = 200) -> Any:
    rule = PURPOSES[PURPOSE]
    return page(
        "listings/pictures.html",
        status,
        why=why,
        most=MOST_PICTURES,
        most_bytes=measured(rule.largest_bytes()),
        limits={extension: most for extension, most in limits().items() if extension in rule.extensions},
    )
