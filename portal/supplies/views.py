"""The pages of office supplies, by part."""

from __future__ import annotations

from portal.supplies import views_custodians, views_goods, views_imports, views_limits, views_reports  # noqa: F401
from portal.supplies.views_catalogue import pages

__all__ = ["pages"]
