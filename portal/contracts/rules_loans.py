"""Loans: asked for with a purpose, consented to, handed out and taken back by the archivist (CON-08 to CON-12)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from portal import access, clock, contents, db, notices, steps
from portal.access import contract_archivist, dept_manager, exec_in_charge, gm, requester, system
from portal.cases import Case, open_tasks
from portal.contents import Content
from portal.contracts.models import FORMS, Contract, Loan, is_seen
from portal.contracts.models_loans import (
    asked_longer,
    consent_of,
    due_loans,
    extension_days,
    head_days,
    original_taken,
    title_for,
)
from portal.contracts.models_papers import Entered, HandOut, TakeBack, loan_content
from portal.contracts.rules_confidential import as_it_is
from portal.contracts.rules_lending import enter, hand_out, lose, take_back, until_due
from portal.flow import IN_TIME, REJECT, RETURN, WITHDRAW, Act, Flow, during, objection, route, state, step
from portal.jobs import job
from portal.persons import Person
from portal.refused import Mistyped, NotYours
from portal.words import Words, _, _n

MOST = 500


# ---- what is asked --------------------------------------------------------------------------------------------------


def check_loan(person: Person, content: Content) -> None:
    """However it comes about: of what one may know of, and in words that fit."""
    detail = content.detail
    as_it_is(detail["contract"], access.posts_of(person))
    if detail["form"] not in FORMS:
        raise Mistyped(_("Choose one of the list."), "form")
    for name in ("purpose", "reason"):
        if len(detail[name]) > MOST:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=MOST, are=len(detail[name])), name)


@objection(_("no purpose is given"))
def no_purpose(act: Act) -> Words | None:
    return None if act.paper.purpose else _("Say what it is needed for: a contract is lent for the work only.")


@objection(_("no reason is given for the original"))
def no_reason(act: Act) -> Words | None:
    if act.paper.form == "copy" or act.paper.reason:
        return None
    return _("Say why a photocopy does not do: the original is lent in special circumstances only.")


@objection(_("the contract cannot be lent"))
def cannot_be_lent(act: Act) -> Words | None:
    """Also where the borrower may not know of it any more."""
    contract = act.paper.contract
    if not is_seen(contract, access.posts_of(act.case.requester)):
        return _("This contract is not lent to you.")
    if contract.state == "flagged":
        return _("It is under investigation and is not lent until that is closed.")
    return has_left_the_archive(act)


@objection(_("the contract is not in the archive any more"))
def has_left_the_archive(act: Act) -> Words | None:
    return None if act.paper.contract.state in ("in_archive", "flagged") else _("It is not in the archive any more.")


@objection(_("somebody else has the original, or asked for it first"))
def original_is_taken(act: Act) -> Words | None:
    """Two who ask at once are asked in turn; the schema lets no second one through."""
    return why_taken(act.paper.contract_id, act.case.id) if act.paper.form == "original" else None


def why_taken(contract_id: int, but: int = 0) -> Words | None:
    """Who has the original of a contract, or asked for it; `but` is the loan that asks."""
    taken = original_taken(contract_id, but)
    if taken is None:
        return None
    if taken.is_out:
        return _("The original is with %(who)s (%(number)s).", who=taken.who, number=taken.number)
    return _("%(who)s asked for the original before (%(number)s).", who=taken.who, number=taken.number)


@objection(_("the contract has become confidential"))
def became_confidential(act: Act) -> Words | None:
    """What the head was asked before is not the head's to consent to any more."""
    if not act.paper.contract.confidential:
        return None
    return _("Only the general manager consents to this loan: have it submitted again.")


@route(_("the contract is confidential"))
def is_confidential(act: Act) -> bool:
    return bool(act.paper and act.paper.contract.confidential)


@route(_("all staff may know of the contract"))
def is_open_to_all(act: Act) -> bool:
    return not is_confidential(act)


@route(_("a photocopy is asked for"))
def is_copy(act: Act) -> bool:
    return not act.paper or bool(act.paper.form == "copy")


@route(_("the original is asked for"))
def is_original(act: Act) -> bool:
    return not is_copy(act)


def of_the_owner(act: Act) -> None:
    """The paper is one of the owner's department from now on, and does not name the contract in its title."""
    act.case.title, act.case.department = title_for(act.paper.contract), act.paper.contract.department


def of_the_borrower(act: Act) -> None:
    """Whatever the draft was about before: the borrower's own head consents."""
    act.case.title, act.case.department = title_for(act.paper.contract), act.case.requester.department


def claim(act: Act) -> None:
    Loan.update(is_open=True).where(Loan.case == act.case).execute()


def let_go(act: Act) -> None:
    Loan.update(is_open=False).where(Loan.case == act.case).execute()


# ---- longer ---------------------------------------------------------------------------------------------------------


