"""Clears away what moderators took down: the posts with the clip, then the files."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.background import Background
from bot.clock import sleep_or_wake
from bot.domain.errors import DeliveryError, DestinationGoneError, StorageError
from bot.fault_points import FaultPoint, reached
from cogs.discord_errors import discord_errors_mapped
from cogs.put_off import PutOff

if TYPE_CHECKING:
    import discord

    from bot.clock import Clock
    from bot.domain.job import Job
    from bot.services.takedowns import Takedowns
    from cogs.further_poster import FurtherPoster

log = logging.getLogger(__name__)

SWEEP_S = 30.0  # what was being made when it was taken down ends some time


class Clearing:
    """Deletes posts and files of jobs that were taken down, also those of an earlier process."""

    def __init__(
        self,
        *,
        bot: discord.Client,
        takedowns: Takedowns,
        further_poster: FurtherPoster,
        clock: Clock,
    ) -> None:
        self._bot = bot
        self._takedowns = takedowns
        self._further_poster = further_poster
        self._clock = clock
        self._put_off = PutOff()
        self._wake = asyncio.Event()
        self._background = Background("clearing")

    async def start(self) -> None:
        """Begin to clear away."""
        self._background.begin(self._clear_forever())

    async def stop(self) -> None:
        """Stop; what was not cleared away is so after the next start."""
        await self._background.end()

    def taken_down(self) -> None:
        """Clear it away soon. Never blocks."""
        self._wake.set()

    async def _clear_forever(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._bot.wait_until_ready()
                due = set(self._put_off.take_due(now=self._clock.now()))
                for job in await self._takedowns.to_clear_away():
                    if job.job_id in due or job.job_id not in self._put_off:
                        await self._clear(job)
            except StorageError as exc:
                log.warning("what was taken down is not cleared away yet: %s", exc)
            except Exception:  # supervision: the next one must be cleared away
                log.exception("clearing away broke and is tried again")
            await sleep_or_wake(self._clock, self._wake, SWEEP_S)

    async def _clear(self, job: Job) -> None:
        try:
            reached(FaultPoint.BEFORE_POST_DELETED)
            await self._delete_post(job)
            await self._further_poster.delete_all(job)
            reached(FaultPoint.AFTER_POST_DELETED)
            await self._takedowns.remove_files(job)
        except (DeliveryError, OSError) as exc:
            log.warning("job %d was taken down and cannot be cleared away: %s", job.job_id, exc)
            self._put_off.add(job.job_id, now=self._clock.now())
            return
        reached(FaultPoint.AFTER_FILES_REMOVED)
        await self._takedowns.record_done(job.job_id)
        reached(FaultPoint.AFTER_TAKEDOWN_DONE)
        self._put_off.forget(job.job_id)

    async def _delete_post(self, job: Job) -> None:
        place = job.place
        if place.result_message_id is None:
            return
        channel = self._bot.get_partial_messageable(place.thread_id or place.channel_id)
        try:
            with discord_errors_mapped():
                await channel.get_partial_message(place.result_message_id).delete()
        except DestinationGoneError:
            log.info("the post of job %d is gone already", job.job_id)
