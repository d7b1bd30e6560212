"""A count: the list is frozen, counted blind, verified by somebody else, and its differences are approved and posted (SUP-18)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal import checks, clock, db, history
from portal.access import any_of, office_clerk, office_manager, posts_of, preparer, requester, section_specialist, warehouse
from portal.access import chief_accountant as accountant
from portal.access import gm as general_manager
from portal.cases import Case
from portal.contents import Content
from portal.flow import IN_TIME, Act, Either, Flow, as_shown, objection, route, state, step
from portal.persons import Person
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.stock.models import KINDS, STOCK, Count, CountLine, Item, Movement, Tally
from portal.stock.models_counts import RUNS, Counted, lines_of
from portal.stock.rules_items import moved_since, stock_comes, stock_goes
from portal.words import Words, _, _n

STARTS = any_of(office_clerk, office_manager, warehouse, section_specialist)
STARTS_SUPPLIES = any_of(office_clerk, office_manager, warehouse)
MOST = 1_000_000_000
LONGEST = 200


# ---- what is counted ------------------------------------------------------------------------------------------------


def check_count(person: Person, content: Content) -> None:
    if not STARTS.allows(posts_of(person)):
        raise NotYours(_("The office or the warehouse starts a count."))
    detail = content.detail
    if detail["kind"] not in KINDS:
        raise Mistyped(_("Choose what is counted."), "kind")
    if detail["kind"] != "product" and not STARTS_SUPPLIES.allows(posts_of(person)):
        raise NotYours(_("The office or the warehouse starts a count."))
    if detail["category"] and detail["category"].kind != detail["kind"]:
        raise Mistyped(_("Choose a category of the goods that are counted."), "category")
    if content.preparer is None or not content.preparer.active:
        raise Mistyped(_("Choose who counts."), "counter")


@route(_("products are counted"))
def counts_products(act: Act) -> bool:
    """The warehouse confirms what the specialist counted, and with that it is posted (SHF-12)."""
    return bool(act.paper and act.paper.kind == "product")


@route(_("supplies are counted"))
def counts_supplies(act: Act) -> bool:
    return not counts_products(act)


_CHOSEN = """
SELECT i.id, a.put - a.taken FROM items i JOIN accounts a ON a.id = i.account_id
WHERE i.kind = ? AND (i.active OR a.put <> a.taken)
"""


def chosen(paper: Count) -> list[tuple[int, int]]:
    """The items a count is about, with what the books have on hand, in the order of their places."""
    sql, values = _CHOSEN, [paper.kind]
    for condition, value in (("i.category_id = ?", paper.category_id), ("i.place = ?", paper.place)):
        if value:
            sql, values = f"{sql} AND {condition}", [*values, value]
    return [(item, int(book)) for item, book in db.rows(f"{sql} ORDER BY i.place, i.code", *values)]


@objection(_("there is nothing to count"))
def nothing_to_count(act: Act) -> Words | None:
    return None if chosen(act.paper) else _("There is no item like that: choose another category or place.")


@objection(_("one of the items is being counted already"))
def counted_already(act: Act) -> Words | None:
    listed = {item for item, _book in chosen(act.paper)}
    sql = f"SELECT l.item_id, k.number FROM count_lines l JOIN cases k ON k.id = l.case_id WHERE {RUNS} ORDER BY l.id"
    found = next(((item, number) for item, number in db.rows(sql) if item in listed), None)
    if found is None:
        return None
    return _("%(item)s is being counted in %(number)s already.", item=Item.get_by_id(found[0]).called, number=found[1])


def freeze(act: Act) -> None:
    """Writes down the list with what the books say, and the last entry that stands in it."""
    (last,) = db.row("SELECT COALESCE(MAX(id), 0) FROM entries")  # type: ignore[misc]
    Count.update(frozen_at=clock.now(), last_entry=last).where(Count.case == act.case).execute()
    for n, (item, book) in enumerate(chosen(act.paper), 1):
        CountLine.add(case=act.case, n=n, item=item, book=book)


# ---- counting -------------------------------------------------------------------------------------------------------

_KEEP = "UPDATE count_lines SET counted = ?, missing = ?, counted_by_id = ?, counted_at = ? WHERE id = ?"


@db.transaction
def tally(person: Person, case_id: int, line_id: int, counted: int | None, missing: str = "") -> None:
    """Writes down how many there are, or why it could not be counted. The last number of a line counts; all are kept."""
    case = as_shown(case_id)
    line = CountLine.find("id = ? AND case_id = ?", line_id, case.id)
    if case.kind != "count" or line is None:
        raise NotThere()
    if case.preparer_id != person.id:
        raise NotYours(_("Only %(who)s counts here.", who=case.preparer.called))
    if case.state != "counting":
        raise Refused(_("Nothing is counted here any more: the count is %(state)s.", state=COUNT.state_of(case).label))
    if counted is None and not missing:
        raise Mistyped(_("Write how many there are, or why it could not be counted."), "counted")
    if counted is not None and not 0 <= counted < MOST:
        raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=0, most=MOST - 1), "counted")
    if len(missing) > LONGEST:
        raise Mistyped(_("The reason is too long: at most %(most)s characters.", most=LONGEST), "missing")
    missing = "" if counted is not None else missing
    Tally.add(line=line, counted=counted, missing=missing, by=person, at=clock.now(), request_id=history.request_id.get())
    db.run(_KEEP, counted, missing, person.id, db.to_ms(clock.now()), line.id)


@db.transaction
def tally_list(person: Person, case_id: int, found: Mapping[int, tuple[int | None, str]]) -> None:
    """Writes down several lines, or none of them."""
    for line_id, (counted, missing) in sorted(found.items()):
        tally(person, case_id, line_id, counted, missing)


@objection(_("an item is neither counted nor marked as not countable"))
def uncounted(act: Act) -> Words | None:
    left = sum(line.counted_at is None for line in lines_of(act.case.id))
    if not left:
        return None
    return _n(
        "%(n)s item is not counted yet: count it, or say why it could not be counted. Not counted is not zero.",
        "%(n)s items are not counted yet: count them, or say why they could not be counted. Not counted is not zero.",
        n=left,
    )


# ---- verifying ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A line as it is verified: what moved during the count, how much of it stands in the number, and what differs then."""

    line: Counted
    movements: tuple[Movement, ...] = ()
    moved: int = 0

    @property
    def difference(self) -> int:
        return 0 if self.line.counted is None else self.line.counted - self.line.book - self.moved

    def proposed(self) -> frozenset[int]:
        """The movements that came before the tally, and so stand in its number."""
        at = self.line.counted_at
        return frozenset(each.entry for each in self.movements if at is not None and each.at <= at)


