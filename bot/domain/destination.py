"""Where a result is posted, and that it can be posted nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.errors import DeliveryError


class DestinationKind(StrEnum):
    """What a place is to the job. Stored: never rename a value."""

    THREAD = "thread"  # the job's own, or the one that it was asked for in
    CHANNEL = "channel"  # the one that it was asked for in, or the one above its thread
    DIRECT = "direct"  # the member's direct messages
    CLAIM = "claim"  # where the member wanted it


@dataclass(frozen=True, slots=True, kw_only=True)
class PostTry:
    """A place in which a result may have been posted.

    Attributes:
        channel_id: The channel, the thread, or the direct messages.
        kind: What it is to the job.
        why: Why it is not a better place, in words; empty for the best.
    """

    channel_id: int
    kind: DestinationKind
    why: str


class ServerLeftError(DeliveryError):
    """The bot was removed from the server. An outage of Discord's is not that."""

    def __init__(self) -> None:
        super().__init__("the bot is no longer on the server")


class NoWayError(DeliveryError):
    """No place takes the result at present; nothing was posted.

    Attributes:
        why: What is in the way of each place, in words, as the end of "because …".
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)
