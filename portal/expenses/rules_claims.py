"""Claims: what was spent on an approved request is repaid against invoices, net of what was advanced (FIN-05, 12, 13, 16, 17)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from portal import attachments, checks, clock, db, steps
from portal.access import cashier, chief_accountant, exec_in_charge, gm, requester
from portal.books.models import CashEntry, payables_of, title_of_category
from portal.books.rules_payments import Owed, owe, partly_paid, pay_step, withdraw_payables
from portal.books.rules_vouchers import BOOKINGS, Booking, Side, on, post_part_step, post_step
from portal.budget.models import BUDGET, BudgetLine, known
from portal.budget.rules import READERS
from portal.cases import Case, lines_of
from portal.contents import Content
from portal.expenses.models import Spending
from portal.expenses.models_money import (
    ADVANCES,
    Claim,
    ClaimLine,
    Covered,
    advances_on,
    claimed_by_line,
    covered_by,
    standing,
)
from portal.expenses.rules_advances import is_for, recall_advances, recorded_the_consent, settle_advances
from portal.flow import BACK, IN_TIME, REJECT, RETURN, WITHDRAW, Act, Either, Flow, concerned, during, objection, state, step
from portal.money import HIGHEST, Money, total
from portal.persons import Person
from portal.refused import Mistyped, Refused
from portal.words import Words, _

MOST_LINES = 100


# ---- what is typed --------------------------------------------------------------------------------------------------


def claim_content(request: Case, lines: list[dict[str, Any]], is_last: bool = True, title: str = "") -> Content:
    """The contents of a claim: what was spent on the request, line by line."""
    amount = total(Money(line["amount"]) for line in lines)
    return Content(title or f"{request.number} {request.title}"[:120], {"request": request, "is_last": is_last}, lines, amount, request.department)


def check_claim(person: Person, content: Content) -> None:
    """What may stand in a draft: it may lack something, but nothing in it may be wrong."""
    request = content.detail["request"]
    if not isinstance(request, Case) or request.kind != "spending" or not is_for(request, person):
        raise Mistyped(_("Choose one of your own approved requests."), "request")
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")
    for line in content.lines:
        _check_line(line)
    if content.amount is not None and content.amount >= HIGHEST:
        raise Mistyped(_("Amounts stay below 10,000,000,000."), "lines")


def _check_line(line: dict[str, Any]) -> None:
    if not line["text"] or len(line["text"]) > 200:
        raise Mistyped(_("Say what each line is for, in at most %(most)s characters.", most=200), "lines")
    if line["amount"] <= 0:
        raise Mistyped(_("Write an amount above zero."), "lines")
    if line["day"] > clock.today():
        raise Mistyped(_("Write the day it was spent, not one to come."), "lines")
    if len(line.get("invoice_code", "")) > 20 or len(line.get("invoice_number", "")) > 30:
        raise Mistyped(_("That is no number of an invoice: it is too long."), "lines")


# ---- guards of submission -------------------------------------------------------------------------------------------


@objection(_("the request was not approved"))
def no_approved_request(act: Act) -> Words | None:
    """FIN-13: without an approval slip nothing is repaid. Consent by telephone lets one prepare the claim."""
    request = act.paper.request
    if request.state in ("approved", "provisional"):
        return None
    return _(
        "%(number)s is not approved: spending without an approval slip is not repaid; who spent it bears it.",
        number=request.number or request.title,
    )


@objection(_("something was spent before the approval"))
def spent_before_approval(act: Act) -> Words | None:
    """FIN-13, BEX-01: the day of the approval itself counts as after it."""
    first = {each.line_id: each.approved_on for each in reversed(covered(act.paper.request_id))}
    for line in act.lines:
        approved_on = first.get(line.line_id)
        if approved_on and line.day < approved_on:
            return _(
                "Line %(n)s was spent on %(day)s, before the approval of %(approved)s: it is not repaid.",
                n=line.n, day=line.day, approved=approved_on,
            )  # fmt: skip
    return None


def covered(request_id: int) -> list[Covered]:
    return covered_by(request_id, ("approved", "provisional"))


@objection(_("a line lacks its invoice"))
def invoice_missing(act: Act) -> Words | None:
    """FIN-12: an invoice a line, with its number and its file; none where the general manager accepted that at approval (BEX)."""
    if not act.lines:
        return _("Write at least one line with an amount.")
    if Spending.get_by_id(act.paper.request_id).no_invoice:
        return None
    here = {each.id for each in attachments.of("case", act.case.id)}
    for line in act.lines:
        if not line.invoice_number:
            return _("Line %(n)s has no invoice number: what has no invoice is not repaid.", n=line.n)
        if line.file_id not in here:
            return _("Line %(n)s has no invoice attached: what has no invoice is not repaid.", n=line.n)
    return None


@objection(_("it is more than was approved"))
def above_approved(act: Act) -> Words | None:
    """FIN-13: an excess needs a supplementary request, approved before it is paid."""
    allowed: dict[int, Money] = {}
    for each in covered(act.paper.request_id):
        allowed[each.line_id] = allowed.get(each.line_id, Money(0)) + each.amount
    claimed = claimed_by_line(act.paper.request_id, act.case.id)
    for line_id, amount in by_line(act.lines).items():
        left = allowed.get(line_id, Money(0)) - claimed.get(line_id, Money(0))
        if amount > left:
            return _(
                "%(line)s: %(amount)s is claimed and %(left)s is left of what was approved. The excess needs a supplementary request.",
                line=known(line_id).called, amount=amount, left=max(left, Money(0)),
            )  # fmt: skip
    return None


def by_line(lines: list[ClaimLine]) -> dict[int, Money]:
    """What the lines come to on each budget line."""
    sums: dict[int, Money] = {}
    for line in lines:
        sums[line.line_id] = sums.get(line.line_id, Money(0)) + line.granted
    return sums


@objection(_("an invoice was claimed before"))
def claimed_before(act: Act) -> Words | None:
    """FIN-12: the same invoice, or the same file, is repaid once."""
    for line in act.lines:
        if earlier := earlier_claim(line.invoice_code, line.invoice_number, line.file and line.file.sha256, act.case.id):
            return _("The invoice of line %(n)s was claimed before, on %(number)s.", n=line.n, number=earlier.number or "")
    return None


def earlier_claim(code: str, number: str, sha256: str | None, besides: int = 0) -> Case | None:
    """The claim that has this invoice or this file already."""
    sql = """SELECT case_id FROM claimed_invoices WHERE code = ? AND number = ? AND case_id <> ?
             UNION SELECT case_id FROM claimed_files WHERE sha256 = ? AND case_id <> ? ORDER BY 1 LIMIT 1"""
    found = db.row(sql, code, number, besides, sha256 or "", besides)
    return Case.get_by_id(found[0]) if found else None


# ---- guards of those who decide, check and pay ----------------------------------------------------------------------


@objection(_("the consent by telephone is not confirmed"))
def consent_not_confirmed(act: Act) -> Words | None:
    """FIN-15: the claim is not signed or paid before the general manager has confirmed."""
    request = act.paper.request
    if request.state == "approved":
        return None
    if request.state == "provisional":
        return _("The general manager has not confirmed the consent by telephone on %(number)s.", number=request.number or "")
    return _("%(number)s is not approved any more: nothing further is paid on it.", number=request.number or "")


@objection(_("the lines do not come to the total"))
def sums_differ(act: Act) -> Words | None:
    if total(line.amount for line in act.lines) != act.case.amount:
        return _("The lines do not come to the total. Return it to be corrected.")
    return None


# ---- what is given --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Granted:
    """What the general manager grants of each line: its number -> the amount; lines not named are granted in full."""

    lines: tuple[tuple[int, Money], ...] = ()

    def why_not(self, act: Act) -> None:
        known_lines = {line.n: line for line in act.lines}
        for n, amount in self.lines:
            if n not in known_lines or not 0 <= amount <= known_lines[n].amount:
                raise Mistyped(_("From 0 up to what is claimed can be approved of a line."), f"line_{n}")
        if not any(dict(self.lines).get(line.n, line.amount) for line in act.lines):
            raise Mistyped(_("Nothing would be left of it: reject the claim instead."))


@dataclass(frozen=True)
class Checklist:
    """What the cashier has looked at (FIN-05, FIN-17): kept with name and time."""

    approval_seen: bool = False
    sums_agree: bool = False
    receipts_valid: bool = False

    def why_not(self, act: Act) -> None:
        for field, why in _CHECKED.items():
            if not getattr(self, field):
                raise Mistyped(why, field)


_CHECKED = {
    "approval_seen": _("Tick that the approval is present, or return the claim."),
    "sums_agree": _("Tick that the sums agree, or return the claim."),
    "receipts_valid": _("Tick that the receipts are valid and complete, or return the claim."),
}


# ---- effects --------------------------------------------------------------------------------------------------------


def use_invoices(act: Act) -> None:
    """Takes the invoices and files for this claim; the schema lets nobody else have them."""
    for line in act.lines:
        if line.invoice_number:
            _use("claimed_invoices (code, number, case_id) VALUES (?, ?, ?)", line.invoice_code, line.invoice_number, act.case.id)
        if line.file_id:
            _use("claimed_files (sha256, case_id) VALUES (?, ?)", line.file.sha256, act.case.id)


def _use(what: str, *values: Any) -> None:
    if not db.run(f"INSERT INTO {what} ON CONFLICT DO NOTHING", *values).rowcount:
        raise Refused(_("An invoice stands twice, or was claimed before: an invoice is repaid once, on one line."))


def free_invoices(act: Act) -> None:
    """The invoices of a claim that was refused or is written anew may be claimed again."""
    for table in ("claimed_invoices", "claimed_files"):
        db.run(f"DELETE FROM {table} WHERE case_id = ?", act.case.id)


def grant_lines(act: Act) -> None:
    """What is approved of each line."""
    cut = dict(act.given.lines) if act.given else {}
    for line in act.lines:
        ClaimLine.update(approved=cut.get(line.n, line.amount)).where(ClaimLine.id == line.id).execute()
    if cut:
        act.data["approved"] = total(cut.get(line.n, line.amount) for line in act.lines)


def settle_against_advance(act: Act) -> None:
    """The cashier's check settles what is paid: what was granted, less what is open of the request's advances, which the claim
    now holds. The rest goes on the queue."""
    granted = total(line.granted for line in act.lines)
    given: Checklist = act.given
    from_advance = _hold_advances(act, granted)
    Claim.update(
        approved=granted, from_advance=from_advance, checked_by=act.person, checked_at=clock.now(), approval_seen=given.approval_seen,
        sums_agree=given.sums_agree, receipts_valid=given.receipts_valid,
    ).where(Claim.case == act.case).execute()  # fmt: skip
    act.data |= {"approved": granted, "from_advance": from_advance}
    if granted > from_advance:
        who = act.case.beneficiary
        owe(act.case, [Owed(who.name, Money(granted - from_advance), who, text=act.case.title)])
    else:
        finish(act)


def _hold_advances(act: Act, granted: Money) -> Money:
    held = Money(0)
    for advance in advances_on(act.paper.request_id, ("paid", "outstanding")):
        part = min(standing(advance).open, granted - held)
        if part > 0:
            assert advance.account_id is not None
            ADVANCES.hold(advance.account_id, part, act.case, act.person)
            held += part
    return held


def unsettle(act: Act) -> None:
    """Going back from the queue: what the claim held of the advances is open again, and nothing is payable."""
    withdraw_payables(act)
    for hold in ADVANCES.holds_of(act.case):
        ADVANCES.release(hold.id, act.person)
    Claim.update(approved=None, from_advance=0, checked_by=None, checked_at=None, approval_seen=False, sums_agree=False,
                 receipts_valid=False).where(Claim.case == act.case).execute()  # fmt: skip


def finish_when_paid(act: Act) -> None:
    if nothing_to_pay(act):
        finish(act)


def finish(act: Act) -> None:
    """Paid in full: the advances it settled are claimed, the budget is used, and after the last claim the request is closed."""
    for hold in ADVANCES.holds_of(act.case):
        ADVANCES.take(hold.id, hold.amount, act.person)
    for line_id, amount in sorted(by_line(act.lines).items()):
        if amount:
            _take_budget(act, line_id, amount)
    request_id = act.paper.request_id
    settle_advances(request_id)
    if act.paper.is_last and not _others_under_way(act):
        for each in covered(request_id):
            case = Case.get_by_id(each.case_id)
            steps.take(None, case.id, "close", (case.state, case.version))
        recalled = recall_advances(request_id)
        act.data |= {"recalled": [each.number for each in recalled]} if recalled else {}


def _others_under_way(act: Act) -> bool:
    return bool(claimed_under_way(act.paper.request_id, act.case.id))


def claimed_under_way(request_id: int, besides: int = 0) -> list[int]:
    sql = """SELECT k.id FROM claims c JOIN cases k ON k.id = c.case_id
             WHERE c.request_id = ? AND k.id <> ? AND k.state IN ('submitted', 'signed', 'payable') ORDER BY k.id"""
    return [key for (key,) in db.rows(sql, request_id, besides)]


def _take_budget(act: Act, line_id: int, amount: Money) -> None:
    """Takes from what the request and its supplements hold on the line, the oldest first; the rest stays held."""
    line = BudgetLine.get_by_id(line_id)
    left = amount
    for each in covered(act.paper.request_id):
        for hold in BUDGET.holds_of(Case.get_by_id(each.case_id)):
            if left and hold.account_id == line.account_id:
                part = min(left, Money(hold.amount))
                BUDGET.take(hold.id, part, act.person, more_follows=True)
                left -= part
    if left:
        raise Refused(_("%(line)s holds too little for this claim: nothing was paid.", line=line.called))


def nothing_to_pay(act: Act) -> bool:
    return not any(each.open for each in payables_of(act.case))


# ---- the flow -------------------------------------------------------------------------------------------------------

IN_ORDER = [no_approved_request, invoice_missing, spent_before_approval, above_approved, claimed_before]
SUBMIT = step("submit", "submitted", unless=IN_ORDER, look="primary", rules=["FIN-12", "FIN-13", "FIN-16"])
SIGN = step(
    "sign", "signed", confirm=True, unless=[consent_not_confirmed, above_approved], form=Granted, then=[grant_lines], look="primary",
    rules=["FIN-15", "FIN-16"],
)  # fmt: skip
CHECK = step(
    "check", Either(nothing_to_pay, "paid", "payable"), unless=[consent_not_confirmed, sums_differ], form=Checklist,
    then=[settle_against_advance], look="primary", rules=["FIN-05", "FIN-12", "FIN-17"],
)  # fmt: skip
PAY = pay_step(unless=(consent_not_confirmed, recorded_the_consent), then=(finish_when_paid,))
BACK_FROM_QUEUE = step("return", BACK, note=True, unless=[partly_paid], then=[unsettle])
APART = [concerned]

CLAIM = Flow(
    "claim",
    state("draft", requester, SUBMIT, step("cancel", "cancelled", who=requester, look="quiet"), editable=True),
    state(
        "submitted", gm.or_else(exec_in_charge, chief_accountant), SIGN, RETURN, REJECT, WITHDRAW,
        due=IN_TIME,
    ),
    state("signed", cashier, CHECK, RETURN, REJECT, carries_out=True, apart=APART, due=IN_TIME, label=_("To be checked")),
    state(
        "payable", cashier, PAY, BACK_FROM_QUEUE, post_part_step("payable"), carries_out=True, apart=APART, due=IN_TIME,
        label=_("To be paid"),
    ),
    state(
        "paid", chief_accountant, post_step("posted", apart_from=("sign", "check"), then=(lambda act: settle_advances(act.paper.request_id),)),
        carries_out=True, apart=APART, due=IN_TIME, label=_("Paid"), tone="blue",
    ),
    state("posted", label=_("Posted"), tone="green"),
    state("rejected", tone="red"),
    state("cancelled"),
    prefix="EX",
    label=_("Claim"),
    detail=Claim,
    lines=ClaimLine,
    during=(during("submitted signed payable paid posted", use_invoices, free_invoices),),
    reads=(*READERS, cashier),
    checks=(check_claim,),
    icon="receipt-text",
    about=_("What you spent on an approved request, with its invoices: the general manager signs, the cashier checks and pays."),
    rules=("FIN-05", "FIN-12", "FIN-13", "FIN-16", "FIN-17"),
)  # fmt: skip


def _counter(case: Case, _entry: CashEntry) -> Side:
    return on("staff", Money(0), person_id=case.beneficiary_id)


def _own(case: Case) -> list[Side]:
    """The spending by budget line, against what was advanced and what is owed to the person."""
    claim: Claim = Claim.get_by_id(case.id)
    sides = []
    for line_id, amount in by_line(lines_of(ClaimLine, case)).items():
        line = BudgetLine.get_by_id(line_id)
        title = title_of_category(line.category_id)
        sides.append(Side(title.id, amount, department_id=line.department_id, category_id=line.category_id))
    granted = Money(claim.approved or 0)
    for advance_case_id, amount in _settled_advances(case):
        sides.append(on("advances", -amount, person_id=Case.get_by_id(advance_case_id).requester_id))
    sides.append(on("staff", Money(claim.from_advance) - granted, person_id=case.beneficiary_id))
    return sides


def _settled_advances(case: Case) -> list[tuple[int, Money]]:
    """Of which advances the claim took how much."""
    sql = """SELECT v.case_id, SUM(e.amount) FROM entries e JOIN entries h ON h.id = e.settles_id JOIN advances v ON v.account_id = e.account_id
             WHERE e.verb = 'take' AND e.case_id = ? GROUP BY v.case_id ORDER BY v.case_id"""
    return [(key, Money(int(amount))) for key, amount in db.rows(sql, case.id)]


BOOKINGS["claim"] = Booking(_counter, _own)


# ---- check ----------------------------------------------------------------------------------------------------------

_TAKEN = """
SELECT c.request_id, SUM(c.approved) FROM claims c JOIN cases k ON k.id = c.case_id WHERE k.state IN ('paid', 'posted') GROUP BY c.request_id
"""
_FROM_BUDGET = """
SELECT COALESCE(SUM(e.amount), 0) FROM entries e JOIN accounts a ON a.id = e.account_id AND a.book = 'budget'
WHERE e.verb = 'take' AND e.case_id IN (SELECT case_id FROM spendings WHERE case_id = ? OR supplements_id = ?)
"""
_POSTED = """
SELECT k.number, c.approved, COALESCE((SELECT SUM(l.amount) FROM voucher_lines l JOIN vouchers v ON v.id = l.voucher_id
JOIN titles t ON t.id = l.title_id WHERE v.case_id = k.id AND l.category_id IS NOT NULL AND v.kind = 'paper'), 0)
FROM claims c JOIN cases k ON k.id = c.case_id WHERE k.state = 'posted'
"""


@checks.register
def verify() -> Iterator[str]:
    """A sentence for every request of which the budget says something else than its claims, and every claim posted otherwise."""
    for request_id, claimed in db.rows(_TAKEN):
        (taken,) = db.row(_FROM_BUDGET, request_id, request_id)  # type: ignore[misc]
        if int(claimed) != int(taken):
            yield f"request {Case.get_by_id(request_id).number}: {int(claimed)} claimed, {int(taken)} taken from the budget"
    for number, approved, posted in db.rows(_POSTED):
        if int(approved) != int(posted):
            yield f"claim {number}: {approved} approved, {int(posted)} posted"

