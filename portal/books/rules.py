"""The books: what is paid and what is posted. Each part has its own file; here they are read, and checked against each other."""

from __future__ import annotations

from collections.abc import Iterator

from portal import checks, db
from portal.books import (
    rules_accounts,
    rules_adjustments,
    rules_close,
    rules_notes,
    rules_openings,
    rules_payments,
    rules_reports,
    rules_runs,
    rules_vouchers,
)

__all__ = [
    "rules_accounts",
    "rules_adjustments",
    "rules_close",
    "rules_notes",
    "rules_openings",
    "rules_payments",
    "rules_reports",
    "rules_runs",
    "rules_vouchers",
]

_UNEQUAL = """
SELECT v.number, SUM(l.amount) FROM vouchers v JOIN voucher_lines l ON l.voucher_id = v.id
GROUP BY v.number HAVING SUM(l.amount) <> 0
"""
_EMPTY = "SELECT v.number FROM vouchers v WHERE NOT EXISTS (SELECT 1 FROM voucher_lines l WHERE l.voucher_id = v.id)"
_UNLIKE = """
SELECT f.name, (SELECT COALESCE(SUM(l.amount), 0) FROM voucher_lines l WHERE l.title_id = f.title_id),
       (SELECT COALESCE(SUM(e.amount), 0) FROM cash_entries e JOIN postings p ON p.entry_id = e.id WHERE e.fund_id = f.id)
FROM funds f
"""
_PAID = """
SELECT p.id, p.paid, COALESCE(SUM(-e.amount), 0) FROM payables p LEFT JOIN cash_entries e ON e.payable_id = p.id
GROUP BY p.id, p.paid HAVING p.paid <> COALESCE(SUM(-e.amount), 0)
"""


@checks.register
def verify() -> Iterator[str]:
    """A sentence for every voucher that does not sum to zero, every fund whose title says something else than its posted journal,
    and every payable whose payments do not come to what it says."""
    for number, difference in db.rows(_UNEQUAL):
        yield f"voucher {number} does not sum to zero: {int(difference)}"
    for (number,) in db.rows(_EMPTY):
        yield f"voucher {number} has no lines"
    for name, books, journal in db.rows(_UNLIKE):
        if int(books) != int(journal):
            yield f"{name}: {int(books)} in the books, {int(journal)} in the posted journal"
    for key, paid, entered in db.rows(_PAID):
        yield f"payable {key}: {paid} paid by its own record, {int(entered)} by the journals"
