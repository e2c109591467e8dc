"""Which channels a person may look into: a job there is nothing to anybody else."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.services.viewer import Viewer

if TYPE_CHECKING:
    from bot.domain.job import Place
    from cogs.services import AnyInteraction

Talkative = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.ForumChannel


def viewer_of(interaction: AnyInteraction) -> Viewer:
    """The person behind an interaction."""
    return Viewer(
        user_id=interaction.user.id,
        guild_id=interaction.guild_id or 0,
        is_moderator=interaction.permissions.manage_guild,
        sees=partial(_sees, interaction),
    )


def viewer_at(member: discord.Member, place: Place) -> Viewer:
    """A member who has just acted on a message of the job at ``place``, and so sees it."""
    return Viewer(
        user_id=member.id,
        guild_id=place.guild_id,
        is_moderator=member.guild_permissions.manage_guild,
        sees=lambda looked_at: looked_at == place,
    )


def _sees(interaction: AnyInteraction, place: Place) -> bool:
    if interaction.channel_id in {place.channel_id, place.thread_id}:
        return True
    guild = interaction.guild
    channel = None if guild is None else guild.get_channel_or_thread(place.channel_id)
    if channel is None or not isinstance(interaction.user, discord.Member):
        # An archived thread, or a channel that is gone: nobody can tell who saw it.
        return interaction.permissions.manage_guild
    if isinstance(channel, discord.Thread):
        if channel.is_private() or channel.parent is None:
            return interaction.permissions.manage_guild
        channel = channel.parent
    return channel.permissions_for(interaction.user).view_channel


def everybody_sees(guild: discord.Guild, place: Place) -> bool:
    """Whether the channel of a place is open to the whole server, as far as can be told."""
    channel = _channel_of(guild, place)
    return channel is not None and channel.permissions_for(guild.default_role).view_channel


def is_age_restricted(guild: discord.Guild, place: Place) -> bool:
    """Whether the channel of a place is for adults, or cannot be looked at."""
    channel = _channel_of(guild, place)
    return not isinstance(channel, Talkative) or channel.is_nsfw()


def _channel_of(guild: discord.Guild, place: Place) -> discord.abc.GuildChannel | None:
    """The channel that decides who sees a place; None where nobody can tell."""
    channel = guild.get_channel_or_thread(place.channel_id)
    if isinstance(channel, discord.Thread):
        return None if channel.is_private() else channel.parent
    return channel


def shows_nobody_new(
    guild: discord.Guild, here: discord.abc.GuildChannel | discord.Thread, place: Place
) -> bool:
    """Whether everybody who sees ``here`` could see where a job was asked for."""
    if here.id in {place.channel_id, place.thread_id}:
        return True
    if place.in_thread and place.parent_channel_id is None:
        return False  # a private thread: who is in it, nobody can tell
    home = guild.get_channel(place.parent_channel_id or place.channel_id)
    above = here.parent if isinstance(here, discord.Thread) else here
    if home is None or above is None:
        return False  # it is gone, and with it who could see it
    if home.id == above.id:
        return True
    is_open = home.permissions_for(guild.default_role).view_channel
    return is_open and (_is_restricted(above) or not _is_restricted(home))


def _is_restricted(channel: object) -> bool:
    """Whether it is for adults only."""
    return (
        isinstance(channel, discord.TextChannel | discord.ForumChannel | discord.VoiceChannel)
        and channel.is_nsfw()
    )
