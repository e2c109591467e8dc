"""One emulator for all tests, which remembers its clips; playground, bot and database for each.

The emulator lives in the session's loop, and so must every test here
(`pytestmark = pytest.mark.asyncio(loop_scope="session")`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import discord.gateway
import discord.http
import pytest_asyncio

from emulator.server import Emulator
from playground.person import PeopleApi
from playground.server import Playground
from tests.e2e.house import House, People
from tests.openapi import OpenApiChecker, document_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

LASTING = 100  # faults of so many times are there to last, not to be used up
MANY = 1_000  # what one test leaves unfinished must not be in the next one's way


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_emulator() -> AsyncIterator[Emulator]:
    async with Emulator(in_flight_limit=MANY) as emulator:
        yield emulator


@pytest_asyncio.fixture(loop_scope="session")
async def empty_house(
    shared_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """Everything but the bot. At the end none was pinged unasked, each request was Discord's.

    The document to hold requests against is not part of the project: see ``tests/openapi.py``.
    """
    # composed() points these at the playground for the whole process: given back afterwards.
    monkeypatch.setattr(discord.http.Route, "BASE", discord.http.Route.BASE)
    monkeypatch.setattr(
        discord.gateway.DiscordWebSocket,
        "DEFAULT_GATEWAY",
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY,
    )
    document = document_path()
    checker = None if document is None else OpenApiChecker(document)
    async with (
        Playground(observer=checker, rate_limits=False) as playground,
        aiohttp.ClientSession() as session,
    ):
        api = PeopleApi(session, playground.people_api)
        people = People(
            alice=await api.person("Alice"),
            bob=await api.person("Bob"),
            chen=await api.person("Chen"),
            mara=await api.person("Mara"),
            echo=await api.person("Echo"),
        )
        house = House(
            emulator=shared_emulator,
            playground=playground,
            api=api,
            session=session,
            people=people,
            lab=await people.alice.channel("video-lab"),
            state_dir=tmp_path,
        )
        try:
            yield house
            # A fault that nothing met would have proved nothing.
            assert [fault for fault in playground.knobs.faults if fault.times < LASTING] == []
        finally:
            shared_emulator.knobs.update({"faults": [], "result_file": None})
            house.let_renders_end()
            await house.stop_bot()
        assert sorted(house.pings()) == sorted(house.wanted_pings)
        assert checker is None or checker.violations == []


@pytest_asyncio.fixture(loop_scope="session")
async def house(empty_house: House) -> House:
    """A house with a connected bot on an empty database."""
    await empty_house.start_bot()
    return empty_house
