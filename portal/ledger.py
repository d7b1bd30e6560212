"""Whatever is counted: accounts with running totals and append-only entries, moved by put, cut, hold, release and take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from peewee import BigIntegerField, CharField, ForeignKeyField, TextField

from portal import clock, db, history
from portal.cases import Case
from portal.db import MomentField, Table
from portal.persons import Person
from portal.refused import Refused
from portal.words import Words, _, to_json

_MOVE = """
UPDATE accounts SET put = put + ?, held = held + ?, taken = taken + ?
WHERE id = ? AND book = ? AND put - held - taken + ? >= 0 RETURNING id
"""
_ENTER = """
INSERT INTO entries (account_id, verb, amount, put, held, taken, case_id, settles_id, by_id, at, why, request_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
"""

_OPEN_HOLDS = """
case_id = ? AND verb = 'hold' AND account_id IN (SELECT id FROM accounts WHERE book = ?)
AND NOT EXISTS (SELECT 1 FROM entries s WHERE s.settles_id = entries.id) ORDER BY id
"""


class Account(Table):
    """Running totals; what is free is put − held − taken and never below zero, by the schema."""

    book = CharField(max_length=12)
    put = BigIntegerField(default=0)
    held = BigIntegerField(default=0)
    taken = BigIntegerField(default=0)

    class Meta:
        table_name = "accounts"

    @property
    def free(self) -> int:
        return self.put - self.held - self.taken


class Entry(Table):
    """One movement: by how much each total moved, for which case, and which hold it settles (each hold once, by the schema)."""

    account = ForeignKeyField(Account)
    verb = CharField(max_length=8)
    amount = BigIntegerField()
    put = BigIntegerField()
    held = BigIntegerField()
    taken = BigIntegerField()
    case = ForeignKeyField(Case, null=True)
    settles = ForeignKeyField("self", null=True, unique=True)
    by = ForeignKeyField(Person, null=True)
    at = MomentField()
    why = TextField(default="")
    request_id = CharField(max_length=40, default="")

    class Meta:
        table_name = "entries"


@dataclass(frozen=True)
class Ledger:
    """The accounts of one book. Verbs join the caller's transaction; several accounts in one step go in order of id."""

    book: str

    def open(self) -> Account:
        return Account.add(book=self.book)

    def put(
        self, account_id: int, amount: int, case: Case | None = None, by: Person | None = None, why: Words | None = None
    ) -> int:
        """Adds to what may be used. Answers the entry's id, as all verbs do."""
        return self._move(account_id, "put", amount, (amount, 0, 0), case, by, why)

    def cut(
        self, account_id: int, amount: int, case: Case | None = None, by: Person | None = None, why: Words | None = None
    ) -> int:
        """Takes back what was put. Raises Refused beyond what is free."""
        return self._move(account_id, "cut", amount, (-amount, 0, 0), case, by, why)

    def hold(self, account_id: int, amount: int, case: Case | None = None, by: Person | None = None) -> int:
        """Sets aside. Raises Refused beyond what is free."""
        return self._move(account_id, "hold", amount, (0, amount, 0), case, by, None)

    def try_hold(self, account_id: int, amount: int, case: Case | None = None, by: Person | None = None) -> int | None:
        """Sets aside if that much is free, and answers None if not: the question and the deed in one statement."""
        try:
            return self.hold(account_id, amount, case, by)
        except NotFree:
            return None

    def release(self, hold_id: int, by: Person | None = None) -> int:
        """Gives a hold back. Raises Refused if it was settled already."""
        hold = self._open_hold(hold_id)
        return self._move(hold.account_id, "release", hold.amount, (0, -hold.amount, 0), hold.case, by, None, hold.id)

    def take(self, hold_id: int, amount: int, by: Person | None = None, more_follows: bool = False) -> int | None:
        """Takes from a hold. What is left is free again, or held anew when more will follow: then the new hold is answered."""
        hold = self._open_hold(hold_id)
        if not 0 < amount <= hold.amount:
            raise Refused(_("That is more than was set aside for this paper."))
        self._move(hold.account_id, "take", amount, (0, -hold.amount, amount), hold.case, by, None, hold.id)
        rest = hold.amount - amount
        return self.hold(hold.account_id, rest, hold.case, by) if more_follows and rest else None

    def holds_of(self, case: Case) -> list[Entry]:
        """The holds of this case that are not settled yet."""
        return Entry.where(_OPEN_HOLDS, case.id, self.book)

    def _open_hold(self, hold_id: int) -> Entry:
        hold = Entry.get_by_id(hold_id)
        assert hold.verb == "hold"
        if db.row("SELECT 1 FROM entries WHERE settles_id = ?", hold.id):
            raise Refused(_("This was settled already. Reload to see it."))
        return hold

    def _move(
        self,
        account_id: int,
        verb: str,
        amount: int,
        by_totals: tuple[int, int, int],
        case: Case | None,
        by: Person | None,
        why: Words | None,
        settles: int | None = None,
    ) -> int:
        assert db.is_in_transaction() and amount > 0
        put, held, taken = by_totals
        if not db.row(_MOVE, put, held, taken, account_id, self.book, put - held - taken):
            raise NotFree(_("That much is not there any more. Reload to see what is left."))
        reason = to_json(why) if why else ""
        entered = db.row(
            _ENTER, account_id, verb, int(amount), put, held, taken, case and case.id, settles, by and by.id,
            db.to_ms(clock.now()), reason, history.request_id.get(),
        )  # fmt: skip
        return entered[0]  # type: ignore[index]


class NotFree(Refused):
    """More than is free on the account."""


def verify() -> Iterator[str]:
    """A sentence for every account whose totals are not the sum of its entries, and every hold settled by more than it held."""
    differing = """
    SELECT a.id, a.book, a.put, a.held, a.taken, COALESCE(e.put, 0), COALESCE(e.held, 0), COALESCE(e.taken, 0)
    FROM accounts a LEFT JOIN (SELECT account_id, SUM(put) AS put, SUM(held) AS held, SUM(taken) AS taken
                               FROM entries GROUP BY account_id) e ON e.account_id = a.id
    WHERE a.put <> COALESCE(e.put, 0) OR a.held <> COALESCE(e.held, 0) OR a.taken <> COALESCE(e.taken, 0)
    """
    for account, book, *totals in db.rows(differing):
        yield f"{book} account {account}: totals {totals[:3]}, entries {[int(total) for total in totals[3:]]}"
    wrong = """
    SELECT s.id FROM entries s JOIN entries h ON h.id = s.settles_id
    WHERE h.verb <> 'hold' OR h.account_id <> s.account_id OR s.held <> -h.held OR s.amount > h.amount
    """
    for (entry,) in db.rows(wrong):
        yield f"entry {entry} does not settle its hold"
