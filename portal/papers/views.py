"""The pages that every kind of paper shares: its form, the case page, steps, comments, files and print."""

from __future__ import annotations

from portal.web import Pages

pages = Pages("papers")
