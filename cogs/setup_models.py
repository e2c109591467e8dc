"""Of the panel: with which models videos are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.domain.language import _
from cogs.limit_options import MONEY_MAX_CHARACTERS, amount_of
from cogs.setup_item import CUSTOM_ID_PREFIX, PICKED_MAX, PanelForm, PanelItem, button

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.domain.capability import Capability
    from cogs.services import AnyInteraction
    from cogs.setup_item import SetUp, Use

PAGE = "models"


def _allowed(now: SetUp) -> discord.ui.Item[Any]:
    rows = now.catalogue.all_rows
    return _select("models", _("Models to choose from: all"), rows, now.policy.models)


async def _allow(use: Use) -> None:
    await use.services.policies.allow_models(use.guild_id, use.picked, by=use.by)


def _default(now: SetUp) -> discord.ui.Item[Any] | None:
    if not now.catalogue.rows:  # a select without options is none
        return None
    meant = {now.catalogue.default.model}
    return _select("default", _("Default model"), now.catalogue.rows, meant, exactly=1)


async def _choose_default(use: Use) -> None:
    await use.services.policies.choose_default(use.guild_id, use.picked[0], by=use.by)


def _restricted(now: SetUp) -> discord.ui.Item[Any]:
    chosen = now.policy.restricted_models
    nothing = _("In age-restricted channels only: none")
    return _select("restricted", nothing, now.catalogue.all_rows, chosen)


async def _restrict(use: Use) -> None:
    await use.services.policies.restrict_models(use.guild_id, use.picked, by=use.by)


class ConfirmForm(PanelForm):
    """What a video may cost before its member is asked."""

    def __init__(self, use: Use) -> None:
        """Fill the field with what holds now."""
        super().__init__(use, _("When members confirm the cost"), PAGE)
        above = use.services.policies.of(use.guild_id).confirm_above
        self.amount = self.add_field(
            "amount",
            _("Ask when one video may cost more than"),
            _("Like 0.50 USD; 0 for all that is not free; empty to ask nobody."),
            default="" if above is None else str(above),
            longest=MONEY_MAX_CHARACTERS,
        )

    async def save(self, interaction: AnyInteraction) -> None:
        """Save it."""
        typed = self.amount.value.strip()
        await interaction.client.services.policies.confirm_above(
            interaction.guild_id or 0,
            amount_of(interaction, typed) if typed else None,
            by=interaction.user.id,
        )


def _confirm(_now: SetUp) -> discord.ui.Item[Any]:
    return button("confirm", _("Ask about the cost of a video …"))


async def _ask_about_cost(use: Use) -> None:
    await use.answer.open(ConfirmForm(use))


def _select(
    name: str,
    nothing: str,
    rows: tuple[Capability, ...],
    chosen: Collection[str],
    *,
    exactly: int | None = None,
) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=row.title,
            value=row.model,
            description=row.price_text[:100],
            default=row.model in chosen,
        )
        for row in rows[:PICKED_MAX]
    ]
    return discord.ui.Select(
        custom_id=f"{CUSTOM_ID_PREFIX}:{name}",
        placeholder=nothing,
        min_values=exactly or 0,
        max_values=exactly or len(options),
        options=options,
    )


ITEMS = (
    PanelItem(name="models", page=PAGE, control=_allowed, use=_allow),
    PanelItem(name="default", page=PAGE, control=_default, use=_choose_default),
    PanelItem(name="restricted", page=PAGE, control=_restricted, use=_restrict),
    PanelItem(name="confirm", page=PAGE, control=_confirm, use=_ask_about_cost, opens_form=True),
)
