"""Wishes and draws as tests begin with them."""

from __future__ import annotations

import secrets
from typing import Any

from portal import steps
from portal.cases import Case, lines_of
from portal.persons import Department, Person
from portal.stock.models import Item
from portal.supplies.models import DrawLine
from portal.supplies.rules_draws import Wanted, draw_content, file_draw
from portal.supplies.rules_waiting import Granted
from portal.supplies.rules_wishes import submit_wish, wish_content
from tests.cast import Cast
from tests.catalogue import custodian, limit, supply

PLENTY = 100_000


def keeper(cast: Cast) -> Person:
    """Bo manages the supplies of IT."""
    custodian(cast.bo)
    return cast.bo


def pens(cast: Cast, on_hand: int = 10, most: int | None = PLENTY, department: str = "IT", code: str = "PEN") -> Item:
    """Pens with so many on the shelf, of which the department may draw so many in a month."""
    item = supply(cast, code, on_hand)
    if most is not None:
        limit(cast.department(department), item, most)
    return item


def drawn(person: Person, wanted: dict[Item, int], reason: str = "", taken: Any = None, **more: Any) -> Case:
    """A draw filed by the person for the own department."""
    department: Department = more.pop("department", person.department)
    asked = [Wanted(item, quantity, reason) for item, quantity in wanted.items()]
    content = draw_content(person, department, asked, more.pop("away", ""))
    return file_draw(person, content, taken or {}, more.pop("token", secrets.token_hex(8)), **more)


def wished(person: Person, wanted: dict[Item, int], *texts: str) -> Case:
    return submit_wish(person, wish_content(person, {item.id: quantity for item, quantity in wanted.items()}, texts))


def granted(person: Person, case: Case) -> Case:
    return steps.take(person, case.id, "approve")


def granted_less(person: Person, case: Case, *parts: int) -> Case:
    given = {line.id: (part, "" if part == line.quantity else "Too many") for line, part in zip(lines(case), parts, strict=True)}
    return steps.take(person, case.id, "approve_less", given=Granted(given))


def lines(case: Case) -> list[DrawLine]:
    return lines_of(DrawLine, Case.get_by_id(case.id))


def state(case: Case) -> str:
    return Case.get_by_id(case.id).state
