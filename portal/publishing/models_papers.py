"""What manuscripts say, and what is given with their steps: the shapes that forms fill and rules judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal import clock
from portal.contents import Content
from portal.flow import Act
from portal.persons import Person
from portal.publishing.models import SHOWN_IN, TOPICS
from portal.refused import Mistyped
from portal.words import Words, _

LONG = 1000
TEXTS = {"title_en": 120, "body": 20_000, "body_en": 20_000}
LENGTHS = {"source": 200, "licence": 300, "link": 300}
DETAIL: dict[str, Any] = {
    "topic": "", "channel": "own", "source": "", "source_department": None, "licence": "", "on_news": False, "on_home": False,
    "on_shop": False, "product": None, "plan": None, "place": "", "starts_on": None, "ends_on": None, "link": "",
}  # fmt: skip


def manuscript_content(title: str, kind: str, body: str = "", title_en: str = "", body_en: str = "", **detail: Any) -> Content:
    """The contents of a manuscript. Contents only ever add a mark: taking one off is the director's (`remark`)."""
    marks = {name: True for name in ("confidential", "copyrighted") if detail.pop(name, False)}
    assert detail.keys() <= DETAIL.keys(), detail.keys() - DETAIL.keys()
    line = {"title": title, "title_en": title_en, "body": body, "body_en": body_en}
    return Content(title, {"kind": kind} | DETAIL | detail | marks, [line])


def gaps(detail: Mapping[str, Any], text: Mapping[str, Any], has_picture: bool) -> list[Words]:
    """What is missing before the director sees it, a sentence each."""
    of_kind = _gaps_of_slot(detail, has_picture) if detail["kind"] == "slot" else _gaps_of_text(detail, text)
    needs = [
        *of_kind,
        (any(detail[f"on_{name}"] for name in SHOWN_IN), _("Choose where it appears.")),
        (detail["channel"] == "own" or detail["source"], _("Say where the material comes from.")),
        (not detail.get("copyrighted") or detail["licence"], _("Say whose it is and by what licence it may be shown.")),
    ]
    return [why for holds, why in needs if not holds]


def _gaps_of_text(detail: Mapping[str, Any], text: Mapping[str, Any]) -> list[tuple[Any, Words]]:
    kind = detail["kind"]
    return [
        (text["body"], _("Write the text.")),
        (detail["topic"], _("Classify it.")),
        (kind != "company" or detail["source_department"], _("Name the department that supplies it.")),
        (kind != "product" or detail["product"], _("Choose the product.")),
    ]


def _gaps_of_slot(detail: Mapping[str, Any], has_picture: bool) -> list[tuple[Any, Words]]:
    ends_on = detail["ends_on"]
    return [
        (detail["place"], _("Choose the place.")),
        (detail["starts_on"] and ends_on, _("Say from which day until which it stands there.")),
        (not ends_on or ends_on >= clock.today(), _("Its last day has passed.")),
        (detail["place"] == "headline" or has_picture, _("An advertisement needs a picture.")),
    ]


# ---- given with steps -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Classified:
    """What it is about."""

    topic: str = ""

    def why_not(self, act: Act) -> None:
        if self.topic not in TOPICS:
            raise Mistyped(_("Choose one of the list."), "topic")


@dataclass(frozen=True)
class Vouched:
    """That the facts are right, and that we may show its words and pictures (INF-06)."""

    facts: bool = False
    rights: bool = False

    def why_not(self, act: Act) -> None:
        for name in ("facts", "rights"):
            if not getattr(self, name):
                raise Mistyped(_("Confirm this first."), name)


@dataclass(frozen=True)
class Marks:
    """How the director wants it guarded."""

    confidential: bool = False
    copyrighted: bool = False

    def why_not(self, act: Act) -> None:
        if (self.confidential, self.copyrighted) == (act.paper.confidential, act.paper.copyrighted):
            raise Mistyped(_("Nothing is changed."), "confidential")


PROHIBITED: dict[str, Words] = {  # INF-12 to INF-14, each confirmed by whoever publishes
    "law": _("Nothing in it is against the law or the interest of the state."),
    "morals": _("Nothing in it hurts good morals."),
    "unlawful": _("Nothing in it is reactionary, obscene or otherwise unlawful."),
    "true": _("Nothing in it is false."),
    "image": _("Nothing in it breaks our rules or hurts the image of the company and its site."),
    "secrets": _("Nothing in it gives away a secret."),
}


@dataclass(frozen=True)
class Confirmed:
    """What the publisher ticked of the list."""

    ticked: tuple[str, ...] = ()

    def why_not(self, act: Act) -> None:
        for name in PROHIBITED:
            if name not in self.ticked:
                raise Mistyped(_("Confirm each point before it is published."), name)


@dataclass(frozen=True)
class Down:
    """Why it comes down, and who answers for it."""

    reason: str = ""
    responsible: Person | None = None

    def why_not(self, act: Act | None = None) -> None:
        if not self.reason:
            raise Mistyped(_("Say what is wrong with it."), "reason")
        if len(self.reason) > LONG:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=LONG, are=len(self.reason)), "reason")
        if self.responsible is None or not self.responsible.active:
            raise Mistyped(_("Choose who answers for it."), "responsible")
