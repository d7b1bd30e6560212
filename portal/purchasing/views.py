"""The pages of buying, by part."""

from __future__ import annotations

from portal.purchasing.views_base import pages

__all__ = ["pages"]
