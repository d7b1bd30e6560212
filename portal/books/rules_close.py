"""The month is counted blind, closed when books and cash agree, calculated, and published (FIN-07, FIN-08)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from portal import access, checks, clock, contents, db, notices
from portal.access import cashier, chief_accountant, exec_in_charge, gm, posts_of
from portal.books.models import ClosedMonth, month_called, month_of
from portal.books.models_months import (
    CashCount,
    Close,
    Compared,
    Counted,
    MonthResult,
    Note,
    close_of,
    compared,
    days_to_report,
    first_day,
    first_day_of_money,
    funds_to_count,
    last_day,
    month_before,
)
from portal.books.models_statements import waiting_to_be_posted
from portal.books.rules_figures import calculated, figures_as_text
from portal.cases import Case
from portal.contents import Content
from portal.flow import IN_TIME, Act, Flow, objection, state, step
from portal.jobs import job
from portal.persons import Person
from portal.refused import NotYours, Refused
from portal.words import Words, _


@dataclass(frozen=True)
class Item:
    """A line of the checklist: what must hold, what stands against it by name, and whether a signed note may carry it over."""

    about: Words
    against: tuple[str, ...] = ()
    may_be_noted: bool = False
    endpoint: str = ""  # of the page where it is put in order

    @property
    def is_clear(self) -> bool:
        return not self.against


CHECKLIST: list[Callable[[int], Item]] = []  # other modules add theirs: month -> what must hold before it closes
LISTED: list[
    Callable[[int], tuple[Words, list[tuple[str, str]]]]
] = []  # what the close lists: heading, (number, text) of the month


_BY_HAND = """
SELECT v.number, v.text FROM vouchers v WHERE v.month = ? AND v.kind IN ('adjustment', 'reversal') ORDER BY v.id
"""


def by_hand(month: int) -> tuple[Words, list[tuple[str, str]]]:
    return _("Vouchers by hand"), [(number, text) for number, text in db.rows(_BY_HAND, month)]


LISTED.append(by_hand)


# ---- what must hold -------------------------------------------------------------------------------------------------


def checklist(month: int) -> list[Item]:
    return [each(month) for each in (_days, _posted, _holds, *CHECKLIST)]


def _days(month: int) -> Item:
    """FIN-04: every day is reported, and the chief accountant has seen it."""
    last = min(last_day(month), clock.today())
    open_days = [each for each in days_to_report(first_day(month), last) if each.state != "acknowledged"]
    return Item(
        _("Every day is reported and acknowledged"), tuple(f"{each.day:%m-%d}" for each in open_days), endpoint="books.reports"
    )


def _posted(month: int) -> Item:
    waiting = waiting_to_be_posted(month)
    return Item(_("All money that moved is posted"), tuple(each.number for each in waiting), endpoint="books.to_post")


_STRAY = """
SELECT DISTINCT k.number FROM entries e JOIN cases k ON k.id = e.case_id JOIN accounts a ON a.id = e.account_id
WHERE e.verb = 'hold' AND a.book IN ('budget', 'advances') AND k.closed_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM entries s WHERE s.settles_id = e.id) ORDER BY k.number
"""


def _holds(_month: int) -> Item:
    return Item(_("No paper that ended holds money"), tuple(number or "" for (number,) in db.rows(_STRAY)))


def differences(case: Case, month: int) -> list[Compared]:
    return [each for each in compared(case, month) if each.difference]


def to_be_noted(case: Case, month: int) -> list[str]:
    """What only a signed note carries over: money that differs, and what the checklist says may be noted."""
    told = [f"{each.fund.id}:{int(each.difference)}" for each in differences(case, month)]
    return told + [name for item in checklist(month) if item.may_be_noted for name in item.against]


def _mark(names: list[str]) -> str:
    """What a note was signed for: of other differences it says nothing."""
    return hashlib.sha256(json.dumps(sorted(names)).encode()).hexdigest() if names else ""


# ---- guards ---------------------------------------------------------------------------------------------------------


@objection(_("the month is not over"))
def not_over(act: Act) -> Words | None:
    if act.paper.month >= month_of(clock.today()):
        return _("%(month)s is not over yet.", month=month_called(act.paper.month))
    return None


@objection(_("an earlier month is still open"))
def earlier_open(act: Act) -> Words | None:
    before, began = month_before(act.paper.month), first_day_of_money()
    if began is None or before < month_of(began) or ClosedMonth.find("month = ?", before):
        return None
    return _("%(month)s is still open: months close in their order.", month=month_called(before))


@objection(_("a later month is closed"))
def later_closed(act: Act) -> Words | None:
    later = db.row("SELECT MAX(month) FROM closed_months WHERE month > ?", act.paper.month)
    if later and later[0]:
        return _("%(month)s is closed after it: open that one first.", month=month_called(later[0]))
    return None


@objection(_("the checklist is not clear"))
def not_clear(act: Act) -> Words | None:
    for item in checklist(act.paper.month):
        if item.against and not item.may_be_noted:
            return _("%(what)s: not yet, for %(names)s.", what=item.about, names=", ".join(item.against[:8]))
    return None


@objection(_("books and cash differ, and no note about it is signed"))
def not_agreed(act: Act) -> Words | None:
    """FIN-08: the books must agree with the cash, or a signed note says why not."""
    open_now = to_be_noted(act.case, act.paper.month)
    if not open_now or (act.paper.note_signed_by_id and act.paper.note_for == _mark(open_now)):
        return None
    return _("Books and cash differ, or something is carried over: explain it in a note that the general manager signs.")


@objection(_("there is nothing to explain"))
def nothing_to_explain(act: Act) -> Words | None:
    return None if to_be_noted(act.case, act.paper.month) else _("Books and cash agree: there is nothing to explain.")


@objection(_("figures changed since the note was written"))
def note_is_old(act: Act) -> Words | None:
    if act.paper.note_for == _mark(to_be_noted(act.case, act.paper.month)):
        return None
    return _("Something changed since this note was written: have it written anew.")


# ---- effects --------------------------------------------------------------------------------------------------------


def write_count(act: Act) -> None:
    given: CashCount = act.given
    assert act.person is not None
    found = db.row("SELECT COALESCE(MAX(round), 0) FROM counted WHERE case_id = ?", act.case.id)
    number = (found[0] if found else 0) + 1
    for fund in funds_to_count(act.paper.month):
        pieces = json.dumps(given.pieces.get(fund.id, {})) if fund.kind == "cash" else ""
        Counted.add(
            case=act.case, round=number, fund=fund, amount=given.amount(fund), pieces=pieces, by=act.person, at=clock.now()
        )
    act.data["round"] = number
    _write(act, note="", note_by=None, note_signed_by=None, note_for="")


def write_note(act: Act) -> None:
    mark = _mark(to_be_noted(act.case, act.paper.month))
    _write(act, note=act.given.text.strip(), note_by=act.person, note_signed_by=None, note_for=mark)
    act.data["note_text"] = act.given.text.strip()


def sign_note(act: Act) -> None:
    _write(act, note_signed_by=act.person)


def drop_note(act: Act) -> None:
    _write(act, note="", note_by=None, note_signed_by=None, note_for="")


def shut(act: Act) -> None:
    """From now on the schema refuses whatever would be entered into the month."""
    ClosedMonth.add(month=act.paper.month, case=act.case)


def open_again(act: Act) -> None:
    """The general manager's act: the month takes entries again, and is published no more."""
    ClosedMonth.delete().where(ClosedMonth.month == act.paper.month).execute()
    _write(act, published_at=None, note="", note_by=None, note_signed_by=None, note_for="")
    people = {person for role in ("cashier", "chief_accountant") for person in access.holder_ids(role)}
    text = _("%(month)s is open again: %(why)s", month=month_called(act.paper.month), why=act.note)
    notices.tell(people, "decided", text, act.case)


