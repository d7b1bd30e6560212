"""A row of a list as its page shows it: every text ready in the reader's language, so that fifty rows cost little."""

from __future__ import annotations

from functools import cache, partial
from typing import Any, NamedTuple

from portal import clock, db, languages
from portal.flow import FLOWS, Flow
from portal.inbox import rules
from portal.inbox.models import FAR_MS, Row, holders_by_name
from portal.kinds import KINDS
from portal.words import Name, Words, _, _n

DAY_MS = 86_400_000


class Shown(NamedTuple):
    """A row as somebody sees it now. `base`: where it leads, the paper's own page if empty; `together`: some may be chosen to be
    decided together; `whose`: in whose hands it is; `age` and `due` are said already, for they change with the time."""

    row: Row
    base: str
    is_open: bool
    acting: bool
    together: bool
    whose: Any
    age: str
    age_tone: str
    due: str
    due_tone: str

    @property
    def url(self) -> str:
        return f"{self.base}{'&' if '?' in self.base else '?'}paper={self.row.case}" if self.base else f"/papers/{self.row.case}"

    @property
    def title(self) -> str:
        return self.row.title

    @property
    def number(self) -> str:
        return self.row.number or ""

    @property
    def who(self) -> str:
        return languages.here(Name(self.row.who, self.row.who_en))

    @property
    def department(self) -> str:
        return languages.here(Name(self.row.department, self.row.department_en))

    @property
    def amount(self) -> str:
        return "" if self.row.amount is None else languages.money(self.row.amount)

    @property
    def flow(self) -> Flow:
        return FLOWS[self.row.kind]

    @property
    def icon(self) -> str:
        return self.flow.icon

    @property
    def tone(self) -> str:
        """The colour of its kind."""
        return KINDS[self.row.kind].tone if self.row.kind in KINDS else "green"

    @property
    def state(self) -> Words:
        return self.flow.states[self.row.state].label

    @property
    def state_tone(self) -> str:
        here = self.flow.states[self.row.state]
        return here.tone or ("" if here.is_end or here.name == self.flow.first else "blue")

    @property
    def mark(self) -> Words | str:
        return self.flow.marks.get(self.row.mark, ("", ""))[0]

    @property
    def mark_tone(self) -> str:
        return self.flow.marks.get(self.row.mark, ("", ""))[1]

    @property
    def decided(self) -> str:
        return languages.short_moment(db.from_ms(self.row.closed), languages.reading.get()) if self.row.closed else ""

    @property
    def may_choose(self) -> bool:
        return self.together and rules.at_once(self.row.kind, self.row.state) is not None

    @property
    def shown(self) -> str:
        """What a choice of this row sends: the paper as it was shown."""
        return f"{self.row.case}:{self.row.state}:{self.row.version}"


def shown(
    rows: list[Row], posts: dict[str, bool], whose: bool = False, opened: int = 0, base: str = "", together: bool = False
) -> list[Shown]:
    """The rows for their page; with `whose` several rows of one paper become one."""
    names = holders_by_name({row.post for row in rows if row.post}) if whose else {}
    hands: dict[int, list[Row]] = {}
    for row in rows if whose else ():
        hands.setdefault(row.case, []).append(row)
    now = db.to_ms(clock.now())
    age, due = cache(_age), cache(partial(_due, now))
    return [
        Shown(
            row, base, row.case == opened, posts.get(row.post, False), together,
            _in_hands(hands[row.case], names) if whose else None,
            *(age((now - row.opened) // DAY_MS) if row.task else ("", "")),
            *(due(row.due) if 0 < row.due < FAR_MS else ("", "")),
        )
        for row in ([some[0] for some in hands.values()] if whose else rows)
    ]  # fmt: skip


def _age(days: int) -> tuple[str, str]:
    days = max(0, days)
    return languages.here(_n("%(n)s day", "%(n)s days", n=days) if days else _("today")), rules.tone_of_age(days)


def _due(now: int, due: int) -> tuple[str, str]:
    return languages.here(languages.left(db.from_ms(due))), "late" if due < now else ""


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
