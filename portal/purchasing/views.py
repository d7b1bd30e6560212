"""The pages of buying, by part."""

from __future__ import annotations

from portal.purchasing import (  # noqa: F401
    views_imports,
    views_invoices,
    views_nearby,
    views_orders,
    views_prices,
    views_proposals,
    views_purchases,
    views_quotes,
    views_reports,
    views_suppliers,
)
from portal.purchasing.views_base import pages

__all__ = ["pages"]
