"""The pages of the contract archive, by part."""

from __future__ import annotations

from portal.contracts import (
    views_checks,
    views_custody,
    views_finding,
    views_imports,
    views_intake,
    views_loans,
    views_statistics,
)
from portal.contracts.views_register import pages

__all__ = [
    "pages",
    "views_checks",
    "views_custody",
    "views_finding",
    "views_imports",
    "views_intake",
    "views_loans",
    "views_statistics",
]
