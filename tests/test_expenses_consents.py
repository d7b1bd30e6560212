"""FIN-14, FIN-15: consent by telephone is recorded by somebody else, told at once, provisional, and confirmed or withdrawn."""

from __future__ import annotations

import io
import secrets
from datetime import date, timedelta

import pytest

from portal import access, attachments, checks, clock, policies, steps
from portal.books.models import payables_of
from portal.cases import Case
from portal.expenses.models import Spending
from portal.expenses.models_consents import PhoneConsent, consents
from portal.expenses.models_money import Absence, Advance, Consent
from portal.expenses.rules import submit
from portal.expenses.rules_consents import confirm_days, end_absence, enter_absence, escalate, manager_is_away
from portal.notices import Notice
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from tests import budgets, moneys
from tests.budgets import yuan
from tests.posts import buttons, cannot, grant, take_away
from tests.test_spending_pages import post, text_of


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)
    Person.update(language="en").execute()


@pytest.fixture
def line(cast):
    return budgets.budget_line(cast.department("Marketing"), 5000)


@pytest.fixture
def urgent(cast, line):
    return budgets.asked(cast.ann, line, 1000, urgent=True)


def said(way: str = "phone", words: str = "Yes, go") -> PhoneConsent:
    return PhoneConsent(clock.now(), way, words)


def recorded(person, case):
    return steps.take(person, case.id, "record_consent", given=said())


def away(cast, first=0, last=3):
    today = clock.today()
    return enter_absence(cast.mei, cast.mei, today + timedelta(first), today + timedelta(last), "Abroad", secrets.token_hex(8))


def told(topic: str, case: Case | None = None) -> set[str]:
    chosen = Notice.select().where(Notice.topic == topic)
    return {notice.person.user for notice in (chosen.where(Notice.case == case) if case else chosen)}


# ---- who may, and when ----------------------------------------------------------------------------------------------


def test_fin_14_the_head_records_consent_and_the_general_manager_is_told_of_everything(cast, urgent):
    case = steps.take(cast.hao, urgent.id, "record_consent", given=said("wechat", "Agreed, book it"))

    consent = Consent.get(Consent.case == case)
    notice = Notice.get(Notice.topic == "consent")
    assert (case.state, consent.asked_by, consent.answered_at) == ("provisional", cast.hao, None)
    assert notice.person == cast.mei
    for word in (cast.hao.name, case.number, "1000.00", "WeChat", "Agreed, book it"):
        assert word in str(notice.words())
    assert budgets.figures_now(Spending.get_by_id(case.id).line).held == yuan(1000)
    assert checks.findings() == []


def test_fin_14_without_haste_and_with_the_manager_there_nobody_records_consent(cast, line):
    case = budgets.asked(cast.ann, line, 1000)

    assert [each for each in buttons(cast.hao, case) if each.step.name == "record_consent"] == []
    with pytest.raises(SomebodyWasFirst):
        recorded(cast.hao, case)


@pytest.mark.parametrize(("first", "last", "ended", "is_away"), [(0, 0, 0, 1), (1, 3, 0, 0), (-3, 2, 0, 1), (0, 3, 1, 0)])
def test_fin_14_while_the_manager_is_away_consent_is_recorded(cast, line, first, last, ended, is_away):
    absence = away(cast, first, last)
    if ended:
        end_absence(cast.mei, absence)
    case = budgets.asked(cast.ann, line, 1000)

    assert manager_is_away() == bool(is_away)
    assert bool([each for each in buttons(cast.hao, case) if each.step.name == "record_consent"]) == bool(is_away)


def test_fin_14_where_somebody_stands_in_as_manager_and_is_there_the_manager_is_not_away(cast, line):
    away(cast)
    grant(cast.sam, "gm", acting=True, ends=date(2090, 1, 1))

    assert manager_is_away() is False


@pytest.mark.parametrize("who", ["ann", "sam", "bo", "cai"])
def test_fin_14_nobody_else_records_it(cast, urgent, who):
    cannot(getattr(cast, who), urgent, "record_consent", given=said())


