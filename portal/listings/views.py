"""The pages of store listings, by part."""

from __future__ import annotations

from portal.web import Pages

pages = Pages("listings")
