"""Vouchers: what the chief accountant posts, line against line, into months that are open (FIN-03, FIN-06, FIN-07)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from portal import checks, clock, db
from portal.access import chief_accountant
from portal.books.models import (
    CashEntry,
    Posting,
    Title,
    Voucher,
    VoucherLine,
    is_closed,
    month_called,
    month_of,
    payables_of,
    title_for,
    unposted,
)
from portal.books.models_notes import Opening, is_opened
from portal.cases import Case, next_number
from portal.flow import Act, Step, objection, step
from portal.money import Money, total
from portal.persons import Person
from portal.refused import Refused
from portal.words import Words, _


@dataclass(frozen=True)
class Side:
    """One side of a voucher: the title's id, the amount (debit above zero), and what it is about."""

    title_id: int
    amount: Money
    person_id: int | None = None
    department_id: int | None = None
    category_id: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Booking:
    """How papers of a kind are posted: `counter` is the title against which money that moved on them stands (the amount is put
    in), `own` what the paper itself books once it is through, beside the money."""

    counter: Callable[[Case, CashEntry], Side]
    own: Callable[[Case], list[Side]] = lambda _case: []


BOOKINGS: dict[str, Booking] = {}  # by kind of paper
checks.NUMBERED.append("SELECT number FROM vouchers")


# ---- writing --------------------------------------------------------------------------------------------------------


def refuse_closed(day: date) -> None:
    """Raises Refused where the month of the day takes no more entries, or the books begin later."""
    opened = is_opened()
    if opened and day < (begun := Opening.get_by_id(opened.id).day):
        raise Refused(_("The books begin on %(day)s: choose that day or a later one.", day=begun))
    if is_closed(day):
        raise Refused(
            _(
                "%(month)s is closed. Choose a later day, or ask the general manager to open it again.",
                month=month_called(month_of(day)),
            )
        )


def write_voucher(
    day: date,
    text: str,
    sides: Iterable[Side],
    case: Case | None,
    by: Person | None,
    kind: str = "paper",
    reverses: Voucher | None = None,
) -> Voucher | None:
    """Writes the voucher with its lines, those on one title and about one thing as one; none where nothing is left of them. Its
    lines sum to zero, or it is a mistake of ours."""
    assert db.is_in_transaction()
    lines = netted(sides)
    assert total(each.amount for each in lines) == 0, f"{text}: a voucher sums to zero"
    if not lines:
        return None
    refuse_closed(day)
    voucher = Voucher.add(
        number=next_number("V", day.year), day=day, month=month_of(day), kind=kind, text=text[:200], case=case,
        reverses=reverses, by=by, at=clock.now(),
    )  # fmt: skip
    for n, each in enumerate(lines, 1):
        VoucherLine.add(
            voucher=voucher, n=n, title=each.title_id, month=voucher.month, amount=each.amount, person=each.person_id,
            department=each.department_id, category=each.category_id, text=each.text[:200],
        )  # fmt: skip
    return voucher


def netted(sides: Iterable[Side]) -> list[Side]:
    """The sides added up by what they are about, debits first; what comes to nothing falls away."""
    sums: dict[Side, Money] = {}
    for each in sides:
        about = replace(each, amount=Money(0))
        sums[about] = sums.get(about, Money(0)) + each.amount
    lines = [replace(about, amount=amount) for about, amount in sums.items() if amount]
    return sorted(lines, key=lambda side: side.amount < 0)


# ---- posting papers -------------------------------------------------------------------------------------------------


def post_entries(act: Act, own: Iterable[Side] = ()) -> None:
    """Posts what moved on the paper and is not posted yet, a voucher a day; `own` goes with the last."""
    assert act.person is not None
    entries, own = unposted(act.case), list(own)
    days: dict[date, list[CashEntry]] = {}
    for entry in entries:
        days.setdefault(entry.day, []).append(entry)
    if own and not days:
        days[clock.today()] = []
    last = max(days, default=None)
    for day, moved in sorted(days.items()):
        _post_day(act, day, moved, own if day == last else [])


def _post_day(act: Act, day: date, moved: list[CashEntry], own: list[Side]) -> None:
    assert act.person is not None
    case, counter = act.case, BOOKINGS[act.case.kind].counter
    sides = list(own)
    for entry in moved:
        sides.append(Side(entry.fund.title_id, entry.amount))
        sides.append(replace(counter(case, entry), amount=-entry.amount))
    voucher = write_voucher(day, f"{case.number} {case.title}", sides, case, act.person)
    for entry in moved:
        Posting.add(entry=entry, voucher=voucher, paid_by=entry.by_id, posted_by=act.person)
    if voucher:
        act.data.setdefault("vouchers", []).append(voucher.number)


def post_paper(act: Act) -> None:
    """Posts what the paper books, and all that moved on it."""
    post_entries(act, BOOKINGS[act.case.kind].own(act.case))


@objection(_("you handled the money yourself"))
def posts_own_payment(act: Act) -> Words | None:
    """FIN-06: who pays never posts the same paper, nor a line that pays him and that nobody confirmed."""
    person_id = act.person.id if act.person else 0
    if CashEntry.find("case_id = ? AND by_id = ? LIMIT 1", act.case.id, person_id):
        return _("You handled this money yourself: somebody else posts it.")
    if any(each.person_id == person_id and each.paid and not each.confirmed_by_id for each in payables_of(act.case)):
        return _("A line of it pays you, and nobody confirmed it: somebody else posts it.")
    return None


@objection(_("nothing on it waits to be posted"))
def nothing_to_post(act: Act) -> Words | None:
    return None if unposted(act.case) else _("Nothing on this paper waits to be posted.")


@objection(_("the month of the payment is closed"))
def month_is_closed(act: Act) -> Words | None:
    for entry in unposted(act.case):
        if is_closed(entry.day):
            return _("%(month)s is closed: the general manager opens it again, with a reason.", month=month_called(entry.month))
    return None


def post_step(to: Any, *, apart_from: tuple[str, ...] = (), then: tuple[Any, ...] = ()) -> Step:
    """The chief accountant posts the whole paper: never who paid it."""
    return step(
        "post", to, unless=[posts_own_payment, month_is_closed], then=[post_paper, *then], apart_from=["pay", *apart_from],
        look="primary", confirm=True, rules=["FIN-03", "FIN-06"],
    )  # fmt: skip


def post_part_step(to: Any, *then: Any) -> Step:
    """What moved so far is posted while the paper goes on: no month closes over money that is not posted."""
    return step(
        "post_part", to, who=chief_accountant, unless=[nothing_to_post, posts_own_payment, month_is_closed],
        then=[post_entries, *then], confirm=True, rules=["FIN-03", "FIN-06"],
    )  # fmt: skip


def on(purpose: str, amount: Money, **about: Any) -> Side:
    """A side on the title of a purpose."""
    title: Title = title_for(purpose)
    return Side(title.id, amount, **about)
