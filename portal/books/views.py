"""The pages of the books, by part."""

from __future__ import annotations

from portal.books import views_accounts, views_months, views_notes, views_payments, views_statements  # noqa: F401
from portal.books.views_titles import pages

__all__ = ["pages"]
