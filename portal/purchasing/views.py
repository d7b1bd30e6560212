"""The pages of buying, by part."""

from __future__ import annotations

from portal.web import Pages

pages = Pages("purchasing")
