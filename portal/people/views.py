"""The pages of people: the door, one's own page, and where departments, accounts, roles and company rules are kept."""

from __future__ import annotations

from portal.people import views_calendar, views_departments, views_imports, views_me, views_people, views_roles, views_rules  # noqa: F401
from portal.people.views_door import pages

__all__ = ["pages"]
