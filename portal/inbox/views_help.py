"""Help: the way of each kind of paper, the rules kept, who may do what, and the keys; all drawn from what the portal does."""

from __future__ import annotations

from typing import Any

from flask import current_app

from portal.access import everyone
from portal.flow import FLOWS
from portal.inbox import rules_help
from portal.inbox.views import pages
from portal.kinds import KINDS
from portal.refused import NotThere
from portal.rulebook import CHAPTERS, RULES, chapter
from portal.web import NAVIGATION, my_posts, page, public


@pages.get("/help", may=everyone)
def help_index() -> Any:
    return page("inbox/help.html", flows=list(FLOWS.values()))


@pages.get("/help/<kind>", may=everyone)
def help_kind(kind: str) -> Any:
    """The way of one kind of paper, printed from its flow."""
    flow = FLOWS.get(kind)
    if flow is None:
        raise NotThere()
    lines = rules_help.actions_of(flow, _may_start(kind))
    return page(
        "inbox/help_kind.html",
        flow=flow,
        about=KINDS[kind].about if kind in KINDS else flow.about,
        starts=kind in KINDS and KINDS[kind].may_start.allows(my_posts()),
        way=rules_help.way_of(flow),
        columns=rules_help.columns_in(lines),
        lines=lines,
        kept=[(rule, RULES[rule]) for rule in rules_help.rules_of(flow) if rule in RULES],
    )


def _may_start(kind: str) -> Any:
    return KINDS[kind].may_start if kind in KINDS else everyone


@pages.get("/help/rules", may=everyone)
def help_rules() -> Any:
    flows = list(FLOWS.values())
    kept_by = {rule: [flow for flow in flows if rule in rules_help.rules_of(flow)] for rule in RULES}
    told = {key: [(rule, RULES[rule], kept_by[rule]) for rule in RULES if chapter(rule) == key] for key in CHAPTERS}
    return page("inbox/help_rules.html", chapters=[(label, told[key]) for key, label in CHAPTERS.items()])


@pages.get("/help/roles", may=everyone)
def help_roles() -> Any:
    """Who may do what: the steps of all papers, and the pages that are not for everybody."""
    papers = [(flow.label, rules_help.actions_of(flow, _may_start(name))) for name, flow in FLOWS.items()]
    rights = current_app.extensions["rights"]
    opened = [rules_help.may_open(link.label, rights[link.endpoint]) for link in NAVIGATION if rights[link.endpoint] != public]
    columns = rules_help.columns_in([*(line for _label, lines in papers for line in lines), *opened])
    return page("inbox/help_roles.html", papers=papers, opened=opened, columns=columns)


@pages.get("/help/keys", may=everyone)
def help_keys() -> Any:
    return page("inbox/help_keys.html")
