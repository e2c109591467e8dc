"""Remembers which command definitions Discord has, so that a restart syncs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import command_sync

if TYPE_CHECKING:
    from bot.clock import Clock
    from storage.database import Database


RETRY_S = 60.0


class CommandSync:
    """One digest per application."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def is_current(self, application_id: int, digest: str) -> bool:
        """Whether these definitions are the ones synced last."""
        synced = await self._database.read(
            lambda db: command_sync.synced_digest(db, application_id)
        )
        return synced == digest

    async def wait_before_retry(self) -> None:
        """Wait before a sync is tried again that Discord did not take."""
        await self._clock.sleep(RETRY_S)

    async def record(self, application_id: int, digest: str) -> None:
        """Remember a sync that Discord has accepted."""
        at = self._clock.now()
        await self._database.write(
            lambda db: command_sync.record_sync(db, application_id, digest, at=at)
        )
