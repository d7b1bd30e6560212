"""The modules of the house, in order: each may use only those before it. Tables, flows, pages and jobs follow from it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

ORDER = (
    "people",
    "papers",
    "inbox",
    "budget",
    "books",
    "stock",
    "supplies",
    "contracts",
    "expenses",
    "purchasing",
    "listings",
    "publishing",
    "storefront",
)


def load() -> None:
    """Reads every module's tables and rules: a flow, a policy or a job exists once its file is read."""
    for name in ORDER:
        import_module(f"portal.{name}.models")
        import_module(f"portal.{name}.rules")


def pages() -> list[Any]:
    """The modules' pages, in order."""
    return [import_module(f"portal.{name}.views").pages for name in ORDER]
