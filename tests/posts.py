"""Posts given and taken away, what a paper waits for, and who cannot take a step of it, as tests say it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal import access, clock, offers, steps
from portal.cases import Case, open_tasks
from portal.offers import Offer
from portal.persons import Department, Grant, Person
from portal.refused import NotYours
from tests.cast import Cast


def grant(person: Person, role: str, department: Department | None = None, **more: Any) -> Grant:
    return Grant.create(person=person, role=role, department=department, **{"starts": date(2020, 1, 1), "reason": "test"} | more)


def take_away(person: Person, role: str) -> None:
    Grant.update(revoked_at=clock.now()).where(Grant.person == person, Grant.role == role).execute()


def waiting(case: Case) -> list[tuple[str, str, bool]]:
    """The open tasks: the post wanted, the post that can act, and whether it is stuck."""
    return [(task.wanted, task.post, bool(task.stuck)) for task in open_tasks(case)]


def head(cast: Cast, department: str = "Marketing") -> str:
    return access.post("dept_manager", cast.department(department).id)


def cannot(person: Person, case: Case, name: str, **told: Any) -> None:
    """The step is refused for lack of right, nothing has happened, and its button, if there is one, says why."""
    before = Case.get_by_id(case.id).events
    with pytest.raises(NotYours):
        steps.take(person, case.id, name, **told)
    assert Case.get_by_id(case.id).events == before
    assert all(offer.why_not for offer in buttons(person, case) if offer.step.name == name)


def buttons(person: Person, case: Case) -> list[Offer]:
    return offers.offered(Case.get_by_id(case.id), person, access.posts_of(person))
