"""A product's own page and what is written there: how it is entered, its marks, and what other parts of the shop show of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from flask import Response, request, send_file

from portal import db, thumbnails
from portal.attachments import Attachment
from portal.fields import form_key
from portal.flow import FLOWS
from portal.listings.forms_products import MarksForm, ProductForm, whole
from portal.listings.models import COSTS, PRICES, SEASONS, SEES, Product
from portal.listings.models_contents import told, versions
from portal.listings.models_products import Listed, Paper, listed, open_papers, reasons
from portal.listings.models_shelf import readiness
from portal.listings.rules_products import DRAWS, ENTERS, VOUCHES, add_product, change_product, vouch
from portal.listings.rules_shelf import ASKS
from portal.listings.views_shop import pages
from portal.refused import Mistyped, NotThere
from portal.stock.rules import hidden_from
from portal.timeline import standing
from portal.web import filled, find, go, key, me, my_posts, page, page_key, tell, with_filters
from portal.words import Words, _


class Part(NamedTuple):
    """What another part of the shop shows on a product's page: a template with what it needs."""

    template: str
    values: dict[str, Any]


class Button(NamedTuple):
    """A link at the head of a product's page."""

    label: Words
    href: str
    icon: str


PARTS: list[Callable[[Listed], Iterable[Part]]] = []
BUTTONS: list[Callable[[Listed], Iterable[Button]]] = []


# ---- a new one ------------------------------------------------------------------------------------------------------


@pages.form("/products/new", may=ENTERS)
def new_product() -> Any:
    form = filled(ProductForm)
    if not COSTS.allows(my_posts()):
        del form.cost
    if request.method == "GET":
        form.token.data = secrets.token_urlsafe(18)
    elif form.validate():
        try:
            made = add_product(
                me(), form.code.data or "", form.category.data or 0, form.texts(), form.cost.data if "cost" in form else None,
                form.unit.data or "", form.place.data or "", form_key(form.token.data),
            )  # fmt: skip
            tell(_("%(name)s was added.", name=made.item.called))
            return go("listings.product", product_id=made.id)
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return page("listings/new.html", status(), form=form)


def status() -> int:
    return 422 if request.method == "POST" else 200


# ---- its page -------------------------------------------------------------------------------------------------------


@pages.get("/products/<product_id>", may=SEES)
def product(product_id: str) -> Any:
    return product_page(product_id)


def find_listed(product_id: str | int) -> Listed:
    """The product of that id, as lists show it. Raises NotThere."""
    found = listed(key(product_id))
    if found is None:
        raise NotThere()
    return found


def product_page(product_id: str | int, form: MarksForm | None = None, code: int = 200) -> Any:
    """The page of a product; with its marks as they were typed, where something is to be corrected."""
    with db.remembering():
        shown = _shown(find_listed(product_id))
    return page("listings/product.html", code, form=form or _marks(shown["row"]), is_wrong=form is not None, **shown)


def _marks(row: Listed) -> MarksForm:
    marks = {"season": row.season, "is_main": row.is_main, "cost": row.cost_money, "place": row.place}
    return MarksForm(formdata=None, events=str(row.events), **marks)


def _shown(row: Listed) -> dict[str, Any]:
    posts, texts = my_posts(), versions(row.id, [row.version, row.shown_version])
    parts = [part for shown in PARTS for part in shown(row)]
    history = [each for _n, each in told(row.id, COSTS.allows(posts), limit=20)]
    named = [row.price.case, *(case for _gift, case in row.price.gifts), *(each.case for each in history)]
    return {
        "row": row,
        "newest": texts[row.version],
        "shown": texts.get(row.shown_version or 0),
        "reason": reasons(named, posts),
        "is_hidden": row.item in hidden_from(me()),
        "ready": readiness([row.id])[row.id],
        "papers": [(each, *_standing(each)) for each in open_papers(row.id, posts)],
        "history": history,
        "seasons": SEASONS,
        "parts": parts,
        "buttons": [button for shown in BUTTONS for button in shown(row)],
        **{name: value for part in parts for name, value in part.values.items()},
        **_rights(row, posts),
    }


def _rights(row: Listed, posts: dict[str, bool]) -> dict[str, Any]:
    """What this person may do here."""
    return {
        "sees_costs": COSTS.allows(posts),
        "sees_prices": PRICES.allows(posts),
        "may_ask_back": ASKS.allows(posts) and row.off_kind != "" and not row.is_archived and not row.request,
        "may_write": DRAWS.allows(posts) and not row.is_archived,
        "may_mark": ENTERS.allows(posts) and not row.is_archived,
        "may_vouch": VOUCHES.allows(posts) and not row.is_archived and not row.is_vouched,
    }


def _standing(paper: Paper) -> tuple[Words, Words, str]:
    """Which kind of paper it is, how it stands, and the tone of that."""
    flow = FLOWS[paper.kind]
    return flow.label, *standing(flow, flow.states[paper.state], bool(paper.number), False)


@pages.get("/products/<product_id>/history", may=SEES)
def all_history(product_id: str) -> Any:
    row = find_listed(product_id)
    found = told(row.id, COSTS.allows(my_posts()), page_key())
    history = [each for _n, each in found[:50]]
    return page(
        "listings/history.html",
        row=row,
        history=history,
        reason=reasons((each.case for each in history), my_posts()),
        older=with_filters(before=found[49][0]) if len(found) > 50 else "",
        newest=with_filters() if "before" in request.args else "",
    )


# ---- marks ----------------------------------------------------------------------------------------------------------


@pages.post("/products/<product_id>/marks", may=ENTERS)
def mark(product_id: str) -> Any:
    kept, form = find(Product, product_id), filled(MarksForm)
    if form.validate():
        try:
            change_product(me(), kept.id, whole(form.events.data), **form.changed(COSTS.allows(my_posts())))
            tell(_("Saved."))
            return go("listings.product", product_id=kept.id)
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return product_page(kept.id, form, 422)


@pages.post("/products/<product_id>/vouch", may=VOUCHES)
def vouch_for_it(product_id: str) -> Any:
    """Somebody read the version shown and answers for it with the own name."""
    kept = find(Product, product_id)
    vouch(me(), kept.id, whole(request.form.get("version")))
    tell(_("You vouched for version %(n)s.", n=whole(request.form.get("version"))))
    return go("listings.product", product_id=kept.id)


# ---- small pictures -------------------------------------------------------------------------------------------------


@pages.get("/products/pictures/<file_id>", may=SEES)
def small_picture(file_id: str) -> Response:
    """The small size of a picture, for who may see the register; its content never changes, so it may be kept for a day."""
    kept = find(Attachment, file_id)
    if kept.thing != "product" or not kept.type.startswith("image/") or kept.removed_at is not None:
        raise NotThere()
    answer = send_file(thumbnails.of(kept), mimetype=thumbnails.TYPE, etag=False)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer
