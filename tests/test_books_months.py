"""Days are reported, months are counted blind, closed when books and cash agree, and published (FIN-04, FIN-07, FIN-08)."""

from __future__ import annotations

from datetime import date

import pytest

from portal import attachments, checks, db, policies, steps
from portal.access import holders
from portal.books import rules as books  # noqa: F401
from portal.books.models import ClosedMonth, title_for
from portal.books.models_months import (
    CashCount,
    CashReportLine,
    Close,
    MonthResult,
    Note,
    compared,
    days_to_report,
    missing_days,
    month_before,
    next_month,
    result_of,
)
from portal.books.models_notes import Entitled
from portal.books.rules_close import checklist, start_close, start_last_month
from portal.books.rules_figures import kept
from portal.books.rules_reports import start_report, tell_missing
from portal.books.views_months import to_heads, to_leaders
from portal.cases import Case
from portal.notices import Notice
from portal.refused import Mistyped, NotYours, Refused
from tests import budgets, moneys
from tests.budgets import grant, yuan
from tests.test_spending_pages import everybody_reads_english, post, text_of  # noqa: F401


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@pytest.fixture
def october(cast, clock):
    """A claim of 800 paid from the bank and posted on the last working day of October; it is the 2nd of November."""
    clock.set("2026-10-30 10:00")
    line = budgets.budget_line(cast.department("Marketing"), 5000)
    case = moneys.settled(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 300, 500)
    clock.set("2026-11-02 09:00")
    return case


def report(cast, day, acknowledged=True):
    case = steps.take(cast.cai, start_report(cast.cai, day, f"report {day}").id, "submit")
    return steps.take(cast.lin, case.id, "acknowledge") if acknowledged else case


def counted(cast, cash="0", bank="-800"):
    case = start_close(cast.lin, 202610)
    given = CashCount({moneys.till().id: {100: int(cash)}}, {moneys.bank().id: yuan(bank)})
    return steps.take(cast.cai, case.id, "count", given=given)


def closed(cast):
    report(cast, date(2026, 10, 30))
    return steps.take(cast.lin, counted(cast).id, "close_month")


def published(cast):
    case = steps.take(cast.lin, closed(cast).id, "calculate")
    return steps.take(cast.lin, case.id, "publish")


# ---- the day --------------------------------------------------------------------------------------------------------


def test_fin_04_working_days_and_days_with_money_are_due_from_the_first_movement_on(cast, october, clock):
    clock.set("2026-11-04 09:00")

    due = [each.day for each in days_to_report(date(2026, 10, 1), date(2026, 11, 4))]

    assert due == [date(2026, 10, 30), date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 4)]
    assert [each.day for each in missing_days(date(2026, 11, 3))] == due[:3]


def test_fin_04_the_report_is_filled_in_from_the_journals_and_a_day_without_movement_is_nil(cast, october):
    first = report(cast, date(2026, 10, 30))
    nil = report(cast, date(2026, 11, 2), acknowledged=False)

    bank = moneys.bank().id
    told = {case.id: CashReportLine.get(CashReportLine.case == case, CashReportLine.fund == bank) for case in (first, nil)}
    assert (told[first.id].before, told[first.id].outgo, told[first.id].after) == (0, yuan(800), -yuan(800))
    assert (told[nil.id].before, told[nil.id].outgo, nil.amount, nil.state) == (-yuan(800), 0, 0, "submitted")


def test_fin_04_days_are_reported_in_their_order(cast, october):
    case = start_report(cast.cai, date(2026, 11, 2), "later")

    with pytest.raises(Refused, match="is not reported yet: report it first"):
        steps.take(cast.cai, case.id, "submit")


def test_fin_04_only_the_cashier_reports_and_another_acknowledges(cast, october):
    with pytest.raises(NotYours):
        start_report(cast.lin, date(2026, 10, 30), "lin's")
    case = report(cast, date(2026, 10, 30), acknowledged=False)
    with pytest.raises(NotYours):
        steps.take(cast.cai, case.id, "acknowledge")


