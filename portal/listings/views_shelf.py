"""Pages of the shelf: requests with their checklist, what waits to be done, and the way back up."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

from flask import request

from portal import exports, kinds, languages
from portal.access import any_of, dept_manager, ecom_director, gm, planner, section_specialist
from portal.cases import Case
from portal.fields import form_key
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.listings.forms_shelf import ShelfForm
from portal.listings.models import Product
from portal.listings.models_prices import called, product_of_code
from portal.listings.models_shelf import PAGE, TABS, WAYS, Request, lines_asked, readiness, requests
from portal.listings.rules_shelf import ASKS, SHELF, ask_back
from portal.listings.views_shop import SHOP, lines_of, pages
from portal.persons import Person
from portal.refused import NotYours, Refused
from portal.web import NAVIGATION, Link, asked, find, go, me, my_posts, page, page_key, sent, tell, with_filters
from portal.words import Words, _

READS = any_of(planner, section_specialist, ecom_director, gm)
NAVIGATION.append(Link(_("Shelf"), "listings.shelf_index", "store", SHOP, place=74))
WORKING_LISTS += [
    WorkingList(_("Shelf requests to decide"), "shelf_request", "submitted", any_of(ecom_director), "store"),
    WorkingList(_("Products to come off"), "shelf_request", "asked_off", any_of(ecom_director, dept_manager), "store"),
    WorkingList(_("Shelf requests to carry out"), "shelf_request", "approved", any_of(section_specialist), "store"),
]


# ---- the paper ------------------------------------------------------------------------------------------------------


def shelf_body(case: Case, person: Person) -> dict[str, Any]:
    """Fifty lines at a time, each with the checklist of the moment."""
    return lines_of(partial(lines_asked, case.id, case.version)) | {
        "ways": WAYS,
        "is_live": case.closed_at is None,
        "is_last": case.state == "approved",
    }


def shelf_rail(form: ShelfForm, person: Person) -> dict[str, Any]:
    """The checklist of what is typed so far."""
    products = [each for line in form.lines.filled()[:50] if (each := product_of_code(line.code.data or ""))]
    found = readiness(each.id for each in products)
    return {"typed_ready": [found[each.id] for each in products], "way": form.way.data or "on"}


kinds.register(
    Kind(
        flow=SHELF,
        form=ShelfForm,
        folder="listings",
        new=_("Ask for the shelf"),
        about=_("Products go on the shelf, come off it, or show new contents there, once the marketing director agrees."),
        may_start=ASKS,
        extra=shelf_body,
        rail=shelf_rail,
        tone="violet",
        why_not=lambda person: _("Only planners and section specialists ask for the shelf."),
    )
)


# ---- lists ----------------------------------------------------------------------------------------------------------

_COLUMNS: list[Words] = [
    _("Number"), _("Title"), _("What is asked for"), _("Reason"), _("Status"), _("Applicant"), _("Lines"), _("Not before"),
    _("Since"), _("Hours"),
]  # fmt: skip


@pages.get("/products/shelf", may=READS)
def shelf_index() -> Any:
    """Requests that wait for a decision, those agreed to and not done yet with their age, those done (SHF-10)."""
    tab = asked("tab", TABS, "approved")
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("shelf", _COLUMNS, map(_cells, requests(TABS[tab][1], limit=100_000)), kind, languages.here))
    found = requests(TABS[tab][1], page_key())
    return page(
        "listings/shelf.html",
        tab=tab,
        tabs=[
            {"label": label, "url": f"/products/shelf?tab={name}", "current": name == tab} for name, (label, _s) in TABS.items()
        ],
        rows=found[:PAGE],
        ways=WAYS,
        states=SHELF.states,
        may_ask=ASKS.allows(my_posts()),
        older=with_filters(before=found[PAGE - 1].case) if len(found) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
    )


def _cells(each: Request) -> list[Any]:
    return [
        each.number, each.title, WAYS[each.way], each.reason, SHELF.states[each.state].label, languages.here(each.who),
        each.lines, each.planned_at, each.since, each.hours,
    ]  # fmt: skip


# ---- back up --------------------------------------------------------------------------------------------------------


@pages.form("/products/<product_id>/back", may=ASKS)
def back_up(product_id: str) -> Any:
    """One click: the product as it stands asks for the shelf again."""
    product = find(Product, product_id)
    if request.method == "GET":
        return _back_page(product)
    try:
        case = ask_back(me(), product, form_key(request.form.get("token")))
    except NotYours:
        raise
    except Refused as refusal:
        return _back_page(product, refusal)
    tell(_("%(number)s waits for the marketing director.", number=case.number or ""))
    return go("papers.show", case_id=case.id)


def _back_page(product: Product, wrong: Refused | None = None) -> Any:
    return page(
        "listings/back_up.html",
        wrong.status if wrong else 200,
        product=product,
        told=called([product.id])[product.id],
        ready=readiness([product.id])[product.id],
        token=secrets.token_urlsafe(18),
        wrong=wrong,
    )
