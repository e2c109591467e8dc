"""A clock that tests move: hours of waiting pass in no time."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 1, 14, 12, tzinfo=UTC)  # a Wednesday noon
IDLE_S = 0.005  # real time without a new sleeper before the next one is woken


class FakeClock:
    """A `Clock` whose time is a number.

    Moved by `advance`; and, with ``jumps``, by itself: whenever someone sleeps and nothing new
    went to sleep for a moment, it jumps to the earliest end. Sockets and threads are outside its
    sight, so a jump may come while an answer is on its way: as if that answer had been slow.

    Attributes:
        slept_s: The length of every sleep asked for, in order.
    """

    def __init__(self, *, jumps: bool = False) -> None:
        self.slept_s: list[float] = []
        self._now = START
        self._jumps = jumps
        self._jump: asyncio.TimerHandle | None = None
        self._order = count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        until = self._now + timedelta(seconds=max(0.0, seconds))
        heapq.heappush(self._sleepers, (until, next(self._order), woken))
        if self._jumps:
            if self._jump is not None:
                self._jump.cancel()
            self._jump = loop.call_later(IDLE_S, self._jump_to_the_earliest)
        await woken

    def stop_jumping(self) -> None:
        """From now on it moves by `advance` only."""
        self._jumps = False
        if self._jump is not None:
            self._jump.cancel()
            self._jump = None

    def advance(self, seconds: float) -> None:
        """Move on, and wake everyone whose time has come."""
        self._now += timedelta(seconds=seconds)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)

    def _jump_to_the_earliest(self) -> None:
        self._jump = None
        while self._sleepers and self._sleepers[0][2].done():  # cancelled meanwhile
            heapq.heappop(self._sleepers)
        if self._sleepers:
            self.advance(max(0.0, (self._sleepers[0][0] - self._now).total_seconds()))
            if self._sleepers and self._jumps:
                loop = asyncio.get_running_loop()
                self._jump = loop.call_later(IDLE_S, self._jump_to_the_earliest)
