"""``/privacy``: what is kept about somebody, all of it as a file, or its deletion.

Everything is about the person who asks and nobody else, and every answer is private.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import MemberError
from bot.domain.language import _
from cogs.answer import Answer
from cogs.failures import told
from cogs.services import AnyInteraction, Interaction, ServiceBot

if TYPE_CHECKING:
    import re

    from bot.services.privacy import Kept

CUSTOM_ID = "cogreel:withdraw"


class ExportTooLargeForDiscordError(MemberError):
    """Discord takes no file so large."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "There is so much of it that Discord does not take the file. Ask the operator of "
                "this bot for it."
            )
        )


@app_commands.allowed_contexts(guilds=True, dms=True)
class Privacy(commands.GroupCog, group_name="privacy", group_description="What I keep about you."):
    """What members decide about what is theirs."""

    def __init__(self, bot: ServiceBot) -> None:
        self._bot = bot

    @app_commands.command(description="What I keep about you, why, and for how long.")
    async def show(self, interaction: Interaction) -> None:
        """Count it."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            kept = await interaction.client.services.privacy.kept(interaction.user.id)
            await answer.tell(_kept(kept))

    @app_commands.command(description="Everything I keep about you, as a file.")
    async def export(self, interaction: Interaction) -> None:
        """Attach it."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            privacy = interaction.client.services.privacy
            async with privacy.exported(interaction.user.id) as path:
                if (await asyncio.to_thread(path.stat)).st_size > interaction.filesize_limit:
                    raise ExportTooLargeForDiscordError
                file = await asyncio.to_thread(discord.File, path, filename="cogreel.json")
                await answer.tell(
                    _(
                        "Everything I keep about you, on every server. Times are UTC; money is in "
                        "millionths. Your videos themselves are in their posts."
                    ),
                    file,
                )

    @app_commands.command(description="Delete your videos and their words, on every server.")
    async def delete(self, interaction: Interaction) -> None:
        """Say what that means, and ask once more."""
        answer = Answer(interaction)
        async with told(answer):
            videos = await interaction.client.services.privacy.videos(interaction.user.id)
            view = discord.ui.View(timeout=None)
            view.add_item(WithdrawButton())
            await answer.say(_about_to_delete(videos), view)


class WithdrawButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"cogreel:withdraw"
):
    """Deletes what is the presser's own, whoever was asked."""

    def __init__(self) -> None:
        super().__init__(
            discord.ui.Button(
                label=_("Delete all of it"),
                style=discord.ButtonStyle.danger,
                custom_id=CUSTOM_ID,
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: AnyInteraction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed; it carries nothing."""
        del interaction, item, match
        return cls()

    async def callback(self, interaction: AnyInteraction) -> None:
        """Do it, and say so."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            services = interaction.client.services
            job_ids = await services.privacy.withdraw(interaction.user.id)
            services.clearing.taken_down()
            for job_id in job_ids:
                services.board.job_changed(job_id)
            await answer.tell(
                _(
                    "{count} of your videos are being deleted: posts, files, words and images. "
                    "What was waiting is cancelled and costs nothing; what is being made is not "
                    "posted. It may take a while until the last post is gone."
                ).format(count=len(job_ids))
                if job_ids
                else _("There is nothing left to delete.")
            )


def _kept(kept: Kept) -> str:
    counted = kept.counts["what_counted"] + kept.counts["counted_besides"]
    said = _(
        "**What I keep about you**, on all servers together:\n"
        "- {videos} videos that you asked for: when, where, how they ended; of {with_words} also "
        "your words and images. Words, images and clips are deleted {keep_days} days after a video "
        "has ended, or earlier where a server wants it.\n"
        "- {what_counted} entries about what your videos cost and counted, and {grants} grants: "
        "for limits and bills. They stay.\n"
        "- {shots} shots of storyboards. A draft that nobody touches is deleted after a week.\n"
        "- {limits} limits and {blocks} blocks that moderators set.\n"
        "- {on_record} entries in the moderators' log. They stay.\n"
        "`/privacy export` gives you all of it as a file, `/privacy delete` deletes your "
        "videos with their words and images. PRIVACY.md in my source says the rest: what goes "
        "to which video service, and why."
    ).format(
        **kept.counts | {"what_counted": counted},
        with_words=kept.with_words,
        keep_days=kept.keep_days,
    )
    collected = _(
        "-# Besides, your {favourites} favourites, and when and where you had {posted_again} "
        "videos posted again or sent to you, until you use `/privacy delete`."
    )
    said += "\n" + collected.format(**kept.counts)
    if kept.counts["defaults"]:
        said += "\n" + _("Your `/video defaults` are kept until you clear or delete them.")
    return said


def _about_to_delete(videos: int) -> str:
    return _(
        "This deletes your {videos} videos on every server: their posts, their "
        "files, and your words and images. What waits is cancelled; what is being made is not "
        "posted, but counts. It cannot be undone.\n"
        "Kept are the numbers: when you asked, what it cost, your limits and blocks, and the "
        "moderators' log. Other members' takes of your videos are theirs and stay."
    ).format(videos=videos)
