"""The catalogue and the limits brought as files: chosen, looked at with every difference and mistake, and confirmed."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any, BinaryIO, cast

from flask import Response, request

from portal import exports, imports, languages
from portal.fields import clean, form_key
from portal.imports import Row
from portal.persons import LANGUAGES
from portal.refused import Mistyped, NotThere, Refused
from portal.supplies import rules_imports
from portal.supplies.forms_catalogue import ImportForm, LimitImportForm
from portal.supplies.models_catalogue import first_of, this_month
from portal.supplies.rules_catalogue import KEEPS
from portal.supplies.rules_imports import ALSO_CALLED, COLUMNS, LIMIT_COLUMNS, LIMIT_NEEDED, NEEDED, bring, bring_limits
from portal.supplies.rules_limits import PROPOSES, months_to_choose
from portal.supplies.views_catalogue import pages
from portal.web import filled, go, go_to, me, page, sent, tell
from portal.words import Words, _


def _read(columns: dict[str, Words], needed: tuple[str, ...], also: dict[str, tuple[str, ...]]) -> list[Row]:
    """The rows of the file; a heading is understood in every language, and as people head their own tables."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Mistyped(_("Choose a file first."), "file")
    headings = {word: field for field, words in also.items() for word in words}
    headings |= {languages.say(words, language): field for language in LANGUAGES for field, words in columns.items()}
    return imports.read(file.filename, cast(BinaryIO, file.stream), headings, needed)


def _kept(rows: list[Row]) -> dict[str, str]:
    """What the preview carries to its confirmation."""
    carried = json.dumps([[row.number, row.values] for row in rows], ensure_ascii=False)
    return {"kept": carried, "token": secrets.token_urlsafe(18)}


def _status(found: Any, why: Words | None) -> int:
    return 409 if why else 422 if found.errors else 200


# ---- the catalogue --------------------------------------------------------------------------------------------------


@pages.get("/supplies/import/template/<kind>", may=KEEPS)
def catalogue_template(kind: str) -> Response:
    """A table with the headings in the reader's language and one line as an example."""
    if kind not in ("csv", "xlsx"):
        raise NotThere()
    example = ["PEN-05", "签字笔", "Gel pen", "文具", "0.5 mm", "支", "盒", 12, "A-1", 24, _("Yes"), 36]
    return sent(exports.table("catalogue-template", list(COLUMNS.values()), [example], kind, languages.here))


@pages.form("/supplies/import", may=KEEPS)
def import_catalogue() -> Any:
    form = filled(ImportForm)
    if request.method == "GET":
        return page("supplies/import.html", form=form, columns=COLUMNS, needed=NEEDED)
    try:
        rows = _read(COLUMNS, NEEDED, ALSO_CALLED)
    except Mistyped as refusal:
        form.say(refusal.why, refusal.field)
        return page("supplies/import.html", 422, form=form, columns=COLUMNS, needed=NEEDED)
    return _preview(rows, request.files["file"].filename or "")


def _preview(rows: list[Row], name: str, why: Words | None = None) -> Any:
    found = rules_imports.preview(rows)
    return page(
        "supplies/import_preview.html", _status(found, why), found=found, name=name, why=why, columns=COLUMNS, **_kept(rows)
    )


@pages.post("/supplies/import/confirm", may=KEEPS)
def confirm_catalogue() -> Any:
    """What was looked at is read and looked at once more: nothing that comes back from the browser is believed."""
    name, rows = clean(request.form.get("name"))[:120], imports.carried(request.form.get("rows", ""), COLUMNS)
    try:
        found, case = bring(me(), languages.here(_("Opening stock")), rows, form_key(request.form.get("token")))
    except Refused as refusal:
        if refusal.status == 403:
            raise
        return _preview(rows, name, refusal.why)
    tell(
        _(
            "The catalogue has %(new)s new items; %(changed)s were changed.",
            new=found.count("new"),
            changed=found.count("changed"),
        )
    )
    if case is None:
        return go("supplies.shelf")
    tell(_("%(number)s with the opening stock waits for the manager of the office.", number=case.number or ""))
    return go_to(f"/papers/{case.id}")


# ---- limits ---------------------------------------------------------------------------------------------------------


@pages.form("/supplies/limits/import", may=PROPOSES)
def import_limits() -> Any:
    form = filled(LimitImportForm)
    if request.method == "GET":
        form.since.data = this_month()
        return page("supplies/limits_import.html", form=form)
    try:
        rows = _read(LIMIT_COLUMNS, LIMIT_NEEDED, {})
    except Mistyped as refusal:
        form.say(refusal.why, refusal.field)
        return page("supplies/limits_import.html", 422, form=form)
    return _preview_limits(rows, form.month(), request.files["file"].filename or "")


def _preview_limits(rows: list[Row], since: int, name: str, why: Words | None = None) -> Any:
    found = rules_imports.preview_limits(rows, since)
    month = f"{first_of(since):%Y-%m}"
    return page(
        "supplies/limits_preview.html", _status(found, why), found=found, name=name, why=why, month=month,
        columns=LIMIT_COLUMNS, **_kept(rows),
    )  # fmt: skip


@pages.post("/supplies/limits/import/confirm", may=PROPOSES)
def confirm_limits() -> Any:
    name, rows = clean(request.form.get("name"))[:120], imports.carried(request.form.get("rows", ""), LIMIT_COLUMNS)
    typed = request.form.get("since", "")
    since = int(typed) if re.fullmatch(r"[0-9]{6}", typed, re.ASCII) and int(typed) in months_to_choose() else this_month()
    title = languages.here(_("Limits from %(month)s", month=f"{first_of(since):%Y-%m}"))
    try:
        case = bring_limits(me(), title, rows, since, form_key(request.form.get("token")))
    except Refused as refusal:
        if refusal.status == 403:
            raise
        return _preview_limits(rows, since, name, refusal.why)
    tell(_("%(number)s waits for the manager of the office.", number=case.number or ""))
    return go_to(f"/papers/{case.id}")
