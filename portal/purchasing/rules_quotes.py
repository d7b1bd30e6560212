"""How quotes are entered and withdrawn; never changed, so that one always sees what an order was chosen from (SUP-08)."""

from __future__ import annotations

from typing import Any

from portal import access, clock, db, history
from portal.access import any_of, office_clerk, office_manager, purchaser
from portal.money import HIGHEST
from portal.persons import Person
from portal.purchasing.models import Quote
from portal.purchasing.models_quotes import LONGEST, MOST_DAYS, MOST_DELIVERY_DAYS, Quoted, standing_terms
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from portal.supplies.models import Supplier
from portal.supplies.models_catalogue import Entry, entry_of
from portal.supplies.models_papers import MOST_OF_A_PACK
from portal.words import _

ENTERS = any_of(office_clerk, office_manager, purchaser)


def only_who_buys(person: Person) -> None:
    """Raises NotYours for whoever enters no quotes."""
    if not ENTERS.allows(access.posts_of(person)):
        raise NotYours(_("Only the office and the buyers enter and withdraw quotes."))


@db.transaction
def enter_quote(person: Person, quoted: Quoted, token: str | None = None) -> Quote:
    """A quote that stands from now on. The same token with the same terms answers the quote made first."""
    only_who_buys(person)
    if token and (before := Quote.find("token = ?", token)):
        return _entered_before(before, person, quoted)
    entry = entry_of(quoted.item_id)
    quoted = quoted.in_packs_of(entry) if entry else quoted
    check_quote(quoted, Supplier.find("id = ?", quoted.supplier_id), entry)
    if quoted.terms() in standing_terms([quoted.item_id]):
        raise Mistyped(_("The same quote stands already."), "price")
    return write_quote(person, quoted, token)


def _entered_before(before: Quote, person: Person, quoted: Quoted) -> Quote:
    entry = entry_of(quoted.item_id)
    if before.by_id != person.id or entry is None or terms_of(before) != quoted.in_packs_of(entry).terms():
        raise Refused(_("This form was sent before with other contents. Open a new form."))
    return before


def terms_of(quote: Quote) -> tuple[Any, ...]:
    told = {name: getattr(quote, name) for name in ("supplier_id", "item_id", "price", "pack", "per_pack", "delivery_days")}
    return Quoted(valid_from=quote.valid_from, valid_until=quote.valid_until, **told).terms()


def write_quote(person: Person, quoted: Quoted, token: str | None = None) -> Quote:
    """Within the transaction of who has checked it."""
    made = Quote.add(
        supplier=quoted.supplier_id, item=quoted.item_id, price=quoted.price, pack=quoted.pack, per_pack=quoted.per_pack,
        valid_from=quoted.valid_from, valid_until=quoted.valid_until, delivery_days=quoted.delivery_days, note=quoted.note,
        by=person, at=clock.now(), token=token,
    )  # fmt: skip
    history.record(made, "enter", person, data={"terms": list(quoted.terms())})
    return made


def check_quote(quoted: Quoted, supplier: Supplier | None, entry: Entry | None) -> None:
    """Raises Mistyped, with the field, for what cannot be a quote."""
    if supplier is None:
        raise Mistyped(_("Choose one of the list."), "supplier")
    if not supplier.active:
        raise Mistyped(_("%(name)s is not in use any more.", name=supplier.name), "supplier")
    if entry is None:
        raise Mistyped(_("Choose one of the list."), "item")
    if not entry.active:
        raise Mistyped(_("%(item)s is not in use any more.", item=entry.called), "item")
    if not 0 < quoted.price < HIGHEST:
        raise Mistyped(_("The amount must be more than zero."), "price")
    _check_pack(quoted, entry)
    _check_days(quoted)
    if quoted.delivery_days is not None and not 0 <= quoted.delivery_days <= MOST_DELIVERY_DAYS:
        raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=0, most=MOST_DELIVERY_DAYS), "delivery_days")
    for field, most in LONGEST.items():
        if len(getattr(quoted, field)) > most:
            why = _("At most %(most)s characters; these are %(are)s.", most=most, are=len(getattr(quoted, field)))
            raise Mistyped(why, field)


def _check_pack(quoted: Quoted, entry: Entry) -> None:
    if quoted.per_pack is None or not 1 <= quoted.per_pack <= MOST_OF_A_PACK:
        raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=1, most=MOST_OF_A_PACK), "per_pack")
    if quoted.per_pack > 1 and quoted.pack in ("", entry.unit):
        raise Mistyped(_("Name the unit it is bought in: it holds several."), "pack")
    if quoted.per_pack == 1 and quoted.pack != entry.unit:
        raise Mistyped(_("Say how many %(unit)s one %(pack)s holds.", unit=entry.unit, pack=quoted.pack), "per_pack")


def _check_days(quoted: Quoted) -> None:
    if quoted.valid_until < quoted.valid_from:
        raise Mistyped(_("It ends before it begins."), "valid_until")
    if quoted.valid_until < clock.today():
        raise Mistyped(_("It is over already."), "valid_until")
    if (quoted.valid_until - quoted.valid_from).days > MOST_DAYS:
        raise Mistyped(_("A quote is valid for three years at most."), "valid_until")


@db.transaction
def withdraw_quote(person: Person, quote_id: int, reason: str) -> Quote:
    """From now on it is offered no more; orders that were made of it keep their price."""
    only_who_buys(person)
    if not reason:
        raise Mistyped(_("Say why it is withdrawn."), "reason")
    if len(reason) > 200:
        raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=200, are=len(reason)), "reason")
    quote = Quote.get_by_id(quote_id)
    if quote.withdrawn_at is None and quote.valid_until < clock.today():
        raise Refused(_("It is over already."))
    told = {"withdrawn_at": clock.now(), "withdrawn_by": person, "withdrawn_because": reason}
    if Quote.update(**told).where(Quote.id == quote.id, Quote.withdrawn_at.is_null()).execute() != 1:
        raise SomebodyWasFirst(_("Somebody else withdrew this quote first. Reload to see it."))
    history.record(Quote.get_by_id(quote.id), "withdraw", person, note=reason)
    return Quote.get_by_id(quote.id)
