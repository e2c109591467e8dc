"""How long renders of one setting take: a histogram that learns, forgets and answers questions.

Everything here is pure. The database keeps the weights, ``bot/domain/polling.py`` places polls by
them, and members read their expected time off them.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LOG_BUCKETS = 48  # between the first and the last edge, each 16 % wider than the one before
FIRST_EDGE_S = 5.0  # what is faster shares one bucket
LAST_EDGE_S = 7200.0  # what is slower shares one without an end
_RATIO = math.pow(LAST_EDGE_S / FIRST_EDGE_S, 1 / LOG_BUCKETS)
EDGES_S = (
    0.0,
    *(FIRST_EDGE_S * math.pow(_RATIO, step) for step in range(LOG_BUCKETS)),
    LAST_EDGE_S,
)
"""Where the buckets begin, seconds; the last one, from two hours on, has no end."""
_BUCKETS_S = tuple(pairwise((*EDGES_S, math.inf)))

DECAY = 0.99  # per render: the last hundred count, so a gateway that changes is learnt anew
# As many renders as an assumption weighs before any was seen, and the renders after which that
# has fallen to a third. Few, as it may be wrong by much: what is left of it costs polls.
ASSUMED_WEIGHT = 2.0
ASSUMED_FADE = 10.0
# One render tells of times near its own too. Without it a few dozen renders leave gaps between
# them in which nothing would be expected.
BLUR = 1.25
# And one of so many would have taken much longer: the slowest render yet is not the slowest ever.
TAIL = 0.05
TAIL_POWER = 4.0  # the chance to take longer than a time falls with this power of it
NEVER = 0.005  # the share of tasks that are accepted and never end
LATE_AFTER_S = 1800.0  # nothing is late before, though it may be overdue
_PATIENT_FOR = 0.99  # of a setting's renders, where these take longer
_LOW, _HIGH = 0.1, 0.9  # what "usually" means
_P95_SIGMA = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedTime:
    """When a render is expected to be done, in seconds after its submission.

    Attributes:
        earliest_s: One of ten is done before it.
        latest_s: One of ten is done after it.
        overdue: Whether it already takes longer than nine of ten of its setting.
        late: Whether it is past the patience.
    """

    earliest_s: float
    latest_s: float
    overdue: bool
    late: bool


class RenderTimes:
    """What is believed of the render times of one setting; immutable.

    Attributes:
        seen: Weight of the renders seen in each bucket of `EDGES_S`; long ago counts less than one.
        assumed: What is assumed in their place while they are few: shares that sum up to one.
    """

    __slots__ = ("_survival", "_weights", "assumed", "seen")

    def __init__(self, assumed: Sequence[float], seen: Sequence[float] | None = None) -> None:
        """Weigh what is assumed against what was seen, if anything was.

        Raises:
            ValueError: Another number of buckets, or a weight that is none.
        """
        self.assumed = array("d", assumed)
        self.seen = array("d", seen if seen is not None else [0.0] * len(EDGES_S))
        for weights in (self.assumed, self.seen):
            if len(weights) != len(EDGES_S):
                raise ValueError(f"{len(weights)} weights for {len(EDGES_S)} buckets")
            if not all(0 <= weight < math.inf for weight in weights):
                raise ValueError("weights are finite and not negative")
        faith = ASSUMED_WEIGHT * math.exp(-sum(self.seen) / ASSUMED_FADE)
        self._weights = array(
            "d",
            (seen + faith * share for seen, share in zip(self.seen, self.assumed, strict=True)),
        )
        # Per bucket, the weight of what is not done when it begins.
        self._survival = array("d", accumulate(reversed(self._weights)))
        self._survival.reverse()

    def after_render(self, earliest_s: float, latest_s: float) -> RenderTimes:
        """What is believed after one more render.

        Args:
            earliest_s: When it was last seen to go on, seconds after its submission.
            latest_s: When it was seen to be done; not before ``earliest_s``.
        """
        low_s = max(0.0, earliest_s) / BLUR
        high_s = max(latest_s, earliest_s, FIRST_EDGE_S) * BLUR
        shares = (
            (1 - TAIL) * max(0.0, min(high_s, end_s) - max(low_s, begin_s)) / (high_s - low_s)
            + TAIL * (_beyond(high_s, begin_s) - _beyond(high_s, end_s))
            for begin_s, end_s in _BUCKETS_S
        )
        seen = [old * DECAY + share for old, share in zip(self.seen, shares, strict=True)]
        return RenderTimes(self.assumed, seen)

    def quantile_s(self, share: float, *, elapsed_s: float = 0.0) -> float:
        """The time since submission within which a share of the renders is done.

        Args:
            share: From 0 to 1.
            elapsed_s: Counts only the renders that take longer than this.

        Returns:
            Seconds, not below ``elapsed_s``; at most `LAST_EDGE_S` where that is not passed yet.
        """
        wanted = (1 - share) * self._going_on(elapsed_s)
        for (begin_s, end_s), before, weight in zip(
            _BUCKETS_S, self._survival, self._weights, strict=True
        ):
            if weight > 0 and before - weight <= wanted and end_s < math.inf:
                return max(elapsed_s, begin_s + (end_s - begin_s) * (before - wanted) / weight)
        return max(elapsed_s, LAST_EDGE_S)

    def patience_s(self) -> float:
        """From when on a render counts as late: polled slowly, delivered when it comes."""
        return max(LATE_AFTER_S, self.quantile_s(_PATIENT_FOR))

    def poll_density(self, elapsed_s: float) -> Iterator[tuple[float, float, float]]:
        """From ``elapsed_s`` on: begin, end and mean of the square root of the hazard.

        The hazard is the chance per second that a render which still goes on ends; seconds and
        their inverse. Renders that never end are in it, so it falls to nothing in the end.
        """
        never = self._survival[0] * NEVER
        for index in range(bisect_right(EDGES_S, elapsed_s) - 1, len(EDGES_S) - 1):
            begin_s, end_s = _BUCKETS_S[index]
            weight, before = self._weights[index], self._survival[index] + never
            # The integral of sqrt(density / survival) over a bucket in which the density is even.
            roots = math.sqrt(before) + math.sqrt(max(before - weight, 0.0))
            mean = 2 * math.sqrt(weight / (end_s - begin_s)) / roots
            yield max(begin_s, elapsed_s), end_s, mean

    def _going_on(self, elapsed_s: float) -> float:
        """The weight of what is not done after so long."""
        elapsed_s = max(0.0, elapsed_s)
        index = bisect_right(EDGES_S, elapsed_s) - 1
        begin_s, end_s = _BUCKETS_S[index]
        part = 0.0 if math.isinf(end_s) else (elapsed_s - begin_s) / (end_s - begin_s)
        return self._survival[index] - self._weights[index] * part


@lru_cache(maxsize=256)  # a few settings are asked for over and over
def assumed(*, median_s: float, p95_s: float) -> RenderTimes:
    """What is believed before any render was seen: a lognormal.

    Args:
        median_s: Above 0.
        p95_s: Above the median.
    """
    times = NormalDist(math.log(median_s), math.log(p95_s / median_s) / _P95_SIGMA)
    done = [0.0, *(times.cdf(math.log(edge_s)) for edge_s in EDGES_S[1:]), 1.0]
    return RenderTimes(tuple(ASSUMED_WEIGHT * (done[i + 1] - done[i]) for i in range(len(EDGES_S))))


def expected_time(times: RenderTimes, *, elapsed_s: float = 0.0, pace: float = 1.0) -> ExpectedTime:
    """What to tell of a render that has not ended for so long.

    Args:
        times: Of its setting, at pace 1.
        elapsed_s: Seconds since its submission.
        pace: Multiplies all times; see `bot.domain.polling.wait_before_poll_s`.
    """
    elapsed_s = max(0.0, elapsed_s) / pace
    return ExpectedTime(
        earliest_s=times.quantile_s(_LOW, elapsed_s=elapsed_s) * pace,
        latest_s=times.quantile_s(_HIGH, elapsed_s=elapsed_s) * pace,
        overdue=elapsed_s > times.quantile_s(_HIGH),
        late=elapsed_s > times.patience_s(),
    )


def _beyond(from_s: float, at_s: float) -> float:
    """The share of a tail from ``from_s`` on that lies beyond a time."""
    return math.pow(from_s / max(from_s, at_s), TAIL_POWER)
