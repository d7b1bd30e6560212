"""Steps that ask for something for every line: each on a page of its own."""

from __future__ import annotations

from typing import Any

from flask import request

from portal import steps
from portal.cases import Case
from portal.flow import Flow
from portal.offers import offered
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.typed import Typed
from portal.web import find_case, go, me, my_posts, tell
from portal.words import Words, _


def case_for_step(flow: Flow, case_id: str, name: str) -> Case:
    """The paper, if this step is open to this person there."""
    case = find_case(case_id)
    if case.kind != flow.name:
        raise NotThere()
    offer = next((each for each in offered(case, me(), my_posts()) if each.step.name == name), None)
    is_there = any(way.name == name for way in flow.state_of(case).steps)
    if (request.method == "GET" or is_there) and (offer is None or offer.why_not):
        raise NotYours(offer.why_not if offer else None)
    return case


def taken(flow: Flow, case: Case, name: str, given: Any, typed: Typed) -> tuple[Any, Words | None, int]:
    """Takes the step with what was typed, and goes to the paper; else nothing, what stands against it, and the status of the
    page."""
    if request.method != "POST" or typed.wrong:
        return None, None, 422 if typed.wrong else 200
    shown = (typed.text("state") or "-", typed.number("version", most=10**7) or -1)
    try:
        moved = steps.take(me(), case.id, name, shown, given, typed.text("note"))
    except (NotYours, NotThere):
        raise
    except Refused as refusal:
        return None, None if isinstance(refusal, Mistyped) and typed.say(refusal) else refusal.why, refusal.status
    done = flow.said(name, me().called)
    tell(_("%(number)s %(title)s: %(what)s.", number=moved.number or "", title=moved.title, what=done))
    return go("papers.show", case_id=case.id), None, 200
