"""SIGTERM in the middle of each step: it ends soon and quietly, and the next start goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
import pytest_asyncio

from emulator.server import Emulator
from playground.knobs import Fault
from playground.person import PeopleApi
from tests.e2e.crash_house import PROMPT, SIZE, CrashHouse, crash_house, until
from tests.media.making import clip_maker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

POST = "POST /channels/{channel_id}/messages"
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
# An init system waits ten seconds at the least, then kills. A busy machine is slower than that.
STOPS_WITHIN_S = 30.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def emulator() -> AsyncGenerator[Emulator]:
    async with Emulator(in_flight_limit=100) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def house(emulator: Emulator, tmp_path: Path) -> AsyncGenerator[CrashHouse]:
    result = tmp_path / "result.mp4"
    await asyncio.to_thread(clip_maker(result))
    async with crash_house(emulator, tmp_path) as built:
        emulator.knobs.update({"result_file": str(result)})
        try:
            yield built
        finally:
            emulator.knobs.update({"result_file": None})


async def ask(house: CrashHouse) -> None:
    async with aiohttp.ClientSession() as session:
        alice = await PeopleApi(session, house.playground.people_api).person("Alice")
        channel = await alice.channel("video-lab")
        await alice.command(channel, "video create", prompt=PROMPT, size=SIZE)


async def stops_well_and_goes_on(house: CrashHouse) -> None:
    """SIGTERM now: exit code 0, no traceback. Afterwards one post and one charge."""
    bot = house.bot
    assert isinstance(bot, asyncio.subprocess.Process)
    bot.terminate()
    async with asyncio.timeout(STOPS_WITHIN_S):
        _, said = await bot.communicate()
    assert bot.returncode == 0, said.decode()
    assert b"Traceback" not in said, said.decode()
    left = {path.name for path in (house.state_dir / "files").glob(".*")}
    assert left == set(), "a part of a file was left"
    house.order()
    house.emulator.release()
    house.playground.knobs.faults.clear()
    house.playground.knobs.release_hangs()
    await house.start_bot()
    await until(lambda: house.state() == "delivered")
    assert house.paid() == 1
    assert house.count("SELECT count(*) FROM ledger WHERE kind = 'settle'") == 1
    assert len(house.posts()) == 1


async def start(house: CrashHouse) -> None:
    await house.start_bot(stderr=asyncio.subprocess.PIPE)


@pytest.mark.parametrize("moment", ["hang_before", "hang_after"])
async def test_stopped_while_a_create_is_in_flight(house: CrashHouse, moment: str) -> None:
    await start(house)
    house.order({"on": "create", "do": moment, "times": 1})
    await ask(house)
    await until(lambda: house.emulator.held_count)
    await stops_well_and_goes_on(house)


async def test_stopped_while_it_asks_how_a_render_goes(house: CrashHouse) -> None:
    await start(house)
    house.order({"on": "poll", "do": "hang_before", "times": 1})
    await ask(house)
    await until(lambda: house.emulator.held_count)
    await stops_well_and_goes_on(house)


async def test_stopped_while_a_clip_is_downloaded(house: CrashHouse) -> None:
    house.emulator.knobs.update({"result_file": None})  # which no fault strikes
    await start(house)
    house.order({"on": "file", "do": "hang_before", "times": 1})
    await ask(house)
    await until(lambda: house.emulator.held_count)
    await stops_well_and_goes_on(house)


async def test_stopped_while_a_clip_is_made_to_fit(house: CrashHouse, tmp_path: Path) -> None:
    result = tmp_path / "long.mp4"
    await asyncio.to_thread(
        lambda: clip_maker(result)(codec="libx265", size=(1280, 720), frames=150)
    )
    house.emulator.knobs.update({"result_file": str(result)})
    await start(house)
    await ask(house)
    await until(lambda: list((house.state_dir / "files").glob(".fit-*")))
    await stops_well_and_goes_on(house)


async def test_stopped_while_a_result_is_posted(house: CrashHouse) -> None:
    await start(house)
    house.playground.knobs.play(Fault(route=POST, times=1, do="hang"))
    await ask(house)
    await until(house.posts)
    await stops_well_and_goes_on(house)


async def test_stopped_while_a_status_is_shown(house: CrashHouse) -> None:
    await start(house)
    house.playground.knobs.play(Fault(route=EDIT, times=1, do="hang"))
    await ask(house)
    await until(lambda: house.state() == "delivered" and not house.playground.knobs.faults)
    await stops_well_and_goes_on(house)
