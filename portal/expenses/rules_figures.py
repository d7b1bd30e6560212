"""What every kind of request shows: its budget line, what it asks of it, its exception, and what became of it."""

from __future__ import annotations

from typing import Any

from portal.budget.models import Figures, figures_of, last_exception, papers_using
from portal.cases import Case
from portal.expenses.models import Spending
from portal.expenses.models_advances import use_of
from portal.expenses.models_money import REQUESTS, is_open
from portal.expenses.rules_advances import may_be_lent_on
from portal.expenses.rules_lapsing import last_day
from portal.flow import FLOWS
from portal.money import Money
from portal.persons import Person


def request_told(case: Case, request: Spending, person: Person, posts: dict[str, bool]) -> dict[str, Any]:
    """For the page of the request, as this person looks at it."""
    figures = figures_of(request.line_id)
    papers = papers_using(figures.account_id, posts) if figures and case.mark == "over_budget" else []
    exception = last_exception(case) if case.mark == "exception" else None
    is_first = request.supplements_id is None
    may_begin = is_first and person.id in (case.requester_id, case.beneficiary_id)
    return _asked(case, request, figures) | {
        "figures": figures,
        "using": [each for each in papers if each.case_id != case.id],
        "over_by": request.over_by,
        "exception": exception,
        "last_day": last_day(request, exception) if case.state == "approved" else None,
        "used": use_of(case.id, posts) if request.approved_at and is_first else None,
        "flows": FLOWS,
        "is_lent_on": may_be_lent_on(case),
        "may_borrow": may_begin and may_be_lent_on(case),
        "may_claim": may_begin and is_open(case),
    }


def _asked(case: Case, request: Spending, figures: Figures | None) -> dict[str, Money]:
    """What the request asks of its line: what it holds there now, and by how much it goes beyond what is left."""
    holds = case.state in REQUESTS[case.kind].holds and case.mark != "over_budget"
    is_asked = case.closed_at is None and request.approved_at is None
    amount = Money(case.amount or 0) if holds or is_asked else Money(0)
    beyond = amount - figures.left if figures and not holds else Money(0)
    return {"asked": amount, "held": amount if holds else Money(0), "over": max(beyond, Money(0))}
