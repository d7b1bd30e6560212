"""The rules of store listings: products and their contents, prices, the shelf."""

from __future__ import annotations

from portal.listings import rules_files, rules_filings  # noqa: F401
from portal.listings.models_prices import price_content
from portal.listings.models_shelf import Ready, readiness, shelf_content
from portal.listings.rules_arrangements import archive, move_to, place, restore, review
from portal.listings.rules_goods import NOTE
from portal.listings.rules_prices import PRICE, Struck
from portal.listings.rules_products import add_product, change_product, vouch, vouch_for, write_content
from portal.listings.rules_promotions import ARTWORK, PLAN, TREATMENT
from portal.listings.rules_shelf import SHELF
from portal.listings.rules_shown import put_up, show, take_off
from portal.listings.rules_tasks import TASK

__all__ = [
    "ARTWORK", "NOTE", "PLAN", "PRICE", "SHELF", "TASK", "TREATMENT", "Ready", "Struck", "add_product", "archive",
    "change_product", "move_to", "place", "price_content", "put_up", "readiness", "restore", "review", "shelf_content", "show",
    "take_off", "vouch", "vouch_for", "write_content",
]  # fmt: skip
