"""The demo company 云杉: people, budgets and papers of the last two years, made through the portal's own rules."""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import Any

from portal import clock, db, languages, modules
from portal.demo.people import EMPLOYEES, PASSWORD, UNITS


def load(size: str = "small") -> None:
    """Fills an empty portal; `large` adds about a million papers in bulk, for measuring."""
    modules.load()
    with db.all_or_nothing():
        _tell()
    if size == "large":
        from portal.demo.large import fill

        fill(1_000_000)


def _tell() -> None:
    from portal.demo import budget, buying, company, contracts, money, papers, past, shop, supplies

    present = past.present()
    year = clock.local(present).year
    first = date(year - 2, 11, 4)
    stories = chain(
        company.found(first, present),
        budget.budgets(year, present),
        papers.papers(first, present),
        supplies.supplies(present),
        buying.buying(present),
        contracts.contracts(present),
        shop.shop(present),
        money.money(present),
    )
    speaking = languages.reading.set("zh-Hans")  # what people write without typing it, such as the title of a wish
    try:
        past.tell(stories, present)
    finally:
        languages.reading.reset(speaking)
    with clock.at(present):
        company.set_passwords()


def accounts() -> list[dict[str, Any]]:
    """Who can sign in: user, password, name, roles by their keys, department; two people in every role but general manager."""
    names_en = {each.name: each.name_en for each in UNITS}
    office = next(each.name for each in UNITS if each.mark == "office")
    found = []
    for each in EMPLOYEES:
        roles = [role for role, _of in each.held()]
        if ("dept_manager", office) in each.held():
            roles.append("office_manager")
        found.append({
            "user": each.user, "password": PASSWORD, "name": each.name, "name_en": each.name_en, "roles": roles,
            "department": each.unit, "department_en": names_en[each.unit],
        })  # fmt: skip
    return found


def is_demo() -> bool:
    from portal.people import rules

    return bool(rules.is_demo())
