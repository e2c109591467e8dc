"""Of the panel: where videos are made, and for whom."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import discord

from bot.domain.durations import DurationNotUsableError, duration_in_words, parse_duration
from bot.domain.language import Language, _
from bot.languages import speaking
from cogs.setup_item import (
    CUSTOM_ID_PREFIX,
    PICKED_MAX,
    PanelForm,
    PanelItem,
    button,
    channel_select,
)

if TYPE_CHECKING:
    from cogs.services import AnyInteraction
    from cogs.setup_item import SetUp, Use

PAGE = "people"
AGE_MAX_CHARACTERS = 50


class AgesForm(PanelForm):
    """How old accounts must be, and how long members must have been here."""

    def __init__(self, use: Use) -> None:
        """Fill the fields with what holds now."""
        super().__init__(use, _("Who is old enough"), PAGE)
        policy = use.services.policies.of(use.guild_id)
        self.account = self._age(
            "account", _("Least age of a Discord account"), policy.min_account_age
        )
        self.membership = self._age(
            "membership", _("Least time on this server"), policy.min_membership
        )

    def _age(self, custom_id: str, text: str, least: timedelta) -> discord.ui.TextInput[PanelForm]:
        with speaking(Language.ENGLISH):  # as it can be typed
            default = duration_in_words(least) if least else ""
        return self.add_field(
            custom_id,
            text,
            _("Like 12h, 7d or 2w; empty for any."),
            default=default,
            longest=AGE_MAX_CHARACTERS,
        )

    async def save(self, interaction: AnyInteraction) -> None:
        """Save both."""
        await interaction.client.services.policies.ask_for_age(
            interaction.guild_id or 0,
            account=_least(self.account.value),
            membership=_least(self.membership.value),
            by=interaction.user.id,
        )


def _least(typed: str) -> timedelta:
    """Nothing typed means that any will do; so does "0"."""
    if typed.strip() in {"", "0", "any"}:
        return timedelta()
    least = parse_duration(typed)
    if least is None:  # nobody is that old
        raise DurationNotUsableError(typed)
    return least


def _channels(now: SetUp) -> discord.ui.Item[Any]:
    return channel_select("channels", _("Channels for videos: all"), now.policy.channels, now.guild)


async def _allow_channels(use: Use) -> None:
    policies = use.services.policies
    await policies.allow_channels(use.guild_id, map(int, use.picked), by=use.by)


def _roles(now: SetUp) -> discord.ui.Item[Any]:
    guild = now.guild
    there = [
        each for each in sorted(now.policy.roles) if guild is not None and guild.get_role(each)
    ]
    kind = discord.SelectDefaultValueType.role
    return discord.ui.RoleSelect(
        custom_id=f"{CUSTOM_ID_PREFIX}:roles",
        placeholder=_("Roles that may make videos: all"),
        min_values=0,
        max_values=PICKED_MAX,
        default_values=[discord.SelectDefaultValue(id=each, type=kind) for each in there],
    )


async def _allow_roles(use: Use) -> None:
    await use.services.policies.allow_roles(use.guild_id, map(int, use.picked), by=use.by)


def _ages(_now: SetUp) -> discord.ui.Item[Any]:
    return button("ages", _("Least age of accounts, least time here …"))


async def _ask_for_ages(use: Use) -> None:
    await use.answer.open(AgesForm(use))


ITEMS = (
    PanelItem(name="channels", page=PAGE, control=_channels, use=_allow_channels),
    PanelItem(name="roles", page=PAGE, control=_roles, use=_allow_roles),
    PanelItem(name="ages", page=PAGE, control=_ages, use=_ask_for_ages, opens_form=True),
)
