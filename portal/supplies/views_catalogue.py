"""Pages of the catalogue."""

from __future__ import annotations

from portal.web import Pages

pages = Pages("supplies")
