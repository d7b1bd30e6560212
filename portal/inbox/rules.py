"""Bulk steps and saved views of the inbox."""

from __future__ import annotations
