"""What the pages of a paper read besides the case: its timeline, its links and its files."""

from __future__ import annotations
