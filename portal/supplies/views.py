"""The pages of office supplies, by part."""

from __future__ import annotations

from portal.supplies.views_catalogue import pages

__all__ = ["pages"]
