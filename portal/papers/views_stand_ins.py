"""Where nobody can act on a paper: the general manager names who stands in, for that paper alone."""

from __future__ import annotations

import re
from typing import Any

from flask import request

from portal import access, tasks
from portal.access import any_of, gm
from portal.cases import Case
from portal.papers.forms import StandInForm
from portal.papers.views_paper import pages
from portal.persons import Person
from portal.refused import Mistyped
from portal.showing import kind_of
from portal.web import confirm_first, filled, find_case, go, me, page, tell
from portal.words import _

_VERSION = re.compile(r"[0-9]{1,9}", re.ASCII)


@pages.form("/papers/<case_id>/stand-in", may=any_of(gm))
def stand_in(case_id: str) -> Any:
    """`post` in the address is the one that is missing; the first of them where none is named."""
    case = find_case(case_id)
    posts = list(tasks.missing(case))
    wanted = request.args.get("post", "")
    wanted = wanted if wanted in posts else next(iter(posts), "")
    form = filled(StandInForm)
    form.offer(tasks.candidates(case, wanted) if wanted else [])
    if request.method == "GET" or not form.validate():
        return _show(case, wanted, posts, form, 200 if request.method == "GET" else 422)
    confirm_first()
    version = request.form.get("version", "")
    try:
        chosen = Person.get_or_none(Person.id == form.person.data)
        shown = int(version) if _VERSION.fullmatch(version) else -1
        tasks.appoint(me(), case.id, shown, wanted, chosen, form.reason.data or "")
    except Mistyped as refusal:
        form.say(refusal.why, refusal.field)
        return _show(case, wanted, posts, form, refusal.status)
    assert chosen is not None
    tell(_("%(who)s stands in as %(post)s on this paper.", who=chosen.called, post=access.post_label(wanted)))
    return go("papers.show", case_id=case.id)


def _show(case: Case, wanted: str, posts: list[str], form: StandInForm, status: int) -> Any:
    return page(
        "papers/stand_in.html",
        status,
        case=case,
        flow=kind_of(case).flow,
        form=form,
        wanted=wanted,
        called=access.post_label(wanted) if wanted else "",
        others=[(post, access.post_label(post)) for post in posts if post != wanted],
    )
