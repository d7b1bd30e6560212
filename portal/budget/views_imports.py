"""The budget brought as a file: chosen, looked at with every difference and mistake, and confirmed."""

from __future__ import annotations

import json
import secrets
from typing import Any, BinaryIO, cast

from flask import request

from portal import imports, languages
from portal.access import any_of, chief_accountant
from portal.budget.forms import ImportForm
from portal.budget.rules_imports import COLUMNS, NEEDED, Preview, bring, preview
from portal.fields import clean, form_key
from portal.imports import Row
from portal.persons import LANGUAGES
from portal.refused import Mistyped, Refused
from portal.web import Pages, filled, go_to, me, page, tell
from portal.words import _

pages = Pages("budget")
COMPILES = any_of(chief_accountant)


@pages.form("/budget/import", may=COMPILES)
def bring_file() -> Any:
    form = filled(ImportForm)
    if request.method == "GET":
        return page("budget/import.html", form=form)
    try:
        rows = _read()
    except Mistyped as refusal:
        form.say(refusal.why, refusal.field)
        return page("budget/import.html", 422, form=form)
    return _preview(rows, request.files["file"].filename or "")


def _read() -> list[Row]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Mistyped(_("Choose a file first."), "file")
    return imports.read(file.filename, cast(BinaryIO, file.stream), headings(), NEEDED)


def headings() -> dict[str, str]:
    """Every heading an import understands, in all languages: heading -> field."""
    return {languages.say(words, language): field for language in LANGUAGES for field, words in COLUMNS.items()}


def _preview(rows: list[Row], name: str, why: Any = None) -> Any:
    found = preview(rows)
    kept = json.dumps([[row.number, row.values] for row in rows], ensure_ascii=False)
    token = secrets.token_urlsafe(18)
    return page(
        "budget/preview.html", _status(found, why), found=found, name=name, kept=kept, token=token, why=why, columns=COLUMNS
    )


def _status(found: Preview, why: Any) -> int:
    return 409 if why else 422 if found.errors else 200


@pages.post("/budget/import/confirm", may=COMPILES)
def confirm_import() -> Any:
    """What was looked at is read and looked at once more: nothing that comes back from the browser is believed."""
    name, rows = clean(request.form.get("name"))[:120], imports.carried(request.form.get("rows", ""), COLUMNS)
    try:
        case = bring(
            me(),
            languages.here(_("Annual budget %(year)s", year=str(preview(rows).year))),
            rows,
            form_key(request.form.get("token")),
        )
    except Refused as refusal:
        if refusal.status == 403:
            raise
        return _preview(rows, name, refusal.why)
    tell(_("%(number)s waits for the general manager.", number=case.number or ""))
    return go_to(f"/papers/{case.id}")
