"""How the inbox is sorted into groups, when waiting is too long, and which steps may be taken on many papers at once."""

from __future__ import annotations

from datetime import datetime

from portal import clock, db, policies
from portal.flow import BACK, FLOWS, Step
from portal.inbox.models import FAR_MS, Row
from portal.papers.rules import may_be_taken_together
from portal.words import Words, _

amber_days = policies.declare(
    "inbox_amber_days", 2, "gm", _("The inbox shows a paper in amber after it has waited"), unit=_("days"), minimum=0, maximum=365
)
red_days = policies.declare(
    "inbox_red_days", 5, "gm", _("The inbox shows a paper in red after it has waited"), unit=_("days"), minimum=0, maximum=365
)

LATE, TODAY, LATER, OPEN = _("Past deadline"), _("Due today"), _("Later"), _("Without a deadline")
GROUPS: tuple[tuple[Words, str, str], ...] = (
    (LATE, "circle-alert", "late"),
    (TODAY, "clock", "soon"),
    (LATER, "calendar", ""),
    (OPEN, "inbox", ""),
)


def by_deadline(rows: list[Row]) -> list[tuple[Words, str, str, list[Row]]]:
    """The rows in groups, empty ones left out: past their deadline, due today, later, without one."""
    now, tonight = db.to_ms(clock.now()), db.to_ms(clock.end_of(clock.today()))
    found: dict[Words, list[Row]] = {label: [] for label, _icon, _tone in GROUPS}
    for row in rows:
        label = OPEN if row.due >= FAR_MS else LATE if row.due < now else TODAY if row.due <= tonight else LATER
        found[label].append(row)
    return [(label, icon, tone, found[label]) for label, icon, tone in GROUPS if found[label]]


def late_among(rows: list[Row]) -> int:
    """How many are past their deadline."""
    now = db.to_ms(clock.now())
    return sum(0 < row.due < now for row in rows)


def days_waiting(opened: int) -> int:
    """Whole days since then."""
    return max(0, (db.to_ms(clock.now()) - opened) // 86_400_000)


def tone_of_age(days: int) -> str:
    """How the age is shown: as it should be, amber, or red."""
    return "late" if days >= red_days() else "soon" if days >= amber_days() else ""


def at_once(kind: str, state: str) -> Step | None:
    """The step that may be taken on many papers together: the way forward, where nothing has to be typed or signed."""
    flow = FLOWS[kind]
    ways = [way for way in flow.states[state].steps if way.who is None and way.to != BACK and way.look == "primary"]
    return next((way for way in ways if all(map(may_be_taken_together, flow.steps_named(way.name)))), None)


def part_of_day(moment: datetime) -> str:
    """morning, afternoon or evening in Shanghai."""
    hour = clock.local(moment).hour
    return "morning" if 4 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"
