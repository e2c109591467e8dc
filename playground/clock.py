"""The stand-in's own time, so a test can move it without waiting."""

import time
from datetime import UTC, datetime


class Clock:
    """The machine's time. A test may pass a subclass."""

    def now_s(self) -> float:
        """Seconds since 1970, which ids, timestamps and expiries are made of."""
        return time.time()  # noqa: TID251  # the one place that reads the time of day

    def steady_s(self) -> float:
        """Seconds on a clock that never jumps, for rate limits and session ages."""
        return time.monotonic()


def iso(at_ms: int) -> str:
    """Give an instant as Discord writes it, e.g. ``2026-01-02T03:04:05.678000+00:00``."""
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC).isoformat(timespec="microseconds")
