"""What is given when money moves: out of or into which fund, when, how, how much; and who may not pay a line of the queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from portal import clock
from portal.books.models import METHODS, CashEntry, Fund, Payable, is_closed, month_called, month_of, payables_of
from portal.books.models_queue import Due
from portal.cases import Case
from portal.flow import Act
from portal.money import Money
from portal.persons import Person
from portal.refused import Mistyped, SomebodyWasFirst
from portal.words import Words, _

MAY_COME_BACK: dict[str, Callable[[Case], Money]] = {}  # kind of paper -> what of the money paid on it may still be brought back


@dataclass(frozen=True)
class Moved:
    """How money moves: out of or into which fund, when, by which method, under which reference. `after` is how often money had
    moved on the paper when it was written down: a form sent twice moves it once, though a part paid leads to where it was."""

    fund: int
    day: date | None
    method: str = "transfer"
    reference: str = ""
    after: int | None = field(default=None, kw_only=True)

    def why_not(self, act: Act) -> None:
        if self.after is not None and self.after != times_moved(act.case):
            raise SomebodyWasFirst(_("Money moved on it meanwhile. Reload to see it."))
        self.check()

    def check(self) -> None:
        """Raises Mistyped beside the field that is wrong."""
        fund = Fund.find("id = ? AND active", self.fund)
        if fund is None:
            raise Mistyped(_("Choose where the money moves."), "fund")
        if self.day is None or self.day > clock.today():
            raise Mistyped(_("Write the day it was paid, not one to come."), "day")
        if is_closed(self.day):
            raise Mistyped(_("%(month)s is closed: choose a day after it.", month=month_called(month_of(self.day))), "day")
        if self.method not in METHODS:
            raise Mistyped(_("Choose how it is paid."), "method")
        if (fund.kind == "cash") != (self.method == "cash"):
            raise Mistyped(_("The till takes and gives cash, and only the till."), "method")
        if len(self.reference) > 80:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=80), "reference")


@dataclass(frozen=True)
class Payment(Moved):
    """What is paid now: payable -> amount; all that is open where nothing is said of parts. `references` are those of lines
    that have one of their own."""

    parts: tuple[tuple[int, Money], ...] | None = None
    references: tuple[tuple[int, str], ...] = ()

    def why_not(self, act: Act) -> None:
        super().why_not(act)
        open_now = {each.id: each for each in payables_of(act.case)}
        if self.parts == ():
            raise Mistyped(_("Write how much is paid."))
        assert self.day is not None
        for key, amount in self.parts if self.parts is not None else ((each.id, each.open) for each in open_now.values()):
            if key in open_now and self.day < (signed := clock.local(open_now[key].opened_at).date()):
                raise Mistyped(_("It was signed on %(day)s: it cannot be paid before that day.", day=signed), "day")
            if self.parts is None:
                continue
            if key not in open_now:
                raise SomebodyWasFirst(_("What is payable changed meanwhile. Reload to see it."))
            if not 0 < amount <= open_now[key].open:
                raise Mistyped(_("At most %(open)s is open.", open=open_now[key].open), f"amount-{key}")

    def for_line(self, payable: Payable) -> Moved:
        """The same, with the line's own reference."""
        return replace(self, reference=dict(self.references).get(payable.id, self.reference))

    def chosen(self, case: Case) -> list[tuple[Payable, Money]]:
        """The payables it pays, each with its part."""
        here = [each for each in payables_of(case) if each.open]
        parts = dict(self.parts) if self.parts is not None else {each.id: each.open for each in here}
        return [(each, parts[each.id]) for each in here if each.id in parts]


@dataclass(frozen=True)
class CashBack(Moved):
    """What of money paid on a paper is brought back unspent."""

    amount: Money | None = None

    def why_not(self, act: Act) -> None:
        super().why_not(act)
        left = may_come_back(act.case)
        if self.amount is None or not 0 < self.amount <= left:
            raise Mistyped(_("From 0.01 up to %(open)s can be taken back.", open=left), "amount")


def times_moved(case: Case) -> int:
    """How many lines of the journal the paper has."""
    return CashEntry.select().where(CashEntry.case == case).count()


def may_come_back(case: Case) -> Money:
    return MAY_COME_BACK[case.kind](case)


def why_not_paid_by(payable: Payable | Due, person: Person) -> Words | None:
    """Separation is asked per line: one that stands apart waits for another role to confirm it, and is paid with that as every
    other; what nobody confirms is not paid by whom it pays."""
    if payable.confirmed_by_id == person.id:
        return _("You confirmed the line of %(payee)s: somebody else pays it.", payee=payable.payee)
    if payable.confirmed_by_id:
        return None
    if payable.barred != ",":
        return _("The line of %(payee)s waits to be confirmed: pay the others first.", payee=payable.payee)
    if payable.person_id == person.id:
        return _("%(payee)s is paid by somebody else.", payee=payable.payee)
    return None
