"""Pages of filings with the mall (PRO-10, PRO-11)."""

from __future__ import annotations

from typing import Any

from flask import request

from portal import exports, languages
from portal.access import any_of, ecom_director, gm, planner
from portal.listings.forms_promotions import AnswerForm, FilingForm
from portal.listings.models_promotions import FILINGS, PAGE, RESULTS, Filed, Filing, filings
from portal.listings.rules_filings import FILES, answer, file_with_mall
from portal.listings.views_shop import pages
from portal.refused import Mistyped, NotYours, Refused
from portal.web import asked, filled, find, go, go_to, me, my_posts, page, page_key, sent, tell, with_filters
from portal.words import Words, _

_FILED: list[Words] = [
    _("What is filed"), _("Mall"), _("Subject"), _("After-sales figures"), _("Filed on"), _("Result"), _("Answered on"),
    _("Note"), _("Entered by"),
]  # fmt: skip
READS_FILINGS = any_of(ecom_director, planner, gm)


@pages.get("/products/filings", may=READS_FILINGS)
def filing_index() -> Any:
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("filings", _FILED, map(_filed_cells, filings(limit=100_000)), kind, languages.here))
    found = filings(page_key())
    return page(
        "listings/filings.html",
        rows=found[:PAGE],
        sorts=FILINGS,
        results=RESULTS,
        may_file=FILES.allows(my_posts()),
        older=with_filters(before=found[PAGE - 1].id) if len(found) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
    )


def _filed_cells(each: Filed) -> list[Any]:
    return [
        FILINGS[each.sort], each.mall, each.subject, each.after_sales_ok, each.filed_on, RESULTS[each.result], each.result_on,
        each.note, languages.here(each.by),
    ]  # fmt: skip


@pages.form("/products/filings/new", may=FILES)
def new_filing() -> Any:
    form = filled(FilingForm)
    if request.method == "GET":
        return page("listings/filing_form.html", form=form)
    if not form.validate():
        return page("listings/filing_form.html", 422, form=form)
    try:
        file_with_mall(me(), form.sort.data or "", form.texts(), bool(form.after_sales_ok.data), form.filed_on.data)
    except NotYours:
        raise
    except Refused as refusal:
        form.say(refusal.why, refusal.field if isinstance(refusal, Mistyped) else None)
        return page("listings/filing_form.html", refusal.status, form=form)
    tell(_("Written down."))
    return go("listings.filing_index")


@pages.form("/products/filings/<filing_id>", may=FILES)
def answer_filing(filing_id: str) -> Any:
    """What the mall answered."""
    filing = find(Filing, filing_id)
    form = filled(AnswerForm)
    if request.method == "GET":
        form.note.data = filing.note
        return page("listings/filing_answer.html", form=form, filing=filing, sorts=FILINGS, results=RESULTS)
    if not form.validate():
        return page("listings/filing_answer.html", 422, form=form, filing=filing, sorts=FILINGS, results=RESULTS)
    typed = request.form.get("events", "")
    events = int(typed) if typed.isdecimal() and len(typed) < 10 else -1
    try:
        answer(me(), filing.id, events, form.result.data or "", form.note.data or "")
    except NotYours:
        raise
    except Refused as refusal:
        form.say(refusal.why, refusal.field if isinstance(refusal, Mistyped) else None)
        return page("listings/filing_answer.html", refusal.status, form=form, filing=filing, sorts=FILINGS, results=RESULTS)
    tell(_("Written down."))
    return go_to("/products/filings")
