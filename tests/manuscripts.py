"""Manuscripts on their way, as tests begin with them: written by Cui, agreed to by Dee, published by Shu or Yao."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from portal import clock, contents, steps
from portal.cases import Case
from portal.persons import Person
from portal.publishing.models_papers import PROHIBITED, Confirmed, Down, Vouched, manuscript_content
from portal.publishing.rules import MANUSCRIPT
from tests import shop
from tests.cast import Cast

ALL = Confirmed(tuple(PROHIBITED))
GIVEN: dict[str, Any] = {"submit": Vouched(True, True), "publish": ALL}
PUBLISHERS = {"news": "shu", "company": "yao", "article": "shu", "product": "shu", "slot": "yao"}


def content(kind: str = "news", title: str = "新店开业", body: str = "周六开业。", **detail: Any) -> contents.Content:
    more: dict[str, Any] = {"topic": "news", "on_news": True, "on_home": True}
    if kind == "slot":
        today = clock.today()
        more = {"on_home": True, "place": "headline", "starts_on": today, "ends_on": today + timedelta(days=6)}
    return manuscript_content(title, kind, body, **(more | detail))


def draft(cast: Cast, kind: str = "news", by: str = "cui", **detail: Any) -> Case:
    person = shop.staff(cast, by) if by in shop.STAFF else getattr(cast, by)
    return contents.create(MANUSCRIPT, person, content(kind, **detail), secrets.token_hex(10))


def go(cast: Cast, case: Case, *taken: tuple[str, str], **told: Any) -> Case:
    """Takes these steps one after the other, the last with what is told."""
    for n, (user, name) in enumerate(taken, 1):
        given = {"given": GIVEN.get(name)} | (told if n == len(taken) else {})
        case = steps.take(who(cast, user), case.id, name, **given)
    return case


def who(cast: Cast, user: str) -> Person:
    return shop.staff(cast, user) if user in shop.STAFF else getattr(cast, user)


def compiled(cast: Cast, kind: str = "news", **detail: Any) -> Case:
    """Its author is through with it."""
    case = go(cast, draft(cast, kind, **detail), ("cui", "hand_in"))
    return case if case.state == "compiled" else go(cast, case, ("cui", "compile"))


def submitted(cast: Cast, kind: str = "news", **detail: Any) -> Case:
    return go(cast, compiled(cast, kind, **detail), ("cui", "submit"))


def approved(cast: Cast, kind: str = "news", **detail: Any) -> Case:
    """Agreed to by whom it needs."""
    case = go(cast, submitted(cast, kind, **detail), ("dee", "approve"))
    return go(cast, case, ("mei", "approve")) if case.state == "with_gm" else case


def published(cast: Cast, kind: str = "news", **detail: Any) -> Case:
    return go(cast, approved(cast, kind, **detail), (PUBLISHERS[kind], "publish"))


def down(cast: Cast, reason: str = "it is false", user: str = "cui") -> Down:
    return Down(reason, who(cast, user))
