"""Where a result may go, best first: the job's thread, then the channel above it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import discord

from bot.domain.errors import DestinationGoneError, MissingPermissionsError, PostRefusedError
from bot.domain.guild_policy import ResultsIn
from bot.domain.language import _, ngettext
from cogs import permissions, texts
from cogs.discord_errors import THREAD_ALREADY_MADE, TOO_MANY_THREADS

if TYPE_CHECKING:
    from bot.domain.job import Job

log = logging.getLogger(__name__)

THREAD_ARCHIVED_AFTER_MIN: Literal[1440] = 1440

Channel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One place a result may go to.

    Attributes:
        name: For the log.
        channel: Where to send; for a thread that is still to be made, the channel above it.
        may: The bot's permissions there.
        attachment_limit_bytes: The largest file there, as the server's boosts allow today.
        exists: False for a thread that is still to be made.
        note: What to tell people about the choice of this place.
    """

    name: str
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
        if is_locked(self.channel):
            raise PostRefusedError("the thread is locked")
        in_thread = isinstance(self.channel, discord.Thread) or not self.exists
        missing = permissions.missing_to_work(self.may, in_thread=in_thread)
        if not self.exists:
            missing += permissions.missing(self.may, "create_public_threads")
        if missing:
            raise MissingPermissionsError(missing)
        if self.exists:
            return self
        return replace(self, channel=await _make_thread(self.channel, job), exists=True)


async def destinations(
    bot: discord.Client, job: Job, *, look_first: bool, first: ResultsIn
) -> list[Destination]:
    """Where the result may go, best first. A locked thread is among them: it may hold it already.

    Args:
        bot: The connected client.
        job: The job.
        look_first: Whether the job's thread may exist without the client having seen it.
        first: What moderators prefer where the job was not asked for in a thread.

    Raises:
        DestinationGoneError: The server or the channel is no longer there.
    """
    guild = bot.get_guild(job.place.guild_id)
    if guild is None:
        raise DestinationGoneError("the bot is no longer on the server")
    here = await _channel(guild, job.place.channel_id)
    if isinstance(here, discord.Thread):
        above = here.parent
        found = [_place("thread", guild, here)]
        if isinstance(above, discord.TextChannel):
            found.append(_above(guild, above, found[0]))
        return found
    thread = await _own_thread(guild, here, job, look_first=look_first)
    if thread is None:
        return [_place("channel", guild, here)]
    if first is ResultsIn.CHANNEL:
        return [_place("channel", guild, here), thread]
    return [thread, _above(guild, here, thread)]


def is_locked(channel: Channel) -> bool:
    """Whether only moderators may write there."""
    return isinstance(channel, discord.Thread) and channel.locked


def _place(name: str, guild: discord.Guild, channel: Channel) -> Destination:
    return Destination(
        name=name,
        channel=channel,
        may=channel.permissions_for(guild.me),
        attachment_limit_bytes=guild.filesize_limit,
    )


def _above(guild: discord.Guild, channel: Channel, thread: Destination) -> Destination:
    """The channel above a thread, with what keeps the result out of the thread."""
    missing = permissions.missing_to_work(thread.may, in_thread=True)
    if not thread.exists:
        missing += permissions.missing(thread.may, "create_public_threads")
    if missing:
        note = ngettext(
            "-# This is here and not in a thread because {permissions} is missing for me in this "
            "channel.",
            "-# This is here and not in a thread because {permissions} are missing for me in this "
            "channel.",
            len(missing),
        ).format(permissions=permissions.in_words(missing))
    elif is_locked(thread.channel):
        note = _("-# This is here because the thread is locked.")
    else:
        note = _("-# This is here because the thread could not be used.")
    return replace(_place("channel", guild, channel), note=note)


async def _channel(guild: discord.Guild, channel_id: int) -> Channel:
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None:
        try:
            channel = await guild.fetch_channel(channel_id)  # an archived thread is in no cache
        except discord.NotFound as exc:
            raise DestinationGoneError(f"channel {channel_id} is gone") from exc
    if isinstance(channel, discord.ForumChannel | discord.CategoryChannel):
        raise DestinationGoneError(f"channel {channel_id} takes no messages")
    return channel


async def _own_thread(
    guild: discord.Guild, channel: Channel, job: Job, *, look_first: bool
) -> Destination | None:
    """The thread under the job's status message, made or still to be made."""
    thread_id = job.place.status_message_id  # a thread made from a message has the message's id
    if not isinstance(channel, discord.TextChannel) or thread_id is None:
        return None
    thread: object = guild.get_thread(thread_id)
    if thread is None and look_first:
        try:
            thread = await guild.fetch_channel(thread_id)
        except (discord.NotFound, discord.Forbidden):
            log.debug("job %d has no thread yet", job.job_id)
    if isinstance(thread, discord.Thread):
        return _place("thread", guild, thread)
    return replace(_place("a new thread", guild, channel), exists=False)


async def _make_thread(channel: Channel, job: Job) -> discord.Thread:
    if not isinstance(channel, discord.TextChannel) or job.place.status_message_id is None:
        raise MissingPermissionsError(("a channel that has threads",))
    try:
        return await channel.create_thread(
            name=texts.thread_name(job),
            message=discord.Object(job.place.status_message_id),
            auto_archive_duration=THREAD_ARCHIVED_AFTER_MIN,
        )
    except discord.Forbidden as exc:
        raise MissingPermissionsError(("create_public_threads",)) from exc
    except discord.HTTPException as exc:
        if exc.code == THREAD_ALREADY_MADE:
            made = await channel.guild.fetch_channel(job.place.status_message_id)
            if isinstance(made, discord.Thread):
                return made
        if exc.code == TOO_MANY_THREADS or isinstance(exc, discord.NotFound):
            # No more threads fit this server, or somebody deleted the status message.
            raise MissingPermissionsError(("room for another thread",)) from exc
        raise
