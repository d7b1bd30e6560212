"""Promotions: a plan passes first, then the treatment of goods; it runs and ends by the clock (PRO-01 to PRO-09)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal import access, clock, db, notices, steps
from portal.access import any_of, copywriter, designer, ecom_director, gm, holders, planner, requester, section_specialist, system
from portal.attachments import of as files_of
from portal.cases import Case
from portal.contents import Content
from portal.flow import FLOWS, IN_TIME, REJECT, RETURN, WITHDRAW, Act, Flow, objection, state, step
from portal.jobs import job
from portal.listings.models import SpecialPrice
from portal.listings.models_promotions import (
    ARTWORKS,
    SORTS,
    TARGETS,
    Artwork,
    PromotionPlan,
    Treatment,
    TreatmentLine,
    has_artwork,
    least_margin,
    lines_told,
)
from portal.listings.models_shown import OWN_PRICE
from portal.money import HIGHEST
from portal.persons import Person
from portal.refused import Mistyped, NotYours
from portal.words import Words, _, _n

PLANS = any_of(planner)
TREATS = any_of(section_specialist)
DRAWS = any_of(designer, copywriter)
MOST_LINES = 2000
LONGEST = {"strategy": 2000, "goods": 2000, "resources": 2000, "summary": 2000}


# ---- the plan -------------------------------------------------------------------------------------------------------


def check_plan(person: Person, content: Content) -> None:
    detail = content.detail
    if not PLANS.allows(access.posts_of(person)):
        raise NotYours(_("Only the e-commerce planner proposes promotions."))
    if detail.get("sort", "topic") not in SORTS:
        raise Mistyped(_("Choose one of the list."), "sort")
    if detail.get("target", "shop") not in TARGETS:
        raise Mistyped(_("Choose one of the list."), "target")
    if detail["starts_at"] >= detail["ends_at"]:
        raise Mistyped(_("It must end after it begins."), "ends_at")
    for name, most in LONGEST.items():
        if len(detail.get(name, "")) > most:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=most, are=len(detail[name])), name)


@objection(_("strategy, goods or resources are not said"))
def says_too_little(act: Act) -> Words | None:
    paper = act.paper
    if paper.strategy and paper.goods and paper.resources:
        return None
    return _("Say strategy, goods and resources of the promotion.")


@objection(_("its time is over"))
def is_over(act: Act) -> Words | None:
    return None if act.paper.ends_at > clock.now() else _("Its time is over: choose another.")


def tell_of_plan(act: Act) -> None:
    """Who treats the goods and who draws hear that the plan has passed."""
    told = {person.id for role in (section_specialist, designer) for person in holders(role.key)}
    text = _("%(number)s %(title)s has passed: goods and artwork can be prepared.", number=act.case.number, title=act.case.title)
    notices.tell(sorted(told), "decided", text, act.case)


def children(plan: Case) -> list[Case]:
    return list(Case.select().join(Treatment, on=(Treatment.case == Case.id)).where(Treatment.plan == plan).order_by(Case.id))


def stop_treatments(act: Act) -> None:
    """With the plan everything under it ends: what runs comes off at once, what waits is cancelled; nothing waits for ever."""
    for child in children(act.case):
        if child.closed_at is None and child.state not in ("draft", "ended"):
            steps.take(None, child.id, "stop")


PLAN = Flow(
    "promotion",
    state(
        "draft",
        requester,
        step("submit", "submitted", unless=[says_too_little, is_over], look="primary", rules=["PRO-01", "PRO-06", "PRO-09"]),
        editable=True,
    ),
    state(
        "submitted",
        ecom_director.or_else(gm),
        step("approve", "approved", unless=[is_over], then=[tell_of_plan], look="primary", rules=["PRO-02", "PRO-07"]),
        RETURN,
        REJECT,
        WITHDRAW,
        due=IN_TIME,
    ),
    state(
        "approved",
        step("end", "ended", who=system, then=[stop_treatments], label=_("End"), said=_("Its time was over")),
        step("cancel", "cancelled", who=ecom_director, then=[stop_treatments], note=True, look="danger"),
        label=_("Passed"),
        tone="green",
    ),
    state("ended", label=_("Ended")),
    state("cancelled"),
    state("rejected", tone="red"),
    prefix="PM",
    label=_("Promotion plan"),
    detail=PromotionPlan,
    reads=(planner, ecom_director, section_specialist, designer, copywriter, gm),
    checks=(check_plan,),
    icon="badge-percent",
    about=_("Strategy, goods, resources and time of a promotion; it passes before anything else is done."),
    rules=("PRO-01", "PRO-02", "PRO-06", "PRO-09"),
    begun_by=PLANS,
)  # fmt: skip


# ---- the treatment of goods -----------------------------------------------------------------------------------------


def check_treatment(person: Person, content: Content) -> None:
    if not TREATS.allows(access.posts_of(person)):
        raise NotYours(_("Only the section specialist proposes how goods are treated."))
    plan = Case.get_by_id(content.detail["plan"].id)
    if plan.kind != PLAN.name or plan.state != "approved":
        raise Mistyped(_("Choose a plan that has passed and is not over."), "plan")
    if not 0 < len(content.lines) <= MOST_LINES:
        raise Mistyped(_("Write from 1 to %(most)s lines.", most=MOST_LINES), "lines")
    period = PromotionPlan.get_by_id(plan.id)
    for line in content.lines:
        _check_line(line, period)
    named = [line["product"].id for line in content.lines]
    if len(named) != len(set(named)):
        raise Mistyped(_("A product stands in it twice."), "lines")


def _check_line(line: dict[str, Any], period: PromotionPlan) -> None:
    fen, gift = line["fen"], line["gift"]
    if fen is None and not gift:
        raise Mistyped(_("Write a price or a gift for every product."), "lines")
    if fen is not None and not 0 < fen < HIGHEST:
        raise Mistyped(_("Write an amount in yuan, such as 1200 or 12.50."), "lines")
    if not period.starts_at <= line["starts_at"] < line["ends_at"] <= period.ends_at:
        raise Mistyped(_("The time of every product lies within that of the plan."), "lines")
    if len(gift) > 120 or len(line["reason"]) > 200:
        raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=120, are=len(gift)), "lines")


@objection(_("the plan has not passed, or is over"))
def plan_is_not_open(act: Act) -> Words | None:
    plan = Case.get_by_id(act.paper.plan_id)
    if plan.state == "approved" and PromotionPlan.get_by_id(plan.id).ends_at > clock.now():
        return None
    return _("%(number)s is not open any more.", number=plan.number or "")


@objection(_("a product is archived"))
def is_archived(act: Act) -> Words | None:
    sql = """SELECT i.code FROM treatment_lines l JOIN products p ON p.id = l.product_id JOIN items i ON i.id = p.item_id
             WHERE l.case_id = ? AND l.version = ? AND p.is_archived ORDER BY l.n LIMIT 1"""
    found = db.row(sql, act.case.id, act.case.version)
    return _("%(product)s is archived.", product=found[0]) if found else None


_NO_BETTER = f"""
SELECT i.code, {OWN_PRICE} FROM treatment_lines l JOIN products p ON p.id = l.product_id JOIN items i ON i.id = p.item_id
WHERE l.case_id = ? AND l.version = ? AND l.fen IS NOT NULL ORDER BY l.n
"""


@objection(_("a price is not better than the product's own"))
def is_no_better(act: Act) -> Words | None:
    """A promotion price lies below the published one, which must be there."""
    own = dict(db.rows(_NO_BETTER, db.to_ms(clock.now()), act.case.id, act.case.version))
    for line in lines_told(act.case.id, act.case.version):
        if line.fen is None:
            continue
        price = own.get(line.code)
        if price is None:
            return _("%(product)s has no published price.", product=line.code)
        if line.fen >= price:
            return _("%(product)s: the promotion price is not below its own.", product=line.code)
    return None


@objection(_("a price is below cost or margin and says no reason"))
def is_too_cheap(act: Act) -> Words | None:
    """By the cost of now: since it was submitted before, a product may have become dearer to buy."""
    for line in lines_told(act.case.id, act.case.version, by_cost_of_now=True):
        if line.needs_reason and not line.reason:
            if line.margin is not None and line.margin < 0:
                return _("%(product)s: the price is below its cost. Say why.", product=line.code)
            return _("%(product)s: the margin is below %(least)s percent. Say why.", product=line.code, least=least_margin())
    return None


@objection(_("the artwork that is required was not approved"))
def artwork_is_missing(act: Act) -> Words | None:
    plan = PromotionPlan.get_by_id(act.paper.plan_id)
    if not plan.needs_artwork or has_artwork(plan.case_id):
        return None
    return _("The plan requires artwork, and none was approved yet.")


_AS_NOW = f"""
UPDATE treatment_lines SET old_fen = (SELECT {OWN_PRICE} FROM products p WHERE p.id = treatment_lines.product_id),
    cost = (SELECT p.cost FROM products p WHERE p.id = treatment_lines.product_id)
