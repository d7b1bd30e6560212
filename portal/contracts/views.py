"""The pages of the contract archive, by part."""

from __future__ import annotations

from portal.contracts.views_register import pages

__all__ = ["pages"]
