"""What people type into a manuscript and with its steps, into a take-down and into the log of the site."""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import BooleanField, HiddenField

from portal import access, clock
from portal.cases import Case
from portal.contents import Content
from portal.fields import Choice, Day, LongText, PaperForm, PortalForm, Said, Text
from portal.kinds import StepForm
from portal.listings.models import Product
from portal.persons import Department, Person
from portal.publishing.models import CHANNELS, KINDS, PARTS, PLACES, SHOWN_IN, TOPICS, WRITERS, Manuscript
from portal.publishing.models_papers import (
    LONG,
    PROHIBITED,
    Classified,
    Confirmed,
    Down,
    Marks,
    Vouched,
    gaps,
    manuscript_content,
)
from portal.stock.models import Item
from portal.words import Words, _


def people() -> list[tuple[int, Any]]:
    found = Person.select(Person.id, Person.name, Person.name_en).where(Person.active).order_by(Person.name)
    return [(each.id, each.called) for each in found]


def departments() -> list[tuple[int, Any]]:
    return [(each.id, each.called) for each in Department.where("active AND kind = 'department' ORDER BY id")]


class ManuscriptForm(PaperForm):
    """Whose sorts it offers are those of the writer; marks that stand on the paper cannot be unticked."""

    kind = Choice(_("Kind"), needed=True)
    title_en = Text(_("English title"), needed=False)
    topic = Choice(_("Classification"), list(TOPICS.items()), needed=False)
    channel = Choice(_("Source channel"), list(CHANNELS.items()), default="own")
    source = Text(_("Source"), most=200, needed=False, description=_("Who or where the material comes from"))
    source_department = Choice(_("Source department"), departments, needed=False, coerce=int)
    body = LongText(_("Text"), most=20_000, rows=14)
    body_en = LongText(_("English text"), most=20_000, rows=8)
    on_news = BooleanField(SHOWN_IN["news"])
    on_home = BooleanField(SHOWN_IN["home"])
    on_shop = BooleanField(SHOWN_IN["shop"])
    confidential = BooleanField(_("Confidential"))
    copyrighted = BooleanField(_("Copyrighted"))
    licence = Text(_("Source of licence"), most=300, needed=False, description=_("Whose it is, and by what it may be shown"))
    product = Text(_("Product code"), most=40, needed=False, render_kw={"autocomplete": "off", "class": "in id"})
    plan = Text(_("Promotion plan"), most=24, needed=False, render_kw={"autocomplete": "off", "class": "in id"})
    place = Choice(_("Display place"), list(PLACES.items()), needed=False)
    starts_on = Day(_("From"), needed=False)
    ends_on = Day(_("Until"), needed=False)
    link = Text(_("Leads to"), most=300, needed=False, description=_("A whole address, or one of this site that begins with /"))
    asked_by: Person | None = None

    def prepare(self, person: Any) -> None:
        """Begun from the plan of slots, the form says what it is."""
        self.asked_by = person
        posts = access.posts_of(person)
        self.kind.choices = [(name, label) for name, label in KINDS.items() if WRITERS[name].allows(posts)]
        self.plan.description = _("The number of the plan that it announces")
        if not self.is_submitted():
            names = [name for name, _label in self.kind.choices]
            asked = request.args.get("kind")
            self.kind.data = asked if asked in names else names[0] if names else None

    def validate_product(self, field: Any) -> None:
        if field.data and self._product() is None:
            raise Said(_("There is no product of that code."))

    def validate_plan(self, field: Any) -> None:
        """What somebody may not read is none they can announce."""
        if field.data and self._plan() is None:
            raise Said(_("There is no plan of that number."))

    def _product(self) -> Product | None:
        item = Item.find("code = ? AND kind = 'product'", self.product.data or "")
        return Product.find("item_id = ?", item.id) if item else None

    def _plan(self) -> Case | None:
        assert self.asked_by is not None
        case = Case.find("number = ? AND kind = 'promotion'", (self.plan.data or "").upper())
        return case if case and access.may_read(access.posts_of(self.asked_by), case) else None

    def content(self, person: Any) -> Content:
        is_slot = self.kind.data == "slot"
        plain = ("topic", "channel", "source", "licence", "place", "link")
        detail = {name: self[name].data or "" for name in plain if is_slot or name not in ("place", "link")}
        detail |= {name: bool(self[name].data) for name in ("on_home", "on_shop", "confidential", "copyrighted")}
        detail |= {"starts_on": self.starts_on.data, "ends_on": self.ends_on.data} if is_slot else {}
        return manuscript_content(
            self.title.data or "", self.kind.data or "", self.body.data or "", self.title_en.data or "", self.body_en.data or "",
            product=self._product(), plan=self._plan() if self.plan.data else None,
            on_news=bool(self.on_news.data) and not is_slot,
            source_department=Department.find("id = ?", self.source_department.data or 0), **detail,
        )  # fmt: skip

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        super().fill(case, paper, lines)
        for name in ("title_en", "body", "body_en"):
            self[name].data = getattr(lines[0], name)
        self.product.data = paper.product.item.code if paper.product else ""
        self.plan.data = paper.plan.number if paper.plan else ""
        for mark in (self.confidential, self.copyrighted):
            if mark.data:
                mark.description = _("Only the marketing director takes a mark off.")
                mark.render_kw = {"disabled": True}

    def gaps(self, has_picture: bool) -> list[Words]:
        """What is still missing of what is typed."""
        typed = self.content(self.asked_by)
        return gaps(typed.detail, typed.lines[0], has_picture)


