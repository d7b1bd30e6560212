"""Claims: what was spent on an approved request is repaid against invoices, net of what was advanced (FIN-05, 12, 13, 16, 17)."""

from __future__ import annotations

from typing import Any

from portal import attachments, clock, tasks
from portal.access import cashier, chief_accountant, exec_in_charge, gm, requester
from portal.books.rules_payments import partly_paid, pay_step
from portal.books.rules_vouchers import post_part_step, post_step
from portal.budget.models import known
from portal.budget.rules import READERS
from portal.cases import Case
from portal.contents import Content
from portal.expenses.models import Spending
from portal.expenses.models_claims import Checklist, Granted, earlier_of, lines_of_request, read_for, twice
from portal.expenses.models_money import REQUESTS, Claim, ClaimLine, claimed_by_line, is_open, unconfirmed_part
from portal.expenses.rules_advances import approved_by, is_for, recorded_the_consent
from portal.expenses.rules_instead import IN_STEAD, managers_apart, mark_in_stead
from portal.expenses.rules_settlement import (
    by_line,
    covered,
    finish_when_paid,
    free_invoices,
    grant_lines,
    grants_fall,
    grants_stand,
    nothing_to_pay,
    settle_against_advance,
    unsettle,
    use_invoices,
)
from portal.flow import BACK, IN_TIME, REJECT, RETURN, WITHDRAW, Act, Either, Flow, concerned, during, objection, state, step
from portal.money import HIGHEST, Money, total
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import Words, _

MOST_LINES = 100
CHOOSE = _("Choose one of your own approved requests.")


# ---- what is typed --------------------------------------------------------------------------------------------------


def claim_content(request: Case, lines: list[dict[str, Any]], is_last: bool = True, title: str = "") -> Content:
    """The contents of a claim: what was spent on the request, line by line."""
    amount = total(Money(line["amount"]) for line in lines)
    return Content(
        title or f"{request.number} {request.title}"[:120],
        {"request": request, "is_last": is_last},
        lines,
        amount,
        request.department,
    )


def check_claim(person: Person, content: Content) -> None:
    """What may stand in a draft: it may lack something, but nothing in it may be wrong."""
    request = content.detail["request"]
    if not isinstance(request, Case) or request.kind not in REQUESTS:
        raise Mistyped(CHOOSE, "request")
    if supplemented := Spending.get_by_id(request.id).supplements:
        raise Mistyped(
            _("It belongs to %(number)s: claim on that one.", number=supplemented.number or supplemented.title), "request"
        )
    if not is_for(request, person):
        raise Mistyped(CHOOSE, "request")
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")
    allowed = lines_of_request(request.id)
    for line in content.lines:
        _check_line(line, allowed)
    if content.amount is not None and content.amount >= HIGHEST:
        raise Mistyped(_("Amounts stay below 10,000,000,000."), "lines")


def _check_line(line: dict[str, Any], allowed: set[int]) -> None:
    if len(line["text"]) > 200:
        raise Mistyped(_("Say what each line is for, in at most %(most)s characters.", most=200), "lines")
    if line["amount"] < 0:
        raise Mistyped(_("Write an amount above zero."), "lines")
    if line["day"] and line["day"] > clock.today():
        raise Mistyped(_("Write the day it was spent, not one to come."), "lines")
    if line["line"] is None or line["line"].id not in allowed:
        raise Mistyped(_("Choose a budget line of the request, or of one that supplements it."), "lines")
    if len(line.get("invoice_code", "")) > 20 or len(line.get("invoice_number", "")) > 30:
        raise Mistyped(_("That is no number of an invoice: it is too long."), "lines")


# ---- guards of submission -------------------------------------------------------------------------------------------


@objection(_("the request was not approved"))
def no_approved_request(act: Act) -> Words | None:
    """FIN-13: without an approval slip nothing is repaid. Consent by telephone lets one prepare the claim."""
    request = act.paper.request
    if is_open(request):
        return None
    if request.state == "closed":
        return _(
            "%(number)s is closed: its last claim was settled. New spending needs a new request.", number=request.number or ""
        )
    return _(
        "%(number)s is not approved: spending without an approval slip is not repaid; who spent it bears it.",
        number=request.number or request.title,
    )


