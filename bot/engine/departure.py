"""The bot was removed from a server, or came to it anew."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.errors import StaleStateError
from bot.domain.job import Job, JobState, OutcomeReason
from storage import job_queries, parking, steps

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.engine.tools import Tools

log = logging.getLogger(__name__)

AT_ONCE = 200  # jobs in one transaction: what people do meanwhile waits for no more than these


class Departures:
    """What renders goes on, as it is paid for; it is settled, and not posted, when it is done."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def left(self, guild_id: int) -> int:
        """The bot was removed: what waits there ends free of charge. How many jobs that were.

        Raises:
            StorageError: The database cannot be written; each ends at its turn all the same.
        """
        database, ended = self._tools.database, 0
        while True:
            waiting = await database.read(
                partial(job_queries.waiting_after, job_id=0, limit=AT_ONCE, guild_id=guild_id)
            )
            if not waiting:
                break
            ended += await database.write(
                partial(_end_waiting, jobs=waiting, at=self._tools.clock.now())
            )
        await self.changed(guild_id)
        if ended:
            log.info("the bot was removed from server %d: %d jobs ended", guild_id, ended)
        return ended

    async def changed(self, guild_id: int) -> None:
        """Try soon to post what no place took: the bot came or went, or an outage is over.

        Raises:
            StorageError: The database cannot be written; they are tried within an hour.
        """
        if not await self._tools.database.read(partial(parking.any_waits, guild_id=guild_id)):
            return
        at = self._tools.clock.now()
        again = partial(parking.try_again_now, guild_id=guild_id, at=at)
        await self._tools.database.write(again)
        self._tools.wake.set()


def _end_waiting(db: sqlite3.Connection, *, jobs: list[Job], at: datetime) -> int:
    ended = 0
    for job in jobs:
        try:
            steps.finish(
                db,
                job.job_id,
                expected=JobState.QUEUED,
                state=JobState.FAILED,
                reason=OutcomeReason.SERVER_LEFT,
                at=at,
            )
        except StaleStateError:
            continue  # claimed in this moment: it finds the server gone before it is paid for
        ended += 1
    return ended
