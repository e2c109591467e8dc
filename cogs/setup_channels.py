"""Of the panel: a channel, or none, that the bot posts into by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.errors import MemberError
from bot.domain.language import ngettext
from cogs import permissions
from cogs.setup_item import channel_select

if TYPE_CHECKING:
    import discord

    from cogs.setup_item import SetUp, Use


class ChannelNotWritableError(MemberError):
    """The bot may not write where the log, the gallery or the board is to be."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(
            ngettext(
                "I may not write in that channel: {permissions} is missing. Nothing was changed. "
                "Choose another channel, or allow it there first.",
                "I may not write in that channel: {permissions} are missing. Nothing was changed. "
                "Choose another channel, or allow it there first.",
                len(missing),
            ).format(permissions=permissions.in_words(missing))
        )


def channel_to_post_in(
    name: str, nothing: str, chosen: int | None, now: SetUp
) -> discord.ui.ChannelSelect[Any]:
    """One text channel to choose, or none."""
    return channel_select(name, nothing, () if chosen is None else (chosen,), now.guild, most=1)


def writable_channel(use: Use) -> int | None:
    """The channel that was picked; None for none.

    Raises:
        ChannelNotWritableError: The bot may not write there.
    """
    channel_id = int(use.picked[0]) if use.picked else None
    guild = use.interaction.guild
    channel = None if guild is None or channel_id is None else guild.get_channel(channel_id)
    if guild is not None and channel is not None:
        missing = permissions.missing_to_work(channel.permissions_for(guild.me), in_thread=False)
        if missing:
            raise ChannelNotWritableError(missing)
    return channel_id
