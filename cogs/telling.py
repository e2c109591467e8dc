"""Tells members that their videos are done, who asked for that and were not told by the result."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord

from bot.background import Background
from bot.clock import sleep_or_wake
from bot.domain.errors import DeliveryError, DeliveryUnavailableError, StorageError
from bot.domain.job import JobState, TellBy
from bot.fault_points import FaultPoint, reached
from bot.languages import speaking
from cogs import texts
from cogs.discord_errors import discord_errors_mapped
from cogs.once_poster import OncePost, OncePoster
from cogs.put_off import PutOff
from cogs.spoken import language_of_server
from cogs.tell_texts import told

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.domain.job import Job, Untold
    from bot.services.policies import Policies
    from bot.services.tellings import Tellings

log = logging.getLogger(__name__)

SWEEP_S = 30.0


class Telling:
    """By direct message, or by a mention where that is what they asked for, or all that works."""

    def __init__(
        self, *, bot: discord.Client, tellings: Tellings, policies: Policies, clock: Clock
    ) -> None:
        """Hold what it works with.

        Args:
            bot: The connected client.
            tellings: Who is to be told.
            policies: What is spoken where.
            clock: Says when it is tried again.
        """
        self._bot = bot
        self._poster = OncePoster(bot)
        self.tellings = tellings
        self._policies = policies
        self._clock = clock
        self._put_off = PutOff()
        self._wake = asyncio.Event()
        self._background = Background("telling")

    async def start(self) -> None:
        """Begin to tell, those first whom an earlier process left over."""
        self._background.begin(self._tell_forever())

    async def stop(self) -> None:
        """Stop; who was not told is told after the next start."""
        await self._background.end()

    def job_changed(self) -> None:
        """Look soon whether there is somebody to tell. Never blocks."""
        self._wake.set()

    async def _tell_forever(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._bot.wait_until_ready()
                due = set(self._put_off.take_due(now=self._clock.now()))
                for untold in await self.tellings.untold():
                    job_id = untold.job.job_id
                    if job_id in due or job_id not in self._put_off:
                        await self._try(untold)
            except StorageError as exc:
                log.warning("members are not told yet: %s", exc)
            except Exception:  # supervision: the next one must be told
                log.exception("telling members broke and is tried again")
            await sleep_or_wake(self._clock, self._wake, SWEEP_S)

    async def _try(self, untold: Untold) -> None:
        job = untold.job
        try:
            with speaking(language_of_server(self._bot, self._policies, job.place.guild_id)):
                await self._tell(untold)
        except DeliveryUnavailableError as exc:
            log.warning("the member of job %d is not told yet: %s", job.job_id, exc)
            self._put_off.add(job.job_id, now=self._clock.now())
            return
        except DeliveryError as exc:
            log.info("the member of job %d cannot be told: %s", job.job_id, exc)
        await self.tellings.record_told(job.job_id)
        reached(FaultPoint.AFTER_TOLD)
        self._put_off.forget(job.job_id)

    async def _tell(self, untold: Untold) -> None:
        job = untold.job
        if not _is_to_be_said(job):
            return
        if untold.tried_at is None:
            await self.tellings.record_try(job.job_id)
            reached(FaultPoint.AFTER_TELL_INTENT)
        if job.tell_by is TellBy.DIRECT:
            try:
                with discord_errors_mapped():
                    direct = await self._bot.create_dm(discord.Object(job.user_id))
                await self._poster.post(_post_of(untold), direct)
            except DeliveryUnavailableError:
                raise
            except DeliveryError as exc:
                log.info("job %d: no direct message is taken, but a mention: %s", job.job_id, exc)
            else:
                return
        where = job.place.thread_id or job.place.channel_id
        channel = self._bot.get_partial_messageable(where)
        await self._poster.post(_post_of(untold, mentioned=job.user_id), channel)


def _is_to_be_said(job: Job) -> bool:
    """Not what they did themselves or moderators undid, nor what they read there anyway."""
    if job.taken_down_at is not None or job.place.result_is_direct:
        return False
    return job.state is not JobState.CANCELLED


def _post_of(untold: Untold, *, mentioned: int | None = None) -> OncePost:
    job = untold.job
    text, link = told(job, texts.ended(job))
    return OncePost(
        text=text if mentioned is None else f"<@{mentioned}> {text}",
        last_line=link,
        nonce=f"cogreel-t-{job.job_id}",
        tried_at=untold.tried_at,
        mentioned=mentioned,
    )
