"""What seldom happens with the demo company's money: consent by telephone, a penalty, a voucher by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from portal import attachments, clock, contents, steps
from portal.books.models import Title
from portal.books.models_adjustments import adjustment_content
from portal.books.rules_adjustments import ADJUSTMENT
from portal.demo.budget import line_of
from portal.demo.company import person
from portal.demo.past import Story, at_work, chances, next_worked, some_time
from portal.demo.people import GENERAL_MANAGER
from portal.demo.pictures import file
from portal.expenses.models import spending_content
from portal.expenses.models_consents import PhoneConsent
from portal.expenses.models_penalties import Answer, penalty_content
from portal.expenses.rules import SPENDING
from portal.expenses.rules_consents import enter_absence
from portal.expenses.rules_penalties import PENALTY
from portal.money import Money
from portal.persons import Person

GM, CLERK, ACCOUNTANT = GENERAL_MANAGER.user, "sunxiaoyan", "linguodong"


def seldom(today: date) -> Iterator[Story]:
    yield _asked_by_telephone("临时拜访佛山客户", today - timedelta(days=130), "liming", "maizi", is_confirmed=True)
    yield _asked_by_telephone("临时拜访宁波客户", today - timedelta(days=7), "suqing", "qinfeng")
    yield _privately_used("宣传单页私自打印两百张，已认错。", "wujia", today - timedelta(days=96), is_confirmed=True)
    yield _privately_used("公司推车周末私用，周一归还。", "wujia", today - timedelta(days=6))
    yield _written_by_hand(today - timedelta(days=105))


def _asked_by_telephone(title: str, day: date, head: str, asker: str, is_confirmed: bool = False) -> Story:
    """While the general manager is away, a head records his consent; the last one is not confirmed yet."""
    chance = chances("by telephone")
    day = next_worked(day)
    yield at_work(day, 9, 20)
    enter_absence(person(CLERK), person(GM), day, day + timedelta(days=2), "出差拜访供应商", f"demo-money-absence-{day}")
    moment = max(some_time(chance, day), at_work(day, 10, 0))
    yield moment
    who: Person = person(asker)
    line = line_of(clock.today().year, who.department.name, "TG")
    detail: dict[str, Any] = {"purpose": "客户临时约见，当天往返。", "line": line, "expected_date": clock.today(), "urgent": True}
    lines = [{"text": "高铁票与市内交通", "amount": Money(860_00)}]
    case = contents.create(SPENDING, who, spending_content(who, title, detail, lines), f"demo-money-telephone-{day}")
    steps.take(who, case.id, "submit")
    yield moment + timedelta(minutes=25)
    told = PhoneConsent(clock.now() - timedelta(minutes=10), "phone", "同意，注意安全，回来补签。")
    steps.take(person(head), case.id, "record_consent", given=told)
    if is_confirmed:
        yield at_work(next_worked(day + timedelta(days=3)), 9, 30)
        steps.take(person(GM), case.id, "confirm_consent")


def _privately_used(reason: str, user: str, day: date, is_confirmed: bool = False) -> Story:
    """The supervisor records it, the person answers, the general manager confirms."""
    chance = chances(f"penalty {reason}")
    day = next_worked(day)
    yield at_work(day, 15, 20)
    supervisor, other = person(CLERK), person(user)
    content = penalty_content(other, "SUP-21", Money(50_00 + 10_00 * chance.randint(0, 3)), day, reason)
    case = contents.create(PENALTY, supervisor, content, f"demo-money-penalty-{day}")
    attachments.store("case", case.id, "paper", "现场照片.png", file("现场照片.png", chance, Money(0)), supervisor)
    steps.take(supervisor, case.id, "submit")
    if not is_confirmed:
        return
    yield at_work(next_worked(day + timedelta(days=1)), 10, 5)
    steps.take(other, case.id, "answer", given=Answer("情况属实，以后会先提出申请。"))
    yield at_work(next_worked(day + timedelta(days=2)), 11, 40)
    steps.take(person(GM), case.id, "confirm")


def _written_by_hand(day: date) -> Story:
    """What no other paper books: unpaid wages of the helpers in the season."""
    day = next_worked(day)
    yield at_work(day, 16, 25)
    who = person(ACCOUNTANT)
    cost, owed = (Title.find("code = ?", code) for code in ("5601", "2202"))
    lines = [
        {"title": cost, "debit": Money(6_480_00), "credit": Money(0), "text": "临时工劳务"},
        {"title": owed, "debit": Money(0), "credit": Money(6_480_00), "text": "应付劳务公司"},
    ]
    case = contents.create(ADJUSTMENT, who, adjustment_content("计提临时工劳务费", day, lines), "demo-money-by-hand")
    attachments.store(
        "case", case.id, "paper", "劳务结算单.pdf", file("劳务结算单.pdf", chances("by hand"), Money(6_480_00)), who
    )
    steps.take(who, case.id, "post")