@objection(_("it was asked for before"))
def asked_before(act: Act) -> Words | None:
    return _("A loan is extended once: this was asked for before.") if asked_longer(act.case.id) else None


@objection(_("another than who consented decides it"))
def another_consented(act: Act) -> Words | None:
    """Who consented decides on more days too, as long as the post is still that person's; a stand-in may always."""
    consent = consent_of(act.case.id)
    if consent is None or act.person is None or consent[0] == act.person.id:
        return None
    if consent[1] not in {task.post for task in open_tasks(act.case)} or act.posts.get(consent[1]):
        return None
    holder = Person.get_by_id(consent[0])
    if consent[1] not in access.posts_of(holder):
        return None
    return _("%(who)s consented to this loan, and decides on more days too.", who=holder.called)


@route(_("the general manager consented last"))
def gm_consented(act: Act) -> bool:
    consent = consent_of(act.case.id)
    return bool(is_confidential(act) or is_original(act) or (consent and consent[1] == gm.key))


@route(_("the department's head consented"))
def head_consented(act: Act) -> bool:
    return not gm_consented(act)


def extend(act: Act) -> None:
    """The new day counts from the day it was due, or from today where that has passed."""
    due = max(act.paper.due_on or clock.today(), clock.today()) + timedelta(days=extension_days())
    Loan.update(due_on=due, is_extended=True).where(Loan.case == act.case).execute()
    act.data["due"] = due


# ---- from an earlier register ---------------------------------------------------------------------------------------


@db.transaction
def enter_open_loan(
    by: Person, contract: Contract, borrower: Person, entered: Entered, form: str = "copy", purpose: str = ""
) -> Case:
    """A loan that runs already when the register is brought over; the archivist enters it, nobody consents to it again.

    Raises NotYours, Mistyped, Refused; a copy number that is taken is given anew."""
    if contract_archivist.key not in access.posts_of(by):
        raise NotYours(_("Only the contract archivist keeps the register."))
    case = contents.create(LOAN, borrower, loan_content(contract, form, purpose), secrets.token_urlsafe(18), by_portal=True)
    return steps.take(None, case.id, "enter", given=entered)


# ---- late -----------------------------------------------------------------------------------------------------------


@job("loan_due", every=timedelta(days=1), at=time(8), about=_("Reminds borrowers of contracts that are due, then their heads"))
def remind_borrowers() -> Words:
    return _n("%(n)s reminder sent.", "%(n)s reminders sent.", sum(_remind(*each) for each in due_loans()))


@db.transaction
def _remind(case_id: int, due: date, is_reminded: bool, is_told: bool) -> int:
    """The borrower on the day, the head some days later; each once for that day. Nothing is ever returned by the clock."""
    case, sent = Case.get_by_id(case_id), 0
    values = {"number": case.number, "title": case.title, "day": due}
    if not is_reminded:
        text = _("%(number)s %(title)s was due back on %(day)s. Bring it to the archive, or ask for more days.", **values)
        notices.tell([case.requester_id], "due", text, case)
        Loan.update(reminded_for=due).where(Loan.case == case).execute()
        sent += 1
    if not is_told and clock.today() >= due + timedelta(days=head_days()) and clock.today() > due:
        text = _("%(number)s %(title)s was due back on %(day)s: %(who)s still has it.", who=case.requester.called, **values)
        notices.tell(_heads(case), "due", text, case)
        Loan.update(escalated_for=due).where(Loan.case == case).execute()
        sent += 1
    return sent


def _heads(case: Case) -> list[int]:
    """Who consents to loans like this one."""
    is_secret = Loan.get_by_id(case.id).contract.confidential
    who = gm.or_else(dept_manager) if is_secret else dept_manager.or_else(exec_in_charge, gm)
    _wanted, post, _stuck = access.who_acts(who, case, {case.requester_id}, stands_fast=False)
    return [person for person in access.holder_ids(post) if person != case.requester_id]


# ---- the flow -------------------------------------------------------------------------------------------------------

