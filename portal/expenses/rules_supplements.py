"""A request that supplements an approved one: what it adds to it, and what ends with it (FIN-13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal import steps
from portal.cases import Case
from portal.expenses.models import Spending
from portal.expenses.models_money import REQUESTS, claimed_by_line, covered_by, is_open, room_for_advance, supplements_of
from portal.expenses.rules_advances import is_for
from portal.flow import Act, Effect, objection
from portal.money import Money
from portal.persons import Person
from portal.words import Words, _


def wrong_supplement(person: Person, detail: Mapping[str, Any]) -> Words | None:
    """What is wrong with the request it names; nothing where it names none."""
    request = detail.get("supplements")
    if request is None:
        return None
    if not isinstance(request, Case) or request.kind not in REQUESTS or not is_for(request, person) or request.number is None:
        return _("Choose one of your own approved requests.")
    if Spending.get_by_id(request.id).nature != detail.get("nature", "office"):
        return _("A supplement is of the same kind of spending as its request.")
    return None


@objection(_("the request it supplements is not approved"))
def nothing_to_supplement(act: Act) -> Words | None:
    request = act.paper.supplements
    if request is None or is_open(request):
        return None
    return _("%(number)s is not approved any more: write a request of its own.", number=request.number or request.title)


@objection(_("claims or advances rest on it"))
def rests_on_it(act: Act) -> Words | None:
    """A supplement stays while more is claimed or advanced on its request than is approved without it."""
    request, line = act.paper.supplements, act.paper.line_id
    if request is None:
        return None
    others = [each for each in covered_by(request.id) if each.case_id != act.case.id and each.line_id == line]
    without = sum((each.amount for each in others), Money(0))
    if claimed_by_line(request.id).get(line, Money(0)) > without or room_for_advance(request.id) < act.case.amount:
        return _("Claims or advances on %(number)s rest on it.", number=request.number or "")
    return None


@objection(_("a supplement to it is not decided"))
def supplement_open(act: Act) -> Words | None:
    waiting = supplements_of(act.case.id, ("endorsing", "submitted", "provisional"))
    if not waiting:
        return None
    return _("%(papers)s is still open on it.", papers=", ".join(each.number or each.title for each in waiting))


def ends_supplements(step: str) -> Effect:
    """What supplements a request ends with it, by that step."""

    def end(act: Act) -> None:
        for case in supplements_of(act.case.id, ("approved",)):
            steps.take(None, case.id, step, (case.state, case.version))

    return end
