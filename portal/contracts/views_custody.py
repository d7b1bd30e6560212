"""Pages of custody and of retention: who answers for the archive, what was handed over, what has been kept long enough."""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask import request

from portal import clock, kinds
from portal.access import any_of, contract_archivist, everyone, gm
from portal.cases import Case
from portal.contracts.forms_loans import HandoverForm, WitnessesForm, WrittenFromTheList
from portal.contracts.models import STATES, Contract, DestructionLine, Handover, is_seen
from portal.contracts.models_confidential import known, signing
from portal.contracts.models_custody import HELD, ROLE, Held, count_held, every_held, handovers, held_in, responsible_now
from portal.contracts.models_papers import Witnesses
from portal.contracts.models_retention import PAGE, Due, due, due_by_department, every_due
from portal.contracts.rules_custody import HANDOVER
from portal.contracts.rules_retention import DESTRUCTION, MOST_LINES, destruction_content, propose
from portal.contracts.views_finding import ARCHIVE, take_away
from portal.contracts.views_register import KEEPS, pages
from portal.fields import clean, form_key
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.languages import here
from portal.people.models import first_day_without
from portal.persons import Department, Person
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.web import NAVIGATION, Link, asked, find_case, go_to, me, my_posts, page, page_key, tell, with_filters
from portal.words import Words, _

PROPOSES = any_of(contract_archivist, gm)
NAVIGATION.append(Link(_("Custody"), "contracts.custody", "user-check", ARCHIVE, place=67))
NAVIGATION.append(Link(_("Retention"), "contracts.retention", "hourglass", ARCHIVE, place=69))
WORKING_LISTS.append(
    WorkingList(_("Destructions to carry out"), "destruction", "approved", any_of(contract_archivist), "trash-2")
)


# ---- custody --------------------------------------------------------------------------------------------------------


@pages.get("/contracts/custody", may=everyone)
def custody() -> Any:
    """Who answers for the archive today, and how it came to them."""
    return page(
        "contracts/custody.html",
        responsible=responsible_now(),
        unkept_from=first_day_without(ROLE),
        rows=handovers(my_posts()),
        states=HANDOVER.states,
        may_hand_over=KEEPS.allows(my_posts()),
    )


def _posts_for(case: Case) -> list[str] | None:
    """The two who sign see the whole list until both have; others what they may know of."""
    return None if signing(my_posts(), [case.id]) else list(my_posts())


def handover_body(case: Case, person: Person) -> dict[str, Any]:
    posts = _posts_for(case)
    found = held_in(case.id, posts)
    return {
        "held": found[:50],
        "more": len(found) > 50,
        "whole": count_held(case.id, posts),
        "known": known(my_posts(), [each.contract for each in found[:50]]),
        "held_states": HELD,
    }


kinds.register(
    Kind(
        flow=HANDOVER,
        form=HandoverForm,
        folder="contracts",
        new=_("Hand the archive over"),
        about=_("A list of everything held is frozen; who hands over and who takes over both sign it."),
        may_start=any_of(contract_archivist),
        extra=handover_body,
        tone="violet",
        why_not=lambda person: _("Only the contract archivist hands the archive over."),
        is_for_another=False,
    )
)

_HELD_COLUMNS: list[Words] = [_("Contract number"), _("Contract title"), _("Storage place"), _("State")]


@pages.get("/contracts/handovers/<case_id>/list", may=everyone)
def handover_list(case_id: str) -> Any:
    """The whole list on paper, to sign on it, or to take away."""
    case = find_case(case_id)
    if case.kind != HANDOVER.name:
        raise NotThere()
    posts = _posts_for(case)
    if kind := asked("export", ("csv", "xlsx")):
        rows = map(_held_cells, every_held(case.id, posts))
        return take_away(f"{here(_('Hand-over list'))}-{case.number or ''}", _HELD_COLUMNS, rows, kind)
    return page(
        "contracts/handover_list.html", case=case, paper=Handover.get_by_id(case.id), rows=list(every_held(case.id, posts)),
        held_states=HELD, now=clock.now(), printer=me().called,
    )  # fmt: skip


def _held_cells(each: Held) -> list[Any]:
    return [each.number, each.title, each.place, HELD.get(each.state, each.state)]


