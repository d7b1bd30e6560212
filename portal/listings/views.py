"""The pages of store listings, by part."""

from __future__ import annotations

from portal.listings import views_prices, views_shelf  # noqa: F401
from portal.listings.views_shop import pages

__all__ = ["pages"]
