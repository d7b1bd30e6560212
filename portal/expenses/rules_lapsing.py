"""What becomes of approved requests that are not used, and what is checked of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

from portal import checks, clock, db, policies, steps
from portal.budget.models import BudgetException
from portal.expenses.models import Spending
from portal.expenses.models_money import REQUESTS
from portal.jobs import job
from portal.words import Words, _, _n

request_lapse_days = policies.declare(
    "request_lapse_days",
    90,
    "gm",
    _("An approved request that is not used lapses after"),
    unit=_("days"),
    minimum=1,
    maximum=3650,
    rule="FIN-10",
)
APPROVED = ["SELECT case_id FROM spendings WHERE approved_at IS NOT NULL"]  # the papers for which money may be taken
_LAPSING = """
SELECT k.id, k.version FROM cases k JOIN spendings s ON s.case_id = k.id
LEFT JOIN budget_exceptions x ON x.case_id = k.id AND x.ended_at IS NULL
WHERE k.kind IN (%s) AND k.state = 'approved' AND (s.approved_at < ? OR x.expires < ?)
AND NOT EXISTS (SELECT 1 FROM claims c JOIN cases q ON q.id = c.case_id WHERE c.request_id = COALESCE(s.supplements_id, k.id)
                AND q.state IN ('submitted', 'signed', 'payable'))
AND NOT EXISTS (SELECT 1 FROM advances v JOIN cases q ON q.id = v.case_id WHERE v.request_id = COALESCE(s.supplements_id, k.id)
                AND q.state IN ('blocked', 'payable', 'paid', 'outstanding'))
AND NOT EXISTS (SELECT 1 FROM spendings u JOIN cases q ON q.id = u.case_id WHERE u.supplements_id = k.id
                AND q.state = 'provisional')
AND NOT EXISTS (SELECT 1 FROM cases r WHERE r.id = s.supplements_id AND r.closed_at IS NULL
                AND r.state NOT IN ('approved', 'provisional'))
ORDER BY CASE WHEN s.supplements_id IS NULL THEN 1 ELSE 0 END, k.id
"""


def last_day(paper: Spending, exception: BudgetException | None) -> date:
    """The last day on which an approved request may be used."""
    day = clock.local(paper.approved_at).date() + timedelta(days=request_lapse_days())
    return min(day, exception.expires) if exception else day


def lapse_unused() -> int:
    """Ends approved requests past their time; their money is free again. Answers how many."""
    today = clock.today()
    oldest = clock.start_of(today - timedelta(days=request_lapse_days()))
    day = today if db.is_postgres() else today.isoformat()
    due = db.rows(_LAPSING % db.marks(REQUESTS), *REQUESTS, db.to_ms(oldest), day)
    for case_id, version in due:
        steps.take(None, case_id, "lapse", ("approved", version))
    return len(due)


@job("lapse_unused", every=timedelta(days=1), at=time(0, 30), about=_("Ends approved requests that were not used in time"))
def lapse_daily() -> Words:
    return _n("%(n)s request lapsed.", "%(n)s requests lapsed.", lapse_unused())


# ---- check ----------------------------------------------------------------------------------------------------------


@checks.register
def verify() -> Iterator[str]:
    """A sentence for every request that holds and should not, or should and does not, and for money taken without approval."""
    wrong = """
    SELECT k.number, k.state, k.mark FROM cases k WHERE k.kind = ?
    AND (k.state IN (%s) AND k.mark <> 'over_budget' AND k.amount >
         COALESCE((SELECT SUM(t.amount) FROM entries t WHERE t.case_id = k.id AND t.verb = 'take'), 0))
        <> EXISTS (SELECT 1 FROM open_holds h JOIN entries e ON e.id = h.entry_id WHERE e.case_id = k.id)
    """
    for name, kind in REQUESTS.items():
        for number, state_name, mark in db.rows(wrong % db.marks(kind.holds), name, *kind.holds):
            yield f"{number} is {state_name}{' and ' + mark if mark else ''}: what it holds does not agree with that"
    approved = " UNION ".join(APPROVED)
    taken = f"""
    SELECT e.id FROM entries e JOIN accounts a ON a.id = e.account_id
    WHERE a.book = 'budget' AND e.verb = 'take' AND (e.case_id IS NULL OR e.case_id NOT IN ({approved}))
    """
    for (entry,) in db.rows(taken):
        yield f"entry {entry} took money for a paper that was never approved"
