"""The demo company's spending requests: who asked for what in the last months, and how it went on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from portal import access, attachments, clock, contents, notices, steps
from portal.budget.models import Overrun
from portal.cases import Case
from portal.demo import subjects
from portal.demo.budget import TIGHT, line_of
from portal.demo.company import person, unit
from portal.demo.past import Story, chances, daily, last_worked, later, some_time
from portal.demo.people import EMPLOYEES, GENERAL_MANAGER
from portal.demo.pictures import file
from portal.demo.subjects import SUBJECTS, WANTED, Subject
from portal.expenses.models import Spending, spending_content
from portal.expenses.rules import SPENDING, lapse_unused
from portal.money import Money, total
from portal.persons import Person

DEPUTY = "hanxuemei"  # decides what the general manager asks for
PLAN = (  # how it went, how many, begun how many days ago: at least, at most
    ("approved", 60, 4, 110),
    ("approved", 26, 110, 420),
    ("cancelled", 8, 6, 150),
    ("corrected", 15, 6, 140),
    ("returned", 5, 1, 9),
    ("rejected", 12, 4, 220),
    ("withdrawn", 4, 1, 20),
    ("draft", 9, 1, 25),
    ("waiting", 15, 1, 9),
    ("beyond", 7, 8, 120),
    ("over", 5, 1, 7),
    ("reduced", 4, 9, 80),
    ("chief", 1, 24, 30),
    ("chief_waiting", 1, 1, 2),
    ("approved", 44, 115, 375),
)


def papers(first: date, present: datetime) -> Iterator[Story]:
    today = clock.local(present).date()
    yield daily(first, lapse_unused)
    yield _reading(today - timedelta(days=3))
    budgeted = date(today.year - 1, 1, 8)  # before it no line had money
    n = 0
    for plot, count, least, most in PLAN:
        for each in range(count):
            n += 1
            days = least + (most - least) * each // max(1, count - 1)
            yield _request(n, plot, max(last_worked(today - timedelta(days=days)), budgeted))
    yield _freed(last_worked(today - timedelta(days=34)))


def _reading(day: date) -> Story:
    """What is older has been read."""
    yield some_time(chances("reading"), last_worked(day))
    for each in EMPLOYEES:
        notices.mark_read(person(each.user))


# ---- one request ----------------------------------------------------------------------------------------------------


@dataclass
class Request:
    """A request being told: who asks, for what, and when the last thing happened."""

    chance: Random
    moment: datetime
    by: Person
    subject: Subject
    case: Case

    def wait(self, days: float) -> datetime:
        self.moment = later(self.chance, self.moment, days)
        return self.moment

    def take(self, user: str, name: str, note: str = "", given: object = None) -> None:
        case = Case.get_by_id(self.case.id)
        self.case = steps.take(person(user), case.id, name, (case.state, case.version), given, note)

    @property
    def decider(self) -> str:
        return DEPUTY if self.by.user == GENERAL_MANAGER.user else GENERAL_MANAGER.user

    def say(self, words: tuple[str, ...]) -> str:
        return self.chance.choice(words)


def _request(n: int, plot: str, day: date) -> Story:
    chance = chances(f"request {n}")
    moment = some_time(chance, day)
    yield moment
    by, subject = _who_and_what(chance, plot)
    content = _content(chance, by, subject, _least(chance, by, subject, plot))
    case = contents.create(SPENDING, by, content, f"demo-request-{n}")
    told = Request(chance, moment, by, subject, case)
    if chance.random() < 0.3:
        yield told.wait(0)
        _attach(told)
    if plot == "draft":
        return
    yield told.wait(0)
    told.take(by.user, "submit")
    if chance.random() < 0.3:
        yield told.wait(0)
        _comment(told)
    yield from _beyond(told) if told.case.mark and plot not in STAYS else GOES_ON[plot](told)


def _who_and_what(chance: Random, plot: str) -> tuple[Person, Subject]:
    if plot.startswith("chief"):
        asker = GENERAL_MANAGER
    elif plot in BEYOND:
        name, code = chance.choice(sorted(TIGHT))
        asker = chance.choice([each for each in EMPLOYEES if each.unit == name])
        return person(asker.user), chance.choice([each for each in SUBJECTS if each.code == code and each.suits(name)])
    else:
        asker = chance.choice([each for each in EMPLOYEES if each is not GENERAL_MANAGER])
    codes = ["ZD"] if asker is GENERAL_MANAGER else WANTED[asker.unit][0].split()
    return person(asker.user), chance.choice([each for each in SUBJECTS if each.code in codes and each.suits(asker.unit)])


def _least(chance: Random, by: Person, subject: Subject, plot: str) -> Money:
    """What the request must ask for to go beyond the budget, where it shall."""
    if plot not in BEYOND:
        return Money(0)
    return line_of(clock.today().year, by.department.name, subject.code).free() + Money(chance.randint(2, 30) * 100_00)


def _content(chance: Random, by: Person, subject: Subject, least: Money) -> contents.Content:
    today = clock.today()
    expected = min(today + timedelta(days=chance.randint(14, 40)), date(today.year, 12, 31))
    detail: dict[str, Any] = {
        "purpose": subject.purpose, "expected_date": expected, "line": line_of(today.year, by.department.name, subject.code)
    }  # fmt: skip
    if subject.business:
        detail |= {"nature": "business", "business_kind": subject.business, "who": subject.who, "why": subject.purpose}
    amounts = [Money(round(yuan * chance.uniform(0.85, 1.2)) * 100) for _text, yuan in subject.lines]
    amounts[0] += max(least - total(amounts), Money(0))
    lines = [{"text": text, "amount": amount} for (text, _yuan), amount in zip(subject.lines, amounts, strict=True)]
    return spending_content(by, subject.title, detail, lines)


def _attach(told: Request) -> None:
    for name in told.chance.sample(subjects.FILES, told.chance.choice((1, 1, 2))):
        attachments.store("case", told.case.id, "paper", name, file(name, told.chance, told.case.amount), told.by)


def _comment(told: Request) -> None:
    """The head or the accountant says something, or the applicant mentions who shall look."""
    case = Case.get_by_id(told.case.id)
    heads = [each for each in access.holders(f"dept_manager@{told.by.department_id}") if each != told.by]
    other = told.chance.choice([*heads, person("linguodong")])
    said = told.say(subjects.COMMENTS)
    if told.chance.random() < 0.5:
        steps.comment(told.by, case.id, said, [other])
    else:
        steps.comment(other, case.id, said, [told.by])


# ---- how it goes on -------------------------------------------------------------------------------------------------


def _approve(told: Request) -> Story:
    yield told.wait(told.chance.choice((0, 0, 1, 1, 2, 3)))
    if _is_late(told):
        told.take(told.decider, "return", "日期已过,请改期后重报。", "draft")
        return
    told.take(told.decider, "approve")


def _is_late(told: Request) -> bool:
    """Whether the day of spending is past for what needs consent before."""
    paper: Any = Spending.get_by_id(told.case.id)
    return paper.nature == "business" and paper.expected_date < clock.today()


def _cancel(told: Request) -> Story:
    yield from _approve(told)
    yield told.wait(told.chance.randint(2, 9))
    if told.case.state == "approved":
        told.take(told.by.user, "cancel", told.say(subjects.CANCELLED))


def _return(told: Request) -> Story:
    yield told.wait(1)
    told.take(told.decider, "return", told.say(subjects.RETURNED), "draft")


def _correct(told: Request) -> Story:
    yield from _return(told)
    yield told.wait(told.chance.choice((1, 1, 2)))
    told.case = contents.edit(told.by, told.case.id, _content(told.chance, told.by, told.subject, Money(0)), told.case.version)
    if not told.chance.randrange(2):
        yield told.wait(0)
        _attach(told)
    yield told.wait(0)
    told.take(told.by.user, "submit")
    yield from _beyond(told) if told.case.mark else _approve(told)


def _reject(told: Request) -> Story:
    yield told.wait(told.chance.choice((1, 1, 2)))
    told.take(told.decider, "reject", told.say(subjects.REJECTED))


def _withdraw(told: Request) -> Story:
    yield told.wait(0)
    told.take(told.by.user, "withdraw", told.say(subjects.WITHDRAWN))


def _beyond(told: Request) -> Story:
    """Approved over budget, by the general manager's own step."""
    yield told.wait(told.chance.choice((1, 2)))
    if told.decider == DEPUTY or _is_late(told):
        return
    line = Spending.get_by_id(told.case.id).line
    if line and line.free() >= told.case.amount:
        told.take(told.decider, "approve")
        return
    told.take(told.decider, "approve_over_budget", given=Overrun(told.say(subjects.BEYOND), clock.today() + timedelta(days=60)))


