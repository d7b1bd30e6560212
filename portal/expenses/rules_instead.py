"""The general manager's own papers: others decide them, which is marked and listed in the close of the month."""

from __future__ import annotations

from portal import access
from portal.access import exec_in_charge, gm
from portal.cases import Case
from portal.flow import Act, concerned
from portal.persons import Person
from portal.words import _

IN_STEAD = {"in_stead": (_("Decided in the general manager's stead"), "amber")}


def is_managers_own(case: Case) -> bool:
    """Whether it is about somebody who is general manager, not only standing in for one."""
    own = concerned(case) & set(access.holder_ids("gm"))
    return any(not access.posts_of(Person.get_by_id(each))["gm"] for each in own)


def managers_apart(case: Case) -> set[int]:
    """The general manager's own paper is decided by the leader in charge or the chief accountant: by no other manager, and nobody
    who stands in as one."""
    if not is_managers_own(case):
        return set()
    deciders = {
        each for post in (access.wanted_post(exec_in_charge, case), "chief_accountant") for each in access.holder_ids(post)
    }
    return set(access.holder_ids("gm")) - deciders


def mark_in_stead(act: Act) -> None:
    """What somebody else decides, the general manager's own papers first of all, is marked; the close of the month lists it."""
    if act.post != gm.key or is_managers_own(act.case):
        act.case.mark = "in_stead"
