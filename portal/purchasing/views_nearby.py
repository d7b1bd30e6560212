"""Pages of purchases nearby: the application's body and rail, and the list of a month with what the office said (SUP-15)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request

from portal import clock, exports, kinds, languages
from portal.access import any_of, dept_manager, gm, office_clerk, office_manager, supplies_custodian
from portal.budget.rules import READERS
from portal.cases import Case, lines_of
from portal.expenses.models import request_of
from portal.expenses.rules import answer
from portal.expenses.rules_figures import request_told
from portal.inbox.models import WORKING_LISTS, WorkingList, departments
from portal.kinds import RECEIPTS, Kind
from portal.money import Money, total
from portal.persons import Person
from portal.purchasing.forms_nearby import BoughtForm, NearbyForm
from portal.purchasing.models import NearbyLine
from portal.purchasing.models_nearby import (
    REVIEWS,
    Bought,
    Chosen,
    Nearby,
    how_many_to_review,
    nearby_purchases,
    said_to,
)
from portal.purchasing.rules_nearby import NEARBY, why_not_write
from portal.purchasing.views_base import SUPPLIES, pages
from portal.supplies.models_catalogue import entries
from portal.web import NAVIGATION, Link, asked, my_posts, page, sent
from portal.words import Words, _

WRITES = any_of(supplies_custodian, dept_manager)
LISTS = any_of(*READERS, supplies_custodian, office_clerk, office_manager)
NAVIGATION.append(Link(_("Nearby purchases"), "purchasing.nearby", "store", SUPPLIES, place=54))
WORKING_LISTS += [
    WorkingList(_("Nearby purchases to approve"), "nearby", "submitted", any_of(dept_manager), "store"),
    WorkingList(_("Nearby purchases to sign"), "nearby", "signing", any_of(gm), "store"),
    WorkingList(
        _("Nearby purchases to review"), "nearby", "bought", any_of(office_clerk, office_manager), "store",
        url="/purchasing/nearby?month=all&state=bought", count=how_many_to_review,
    ),
]  # fmt: skip


# ---- the application ------------------------------------------------------------------------------------------------


def body(case: Case, person: Person) -> dict[str, Any]:
    """What was asked for and bought, what the office said to it, and the money around it."""
    request, lines = request_of(case), lines_of(NearbyLine, case)
    return request_told(case, request, person, my_posts()) | {
        "entries": entries(line.item_id for line in lines if line.item_id),
        "spent": total(Money(line.spent or 0) for line in lines),
        "approved_on": request.approved_at and clock.local(request.approved_at).date(),
        "said": said_to(case),
        "reviews": REVIEWS,
    }


def beside(form: NearbyForm, person: Person) -> dict[str, Any]:
    """What the chosen line says to the amount typed so far."""
    line_id, amount = form.chosen_line_id(), form.amount()
    return {"answer": answer(line_id, amount, my_posts()) if line_id else None, "amount": amount}


kinds.step_form(Bought, BoughtForm)
kinds.register(
    Kind(
        flow=NEARBY,
        form=NearbyForm,
        folder="purchasing",
        new=_("New nearby purchase"),
        about=_("In special circumstances, before you buy: the head approves it, and the office reviews what was bought."),
        may_start=WRITES,
        extra=body,
        rail=beside,
        tone="amber",
        files=RECEIPTS,
        why_not=lambda person: why_not_write(person, person.department) or _("You have no permission for this."),
    )
)


# ---- the list -------------------------------------------------------------------------------------------------------

BACK = 24  # months


@pages.get("/purchasing/nearby", may=LISTS)
def nearby() -> Any:
    """Purchases nearby of a month, of those one may read: what was approved, spent and claimed, and what the office said."""
    chosen = _chosen()
    found = nearby_purchases(my_posts(), chosen)
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("nearby-purchases", _COLUMNS, map(_cells, found), kind, languages.here))
    return page(
        "purchasing/nearby.html",
        rows=found,
        chosen=chosen,
        month=f"{chosen.month:%Y-%m}" if chosen.month else "all",
        months=[("all", _("All months")), *((f"{each:%Y-%m}", f"{each:%Y-%m}") for each in _months())],
        departments=departments(),
        states=_states(),
        flow=NEARBY,
        sums={name: total(getattr(each, name) for each in found) for name in ("approved", "spent", "claimed")},
        waiting=sum(each.state == "bought" for each in found),
        may_write=WRITES.allows(my_posts()),
    )


def _chosen() -> Chosen:
    named = {f"{each:%Y-%m}": each for each in _months()}
    month = None if request.args.get("month") == "all" else named.get(asked("month", named), clock.today().replace(day=1))
    offered = {str(key): key for key, _name in departments()}
    return Chosen(month, offered.get(asked("department", offered)), asked("state", dict(_states())))


def _months() -> list[date]:
    """This month and those before it."""
    month, found = clock.today().replace(day=1), []
    for _each in range(BACK):
        found.append(month)
        month = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    return found


def _states() -> list[tuple[str, Words]]:
    return [(name, here.label) for name, here in NEARBY.states.items() if not here.editable]


_COLUMNS = [
    _("Number"),
    _("Title"),
    _("Department"),
    _("Applicant"),
    _("Status"),
    _("Bought on"),
    _("Bought at"),
    _("Approved"),
    _("Spent"),
    _("Claimed"),
    _("Reviewed by"),
    _("Objections"),
]


def _cells(row: Nearby) -> list[Any]:
    names = [languages.here(each) for each in (row.department, row.requester)]
    state, reviewer = NEARBY.states[row.state].label, languages.here(row.reviewer)
    return [
        row.number, row.title, *names, state, row.bought_on, row.shop, row.approved, row.spent, row.claimed, reviewer,
        row.objections,
    ]  # fmt: skip
