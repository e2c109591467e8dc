"""Where a result may go, best first: the job's thread, the channel above it, direct messages."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import discord

from bot.domain.destination import DestinationKind, ServerLeftError
from bot.domain.errors import (
    DeliveryUnavailableError,
    DestinationGoneError,
    MissingPermissionsError,
    PostRefusedError,
)
from bot.domain.guild_policy import ResultsIn
from bot.fault_points import FaultPoint, reached
from cogs import permissions, texts
from cogs.discord_errors import THREAD_ALREADY_MADE
from cogs.obstacles import LOCKED, NO_CHANNEL, NO_THREAD

if TYPE_CHECKING:
    from bot.domain.job import Job

log = logging.getLogger(__name__)

THREAD_ARCHIVED_AFTER_MIN: Literal[1440] = 1440

Channel = (
    discord.TextChannel
    | discord.VoiceChannel
    | discord.StageChannel
    | discord.Thread
    | discord.DMChannel
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One place a result may go to.

    Attributes:
        kind: What it is to the job.
        channel: Where to send; for a thread that is still to be made, the channel above it.
        may: The bot's permissions there.
        attachment_limit_bytes: The largest file there, as the server's boosts allow today.
        exists: False for a thread that is still to be made.
        note: What to tell people about the choice of this place.
    """

    kind: DestinationKind
    channel: Channel
    may: discord.Permissions
    attachment_limit_bytes: int
    exists: bool = True
    note: str | None = None

    async def opened(self, job: Job) -> Destination:
        """This place, ready to be posted to: a thread is made if need be.

        Raises:
            MissingPermissionsError: The bot may not post there.
            PostRefusedError: It is a locked thread.
        """
        if self.kind is DestinationKind.DIRECT:
            return self
        if is_locked(self.channel):
            raise PostRefusedError(LOCKED)
        in_thread = isinstance(self.channel, discord.Thread) or not self.exists
        missing = permissions.missing_to_work(self.may, in_thread=in_thread)
        if not self.exists:
            missing += permissions.missing(self.may, "create_public_threads")
        if missing:
            raise MissingPermissionsError(missing)
        if self.exists:
            return self
        return replace(self, channel=await _make_thread(self.channel, job), exists=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class WayThere:
    """The places on a server that may be tried, and what is in the way of better ones.

    Attributes:
        destinations: Best first. A locked thread is among them: it may hold the result already.
        obstacles: Why a place is not among them, in words.
    """

    destinations: list[Destination]
    obstacles: list[str]


async def way_there(
    bot: discord.Client, job: Job, *, look_first: bool, first: ResultsIn
) -> WayThere:
    """Where on its server the result may go. Only places that show it to nobody new.

    Args:
        bot: The connected client.
        job: The job.
        look_first: Whether the job's thread may exist without the client having seen it.
        first: What moderators prefer where the job was not asked for in a thread.

    Raises:
        ServerLeftError: The bot was removed from the server.
        DeliveryUnavailableError: The server is in an outage of Discord's.
    """
    guild = await _guild(bot, job.place.guild_id)
    claimed = await _claimed(guild, job)
    here = await _channel(guild, job.place.channel_id)
    if here is None:
        above = await _parent_of_gone(guild, job)
        obstacle = NO_THREAD if job.place.in_thread else NO_CHANNEL
        return WayThere(destinations=[*claimed, *above], obstacles=[obstacle])
    if isinstance(here, discord.Thread):
        found = [_place(DestinationKind.THREAD, guild, here)]
        # Not everybody who sees the channel sees a private thread of it.
        if isinstance(here.parent, discord.TextChannel) and not here.is_private():
            found.append(_place(DestinationKind.CHANNEL, guild, here.parent))
        return WayThere(destinations=[*claimed, *found], obstacles=[])
    found = [_place(DestinationKind.CHANNEL, guild, here)]
    thread = await _own_thread(guild, here, job, look_first=look_first)
    if thread is not None:
        found.insert(1 if first is ResultsIn.CHANNEL else 0, thread)
    return WayThere(destinations=[*claimed, *found], obstacles=[])


async def direct_messages(bot: discord.Client, job: Job) -> Destination:
    """The member's direct messages.

    Raises:
        discord.HTTPException: Discord opens none.
    """
    channel = await bot.create_dm(discord.Object(job.user_id))
    return Destination(
        kind=DestinationKind.DIRECT,
        channel=channel,
        may=channel.permissions_for(None),
        attachment_limit_bytes=discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES,
    )


def is_locked(channel: object) -> bool:
    """Whether only moderators may write there."""
    return isinstance(channel, discord.Thread) and channel.locked


async def _guild(bot: discord.Client, guild_id: int) -> discord.Guild:
    guild = bot.get_guild(guild_id)
    if guild is None:
        try:
            # What follows cannot be undone, so that Discord itself is asked.
            await bot.fetch_guild(guild_id, with_counts=False)
        except (discord.NotFound, discord.Forbidden) as exc:
            raise ServerLeftError from exc
        raise DeliveryUnavailableError("the server is not there yet")
    if guild.unavailable:
        raise DeliveryUnavailableError("the server is in an outage of Discord's")
    return guild


def _place(kind: DestinationKind, guild: discord.Guild, channel: Channel) -> Destination:
    return Destination(
        kind=kind,
        channel=channel,
        may=channel.permissions_for(guild.me),
        attachment_limit_bytes=guild.filesize_limit,
    )


async def _claimed(guild: discord.Guild, job: Job) -> list[Destination]:
    """Where the member wants it, as far as that is still there."""
    if job.claimed_into is None:
        return []
    channel = await _channel(guild, job.claimed_into)
    return [] if channel is None else [_place(DestinationKind.CLAIM, guild, channel)]


async def _parent_of_gone(guild: discord.Guild, job: Job) -> list[Destination]:
    """The channel above a public thread that was deleted."""
    if job.place.parent_channel_id is None:
        return []
    above = await _channel(guild, job.place.parent_channel_id)
    if not isinstance(above, discord.TextChannel):
        return []
    return [_place(DestinationKind.CHANNEL, guild, above)]


async def _channel(guild: discord.Guild, channel_id: int) -> Channel | None:
    """A channel that takes messages; None where there is none, or none that the bot may see."""
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None:
        try:
            channel = await guild.fetch_channel(channel_id)  # an archived thread is in no cache
        except (discord.NotFound, discord.Forbidden):
            return None
    if isinstance(channel, discord.ForumChannel | discord.CategoryChannel):
        return None
    return channel


async def _own_thread(
    guild: discord.Guild, channel: Channel, job: Job, *, look_first: bool
) -> Destination | None:
    """The thread under the job's status message, made or still to be made."""
    thread_id = job.place.thread_root_id  # a thread made from a message has the message's id
    if not isinstance(channel, discord.TextChannel) or thread_id is None:
        return None
    thread: object = guild.get_thread(thread_id)
    if thread is None and look_first:
        try:
            thread = await guild.fetch_channel(thread_id)
        except (discord.NotFound, discord.Forbidden):
            log.debug("job %d has no thread yet", job.job_id)
    if isinstance(thread, discord.Thread):
        return _place(DestinationKind.THREAD, guild, thread)
    return replace(_place(DestinationKind.THREAD, guild, channel), exists=False)


async def _make_thread(channel: Channel, job: Job) -> discord.Thread:
    if not isinstance(channel, discord.TextChannel) or job.place.thread_root_id is None:
        raise DestinationGoneError("there are no threads in this channel")
    reached(FaultPoint.BEFORE_THREAD)
    try:
        made = await channel.create_thread(
            name=texts.thread_name(job),
            message=discord.Object(job.place.thread_root_id),
            auto_archive_duration=THREAD_ARCHIVED_AFTER_MIN,
        )
    except discord.HTTPException as exc:
        if exc.code == THREAD_ALREADY_MADE:
            there = await channel.guild.fetch_channel(job.place.thread_root_id)
            if isinstance(there, discord.Thread):
                return there
        raise
    reached(FaultPoint.AFTER_THREAD)
    return made
