"""A penalty is recorded by who leads the person, read and answered by the person, and confirmed by the general manager."""

from __future__ import annotations

from portal import attachments, clock, notices
from portal.access import beneficiary, dept_manager, exec_in_charge, gm, posts_of, requester, supervisor
from portal.cases import Case, let_read
from portal.contents import Content
from portal.expenses.models_penalties import RULES, Answer, Penalty, bounds
from portal.flow import IN_TIME, REJECT, RETURN, WITHDRAW, Act, Flow, objection, state, step
from portal.persons import Person
from portal.refused import Mistyped, NotYours
from portal.words import Words, _


def check_penalty(person: Person, content: Content) -> None:
    """The supervisor or head records private use, the general manager misuse of money; the amount is in the rule's range."""
    detail, posts = content.detail, posts_of(person)
    if detail["rule"] not in RULES:
        raise Mistyped(_("Choose a rule."), "rule")
    if detail["person"].id == person.id:
        raise Mistyped(_("Choose somebody else."), "person")
    if not may_record(posts, detail["person"], detail["rule"]):
        who = _("the general manager") if detail["rule"] == "FIN-09" else _("the person's supervisor or head of department")
        raise NotYours(_("This is recorded by %(who)s.", who=who))
    least, most = bounds(detail["rule"])
    if content.amount is None or not least <= content.amount <= most:
        raise Mistyped(_("The rule allows %(least)s to %(most)s.", least=least, most=most), "amount")
    if detail["day"] > clock.today():
        raise Mistyped(_("Write a day that has come."), "day")
    if not detail["reason"].strip():
        raise Mistyped(_("Say what happened."), "reason")
    if len(detail["reason"]) > 2000:
        raise Mistyped(_("That is too long: at most %(most)s characters.", most=2000), "reason")


def may_record(posts: dict[str, bool], other: Person, rule: str) -> bool:
    if rule == "FIN-09":
        return gm.key in posts
    return any(f"{role.key}@{other.department_id}" in posts for role in (supervisor, dept_manager))


@objection(_("it has no file"))
def no_file(act: Act) -> Words | None:
    return None if attachments.of("case", act.case.id) else _("Attach what proves it.")


@objection(_("it was answered already"))
def answered(act: Act) -> Words | None:
    return _("You answered already.") if act.paper.answered_at else None


def tell_person(act: Act) -> None:
    """From here on the person reads it, and is told."""
    person = act.paper.person
    act.case.beneficiary = person
    let_read(act.case, {f"#{person.id}"})
    text = _("%(number)s is about you: read it, and answer if you wish.", number=act.case.title)
    notices.tell([person.id], "penalty", text, act.case)


def keep_answer(act: Act) -> None:
    Penalty.update(answer=act.given.text.strip(), answered_at=clock.now()).where(Penalty.case == act.case).execute()
    act.data["answer"] = act.given.text.strip()


def keep_person(act: Act) -> None:
    """Once somebody has read it, it stays about them."""
    if act.case.number and act.case.beneficiary_id != act.paper.person_id:
        who = act.case.beneficiary.called
        raise Mistyped(_("%(who)s has read it: cancel this one and record another.", who=who), "person")


def about(case: Case) -> set[int]:
    return {Penalty.get_by_id(case.id).person_id}


CONFIRM = step("confirm", "confirmed", confirm=True, look="primary", rules=["FIN-09", "SUP-21"])
ANSWER = step("answer", "submitted", who=beneficiary, unless=[answered], form=Answer, then=[keep_answer])

PENALTY = Flow(
    "penalty",
    state(
        "draft", requester, step("submit", "submitted", unless=[no_file], then=[tell_person], look="primary"),
        step("cancel", "cancelled", who=requester, look="quiet"), editable=True,
    ),
    state(
        "submitted", gm.or_else(exec_in_charge), CONFIRM, REJECT, RETURN, WITHDRAW, ANSWER, apart=[about], due=IN_TIME,
    ),
    state("confirmed", label=_("Confirmed"), tone="red"),
    state("rejected"),
    state("cancelled"),
    prefix="PN",
    label=_("Penalty"),
    detail=Penalty,
    reads=(gm,),
    checks=(check_penalty,),
    follows=(keep_person,),
    icon="gavel",
    about=_("What a rule allows for misuse or private use: recorded and confirmed here, while the portal deducts nothing."),
    rules=("FIN-09", "SUP-21"),
)  # fmt: skip
