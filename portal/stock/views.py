"""Pages of stock: what is on the shelf, what moved, and the counts."""

from __future__ import annotations

from portal.web import Pages

pages = Pages("stock")
