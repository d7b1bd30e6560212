"""The rules of the contract archive, by part."""

from __future__ import annotations

from portal.contracts import rules_natures, rules_register

__all__ = ["rules_natures", "rules_register"]