def test_fin_04_missing_days_are_told_once(cast, october, clock):
    clock.set("2026-11-03 09:30")

    assert (tell_missing(), tell_missing()) == (2, 2)
    told = [each.words().message for each in Notice.select().where(Notice.person == cast.cai, Notice.topic == "red list")]
    assert told == ["The cash report of %(day)s is missing."] * 2


def test_nothing_is_entered_on_a_day_that_is_reported(cast, october, clock):
    report(cast, date(2026, 10, 30))
    report(cast, date(2026, 11, 2), acknowledged=False)
    line = budgets.budget_line(cast.department("Marketing"), 5000, "OFFICE")
    case = moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 100), 100)

    with pytest.raises(Refused, match="The day is reported"):
        steps.take(cast.cai, case.id, "pay", given=moneys.by_bank())


# ---- the month ------------------------------------------------------------------------------------------------------


def test_months_follow_each_other():
    assert (next_month(202612), month_before(202701), next_month(202601), month_before(202602)) == (
        202701,
        202612,
        202602,
        202601,
    )


def test_the_close_of_the_month_that_ended_is_opened_once(cast, october):
    opened = start_last_month()

    assert (opened.title, opened.state, start_last_month()) == ("2026-10", "draft", None)
    assert holders("cashier")[0].id == cast.cai.id


def test_fin_07_a_month_is_counted_closed_calculated_and_published(cast, october):
    case = published(cast)

    figures = kept(202610)
    marketing = next(each for each in figures.departments if each.id == cast.department("Marketing").id)
    assert (case.state, Close.get_by_id(case.id).published_at is not None) == ("published", True)
    assert (marketing.budget, marketing.month, marketing.year) == (yuan(5000), yuan(800), yuan(800))
    assert figures.expense == yuan(800)
    assert checks.findings() == []


def test_fin_08_the_count_is_blind_and_a_difference_needs_a_note_that_the_manager_signs(cast, october):
    report(cast, date(2026, 10, 30))
    case = counted(cast, bank="-790")
    assert [each.difference for each in compared(case, 202610) if each.difference] == [yuan(10)]

    with pytest.raises(Refused, match="explain it in a note"):
        steps.take(cast.lin, case.id, "close_month")
    case = steps.take(cast.lin, case.id, "explain", given=Note("A fee that the bank takes back in November"))
    with pytest.raises(NotYours):
        steps.take(cast.lin, case.id, "sign_note")
    case = steps.take(cast.mei, case.id, "sign_note")
    case = steps.take(cast.lin, case.id, "close_month")

    assert case.state == "closed"
    assert Close.get_by_id(case.id).note_signed_by_id == cast.mei.id


def test_fin_08_a_note_says_nothing_of_a_later_difference(cast, october):
    report(cast, date(2026, 10, 30))
    case = counted(cast, bank="-790")
    steps.take(cast.lin, case.id, "explain", given=Note("A fee"))
    case = steps.take(cast.mei, case.id, "sign_note")
    steps.take(cast.lin, case.id, "recount", note="count again")
    case = counted(cast, bank="-700")

    with pytest.raises(Refused, match="explain it in a note"):
        steps.take(cast.lin, case.id, "close_month")


def test_fin_04_a_month_with_a_day_not_reported_stays_open(cast, october):
    with pytest.raises(Refused, match=r"^Every day is reported and acknowledged: not yet, for 10-30\.$"):
        steps.take(cast.lin, counted(cast).id, "close_month")


def test_a_month_with_money_that_is_not_posted_stays_open(cast, clock):
    clock.set("2026-10-30 10:00")
    line = budgets.budget_line(cast.department("Marketing"), 5000)
    case = moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 100)
    steps.take(cast.cai, case.id, "pay", given=moneys.by_bank())
    clock.set("2026-11-02 09:00")
    report(cast, date(2026, 10, 30))

    with pytest.raises(Refused, match="All money that moved is posted: not yet"):
        steps.take(cast.lin, counted(cast, bank="-100").id, "close_month")


