"""Where a clip may be posted that its member claims: nowhere that shows it to new people."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord

from cogs import permissions

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.job import Job, Place
    from cogs.services import Interaction


def into_here(interaction: Interaction) -> Callable[[Job], int | None]:
    """For each job, the channel of this interaction where it may be posted here; else None."""
    guild, here = interaction.guild, interaction.channel
    in_thread = isinstance(here, discord.Thread)
    missing = permissions.missing_to_work(interaction.app_permissions, in_thread=in_thread)
    if guild is None or missing or not isinstance(here, discord.TextChannel | discord.Thread):
        return _nowhere
    return partial(_into, guild, here)


def _nowhere(job: Job) -> None:
    del job


def _into(guild: discord.Guild, here: discord.TextChannel | discord.Thread, job: Job) -> int | None:
    return here.id if _shows_nobody_new(guild, here, job.place) else None


def _shows_nobody_new(
    guild: discord.Guild, here: discord.TextChannel | discord.Thread, place: Place
) -> bool:
    """Whether everybody who sees ``here`` could see where the job was asked for."""
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
