"""The daily cash report: the cashier reports what came in and went out, the chief accountant acknowledges it (FIN-04)."""

from __future__ import annotations

from datetime import date, time, timedelta

from portal import access, clock, contents, db, notices
from portal.access import cashier, chief_accountant, exec_in_charge, gm, posts_of
from portal.books.models import is_closed, month_called, month_of
from portal.books.models_months import (
    CashReport,
    CashReportLine,
    LateDay,
    is_reported,
    journal_of,
    missing_days,
    report_of,
)
from portal.cases import Case
from portal.contents import Content
from portal.flow import IN_TIME, RETURN, Act, Flow, objection, state, step
from portal.jobs import job
from portal.money import Money, total
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from portal.words import Words, _, _n


def report_content(day: date) -> Content:
    """The contents of a day's report, filled in from the journals; nothing of it is typed."""
    lines = journal_of(day)
    return Content(day.isoformat(), {"day": day}, lines, total(Money(line["income"] + line["outgo"]) for line in lines))


def check_report(person: Person, content: Content) -> None:
    if "cashier" not in posts_of(person):
        raise NotYours(_("The cashier reports the day."))
    if content.detail["day"] > clock.today():
        raise Mistyped(_("Write a day that has come."), "day")


@db.transaction
def start_report(person: Person, day: date, token: str) -> Case:
    """The report of the day, begun now or before."""
    if found := report_of(day):
        return found
    if is_closed(day):
        raise Refused(_("%(month)s is closed.", month=month_called(month_of(day))))
    return contents.create(CASH_REPORT, person, report_content(day), token)


@objection(_("the day is not over, or an earlier one is not reported"))
def too_early(act: Act) -> Words | None:
    """Days are reported in their order: what is there before a day is what the day before says."""
    day = act.paper.day
    if day > clock.today():
        return _("The day has not come.")
    earlier = [each for each in missing_days(day - timedelta(days=1)) if each.day < day]
    return _("%(day)s is not reported yet: report it first.", day=earlier[0].day) if earlier else None


def fill_in(act: Act) -> None:
    """What is reported is what the journals say at this moment."""
    case = act.case
    fresh = {line["fund"].id: line for line in journal_of(act.paper.day)}
    for line in act.lines:
        now = fresh.pop(line.fund_id, None)
        if now:
            told = {"before": now["before"], "income": now["income"], "outgo": now["outgo"]}
            CashReportLine.update(**told).where(CashReportLine.id == line.id).execute()
    for n, line in enumerate(fresh.values(), len(act.lines) + 1):
        CashReportLine.add(case=case, version=case.version, n=n, **line)
    lines = journal_of(act.paper.day)
    case.amount = total(Money(line["income"] + line["outgo"]) for line in lines)
    act.data |= {"income": total(line["income"] for line in lines), "outgo": total(line["outgo"] for line in lines)}


SUBMIT = step("submit", "submitted", unless=[too_early], then=[fill_in], look="primary", rules=["FIN-04"])
ACKNOWLEDGE = step("acknowledge", "acknowledged", look="primary", apart_from=["submit"], rules=["FIN-04"])

CASH_REPORT = Flow(
    "cash_report",
    state("draft", cashier, SUBMIT, carries_out=True),
    state("submitted", chief_accountant, ACKNOWLEDGE, RETURN, step("withdraw", "draft", who=cashier, look="quiet"), due=IN_TIME),
    state("acknowledged", label=_("Acknowledged"), tone="green"),
    prefix="CR",
    label=_("Daily cash report"),
    detail=CashReport,
    lines=CashReportLine,
    reads=(chief_accountant, cashier, gm, exec_in_charge),
    checks=(check_report,),
    icon="calculator",
    about=_("What came in and went out on a day, from the journals: the cashier submits it, also when nothing moved."),
    rules=("FIN-04",),
)  # fmt: skip


def refuse_reported(day: date) -> None:
    """Raises Refused where the day's report is with the chief accountant: its figures stand."""
    if case := is_reported(day):
        raise Refused(
            _(
                "The day is reported (%(number)s): enter it on a later day, or withdraw the report first.",
                number=case.number or "",
            )
        )


# ---- missing days ---------------------------------------------------------------------------------------------------


@db.transaction
def tell_missing() -> int:
    """Tells cashier and chief accountant of days before today without a report: each once. Answers how many are missing."""
    missing = missing_days(clock.today() - timedelta(days=1))
    told = {each.day for each in LateDay.select()}
    fresh = [each.day for each in missing if each.day not in told]
    people = {person for role in ("cashier", "chief_accountant") for person in access.holder_ids(role)}
    for day in fresh:
        LateDay.add(day=day, told_at=clock.now())
        notices.tell(people, "red list", _("The cash report of %(day)s is missing.", day=day))
    return len(missing)


@job("missing_cash_reports", every=timedelta(days=1), at=time(9, 0), about=_("Tells of days without a cash report"))
def tell_missing_daily() -> Words:
    return _n("%(n)s day is without a report.", "%(n)s days are without a report.", tell_missing())
