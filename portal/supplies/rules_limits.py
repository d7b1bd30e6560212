"""Limits: how much a department may draw of an item in a month, proposed by the office, approved by its manager (SUP-02)."""

from __future__ import annotations

from typing import Any

from portal import access, db
from portal.access import any_of, office_clerk, office_manager, requester
from portal.cases import let_read
from portal.contents import Content
from portal.flow import IN_TIME, REJECT, RETURN, WITHDRAW, Act, Flow, objection, state, step
from portal.persons import Department, Person
from portal.refused import Mistyped, NotYours
from portal.stock.models import Item
from portal.supplies.models import LimitLine, LimitPaper
from portal.supplies.models_catalogue import KIND, first_of, limits_in, this_month
from portal.supplies.models_papers import MOST_LIMIT, Wanted, limits_content, months_to_choose
from portal.words import Words, _

__all__ = ["LIMITS", "MOST_LIMIT", "PROPOSES", "Wanted", "limits_content", "months_to_choose"]
PROPOSES = any_of(office_clerk)
MOST_LINES = 2000


def check_limits(person: Person, content: Content) -> None:
    """However the paper comes about."""
    if not PROPOSES.allows(access.posts_of(person)):
        raise NotYours(_("Only the office proposes limits."))
    if content.detail["since"] not in months_to_choose():
        raise Mistyped(_("Limits begin this month or in one of the next twelve."), "since")
    if not content.lines:
        raise Mistyped(_("Write at least one line."), "lines")
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")
    seen = set()
    for line in content.lines:
        place = (line["department"].id, line["item"].id)
        if place in seen:
            raise Mistyped(_("%(item)s stands there twice.", item=line["item"].called), "lines")
        seen.add(place)
        _check_line(line)


def _check_line(line: dict[str, Any]) -> None:
    item, department, new = line["item"], line["department"], line["new"]
    if item.kind != KIND or not item.active:
        raise Mistyped(_("%(item)s is not in use any more.", item=item.called), "lines")
    if not department.active:
        raise Mistyped(_("%(department)s is closed.", department=department.called), "lines")
    if new is not None and not 0 <= new <= MOST_LIMIT:
        raise Mistyped(_("A limit is from 0 to %(most)s, or empty.", most=MOST_LIMIT), "lines")


@objection(_("a limit was changed meanwhile"))
def limits_changed(act: Act) -> Words | None:
    now = limits_in({line.department_id for line in act.lines}, {line.item_id for line in act.lines}, act.paper.since)
    for line in act.lines:
        if now.get((line.department_id, line.item_id)) != line.old:
            item, department = Item.get_by_id(line.item_id), Department.get_by_id(line.department_id)
            return _(
                "The limit of %(item)s for %(department)s was changed meanwhile. Return it, so that it is written anew.",
                item=item.called, department=department.called,
            )  # fmt: skip
    return None


@objection(_("its month is past"))
def month_is_past(act: Act) -> Words | None:
    if act.paper.since >= this_month():
        return None
    return _("%(month)s is past. Return it, so that it begins later.", month=f"{first_of(act.paper.since):%Y-%m}")


def show_to_departments(act: Act) -> None:
    """Heads and custodians see what is proposed for them."""
    concerned = {line.department_id for line in act.lines}
    let_read(act.case, {access.post(role, each) for each in concerned for role in ("dept_manager", "supplies_custodian")})


_SET = """
INSERT INTO supply_limits (department_id, item_id, since, quantity, case_id) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (department_id, item_id, since) DO UPDATE SET quantity = excluded.quantity, case_id = excluded.case_id
"""


def set_limits(act: Act) -> None:
    for line in act.lines:
        db.run(_SET, line.department_id, line.item_id, act.paper.since, line.new, act.case.id)


STANDS = [limits_changed, month_is_past]
SUBMIT = step("submit", "submitted", unless=STANDS, then=[show_to_departments], look="primary")

LIMITS = Flow(
    "limits",
    state("draft", requester, SUBMIT, editable=True),
    state(
        "submitted",
        office_manager,
        step("approve", "approved", unless=STANDS, then=[set_limits], look="primary", rules=("SUP-02",)),
        RETURN,
        REJECT,
        WITHDRAW,
        due=IN_TIME,
    ),
    state("approved", tone="green"),
    state("rejected", tone="red"),
    prefix="SL",
    label=_("Limits for supplies"),
    detail=LimitPaper,
    lines=LimitLine,
    reads=(office_clerk, office_manager),
    checks=(check_limits,),
    icon="sliders-horizontal",
    about=_("How much a department may draw of an item in a month: proposed by the office, approved by its manager."),
    rules=("SUP-02", "SUP-13"),
)  # fmt: skip
