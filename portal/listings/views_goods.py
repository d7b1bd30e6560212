"""Pages of the warehouse: what came and went, and the stock file."""

from __future__ import annotations

import json
import secrets
from functools import partial
from typing import Any, BinaryIO, cast

from flask import request

from portal import imports, kinds, languages
from portal.access import any_of, warehouse
from portal.cases import Case
from portal.fields import clean, form_key
from portal.imports import Row
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.listings.forms_goods import NoteForm
from portal.listings.forms_prices import ShopFileForm
from portal.listings.models_goods import WAYS, lines_moved
from portal.listings.rules_goods import KEEPS, NOTE, bring_stock, days_overdue
from portal.listings.rules_stock_files import STOCK_COLUMNS, STOCK_FOREIGN, preview_stock
from portal.listings.views_shop import lines_of, pages
from portal.persons import LANGUAGES, Person
from portal.refused import Mistyped, NotYours, Refused
from portal.stock.rules import hidden_from
from portal.web import filled, go_to, me, page, tell
from portal.words import Words, _

WORKING_LISTS.append(WorkingList(_("Warehouse notes to book"), "goods_note", "draft", any_of(warehouse), "truck"))


def note_body(case: Case, person: Person) -> dict[str, Any]:
    return lines_of(partial(lines_moved, case.id, case.version)) | {"hidden": hidden_from(person), "ways": WAYS}


kinds.register(
    Kind(
        flow=NOTE,
        form=NoteForm,
        folder="listings",
        new=_("Write a warehouse note"),
        about=_("What the warehouse took in or gave out of products; booked at once."),
        may_start=KEEPS,
        extra=note_body,
        tone="blue",
        why_not=lambda person: _("Only the warehouse books what comes and goes."),
    )
)


# ---- the stock file -------------------------------------------------------------------------------------------------


@pages.form("/products/stock", may=KEEPS)
def stock_file() -> Any:
    """SKU and quantity as a table: what would change is shown before it is booked."""
    form = filled(ShopFileForm)
    if request.method == "GET":
        return page("listings/stock_file.html", form=form, overdue=days_overdue())
    try:
        rows = _read()
    except Mistyped as refusal:
        form.say(refusal.why, refusal.field)
        return page("listings/stock_file.html", 422, form=form, overdue=days_overdue())
    return _preview(rows, request.files["file"].filename or "")


def _read() -> list[Row]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Mistyped(_("Choose a file first."), "file")
    headings = STOCK_FOREIGN | {
        languages.say(words, language): field for language in LANGUAGES for field, words in STOCK_COLUMNS.items()
    }
    return imports.read(file.filename, cast(BinaryIO, file.stream), headings, STOCK_COLUMNS)


def _preview(rows: list[Row], name: str, why: Words | None = None) -> Any:
    differing, unchanged, errors = preview_stock(rows)
    return page(
        "listings/stock_preview.html",
        409 if why else 422 if errors else 200,
        rows=differing[:500],
        hidden=hidden_from(me()),
        whole=len(differing),
        unchanged=unchanged,
        errors=errors,
        columns=STOCK_COLUMNS,
        sold_out=sum(each.after == 0 for each in differing),
        name=name,
        why=why,
        kept=json.dumps([[row.number, row.values] for row in rows], ensure_ascii=False),
        token=secrets.token_urlsafe(18),
    )


@pages.post("/products/stock/confirm", may=KEEPS)
def confirm_stock() -> Any:
    """What was looked at is read once more; nothing that comes back from the browser is believed."""
    name, rows = clean(request.form.get("name"))[:80], imports.carried(request.form.get("rows", ""), STOCK_COLUMNS)
    differing, _unchanged, errors = preview_stock(rows)
    token = form_key(request.form.get("token"))
    try:
        if errors or not (differing or Case.find("token = ?", token)):
            return _preview(rows, name)
        case = Case.find("token = ?", token) or bring_stock(me(), ((each.product, each.after) for each in differing), token, name)
    except NotYours:
        raise
    except Refused as refusal:
        return _preview(rows, name, refusal.why)
    tell(_("%(number)s is booked.", number=case.number or ""))
    return go_to(f"/papers/{case.id}")
