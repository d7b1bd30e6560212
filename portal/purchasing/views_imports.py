"""Suppliers and quotes brought as files: chosen, looked at with every difference and mistake, and confirmed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO, cast

from flask import Response, request

from portal import clock, exports, imports, languages
from portal.fields import clean
from portal.imports import Row
from portal.persons import LANGUAGES, Person
from portal.purchasing.forms_suppliers import FileForm
from portal.purchasing.models_suppliers import PARTS
from portal.purchasing.rules_imports import (
    QUOTE_ALSO,
    QUOTE_COLUMNS,
    QUOTE_NEEDED,
    SUPPLIER_ALSO,
    SUPPLIER_NEEDED,
    Preview,
    bring_quotes,
    bring_suppliers,
    preview_quotes,
    preview_suppliers,
)
from portal.purchasing.views_base import BUYS, pages
from portal.refused import Mistyped, NotThere, Refused
from portal.supplies.rules_catalogue import KEEPS
from portal.web import filled, go, me, page, sent, tell
from portal.words import Words, _, _n


@dataclass(frozen=True)
class Brought:
    """A table that people bring: where its pages are, its columns, and what becomes of its rows."""

    path: str
    columns: dict[str, Words]
    needed: tuple[str, ...]
    also: dict[str, tuple[str, ...]]
    preview: Callable[[list[Row]], Preview]
    bring: Callable[[Person, list[Row]], Preview]

    def rows(self) -> list[Row]:
        """The rows of the file; a heading is understood in every language, and as people head their own tables."""
        file = request.files.get("file")
        if file is None or not file.filename:
            raise Mistyped(_("Choose a file first."), "file")
        headings = {word: field for field, words in self.also.items() for word in words}
        headings |= {languages.say(words, each): field for each in LANGUAGES for field, words in self.columns.items()}
        return imports.read(file.filename, cast(BinaryIO, file.stream), headings, self.needed)


SUPPLIERS = Brought("/purchasing/suppliers", PARTS, SUPPLIER_NEEDED, SUPPLIER_ALSO, preview_suppliers, bring_suppliers)
QUOTES = Brought("/purchasing/quotes", QUOTE_COLUMNS, QUOTE_NEEDED, QUOTE_ALSO, preview_quotes, bring_quotes)


@pages.form("/purchasing/suppliers/import", may=KEEPS)
def import_suppliers() -> Any:
    return _chosen(SUPPLIERS)


@pages.post("/purchasing/suppliers/import/confirm", may=KEEPS)
def confirm_suppliers() -> Any:
    found = _confirmed(SUPPLIERS)
    if isinstance(found, Response):
        return found
    if found.count("new"):
        tell(_n("%(n)s new supplier.", "%(n)s new suppliers.", n=found.count("new")))
    if found.count("changed"):
        tell(_n("%(n)s supplier changed.", "%(n)s suppliers changed.", n=found.count("changed")))
    return go("purchasing.supplier_list")


@pages.get("/purchasing/suppliers/import/template/<kind>", may=KEEPS)
def supplier_template(kind: str) -> Response:
    example = ["晨光文具", "王芳", "021-5555 0101", "wangfang@example.com", "上海市", "文具、纸张", "", _("Yes")]
    return _template("suppliers-template", SUPPLIERS, example, kind)


@pages.form("/purchasing/quotes/import", may=BUYS)
def import_quotes() -> Any:
    return _chosen(QUOTES)


@pages.post("/purchasing/quotes/import/confirm", may=BUYS)
def confirm_quotes() -> Any:
    found = _confirmed(QUOTES)
    if isinstance(found, Response):
        return found
    tell(_n("%(n)s quote was entered.", "%(n)s quotes were entered.", n=found.count("new")))
    return go("purchasing.quote_list")


@pages.get("/purchasing/quotes/import/template/<kind>", may=BUYS)
def quote_template(kind: str) -> Response:
    today = clock.today()
    example = ["晨光文具", "PEN-05", "18.00", "盒", 12, today, today + timedelta(90), 3, ""]
    return _template("quotes-template", QUOTES, example, kind)


def _template(name: str, brought: Brought, example: list[Any], kind: str) -> Response:
    """A table with the headings in the reader's language and one line as an example."""
    if kind not in ("csv", "xlsx"):
        raise NotThere()
    return sent(exports.table(name, list(brought.columns.values()), [example], kind, languages.here))


def _chosen(brought: Brought) -> Any:
    form = filled(FileForm)
    values = {"brought": brought, "form": form}
    if request.method == "GET":
        return page("purchasing/import.html", **values)
    try:
        rows = brought.rows()
        return _preview(brought, rows, request.files["file"].filename or "")
    except Mistyped as refusal:
        form.say(refusal.why, refusal.field)
        return page("purchasing/import.html", 422, **values)


def _confirmed(brought: Brought) -> Preview | Response:
    """What was looked at is read and looked at once more: nothing that comes back from the browser is believed."""
    name, rows = clean(request.form.get("name"))[:120], imports.carried(request.form.get("rows", ""), brought.columns)
    try:
        return brought.bring(me(), rows)
    except Refused as refusal:
        if refusal.status == 403:
            raise
        return _preview(brought, rows, name, refusal.why)


def _preview(brought: Brought, rows: list[Row], name: str, why: Words | None = None) -> Response:
    found = brought.preview(rows)
    return page(
        "purchasing/import_preview.html",
        409 if why else 422 if found.errors else 200,
        brought=brought,
        found=found,
        shown=found.differences[:300],
        columns=brought.columns,
        name=clean(name)[:120],
        why=why,
        kept=imports.packed(name, rows),
    )
