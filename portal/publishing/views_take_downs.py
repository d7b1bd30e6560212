"""Taking down at once what must not stand there, the list of what was taken down, and the log of the site's upkeep."""

from __future__ import annotations

from typing import Any

from flask import request

from portal import access, exports, languages, steps
from portal.cases import Case
from portal.fields import form_key
from portal.listings.models import SEES, Product, TakeDown
from portal.publishing.forms_manuscripts import DownForm, UpkeepForm
from portal.publishing.models import KEEPS_UP, KINDS, PARTS, SEES_TAKE_DOWNS, SEES_UPKEEP, TAKES_DOWN
from portal.publishing.models_desk import PAGE, Kept, every_entry, take_downs, upkeep
from portal.publishing.models_shown import published_one, standing
from portal.publishing.rules_flow import MANUSCRIPT
from portal.publishing.rules_take_downs import take_down_product
from portal.publishing.rules_upkeep import write_upkeep
from portal.publishing.views_desk import PUBLISHING, pages
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.web import NAVIGATION, Link, asked, filled, find, go, me, my_posts, page, page_key, sent, tell, with_filters
from portal.words import Words, _, data_from_json

NAVIGATION += [
    Link(_("Take-downs"), "publishing.down_index", "ban", PUBLISHING, place=82),
    Link(_("Log of the site"), "publishing.upkeep_index", "list-checks", PUBLISHING, place=83),
]
ANYWHERE = ("news", "home", "shop")
THINGS: dict[str, Words] = {"manuscript": _("Manuscript"), "product": _("Product")}


# ---- taking down ----------------------------------------------------------------------------------------------------


@pages.form("/publishing/<case_id>/take-down", may=TAKES_DOWN)
def down(case_id: str) -> Any:
    """Whoever finds it among what is published needs no right to the paper itself."""
    case = find(Case, case_id)
    _check_published(case)
    back = f"/news/{case.id}" if published_one(case.id) else f"/shop/news/{case.id}"
    form = _opened(case.preparer_id)
    if request.method == "POST" and form.validate():
        try:
            steps.take(me(), case.id, "take_down", given=form.given())
            tell(_("%(title)s was taken down.", title=case.title))
            return go("publishing.news")
        except (NotYours, NotThere):
            raise
        except Refused as refusal:
            form.say(refusal.why, refusal.field if isinstance(refusal, Mistyped) else None)
            return _down(form, case.title, back, refusal.status)
    return _down(form, case.title, back)


def _check_published(case: Case) -> None:
    if case.kind != MANUSCRIPT.name:
        raise NotThere()
    if published_one(case.id, ANYWHERE):
        return
    if not access.may_read(my_posts(), case):
        raise NotThere()
    if case.state != "published":
        raise Refused(_("It is not published."))


@pages.form("/publishing/products/<product_id>/take-down", may=TAKES_DOWN)
def product_down(product_id: str) -> Any:
    """The product leaves the shelf at once; it comes back only by a request."""
    product = find(Product, product_id)
    if product.up_at is None:
        raise Refused(_("%(product)s does not stand on the shelf.", product=product.item.code))
    back = f"/products/{product.id}" if SEES.allows(my_posts()) else f"/shop/products/{product.id}"
    form = _opened(product.checked_by_id)
    if request.method == "POST" and form.validate():
        try:
            take_down_product(me(), product.id, form.given())
            tell(_("%(title)s was taken down.", title=product.item.called))
            return go("publishing.down_index")
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
            return _down(form, product.item.called, back, refusal.status)
    return _down(form, product.item.called, back)


def _opened(responsible: int | None) -> DownForm:
    form = filled(DownForm)
    if request.method == "GET":
        form.responsible.data = responsible
    return form


def _down(form: DownForm, title: Any, back: str, status: int = 0) -> Any:
    return page("publishing/take_down.html", status or (422 if form.errors else 200), form=form, title=title, back=back)


# ---- what was taken down --------------------------------------------------------------------------------------------


@pages.get("/publishing/take-downs", may=SEES_TAKE_DOWNS)
def down_index() -> Any:
    """What was taken down; and for those who may, what stands published now and can be."""
    rows = take_downs(page_key())
    return page(
        "publishing/take_downs.html",
        rows=rows[:PAGE],
        things=THINGS,
        standing=standing() if TAKES_DOWN.allows(my_posts()) and not page_key() else [],
        kinds=KINDS,
        older=with_filters(before=rows[PAGE - 1].id) if len(rows) > PAGE else "",
        newest=with_filters() if page_key() else "",
    )


@pages.get("/publishing/take-downs/<number>", may=SEES_TAKE_DOWNS)
def down_of(number: str) -> Any:
    """The record of a take-down, with what stood there."""
    kept = find(TakeDown, number)
    told = data_from_json(kept.snapshot)
    return page("publishing/take_down_of.html", kept=kept, told=told, things=THINGS)


# ---- the log of the site --------------------------------------------------------------------------------------------


@pages.get("/publishing/upkeep", may=SEES_UPKEEP)
def upkeep_index() -> Any:
    part = asked("part", PARTS)
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("site-log", _COLUMNS, map(_cells, every_entry(part)), kind, languages.here))
    return _upkeep(UpkeepForm(formdata=None), part)


@pages.post("/publishing/upkeep", may=KEEPS_UP)
def upkeep_write() -> Any:
    form = filled(UpkeepForm)
    if form.validate():
        try:
            write_upkeep(me(), form.done_on.data, form.part.data, form.text.data, form_key(form.token.data))
            tell(_("Written down."))
            return go("publishing.upkeep_index")
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return _upkeep(form, "", 422)


def _upkeep(form: UpkeepForm, part: str, status: int = 200) -> Any:
    form.token.data = form_key(form.token.data)
    rows = upkeep(part, page_key())
    return page(
        "publishing/upkeep.html",
        status,
        form=form if KEEPS_UP.allows(my_posts()) else None,
        rows=rows[:PAGE],
        parts=PARTS,
        part=part,
        older=with_filters(before=rows[PAGE - 1].id) if len(rows) > PAGE else "",
        newest=with_filters() if page_key() else "",
    )


_COLUMNS: list[Words] = [_("Day"), _("Part of the site"), _("What was done to the site"), _("Who"), _("Written down")]


def _cells(row: Kept) -> list[Any]:
    return [row.done_on, PARTS[row.part], row.text, languages.here(row.by), row.at]