def test_fin_14_the_manager_of_the_office_reads_and_records_what_is_urgent(cast, line, urgent):
    grant(cast.sam, "dept_manager", cast.department("Office"))
    calm = budgets.asked(cast.ann, line, 10)

    assert [access.may_read(access.posts_of(cast.sam), case) for case in (urgent, calm)] == [True, False]
    assert recorded(cast.sam, urgent).state == "provisional"


def test_fin_14_once_an_absence_is_entered_the_office_reads_what_waits(cast, line):
    grant(cast.sam, "dept_manager", cast.department("Office"))
    before = budgets.asked(cast.ann, line, 10)
    away(cast)
    after = budgets.asked(cast.ann, line, 10)

    assert all(access.may_read(access.posts_of(cast.sam), case) for case in (before, after))


@pytest.mark.parametrize("part", ["requester", "preparer", "beneficiary"])
@pytest.mark.parametrize("acting", [False, True], ids=["by right", "as stand-in"])
def test_fin_14_who_has_a_part_in_it_records_no_consent(cast, urgent, part, acting):
    Case.update(**{part: cast.bo}).where(Case.id == urgent.id).execute()
    more = {"acting": acting, "ends": date(2090, 1, 1)}
    grant(cast.bo, "chief_accountant", **more)
    grant(cast.bo, "dept_manager", cast.department("Marketing"), **more)
    grant(cast.bo, "dept_manager", cast.department("Office"), **more)

    cannot(cast.bo, Case.get_by_id(urgent.id), "record_consent", given=said())


@pytest.mark.parametrize("acting", [False, True], ids=["by right", "as stand-in"])
def test_fin_14_a_cashier_records_no_consent(cast, urgent, acting):
    grant(cast.hao, "cashier", acting=acting, ends=date(2090, 1, 1))

    with pytest.raises(Refused, match=r"Who pays does not record consent\."):
        recorded(cast.hao, urgent)


def test_fin_14_who_recorded_it_and_became_cashier_does_not_pay(cast, urgent):
    case = recorded(cast.hao, urgent)
    take_away(cast.hao, "dept_manager")
    grant(cast.hao, "cashier", acting=True, ends=date(2090, 1, 1))
    lent = moneys.advance(cast.ann, case, 300)

    with pytest.raises(Refused, match="You recorded the consent by telephone"):
        steps.take(cast.hao, lent.id, "pay", given=moneys.by_bank())
    assert steps.take(cast.cai, lent.id, "pay", given=moneys.by_bank()).state == "paid"


def test_fin_14_the_general_manager_approves_instead_of_recording(cast, urgent):
    grant(cast.mei, "dept_manager", cast.department("Marketing"))

    with pytest.raises(Refused, match="approve it"):
        recorded(cast.mei, urgent)


def test_the_managers_own_request_is_not_consented_to_by_telephone(cast):
    line = budgets.budget_line(cast.department("Office"), 5000)
    case = budgets.asked(cast.mei, line, 100, urgent=True)
    grant(cast.sam, "dept_manager", cast.department("Office"))

    assert [each for each in buttons(cast.sam, case) if each.step.name == "record_consent"] == []


def test_fin_14_consent_never_goes_beyond_the_budget(cast, line):
    budgets.asked(cast.hao, line, 4500)
    case = budgets.asked(cast.ann, line, 1000, urgent=True)

    with pytest.raises(Refused, match="Beyond it only the general manager approves"):
        recorded(cast.hao, case)


