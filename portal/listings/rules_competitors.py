"""What competitors ask, and what the real shop shows: entered as it was seen, never changed (PRI-01, PRI-05, PRI-08)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import BinaryIO

from portal import clock, db, history, imports
from portal.access import any_of, marketing_staff, planner, section_specialist
from portal.attachments import clean_name
from portal.cases import Case
from portal.imports import Row, RowError
from portal.listings.models import CompetitorPrice, Product, ShopFile, ShopPrice
from portal.listings.rules_products import only
from portal.money import HIGHEST, Money
from portal.persons import Person
from portal.refused import Mistyped, NotYours
from portal.words import _

WATCHES = any_of(planner, marketing_staff)
COMPARES = any_of(planner, section_specialist)
MOST = {"competitor": 60, "their_product": 120, "source": 300}
FILE_COLUMNS = {"code": _("SKU"), "price": _("Price")}
FOREIGN = {  # as the shops that many use export them
    "Variant SKU": "code", "Variant Price": "price", "sku": "code", "Regular price": "price", "Sale price": "sale",
    "商品编码": "code", "货号": "code", "售价": "price", "价格": "price", "促销价": "sale",
}  # fmt: skip


@db.transaction
def enter_competitor(
    person: Person, product: Product, texts: dict[str, str], fen: Money | None, seen_on: date | None, case: Case | None = None
) -> CompetitorPrice:
    """A competitor's price as it was seen; `case`: the planner's own draft it is entered with."""
    only(WATCHES, person, _("Only planners and marketing staff enter what competitors ask."))
    if case is not None and (case.kind != "price_proposal" or case.state != "draft" or case.requester_id != person.id):
        raise NotYours(_("It is entered with the own draft of a proposal only."))
    _check_seen(texts, fen, seen_on)
    return CompetitorPrice.create(product=product, fen=fen, seen_on=seen_on, case=case, by=person, at=clock.now(), **texts)


def _check_seen(texts: dict[str, str], fen: Money | None, seen_on: date | None) -> None:
    assert texts.keys() == MOST.keys()
    for name, most in MOST.items():
        if not texts[name]:
            raise Mistyped(_("Fill this in."), name)
        if len(texts[name]) > most:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=most, are=len(texts[name])), name)
    if fen is None or not 0 < fen < HIGHEST:
        raise Mistyped(_("Write an amount in yuan, such as 1200 or 12.50."), "fen")
    if seen_on is None or seen_on > clock.today():
        raise Mistyped(_("It cannot have been seen on a day to come."), "seen_on")


# ---- the real shop --------------------------------------------------------------------------------------------------


def read_shop_file(name: str, stream: BinaryIO, headings: dict[str, str]) -> tuple[list[tuple[str, Money]], list[RowError]]:
    """The prices of a file, by code; and the rows that cannot be read. Raises Mistyped (field "file")."""
    rows = imports.read(name, stream, headings | FOREIGN, FILE_COLUMNS)
    return imports.each((row for row in rows if row.text("price") or row.text("sale")), _read_row)


def _read_row(row: Row) -> tuple[str, Money]:
    """What the shop asks: where it says a price of a promotion too, that one. A row without any price, such as of a further
    picture or of what only holds variants, was left out before."""
    code, typed = row.text("code"), row.text("sale") or row.text("price")
    if not code:
        raise RowError(row.number, "code", _("There is no SKU."))
    try:
        price = Money.parse(typed)
    except ValueError:
        raise RowError(row.number, "price", _("Write an amount in yuan, such as 1200 or 12.50.")) from None
    if not 0 < price < HIGHEST:
        raise RowError(row.number, "price", _("The amount must be more than zero."))
    return code[:40], price


_CODES = "SELECT i.code, p.id FROM products p JOIN items i ON i.id = p.item_id"


@db.transaction
def bring_shop_file(person: Person, name: str, prices: Iterable[tuple[str, Money]]) -> ShopFile:
    """What the real shop shows, to be compared with ours; each file stays."""
    only(COMPARES, person, _("Only planners and section specialists compare with the real shop."))
    file = ShopFile.create(name=clean_name(name), by=person, at=clock.now())
    ours = {code.upper(): product for code, product in db.rows(_CODES)}
    rows = list(prices)
    if not rows:
        raise Mistyped(_("No row of the file has a price."), "file")
    for n, (code, fen) in enumerate(rows, 1):
        ShopPrice.add(file=file, n=n, code=code, product=ours.get(code.upper()), fen=fen)
    history.record(file, "bring", person, data={"rows": len(rows)})
    return file
