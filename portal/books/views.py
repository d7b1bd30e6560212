"""Pages of the books."""

from __future__ import annotations

from portal.web import Pages

pages = Pages("books")
