"""What every paper has in common: the case, the tasks it waits on, who may read it, and its number."""

from __future__ import annotations

from typing import Any

from peewee import CharField, CompositeKey, ForeignKeyField, IntegerField, TextField

from portal import clock, db
from portal.db import MomentField, Table, Thing
from portal.money import MoneyField
from portal.persons import Department, Person

_NEXT = """
INSERT INTO counters (kind, year, last) VALUES (?, ?, 1)
ON CONFLICT (kind, year) DO UPDATE SET last = counters.last + 1 RETURNING last
"""


class Case(Thing):
    """A paper that is decided upon. A draft has no number; `version` counts its contents; `mark` is the kind's short flag."""

    kind = CharField(max_length=20)
    number = CharField(max_length=24, null=True, unique=True)
    title = CharField(max_length=120)
    requester = ForeignKeyField(Person)
    preparer = ForeignKeyField(Person)
    beneficiary = ForeignKeyField(Person)
    department = ForeignKeyField(Department)
    amount = MoneyField(null=True)
    state = CharField(max_length=30)
    mark = CharField(max_length=20, default="")
    version = IntegerField(default=1)
    created_at = MomentField()
    submitted_at = MomentField(null=True)
    closed_at = MomentField(null=True)
    parent = ForeignKeyField("self", null=True, backref="children")
    token = CharField(max_length=40, unique=True)

    class Meta:
        table_name = "cases"


class Detail(Table):
    """What one kind of paper has besides: one row a case; its primary key is the case."""

    case = ForeignKeyField(Case, primary_key=True)


class Line(Table):
    """A line of a paper, of one version of its contents: earlier versions keep theirs."""

    case = ForeignKeyField(Case)
    version = IntegerField()
    n = IntegerField()


class Task(Table):
    """What a case waits for: the post the flow wants and the post that can act now. Open while `closed` is empty."""

    case = ForeignKeyField(Case, backref="tasks")
    state = CharField(max_length=30)
    wanted = CharField(max_length=40)
    post = CharField(max_length=40)
    barred = TextField(default=",")  # ",12,57,": persons who may not act on it
    stuck = IntegerField(default=0)
    tab = CharField(max_length=10, default="waiting")  # waiting, returned (to be corrected), draft (nobody waits for it yet)
    opened = MomentField()
    due = MomentField()
    closed = MomentField(null=True)
    closed_by = ForeignKeyField(Person, null=True)
    on_behalf_of = ForeignKeyField(Person, null=True)
    step = CharField(max_length=40, default="")

    class Meta:
        table_name = "tasks"

    def bars(self, person: Person) -> bool:
        return f",{person.id}," in self.barred


class Reader(Table):
    """A post that may read a case."""

    case = ForeignKeyField(Case)
    post = CharField(max_length=40)

    class Meta:
        table_name = "readers"
        primary_key = CompositeKey("post", "case")


class Counter(Table):
    kind = CharField(max_length=20)
    year = IntegerField()
    last = IntegerField()

    class Meta:
        table_name = "counters"
        primary_key = CompositeKey("kind", "year")


def next_number(prefix: str, year: int = 0) -> str:
    """The next number of that prefix in the year (this one), without gaps: `EX-2026-0042`. The counter is held until commit."""
    year = year or clock.today().year
    (last,) = db.row(_NEXT, prefix, year)  # type: ignore[misc]
    return f"{prefix}-{year}-{last:04d}"


def let_read(case: Case, posts: set[str]) -> bool:
    """Lets these posts read the case; answers whether any of them could not before."""
    sql = "INSERT INTO readers (case_id, post) VALUES (?, ?) ON CONFLICT DO NOTHING"
    return sum(db.run(sql, case.id, post).rowcount for post in sorted(posts)) > 0


def open_tasks(case: Case) -> list[Task]:
    return Task.where("case_id = ? AND closed IS NULL ORDER BY id", case.id)


def lines_of(model: type[Line], case: Case, version: int | None = None) -> list[Any]:
    return model.where("case_id = ? AND version = ? ORDER BY n", case.id, version or case.version)
