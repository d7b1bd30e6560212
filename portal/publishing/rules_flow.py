"""The way of a manuscript: collected, classified, compiled, approved by one or two, published by whoever its sort asks for."""

from __future__ import annotations

from typing import Any

from portal import access
from portal.access import copywriter, designer, ecom_director, gm, it_admin, preparer, requester, section_specialist
from portal.flow import IN_TIME, REJECT, RETURN, Act, Flow, during, objection, route, state, step
from portal.publishing.models import COLLECTS, COMPILES, PUBLISHER, Manuscript, ManuscriptText
from portal.publishing.models_papers import Classified, Confirmed, Down, Marks, Vouched
from portal.publishing.rules_manuscripts import (
    check_manuscript,
    classify,
    incomplete,
    open_up,
    plan_not_agreed,
    remark,
    settle,
    unwritten,
    vouch,
)
from portal.publishing.rules_published import file_too_large, in_time, publish, put_out, take_in
from portal.publishing.rules_take_downs import take_down
from portal.words import Words, _

# ---- which way it goes ----------------------------------------------------------------------------------------------


def _kind(act: Act) -> str:
    """Its sort; of one that is only being written, the first."""
    return act.paper.kind if act.paper else "news"


@route(_("it is neither confidential nor a headline or advertisement"))
def goes_round(act: Act) -> bool:
    return _kind(act) != "slot" and not (act.paper and act.paper.confidential)


@route(_("it is confidential, or a headline or advertisement: its author compiles it"))
def goes_straight(act: Act) -> bool:
    return not goes_round(act)


@route(_("a copywriter or section specialist has classified it already"))
def is_sorted(act: Act) -> bool:
    return bool(act.paper and act.paper.topic and COMPILES.allows(access.posts_of(act.case.requester)))


@route(_("it is not classified yet"))
def is_unsorted(act: Act) -> bool:
    return not is_sorted(act)


@route(_("it is not confidential"))
def is_open(act: Act) -> bool:
    return not (act.paper and act.paper.confidential)


@route(_("it is confidential or copyrighted"))
def is_guarded(act: Act) -> bool:
    return bool(act.paper and act.paper.is_guarded)


@route(_("it is neither confidential nor copyrighted"))
def is_plain(act: Act) -> bool:
    return not is_guarded(act)


@route(_("the section specialist publishes its kind"))
def by_specialist(act: Act) -> bool:
    return PUBLISHER[_kind(act)] == "approved"


@route(_("the section specialist or the designer publishes its kind"))
def by_either(act: Act) -> bool:
    return PUBLISHER[_kind(act)] == "approved_open"


@route(_("the designer publishes its kind"))
def by_designer(act: Act) -> bool:
    return PUBLISHER[_kind(act)] == "approved_slot"


@route(_("it is a headline or an advertisement"))
def is_slot(act: Act) -> bool:
    return _kind(act) == "slot"


@route(_("it is no headline or advertisement"))
def is_text(act: Act) -> bool:
    return not is_slot(act)


@route(_("a section specialist finds it"))
def keeps_section(act: Act) -> bool:
    return section_specialist.key in act.posts


@route(_("an administrator finds it"))
def keeps_site(act: Act) -> bool:
    return not keeps_section(act)


@objection(_("the general manager would sign first and last"))
def signs_last(act: Act) -> Words | None:
    """Two signatures come from two people, and the second one is the general manager's (INF-04, INF-05, GEN-01)."""
    if gm.key not in act.posts:
        return None
    return _("The general manager signs this one last: somebody who stands in for the marketing director agrees first.")


# ---- its steps ------------------------------------------------------------------------------------------------------

HAND_IN: dict[str, Any] = {"then": [open_up], "label": _("Hand it in"), "said": _("%(who)s handed it in"), "look": "primary"}
BACK_TO_WRITE = step("return", "compiled", note=True)
TAKE_BACK = step("withdraw", "compiled", who=preparer, look="quiet")
CHANGE = step(
    "change", "compiled", who=preparer, note=True, label=_("Change it"), said=_("%(who)s took it back to change it"),
    look="quiet", rules=["INF-11"],
)  # fmt: skip
PUT_BACK = step(
    "put_back", "collected", who=section_specialist, when=[is_open], note=True, label=_("Put back for somebody else"),
    said=_("%(who)s put it back for somebody else"), look="quiet",
)  # fmt: skip
PUBLISH = step(
    "publish", "published", form=Confirmed, unless=[file_too_large, plan_not_agreed], then=[publish], apart_from=["approve"],
    label=_("Publish"), said=_("%(who)s published it"), look="primary",
    rules=["INF-10", "INF-11", "INF-12", "INF-13", "INF-14", "INF-17"],
)  # fmt: skip


def approve(rules: list[str], when: list[Any], **more: Any) -> list[Any]:
    """Agreed to: it waits for whoever publishes its sort, within the hours."""
    ways = zip((by_specialist, by_either, by_designer), ("approved", "approved_open", "approved_slot"), strict=True)
    return [step("approve", to, when=[*when, test], look="primary", rules=rules, **more) for test, to in ways]


