"""What an application holds on its budget line: what of it is on no order yet, and what its order lines still need."""

from __future__ import annotations

from portal import db
from portal.budget.models import BUDGET, exception_of
from portal.cases import Case
from portal.money import Money
from portal.persons import Person
from portal.purchasing.models import Purchase
from portal.purchasing.models_invoices import LIVE
from portal.refused import Refused
from portal.words import _

_NEEDED = """
SELECT COALESCE((SELECT SUM(l.pool) FROM purchase_lines l WHERE l.case_id = k.id AND l.version = k.version), 0),
       COALESCE((SELECT SUM(o.held) FROM order_lines o JOIN purchase_lines l ON l.id = o.wanted_id WHERE l.case_id = k.id), 0)
FROM cases k WHERE k.id = ?
"""


_DECIDED = f"""
SELECT COALESCE(SUM(v.counted), 0), COALESCE(SUM(CASE WHEN i.settled_at IS NULL THEN v.payable ELSE 0 END), 0)
FROM supplier_invoice_lines v JOIN supplier_invoices i ON i.case_id = v.case_id
JOIN cases c ON c.id = v.case_id AND c.version = v.version
WHERE v.line_id = ? AND v.payable IS NOT NULL AND (c.id = ? OR c.state IN ({",".join(f"'{each}'" for each in LIVE)}))
"""


def decided_on(line_id: int, invoice_id: int = 0) -> tuple[int, Money]:
    """Of how many units of a line of an order it is settled what is paid, and what of that is not paid yet; with this invoice."""
    counted, due = db.row(_DECIDED, line_id, invoice_id)  # type: ignore[misc]
    return int(counted), Money(int(due))


def needed_by(case_id: int) -> Money:
    """What the application still needs: the estimate of what is on no order, and what its orders may still cost."""
    pool, held = db.row(_NEEDED, case_id)  # type: ignore[misc]
    return Money(int(pool) + int(held))


def held_by(case: Case) -> Money:
    return Money(sum(each.amount for each in BUDGET.holds_of(case)))


def hold_what_is_needed(case: Case, by: Person | None) -> None:
    """Holds more where a price is above the estimate, and gives back what is needed no more; what an exception covers is given
    back with the whole, when the application ends. Raises Refused where the line has too little left."""
    line = Purchase.get_by_id(case.id).line
    assert line is not None, "an approved application names its line"
    now, needed = held_by(case), needed_by(case.id)
    if needed > now:
        if BUDGET.try_hold(line.account_id, needed - now, case, by) is None:
            raise Refused(
                _(
                    "%(number)s: %(more)s more than estimated is needed, and its budget line has %(left)s left. Order less, or "
                    "return the application to be approved at the new price.",
                    number=case.number or "", more=Money(needed - now), left=max(line.free(), Money(0)),
                )
            )  # fmt: skip
    elif needed < now and exception_of(case) is None:
        for hold in BUDGET.holds_of(case):
            BUDGET.release(hold.id, by)
        if needed:
            BUDGET.hold(line.account_id, needed, case, by)


def take_for(case: Case, amount: Money, by: Person | None) -> None:
    """Takes what was paid from what the application holds, the oldest hold first."""
    left = amount
    for hold in BUDGET.holds_of(case):
        if left:
            part = min(left, Money(hold.amount))
            BUDGET.take(hold.id, part, by, more_follows=True)
            left -= part
    if left:
        raise Refused(_("%(number)s holds too little for this invoice: nothing was paid.", number=case.number or ""))
