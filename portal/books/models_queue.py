"""The cashier's queue as its pages read it: what is payable, filtered, by payee; and the lines that wait for a confirmation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from portal import access, clock, db
from portal.money import Money
from portal.words import Words, _

PAGE = 100
MOST_AT_ONCE = 500  # lines of one payment run
WHEN: dict[str, Words] = {"due": _("Due today or before"), "late": _("Late"), "later": _("Due later")}
_WHEN = {"due": "p.due <= ?", "late": "p.due < ?", "later": "p.due > ?"}
STANDING: dict[str, tuple[Words, str]] = {
    "ready": (_("Ready to pay"), "(p.barred = ',' OR p.confirmed_by_id IS NOT NULL)"),
    "apart": (_("Stands apart, to be confirmed"), "p.barred <> ',' AND p.confirmed_by_id IS NULL"),
    "unnamed": (_("Without an account"), "p.number = ''"),
    "begun": (_("Paid in part"), "p.paid > 0"),
}


class Due(NamedTuple):
    """A line of the queue."""

    id: int
    case_id: int
    kind: str
    case_number: str
    title: str
    person_id: int | None
    payee: str
    bank: str
    number: str
    holder: str
    text: str
    amount: Money
    paid: Money
    due: date
    barred: str
    confirmed_by_id: int | None

    @property
    def open(self) -> Money:
        return self.amount - self.paid

    @property
    def is_late(self) -> bool:
        return self.due < clock.today()

    @property
    def waits(self) -> bool:
        """Whether it stands apart and nobody confirmed it yet."""
        return self.barred != "," and self.confirmed_by_id is None

    @property
    def place(self) -> str:
        """Where the list goes on after this line."""
        return f"{self.due.isoformat()}-{self.id}"


@dataclass(frozen=True)
class Wanted:
    """The filters of the queue; empty ones let everything through."""

    kind: str = ""
    when: str = ""
    standing: str = ""
    words: str = ""
    case_id: int | None = None

    def condition(self) -> tuple[str, list[Any]]:
        """SQL on the payable `p` and its case `k`, each part led by AND, and its values."""
        parts: list[tuple[str, list[Any]]] = []
        if self.kind:
            parts.append(("k.kind = ?", [self.kind]))
        if self.case_id:
            parts.append(("k.id = ?", [self.case_id]))
        if self.when:
            parts.append((_WHEN[self.when], [_day(clock.today())]))
        if self.standing:
            parts.append((STANDING[self.standing][1], []))
        for word in self.words.lower().split():
            like = "%" + re.sub(r"([!%_])", r"!\1", word) + "%"
            parts.append((_FOUND, [like] * 4))
        return "".join(f" AND {sql}" for sql, _values in parts), [value for _sql, values in parts for value in values]


_FOUND = """(LOWER(p.payee) LIKE ? ESCAPE '!' OR LOWER(k.number) LIKE ? ESCAPE '!' OR LOWER(k.title) LIKE ? ESCAPE '!'
    OR LOWER(p.text) LIKE ? ESCAPE '!')"""
_OPEN = "FROM payables p JOIN cases k ON k.id = p.case_id WHERE p.paid < p.amount AND p.withdrawn_at IS NULL"
_DUE = f"""
SELECT p.id, k.id, k.kind, k.number, k.title, p.person_id, p.payee, p.bank, p.number, p.holder, p.text, p.amount, p.paid, p.due,
       p.barred, p.confirmed_by_id {_OPEN}"""


def _day(day: date) -> Any:
    """A date as hand-written SQL compares it on either database."""
    return day if db.is_postgres() else day.isoformat()


def payable_now(wanted: Wanted = Wanted(), after: tuple[date, int] | None = None, limit: int = PAGE + 1) -> list[Due]:
    """What is payable, the longest due first. `after`: the day and the id of the last line shown."""
    narrowed, values = wanted.condition()
    if after:
        narrowed, values = narrowed + " AND (p.due, p.id) > (?, ?)", [*values, _day(after[0]), after[1]]
    return [_read(row) for row in db.rows(f"{_DUE}{narrowed} ORDER BY p.due, p.id LIMIT ?", *values, limit)]


def every_payable(wanted: Wanted) -> Iterator[Due]:
    """All that the filters let through, for taking it away."""
    narrowed, values = wanted.condition()
    yield from (_read(row) for row in db.run(f"{_DUE}{narrowed} ORDER BY p.due, p.id", *values))


def still_payable(ids: Iterable[int]) -> list[Due]:
    """Those of these lines that can still be paid, in their order in the queue."""
    chosen = list(ids)
    if not chosen:
        return []
    return [_read(row) for row in db.rows(f"{_DUE} AND p.id IN ({db.marks(chosen)}) ORDER BY p.due, p.id", *chosen)]


def _read(row: tuple[Any, ...]) -> Due:
    told: Any = row[:11]
    amount, paid, due, barred, confirmed = row[11:]
    day = date.fromisoformat(due) if isinstance(due, str) else due
    return Due(*(*told, Money(amount), Money(paid), day, barred, confirmed))


class OfPayee(NamedTuple):
    """What one payee is owed in all."""

    payee: str
    lines: int
    open: Money


def by_payee(wanted: Wanted, limit: int = 20) -> list[OfPayee]:
    """Who is owed most, first."""
    narrowed, values = wanted.condition()
    sql = f"""SELECT p.payee, COUNT(*), SUM(p.amount - p.paid) AS open {_OPEN}{narrowed}
              GROUP BY p.person_id, p.payee ORDER BY open DESC, p.payee LIMIT ?"""
    return [OfPayee(payee, lines, Money(int(open_))) for payee, lines, open_ in db.rows(sql, *values, limit)]


def sums(wanted: Wanted) -> tuple[int, Money]:
    """How many lines the filters let through, and what they come to."""
    narrowed, values = wanted.condition()
    lines, open_ = db.rows(f"SELECT COUNT(*), COALESCE(SUM(p.amount - p.paid), 0) {_OPEN}{narrowed}", *values)[0]
    return int(lines), Money(int(open_))


def kinds_payable() -> list[str]:
    """The kinds of paper of which something is payable."""
    return [kind for (kind,) in db.rows(f"SELECT DISTINCT k.kind {_OPEN} ORDER BY k.kind")]


def due_count(limit: int = 1000) -> int:
    """How many lines are due today or before, and may be paid; counted up to that many."""
    ready = STANDING["ready"][1]
    few = f"SELECT p.id {_OPEN} AND p.due <= ? AND {ready} LIMIT ?"
    (count,) = db.rows(f"SELECT COUNT(*) FROM ({few}) AS few", _day(clock.today()), limit)[0]
    return int(count)


# ---- confirmations --------------------------------------------------------------------------------------------------

CONFIRMS_GM = ("exec_in_charge", "chief_accountant")  # whose confirmation a line of the general manager needs


def confirms(posts: Iterable[str], payee_is_gm: bool) -> bool:
    """Whether these posts confirm such a line: that of the general manager another than that of everyone else."""
    held = {access.split_post(post)[0] for post in posts}
    return bool(held.intersection(CONFIRMS_GM)) if payee_is_gm else "gm" in held


def apart_for(person_id: int, posts: Iterable[str]) -> list[Due]:
    """The lines that stand apart and that this person may confirm: never their own."""
    managers, held = set(access.holder_ids("gm")), list(posts)
    found = payable_now(Wanted(standing="apart"), limit=MOST_AT_ONCE)
    return [each for each in found if each.person_id != person_id and confirms(held, each.person_id in managers)]


def apart_count(of_gm: bool) -> int:
    """How many lines of the general manager, or of everyone else, wait to be confirmed."""
    managers = set(access.holder_ids("gm"))
    return sum((each.person_id in managers) == of_gm for each in payable_now(Wanted(standing="apart"), limit=MOST_AT_ONCE))
