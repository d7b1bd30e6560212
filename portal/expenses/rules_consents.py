"""Consent by telephone: recorded by somebody else while the general manager is away, and answered by the manager afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from portal import access, clock, db, notices, policies, steps
from portal.access import cashier
from portal.cases import Case
from portal.expenses.models import Spending
from portal.expenses.models_money import Absence, Consent, advances_on
from portal.expenses.rules_advances import recall_advances
from portal.flow import Act, objection, route, working_days
from portal.jobs import job
from portal.persons import Person
from portal.refused import Mistyped, NotYours
from portal.words import Words, _, _n

confirm_days = policies.declare(
    "phone_consent_confirm_days", 3, "gm", _("Consent by telephone is confirmed within"), unit=_("working days"),
    minimum=1, maximum=60, rule="FIN-15",
)  # fmt: skip
answer_due = working_days(confirm_days)
WAYS: dict[str, Words] = {
    "phone": _("By telephone"),
    "wechat": _("By WeChat"),
    "message": _("By text message"),
    "in_person": _("In person"),
    "other": _("Otherwise"),
}


@dataclass(frozen=True)
class PhoneConsent:
    """What is told of the consent: when and how it was asked, and the words it was given in."""

    asked_at: datetime | None
    way: str
    words: str

    def why_not(self, act: Act) -> None:
        if self.asked_at is None or self.asked_at > clock.now():
            raise Mistyped(_("Write when it was asked, not a time to come."), "asked_at")
        if act.case.submitted_at and self.asked_at < act.case.submitted_at - timedelta(minutes=1):
            raise Mistyped(_("Consent is asked once the request is submitted: write a time after that."), "asked_at")
        if self.way not in WAYS:
            raise Mistyped(_("Choose how it was asked."), "way")
        if not self.words.strip():
            raise Mistyped(_("Write the words in which consent was given."), "words")
        if len(self.words) > 500:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=500), "words")


@route(_("the general manager is away, or it is urgent"))
def by_telephone(act: Act) -> bool:
    """FIN-14, FIN-15: consent by telephone is for when the general manager is away or time presses."""
    return bool(act.paper.urgent) or manager_is_away()


@objection(_("you pay, as cashier"))
def is_cashier(act: Act) -> Words | None:
    return _("Who pays does not record consent.") if cashier.key in act.posts else None


# ---- recording and answering ----------------------------------------------------------------------------------------


def write_consent(act: Act) -> None:
    """Keeps it and tells the general manager at once: who asked, when, by which way, in which words."""
    assert act.person is not None
    given: PhoneConsent = act.given
    assert given.asked_at is not None
    Consent.add(
        case=act.case, asked_by=act.person, asked_at=given.asked_at, way=given.way, words=given.words.strip(), at=clock.now(),
        due_at=answer_due(act),
    )  # fmt: skip
    act.data |= {"asked_at": given.asked_at, "way": given.way, "words": given.words.strip()}
    told = _(
        "%(who)s recorded your consent to %(number)s (%(amount)s), asked %(when)s, %(way)s: “%(words)s”. Confirm or withdraw it.",
        who=act.person.called, number=act.case.number or "", amount=act.case.amount, when=given.asked_at, way=WAYS[given.way],
        words=given.words.strip(),
    )  # fmt: skip
    notices.tell([person.id for person in access.holders("gm")], "consent", told, act.case)


def consent_given(act: Act) -> None:
    """It counts as approved from the moment of the consent on."""
    write_consent(act)
    Spending.update(approved_at=act.given.asked_at).where(Spending.case == act.case).execute()


def confirm(act: Act) -> None:
    _answer(act, confirmed=True)


def withdraw(act: Act) -> None:
    """What was advanced is due back at once, nothing further is paid, and both are told."""
    consent = _answer(act, confirmed=False)
    for advance in advances_on(act.case.id, ("blocked", "payable")):
        case = advance.case
        if not advance.account_id:
            steps.take(None, case.id, "call_off", (case.state, case.version))
    recalled = recall_advances(act.case.id)
    act.data |= {"recalled": [each.number for each in recalled]} if recalled else {}
    text = _("The consent by telephone to %(number)s is withdrawn: nothing further is paid on it.", number=act.case.number or "")
    notices.tell({consent.asked_by_id, act.case.requester_id}, "consent", text, act.case)
    for case in recalled:
        back = _("%(number)s is due back at once: the consent to its request is withdrawn.", number=case.number or "")
        cashiers = [person.id for person in access.holders("cashier")]
        notices.tell({case.requester_id, consent.asked_by_id, *cashiers}, "consent", back, case)


def _answer(act: Act, confirmed: bool) -> Consent:
    consent = consent_of(act.case)
    assert consent is not None
    answered = Consent.update(confirmed=confirmed, answered_at=clock.now(), answered_by=act.person)
    assert answered.where(Consent.id == consent.id, Consent.answered_at.is_null()).execute() == 1
    return consent


def consent_of(case: Case) -> Consent | None:
    """The last consent recorded on the request."""
    return Consent.find("case_id = ? ORDER BY id DESC LIMIT 1", case.id)


# ---- absences -------------------------------------------------------------------------------------------------------


def absences_of(person_ids: list[int]) -> list[Absence]:
    """Those now and to come, the next first."""
    today = clock.today() if db.is_postgres() else clock.today().isoformat()
    marks = db.marks(person_ids)
    return Absence.where(f"person_id IN ({marks}) AND ended_at IS NULL AND ends >= ? ORDER BY starts, id", *person_ids, today)


def manager_is_away() -> bool:
    """Whether somebody entered that the general manager is away today."""
    managers = access.holder_ids("gm")
    today = clock.today()
    return bool(managers) and any(each.starts <= today for each in absences_of(managers))


@db.transaction
def enter_absence(by: Person, person: Person, starts: Any, ends: Any, text: str, token: str) -> Absence:
    """The general manager, or the office for him, says from when to when he is away."""
    _may_enter(by)
    if before := Absence.find("token = ?", token):
        return before
    if person.id not in access.holder_ids("gm"):
        raise Mistyped(_("Choose a general manager."), "person")
    if starts is None or ends is None or ends < starts:
        raise Mistyped(_("The last day is not before the first."), "ends")
    if len(text) > 200:
        raise Mistyped(_("That is too long: at most %(most)s characters.", most=200), "text")
    return Absence.add(person=person, starts=starts, ends=ends, text=text, by=by, at=clock.now(), token=token)


@db.transaction
def end_absence(by: Person, absence: Absence) -> None:
    """Back earlier, or entered by mistake."""
    _may_enter(by)
    Absence.update(ended_at=clock.now()).where(Absence.id == absence.id, Absence.ended_at.is_null()).execute()


def _may_enter(by: Person) -> None:
    if not {"gm", "office_manager", "office_clerk"} & set(access.posts_of(by)):
        raise NotYours()


# ---- the red list ---------------------------------------------------------------------------------------------------


def unconfirmed(only_late: bool = False) -> list[Consent]:
    """Consents not answered yet, the longest due first."""
    late = "AND due_at < ?" if only_late else "AND due_at > ?"
    return Consent.where(f"answered_at IS NULL {late} ORDER BY due_at, id", db.to_ms(clock.now()) if only_late else 0)


@db.transaction
def escalate() -> int:
    """Tells the leaders in charge, and the manager again, of consents past their day: each once."""
    told = 0
    for consent in unconfirmed(only_late=True):
        if consent.told_late is None:
            Consent.update(told_late=clock.now()).where(Consent.id == consent.id).execute()
            text = _("The consent by telephone to %(number)s is not confirmed in time.", number=consent.case.number or "")
            people = {person.id for role in ("gm", "exec_in_charge", "chief_accountant") for person in access.holders(role)}
            notices.tell(people | {consent.asked_by_id, consent.case.requester_id}, "red list", text, consent.case)
            told += 1
    return told


@job(
    "unconfirmed_consents",
    every=timedelta(days=1),
    at=time(8, 0),
    about=_("Tells of consents by telephone that were not confirmed in time"),
)
def escalate_daily() -> Words:
    return _n("%(n)s consent is late.", "%(n)s consents are late.", escalate())
