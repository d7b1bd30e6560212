"""What the warehouse types: receipts and issues of products."""

from __future__ import annotations

from typing import Any

from flask import request

from portal import clock
from portal.contents import Content
from portal.fields import MOST_ID, Choice, Day, LineForm, Lines, LongText, PaperForm, Text, Whole
from portal.listings.models import Product
from portal.listings.models_goods import WAYS, note_content
from portal.listings.models_prices import called, product_of_code
from portal.refused import Mistyped
from portal.words import _

TYPED = {way: words for way, words in WAYS.items() if way != "file"}


class GoodsLineForm(LineForm):
    code = Text(_("SKU"), most=40)
    quantity = Whole(_("Quantity"), least=1, most=10_000_000)


class NoteForm(PaperForm):
    way = Choice(_("Receipt or issue"), list(TYPED.items()), default="in")
    moved_on = Day(_("Moved on"), default=clock.today)
    slip = Text(_("Slip"), most=60, needed=False)
    reason = LongText(_("Reason"), most=500, rows=2)
    lines = Lines(_("Products"), GoodsLineForm, most=200)

    def prepare(self, person: Any) -> None:
        if not self.is_submitted():
            chosen = [int(text) for text in request.args.getlist("product") if text.isdecimal() and int(text) <= MOST_ID]
            if chosen:
                self.lines.put({"code": each.code} for each in called(chosen[:200]).values())

    def content(self, person: Any) -> Content:
        lines: list[tuple[Product, int]] = []
        for line in self.lines.filled():
            product = product_of_code(line.code.data or "")
            if product is None:
                raise Mistyped(_("There is no product %(code)s.", code=line.code.data or "–"), "lines")
            lines.append((product, line.quantity.data or 0))
        return note_content(
            self.title.data or "", self.way.data or "in", self.moved_on.data or clock.today(), lines, self.reason.data or "",
            self.slip.data or "",
        )  # fmt: skip

    def allow_gaps(self) -> None:
        """A draft of what moved is whole or not at all."""

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        self.title.data, self.way.data, self.moved_on.data = case.title, paper.way, paper.moved_on
        self.slip.data, self.reason.data = paper.slip, paper.reason
        codes = called(line.product_id for line in lines)
        self.lines.put({"code": codes[line.product_id].code, "quantity": line.quantity} for line in lines[:200])
