"""Time, as something that is passed in: the only place that asks the machine for it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Clock(Protocol):
    """What the time is, and waiting for it. Tests bring their own, which they advance."""

    def now(self) -> datetime:
        """The present, aware UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; not at all for 0 or less. Safe to cancel."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present, aware UTC."""
        return datetime.now(UTC)  # noqa: TID251  # the one place that may ask

    async def sleep(self, seconds: float) -> None:
        """Wait; not at all for 0 or less. Safe to cancel."""
        await asyncio.sleep(max(0.0, seconds))  # noqa: TID251  # the one place that may wait by time


async def sleep_or_wake(clock: Clock, wake: asyncio.Event, seconds: float) -> None:
    """Wait for so long, or until somebody sets the event, which stays set."""
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    waking = asyncio.ensure_future(wake.wait())
    try:
        await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleeping.cancel()
        waking.cancel()


def to_ms(at: datetime) -> int:
    """An aware instant as integer milliseconds since 1970 UTC, as SQL stores it."""
    return (at - EPOCH) // _MILLISECOND  # a float would lose some of them


def from_ms(at_ms: int) -> datetime:
    """The reverse of `to_ms`."""
    return EPOCH + timedelta(milliseconds=at_ms)
