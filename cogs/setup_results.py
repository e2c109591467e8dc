"""Of the panel: where and how results are shown, and the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.domain.guild_policy import ResultsIn
from bot.domain.language import N_, OWN_NAMES, Language, _
from cogs.setup_channels import channel_to_post_in, writable_channel
from cogs.setup_item import CUSTOM_ID_PREFIX, PanelItem, button
from cogs.spoken import discord_language

if TYPE_CHECKING:
    from cogs.setup_item import SetUp, Use

PAGE = "results"
AS_IN_DISCORD = "discord"  # no language
KEEP_CHOICES_DAYS = (7, 30, 90, 365)
AS_THE_OPERATOR = "operator"  # no number of days
_INTO = {
    ResultsIn.THREAD: N_("Post results into threads of their own"),
    ResultsIn.CHANNEL: N_("Post results into the channel itself"),
}


def _log(now: SetUp) -> discord.ui.Item[Any]:
    return channel_to_post_in("log", _("Log channel: none"), now.policy.log_channel_id, now)


async def _log_into(use: Use) -> None:
    channel_id = writable_channel(use)
    await use.services.policies.log_into(use.guild_id, channel_id, by=use.by)


def _results(now: SetUp) -> discord.ui.Item[Any]:
    into = next(where for where in ResultsIn if where is not now.policy.results_in)
    return button(f"results:{into}", _(_INTO[into]))


async def _put_results(use: Use) -> None:
    await use.services.policies.put_results(use.guild_id, ResultsIn(use.value), by=use.by)


def _spoilers(now: SetUp) -> discord.ui.Item[Any]:
    if now.policy.spoilers:
        return button("spoilers:off", _("Show clips openly"))
    return button("spoilers:on", _("Hide clips until clicked on"))


async def _hide(use: Use) -> None:
    await use.services.policies.hide_results(use.guild_id, hidden=use.value == "on", by=use.by)


def _language(now: SetUp) -> discord.ui.Item[Any]:
    """Of what is posted for everybody; answers in private are in each person's own."""
    own, chosen = OWN_NAMES[discord_language(now.guild)], now.policy.language
    options = [
        discord.SelectOption(
            label=_("Posts in this server's language in Discord ({own})").format(own=own),
            value=AS_IN_DISCORD,
            default=chosen is None,
        )
    ]
    options += [
        discord.SelectOption(label=name, value=language.value, default=language is chosen)
        for language, name in OWN_NAMES.items()
    ]
    return discord.ui.Select(custom_id=f"{CUSTOM_ID_PREFIX}:language", options=options)


async def _choose_language(use: Use) -> None:
    (wanted,) = use.picked
    chosen = None if wanted == AS_IN_DISCORD else Language(wanted)
    await use.services.policies.choose_language(use.guild_id, chosen, by=use.by)


def _keep(now: SetUp) -> discord.ui.Item[Any]:
    """Where the operator keeps less than was chosen, nothing is shown as chosen."""
    chosen = now.policy.keep_days
    operators = _("As long as the operator keeps them ({days} days)")
    options = [
        discord.SelectOption(
            label=operators.format(days=now.keep_days_max),
            value=AS_THE_OPERATOR,
            default=chosen is None,
        )
    ]
    text = _("Keep words, images and clips for {days} days")
    options += [
        discord.SelectOption(label=text.format(days=days), value=str(days), default=days == chosen)
        for days in KEEP_CHOICES_DAYS
        if days <= now.keep_days_max
    ]
    return discord.ui.Select(
        custom_id=f"{CUSTOM_ID_PREFIX}:keep",
        placeholder=_("How long words, images and clips are kept"),
        options=options,
    )


async def _keep_for(use: Use) -> None:
    (wanted,) = use.picked
    days = None if wanted == AS_THE_OPERATOR else int(wanted)
    await use.services.policies.keep_for(use.guild_id, days, by=use.by)


ITEMS = (
    PanelItem(name="log", page=PAGE, control=_log, use=_log_into),
    PanelItem(name="language", page=PAGE, control=_language, use=_choose_language),
    PanelItem(name="keep", page=PAGE, control=_keep, use=_keep_for),
    PanelItem(name="results", page=PAGE, control=_results, use=_put_results),
    PanelItem(name="spoilers", page=PAGE, control=_spoilers, use=_hide),
)
