"""Phone and meal allowances: the standards of the posts, who gets no meals, and the batch of a month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField

from portal import clock, db, policies
from portal.access import ROLES, split_post
from portal.books.models import month_called
from portal.books.models_months import first_day
from portal.cases import Case, Detail, Line
from portal.contents import Content
from portal.db import Thing
from portal.money import Money, MoneyField, total
from portal.persons import Person
from portal.words import Name, Words, _

KINDS: dict[str, Words] = {"phone": _("Business telephone"), "meal": _("Meal allowance")}

cap_of_managers = policies.declare(
    "phone_cap_dept_manager",
    Money(12000),
    "gm",
    _("Telephone standard of a department manager, a month"),
    minimum=0,
    rule="FIN-20",
)
cap_of_sales = policies.declare(
    "phone_cap_sales", Money(8000), "gm", _("Telephone standard of a salesperson"), minimum=0, rule="FIN-21"
)
meal_per_day = policies.declare("meal_per_day", Money(1000), "gm", _("Meal allowance a day"), minimum=0, rule="FIN-22")
meal_days = policies.declare(
    "meal_days", 30, "gm", _("A month of meals counts as"), unit=_("days"), minimum=1, maximum=31, rule="FIN-22"
)


class PhoneStandard(Thing):
    """What the office entered for a post of which the rules name no standard."""

    role = CharField(max_length=30, unique=True)
    cap = MoneyField()

    class Meta:
        table_name = "phone_standards"


class MealException(Thing):
    """Somebody marked as not entitled to the meal allowance."""

    person = ForeignKeyField(Person, unique=True)
    reason = CharField(max_length=200)
    active = BooleanField(default=True)

    class Meta:
        table_name = "meal_exceptions"


class Allowance(Detail):
    """A batch: one a month and kind."""

    kind = CharField(max_length=5)
    month = IntegerField()

    class Meta:
        table_name = "allowances"


class AllowanceLine(Line):
    """What somebody gets: the actual amount, as far as the standard of the post goes; `cap` is empty where it has none."""

    person = ForeignKeyField(Person)
    standard = CharField(max_length=30)  # the role by which it is capped, "none" where no post has a standard, "meal"
    actual = MoneyField()
    cap = MoneyField(null=True)
    amount = MoneyField()

    class Meta:
        table_name = "allowance_lines"

    @property
    def excess(self) -> Money:
        return Money(self.actual - self.amount)


# ---- standards ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standard:
    """By which post somebody is capped, and at how much; no cap for the general manager, nothing where no post has one."""

    role: str
    cap: Money | None

    def pays(self, actual: Money) -> Money:
        return actual if self.cap is None else min(actual, self.cap)


NONE = Standard("none", Money(0))
RULES = {"gm": "FIN-19", "dept_manager": "FIN-20", "sales_staff": "FIN-21", "none": "FIN-18", "meal": "FIN-22"}


def standards() -> dict[str, Standard]:
    """The standard of each post that has one."""
    entered = {each.role: Standard(each.role, each.cap) for each in PhoneStandard.select()}
    ruled = {
        "dept_manager": Standard("dept_manager", cap_of_managers()), "sales_staff": Standard("sales_staff", cap_of_sales()),
        "gm": Standard("gm", None),
    }  # fmt: skip
    return entered | ruled


def standard_of(roles: Iterable[str], known: dict[str, Standard]) -> Standard:
    """The best of the posts held: the general manager's full amount, else the highest cap."""
    held = [known[role] for role in roles if role in known]
    if not held:
        return NONE
    return next((each for each in held if each.cap is None), None) or max(held, key=lambda each: each.cap or Money(0))


def called(standard: str) -> Words:
    """The standard as people read it."""
    if standard in ROLES:
        return ROLES[standard].label
    return _("Meal allowance") if standard == "meal" else _("No standard is entered for this post")


_ROLES = """
SELECT g.person_id, g.role FROM grants g JOIN persons p ON p.id = g.person_id
WHERE g.revoked_at IS NULL AND g.starts <= ? AND (g.ends IS NULL OR g.ends >= ?)
"""


def roles_held(day: date) -> dict[int, set[str]]:
    """The posts everybody held on that day."""
    of: Any = day if db.is_postgres() else day.isoformat()
    found: dict[int, set[str]] = {}
    for person_id, post in db.rows(_ROLES, of, of):
        found.setdefault(person_id, set()).add(split_post(post)[0])
    return found


