"""What is on order is told to those who wait for it: when it is sent, when another day is named, when it does not come."""

from __future__ import annotations

from portal import db
from portal.cases import Case
from portal.purchasing.models_quotes import as_day
from portal.purchasing.rules_orders import WHEN_EXPECTED
from portal.supplies.models_expected import ARRIVALS, Arrival
from portal.supplies.rules_expected import tell_expected

_ON_ORDER = """
SELECT o.item_id, r.deliver_by, SUM(o.quantity - o.accepted - o.closed) FROM orders r JOIN cases k ON k.id = r.case_id
JOIN order_lines o ON o.case_id = k.id AND o.version = k.version
WHERE r.sent_at IS NOT NULL AND r.deliver_by IS NOT NULL AND o.quantity > o.accepted + o.closed AND o.item_id IN ({})
GROUP BY o.item_id, r.deliver_by
"""


def on_order(item_ids: list[int]) -> list[Arrival]:
    """What suppliers were told to deliver of these items (SUP-06) and has not come yet."""
    found = db.rows(_ON_ORDER.format(db.marks(item_ids)), *item_ids)
    return [Arrival(item, as_day(day), int(quantity)) for item, day, quantity in found]


def tell_who_waits(order: Case) -> None:
    found = db.rows("SELECT item_id FROM order_lines WHERE case_id = ? AND version = ?", order.id, order.version)
    tell_expected({item for (item,) in found})


ARRIVALS.append(on_order)
WHEN_EXPECTED.append(tell_who_waits)
