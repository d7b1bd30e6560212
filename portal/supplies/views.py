"""The pages of office supplies, by part."""

from __future__ import annotations

from portal.supplies import (  # noqa: F401
    views_accounts,
    views_custodians,
    views_draws,
    views_goods,
    views_imports,
    views_limits,
    views_reports,
    views_wishes,
)
from portal.supplies.views_catalogue import pages

__all__ = ["pages"]
