"""A measure is a ratio against a floor run in the same process, in turns; medians count."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

ROUNDS = 40


@dataclass(frozen=True)
class Result:
    """What was measured; `goal` is the most it may be, `told` says both sides in words."""

    what: str
    value: float
    goal: float
    told: str
    unit: str = "x"

    @property
    def is_met(self) -> bool:
        return self.value <= self.goal

    def line(self) -> str:
        shown = f"{self.value:.2f}{self.unit}" if self.unit == "x" else f"{self.value:.1f} {self.unit}"
        most = f"{self.goal:g}{'' if self.unit == 'x' else ' '}{self.unit}"
        return f"{self.what:58} {shown:>10} {most:>9}  {'met' if self.is_met else 'MISSED':6}  {self.told}"


def in_turns(ours: Callable[[], object], floor: Callable[[], object], rounds: int = ROUNDS, each: int = 3) -> tuple[float, float]:
    """Median milliseconds of CPU of both, run in turns."""
    for _warm in range(5):
        ours(), floor()
    taken: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    for _round in range(rounds):
        for side, work in enumerate((ours, floor)):
            taken[side].append(cpu_ms(work, each))
    return median(taken[0]), median(taken[1])


def cpu_ms(work: Callable[[], object], times: int = 1) -> float:
    begun = time.process_time()
    for _time in range(times):
        work()
    return (time.process_time() - begun) * 1000 / times


def wall_ms(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def ratio(what: str, goal: float, ours: float, floor: float, than: str) -> Result:
    return Result(what, ours / floor, goal, f"{ours:.2f} ms; {than} {floor:.2f} ms")
