"""Where each result may have been posted: asked before every post, and written before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import parking

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.domain.destination import PostTry
    from storage.database import Database


class PostTries:
    """Each call is one transaction."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, job_id: int) -> list[PostTry]:
        """The places, in the order of the tries."""
        return await self._database.read(lambda db: parking.tries(db, job_id))

    async def record(self, job_id: int, tried: PostTry) -> bool:
        """Remember that the result may be there from now on; whether that is news."""
        at = self._clock.now()
        return await self._database.write(lambda db: parking.record_try(db, job_id, tried, at=at))

    async def forget(self, job_id: int, channel_id: int) -> None:
        """It is not there, for certain."""
        await self._database.write(lambda db: parking.forget_try(db, job_id, channel_id))
