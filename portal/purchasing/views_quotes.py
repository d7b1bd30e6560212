"""Pages of quotes: which stand, what an item costs where, and how one is entered and withdrawn (SUP-08)."""

from __future__ import annotations

from typing import Any

from flask import request

from portal import exports, history, languages
from portal.fields import clean, form_key
from portal.purchasing.forms_quotes import QuoteForm, WithdrawForm
from portal.purchasing.models import Quote
from portal.purchasing.models_quotes import (
    SOON_DAYS,
    STATES,
    Listed,
    Offer,
    Sought,
    cheapest_ids,
    count_ending,
    plain_per_unit,
    quotes,
    quotes_valid,
)
from portal.purchasing.rules_imports import QUOTE_COLUMNS
from portal.purchasing.rules_quotes import enter_quote, withdraw_quote
from portal.purchasing.views_base import BUYS, SUPPLIES, pages
from portal.refused import Mistyped, NotThere
from portal.stock.models import Item
from portal.supplies.models import Supplier
from portal.supplies.models_catalogue import Entry, categories, entry_of
from portal.web import NAVIGATION, Link, asked, filled, find, go, key, me, page, page_key, sent, tell, with_filters
from portal.words import Words, _

PAGE = 50
EXPORTED: list[Words] = [*QUOTE_COLUMNS.values(), _("Item"), _("Price per unit"), _("Status")]
NAVIGATION.append(Link(_("Quotes"), "purchasing.quote_list", "scale", SUPPLIES, place=54))


@pages.get("/purchasing/quotes", may=BUYS)
def quote_list() -> Any:
    """Those valid now, unless another state is asked for."""
    offered, known = categories(None), Supplier.where("1 = 1 ORDER BY name")
    sought, state = _sought([each.id for each in offered], [each.id for each in known]), asked("state", [*STATES, "all"], "valid")
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("quotes", EXPORTED, map(_cells, quotes(sought)), kind, languages.here))
    found = quotes(sought, page_key("after"), PAGE + 1)
    return page(
        "purchasing/quotes.html",
        rows=found[:PAGE],
        cheapest=cheapest_ids(row.item_id for row in found),
        older=with_filters(after=found[PAGE - 1].id) if len(found) > PAGE else "",
        newest=with_filters() if "after" in request.args else "",
        sought=sought,
        tabs=_tabs(state),
        states=STATES,
        soon=SOON_DAYS,
        ending=count_ending() if state == "valid" else 0,
        categories=[(str(each.id), each.called) for each in offered],
        suppliers=[(str(each.id), each.name) for each in known],
        is_narrowed=bool(sought.words or sought.supplier_id or sought.category_id),
    )


def _sought(category_ids: list[int], supplier_ids: list[int]) -> Sought:
    category, supplier = asked("category", [*map(str, category_ids)]), asked("supplier", [*map(str, supplier_ids)])
    state = asked("state", [*STATES, "all"], "valid")
    return Sought(
        words=clean(request.args.get("q"))[:100],
        supplier_id=int(supplier) if supplier else None,
        category_id=int(category) if category else None,
        state="" if state == "all" else state,
    )


def _tabs(state: str) -> list[dict[str, Any]]:
    shown = [*STATES.items(), ("all", _("All"))]
    return [{"label": words, "url": with_filters(state=name), "count": None, "current": name == state} for name, words in shown]


def _cells(row: Listed) -> list[Any]:
    """As an import reads them back, and what one wants to see besides."""
    return [
        row.supplier, row.code, row.price, row.pack, row.per_pack, row.valid_from, row.valid_until, row.delivery_days, row.note,
        row.item.name, plain_per_unit(row.price, row.per_pack), STATES[row.state],
    ]  # fmt: skip


# ---- an item --------------------------------------------------------------------------------------------------------


@pages.get("/purchasing/compare/<item_id>", may=BUYS)
def comparison(item_id: str) -> Any:
    """What the item costs at each supplier today, the cheapest first; and what was and will be offered."""
    entry = _entry(item_id)
    offers = quotes_valid([entry.id])[entry.id]
    shown = {each.id for each in offers}
    others = [row for state in ("valid", "coming", "over", "withdrawn") for row in quotes(Sought(item_id=entry.id, state=state))]
    return page(
        "purchasing/comparison.html",
        entry=entry,
        offers=[(offer, offer.percent_above(offers[0])) for offer in offers],
        others=[row for row in others if row.id not in shown][:PAGE],
        states=STATES,
        soon=SOON_DAYS,
    )


def _entry(item_id: str | int) -> Entry:
    entry = entry_of(find(Item, item_id).id)
    if entry is None:
        raise NotThere()
    return entry


# ---- one quote ------------------------------------------------------------------------------------------------------


@pages.form("/purchasing/quotes/new", may=BUYS)
def new_quote() -> Any:
    """Opened from an item or a supplier it knows them already; what that supplier asks for the item now stands beside."""
    form = filled(QuoteForm)
    if request.method == "GET":
        form.begin(_entry(request.args["item"]) if request.args.get("item") else None, _supplier_asked())
    if request.method == "POST" and form.validate():
        try:
            made = enter_quote(me(), form.quoted(), form_key(form.token.data))
            tell(_("The quote was entered."))
            return go("purchasing.comparison", item_id=made.item_id)
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return page(
        "purchasing/quote_form.html",
        422 if request.method == "POST" else 200,
        form=form,
        offers=_offered_now(form.item.data),
    )


def _supplier_asked() -> int | None:
    return find(Supplier, key(request.args["supplier"])).id if request.args.get("supplier") else None


def _offered_now(item_id: int | None) -> list[Offer]:
    return quotes_valid([item_id])[item_id] if item_id else []


@pages.get("/purchasing/quotes/<quote_id>", may=BUYS)
def quote(quote_id: str) -> Any:
    return _quote_page(find(Quote, quote_id), WithdrawForm(formdata=None))


@pages.post("/purchasing/quotes/<quote_id>/withdraw", may=BUYS)
def withdraw(quote_id: str) -> Any:
    found, form = find(Quote, quote_id), filled(WithdrawForm)
    if form.validate():
        try:
            withdraw_quote(me(), found.id, form.reason.data)
            tell(_("The quote was withdrawn."))
            return go("purchasing.quote", quote_id=found.id)
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return _quote_page(found, form)


def _quote_page(found: Quote, form: WithdrawForm) -> Any:
    (row,) = quotes(Sought(quote_id=found.id))
    return page(
        "purchasing/quote.html",
        422 if form.errors else 200,
        row=row,
        quote=found,
        form=form,
        states=STATES,
        history=history.history_of(found),
        said={"enter": _("%(who)s entered the quote"), "withdraw": _("%(who)s withdrew the quote")},
    )
