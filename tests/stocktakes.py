"""Counts as tests take them: begun, counted, handed in, verified."""

from __future__ import annotations

import secrets

from portal import contents, steps
from portal.cases import Case
from portal.persons import Person
from portal.stock.models_counts import lines_of
from portal.stock.rules import COUNT, count_content, tally
from portal.stock.rules_counts import Findings, found_in
from tests import posts
from tests.cast import Cast


def office(cast: Cast) -> Cast:
    """Bo heads the office, Hao is a second clerk; Sam starts counts, Ann counts."""
    posts.grant(cast.bo, "dept_manager", cast.department("Office"))
    posts.grant(cast.hao, "office_clerk")
    return cast


def begun(person: Person, counter: Person, **more) -> Case:
    case = contents.create(COUNT, person, count_content("Shelf A", counter, "supply", **more), secrets.token_hex(8))
    return steps.take(person, case.id, "begin")


def count(case: Case, **found: int | str) -> None:
    """What the counter writes down: a number, or why there is none."""
    for line in lines_of(case.id):
        if line.code in found:
            number = found[line.code]
            said = {"counted": number} if isinstance(number, int) else {"counted": None, "missing": number}
            tally(case.preparer, case.id, line.id, **said)


def handed_in(cast, **found: int | str) -> Case:
    case = begun(cast.sam, cast.ann)
    count(case, **found)
    return steps.take(cast.ann, case.id, "hand_in")


def findings(case: Case, reason: str = "Lost", **more) -> Findings:
    found = found_in(case)
    seen = max((each.entry for line in found for each in line.movements), default=0)
    stand = frozenset().union(*(line.proposed() for line in found))
    reasons = {line.line.id: reason for line in found_in(case, more.get("included", stand)) if line.difference}
    return Findings(**{"included": stand, "reasons": reasons, "seen": seen} | more)


def verified(cast, **found: int | str) -> Case:
    case = handed_in(cast, **found)
    return steps.take(cast.hao, case.id, "verify", given=findings(case))
