"""The register of products: a list to search and filter, what is started from products chosen there, and the list as a file."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from flask import Response, request

from portal import exports, languages
from portal.access import Right
from portal.cases import Case
from portal.contents import create
from portal.db import marks
from portal.fields import clean
from portal.listings.forms_products import ids_of, whole
from portal.listings.forms_shelf import MOST_TYPED
from portal.listings.models import COSTS, SEASONS, SEES, Product
from portal.listings.models_products import (
    COLUMNS,
    COSTLY,
    MOST_CHOSEN,
    PAGE,
    SORTS,
    STATES,
    Choices,
    Sought,
    choices,
    exported,
    found,
    ids,
    key_of,
    latest_content,
    reasons,
)
from portal.listings.models_shelf import shelf_content
from portal.listings.rules_prices import PROPOSES
from portal.listings.rules_products import ENTERS, VOUCHES, vouch_for
from portal.listings.rules_shelf import ASKS, SHELF
from portal.listings.views_shop import SHOP, pages
from portal.refused import Mistyped, NotThere, NotYours
from portal.stock.rules import hidden_from
from portal.web import (
    NAVIGATION,
    Link,
    go,
    go_to,
    is_fragment,
    key,
    me,
    my_posts,
    page,
    sent,
    tell,
    with_filters,
    with_query,
)
from portal.words import Words, _, _n

NAVIGATION.append(Link(_("Products"), "listings.index", "store", SHOP, place=70))
FILTERS = ("q", "category", "brand", "season", "main", "state", "sort")
ALIKE = "/products/prices/alike"
BEING_COUNTED = _("being counted")


class Start(NamedTuple):
    """What may be started from products chosen in the list. Its address takes their ids as `product`; where they are too many for
    a form, `begin` makes a draft of them all at once: of the products, by a key that is taken once; or the page `whole` takes the
    list's filters instead."""

    label: Words
    icon: str
    address: str
    may: Right
    begin: Callable[[list[Product], str], Case] | None = None
    whole: str = ""


def asks(way: str) -> Callable[[list[Product], str], Case]:
    """Begins a request for the shelf of as many as there are."""

    def begin(products: list[Product], token: str) -> Case:
        title = languages.here(_n("%(n)s product", "%(n)s products", n=len(products)))
        return create(SHELF, me(), shelf_content(title, way, products), token)

    return begin


STARTS = [
    Start(_("Propose prices"), "tag", "/papers/new/price_proposal", PROPOSES, whole=ALIKE),
    Start(_("Change prices alike"), "badge-percent", ALIKE, PROPOSES, whole=ALIKE),
    Start(_("Put on the shelf"), "store", "/papers/new/shelf_request?way=on", ASKS, asks("on")),
    Start(_("Show new contents"), "eye", "/papers/new/shelf_request?way=update", ASKS, asks("update")),
    Start(_("Take off the shelf"), "ban", "/papers/new/shelf_request?way=off", ASKS, asks("off")),
]


# ---- the list -------------------------------------------------------------------------------------------------------


@pages.get("/products", may=SEES)
def index() -> Any:
    sought = sought_in(request.args)
    rows = found(sought, my_posts())
    shown, offers = rows[:PAGE], None if is_fragment() else choices()
    return page(
        "listings/index.html",
        fragment="listings/_rows.html",
        rows=shown,
        reasons=reasons((row.price.case for row in shown), my_posts()),
        hidden=hidden_from(me()),
        older=with_filters(after=key_of(shown[-1], sought.sort)) if len(rows) > PAGE else "",
        newest=with_filters() if sought.after else "",
        asked=with_query("", filters_asked()),
        is_narrowed=bool(filters_asked().keys() - {"sort"}),
        starts=[(n, each) for n, each in enumerate(STARTS) if each.may.allows(my_posts())],
        may_vouch=VOUCHES.allows(my_posts()),
        may_enter=ENTERS.allows(my_posts()),
        token=secrets.token_urlsafe(18),
        latest=offers.latest if offers else latest_content(),
        tools=_tools(sought, offers) if offers else None,
    )


TABS: dict[str, Words] = {"": _("All")} | {name: STATES[name][0] for name in ("up", "normal", "price", "newer", "draft")}


def _tools(sought: Sought, offers: Choices) -> dict[str, Any]:
    """What the filters offer and how they stand."""
    return {
        "sought": sought,
        "tabs": [
            {"label": label, "url": with_filters(state=name), "current": sought.state == name} for name, label in TABS.items()
        ],
        "categories": [(str(each), languages.here(called)) for each, called in offers.categories],
        "brands": [(each, each) for each in offers.brands],
        "seasons": [(name, label) for name, label in SEASONS.items() if name],
        "states": [(name, label) for name, (label, _sql) in STATES.items()],
        "sorted": SORTS["shop"][0],
        "sorts": [(name, label) for name, (label, *_sql) in SORTS.items() if name != "shop"],
    }


