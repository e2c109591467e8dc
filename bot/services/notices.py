"""What the operator is to be told, as the one who tells it sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import notices

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.domain.notice import Notice
    from storage.database import Database


class Notices:
    """The outbox of notices. They are added where they become so: see `storage.notices`."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def unsent(self, limit: int) -> list[Notice]:
        """What the operator has not been told yet, oldest first."""
        return await self._database.read(lambda db: notices.unsent(db, limit))

    async def record_try(self, notice_id: int) -> None:
        """Remember, before a post, that there may be one from now on."""
        at = self._clock.now()
        await self._database.write(lambda db: notices.record_try(db, notice_id, at=at))

    async def record_sent(self, notice_id: int, message_id: int) -> None:
        """Remember the message in which the operator was told."""
        at = self._clock.now()
        await self._database.write(lambda db: notices.record_sent(db, notice_id, message_id, at=at))
