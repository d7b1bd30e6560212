"""Products brought as a file: chosen, looked at with every difference and mistake, and confirmed as one proposal."""

from __future__ import annotations

import secrets
from typing import Any, BinaryIO, cast

from flask import request

from portal import clock, exports, imports, languages
from portal.access import planner
from portal.fields import clean, form_key
from portal.imports import Row
from portal.listings import rules_imports
from portal.listings.forms_prices import ShopFileForm
from portal.listings.rules_imports import CARRIED, FOREIGN, LONG, NEEDED, READ, bring
from portal.listings.rules_products import ENTERS
from portal.listings.views_shop import pages
from portal.persons import LANGUAGES
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.web import filled, go_to, holds, me, page, sent, tell
from portal.words import Words, _, _n


@pages.get("/products/import/template/<kind>", may=ENTERS)
def product_template(kind: str) -> Any:
    """A table with the headings in the reader's language and one line as an example."""
    if kind not in ("csv", "xlsx"):
        raise NotThere()
    example = {
        "code": "CUP-01", "name": "马克杯", "name_en": "Mug", "category": "家居", "brand": "Songhe", "description": "350 ml",
        "season": "", "unit": "件", "place": "A-1", "cost": "12.00", "own": "39.00",
    }  # fmt: skip
    row = [example.get(name, "") for name in READ]
    return sent(exports.table("products-template", list(READ.values()), [row], kind, languages.here))


@pages.form("/products/import", may=ENTERS)
def import_products() -> Any:
    form = filled(ShopFileForm)
    if request.method == "GET":
        return page("listings/import.html", form=form, columns=READ, needed=NEEDED)
    try:
        rows, unread = _read()
        return _preview(rows, request.files["file"].filename or "", unread=unread)
    except Mistyped as refusal:
        form.say(refusal.why, refusal.field)
        return page("listings/import.html", 422, form=form, columns=READ, needed=NEEDED)


def _read() -> tuple[list[Row], list[str]]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Mistyped(_("Choose a file first."), "file")
    unread: list[str] = []
    headings = FOREIGN | {languages.say(words, language): field for language in LANGUAGES for field, words in READ.items()}
    return imports.read(file.filename, cast(BinaryIO, file.stream), headings, NEEDED, unread, LONG), unread


def _preview(rows: list[Row], name: str, why: Words | None = None, unread: list[str] | None = None) -> Any:
    found = rules_imports.preview(me(), rows)
    return page(
        "listings/import_preview.html",
        409 if why else 422 if found.errors else 200,
        found=found,
        shown=found.differences[:300],
        columns=READ,
        name=name,
        why=why,
        left_out=unread or [],
        may_price=holds(planner),
        title=request.form.get("title") or languages.here(_("Prices of %(day)s", day=clock.today())),
        reason=request.form.get("reason", ""),
        note=request.form.get("note", ""),
        leave_out="leave_out" in request.form,
        kept=imports.packed(name, rows),
        token=secrets.token_urlsafe(18),
    )


@pages.post("/products/import/confirm", may=ENTERS)
def confirm_products() -> Any:
    """What was looked at is read and looked at once more: nothing that comes back from the browser is believed."""
    name, rows = clean(request.form.get("name"))[:120], imports.carried(request.form.get("rows", ""), CARRIED, LONG)
    title, reason, note = (clean(request.form.get(field), lines=field != "title") for field in ("title", "reason", "note"))
    try:
        token, leave_out = form_key(request.form.get("token")), "leave_out" in request.form
        done = bring(me(), rows, title[:120], reason[:1000], note[:2000], token, leave_out)
    except NotYours:
        raise
    except Refused as refusal:
        return _preview(rows, name, refusal.why)
    if done.new:
        tell(_n("%(n)s new product.", "%(n)s new products.", n=done.new))
    if done.changed:
        tell(_n("%(n)s product changed.", "%(n)s products changed.", n=done.changed))
    return go_to(f"/papers/{done.proposal.id}" if done.proposal else "/products")
