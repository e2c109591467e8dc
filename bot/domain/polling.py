"""When to ask the provider again. Pure: the caller waits.

The rule and where it comes from: ``docs/adr/0006-when-to-poll.md``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.render_times import RenderTimes

# What one call is worth, in seconds of one member's waiting. The one number to turn: four times
# as much halves the calls and doubles the delay. With this one there are about as many calls as
# with a poll every ten seconds, and a clip is found in little more than half the time.
POLL_COST_S = 0.11
SHORTEST_WAIT_S = 2.0  # the fastest that public clients are known to poll
LONGEST_WAIT_S = 120.0  # within the patience: what a wrong expectation can cost
SLOWEST_WAIT_S = 900.0  # after it
JITTER = 0.1
ERROR_JITTER = 0.2
_LATE_WAITS = (1 / 20, 1 / 10)  # at least and at most, of the time that it took so far


def wait_before_poll_s(
    times: RenderTimes,
    *,
    elapsed_s: float,
    jitter: float,
    poll_cost_s: float = POLL_COST_S,
    pace: float = 1.0,
) -> float:
    """Seconds to wait before the next poll; needs to know of no earlier one.

    Args:
        times: How long renders of this setting take, at pace 1.
        elapsed_s: Seconds since the job was submitted, from 0.
        jitter: A random number in [-1, 1]; spreads polls by up to a tenth.
        poll_cost_s: Seconds of waiting that a poll is worth, above 0.
        pace: Multiplies all times. Below 1 only for stand-ins that render in seconds.
    """
    elapsed_s = max(0.0, elapsed_s) / pace
    wait_s = _best_wait_s(times, elapsed_s, poll_cost_s)
    if elapsed_s < times.patience_s():
        shortest_s, longest_s = SHORTEST_WAIT_S, LONGEST_WAIT_S
    else:
        shortest_s, longest_s = (min(SLOWEST_WAIT_S, elapsed_s * part) for part in _LATE_WAITS)
    wait_s = min(max(wait_s, shortest_s), longest_s)
    return wait_s * pace * (1 + JITTER * jitter)


def wait_after_error_s(*, errors: int, jitter: float) -> float:
    """Seconds to wait after the ``errors``-th failure in a row, from 1: 2 s doubling to 2 min."""
    return float(min(2**errors, 120)) * (1 + ERROR_JITTER * jitter)


def _best_wait_s(times: RenderTimes, elapsed_s: float, poll_cost_s: float) -> float:
    """The wait at which one more second of it costs as much as it saves.

    Of all schedules the expected sum of delay and polls is least where polls lie as densely as
    the square root of half the hazard over a poll's cost. So that much density is one poll:
    summed up, not looked up, as a young render's hazard is zero and rises within one wait.
    """
    left = math.sqrt(2 * poll_cost_s)
    for begin_s, end_s, density in times.poll_density(elapsed_s):
        if (end_s - begin_s) * density >= left:
            return begin_s + left / density - elapsed_s
        left -= (end_s - begin_s) * density
    return LONGEST_WAIT_S
