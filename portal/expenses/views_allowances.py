"""Pages of the allowances: the batches, the telephone bill, standards and exceptions; and the papers of penalties."""

from __future__ import annotations

import json
import secrets
from typing import Any, BinaryIO, cast

from flask import Response, request

from portal import exports, imports, kinds, languages
from portal.access import any_of, cashier, chief_accountant, dept_manager, exec_in_charge, gm, office_clerk, supervisor
from portal.books.models import month_called
from portal.books.models_statements import vouchers_seen
from portal.cases import Case
from portal.expenses.forms_allowances import (
    AnswerForm,
    BillForm,
    ExceptionForm,
    MealForm,
    PenaltyForm,
    StandardForm,
    months_over,
)
from portal.expenses.models_allowances import (
    KINDS,
    RULES,
    MealException,
    PhoneStandard,
    batches,
    called,
    lines_shown,
    standards,
)
from portal.expenses.models_penalties import RULES as PENALTY_RULES
from portal.expenses.models_penalties import Answer, Penalty, bounds
from portal.expenses.rules_allowances import ALLOWANCE, draft_meals, draft_phone, except_from_meals, set_standard
from portal.expenses.rules_bills import COLUMNS, NEEDED, Billed, preview
from portal.expenses.rules_penalties import PENALTY
from portal.expenses.views_requests import FINANCE, pages
from portal.fields import PaperForm, clean, form_key
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.persons import LANGUAGES, Person
from portal.refused import Mistyped, NotThere, Refused
from portal.web import (
    NAVIGATION,
    Link,
    asked,
    filled,
    find,
    go,
    go_to,
    key,
    me,
    my_posts,
    page,
    page_key,
    sent,
    tell,
    with_filters,
)
from portal.words import _

DRAFTS = any_of(office_clerk)
SEES = any_of(office_clerk, gm, exec_in_charge, cashier, chief_accountant)
NAVIGATION.append(Link(_("Allowances"), "expenses.allowances", "phone", FINANCE, place=60))
WORKING_LISTS += [
    WorkingList(_("Allowances to check"), "allowance", "submitted", any_of(cashier), "phone"),
    WorkingList(_("Allowances to sign"), "allowance", "checked", any_of(gm), "phone"),
]


class WrittenElsewhere(PaperForm):
    """A batch is drafted from its bill, or for everybody at once."""


# ---- batches --------------------------------------------------------------------------------------------------------


@pages.get("/expenses/allowances", may=SEES)
def allowances() -> Any:
    rows = batches()
    if kind := asked("export", ("csv", "xlsx")):
        states = ALLOWANCE.states
        cells = ([x.number, KINDS[x.kind], month_called(x.month), states[x.state].label, x.people, x.amount] for x in rows)
        return sent(exports.table("allowances", _BATCH_COLUMNS, cells, kind, languages.here))
    may_draft = DRAFTS.allows(my_posts())
    return page(
        "expenses/allowances.html", rows=rows, kinds=KINDS, states=ALLOWANCE.states, may_draft=may_draft,
        meals=MealForm(formdata=None) if may_draft else None, token=form_key(None),
    )  # fmt: skip


_BATCH_COLUMNS = [_("Number"), _("Kind"), _("Month"), _("Status"), _("People"), _("Amount")]


@pages.post("/expenses/allowances/meals/begin", may=DRAFTS)
def begin_meals() -> Response:
    """The meal batch of a month."""
    form = filled(MealForm)
    if not form.validate():
        tell(_("Choose a month."), "red")
        return go("expenses.allowances")
    try:
        case = draft_meals(me(), form.month.data, form_key(request.form.get("token")))
    except Refused as refusal:
        tell(refusal.why, "red")
        return go("expenses.allowances")
    return go_to(f"/papers/{case.id}")


def allowance_body(case: Case, person: Person) -> dict[str, Any]:
    """Fifty lines at a time, with what is split off and by which rule."""
    paper = ALLOWANCE.detail.get_by_id(case.id)
    start = page_key("line") or 0
    rows = lines_shown(case, start)
    return {
        "rows": rows[:50],
        "later": with_filters(line=rows[49].n) if len(rows) > 50 else "",
        "first": with_filters(line="") if start else "",
        "batch_kind": KINDS[paper.kind],
        "is_phone": paper.kind == "phone",
        "called": called,
        "rule_of": RULES,
        "vouchers": vouchers_seen(case, my_posts()),
    }


# ---- the bill -------------------------------------------------------------------------------------------------------


@pages.form("/expenses/allowances/bill", may=DRAFTS)
def bring_bill() -> Any:
    """The telephone bill of a month, looked at before it becomes a batch."""
    form = filled(BillForm)
    if request.method == "GET":
        return page("expenses/bill.html", form=form)
    if not form.validate():
        return page("expenses/bill.html", 422, form=form)
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Mistyped(_("Choose a file first."), "file")
        rows = imports.read(file.filename, cast(BinaryIO, file.stream), _headings(), NEEDED)
    except Mistyped as refusal:
        form.say(refusal.why, refusal.field)
        return page("expenses/bill.html", 422, form=form)
    return _preview(rows, form.month.data, file.filename)


