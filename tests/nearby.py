"""Purchases nearby as tests begin with them: filed, approved, bought, reviewed."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any

from portal import clock, contents, steps
from portal.budget.models import BudgetLine
from portal.cases import Case, lines_of
from portal.contents import Content
from portal.money import Money
from portal.persons import Person
from portal.purchasing.models import NearbyLine
from portal.purchasing.models_nearby import Bought, Wanted, nearby_content
from portal.purchasing.rules_nearby import NEARBY
from portal.supplies.models_catalogue import stand_in_told
from tests import budgets, moneys
from tests.budgets import yuan
from tests.cast import Cast


def content(person: Person, line: BudgetLine | None, *estimates: str | int, **more: Any) -> Content:
    """Something in words for each estimate; `more` changes the details."""
    wanted = more.pop("wanted", [Wanted(None, f"Screws {n}", 2, yuan(each)) for n, each in enumerate(estimates or (100,), 1)])
    detail = {"reason": "The fair opens tomorrow", "line": line, "expected_date": clock.today() + timedelta(days=1)}
    told = stand_in_told(person, person.department, more.pop("away", ""))
    return nearby_content(person, more.pop("title", "Screws"), detail | told | more, wanted)


def drafted(person: Person, line: BudgetLine | None, *estimates: str | int, **more: Any) -> Case:
    return contents.create(NEARBY, person, content(person, line, *estimates, **more), secrets.token_hex(8))


def filed(person: Person, line: BudgetLine | None, *estimates: str | int, **more: Any) -> Case:
    return steps.take(person, drafted(person, line, *estimates, **more).id, "submit")


def approved(cast: Cast, line: BudgetLine | None = None, *estimates: str | int) -> Case:
    """Filed by Ann as custodian, approved by her head and signed by the general manager."""
    case = filed(cast.ann, line or budgets.budget_line(cast.department("Marketing"), 5000), *estimates)
    return steps.take(cast.mei, steps.take(cast.hao, case.id, "approve").id, "approve")


def purchase(case: Case, *spent: str | int, day: date | None = None, shop: str = "Corner shop", quantity: int = 2) -> Bought:
    """What is told of it: for each line so much was spent, all of the estimate where nothing is said."""
    lines = lines_of(NearbyLine, case)
    paid = [yuan(each) for each in spent] or [line.estimate for line in lines]
    told = tuple((line.n, quantity if amount else 0, Money(amount)) for line, amount in zip(lines, paid, strict=True))
    return Bought(day or clock.today(), shop, told)


def bought(cast: Cast, line: BudgetLine | None = None, *estimates: str | int, case: Case | None = None) -> Case:
    """Bought by Ann for what was estimated; it waits for the office."""
    case = case or approved(cast, line, *estimates)
    moneys.invoice(case, cast.ann, secrets.token_hex(8))
    return steps.take(cast.ann, case.id, "buy", given=purchase(case))


def objected(cast: Cast, case: Case | None = None) -> Case:
    return steps.take(cast.sam, (case or bought(cast)).id, "object", note="Who needs so many screws?")


def reviewed(cast: Cast, line: BudgetLine | None = None, *estimates: str | int) -> Case:
    return steps.take(cast.sam, bought(cast, line, *estimates).id, "pass")
