"""The rules of buying, by part."""

from __future__ import annotations

from portal.purchasing import rules_invoices, rules_nearby, rules_orders, rules_purchases

__all__ = ["rules_invoices", "rules_nearby", "rules_orders", "rules_purchases"]
