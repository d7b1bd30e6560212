"""Who asks for supplies to be bought, and what may stand in an application (SUP-04, SUP-07)."""

from __future__ import annotations

from portal import access
from portal.access import any_of, dept_manager, office_clerk, office_manager, supplies_custodian
from portal.contents import Content
from portal.money import HIGHEST
from portal.persons import Department, Person
from portal.purchasing.models import CAUSES, MOST_QUANTITY
from portal.purchasing.models_purchases import OFFICE, stands_in_for
from portal.refused import Mistyped, NotYours
from portal.supplies.models_catalogue import KIND
from portal.supplies.rules_draws import away_needed, why_not_file
from portal.words import Words, _

MAY_ASK = any_of(office_clerk, office_manager, supplies_custodian, dept_manager)
MOST_LINES = 200


# ---- what is typed --------------------------------------------------------------------------------------------------


def why_not_ask(person: Person, department: Department, away: str = "") -> Words | None:
    """What stands against this person asking for the department: its custodian does, the office for itself (SUP-04)."""
    if department.id == person.department_id and OFFICE.allows(access.posts_of(person)):
        return None
    return why_not_file(person, department, away)


def check_purchase(person: Person, content: Content) -> None:
    """What may stand in a draft: it may lack something, but nothing in it may be wrong."""
    department, detail = content.department or person.department, content.detail
    if why := why_not_ask(person, department, detail.get("away", "")):
        keeper = stands_in_for(person, department)
        raise Mistyped(away_needed(keeper), "away") if keeper else NotYours(why)
    if detail["cause"] not in CAUSES:
        raise Mistyped(_("Choose low stock or special need."), "cause")
    for name, longest in (("reason", 2000), ("away", 200)):
        if len(detail.get(name, "")) > longest:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=longest), name)
    line = detail.get("line")
    if line is not None and line.department_id != department.id:
        raise Mistyped(_("Choose a budget line of the department that asks."), "line")
    if line is not None and not line.category.active:
        raise Mistyped(_("%(category)s is not in use any more.", category=line.category.called), "line")
    _check_lines(content)


def _check_lines(content: Content) -> None:
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")
    seen = set()
    for line in content.lines:
        item, quantity = line["item"], line["quantity"]
        if item.id in seen:
            raise Mistyped(_("%(item)s stands there twice.", item=item.called), "lines")
        seen.add(item.id)
        if item.kind != KIND or not item.active:
            raise Mistyped(_("%(item)s is not in use any more.", item=item.called), "lines")
        if not isinstance(quantity, int) or not 0 < quantity <= MOST_QUANTITY:
            raise Mistyped(_("How many %(item)s: from 1 to %(most)s.", item=item.called, most=MOST_QUANTITY), "lines")
        if not 0 <= line["estimate"] < HIGHEST:
            raise Mistyped(_("An amount is from 0 to below 10,000,000,000."), "lines")
        if len(line.get("note", "")) > 200:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=200), "lines")
    if content.amount is not None and content.amount >= HIGHEST:
        raise Mistyped(_("Amounts stay below 10,000,000,000."), "lines")
