"""A member fetches the clips of theirs that no place took, and asks after those that are late."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.job import JobState
from bot.fault_points import FaultPoint, reached
from storage import parking
from storage.job_rows import require_job

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.job import Job
    from bot.engine.scheduler import Scheduler
    from bot.engine.tools import Tools

ASKED_AGAIN_AFTER = timedelta(minutes=1)
AT_ONCE = 10  # clips in one claim: each is a post of its own
ANSWER_WITHIN_S = (
    20.0  # the person sees "thinking" for so long; what comes later comes all the same
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What came of a claim.

    Attributes:
        posted: The jobs whose clips are posted, as they are now.
        waiting: Those that no place takes still.
        under_way: Those whose post is not done yet.
        late: The member's jobs that still render, late; they are asked for now.
    """

    posted: list[Job]
    waiting: list[Job]
    under_way: list[Job]
    late: list[Job]


class Claims:
    """Who claims what is the member's own; where it may go is the caller's to say."""

    def __init__(self, tools: Tools, scheduler: Scheduler) -> None:
        self._tools = tools
        self._scheduler = scheduler
        self._asked_at: dict[int, datetime] = {}  # by member

    async def claim(
        self, *, guild_id: int, user_id: int, into: Callable[[Job], int | None]
    ) -> Claimed:
        """Post what waits for the member on this server, the oldest first.

        Args:
            guild_id: The server.
            user_id: The member.
            into: The channel that a job's clip may go to; None for the usual way, which ends in
                direct messages. Called in the event loop.

        Raises:
            StorageError: The database cannot be read or written.
        """
        database, clock = self._tools.database, self._tools.clock
        found = await database.read(
            lambda db: parking.parked_of_member(db, guild_id, user_id, limit=AT_ONCE)
        )
        carriers: list[asyncio.Task[None]] = []
        for job in found:
            mark = partial(parking.claim, into=into(job), at=clock.now())
            claimed = await database.write(partial(mark, job_id=job.job_id))
            reached(FaultPoint.AFTER_CLIP_CLAIMED)
            if claimed is not None:
                carriers.append(self._scheduler.take_up(claimed))
        if carriers:
            # By the machine's time: it is how long a person waits, not how long a job does.
            await asyncio.wait(carriers, timeout=ANSWER_WITHIN_S)
        late = await database.read(
            lambda db: parking.late_of_member(db, guild_id, user_id, limit=AT_ONCE)
        )
        self._ask_now(late, user_id)
        return await self._came_of(found, late)

    def _ask_now(self, late: list[Job], user_id: int) -> None:
        """Let late jobs be asked for without waiting, as often as once a minute per member."""
        now = self._tools.clock.now()
        self._asked_at = {
            user: at
            for user, at in self._asked_at.items()
            if abs(now - at) < ASKED_AGAIN_AFTER  # or a clock that is set back would lengthen it
        }
        if late and user_id not in self._asked_at:
            self._asked_at[user_id] = now
            for job in late:
                self._tools.ask_now(job.job_id)

    async def _came_of(self, found: list[Job], late: list[Job]) -> Claimed:
        def read(db: sqlite3.Connection) -> list[Job]:
            return [require_job(db, job.job_id) for job in found]

        now = await self._tools.database.read(read)
        posted = [job for job in now if job.state is JobState.DELIVERED]
        open_ones = [job for job in now if job.state is JobState.FETCHED]
        waiting = [job for job in open_ones if not self._scheduler.carries(job.job_id)]
        under_way = [job for job in open_ones if job not in waiting]
        return Claimed(posted=posted, waiting=waiting, under_way=under_way, late=late)
