"""How old accounts must be, and how long members must have been here: two fields to fill in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import discord

from bot.domain.durations import DurationNotUsableError, duration_in_words, parse_duration
from bot.domain.errors import NotAllowedError
from bot.domain.language import Language, _
from bot.languages import speaking
from cogs.answer import Answer
from cogs.failures import told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.guild_policy import GuildPolicy
    from cogs.services import AnyInteraction

MODAL_WAITS_S = 15 * 60
FIELD_MAX_CHARACTERS = 50


class AgesModal(discord.ui.Modal):
    """It lives in memory, for the person that opened it, until they press Submit."""

    def __init__(
        self,
        opened_by: AnyInteraction,
        policy: GuildPolicy,
        *,
        show: Callable[[AnyInteraction, Answer], Awaitable[None]],
    ) -> None:
        """Fill the fields with what holds now.

        Args:
            opened_by: The press of the button.
            policy: What holds now.
            show: Shows the panel anew, once it is saved.
        """
        super().__init__(title=_("Who is old enough"), timeout=MODAL_WAITS_S)
        self._opened_by = opened_by.user.id, opened_by.guild_id
        self._show = show
        self.account = _field("account", policy.min_account_age)
        self.membership = _field("membership", policy.min_membership)
        hint = _("Like 12h, 7d or 2w; empty for any.")
        self.add_item(
            discord.ui.Label(
                text=_("Least age of a Discord account"), description=hint, component=self.account
            )
        )
        self.add_item(
            discord.ui.Label(
                text=_("Least time on this server"), description=hint, component=self.membership
            )
        )

    async def on_submit(self, interaction: AnyInteraction) -> None:
        """Save both."""
        answer = Answer(interaction)
        async with told(answer):
            if self._opened_by != (interaction.user.id, interaction.guild_id):
                raise NotAllowedError(
                    action=_("change this here"), needed=_("who opened this form")
                )
            await interaction.client.services.policies.ask_for_age(
                interaction.guild_id or 0,
                account=_least(self.account.value),
                membership=_least(self.membership.value),
                by=interaction.user.id,
            )
            await self._show(interaction, answer)


def _field(custom_id: str, least: timedelta) -> discord.ui.TextInput[AgesModal]:
    with speaking(Language.ENGLISH):  # as it can be typed
        default = duration_in_words(least) if least else None
    return discord.ui.TextInput(
        custom_id=custom_id,
        required=False,
        max_length=FIELD_MAX_CHARACTERS,
        default=default,
        placeholder=_("any"),
    )


def _least(typed: str) -> timedelta:
    """Nothing typed means that any will do; so does "0"."""
    if typed.strip() in {"", "0", "any"}:
        return timedelta()
    least = parse_duration(typed)
    if least is None:  # nobody is that old
        raise DurationNotUsableError(typed)
    return least
