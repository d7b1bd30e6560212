"""Vouchers written by hand: what no other paper books, and what takes a voucher back, each with its reason and file (FIN-03)."""

from __future__ import annotations

from portal import attachments, clock, contents, db
from portal.access import chief_accountant, exec_in_charge, gm, posts_of, requester
from portal.books.models import Voucher, VoucherLine, is_closed, month_called, month_of
from portal.books.models_adjustments import (
    Adjustment,
    AdjustmentLine,
    adjustment_content,
    fund_titles,
    lines_reversed,
    taken_back_by,
)
from portal.books.rules_vouchers import Side, write_voucher
from portal.cases import Case
from portal.contents import Content
from portal.flow import Act, Flow, objection, state, step
from portal.money import HIGHEST, Money, total
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from portal.words import Words, _

MOST_LINES = 100


# ---- what is typed --------------------------------------------------------------------------------------------------


def check_adjustment(person: Person, content: Content) -> None:
    if "chief_accountant" not in posts_of(person):
        raise NotYours(_("The chief accountant keeps the books."))
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")
    if content.detail["day"] > clock.today():
        raise Mistyped(_("Write a day that has come."), "day")
    only_journals = fund_titles()
    for n, line in enumerate(content.lines, 1):
        if not line["title"].active or line["title"].id in only_journals:
            raise Mistyped(_("Line %(n)s: cash and bank move by the journals only. Choose another title.", n=n), "lines")
        if (line["debit"] > 0) == (line["credit"] > 0) or max(line["debit"], line["credit"]) >= HIGHEST:
            raise Mistyped(_("Line %(n)s: write a debit or a credit.", n=n), "lines")


@db.transaction
def reverse(person: Person, voucher: Voucher, token: str) -> Case:
    """A paper that takes the voucher back; its lines are settled, its reason and file are still to come."""
    if why := why_not_reversed(voucher):
        raise Refused(why)
    day = voucher.day if not is_closed(voucher.day) else clock.today()
    lines = lines_reversed(voucher)
    return contents.create(ADJUSTMENT, person, adjustment_content(voucher.number, day, lines, voucher), token)


def why_not_reversed(voucher: Voucher) -> Words | None:
    """What stands against taking it back: that was done, or money moved by it, which only a movement corrects."""
    if voucher.kind == "reversal":
        return _("It takes another voucher back itself: write a new voucher by hand.")
    if done := taken_back_by(voucher):
        return _("%(number)s took it back.", number=done.number)
    marks = db.marks(fund_titles())
    if db.row(f"SELECT 1 FROM voucher_lines WHERE voucher_id = ? AND title_id IN ({marks})", voucher.id, *fund_titles()):
        return _("Money moved by it: enter the opposite movement, or move the other side by a voucher by hand.")
    return None


# ---- guards and effects ---------------------------------------------------------------------------------------------


@objection(_("the sides differ"))
def sides_differ(act: Act) -> Words | None:
    difference = total(line.amount for line in act.lines)
    if not act.lines:
        return _("Write at least two lines.")
    return _("Debits and credits differ by %(by)s.", by=abs(difference)) if difference else None


@objection(_("it has no file"))
def no_file(act: Act) -> Words | None:
    return None if attachments.of("case", act.case.id) else _("Attach what proves it.")


@objection(_("its month is closed"))
def its_month_is_closed(act: Act) -> Words | None:
    day = act.paper.day
    return _("%(month)s is closed: choose a later day.", month=month_called(month_of(day))) if is_closed(day) else None


@objection(_("the voucher was taken back already, or changed meanwhile"))
def not_what_it_reverses(act: Act) -> Words | None:
    """A reversal is the exact opposite of the voucher, whatever was typed since."""
    voucher: Voucher | None = act.paper.reverses
    if voucher is None:
        return None
    if why := why_not_reversed(voucher):
        return why
    wanted = sorted((line["title"].id, line["debit"], line["credit"]) for line in lines_reversed(voucher))  # type: ignore[attr-defined]
    here = sorted((line.title_id, line.debit, line.credit) for line in act.lines)
    return None if wanted == here else _("Its lines are not the opposite of %(number)s.", number=voucher.number)


def write_by_hand(act: Act) -> None:
    paper: Adjustment = act.paper
    kept = VoucherLine.where("voucher_id = ? ORDER BY n", paper.reverses_id) if paper.reverses_id else act.lines
    sign = -1 if paper.reverses_id else 1  # what takes a voucher back is its opposite to the last person, whatever the form says
    sides = [
        Side(line.title_id, Money(sign * line.amount), line.person_id, line.department_id, line.category_id, line.text)
        for line in kept
    ]
    kind = "reversal" if paper.reverses_id else "adjustment"
    voucher = write_voucher(paper.day, act.case.title, sides, act.case, act.person, kind, paper.reverses)
    if voucher is None:
        raise Refused(_("Nothing is left of it: each title gets back what it gives."))
    act.data["vouchers"] = [voucher.number]


ADJUSTMENT = Flow(
    "adjustment",
    state(
        "draft", requester,
        step("post", "posted", unless=[sides_differ, no_file, its_month_is_closed, not_what_it_reverses], then=[write_by_hand],
             confirm=True, look="primary", rules=["FIN-03"]),
        step("cancel", "cancelled", who=requester, look="quiet"),
        editable=True,
    ),
    state("posted", tone="green"),
    state("cancelled"),
    prefix="AV",
    label=_("Voucher by hand"),
    detail=Adjustment,
    lines=AdjustmentLine,
    reads=(chief_accountant, gm, exec_in_charge),
    checks=(check_adjustment,),
    icon="book-open",
    about=_("What no other paper books, or what takes a voucher back: written by the chief accountant, with reason and file."),
    rules=("FIN-03",),
)  # fmt: skip
