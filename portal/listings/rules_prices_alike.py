"""Prices of many products changed alike, by a percentage: one proposal, which the director strikes line by line (PRI-02)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal import contents, db
from portal.cases import Case
from portal.listings.models import Product
from portal.listings.models_prices import LEAST_PERCENT, MOST_PERCENT, Changeable, price_content
from portal.listings.rules_prices import PRICE
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import _


@dataclass(frozen=True)
class Alike:
    """By so many percent, rounded to so many fen."""

    percent: int
    to: int = 1

    def of(self, fen: int) -> int:
        """The new price, half of what it is rounded to going up; at least one of it, so that nothing comes to be free."""
        return max((fen * (100 + self.percent) * 2 + 100 * self.to) // (200 * self.to), 1) * self.to


@db.transaction
def propose_alike(
    person: Person, found: Sequence[Changeable], alike: Alike, title: str, cause: str, reason: str, note: str, token: str
) -> Case:
    """A draft with a line for each that can change and comes to another price. The same token answers the draft made first."""
    if known := Case.find("token = ? AND requester_id = ?", token, person.id):
        return known
    least, most = LEAST_PERCENT, MOST_PERCENT
    if not alike.percent or not least <= alike.percent <= most:
        raise Mistyped(_("Write a whole number from %(least)s to %(most)s, but not 0.", least=least, most=most), "percent")
    wanted = {each.id: alike.of(each.own) for each in found if each.own is not None and not each.stands_in}
    changing = {each.id: wanted[each.id] for each in found if each.id in wanted and wanted[each.id] != each.own}
    if not changing:
        raise Mistyped(_("No price changes by that."), "percent")
    products = {each.id: each for each in Product.where(f"id IN ({db.marks(changing)})", *changing)}
    prices = {products[key]: fen for key, fen in changing.items()}
    return contents.create(PRICE, person, price_content(title, cause, reason, note, prices), token)
