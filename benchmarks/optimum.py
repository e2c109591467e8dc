"""The best schedule that there can be where the distribution of render times is known.

Delay and calls are traded best where the wait is proportional to the square root of survival over
density. The schedule is found numerically: polls lie where the integral of the inverse of that
wait passes whole multiples of a cost, and the cost is sought that gives the wanted number of polls.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

from benchmarks.renders_drawn import Score, Task, followed, lognormal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GRID = [math.exp(step / 250) for step in range(3000)]  # seconds, from 1 to 1.6e5
COSTS = (0.001, 100.0)
PRECISION = 1.0001


def best(tasks: Sequence[Task], *, polls: float, known_as: Mapping[str, str]) -> Score:
    """What the best schedule does on these tasks with so many polls each.

    Args:
        tasks: Drawn from the distributions that it knows.
        polls: Per task, in the mean.
        known_as: Settings that it cannot tell from each other share a name; it knows the mixture.
    """
    settings = {task.setting for task in tasks}
    density = {
        setting: _summed_density(
            [
                other
                for other in settings
                if known_as.get(other, other) == known_as.get(setting, setting)
            ]
        )
        for setting in settings
    }
    low, high = COSTS
    while True:
        cost = math.sqrt(low * high)
        score = followed(
            tasks, {name: _poll_times(summed, cost) for name, summed in density.items()}
        )
        if high / low < PRECISION:
            return score
        low, high = (cost, high) if score.polls > polls else (low, cost)


def _summed_density(settings: Sequence[str]) -> list[float]:
    """The integral of the square root of density over survival, up to each point of the grid."""
    rates = [math.sqrt(_hazard(at_s, settings)) for at_s in GRID]
    summed = [0.0]
    for (begin_s, end_s), (rate, next_rate) in zip(pairwise(GRID), pairwise(rates), strict=True):
        summed.append(summed[-1] + (end_s - begin_s) * (rate + next_rate) / 2)
    return summed


def _poll_times(summed: Sequence[float], cost: float) -> list[float]:
    found: list[float] = []
    while (len(found) + 1) * cost < summed[-1]:
        wanted = (len(found) + 1) * cost
        index = bisect_left(summed, wanted)
        part = (wanted - summed[index - 1]) / (summed[index] - summed[index - 1])
        found.append(GRID[index - 1] + part * (GRID[index] - GRID[index - 1]))
    return [*found, math.inf]


def _hazard(at_s: float, settings: Sequence[str]) -> float:
    density = survival = 0.0
    for setting in settings:
        mean, deviation = lognormal(setting)
        deviations = (math.log(at_s) - mean) / deviation
        bell = math.exp(-deviations * deviations / 2) / math.sqrt(2 * math.pi)
        density += bell / (deviation * at_s)
        survival += math.erfc(deviations / math.sqrt(2)) / 2
    return density / survival if survival else 0.0
