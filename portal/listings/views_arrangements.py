"""Pages on which the specialist arranges the shop, and the list on which the planner looks at it afterwards (SHF-11, SHF-17)."""

from __future__ import annotations

from typing import Any

from flask import request

from portal.fields import clean
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.listings.forms_products import ShopCategoryForm, ids_of, whole
from portal.listings.models import SEES, Product
from portal.listings.models_arrangements import PAGE, offered_categories, reviewed, shop_categories, to_review, waiting
from portal.listings.models_products import Sought, found, key_of
from portal.listings.rules_arrangements import (
    ARRANGES,
    LAST_PLACE,
    MOST_NOTE,
    REVIEWS,
    add_category,
    archive,
    change_category,
    move_to,
    place,
    restore,
    review,
    why_not_archived,
)
from portal.listings.views_products import find_listed, status
from portal.listings.views_register import sought_in
from portal.listings.views_shop import SHOP, pages
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.stock.models import ItemCategory
from portal.web import (
    NAVIGATION,
    Link,
    asked,
    filled,
    find,
    go,
    go_to,
    me,
    my_posts,
    page,
    page_key,
    tell,
    with_filters,
    with_query,
)
from portal.words import Words, _, _n

NAVIGATION += [
    Link(_("Order in the shop"), "listings.order", "arrow-up-down", SHOP, place=77),
    Link(_("Categories of the shop"), "listings.categories", "list", SHOP, place=78),
    Link(_("How the shop is arranged"), "listings.arrangements", "eye", SHOP, place=79),
]
WORKING_LISTS.append(WorkingList(_("Changes in the shop to look at"), "", "", REVIEWS, "eye", "/products/arrangements", waiting))


# ---- one product ----------------------------------------------------------------------------------------------------


@pages.get("/products/<product_id>/arrange", may=ARRANGES)
def arrange(product_id: str) -> Any:
    """In which category a product stands, and whether it is kept in the archive."""
    return _arrange_page(find(Product, product_id))


def _arrange_page(kept: Product, why: Words | None = None, code: int = 200) -> Any:
    return page(
        "listings/arrange.html",
        code,
        row=find_listed(kept.id),
        why=why,
        categories=offered_categories(),
        why_not_archived=None if kept.is_archived else why_not_archived(kept),
    )


@pages.post("/products/<product_id>/category", may=ARRANGES)
def change_product_category(product_id: str) -> Any:
    kept = find(Product, product_id)
    try:
        move_to(me(), kept.id, whole(request.form.get("category")), whole(request.form.get("before")))
    except Mistyped as refusal:
        return _arrange_page(kept, refusal.why, 422)
    tell(_("Saved."))
    return go("listings.product", product_id=kept.id)


@pages.post("/products/<product_id>/archive", may=ARRANGES)
def archive_product(product_id: str) -> Any:
    """Into the archive, or with `restore` out of it."""
    kept = find(Product, product_id)
    try:
        if "restore" in request.form:
            restore(me(), kept.id)
        else:
            archive(me(), kept.id)
    except (NotThere, NotYours):
        raise
    except Refused as refusal:
        return _arrange_page(kept, refusal.why, refusal.status)
    tell(_("It is out of the archive.") if "restore" in request.form else _("It is archived; nothing of it is erased."))
    return go("listings.product", product_id=kept.id)


# ---- the order in the shop ------------------------------------------------------------------------------------------


@pages.form("/products/order", may=ARRANGES)
def order() -> Any:
    """The products of a category in the order of the shop, each with its place as a number: lower ones stand first."""
    if request.method == "POST":
        return _placed()
    return _order_page({}, {})


def _placed() -> Any:
    typed = {each: clean(request.form.get(f"place-{each}"))[:10] for each in ids_of(request.form.getlist("product"))}
    places = {each: (whole(request.form.get(f"before-{each}")), whole(text)) for each, text in typed.items()}
    try:
        moved = place(me(), places)
    except Mistyped as refusal:
        return _order_page(typed, {refusal.field: refusal.why}, 422)
    tell(_n("%(n)s product has another place now.", "%(n)s products have another place now.", n=moved))
    return go_to(with_query("/products/order", dict(request.args)))


def _order_page(typed: dict[int, str], wrong: dict[str | None, Words], code: int = 200) -> Any:
    asked_for = sought_in(request.args)
    sought = Sought(category=asked_for.category, after=asked_for.after)
    rows = found(sought, my_posts())
    return page(
        "listings/order.html",
        code,
        rows=rows[:PAGE],
        typed=typed,
        wrong=wrong,
        last=LAST_PLACE,
        categories=shop_categories(),
        category=sought.category,
        older=with_filters(after=key_of(rows[PAGE - 1], "shop")) if len(rows) > PAGE else "",
        newest=with_filters() if sought.after else "",
    )


# ---- categories -----------------------------------------------------------------------------------------------------


@pages.form("/products/categories", may=ARRANGES)
def categories() -> Any:
    form = filled(ShopCategoryForm)
    if request.method == "POST" and form.validate():
        try:
            made = add_category(me(), form.name.data or "", form.name_en.data or "")
            tell(_("%(name)s was added.", name=made.called))
            return go("listings.categories")
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return page("listings/categories.html", status(), form=form, rows=shop_categories())


@pages.form("/products/categories/<category_id>", may=ARRANGES)
def category(category_id: str) -> Any:
    kept = find(ItemCategory, category_id)
    if kept.kind != "product":
        raise NotThere()
    form = filled(ShopCategoryForm, obj=kept)
    if request.method == "POST" and form.validate():
        try:
            change_category(
                me(), kept.id, form.name.data or "", form.name_en.data or "", bool(form.active.data), whole(form.events.data)
            )
            tell(_("Saved."))
            return go("listings.categories")
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return page("listings/category.html", status(), form=form, category=kept)


# ---- looked at afterwards -------------------------------------------------------------------------------------------


@pages.get("/products/arrangements", may=SEES)
def arrangements() -> Any:
    """What was changed and nobody looked at yet; with `past` what was looked at."""
    return _arrangements()


def _arrangements(why: Words | None = None) -> Any:
    is_past = asked("tab", ("past",)) == "past"
    rows = reviewed(page_key()) if is_past else to_review(page_key("after"))
    following = {"before" if is_past else "after": rows[PAGE - 1].id} if len(rows) > PAGE else None
    return page(
        "listings/arrangements.html",
        422 if why else 200,
        why=why,
        rows=rows[:PAGE],
        is_past=is_past,
        open=waiting(),
        may_review=REVIEWS.allows(my_posts()),
        me_id=me().id,
        most=MOST_NOTE,
        older=with_filters(**following) if following else "",
        newest=with_filters() if {"before", "after"} & request.args.keys() else "",
    )


@pages.post("/products/arrangements", may=REVIEWS)
def look_at() -> Any:
    chosen = ids_of(request.form.getlist("arrangement"))
    try:
        if not chosen:
            raise Mistyped(_("Tick a change first."), "arrangement")
        seen = review(me(), chosen, clean(request.form.get("note")))
    except Mistyped as refusal:
        return _arrangements(refusal.why)
    tell(_n("You looked at %(n)s change.", "You looked at %(n)s changes.", n=seen))
    return go("listings.arrangements")
