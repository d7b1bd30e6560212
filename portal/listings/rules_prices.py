"""Prices: proposed with an analysis, agreed by the director, published by the specialist as agreed (PRI-01 to PRI-06)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from portal import access, clock, db, policies
from portal.access import any_of, ecom_director, gm, marketing_staff, planner, requester, section_specialist
from portal.cases import Case
from portal.contents import Content
from portal.flow import IN_TIME, REJECT, RETURN, WITHDRAW, Act, Flow, objection, state, step
from portal.flow import during as while_in
from portal.history import Event
from portal.listings.models import OpenProposal, Price, PriceLine, PriceProposal
from portal.listings.models_prices import CAUSES
from portal.listings.models_shown import OWN_PRICE
from portal.money import HIGHEST
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from portal.words import Words, _

PROPOSES = any_of(planner)
MOST_LINES = 5000
competitor_days = policies.declare(
    "competitor_days", 90, "ecom_director", _("A competitor's price counts for an analysis for"), unit=_("days"), minimum=1,
    maximum=730, rule="PRI-01",
)  # fmt: skip


# ---- what is proposed -----------------------------------------------------------------------------------------------


def check_proposal(person: Person, content: Content) -> None:
    if not PROPOSES.allows(access.posts_of(person)):
        raise NotYours(_("Only the e-commerce planner proposes prices."))
    if content.detail["cause"] not in CAUSES:
        raise Mistyped(_("Choose one of the list."), "cause")
    if not content.lines:
        raise Mistyped(_("Write at least one line."), "lines")
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")
    if any(line["new_fen"] is None or not 0 < line["new_fen"] < HIGHEST for line in content.lines):
        raise Mistyped(_("Write an amount in yuan, such as 1200 or 12.50."), "lines")
    named = [line["product"].id for line in content.lines]
    if len(named) != len(set(named)):
        raise Mistyped(_("A product stands in it twice."), "lines")


@objection(_("no reason is given"))
def no_reason(act: Act) -> Words | None:
    return None if act.paper.reason else _("Say why these prices.")


_ANALYSED = """
SELECT 1 FROM competitor_prices c WHERE c.case_id = ? OR (c.seen_on >= ? AND c.product_id IN
(SELECT l.product_id FROM price_lines l WHERE l.case_id = ? AND l.version = ?)) LIMIT 1
"""


@objection(_("no competitor's price and no note is there"))
def no_analysis(act: Act) -> Words | None:
    """At least one row of a competitor, entered with it or lately for one of its products, or a written note (PRI-01)."""
    since = clock.today() - timedelta(days=competitor_days())
    day = since if db.is_postgres() else since.isoformat()
    if act.paper.note or db.row(_ANALYSED, act.case.id, day, act.case.id, act.case.version):
        return None
    return _("Enter at least one competitor's price, or write a note on the market.")


_ELSEWHERE = """
SELECT i.code, k.number FROM open_proposals o JOIN price_lines l ON l.product_id = o.product_id
JOIN products p ON p.id = o.product_id JOIN items i ON i.id = p.item_id JOIN cases k ON k.id = o.case_id
WHERE l.case_id = ? AND l.version = ? AND o.case_id <> ? ORDER BY l.n LIMIT 1
"""


@objection(_("a product stands in another open proposal"))
def stands_elsewhere(act: Act) -> Words | None:
    found = db.row(_ELSEWHERE, act.case.id, act.case.version, act.case.id)
    return _("%(product)s stands in %(number)s already.", product=found[0], number=found[1]) if found else None


@objection(_("a product is archived"))
def is_archived(act: Act) -> Words | None:
    sql = """SELECT i.code FROM price_lines l JOIN products p ON p.id = l.product_id JOIN items i ON i.id = p.item_id
             WHERE l.case_id = ? AND l.version = ? AND p.is_archived ORDER BY l.n LIMIT 1"""
    found = db.row(sql, act.case.id, act.case.version)
    return _("%(product)s is archived.", product=found[0]) if found else None


_AS_NOW = f"""
UPDATE price_lines SET old_fen = (SELECT {OWN_PRICE} FROM products p WHERE p.id = price_lines.product_id),
    cost = (SELECT p.cost FROM products p WHERE p.id = price_lines.product_id), struck_because = ''
