"""A playground, its people, and a small bot made with the real discord.py, fresh for each test."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import aiohttp
import discord.gateway
import discord.http
import pytest
import yarl

from playground.server import Playground
from tests.openapi import OpenApiChecker, document_path
from tests.playground.driver import PATIENCE_S, Driver
from tests.playground.sample_bot import SampleBot


@pytest.fixture
def checker() -> Iterator[OpenApiChecker | None]:
    """Holds every request of the test to Discord's OpenAPI document, where there is one."""
    path = document_path()
    checker = OpenApiChecker(path) if path else None
    yield checker
    assert checker is None or not checker.violations


@pytest.fixture
async def playground(checker: OpenApiChecker | None) -> AsyncIterator[Playground]:
    async with Playground(observer=checker) as playground:
        yield playground


@pytest.fixture
async def unchecked() -> AsyncIterator[Playground]:
    """A playground for requests that are wrong on purpose."""
    async with Playground(rate_limits=False) as playground:
        yield playground


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def driver(playground: Playground, session: aiohttp.ClientSession) -> Driver:
    return Driver(playground, session)


@pytest.fixture
def raw(unchecked: Playground, session: aiohttp.ClientSession) -> Driver:
    return Driver(unchecked, session)


@pytest.fixture
async def bot(playground: Playground, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SampleBot]:
    """The real client, ready and synced."""
    monkeypatch.setattr(discord.http.Route, "BASE", playground.discord_api)
    gateway = yarl.URL(playground.gateway_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    bot = SampleBot()
    running = asyncio.create_task(bot.start(playground.bot_token))
    async with asyncio.timeout(PATIENCE_S):
        await bot.ready.wait()
    await bot.tree.sync()
    yield bot
    await bot.close()
    async with asyncio.timeout(PATIENCE_S):
        await running
