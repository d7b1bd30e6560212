"""Those who wait for goods are told once when these are expected, and again when the day is another one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from portal import clock, db, notices
from portal.cases import Case
from portal.stock.models import Item
from portal.supplies.models import ExpectedDay
from portal.supplies.models_expected import Waits, expected_days, told_days, wishers
from portal.words import Name, Words, _


@db.transaction
def tell_expected(item_ids: Iterable[int], but: int = 0, beginning: int = 0) -> None:
    """Tells the applicants of the draws that wait for these items, and those whose wishes are in them, what is new: the day is
    known, it is another one, or nothing that is on order reaches them any more. `but` is a draw left out, `beginning` one that
    begins to wait in this step."""
    items = sorted(set(item_ids))
    now, told = expected_days(items, but, beginning), told_days(items)
    news: dict[tuple[int, date | None, date | None], list[int]] = {}
    for key in sorted(now.keys() | told.keys()):
        day, before = now.get(key), told.get(key)
        if day != before:
            _keep(key, day)
            if key in now:
                news.setdefault((key[0], before, day), []).append(key[1])
    for (draw_id, before, day), about in news.items():
        _tell(Case.get_by_id(draw_id), about, before, day)


def _keep(key: Waits, day: date | None) -> None:
    case_id, item_id = key
    ExpectedDay.delete().where(ExpectedDay.case == case_id, ExpectedDay.item == item_id).execute()
    if day is not None:
        ExpectedDay.add(case=case_id, item=item_id, day=day)


def _tell(draw: Case, items: list[int], before: date | None, day: date | None) -> None:
    """The applicant hears of the draw, and everybody else of the own wish."""
    applicants = {draw.requester_id, draw.preparer_id}
    notices.tell(applicants, "expected", _said(draw, items, before, day), draw)
    wished: dict[tuple[int, int], list[int]] = {}
    for each in wishers(draw.id):
        if each.item in items and each.person not in applicants:
            wished.setdefault((each.wish, each.person), []).append(each.item)
    for (wish_id, person), own in wished.items():
        wish = Case.get_by_id(wish_id)
        notices.tell([person], "expected", _said(wish, own, before, day), wish)


def _said(case: Case, items: list[int], before: date | None, day: date | None) -> Words:
    told = {"number": case.number or "", "items": _listed(items), "day": day, "before": before}
    if day is None:
        return _(
            "%(number)s waits for %(items)s: not expected on %(before)s any more. You are told when another day is known.", **told
        )
    if day < clock.today():
        return _("%(number)s waits for %(items)s: the delivery was due on %(day)s and is late.", **told)
    if before is not None:
        return _("%(number)s waits for %(items)s: now expected on %(day)s, not on %(before)s.", **told)
    return _("%(number)s waits for %(items)s: expected on %(day)s.", **told)


def _listed(items: list[int]) -> Words | Name:
    """What the items are called, one after the other."""
    called = [each.called for each in Item.where(f"id IN ({db.marks(items)}) ORDER BY code", *items)]
    listed: Words | Name = called[0]
    for each in called[1:]:
        listed = _("%(items)s, %(item)s", items=listed, item=each)
    return listed
