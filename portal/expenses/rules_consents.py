"""Consent by telephone: recorded by somebody else while the general manager is away, and answered by the manager afterwards."""

from __future__ import annotations

from datetime import date, time, timedelta

from portal import access, clock, db, notices, policies
from portal.access import cashier, exec_in_charge, gm
from portal.cases import Case, let_read
from portal.expenses.models import Spending
from portal.expenses.models_consents import WAYS, PhoneConsent, consent_of
from portal.expenses.models_money import Absence, Consent, room_for_advance
from portal.expenses.rules_advances import call_off_unpaid, recall_advances
from portal.flow import Act, concerned, index, objection, route, working_days
from portal.jobs import job
from portal.persons import Person
from portal.refused import Mistyped, NotYours
from portal.words import Words, _, _n

confirm_days = policies.declare(
    "phone_consent_confirm_days", 3, "gm", _("Consent by telephone is confirmed within"), unit=_("working days"),
    minimum=1, maximum=60, rule="FIN-15",
)  # fmt: skip
answer_due = working_days(confirm_days)


@route(_("the general manager is away, or it is urgent"))
def by_telephone(act: Act) -> bool:
    """FIN-14, FIN-15: consent by telephone is for when the general manager is away or time presses."""
    if set(access.holder_ids("gm")) <= concerned(act.case):
        return False  # the manager's own paper is decided by another, who is asked in the ordinary way
    return bool(act.paper.urgent) or manager_is_away()


@objection(_("you pay, as cashier"))
def is_cashier(act: Act) -> Words | None:
    return _("Who pays does not record consent.") if cashier.key in act.posts else None


@objection(_("you decide it yourself"))
def decides_itself(act: Act) -> Words | None:
    return _("You decide this one yourself: approve it.") if gm.key in act.posts else None


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
    """What was advanced is due back at once, nothing further is paid, and both are told. Of a supplement only what goes beyond
    the approval that is left."""
    consent = _answer(act, confirmed=False)
    request_id = act.paper.supplements_id or act.case.id
    goes_back = act.paper.supplements_id is None or room_for_advance(request_id) < act.case.amount
    recalled: list[Case] = []
    if goes_back:
        call_off_unpaid(request_id)
        recalled = recall_advances(request_id)
    act.data |= {"recalled": [each.number for each in recalled]} if recalled else {}
    text = _("The consent by telephone to %(number)s is withdrawn: nothing further is paid on it.", number=act.case.number or "")
    notices.tell({consent.asked_by_id, act.case.requester_id, act.case.beneficiary_id}, "consent", text, act.case)
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


# ---- absences -------------------------------------------------------------------------------------------------------


def absences_of(person_ids: list[int]) -> list[Absence]:
    """Those now and to come, the next first."""
    if not person_ids:
        return []
    today = clock.today() if db.is_postgres() else clock.today().isoformat()
    marks = db.marks(person_ids)
    return Absence.where(f"person_id IN ({marks}) AND ended_at IS NULL AND ends >= ? ORDER BY starts, id", *person_ids, today)


def manager_is_away() -> bool:
    """Whether it is entered that everybody who is general manager is away today: a stand-in who is there decides."""
    managers, today = access.holder_ids("gm"), clock.today()
    away = {each.person_id for each in absences_of(managers) if each.starts <= today} if managers else set()
    return bool(managers) and away >= set(managers)


@db.transaction
def enter_absence(by: Person, person: Person | None, starts: date | None, ends: date | None, text: str, token: str) -> Absence:
    """The general manager, or the office for him, says from when to when he is away. He is told of what the office enters."""
    _may_enter(by)
    if before := Absence.find("token = ?", token):
        return before
    if person is None or person.id not in access.holder_ids("gm"):
        raise Mistyped(_("Choose a general manager."), "person")
    if starts is None or ends is None or ends < starts:
        raise Mistyped(_("The last day is not before the first."), "ends")
    if ends < clock.today():
        raise Mistyped(_("Those days are past."), "ends")
    if len(text) > 200:
        raise Mistyped(_("That is too long: at most %(most)s characters.", most=200), "text")
    entered = Absence.add(person=person, starts=starts, ends=ends, text=text, by=by, at=clock.now(), token=token)
    if by.id != person.id:
        told = _("%(who)s entered that you are away from %(starts)s to %(ends)s.", who=by.called, starts=starts, ends=ends)
        notices.tell([person.id], "absence", told)
    for case in Case.where("kind = 'spending' AND state = 'submitted' ORDER BY id"):
        _open_to_office(case)
    return entered


@db.transaction
def end_absence(by: Person, absence: Absence) -> None:
    """Back earlier, or entered by mistake."""
    _may_enter(by)
    ended = Absence.update(ended_at=clock.now(), ended_by=by)
    ended.where(Absence.id == absence.id, Absence.ended_at.is_null()).execute()


def _may_enter(by: Person) -> None:
    if not {"gm", "office_manager", "office_clerk"} & set(access.posts_of(by)):
        raise NotYours()


def let_office_read(act: Act) -> None:
    """The manager of the office reads what consent by telephone may be asked for: what is urgent, and what is submitted once it
    is entered that the general manager is away or will be."""
    if act.paper.urgent or absences_of(access.holder_ids("gm")):
        _open_to_office(act.case)


def _open_to_office(case: Case) -> None:
    if let_read(case, {"office_manager"}):
        index(case)


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
            above = access.wanted_post(exec_in_charge, consent.case)
            people = {person.id for post in ("gm", above, "chief_accountant") for person in access.holders(post)}
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
