"""The rules of publishing: manuscripts and their way, the hours, take-downs, and the upkeep of the site."""

from __future__ import annotations

from portal.publishing.rules_flow import MANUSCRIPT
from portal.publishing.rules_take_downs import take_down_product
from portal.publishing.rules_upkeep import write_upkeep

__all__ = ["MANUSCRIPT", "take_down_product", "write_upkeep"]
