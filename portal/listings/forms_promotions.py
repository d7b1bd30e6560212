"""What people type about promotions: plans, treatments of goods, artwork, filings."""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import BooleanField

from portal import clock
from portal.cases import Case
from portal.contents import Content
from portal.fields import Amount, Choice, Day, LineForm, Lines, LongText, Moment, PaperForm, PortalForm, Text
from portal.listings.models_prices import called, product_of_code
from portal.listings.models_promotions import (
    ARTWORKS,
    FILINGS,
    RESULTS,
    SORTS,
    TARGETS,
    PromotionPlan,
    Treated,
    artwork_content,
    plan_content,
    treatment_content,
)
from portal.money import Money
from portal.refused import Mistyped
from portal.words import Name, _


def open_plans() -> list[tuple[int, Any]]:
    """The plans that have passed and are not over."""
    found = Case.select(Case).join(PromotionPlan, on=(PromotionPlan.case == Case.id))
    chosen = found.where(Case.kind == "promotion", Case.state == "approved", PromotionPlan.ends_at > clock.now())
    return [(case.id, Name(f"{case.number} {case.title}", "")) for case in chosen.order_by(Case.id.desc()).limit(200)]


class PlanForm(PaperForm):
    sort = Choice(_("Kind of promotion"), list(SORTS.items()), default="topic")
    target = Choice(_("For whom"), list(TARGETS.items()), default="shop")
    starts_at = Moment(_("Begins"))
    ends_at = Moment(_("Ends"))
    strategy = LongText(_("Strategy"), most=2000)
    goods = LongText(_("Goods"), most=2000)
    resources = LongText(_("Resources"), most=2000)
    summary = LongText(_("Summary for customer service"), most=2000)
    needs_artwork = BooleanField(_("Artwork is required: nothing is applied before it is approved"))

    def content(self, person: Any) -> Content:
        if self.starts_at.data is None or self.ends_at.data is None:
            raise Mistyped(_("Say when it begins and when it ends."), "starts_at")
        texts = {name: self._fields[name].data or "" for name in ("strategy", "goods", "resources", "summary")}
        return plan_content(
            self.title.data or "", self.starts_at.data, self.ends_at.data, sort=self.sort.data or "topic",
            target=self.target.data or "shop", needs_artwork=bool(self.needs_artwork.data), **texts,
        )  # fmt: skip


class TreatmentLineForm(LineForm):
    code = Text(_("SKU"), most=40)
    fen = Amount(_("Promotion price"), needed=False)
    gift = Text(_("Free gift"), most=120, needed=False)
    starts_at = Moment(_("From"), needed=False)
    ends_at = Moment(_("Until"), needed=False)
    reason = Text(_("Reason where below cost or margin"), most=200, needed=False)


class TreatmentForm(PaperForm):
    plan = Choice(_("Plan"), open_plans, coerce=int)
    lines = Lines(_("Goods"), TreatmentLineForm, most=200)

    def prepare(self, person: Any) -> None:
        if not self.is_submitted() and request.args.get("plan", "").isdecimal():
            self.plan.data = int(request.args["plan"][:9])

    def content(self, person: Any) -> Content:
        plan = Case.get_or_none(Case.id == (self.plan.data or 0))
        if plan is None:
            raise Mistyped(_("Choose a plan that has passed and is not over."), "plan")
        return treatment_content(self.title.data or "", plan, [self._read(line) for line in self.lines.filled()])

    def _read(self, line: Any) -> Treated:
        product = product_of_code(line.code.data or "")
        if product is None:
            raise Mistyped(_("There is no product %(code)s.", code=line.code.data or "–"), "lines")
        fen = None if line.fen.data is None else Money(line.fen.data)
        return Treated(product, fen, line.gift.data or "", line.starts_at.data, line.ends_at.data, line.reason.data or "")

    def allow_gaps(self) -> None:
        """A draft of treatments is whole or not at all."""

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        self.title.data, self.plan.data = case.title, paper.plan_id
        codes = called(line.product_id for line in lines)
        names = ("fen", "gift", "starts_at", "ends_at", "reason")
        self.lines.put({"code": codes[line.product_id].code} | {name: getattr(line, name) for name in names} for line in lines)


class ArtworkForm(PaperForm):
    sort = Choice(_("What it is"), list(ARTWORKS.items()), default="poster")
    plan = Choice(_("Plan"), open_plans, needed=False, coerce=int)
    note = LongText(_("Note"), most=1000)

    def prepare(self, person: Any) -> None:
        if not self.is_submitted() and request.args.get("plan", "").isdecimal():
            self.plan.data = int(request.args["plan"][:9])

    def content(self, person: Any) -> Content:
        plan = Case.get_or_none(Case.id == self.plan.data) if self.plan.data else None
        return artwork_content(self.title.data or "", self.sort.data or "poster", plan, self.note.data or "")


class FilingForm(PortalForm):
    sort = Choice(_("What is filed"), list(FILINGS.items()))
    mall = Text(_("Mall"), most=60)
    subject = Text(_("Subject"), most=200)
    after_sales_ok = BooleanField(_("The shop's after-sales figures reach the mall's bar"))
    filed_on = Day(_("Filed on"), default=clock.today)
    note = LongText(_("Note"), most=500)

    def texts(self) -> dict[str, str]:
        return {name: self._fields[name].data or "" for name in ("mall", "subject", "note")}


class AnswerForm(PortalForm):
    result = Choice(_("Result"), [(name, words) for name, words in RESULTS.items() if name])
    note = LongText(_("Note"), most=500)