def _wait(told: Request) -> Story:
    if told.chance.random() < 0.35:
        yield told.wait(1)
        _comment(told)


def _freed(day: date) -> Story:
    """Two ask for the last of a line; the first gives it back, and the second is approved after all."""
    chance = chances("freed")
    moment = some_time(chance, day)
    yield moment
    by, other = person("gaoyuan"), person("zhulin")
    subject = next(each for each in SUBJECTS if each.code == "PX")
    free = line_of(clock.today().year, unit("设计部").name, "PX").free()
    if free < 200_00:
        return
    first, second = (_share(chance, who, subject, free) for who in (by, other))
    told = []
    for n, (who, content) in enumerate(((by, first), (other, second))):
        yield moment + timedelta(minutes=20 * n + 5)
        case = contents.create(SPENDING, who, content, f"demo-freed-{n}")
        told.append(Request(chance, moment + timedelta(minutes=20 * n + 5), who, subject, case))
        told[n].take(who.user, "submit")
    yield from _approve(told[0])
    yield told[0].wait(2)
    told[0].take(by.user, "cancel", told[0].say(subjects.CANCELLED))
    told[1].moment = told[0].moment
    yield from _approve(told[1])


def _share(chance: Random, who: Person, subject: Subject, free: Money) -> contents.Content:
    content = _content(chance, who, subject, Money(0))
    line = {"text": subject.lines[0][0], "amount": Money(int(free) * 2 // 3)}
    return spending_content(who, content.title, content.detail, [line])


BEYOND = {"beyond", "over", "reduced"}  # told on lines where money runs short
STAYS = {"returned", "rejected", "withdrawn", "waiting", "over", "reduced", "chief_waiting"}  # whatever the budget says
GOES_ON: dict[str, Callable[[Request], Story]] = {
    "approved": _approve,
    "cancelled": _cancel,
    "corrected": _correct,
    "returned": _return,
    "rejected": _reject,
    "withdrawn": _withdraw,
    "waiting": _wait,
    "beyond": _beyond,
    "over": _wait,
    "reduced": _correct,
    "chief": _approve,
    "chief_waiting": _wait,
}
