"""Tells the demo company's past: stories go on moment by moment, in the order in which things happened."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from portal import clock

Story = Iterator[datetime]  # yields the moment of its next deed, does it when asked on


def present() -> datetime:
    """The end of yesterday's work: the past is the same all day long."""
    return at_work(clock.today() - timedelta(days=1), 18, 0)


def tell(stories: Iterable[Story], until: datetime) -> None:
    """Lets every story go on with the clock at its own moments, as far as `until`."""
    waiting: list[tuple[datetime, int, Story]] = []
    for n, story in enumerate(stories):
        _go_on(waiting, n, story)
    while waiting:
        moment, n, story = heapq.heappop(waiting)
        if moment <= until:
            with clock.at(moment):
                _go_on(waiting, n, story)


def _go_on(waiting: list[tuple[datetime, int, Story]], n: int, story: Story) -> None:
    moment = next(story, None)
    if moment is not None:
        heapq.heappush(waiting, (moment, n, story))


def chances(of: str) -> Random:
    """What happens by chance in the story of that name: the same every time."""
    return Random(of)  # noqa: S311


def daily(first: date, deed: Callable[[], object]) -> Story:
    """Does it every night."""
    day = first
    while True:
        yield at_work(day, 2, 0)
        deed()
        day += timedelta(days=1)


def at_work(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), clock.SHANGHAI)


def next_worked(day: date) -> date:
    """That day, or the first after it that is worked."""
    while not clock.is_worked(day):
        day += timedelta(days=1)
    return day


def last_worked(day: date) -> date:
    """That day, or the last one before it that was worked."""
    while not clock.is_worked(day):
        day -= timedelta(days=1)
    return day


def back(day: date, worked: int) -> date:
    """The last worked day until then, or so many worked days before it."""
    day = last_worked(day)
    for _each in range(worked):
        day = last_worked(day - timedelta(days=1))
    return day


def some_time(chance: Random, day: date) -> datetime:
    """A moment of work on that day, or on the next one that is worked."""
    return at_work(next_worked(day), chance.randint(9, 17), chance.randint(0, 59)) + timedelta(seconds=chance.randint(0, 59))


def later(chance: Random, moment: datetime, days: float) -> datetime:
    """About that many days afterwards, at work."""
    if days < 0.5:
        return moment + timedelta(minutes=chance.randint(4, 50))
    return some_time(chance, clock.local(moment).date() + timedelta(days=max(1, round(days))))