WHERE case_id = ? AND version = ?
"""


def as_now(act: Act) -> None:
    """The price to come back to and the cost, as they stand when it is submitted."""
    db.run(_AS_NOW, db.to_ms(clock.now()), act.case.id, act.case.version)


def apply(act: Act) -> None:
    """Writes each treatment that was agreed to, and no other; from its first moment on the shop shows it by itself."""
    now = clock.now()
    for line in act.lines:
        SpecialPrice.add(
            product=line.product_id, case=act.case, fen=line.fen, gift=line.gift, starts_at=line.starts_at, ends_at=line.ends_at,
            by=act.person, at=now,
        )  # fmt: skip
    Treatment.update(applied_at=now).where(Treatment.case == act.case).execute()


def end(act: Act) -> None:
    """Whatever still runs ends now; the own price is back without anybody's doing."""
    now = clock.now()
    running = (SpecialPrice.case == act.case) & (SpecialPrice.ends_at > now) & SpecialPrice.cancelled_at.is_null()
    SpecialPrice.update(cancelled_at=now).where(running).execute()
    Treatment.update(ended_at=now).where(Treatment.case == act.case).execute()


def verified(act: Act) -> None:
    Treatment.update(verified_at=clock.now()).where(Treatment.case == act.case).execute()


STOP = step("stop", "cancelled", who=system, label=_("Stop"), said=_("It was stopped with its plan"))
CALL_OFF = step("cancel", "cancelled", who=ecom_director, note=True, look="danger")
STANDS = [plan_is_not_open, is_archived, is_no_better, is_too_cheap]

