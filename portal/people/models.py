"""Queries about departments, people and grants for the pages that keep them; and the paper a weighty role is asked by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from peewee import JOIN, BooleanField, CharField, DateField, ForeignKeyField, fn

from portal import access, clock, db
from portal.access import ROLES, Role
from portal.cases import Case, Detail, Task
from portal.persons import Department, Grant, Person, in_force
from portal.words import Words, _

PAGE = 50
FOR_EVER = date.max
HEADS = ("dept_manager", "exec_in_charge")
KINDS: dict[str, Words] = {"branch": _("Branch"), "department": _("Department")}


@dataclass(frozen=True)
class Terms:
    """A role on these terms: of the company or one department, from a day, until a day; `acting` while its holder is away."""

    role: str
    department: Department | None = None
    starts: date | None = None
    ends: date | None = None
    acting: bool = False
    reason: str = ""

    @property
    def of(self) -> Role:
        return ROLES[self.role]

    def begin(self) -> date:
        return self.starts or clock.today()


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


# ---- departments ----------------------------------------------------------------------------------------------------


@dataclass
class Place:
    """A department in the tree: how deep it stands, who heads it, how many people are in it and below it."""

    department: Department
    depth: int = 0
    heads: list[Person] = field(default_factory=list)
    own: int = 0
    people: int = 0
    below: list[Place] = field(default_factory=list)

    def all(self) -> Iterable[Place]:
        yield self
        for each in self.below:
            yield from each.all()


def tree(with_closed: bool = False, with_heads: bool = True) -> list[Place]:
    """The departments that stand at the top, with what stands below them."""
    own = Person.select(fn.COUNT(Person.id)).where(Person.active, Person.department == Department.id)
    chosen = Department.select(Department, own.alias("own")).order_by(Department.kind, Department.name)
    found = chosen if with_closed else chosen.where(Department.active)
    places = {each.id: Place(each, own=each.own) for each in found}
    for department, head in (heads() if with_heads else {}).items():
        if department in places:
            places[department].heads = head
    tops: list[Place] = []
    for place in places.values():
        above = places.get(place.department.parent_id)
        (above.below if above else tops).append(place)
    for top in tops:
        _settle(top, 0)
    return tops


def _settle(place: Place, depth: int) -> int:
    place.depth = depth
    place.people = place.own + sum(_settle(each, depth + 1) for each in place.below)
    return place.people


def in_order(with_closed: bool = False) -> list[Place]:
    """The tree from the top down, each department followed by what stands below it."""
    return [place for top in tree(with_closed) for place in top.all()]


def heads() -> dict[int, list[Person]]:
    """Department -> who heads it today."""
    found: dict[int, list[Person]] = defaultdict(list)
    is_head = Grant.role.in_(HEADS) & Grant.department.is_null(False)
    for grant in (
        Grant.select(Grant, Person).join(Person, on=Grant.person).where(in_force(), is_head, Person.active).order_by(Grant.id)
    ):
        if grant.person not in found[grant.department_id]:
            found[grant.department_id].append(grant.person)
    return found


# ---- people ---------------------------------------------------------------------------------------------------------

SORTS: dict[str, Any] = {"name": Person.name, "user": Person.user, "level": Person.level}


@dataclass(frozen=True)
class Chosen:
    """Which people a list shows."""

    words: str = ""
    department: int | None = None
    role: str = ""
    level: str = ""
    active: bool | None = True
    sort: str = "name"
    within: tuple[int, ...] | None = None  # nobody else than the people of these departments

    def people(self) -> Any:
        """The query, in no order yet."""
        found = Person.select(Person, Department).join(Department)
        if self.active is not None:
            found = found.where(Person.active == self.active)
        for word in self.words.split():
            found = found.where(Person.name.contains(word) | Person.name_en.contains(word) | Person.user.contains(word))
        if self.department:
            found = found.where(Person.department.in_(and_below(self.department)))
        if self.within is not None:
            found = found.where(Person.department.in_(self.within))
        if self.role:
            found = found.where(Person.id.in_(Grant.select(Grant.person).where(in_force(), Grant.role == self.role)))
        return found.where(Person.level == self.level) if self.level else found

    def page(self, after: int | None = None) -> list[Person]:
        """The people after that one in the order chosen, and one more than a page holds where there are more."""
        key = SORTS[self.sort]
        found = self.people()
        last = Person.get_or_none(Person.id == after) if after else None
        if last is not None:
            value = getattr(last, key.name)
            found = found.where((key > value) | ((key == value) & (Person.id > last.id)))
        return list(found.order_by(key, Person.id).limit(PAGE + 1))

    def all(self) -> Iterable[Person]:
        return self.people().order_by(SORTS[self.sort], Person.id).iterator()


def and_below(*departments: int) -> list[int]:
    """The departments and all that stand below them, closed ones too."""
    below: dict[int, list[int]] = defaultdict(list)
    for department, parent in db.rows("SELECT id, parent_id FROM departments"):
        below[parent].append(department)
    found = list(dict.fromkeys(departments))
    for department in found:
        found += [each for each in below[department] if each not in found]
    return found


def roles_of(people: Iterable[Person]) -> dict[int, list[Grant]]:
    """Person -> the grants they hold today."""
    found: dict[int, list[Grant]] = defaultdict(list)
    ids = [person.id for person in people]
    granted = Grant.select(Grant, Department).join(Department, JOIN.LEFT_OUTER, on=Grant.department)
    for grant in granted.where(in_force(), Grant.person.in_(ids)).order_by(Grant.id):
        found[grant.person_id].append(grant)
    return found


def one_of_each_role() -> list[tuple[Person, list[Grant]]]:
    """People who hold every role between them, with their roles; last somebody who holds none."""
    granted = Grant.select(Grant, Person).join(Person, on=Grant.person).where(in_force(), Person.active).order_by(Grant.id)
    seen: set[str] = set()
    people: dict[int, Person] = {}
    for grant in granted:
        if grant.role not in seen:
            seen.add(grant.role)
            people.setdefault(grant.person_id, grant.person)
    holders = {grant.person_id for grant in granted}
    other = Person.select().where(Person.active, Person.id.not_in(sorted(holders) or [0])).order_by(Person.id).first()
    roles = roles_of(people.values())
    return [(person, roles[person.id]) for person in people.values()] + ([(other, [])] if other else [])


# ---- grants ---------------------------------------------------------------------------------------------------------


def grants_of(person: Person) -> list[Grant]:
    """Grants that are not revoked and not over, the present and the coming ones."""
    counts = Grant.revoked_at.is_null() & (Grant.ends.is_null() | (Grant.ends >= clock.today()))
    return list(Grant.select().where(Grant.person == person, counts).order_by(Grant.starts, Grant.id))


def first_day_without(role: str, since: date | None = None, but: Iterable[int] = ()) -> date | None:
    """The first day from that day on, or from today, on which nobody holds the role of the company; none if somebody always will.
    `but`: the ids of grants that would be taken back."""
    day = since or clock.today()
    counts = Grant.revoked_at.is_null() & Person.active & Grant.id.not_in(list(but))
    held = list(Grant.select(Grant, Person).join(Person, on=Grant.person).where(Grant.role == role, counts))
    while last := [grant.ends or FOR_EVER for grant in held if grant.is_in_force(day)]:
        if FOR_EVER in last:
            return None
        day = max(last) + timedelta(days=1)
    return day


def grants_held(role: str = "", only_acting: bool = False, after: int | None = None) -> list[Grant]:
    """Who holds which post now or later, with the person and the department, a page of them."""
    counts = Grant.revoked_at.is_null() & (Grant.ends.is_null() | (Grant.ends >= clock.today()))
    found = (
        Grant.select(Grant, Person, Department)
        .join(Person, on=Grant.person)
        .switch(Grant)
        .join(Department, JOIN.LEFT_OUTER, on=Grant.department)
        .where(counts, Person.active)
    )
    if role:
        found = found.where(Grant.role == role)
    if only_acting:
        found = found.where(Grant.acting)
    last = Grant.get_or_none(Grant.id == after) if after else None
    if last is not None:
        found = found.where((Grant.role > last.role) | ((Grant.role == last.role) & (Grant.id > last.id)))
    return list(found.order_by(Grant.role, Grant.id).limit(PAGE + 1))


def readable(cases: Iterable[int], posts: Iterable[str]) -> set[int]:
    """Those of the papers that one of the posts may read."""
    ids, asking = sorted(set(cases)), list(posts)
    if not ids:
        return set()
    sql = f"SELECT DISTINCT case_id FROM readers WHERE case_id IN ({db.marks(ids)}) AND post IN ({db.marks(asking)})"
    return {case for (case,) in db.rows(sql, *ids, *asking)}


# ---- what a person leaves -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Left:
    """What waits for a person or belongs to them: tasks of their posts, open papers, grants; and the posts they hold alone."""

    tasks: list[Task]
    papers: list[Case]
    grants: list[Grant]
    alone: list[str]

    def cases(self) -> list[int]:
        return [task.case_id for task in self.tasks] + [case.id for case in self.papers]

    def __bool__(self) -> bool:
        return bool(self.tasks or self.papers or self.grants)


def left_by(person: Person, limit: int = PAGE) -> Left:
    posts = list(access.posts_of(person)) or [f"#{person.id}"]
    waiting = Task.select(Task, Case).join(Case).where(Task.closed.is_null(), Task.post.in_(posts), Task.tab != "draft")
    concerned = (Case.requester == person) | (Case.preparer == person) | (Case.beneficiary == person)
    papers = Case.select().where(concerned, Case.closed_at.is_null()).order_by(Case.id)
    alone = [post for post in posts if not post.startswith("#") and access.holder_ids(post) == [person.id]]
    return Left(list(waiting.order_by(Task.id).limit(limit)), list(papers.limit(limit)), grants_of(person), alone)
