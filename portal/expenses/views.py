"""The pages of expenses, by part."""

from __future__ import annotations

from portal.expenses import views_advances, views_allowances, views_business, views_claims, views_claims_lists, views_consents
from portal.expenses.views_requests import pages

__all__ = [
    "pages",
    "views_advances",
    "views_allowances",
    "views_business",
    "views_claims",
    "views_claims_lists",
    "views_consents",
]
