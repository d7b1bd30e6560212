"""What the stories of the demo company's contract archive have in common."""

from __future__ import annotations

from datetime import date, timedelta

from portal import clock
from portal.access import contract_archivist, holder_ids
from portal.cases import Case, open_tasks
from portal.contracts.models import Contract
from portal.demo.agreements import TITLES
from portal.demo.budget import take
from portal.persons import Person

ARCHIVIST, OTHER_ARCHIVIST = "zhengfang", "fengjing"
HALVES = ((6, 30), (12, 31))


def worked(day: date) -> date:
    while not clock.is_worked(day):
        day += timedelta(days=1)
    return day


def worked_before(day: date) -> date:
    while not clock.is_worked(day):
        day -= timedelta(days=1)
    return day


def contract(key: str) -> Contract:
    found = Contract.find("title = ?", TITLES[key])
    assert found is not None, key
    return found


def decide(case: Case, name: str, note: str = "") -> Case:
    """Whoever it waits for takes the step; not who keeps the archive, where others can."""
    case = Case.get_by_id(case.id)
    waits = [task.post for task in open_tasks(case) if task.post not in (f"#{case.requester_id}", contract_archivist.key)]
    holder = Person.get_by_id(next(key for post in waits for key in holder_ids(post) if key != case.requester_id))
    return take(holder.user, case, name, note)


def halves(today: date) -> tuple[date, date]:
    """The days by which the last two half-yearly checks were due."""
    first, second = sorted(day for year in (today.year - 1, today.year) for half in HALVES if (day := date(year, *half)) < today)[
        -2:
    ]
    return first, second
