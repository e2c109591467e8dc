"""Discord's limits while much is posted at once, by the real client against the playground."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import discord
import pytest
import pytest_asyncio
from discord.http import HTTPClient, Route, handle_message_parameters

from bot.buckets import take_turns
from playground.rest.dispatcher import RestRecord
from playground.rest.limits import Limits
from playground.server import Playground
from playground.world.seed import GENERAL, VIDEO_LAB

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIMIT, WINDOW_S = 5, 0.4
MESSAGES = "/channels/{channel_id}/messages"


class Crowd:
    """Tasks that post in two channels."""

    def __init__(self, http: HTTPClient) -> None:
        self.http = http
        self.posted = 0
        self.one_too_many = 0
        self.limits_are_used_up = asyncio.Event()

    def note(self, record: RestRecord) -> None:
        self.posted += record.route == MESSAGES and record.status == HTTPStatus.OK
        self.one_too_many += record.status == HTTPStatus.TOO_MANY_REQUESTS
        if self.posted == 2 * LIMIT:
            self.limits_are_used_up.set()

    async def post(self, channel_id: str, number: int) -> None:
        with handle_message_parameters(content=f"number {number}") as parameters:
            await self.http.send_message(int(channel_id), params=parameters)

    async def rush(self) -> None:
        """Use the limits up, and bring more while all wait for them."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(LIMIT + 1):
                for channel in (GENERAL, VIDEO_LAB):
                    tasks.create_task(self.post(channel, number))
            await self.limits_are_used_up.wait()
            for number in range(2 * LIMIT):
                for channel in (GENERAL, VIDEO_LAB):
                    tasks.create_task(self.post(channel, number))


@pytest_asyncio.fixture(loop_scope="session")
async def crowd(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Crowd]:
    # A window that is short enough for a test; nothing else of the limits is other than it is.
    monkeypatch.setitem(Limits.BY_ROUTE, f"POST {MESSAGES}", (LIMIT, WINDOW_S))
    client = discord.Client(intents=discord.Intents.none())
    crowd = Crowd(client.http)
    async with Playground(observer=crowd.note, log=False) as playground:
        monkeypatch.setattr(Route, "BASE", playground.discord_api)
        async with client:
            await client.login(playground.bot_token)
            yield crowd


async def test_however_many_post_at_once_no_request_is_one_too_many(crowd: Crowd) -> None:
    take_turns(crowd.http)
    await crowd.rush()
    assert crowd.one_too_many == 0
    assert crowd.posted == 2 * (3 * LIMIT + 1)


async def test_control_without_turns_the_client_asks_for_too_much(crowd: Crowd) -> None:
    await crowd.rush()
    assert crowd.one_too_many > 0


async def test_a_request_that_hangs_holds_up_its_own_limit_alone(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go = asyncio.Event()
    send = crowd.http.request

    async def held_up(route: Route, **more: Any) -> object:  # noqa: ANN401  # as discord.py has it
        if route.channel_id == int(GENERAL):
            await may_go.wait()
        return await send(route, **more)

    monkeypatch.setattr(crowd.http, "request", held_up)  # a slow upload
    take_turns(crowd.http)
    slow = [asyncio.create_task(crowd.post(GENERAL, number)) for number in range(2)]
    await crowd.post(VIDEO_LAB, 1)
    slow[0].cancel()  # and whoever gives up passes the turn on
    may_go.set()
    await slow[1]
    assert crowd.posted == 2
