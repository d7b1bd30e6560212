"""What the shop shows at a moment: which products stand on the shelf, and what each costs then, promotions included.

Nothing of it is stored: it follows from the prices published, the promotions applied, the shelf and the stock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from portal import clock, db
from portal.money import Money

IS_UP = "p.up_at IS NOT NULL AND p.up_at <= ? AND NOT p.is_archived AND a.put - a.taken > 0"  # on `p` and its account `a`
UP_IN_ORDER = IS_UP.replace("p.up_at", "+p.up_at")  # the sign keeps to the order of a list: most products are up
OWN_PRICE = "(SELECT r.fen FROM prices r WHERE r.product_id = p.id AND r.from_at <= ? ORDER BY r.from_at DESC, r.id DESC LIMIT 1)"
_OWN = f"SELECT p.id, {OWN_PRICE} FROM products p WHERE p.id IN (%s)"
IN_FORCE = """
s.starts_at <= ? AND s.ends_at > ? AND (s.cancelled_at IS NULL OR s.cancelled_at > ?)
AND NOT EXISTS (SELECT 1 FROM treatments t JOIN promotion_plans l ON l.case_id = t.plan_id
    WHERE t.case_id = s.case_id AND l.target = 'distribution')
"""  # of special prices `s`; what distribution customers pay is not the shop's price (PRO-06)
_RUNNING = f"""
SELECT s.product_id, s.case_id, s.fen, s.gift, s.ends_at FROM special_prices s WHERE s.product_id IN (%s) AND {IN_FORCE}
ORDER BY s.product_id, s.id
"""


class Shown(NamedTuple):
    """What a product costs at a moment. `own`: its published price; `price`: what the shop asks, the best that is in force;
    `case`: the treatment that price comes from, until `until`; `gifts`: each with the treatment it comes from."""

    product: int
    own: Money | None
    price: Money | None
    case: int | None = None
    until: datetime | None = None
    gifts: tuple[tuple[str, int], ...] = ()

    @property
    def is_special(self) -> bool:
        return self.case is not None


def shown_prices(product_ids: Iterable[int], at: datetime | None = None) -> dict[int, Shown]:
    """The prices of these products at that moment (now), in two statements. The best price wins; between equals the product's
    own, then the treatment applied first."""
    chosen, when = sorted(set(product_ids)), db.to_ms(at or clock.now())
    return with_specials(dict(db.rows(_OWN % db.marks(chosen), when, *chosen)), when) if chosen else {}


def with_specials(own: Mapping[int, int | None], when: int) -> dict[int, Shown]:
    """The same where the own prices at that moment are known already, by product, in one statement."""
    chosen = sorted(own)
    running: dict[int, list[tuple[Any, ...]]] = {}
    for product, *special in db.rows(_RUNNING % db.marks(chosen), *chosen, when, when, when) if chosen else ():
        running.setdefault(product, []).append(tuple(special))
    return {product: _shown(product, own[product], running.get(product, [])) for product in chosen}


def shown_price(product_id: int, at: datetime | None = None) -> Shown:
    return shown_prices([product_id], at)[product_id]


def _shown(product: int, own: int | None, running: list[tuple[Any, ...]]) -> Shown:
    gifts = tuple((gift, case) for case, _fen, gift, _ends in running if gift)
    if own is None:
        return Shown(product, None, None, gifts=gifts)
    best, best_case, until = own, None, None
    for case, fen, _gift, ends in running:
        if fen is not None and fen < best:
            best, best_case, until = fen, case, db.from_ms(ends)
    return Shown(product, Money(own), Money(best), best_case, until, gifts)