WHERE case_id = ? AND version = ?
"""


def as_now(act: Act) -> None:
    """The old price and the cost as they stand when it is submitted: what the director compares with."""
    db.run(_AS_NOW, db.to_ms(clock.now()), act.case.id, act.case.version)


def claim(act: Act) -> None:
    """One open proposal a product, by the key."""
    for line in sorted(act.lines, key=lambda each: each.product_id):
        sql = "INSERT INTO open_proposals (product_id, case_id) VALUES (?, ?) ON CONFLICT (product_id) DO NOTHING"
        if db.run(sql, line.product_id, act.case.id).rowcount != 1:
            raise Refused(stands_elsewhere(act) or _("A product stands in another proposal already."))


def let_go(act: Act) -> None:
    OpenProposal.delete().where(OpenProposal.case == act.case).execute()


# ---- agreed ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Struck:
    """What the director thinks of lines: why one is not agreed to; empty, where it stands again. Lines not named stay."""

    because: Mapping[int, str] = field(default_factory=dict)  # by line

    def why_not(self, act: Act) -> None:
        if self.because.keys() - {line.id for line in act.lines}:
            raise Refused(_("This changed meanwhile. Reload to see it."))
        for line, why in self.because.items():
            if len(why) > 200:
                raise Mistyped(_("Say why, in at most %(most)s characters.", most=200), f"because-{line}")


def strike(act: Act) -> None:
    given: Struck = act.given
    changed = [line for line in act.lines if given.because.get(line.id, line.struck_because) != line.struck_because]
    for line in changed:
        db.run("UPDATE price_lines SET struck_because = ? WHERE id = ?", given.because[line.id], line.id)
    act.data["lines"] = [line.product_id for line in changed]


@objection(_("every line is struck"))
def nothing_left(act: Act) -> Words | None:
    left = db.row(
        "SELECT 1 FROM price_lines WHERE case_id = ? AND version = ? AND struck_because = '' LIMIT 1",
        act.case.id,
        act.case.version,
    )
    return None if left else _("Every line is struck: reject it instead.")


def free_struck(act: Act) -> None:
    """What was struck may be proposed anew."""
    db.run(
        "DELETE FROM open_proposals WHERE case_id = ? AND product_id IN (SELECT l.product_id FROM price_lines l "
        "WHERE l.case_id = ? AND l.version = ? AND l.struck_because <> '')",
        act.case.id, act.case.id, act.case.version,
    )  # fmt: skip


# ---- published ------------------------------------------------------------------------------------------------------


def publish(act: Act) -> None:
    """Writes each price that was agreed to, and no other; from now on it is the product's own."""
    now, agreed_by = clock.now(), approver_of(act.case)
    for line in act.lines:
        if not line.struck_because:
            Price.add(product=line.product_id, fen=line.new_fen, from_at=now, case=act.case, by=act.person, approved_by=agreed_by)
    PriceProposal.update(published_at=now).where(PriceProposal.case == act.case).execute()


def approver_of(case: Case) -> int:
    """Who agreed to it last."""
    approved = (Event.thing == "case") & (Event.thing_id == case.id) & (Event.action == "approve")
    return Event.select(Event.by).where(approved).order_by(Event.n.desc()).first().by_id


# ---- the flow -------------------------------------------------------------------------------------------------------

STANDS = [no_reason, no_analysis, stands_elsewhere, is_archived]

PRICE = Flow(
    "price_proposal",
    state(
        "draft",
        requester,
        step("submit", "submitted", unless=STANDS, then=[as_now], look="primary", rules=["PRI-01", "PRI-02", "PRI-05"]),
        editable=True,
    ),
    state(
        "submitted",
        ecom_director.or_else(gm),
        step("approve", "approved", unless=[nothing_left], then=[free_struck], look="primary", rules=["PRI-03"]),
        step(
            "strike", "submitted", form=Struck, then=[strike], label=_("Strike lines"), said=_("%(who)s struck lines"),
            look="quiet", rules=["PRI-03"],
        ),
        RETURN,
        REJECT,
        WITHDRAW,
        due=IN_TIME,
    ),
    state(
        "approved",
        section_specialist,
        step(
            "publish", "published", then=[publish], apart_from=["approve"], label=_("Publish the prices"),
            said=_("%(who)s published the prices"), look="primary", rules=["PRI-04", "PRI-06"],
        ),
        step(
            "correct", "draft", who=requester, note=True, label=_("Correct and propose anew"),
            said=_("%(who)s took it back to correct it"), look="quiet",
        ),
        label=_("Approved, not published"),
        tone="amber",
    ),
    state("published", label=_("Published"), tone="green"),
    state("rejected", tone="red"),
    prefix="PP",
    label=_("Price proposal"),
    detail=PriceProposal,
    lines=PriceLine,
    during=(while_in("submitted approved", claim, let_go),),
    reads=(planner, ecom_director, section_specialist, marketing_staff, gm),
    checks=(check_proposal,),
    icon="tag",
    about=_("New prices of one or many products, with what competitors ask; agreed by the marketing director."),
    rules=("PRI-01", "PRI-02", "PRI-03", "PRI-04", "PRI-05"),
    begun_by=PROPOSES,
)  # fmt: skip
