"""Why a result cannot go to a place, in words that members and moderators read."""

from __future__ import annotations

import discord

from bot.domain.destination import DestinationKind
from bot.domain.errors import DeliveryError, DestinationGoneError, MissingPermissionsError
from cogs import permissions
from cogs.discord_errors import THREAD_IS_ARCHIVED, THREAD_IS_LOCKED, TOO_MANY_THREADS

LOCKED = "the thread is locked"
NO_THREAD = "the thread is gone"
NO_CHANNEL = "the channel is gone"
_NO_ROOM = "this server has as many open threads as Discord allows"
_BY_CODE = {
    THREAD_IS_ARCHIVED: LOCKED,  # one that is only archived is woken by a message
    THREAD_IS_LOCKED: LOCKED,
    TOO_MANY_THREADS: _NO_ROOM,
}
_FORBIDDEN = {
    DestinationKind.THREAD: "I may not write in the thread",
    DestinationKind.CHANNEL: "I may not write in the channel",
    DestinationKind.DIRECT: "direct messages from me are not taken",
    DestinationKind.CLAIM: "I may not write there",
}
_GONE = {
    DestinationKind.THREAD: NO_THREAD,
    DestinationKind.CHANNEL: NO_CHANNEL,
    DestinationKind.DIRECT: "there are no direct messages",
    DestinationKind.CLAIM: NO_CHANNEL,
}
_REFUSED = {
    DestinationKind.THREAD: "the thread could not be used",
    DestinationKind.CHANNEL: "the channel could not be used",
    DestinationKind.DIRECT: "direct messages could not be used",
    DestinationKind.CLAIM: "that channel could not be used",
}


def why_not(error: DeliveryError, kind: DestinationKind, *, made: bool = True) -> str:
    """What is in the way, as the end of "because …".

    Args:
        error: What was raised for the place.
        kind: Which place it is.
        made: False where a thread that did not exist could not be made: it is not gone.
    """
    if str(error) == LOCKED:
        return LOCKED
    cause = error.__cause__
    if isinstance(cause, discord.HTTPException) and cause.code in _BY_CODE:
        return _BY_CODE[cause.code]
    if isinstance(error, MissingPermissionsError):
        missing = error.permissions
        if all(name in permissions.NAMES for name in missing):
            verb = "is" if len(missing) == 1 else "are"
            return f"{permissions.in_words(missing)} {verb} missing for me there"
        return _FORBIDDEN[kind]
    if isinstance(error, DestinationGoneError) and made:
        return _GONE[kind]
    return _REFUSED[kind]