WITHHOLD = step(
    "withhold", "cancelled", who=system, label=_("Call it off, the contract being confidential"),
    said=_("It is called off: the contract has become confidential"),
)  # fmt: skip
PASS_ON = step(
    "pass_on", "confidential", who=system, then=[of_the_owner], label=_("Pass it on, the contract being confidential"),
    said=_("It waits for the general manager: the contract has become confidential"),
)  # fmt: skip
STANDS = [no_purpose, no_reason, cannot_be_lent, original_is_taken]
CANCEL = step("cancel", "cancelled", who=requester, note=True, look="quiet")
TAKE_BACK = step(
    "take_back", "returned", form=TakeBack, then=[take_back], label=_("Take back"), said=_("%(who)s took it back"),
    look="primary", rules=["CON-10", "CON-11"],
)  # fmt: skip
LOSE = step(
    "lose", "lost", then=[lose], note=True, label=_("It is lost"), said=_("%(who)s wrote down that it is lost"), look="danger",
    rules=["CON-03"],
)  # fmt: skip
_ASK_LONGER: dict[str, Any] = {
    "who": requester, "unless": [asked_before], "note": True, "label": _("Ask for more days"),
    "said": _("%(who)s asked for more days"), "look": "quiet",
}  # fmt: skip
LONGER = (
    step(
        "extend", "lent", unless=[another_consented], then=[extend], label=_("Extend the loan"),
        said=_("%(who)s extended the loan"), look="primary",
    ),
    step("refuse_longer", "lent", note=True, label=_("Not longer"), said=_("%(who)s did not extend the loan"), look="danger"),
    step(
        "take_back", "returned", who=contract_archivist, form=TakeBack, then=[take_back], label=_("Take back"),
        said=_("%(who)s took it back"), rules=["CON-10", "CON-11"],
    ),
    step(
        "lose", "lost", who=contract_archivist, then=[lose], note=True, label=_("It is lost"),
        said=_("%(who)s wrote down that it is lost"), look="danger", rules=["CON-03"],
    ),
)  # fmt: skip
CONSENT: dict[str, Any] = {"look": "primary", "label": _("Consent"), "said": _("%(who)s consented")}

LOAN = Flow(
    "loan",
    state(
        "draft",
        requester,
        step(
            "submit", "submitted", when=[is_open_to_all], unless=STANDS, then=[of_the_borrower], look="primary", rules=["CON-08"]
        ),
        step(
            "submit", "confidential", when=[is_confidential], unless=STANDS, then=[of_the_owner], look="primary", rules=["CON-08"]
        ),
        step(
            "enter", "lent", who=system, unless=[has_left_the_archive, original_is_taken], form=Entered, then=[enter],
            label=_("Take over from the earlier register"), said=_("It was taken over from the earlier register"),
        ),
        editable=True,
    ),
    state(
        "submitted",
        dept_manager.or_else(exec_in_charge, gm),
        step("approve", "approved", when=[is_copy], unless=[became_confidential], rules=["CON-09"], **CONSENT),
        step("approve", "special", when=[is_original], unless=[became_confidential], rules=["CON-09", "CON-12"], **CONSENT),
        RETURN, REJECT, WITHDRAW, WITHHOLD, PASS_ON,
        label=_("With the borrower's head"),
        due=IN_TIME,
    ),
    state(
        "confidential",
        gm.or_else(dept_manager),
        step("approve", "approved", confirm=True, rules=["CON-09", "CON-12"], **CONSENT),
        RETURN, REJECT, WITHDRAW, WITHHOLD,
        label=_("With the general manager"),
        due=IN_TIME,
    ),
    state(
        "special",
        gm,
        step(
            "approve", "approved", unless=[became_confidential], apart_from=["approve"], confirm=True, rules=["CON-12"], **CONSENT
        ),
        RETURN, REJECT, WITHDRAW, WITHHOLD, PASS_ON,
        label=_("Original: with the general manager"),
        tone="amber",
        due=IN_TIME,
    ),
    state(
        "approved",
        contract_archivist,
        step(
            "hand_out", "lent", unless=[cannot_be_lent], form=HandOut, then=[hand_out], label=_("Hand out"),
            said=_("%(who)s handed it out"), look="primary", rules=["CON-10", "CON-11"],
        ),
        CANCEL,
        REJECT,
        WITHHOLD,
        label=_("To be handed out"),
        carries_out=True,
        due=IN_TIME,
    ),
    state(
        "lent",
        contract_archivist,
        TAKE_BACK,
        LOSE,
        step("ask_longer", "extending", when=[head_consented], **_ASK_LONGER),
        step("ask_longer", "extending_by_gm", when=[gm_consented], **_ASK_LONGER),
        label=_("On loan"),
        tone="blue",
        carries_out=True,
        due=until_due,
    ),
    state(
        "extending", dept_manager.or_else(exec_in_charge, gm), *LONGER, replace(PASS_ON, to="extending_by_gm", then=()),
        label=_("On loan, more days asked for"),
        due=IN_TIME,
    ),
    state("extending_by_gm", gm.or_else(dept_manager), *LONGER, label=_("On loan, more days asked for"), due=IN_TIME),
    state("returned", label=_("Given back"), tone="green"),
    state("lost", label=_("Lost"), tone="red"),
    state("rejected", tone="red"),
    state("cancelled"),
    prefix="CL",
    label=_("Loan of a contract"),
    detail=Loan,
    during=(during("submitted confidential special approved lent extending extending_by_gm", claim, let_go),),
    reads=(contract_archivist, dept_manager, gm),
    checks=(check_loan,),
    icon="book-open",
    about=_("Borrow a photocopy of a contract, or in special circumstances the original, with your head's consent."),
    rules=("CON-08", "CON-09", "CON-10", "CON-11", "CON-12"),
)  # fmt: skip