@objection(_("a line lacks its day, its text or its amount"))
def incomplete(act: Act) -> Words | None:
    if not act.lines:
        return _("Write at least one line with an amount.")
    for line in act.lines:
        if not (line.day and line.text and line.amount):
            return _("Line %(n)s is not complete: it needs a day, a text and an amount.", n=line.n)
    return None


@objection(_("something was spent before the approval"))
def spent_before_approval(act: Act) -> Words | None:
    return too_early(act.paper.request_id, act.lines)


def too_early(request_id: int, lines: list[ClaimLine]) -> Words | None:
    """FIN-13, BEX-01: the day of the approval itself counts as after it."""
    first = {each.line_id: each.approved_on for each in reversed(covered(request_id))}
    for line in lines:
        approved_on = first.get(line.line_id)
        if approved_on and line.day and line.day < approved_on:
            return _(
                "Line %(n)s was spent on %(day)s, before the approval of %(approved)s: it is not repaid.",
                n=line.n, day=line.day, approved=approved_on,
            )  # fmt: skip
    return None


@objection(_("a line lacks its invoice"))
def invoice_missing(act: Act) -> Words | None:
    """FIN-12: an invoice a line, with its number and its file; none up to what the general manager accepted so at approval."""
    here = {each.id for each in attachments.of("case", act.case.id)}
    bare = [line for line in act.lines if not line.invoice_number or line.file_id not in here]
    accepted = bare_left(act.paper.request_id, act.case.id)
    for line in bare:
        if line.amount <= accepted.get(line.line_id, Money(0)):
            accepted[line.line_id] -= line.amount
        elif not line.invoice_number:
            return _("Line %(n)s has no invoice number: what has no invoice is not repaid.", n=line.n)
        else:
            return _("Line %(n)s has no invoice attached: what has no invoice is not repaid.", n=line.n)
    return None


def bare_left(request_id: int, besides: int) -> dict[int, Money]:
    """What may still be claimed without an invoice by budget line: accepted so at approval, and not claimed so yet."""
    left = {line_id: Money(-amount) for line_id, amount in claimed_by_line(request_id, besides, bare=True).items()}
    for each in covered(request_id):
        if each.no_invoice:
            left[each.line_id] = left.get(each.line_id, Money(0)) + each.amount
    return left


@objection(_("it is more than was approved"))
def above_approved(act: Act) -> Words | None:
    return beyond(act.paper.request_id, act.lines, act.case.id)


def beyond(request_id: int, lines: list[ClaimLine], besides: int) -> Words | None:
    """FIN-13: an excess needs a supplementary request, approved before it is paid."""
    allowed: dict[int, Money] = {}
    for each in covered(request_id):
        allowed[each.line_id] = allowed.get(each.line_id, Money(0)) + each.amount
    claimed = claimed_by_line(request_id, besides)
    for line_id, amount in by_line(lines).items():
        left = allowed.get(line_id, Money(0)) - claimed.get(line_id, Money(0))
        if amount > left:
            return _(
                "%(line)s: %(amount)s is claimed and %(left)s is left of what was approved. "
                "The excess needs a supplementary request.",
                line=known(line_id).called, amount=amount, left=max(left, Money(0)),
            )  # fmt: skip
    return None


@objection(_("an invoice stands on it twice"))
def on_two_lines(act: Act) -> Words | None:
    """FIN-12: an invoice is repaid once, on one line."""
    if lines := twice(act.lines):
        return _("Lines %(one)s and %(other)s are on the same invoice: an invoice is repaid once.", one=lines[0], other=lines[1])
    return None


@objection(_("an invoice was claimed before"))
def claimed_before(act: Act) -> Words | None:
    """FIN-12: the same invoice, or the same file, is repaid once."""
    for line, read in read_for(act.lines):
        if earlier := earlier_of(line, read, act.case.id):
            return _("The invoice of line %(n)s was claimed before, on %(number)s.", n=line.n, number=earlier.number or "")
    return None


# ---- guards of those who decide, check and pay ----------------------------------------------------------------------


