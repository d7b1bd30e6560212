"""Quotes as tests begin with them: what a supplier asks for a pack of an item, entered by the office."""

from __future__ import annotations

from datetime import timedelta

from portal import clock, db, history
from portal.persons import Person
from portal.purchasing.models import Quote
from portal.stock.models import Item
from portal.supplies.models import Supplier


@db.transaction
def quote(
    supplier: Supplier, item: Item, price: int, per_pack: int = 1, since: int = 0, until: int = 30, **more: object
) -> Quote:
    """`price` is in fen; it holds from `since` days from today on until `until` days from today."""
    by, today = Person.get(Person.user == "sam"), clock.today()
    told = {"pack": "盒" if per_pack > 1 else item.unit, "per_pack": per_pack, "by": by, "at": clock.now()}
    told |= {"valid_from": today + timedelta(since), "valid_until": today + timedelta(until)}
    made = Quote.create(supplier=supplier, item=item, price=price, **told | more)
    history.record(made, "enter", by)
    return made
