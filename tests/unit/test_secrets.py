"""The token of an interaction, with which anybody could speak for the bot, reaches no log."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.domain.errors import DeliveryUnavailableError
from bot.logs import formatter
from cogs.discord_errors import connection_errors_mapped, discord_errors_mapped

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager

TOKEN = "aW50ZXJhY3Rpb246MTIzOnNlY3JldA"
PATHS = (f"/api/v10/interactions/1/{TOKEN}/callback", f"/webhooks/12/{TOKEN}/messages/@original")


@pytest.fixture
def silent() -> Generator[str]:
    """The address of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


async def call(address: str) -> None:
    timeout = aiohttp.ClientTimeout(sock_read=0.05)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.post(address):
        raise AssertionError("nobody answers there")


def finished(record: logging.LogRecord) -> str:
    """As text and as JSON, which must hold the same."""
    as_json = formatter(as_json=True).format(record)
    json.loads(as_json)
    return formatter(as_json=False).format(record) + as_json


def record_of(message: str, *, with_error: bool) -> logging.LogRecord:
    error = sys.exc_info() if with_error else None
    return logging.LogRecord("bot", logging.ERROR, __file__, 1, message, (), error)


@pytest.mark.parametrize("path", PATHS)
async def test_a_timeout_that_names_its_address_is_logged_without_the_token(
    silent: str, path: str
) -> None:
    try:
        await call(silent + path)
    except aiohttp.ServerTimeoutError:
        text = finished(record_of(f"could not reach {silent}{path}", with_error=True))
    else:
        pytest.fail("it was answered")
    assert TOKEN not in text
    assert "<token>" in text


@pytest.mark.parametrize("mapped", [connection_errors_mapped, discord_errors_mapped])
async def test_a_broken_connection_is_mapped_to_its_kind_alone(
    silent: str, mapped: Callable[[], AbstractContextManager[None]]
) -> None:
    with pytest.raises(DeliveryUnavailableError) as raised, mapped():
        await call(silent + PATHS[0])
    assert str(raised.value) == "SocketTimeoutError"
    assert raised.value.__suppress_context__
    plain = logging.Formatter()
    try:
        raise raised.value
    except DeliveryUnavailableError:
        assert TOKEN not in plain.format(record_of("a defect", with_error=True))


async def test_a_connection_that_takes_too_long_is_mapped_to_its_kind_alone() -> None:
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # the kernel accepts one or two by itself
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        address = f"http://127.0.0.1:{full.getsockname()[1]}{PATHS[0]}"
        timeout = aiohttp.ClientTimeout(sock_connect=0.05)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            with pytest.raises(DeliveryUnavailableError) as raised, connection_errors_mapped():
                async with asyncio.timeout(5), session.post(address):
                    raise AssertionError("nobody answers there")
    assert TOKEN not in str(raised.value)
    assert "Timeout" in str(raised.value)


@pytest.mark.parametrize("kept", ["/channels/12/messages/13", "/interactions", "a webhook / 12"])
def test_what_holds_no_token_is_logged_as_it_is(kept: str) -> None:
    assert kept in finished(record_of(kept, with_error=False))
