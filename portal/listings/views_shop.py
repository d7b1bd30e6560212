"""What the pages of store listings share: their blueprint, and where they stand in the navigation."""

from __future__ import annotations

from portal.web import Pages
from portal.words import _

pages = Pages("listings")
SHOP = _("Store listings")
