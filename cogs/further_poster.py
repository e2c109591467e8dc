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
from bot.engine.packing import Packing
from cogs import parcel_texts, views
from cogs.discord_errors import discord_errors_mapped
from cogs.look_back import LOOK_BACK_MESSAGES, look_back_to
from cogs.message_links import link_to_result
from cogs.own_posts import words_in
from cogs.result_layout import result_file, result_layout
from cogs.result_texts import Reason, further, is_further

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from bot.domain.further_post import FurtherPost
    from bot.domain.job import Job
    from bot.engine.packing import Parcel
    from bot.engine.tools import Tools
    from bot.services.further_posts import FurtherPosts
    from bot.services.policies import Policies

    Send = Callable[[discord.ui.LayoutView, discord.File | None], Awaitable[int]]

log = logging.getLogger(__name__)

# What Discord says where nothing was posted, for certain.
NOT_THERE = (DestinationGoneError, MissingPermissionsError, PostRefusedError, UploadTooLargeError)
UPLOADS_AT_ONCE = 2  # results themselves go first: see `Poster`


class FurtherPoster:
    """Write down that a post is tried before it is given to this, and what came of it after."""

    def __init__(
        self, *, bot: discord.Client, posts: FurtherPosts, tools: Tools, policies: Policies
    ) -> None:
        self._bot = bot
        self._posts = posts
        self._tools = tools
        self._policies = policies
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)

    async def has_something(self, job: Job, *, limit_bytes: int, may_attach: bool) -> bool:
        """Whether anything is left of a job's clip that can be posted in a place; soon known."""
        packing = self._packing(job)
        if packing is None:
            return False
        parcel = await packing.for_place(
            limit_bytes=limit_bytes, may_attach=may_attach, with_poster=False
        )
        return parcel.is_something

    async def post(
        self, job: Job, reason: Reason, send: Send, *, limit_bytes: int, may_attach: bool
    ) -> int:
        """Post it; the message. What Discord finds too large becomes a smaller file, or a link.

        Args:
            job: Delivered.
            reason: Why it is posted again.
            send: Gives it to Discord.
            limit_bytes: The largest file there.
            may_attach: Whether the bot may attach any.

        Raises:
            OSError: The file is gone by now.
            DeliveryError: Discord did not take it, or the effect is unknown.
        """
        packing = self._packing(job)
        if packing is None:
            raise FileNotFoundError
        refused: UploadTooLargeError | None = None
        try:
            while True:  # a refusal for size goes one rung down, and there are four
                parcel = await packing.for_place(limit_bytes=limit_bytes, may_attach=may_attach)
                if not parcel.is_something:
                    raise refused or FileNotFoundError
                try:
                    return await self._send(job, reason, parcel, send)
                except UploadTooLargeError as exc:
                    refused = exc
                    if not await packing.was_refused(parcel):
                        raise
        finally:
            await packing.put_away()

    def into(self, channel: discord.abc.Messageable, post: FurtherPost) -> Send:
        """What sends it as a message of its own."""

        async def send(layout: discord.ui.LayoutView, file: discord.File | None) -> int:
            with discord_errors_mapped():
                message = await channel.send(
                    view=layout,
                    files=[] if file is None else [file],
                    nonce=post.nonce,  # discord.py asks Discord to enforce it
                    allowed_mentions=discord.AllowedMentions.none(),
                )
            return message.id

        return send

    async def send_to(self, job: Job, user_id: int) -> None:
        """Send a video to somebody by direct message.

        Raises:
            MemberError: Says why not.
            MissingPermissionsError: They take no direct messages from the bot.
            DeliveryError: Discord did not take it.
        """
        check_is_there(job)
        limit_bytes = discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
        if not await self.has_something(job, limit_bytes=limit_bytes, may_attach=True):
            await self.refuse_without_file(job)
        with discord_errors_mapped():
            channel = await self._bot.create_dm(discord.Object(user_id))
        post = await self._posts.begin(
            job.job_id, FurtherPostKind.SENT, channel_id=channel.id, by_user_id=user_id
        )
        try:
            message_id = await self.post(
                job,
                Reason(kind=FurtherPostKind.SENT),
                self.into(channel, post),
                limit_bytes=limit_bytes,
                may_attach=True,
            )
        except (*NOT_THERE, OSError) as exc:
            await self._posts.forget(post)
            if isinstance(exc, UploadTooLargeError | OSError):
                await self.refuse_without_file(job)
            raise
        await self.record_posted(post, message_id)

    async def record_posted(self, post: FurtherPost, message_id: int) -> None:
        """Remember the message of a post; one that was cleared away before it came goes at once.

        Raises:
            DeliveryError: It could not be deleted.
        """
        if await self._posts.record_posted(post, message_id) or post.channel_id is None:
            return
        log.info("job %d was taken down while it was posted again", post.job_id)
        channel = self._bot.get_partial_messageable(post.channel_id)
        with discord_errors_mapped():
            await channel.get_partial_message(message_id).delete()

    def _packing(self, job: Job) -> Packing | None:
        """What packs a job's clip; None where it has none any more."""
        if job.clip is None or job.erased_at is not None:
            return None
        return Packing(self._tools, job, job.clip, is_further=True)

    async def _send(self, job: Job, reason: Reason, parcel: Parcel, send: Send) -> int:
        hidden = self._policies.of(job.place.guild_id).spoilers
        notes = parcel_texts.notes(parcel, hidden=hidden)
        async with self._uploads:
            file = await asyncio.to_thread(result_file, job, parcel, hidden=hidden)
            layout = result_layout(
                further(job, reason, self._tools.catalogues, notes),
                file=file,
                link=parcel_texts.link_for_button(parcel),
                rows=views.further_rows(job, reason.kind),
            )
            return await send(layout, file)

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
                    and is_further(words_in(message), post.job_id)
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