def test_fin_14_money_that_came_free_is_held_with_the_consent(cast, line):
    first = budgets.asked(cast.hao, line, 4500)
    case = budgets.asked(cast.ann, line, 1000, urgent=True)
    steps.take(cast.mei, first.id, "reject", note="No")

    case = recorded(cast.hao, case)

    assert (case.mark, budgets.figures_now(line).held) == ("", yuan(1000))
    assert checks.findings() == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (lambda: PhoneConsent(None, "phone", "Yes"), "asked_at"),
        (lambda: PhoneConsent(clock.now() + timedelta(hours=1), "phone", "Yes"), "asked_at"),
        (lambda: PhoneConsent(clock.now() - timedelta(days=1), "phone", "Yes"), "asked_at"),
        (lambda: PhoneConsent(clock.now(), "pigeon", "Yes"), "way"),
        (lambda: PhoneConsent(clock.now(), "phone", "  "), "words"),
        (lambda: PhoneConsent(clock.now(), "phone", "x" * 501), "words"),
    ],
)
def test_what_is_told_of_a_consent_is_looked_at(cast, urgent, given, field):
    with pytest.raises(Mistyped) as refusal:
        steps.take(cast.hao, urgent.id, "record_consent", given=given())

    assert refusal.value.field == field


# ---- provisional, confirmed, withdrawn ------------------------------------------------------------------------------


def test_fin_15_an_advance_is_paid_on_it_and_a_claim_is_not(cast, urgent):
    case = recorded(cast.hao, urgent)

    lent = moneys.lent(cast, cast.ann, case, 400)
    claim = moneys.claimed(cast.ann, case, 400, is_last=False)

    assert lent.state == "outstanding"
    with pytest.raises(Refused, match="has not confirmed the consent by telephone"):
        steps.take(cast.mei, claim.id, "sign", given=moneys.Granted())


def test_fin_15_confirmed_it_is_approved_as_of_the_consent(cast, urgent, clock):
    case = recorded(cast.hao, urgent)
    asked_at = Spending.get_by_id(case.id).approved_at
    clock.forward(days=1)

    case = steps.take(cast.mei, case.id, "confirm_consent")

    assert (case.state, Spending.get_by_id(case.id).approved_at) == ("approved", asked_at)
    assert Consent.get(Consent.case == case).answered_by == cast.mei
    assert moneys.settled(cast, cast.ann, case, 1000).state == "posted"
    assert checks.findings() == []


def test_fin_15_only_the_general_manager_answers(cast, urgent):
    case = recorded(cast.hao, urgent)

    for person in (cast.hao, cast.ann, cast.lin, cast.cai):
        cannot(person, case, "confirm_consent")
        cannot(person, case, "withdraw_consent", note="no")


def test_fin_15_who_recorded_it_and_became_manager_does_not_answer(cast, urgent):
    case = recorded(cast.hao, urgent)
    grant(cast.hao, "gm", acting=True, ends=date(2090, 1, 1))

    cannot(cast.hao, case, "confirm_consent")
    assert steps.take(cast.mei, case.id, "confirm_consent").state == "approved"


def test_fin_15_withdrawn_what_was_lent_is_due_at_once_and_nothing_more_is_paid(cast, line, urgent):
    case = recorded(cast.hao, urgent)
    lent = moneys.lent(cast, cast.ann, case, 400)
    waiting = moneys.advance(cast.ann, case, 100)

    case = steps.take(cast.mei, case.id, "withdraw_consent", note="I never said so")

    advance = Advance.get_by_id(lent.id)
    assert (case.state, Case.get_by_id(waiting.id).state) == ("withdrawn", "cancelled")
    assert (advance.due_on, advance.recalled_at is not None) == (clock.today(), True)
    assert told("consent", case) >= {"ann", "hao"} and told("consent", lent) == {"ann", "hao", "cai"}
    assert [(row.number, row.advanced) for row in consents(access.posts_of(cast.mei), "withdrawn")] == [(case.number, yuan(400))]
    assert budgets.figures_now(line).held == 0
    with pytest.raises(Refused, match="is not approved"):
        moneys.advance(cast.ann, case, 100)
    assert checks.findings() == []


def test_fin_15_a_part_paid_of_an_advance_is_the_last_when_consent_is_withdrawn(cast, urgent):
    case = recorded(cast.hao, urgent)
    lent = moneys.advance(cast.ann, case, 400)
    (payable,) = payables_of(lent)
    steps.take(cast.cai, lent.id, "pay", given=moneys.by_bank(parts=((payable.id, yuan(150)),)))

    steps.take(cast.mei, case.id, "withdraw_consent", note="No")

    assert (Case.get_by_id(lent.id).state, payables_of(lent)) == ("paid", [])
    with pytest.raises(SomebodyWasFirst):
        steps.take(cast.cai, lent.id, "pay", given=moneys.by_bank())


