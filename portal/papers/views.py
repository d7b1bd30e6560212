"""The pages that every kind of paper shares: its form, the page of a paper, its steps, and the list of all."""

from __future__ import annotations

from portal.papers import views_forms, views_list, views_stand_ins, views_steps  # noqa: F401
from portal.papers.views_paper import pages
from portal.showing import pane_values

__all__ = ["pages", "pane_values"]
