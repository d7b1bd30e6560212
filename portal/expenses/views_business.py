"""The register of business spending: by person, kind, client and month, with what was claimed and what was refused (BEX-03)."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from portal import exports, languages
from portal.access import any_of, chief_accountant, gm
from portal.expenses import models_business
from portal.expenses.models import BUSINESS_KINDS, Watched
from portal.expenses.models_business import BusinessFilter, RefusedClaim
from portal.expenses.rules import SPENDING
from portal.expenses.views_requests import FINANCE, month_asked, months_back, pages
from portal.fields import clean
from portal.web import NAVIGATION, Link, asked, page, page_key, sent, with_filters
from portal.words import Words, _

SUPERVISES = any_of(gm, chief_accountant)
NAVIGATION.append(Link(_("Business expenses"), "expenses.business", "gift", FINANCE))


@pages.get("/expenses/business", may=SUPERVISES)
def business() -> Any:
    """All business spending by person, kind, client and month, and the claims on it that were refused (BEX-03)."""
    people = models_business.people_with_business(month_asked())
    person = asked("person", [str(key) for key, _name in people])
    chosen = BusinessFilter(
        month_asked(), int(person or 0) or None, asked("kind", BUSINESS_KINDS), clean(request.args.get("client"))[:120]
    )
    tab = asked("tab", TABS, "all")
    if kind := asked("export", ("csv", "xlsx")):
        return _sent(chosen, tab, kind)
    found: Any = _LISTS[tab](chosen, page_key())
    return page(
        "expenses/business.html",
        rows=found[:50],
        older=with_filters(before=found[49][0] if tab == "refused" else found[49].case_id) if len(found) > 50 else "",
        newest=with_filters() if "before" in request.args else "",
        tab=tab,
        tabs=[{"label": label, "url": with_filters(tab=name), "current": name == tab} for name, label in TABS.items()],
        chosen=chosen,
        month=f"{chosen.month:%Y-%m}",
        months=months_back(),
        people=[(key, languages.here(name)) for key, name in people],
        kinds=[(key, label) for key, label in BUSINESS_KINDS.items()],
        kind_of=BUSINESS_KINDS,
        flow=SPENDING,
        **(_sums(chosen) if tab == "all" else {}),
    )


def _sums(chosen: BusinessFilter) -> dict[str, Any]:
    sums = models_business.business_totals(chosen)
    return {"totals": [(title, sums[by]) for by, title in _GROUPS], "by_month": models_business.business_months(chosen)}


def _sent(chosen: BusinessFilter, tab: str, kind: str) -> Response:
    found: Any = _LISTS[tab](chosen, None, 5000)
    if tab == "refused":
        return sent(exports.table("refused-claims", _REFUSED_COLUMNS, map(_refused_cells, found), kind, languages.here))
    return sent(exports.table("business-expenses", _BUSINESS_COLUMNS, map(_business_cells, found), kind, languages.here))


TABS: dict[str, Words] = {"all": _("Business expenses"), "refused": _("Refused claims")}
_LISTS: dict[str, Any] = {"all": models_business.business_spending, "refused": models_business.refused_claims}
_GROUPS: list[tuple[str, Words]] = [("person", _("By person")), ("kind", _("By kind")), ("client", _("By client"))]
_BUSINESS_COLUMNS = [
    _("Number"),
    _("Title"),
    _("Applicant"),
    _("Kind of business expense"),
    _("Guest or client"),
    _("Expected date"),
    _("Status"),
    _("Amount"),
    _("Claimed"),
]


def _business_cells(row: Watched) -> list[Any]:
    state, kind = SPENDING.states[row.state].label, BUSINESS_KINDS[row.kind]
    return [
        row.number,
        row.title,
        languages.here(row.requester),
        kind,
        row.who,
        row.expected_date,
        state,
        row.amount,
        row.claimed,
    ]


_REFUSED_COLUMNS = [
    _("Claim"),
    _("Request"),
    _("Title"),
    _("Applicant"),
    _("Kind of business expense"),
    _("Guest or client"),
    _("Amount"),
    _("Reason"),
    _("Refused by"),
    _("Date"),
]


def _refused_cells(row: RefusedClaim) -> list[Any]:
    who, by = languages.here(row.requester), languages.here(row.by)
    return [row.number, row.request, row.title, who, BUSINESS_KINDS[row.kind], row.who, row.amount, row.why, by, row.at]
