"""The rules of office supplies, by part."""

from __future__ import annotations

from portal.supplies import rules_catalogue, rules_custodians, rules_goods, rules_imports, rules_limits

__all__ = ["rules_catalogue", "rules_custodians", "rules_goods", "rules_imports", "rules_limits"]
