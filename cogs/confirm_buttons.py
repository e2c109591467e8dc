"""Make it, Cancel: the answers to what a video may cost. A press survives a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import discord

from bot.domain.language import N_, _

if TYPE_CHECKING:
    import re

    from bot.domain.confirmation import Confirmation
    from cogs.services import AnyInteraction, Services


class ConfirmButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"cogreel:(?P<verb>neither):(?P<confirmation_id>[0-9]{1,18})",
):
    """What the two share: the question's id, made anew from the custom id at each press."""

    verb: str
    label: str
    style = discord.ButtonStyle.secondary

    def __init__(self, confirmation_id: int) -> None:
        super().__init__(
            discord.ui.Button(
                label=_(self.label),
                style=self.style,
                custom_id=f"cogreel:{self.verb}:{confirmation_id}",
            )
        )
        self.confirmation_id = confirmation_id

    @classmethod
    async def from_custom_id(
        cls, interaction: AnyInteraction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed. The id may be forged: services check who was asked."""
        del interaction, item
        return cls(int(match["confirmation_id"]))


class MakeButton(ConfirmButton, template=r"cogreel:make:(?P<confirmation_id>[0-9]{1,18})"):
    """Yes: it may cost that."""

    verb, label = "make", N_("Make it")
    style = discord.ButtonStyle.primary

    async def callback(self, interaction: AnyInteraction) -> None:
        """Make the video."""
        services: Services = interaction.client.services
        await services.confirming.agree(interaction, self.confirmation_id)


class DropButton(ConfirmButton, template=r"cogreel:drop:(?P<confirmation_id>[0-9]{1,18})"):
    """No."""

    verb, label = "drop", N_("Cancel")

    async def callback(self, interaction: AnyInteraction) -> None:
        """Drop the question."""
        services: Services = interaction.client.services
        await services.confirming.decline(interaction, self.confirmation_id)


CONFIRM_BUTTONS = (MakeButton, DropButton)


def confirm_view(confirmation: Confirmation) -> discord.ui.View:
    """Under a question. DynamicItems only: see ``cogs/views.py``."""
    view = discord.ui.View(timeout=None)
    for button in CONFIRM_BUTTONS:
        view.add_item(button(confirmation.confirmation_id))
    return view
