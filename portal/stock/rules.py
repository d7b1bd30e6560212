"""The rules of stock: how items are kept, and how they are counted."""

from __future__ import annotations

from portal.stock.models import KINDS
from portal.stock.models_counts import RUNNING, count_content
from portal.stock.rules_counts import COUNT, tally
from portal.stock.rules_items import (
    CODE,
    WHEN_STOCK_COMES,
    WHEN_STOCK_GOES,
    add_category,
    add_item,
    change_category,
    change_item,
    hidden_from,
    moved_since,
    refuse_back_dated,
    stock_comes,
    stock_goes,
)

__all__ = [
    "CODE", "COUNT", "KINDS", "RUNNING", "WHEN_STOCK_COMES", "WHEN_STOCK_GOES", "add_category", "add_item", "change_category",
    "change_item", "count_content", "hidden_from", "moved_since", "refuse_back_dated", "stock_comes", "stock_goes", "tally",
]  # fmt: skip
