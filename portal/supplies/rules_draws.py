"""Draws: the custodian files what the department needs, the office grants and issues it, and the custodian confirms it
(SUP-12, SUP-16)."""

from __future__ import annotations

from typing import Any

from portal import access, contents, db, languages, steps
from portal.access import dept_manager, office_clerk, office_manager, requester, supplies_custodian, system
from portal.cases import Case
from portal.contents import Content
from portal.flow import IN_TIME, REJECT, RETURN, WITHDRAW, Act, Either, Flow, during, objection, route, state, step, working_days
from portal.persons import Department, Person
from portal.refused import Mistyped, NotYours
from portal.stock.models import Item
from portal.supplies import rules_waiting as waiting
from portal.supplies import rules_wishes as wishes
from portal.supplies.models import Draw, DrawLine, WishLine
from portal.supplies.models_catalogue import KIND, custodian_of, custodian_replaced_by, stand_in_told, this_month
from portal.supplies.models_draws import (
    ALIVE,
    HOLDING,
    Figures,
    Taken,
    Wanted,
    figures_of,
    links_of_draw,
    write_links,
)
from portal.supplies.rules_issuing import Declined, hand_out, receipt_days, something_stayed, take_back
from portal.words import Words, _

MOST_LINES, MOST_QUANTITY = 200, 100_000


# ---- who files ------------------------------------------------------------------------------------------------------


def why_not_file(person: Person, department: Department, away: str = "", held: dict[str, bool] | None = None) -> Words | None:
    """What stands against this person, with the posts held, filing a draw for the department (SUP-16)."""
    posts = access.posts_of(person) if held is None else held
    if access.post("supplies_custodian", department.id) in posts:
        return None
    keeper = custodian_of(department.id)
    if access.post("dept_manager", department.id) in posts:
        return None if keeper is None or away else away_needed(keeper)
    if keeper is None:
        return _(
            "Nobody manages the supplies of %(department)s yet, so its head files the draws. Put what you need into your basket "
            "under Office supplies.",
            department=department.called,
        )
    return _(
        "Only %(who)s files draws for %(department)s, as its custodian of supplies. Put what you need into your basket under "
        "Office supplies: %(who)s takes it over from there.",
        who=keeper.called, department=department.called,
    )  # fmt: skip


def away_needed(keeper: Person) -> Words:
    return _("%(who)s is the custodian: you file only while %(who)s is away. Say why.", who=keeper.called)


# ---- what is typed --------------------------------------------------------------------------------------------------


def draw_content(person: Person, department: Department, wanted: list[Wanted], away: str = "") -> Content:
    """The contents of a draw. Its figures are read when it is submitted, never typed; the custodian's stand-in says why."""
    detail = stand_in_told(person, department, away)
    lines = [{"item": each.item, "quantity": each.quantity, "reason": each.reason} for each in wanted]
    items = ", ".join(languages.here(each.item.called) for each in wanted)
    title = languages.here(_("%(department)s: %(items)s", department=department.called, items=items))
    return Content(title if len(title) <= 120 else title[:119] + "…", detail, lines, department=department)


def snapshot(figures: Figures) -> dict[str, Any]:
    """The figures as a line keeps them: those the decision is made on."""
    return {
        "stock": figures.stock, "half_year": figures.half_year, "limit_left": figures.limit_left, "suggested": figures.suggested,
    }  # fmt: skip


def check_draw(person: Person, content: Content) -> None:
    """However a draw comes about: who files it, and what may stand in it."""
    assert content.department is not None
    away = content.detail["away"]
    if why := why_not_file(person, content.department, away):
        if custodian_replaced_by(person, content.department):
            raise Mistyped(why, "away")
        raise NotYours(why)
    if len(away) > 200:
        raise Mistyped(_("That is too long: at most %(most)s characters.", most=200), "away")
    if not content.lines:
        raise Mistyped(_("Nothing is asked for: take over a wish, or add something yourself."), "lines")
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")
    _check_lines(content.lines)


def _check_lines(lines: list[dict[str, Any]]) -> None:
    seen = set()
    for line in lines:
        item = line["item"]
        if item.id in seen:
            raise Mistyped(_("%(item)s stands there twice.", item=item.called), "lines")
        seen.add(item.id)
        if item.kind != KIND or not item.active:
            raise Mistyped(_("%(item)s is not in use any more.", item=item.called), "lines")
        if not isinstance(line["quantity"], int) or not 0 < line["quantity"] <= MOST_QUANTITY:
            raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=1, most=MOST_QUANTITY), f"own-{item.id}")
        if len(line["reason"]) > 200:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=200), f"reason-{item.id}")


