"""``/video history``: what members keep of what was made."""

from __future__ import annotations

from typing import Literal

from discord import app_commands
from discord.ext import commands

from cogs.answer import Answer
from cogs.failures import told
from cogs.history import WORDS_MAX_CHARACTERS, filter_of, history_page
from cogs.services import Interaction


class VideoKeeping(commands.Cog):
    """A part of ``/video``: see ``cogs/video.py`` for the others."""

    @app_commands.command(description="Your videos here, or your favourites, newest first.")
    @app_commands.describe(
        which="Those that are done, that could not be made, or that are not done yet.",
        words="Only those with these words in the prompt.",
        favourites="yes: your favourites, whoever asked for them.",
    )
    async def history(
        self,
        interaction: Interaction,
        which: Literal["all", "done", "failed", "open"] = "all",
        words: app_commands.Range[str, 1, WORDS_MAX_CHARACTERS] | None = None,
        favourites: Literal["yes", "no"] = "no",
    ) -> None:
        """Show the first page, privately."""
        answer = Answer(interaction)
        async with told(answer):
            wanted = filter_of(ended=which, words=words, favourites=favourites == "yes")
            await answer.say(*await history_page(interaction, wanted))
