"""Queries about departments, people and grants for the pages that keep them."""

from __future__ import annotations