# ---- the batch ------------------------------------------------------------------------------------------------------


def phone_lines(bills: Iterable[tuple[Person, Money]], month: int) -> list[dict[str, Any]]:
    """A line for everyone on the bill: capped by the posts held when the month began."""
    known, held = standards(), roles_held(first_day(month))
    lines = []
    for person, actual in bills:
        standard = standard_of(held.get(person.id, ()), known)
        lines.append(
            {"person": person, "standard": standard.role, "actual": actual, "cap": standard.cap, "amount": standard.pays(actual)}
        )
    return lines


_LATER = """
SELECT e.thing_id, e.action FROM events e
WHERE e.thing = 'person' AND e.action IN ('disable', 'enable') AND e.at > ? ORDER BY e.n DESC
"""


def active_on(day: date) -> list[int]:
    """Who worked here at the end of that day: as now, unless somebody came, left or returned since."""
    end = clock.end_of(day)
    was_active = {key: action == "disable" for key, action in db.rows(_LATER, db.to_ms(end))}  # by the first change since
    here = Person.where("created_at <= ? ORDER BY id", db.to_ms(end))
    return [each.id for each in here if was_active.get(each.id, each.active)]


def meal_lines(month: int) -> list[dict[str, Any]]:
    """The flat amount for everyone who was there on the first of the month and is entitled (FIN-22)."""
    amount = Money(meal_per_day() * meal_days())
    excepted = {each.person_id for each in MealException.where("active")}
    ids = [key for key in active_on(first_day(month)) if key not in excepted]
    people = {each.id: each for each in Person.where(f"id IN ({db.marks(ids or [0])})", *(ids or [0]))}
    return [
        {"person": people[key], "standard": "meal", "actual": amount, "cap": amount, "amount": amount} for key in ids if amount
    ]


def allowance_content(kind: str, month: int, lines: list[dict[str, Any]]) -> Content:
    """The contents of a batch; its title is the month."""
    return Content(month_called(month), {"kind": kind, "month": month}, lines, total(Money(line["amount"]) for line in lines))


def batch_of(kind: str, month: int) -> Case | None:
    found = db.row("SELECT case_id FROM allowances WHERE kind = ? AND month = ?", kind, month)
    return Case.get_by_id(found[0]) if found else None


@dataclass(frozen=True)
class Batch:
    """A row of the list of batches."""

    case_id: int
    number: str
    kind: str
    month: int
    state: str
    people: int
    amount: Money


_BATCHES = """
SELECT k.id, k.number, a.kind, a.month, k.state,
       (SELECT COUNT(*) FROM allowance_lines l WHERE l.case_id = k.id AND l.version = k.version), k.amount
FROM allowances a JOIN cases k ON k.id = a.case_id ORDER BY a.month DESC, a.kind LIMIT ?
"""


def batches(limit: int = 240) -> list[Batch]:
    return [
        Batch(key, number or "", kind, month, state, people, Money(amount or 0))
        for key, number, kind, month, state, people, amount in db.rows(_BATCHES, limit)
    ]


_LINES = """
SELECT l.n, p.id, p.name, p.name_en, d.name, d.name_en, l.standard, l.actual, l.cap, l.amount FROM allowance_lines l
JOIN persons p ON p.id = l.person_id JOIN departments d ON d.id = p.department_id
WHERE l.case_id = ? AND l.version = ? AND l.n > ? ORDER BY l.n LIMIT ?
"""


@dataclass(frozen=True)
class ShownLine:
    n: int
    person_id: int
    person: Name
    department: Name
    standard: str
    actual: Money
    cap: Money | None
    amount: Money

    @property
    def excess(self) -> Money:
        return self.actual - self.amount


def lines_shown(case: Case, after: int = 0, limit: int = 51) -> list[ShownLine]:
    """The lines of a batch, a page of them."""
    return [_shown(*row) for row in db.rows(_LINES, case.id, case.version, after, limit)]


def _shown(n: int, key: int, name: str, name_en: str, dep: str, dep_en: str, standard: str, *amounts: Any) -> ShownLine:
    actual, cap, amount = amounts
    limit = None if cap is None else Money(cap)
    return ShownLine(n, key, Name(name, name_en), Name(dep, dep_en), standard, Money(actual), limit, Money(amount))
