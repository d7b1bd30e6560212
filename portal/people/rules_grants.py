"""Roles: who may be given which, for how long, and which wait for the general manager (GEN-03, GEN-04, GEN-05, DBA-08)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

from portal import clock, contents, db, history, notices, steps, tasks
from portal.access import CLASHES, DERIVED, ROLES, gm, it_admin, it_head, requester
from portal.cases import Case
from portal.contents import Content
from portal.flow import IN_TIME, REJECT, Act, Flow, objection, state, step
from portal.people.models import GrantRequest, Terms, first_day_without, grants_of
from portal.people.rules_departments import only_administrators
from portal.people.rules_stand_ins import check_stand_in
from portal.persons import LEVELS, Department, Grant, Person
from portal.refused import Mistyped, NotYours, Refused
from portal.words import Words, _

NEVER_EMPTY = ("gm", "it_admin", "contract_archivist")  # somebody decides, gives roles, and answers for the archive (CON-14)
NEVER_ENDING = ("contract_archivist",)  # and that also on every day to come
WHEN_HOLDERS_CHANGE: list[Callable[[str], None]] = []  # told of a role that somebody lost, in the same transaction


def post_called(role: str, department: Department | None) -> Words:
    """The role in words, with its department where it has one."""
    if department is None:
        return ROLES[role].label
    return _("%(role)s of %(department)s", role=ROLES[role].label, department=department.called)


def grant_label(grant: Grant | GrantRequest) -> Words:
    return post_called(grant.role, grant.scope if isinstance(grant, GrantRequest) else grant.department)


@db.transaction
def give(by: Person | None, person: Person, terms: Terms, token: str | None = None) -> Grant | Case:
    """The grant; or, where the role waits for the general manager, the paper that asks for it. Raises NotYours, Mistyped."""
    only_administrators(by)
    person = Person.get_by_id(person.id)
    not_own(by, person)
    check(person, terms)
    if not terms.of.needs_gm:
        return make(by, person, terms)
    assert by is not None, "a weighty role is asked for by somebody"
    return _ask(by, person, terms, token or secrets.token_urlsafe(18))


def not_own(by: Person | None, person: Person) -> None:
    if by is not None and by.id == person.id:
        raise NotYours(_("Nobody changes their own roles or level."))


def make(by: Person | None, person: Person, terms: Terms) -> Grant:
    """Writes the grant. Whether it may be is asked before, by `check`."""
    grant = Grant.create(
        person=person, role=terms.role, department=terms.department, starts=terms.begin(), ends=terms.ends, acting=terms.acting,
        reason=terms.reason, granted_by=by,
    )  # fmt: skip
    facts = {"person": person.id, "role": terms.role, "department": terms.department and terms.department.id}
    history.record(
        grant, "give", by, note=terms.reason, data=facts | {"starts": terms.begin(), "ends": terms.ends, "acting": terms.acting}
    )
    text = _("You now hold the role %(role)s.", role=post_called(terms.role, terms.department))
    notices.tell([person.id], "role", text)
    db.after_commit(_reroute)  # a step may be in the middle of moving a paper whose task this changes
    return grant


def _reroute() -> None:
    tasks.reroute()


@db.transaction
def revoke(by: Person | None, grant: Grant, reason: str = "") -> None:
    """Ends a grant now; it stays in the history."""
    only_administrators(by)
    grant = Grant.get_by_id(grant.id)
    not_own(by, grant.person)
    if grant.revoked_at is not None:
        raise Refused(_("This role was taken back already."))
    if why := why_not_lose(grant.person, grant.role, [grant]):
        raise Refused(why)
    end(by, grant, reason)


def end(by: Person | None, grant: Grant, reason: str = "") -> None:
    """Takes the grant back. Whether it may be is asked before."""
    Grant.update(revoked_at=clock.now()).where(Grant.id == grant.id).execute()
    history.record(grant, "revoke", by, note=reason, data={"person": grant.person_id, "role": grant.role})
    text = _("You no longer hold the role %(role)s.", role=post_called(grant.role, grant.department))
    notices.tell([grant.person_id], "role", text)
    somebody_lost(grant.role)
    db.after_commit(_reroute)


def somebody_lost(role: str) -> None:
    for told in WHEN_HOLDERS_CHANGE:
        told(role)


def why_not_lose(person: Person, role: str, lost: list[Grant]) -> Words | None:
    """Why the person must keep these grants of the role: without them nobody would hold what the portal cannot be without."""
    if role not in NEVER_EMPTY:
        return None
    before, after = first_day_without(role), first_day_without(role, but=[grant.id for grant in lost])
    if after is None or before == after:
        return None
    if after == clock.today():
        return _("%(who)s is the only %(role)s. Let somebody else become it first.", who=person.called, role=ROLES[role].label)
    return _nobody_from(after, role) if role in NEVER_ENDING else None


def _nobody_from(day: date, role: str) -> Words:
    text = _("Nobody would be %(role)s from %(day)s on. Give the role to somebody without a last day first.")
    return text.having(role=ROLES[role].label, day=day)


# ---- who may hold what ----------------------------------------------------------------------------------------------


def check(person: Person, terms: Terms) -> None:
    """Raises Mistyped, naming the field, if the person cannot hold the role on these terms."""
    _check_role(person, terms)
    _check_scope(terms)
    _check_period(terms)
    _check_followed(terms)
    _check_others(person, terms)
    _check_one_custodian(terms)
    if terms.acting:
        check_stand_in(person, terms)


def _check_role(person: Person, terms: Terms) -> None:
    if terms.role not in ROLES:
        raise Mistyped(_("Choose one of the list."), "role")
    if terms.role in DERIVED:
        raise Mistyped(_("Nobody is given this role: the manager of the department marked as the office holds it."), "role")
    if not person.active:
        raise Mistyped(_("%(who)s is disabled.", who=person.called), "person")
    levels = list(LEVELS)
    if levels.index(person.level) < levels.index(terms.of.level):
        raise Mistyped(
            _(
                "The role %(role)s needs the level %(level)s; %(who)s has the level %(has)s. Change the level first.",
                role=terms.of.label, level=LEVELS[terms.of.level], who=person.called, has=LEVELS[person.level],
            ),
            "role",
        )  # fmt: skip


def _check_scope(terms: Terms) -> None:
    department, scope = terms.department, terms.of.scope
    if scope == "department" and department is None:
        raise Mistyped(_("Say for which department."), "department")
    if scope == "branch" and department is not None and department.kind != "branch":
        raise Mistyped(_("This role is for a branch or for the whole company."), "department")
    if scope == "company" and department is not None:
        raise Mistyped(_("This role is for the whole company: leave the department empty."), "department")
    if department is not None and not department.active:
        raise Mistyped(_("%(department)s is closed.", department=department.called), "department")


def _check_period(terms: Terms) -> None:
    if terms.begin() < clock.today():
        raise Mistyped(_("A role begins today or later."), "starts")
    if terms.ends is not None and terms.ends < terms.begin():
        raise Mistyped(_("It must end on the first day or later."), "ends")
    if terms.acting and terms.ends is None:
        raise Mistyped(_("Standing in has a last day: say until when."), "ends")
    if terms.acting and not terms.reason:
        raise Mistyped(_("Say why somebody stands in."), "reason")
    if len(terms.reason) > 200:
        raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=200, are=len(terms.reason)), "reason")


def _check_followed(terms: Terms) -> None:
    """What must never be without a holder is given with a last day only where somebody holds it the day after (CON-14)."""
    if terms.role not in NEVER_ENDING or terms.ends is None:
        return
    after = terms.ends + timedelta(days=1)
    if first_day_without(terms.role, since=after) == after:
        raise Mistyped(_nobody_from(after, terms.role), "ends")


def _check_others(person: Person, terms: Terms) -> None:
    """Against the other grants of the person whose time meets this one's, also those that are still to come."""
    for other in grants_of(person):
        if not _overlap(terms, other):
            continue
        if frozenset({terms.role, other.role}) in CLASHES:
            raise Mistyped(
                _("%(who)s holds the role %(held)s in that time; who pays never keeps the books.",
                  who=person.called, held=ROLES[other.role].label),
                "role",
            )  # fmt: skip
        department = terms.department and terms.department.id
        if (other.role, other.department_id) == (terms.role, department):
            raise Mistyped(_("%(who)s holds this role in that time already.", who=person.called), "role")


