"""Why a result cannot go to a place, in words that members and moderators read."""

from __future__ import annotations

import re

import discord

from bot.domain.destination import DestinationKind
from bot.domain.errors import DeliveryError, DestinationGoneError, MissingPermissionsError
from bot.domain.language import N_, Language, _, ngettext
from bot.languages import speaking
from cogs import permissions
from cogs.discord_errors import THREAD_IS_ARCHIVED, THREAD_IS_LOCKED, TOO_MANY_THREADS

LOCKED = N_("the thread is locked")
NO_THREAD = N_("the thread is gone")
NO_CHANNEL = N_("the channel is gone")
_NO_ROOM = N_("this server has as many open threads as Discord allows")
_MISSING = "missing for me there"
# The longest first: one is the beginning of another.
_TITLES = re.compile("|".join(sorted(permissions.NAMES.values(), key=len, reverse=True)))
_BY_CODE = {
    THREAD_IS_ARCHIVED: LOCKED,  # one that is only archived is woken by a message
    THREAD_IS_LOCKED: LOCKED,
    TOO_MANY_THREADS: _NO_ROOM,
}
_FORBIDDEN = {
    DestinationKind.THREAD: N_("I may not write in the thread"),
    DestinationKind.CHANNEL: N_("I may not write in the channel"),
    DestinationKind.DIRECT: N_("direct messages from me are not taken"),
    DestinationKind.CLAIM: N_("I may not write there"),
}
_GONE = {
    DestinationKind.THREAD: NO_THREAD,
    DestinationKind.CHANNEL: NO_CHANNEL,
    DestinationKind.DIRECT: N_("there are no direct messages"),
    DestinationKind.CLAIM: NO_CHANNEL,
}
_REFUSED = {
    DestinationKind.THREAD: N_("the thread could not be used"),
    DestinationKind.CHANNEL: N_("the channel could not be used"),
    DestinationKind.DIRECT: N_("direct messages could not be used"),
    DestinationKind.CLAIM: N_("that channel could not be used"),
}


def why_not(error: DeliveryError, kind: DestinationKind, *, made: bool = True) -> str:
    """What is in the way, as the end of "because …": in English, for the record. See `in_words`.

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
            with speaking(Language.ENGLISH):
                return _missing(missing)
        return _FORBIDDEN[kind]
    if isinstance(error, DestinationGoneError) and made:
        return _GONE[kind]
    return _REFUSED[kind]


def in_words(why: str) -> str:
    """What was in the way, as it is on record, in the language that is spoken."""
    return "; ".join(_one_in_words(each) for each in why.split("; "))


def _one_in_words(why: str) -> str:
    if not why.endswith(_MISSING):
        return _(why)
    found = set(_TITLES.findall(why))
    return _missing(tuple(name for name, title in permissions.NAMES.items() if title in found))


def _missing(names: tuple[str, ...]) -> str:
    return ngettext(
        "{permissions} is missing for me there",
        "{permissions} are missing for me there",
        len(names),
    ).format(permissions=permissions.in_words(names))
