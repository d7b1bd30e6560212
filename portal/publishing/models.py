"""Manuscripts and what is said of them: sorts, topics, channels, places, who writes, publishes and may read (INF)."""

from __future__ import annotations

from datetime import timedelta

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, TextField

from portal import policies
from portal.access import (
    Right,
    Role,
    any_of,
    copywriter,
    designer,
    ecom_director,
    gm,
    it_admin,
    it_head,
    marketing_staff,
    planner,
    section_specialist,
)
from portal.cases import Case, Detail, Line
from portal.db import MomentField, Table
from portal.listings.models import Product
from portal.persons import Department, Person
from portal.words import Words, _, _n

KINDS: dict[str, Words] = {
    "news": _("News"),
    "company": _("Company information"),
    "product": _("Product content"),
    "article": _("Advertising article"),
    "slot": _("Headline or advertisement"),
}
TOPICS: dict[str, Words] = {  # what material is classified by (INF-07)
    "affairs": _("Major affairs"),
    "foreign": _("Foreign-affairs event"),
    "visit": _("Visits"),
    "profile": _("Company profile"),
    "news": _("News"),
    "important": _("Important information"),
    "goods": _("Goods"),
    "campaign": _("Promotion"),
    "service": _("Service and advice"),
    "other": _("Something else"),
}
CHANNELS: dict[str, Words] = {  # where material comes from (INF-07)
    "own": _("Written in the house"),
    "department": _("From a department"),
    "supplier": _("From a supplier"),
    "customer": _("From a customer"),
    "media": _("From the press"),
    "web": _("From the internet"),
    "other": _("Something else"),
}
PLACES: dict[str, Words] = {"headline": _("Headline news"), "floating": _("Floating advertisement"), "banner": _("Banner")}
SHOWN_IN: dict[str, Words] = {"news": _("News page"), "home": _("First page of the portal"), "shop": _("Storefront")}
PARTS: dict[str, Words] = {
    "news": _("News"),
    "goods": _("Goods"),
    "slots": _("Headlines and advertisements"),
    "layout": _("Layout"),
    "accounts": _("Accounts and links"),
    "other": _("Something else"),
}

WRITERS: dict[str, Right] = {
    "news": any_of(copywriter, section_specialist, marketing_staff),
    "company": any_of(marketing_staff, copywriter, section_specialist),
    "product": any_of(section_specialist, copywriter),
    "article": any_of(copywriter, section_specialist),
    "slot": any_of(designer, planner, copywriter, section_specialist),
}
COLLECTS = any_of(copywriter, section_specialist, marketing_staff, designer, planner)
COMPILES = any_of(copywriter, section_specialist)
READS: tuple[Role, ...] = (copywriter, section_specialist, marketing_staff, designer, planner)  # what is not confidential
DESK = any_of(*READS, ecom_director, gm)
TAKES_DOWN = any_of(section_specialist, it_admin)
SEES_TAKE_DOWNS = any_of(section_specialist, it_admin, it_head, ecom_director, gm)
KEEPS_UP = any_of(section_specialist, it_admin)
SEES_UPKEEP = any_of(section_specialist, it_admin, it_head, ecom_director, gm, planner)
PUBLISHER: dict[str, str] = {  # kind -> the state in which it waits for whoever publishes it (INF-01, INF-03)
    "product": "approved",
    "article": "approved",
    "company": "approved_open",
    "news": "approved_open",
    "slot": "approved_slot",
}
PASSED = ("approved", "ended")  # states of a promotion plan that may be announced (PRO-07)
TO_PUBLISH = ("approved", "approved_open", "approved_slot")

publish_hours = policies.declare(
    "publish_hours", 48, "ecom_director", _("A manuscript is published after its last approval within"), unit=_("hours"),
    minimum=1, maximum=720, rule="INF-10",
)  # fmt: skip
publish_amber_hours = policies.declare(
    "publish_amber_hours", 12, "ecom_director", _("A manuscript to be published is shown in amber from"), unit=_("hours before"),
    minimum=0, maximum=720, rule="INF-10",
)  # fmt: skip


def in_hours() -> Words:
    return _n("%(n)s hour", "%(n)s hours", n=publish_hours())


def urgency(left: timedelta) -> str:
    """How the time that is left is shown: as it should be, amber (soon), or red (late)."""
    if left < timedelta(0):
        return "late"
    return "soon" if left < timedelta(hours=publish_amber_hours()) else ""


class Manuscript(Detail):
    """What is to be published: of which sort, from where, how guarded, and where it will stand. A slot stands in its `place` from
    a day until a day; `link` is where it leads. `told_late`: the deadline of which it was told that it had passed."""

    kind = CharField(max_length=10)
    topic = CharField(max_length=12, default="")
    channel = CharField(max_length=12, default="own")
    source = CharField(max_length=200, default="")
    source_department = ForeignKeyField(Department, null=True)
    confidential = BooleanField(default=False)
    copyrighted = BooleanField(default=False)
    licence = CharField(max_length=300, default="")  # whose the pictures and words are, and by what we may show them (INF-06)
    on_news = BooleanField(default=False)
    on_home = BooleanField(default=False)
    on_shop = BooleanField(default=False)
    product = ForeignKeyField(Product, null=True)
    plan = ForeignKeyField(Case, null=True)  # the promotion plan it announces (PRO-07)
    place = CharField(max_length=10, default="")
    starts_on = DateField(null=True)
    ends_on = DateField(null=True)
    link = CharField(max_length=300, default="")
    vouched_by = ForeignKeyField(Person, null=True)  # for facts and rights, when it was submitted (INF-06)
    vouched_at = MomentField(null=True)
    published_at = MomentField(null=True)  # while it is published
    published_version = IntegerField(null=True)
    told_late = MomentField(null=True)

    class Meta:
        table_name = "manuscripts"

    @property
    def is_guarded(self) -> bool:
        """Whether the general manager consents to it as well (INF-05)."""
        return bool(self.confidential or self.copyrighted)

    @property
    def shown_in(self) -> list[str]:
        return [name for name in SHOWN_IN if getattr(self, f"on_{name}")]


class ManuscriptText(Line):
    """A version of its title and text, in Markdown, with the ids of the files it had; one line a version."""

    title = CharField(max_length=120, default="")
    title_en = CharField(max_length=120, default="")
    body = TextField(default="")
    body_en = TextField(default="")
    files = TextField(default="")  # "12,15"
    by = ForeignKeyField(Person, null=True)
    at = MomentField(null=True)

    class Meta:
        table_name = "manuscript_texts"

    @property
    def file_ids(self) -> list[int]:
        return [int(each) for each in self.files.split(",") if each]


class Publication(Table):
    """That a version was published, by whom, by when it was due, and what was confirmed (INF-10, INF-12 to 14). Append-only."""

    case = ForeignKeyField(Case)
    version = IntegerField()
    by = ForeignKeyField(Person)
    at = MomentField()
    due_at = MomentField()
    confirmed = TextField()  # JSON: the names of what was ticked

    class Meta:
        table_name = "publications"


class Upkeep(Table):
    """What somebody did on the site, and on which day (INF-16). Append-only."""

    done_on = DateField()
    part = CharField(max_length=10)
    text = CharField(max_length=1000)
    by = ForeignKeyField(Person)
    at = MomentField()
    token = CharField(max_length=40, unique=True)

    class Meta:
        table_name = "upkeep"