MANUSCRIPT = Flow(
    "manuscript",
    state(
        "draft",
        requester,
        step("hand_in", "collected", when=[goes_round, is_unsorted], **HAND_IN, rules=["INF-07"]),
        step("hand_in", "classified", when=[goes_round, is_sorted], **HAND_IN, rules=["INF-07"]),
        step("hand_in", "compiled", when=[goes_straight], **HAND_IN, rules=["INF-18"]),
        step("cancel", "cancelled", look="quiet"),
        editable=True,
    ),
    state(
        "collected", copywriter, section_specialist,
        step("classify", "classified", form=Classified, then=[classify], label=_("Classify and take on"),
             said=_("%(who)s classified it and handles it"), look="primary", rules=["INF-07"]),
        RETURN, REJECT,
        label=_("Collected"), carries_out=True,
    ),
    state(
        "classified", preparer,
        step("compile", "compiled", unless=[unwritten], look="primary", rules=["INF-07", "INF-08", "INF-19"]),
        RETURN, PUT_BACK,
        label=_("Classified"), carries_out=True, editable=True,
    ),
    state(
        "compiled", preparer,
        step("submit", "submitted", form=Vouched, unless=[incomplete, plan_not_agreed], then=[vouch], look="primary",
             rules=["INF-06", "INF-09", "PRO-07"]),
        PUT_BACK, step("cancel", "cancelled", who=preparer, note=True, look="quiet"),
        carries_out=True, editable=True,
    ),
    state(
        "submitted", ecom_director.or_else(gm),
        step("approve", "with_gm", when=[is_guarded], unless=[signs_last], look="primary", rules=["INF-04"]),
        *approve(["INF-09"], [is_plain]),
        step("mark", "submitted", form=Marks, note=True, then=[remark], label=_("Change the marks"),
             said=_("%(who)s changed its marks"), look="quiet", rules=["INF-04"]),
        BACK_TO_WRITE, REJECT, TAKE_BACK,
        due=IN_TIME,
    ),
    state(
        "with_gm", gm.or_else(),
        *approve(["INF-05"], [], confirm=True, apart_from=["approve"]),
        BACK_TO_WRITE, REJECT, TAKE_BACK,
        label=_("With the general manager"), due=IN_TIME,
    ),
    state(
        "approved", section_specialist, PUBLISH, BACK_TO_WRITE, CHANGE, label=_("To be published by the specialist"),
        tone="amber", carries_out=True, due=in_time,
    ),
    state(
        "approved_open", section_specialist, designer, PUBLISH, BACK_TO_WRITE, CHANGE,
        label=_("To be published by specialist or designer"), tone="amber", carries_out=True, due=in_time,
    ),
    state(
        "approved_slot", designer, PUBLISH, BACK_TO_WRITE, CHANGE, label=_("To be published by the designer"),
        tone="amber", carries_out=True, due=in_time,
    ),
    state(
        "published",
        CHANGE,
        step("retire", "retired", who=section_specialist, when=[is_text], label=_("Take off, it is out of date"),
             said=_("%(who)s took it off as out of date"), look="quiet"),
        step("retire", "retired", who=designer, when=[is_slot], label=_("Take off, it is out of date"),
             said=_("%(who)s took it off as out of date"), look="quiet"),
        step("take_down", "taken_down", who=section_specialist, when=[keeps_section], form=Down, then=[take_down],
             label=_("Take down at once"), said=_("%(who)s took it down at once"), look="danger", rules=["INF-15"]),
        step("take_down", "taken_down", who=it_admin, when=[keeps_site], form=Down, then=[take_down],
             label=_("Take down at once"), said=_("%(who)s took it down at once"), look="danger", rules=["INF-15"]),
        label=_("Published"), tone="green", carries_out=True,
    ),
    state(
        "taken_down",
        step("rework", "compiled", who=preparer, note=True, label=_("Write it anew"), said=_("%(who)s writes it anew")),
        PUT_BACK,
        label=_("Taken down"), tone="red", carries_out=True,
    ),
    state("retired", label=_("Out of date")),
    state("rejected", tone="red"),
    state("cancelled"),
    prefix="MS",
    label=_("Manuscript"),
    detail=Manuscript,
    lines=ManuscriptText,
    during=(during("published", put_out, take_in),),
    reads=(ecom_director, gm),
    checks=(check_manuscript,),
    follows=(settle,),
    marks={"confidential": (_("Confidential"), "violet"), "copyrighted": (_("Copyrighted"), "blue")},
    icon="newspaper",
    about=_("News, company information, product texts, articles and advertisements: approved first, then published in time."),
    rules=("INF-01", "INF-02", "INF-03", "INF-07", "INF-11"),
    begun_by=COLLECTS,
)  # fmt: skip