def test_fin_15_of_a_supplement_withdrawn_only_what_it_covered_goes_back(cast, line):
    request = budgets.approved(cast.ann, cast.mei, line, 1000)
    supplement = recorded(cast.hao, budgets.asked(cast.ann, line, 500, urgent=True, supplements=request))
    small = moneys.lent(cast, cast.ann, request, 900)

    steps.take(cast.mei, supplement.id, "withdraw_consent", note="No")
    assert Advance.get_by_id(small.id).recalled_at is None

    again = recorded(cast.hao, budgets.asked(cast.ann, line, 500, urgent=True, supplements=request))
    more = moneys.lent(cast, cast.ann, request, 300)
    steps.take(cast.mei, again.id, "withdraw_consent", note="No")

    assert Advance.get_by_id(more.id).recalled_at is not None


def test_fin_15_a_claim_waits_while_a_supplement_stands_on_consent_alone(cast, line):
    request = budgets.approved(cast.ann, cast.mei, line, 1000)
    supplement = recorded(cast.hao, budgets.asked(cast.ann, line, 500, urgent=True, supplements=request))
    claim = moneys.claimed(cast.ann, request, 1300)

    with pytest.raises(Refused, match=f"has not confirmed the consent by telephone on {supplement.number}"):
        steps.take(cast.mei, claim.id, "sign", given=moneys.Granted())


def test_fin_15_what_is_not_confirmed_in_time_is_on_the_red_list_and_told_once(cast, urgent, clock):
    clock.set("2026-03-02 09:00")
    case = recorded(cast.hao, Case.get_by_id(budgets.asked(cast.ann, Spending.get_by_id(urgent.id).line, 10, urgent=True).id))
    mine = access.posts_of(cast.mei)
    clock.set("2026-03-05 23:00")
    assert (escalate(), consents(mine, "late")) == (0, [])

    clock.set("2026-03-06 00:00")

    assert [row.case for row in consents(mine, "late")] == [case.id]
    assert (escalate(), escalate()) == (1, 0)
    assert told("red list", case) == {"mei", "lin", "hao", "ann"}


def test_the_days_until_the_red_list_are_a_policy(cast, urgent):
    policies.change(cast.mei, confirm_days, 1)

    case = recorded(cast.hao, urgent)

    assert Consent.get(Consent.case == case).due_at == clock.working_days_after(clock.now(), 1)


# ---- absences -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "may"), [("mei", True), ("sam", True), ("ann", False), ("lin", False), ("hao", False)])
def test_the_manager_or_the_office_enters_that_the_manager_is_away(cast, who, may):
    enter = lambda: enter_absence(  # noqa: E731
        getattr(cast, who), cast.mei, clock.today(), clock.today(), "", secrets.token_hex(8)
    )
    if not may:
        with pytest.raises(NotYours):
            enter()
        return

    enter()

    assert manager_is_away()
    assert told("absence") == (set() if who == "mei" else {"mei"})


@pytest.mark.parametrize(("first", "last", "field"), [(0, -1, "ends"), (-3, -2, "ends")])
def test_an_absence_ends_not_before_it_begins_and_not_in_the_past(cast, first, last, field):
    with pytest.raises(Mistyped) as refusal:
        away(cast, first, last)

    assert refusal.value.field == field


def test_only_a_general_manager_is_away(cast):
    with pytest.raises(Mistyped, match="Choose a general manager"):
        enter_absence(cast.sam, cast.hao, clock.today(), clock.today(), "", "x")


# ---- pages ----------------------------------------------------------------------------------------------------------


