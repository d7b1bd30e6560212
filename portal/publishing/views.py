"""The pages of publishing, by part."""

from __future__ import annotations

from portal.publishing import views_manuscripts, views_news, views_take_downs
from portal.publishing.views_desk import pages

__all__ = ["pages", "views_manuscripts", "views_news", "views_take_downs"]
