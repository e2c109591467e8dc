"""Links to messages of ours, as Discord's clients follow them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.job import Place

DIRECT = "@me"  # in place of a server, where the channel is somebody's direct messages


def link_to(guild_id: int | str, channel_id: int, message_id: int) -> str:
    """To a message."""
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


def link_to_result(place: Place) -> str | None:
    """To the message with the clip; None where there is none."""
    if place.result_message_id is None:
        return None
    guild_id = DIRECT if place.result_is_direct else place.guild_id
    return link_to(guild_id, place.thread_id or place.channel_id, place.result_message_id)


def link_to_status(place: Place) -> str | None:
    """To the status message; None where there is none."""
    if place.status_message_id is None:
        return None
    return link_to(place.guild_id, place.channel_id, place.status_message_id)
