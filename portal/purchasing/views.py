"""The pages of buying, by part."""

from __future__ import annotations

from portal.purchasing import views_invoices, views_nearby, views_orders, views_purchases  # noqa: F401
from portal.purchasing.views_base import pages

__all__ = ["pages"]