def filters_asked() -> dict[str, str]:
    """The filters as the address has them, without where the list goes on."""
    return {name: text for name in FILTERS if (text := clean(request.args.get(name))[:100])}


def sought_in(typed: Mapping[str, str]) -> Sought:
    """The filters, as far as they can be read."""

    def one_of(name: str, allowed: Any, default: str = "") -> str:
        return typed[name] if typed.get(name) in allowed else default

    category = clean(typed.get("category"))
    return Sought(
        words=clean(typed.get("q"))[:100],
        category=key(category) if category else None,
        brand=clean(typed.get("brand"))[:60],
        season=one_of("season", SEASONS),
        is_main=bool(typed.get("main")),
        state=one_of("state", STATES),
        sort=one_of("sort", SORTS, "shop"),
        after=clean(typed.get("after"))[:40],
    )


# ---- what is started from it ----------------------------------------------------------------------------------------


@pages.post("/products/chosen", may=SEES)
def with_chosen() -> Any:
    """Does with the ticked products, or with all that fit, what the button says."""
    query = {name: text for name, text in parse_qsl(request.form.get("query", "").removeprefix("?")) if name in FILTERS}
    is_all, chosen = "all" in request.form, ids_of(request.form.getlist("product"))
    try:
        if is_all:
            chosen = ids(sought_in(query), my_posts())
        if not chosen:
            raise Mistyped(_("Tick a product first."))
        if len(chosen) > MOST_CHOSEN:
            raise Mistyped(_("At most %(most)s products can be chosen at once: narrow the list.", most=MOST_CHOSEN))
        if "vouch" in request.form:
            return _vouched(query, chosen)
        return _started(_start(), chosen, query if is_all else None)
    except Mistyped as refusal:
        tell(refusal.why, "amber")
        return go_to(with_query("/products", query))


def _start() -> Start:
    n = whole(request.form.get("start"))
    if not 0 <= n < len(STARTS):
        raise NotThere()
    if not STARTS[n].may.allows(my_posts()):
        raise NotYours()
    return STARTS[n]


def _started(start: Start, chosen: list[int], fitting: dict[str, str] | None) -> Any:
    """A form that names them; or, where they are too many for one, a draft, or a page for all that fit these filters."""
    if len(chosen) <= MOST_TYPED:
        return go_to(f"{start.address}{'&' if '?' in start.address else '?'}{urlencode({'product': chosen}, doseq=True)}")
    if start.whole and fitting is not None:
        return go_to(with_query(start.whole, fitting))
    if start.begin is None:
        raise Mistyped(_("At most %(most)s products fit into this form: narrow the list, or bring a file.", most=MOST_TYPED))
    told = f"{request.form.get('token')} {start.address} {chosen}"
    products = {each.id: each for each in Product.where(f"id IN ({marks(chosen)})", *chosen)}
    case = start.begin([products[each] for each in chosen if each in products], sha256(told.encode()).hexdigest()[:40])
    return go("papers.show", case_id=case.id)


def _vouched(query: dict[str, str], chosen: list[int]) -> Any:
    done = vouch_for(me(), chosen, whole(request.form.get("latest")))
    tell(_n("You vouched for %(n)s product.", "You vouched for %(n)s products.", n=done))
    if done < len(chosen):
        tell(_("The others were vouched for before, are archived, or were changed since this list was shown."), "amber")
    return go_to(with_query("/products", query))


# ---- to take away ---------------------------------------------------------------------------------------------------


@pages.get("/products/export/<kind>", may=SEES)
def export(kind: str) -> Response:
    """What the list shows, to take away and to bring back. Costs only for who may know them."""
    if kind not in ("csv", "xlsx"):
        raise NotThere()
    posts = list(my_posts())
    columns = [field for field in COLUMNS if field not in COSTLY or COSTS.allows(posts)]
    say = partial(languages.say, language=languages.reading.get())
    rows = _rows(columns, sought_in(request.args), posts, hidden_from(me()))
    return sent(exports.table(languages.here(_("Products")), [COLUMNS[each] for each in columns], rows, kind, say))


def _rows(columns: list[str], sought: Sought, posts: list[str], hidden: set[int]) -> Iterator[list[Any]]:
    for row, cells in exported(sought, posts):
        if row.item in hidden:
            cells["on_hand"] = BEING_COUNTED
        yield [cells[each] for each in columns]
