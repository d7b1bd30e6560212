"""Pages of advances: the paper with its loan slip, what is open by age, and what somebody still owes (FIN-11)."""

from __future__ import annotations

from typing import Any

from flask import request

from portal import clock, exports, kinds, languages
from portal.access import any_of, cashier, chief_accountant, dept_manager, everyone, exec_in_charge, gm, may_read
from portal.books.models import METHODS, CashEntry
from portal.books.models_statements import vouchers_seen
from portal.cases import Case
from portal.expenses.forms_advances import AdvanceForm
from portal.expenses.models_advances import AGES as BY_AGE
from portal.expenses.models_advances import PAGE, TABS, Chosen, Open, by_age, every_open, open_advances, open_of
from portal.expenses.models_money import Advance, overdue_of, room_for_advance, standing
from portal.expenses.rules_advances import ADVANCE, settle_days, settle_working_days
from portal.expenses.views_requests import pages
from portal.flow import Act
from portal.inbox.models import BELONGINGS, WORKING_LISTS, Belonging, Kept, WorkingList, departments
from portal.kinds import Kind
from portal.money import Money, in_capitals, total
from portal.persons import Person
from portal.refused import NotThere
from portal.web import asked, find_case, me, my_posts, page, page_case, sent, with_filters
from portal.words import Words, _

LOOKS = any_of(gm, exec_in_charge, chief_accountant, cashier, dept_manager)
WORKING_LISTS += [
    WorkingList(_("Advances to pay"), "advance", "payable", any_of(cashier), "hand-coins"),
    WorkingList(_("Advances to post"), "advance", "paid", any_of(chief_accountant), "hand-coins"),
    WorkingList(_("Advances blocked by an overdue one"), "advance", "blocked", any_of(gm), "hand-coins"),
]


def _kept(person: Person) -> list[Kept]:
    return [
        Kept(f"{each.number} · {each.title}", f"/papers/{each.case}", each.unsettled, clock.end_of(each.due_on))
        for each in open_of(person.id)
    ]


BELONGINGS.append(Belonging(_("Advances to settle"), "hand-coins", _kept))


# ---- the paper ------------------------------------------------------------------------------------------------------


def body(case: Case, person: Person) -> dict[str, Any]:
    paper: Advance = Act(case, person).paper
    here = standing(paper)
    is_open = paper.due_on is not None and here.unsettled > 0
    return {
        "request": paper.request,
        "may_open_request": may_read(my_posts(), paper.request),
        "here": here,
        "moved": CashEntry.where("case_id = ? ORDER BY id", case.id),
        "methods": METHODS,
        "vouchers": vouchers_seen(case, my_posts()),
        "late": max((clock.today() - paper.due_on).days, 0) if is_open and paper.due_on else 0,
        "room": room_for_advance(paper.request_id, case.id) if case.state in ("draft", "blocked", "payable") else None,
        "overdue": [each for each in overdue_of(case.requester_id) if each.id != case.id] if paper.paid_at is None else [],
    }


def beside(form: AdvanceForm, person: Person) -> dict[str, Any]:
    """What can still be advanced on the request chosen, and what stands against it."""
    chosen = form.chosen()
    return {
        "chosen": chosen,
        "room": max(room_for_advance(chosen.id), Money(0)) if chosen else None,
        "typed": form.amount.data if form.amount.data and form.amount.data > 0 else None,
        "overdue": overdue_of(person.id),
        "due_days": settle_days(),
        "due_working_days": settle_working_days(),
    }


kinds.register(
    Kind(
        flow=ADVANCE,
        form=AdvanceForm,
        folder="expenses",
        new=_("Ask for an advance"),
        about=_("Borrow on an approved request before you spend; a claim settles it, or you bring it back."),
        extra=body,
        rail=beside,
        tone="blue",
    )
)


@pages.get("/expenses/advances/<case_id>/slip", may=everyone)
def slip(case_id: str) -> Any:
    """The loan slip, to be signed by who borrowed: there once it is paid."""
    case = find_case(case_id)
    paper = Advance.find("case_id = ?", case.id)
    if paper is None or paper.slip is None:
        raise NotThere()
    lent = standing(paper).paid
    return page(
        "expenses/slip.html", case=case, paper=paper, request=paper.request, lent=lent, capitals=in_capitals(lent),
        paid_on=clock.local(paper.paid_at).date(), now=clock.now(), printer=me().called,
    )  # fmt: skip


# ---- what is open ---------------------------------------------------------------------------------------------------

_COLUMNS: list[Words] = [
    _("Number"), _("Loan slip"), _("Title"), _("Who borrowed"), _("Department"), _("Paid on"), _("Days since it was paid"),
    _("Age"), _("Due back on"), _("Days late"), _("Lent"), _("Claimed"), _("In claims not paid yet"), _("Not settled"),
]  # fmt: skip


@pages.get("/expenses/advances", may=LOOKS)
def advance_index() -> Any:
    """What these posts may read of it: a head the advances of the department."""
    units = departments()
    unit = asked("department", [str(key) for key, _name in units])
    chosen = Chosen(asked("tab", TABS, "open"), asked("age", BY_AGE), int(unit) if unit else None)
    if kind := asked("export", ("csv", "xlsx")):
        rows = map(_cells, every_open(my_posts(), chosen))
        return sent(exports.table("open-advances", _COLUMNS, rows, kind, languages.here))
    found, ages = open_advances(my_posts(), chosen, page_case()), by_age(my_posts(), chosen)
    return page(
        "expenses/advances.html",
        rows=found[:PAGE],
        chosen=chosen,
        tabs=[{"label": label, "url": with_filters(tab=name), "current": name == chosen.tab} for name, label in TABS.items()],
        ages=ages,
        age_choices=[(key, label) for key, label, _n, _amount in ages],
        sum=total(amount for _key, _label, _n, amount in ages),
        units=[(key, languages.here(name)) for key, name in units],
        older=with_filters(before=found[PAGE - 1].case) if len(found) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
    )


def _cells(row: Open) -> list[Any]:
    paid_on, who, unit = clock.local(row.paid_at).date(), languages.here(row.who), languages.here(row.department)
    return [
        row.number, row.slip, row.title, who, unit, paid_on, row.days, row.age, row.due_on, row.days_late or None, row.lent,
        row.claimed, row.held, row.unsettled,
    ]  # fmt: skip
