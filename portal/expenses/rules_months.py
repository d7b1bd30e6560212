"""What a month's close asks of expenses, and what it lists of them (FIN-07, FIN-11)."""

from __future__ import annotations

from portal import clock, db
from portal.books.models_months import first_day, last_day
from portal.books.rules_close import CHECKLIST, LISTED, Item
from portal.expenses.models_money import REQUESTS
from portal.words import Words, _

_DUE = """
SELECT k.number FROM advances v JOIN cases k ON k.id = v.case_id JOIN accounts a ON a.id = v.account_id
WHERE v.due_on <= ? AND a.put - a.taken > 0 ORDER BY v.due_on, k.id
"""


def overdue_advances(month: int) -> Item:
    """Advances that were due by the end of the month are settled, or a signed note carries them over."""
    last = last_day(month)
    rows = db.rows(_DUE, last if db.is_postgres() else last.isoformat())
    return Item(
        _("Advances that were due are settled"),
        tuple(number for (number,) in rows),
        may_be_noted=True,
        endpoint="expenses.advance_index",
    )


SIGNED_IN = {"claim": "submitted"}  # papers that are no requests, and where the general manager decides them
_DECIDED_INSTEAD = """
SELECT k.number, k.title FROM events e JOIN cases k ON k.id = e.thing_id
WHERE e.thing = 'case' AND e.at >= ? AND e.at <= ? AND (%s)
    AND e.action IN ('approve', 'approve_without_invoice', 'sign') AND (e.post <> 'gm' OR k.mark = 'in_stead') ORDER BY e.at, k.id
"""


def own_papers(month: int) -> tuple[Words, list[tuple[str, str]]]:
    """Papers that somebody decided in the general manager's stead: his own first of all."""
    start, end = clock.start_of(first_day(month)), clock.end_of(last_day(month))
    signed = SIGNED_IN | {name: kind.signed_in for name, kind in REQUESTS.items()}
    where = " OR ".join(["k.kind = ? AND e.before = ?"] * len(signed))
    named = [word for pair in signed.items() for word in pair]
    rows = db.rows(_DECIDED_INSTEAD % where, db.to_ms(start), db.to_ms(end), *named)
    return _("Decided in the general manager's stead"), [(number or "", title) for number, title in rows]


CHECKLIST.append(overdue_advances)
LISTED.append(own_papers)
