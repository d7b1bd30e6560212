"""The shelf: products go up, come off for a reason, or show new contents there, each agreed to before (SHF-01 to SHF-07)."""

from __future__ import annotations

from datetime import datetime

from portal import access, clock, contents, db, languages, steps
from portal.access import any_of, dept_manager, ecom_director, gm, planner, requester, section_specialist
from portal.cases import Case
from portal.contents import Content
from portal.flow import IN_TIME, REJECT, RETURN, WITHDRAW, Act, Flow, objection, route, state, step
from portal.flow import during as while_in
from portal.listings.models import OpenShelfRequest, Product, ShelfLine, ShelfRequest
from portal.listings.models_shelf import WAYS, Ready, readiness, shelf_content
from portal.listings.rules_shown import put_up, show, take_off
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from portal.stock.models import Item
from portal.words import Words, _, to_json

ASKS = any_of(planner, section_specialist)
PLANS = any_of(planner)
MOST_LINES = 5000


# ---- what is asked --------------------------------------------------------------------------------------------------


def check_request(person: Person, content: Content) -> None:
    detail = content.detail
    posts = access.posts_of(person)
    if not ASKS.allows(posts):
        raise NotYours(_("Only planners and section specialists ask for the shelf."))
    if detail["way"] not in WAYS:
        raise Mistyped(_("Choose one of the list."), "way")
    if detail.get("planned_at") is not None:
        if not PLANS.allows(posts):
            raise Mistyped(_("The planner plans the time."), "planned_at")
        if detail["way"] == "off":
            raise Mistyped(_("It comes off as soon as it is agreed to and done."), "planned_at")
        if detail["way"] == "update":
            raise Mistyped(_("New contents are shown as soon as that is agreed to and done."), "planned_at")
    if len(detail.get("reason", "")) > 500:
        raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=500, are=len(detail["reason"])), "reason")
    if not content.lines:
        raise Mistyped(_("Choose at least one product."), "lines")
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")


@route(_("products come off the shelf"))
def goes_off(act: Act) -> bool:
    return bool(act.paper and act.paper.way == "off")


@route(_("products go on the shelf"))
def goes_on(act: Act) -> bool:
    return not act.paper or act.paper.way == "on"


@route(_("products show new contents"))
def updates(act: Act) -> bool:
    return bool(act.paper and act.paper.way == "update")


@route(_("products go up or show new contents"))
def shows_more(act: Act) -> bool:
    return not goes_off(act)


@objection(_("no reason is given"))
def no_reason(act: Act) -> Words | None:
    return None if act.paper.reason else _("Say why it comes off the shelf.")


@objection(_("a product is not ready"))
def not_ready(act: Act) -> Words | None:
    found = readiness(line.product_id for line in act.lines)
    return next((why for line in act.lines if (why := _hinders(act, found[line.product_id]))), None)


def _hinders(act: Act, ready: Ready) -> Words | None:
    if act.paper.way == "on":
        return _("%(product)s stands on the shelf already.", product=ready.code) if ready.is_up else ready.lacks()
    if not ready.is_up:
        return _("%(product)s does not stand on the shelf.", product=ready.code)
    return ready.lacks() if act.paper.way == "update" else None


_ELSEWHERE = """
SELECT i.code, k.number FROM open_shelf_requests o JOIN shelf_lines l ON l.product_id = o.product_id
JOIN products p ON p.id = o.product_id JOIN items i ON i.id = p.item_id JOIN cases k ON k.id = o.case_id
WHERE l.case_id = ? AND l.version = ? AND o.case_id <> ? ORDER BY l.n LIMIT 1
"""


@objection(_("a product stands in another open request"))
def stands_elsewhere(act: Act) -> Words | None:
    found = db.row(_ELSEWHERE, act.case.id, act.case.version, act.case.id)
    return _("%(product)s stands in %(number)s already.", product=found[0], number=found[1]) if found else None


def freeze(act: Act) -> None:
    """What is asked for is the contents as they stand now."""
    db.run(
        "UPDATE shelf_lines SET content = (SELECT p.version FROM products p WHERE p.id = shelf_lines.product_id) "
        "WHERE case_id = ? AND version = ?",
        act.case.id, act.case.version,
    )  # fmt: skip


def claim(act: Act) -> None:
    """One open request a product, by the key."""
    for line in sorted(act.lines, key=lambda each: each.product_id):
        sql = "INSERT INTO open_shelf_requests (product_id, case_id) VALUES (?, ?) ON CONFLICT (product_id) DO NOTHING"
        if db.run(sql, line.product_id, act.case.id).rowcount != 1:
            raise Refused(stands_elsewhere(act) or _("A product stands in another request already."))


def let_go(act: Act) -> None:
    OpenShelfRequest.delete().where(OpenShelfRequest.case == act.case).execute()


# ---- done -----------------------------------------------------------------------------------------------------------


