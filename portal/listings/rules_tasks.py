"""What the shop still needs is asked of the designer or the copywriter, handed in and accepted (SHF-08, PRO-13)."""

from __future__ import annotations

from datetime import datetime

from portal import access, attachments, clock
from portal.access import copywriter, designer, ecom_director, planner, requester, section_specialist
from portal.contents import Content
from portal.flow import WITHDRAW, Act, Either, Flow, objection, route, state, step
from portal.listings.models_tasks import NEEDS, ContentTask
from portal.listings.rules_products import ENTERS
from portal.persons import Person
from portal.refused import Mistyped, NotYours
from portal.words import Words, _

_MOST = {"about": 120, "brief": 2000}


def check_task(person: Person, content: Content) -> None:
    """However the paper comes about."""
    detail = content.detail
    if not ENTERS.allows(access.posts_of(person)):
        raise NotYours(_("Only planners and section specialists ask for contents."))
    if detail["needs"] not in NEEDS:
        raise Mistyped(_("Choose one of the list."), "needs")
    for name, most in _MOST.items():
        if len(detail[name]) > most:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=most, are=len(detail[name])), name)
    if detail["product"] is not None and detail["product"].is_archived:
        raise Mistyped(_("It is archived: its contents stay as they are."), "product")


@route(_("pictures or a page are asked for"))
def wants_a_designer(act: Act) -> bool:
    return not act.paper or act.paper.needs != "description"


@route(_("words are asked for"))
def wants_a_copywriter(act: Act) -> bool:
    return not wants_a_designer(act)


@objection(_("it does not say what it is for and what is needed"))
def incomplete(act: Act) -> Words | None:
    paper = act.paper
    if paper.product_id is None and not paper.about:
        return _("Name the product, or say what it is for.")
    return None if paper.brief else _("Say what is needed.")


@objection(_("nothing new is there"))
def nothing_new(act: Act) -> Words | None:
    """A product has a newer version of its contents; anything else is attached as a file."""
    paper = act.paper
    if paper.product_id is None:
        return None if attachments.of("case", act.case.id) else _("Attach what was made.")
    if paper.product.version > (paper.asked_version or 0):
        return None
    return _("The contents of the product are as they were: write a new version, then hand it in.")


def note_version(act: Act) -> None:
    """What is there when it is asked for does not count as made."""
    if act.paper.product_id is not None:
        ContentTask.update(asked_version=act.paper.product.version).where(ContentTask.case == act.case).execute()


def note_made(act: Act) -> None:
    if act.paper.product_id is not None:
        ContentTask.update(made_version=act.paper.product.version).where(ContentTask.case == act.case).execute()


def when_due(act: Act) -> datetime:
    """Until the end of the day that was asked for."""
    return clock.end_of(act.paper.due_on) if act.paper.due_on else clock.FAR_FUTURE


when_due.about = lambda: _("the end of the day that was asked for")  # type: ignore[attr-defined]

HAND_IN = step(
    "hand_in", "made", unless=[nothing_new], then=[note_made], look="primary", label=_("Hand it in"),
    said=_("%(who)s handed it in"), rules=["SHF-08", "PRO-13"],
)  # fmt: skip
DROP = step("cancel", "cancelled", who=requester, note=True, look="quiet")

TASK = Flow(
    "content_task",
    state(
        "draft",
        requester,
        step("submit", "drawing", when=[wants_a_designer], unless=[incomplete], then=[note_version], look="primary"),
        step("submit", "writing", when=[wants_a_copywriter], unless=[incomplete], then=[note_version], look="primary"),
        editable=True,
    ),
    state("drawing", designer, HAND_IN, WITHDRAW, DROP, label=_("With the designer"), due=when_due, carries_out=True),
    state("writing", copywriter, HAND_IN, WITHDRAW, DROP, label=_("With the copywriter"), due=when_due, carries_out=True),
    state(
        "made",
        requester,
        step("accept", "done", label=_("Accept"), said=_("%(who)s accepted it"), look="primary"),
        step(
            "redo", Either(wants_a_designer, "drawing", "writing"), then=[note_version], note=True, label=_("Give it back"),
            said=_("%(who)s gave it back"),
        ),
        DROP,
        label=_("Handed in"),
        tone="blue",
    ),
    state("done", label=_("Done"), tone="green"),
    state("cancelled"),
    prefix="CT",
    label=_("Content task"),
    detail=ContentTask,
    reads=(planner, section_specialist, designer, copywriter, ecom_director),
    checks=(check_task,),
    icon="image",
    about=_("Pictures, words or a page for a product or a promotion, made by the designer or the copywriter."),
    rules=("SHF-08", "PRO-13"),
    begun_by=ENTERS,
)  # fmt: skip
