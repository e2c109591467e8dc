"""Servers that the bot is taken from, or comes back to: what is kept of them follows."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from discord.ext import commands

from bot.domain.errors import StorageError

if TYPE_CHECKING:
    import discord

    from cogs.services import ServiceBot

log = logging.getLogger(__name__)


class Departures(commands.Cog):
    """Discord tells once. What happened while nobody listened is seen at the next connection."""

    def __init__(self, bot: ServiceBot) -> None:
        self._bot = bot

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Compare what is kept with where the bot is, a server in an outage included."""
        await self._note_all()

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Come, or come back, to a server."""
        log.info("joined server %d", guild.id)
        await self._note_all()

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Be taken from a server. Discord tells an outage otherwise."""
        log.info("taken from server %d", guild.id)
        try:
            await self._bot.services.privacy.left(guild.id)
        except StorageError:
            log.exception("a server was left; that is noted at the next connection")

    async def _note_all(self) -> None:
        try:
            await self._bot.services.privacy.there({guild.id for guild in self._bot.guilds})
        except StorageError:
            log.exception("which servers were left is noted at the next connection")
