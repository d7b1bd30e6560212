"""Somebody always answers for the archive; who leaves hands over everything held, and both sign for it (CON-14)."""

from __future__ import annotations

import secrets
from datetime import date, time, timedelta

from portal import access, clock, contents, db, history, notices, policies, steps
from portal.access import beneficiary, contract_archivist, gm, it_admin, requester, system
from portal.contents import Content
from portal.contracts.models import Handover
from portal.contracts.models_custody import ROLE, archivists_who_left, count_held, holds_something, successor
from portal.contracts.models_papers import handover_content
from portal.flow import IN_TIME, Act, Flow, objection, state, step
from portal.jobs import job
from portal.people.models import first_day_without
from portal.people.rules_grants import WHEN_HOLDERS_CHANGE
from portal.persons import Grant, Person
from portal.refused import Mistyped, NotYours
from portal.words import Words, _, _n

# ---- how one comes about --------------------------------------------------------------------------------------------


def check_handover(person: Person, content: Content) -> None:
    """Who keeps the archive, or kept it until now, hands it over to somebody who keeps it."""
    outgoing, incoming = content.detail["outgoing"], content.detail["incoming"]
    if outgoing.id != person.id or not (
        ROLE in access.posts_of(person) or any(each.id == person.id for each in archivists_who_left())
    ):
        raise NotYours(_("Only the contract archivist hands the archive over."))
    if incoming.id == outgoing.id or ROLE not in access.posts_of(incoming):
        raise Mistyped(_("Choose somebody who keeps the archive already: the role is given first."), "incoming")


@objection(_("there is nothing to hand over"))
def nothing_held(act: Act) -> Words | None:
    return None if holds_something() else _("There is no contract in the archive.")


@objection(_("another hand-over of theirs is not signed yet"))
def another_runs(act: Act) -> Words | None:
    sql = """SELECT k.number FROM handovers h JOIN cases k ON k.id = h.case_id
             WHERE h.outgoing_id = ? AND k.id <> ? AND k.state IN ('outgoing', 'incoming')"""
    found = db.row(sql, act.paper.outgoing_id, act.case.id)
    return _("%(number)s is not signed yet.", number=found[0]) if found else None


_FREEZE = """
INSERT INTO handover_lines (case_id, contract_id, place, state)
SELECT ?, c.id, c.room || CASE WHEN c.cabinet = '' THEN '' ELSE ' / ' || c.cabinet END
    || CASE WHEN c.box = '' THEN '' ELSE ' / ' || c.box END,
    CASE WHEN EXISTS (SELECT 1 FROM loans l WHERE l.contract_id = c.id AND l.form = 'original' AND l.is_open
        AND l.lent_at IS NOT NULL) THEN 'on_loan' ELSE c.state END
FROM contracts c WHERE c.state IN ('in_archive', 'flagged')
"""


def freeze(act: Act) -> None:
    """Everything held now, with its place; written anew where the list was sent back."""
    db.run("DELETE FROM handover_lines WHERE case_id = ?", act.case.id)
    db.run(_FREEZE, act.case.id)
    act.data["contracts"] = count_held(act.case.id)


# ---- signed ---------------------------------------------------------------------------------------------------------


def sign_out(act: Act) -> None:
    Handover.update(signed_out_at=clock.now()).where(Handover.case == act.case).execute()


def sign_in(act: Act) -> None:
    Handover.update(signed_in_at=clock.now()).where(Handover.case == act.case).execute()


def unsign(act: Act) -> None:
    Handover.update(signed_out_at=None).where(Handover.case == act.case).execute()
    freeze(act)


@objection(_("the outgoing archivist can sign"))
def can_sign(act: Act) -> Words | None:
    outgoing = Person.get_by_id(act.paper.outgoing_id)
    return _("%(who)s can sign in and sign for it.", who=outgoing.called) if outgoing.active else None


@objection(_("who hands over does not keep the archive any more"))
def has_left(act: Act) -> Words | None:
    if ROLE in access.posts_of(act.case.requester):
        return None
    return _("You do not keep the archive any more: the hand-over is signed, not cancelled.")


# ---- by itself ------------------------------------------------------------------------------------------------------


