"""How much is served before a waiting job, worked out from lanes and without walking their jobs.

Exact where a lane's jobs cost the same. Where they differ, each counts as the mean of its lane.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bot.domain.fairness import charge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Lane(NamedTuple):  # a thousand are made for one place in the queue
    """A guild's lane, or a member's, with something waiting in it.

    Attributes:
        number: The id of the guild, or of the member.
        vtime: Its virtual time.
        served: The claim that last served it; 0 for none.
        weight: Its share, from 1.
        waiting: Its jobs, at least one.
        cost_ms: All of theirs.
    """

    number: int
    vtime: int
    served: int
    weight: int
    waiting: int
    cost_ms: int


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is served before.

    Attributes:
        jobs: How many.
        cost_ms: All of theirs.
    """

    jobs: int = 0
    cost_ms: int = 0

    def __add__(self, other: Ahead) -> Ahead:
        """Both together."""
        return Ahead(self.jobs + other.jobs, self.cost_ms + other.cost_ms)


def ahead_in_others(own: Lane, own_ahead: Ahead, others: Iterable[Lane]) -> Ahead:
    """What other lanes have served when a lane has served some of its own and its next one is due.

    Args:
        own: The lane.
        own_ahead: What it serves before.
        others: Those that take turns with it.
    """
    step = charge(own_ahead.cost_ms // own_ahead.jobs, own.weight) if own_ahead.jobs else 0
    due = own.vtime + own_ahead.jobs * step
    own_turn = _tie_break(own.number, own.served, own_ahead.jobs, due - step)
    jobs = cost_ms = 0
    for number, vtime, served, weight, waiting, lane_cost_ms in others:
        if vtime > due:
            continue
        mean_ms = lane_cost_ms // waiting
        step = charge(mean_ms, weight)
        services, rest = divmod(due - vtime, step)
        if services >= waiting:
            services = waiting
        # Without a rest, one more of its services is due at the same virtual time.
        elif rest or _tie_break(number, served, services, due - step) < own_turn:
            services += 1
        jobs += services
        cost_ms += services * mean_ms
    return Ahead(jobs, cost_ms)


def expected_wait_s(ahead: Ahead, in_flight_s: Sequence[float], *, places: int) -> float:
    """How long until a job starts: the work in front of it over the places that do it.

    Args:
        ahead: What is served before it.
        in_flight_s: What each render in flight is still expected to take.
        places: How many renders its accounts take at once, at least one.

    Returns:
        Seconds; 0 where a place is free for it already.
    """
    if len(in_flight_s) + ahead.jobs < places:
        return 0.0
    return (sum(in_flight_s) + ahead.cost_ms / 1000) / places


def _tie_break(number: int, served: int, services: int, last: int) -> tuple[float, int, int, int]:
    """Least recently served first: who had no service yet by the past, others by their last one."""
    return last if services else -math.inf, services, served, number