def test_a_month_closes_when_it_is_over_and_the_one_before_is_closed(cast, october, clock):
    with pytest.raises(Refused, match=r"^2026-11 is not over yet\.$"):
        start_close(cast.lin, 202611)
    clock.set("2026-12-01 09:00")
    november = start_close(cast.lin, 202611)
    given = CashCount({moneys.till().id: {}}, {moneys.bank().id: -yuan(800)})
    november = steps.take(cast.cai, november.id, "count", given=given)

    with pytest.raises(Refused, match="2026-10 is still open"):
        steps.take(cast.lin, november.id, "close_month")


def test_fin_06_who_counts_does_not_close_and_others_do_neither(cast, october):
    report(cast, date(2026, 10, 30))
    case = counted(cast)

    for person in (cast.cai, cast.mei, cast.ann):
        with pytest.raises(NotYours):
            steps.take(person, case.id, "close_month")


def test_a_count_names_every_fund(cast, october):
    case = start_close(cast.lin, 202610)

    with pytest.raises(Mistyped, match=r"^Write what the statement of 基本户 says\.$"):
        steps.take(cast.cai, case.id, "count", given=CashCount({moneys.till().id: {}}, {}))
    with pytest.raises(Mistyped, match="Write how many pieces there are"):
        steps.take(cast.cai, case.id, "count", given=CashCount({moneys.till().id: {7: 1}}, {moneys.bank().id: yuan(0)}))


def test_fin_07_only_the_manager_opens_a_month_again_and_that_unpublishes_it(cast, october, client):
    case = published(cast)
    assert client(cast.hao).get("/books/published/202610").status_code == 200

    with pytest.raises(NotYours):
        steps.take(cast.lin, case.id, "reopen", note="a mistake")
    with pytest.raises(Mistyped):
        steps.take(cast.mei, case.id, "reopen")
    case = steps.take(cast.mei, case.id, "reopen", note="An invoice was forgotten")

    assert (case.state, ClosedMonth.select().count(), result_of(202610)) == ("draft", 0, None)
    assert Close.get_by_id(case.id).published_at is None
    assert client(cast.hao).get("/books/published/202610").status_code == 404
    assert MonthResult.select().count() == 1


def test_a_month_is_not_opened_while_a_later_one_is_closed(cast, october):
    case = published(cast)
    ClosedMonth.create(month=202611)

    with pytest.raises(Refused, match="2026-11 is closed after it"):
        steps.take(cast.mei, case.id, "reopen", note="why not")


def test_later_views_of_a_closed_month_read_the_figures_that_were_kept(cast, october):
    published(cast)
    cast.department("Marketing")
    from portal.persons import Department

    Department.update(name_en="Sales").where(Department.name_en == "Marketing").execute()

    assert "Marketing" in [each.department.name_en for each in kept(202610).departments]


# ---- pages ----------------------------------------------------------------------------------------------------------


def test_a_published_month_is_seen_by_leaders_and_heads_with_totals_by_department(cast, client, october):
    published(cast)

    seen = {
        user: client(getattr(cast, user)).get("/books/published/202610") for user in ("mei", "lin", "hao", "ann", "cai", "sam")
    }
    assert {user: answer.status_code for user, answer in seen.items()} == {
        "mei": 200, "lin": 200, "hao": 200, "ann": 403, "cai": 403, "sam": 403,
    }  # fmt: skip
    assert "800.00" in text_of(seen["hao"]) and "Result" not in text_of(seen["hao"])
    assert client(cast.hao).get("/books/published/202610/print").status_code == 200
    assert client(cast.hao).get("/books/published/202610?export=csv").data.count(b"\n") == 2


def test_heads_see_no_month_where_the_policy_says_so(cast, client, october):
    published(cast)
    policies.change(cast.mei, to_heads, False)

    assert client(cast.hao).get("/books/published/202610").status_code == 404
    assert "No month is published yet" in client(cast.hao).get("/books/published").text


