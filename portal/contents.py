"""What people type into a paper, kept by version: create and edit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from portal import access, clock, db, history, tasks
from portal.cases import Case, let_read, open_tasks
from portal.flow import FLOWS, Act, Flow, as_shown, index, save
from portal.history import Event
from portal.persons import Department, Person
from portal.refused import Mistyped, NotYours, Refused
from portal.words import _, data_to_json


@dataclass
class Content:
    """What people type into a paper: its title, the kind's own columns, its lines, and what they come to."""

    title: str
    detail: dict[str, Any] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    amount: int | None = None
    department: Department | None = None
    beneficiary: Person | None = None
    preparer: Person | None = None  # who handles it, where that is not the one who asks

    def digest(self) -> str:
        plain = {
            "title": self.title,
            "amount": self.amount,
            "department": self.department and self.department.id,
            "beneficiary": self.beneficiary and self.beneficiary.id,
            **({"preparer": self.preparer.id} if self.preparer else {}),
            "detail": _typed(self.detail),
            "lines": [_typed(each) for each in self.lines],
        }
        return hashlib.sha256(data_to_json(plain).encode()).hexdigest()


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """Values as an event can keep them: rows by their id."""
    return {name: value.get_id() if isinstance(value, db.Table) else value for name, value in values.items()}


@db.transaction
def create(flow: Flow, person: Person, content: Content, token: str, parent: Case | None = None, by_portal: bool = False) -> Case:
    """A new paper in the flow's first state. The same token with the same content answers the paper made first. `by_portal`: the
    portal starts it in the person's name, and the history says so."""
    if before := Case.find("token = ?", token):
        return _made_before(before, flow, person, content)
    _check(flow, person, content)
    case = Case.add(
        kind=flow.name,
        title=content.title,
        requester=person,
        preparer=content.preparer or person,
        beneficiary=content.beneficiary or person,
        department=content.department or person.department,
        amount=content.amount,
        state=flow.first,
        created_at=clock.now(),
        parent=parent,
        token=token,
    )
    flow.detail.add(case=case, **content.detail)
    _write_lines(flow, case, content)
    _follow(flow, case, person)
    named = {f"#{key}" for key in (person.id, case.preparer_id, case.beneficiary_id)}
    let_read(case, named | tasks.open_for(flow, Act(case, person), "draft"))
    by = None if by_portal else person
    history.record(case, "create", by, after=case.state, version=1, data={"content": content.digest()})
    index(case)
    return case


def _made_before(case: Case, flow: Flow, person: Person, content: Content) -> Case:
    made = Event.get(Event.thing == "case", Event.thing_id == case.id, Event.n == 1)
    if (case.kind, case.requester_id) != (flow.name, person.id) or made.facts()["content"] != content.digest():
        raise Refused(_("This form was sent before with other contents. Open a new form."))
    return case


@db.transaction
def edit(person: Person, case_id: int, content: Content, version: int) -> Case:
    """New contents of a paper that may still be changed, against the version shown."""
    case = as_shown(case_id, None, version)
    flow = FLOWS[case.kind]
    if person.id not in (case.requester_id, case.preparer_id) and not _waits_for(person, flow, case):
        raise NotYours()
    if not flow.state_of(case).editable:
        raise Refused(_("It can no longer be changed: it is %(state)s.", state=flow.state_of(case).label))
    _check(flow, person, content)
    changed = _changes(flow, case, content)
    if not changed:
        return case
    case.version += 1
    case.title, case.amount = content.title, content.amount
    case.department = content.department or case.department
    case.beneficiary = content.beneficiary or case.beneficiary
    case.preparer = content.preparer or case.preparer
    if content.detail:
        flow.detail.update(**content.detail).where(flow.detail.case == case).execute()
    _write_lines(flow, case, content)
    _follow(flow, case, person)
    history.write(case, "edit", person, before=case.state, after=case.state, version=case.version, data={"changed": changed})
    save(case, case.state, case.version - 1, case.events - 1)
    let_read(case, {f"#{case.preparer_id}", f"#{case.beneficiary_id}"})
    index(case)
    return case


def _waits_for(person: Person, flow: Flow, case: Case) -> bool:
    """Whether it is a draft of a post that the person holds, whoever in it began it."""
    return case.state == flow.first and any(task.post in access.posts_of(person) for task in open_tasks(case))


def _check(flow: Flow, person: Person, content: Content) -> None:
    if not content.title:
        raise Mistyped(_("Give it a title."), "title")
    for check in flow.checks:
        check(person, content)


def _write_lines(flow: Flow, case: Case, content: Content) -> None:
    if flow.lines:
        for n, line in enumerate(content.lines, 1):
            flow.lines.add(case=case, version=case.version, n=n, **line)


def _follow(flow: Flow, case: Case, person: Person) -> None:
    act = Act(case, person)
    for effect in flow.follows:
        effect(act)


def _changes(flow: Flow, case: Case, content: Content) -> dict[str, Any]:
    """What the new contents change: name -> [before, after]; lines are kept by version, so they are only named."""
    paper = flow.detail.get_by_id(case.id)
    before = {"title": case.title, "amount": case.amount} | {name: getattr(paper, name) for name in content.detail}
    after = {"title": content.title, "amount": content.amount} | content.detail
    for name in ("department", "beneficiary", "preparer"):
        if chosen := getattr(content, name):
            before[name], after[name] = getattr(case, name), chosen
    before, after = _typed(before), _typed(after)
    changed: dict[str, Any] = {name: [before[name], value] for name, value in after.items() if before[name] != value}
    if flow.lines:
        kept = [
            _typed({name: getattr(row, name) for name in line})
            for row, line in zip(Act(case, None).lines, content.lines, strict=False)
        ]
        if len(Act(case, None).lines) != len(content.lines) or kept != [_typed(line) for line in content.lines]:
            changed["lines"] = [case.version, case.version + 1]
    return changed
