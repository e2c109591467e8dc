"""What a video may cost before its member is asked: one field to fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.errors import NotAllowedError
from cogs.answer import Answer
from cogs.failures import told
from cogs.limit_options import MONEY_MAX_CHARACTERS, amount_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.guild_policy import GuildPolicy
    from cogs.services import AnyInteraction

MODAL_WAITS_S = 15 * 60


class ConfirmModal(discord.ui.Modal):
    """It lives in memory, for the person that opened it, until they press Submit."""

    def __init__(
        self,
        opened_by: AnyInteraction,
        policy: GuildPolicy,
        *,
        show: Callable[[AnyInteraction, Answer], Awaitable[None]],
    ) -> None:
        """Fill the field with what holds now.

        Args:
            opened_by: The press of the button.
            policy: What holds now.
            show: Shows the panel anew, once it is saved.
        """
        super().__init__(title="When members confirm the cost", timeout=MODAL_WAITS_S)
        self._opened_by = opened_by.user.id, opened_by.guild_id
        self._show = show
        above = policy.confirm_above
        self.amount: discord.ui.TextInput[ConfirmModal] = discord.ui.TextInput(
            custom_id="amount",
            required=False,
            max_length=MONEY_MAX_CHARACTERS,
            default=None if above is None else str(above),
            placeholder="nobody is asked",
        )
        self.add_item(
            discord.ui.Label(
                text="Ask when one video may cost more than",
                description="Like 0.50 USD; 0 for all that is not free; empty to ask nobody.",
                component=self.amount,
            )
        )

    async def on_submit(self, interaction: AnyInteraction) -> None:
        """Save it."""
        answer = Answer(interaction)
        async with told(answer):
            if self._opened_by != (interaction.user.id, interaction.guild_id):
                raise NotAllowedError(action="change this here", needed="who opened this form")
            typed = self.amount.value.strip()
            await interaction.client.services.policies.confirm_above(
                interaction.guild_id or 0,
                amount_of(interaction, typed) if typed else None,
                by=interaction.user.id,
            )
            await self._show(interaction, answer)
