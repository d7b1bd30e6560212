"""What people type of a quote: who asks how much for which pack, from when until when; and why one is withdrawn."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField

from portal import clock
from portal.fields import Amount, Choice, Day, PortalForm, Text, Whole, form_key
from portal.purchasing.models_quotes import MOST_DELIVERY_DAYS, Quoted
from portal.supplies.models import Supplier
from portal.supplies.models_catalogue import Entry, catalogue
from portal.supplies.models_papers import MOST_OF_A_PACK
from portal.words import Name, Words, _


def items_to_choose() -> list[tuple[int, Words]]:
    called = "%(code)s %(name)s (%(unit)s)"
    return [(each.id, Words(called, {"code": each.code, "name": each.called, "unit": each.unit})) for each in catalogue()]


def suppliers_to_choose() -> list[tuple[int, Name]]:
    return [(each.id, Name(each.name)) for each in Supplier.where("active ORDER BY name")]


class QuoteForm(PortalForm):
    token = HiddenField(default=lambda: form_key(None))
    supplier = Choice(_("Supplier"), suppliers_to_choose, coerce=int)
    item = Choice(_("Item"), items_to_choose, coerce=int)
    price = Amount(_("Price of a pack"))
    pack = Text(_("Pack"), most=20, needed=False, description=_("Empty: as the catalogue buys it."))
    per_pack = Whole(_("Units per pack"), least=1, most=MOST_OF_A_PACK, needed=False)
    valid_from = Day(_("Valid from"), default=clock.today)
    valid_until = Day(_("Valid until"))
    delivery_days = Whole(_("Delivery in days"), least=0, most=MOST_DELIVERY_DAYS, needed=False)
    note = Text(_("Note"), most=200, needed=False)

    def begin(self, entry: Entry | None, supplier_id: int | None) -> None:
        """Opened from the page of an item or of a supplier."""
        self.supplier.data = supplier_id
        if entry is not None:
            self.item.data = entry.id
            self.pack.data = entry.purchase_unit if entry.is_bought_in_packs else entry.unit
            self.per_pack.data = entry.per_purchase

    def quoted(self) -> Quoted:
        given: dict[str, Any] = {name: getattr(self, name).data for name in ("price", "valid_from", "valid_until", "per_pack")}
        return Quoted(
            self.supplier.data or 0, self.item.data or 0, pack=self.pack.data or "", note=self.note.data or "",
            delivery_days=self.delivery_days.data, **given,
        )  # fmt: skip


class WithdrawForm(PortalForm):
    reason = Text(_("Why it is withdrawn"), most=200)
