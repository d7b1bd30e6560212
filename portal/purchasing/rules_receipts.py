"""Receipts: what came is compared with the order, and what is good is on the shelf at once (SUP-09, SUP-17, SUP-18)."""

from __future__ import annotations

from portal import clock, db
from portal.flow import Act
from portal.purchasing.models import OrderLine, Receipt, ReceiptLine
from portal.purchasing.models_orders import Received, receipt_count
from portal.refused import SomebodyWasFirst
from portal.stock.models import STOCK
from portal.stock.rules import stock_comes
from portal.words import _

_ACCEPT = "UPDATE order_lines SET accepted = accepted + ? WHERE id = ? AND accepted + closed + ? <= quantity"


def receive(act: Act) -> None:
    """Puts what is good on the shelf at once; what failed is neither stock nor payable, and may still come (SUP-09, 17, 18)."""
    given: Received = act.given
    n = receipt_count(act.case) + 1
    receipt = Receipt.add(
        case=act.case, n=n, day=given.day, delivery_note=given.delivery_note, by=act.person, at=clock.now()
    )  # fmt: skip
    came: dict[int, int] = {}
    accounts: dict[int, int] = {}
    for line in act.lines:
        if line.id not in given.lines:
            continue
        received, accepted, failure = given.lines[line.id]
        if db.run(_ACCEPT, accepted, line.id, received).rowcount != 1:
            raise SomebodyWasFirst(_("Somebody else entered a receipt meanwhile. Reload to see it."))
        ReceiptLine.add(receipt=receipt, line=line, received=received, accepted=accepted, failure=failure)
        if accepted:
            came[line.item_id] = came.get(line.item_id, 0) + accepted
            accounts[line.item_id] = line.item.account_id
    for item, account in sorted(accounts.items(), key=lambda pair: pair[1]):
        STOCK.put(account, came[item], act.case, act.person, _("Received on %(number)s", number=act.case.number or ""))
    act.data |= {"receipt": n} | ({"failed": failed} if (failed := _failed(given)) else {})
    stock_comes(accounts)


def _failed(given: Received) -> int:
    return sum(received - accepted for received, accepted, _failure in given.lines.values())


def all_came(act: Act) -> bool:
    return not any(line.open for line in OrderLine.where("case_id = ? AND version = ?", act.case.id, act.case.version))
