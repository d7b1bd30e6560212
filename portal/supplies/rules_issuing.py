"""Issue and receipt: what is held goes out and counts as consumed, what is declined comes back (SUP-12, SUP-18)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta

from portal import access, checks, clock, db, notices, policies
from portal.cases import Case, Task
from portal.flow import Act
from portal.jobs import job
from portal.refused import Mistyped
from portal.stock.models import STOCK
from portal.stock.rules import stock_comes
from portal.supplies.models import Draw, DrawLine
from portal.supplies.models_catalogue import month_of, this_month
from portal.supplies.rules_waiting import accounts_of, lines_now
from portal.words import Words, _, _n

receipt_days = policies.declare(
    "receipt_reminder_days",
    2,
    "office_manager",
    _("Who confirms no receipt of supplies is reminded after"),
    unit=_("working days"),
    minimum=1,
    maximum=60,
    rule="SUP-12",
)


def hand_out(act: Act) -> None:
    """Issue and books are one (SUP-18): what is held is taken, and counts as the department's consumption."""
    for hold in STOCK.holds_of(act.case):
        STOCK.take(hold.id, hold.amount, act.person)
    month = this_month()
    for line in lines_now(act.case):
        if line.granted:
            db.run("UPDATE draw_lines SET issued = ? WHERE id = ?", line.granted, line.id)
            _consumed(act.case.department_id, line.item_id, month, line.granted)
    Draw.update(issued_at=clock.now()).where(Draw.case == act.case).execute()


_CONSUMED = """
INSERT INTO supply_months (department_id, item_id, month, quantity) VALUES (?, ?, ?, ?)
ON CONFLICT (department_id, item_id, month) DO UPDATE SET quantity = supply_months.quantity + excluded.quantity
"""
_GIVEN_BACK = "UPDATE supply_months SET quantity = quantity - ? WHERE department_id = ? AND item_id = ? AND month = ?"


def _consumed(department_id: int, item_id: int, month: int, quantity: int) -> None:
    db.run(_CONSUMED, department_id, item_id, month, quantity)


def take_back(act: Act) -> None:
    """What is declined lies on the shelf again, and was not consumed."""
    declined = {line.item_id: (line, *act.given.lines[line.id]) for line in act.lines if act.given.lines.get(line.id, (0,))[0]}
    accounts = accounts_of(act.lines)
    month = month_of(clock.local(act.paper.issued_at).date())
    for item, (line, quantity, reason) in sorted(declined.items(), key=lambda each: accounts[each[0]]):
        DrawLine.update(declined=quantity, decline_reason=reason).where(DrawLine.id == line.id).execute()
        STOCK.put(accounts[item], quantity, act.case, act.person, _("Declined on receipt"))
        db.run(_GIVEN_BACK, quantity, act.case.department_id, item, month)
    stock_comes(declined)


def something_stayed(act: Act) -> bool:
    return any(line.issued > line.declined for line in lines_now(act.case))


@dataclass(frozen=True)
class Declined:
    """What the receiver does not take: line id -> how many, and why."""

    lines: dict[int, tuple[int, str]]

    def why_not(self, act: Act) -> None:
        issued = {line.id: line for line in act.lines if line.issued}
        for key, (quantity, reason) in self.lines.items():
            if key not in issued or not 0 <= quantity <= issued[key].issued:
                most = issued[key].issued if key in issued else 0
                raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=0, most=most), f"declined-{key}")
            if quantity and not reason:
                raise Mistyped(_("Say why, so that the others can follow."), f"reason-{key}")
            if len(reason) > 200:
                raise Mistyped(_("That is too long: at most %(most)s characters.", most=200), f"reason-{key}")
        if not any(quantity for quantity, _reason in self.lines.values()):
            raise Mistyped(_("Nothing is declined: confirm the receipt instead."))


# ---- reminders ------------------------------------------------------------------------------------------------------

