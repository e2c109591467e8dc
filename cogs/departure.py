"""Notices that the bot was removed from a server, or came to one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from discord.ext import commands

from bot.domain.errors import StorageError

if TYPE_CHECKING:
    import discord

    from cogs.services import ServiceBot

log = logging.getLogger(__name__)


class Departure(commands.Cog):
    """discord.py tells of a removal only where the server is not merely in an outage."""

    def __init__(self, bot: ServiceBot) -> None:
        self._bot = bot

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Compare what is kept with where the bot is, a server in an outage included."""
        await self._note_all()

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """End what waits there; what is kept of the server is deleted after a while."""
        try:
            await self._bot.services.departures.left(guild.id)
        except StorageError as exc:
            log.warning("what waits on server %d ends at its turn: %s", guild.id, exc)
        try:
            await self._bot.services.privacy.left(guild.id)
        except StorageError as exc:
            log.warning("that server %d was left is noted at the next start: %s", guild.id, exc)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Post what could not be posted, and keep what is kept."""
        await self._note_all()
        await self._try_again(guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Likewise, after an outage."""
        await self._try_again(guild)

    @commands.Cog.listener()
    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """Likewise, where somebody may have given back a permission."""
        if before.overwrites != after.overwrites:
            await self._try_again(after.guild)

    @commands.Cog.listener()
    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        """Likewise, where a thread was unlocked."""
        if before.locked and not after.locked:
            await self._try_again(after.guild)

    async def _note_all(self) -> None:
        try:
            await self._bot.services.privacy.there({guild.id for guild in self._bot.guilds})
        except StorageError as exc:
            log.warning("which servers were left is noted at the next connection: %s", exc)

    async def _try_again(self, guild: discord.Guild) -> None:
        try:
            await self._bot.services.departures.changed(guild.id)
        except StorageError as exc:
            log.warning("what waits on server %d is posted within an hour: %s", guild.id, exc)
