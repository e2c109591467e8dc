"""``/video history`` and ``/video show``: what was made is found and posted again."""

from __future__ import annotations

from typing import Literal

from discord import app_commands
from discord.ext import commands

from bot.domain.job import JobState
from cogs import choices
from cogs.answer import Answer
from cogs.failures import told
from cogs.history import WORDS_MAX_CHARACTERS, filter_of, history_page
from cogs.services import Interaction
from cogs.showing import show_again


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

    @app_commands.command(description="Post a finished video again, here.")
    @app_commands.describe(job="Its number; /video history shows yours.")
    async def show(self, interaction: Interaction, job: int) -> None:
        """Post it as the answer, or say privately why not."""
        answer = Answer(interaction)
        async with told(answer):
            await show_again(interaction, answer, job)

    @show.autocomplete("job")
    async def _finished_of_mine(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[int]]:
        jobs = await interaction.client.services.jobs.of_member(
            guild_id=interaction.guild_id or 0, user_id=interaction.user.id, open_only=False
        )
        there = [job for job in jobs if job.state is JobState.DELIVERED and not job.taken_down_at]
        return choices.jobs(there, typed)