def test_leaders_in_charge_see_no_month_where_the_policy_says_so(cast, client, october):
    published(cast)
    grant(cast.bo, "exec_in_charge")
    assert client(cast.bo).get("/books/published/202610").status_code == 200

    policies.change(cast.mei, to_leaders, False)

    assert client(cast.bo).get("/books/published/202610").status_code == 404
    assert client(cast.mei).get("/books/published/202610").status_code == 200


def test_the_count_page_shows_no_figure_of_the_books(cast, client, october):
    case = start_close(cast.lin, 202610)
    cai = client(cast.cai)

    shown, paper = cai.get(f"/books/closes/{case.id}/count"), cai.get(f"/papers/{case.id}")
    assert "800" not in text_of(shown) and "-800" not in text_of(paper)
    wrong = post(cai, f"/books/closes/{case.id}/count", {"shown": "draft:1", f"fund-{moneys.bank().id}": "x"})
    assert wrong.status_code == 422
    right = post(cai, f"/books/closes/{case.id}/count", {"shown": "draft:1", f"fund-{moneys.bank().id}": "-800"})
    assert right.status_code == 303
    assert Case.get_by_id(case.id).state == "counted"
    assert client(cast.lin).get(f"/books/closes/{case.id}/count").status_code == 404


def test_a_till_is_counted_to_the_fen(cast, client, october):
    case = start_close(cast.lin, 202610)
    till, coins = moneys.till().id, {100: "20", 10: "4", 5: "1", 2: "1", 1: "1"}

    typed = {f"pieces-{till}-{value}": pieces for value, pieces in coins.items()} | {f"fund-{moneys.bank().id}": "-800"}
    post(client(cast.cai), f"/books/closes/{case.id}/count", {"shown": "draft:1", **typed})

    assert [each.counted for each in compared(case, 202610) if each.fund.kind == "cash"] == [yuan("20.48")]


def test_reports_and_months_begin_on_their_pages(cast, client, october):
    cai = client(cast.cai)
    assert "is not reported" in cai.get("/books/reports?month=2026-10").text

    begun = post(cai, "/books/reports", {"day": "2026-10-30"})
    assert begun.status_code == 303 and cai.get(begun.headers["Location"]).status_code == 200
    begun = post(client(cast.lin), "/books/months", {"month": "202610"})
    assert begun.status_code == 303
    shown = client(cast.lin).get(begun.headers["Location"])
    assert shown.status_code == 200 and "without seeing the books" in shown.text
    for path in ("/books/months", "/books/reports", "/books/months?export=csv", "/books/reports?export=xlsx"):
        assert client(cast.lin).get(path).status_code == 200
    assert [each.is_clear for each in checklist(202610)][:2] == [False, True]


def test_what_the_portal_fills_in_is_not_copied(cast, client, october):
    papers = [report(cast, date(2026, 10, 30)), start_close(cast.lin, 202610), october]

    offered = [
        "?copy=" in client(person).get(f"/papers/{case.id}").text
        for person, case in zip((cast.cai, cast.lin, cast.ann), papers, strict=True)
    ]

    assert offered == [False, False, True]


# ---- what stands against it -----------------------------------------------------------------------------------------


def test_fin_06_who_reported_it_and_became_chief_accountant_does_not_acknowledge_it(cast, october):
    case = report(cast, date(2026, 10, 30), acknowledged=False)
    db.run("DELETE FROM grants WHERE person_id = ?", cast.cai.id)
    budgets.grant(cast.cai, "chief_accountant")

    with pytest.raises(NotYours):
        steps.take(cast.cai, case.id, "acknowledge")


def test_fin_04_a_day_that_is_not_acknowledged_keeps_the_month_open(cast, october):
    report(cast, date(2026, 10, 30), acknowledged=False)

    with pytest.raises(Refused, match="not yet, for 10-30"):
        steps.take(cast.lin, counted(cast).id, "close_month")


