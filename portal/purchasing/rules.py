"""The rules of buying, by part."""

from __future__ import annotations

from portal.purchasing import (
    rules_expected,
    rules_imports,
    rules_invoices,
    rules_late,
    rules_nearby,
    rules_orders,
    rules_proposals,
    rules_purchases,
    rules_quotes,
    rules_suppliers,
)

__all__ = [
    "rules_expected",
    "rules_imports",
    "rules_invoices",
    "rules_late",
    "rules_nearby",
    "rules_orders",
    "rules_proposals",
    "rules_purchases",
    "rules_quotes",
    "rules_suppliers",
]
