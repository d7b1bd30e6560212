"""The annual budget brought as a table: what it would change is shown first, then becomes one allotment to be approved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal import clock, db, steps
from portal.budget.models import Category, Figures, figures
from portal.budget.rules import ALLOTMENT, Wanted, allotment_content
from portal.cases import Case
from portal.contents import create
from portal.imports import Row, RowError, each
from portal.money import HIGHEST, Money
from portal.persons import Department, Person
from portal.refused import Refused
from portal.words import Words, _

COLUMNS: dict[str, Words] = {  # what an export writes and an import reads; further columns of an export are left out
    "year": _("Year"),
    "department": _("Department"),
    "code": _("Code"),
    "category": _("Category"),
    "allotted": _("Allotted"),
}
NEEDED = ("year", "department", "code", "allotted")


@dataclass(frozen=True)
class Difference:
    """A line that the file changes."""

    row: int
    department: Department
    category: Category
    old: Money
    new: Money


@dataclass(frozen=True)
class Preview:
    """What a file would change. Lines it does not name stay as they are."""

    year: int
    differences: list[Difference]
    unchanged: int
    errors: list[RowError]

    @property
    def is_good(self) -> bool:
        return not self.errors and bool(self.differences)


@dataclass(frozen=True)
class Read:
    """A row whose cells could be read."""

    number: int
    year: int
    department: Department
    category: Category
    amount: Money


def preview(rows: Iterable[Row]) -> Preview:
    """Every row's error with its number, and the differences of the rows that are good."""
    known = _Known()
    read, errors = each(rows, known.read)
    year = read[0].year if read else clock.today().year
    now = {(line.department_id, line.category_id): line for line in figures(year)}
    differences, unchanged = [], 0
    seen: set[tuple[int, int]] = set()
    for row in read:
        here = now.get((row.department.id, row.category.id))
        if error := _error(row, year, here, seen):
            errors.append(error)
        elif row.amount == (here.allotted if here else 0):
            unchanged += 1
        else:
            old = here.allotted if here else Money(0)
            differences.append(Difference(row.number, row.department, row.category, old, row.amount))
        seen.add((row.department.id, row.category.id))
    return Preview(year, differences, unchanged, sorted(errors, key=lambda error: error.row))


def _error(row: Read, year: int, here: Figures | None, seen: set[tuple[int, int]]) -> RowError | None:
    if row.year != year:
        return RowError(row.number, "year", _("All rows of a file are of one year; the first is of %(year)s.", year=str(year)))
    if (row.department.id, row.category.id) in seen:
        return RowError(row.number, "code", _("This line stands in the file twice."))
    if here and here.allotted - row.amount > here.left:
        return RowError(row.number, "allotted", _("It cannot be lowered so far: only %(left)s is left on it.", left=here.left))
    return None


class _Known:
    """The departments and categories a row may name."""

    def __init__(self) -> None:
        self.departments: dict[str, Department] = {}
        for department in Department.select().where(Department.active):
            for name in filter(None, (department.name, department.name_en)):
                self.departments[name.casefold()] = department
        self.categories = {category.code: category for category in Category.select()}

    def read(self, row: Row) -> Read:
        year = row.whole("year")
        if not 2000 <= year <= 2100:
            raise RowError(row.number, "year", _("Choose a year between 2000 and 2100."))
        department = self.departments.get(row.needed("department").casefold())
        if department is None:
            raise RowError(row.number, "department", _("There is no department %(name)s.", name=row.text("department")))
        category = self.categories.get(row.needed("code"))
        if category is None or not category.active:
            raise RowError(row.number, "code", _("There is no category with the code %(code)s in use.", code=row.text("code")))
        amount = row.money("allotted")
        if not 0 <= amount < HIGHEST:
            raise RowError(row.number, "allotted", _("An amount is from 0 to below 10,000,000,000."))
        return Read(row.number, year, department, category, amount)


@db.transaction
def bring(person: Person, title: str, rows: Iterable[Row], token: str) -> Case:
    """Makes one allotment of all differences and submits it. Raises Refused if a row is not good, or if nothing changes."""
    if before := Case.get_or_none(Case.token == token, Case.requester == person):
        return before
    found = preview(rows)
    if found.errors:
        raise Refused(_("Row %(row)s: %(why)s Nothing was written.", row=found.errors[0].row, why=found.errors[0].words))
    if not found.differences:
        raise Refused(_("The file changes nothing: the budget is as it says."))
    wanted = [Wanted(each.department, each.category, each.new) for each in found.differences]
    case = create(ALLOTMENT, person, allotment_content(title, found.year, wanted, person.department), token)
    return steps.take(person, case.id, "submit", (case.state, case.version))
