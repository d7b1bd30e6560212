"""Roles and relations: which posts a person holds now, who holds a post, who acts when nobody can, and who may read what.

A post is written as text: `gm`, `dept_manager@12` (of department 12), `#57` (person 57).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Any

from portal import clock, db
from portal.cases import Case, Reader
from portal.persons import Department, Person
from portal.words import Name, Words, _


@dataclass(frozen=True)
class Role:
    """A role of the rulebook. `scope` is what a grant of it names; `of` whom a flow asks: the company's or the case's own."""

    key: str
    label: Words
    scope: str = "company"  # company, branch, department
    level: str = "ordinary"  # the lowest level that may hold it (DBA-04)
    needs_gm: bool = False  # a grant of it waits for the general manager
    gives_way_to: tuple[str, ...] = ()  # who decides when nobody here can, nearest first

    def or_else(self, *roles: Role) -> Role:
        """The same role, deciding instead of it when nobody can: these, in this order."""
        return replace(self, gives_way_to=tuple(role.key for role in roles))


ROLES: dict[str, Role] = {}


def _role(key: str, label: Words, **more: Any) -> Role:
    role = ROLES[key] = Role(key, label, **more)
    return role


DATA = {"level": "back_office"}
UP = ("exec_in_charge", "gm")

gm = _role("gm", _("General manager"), needs_gm=True, gives_way_to=("exec_in_charge",))
exec_in_charge = _role("exec_in_charge", _("Leader in charge"), scope="branch", needs_gm=True, gives_way_to=("gm",))
ecom_director = _role("ecom_director", _("Marketing director"), needs_gm=True, gives_way_to=UP)
dept_manager = _role("dept_manager", _("Department manager"), scope="department", needs_gm=True, gives_way_to=("parent", *UP))
office_manager = _role("office_manager", _("Manager of the office"), gives_way_to=UP)
supervisor = _role("supervisor", _("Supervisor"), scope="department", gives_way_to=("dept_manager", *UP))
office_clerk = _role("office_clerk", _("Office clerk"), **DATA)
supplies_custodian = _role("supplies_custodian", _("Supplies custodian"), scope="department")
purchaser = _role("purchaser", _("Buyer"), **DATA)
warehouse = _role("warehouse", _("Warehouse keeper"), **DATA)
contract_archivist = _role("contract_archivist", _("Contract archivist"), **DATA)
cashier = _role("cashier", _("Cashier"), needs_gm=True, **DATA)
chief_accountant = _role("chief_accountant", _("Chief accountant"), needs_gm=True, **DATA)
planner = _role("planner", _("E-commerce planner"), **DATA)
section_specialist = _role("section_specialist", _("Section specialist"), **DATA)
marketing_staff = _role("marketing_staff", _("Marketing staff"), **DATA)
sales_staff = _role("sales_staff", _("Salesperson"))
designer = _role("designer", _("Designer"), **DATA)
copywriter = _role("copywriter", _("Copywriter"), **DATA)
it_head = _role("it_head", _("Head of IT"), needs_gm=True, gives_way_to=UP)
it_admin = _role("it_admin", _("System administrator"), needs_gm=True, level="db_admin")

DERIVED = {"office_manager"}  # held through another grant: the head of the department marked as the office
CLASHES = {frozenset({"cashier", "chief_accountant"})}  # GEN-04, FIN-06


@dataclass(frozen=True)
class Relation:
    """Whom a case itself names."""

    key: str
    label: Words


requester = Relation("requester", _("Applicant"))
preparer = Relation("preparer", _("Handler"))
beneficiary = Relation("beneficiary", _("Beneficiary"))
anyone = Relation("anyone", _("Everybody"))
system = Relation("system", _("The portal"))

Who = Role | Relation

_POSTS = """
SELECT g.role, g.department_id, g.acting, d.mark FROM grants g LEFT JOIN departments d ON d.id = g.department_id
WHERE g.person_id = ? AND g.revoked_at IS NULL AND g.starts <= ? AND (g.ends IS NULL OR g.ends >= ?)
"""
_HOLDERS = """
SELECT DISTINCT g.person_id FROM grants g JOIN persons p ON p.id = g.person_id
WHERE p.active AND g.role = ? AND COALESCE(g.department_id, 0) = ?
    AND g.revoked_at IS NULL AND g.starts <= ? AND (g.ends IS NULL OR g.ends >= ?)
