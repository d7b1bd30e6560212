"""The company's rules that are numbers or choices, and the trail of what was done and what was refused."""

from __future__ import annotations

import re
from typing import Any

from flask import request

from portal import policies
from portal.access import ROLES, everyone, split_post
from portal.fields import clean, read_day
from portal.money import Money
from portal.people import models_audit
from portal.people.models import PAGE
from portal.people.models_audit import THINGS, Trail
from portal.people.views_door import pages
from portal.people.views_people import ADMINISTRATION, overseers
from portal.persons import Person
from portal.policies import POLICIES, Policy, Value
from portal.refused import Mistyped, NotThere, NotYours
from portal.web import NAVIGATION, Link, asked, confirm_first, go, key, me, my_posts, page, page_key, tell, with_filters
from portal.words import Words, _

NAVIGATION.append(Link(_("Company rules"), "people.company_rules", "sliders-horizontal", group=ADMINISTRATION, place=90))
NAVIGATION.append(Link(_("Audit trail"), "people.audit", "history", group=ADMINISTRATION, place=90))


@pages.get("/policies", may=everyone)
def company_rules() -> Any:
    return _page()


def _page(status: int = 200, wrong: str = "", why: Words | None = None, typed: str = "") -> Any:
    owned: dict[str, list[Policy]] = {}
    for policy in POLICIES.values():
        if policy.owner in ROLES:
            owned.setdefault(policy.owner, []).append(policy)
    mine = {split_post(post)[0] for post in my_posts()}
    return page(
        "people/policies.html",
        status,
        owned=[(ROLES[owner], owner in mine, listed) for owner, listed in owned.items()],
        kind_of=_kind_of,
        shown=models_audit.shown,
        wrong=wrong,
        why=why,
        typed=typed,
        history=models_audit.history_of_policies(20) if overseers.allows(my_posts()) else [],
    )


def _kind_of(policy: Policy) -> str:
    if isinstance(policy.default, bool):
        return "choice"
    if isinstance(policy.default, Money):
        return "money"
    return "number" if isinstance(policy.default, int) else "text"


@pages.post("/policies/<name>", may=everyone)
def change_rule(name: str) -> Any:
    policy = POLICIES.get(name)
    if policy is None or policy.owner not in ROLES:
        raise NotThere()
    if policy.owner not in {split_post(post)[0] for post in my_posts()}:
        raise NotYours(_("This rule belongs to the role %(role)s.", role=ROLES[policy.owner].label))
    typed = clean(request.form.get("value", ""))[:200]
    try:
        value = _read(policy, typed)
        confirm_first()
        policies.change(me(), policy, value)
    except Mistyped as refusal:
        return _page(422, policy.key, refusal.why, typed)
    tell(_("“%(rule)s” has been changed.", rule=policy.about))
    return go("people.company_rules")


def _read(policy: Policy, typed: str) -> Value:
    """What was typed, as the policy keeps it. Raises Mistyped."""
    match _kind_of(policy):
        case "choice":
            if typed not in ("yes", "no"):
                raise Mistyped(_("Choose one of the list."), policy.key)
            return typed == "yes"
        case "money":
            try:
                return Money.parse(typed)
            except ValueError:
                raise Mistyped(_("Write an amount in yuan, such as 1200 or 12.50."), policy.key) from None
        case "number":
            if not re.fullmatch(r"[0-9]{1,9}", typed, re.ASCII):
                raise Mistyped(_("Write a whole number."), policy.key)
            return int(typed)
    if not typed:
        raise Mistyped(_("Fill this in."), policy.key)
    return typed


# ---- the trail ------------------------------------------------------------------------------------------------------


@pages.get("/audit", may=overseers)
def audit() -> Any:
    by = request.args.get("person") or ""
    person = key(by) if by else None
    thing = asked("thing", THINGS)
    since, until = (read_day(request.args.get(name, "")) for name in ("since", "until"))
    found = Trail(thing, person, since, until).page(page_key(), my_posts())
    return page(
        "people/audit.html",
        told=found[:PAGE],
        post_called=_post_called,
        next=with_filters(before=found[PAGE - 1].event.id) if len(found) > PAGE else "",
        things=list(THINGS.items()),
        thing=thing,
        person=person,
        people=_people(),
        since=since,
        until=until,
    )


def _post_called(post: str) -> Words | None:
    """The post without its department: the sentence beside it says enough."""
    role = split_post(post)[0]
    return ROLES[role].label if role in ROLES else None


@pages.get("/audit/refused", may=overseers)
def refused() -> Any:
    by = request.args.get("person") or ""
    person = key(by) if by else None
    found = models_audit.refusals(person, page_key())
    return page(
        "people/refused.html",
        refusals=found[:PAGE],
        next=with_filters(before=found[PAGE - 1].id) if len(found) > PAGE else "",
        person=person,
        people=_people(),
    )


def _people() -> list[tuple[int, Any]]:
    return [(each.id, each.called) for each in Person.select().order_by(Person.name, Person.id)]
