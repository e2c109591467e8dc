"""When to ask the provider again. Pure: the caller waits."""

from __future__ import annotations

# (elapsed since submission, wait before the next poll), seconds. Vendors publish no latency;
# observed renders take 90 s in the median and up to 20 min, and public clients poll every 2 to
# 10 s without trouble. Fast at first, then slower, never given up while the task may finish.
_RAMP: tuple[tuple[float, float], ...] = ((60, 5), (300, 10), (1800, 25))
_AFTER_RAMP_S = 120.0
FIRST_POLL_S = 10.0
JITTER = 0.2
LATE_AFTER_S = 1800.0
"""After this the job counts as late: polled slowly, delivered when it comes."""


def wait_before_poll_s(*, elapsed_s: float, polls: int, jitter: float, pace: float = 1.0) -> float:
    """Seconds to wait before the next poll.

    Args:
        elapsed_s: Seconds since the job was submitted, from 0.
        polls: Polls made so far.
        jitter: A random number in [-1, 1]; spreads polls by up to a fifth.
        pace: Multiplies the wait. Below 1 only for stand-ins that render in seconds.
    """
    if polls == 0:
        base = max(0.0, FIRST_POLL_S - elapsed_s / pace)
    else:
        base = next((wait for until, wait in _RAMP if elapsed_s < until), _AFTER_RAMP_S)
    return base * pace * (1 + JITTER * jitter)


def wait_after_error_s(*, errors: int, jitter: float) -> float:
    """Seconds to wait after the ``errors``-th failure in a row, from 1: 2 s doubling to 2 min."""
    return float(min(2**errors, 120)) * (1 + JITTER * jitter)
