"""The baseline: a discord.py bot that defers each ``/video create``, and does nothing else."""

from __future__ import annotations

import os

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route


class Video(app_commands.Group):
    """``/video``."""

    @app_commands.command()
    async def create(self, interaction: discord.Interaction, prompt: str, size: str) -> None:
        """Make a video."""
        del prompt, size
        await interaction.response.defer()


class BareBot(discord.Client):
    """Has the one command. It is never synced: the playground does not check that."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.1)
        app_commands.CommandTree(self).add_command(Video(name="video", description="Make videos."))


def main() -> None:
    """Run until SIGTERM."""
    Route.BASE = os.environ["COGREEL_DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["COGREEL_DISCORD_GATEWAY_URL"])
    BareBot().run(os.environ["COGREEL_DISCORD_TOKEN"], log_handler=None)


if __name__ == "__main__":
    main()
