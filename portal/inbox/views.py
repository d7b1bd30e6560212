"""The first page, the inbox, the case page and the pages every kind of paper shares."""

from __future__ import annotations

from typing import Any

from portal.access import everyone
from portal.web import NAVIGATION, Link, Pages, page
from portal.words import _

pages = Pages("inbox")
NAVIGATION.append(Link(_("Home"), "inbox.home", "layout-dashboard"))


@pages.get("/", may=everyone)
def home() -> Any:
    return page("inbox/home.html")


@pages.get("/new", may=everyone)
def new() -> Any:
    return page("inbox/home.html")
