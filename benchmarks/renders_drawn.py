"""Render tasks drawn from the times that clients report, for schedules to be tried on."""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

P95_SIGMA = NormalDist().inv_cdf(0.95)

# Median and 95th percentile in seconds of each setting. No gateway publishes any: these are what
# public clients and their issue threads report.
SETTINGS: dict[str, tuple[float, float]] = {
    "cogvideox-3": (90, 240),
    "cogvideox-3 4K": (900, 1320),
    "cogvideox-2": (90, 300),
    "cogvideox-flash off-peak": (90, 300),
    "cogvideox-flash peak": (420, 720),
    "viduq1": (90, 240),
    "vidu2": (45, 150),
}


@dataclass(frozen=True, slots=True)
class Task:
    """One render: of which setting, and after how many seconds it is done."""

    setting: str
    took_s: float


@dataclass(frozen=True, slots=True)
class Score:
    """How a schedule did, in means over tasks."""

    delay_s: float
    polls: float

    @classmethod
    def of(cls, found: Iterable[tuple[float, int]]) -> Score:
        """From each task's delay and number of polls."""
        delays_s, polls = zip(*found, strict=True)
        return cls(sum(delays_s) / len(delays_s), sum(polls) / len(polls))

    def __str__(self) -> str:
        return f"{self.delay_s:5.2f} s late, {self.polls:5.2f} polls"


def lognormal(setting: str) -> tuple[float, float]:
    """Mean and deviation of the logarithm of a setting's times."""
    median_s, p95_s = SETTINGS[setting]
    return math.log(median_s), math.log(p95_s / median_s) / P95_SIGMA


def drawn(each: int, *, seed: int) -> list[Task]:
    """So many tasks of every setting, in random order; the same ones for the same seed."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, guards no secret
    tasks = [
        Task(setting, chance.lognormvariate(*lognormal(setting)))
        for setting in SETTINGS
        for _ in range(each)
    ]
    chance.shuffle(tasks)
    return tasks


def followed(tasks: Sequence[Task], polls_s: dict[str, Sequence[float]]) -> Score:
    """How schedules do that are fixed beforehand: per setting, the times of its polls."""

    def one(task: Task) -> tuple[float, int]:
        times = polls_s[task.setting]
        index = bisect_left(times, task.took_s)
        return times[index] - task.took_s, index + 1

    return Score.of(one(task) for task in tasks)