# ---- retention ------------------------------------------------------------------------------------------------------

_DUE_COLUMNS: list[Words] = [
    _("Contract number"), _("Contract title"), _("Owner department"), _("Project nature"), _("Ended on"), _("Years kept"),
    _("State"), _("Storage place"),
]  # fmt: skip


@pages.form("/contracts/retention", may=PROPOSES)
def retention() -> Any:
    """What has been kept long enough; of one department the archivist proposes what is destroyed."""
    departments = due_by_department(my_posts())
    chosen = asked("department", [str(key) for key, _name, _n in departments])
    if request.method == "POST":
        return _propose(int(chosen) if chosen else 0, departments)
    if kind := asked("export", ("csv", "xlsx")):
        return take_away(here(_("Retention")), _DUE_COLUMNS, map(_due_cells, every_due(my_posts(), int(chosen or 0))), kind)
    return _retention_page(int(chosen) if chosen else 0, departments)


def _retention_page(chosen: int, departments: list[Any], wrong: Refused | None = None) -> Any:
    rows = due(my_posts(), chosen, page_key("after") or 0)
    return page(
        "contracts/retention.html",
        wrong.status if wrong else 200,
        rows=rows[:PAGE],
        departments=[(str(key), here(name), n) for key, name, n in departments],
        chosen=str(chosen or ""),
        whole=sum(n for key, _name, n in departments if chosen in (0, key)),
        may_propose=KEEPS.allows(my_posts()),
        states=STATES,
        token=form_key(request.form.get("token")) if wrong else secrets.token_urlsafe(18),
        ticked=set(request.form.getlist("contract")),
        reason=request.form.get("reason", ""),
        wrong=wrong,
        field=wrong.field if isinstance(wrong, Mistyped) else "",
        older=with_filters(after=rows[PAGE - 1].id) if len(rows) > PAGE else "",
    )


def _propose(department: int, departments: list[Any]) -> Any:
    """A paper of the chosen contracts, submitted at once, or nothing."""
    if not KEEPS.allows(my_posts()):
        raise NotYours(_("Only the contract archivist proposes what is destroyed."))
    ids = [int(text) for text in request.form.getlist("contract") if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII)][
        : MOST_LINES + 1
    ]
    found = [each for each in (Contract.find("id = ?", key) for key in dict.fromkeys(ids)) if each]
    try:
        if not found:
            raise Mistyped(_("Choose from 1 to %(most)s contracts.", most=MOST_LINES), "contract")
        owner = Department.get_by_id(department or found[0].department_id)
        content = destruction_content(owner, found, clean(request.form.get("reason"), lines=True))
        case = propose(me(), content, form_key(request.form.get("token")))
    except NotYours:
        raise
    except Refused as refusal:
        return _retention_page(department, departments, refusal)
    tell(_("%(number)s was submitted.", number=case.number))
    return go_to(f"/papers/{case.id}")


def _due_cells(each: Due) -> list[Any]:
    return [
        each.number, each.title, here(each.department_called), here(each.nature), each.ended_on, each.years, STATES[each.state],
        each.place,
    ]  # fmt: skip


def destruction_body(case: Case, person: Person) -> dict[str, Any]:
    """The contracts on it that this person may know of."""
    found = (
        Contract.select()
        .join(DestructionLine, on=(DestructionLine.contract == Contract.id))
        .where(DestructionLine.case == case, DestructionLine.version == case.version)
        .order_by(Contract.number)
    )
    posts = my_posts()
    return {"listed": [each for each in found if is_seen(each, posts)], "contract_states": STATES}


kinds.register(
    Kind(
        flow=DESTRUCTION,
        form=WrittenFromTheList,
        folder="contracts",
        new=_("Propose destruction"),
        about=_("Contracts that were kept long enough; two witnesses see them destroyed, their record stays."),
        may_start=any_of(contract_archivist),
        extra=destruction_body,
        tone="rose",
        write="/contracts/retention",
        why_not=lambda person: _("Only the contract archivist proposes what is destroyed."),
        is_for_another=False,
    )
)
kinds.step_form(Witnesses, WitnessesForm)