TREATMENT = Flow(
    "treatment",
    state(
        "draft",
        requester,
        step("submit", "submitted", unless=STANDS, then=[as_now], look="primary", rules=["PRO-03"]),
        editable=True,
    ),
    state(
        "submitted",
        ecom_director.or_else(gm),
        step("approve", "approved", unless=[plan_is_not_open], look="primary", rules=["PRO-04"]),
        RETURN, REJECT, WITHDRAW, STOP,
        due=IN_TIME,
    ),
    state(
        "approved",
        section_specialist,
        step(
            "apply", "applied", unless=[plan_is_not_open, artwork_is_missing], then=[apply], apart_from=["approve"],
            label=_("Apply"), said=_("%(who)s applied it"), look="primary", rules=["PRO-05", "PRO-08"],
        ),
        CALL_OFF, STOP,
        label=_("Approved, not applied"),
        tone="amber",
        carries_out=True,
    ),
    state(
        "applied",
        step("end", "ended", who=system, then=[end], label=_("End"), said=_("Its time was over: the own price is back")),
        step("stop", "ended", who=system, then=[end], label=_("Stop"), said=_("It was stopped with its plan")),
        step(
            "cancel", "ended", who=ecom_director, then=[end], note=True, label=_("Stop it now"), said=_("%(who)s stopped it"),
            look="danger",
        ),
        label=_("Applied: runs by the clock"),
        tone="blue",
    ),
    state(
        "ended",
        section_specialist,
        step(
            "verify", "closed", then=[verified], label=_("The old prices are back"),
            said=_("%(who)s verified that the old prices are back"), look="primary", rules=["PRO-05"],
        ),
        label=_("Ended: verify the old prices"),
        tone="amber",
        carries_out=True,
        due=IN_TIME,
    ),
    state("closed", tone="green"),
    state("cancelled"),
    state("rejected", tone="red"),
    prefix="PT",
    label=_("Special treatment of goods"),
    detail=Treatment,
    lines=TreatmentLine,
    reads=(planner, ecom_director, section_specialist, gm),
    checks=(check_treatment,),
    icon="badge-percent",
    about=_("Promotion prices and gifts of single products under a plan that has passed."),
    rules=("PRO-03", "PRO-04", "PRO-05"),
    begun_by=TREATS,
)  # fmt: skip


