"""Pages of stock: the list of items with their figures, the movements of one, and the labels."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from portal import clock, db, exports, languages
from portal.access import (
    any_of,
    chief_accountant,
    dept_manager,
    everyone,
    exec_in_charge,
    gm,
    office_clerk,
    office_manager,
    supplies_custodian,
    warehouse,
)
from portal.fields import clean
from portal.refused import NotThere, NotYours
from portal.stock.models import Item
from portal.stock.models_counts import running_count
from portal.stock.models_lists import (
    LEVELS,
    PAGE,
    VERBS,
    Moved,
    Stocked,
    Wanted,
    categories,
    every,
    every_movement,
    listed,
    movements,
    places,
    stocked,
)
from portal.stock.rules import KINDS, hidden_from
from portal.web import (
    NAVIGATION,
    Link,
    Pages,
    absolute,
    asked,
    find,
    go_to,
    me,
    my_posts,
    page,
    page_key,
    sent,
    with_filters,
    with_query,
)
from portal.words import _

pages = Pages("stock")
STOCK_GROUP = _("Stock")
SEES = any_of(office_clerk, office_manager, supplies_custodian, dept_manager, warehouse, chief_accountant, gm, exec_in_charge)
NAVIGATION.append(Link(_("Stock list"), "stock.index", "package", STOCK_GROUP))
MOST_LABELS = 500
BEING_COUNTED = _("being counted")


@pages.get("/stock", may=SEES)
def index() -> Any:
    wanted = _wanted()
    found = listed(wanted)
    more = len(found) > PAGE
    return page(
        "stock/index.html",
        fragment="stock/_items.html",
        chosen=wanted,
        rows=found[:PAGE],
        kinds=list(KINDS.items()),
        kind_of=KINDS,
        categories=[(str(key), name) for key, name in categories(wanted.kind)],
        places=[(each, each) for each in places(wanted.kind)],
        levels=[(name, label) for name, (label, _sql) in LEVELS.items()],
        older=with_filters(after=found[PAGE - 1].code) if more else "",
        newest=with_filters() if wanted.after else "",
        export=lambda kind: with_query(f"/stock/export/{kind}", _asked()),
        labels=with_query("/stock/labels", _asked()),
    )


def _asked() -> dict[str, str]:
    """The filters as the address has them, for what takes the whole list away."""
    return {name: value for name, value in request.args.items() if name in _FILTERS and value}


_FILTERS = ("kind", "category", "place", "level", "q", "state")


def _wanted() -> Wanted:
    """The filters in the address, as far as they are some."""
    category = asked("category", {str(key) for key, _name in categories()})
    return Wanted(
        kind=asked("kind", KINDS),
        category=int(category) if category else None,
        place=clean(request.args.get("place"))[:60],
        level=asked("level", LEVELS),
        words=clean(request.args.get("q"))[:100],
        is_active=request.args.get("state") != "unused",
        after=clean(request.args.get("after"))[:40],
        hidden=frozenset(hidden_from(me())),
    )


@pages.get("/stock/export/<kind>", may=SEES)
def export(kind: str) -> Response:
    """What the list shows, to take away."""
    if kind not in ("csv", "xlsx"):
        raise NotThere()
    columns = [
        _("Code"), _("Name"), _("English name"), _("Category"), _("Unit"), _("Place"), _("On hand"), _("Held"), _("Free"),
    ]  # fmt: skip
    return sent(exports.table("stock", columns, map(_cells, every(_wanted())), kind, languages.here))


def _cells(item: Stocked) -> list[Any]:
    figures = [BEING_COUNTED] * 3 if item.is_hidden else [item.on_hand, item.held, item.free]
    named = [item.code, item.called.name, item.called.name_en, languages.here(item.category), item.unit, item.place]
    return [*named, *figures]


# ---- an item --------------------------------------------------------------------------------------------------------


@pages.get("/stock/items/<item_id>", may=SEES)
def item(item_id: str) -> Any:
    found = find(Item, item_id)
    runs = running_count(found.id)
    shown = stocked(found.id, [found.id] if runs and runs.counter == me().id else ())
    rows = [] if shown.is_hidden else movements(found.account_id, my_posts(), page_key())
    return page(
        "stock/item.html",
        item=shown,
        kind=KINDS[found.kind],
        is_supply=found.kind == "supply",
        counted_on=clock.local(db.from_ms(found.counted_at)).date() if found.counted_at else None,
        runs=runs,
        rows=rows[:PAGE],
        verbs=VERBS,
        older=with_filters(before=rows[PAGE - 1].id) if len(rows) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
    )


@pages.get("/stock/items/<item_id>/movements", may=SEES)
def export_movements(item_id: str) -> Response:
    """All movements of an item, to take away."""
    found, kind = find(Item, item_id), asked("kind", ("csv", "xlsx"), "csv")
    rows = iter(()) if found.id in hidden_from(me()) else every_movement(found.account_id, my_posts())
    columns = [
        _("When"), _("What happened"), _("Quantity"), _("On hand after"), _("Free after"), _("Paper"), _("Who"), _("Why"),
    ]  # fmt: skip
    return sent(exports.table(f"stock-{found.code}", columns, map(_movement_cells, rows), kind, languages.here))


def _movement_cells(row: Moved) -> list[Any]:
    who = languages.here(row.by) if row.by else _("The portal")
    return [row.at, VERBS[row.verb], row.signed, row.on_hand, row.free, row.number or "", who, row.why or ""]


@pages.get("/stock/items/<item_id>/scan", may=everyone)
def scan(item_id: str) -> Any:
    """Where the label of an item leads: to its line of the count one is making, else to its page."""
    found = find(Item, item_id)
    runs = running_count(found.id)
    if runs and runs.counter == me().id and runs.state == "counting":
        return go_to(f"/stock/counts/{runs.case}/count?line={runs.n}")
    if not SEES.allows(my_posts()):
        raise NotYours(_("You are not counting this item now."))
    return item(item_id)


def label_of(item_id: int, code: str) -> str:
    """What the QR code of an item says: its address, or where the portal has none its code, to be typed."""
    return absolute(f"/stock/items/{item_id}/scan") or code


@pages.get("/stock/labels", may=SEES)
def labels() -> Any:
    """A sheet of labels for the items the list shows."""
    found = listed(_wanted(), MOST_LABELS + 1)
    return page(
        "stock/labels.html", rows=found[:MOST_LABELS], label_of=label_of, is_cut=len(found) > MOST_LABELS, most=MOST_LABELS,
        back=with_query("/stock", _asked()),
    )  # fmt: skip
