"""What waits for whom, what is mine, what I decided: rows for the lists, not models."""

from __future__ import annotations
