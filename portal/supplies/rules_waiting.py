"""Approved draws hold what is on the shelf; where it is short they wait, and who was approved first is served first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from portal import clock, db, steps
from portal.cases import Case, lines_of
from portal.flow import Act, objection
from portal.refused import Mistyped, Refused
from portal.stock.models import STOCK, levels
from portal.stock.rules import WHEN_STOCK_COMES
from portal.supplies.models import Draw, DrawLine
from portal.supplies.models_draws import short_lines, short_of
from portal.supplies.rules_expected import tell_expected
from portal.words import Name, Words, _


def lines_now(case: Case) -> list[DrawLine]:
    """The lines of a draw as they stand at this moment of its step."""
    return lines_of(DrawLine, case)


def accounts_of(lines: Iterable[DrawLine]) -> dict[int, int]:
    """Item -> account."""
    items = [line.item_id for line in lines] or [0]
    return dict(db.rows(f"SELECT id, account_id FROM items WHERE id IN ({db.marks(items)})", *items))


# ---- granting -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Granted:
    """Less than was asked for, on some lines: line id -> how many, and why not all."""

    lines: dict[int, tuple[int, str]]

    def why_not(self, act: Act) -> None:
        asked = {line.id: line for line in act.lines}
        if set(self.lines) != set(asked):
            raise Mistyped(_("Something is missing from this step."))
        for key, (granted, reason) in self.lines.items():
            line = asked[key]
            if not 0 <= granted <= line.quantity:
                raise Mistyped(
                    _("Write a whole number from %(least)s to %(most)s.", least=0, most=line.quantity), f"granted-{key}"
                )
            if granted < line.quantity and not reason:
                raise Mistyped(_("Say why, so that the others can follow."), f"reason-{key}")
            if len(reason) > 200:
                raise Mistyped(_("That is too long: at most %(most)s characters.", most=200), f"reason-{key}")
        if not any(granted for granted, _reason in self.lines.values()):
            raise Mistyped(_("Nothing would be granted: reject it instead, and say why."))


def grant_as_asked(act: Act) -> None:
    db.run("UPDATE draw_lines SET granted = quantity WHERE case_id = ? AND version = ?", act.case.id, act.case.version)
    _approved(act)


def grant_less(act: Act) -> None:
    for line in act.lines:
        granted, reason = act.given.lines[line.id]
        _cut(line, granted, reason, act)
    _approved(act)


def _approved(act: Act) -> None:
    Draw.update(approved_at=clock.now()).where(Draw.case == act.case).execute()


def _cut(line: DrawLine, granted: int, reason: str, act: Act) -> None:
    is_cut = granted < line.quantity
    values: dict[str, Any] = {"cut_reason": reason, "cut_by": act.person} if is_cut else {}
    DrawLine.update(granted=granted, **values).where(DrawLine.id == line.id).execute()


# ---- holding --------------------------------------------------------------------------------------------------------


def is_all_there(act: Act) -> bool:
    """Whether the shelf has every granted line, and no draw approved earlier waits for one of them."""
    lines = [line for line in lines_now(act.case) if line.granted]
    shelf = levels(line.item_id for line in lines)
    return all(shelf[line.item_id].free >= (line.granted or 0) for line in lines) and not _spoken_for(act.case, lines)


def _spoken_for(case: Case, lines: Iterable[DrawLine]) -> set[int]:
    """The items for which an earlier draw waits."""
    return {each.item for each in short_lines((line.item_id for line in lines), but=case.id)}


def hold_what_is_there(act: Act) -> None:
    """Whole lines, in order of account; the rest waits its turn."""
    lines = [line for line in lines_now(act.case) if line.granted]
    closed, accounts = _spoken_for(act.case, lines), accounts_of(lines)
    for line in sorted(lines, key=lambda line: accounts[line.item_id]):
        if line.item_id not in closed:
            STOCK.try_hold(accounts[line.item_id], line.granted or 0, act.case, act.person)
    tell_expected(accounts, beginning=act.case.id)


def release_what_is_held(act: Act) -> None:
    """Gives back what was not issued; who waits for it, or waited behind this paper, is served."""
    released = [hold.account_id for hold in STOCK.holds_of(act.case) if STOCK.release(hold.id, act.person)]
    if released or act.case.state == "waiting":
        serve(accounts_of(lines_now(act.case)), but=act.case.id)


def serve_waiting(item_ids: list[int]) -> None:
    """Goods came: the draws that wait for them are served, those approved first before all others."""
    serve(item_ids)


WHEN_STOCK_COMES.append(serve_waiting)


@db.transaction
def serve(item_ids: Iterable[int], but: int = 0) -> None:
    """Holds for each line that waits, until one cannot be served: nobody behind it overtakes. A draw that has all goes on."""
    closed: set[int] = set()
    served: list[int] = []
    for each in short_lines(item_ids, but):
        if each.item in closed:
            continue
        if STOCK.try_hold(each.account, each.granted, Case.get_by_id(each.case)) is None:
            closed.add(each.item)
        else:
            served.append(each.case)
    for case_id in dict.fromkeys(served):
        if not short_of(case_id):
            steps.take(None, case_id, "go_on")
    tell_expected(item_ids, but)


def do_without(act: Act) -> None:
    """What is short is cut to what is there and nobody waits for longer; the note says why."""
    lines, short = lines_now(act.case), {each.item: each for each in short_of(act.case.id)}
    first: dict[int, int] = {}
    for each in short_lines(short):
        first.setdefault(each.item, each.case)
    for line in sorted(lines, key=lambda line: line.item_id):
        if line.item_id not in short:
            continue
        free = levels([line.item_id])[line.item_id].free if first[line.item_id] == act.case.id else 0
        there = min(max(free, 0), line.granted or 0)
        if there:
            STOCK.hold(short[line.item_id].account, there, act.case, act.person)
        _cut(line, there, act.note[:200], act)
    if not any(line.granted for line in lines_now(act.case)):
        raise Refused(_("Nothing of it is there yet: wait for it, or let the applicant cancel it."))
    serve(short, but=act.case.id)


_UNHELD = """
SELECT i.name, i.name_en FROM cases k JOIN draw_lines l ON l.case_id = k.id AND l.version = k.version
JOIN items i ON i.id = l.item_id
WHERE k.id = ? AND COALESCE(l.granted, 0) <>
    (SELECT COALESCE(SUM(h.amount), 0) FROM open_holds h JOIN entries e ON e.id = h.entry_id
     WHERE e.case_id = k.id AND h.account_id = i.account_id)
ORDER BY l.n LIMIT 1
"""


@objection(_("not everything that was granted is held for it"))
def not_all_held(act: Act) -> Words | None:
    """Only what the shelf holds for this paper is issued (SUP-18)."""
    named = db.row(_UNHELD, act.case.id)
    if named is None:
        return None
    return _("%(item)s: what was granted is not set aside for this paper, so nothing is issued.", item=Name(*named))