@objection(_("the consent by telephone is not confirmed"))
def consent_not_confirmed(act: Act) -> Words | None:
    """FIN-15: the claim is not signed or paid before the general manager has confirmed."""
    request = act.paper.request
    if open_consent := unconfirmed_part(request.id):
        return _(
            "The general manager has not confirmed the consent by telephone on %(number)s.", number=open_consent.number or ""
        )
    gone = _("%(number)s is not approved any more: nothing further is paid on it.", number=request.number or "")
    return None if is_open(request) else gone


@objection(_("what it stands on is not ready for a claim"))
def too_soon(act: Act) -> Words | None:
    return REQUESTS[act.paper.request.kind].why_not_claimed(act)


@objection(_("what it stands on keeps it from being paid"))
def held_up(act: Act) -> Words | None:
    """SUP-15: whatever the paper it stands on says against it, until that is resolved."""
    return REQUESTS[act.paper.request.kind].why_not_paid(act)


@objection(_("the lines do not come to the total"))
def sums_differ(act: Act) -> Words | None:
    if total(line.amount for line in act.lines) != act.case.amount:
        return _("The lines do not come to the total. Return it to be corrected.")
    return None


# ---- the flow -------------------------------------------------------------------------------------------------------

IN_ORDER = [
    too_soon, no_approved_request, incomplete, invoice_missing, spent_before_approval, above_approved, on_two_lines,
    claimed_before,
]  # fmt: skip
SUBMIT = step("submit", "submitted", unless=IN_ORDER, look="primary", rules=["FIN-12", "FIN-13", "FIN-16"])
SIGN = step(
    "sign", "signed", confirm=True, unless=[consent_not_confirmed, held_up, above_approved], form=Granted,
    then=[grant_lines, mark_in_stead], look="primary", rules=["FIN-15", "FIN-16"],
)  # fmt: skip
CHECK = step(
    "check", Either(nothing_to_pay, "paid", "payable"), unless=[consent_not_confirmed, held_up, sums_differ], form=Checklist,
    then=[settle_against_advance], look="primary", rules=["FIN-05", "FIN-12", "FIN-17"],
)  # fmt: skip
PAY = pay_step(unless=(consent_not_confirmed, held_up, recorded_the_consent), then=(finish_when_paid,))
BACK_FROM_QUEUE = step("return", BACK, note=True, unless=[partly_paid], then=[unsettle])
POST = post_step("posted", apart_from=("sign", "check"))


def decided(case: Case) -> set[int]:
    """Who approved its request or signed it: they neither pay nor post it, also not a part of it."""
    return approved_by(Claim.get_by_id(case.id).request) | tasks.signed({"sign"}, case)


APART = [concerned, decided]

CLAIM = Flow(
    "claim",
    state("draft", requester, SUBMIT, step("cancel", "cancelled", who=requester, look="quiet"), editable=True),
    state(
        "submitted", gm.or_else(exec_in_charge, chief_accountant), SIGN, RETURN, REJECT, WITHDRAW,
        apart=[managers_apart], due=IN_TIME,
    ),
    state("signed", cashier, CHECK, RETURN, REJECT, carries_out=True, apart=APART, due=IN_TIME, label=_("To be checked")),
    state(
        "payable", cashier, PAY, BACK_FROM_QUEUE, post_part_step("payable"), carries_out=True, apart=APART, due=IN_TIME,
        label=_("To be paid"),
    ),
    state(
        "paid", chief_accountant, POST,
        carries_out=True, apart=APART, due=IN_TIME, label=_("Paid"), tone="blue",
    ),
    state("posted", label=_("Posted"), tone="green"),
    state("rejected", tone="red"),
    state("cancelled"),
    prefix="EX",
    label=_("Claim"),
    detail=Claim,
    lines=ClaimLine,
    during=(
        during("submitted signed payable paid posted", use_invoices, free_invoices),
        during("signed payable paid posted", grants_stand, grants_fall),
    ),
    reads=(*READERS, cashier),
    checks=(check_claim,),
    marks=IN_STEAD,
    icon="receipt-text",
    about=_("What you spent on an approved request, with its invoices: the general manager signs, the cashier checks and pays."),
    rules=("FIN-05", "FIN-12", "FIN-13", "FIN-16", "FIN-17"),
)  # fmt: skip
