"""The cashier's queue, payment runs, the lines that stand apart, and the voucher of a payment."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask import Response, request

from portal import clock, exports, kinds, languages
from portal.access import any_of, cashier, chief_accountant, everyone, exec_in_charge, gm
from portal.books.forms_payments import CashBackForm, PaymentForm, RunForm, typed_lines
from portal.books.models import METHODS, CashEntry, Payable, Posting
from portal.books.models_payments import CashBack, Payment, why_not_paid_by
from portal.books.models_queue import (
    MOST_AT_ONCE,
    PAGE,
    STANDING,
    WHEN,
    Due,
    Wanted,
    apart_count,
    apart_for,
    by_payee,
    due_count,
    every_payable,
    kinds_payable,
    payable_now,
    still_payable,
    sums,
)
from portal.books.models_runs import PAGE as RUNS
from portal.books.models_runs import PaymentRun, Run, RunLine, every_run, lines_of_run, runs
from portal.books.rules_runs import Run as Wished
from portal.books.rules_runs import confirm_line, go_on, pay_together
from portal.books.views_titles import FINANCE, pages
from portal.fields import MOST_ID, clean, form_key, read_day
from portal.flow import FLOWS
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.money import in_capitals, total
from portal.people.models import readable
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.web import (
    NAVIGATION,
    Link,
    asked,
    confirm_first,
    find,
    find_case,
    go,
    holds,
    key,
    me,
    my_posts,
    page,
    page_key,
    sent,
    tell,
    with_filters,
    with_query,
)
from portal.words import _

PAYS = any_of(cashier)
SEES_RUNS = any_of(cashier, chief_accountant, gm)
CONFIRMS = any_of(gm, exec_in_charge, chief_accountant)
NAVIGATION += [
    Link(_("To be paid"), "books.payables", "banknote", FINANCE, lambda _person, _posts: due_count(), place=51),
    Link(_("Lines that stand apart"), "books.confirmations", "git-branch", FINANCE, place=53),
]
WORKING_LISTS += [
    WorkingList(_("To be paid today"), "", "", PAYS, "banknote", "/books/payables?when=due", due_count),
    WorkingList(
        _("Lines to confirm"), "", "", any_of(gm), "git-branch", "/books/confirmations", lambda: apart_count(of_gm=False)
    ),
    WorkingList(
        _("Lines of the general manager to confirm"), "", "", any_of(exec_in_charge, chief_accountant), "git-branch",
        "/books/confirmations", lambda: apart_count(of_gm=True),
    ),
]  # fmt: skip
kinds.step_form(Payment, PaymentForm)
kinds.step_form(CashBack, CashBackForm)


# ---- the queue ------------------------------------------------------------------------------------------------------


@pages.get("/books/payables", may=PAYS)
def payables() -> Any:
    """What is payable, the longest due first, with the accounts that were signed."""
    wanted = _wanted()
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("to-be-paid", _DUE_COLUMNS, map(_due_cells, every_payable(wanted)), kind, languages.here))
    found = payable_now(wanted, _after())
    lines, open_ = sums(wanted)
    return page(
        "books/payables.html",
        rows=[(each, why_not_paid_by(each, me())) for each in found[:PAGE]],
        payees=by_payee(wanted),
        chosen=wanted,
        lines=lines,
        open=open_,
        kinds=[(name, FLOWS[name].label) for name in kinds_payable()],
        kind_of=FLOWS,
        whens=list(WHEN.items()),
        standings=[(name, label) for name, (label, _sql) in STANDING.items()],
        links=readable([each.case_id for each in found], my_posts()),
        older=with_filters(after=found[PAGE - 1].place) if len(found) > PAGE else "",
        newest=with_filters() if "after" in request.args else "",
        all_url=with_query("/books/runs/new", _asked() | {"all": "1"}) if 0 < lines <= MOST_AT_ONCE else "",
    )


def _asked() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name in ("q", "kind", "when", "standing", "paper") and value}


def _wanted() -> Wanted:
    """The filters in the address, as far as they are some."""
    case = request.args.get("paper", "")
    return Wanted(
        kind=asked("kind", FLOWS),
        when=asked("when", WHEN),
        standing=asked("standing", STANDING),
        words=clean(request.args.get("q"))[:100],
        case_id=key(case) if case else None,
    )


def _after() -> tuple[date, int] | None:
    """Where the list goes on: `2026-11-30-123`."""
    found = re.fullmatch(r"(.{10})-([0-9]{1,10})", request.args.get("after", ""), re.ASCII)
    day = read_day(found[1]) if found else None
    return (day, min(int(found[2]), MOST_ID)) if found and day else None


_DUE_COLUMNS = [
    _("Payee"), _("Paper"), _("Text"), _("In whose name"), _("Bank"), _("Account number"), _("Due on"), _("Amount"),
    _("Still to pay"),
]  # fmt: skip


def _due_cells(each: Due) -> list[Any]:
    told = [each.payee, each.case_number, each.text or each.title, each.holder, each.bank, each.number]
    return [*told, each.due, each.amount, each.open]


# ---- runs -----------------------------------------------------------------------------------------------------------


@pages.get("/books/runs", may=SEES_RUNS)
def payment_runs() -> Any:
    """Every run and who ran it."""
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("payment-runs", _RUN_COLUMNS, map(_run_cells, every_run()), kind, languages.here))
    found = runs(page_key())
    return page(
        "books/runs.html",
        rows=found[:RUNS],
        older=with_filters(before=found[RUNS - 1].id) if len(found) > RUNS else "",
        newest=with_filters() if "before" in request.args else "",
    )


_RUN_COLUMNS = [_("Number"), _("Day"), _("Pay from"), _("By"), _("Lines"), _("Paid lines"), _("Paid")]


def _run_cells(each: Run) -> list[Any]:
    return [each.number, each.day, languages.here(each.fund), languages.here(each.by), each.lines, each.paid_lines, each.paid]


@pages.get("/books/runs/new", may=PAYS)
def new_run() -> Any:
    """The lines that were chosen, or all that the filters of the queue let through."""
    chosen = [int(text) for text in request.args.getlist("line") if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII)]
    lines = payable_now(_wanted(), limit=MOST_AT_ONCE) if "all" in request.args else still_payable(chosen[:MOST_AT_ONCE])
    form = RunForm(None, [each for each in lines if why_not_paid_by(each, me()) is None])
    form.begin()
    return _run_page(form, lines)


def _run_page(form: RunForm, lines: list[Due], status: int = 200) -> Response:
    able = [each for each in lines if f"amount-{each.id}" in form]
    return page(
        "books/run_new.html",
        status,
        form=form,
        rows=able,
        apart=[(each, why_not_paid_by(each, me())) for each in lines if each not in able],
        kind_of=FLOWS,
        open=total(each.open for each in able),
        unnamed=[each for each in able if not each.number],
    )


@pages.post("/books/runs", may=PAYS)
def run() -> Any:
    lines = still_payable(typed_lines(request.form)[:MOST_AT_ONCE])
    form = RunForm(request.form, lines)
    form.token.data = form_key(form.token.data)
    if not form.validate():
        return _run_page(form, lines, 422)
    confirm_first()
    try:
        made = pay_together(me(), Wished(*form.how, lines=form.amounts), form.token.data)
    except (NotYours, NotThere):
        raise
    except Refused as refusal:
        form.say(refusal.why, refusal.field if isinstance(refusal, Mistyped) else None)
        return _run_page(form, lines, refusal.status)
    return go("books.payment_run", run_id=made.id)


@pages.get("/books/runs/<run_id>", may=SEES_RUNS)
def payment_run(run_id: str) -> Any:
    """What became of each line."""
    found = find(PaymentRun, run_id)
    lines = lines_of_run(found.id)
    return page(
        "books/run.html",
        run=found,
        rows=lines,
        methods=METHODS,
        kind_of=FLOWS,
        paid=total(each.amount for each in lines if each.is_paid),
        unpaid=total(each.amount for each in lines if not each.is_paid),
        unnamed=[each for each in lines if each.is_paid and not each.number],
        is_open=any(each.is_open for each in lines),
        is_mine=found.by_id == me().id,
        pays=PAYS.allows(my_posts()),
        links=readable([each.case_id for each in lines], my_posts()),
    )


@pages.post("/books/runs/<run_id>/go-on", may=PAYS)
def run_on(run_id: str) -> Any:
    """A run that was broken off goes on."""
    found = find(PaymentRun, run_id)
    confirm_first()
    go_on(me(), found.id)
    return go("books.payment_run", run_id=found.id)


@pages.get("/books/runs/<run_id>/bank", may=PAYS)
def run_for_bank(run_id: str) -> Response:
    """What was paid, as the bank takes it: in whose name, bank, account, amount, text."""
    found = find(PaymentRun, run_id)
    kind = asked("export", ("csv", "xlsx"), "xlsx")
    rows = ([n, *_bank_cells(each)] for n, each in enumerate((each for each in lines_of_run(found.id) if each.is_paid), 1))
    return sent(exports.table(f"{found.number}", _BANK_COLUMNS, rows, kind, languages.here))


_BANK_COLUMNS = [
    _("No."), _("In whose name"), _("Bank"), _("Account number"), _("Amount"), _("Text"), _("Reference"), _("Payee"), _("Paper"),
]  # fmt: skip


def _bank_cells(each: RunLine) -> list[Any]:
    told = [each.holder, each.bank, each.number, each.amount, each.text or each.title]
    return [*told, each.reference, each.payee, each.case_number]


# ---- lines that stand apart -----------------------------------------------------------------------------------------


@pages.get("/books/confirmations", may=CONFIRMS)
def confirmations() -> Any:
    """The lines of those with a part in their paper, for who may confirm them; nothing of accounts."""
    found = apart_for(me().id, my_posts())
    return page(
        "books/confirmations.html",
        rows=found,
        kind_of=FLOWS,
        links=readable([each.case_id for each in found], my_posts()),
        of_gm=not holds(gm),
    )


@pages.post("/books/confirmations/<payable_id>", may=CONFIRMS)
def confirm(payable_id: str) -> Any:
    payable = find(Payable, payable_id)
    confirm_first()
    confirm_line(me(), payable.id)
    tell(_("The line of %(payee)s may be paid now.", payee=payable.payee))
    return go("books.confirmations")


# ---- the voucher of a payment ---------------------------------------------------------------------------------------


@pages.get("/books/payments/<entry_id>", may=everyone)
def payment_voucher(entry_id: str) -> Any:
    """To print and to sign, for who may read the paper; the account only for the cashier and whose it is."""
    entry = find(CashEntry, entry_id)
    if entry.payable_id is None:
        raise NotThere()
    case, payable = find_case(entry.case_id), entry.payable
    posting = Posting.find("entry_id = ?", entry.id)
    return page(
        "books/payment_voucher.html",
        case=case,
        entry=entry,
        payable=payable,
        amount=-entry.amount,
        capitals=in_capitals(-entry.amount),
        method=METHODS[entry.method],
        flow=FLOWS[case.kind],
        posted=posting.voucher.number if posting else "",
        sees_account=holds(cashier) or payable.person_id == me().id,
        now=clock.now(),
        printer=me().called,
    )