def found_in(case: Case, included: frozenset[int] | None = None) -> list[Found]:
    """The lines with what moved since the list was frozen; `included` names the movements that stand in the numbers."""
    (last,) = db.row("SELECT last_entry FROM counts WHERE case_id = ?", case.id)  # type: ignore[misc]
    lines = lines_of(case.id)
    moved = moved_since((line.account for line in lines), last)
    found = []
    for line in lines:
        each = Found(line, tuple(moved.get(line.account, ())))
        stands = each.proposed() if included is None else included
        known = sum(movement.quantity for movement in each.movements if movement.entry in stands)
        found.append(Found(line, each.movements, 0 if line.counted is None else known))
    return found


@dataclass(frozen=True)
class Findings:
    """What the verifier says: which movements stand in the numbers, why lines differ, and the last movement that was shown."""

    included: frozenset[int] = frozenset()
    reasons: Mapping[int, str] = field(default_factory=dict)  # by line
    seen: int = 0

    def why_not(self, act: Act) -> None:
        for each in found_in(act.case, self.included):
            if any(movement.entry > self.seen for movement in each.movements):
                raise Refused(_("%(item)s moved meanwhile: say whether that stands in its number.", item=each.line.called))
            reason = self.reasons.get(each.line.id, "")
            if each.difference and not reason:
                raise Mistyped(_("Say why %(item)s differs.", item=each.line.called), f"reason-{each.line.id}")
            if len(reason) > LONGEST:
                why = _("The reason is too long: at most %(most)s characters.", most=LONGEST)
                raise Mistyped(why, f"reason-{each.line.id}")


@dataclass(frozen=True)
class Recount:
    """The lines that shall be counted again."""

    lines: frozenset[int] = frozenset()

    def why_not(self, act: Act) -> None:
        if not self.lines & {line.id for line in lines_of(act.case.id)}:
            raise Mistyped(_("Mark the items that shall be counted again."), "lines")


_RESOLVE = "UPDATE count_lines SET moved = ?, is_resolved = ?, reason = ? WHERE id = ?"
_EMPTY = """
UPDATE count_lines SET counted = NULL, missing = '', counted_by_id = NULL, counted_at = NULL, moved = 0, is_resolved = FALSE,
    reason = '' WHERE case_id = ? AND id IN (%s)
"""


