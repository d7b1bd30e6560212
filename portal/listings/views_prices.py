"""Pages of prices: proposals and what waits of them, the history, competitors, and the comparison with the real shop."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, cast

from flask import request

from portal import clock, exports, kinds, languages
from portal.access import any_of, ecom_director, everyone, section_specialist
from portal.cases import Case
from portal.fields import clean
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.listings.forms_prices import CompetitorForm, PriceForm, ShopFileForm
from portal.listings.models import COSTS, PRICES, Product
from portal.listings.models_prices import (
    CAUSES,
    PAGE,
    TABS,
    Seen,
    Waiting,
    called,
    every_seen,
    history_of_prices,
    last_file,
    lines_shown,
    mismatches,
    product_of_code,
    seen,
    seen_for,
    summed,
    waiting,
    warn_hours,
)
from portal.listings.models_shown import shown_price, shown_prices
from portal.listings.rules_competitors import (
    COMPARES,
    FILE_COLUMNS,
    WATCHES,
    bring_shop_file,
    enter_competitor,
    read_shop_file,
)
from portal.listings.rules_prices import PRICE, PROPOSES, Struck, competitor_days
from portal.listings.views_shop import SHOP, lines_of, pages, pictured
from portal.offers import offered
from portal.persons import LANGUAGES, Person
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.steps import take
from portal.web import (
    NAVIGATION,
    Link,
    asked,
    filled,
    find,
    find_case,
    go,
    go_to,
    key,
    me,
    my_posts,
    page,
    page_key,
    sent,
    tell,
    with_filters,
)
from portal.words import Words, _, _n

NAVIGATION.append(Link(_("Prices"), "listings.price_index", "tag", SHOP, place=73))
WORKING_LISTS += [
    WorkingList(_("Prices to agree to"), "price_proposal", "submitted", any_of(ecom_director), "tag"),
    WorkingList(_("Prices to publish"), "price_proposal", "approved", any_of(section_specialist), "tag"),
]


# ---- the paper ------------------------------------------------------------------------------------------------------


def price_body(case: Case, person: Person) -> dict[str, Any]:
    """Fifty lines at a time, with what competitors ask."""
    lines = lines_of(partial(lines_shown, case.id, case.version))
    figures = summed(case.id, case.version)
    since = clock.today() - timedelta(days=competitor_days())
    own = {} if case.state != "draft" else shown_prices(each.product for each in lines["rows"])
    return lines | {
        "own": own,
        "figures": figures,
        "causes": CAUSES,
        "sees_costs": COSTS.allows(my_posts()),
        "rivals": seen_for(case.id, case.version, since),
        "may_enter": case.state == "draft" and case.requester_id == person.id,
        "warn": warn_hours(),
    }


def price_rail(form: PriceForm, person: Person) -> dict[str, Any]:
    """The old prices and the margins of what is typed so far."""
    rows = []
    for line in form.lines.filled()[:50]:
        product = product_of_code(line.code.data or "")
        if product is not None:
            rows.append((product, line.new_fen.data))
    asked_now = shown_prices(product.id for product, _new in rows)
    named = called(product.id for product, _new in rows)
    return {
        "typed_rows": [(named[product.id], asked_now[product.id].own, new, product.cost) for product, new in rows],
        "sees_costs": COSTS.allows(my_posts()),
    }


kinds.register(
    Kind(
        flow=PRICE,
        form=PriceForm,
        folder="listings",
        new=_("Propose prices"),
        about=_("New prices of one or many products, with what competitors ask; the marketing director agrees to them."),
        may_start=PROPOSES,
        extra=price_body,
        rail=price_rail,
        tone="amber",
        why_not=lambda person: _("Only the e-commerce planner proposes prices."),
    )
)
kinds.step_page(Struck, "/products/prices/%s/strike")


@pages.form("/products/prices/<case_id>/strike", may=everyone)
def strike(case_id: str) -> Any:
    """Lines that are not agreed to, fifty at a time, each with why."""
    case = find_case(case_id)
    if case.kind != PRICE.name:
        raise NotThere()
    offer = next((each for each in offered(case, me(), my_posts()) if each.step.name == "strike"), None)
    if offer is None or offer.why_not:
        raise NotYours(offer.why_not if offer else None)
    lines = lines_of(partial(lines_shown, case.id, case.version))
    if request.method == "POST":
        return _strike(case, lines)
    return _strike_page(case, lines)


def _strike(case: Case, lines: dict[str, Any]) -> Any:
    given = Struck({each.id: clean(request.form.get(f"because-{each.id}"))[:300] for each in lines["rows"]})
    try:
        take(me(), case.id, "strike", (request.form.get("state", "-"), _number("version")), given)
    except NotYours:
        raise
    except Refused as refusal:
        return _strike_page(case, lines, refusal)
    tell(_("Written down."))
    return go("papers.show", case_id=case.id)


def _strike_page(case: Case, lines: dict[str, Any], wrong: Refused | None = None) -> Any:
    return page(
        "listings/price_strike.html",
        wrong.status if wrong else 200,
        case=case,
        typed={each.id: request.form.get(f"because-{each.id}", each.struck_because) for each in lines["rows"]},
        wrong=wrong,
        field=wrong.field if isinstance(wrong, Mistyped) else "",
        **lines,
    )


def _number(name: str) -> int:
    typed = request.form.get(name, "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else -1


# ---- lists ----------------------------------------------------------------------------------------------------------

_COLUMNS: list[Words] = [
    _("Number"), _("Title"), _("Applicant"), _("Lines"), _("Since"), _("Hours"), _("Approved by"),
]  # fmt: skip


@pages.get("/products/prices", may=PRICES)
def price_index() -> Any:
    """What waits for the director, what was agreed to and is not published yet with its age, what was published."""
    tab = asked("tab", TABS, "approved")
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("prices", _COLUMNS, map(_waiting_cells, waiting(tab, limit=100_000)), kind, languages.here))
    found = waiting(tab, page_key())
    return page(
        "listings/prices.html",
        tab=tab,
        tabs=[{"label": label, "url": f"/products/prices?tab={name}", "current": name == tab} for name, label in TABS.items()],
        rows=found[:PAGE],
        warn=warn_hours(),
        may_propose=PROPOSES.allows(my_posts()),
        older=with_filters(before=found[PAGE - 1].case) if len(found) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
    )


def _waiting_cells(each: Waiting) -> list[Any]:
    by = each.approved_by and languages.here(each.approved_by)
    return [each.number, each.title, languages.here(each.who), each.lines, each.since, each.hours, by]


@pages.get("/products/<product_id>/prices", may=PRICES)
def price_history(product_id: str) -> Any:
    """Every price of a product with who approved it, the price of the moment and why, and what competitors ask."""
    product = find(Product, product_id)
    told = called([product.id])[product.id]
    history = history_of_prices(product.id)
    if kind := asked("export", ("csv", "xlsx")):
        columns = [_("Price"), _("From"), _("Paper"), _("Published by"), _("Approved by")]
        rows = ([h.fen, h.from_at, h.number, languages.here(h.by), languages.here(h.approved_by)] for h in history)
        return sent(exports.table(f"prices-{told.code}", columns, rows, kind, languages.here))
    shown = shown_price(product.id)
    return page(
        "listings/price_history.html",
        product=product,
        told=told,
        history=history,
        shown=shown,
        special=Case.get_by_id(shown.case) if shown.case else None,
        points=[(each.from_at, each.fen) for each in reversed(history)],
        now=clock.now(),
        rivals=seen(product.id)[:PAGE],
        watches=WATCHES.allows(my_posts()),
        may_propose=PROPOSES.allows(my_posts()),
    )


# ---- competitors ----------------------------------------------------------------------------------------------------

_SEEN_COLUMNS: list[Words] = [
    _("SKU"), _("Product"), _("Competitor"), _("Their product"), _("Their price"), _("Seen on"), _("Source"), _("Entered by"),
]  # fmt: skip


@pages.get("/products/competitors", may=PRICES)
def competitors() -> Any:
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("competitors", _SEEN_COLUMNS, map(_seen_cells, every_seen()), kind, languages.here))
    found = seen(before=page_key())
    asked_now = shown_prices(each.product for each in found[:PAGE])
    return page(
        "listings/competitors.html",
        rows=found[:PAGE],
        ours=asked_now,
        pictures=pictured(each.product for each in found[:PAGE]),
        watches=WATCHES.allows(my_posts()),
        older=with_filters(before=found[PAGE - 1].id) if len(found) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
    )


def _seen_cells(each: Seen) -> list[Any]:
    return [
        each.code, languages.here(each.name), each.competitor, each.their_product, each.fen, each.seen_on, each.source,
        languages.here(each.by),
    ]  # fmt: skip


@pages.form("/products/competitors/new", may=WATCHES)
def new_competitor() -> Any:
    """What a competitor asks; with the own draft of a proposal, or by itself."""
    form = filled(CompetitorForm)
    if request.method == "GET":
        form.case.data = request.args.get("case", "")
        if "product" in request.args:
            found = called([key(request.args["product"])])
            form.code.data = next((each.code for each in found.values()), "")
        return page("listings/competitor_form.html", form=form)
    if not form.validate():
        return page("listings/competitor_form.html", 422, form=form)
    case = find_case(form.case.data) if form.case.data else None
    try:
        product = product_of_code(form.code.data or "")
        if product is None:
            raise Mistyped(_("There is no product with this SKU."), "code")
        enter_competitor(me(), product, form.texts(), form.fen.data, form.seen_on.data, case)
    except NotYours:
        raise
    except Refused as refusal:
        form.say(refusal.why, refusal.field if isinstance(refusal, Mistyped) else None)
        return page("listings/competitor_form.html", refusal.status, form=form)
    tell(_("Written down."))
    return go_to(f"/papers/{case.id}" if case else f"/products/{product.id}/prices")


# ---- the real shop --------------------------------------------------------------------------------------------------

_DIFFERS: list[Words] = [_("SKU"), _("Product"), _("In the shop"), _("By the rules")]


@pages.form("/products/prices/compare", may=PRICES)
def compare() -> Any:
    """The prices of the real shop beside ours: the one place where they can differ (PRI-08)."""
    form = filled(ShopFileForm)
    if request.method == "POST":
        return _compare(form)
    file = last_file()
    found = mismatches(file) if file else []
    if kind := asked("export", ("csv", "xlsx")):
        rows = ([d.code, d.name and languages.here(d.name), d.theirs, d.ours] for d in found)
        return sent(exports.table("mismatches", _DIFFERS, rows, kind, languages.here))
    return _compare_page(form)


def _compare(form: ShopFileForm) -> Any:
    if not COMPARES.allows(my_posts()):
        raise NotYours(_("Only planners and section specialists compare with the real shop."))
    chosen = request.files.get("file")
    try:
        if chosen is None or not chosen.filename:
            raise Mistyped(_("Choose a file first."), "file")
        prices, errors = read_shop_file(chosen.filename, cast(Any, chosen.stream), _headings())
        if errors:
            return _compare_page(form, 422, errors)
        bring_shop_file(me(), chosen.filename, prices)
    except Mistyped as refusal:
        form.say(refusal.why, refusal.field)
        return _compare_page(form, 422)
    tell(_n("%(n)s price was compared.", "%(n)s prices were compared.", n=len(prices)))
    return go("listings.compare")


def _headings() -> dict[str, str]:
    return {languages.say(words, language): field for language in LANGUAGES for field, words in FILE_COLUMNS.items()}


def _compare_page(form: ShopFileForm, status: int = 200, errors: Any = ()) -> Any:
    file = last_file()
    found = mismatches(file) if file else []
    start = page_key("line") or 0
    return page(
        "listings/compare.html",
        status,
        form=form,
        errors=errors,
        columns=FILE_COLUMNS,
        file=file,
        by=Person.get_by_id(file.by_id).called if file else "",
        rows=found[start : start + PAGE],
        pictures=pictured(each.product for each in found[start : start + PAGE] if each.product),
        whole=len(found),
        first=start + 1,
        newer=with_filters(line=start - PAGE if start > PAGE else "") if start else "",
        older=with_filters(line=start + PAGE) if len(found) > start + PAGE else "",
        may_compare=COMPARES.allows(my_posts()),
    )
