"""A row of a list as its page shows it: every text ready in the reader's language, so that fifty rows cost little."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from portal import clock, db, languages
from portal.flow import FLOWS
from portal.inbox import rules
from portal.inbox.models import FAR_MS, Row, holders_by_name
from portal.kinds import KINDS
from portal.words import Name, Words, _, _n

DAY_MS = 86_400_000


class Shown(NamedTuple):
    """`may_choose`: to be decided together with others; `whose`: in whose hands it is; `tone`: the colour of its kind."""

    case: int
    task: int
    url: str
    is_open: bool
    title: str
    number: str
    who: str
    department: str
    amount: str
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
    may_choose: bool
    shown: str
    whose: Any


def shown(
    rows: list[Row], posts: dict[str, bool], whose: bool = False, opened: int = 0, base: str = "", together: bool = False
) -> list[Shown]:
    """The rows for their page; with `whose` several rows of one paper become one. Without a `base` a row leads to the paper's
    own page; `together`: it may be chosen, where its step allows that."""
    names = holders_by_name({row.post for row in rows if row.post}) if whose else {}
    hands: dict[int, list[Row]] = {}
    for row in rows:
        hands.setdefault(row.case, []).append(row)
    told = {case: _in_hands(some, names) for case, some in hands.items()} if whose else {}
    to = f"{base}{'&' if '?' in base else '?'}paper=" if base else "/papers/"
    said = Said(together)
    return [
        said.row(row, f"{to}{row.case}", row.case == opened, posts.get(row.post, False), told.get(row.case))
        for row in ([some[0] for some in hands.values()] if whose else rows)
    ]


class Said:
    """Says rows in the reader's language; what many rows share is said once a page."""

    def __init__(self, together: bool) -> None:
        self.language = languages.reading.get()
        self.now = db.to_ms(clock.now())
        self.together = together
        self.kind, self.age, self.due = cache(self._kind), cache(self._age), cache(self._due)

    def row(self, row: Row, url: str, is_open: bool, acting: bool, whose: Any) -> Shown:
        state, state_tone, icon, tone, mark, mark_tone, may_choose = self.kind(row.kind, row.state, row.mark)
        age, age_tone = self.age((self.now - row.opened) // DAY_MS) if row.task else ("", "")
        due, due_tone = self.due(row.due) if 0 < row.due < FAR_MS else ("", "")
        in_english = self.language == "en"
        return Shown(
            case=row.case, task=row.task, url=url, is_open=is_open, title=row.title, number=row.number or "",
            who=(in_english and row.who_en) or row.who, department=(in_english and row.department_en) or row.department,
            amount="" if row.amount is None else languages.money(row.amount), icon=icon, tone=tone,
            state=state, state_tone=state_tone, mark=mark, mark_tone=mark_tone, age=age, age_tone=age_tone,
            due=due, due_tone=due_tone,
            decided=languages.short_moment(db.from_ms(row.closed), self.language) if row.closed else "",
            acting=acting, may_choose=may_choose, shown=f"{row.case}:{row.state}:{row.version}", whose=whose,
        )  # fmt: skip

    def _kind(self, kind: str, state: str, mark: str) -> Any:
        flow = FLOWS[kind]
        here = flow.states[state]
        label, tone = flow.marks.get(mark, ("", ""))
        tile = KINDS[kind].tone if kind in KINDS else "green"
        return (
            languages.here(here.label),
            here.tone or _tone(flow.first, here),
            flow.icon,
            tile,
            languages.here(label),
            tone,
            self.together and rules.at_once(kind, state) is not None,
        )

    def _age(self, days: int) -> tuple[str, str]:
        days = max(0, days)
        return languages.here(_n("%(n)s day", "%(n)s days", n=days) if days else _("today")), rules.tone_of_age(days)

    def _due(self, due: int) -> tuple[str, str]:
        return languages.here(languages.left(db.from_ms(due))), "late" if due < self.now else ""


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
    if people == [Name(rows[0].who, rows[0].who_en)]:
        return _("With you")
    if len(people) == 1:
        return _("Waits for %(who)s", who=people[0])
    if len(people) == 2:
        return _("Waits for %(who)s and %(other)s", who=people[0], other=people[1])
    return _n("Waits for %(who)s and %(n)s other", "Waits for %(who)s and %(n)s others", n=len(people) - 1, who=people[0])
