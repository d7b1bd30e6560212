"""Bringing people in a table: a template to fill in, a preview of what would change, and then all rows or none."""

from __future__ import annotations

import json
from typing import Any, BinaryIO, cast

from flask import Response, request

from portal import exports, imports, languages
from portal.imports import Row
from portal.people import rules_imports
from portal.people.models import in_order
from portal.people.rules_imports import COLUMNS, NEEDED
from portal.people.views_door import pages
from portal.people.views_people import administrators
from portal.persons import LANGUAGES, LEVELS
from portal.refused import Mistyped, Refused
from portal.web import confirm_first, me, page, sent
from portal.words import Words, _

MOST_CARRIED = 2_000_000


@pages.get("/people/import/template", may=administrators)
def import_template() -> Response:
    """A table with the headings in the reader's language and one line as an example."""
    department = next((place.department.name for place in in_order() if place.depth), "")
    example = ["wang.fang", "王芳", "Wang Fang", department, LEVELS["ordinary"]]
    return sent(exports.table("people-template", list(COLUMNS.values()), [example], "xlsx", languages.here))


@pages.form("/people/import", may=administrators)
def import_people() -> Any:
    if request.method == "GET":
        return page("people/import.html", found=None)
    file = request.files.get("file")
    if file is None or not file.filename:
        return page("people/import.html", 422, found=None, why=_("Choose a file."))
    try:
        rows = imports.read(file.filename, cast(BinaryIO, file.stream), _headings(), NEEDED)
    except Mistyped as refusal:
        return page("people/import.html", 422, found=None, why=refusal.why)
    return _preview(rows, file.filename)


def _preview(rows: list[Row], name: str) -> Response:
    found, errors = rules_imports.compare(rows, _levels())
    carried = json.dumps([[row.number, row.values] for row in rows], ensure_ascii=False)
    too_large = len(carried.encode()) > MOST_CARRIED
    return page(
        "people/import.html",
        422 if errors or too_large else 200,
        why=_("This table is too large. Bring it in parts.") if too_large else None,
        found=found,
        errors=errors,
        columns=COLUMNS,
        levels=LEVELS,
        counts={kind: sum(each.kind == kind for each in found) for kind in ("new", "changed", "same")},
        name=name,
        rows=carried,
    )


@pages.post("/people/import/confirm", may=administrators)
def confirm_import() -> Any:
    """The rows of the preview, read and compared once more."""
    rows = imports.carried(request.form.get("rows", ""), COLUMNS)
    confirm_first()
    try:
        secret = rules_imports.bring(me(), rows, _levels())
    except Refused as refusal:
        return page("people/import.html", refusal.status, found=None, why=refusal.why)
    return page("people/one_time.html", passwords=secret, new=True)


def _headings() -> dict[str, str]:
    """Heading -> field: as the portal says it in each language, and as people say it."""
    return in_any_language(COLUMNS) | {word: field for field, words in rules_imports.ALSO_CALLED.items() for word in words}


def in_any_language(columns: dict[str, Words]) -> dict[str, str]:
    """Heading in each language -> field."""
    return {languages.say(words, language): field for field, words in columns.items() for language in LANGUAGES}


def _levels() -> dict[str, str]:
    keys = {key: key for key in LEVELS}
    return keys | {languages.say(words, language).casefold(): key for key, words in LEVELS.items() for language in LANGUAGES}