def keep_figures(act: Act) -> None:
    assert act.person is not None
    figures = calculated(act.case, act.paper.month)
    MonthResult.add(case=act.case, month=act.paper.month, figures=figures_as_text(figures), by=act.person, at=clock.now())


def publish(act: Act) -> None:
    _write(act, published_at=clock.now())


def _write(act: Act, **values: Any) -> None:
    Close.update(**values).where(Close.case == act.case).execute()
    act.paper = Close.get_by_id(act.case.id)


# ---- the flow -------------------------------------------------------------------------------------------------------

COUNT = step("count", "counted", unless=[not_over], form=CashCount, then=[write_count], look="primary", rules=["FIN-08"])
CLOSE = step(
    "close_month", "closed", unless=[not_over, earlier_open, not_clear, not_agreed], then=[shut], confirm=True,
    apart_from=["count"], look="primary", rules=["FIN-07", "FIN-08"],
)  # fmt: skip
RECOUNT = step("recount", "draft", note=True)
EXPLAIN = step("explain", "explained", unless=[nothing_to_explain], form=Note, then=[write_note], rules=["FIN-08"])
SIGN_NOTE = step(
    "sign_note", "counted", unless=[note_is_old], then=[sign_note], confirm=True, apart_from=["explain", "count"], look="primary",
    rules=["FIN-08"],
)  # fmt: skip
REFUSE_NOTE = step("refuse_note", "counted", note=True, then=[drop_note], look="danger")
REOPEN = step(
    "reopen", "draft", who=gm, note=True, confirm=True, unless=[later_closed], then=[open_again], look="danger", rules=["FIN-07"]
)

