"""Writing what the shop says of a product: its texts, its files in order, and its versions beside each other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import request

from portal import attachments
from portal.attachments import Attachment, measured
from portal.listings.forms_products import ContentsForm, ids_of, whole
from portal.listings.models import SEES, Product
from portal.listings.models_contents import attached, difference, versions, written
from portal.listings.models_products import Listed
from portal.listings.rules_files import OF_PRODUCTS, attach, limits
from portal.listings.rules_products import DRAWS, WRITES, write_content
from portal.listings.views_products import find_listed
from portal.listings.views_shop import pages
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.web import asked, filled, find, go, me, my_posts, page, page_key, tell, with_filters
from portal.words import Words, _

PAGE = 50


# ---- writing --------------------------------------------------------------------------------------------------------


@pages.form("/products/<product_id>/contents", may=DRAWS)
def contents(product_id: str) -> Any:
    """Texts and files of the newest version. Buttons beside a file move it in the form; nothing is kept before it is saved."""
    kept, form = find(Product, product_id), filled(ContentsForm)
    if request.method == "GET":
        newest = versions(kept.id, [kept.version])[kept.version]
        form.show(newest.texts, kept.version)
        return _form_page(kept, form, [each.id for each in newest.files])
    button = request.form.get("do", "")
    order = _moved(ids_of(request.form.getlist("file")), button)
    try:
        order += _attached(kept)
        _dropped(kept, button)
    except (NotThere, NotYours):
        raise
    except Refused as refusal:
        return _form_page(kept, form, order, refusal.why, refusal.status)
    if button != "save":
        return _form_page(kept, form, order)
    return _saved(kept, form, order)


def _moved(order: list[int], button: str) -> list[int]:
    """The order after a button beside a file was pressed: one place up or down, out of the version, or into it."""
    told = re.fullmatch(r"(up|down|out|in)-([1-9][0-9]{0,8})", button, re.ASCII)
    if told is None:
        return order
    way, file = told[1], int(told[2])
    if way == "in":
        return [*(each for each in order if each != file), file]
    if file not in order:
        return order
    at = order.index(file)
    rest = [each for each in order if each != file]
    if way == "out":
        return rest
    rest.insert(max(0, at - 1) if way == "up" else at + 1, file)
    return rest


def _attached(kept: Product) -> list[int]:
    """The files that came with the form are kept beside the product, whatever becomes of the form."""
    chosen = [file for file in request.files.getlist("files") if file.filename]
    if not chosen and request.form.get("do") == "add":
        raise Mistyped(_("Choose a file first."), "file")
    return [attach(me(), kept.id, file.filename or "", file.stream).id for file in chosen]  # type: ignore[arg-type]


def _dropped(kept: Product, button: str) -> None:
    """Takes a file off that stood in no version, such as one attached by mistake."""
    told = re.fullmatch(r"drop-([1-9][0-9]{0,8})", button, re.ASCII)
    if told:
        file = find(Attachment, told[1])
        if (file.thing, file.thing_id) != ("product", kept.id):
            raise NotThere()
        attachments.remove(file, me())


def _saved(kept: Product, form: ContentsForm, order: list[int]) -> Any:
    may_write = WRITES.allows(my_posts())
    if may_write and not form.validate():
        return _form_page(kept, form, order, code=422)
    try:
        made = write_content(me(), kept.id, whole(form.version.data), form.texts() if may_write else None, order)
    except NotYours:
        raise
    except Mistyped as refusal:
        form.say(refusal.why, refusal.field)
        return _form_page(kept, form, order, code=422)
    except Refused as refusal:
        return _form_page(kept, form, order, refusal.why, refusal.status)
    if made.version == kept.version:
        tell(_("Nothing was changed."), "amber")
    else:
        tell(_("Version %(n)s is written. The shop shows it once it is approved.", n=made.version))
    return go("listings.product", product_id=kept.id)


def _form_page(kept: Product, form: ContentsForm, order: Iterable[int], why: Words | None = None, code: int = 200) -> Any:
    row, known, inside = find_listed(kept.id), attached(kept.id), list(order)
    return page(
        "listings/contents.html",
        code,
        fragment="listings/_files.html",
        row=row,
        form=form,
        why=why,
        may_write=WRITES.allows(my_posts()),
        files=[known[each][0] for each in inside if each in known],
        beside=[pair for each, pair in known.items() if each not in inside],
        limits=limits(),
        hints=_hints(),
    )


def _hints() -> list[tuple[Words, str, str]]:
    """What may be attached: pictures, videos and documents, each with its kinds and how large it may be."""
    found = []
    for label, purpose in zip((_("Pictures"), _("Videos"), _("Documents")), OF_PRODUCTS, strict=True):
        rule = attachments.PURPOSES[purpose]
        kinds = ", ".join(each.removeprefix(".").upper() for each in rule.extensions if each != ".jpeg")
        found.append((label, kinds, measured(rule.largest_bytes())))
    return found


# ---- versions -------------------------------------------------------------------------------------------------------


@pages.get("/products/<product_id>/versions", may=SEES)
def all_versions(product_id: str) -> Any:
    """Every version, and what one says that another did not: unless others are asked for, the newest against what is shown, or
    against the one before."""
    row = find_listed(product_id)
    rows = written(row.id, page_key())
    numbers = {str(n) for n in range(1, row.version + 1)}
    after = int(asked("to", numbers, str(row.version)))
    before = int(asked("from", numbers, str(_compared_with(row, after))))
    chosen = versions(row.id, [before, after])
    return page(
        "listings/versions.html",
        row=row,
        rows=rows[:PAGE],
        before=chosen[before],
        after=chosen[after],
        difference=difference(chosen[before], chosen[after]),
        older=with_filters(before=rows[PAGE - 1].n) if len(rows) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
    )


def _compared_with(row: Listed, after: int) -> int:
    if row.shown_version and row.shown_version < after:
        return row.shown_version
    return max(1, after - 1)