@db.transaction
def keep_draw(person: Person, content: Content, taken: Taken, token: str, case: Case | None = None, version: int = 0) -> Case:
    """A draft of a draw with what it takes over, new or in its next version."""
    _check_taken(content, taken)
    kept = contents.edit(person, case.id, content, version) if case else contents.create(DRAW, person, content, token)
    if kept.state == DRAW.first:
        write_links(kept, taken)
    return kept


@db.transaction
def file_draw(person: Person, content: Content, taken: Taken, token: str, case: Case | None = None, version: int = 0) -> Case:
    """Keeps the draw and submits it, or neither. Sent twice it is one draw."""
    kept = keep_draw(person, content, taken, token, case, version)
    if kept.state != DRAW.first:
        return kept
    return steps.take(person, kept.id, "submit", (kept.state, kept.version))


def _check_taken(content: Content, taken: Taken) -> None:
    assert content.department is not None
    asked = {line["item"].id: line["quantity"] for line in content.lines}
    wished = {line.id: line for line in WishLine.where(f"id IN ({db.marks(taken or [0])})", *(taken or [0]))}
    for key, (quantity, reason) in taken.items():
        line = wished.get(key)
        if line is None or line.item_id is None or line.case.department_id != content.department.id:
            raise Mistyped(_("Only wishes of the department are taken over."), "lines")
        if not 0 <= quantity <= line.quantity:
            why = _("Write a whole number from %(least)s to %(most)s.", least=0, most=line.quantity)
            raise Mistyped(why, f"take-{key}")
        if quantity < line.quantity and not reason:
            raise Mistyped(_("Say why, so that the others can follow."), f"why-{key}")
        if len(reason) > 200:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=200), f"why-{key}")
        asked[line.item_id] = asked.get(line.item_id, 0) - quantity
    if any(left < 0 for left in asked.values()):
        raise Mistyped(_("The draw asks for less than it takes over of the wishes."), "lines")


# ---- guards ---------------------------------------------------------------------------------------------------------


@objection(_("somebody other than the custodian files it"))
def not_who_files(act: Act) -> Words | None:
    if not is_applicant(act):
        return why_not_file(act.case.requester, act.case.department, act.paper.away)
    if access.wanted_post(supplies_custodian, act.case) in act.posts:
        return None
    return why_not_file(act.person or act.case.requester, act.case.department, act.paper.away, act.posts)


@objection(_("a wish was taken back or taken over meanwhile"))
def wish_is_gone(act: Act) -> Words | None:
    gone = next((link for link in links_of_draw(act.case.id) if link.is_gone), None)
    if gone is None:
        return None
    return _("%(number)s was taken back or taken over meanwhile: look at the wishes again.", number=gone.wish_number)


def _figures(act: Act) -> dict[int, Figures]:
    return figures_of(act.case.department_id, [line.item_id for line in act.lines], act.case.id)


@objection(_("a line goes above the limit without a reason of its own"))
def above_limit_unsaid(act: Act) -> Words | None:
    figures = _figures(act)
    for line in act.lines:
        if figures[line.item_id].is_above(line.quantity) and not line.reason:
            return above_limit(line.item, figures[line.item_id])
    return None


def above_limit(item: Item, figures: Figures) -> Words:
    return _(
        "%(item)s: the limit leaves %(left)s this month. Ask for less, or say why more is needed: then the head decides.",
        item=item.called, left=figures.limit_left,
    )  # fmt: skip


@route(_("a line goes above the limit, or has none"))
def goes_to_head(act: Act) -> bool:
    figures = _figures(act)
    return any(figures[line.item_id].limit is None or figures[line.item_id].is_above(line.quantity) for line in act.lines)


@route(_("every line is within its limit"))
def within_limits(act: Act) -> bool:
    return not goes_to_head(act)


@route(_("the applicant cancels it"))
def is_applicant(act: Act) -> bool:
    return act.person is not None and act.person.id == act.case.requester_id


@route(_("the custodian now in office cancels it"))
def keeps_supplies(act: Act) -> bool:
    return not is_applicant(act) and access.wanted_post(supplies_custodian, act.case) in act.posts


@route(_("the head of the department cancels it"))
def heads_it(act: Act) -> bool:
    return not is_applicant(act) and not keeps_supplies(act)


# ---- effects --------------------------------------------------------------------------------------------------------


_KEEP = "UPDATE draw_lines SET stock = ?, half_year = ?, limit_left = ?, suggested = ? WHERE id = ?"