def resolve(act: Act) -> None:
    """Writes down what the verifier found. Where the books are right the count is closed with that."""
    for each in found_in(act.case, act.given.included):
        reason = act.given.reasons.get(each.line.id, "") if each.difference else ""
        db.run(_RESOLVE, each.moved, True, reason, each.line.id)
    if agrees(act):
        close_books(act)


def resolve_and_post(act: Act) -> None:
    """What was confirmed is posted at once."""
    resolve(act)
    if not agrees(act):
        if why := shortage_is_held(act):
            raise Refused(why)
        post_differences(act)


def agrees(act: Act) -> bool:
    """Whether every item was counted, and is as the books say."""
    return all(line.difference == 0 for line in lines_of(act.case.id))


def empty_lines(act: Act) -> None:
    """The chosen lines are counted again; the numbers written down before stay in the tallies."""
    lines = sorted(act.given.lines)
    db.run(_EMPTY % db.marks(lines), act.case.id, *lines)
    act.data["lines"] = len(lines)


# ---- posting --------------------------------------------------------------------------------------------------------

_HOLDING = """
SELECT DISTINCT k.number FROM open_holds h JOIN entries e ON e.id = h.entry_id JOIN cases k ON k.id = e.case_id
WHERE h.account_id = ? AND k.number IS NOT NULL ORDER BY k.number
"""
_FREE = """
SELECT a.id, a.put - a.held - a.taken FROM count_lines l JOIN items i ON i.id = l.item_id JOIN accounts a ON a.id = i.account_id
WHERE l.case_id = ?
"""


@objection(_("more is missing than is free: approved papers hold it"))
def shortage_is_held(act: Act) -> Words | None:
    free_of = dict(db.rows(_FREE, act.case.id))
    for line in lines_of(act.case.id):
        short, free = -(line.difference or 0), free_of[line.account]
        if short > 0 and short > free:
            papers = ", ".join(number for (number,) in db.rows(_HOLDING, line.account))
            return _(
                "%(short)s of %(item)s are missing, but only %(free)s are free: %(papers)s hold the rest. Settle these first.",
                short=short, item=line.called, free=free, papers=papers or "–",
            )  # fmt: skip
    return None


def post_differences(act: Act) -> None:
    """Puts what is more and cuts what is less, each with its reason, in order of account."""
    grown: list[int] = []
    shrunk: list[int] = []
    for line in sorted(lines_of(act.case.id), key=lambda each: each.account):
        if not line.difference:
            continue
        why = _("Count %(number)s: %(reason)s", number=act.case.number or "", reason=line.reason)
        move = STOCK.put if line.difference > 0 else STOCK.cut
        entry = move(line.account, abs(line.difference), act.case, act.person, why)
        db.run("UPDATE count_lines SET entry_id = ? WHERE id = ?", entry, line.id)
        (grown if line.difference > 0 else shrunk).append(line.item)
    Count.update(approved_at=clock.now()).where(Count.case == act.case).execute()
    close_books(act)
    stock_comes(grown)
    stock_goes(shrunk)


_CLOSED = "UPDATE items SET counted_at = ? WHERE id = ? AND counted_at < ?"


def close_books(act: Act) -> None:
    """From the moment an item was counted on, nothing earlier is entered for it any more."""
    for line in lines_of(act.case.id):
        if line.counted is not None and line.counted_at is not None:
            at = db.to_ms(line.counted_at)
            db.run(_CLOSED, at, line.item, at)


# ---- the flow -------------------------------------------------------------------------------------------------------

VERIFIES = office_clerk.or_else(office_manager)
CANCEL = step("cancel", "cancelled", who=requester, note=True, look="danger")
START = step(
    "begin", "counting", label=_("Freeze the list and begin"), said=_("%(who)s froze the list and began the count"),
    unless=[nothing_to_count, counted_already], then=[freeze], look="primary",
)  # fmt: skip
_HANDED_IN: dict[str, Any] = {
    "label": _("Hand in"), "said": _("%(who)s handed the count in"), "unless": [uncounted], "look": "primary",
}  # fmt: skip
HAND_IN = (
    step("hand_in", "verifying", when=[counts_supplies], **_HANDED_IN),
    step("hand_in", "confirming", when=[counts_products], rules=["SHF-12"], **_HANDED_IN),
)
CONFIRM = step(
    "verify", "closed", label=_("Confirm and post"), said=_("%(who)s confirmed the count"), form=Findings,
    then=[resolve_and_post], apart_from=["hand_in"], look="primary", rules=["SHF-12"],
)  # fmt: skip
VERIFY = step(
    "verify", Either(agrees, "closed", "verified"), label=_("Verify"), said=_("%(who)s verified the count"), form=Findings,
    then=[resolve], apart_from=["hand_in"], look="primary",
)  # fmt: skip
RECOUNT = step(
    "return", "counting", label=_("Have it counted again"), said=_("%(who)s sent items back to be counted again"), form=Recount,
    then=[empty_lines], note=True,
)  # fmt: skip
APPROVE = step(
    "approve", "closed", label=_("Approve and post"), confirm=True, unless=[shortage_is_held], then=[post_differences],
    apart_from=["hand_in", "verify"], look="primary",
)  # fmt: skip
BACK_TO_VERIFIER = step("return", "verifying", note=True)

