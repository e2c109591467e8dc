"""Retake a shot: the button under a storyboard's status and its film."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.language import _
from cogs.storyboard_control import StoryboardControl

if TYPE_CHECKING:
    from cogs.services import AnyInteraction, Services


class RetakeControl(
    StoryboardControl,
    template=r"cogreel:(?P<verb>retake|reshoot):(?P<storyboard_id>[0-9]{1,18})",
):
    """The button, and the select with the shots. Services check whose storyboard it is."""

    async def callback(self, interaction: AnyInteraction) -> None:
        """Ask which shot, or open its form."""
        services: Services = interaction.client.services
        await services.retaking.use(interaction, self._verb, self._storyboard_id)


def retake_button(storyboard_id: int) -> RetakeControl:
    """Under what everybody sees."""
    return RetakeControl(
        discord.ui.Button(
            label=_("Retake a shot"),
            emoji="🎬",
            style=discord.ButtonStyle.secondary,
            custom_id=f"cogreel:retake:{storyboard_id}",
        )
    )
