"""Deliveries that are late are told once to those who can ask the supplier (SUP-06)."""

from __future__ import annotations

from datetime import time, timedelta

from portal import access, clock, db, notices
from portal.cases import Case
from portal.jobs import job
from portal.purchasing.models import Order
from portal.purchasing.models_orders import RECEIVING
from portal.purchasing.models_quotes import as_stored
from portal.words import Words, _, _n

_LATE = f"""
SELECT k.id FROM orders r JOIN cases k ON k.id = r.case_id
WHERE k.kind = 'order' AND k.state IN ({db.marks(RECEIVING)}) AND r.deliver_by < ? AND r.told_late IS NULL ORDER BY k.id
"""


@db.transaction
def tell_late() -> int:
    """Tells the office clerks and the buyers of each order past its day, once; another day of delivery begins anew. Answers how
    many orders."""
    late = db.rows(_LATE, *RECEIVING, as_stored(clock.today()))
    buyers = {each.id for role in ("office_clerk", "purchaser") for each in access.holders(role)}
    for (case_id,) in late:
        case, order = Case.get_by_id(case_id), Order.get_by_id(case_id)
        text = _(
            "%(number)s is late: %(supplier)s was to deliver by %(day)s.",
            number=case.number or "", supplier=order.supplier.name, day=order.deliver_by,
        )  # fmt: skip
        notices.tell(buyers | {case.requester_id}, "late", text, case)
        Order.update(told_late=clock.now()).where(Order.case == case).execute()
    return len(late)


@job("late_deliveries", every=timedelta(days=1), at=time(8), about=_("Tells the office and the buyers of late deliveries"))
def tell_daily() -> Words:
    return _n("%(n)s delivery is late.", "%(n)s deliveries are late.", tell_late())
