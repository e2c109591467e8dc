"""Taking a video down: by command, or in the menu of its message. The answer is private."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.domain.language import _
from bot.domain.takedown import TakedownTarget
from cogs.answer import Answer
from cogs.failures import told
from cogs.services import Interaction


async def take_down(
    interaction: Interaction, answer: Answer, target: TakedownTarget, *, reason: str | None
) -> None:
    """Take it down, say so, and let it be cleared away and shown.

    Raises:
        NoVideoThereError: There is no such video on this server.
    """
    services = interaction.client.services
    job, is_news = await services.takedowns.take_down(
        interaction.guild_id or 0, target, reason=reason, by=interaction.user.id
    )
    services.clearing.taken_down()
    services.board.job_changed(job.job_id)
    await answer.say(
        _(
            "Video #{number} of <@{member}> is taken down: its post and its files are deleted, it "
            "is never posted again, and nobody can make another take of it. Other takes of it "
            "stay. `/moderate block` keeps a member from making videos."
        ).format(number=job.job_id, member=job.user_id)
        if is_news
        else _("Video #{number} was taken down before.").format(number=job.job_id)
    )


@app_commands.context_menu(name="Take this video down")
@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
async def take_this_down(interaction: Interaction, message: discord.Message) -> None:
    """Take the video of a status message or a result down."""
    answer = Answer(interaction)
    async with told(answer):
        await answer.begin_in_private()
        target = TakedownTarget(message_id=message.id)
        await take_down(interaction, answer, target, reason=None)