@db.transaction
def open_handovers() -> int:
    """A hand-over for everybody who kept the archive and does not any more; the same again changes nothing."""
    made = 0
    for outgoing in archivists_who_left() if holds_something() else ():
        incoming = successor(outgoing.id)
        if incoming is None:
            continue
        content = handover_content(outgoing, incoming)
        case = contents.create(HANDOVER, outgoing, content, secrets.token_urlsafe(18), by_portal=True)
        steps.take(None, case.id, "open")
        made += 1
    return made


@job("contract_handover", every=timedelta(hours=1), about=_("Opens the hand-over list where an archivist's role has ended"))
def open_by_clock() -> Words:
    return _n("%(n)s hand-over opened.", "%(n)s hand-overs opened.", open_handovers())


custody_ahead_days = policies.declare(
    "contract_custody_ahead_days", 14, "gm", _("That nobody follows the contract archivist is told ahead of the last day by"),
    unit=_("days"), minimum=1, maximum=90, rule="CON-14",
)  # fmt: skip


@job("contract_custody", every=timedelta(days=1), at=time(7), about=_("Tells when an archivist's role ends and nobody follows"))
def tell_by_clock() -> Words | None:
    day = _tell_that_nobody_follows()
    return _("From %(day)s on nobody keeps the contract archive.", day=day) if day else None


@db.transaction
def _tell_that_nobody_follows() -> date | None:
    """Once of each last day: the archivists, who gives roles and the general manager hear of it. New roles leave no such gap
    (`people.rules_grants`); those of before may."""
    day = first_day_without(ROLE)
    if day is None or not clock.today() < day <= clock.today() + timedelta(days=custody_ahead_days()):
        return None
    last = Grant.get(Grant.role == ROLE, Grant.ends == day - timedelta(days=1), Grant.revoked_at.is_null())
    if any(event.action == "unfollowed" for event in history.history_of(last)):
        return None
    history.record(last, "unfollowed", data={"person": last.person_id, "role": ROLE, "ends": last.ends})
    told = [person.id for role in (contract_archivist, it_admin, gm) for person in access.holders(role.key)]
    notices.tell(told, "due", _("From %(day)s on nobody keeps the contract archive: give the role to who follows.", day=day))
    return day


def role_changed(role: str) -> None:
    if role == ROLE:
        open_handovers()


WHEN_HOLDERS_CHANGE.append(role_changed)


# ---- the flow -------------------------------------------------------------------------------------------------------

HANDOVER = Flow(
    "handover",
    state(
        "draft",
        requester,
        step(
            "begin", "outgoing", unless=[nothing_held, another_runs], then=[freeze], label=_("Freeze the list"),
            said=_("%(who)s froze the list of everything held"), look="primary", rules=["CON-14"],
        ),
        step(
            "open", "outgoing", who=system, unless=[nothing_held, another_runs], then=[freeze], label=_("Freeze the list"),
            said=_("The list of everything held was frozen"),
        ),
    ),
    state(
        "outgoing",
        requester,
        step(
            "sign_out", "incoming", then=[sign_out], confirm=True, label=_("Sign: handed over"),
            said=_("%(who)s signed for handing it over"), look="primary", rules=["CON-14"],
        ),
        step(
            "vouch", "incoming", who=gm, unless=[can_sign], then=[sign_out], confirm=True, note=True,
            label=_("Sign for who left"), said=_("%(who)s signed for who left"), look="quiet", rules=["CON-14"],
        ),
        step("cancel", "cancelled", who=requester, unless=[has_left], note=True, look="quiet"),
        label=_("To be signed by who hands over"),
        tone="amber",
        due=IN_TIME,
    ),
    state(
        "incoming",
        beneficiary,
        step(
            "sign_in", "closed", then=[sign_in], confirm=True, label=_("Sign: taken over"),
            said=_("%(who)s signed for taking it over"), look="primary", rules=["CON-14"],
        ),
        step(
            "return", "outgoing", then=[unsign], note=True, label=_("The list does not fit"),
            said=_("%(who)s says that the list does not fit"),
        ),
        label=_("To be signed by who takes over"),
        tone="amber",
        due=IN_TIME,
    ),
    state("closed", label=_("Signed by both"), tone="green"),
    state("cancelled"),
    prefix="CH",
    label=_("Hand-over list"),
    detail=Handover,
    reads=(contract_archivist, gm),
    checks=(check_handover,),
    icon="signature",
    about=_("Everything in the archive passes from one archivist to another; both answer for it until both have signed."),
    rules=("CON-14",),
)  # fmt: skip