"""
_ALL_HOLDERS = """
SELECT DISTINCT g.role, COALESCE(g.department_id, 0), d.mark, p.id, p.name, p.name_en
FROM grants g JOIN persons p ON p.id = g.person_id LEFT JOIN departments d ON d.id = g.department_id
WHERE p.active AND g.revoked_at IS NULL AND g.starts <= ? AND (g.ends IS NULL OR g.ends >= ?) ORDER BY p.id
"""


def posts_of(person: Person) -> dict[str, bool]:
    """The posts the person holds now: post -> is held as a stand-in (acting)."""
    if not person.active:
        return {}
    posts: dict[str, bool] = {f"#{person.id}": False}
    today = _day(clock.today())
    for role, department, acting, mark in db.rows(_POSTS, person.id, today, today):
        held = [post(role, department)] + (["office_manager"] if role == "dept_manager" and mark == "office" else [])
        for each in held:
            posts[each] = bool(acting) and posts.get(each, True)
    return posts


def post(role: str, department: int | None = None) -> str:
    return f"{role}@{department}" if department else role


def split_post(text: str) -> tuple[str, int | None]:
    """`dept_manager@12` -> ("dept_manager", 12); `#57` -> ("#", 57)."""
    if text.startswith("#"):
        return "#", int(text[1:])
    role, _at, department = text.partition("@")
    return role, int(department) if department else None


def holders(text: str) -> list[Person]:
    """The active persons who hold the post today; a page that remembers gets them with their names only."""
    found = holder_ids(text)
    if db.is_remembering():
        return [Person(id=key, name=name, name_en=name_en) for key, name, name_en in map(_named, found)]
    return Person.where(f"id IN ({db.marks(found)}) ORDER BY id", *found) if found else []


def holder_ids(text: str) -> list[int]:
    role, key = split_post(text)
    if role == "#":
        return [person for (person,) in db.rows("SELECT id FROM persons WHERE id = ? AND active", key)]
    if db.is_remembering():
        return [person for person, *_name in _all_holders().get((role, key or 0), ())]
    if role == "office_manager":
        office = db.row("SELECT id FROM departments WHERE mark = 'office'")
        return holder_ids(post("dept_manager", office[0])) if office else []
    today = _day(clock.today())
    return [person for (person,) in db.rows(_HOLDERS, role, key or 0, today, today)]


def _all_holders() -> dict[tuple[str, int], list[tuple[Any, ...]]]:
    """Who holds which post today, all at once: role and department -> (person, name, English name)."""

    def read() -> dict[tuple[str, int], list[tuple[Any, ...]]]:
        today = _day(clock.today())
        found: dict[tuple[str, int], list[tuple[Any, ...]]] = {}
        for role, department, mark, *person in db.rows(_ALL_HOLDERS, today, today):
            found.setdefault((role, department), []).append(tuple(person))
            if role == "dept_manager" and mark == "office":
                found.setdefault(("office_manager", 0), []).append(tuple(person))
        return found

    return db.remembered("holders", read)


def _named(person_id: int) -> tuple[Any, ...]:
    """A person with both names."""
    known = next((person for held in _all_holders().values() for person in held if person[0] == person_id), None)
    return known or db.row("SELECT id, name, name_en FROM persons WHERE id = ?", person_id)  # type: ignore[return-value]


def _day(day: date) -> Any:
    """A date as hand-written SQL compares it on either database."""
    return day if db.is_postgres() else day.isoformat()


# ---- who acts -------------------------------------------------------------------------------------------------------


def wanted_post(who: Who, case: Case) -> str:
    """The post a flow asks for, in this case."""
    if isinstance(who, Relation):
        return f"#{getattr(case, who.key + '_id')}"
    if who.scope == "department":
        return post(who.key, case.department_id)
    if who.scope == "branch":
        return _of_branch(who.key, case.department)
    return who.key


def _of_branch(role: str, department: Department) -> str:
    """The branch's own post if somebody holds it, else the company's."""
    own = post(role, department.branch().id)
    return own if holder_ids(own) else role


def who_acts(who: Who, case: Case, barred: set[int], stands_fast: bool) -> tuple[str, str, bool]:
    """The post wanted, the post that can act now, and whether the task is stuck because nobody can.

    A post that decides gives way to its next superior; one that carries out does not climb.
    """
    wanted = wanted_post(who, case)
    above = superiors(who, case) if isinstance(who, Role) and not stands_fast else ()
    for candidate in chain([wanted], above):
        if any(person not in barred for person in holder_ids(candidate)):
            return wanted, candidate, False
    return wanted, wanted, True


def superiors(role: Role, case: Case) -> Iterator[str]:
    """The posts that decide when nobody in this role can, nearest first."""
    for key in role.gives_way_to:
        if key == "parent":
            above = case.department.parent
            while above is not None:
                yield post("dept_manager", above.id)
                above = above.parent
        elif ROLES[key].scope == "branch":
            yield post(key, case.department.branch().id)
            yield key
        elif ROLES[key].scope == "department":
            yield post(key, case.department_id)
        else:
            yield key


# ---- rights of pages ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Right:
    """What a route declares it needs: any of these roles, wherever held; every signed-in person where it names none."""

    roles: frozenset[str]

    def allows(self, posts: Iterable[str]) -> bool:
        return not self.roles or any(split_post(text)[0] in self.roles for text in posts)


everyone = Right(frozenset())


def any_of(*roles: Role) -> Right:
    return Right(frozenset(role.key for role in roles))


def departments_headed(posts: Iterable[str]) -> list[int]:
    """Ids of the departments whose head one is by these posts."""
    return [key for role, key in map(split_post, posts) if role == "dept_manager" and key]


# ---- who may read ---------------------------------------------------------------------------------------------------


def may_read(posts: Iterable[str], case: Case) -> bool:
    posts = list(posts)
    if not posts:
        return False
    found = db.row(f"SELECT 1 FROM readers WHERE case_id = ? AND post IN ({db.marks(posts)}) LIMIT 1", case.id, *posts)
    return found is not None


def visible_to(posts: Iterable[str]) -> Any:
    """The condition on Case that one of these posts may read it: every list, export and search filters by it."""
    return Case.id.in_(Reader.select(Reader.case).where(Reader.post.in_(list(posts))))


WITHHELD: dict[
    str, Callable[[list[str], list[int]], set[int]]
] = {}  # kind -> which of its papers say what is not these posts' to know


def withheld(posts: Iterable[str], cases: Iterable[Case]) -> set[int]:
    """Of these papers those of which one may know by these posts, but not what they say: their fields, notes and files. Without
    posts: those that say something not everybody may know who reads the paper."""
    posts = list(posts)
    ids: dict[str, list[int]] = {}
    for case in cases:
        if case.kind in WITHHELD:
            ids.setdefault(case.kind, []).append(case.id)
    return {key for kind, some in ids.items() for key in WITHHELD[kind](posts, some)}


def may_read_all(posts: Iterable[str], case: Case) -> bool:
    """Whether one may read the paper, and what it says."""
    posts = list(posts)
    return may_read(posts, case) and not withheld(posts, [case])


def post_label(text: str) -> Words | Name:
    """The post in words: the role, with its department where it has one; a person by name."""
    role, key = split_post(text)
    if role == "#":
        return Person.get_by_id(key).called
    if key is None:
        return ROLES[role].label
    return _("%(role)s of %(department)s", role=ROLES[role].label, department=Department.get_by_id(key).called)