def _check_one_custodian(terms: Terms) -> None:
    """A department has one custodian of its supplies at a time (SUP-16); who stands in comes beside."""
    if terms.role != "supplies_custodian" or terms.acting:
        return
    held = Grant.select(Grant, Person).join(Person, on=Grant.person).where(Grant.role == terms.role)
    for other in held.where(Grant.department == terms.department, ~Grant.acting, Grant.revoked_at.is_null(), Person.active):
        if _overlap(terms, other):
            assert terms.department is not None
            raise Mistyped(
                _("%(who)s manages the supplies of %(department)s: a department has one custodian. Take the role back first.",
                  who=other.person.called, department=terms.department.called),
                "role",
            )  # fmt: skip


def _overlap(terms: Terms, other: Grant) -> bool:
    return (other.ends is None or terms.begin() <= other.ends) and (terms.ends is None or other.starts <= terms.ends)


# ---- the paper that asks for a weighty role -------------------------------------------------------------------------


def _ask(by: Person, person: Person, terms: Terms, token: str) -> Case:
    detail = asdict(replace(terms, department=None, starts=terms.begin()))
    detail |= {"person": person, "scope": terms.department}
    del detail["department"]
    title = f"{person.name} · {person.user}"
    content = Content(title, detail, department=terms.department or person.department, beneficiary=person)
    case = contents.create(GRANT, by, content, token)
    return steps.take(by, case.id, "submit", (case.state, case.version)) if case.state == GRANT.first else case


