"""Posts a finished clip: where it may go, see `cogs.destinations`; what, says its packing."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.destination import DestinationKind, NoWayError, PostTry
from bot.domain.errors import (
    DestinationGoneError,
    MissingPermissionsError,
    PostRefusedError,
    UploadTooLargeError,
)
from bot.domain.job import TellBy
from bot.engine.ports import Posted
from bot.fault_points import FaultPoint, reached
from bot.languages import speaking
from cogs import parcel_texts, result_texts
from cogs.buttons import custom_id
from cogs.delivery_texts import note_of
from cogs.destinations import Destination, direct_messages, way_there
from cogs.discord_errors import discord_errors_mapped
from cogs.look_back import LOOK_BACK_MESSAGES, look_back_to
from cogs.obstacles import why_not
from cogs.once_poster import only_mention
from cogs.own_posts import custom_ids_in, words_in
from cogs.result_layout import result_file, result_layout
from cogs.spoken import language_of_server
from cogs.views import result_rows

if TYPE_CHECKING:
    import discord

    from bot.domain.catalogues import Catalogues
    from bot.domain.guild_policy import GuildPolicy
    from bot.domain.job import Job
    from bot.engine.packing import Packing, Parcel
    from bot.services.policies import Policies
    from bot.services.post_tries import PostTries
    from cogs.status_board import StatusBoard
    from cogs.telling import Telling

log = logging.getLogger(__name__)

ELSEWHERE = (MissingPermissionsError, DestinationGoneError, PostRefusedError)
"""What one place says that another may not: the result goes there."""

UPLOADS_AT_ONCE = 4  # clips; each holds memory, and they share one line


class Poster:
    """The engine's `Delivery` into Discord."""

    def __init__(
        self,
        *,
        bot: discord.Client,
        board: StatusBoard,
        catalogues: Catalogues,
        policies: Policies,
        tries: PostTries,
        telling: Telling,
    ) -> None:
        self._bot = bot
        self._board = board
        self._catalogues = catalogues
        self._policies = policies
        self._tries = tries
        self._telling = telling
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)

    def job_changed(self, job_id: int) -> None:
        """See `Delivery`."""
        self._board.job_changed(job_id)
        self._telling.job_changed()

    async def is_reachable(self, job: Job) -> bool:
        """See `Delivery`. A thread that is in no cache may be archived, and counts as there.

        So does everything on a server that is in an outage of Discord's.
        """
        await self._bot.wait_until_ready()
        guild = self._bot.get_guild(job.place.guild_id)
        if guild is None:
            return False
        return (
            guild.unavailable
            or job.place.in_thread
            or guild.get_channel(job.place.channel_id) is not None
        )

    async def post_result(self, job: Job, packing: Packing, *, look_first: bool) -> Posted:
        """See `Delivery`."""
        await self._bot.wait_until_ready()
        with speaking(language_of_server(self._bot, self._policies, job.place.guild_id)):
            return await self._post_somewhere(job, packing, look_first=look_first)

    async def _post_somewhere(self, job: Job, packing: Packing, *, look_first: bool) -> Posted:
        with discord_errors_mapped():
            way = await way_there(
                self._bot, job, look_first=look_first, first=self._policy_of(job).results_in
            )
        posted = await self._find(job, way.destinations if look_first else [])
        if posted is not None:
            return posted
        obstacles = list(way.obstacles)
        for destination in way.destinations:
            try:
                with discord_errors_mapped():
                    opened = await destination.opened(job)
                return await self._try(job, packing, opened, obstacles)
            except ELSEWHERE as exc:
                log.info("job %d cannot go to its %s: %s", job.job_id, destination.kind, exc)
                # Where it was claimed is not where it was asked for: nothing is wrong with that.
                if destination.kind is not DestinationKind.CLAIM:
                    why = why_not(exc, destination.kind, made=destination.exists)
                    obstacles.append(why)
        return await self._post_directly(job, packing, obstacles, look_first=look_first)

    async def _post_directly(
        self, job: Job, packing: Packing, obstacles: list[str], *, look_first: bool
    ) -> Posted:
        try:
            with discord_errors_mapped():
                opened = await direct_messages(self._bot, job)
            if look_first:  # where a database was restored, a try may not be written down
                with discord_errors_mapped():
                    message_id = await self._find_in_history(job, opened.channel.id)
                if message_id is not None:
                    why = "; ".join(dict.fromkeys(obstacles))
                    return Posted(
                        channel_id=opened.channel.id,
                        message_id=message_id,
                        kind=DestinationKind.DIRECT,
                        why=why,
                    )
            return await self._try(job, packing, opened, obstacles)
        except ELSEWHERE as exc:
            obstacles.append(why_not(exc, DestinationKind.DIRECT))
        raise NoWayError("; ".join(dict.fromkeys(obstacles)))

    async def _try(
        self, job: Job, packing: Packing, destination: Destination, obstacles: list[str]
    ) -> Posted:
        """Post it here: that it may be here is written before."""
        channel_id, kind = destination.channel.id, destination.kind
        why = "" if kind is DestinationKind.CLAIM else "; ".join(dict.fromkeys(obstacles))
        tried = PostTry(channel_id=channel_id, kind=kind, why=why)
        reached(FaultPoint.BEFORE_POST_INTENT)
        is_news = await self._tries.record(job.job_id, tried)
        reached(FaultPoint.AFTER_POST_INTENT)
        try:
            posted = await self._post(
                job, packing, replace(destination, note=note_of(job, kind, why))
            )
        except ELSEWHERE:
            if is_news:
                await self._tries.forget(job.job_id, channel_id)
            raise
        return replace(posted, kind=kind, why=why)

    async def _post(self, job: Job, packing: Packing, destination: Destination) -> Posted:
        while True:  # a refusal for size goes one rung down, and there are four
            parcel = await packing.for_place(
                limit_bytes=destination.attachment_limit_bytes,
                may_attach=destination.may.attach_files,
            )
            try:
                return await self._send(job, destination, parcel)
            except UploadTooLargeError:
                if not await packing.was_refused(parcel):
                    raise

    async def _send(self, job: Job, destination: Destination, parcel: Parcel) -> Posted:
        if parcel.file is None:
            return await self._send_now(job, destination, parcel)
        async with self._uploads:
            return await self._send_now(job, destination, parcel)

    async def _send_now(self, job: Job, destination: Destination, parcel: Parcel) -> Posted:
        hidden = self._policy_of(job).spoilers
        notes = (*parcel_texts.notes(parcel, hidden=hidden), destination.note)
        file = result_file(job, parcel, hidden=hidden)
        layout = result_layout(
            result_texts.result(job, self._catalogues, tuple(filter(None, notes))),
            file=file,
            link=parcel_texts.link_for_button(parcel),
            # Its buttons are for the server: what they make is made there.
            rows=() if destination.kind is DestinationKind.DIRECT else result_rows(job),
        )
        reached(FaultPoint.BEFORE_POST)
        with discord_errors_mapped():
            message = await destination.channel.send(
                view=layout,
                files=[] if file is None else [file],
                nonce=job.delivery_nonce,  # discord.py asks Discord to enforce it
                allowed_mentions=only_mention(
                    job.user_id if job.tell_by is TellBy.MENTION else None
                ),
            )
        reached(FaultPoint.AFTER_POST)
        return Posted(channel_id=message.channel.id, message_id=message.id)

    async def _find(self, job: Job, likely: list[Destination]) -> Posted | None:
        """Our own post of this job, from an earlier try, wherever it was tried."""
        places = {tried.channel_id: tried for tried in await self._tries.of(job.job_id)}
        for destination in likely:  # a try of a version that did not write them down
            if destination.exists:
                channel_id, kind = destination.channel.id, destination.kind
                unwritten = PostTry(channel_id=channel_id, kind=kind, why="")
                places.setdefault(channel_id, unwritten)
        for tried in places.values():
            try:
                with discord_errors_mapped():
                    message_id = await self._find_in_history(job, tried.channel_id)
            except ELSEWHERE as exc:
                log.info("job %d cannot be looked for: %s", job.job_id, exc)
                continue
            if message_id is not None:
                log.info("job %d was posted before, as message %d", job.job_id, message_id)
                return Posted(
                    channel_id=tried.channel_id,
                    message_id=message_id,
                    kind=tried.kind,
                    why=tried.why,
                )
        return None

    async def _find_in_history(self, job: Job, channel_id: int) -> int | None:
        """The message with the result: known by its buttons, or by its first words.

        A further post has the same buttons: there may be one where a backup was restored.
        """
        wanted = custom_id("again", job.job_id)
        own_id = self._bot.user.id if self._bot.user else 0
        channel = self._bot.get_partial_messageable(channel_id)
        async for message in channel.history(
            after=look_back_to(job.state_at), limit=LOOK_BACK_MESSAGES, oldest_first=False
        ):
            if message.author.id != own_id or message.id == job.place.status_message_id:
                continue
            words = words_in(message)
            if result_texts.is_result(words, job) or (
                wanted in custom_ids_in(message) and not result_texts.is_further(words, job.job_id)
            ):
                return message.id
        return None

    def _policy_of(self, job: Job) -> GuildPolicy:
        return self._policies.of(job.place.guild_id)
