"""Make it, Cancel, Change the prompt: the answers to a question. A press survives a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import discord

from bot.domain.language import N_, _

if TYPE_CHECKING:
    import re

    from bot.domain.confirmation import ConfirmationNeededError
    from cogs.services import AnyInteraction, Services


class ConfirmButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"cogreel:(?P<verb>neither):(?P<confirmation_id>[0-9]{1,18})",
):
    """What the two share: the question's id, made anew from the custom id at each press."""

    verb: str
    label: str
    style = discord.ButtonStyle.secondary

    def __init__(self, confirmation_id: int, label: str | None = None) -> None:
        super().__init__(
            discord.ui.Button(
                label=_(label or self.label),
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
    """Yes: so, and at that price."""

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


class ChangeButton(ConfirmButton, template=r"cogreel:change:(?P<confirmation_id>[0-9]{1,18})"):
    """Not with these words."""

    verb, label = "change", N_("Change the prompt")

    async def callback(self, interaction: AnyInteraction) -> None:
        """Open the form with what was typed."""
        services: Services = interaction.client.services
        await services.confirming.open_change(interaction, self.confirmation_id)


CONFIRM_BUTTONS = (MakeButton, DropButton, ChangeButton)


def confirm_view(question: ConfirmationNeededError) -> discord.ui.View:
    """Under a question. DynamicItems only: see ``cogs/views.py``."""
    number = question.confirmation.confirmation_id
    view = discord.ui.View(timeout=None)
    if question.notes:
        view.add_item(MakeButton(number, N_("Make it anyway")))
        view.add_item(ChangeButton(number))
    else:
        view.add_item(MakeButton(number))
    if question.is_about_cost:
        view.add_item(DropButton(number))
    return view
