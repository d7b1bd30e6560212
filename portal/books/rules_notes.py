"""Money without a request: receipts, bank charges, transfers; the cashier records them, the chief accountant posts (FIN-03)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from portal import access, attachments, checks, clock, contents, db, steps
from portal.access import cashier, chief_accountant, gm, requester
from portal.books.models import CashEntry, Fund, is_closed, month_called, month_of
from portal.books.models_notes import NOTES, Entitled, MoneyNote, Opening, counter_of, is_opened, usual_title
from portal.books.models_payments import Moved
from portal.books.rules_payments import enter
from portal.books.rules_vouchers import BOOKINGS, Booking, Side, month_is_closed, post_paper, posts_own_payment
from portal.cases import Case
from portal.contents import Content
from portal.flow import IN_TIME, Act, Flow, objection, route, state, step
from portal.money import HIGHEST, Money
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from portal.words import Words, _

ENTRY_KINDS = {"charge": "charge", "transfer": "transfer"}  # all others are receipts
LONGEST = {"party": 120, "reference": 80}


# ---- what is written down -------------------------------------------------------------------------------------------


def check_note(person: Person, content: Content) -> None:
    if cashier.key not in access.posts_of(person):
        raise NotYours(_("The cashier writes down what came in and went out."))
    told = content.detail
    if told["kind"] not in NOTES:
        raise Mistyped(_("Choose one of the list."), "kind")
    _check_funds(told["kind"], told["fund"], told["into"])
    if content.amount is None or not 0 < content.amount < HIGHEST:
        raise Mistyped(_("Write an amount above zero."), "amount")
    _check_day(told["day"])
    for name, most in LONGEST.items():
        if len(told[name]) > most:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=most), name)
    if not told["party"] and told["kind"] not in ENTRY_KINDS:
        raise Mistyped(_("Write from whom the money came."), "party")
    if not told["reference"]:
        raise Mistyped(_("Write the reference: the number of the receipt or of the bank's statement."), "reference")


def _check_funds(kind: str, fund: Fund | None, into: Fund | None) -> None:
    if fund is None or not fund.active:
        raise Mistyped(_("Choose where the money moves."), "fund")
    if kind == "charge" and fund.kind != "bank":
        raise Mistyped(_("A bank charges an account at a bank."), "fund")
    if (kind == "transfer") != (into is not None):
        raise Mistyped(_("Say where it goes to with a transfer, and only then."), "into")
    if into is not None and (into.id == fund.id or not into.active):
        raise Mistyped(_("Choose another fund than the one it comes from."), "into")


def _check_day(day: date | None) -> None:
    if day is None or day > clock.today():
        raise Mistyped(_("Write the day the money moved, not one to come."), "day")
    if day < _earliest():
        raise Mistyped(_("That is more than a year ago: look at the year you wrote."), "day")
    if is_closed(day):
        raise Mistyped(_("%(month)s is closed: choose a day after it.", month=month_called(month_of(day))), "day")


def _earliest() -> date:
    """Before any month is closed a year back, or the day of the opening balances where that is longer ago."""
    if is_closed(date.min):
        return date.min
    opened, year_ago = is_opened(), clock.today() - timedelta(days=366)
    return min(Opening.get_by_id(opened.id).day, year_ago) if opened else year_ago


@objection(_("nothing is attached"))
def nothing_attached(act: Act) -> Words | None:
    """A counter-entry is proved by what it takes back."""
    if act.paper.corrects_id or attachments.of("case", act.case.id):
        return None
    return _("Attach what proves it: the receipt, or the page of the bank's statement.")


def record(act: Act) -> None:
    """The lines of the journals, in the same transaction as the paper. A counter-entry turns the sign."""
    note: MoneyNote = act.paper
    amount = -act.case.amount if note.corrects_id else Money(act.case.amount)
    first = -amount if note.kind in ENTRY_KINDS else amount
    moves: list[tuple[Fund, Money]] = [(note.fund, first)]
    if note.into is not None:
        moves.append((note.into, amount))
    for fund, moved in sorted(moves, key=lambda move: move[1]):
        how = Moved(fund.id, note.day, "cash" if fund.kind == "cash" else "transfer", note.reference)
        enter(act, how, moved, ENTRY_KINDS.get(note.kind, "receipt"), note.party, act.case.title)


# ---- posting --------------------------------------------------------------------------------------------------------


@route(_("its account title is chosen"))
def is_entitled(act: Act) -> bool:
    return act.paper is None or not (act.paper.is_transfer or act.paper.corrects_id)


@route(_("it is a transfer or a counter-entry"))
def needs_no_title(act: Act) -> bool:
    return not is_entitled(act)


@objection(_("what it takes back is not posted yet"))
def original_not_posted(act: Act) -> Words | None:
    original = act.paper.corrects
    if original is None or original.state == "posted":
        return None
    return _("Post %(number)s first: this takes it back.", number=original.number or "")


def entitle(act: Act) -> None:
    """The title that was chosen; a counter-entry goes to that of what it takes back."""
    note: MoneyNote = act.paper
    before = MoneyNote.get_by_id(note.corrects_id).title_id if note.corrects_id else None
    MoneyNote.update(title=act.given.title if act.given else before).where(MoneyNote.case == act.case).execute()


def _counter(case: Case, _entry: CashEntry) -> Side:
    """A transfer stands against itself: both of its lines are posted together."""
    note = MoneyNote.get_by_id(case.id)
    return Side(note.fund.title_id if note.is_transfer else note.title_id or usual_title(note).id, Money(0))


BOOKINGS["money_note"] = Booking(_counter)
_POST: dict[str, Any] = {
    "unless": [posts_own_payment, month_is_closed, original_not_posted], "then": [entitle, post_paper], "apart_from": ["submit"],
    "look": "primary", "confirm": True, "rules": ["FIN-03", "FIN-06"],
}  # fmt: skip

MONEY_NOTE = Flow(
    "money_note",
    state(
        "draft", requester,
        step(
            "submit", "recorded", unless=[nothing_attached], then=[record], look="primary", label=_("Record"),
            said=_("%(who)s recorded it"), rules=["FIN-03"],
        ),
        step("cancel", "cancelled", who=requester, look="quiet"),
        editable=True,
    ),
    state(
        "recorded", chief_accountant, step("post", "posted", when=[is_entitled], form=Entitled, **_POST),
        step("post", "posted", when=[needs_no_title], **_POST), carries_out=True, due=IN_TIME, label=_("Recorded"), tone="blue",
    ),
    state("posted", tone="green"),
    state("cancelled"),
    prefix="MN",
    label=_("Money without a request"),
    detail=MoneyNote,
    reads=(cashier, chief_accountant, gm),
    checks=(check_note,),
    icon="coins",
    about=_(
        "Receipts, bank charges and transfers between the company's own funds: the cashier records them with their proof, "
        "the chief accountant posts them. A mistake is taken back by a counter-entry."
    ),
    rules=("FIN-03", "FIN-06"),
)  # fmt: skip


# ---- corrections ----------------------------------------------------------------------------------------------------


def why_not_taken_back(case: Case) -> Words | None:
    """Why a note cannot be taken back by a counter-entry."""
    if case.kind != MONEY_NOTE.name or case.state not in ("recorded", "posted"):
        return _("Only what is recorded is taken back.")
    if MoneyNote.get_by_id(case.id).corrects_id:
        return _("A counter-entry is not taken back: record it anew.")
    if counter := counter_of(case):
        return _("It was taken back by %(number)s.", number=counter.number or "")
    return None


@db.transaction
def take_back(person: Person, case_id: int, day: date | None, reason: str, token: str) -> Case:
    """Corrects a note by its counter-entry, once; it is posted as every other. Raises NotYours, Refused, Mistyped."""
    if made := Case.find("token = ? AND requester_id = ?", token, person.id):
        return made
    case = Case.get_by_id(case_id)
    if why := why_not_taken_back(case):
        raise Refused(why)
    if not reason.strip():
        raise Mistyped(_("Say why, so that the others can follow."), "reason")
    note = MoneyNote.get_by_id(case.id)
    kept = {name: getattr(note, name) for name in ("kind", "fund", "into", "party", "reference")}
    title = f"{case.number} {case.title}"[:120]
    content = Content(title, kept | {"day": day, "corrects": case}, [], case.amount, case.department)
    counter = contents.create(MONEY_NOTE, person, content, token)
    return steps.take(person, counter.id, "submit", note=reason)


# ---- check ----------------------------------------------------------------------------------------------------------

_WRONG = """
SELECT k.number FROM money_notes m JOIN cases k ON k.id = m.case_id WHERE
    COALESCE((SELECT SUM(e.amount) FROM cash_entries e WHERE e.case_id = k.id), 0) <>
    CASE WHEN k.state IN ('draft', 'cancelled') OR m.kind = 'transfer' THEN 0
         WHEN m.kind = 'charge' THEN -k.amount ELSE k.amount END
    * CASE WHEN m.corrects_id IS NULL THEN 1 ELSE -1 END ORDER BY k.id
"""


@checks.register
def verify() -> Iterator[str]:
    """A sentence for every note of which the journals say something else."""
    for (number,) in db.rows(_WRONG):
        yield f"{number}: the journals say something else"
