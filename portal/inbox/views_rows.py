"""A row of a list as its page shows it: every text ready in the reader's language, so that fifty rows cost little."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from portal import db, languages
from portal.flow import FLOWS, Step
from portal.inbox import rules
from portal.inbox.models import Row, holders_by_name
from portal.kinds import KINDS
from portal.words import Name, Words, _, _n


@dataclass(frozen=True)
class Shown:
    """`step` may be taken on it together with others; `whose` says in whose hands it is; `tone` colours the tile of its kind."""

    case: int
    task: int
    url: str
    is_open: bool
    title: str
    number: str
    who: str
    department: str
    amount: str
    kind: str
    icon: str
    tone: str
    state: str
    state_tone: str
    mark: str
    mark_tone: str
    age: str
    age_tone: str
    due: str
    due_tone: str
    decided: str
    acting: bool
    step: Step | None
    shown: str
    whose: Any


def shown(
    rows: list[Row], posts: dict[str, bool], whose: bool = False, opened: int = 0, base: str = "", together: bool = False
) -> list[Shown]:
    """The rows for their page; several rows of one paper become one. Without a `base` a row leads to the paper's own page."""
    words = cache(_words)
    names = holders_by_name({row.post for row in rows if row.post}) if whose else {}
    hands: dict[int, list[Row]] = {}
    for row in rows:
        hands.setdefault(row.case, []).append(row)
    to = f"{base}{'&' if '?' in base else '?'}paper=" if base else "/papers/"
    chosen = [some[0] for some in hands.values()] if whose else rows
    told = {case: _in_hands(some, names) for case, some in hands.items()} if whose else {}
    return [_shown(row, posts, words, to, opened, together, told.get(row.case)) for row in chosen]


def _shown(row: Row, posts: dict[str, bool], words: Any, to: str, opened: int, together: bool, whose: Any) -> Shown:
    label, state_tone, icon, tone, mark, mark_tone = words("kind", row.kind, row.state, row.mark)
    days = rules.days_waiting(row.opened)
    due = row.deadline
    late = rules.is_late(row)
    step = rules.at_once(row.kind, row.state) if together else None
    return Shown(
        case=row.case, task=row.task, url=f"{to}{row.case}", is_open=row.case == opened, title=row.title, number=row.number or "",
        who=languages.here(row.requester), department=languages.here(row.of),
        amount="" if row.amount is None else languages.money(row.amount), kind=row.kind, icon=icon, tone=tone,
        state=label, state_tone=state_tone, mark=mark, mark_tone=mark_tone,
        age=words("age", days) if row.task else "", age_tone=rules.tone_of_age(days),
        due=languages.here(languages.left(due)) if due else "", due_tone="late" if late else "",
        decided=languages.short_moment(db.from_ms(row.closed), languages.reading.get()) if row.closed else "",
        acting=posts.get(row.post, False), step=step, shown=f"{row.case}:{row.state}:{row.version}", whose=whose,
    )  # fmt: skip


def _words(what: str, *told: Any) -> Any:
    """Texts that many rows share, made once a page."""
    if what == "age":
        (days,) = told
        return languages.here(_n("%(n)s day", "%(n)s days", n=days) if days else _("today"))
    kind, state, mark = told
    flow = FLOWS[kind]
    here = flow.states[state]
    label, tone = flow.marks.get(mark, ("", ""))
    tile = KINDS[kind].tone if kind in KINDS else "green"
    return languages.here(here.label), here.tone or _tone(flow.first, here), flow.icon, tile, languages.here(label), tone


def _tone(first: str, here: Any) -> str:
    return "" if here.is_end or here.name == first else "blue"


def _in_hands(rows: list[Row], names: dict[str, list[Name]]) -> Words | None:
    """In whose hands the paper is, by name."""
    if not rows[0].task:
        return None
    if any(row.stuck for row in rows):
        return _("Nobody can act on it")
    people = list(dict.fromkeys(name for row in rows for name in names.get(row.post, [])))
    if not people:
        return None
    if len(people) == 1:
        return _("Waits for %(who)s", who=people[0])
    if len(people) == 2:
        return _("Waits for %(who)s and %(other)s", who=people[0], other=people[1])
    return _n("Waits for %(who)s and %(n)s other", "Waits for %(who)s and %(n)s others", n=len(people) - 1, who=people[0])
