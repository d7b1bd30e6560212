"""How a claim is settled: its invoices are used once, advances go before payment, the budget is taken, and the books follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from portal import checks, clock, db, steps
from portal.books.models import CashEntry, payables_of, title_of_category
from portal.books.rules_payments import Owed, owe, withdraw_payables
from portal.books.rules_vouchers import BOOKINGS, Booking, Side, on
from portal.budget.models import BUDGET, BudgetLine
from portal.cases import Case, lines_of
from portal.expenses.models_claims import number_key, numbers_of, read_for
from portal.expenses.models_money import ADVANCES, Claim, ClaimLine, Covered, advances_on, covered_by, standing
from portal.expenses.rules_advances import call_off_unpaid, recall_advances, settle_advances
from portal.flow import Act
from portal.money import Money, total
from portal.refused import Refused
from portal.words import _


def covered(request_id: int) -> list[Covered]:
    return covered_by(request_id)


def by_line(lines: list[ClaimLine]) -> dict[int, Money]:
    """What the lines come to on each budget line."""
    sums: dict[int, Money] = {}
    for line in lines:
        sums[line.line_id] = sums.get(line.line_id, Money(0)) + line.granted
    return sums


def use_invoices(act: Act) -> None:
    """Takes the invoices and files for this claim; the schema lets nobody else have them. A photo may show several invoices."""
    told = {(number_key(number), code) for line, read in read_for(act.lines) for code, number in numbers_of(line, read)}
    use_up(act.case, told, {line.file.sha256 for line in act.lines if line.file_id})


def use_up(case: Case, invoices: Iterable[tuple[str, str]], digests: Iterable[str]) -> None:
    """Takes invoices (key of the number, code) and files (digest) for this paper. Raises Refused where another has them."""
    for number, code in sorted(set(invoices)):
        _use("claimed_invoices (number, code, case_id) VALUES (?, ?, ?)", number, code, case.id)
    for sha256 in sorted(set(digests)):
        _use("claimed_files (sha256, case_id) VALUES (?, ?)", sha256, case.id)


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


def grants_stand(_act: Act) -> None:
    """What was granted with the signature holds while the claim goes on from it."""


def grants_fall(act: Act) -> None:
    """Back before the signature: what was granted is granted anew."""
    ClaimLine.update(approved=None).where(ClaimLine.case == act.case, ClaimLine.version == act.case.version).execute()
    act.case.mark = ""


def settle_against_advance(act: Act) -> None:
    """The cashier's check settles what is paid: what was granted, less what is open of the request's advances, which the claim
    now holds. The rest goes on the queue."""
    granted = total(line.granted for line in act.lines)
    given = act.given
    from_advance = _hold_advances(act, granted)
    Claim.update(
        approved=granted, from_advance=from_advance, checked_by=act.person, checked_at=clock.now(),
        approval_seen=given.approval_seen, sums_agree=given.sums_agree, receipts_valid=given.receipts_valid,
    ).where(Claim.case == act.case).execute()  # fmt: skip
    act.data |= {"approved": granted, "from_advance": from_advance}
    if granted > from_advance:
        who = act.case.beneficiary
        owe(act.case, [Owed(who.name, Money(granted - from_advance), who, text=act.case.title)])
    else:
        finish(act)


def _hold_advances(act: Act, granted: Money) -> Money:
    held = Money(0)
    for advance in advances_on(act.paper.request_id, ("payable", "paid", "outstanding")):
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
    if (act.paper.is_last or last_is_through(request_id)) and not _others_under_way(act):
        for each in covered(request_id):
            case = Case.get_by_id(each.case_id)
            steps.take(None, case.id, "close", (case.state, case.version))
        call_off_unpaid(request_id)
        recalled = recall_advances(request_id)
        act.data |= {"recalled": [each.number for each in recalled]} if recalled else {}


def last_is_through(request_id: int) -> bool:
    """Whether the claim that was to be the last was paid before this one."""
    sql = """SELECT 1 FROM claims c JOIN cases k ON k.id = c.case_id
             WHERE c.request_id = ? AND c.is_last AND k.state IN ('paid', 'posted')"""
    return db.row(sql, request_id) is not None


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
    sql = """SELECT v.case_id, SUM(e.amount) FROM entries e JOIN advances v ON v.account_id = e.account_id
             WHERE e.verb = 'take' AND e.case_id = ? GROUP BY v.case_id ORDER BY v.case_id"""
    return [(key, Money(int(amount))) for key, amount in db.rows(sql, case.id)]


BOOKINGS["claim"] = Booking(_counter, _own)


# ---- check ----------------------------------------------------------------------------------------------------------

_TAKEN = """
SELECT c.request_id, SUM(c.approved) FROM claims c JOIN cases k ON k.id = c.case_id WHERE k.state IN ('paid', 'posted')
GROUP BY c.request_id
"""
_FROM_BUDGET = """
SELECT COALESCE(SUM(e.amount), 0) FROM entries e JOIN accounts a ON a.id = e.account_id AND a.book = 'budget'
WHERE e.verb = 'take' AND e.case_id IN (SELECT case_id FROM spendings WHERE case_id = ? OR supplements_id = ?)
"""
_POSTED = """
SELECT k.number, c.approved, COALESCE((SELECT SUM(l.amount) FROM voucher_lines l JOIN vouchers v ON v.id = l.voucher_id
WHERE v.case_id = k.id AND l.category_id IS NOT NULL AND v.kind = 'paper'), 0)
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
