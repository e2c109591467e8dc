"""Where a clip may be posted that its member claims: nowhere that shows it to new people."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord

from cogs import permissions
from cogs.sight import shows_nobody_new

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.job import Job
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
    return here.id if shows_nobody_new(guild, here, job.place) else None
