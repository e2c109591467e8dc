"""The emulator's time, which can be moved forward; nothing else here asks the system for it."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """Wall-clock time plus what the knobs have added."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    @property
    def ahead_s(self) -> float:
        """Seconds by which this clock has been moved forward."""
        return self._ahead_s

    def now_s(self) -> float:
        """Seconds since the epoch, as this emulator sees it."""
        return self.real_s() + self._ahead_s

    def real_s(self) -> float:
        """Seconds since the epoch on the caller's own clock, which its signatures carry."""
        return time.time()  # noqa: TID251  # the one place that reads the time

    def advance(self, seconds: float) -> None:
        """Move forward; never back."""
        self._ahead_s += seconds

    async def pause(self, seconds: float) -> None:
        """Let real time pass, for answers that are slow on purpose."""
        await asyncio.sleep(seconds)  # noqa: TID251  # the one place that waits
