"""What people type of products: what one is, its texts and files, its marks, its category, and what is asked of the designer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import request
from wtforms import BooleanField, HiddenField

from portal import access, clock
from portal.fields import Amount, Choice, Day, LongText, PaperForm, PortalForm, Said, Text, clean
from portal.listings.models import PLACE, SEASONS, TEXTS, UNIT
from portal.listings.models_arrangements import offered_categories
from portal.listings.models_prices import product_of_code
from portal.listings.models_promotions import PromotionPlan
from portal.listings.models_tasks import NEEDS, task_content
from portal.web import key
from portal.words import _

LONGEST = TEXTS["description"]


def whole(typed: str | None) -> int:
    """A count that came back with a form; none that can be where it is no number."""
    return int(typed) if typed and re.fullmatch(r"[0-9]{1,9}", typed, re.ASCII) else -1


class TextsForm(PortalForm):
    """What the shop says of a product."""

    name = Text(_("Name"), most=120)
    name_en = Text(_("English name"), most=120, needed=False)
    brand = Text(_("Brand"), most=60, needed=False)
    description = LongText(_("Description"), most=LONGEST, rows=6)
    description_en = LongText(_("English description"), most=LONGEST, rows=4)

    def texts(self) -> dict[str, str]:
        return {name: self._fields[name].data or "" for name in TEXTS}


class ProductForm(TextsForm):
    """A product as it is entered. `cost` is taken off for those who may not know it."""

    token = HiddenField(default="")
    code = Text(_("Code"), most=40, description=_("The SKU: letters, digits, dots, dashes or slashes. It stays."))
    category = Choice(_("Category"), lambda: [(each.id, each.called) for each in offered_categories()], coerce=int)
    unit = Text(_("Unit"), most=20, default=UNIT)
    place = Text(_("Place"), most=60, default=PLACE, description=_("Where it is kept: room, shelf, box."))
    cost = Amount(_("Cost"), needed=False, least=0)


class ContentsForm(TextsForm):
    """A version of the contents, written from the one that was shown."""

    version = HiddenField(default="0")

    def show(self, texts: dict[str, str], version: int) -> None:
        for name, text in texts.items():
            self._fields[name].data = text
        self.version.data = str(version)


class MarksForm(PortalForm):
    """Season, whether it is promoted first, where it is kept, and what it costs us."""

    events = HiddenField(default="0")
    season = Choice(_("Season"), [(key, label) for key, label in SEASONS.items() if key], needed=False, empty=SEASONS[""])
    is_main = BooleanField(_("Promoted first this season"))
    cost = Amount(_("Cost"), needed=False, least=0)
    place = Text(_("Place"), most=60, needed=False)

    def changed(self, with_cost: bool) -> dict[str, Any]:
        marks = {"season": self.season.data or "", "is_main": bool(self.is_main.data), "place": self.place.data or None}
        return marks | ({"cost": self.cost.data} if with_cost else {})


class ShopCategoryForm(PortalForm):
    events = HiddenField(default="0")
    name = Text(_("Name"), most=60)
    name_en = Text(_("English name"), most=60, needed=False)
    active = BooleanField(_("In use"), default=True)


class TaskForm(PaperForm):
    """What is asked of the designer or the copywriter. A product is named by its code."""

    needs = Choice(_("What is needed"), NEEDS.items())
    code = Text(_("Code of the product"), most=40, needed=False)
    about = Text(_("For what else"), most=120, needed=False, description=_("A promotion or a page, where it is not one product."))
    brief = LongText(_("What it should be like"), most=2000, needed=True, rows=4)
    due_on = Day(_("Needed by"), needed=False)

    def prepare(self, person: Any) -> None:
        """Begun on the page of a product, the form names it; on that of a plan, also that it is needed when the plan begins."""
        if self.is_submitted():
            return
        self.code.data = clean(request.args.get("product"))[:40]
        plan = PromotionPlan.get_or_none(PromotionPlan.case == key(request.args["plan"])) if "plan" in request.args else None
        if plan is not None and access.may_read(access.posts_of(person), plan.case):
            self.about.data = f"{plan.case.number or ''} {plan.case.title}".strip()[:120]
            self.needs.data, self.due_on.data = "page", clock.local(plan.starts_at).date()

    def validate_code(self, field: Any) -> None:
        if field.data and product_of_code(field.data) is None:
            raise Said(_("There is no product %(code)s.", code=field.data))

    def content(self, person: Any) -> Any:
        return task_content(
            self.title.data or "", self.needs.data or "pictures", self.brief.data or "", product_of_code(self.code.data or ""),
            self.about.data or "", self.due_on.data,
        )  # fmt: skip

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        super().fill(case, paper, lines)
        self.code.data = paper.product.item.code if paper.product_id else ""


def ids_of(typed: Iterable[str]) -> list[int]:
    """The ids among what came back, each once; what can be none is left out."""
    return list(dict.fromkeys(int(each) for each in typed if re.fullmatch(r"[1-9][0-9]{0,8}", each, re.ASCII)))