class ClassifiedForm(StepForm):
    topic = Choice(_("Classification"), list(TOPICS.items()))

    def begin(self, case: Any) -> None:
        self.topic.data = Manuscript.get_by_id(case.id).topic or None

    def given(self) -> Classified:
        return Classified(self.topic.data or "")


class VouchedForm(StepForm):
    facts = BooleanField(_("I have checked the facts: they are right."))
    rights = BooleanField(_("We may show these words and pictures: they are ours, or the source of licence is named."))

    def given(self) -> Vouched:
        return Vouched(bool(self.facts.data), bool(self.rights.data))


class MarksForm(StepForm):
    confidential = BooleanField(_("Confidential"))
    copyrighted = BooleanField(_("Copyrighted"))

    def begin(self, case: Any) -> None:
        paper = Manuscript.get_by_id(case.id)
        self.confidential.data, self.copyrighted.data = paper.confidential, paper.copyrighted

    def given(self) -> Marks:
        return Marks(bool(self.confidential.data), bool(self.copyrighted.data))


class ConfirmedForm(StepForm):
    """A tick for each point of the list."""

    law = BooleanField(PROHIBITED["law"])
    morals = BooleanField(PROHIBITED["morals"])
    unlawful = BooleanField(PROHIBITED["unlawful"])
    true = BooleanField(PROHIBITED["true"])
    image = BooleanField(PROHIBITED["image"])
    secrets = BooleanField(PROHIBITED["secrets"])

    def given(self) -> Confirmed:
        return Confirmed(tuple(name for name in PROHIBITED if self[name].data))


class DownForm(StepForm):
    reason = LongText(_("What is wrong with it"), most=LONG, needed=True)
    responsible = Choice(_("Who answers for it"), people, coerce=int)

    def given(self) -> Down:
        person = Person.find("id = ?", self.responsible.data) if self.responsible.data else None
        return Down(self.reason.data or "", person)


class UpkeepForm(PortalForm):
    token = HiddenField(default="")
    done_on = Day(_("Day"), default=clock.today)
    part = Choice(_("Part of the site"), list(PARTS.items()))
    text = LongText(_("What was done to the site"), most=LONG, needed=True)
