"""What people type to ask for the shelf."""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import HiddenField

from portal import access
from portal.access import planner
from portal.cases import Case, lines_of
from portal.contents import Content
from portal.fields import MOST_ID, Choice, LineForm, Lines, LongText, Moment, PaperForm, Text
from portal.listings.models import Product, ShelfLine
from portal.listings.models_prices import called, product_of_code
from portal.listings.models_shelf import WAYS, shelf_content
from portal.refused import Mistyped
from portal.words import _

MOST_TYPED = 200  # lines that a form holds; more come from a selection


class ShelfLineForm(LineForm):
    code = Text(_("SKU"), most=40)


class ShelfForm(PaperForm):
    """`kept`: the lines are too many for a form and stay as they are."""

    way = Choice(_("What is asked for"), list(WAYS.items()), default="on")
    reason = LongText(_("Reason"), most=500, rows=2, description=_("Needed where products come off the shelf."))
    planned_at = Moment(
        _("Not before"), needed=False, description=_("The planner may plan the moment; it goes up by itself then.")
    )
    kept = HiddenField(default="")
    lines = Lines(_("Products"), ShelfLineForm, most=MOST_TYPED)

    def prepare(self, person: Any) -> None:
        if planner.key not in access.posts_of(person):
            del self.planned_at
        if self.kept.data:
            self.lines.needed = False
        if not self.is_submitted():
            chosen = [int(text) for text in request.args.getlist("product") if text.isdecimal() and int(text) <= MOST_ID]
            if chosen:
                self.lines.put({"code": each.code} for each in called(chosen[:MOST_TYPED]).values())
            if request.args.get("way") in WAYS:
                self.way.data = request.args["way"]

    def content(self, person: Any) -> Content:
        products = self._as_kept() if self.kept.data else self._typed()
        planned = self.planned_at.data if "planned_at" in self else None
        return shelf_content(self.title.data or "", self.way.data or "on", products, self.reason.data or "", planned)

    def _typed(self) -> list[Product]:
        products: list[Product] = []
        for line in self.lines.filled():
            product = product_of_code(line.code.data or "")
            if product is None:
                raise Mistyped(_("There is no product %(code)s.", code=line.code.data or "–"), "lines")
            if product in products:
                raise Mistyped(_("%(product)s stands in it twice.", product=line.code.data), "lines")
            products.append(product)
        return products

    def _as_kept(self) -> list[Product]:
        case = Case.get_by_id(int((request.view_args or {})["case_id"]))
        lines = lines_of(ShelfLine, case)
        found = {each.id: each for each in Product.select().where(Product.id.in_([line.product_id for line in lines]))}
        return [found[line.product_id] for line in lines]

    def allow_gaps(self) -> None:
        """A draft may lack its reason, but names its products."""
        needed = self.lines.needed
        super().allow_gaps()
        self.lines.needed = needed

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        self.title.data, self.way.data, self.reason.data = case.title, paper.way, paper.reason
        if "planned_at" in self:
            self.planned_at.process_data(paper.planned_at)
        if len(lines) > MOST_TYPED:
            self.kept.data, self.lines.needed = "1", False
            return
        codes = called(line.product_id for line in lines)
        self.lines.put({"code": codes[line.product_id].code} for line in lines)
