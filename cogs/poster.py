"""Posts a finished clip: where it may go, see `cogs.destinations`; as a file, else as a link."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import discord

from bot.domain.delivery import LinkReason, Rung, first_rung
from bot.domain.destination import DestinationKind, NoWayError, PostTry
from bot.domain.errors import (
    DestinationGoneError,
    MissingPermissionsError,
    PostRefusedError,
    UploadTooLargeError,
)
from bot.domain.language import _
from bot.engine.ports import Posted
from bot.languages import speaking
from cogs import texts, views
from cogs.buttons import custom_id
from cogs.delivery_texts import note_of
from cogs.destinations import Destination, direct_messages, way_there
from cogs.discord_errors import discord_errors_mapped
from cogs.obstacles import why_not
from cogs.spoken import language_of_server

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.catalogues import Catalogues
    from bot.domain.guild_policy import GuildPolicy
    from bot.domain.job import Job
    from bot.services.policies import Policies
    from bot.services.post_tries import PostTries
    from cogs.status_board import StatusBoard

log = logging.getLogger(__name__)

ELSEWHERE = (MissingPermissionsError, DestinationGoneError, PostRefusedError)
"""What one place says that another may not: the result goes there."""

CLOCK_SKEW = timedelta(minutes=2)  # between our clock and Discord's, when looking for our own post
LOOK_BACK_MESSAGES = 1_000  # ten requests; people may have talked on since


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
    ) -> None:
        self._bot = bot
        self._board = board
        self._catalogues = catalogues
        self._policies = policies
        self._tries = tries

    def job_changed(self, job_id: int) -> None:
        """See `Delivery`."""
        self._board.job_changed(job_id)

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

    async def post_result(self, job: Job, clip_path: Path, *, look_first: bool) -> Posted:
        """See `Delivery`."""
        await self._bot.wait_until_ready()
        with speaking(language_of_server(self._bot, self._policies, job.place.guild_id)):
            return await self._post_somewhere(job, clip_path, look_first=look_first)

    async def _post_somewhere(self, job: Job, clip_path: Path, *, look_first: bool) -> Posted:
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
                return await self._try(job, clip_path, opened, obstacles)
            except ELSEWHERE as exc:
                log.info("job %d cannot go to its %s: %s", job.job_id, destination.kind, exc)
                # Where it was claimed is not where it was asked for: nothing is wrong with that.
                if destination.kind is not DestinationKind.CLAIM:
                    why = why_not(exc, destination.kind, made=destination.exists)
                    obstacles.append(why)
        return await self._post_directly(job, clip_path, obstacles)

    async def _post_directly(self, job: Job, clip_path: Path, obstacles: list[str]) -> Posted:
        try:
            with discord_errors_mapped():
                opened = await direct_messages(self._bot, job)
            return await self._try(job, clip_path, opened, obstacles)
        except ELSEWHERE as exc:
            obstacles.append(why_not(exc, DestinationKind.DIRECT))
        raise NoWayError("; ".join(dict.fromkeys(obstacles)))

    async def _try(
        self, job: Job, clip_path: Path, destination: Destination, obstacles: list[str]
    ) -> Posted:
        """Post it here: that it may be here is written before."""
        channel_id, kind = destination.channel.id, destination.kind
        why = "" if kind is DestinationKind.CLAIM else "; ".join(dict.fromkeys(obstacles))
        tried = PostTry(channel_id=channel_id, kind=kind, why=why)
        is_news = await self._tries.record(job.job_id, tried)
        try:
            posted = await self._post(
                job, clip_path, replace(destination, note=note_of(job, kind, why))
            )
        except ELSEWHERE:
            if is_news:
                await self._tries.forget(job.job_id, channel_id)
            raise
        return replace(posted, kind=kind, why=why)

    async def _post(self, job: Job, clip_path: Path, destination: Destination) -> Posted:
        if job.clip is None:
            raise ValueError(f"job {job.job_id} has no clip")
        rung, why_link = first_rung(
            job.clip,
            limit_bytes=destination.attachment_limit_bytes,
            may_attach=destination.may.attach_files,
        )
        if rung is Rung.ATTACH:
            try:
                return await self._send(job, destination, clip_path=clip_path)
            except UploadTooLargeError:
                why_link = LinkReason.TOO_LARGE
        return await self._send(job, destination, link_note=self._link(job, why_link))

    async def _send(
        self,
        job: Job,
        destination: Destination,
        *,
        clip_path: Path | None = None,
        link_note: str | None = None,
    ) -> Posted:
        notes = tuple(note for note in (link_note, destination.note) if note)
        with discord_errors_mapped():
            message = await destination.channel.send(
                texts.result(job, self._catalogues, notes),
                file=discord.utils.MISSING
                if clip_path is None
                else _file(job, clip_path, hidden=self._policy_of(job).spoilers),
                # Its buttons are for the server: what they make is made there.
                view=discord.utils.MISSING
                if destination.kind is DestinationKind.DIRECT
                else views.result_view(job),
                nonce=job.delivery_nonce,  # discord.py asks Discord to enforce it
                allowed_mentions=discord.AllowedMentions.none(),
                suppress_embeds=True,  # an attached clip plays all the same
            )
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
        """The message with the result: known by its buttons, or by its first words."""
        wanted = custom_id("again", job.job_id)
        own_id = self._bot.user.id if self._bot.user else 0
        channel = self._bot.get_partial_messageable(channel_id)
        async for message in channel.history(
            after=job.state_at - CLOCK_SKEW, limit=LOOK_BACK_MESSAGES, oldest_first=False
        ):
            if (
                message.author.id == own_id
                and message.id != job.place.status_message_id
                and (wanted in _custom_ids(message) or texts.is_result(message.content, job))
            ):
                return message.id
        return None

    def _policy_of(self, job: Job) -> GuildPolicy:
        return self._policies.of(job.place.guild_id)

    def _link(self, job: Job, why: LinkReason | None) -> str:
        row = self._catalogues.row_of(job)
        until = job.state_at + timedelta(seconds=row.link_lifetime_s)
        reason = _(texts.LINK_REASONS[why]) if why else _("Here is a link instead of the file")
        url = job.result_url or ""
        if not url or len(url) > texts.LINK_MAX_CHARACTERS:
            return _(
                "{reason}, and its link cannot be posted. Ask the operator of this bot for it."
            ).format(reason=reason)
        words = _("watch or download it")
        link = f"[{words}](<{url}>)"
        if self._policy_of(job).spoilers:
            link = f"||{link}||"
        return _("{reason}: {link}, until about {until}.").format(
            reason=reason, link=link, until=f"<t:{int(until.timestamp())}:f>"
        )


def _file(job: Job, clip_path: Path, *, hidden: bool) -> discord.File:
    # By its path, so that it is streamed and never held in memory.
    return discord.File(
        clip_path,
        filename=f"cogreel-{job.job_id}.mp4",
        description=texts.short_prompt(job, 1024),
        spoiler=hidden,  # it is Discord's to read that from the name
    )


def _custom_ids(message: discord.Message) -> set[str | None]:
    return {
        child.custom_id
        for row in message.components
        if isinstance(row, discord.ActionRow)
        for child in row.children
        if isinstance(child, discord.Button)
    }
