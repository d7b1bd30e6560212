"""Where the pages of buying hang."""

from __future__ import annotations

from portal.access import any_of, office_clerk, office_manager, purchaser
from portal.web import Pages
from portal.words import _

SUPPLIES = _("Office supplies")
pages = Pages("purchasing")
BUYS = any_of(office_clerk, office_manager, purchaser)