_UNCONFIRMED = """
SELECT t.id FROM tasks t JOIN cases k ON k.id = t.case_id
WHERE t.closed IS NULL AND k.kind = 'draw' AND k.state = 'issued' AND t.due < ?
AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.case_id = k.id AND n.topic = 'receipt' AND n.at > ?)
ORDER BY t.id LIMIT 500
"""


@db.transaction
def remind() -> int:
    """Tells those who could confirm what was issued too long ago, once in as many working days. Answers how many papers."""
    now = clock.now()
    day = clock.local(now).date()
    while clock.working_day_after(day, receipt_days()) > clock.local(now).date():
        day -= timedelta(days=1)
    late = db.rows(_UNCONFIRMED, db.to_ms(now), db.to_ms(clock.end_of(day)))
    for (task_id,) in late:
        task = Task.get_by_id(task_id)
        case = Case.get_by_id(task.case_id)
        text = _("%(number)s was issued: confirm that it came, or decline what is wrong.", number=case.number or "")
        told = [person.id for person in access.holders(task.post) if not task.bars(person)]
        notices.tell(told or [case.requester_id], "receipt", text, case)
    return len(late)


@job("remind_receipts", every=timedelta(days=1), at=time(8), about=_("Reminds of supplies that were issued and not confirmed"))
def remind_daily() -> Words:
    return _n("%(n)s receipt to confirm.", "%(n)s receipts to confirm.", remind())


# ---- check ----------------------------------------------------------------------------------------------------------

_LINES = """
SELECT k.number, k.state, k.department_id, l.item_id, COALESCE(l.granted, 0), l.issued, l.declined, d.issued_at,
       COALESCE(s.taken, 0), COALESCE(s.put, 0), COALESCE(o.held, 0)
FROM cases k JOIN draws d ON d.case_id = k.id JOIN draw_lines l ON l.case_id = k.id AND l.version = k.version
JOIN items i ON i.id = l.item_id
LEFT JOIN (SELECT e.case_id, e.account_id, SUM(e.taken) AS taken, SUM(e.put) AS put FROM entries e
           JOIN draws x ON x.case_id = e.case_id GROUP BY e.case_id, e.account_id) s
       ON s.case_id = k.id AND s.account_id = i.account_id
LEFT JOIN (SELECT e.case_id, e.account_id, SUM(h.amount) AS held FROM open_holds h JOIN entries e ON e.id = h.entry_id
           GROUP BY e.case_id, e.account_id) o
       ON o.case_id = k.id AND o.account_id = i.account_id
WHERE k.kind = 'draw' AND k.number IS NOT NULL ORDER BY k.id, l.n
"""


@checks.register
def verify() -> Iterator[str]:
    """A sentence for every draw whose lines are not what its entries say, and every month that is not what was issued."""
    months: dict[tuple[int, int, int], int] = {}
    for number, state, department, item, granted, issued, declined, at, taken, given_back, held in db.rows(_LINES):
        if (int(taken), int(given_back)) != (issued, declined):
            yield f"{number}: {issued} of item {item} issued and {declined} declined, by its entries {taken} and {given_back}"
        allowed = {granted} if state == "approved" else {0, granted} if state == "waiting" else {0}
        if int(held) not in allowed:
            yield f"{number} is {state} and holds {held} of item {item}, where it was granted {granted}"
        if at is not None:
            key = (department, item, month_of(clock.local(db.from_ms(at)).date()))
            months[key] = months.get(key, 0) + issued - declined
    kept = {(department, item, month): int(n) for department, item, month, n in db.rows(_KEPT)}
    for department, item, month in sorted(kept.keys() | months.keys()):
        counted, written = months.get((department, item, month), 0), kept.get((department, item, month), 0)
        if counted != written:
            yield f"item {item} in {month}: department {department} was issued {counted}, its months say {written}"


_KEPT = "SELECT department_id, item_id, month, quantity FROM supply_months"
