"""Posts results again, and deletes what was posted so."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, NoReturn

import discord

from bot.domain.errors import (
    DeliveryError,
    DestinationGoneError,
    MissingPermissionsError,
    PostRefusedError,
    UploadTooLargeError,
)
from bot.domain.further_post import (
    WITHOUT_FILE,
    FileNotKeptError,
    FurtherPostKind,
    NothingLeftError,
    check_is_there,
)
from cogs import texts, views
from cogs.discord_errors import discord_errors_mapped
from cogs.further_texts import further, is_further
from cogs.look_back import LOOK_BACK_MESSAGES, look_back_to
from cogs.message_links import link_to_result

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.domain.catalogues import Catalogues
    from bot.domain.further_post import FurtherPost
    from bot.domain.job import Job
    from bot.services.further_posts import AtHand, FurtherPosts
    from bot.services.policies import Policies

log = logging.getLogger(__name__)

# What Discord says where nothing was posted, for certain.
NOT_THERE = (DestinationGoneError, MissingPermissionsError, PostRefusedError, UploadTooLargeError)
UPLOADS_AT_ONCE = 2  # results themselves go first: see `Poster`


class FurtherPoster:
    """Write down that a post is tried before it is given to this, and what came of it after."""

    def __init__(
        self,
        *,
        bot: discord.Client,
        posts: FurtherPosts,
        catalogues: Catalogues,
        policies: Policies,
    ) -> None:
        self._bot = bot
        self._posts = posts
        self._catalogues = catalogues
        self._policies = policies
        self.uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)

    def content(
        self, job: Job, kind: FurtherPostKind, at_hand: AtHand, takes: list[int] | None = None
    ) -> str:
        """What is said beside the clip."""
        return further(job, kind, at_hand, self._catalogues, takes)

    def file(self, job: Job, at_hand: AtHand) -> discord.File | None:
        """The clip, to attach; None where it is a link. Blocks for a moment: it is opened.

        Raises:
            OSError: It is gone by now.
        """
        if at_hand.file is None:
            return None
        return discord.File(
            at_hand.file,
            filename=f"cogreel-{job.job_id}.mp4",
            description=texts.short_prompt(job, 1024),
            spoiler=self._policies.of(job.place.guild_id).spoilers,
        )

    async def send(
        self, job: Job, post: FurtherPost, channel: discord.abc.Messageable, at_hand: AtHand
    ) -> int:
        """Post it; the message.

        Raises:
            OSError: The file is gone by now.
            DeliveryError: Discord did not take it, or the effect is unknown.
        """
        async with self.uploads:
            file = await asyncio.to_thread(self.file, job, at_hand)
            view = None if post.kind is FurtherPostKind.SENT else views.gallery_view(job)
            with discord_errors_mapped():
                message = await channel.send(
                    self.content(job, post.kind, at_hand),
                    file=file or discord.utils.MISSING,
                    view=view or discord.utils.MISSING,
                    nonce=post.nonce,  # discord.py asks Discord to enforce it
                    allowed_mentions=discord.AllowedMentions.none(),
                    suppress_embeds=True,
                )
        return message.id

    async def send_to(self, job: Job, user_id: int) -> None:
        """Send a video to somebody by direct message.

        Raises:
            MemberError: Says why not.
            MissingPermissionsError: They take no direct messages from the bot.
            DeliveryError: Discord did not take it.
        """
        check_is_there(job)
        at_hand = await self._posts.at_hand(
            job, limit_bytes=discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES, may_attach=True
        )
        if not at_hand.is_something:
            await self.refuse_without_file(job)
        with discord_errors_mapped():
            channel = await self._bot.create_dm(discord.Object(user_id))
        post = await self._posts.begin(
            job.job_id, FurtherPostKind.SENT, channel_id=channel.id, by_user_id=user_id
        )
        try:
            message_id = await self.send(job, post, channel, at_hand)
        except (*NOT_THERE, OSError) as exc:
            await self._posts.forget(post)
            if isinstance(exc, UploadTooLargeError | OSError):
                await self.refuse_without_file(job)
            raise
        await self._posts.record_posted(post, message_id)

    async def refuse_without_file(self, job: Job) -> NoReturn:
        """Say where its post is, or that there is nothing left.

        Raises:
            FileNotKeptError: There is its post.
            NothingLeftError: There is not.
        """
        place, link = job.place, link_to_result(job.place)
        if link is None or place.result_message_id is None:
            raise NothingLeftError(job_id=job.job_id, why=WITHOUT_FILE)
        channel = self._bot.get_partial_messageable(place.thread_id or place.channel_id)
        try:
            with discord_errors_mapped():
                await channel.fetch_message(place.result_message_id)
        except DestinationGoneError as exc:
            raise NothingLeftError(job_id=job.job_id, why=WITHOUT_FILE) from exc
        except DeliveryError as exc:
            log.info("whether the post of job %d is there is not known: %s", job.job_id, exc)
        raise FileNotKeptError(job_id=job.job_id, link=f"<{link}>")

    async def find(self, post: FurtherPost, known: Collection[int] = ()) -> int | None:
        """The message of a post that was tried, where it came to be; else None.

        Raises:
            DeliveryError: Discord does not let it be looked for.
        """
        if post.message_id is not None or post.channel_id is None or post.tried_at is None:
            return post.message_id
        channel = self._bot.get_partial_messageable(post.channel_id)
        with discord_errors_mapped():
            async for message in channel.history(
                after=look_back_to(post.tried_at), limit=LOOK_BACK_MESSAGES, oldest_first=False
            ):
                if (
                    message.author == self._bot.user
                    and message.id not in known
                    and is_further(message.content, post.job_id)
                ):
                    return message.id
        return None

    async def delete_all(self, job: Job) -> None:
        """Delete every further post of a job that there is.

        Raises:
            DeliveryError: Discord did not do it, or it is not known.
        """
        posts = await self._posts.of_job(job.job_id)
        known = {post.message_id for post in posts if post.message_id is not None}
        for post in posts:
            try:
                await self._delete(post, known)
            except DestinationGoneError:
                log.info("a further post of job %d is gone already", job.job_id)

    async def _delete(self, post: FurtherPost, known: Collection[int]) -> None:
        message_id = await self.find(post, known)
        if message_id is None or post.channel_id is None:
            return
        channel = self._bot.get_partial_messageable(post.channel_id)
        with discord_errors_mapped():
            await channel.get_partial_message(message_id).delete()