CALCULATE = step("calculate", "calculated", then=[keep_figures], look="primary", rules=["FIN-07"])
PUBLISH = step("publish", "published", then=[publish], confirm=True, look="primary", rules=["FIN-07"])

CLOSE_OF_MONTH = Flow(
    "close",
    state("draft", cashier, COUNT, label=_("To be counted"), carries_out=True, due=IN_TIME),
    state("counted", chief_accountant, CLOSE, EXPLAIN, RECOUNT, label=_("Counted"), carries_out=True, due=IN_TIME, tone="blue"),
    state(
        "explained", gm.or_else(exec_in_charge), SIGN_NOTE, REFUSE_NOTE, label=_("Note to be signed"), carries_out=True,
        gives_way=True, due=IN_TIME, tone="amber",
    ),
    state(
        "closed", chief_accountant, CALCULATE, REOPEN, carries_out=True, due=IN_TIME, tone="blue",
    ),
    state(
        "calculated", chief_accountant, PUBLISH, REOPEN, label=_("Calculated"), carries_out=True, due=IN_TIME, tone="blue",
    ),
    state("published", REOPEN, label=_("Published"), tone="green"),
    prefix="MC",
    label=_("Month close"),
    detail=Close,
    reads=(chief_accountant, cashier, gm, exec_in_charge),
    icon="calendar-check",
    about=_("The cashier counts without seeing the books; the chief accountant closes when they agree, and publishes."),
    rules=("FIN-07", "FIN-08"),
)  # fmt: skip


# ---- beginning ------------------------------------------------------------------------------------------------------


@db.transaction
def start_close(person: Person, month: int, by_portal: bool = False) -> Case:
    """The close of the month, begun now or before: one a month."""
    if found := close_of(month):
        return found
    if not {"chief_accountant", "cashier"} & set(posts_of(person)):
        raise NotYours(_("Cashier and chief accountant close the month."))
    if month >= month_of(clock.today()):
        raise Refused(_("%(month)s is not over yet.", month=month_called(month)))
    return contents.create(
        CLOSE_OF_MONTH, person, Content(month_called(month), {"month": month}), f"close-{month}", by_portal=by_portal
    )


def start_last_month() -> Case | None:
    """Opens the close of the month before this one, where money moved and somebody keeps the books."""
    keepers = access.holders("chief_accountant")
    month, began = month_before(month_of(clock.today())), first_day_of_money()
    if not keepers or began is None or month < month_of(began) or close_of(month):
        return None
    return start_close(keepers[0], month, by_portal=True)


@job("open_month_close", every=timedelta(days=1), at=time(7, 0), about=_("Opens the close of the month that ended"))
def open_daily() -> Words:
    opened = start_last_month()
    return _("The close of %(month)s was opened.", month=opened.title) if opened else _("No month waits to be closed.")


# ---- check ----------------------------------------------------------------------------------------------------------

_UNLIKE = """
SELECT k.number, k.state FROM closes c JOIN cases k ON k.id = c.case_id LEFT JOIN closed_months m ON m.month = c.month
WHERE (k.state IN ('closed', 'calculated', 'published')) <> (m.month IS NOT NULL)
"""


@checks.register
def verify() -> Iterator[str]:
    """A sentence for every close whose month is not shut as it says, and every month whose kept figures the books deny."""
    for number, now in db.rows(_UNLIKE):
        yield f"{number} is {now}, but its month is not {'open' if now in ('draft', 'counted', 'explained') else 'closed'}"
    for result in MonthResult.where("id IN (SELECT MAX(id) FROM month_results GROUP BY month)"):
        if ClosedMonth.find("month = ?", result.month):
            kept = json.loads(result.figures)["titles"]
            if kept != json.loads(figures_as_text(calculated(result.case, result.month)))["titles"]:
                yield f"{month_called(result.month)}: the books say something else than its kept figures"
