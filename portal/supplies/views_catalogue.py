"""Pages of the catalogue: what may be wished for, and how the office keeps it."""

from __future__ import annotations

from typing import Any

from flask import Response, request, send_file

from portal import attachments, exports, languages
from portal.access import (
    any_of,
    chief_accountant,
    dept_manager,
    everyone,
    exec_in_charge,
    gm,
    office_clerk,
    office_manager,
    supplies_custodian,
    warehouse,
)
from portal.attachments import PURPOSES, Attachment
from portal.fields import clean
from portal.refused import Mistyped, NotThere
from portal.stock.models import Item, ItemCategory
from portal.stock.rules import add_category, change_category
from portal.supplies.forms_catalogue import ItemCategoryForm, ItemForm
from portal.supplies.models_catalogue import Entry, catalogue, categories, entry_of, limit_of, this_month
from portal.supplies.rules_catalogue import (
    KEEPS,
    add_supply,
    change_supply,
    only_the_office,
    put_picture,
    take_picture_off,
)
from portal.supplies.rules_imports import COLUMNS, EXPORTED
from portal.web import NAVIGATION, Link, Pages, asked, filled, find, go, me, my_posts, page, sent, tell, with_filters
from portal.words import Words, _

pages = Pages("supplies")
SUPPLIES = _("Office supplies")
SEES_STOCK = any_of(
    office_clerk, office_manager, supplies_custodian, dept_manager, warehouse, chief_accountant, gm, exec_in_charge
)
PAGE = 50
NAVIGATION.append(Link(_("Catalogue"), "supplies.shelf", "book-open", SUPPLIES))


# ---- the catalogue --------------------------------------------------------------------------------------------------


@pages.get("/supplies/catalogue", may=everyone)
def shelf() -> Any:
    """Every item in use; whoever keeps the catalogue may look at the others too."""
    keeps = KEEPS.allows(my_posts())
    state = asked("state", ("", "unused", "all")) if keeps else ""
    chosen = categories(None if keeps else True)
    category = asked("category", [str(each.id) for each in chosen])
    told: dict[str, Any] = {
        "wanted": clean(request.args.get("q"))[:100],
        "category_id": int(category) if category else None,
        "active": {"": True, "unused": False, "all": None}[state],
    }
    if kind := asked("export", ("csv", "xlsx")):
        columns = [COLUMNS[field] for field in EXPORTED]
        return sent(exports.table("catalogue", columns, map(_cells, catalogue(**told)), kind, languages.here))
    found = catalogue(**told, after=clean(request.args.get("after"))[:40], limit=PAGE + 1)
    return page(
        "supplies/catalogue.html",
        rows=found[:PAGE],
        older=with_filters(after=found[PAGE - 1].code) if len(found) > PAGE else "",
        newest=with_filters() if "after" in request.args else "",
        words=told["wanted"],
        categories=[(str(each.id), languages.here(each.called)) for each in chosen],
        category=category,
        state=state,
        keeps=keeps,
        is_narrowed=bool(told["wanted"] or category or state),
    )


def _cells(entry: Entry) -> list[Any]:
    """As an import reads them back: company text in Chinese, which every item has."""
    return [
        entry.code, entry.called.name, entry.called.name_en, entry.category.name, entry.specification, entry.unit,
        entry.purchase_unit, entry.per_purchase, entry.place, entry.reorder_level, _("Yes") if entry.active else _("No"),
    ]  # fmt: skip


@pages.get("/supplies/catalogue/<item_id>", may=everyone)
def item(item_id: str) -> Any:
    return _item_page(_entry(item_id))


def _item_page(entry: Entry, why: Words | None = None) -> Any:
    mine = me().department
    return page(
        "supplies/item.html",
        422 if why else 200,
        why=why,
        entry=entry,
        keeps=KEEPS.allows(my_posts()),
        sees_stock=SEES_STOCK.allows(my_posts()),
        department=mine,
        limit=limit_of(mine.id, [entry.id], this_month())[entry.id],
        largest=PURPOSES["picture"].largest_bytes(),
        extensions=",".join(PURPOSES["picture"].extensions),
    )


def _entry(item_id: str) -> Entry:
    entry = entry_of(find(Item, item_id).id)
    if entry is None:
        raise NotThere()
    return entry


@pages.form("/supplies/catalogue/new", may=KEEPS)
def new_item() -> Any:
    form = filled(ItemForm)
    if request.method == "POST" and form.validate():
        try:
            made = add_supply(me(), form.code.data, form.described())
            tell(_("%(name)s was added.", name=made.called))
            return go("supplies.item", item_id=made.id)
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return page("supplies/item_form.html", _status(form), form=form, entry=None)


@pages.form("/supplies/catalogue/<item_id>/edit", may=KEEPS)
def edit_item(item_id: str) -> Any:
    entry = _entry(item_id)
    form = filled(ItemForm)
    if request.method == "GET":
        form.show(entry)
    form.code.data = entry.code
    if request.method == "POST" and form.validate():
        try:
            change_supply(me(), entry.id, form.described(), form.shown())
            tell(_("Saved."))
            return go("supplies.item", item_id=entry.id)
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return page("supplies/item_form.html", _status(form), form=form, entry=entry)


def _status(form: Any) -> int:
    return 422 if request.method == "POST" else 200


# ---- pictures -------------------------------------------------------------------------------------------------------


@pages.get("/supplies/pictures/<file_id>", may=everyone)
def picture(file_id: str) -> Response:
    """The picture of an item, for everybody: the catalogue is."""
    kept = find(Attachment, file_id)
    if kept.thing != "item" or kept.purpose != "picture" or kept.removed_at is not None:
        raise NotThere()
    answer = send_file(attachments.path_of(kept), mimetype=kept.type, download_name=kept.name, etag=False)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


@pages.post("/supplies/catalogue/<item_id>/picture", may=KEEPS)
def change_picture(item_id: str) -> Any:
    """Puts another picture on the item, or with `take_off` none."""
    entry = _entry(item_id)
    found, file = find(Item, entry.id), request.files.get("file")
    try:
        if "take_off" in request.form:
            take_picture_off(me(), found)
        elif file is None or not file.filename:
            raise Mistyped(_("Choose a file first."), "file")
        else:
            put_picture(me(), found, file.filename, file.stream)  # type: ignore[arg-type]
    except Mistyped as refusal:
        return _item_page(entry, refusal.why)
    tell(_("Saved."))
    return go("supplies.item", item_id=entry.id)


# ---- categories -----------------------------------------------------------------------------------------------------


@pages.form("/supplies/categories", may=KEEPS)
def item_categories() -> Any:
    form = filled(ItemCategoryForm)
    if request.method == "POST" and form.validate():
        try:
            only_the_office(me())
            add_category(me(), "supply", form.name.data, form.name_en.data)
            tell(_("%(name)s was added.", name=form.name.data))
            return go("supplies.item_categories")
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return page("supplies/categories.html", _status(form), form=form, rows=categories(None))


@pages.form("/supplies/categories/<category_id>", may=KEEPS)
def item_category(category_id: str) -> Any:
    found = find(ItemCategory, category_id)
    if found.kind != "supply":
        raise NotThere()
    form = filled(ItemCategoryForm, obj=found)
    if request.method == "POST" and form.validate():
        try:
            only_the_office(me())
            change_category(me(), found.id, form.name.data, form.name_en.data, bool(form.active.data), form.shown())
            tell(_("Saved."))
            return go("supplies.item_categories")
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return page("supplies/category.html", _status(form), form=form, category=found)
