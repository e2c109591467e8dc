"""Of the panel: where and how results are shown, and the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.errors import MemberError
from bot.domain.guild_policy import ResultsIn
from cogs import permissions
from cogs.setup_item import PanelItem, button, channel_select

if TYPE_CHECKING:
    import discord

    from cogs.services import AnyInteraction
    from cogs.setup_item import SetUp, Use

PAGE = "results"
_PLACES = {ResultsIn.THREAD: "threads of their own", ResultsIn.CHANNEL: "the channel itself"}


class LogChannelNotUsableError(MemberError):
    """The bot may not write where the log is to be."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(
            f"I may not write in that channel: {permissions.in_words(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing. Nothing was changed. "
            "Choose another channel, or allow it there first."
        )


def _log(now: SetUp) -> discord.ui.Item[Any]:
    chosen = now.policy.log_channel_id
    return channel_select(
        "log", "Log channel: none", set[int]() if chosen is None else {chosen}, now.guild, 1
    )


async def _log_into(use: Use) -> None:
    channel_id = int(use.picked[0]) if use.picked else None
    _check_log_channel(use.interaction, channel_id)
    await use.services.policies.log_into(use.guild_id, channel_id, by=use.by)


def _check_log_channel(interaction: AnyInteraction, channel_id: int | None) -> None:
    guild = interaction.guild
    channel = None if guild is None or channel_id is None else guild.get_channel(channel_id)
    if guild is not None and channel is not None:
        missing = permissions.missing_to_work(channel.permissions_for(guild.me), in_thread=False)
        if missing:
            raise LogChannelNotUsableError(missing)


def _results(now: SetUp) -> discord.ui.Item[Any]:
    into = next(where for where in ResultsIn if where is not now.policy.results_in)
    return button(f"results:{into}", f"Post results into {_PLACES[into]}")


async def _put_results(use: Use) -> None:
    await use.services.policies.put_results(use.guild_id, ResultsIn(use.value), by=use.by)


def _spoilers(now: SetUp) -> discord.ui.Item[Any]:
    if now.policy.spoilers:
        return button("spoilers:off", "Show clips openly")
    return button("spoilers:on", "Hide clips until clicked on")


async def _hide(use: Use) -> None:
    await use.services.policies.hide_results(use.guild_id, hidden=use.value == "on", by=use.by)


ITEMS = (
    PanelItem(name="log", page=PAGE, control=_log, use=_log_into),
    PanelItem(name="results", page=PAGE, control=_results, use=_put_results),
    PanelItem(name="spoilers", page=PAGE, control=_spoilers, use=_hide),
)