def test_consent_is_recorded_on_its_page_with_a_file(cast, client, urgent):
    hao = client(cast.hao)
    page = hao.get(f"/papers/{urgent.id}")
    assert f'href="/expenses/consents/{urgent.id}"' in page.text
    typed = {
        "asked_at": f"{clock.local(clock.now()):%Y-%m-%dT%H:%M}", "way": "wechat", "words": "Yes <b>do</b>", "version": "1",
        "state": "submitted", "files": (io.BytesIO(b"a,b"), "chat.csv"),
    }  # fmt: skip

    wrong = post(hao, f"/expenses/consents/{urgent.id}", typed | {"words": "", "files": (io.BytesIO(b""), "")})
    right = post(hao, f"/expenses/consents/{urgent.id}", typed)

    assert (wrong.status_code, right.status_code) == (422, 303)
    shown = hao.get(f"/papers/{urgent.id}").text
    assert "Yes &lt;b&gt;do&lt;/b&gt;" in shown and "chat.csv" in shown and "Not confirmed" in shown
    assert "By WeChat" in text_of(hao.get(f"/papers/{urgent.id}/print"))


def test_the_consent_stands_where_its_file_is_refused(cast, client, urgent):
    typed = {
        "asked_at": f"{clock.local(clock.now()):%Y-%m-%dT%H:%M}", "way": "phone", "words": "Yes", "version": "1",
        "state": "submitted", "files": (io.BytesIO(b"MZ"), "chat.exe"),
    }  # fmt: skip
    hao = client(cast.hao)

    answer = post(hao, f"/expenses/consents/{urgent.id}", typed)

    assert (answer.status_code, Case.get_by_id(urgent.id).state) == (303, "provisional")
    assert "The file was not attached" in text_of(hao.get(answer.location))
    assert post(hao, f"/papers/{urgent.id}/files", {"files": (io.BytesIO(b"a,b"), "chat.csv")}).status_code == 303


def test_the_lists_of_consents_say_what_the_exports_say(cast, client, urgent):
    case = recorded(cast.hao, urgent)
    mei = client(cast.mei)

    assert case.number in mei.get("/expenses/consents").text
    assert case.number in mei.get("/expenses/consents?export=csv").text
    for tab in ("late", "withdrawn", "confirmed", "asking"):
        assert case.number not in mei.get(f"/expenses/consents?tab={tab}").text
    assert case.number not in client(cast.ann).get("/expenses/consents").text


def test_what_may_be_asked_by_telephone_is_listed_for_who_records(cast, client, line, urgent):
    calm = budgets.asked(cast.ann, line, 10)
    hao = client(cast.hao)

    before = hao.get("/expenses/consents?tab=asking").text
    away(cast)
    after = hao.get("/expenses/consents?tab=asking").text

    assert urgent.number in before and calm.number not in before
    assert urgent.number in after and calm.number in after


def test_absences_are_entered_and_ended_on_their_page(cast, client):
    sam = client(cast.sam)
    today = clock.today().isoformat()
    typed = {"token": secrets.token_urlsafe(18), "person": cast.mei.id, "starts": today, "ends": today, "text": "Fair"}

    wrong = post(sam, "/expenses/absences", typed | {"ends": "2020-01-01"})
    right = [post(sam, "/expenses/absences", typed) for _twice in range(2)]

    assert (wrong.status_code, [each.status_code for each in right]) == (422, [303, 303])
    (absence,) = Absence.select()
    assert "Away today" in sam.get("/expenses/absences").text
    assert post(sam, f"/expenses/absences/{absence.id}/end", {}).status_code == 303
    assert (manager_is_away(), Absence.get().ended_by) == (False, cast.sam)


def test_business_consent_comes_before_the_spending(cast, line):
    """BEX-01: consent by telephone counts as prior consent, and must be prior."""
    case = submit(cast.ann, budgets.business(cast.ann, line, 100, urgent=True), secrets.token_hex(8))

    with clock.at(clock.now() + timedelta(days=3)), pytest.raises(Refused, match="Consent must come first"):
        recorded(cast.hao, case)

    assert recorded(cast.hao, case).state == "provisional"
