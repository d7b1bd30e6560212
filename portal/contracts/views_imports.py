"""The register brought as a file: chosen, looked at with every difference and mistake, confirmed; and labels to print."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, BinaryIO, cast

from flask import Response, request

from portal import clock, exports, imports, languages
from portal.contracts import rules_imports
from portal.contracts.forms_register import ImportForm
from portal.contracts.models_finding import found as found_by
from portal.contracts.models_register import listed, natures
from portal.contracts.rules_imports import ALSO_CALLED, BROUGHT, NEEDED
from portal.contracts.views_finding import sought_in_address
from portal.contracts.views_register import KEEPS, pages
from portal.fields import clean
from portal.imports import Row
from portal.persons import LANGUAGES
from portal.refused import Mistyped, NotThere, Refused
from portal.web import absolute, filled, go_to, me, my_posts, page, sent, tell, with_query
from portal.words import Words, _

MOST_LABELS = 500


@pages.get("/contracts/import/template/<kind>", may=KEEPS)
def import_template(kind: str) -> Response:
    """A table with the headings in the reader's language and one line as an example, with what there is in this company."""
    if kind not in ("csv", "xlsx"):
        raise NotThere()
    today, code = clock.today(), next((each.code for each in natures()), "PRJ")
    example = {
        "number": f"{today.year}-{code}-0001", "nature": code, "title": "店面装修合同", "parties": "金装饰有限公司",
        "amount": "120000.00", "signed_on": today, "department": me().department.name, "responsible": me().user, "room": "A-101",
        "cabinet": "3", "box": "7", "fire_proof": True, "damp_proof": True, "originals": 2, "pages": 12, "confidential": False,
        "language": "zh-Hans",
    }  # fmt: skip
    row = [example.get(field, "") for field in BROUGHT]
    return sent(exports.table("contracts-template", list(BROUGHT.values()), [row], kind, languages.here))


@pages.form("/contracts/import", may=KEEPS)
def import_register() -> Any:
    form = filled(ImportForm)
    shown = {"form": form, "columns": BROUGHT, "needed": NEEDED}
    if request.method == "GET":
        return page("contracts/import.html", **shown)
    unread: list[str] = []
    try:
        rows = _read(unread)
    except Mistyped as refusal:
        form.say(refusal.why, refusal.field)
        return page("contracts/import.html", 422, **shown)
    return _preview(rows, request.files["file"].filename or "", unread=unread)


def _read(unread: list[str]) -> list[Row]:
    """The rows of the file; a heading is understood in every language, and as people head their own tables; columns
    that mean nothing here are named in `unread`."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Mistyped(_("Choose a file first."), "file")
    headings = {word: field for field, words in ALSO_CALLED.items() for word in words}
    headings |= {languages.say(words, language): field for language in LANGUAGES for field, words in BROUGHT.items()}
    return imports.read(file.filename, cast(BinaryIO, file.stream), headings, NEEDED, unread)


def _preview(rows: list[Row], name: str, why: Words | None = None, unread: Sequence[str] = ()) -> Any:
    found = rules_imports.preview(me(), rows)
    carried = json.dumps([[row.number, row.values] for row in rows], ensure_ascii=False)
    status = 409 if why else 422 if found.errors else 200
    shown: dict[str, Any] = {"found": found, "name": name, "why": why, "columns": BROUGHT, "kept": carried, "not_read": unread}
    return page("contracts/import_preview.html", status, **shown)


@pages.post("/contracts/import/confirm", may=KEEPS)
def confirm_import() -> Any:
    """What was looked at is read and looked at once more: nothing that comes back from the browser is believed."""
    name, rows = clean(request.form.get("name"))[:120], imports.carried(request.form.get("rows", ""), BROUGHT)
    try:
        found = rules_imports.bring(me(), rows)
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        return _preview(rows, name, refusal.why)
    tell(
        _(
            "The register has %(new)s new contracts; %(changed)s were changed.",
            new=found.count("new"),
            changed=found.count("changed"),
        )
    )
    return go_to(with_query("/contracts", {"entered_from": clock.today().isoformat()}))


# ---- labels ---------------------------------------------------------------------------------------------------------


@pages.get("/contracts/labels", may=KEEPS)
def labels() -> Any:
    """A sheet of labels, shelf by shelf: of the contracts chosen by their ids, else of those the list's filters find."""
    ids = [int(each) for each in request.args.getlist("id")[:MOST_LABELS] if re.fullmatch(r"[0-9]{1,9}", each, re.ASCII)]
    if ids:
        marks = ",".join("?" * len(ids))
        rows = listed(my_posts(), f"c.id IN ({marks})", ids, "ORDER BY c.number")
    else:
        rows = found_by(sought_in_address(), my_posts(), MOST_LABELS + 1)
    return page(
        "contracts/labels.html",
        rows=sorted(rows[:MOST_LABELS], key=lambda row: (row.room, row.cabinet, row.box, row.number)),
        label_of=label_of,
        is_cut=len(rows) > MOST_LABELS,
        most=MOST_LABELS,
        has_address=bool(absolute("/")),
    )


def label_of(contract_id: int, number: str) -> str:
    """What the QR code of a contract says: its address, or where the portal has none its number, to be typed."""
    return absolute(f"/contracts/{contract_id}") or number