def _headings() -> dict[str, str]:
    return {languages.say(words, language): field for language in LANGUAGES for field, words in COLUMNS.items()}


def _preview(rows: list[imports.Row], month: int, name: str, why: Any = None) -> Any:
    found: Billed = preview(rows, month)
    kept = json.dumps([[row.number, row.values] for row in rows], ensure_ascii=False)
    status = 409 if why else 422 if found.errors else 200
    return page(
        "expenses/bill_preview.html", status, found=found, month=month, called_month=month_called(month), name=name, kept=kept,
        token=secrets.token_urlsafe(18), why=why, columns=COLUMNS, called=called, rule_of=RULES,
    )  # fmt: skip


@pages.post("/expenses/allowances/bill/confirm", may=DRAFTS)
def confirm_bill() -> Any:
    """What was looked at is read once more: nothing that comes back from the browser is believed."""
    rows, month = imports.carried(request.form.get("rows", ""), COLUMNS), key(request.form.get("month", ""))
    if month not in dict(months_over()):
        raise NotThere()
    found = preview(rows, month)
    name = clean(request.form.get("name"))[:120]
    if not found.is_good:
        return _preview(rows, month, name)
    bills = [(line["person"], line["actual"]) for line in found.lines]
    try:
        case = draft_phone(me(), month, bills, form_key(request.form.get("token")))
    except Refused as refusal:
        if refusal.status == 403:
            raise
        return _preview(rows, month, name, refusal.why)
    return go_to(f"/papers/{case.id}")


# ---- standards and exceptions ---------------------------------------------------------------------------------------


@pages.form("/expenses/allowances/standards", may=DRAFTS)
def phone_standards() -> Any:
    """What each post gets of its telephone; the office enters those the rules do not name."""
    form = filled(StandardForm)
    if request.method == "POST" and form.validate():
        try:
            set_standard(me(), form.role.data, form.cap.data)
            tell(_("Saved."))
            return go("expenses.phone_standards")
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    entered = {each.role for each in PhoneStandard.select()}
    rows = [(called(each.role), each.cap, RULES.get(each.role, "FIN-18"), each.role in entered) for each in standards().values()]
    return page("expenses/standards.html", 422 if request.method == "POST" else 200, form=form, rows=rows)


@pages.form("/expenses/allowances/meals", may=DRAFTS)
def meal_exceptions() -> Any:
    """Who is marked as not entitled to meals."""
    form = filled(ExceptionForm)
    if request.method == "POST" and form.validate():
        person = Person.get_or_none(Person.user == form.user.data)
        if person is None:
            form.say(_("There is nobody with the sign-in name %(user)s.", user=form.user.data or ""), "user")
        else:
            known = MealException.get_or_none(MealException.person == person)
            except_from_meals(me(), person, form.reason.data or "", True, known.events if known else 0)
            tell(_("Saved."))
            return go("expenses.meal_exceptions")
    rows = list(MealException.select(MealException, Person).join(Person).where(MealException.active).order_by(Person.id))
    return page("expenses/meal_exceptions.html", 422 if request.method == "POST" else 200, form=form, rows=rows)


@pages.post("/expenses/allowances/meals/<exception_id>/end", may=DRAFTS)
def end_exception(exception_id: str) -> Response:
    kept = find(MealException, exception_id)
    typed = request.form.get("events", "")
    events = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1
    try:
        except_from_meals(me(), kept.person, "", False, events)
        tell(_("Saved."))
    except Refused as refusal:
        tell(refusal.why, "red")
    return go("expenses.meal_exceptions")


# ---- penalties ------------------------------------------------------------------------------------------------------


def penalty_body(case: Case, person: Person) -> dict[str, Any]:
    paper = Penalty.get_by_id(case.id)
    return {"about": paper.person.called, "rules": PENALTY_RULES, "bounds": bounds(paper.rule)}


kinds.step_form(Answer, AnswerForm)
kinds.register(
    Kind(
        flow=ALLOWANCE,
        form=WrittenElsewhere,
        folder="expenses",
        new=_("New allowances"),
        about=_("Telephone and meals of a month, for everybody at once."),
        may_start=DRAFTS,
        extra=allowance_body,
        write="/expenses/allowances",
        is_typed=False,
        tone="violet",
    )
)
kinds.register(
    Kind(
        flow=PENALTY,
        form=PenaltyForm,
        folder="expenses",
        new=_("New penalty"),
        about=_("What a rule allows for misuse of money or private use of supplies. The person reads it and may answer."),
        may_start=any_of(gm, dept_manager, supervisor),
        extra=penalty_body,
        tone="rose",
    )
)
