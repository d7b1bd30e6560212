"""The pages of stock, by part."""

from __future__ import annotations

from portal.stock import views_counts
from portal.stock.views_list import pages

__all__ = ["pages", "views_counts"]
