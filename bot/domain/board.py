"""A server's board: the one message in which it sees its videos, and how the accounts are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.domain.routing import Room


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Where a server's board is.

    Attributes:
        guild_id: The server.
        channel_id: The channel.
        begun_at: Since when it may be there.
        message_id: The message; None while it is not known to be posted.
    """

    guild_id: int
    channel_id: int
    begun_at: datetime
    message_id: int | None


class Health(StrEnum):
    """How an account is, as far as members need to know."""

    WORKS = "works"
    BUSY = "busy"  # takes nothing for some seconds
    BROKEN = "broken"  # takes nothing until somebody mends it


def health_of(rooms: Iterable[Room]) -> Health:
    """How an account is, of which these are the models' rooms."""
    there = [room for room in rooms if not room.is_broken]
    if not there:
        return Health.BROKEN
    return Health.BUSY if all(room.is_closed for room in there) else Health.WORKS
