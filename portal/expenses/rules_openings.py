"""Advances that were open when the company began with the portal live on as every other, and can be brought back in cash."""

from __future__ import annotations

from datetime import timedelta

from portal import clock, contents, steps
from portal.books.models_notes import OpeningLine
from portal.books.rules_openings import OPENED
from portal.cases import Case
from portal.contents import Content
from portal.expenses.rules_advances import ADVANCE, settle_days
from portal.flow import Act
from portal.persons import Person


def register_advances(act: Act) -> None:
    """An advance for each line of a person; the paper of the opening balances stands for the request."""
    for line in act.lines:
        if line.person_id:
            _carry(line, act.case)


def _carry(line: OpeningLine, opening: Case) -> None:
    person, due = Person.get_by_id(line.person_id), line.due or clock.today() + timedelta(days=settle_days())
    title = f"{opening.number} {line.text or opening.title}"[:120]
    content = Content(title, {"request": opening, "purpose": line.text}, [], line.amount, person.department)
    case = contents.create(ADVANCE, person, content, f"opening-{opening.id}-{line.n}", by_portal=True)
    steps.take(None, case.id, "carry_over", given=due)


OPENED.append(register_advances)
