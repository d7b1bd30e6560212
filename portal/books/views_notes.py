"""Money without a request and the opening balances, as their papers show them; and the counter-entry that takes a note back."""

from __future__ import annotations

from typing import Any

from flask import request

from portal import kinds
from portal.access import any_of, cashier, chief_accountant
from portal.books.forms_notes import CounterForm, EntitledForm, MoneyNoteForm, OpeningForm
from portal.books.models_notes import NOTES, Entitled, MoneyNote, counter_of, is_opened
from portal.books.models_statements import vouchers_seen
from portal.books.rules_notes import MONEY_NOTE, take_back, why_not_taken_back
from portal.books.rules_openings import OPENING
from portal.books.views_titles import pages
from portal.cases import Case
from portal.fields import form_key
from portal.flow import Act
from portal.kinds import Kind
from portal.money import total
from portal.persons import Person
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.web import confirm_first, filled, find_case, go, holds, me, my_posts, page, tell
from portal.words import Words, _

RECORDS = any_of(cashier)


def note_body(case: Case, person: Person) -> dict[str, Any]:
    note: MoneyNote = Act(case, person).paper
    return {
        "notes": NOTES,
        "corrects": note.corrects if note.corrects_id else None,
        "counter": counter_of(case),
        "vouchers": vouchers_seen(case, my_posts()),
        "may_take_back": holds(cashier) and why_not_taken_back(case) is None,
    }


def _cashier_only(_person: Person) -> Words:
    return _("The cashier writes down what came in and went out.")


kinds.step_form(Entitled, EntitledForm)
kinds.register(
    Kind(
        flow=MONEY_NOTE,
        form=MoneyNoteForm,
        folder="books",
        new=_("New receipt, charge or transfer"),
        about=_("Money that moved without a request: sales, refunds and other income, bank charges, between cash and bank."),
        may_start=RECORDS,
        extra=note_body,
        tone="blue",
        why_not=_cashier_only,
    )
)


@pages.form("/books/notes/<case_id>/counter", may=RECORDS)
def counter_note(case_id: str) -> Any:
    """The mistake is named, and its counter-entry recorded at once."""
    case = find_case(case_id)
    if case.kind != MONEY_NOTE.name:
        raise NotThere()
    if request.method == "GET" and (why := why_not_taken_back(case)):
        raise Refused(why)
    form = filled(CounterForm)
    form.token.data = form_key(form.token.data)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            confirm_first()
            try:
                made = take_back(me(), case.id, form.day.data, form.reason.data or "", form.token.data)
                tell(_("%(number)s takes %(before)s back.", number=made.number or "", before=case.number or ""))
                return go("papers.show", case_id=made.id)
            except NotYours:
                raise
            except Refused as refusal:
                form.say(refusal.why, refusal.field if isinstance(refusal, Mistyped) else None)
                status = refusal.status
    return page("books/counter.html", status, form=form, case=case, note=MoneyNote.get_by_id(case.id), notes=NOTES)


# ---- opening balances -----------------------------------------------------------------------------------------------


def opening_body(case: Case, person: Person) -> dict[str, Any]:
    lines = Act(case, person).lines
    kept, lent = [each for each in lines if each.fund_id], [each for each in lines if each.person_id]
    sums = [total(each.amount for each in some) for some in (kept, lent)]
    other = is_opened()
    return {"kept": kept, "lent": lent, "sums": sums, "other": other if other and other.id != case.id else None}


def _accountant_only(_person: Person) -> Words:
    return _("The chief accountant enters the opening balances.")


kinds.register(
    Kind(
        flow=OPENING,
        form=OpeningForm,
        folder="books",
        new=_("New opening balances"),
        about=_("What was in cash and bank, and which advances were open, when the company began with the portal: entered once."),
        may_start=any_of(chief_accountant),
        extra=opening_body,
        tone="violet",
        why_not=_accountant_only,
    )
)
