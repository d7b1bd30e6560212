"""Opening balances: entered once by the chief accountant, confirmed by the general manager, and in the books from then on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from portal import access, checks, clock, db
from portal.access import chief_accountant, gm, requester
from portal.books.models import CashEntry, Fund, Posting, Voucher, is_closed, month_called, month_of
from portal.books.models_notes import Opening, OpeningLine, first_entry, is_opened
from portal.books.rules_reports import refuse_reported
from portal.books.rules_vouchers import Side, on, refuse_closed, write_voucher
from portal.contents import Content
from portal.flow import IN_TIME, REJECT, RETURN, WITHDRAW, Act, Flow, objection, state, step
from portal.money import HIGHEST
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from portal.words import Words, _

OPENED: list[Callable[[Act], None]] = []  # called in the transaction in which the balances begin to stand: who keeps advances


def check_opening(person: Person, content: Content) -> None:
    if chief_accountant.key not in access.posts_of(person):
        raise NotYours(_("The chief accountant enters the opening balances."))
    day = content.detail["day"]
    if day is None or day > clock.today():
        raise Mistyped(_("Write a day that has come."), "day")
    if is_closed(day):
        raise Mistyped(_("%(month)s is closed: choose a day after it.", month=month_called(month_of(day))), "day")
    if not content.lines:
        raise Mistyped(_("Write at least one line."), "lines")
    funds: set[int] = set()
    for line in content.lines:
        _check_line(line, funds)


def _check_line(line: dict[str, Any], funds: set[int]) -> None:
    if (line["fund"] is None) == (line["person"] is None):
        raise Mistyped(_("Each line is what is in a fund, or what one person still owes of an advance."), "lines")
    if line["amount"] is None or not 0 < line["amount"] < HIGHEST:
        raise Mistyped(_("Write an amount above zero."), "lines")
    if len(line["text"]) > 200:
        raise Mistyped(_("That is too long: at most %(most)s characters.", most=200), "lines")
    if line["due"] and line["person"] is None:
        raise Mistyped(_("Only an advance is due back."), "lines")
    if line["fund"] is not None:
        if line["fund"].id in funds:
            raise Mistyped(_("%(fund)s stands there twice.", fund=line["fund"].called), "lines")
        funds.add(line["fund"].id)


@objection(_("the opening balances stand already"))
def opened_already(act: Act) -> Words | None:
    here = is_opened()
    return _("The opening balances stand already: %(number)s.", number=here.number or "") if here else None


@objection(_("money moved before that day"))
def moved_before(act: Act) -> Words | None:
    first = first_entry()
    if first is None or first >= act.paper.day:
        return None
    return _("Money moved on %(day)s already: the balances are those of that day or of one before.", day=first)


def open_books(act: Act) -> None:
    """Every balance into its journal and into one voucher; who entered them has no part in the posting."""
    assert act.person is not None
    day = act.paper.day
    refuse_closed(day)
    refuse_reported(day)
    if not db.run("UPDATE openings SET stands = 1 WHERE case_id = ? AND stands IS NULL", act.case.id).rowcount:
        raise Refused(_("The opening balances stand already."))
    entries = [_enter(act, line) for line in act.lines if line.fund_id]
    voucher = write_voucher(day, f"{act.case.number} {act.case.title}", _sides(act.lines), act.case, act.person, kind="opening")
    assert isinstance(voucher, Voucher)
    for entry in entries:
        Posting.add(entry=entry, voucher=voucher, paid_by=entry.by_id, posted_by=act.person)
    act.data["vouchers"] = [voucher.number]
    for tell in OPENED:
        tell(act)


def _enter(act: Act, line: OpeningLine) -> CashEntry:
    fund = Fund.get_by_id(line.fund_id)
    method = "cash" if fund.kind == "cash" else "transfer"
    return CashEntry.add(
        fund=fund, day=act.paper.day, month=month_of(act.paper.day), amount=line.amount, kind="opening", case=act.case,
        method=method, text=line.text or act.case.title, by=act.case.requester_id, at=clock.now(),
    )  # fmt: skip


def _sides(lines: list[OpeningLine]) -> list[Side]:
    sides = []
    for line in lines:
        own = on("advances", line.amount, person_id=line.person_id)
        if line.fund is not None:
            own = Side(line.fund.title_id, line.amount)
        sides += [own, on("opening", -line.amount)]
    return sides


STANDS = [opened_already, moved_before]

OPENING = Flow(
    "opening",
    state(
        "draft", requester, step("submit", "submitted", unless=STANDS, look="primary"),
        step("cancel", "cancelled", who=requester, look="quiet"), editable=True,
    ),
    state(
        "submitted", gm, step("confirm", "confirmed", unless=STANDS, then=[open_books], confirm=True, look="primary"),
        RETURN, REJECT, WITHDRAW, due=IN_TIME,
    ),
    state("confirmed", label=_("In the books"), tone="green"),
    state("rejected", tone="red"),
    state("cancelled"),
    prefix="OB",
    label=_("Opening balances"),
    detail=Opening,
    lines=OpeningLine,
    reads=(chief_accountant, gm),
    checks=(check_opening,),
    icon="scale",
    about=_("What was in cash and bank, and what was lent to staff, when the company began with the portal: once for good."),
    rules=("FIN-03",),
)  # fmt: skip


# ---- check ----------------------------------------------------------------------------------------------------------

_UNLIKE = """
SELECT f.name, COALESCE((SELECT SUM(e.amount) FROM cash_entries e WHERE e.kind = 'opening' AND e.fund_id = f.id), 0),
       COALESCE((SELECT SUM(l.amount) FROM opening_lines l
                 JOIN openings o ON o.case_id = l.case_id JOIN cases k ON k.id = l.case_id
                 WHERE o.stands = 1 AND l.version = k.version AND l.fund_id = f.id), 0)
FROM funds f ORDER BY f.id
"""


@checks.register
def verify() -> Iterator[str]:
    """A sentence for every fund that begins in its journal with something else than the confirmed balances say."""
    for name, entered, told in db.rows(_UNLIKE):
        if int(entered) != int(told):
            yield f"{name}: {int(entered)} in the journal as opening balance, {int(told)} by the opening balances"
