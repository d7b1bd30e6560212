"""The rules of office supplies, by part."""

from __future__ import annotations

from portal.supplies import (
    rules_catalogue,
    rules_custodians,
    rules_draws,
    rules_expected,
    rules_goods,
    rules_imports,
    rules_issuing,
    rules_limits,
    rules_waiting,
    rules_wishes,
)

__all__ = [
    "rules_catalogue",
    "rules_custodians",
    "rules_draws",
    "rules_expected",
    "rules_goods",
    "rules_imports",
    "rules_issuing",
    "rules_limits",
    "rules_waiting",
    "rules_wishes",
]
