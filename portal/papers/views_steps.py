"""Steps are taken on the page of a paper, in the reading pane, or on several papers together."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, request

from portal import steps
from portal.access import everyone
from portal.cases import Case
from portal.fields import clean
from portal.flow import BACK, FLOWS, Act, Step
from portal.kinds import STEP_FORMS, StepForm
from portal.offers import offered
from portal.papers.rules import MOST_AT_ONCE, Decided, take_together
from portal.papers.views_paper import pages
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.showing import Refusal, Tried, kind_of, named_apart, paper_values
from portal.web import confirm_first, find_case, go, go_to, inside, is_fragment, me, my_posts, page, tell
from portal.words import Words, _, _n

_SHOWN = re.compile(r"([0-9]{1,10}):([a-z_]{1,30}):([0-9]{1,9})", re.ASCII)
MOVED = "tasks-moved"  # the event on the page by which counts ask anew


@pages.post("/papers/<case_id>/steps", may=everyone)
def take(case_id: str) -> Any:
    case = find_case(case_id)
    name, note = request.form.get("step", ""), clean(request.form.get("note"), lines=True)
    way = kind_of(case).flow.step(case, name, Act(case, me(), step=name))
    form = _form(way, case) if _is_named(case, name) else None
    if form is not None and not form.validate():
        return _again(case, Refusal(name, _("Correct what is marked."), "form", note), 422, form)
    if way is not None and way.confirm and _is_open(case, name):
        confirm_first()
    try:
        moved = steps.take(me(), case.id, name, _as_shown(), _given(way, form), note)
    except (NotYours, NotThere):
        raise
    except Refused as refusal:
        return _refused(case, name, note, refusal, form)
    return _taken(moved, name)


def _form(way: Step | None, case: Case) -> StepForm | None:
    """What was typed with a step that asks for more than a note."""
    if way is None or way.form is None or way.form not in STEP_FORMS:
        return None
    return named_apart(STEP_FORMS[way.form](formdata=request.form, case=case), way)


def _given(way: Step | None, form: StepForm | None) -> Any:
    if form is not None:
        return form.given()
    return request.form.get("to", "") if way is not None and way.to == BACK else None


def _is_named(case: Case, name: str) -> bool:
    """Whether the step is this person's at all: who else sends it is refused before what was typed is looked at."""
    return any(each.step.name == name for each in offered(case, me(), my_posts()))


def _is_open(case: Case, name: str) -> bool:
    return any(each.step.name == name and not each.why_not for each in offered(case, me(), my_posts()))


def _as_shown() -> tuple[str, int]:
    """State and version as the person saw them; what cannot be one is none the paper is in."""
    version = request.form.get("version", "")
    return request.form.get("state") or "-", int(version) if re.fullmatch(r"[0-9]{1,9}", version, re.ASCII) else -1


def _refused(case: Case, name: str, note: str, refusal: Refused, form: StepForm | None) -> Response:
    field = refusal.field if isinstance(refusal, Mistyped) else None
    if form is not None and field in form:
        form.say(refusal.why, field)
        field = "form"
    return _again(case, Refusal(name, refusal.why, field, note), refusal.status, form)


def _again(case: Case, refusal: Refusal, status: int, form: StepForm | None = None) -> Response:
    """The paper as it stands now, with what was typed and why it was not taken."""
    return _page(status, **paper_values(case.id, Tried(refusal, form)))


def _page(status: int, **values: Any) -> Response:
    fragment = "papers/_pane.html" if values["is_pane"] else "papers/_paper.html"
    close = request.form.get("close")
    return page("papers/show.html", status, fragment=fragment, close_url=inside(close) if close else None, **values)


def _taken(case: Case, name: str) -> Response:
    done = FLOWS[case.kind].said(name, me().called)
    if is_fragment() and "next" not in request.form:
        answer = _page(200, **paper_values(case.id, Tried(done=done)))
        answer.headers["HX-Trigger"] = MOVED
        return answer
    tell(_("%(number)s %(title)s: %(what)s.", number=case.number or "", title=case.title, what=done))
    if back := request.form.get("next") or request.form.get("close"):
        return go_to(inside(back))
    return go("papers.show", case_id=case.id)


# ---- several --------------------------------------------------------------------------------------------------------


@pages.post("/papers/steps", may=everyone)
def take_several() -> Any:
    """`paper` is given once for each, as id:state:version, the way it was shown."""
    name, back = request.form.get("step", ""), inside(request.form.get("next"))
    asked = [_chosen(text) for text in request.form.getlist("paper")]
    if not asked:
        raise Mistyped(_("Choose at least one paper."))
    if len(asked) > MOST_AT_ONCE:
        raise Mistyped(_("At most %(most)s papers can be decided together.", most=MOST_AT_ONCE))
    if any(way.confirm for case, *_shown in asked for way in FLOWS[case.kind].state_of(case).steps if way.name == name):
        confirm_first()
    decided = take_together(me(), name, asked)
    return _told(decided, back)


def _chosen(text: str) -> tuple[Case, str, int]:
    found = _SHOWN.fullmatch(text)
    if not found:
        raise NotThere()
    return find_case(found[1]), found[2], int(found[3])


def _told(decided: list[Decided], back: str) -> Any:
    refused = [each for each in decided if each.why_not]
    if not refused:
        tell(_done(len(decided)))
        return go_to(back)
    statuses = {each.status for each in decided}
    status = 200 if 200 in statuses else 403 if statuses == {403} else 409
    answer = page("papers/together.html", status, decided=decided, refused=refused, back=back)
    answer.headers["HX-Trigger"] = MOVED
    return answer


def _done(n: int) -> Words:
    return _n("%(n)s paper done", "%(n)s papers done", n=n)
