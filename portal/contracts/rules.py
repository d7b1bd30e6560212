"""The rules of the contract archive, by part."""

from __future__ import annotations

from portal.contracts import (
    rules_checks,
    rules_confidential,
    rules_copies,
    rules_custody,
    rules_finding,
    rules_imports,
    rules_incidents,
    rules_intake,
    rules_links,
    rules_loans,
    rules_natures,
    rules_register,
    rules_reminders,
    rules_retention,
    rules_scans,
)

__all__ = [
    "rules_checks",
    "rules_confidential",
    "rules_copies",
    "rules_custody",
    "rules_finding",
    "rules_imports",
    "rules_incidents",
    "rules_intake",
    "rules_links",
    "rules_loans",
    "rules_natures",
    "rules_register",
    "rules_reminders",
    "rules_retention",
    "rules_scans",
]
