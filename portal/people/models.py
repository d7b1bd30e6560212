"""Queries about departments, people and grants for the pages that keep them; and the paper a weighty role is asked by."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import BooleanField, CharField, DateField, ForeignKeyField

from portal import access, clock
from portal.cases import Case, Detail, Task
from portal.persons import Department, Grant, Person


class GrantRequest(Detail):
    """A role asked for somebody; `given` is the grant it became."""

    person = ForeignKeyField(Person)
    role = CharField(max_length=30)
    scope = ForeignKeyField(Department, null=True)
    starts = DateField()
    ends = DateField(null=True)
    acting = BooleanField(default=False)
    reason = CharField(max_length=200, default="")
    given = ForeignKeyField(Grant, null=True)

    class Meta:
        table_name = "grant_requests"


# ---- what a person leaves ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Left:
    """What waits for a person or belongs to them: tasks of their posts, open papers, grants."""

    tasks: list[Task]
    papers: list[Case]
    grants: list[Grant]
    alone: dict[str, bool]  # posts -> nobody else holds it

    def __bool__(self) -> bool:
        return bool(self.tasks or self.papers or self.grants)


def left_by(person: Person, limit: int = 200) -> Left:
    """What still waits for the person or belongs to them."""
    posts = list(access.posts_of(person)) or [f"#{person.id}"]
    waiting = (
        Task.select(Task, Case)
        .join(Case)
        .where(Task.closed.is_null(), Task.post.in_(posts), Task.tab != "draft")
        .order_by(Task.id)
    )
    concerned = (Case.requester == person) | (Case.preparer == person) | (Case.beneficiary == person)
    papers = Case.select().where(concerned, Case.closed_at.is_null()).order_by(Case.id)
    alone = {post: access.holder_ids(post) == [person.id] for post in posts if not post.startswith("#")}
    return Left(list(waiting.limit(limit)), list(papers.limit(limit)), grants_of(person), alone)


def grants_of(person: Person) -> list[Grant]:
    """Grants that are not revoked and not over, the present and the coming ones."""
    return list(
        Grant.select()
        .where(Grant.person == person, Grant.revoked_at.is_null(), Grant.ends.is_null() | (Grant.ends >= clock.today()))
        .order_by(Grant.starts, Grant.id)
    )
