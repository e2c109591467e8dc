"""The controls under a draft of a storyboard, and under the question what it may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.language import _
from cogs.storyboard_control import StoryboardControl

if TYPE_CHECKING:
    from cogs.services import AnyInteraction, Services


class DraftControl(
    StoryboardControl,
    template=r"cogreel:draft:(?P<verb>[a-z]+):(?P<storyboard_id>[0-9]{1,18})",
):
    """One button or select. The number may be forged: services check whose draft it is."""

    async def callback(self, interaction: AnyInteraction) -> None:
        """Do what it says."""
        services: Services = interaction.client.services
        await services.draft_panel.use(interaction, self._verb, self._storyboard_id)


def control_id(verb: str, storyboard_id: int) -> str:
    """What a control is known by at Discord."""
    return f"cogreel:draft:{verb}:{storyboard_id}"


def draft_button(
    verb: str,
    storyboard_id: int,
    label: str,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> DraftControl:
    """A button of the panel."""
    return DraftControl(
        discord.ui.Button(label=label, style=style, custom_id=control_id(verb, storyboard_id))
    )


def agree_view(storyboard_id: int) -> discord.ui.View:
    """Under the question what a storyboard may cost."""
    view = discord.ui.View(timeout=None)
    view.add_item(draft_button("make", storyboard_id, _("Make it"), discord.ButtonStyle.primary))
    view.add_item(draft_button("back", storyboard_id, _("Back")))
    return view