def freeze(act: Act) -> None:
    """The figures at this moment are those the decision is made on; who files in whose stead stays written down."""
    figures = _figures(act)
    for line in act.lines:
        db.run(_KEEP, *snapshot(figures[line.item_id]).values(), line.id)
    above = any(figures[line.item_id].is_above(line.quantity) for line in act.lines)
    act.case.mark = "special" if above else ""
    Draw.update(is_special=above, month=this_month()).where(Draw.case == act.case).execute()
    if act.paper.in_place_of_id:
        act.data |= {"in_place_of": act.paper.in_place_of_id, "away": act.paper.away}


# ---- the flow -------------------------------------------------------------------------------------------------------

STANDS = [not_who_files, wish_is_gone, above_limit_unsaid]
TO_OFFICE = step("submit", "submitted", when=[within_limits], unless=STANDS, then=[freeze], look="primary", rules=["SUP-16"])
TO_HEAD = step("submit", "special", when=[goes_to_head], unless=STANDS, then=[freeze], look="primary", rules=["SUP-16"])
GRANTED = Either(waiting.is_all_there, "approved", "waiting")
APPROVE = step(
    "approve", GRANTED, then=[waiting.grant_as_asked], label=_("Grant all"), said=_("%(who)s granted it"), look="primary"
)
APPROVE_LESS = step(
    "approve_less",
    GRANTED,
    form=waiting.Granted,
    then=[waiting.grant_less],
    label=_("Grant less"),
    said=_("%(who)s granted a part of it"),
)
WHO_ISSUED = ["issue"]  # who handed it out does not receive it
CANCEL = step("cancel", "cancelled", who=requester, when=[is_applicant], note=True, look="quiet")
CANCEL_FOR_THEM = step("cancel", "cancelled", who=supplies_custodian, when=[keeps_supplies], note=True, look="quiet")
CANCEL_AS_HEAD = step("cancel", "cancelled", who=dept_manager, when=[heads_it], note=True, look="quiet")

DRAW = Flow(
    "draw",
    state("draft", requester, TO_OFFICE, TO_HEAD, editable=True),
    state(
        "special", dept_manager, APPROVE, APPROVE_LESS, RETURN, REJECT, WITHDRAW, label=_("With the department head"), due=IN_TIME
    ),
    state(
        "submitted", office_clerk.or_else(office_manager), APPROVE, APPROVE_LESS, RETURN, REJECT, WITHDRAW,
        label=_("With the office"), due=IN_TIME,
    ),
    state(
        "waiting",
        step("go_on", "approved", who=system, label=_("Go on"), said=_("Everything is there now: it will be issued")),
        step(
            "go_without", "approved", who=office_clerk, note=True, then=[waiting.do_without], label=_("Issue what is there"),
            said=_("%(who)s cut it to what is there"),
        ),
        CANCEL,
        CANCEL_FOR_THEM,
        CANCEL_AS_HEAD,
        label=_("Waits for goods"),
        tone="amber",
    ),
    state(
        "approved",
        office_clerk,
        step(
            "issue", "issued", unless=[waiting.not_all_held], then=[hand_out], label=_("Issue"), said=_("%(who)s issued it"),
            look="primary", rules=["SUP-12", "SUP-18", "SUP-19"],
        ),
        CANCEL,
        CANCEL_FOR_THEM,
        CANCEL_AS_HEAD,
        label=_("To be issued"),
        carries_out=True,
    ),
    state(
        "issued",
        supplies_custodian.or_else(dept_manager),
        step(
            "confirm", "received", apart_from=WHO_ISSUED, label=_("Confirm receipt"), said=_("%(who)s received it"),
            look="primary",
        ),
        step(
            "decline", Either(something_stayed, "received", "declined"), form=Declined, then=[take_back], apart_from=WHO_ISSUED,
            label=_("Decline a part"), said=_("%(who)s declined a part of it"),
        ),
        label=_("Issued"),
        due=working_days(receipt_days),
        carries_out=True,
        gives_way=True,
    ),
    state("received", label=_("Received"), tone="green"),
    state("declined", label=_("Sent back"), tone="red"),
    state("cancelled"),
    state("rejected", tone="red"),
    prefix="SD",
    label=_("Draw request"),
    detail=Draw,
    lines=DrawLine,
    during=(
        during(" ".join(ALIVE), wishes.take_over, wishes.give_back),
        during(" ".join(HOLDING), waiting.hold_what_is_there, waiting.release_what_is_held),
        during("received", wishes.bring_to_desks, wishes.nothing_more),
    ),
    reads=(supplies_custodian, dept_manager, office_clerk, office_manager),
    checks=(check_draw,),
    marks={"special": (_("Special request"), "amber")},
    icon="boxes",
    about=_("The custodian of a department files what it needs; the office grants and issues it, and the custodian confirms it."),
    rules=("SUP-03", "SUP-12", "SUP-16", "SUP-18", "SUP-19"),
)  # fmt: skip
