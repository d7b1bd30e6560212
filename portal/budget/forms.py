"""What people type into allotments and transfers, for a category, and the file a budget comes in."""

from __future__ import annotations

from typing import Any

from flask import g
from wtforms import BooleanField, FileField, HiddenField

from portal import access, clock
from portal.access import departments_headed
from portal.budget.models import BudgetLine, Category, Figures, figures
from portal.contents import Content
from portal.fields import Amount, Choice, LineForm, Lines, LongText, PaperForm, PortalForm, Text
from portal.money import total
from portal.persons import Department
from portal.web import me, my_posts
from portal.words import Words, _


def _once(name: str, read: Any) -> Any:
    """Asked of the database once a request, however many rows choose from it."""
    if name not in g:
        setattr(g, name, read())
    return g.get(name)


def departments() -> list[tuple[int, Any]]:
    """The departments one may propose for: all for the chief accountant, one's own for a head."""
    chosen = Department.select().where(Department.active).order_by(Department.id)
    if "chief_accountant" not in my_posts():
        chosen = chosen.where(Department.id.in_(departments_headed(my_posts()) or [0]))
    return _once("budget_departments", lambda: [(each.id, each.called) for each in chosen])


def categories() -> list[tuple[int, Words]]:
    chosen = Category.select().where(Category.active).order_by(Category.code)
    return _once(
        "budget_categories", lambda: [(each.id, _("%(code)s %(name)s", code=each.code, name=each.called)) for each in chosen]
    )


def years() -> list[tuple[int, str]]:
    this = clock.today().year
    return [(year, str(year)) for year in (this, this + 1)]


class AllotmentLineForm(LineForm):
    department = Choice(_("Department"), departments, coerce=int)
    category = Choice(_("Category"), categories, coerce=int)
    new = Amount(_("Allotted"), least=0)

    def is_blank(self) -> bool:
        return not self.new.typed and not self.category.data


class AllotmentForm(PaperForm):
    year = Choice(_("Year"), years, coerce=int)
    lines = Lines(_("Lines"), AllotmentLineForm, most=500)

    def prepare(self, person: Any) -> None:
        """A new proposal begins with the lines as they stand."""
        if self.is_submitted() or self.year.data:
            return
        self.year.data = clock.today().year
        own = figures(self.year.data, [person.department_id])
        self.lines.put({"department": each.department_id, "category": each.category_id, "new": each.allotted} for each in own)

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        self.title.data, self.year.data = case.title, paper.year
        self.lines.put({"department": line.department_id, "category": line.category_id, "new": line.new} for line in lines)

    def content(self, person: Any) -> Content:
        now = {(each.department_id, each.category_id): each for each in figures(self.year.data)}
        typed = self.lines.filled()
        lines = [_line(entry, now) for entry in typed]
        return Content(
            self.title.data or "", {"year": self.year.data}, lines, total(entry.new.data for entry in typed),
            lines[0]["department"] if lines else person.department,
        )  # fmt: skip

    def allow_gaps(self) -> None:
        """A draft of a budget is whole or not at all."""


def _line(entry: Any, now: dict[tuple[int, int], Figures]) -> dict[str, Any]:
    here = now.get((entry.department.data, entry.category.data))
    return {
        "department": Department.get_by_id(entry.department.data),
        "category": Category.get_by_id(entry.category.data),
        "old": here.allotted if here else 0,
        "new": entry.new.data,
    }


def lines_to_move() -> list[tuple[int, Words]]:
    """The lines one may move money between, with what is free on them."""
    return _once("budget_lines_to_move", _lines_to_move)


def _lines_to_move() -> list[tuple[int, Words]]:
    seen = None if "chief_accountant" in my_posts() else departments_headed(access.posts_of(me()))
    this = clock.today().year
    return [
        (each.id, _("%(line)s %(year)s: %(left)s left", line=each.called, year=str(each.year), left=each.left))
        for each in figures(this, seen, until=this + 1)
    ]


class TransferForm(PaperForm):
    giver = Choice(_("From line"), lines_to_move, coerce=int)
    receiver = Choice(_("To line"), lines_to_move, coerce=int)
    amount = Amount(_("Amount"))
    reason = LongText(_("Reason"), needed=True)

    def content(self, person: Any) -> Content:
        giver, receiver = (BudgetLine.get_by_id(field.data) for field in (self.giver, self.receiver))
        detail = {"giver": giver, "receiver": receiver, "reason": self.reason.data}
        return Content(self.title.data or "", detail, [], self.amount.data, giver.department)

    def allow_gaps(self) -> None:
        """A draft of a transfer is whole or not at all."""

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        super().fill(case, paper, lines)
        self.giver.data, self.receiver.data = paper.giver_id, paper.receiver_id
        self.amount.process_data(case.amount)


class CategoryForm(PortalForm):
    code = Text(_("Code"), most=20)
    name = Text(_("Name"), most=80)
    name_en = Text(_("English name"), most=80, needed=False)
    active = BooleanField(_("In use"), default=True)
    events = HiddenField(default="0")


class ImportForm(PortalForm):
    file = FileField(_("File"))
