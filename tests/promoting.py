"""Promotion plans and treatments, as tests begin with them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from portal import clock, contents, steps
from portal.cases import Case
from portal.flow import FLOWS
from portal.listings.models_promotions import Treated, plan_content, treatment_content
from portal.money import Money
from tests import shop
from tests.cast import Cast

SAID = {"strategy": "cheaper", "goods": "cups", "resources": "a banner", "summary": "cups are cheaper"}


def plan(cast: Cast, starts_at: datetime | None = None, days: int = 7, **more: Any) -> Case:
    """A draft of Pan's, for a week from now."""
    start = starts_at or clock.now()
    content = plan_content("Spring sale", start, start + timedelta(days=days), **(SAID | more))
    return contents.create(FLOWS["promotion"], shop.staff(cast, "pan"), content, f"plan {Case.select().count()}")


def passed(cast: Cast, starts_at: datetime | None = None, days: int = 7, **more: Any) -> Case:
    case = steps.take(shop.staff(cast, "pan"), plan(cast, starts_at, days, **more).id, "submit")
    return steps.take(shop.staff(cast, "dee"), case.id, "approve")


def treatment(cast: Cast, on: Case, prices: dict[str, int | str], **more: Any) -> Case:
    """A draft of Shu's: the promotion price in yuan, or a gift, by code."""
    treated = [
        Treated(
            shop.draft(cast, code),
            None if isinstance(what, str) else Money(what * 100),
            what if isinstance(what, str) else "",
            **more,
        )
        for code, what in prices.items()
    ]
    content = treatment_content("Cheaper cups", on, treated)
    return contents.create(FLOWS["treatment"], shop.staff(cast, "shu"), content, f"treatment {Case.select().count()}")


def agreed(cast: Cast, on: Case, prices: dict[str, int | str], **more: Any) -> Case:
    case = steps.take(shop.staff(cast, "shu"), treatment(cast, on, prices, **more).id, "submit")
    return steps.take(shop.staff(cast, "dee"), case.id, "approve")


def applied(cast: Cast, on: Case, prices: dict[str, int | str], **more: Any) -> Case:
    return steps.take(shop.staff(cast, "shu"), agreed(cast, on, prices, **more).id, "apply")
