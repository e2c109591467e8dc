"""Of the panel: with which models videos are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from cogs.setup_item import CUSTOM_ID_PREFIX, PICKED_MAX, PanelItem

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.domain.capability import Capability
    from cogs.setup_item import SetUp, Use

PAGE = "models"


def _allowed(now: SetUp) -> discord.ui.Item[Any]:
    rows = now.catalogue.all_rows
    return _select("models", "Models to choose from: all", rows, now.policy.models)


async def _allow(use: Use) -> None:
    await use.services.policies.allow_models(use.guild_id, use.picked, by=use.by)


def _default(now: SetUp) -> discord.ui.Item[Any] | None:
    if not now.catalogue.rows:  # a select without options is none
        return None
    meant = {now.catalogue.default.model}
    return _select("default", "Default model", now.catalogue.rows, meant, exactly=1)


async def _choose_default(use: Use) -> None:
    await use.services.policies.choose_default(use.guild_id, use.picked[0], by=use.by)


def _restricted(now: SetUp) -> discord.ui.Item[Any]:
    chosen = now.policy.restricted_models
    nothing = "In age-restricted channels only: none"
    return _select("restricted", nothing, now.catalogue.all_rows, chosen)


async def _restrict(use: Use) -> None:
    await use.services.policies.restrict_models(use.guild_id, use.picked, by=use.by)


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
)
