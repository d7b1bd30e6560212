"""What people type about prices: proposals, competitors' prices, the file of the real shop."""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import FileField, HiddenField

from portal import clock
from portal.cases import Case, lines_of
from portal.contents import Content
from portal.fields import MOST_ID, Amount, Choice, Day, LineForm, Lines, LongText, PaperForm, PortalForm, Text, Whole
from portal.listings.models import PriceLine, Product
from portal.listings.models_prices import (
    CAUSES,
    LEAST_PERCENT,
    MOST_PERCENT,
    ROUNDED,
    called,
    price_content,
    product_of_code,
)
from portal.refused import Mistyped
from portal.words import _

MOST_TYPED = 200  # lines that a form holds; more come from a file or a selection


class PriceLineForm(LineForm):
    code = Text(_("SKU"), most=40)
    new_fen = Amount(_("New price"))


class PriceForm(PaperForm):
    """`kept`: the lines are too many for a form and stay as they are."""

    cause = Choice(_("Reason for the change"), list(CAUSES.items()))
    reason = LongText(_("Why these prices"), most=1000, rows=2)
    note = LongText(_("Note on the market"), most=2000, rows=3, description=_("Instead of competitors' prices, or beside them."))
    kept = HiddenField(default="")
    lines = Lines(_("New prices"), PriceLineForm, most=MOST_TYPED)

    def prepare(self, person: Any) -> None:
        if not self.is_submitted():
            chosen = [int(text) for text in request.args.getlist("product") if text.isdecimal() and int(text) <= MOST_ID]
            if chosen:
                self.lines.put({"code": each.code} for each in called(chosen[:MOST_TYPED]).values())
        if self.kept.data:
            self.lines.needed = False

    def content(self, person: Any) -> Content:
        prices = self._as_kept() if self.kept.data else self._typed()
        return price_content(
            self.title.data or "", self.cause.data or "other", self.reason.data or "", self.note.data or "", prices
        )

    def _typed(self) -> dict[Product, int]:
        prices: dict[Product, int] = {}
        for line in self.lines.filled():
            product = product_of_code(line.code.data or "")
            if product is None:
                line.code.errors = [*line.code.errors, _("There is no product with this SKU.")]
                raise Mistyped(_("There is no product %(code)s.", code=line.code.data or "–"), "lines")
            if product in prices:
                raise Mistyped(_("%(product)s stands in it twice.", product=line.code.data), "lines")
            prices[product] = line.new_fen.data
        return prices

    def _as_kept(self) -> dict[Product, int]:
        case = Case.get_by_id(int((request.view_args or {})["case_id"]))
        lines = lines_of(PriceLine, case)
        found = {each.id: each for each in Product.select().where(Product.id.in_([line.product_id for line in lines]))}
        return {found[line.product_id]: line.new_fen for line in lines}

    def allow_gaps(self) -> None:
        """A draft may lack its reasons, but each line has its price."""
        lines_needed = self.lines.needed
        super().allow_gaps()
        self.lines.needed = lines_needed

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        self.title.data, self.cause.data, self.reason.data, self.note.data = case.title, paper.cause, paper.reason, paper.note
        if len(lines) > MOST_TYPED:
            self.kept.data, self.lines.needed = "1", False
            return
        codes = called(line.product_id for line in lines)
        self.lines.put({"code": codes[line.product_id].code, "new_fen": line.new_fen} for line in lines)


class AlikeForm(PortalForm):
    """Prices of many products changed by a percentage, and why."""

    token = HiddenField(default="")
    percent = Whole(
        _("By how many percent"), least=LEAST_PERCENT, most=MOST_PERCENT, description=_("-10 makes them a tenth cheaper.")
    )
    to = Choice(_("Rounded"), list(ROUNDED.items()), default="100")
    title = Text(_("Title"), most=120)
    cause = Choice(_("Reason for the change"), list(CAUSES.items()))
    reason = LongText(_("Why these prices"), most=1000, rows=2, needed=True)
    note = LongText(_("Note on the market"), most=2000, rows=3, description=_("Instead of competitors' prices, or beside them."))


class CompetitorForm(PortalForm):
    code = Text(_("SKU"), most=40)
    competitor = Text(_("Competitor"), most=60)
    their_product = Text(_("Their product"), most=120)
    fen = Amount(_("Their price"))
    seen_on = Day(_("Seen on"), default=clock.today)
    source = Text(_("Source"), most=300, description=_("The address of the page, or where it was seen."))
    case = HiddenField(default="")

    def texts(self) -> dict[str, str]:
        return {name: self._fields[name].data or "" for name in ("competitor", "their_product", "source")}


class ShopFileForm(PortalForm):
    file = FileField(_("File"))
