"""The one place where the exceptions of discord.py and its transport become ours."""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.domain.errors import (
    DeliveryUnavailableError,
    DestinationGoneError,
    MissingPermissionsError,
    PostRefusedError,
    UploadTooLargeError,
)

if TYPE_CHECKING:
    from collections.abc import Generator

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
UNKNOWN_INTERACTION = 10062
REQUEST_ENTITY_TOO_LARGE = 40005
ALREADY_ACKNOWLEDGED = 40060
THREAD_IS_ARCHIVED = 50083
THREAD_ALREADY_MADE = 160004
THREAD_IS_LOCKED = 160005
TOO_MANY_THREADS = 160006

# The 4xx that say "not now" and nothing of the request.
TEMPORARY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})

CONNECTION_ERRORS = (aiohttp.ClientError, OSError)
"""The connection broke: whether the call took effect is unknown. A timeout is an OSError."""


@contextmanager
def connection_errors_mapped() -> Generator[None]:
    """Map what the connection to Discord may raise; what Discord answers passes.

    Raises:
        DeliveryUnavailableError: The connection broke. Names the kind alone: the address in the
            transport's own message carries an interaction's token.
    """
    try:
        yield
    except CONNECTION_ERRORS as exc:
        raise DeliveryUnavailableError(type(exc).__name__) from None


@contextmanager
def discord_errors_mapped() -> Generator[None]:
    """Map what a call to Discord may raise.

    Raises:
        UploadTooLargeError: 413 or 40005.
        MissingPermissionsError: 403.
        DestinationGoneError: 404.
        PostRefusedError: Any other 4xx but 408 and 429: the call had no effect, and never will.
        DeliveryUnavailableError: Anything else; the call may have taken effect.
    """
    try:
        with connection_errors_mapped():
            yield
    except discord.HTTPException as exc:
        if (
            exc.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            or exc.code == REQUEST_ENTITY_TOO_LARGE
        ):
            raise UploadTooLargeError(str(exc)) from exc
        if isinstance(exc, discord.Forbidden):
            raise MissingPermissionsError((exc.text or "access",)) from exc
        if isinstance(exc, discord.NotFound):
            raise DestinationGoneError(str(exc)) from exc
        if exc.status < HTTPStatus.INTERNAL_SERVER_ERROR and exc.status not in TEMPORARY:
            raise PostRefusedError(str(exc)) from exc
        raise DeliveryUnavailableError(str(exc)) from exc