def left_out(act: Act) -> dict[int, Words]:
    """The lines that cannot be done now, each with why; the others can. By line."""
    found = readiness(line.product_id for line in act.lines)
    why = {line.id: _stays(act, line, found[line.product_id]) for line in act.lines}
    return {line: words for line, words in why.items() if words is not None}


def _stays(act: Act, line: ShelfLine, ready: Ready) -> Words | None:
    if act.paper.way == "off":
        return None if ready.is_up else _("%(product)s does not stand on the shelf.", product=ready.code)
    if ready.is_up is (act.paper.way == "on"):
        return _hinders(act, ready)
    if ready.version != line.content:
        return _("The contents of %(product)s were changed after they were agreed to: ask again.", product=ready.code)
    return ready.lacks(at_last=True)


@objection(_("nothing of it can be done now"))
def nothing_can(act: Act) -> Words | None:
    why = left_out(act)
    return next(iter(why.values())) if len(why) == len(act.lines) else None


def carry_out(act: Act) -> None:
    """Does what was agreed to, as it was agreed to; what cannot be done any more is left out and says why."""
    stays, now = left_out(act), clock.now()
    for line in act.lines:
        if line.id in stays:
            db.run("UPDATE shelf_lines SET left_because = ? WHERE id = ?", to_json(stays[line.id]), line.id)
            continue
        _carry_out(act, line, now)
        db.run("UPDATE shelf_lines SET done_at = ? WHERE id = ?", db.to_ms(now), line.id)
    ShelfRequest.update(done_at=now).where(ShelfRequest.case == act.case).execute()
    act.data |= {"done": len(act.lines) - len(stays), "left": len(stays)}


def _carry_out(act: Act, line: ShelfLine, now: datetime) -> None:
    version = line.content or 0
    if act.paper.way == "on":
        put_up(line.product_id, version, max(act.paper.planned_at or now, now), act.person, act.case)
    elif act.paper.way == "update":
        show(line.product_id, version, act.person, act.case)
    else:
        take_off(line.product_id, "abnormal", act.paper.reason, act.person, act.case)


@db.transaction
def ask_back(person: Person, product: Product, token: str) -> Case:
    """The product as it stands asks for the shelf again, in one go; sent twice it is one request."""
    named = Item.get_by_id(product.item_id).code
    content = shelf_content(languages.here(_("Back on the shelf: %(product)s", product=named)), "on", [product])
    case = contents.create(SHELF, person, content, token)
    return steps.take(person, case.id, "submit", (case.state, case.version)) if case.state == SHELF.first else case


# ---- the flow -------------------------------------------------------------------------------------------------------

DECIDES = (step("approve", "approved", look="primary", rules=["SHF-02", "SHF-05"]), RETURN, REJECT, WITHDRAW)
CARRY_OUT = {"unless": [nothing_can], "then": [carry_out], "apart_from": ["approve"], "look": "primary"}

SHELF = Flow(
    "shelf_request",
    state(
        "draft",
        requester,
        step(
            "submit", "submitted", when=[shows_more], unless=[not_ready, stands_elsewhere], then=[freeze], look="primary",
            rules=["SHF-01"],
        ),
        step(
            "submit", "asked_off", when=[goes_off], unless=[no_reason, not_ready, stands_elsewhere], then=[freeze],
            look="primary", rules=["SHF-04"],
        ),
        editable=True,
    ),
    state("submitted", ecom_director.or_else(gm), *DECIDES, due=IN_TIME),
    state(
        "asked_off", ecom_director.or_else(gm), dept_manager, *DECIDES, label=_("To come off: with the director or the head"),
        due=IN_TIME,
    ),
    state(
        "approved",
        section_specialist,
        step("put_up", "done", when=[goes_on], label=_("Put up"), said=_("%(who)s put it on the shelf"),
             rules=["SHF-02", "SHF-07"], **CARRY_OUT),
        step("take_off", "done", when=[goes_off], label=_("Take off"), said=_("%(who)s took it off the shelf"),
             rules=["SHF-06"], **CARRY_OUT),
        step("update", "done", when=[updates], label=_("Show the new contents"), said=_("%(who)s showed the new contents"),
             rules=["SHF-09"], **CARRY_OUT),
        step("cancel", "cancelled", who=requester, note=True, look="quiet"),
        label=_("Approved, not done"),
        tone="amber",
        carries_out=True,
    ),
    state("done", label=_("Carried out"), tone="green"),
    state("rejected", tone="red"),
    state("cancelled"),
    prefix="SR",
    label=_("Shelf request"),
    detail=ShelfRequest,
    lines=ShelfLine,
    during=(while_in("submitted asked_off approved", claim, let_go),),
    reads=(planner, ecom_director, section_specialist, gm),
    checks=(check_request,),
    icon="store",
    about=_("Products to go on the shelf, to come off for a reason, or to show new contents; agreed by the marketing director."),
    rules=("SHF-01", "SHF-02", "SHF-04", "SHF-05", "SHF-07"),
    begun_by=ASKS,
)  # fmt: skip