def test_the_report_of_a_day_in_a_closed_month_is_not_begun(cast, october):
    ClosedMonth.create(month=202610)

    with pytest.raises(Refused, match=r"^2026-10 is closed\.$"):
        start_report(cast.cai, date(2026, 10, 29), "late")


def test_a_report_says_what_the_journals_say_at_the_moment_it_is_submitted(cast, october):
    case = start_report(cast.cai, date(2026, 10, 30), "early")
    moneys.received(cast, 70, day=date(2026, 10, 30))

    case = steps.take(cast.cai, case.id, "submit")

    assert CashReportLine.get(CashReportLine.case == case, CashReportLine.fund == moneys.bank().id).income == yuan(70)


def test_nothing_is_entered_before_a_day_that_is_reported_but_while_its_report_is_a_draft(cast, october):
    start_report(cast.cai, date(2026, 10, 30), "draft")
    moneys.received(cast, 70, day=date(2026, 10, 30))
    report(cast, date(2026, 10, 30))

    with pytest.raises(Refused, match="The day is reported"):
        moneys.received(cast, 70, day=date(2026, 10, 29))


def test_fin_06_who_counted_and_became_chief_accountant_does_not_close(cast, october):
    report(cast, date(2026, 10, 30))
    case = counted(cast)
    db.run("DELETE FROM grants WHERE person_id = ?", cast.cai.id)
    budgets.grant(cast.cai, "chief_accountant")

    with pytest.raises(NotYours):
        steps.take(cast.cai, case.id, "close_month")


def test_fin_08_a_note_is_not_signed_once_something_changed_since_it_was_written(cast, october):
    case = counted(cast, bank="-790")
    steps.take(cast.lin, case.id, "explain", given=Note("A fee"))
    moneys.received(cast, 70, day=date(2026, 10, 30))

    with pytest.raises(Refused, match="Something changed since this note was written"):
        steps.take(cast.mei, case.id, "sign_note")


def test_fin_08_a_signed_note_carries_nothing_over_once_something_else_differs(cast, october):
    case = counted(cast, bank="-790")
    steps.take(cast.lin, case.id, "explain", given=Note("A fee"))
    steps.take(cast.mei, case.id, "sign_note")
    note = moneys.received(cast, 70, day=date(2026, 10, 30))
    steps.take(cast.lin, note.id, "post", given=Entitled(title_for("sales").id))
    report(cast, date(2026, 10, 30))

    with pytest.raises(Refused, match="explain it in a note"):
        steps.take(cast.lin, case.id, "close_month")


def test_fin_08_a_note_that_nobody_signed_carries_nothing_over(cast, october):
    report(cast, date(2026, 10, 30))
    case = counted(cast, bank="-790")
    steps.take(cast.lin, case.id, "explain", given=Note("A fee"))
    case = steps.take(cast.mei, case.id, "refuse_note", note="Which fee?")

    with pytest.raises(Refused, match="explain it in a note"):
        steps.take(cast.lin, case.id, "close_month")


def test_what_was_allotted_after_the_month_is_not_in_its_figures(cast, october):
    budgets.budget_line(cast.department("Marketing"), 900, "OFFICE")

    published(cast)

    assert next(each for each in kept(202610).departments if each.id == cast.department("Marketing").id).budget == yuan(5000)


def test_fin_11_an_advance_that_was_due_by_the_end_of_the_month_is_carried_over_by_a_note(cast, clock):
    clock.set("2026-09-01 10:00")
    line = budgets.budget_line(cast.department("Marketing"), 5000)
    case = moneys.lent(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 1000), 300)
    clock.set("2026-11-02 09:00")

    item = next(each for each in checklist(202610) if str(each.about) == "Advances that were due are settled")

    assert (item.against, item.may_be_noted) == ((case.number,), True)
    assert not next(each for each in checklist(202608) if str(each.about) == str(item.about)).against
