"""Rules of the pages that every kind of paper shares."""

from __future__ import annotations