# ---- artwork --------------------------------------------------------------------------------------------------------


def check_artwork(person: Person, content: Content) -> None:
    if not DRAWS.allows(access.posts_of(person)):
        raise NotYours(_("Only designers and copywriters bring artwork."))
    if content.detail["sort"] not in ARTWORKS:
        raise Mistyped(_("Choose one of the list."), "sort")
    plan = content.detail["plan"] and Case.get_by_id(content.detail["plan"].id)
    if plan is not None and (plan.kind != PLAN.name or plan.state != "approved"):
        raise Mistyped(_("Choose a plan that has passed and is not over."), "plan")


@objection(_("no picture or page is attached"))
def nothing_to_see(act: Act) -> Words | None:
    seen = [file for file in files_of("case", act.case.id) if file.type.startswith("image/") or file.type == "application/pdf"]
    return None if seen else _("Attach the artwork as a picture or a PDF.")


SEEN: dict[str, Any] = {"unless": [nothing_to_see], "look": "primary", "rules": ["PRO-08"]}

ARTWORK = Flow(
    "artwork",
    state("draft", requester, step("submit", "submitted", **SEEN), editable=True),
    state("submitted", ecom_director.or_else(gm), step("approve", "approved", **SEEN), RETURN, REJECT, WITHDRAW, due=IN_TIME),
    state("approved", label=_("Final"), tone="green"),
    state("rejected", tone="red"),
    prefix="AW",
    label=_("Artwork"),
    detail=Artwork,
    reads=(planner, ecom_director, section_specialist, designer, copywriter, gm),
    checks=(check_artwork,),
    icon="image",
    about=_("A poster, page or advertisement as design made it; final once the marketing director has seen it."),
    rules=("PRO-08", "PRO-13"),
    begun_by=DRAWS,
)  # fmt: skip


# ---- by the clock ---------------------------------------------------------------------------------------------------

_OVER = """
SELECT k.id FROM cases k WHERE k.kind = 'treatment' AND k.state = 'applied'
AND NOT EXISTS (SELECT 1 FROM special_prices s WHERE s.case_id = k.id AND s.cancelled_at IS NULL AND s.ends_at > ?) ORDER BY k.id
"""
_PLANS_OVER = """
SELECT k.id FROM cases k JOIN promotion_plans s ON s.case_id = k.id WHERE k.state = 'approved' AND s.ends_at <= ?
AND NOT EXISTS (SELECT 1 FROM treatments t JOIN cases c ON c.id = t.case_id WHERE t.plan_id = k.id AND c.state = 'applied')
ORDER BY k.id
"""


@job(
    "promotion_end", every=timedelta(minutes=10), about=_("Ends promotions whose time is over and asks to verify the old prices")
)
def end_by_clock() -> Words:
    """The shop's prices do not wait for it: they follow from the clock. The same again changes nothing."""
    ended = 0
    for sql in (_OVER, _PLANS_OVER):
        for (case,) in db.rows(sql, db.to_ms(clock.now())):
            ended += _end(case)
    return _n("%(n)s promotion ended.", "%(n)s promotions ended.", n=ended)


@db.transaction
def _end(case_id: int) -> int:
    case = Case.get_by_id(case_id)
    flow = FLOWS[case.kind]
    if not any(way.name == "end" for way in flow.state_of(case).steps):
        return 0
    steps.take(None, case.id, "end")
    return 1
