"""Claims under way by step and age (FIN-16), and what is not settled of one's own: requests to claim on, claims, advances."""

from __future__ import annotations

from typing import Any

from portal import clock, exports, languages
from portal.access import any_of, cashier, chief_accountant, everyone, gm
from portal.cases import Case
from portal.expenses.models_claims import WAITING, Waiting, sums_of, unsettled_of, waiting_claims
from portal.expenses.models_money import Advance, own_requests, standing
from portal.expenses.rules_claims import CLAIM
from portal.expenses.views_requests import FINANCE, pages
from portal.flow import FLOWS
from portal.inbox.models import BELONGINGS, Belonging, Kept
from portal.money import Money, total
from portal.persons import Person
from portal.web import NAVIGATION, Link, asked, me, page, sent
from portal.words import Words, _

WATCHES = any_of(gm, cashier, chief_accountant)
NAVIGATION.append(Link(_("My expenses"), "expenses.mine", "receipt-text", FINANCE, place=49))
NAVIGATION.append(Link(_("Claims under way"), "expenses.claims", "hourglass", FINANCE))
BELONGINGS.append(Belonging(_("Advances and claims not settled"), "hand-coins", lambda person: _kept(person)))
_COLUMNS = [
    _("Number"),
    _("Title"),
    _("Applicant"),
    _("Department"),
    _("Status"),
    _("Days here"),
    _("Days since sent"),
    _("Amount"),
]


@pages.get("/expenses/claims", may=WATCHES)
def claims() -> Any:
    """The claims that are not through, the longest waiting first, with how many wait at each step."""
    state = asked("state", WAITING)
    every = waiting_claims()
    found = [each for each in every if not state or each.state == state]
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("claims", _COLUMNS, map(_cells, found), kind, languages.here))
    return page(
        "expenses/claims.html",
        rows=found,
        state=state,
        states=[(name, CLAIM.states[name].label) for name in WAITING],
        steps=[_at_step(name, every) for name in WAITING],
        flow=CLAIM,
    )


def _at_step(name: str, every: list[Waiting]) -> dict[str, Any]:
    here = [each for each in every if each.state == name]
    oldest = max((each.days for each in here), default=0)
    return {
        "label": _called(name),
        "value": len(here),
        "detail": _("%(amount)s, oldest %(days)s days", amount=total(each.amount for each in here), days=oldest) if here else "",
        "url": f"/expenses/claims?state={name}",
        "tone": "late" if any(each.is_late for each in here) else "",
    }


def _called(name: str) -> Words:
    return _("Returned") if name == CLAIM.first else CLAIM.states[name].label


def _cells(row: Waiting) -> list[Any]:
    who, where = languages.here(row.requester), languages.here(row.department)
    return [row.number, row.title, who, where, _called(row.state), row.days, row.age, row.amount]


@pages.get("/expenses/mine", may=everyone)
def mine() -> Any:
    """What one may still claim, and what of one's claims and advances is not settled."""
    found = unsettled_of(me().id)
    return page(
        "expenses/mine.html",
        requests=[(each, sums_of(each.id, Money(0))) for each in own_requests(me())],
        today=clock.today(),
        claims=[(each, FLOWS[each.kind].state_of(each)) for each in found if each.kind == CLAIM.name],
        advances=[(each, FLOWS[each.kind].state_of(each), *_advance(each)) for each in found if each.kind != CLAIM.name],
    )


def _advance(case: Case) -> tuple[Advance, Money]:
    advance = Advance.get_by_id(case.id)
    return advance, standing(advance).open


def _kept(person: Person) -> list[Kept]:
    """What was advanced and is not settled, and what was claimed and is not repaid: on the first page."""
    found = []
    for case in unsettled_of(person.id)[:6]:
        amount = case.amount if case.kind == CLAIM.name else _advance(case)[1] or case.amount
        found.append(Kept(_("%(number)s %(title)s", number=case.number or "", title=case.title), f"/papers/{case.id}", amount))
    return found
