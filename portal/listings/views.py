"""The pages of store listings, by part."""

from __future__ import annotations

from portal.listings import (  # noqa: F401
    views_arrangements,
    views_contents,
    views_filings,
    views_goods,
    views_imports,
    views_pictures,
    views_prices,
    views_prices_alike,
    views_products,
    views_promotions,
    views_register,
    views_shelf,
    views_tasks,
)
from portal.listings.views_shop import pages

__all__ = ["pages"]