def _check_request(person: Person, content: Content) -> None:
    """However the paper comes about, only an administrator asks, for somebody else, for what may be."""
    only_administrators(person)
    subject = content.detail["person"]
    not_own(person, subject)
    given: dict[str, Any] = {name: content.detail.get(name) for name in ("role", "starts", "ends", "acting", "reason")}
    check(subject, Terms(department=content.detail.get("scope"), **given))


def terms_of(paper: GrantRequest) -> Terms:
    """What the paper asks for; a day that has passed meanwhile becomes today."""
    starts = max(paper.starts, clock.today())
    return Terms(paper.role, paper.scope, starts, paper.ends, bool(paper.acting), paper.reason)


@objection(_("the person may not hold the role"))
def cannot_hold(act: Act) -> Words | None:
    try:
        check(act.paper.person, terms_of(act.paper))
    except Mistyped as refusal:
        return refusal.why
    return None


def hand_over(act: Act) -> None:
    """The grant is of who asked for it; the signature beside it is of who confirmed."""
    grant = make(act.case.requester, act.paper.person, terms_of(act.paper))
    GrantRequest.update(given=grant).where(GrantRequest.case == act.case).execute()
    act.data["grant"] = grant.id


def _summary(case: Case) -> Words:
    paper = GrantRequest.get_by_id(case.id)
    return _("%(who)s as %(role)s", who=paper.person.called, role=post_called(paper.role, paper.scope))


GRANT = Flow(
    "grant",
    state("draft", requester, step("submit", "asked", unless=[cannot_hold])),
    state(
        "asked",
        gm,
        step(
            "grant", "granted", unless=[cannot_hold], then=[hand_over], confirm=True, look="primary",
            label=_("Confirm the role"), said=_("%(who)s confirmed the role"), rules=("DBA-08",),
        ),
        REJECT,
        step("withdraw", "withdrawn", who=requester, look="quiet"),
        label=_("Asked for"),
        tone="amber",
        due=IN_TIME,
    ),
    state("granted", label=_("Given"), tone="green"),
    state("rejected", tone="red"),
    state("withdrawn"),
    prefix="GR",
    label=_("Role for a person"),
    detail=GrantRequest,
    reads=(gm, it_head, it_admin),
    checks=(_check_request,),
    summary=_summary,
    icon="key-round",
    about=_("Roles that decide, pay or administer wait for the general manager."),
    rules=("DBA-02", "DBA-08", "GEN-03", "GEN-04", "GEN-05"),
)  # fmt: skip


def open_requests(person: Person | None = None) -> list[Any]:
    """Requests that wait, of one person or of all, with their cases."""
    found = GrantRequest.select(GrantRequest, Case).join(Case).where(Case.state == "asked").order_by(Case.id)
    return list(found.where(GrantRequest.person == person) if person else found)
