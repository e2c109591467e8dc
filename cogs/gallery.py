"""Posts what enough members collect into the gallery of their server, each video once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.background import Background
from bot.clock import sleep_or_wake
from bot.domain.errors import DeliveryError, DestinationGoneError, StorageError
from bot.fault_points import FaultPoint, reached
from bot.languages import speaking
from cogs.further_poster import NOT_THERE
from cogs.once_poster import OncePoster
from cogs.put_off import PutOff
from cogs.result_texts import Reason
from cogs.sight import shows_nobody_new
from cogs.spoken import language_of_server

if TYPE_CHECKING:
    from datetime import datetime

    import discord

    from bot.clock import Clock
    from bot.domain.further_post import FurtherPost
    from bot.domain.job import Job
    from bot.services.further_posts import FurtherPosts
    from bot.services.policies import Policies
    from cogs.further_poster import FurtherPoster

log = logging.getLogger(__name__)

SWEEP_S = 30.0


class Gallery:
    """Takes up what an earlier process left over; one server in trouble keeps no other waiting."""

    def __init__(
        self,
        *,
        bot: discord.Client,
        posts: FurtherPosts,
        poster: FurtherPoster,
        policies: Policies,
        clock: Clock,
        restored_at: datetime | None,
    ) -> None:
        """Hold what it works with.

        Args:
            bot: Posts.
            posts: What is wanted, and what became of it.
            poster: Makes the posts.
            policies: Say where each server's gallery is.
            clock: Says when to try again.
            restored_at: When the latest backup was put in place: the bot may have gone on after
                it was made. None for never.
        """
        self._restored_at = restored_at
        self._bot = bot
        self._channels = OncePoster(bot)
        self._posts = posts
        self._poster = poster
        self._policies = policies
        self._clock = clock
        self._put_off = PutOff()
        self._wake = asyncio.Event()
        self._background = Background("gallery")

    async def start(self) -> None:
        """Begin to post."""
        self._background.begin(self._post_forever())

    async def stop(self) -> None:
        """Stop; what was not posted is so after the next start."""
        await self._background.end()

    def wanted(self) -> None:
        """Post it soon. Never blocks."""
        self._wake.set()

    async def _post_forever(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._bot.wait_until_ready()
                await self._post_all()
            except StorageError as exc:
                log.warning("the galleries have to wait: %s", exc)
            except Exception:  # supervision: the next one must be posted
                log.exception("the galleries broke and are tried again")
            await sleep_or_wake(self._clock, self._wake, SWEEP_S)

    async def _post_all(self) -> None:
        due = set(self._put_off.take_due(now=self._clock.now()))
        after = 0
        while found := await self._posts.wanted_in_galleries(after=after):
            for post, job in found:
                if job.job_id in due or job.job_id not in self._put_off:
                    await self._try(post, job)
            after = found[-1][0].post_id

    async def _try(self, post: FurtherPost, job: Job) -> None:
        try:
            with speaking(language_of_server(self._bot, self._policies, job.place.guild_id)):
                await self._post(post, job)
        except (DeliveryError, OSError) as exc:
            log.warning("job %d cannot be posted into its gallery: %s", job.job_id, exc)
            self._put_off.add(job.job_id, now=self._clock.now())
        else:
            self._put_off.forget(job.job_id)

    async def _post(self, post: FurtherPost, job: Job) -> None:
        """Post it once, or drop it where it may not be there.

        Raises:
            DeliveryError: The channel cannot be used at present, or the effect is unknown.
            OSError: The file has gone in this moment.
        """
        channel = self._channel(job)
        if await self._was_posted(post, job, channel):
            return
        if channel is None or not shows_nobody_new(channel.guild, channel, job.place):
            log.info("job %d does not go into a gallery", job.job_id)
            await self._posts.forget(post)
            return
        limit_bytes = channel.guild.filesize_limit
        may_attach = channel.permissions_for(channel.guild.me).attach_files
        is_something = await self._poster.has_something(
            job, limit_bytes=limit_bytes, may_attach=may_attach
        )
        tried = await self._posts.record_try(post, channel.id) if is_something else None
        if tried is None:
            log.info("job %d is not there any more for a gallery", job.job_id)
            await self._posts.forget(post)
            return
        reached(FaultPoint.AFTER_GALLERY_INTENT)
        reason = Reason(kind=post.kind, stars=await self._posts.stars(job))
        try:
            message_id = await self._poster.post(
                job,
                reason,
                self._poster.into(channel, tried),
                limit_bytes=limit_bytes,
                may_attach=may_attach,
            )
        except NOT_THERE:
            await self._posts.record_refused(tried)
            raise
        reached(FaultPoint.AFTER_GALLERY_POST)
        await self._poster.record_posted(tried, message_id)
        reached(FaultPoint.AFTER_GALLERY_RECORDED)

    def _channel(self, job: Job) -> discord.TextChannel | None:
        """The gallery of a job's server; None where there is none."""
        channel_id = self._policies.of(job.place.guild_id).gallery_channel_id
        if channel_id is None or job.place.result_is_direct:
            return None
        return self._channels.find_channel(channel_id)

    async def _was_posted(
        self, post: FurtherPost, job: Job, channel: discord.TextChannel | None
    ) -> bool:
        """Look for it where it may be there, and record it if so."""
        if post.tried_at is None:
            if channel is None or self._restored_at is None or job.created_at > self._restored_at:
                return False
            post = replace(post, channel_id=channel.id, tried_at=job.created_at)
        others = await self._posts.of_job(job.job_id)
        known = {other.message_id for other in others if other.message_id is not None}
        try:
            message_id = await self._poster.find(post, known)
        except DestinationGoneError:
            return False  # it went with its channel
        if message_id is None:
            return False
        await self._posts.record_posted(post, message_id)
        return True