COUNT = Flow(
    "count",
    state("draft", requester, START, editable=True),
    state("counting", preparer, *HAND_IN, CANCEL, label=_("Being counted"), carries_out=True, due=IN_TIME),
    state("confirming", warehouse, CONFIRM, RECOUNT, CANCEL, label=_("With the warehouse"), due=IN_TIME),
    state("verifying", VERIFIES, VERIFY, RECOUNT, CANCEL, label=_("Being verified"), due=IN_TIME),
    state("verified", office_manager, APPROVE, BACK_TO_VERIFIER, CANCEL, label=_("Verified"), due=IN_TIME),
    state("closed", tone="green"),
    state("cancelled"),
    prefix="ST",
    label=_("Stock count"),
    detail=Count,
    reads=(office_clerk, office_manager, warehouse, accountant, general_manager),
    checks=(check_count,),
    icon="list-checks",
    about=_("Count what is there without knowing the books. Somebody else verifies, the office's manager approves what differs."),
    rules=("SUP-18", "SUP-19"),
)  # fmt: skip


# ---- check ----------------------------------------------------------------------------------------------------------


@checks.register
def verify() -> Iterator[str]:
    """A sentence for every account of stock that is not one item's, and every count whose entries are not its differences."""
    strays = """
    SELECT a.id FROM accounts a WHERE a.book = 'stock' AND NOT EXISTS (SELECT 1 FROM items i WHERE i.account_id = a.id)
    """
    for (account,) in db.rows(strays):
        yield f"stock account {account} belongs to no item"
    for code, book in db.rows(
        "SELECT i.code, a.book FROM items i JOIN accounts a ON a.id = i.account_id WHERE a.book <> 'stock'"
    ):
        yield f"item {code} has an account of the book {book}"
    holding = """
    SELECT a.id, a.held, COALESCE(SUM(h.amount), 0) FROM accounts a LEFT JOIN open_holds h ON h.account_id = a.id
    WHERE a.book = 'stock' GROUP BY a.id, a.held HAVING a.held <> COALESCE(SUM(h.amount), 0)
    """
    for account, held, open_holds in db.rows(holding):
        yield f"stock account {account}: {held} held, {int(open_holds)} in open holds"
    yield from _verify_counts()


def _verify_counts() -> Iterator[str]:
    posted = """
    SELECT k.number, i.code, COALESCE(l.counted - l.book - l.moved, 0), COALESCE(e.put, 0)
    FROM count_lines l JOIN cases k ON k.id = l.case_id JOIN items i ON i.id = l.item_id
    LEFT JOIN entries e ON e.id = l.entry_id AND e.account_id = i.account_id AND e.case_id = l.case_id
    WHERE COALESCE(e.put, 0) <> CASE WHEN k.state = 'closed' THEN COALESCE(l.counted - l.book - l.moved, 0) ELSE 0 END
    """
    for number, code, difference, put in db.rows(posted):
        yield f"{number}: {code} differs by {int(difference)}, but {int(put)} was posted"
    foreign = """
    SELECT e.id FROM entries e JOIN cases k ON k.id = e.case_id AND k.kind = 'count'
    WHERE NOT EXISTS (SELECT 1 FROM count_lines l WHERE l.entry_id = e.id)
    """
    for (entry,) in db.rows(foreign):
        yield f"entry {entry} was posted for a count and stands on none of its lines"
    last = """
    SELECT k.number, l.n FROM count_lines l JOIN cases k ON k.id = l.case_id
    LEFT JOIN tallies t ON t.id = (SELECT MAX(o.id) FROM tallies o WHERE o.line_id = l.id)
    WHERE l.counted_at IS NOT NULL
    AND (t.id IS NULL OR COALESCE(t.counted, -1) <> COALESCE(l.counted, -1) OR t.missing <> l.missing)
    """
    for number, n in db.rows(last):
        yield f"{number}: line {n} is not what was last written down for it"
