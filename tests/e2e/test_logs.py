"""The program's log for machines: every line an object, and a job's lines name it."""

from __future__ import annotations

import json
from asyncio.subprocess import PIPE, Process
from typing import TYPE_CHECKING

import aiohttp

from emulator.server import Emulator
from playground.person import PeopleApi
from tests.e2e.crash_house import crash_house, until

if TYPE_CHECKING:
    from pathlib import Path


async def test_every_line_is_an_object_and_a_jobs_lines_say_whose_they_are(tmp_path: Path) -> None:
    async with (
        Emulator() as emulator,
        crash_house(emulator, tmp_path) as house,
        aiohttp.ClientSession() as session,
    ):
        await house.start_bot(stderr=PIPE, log_level="INFO")
        house.order({"on": "poll", "do": "error 500 500", "times": 1})
        alice = await PeopleApi(session, house.playground.people_api).person("Alice")
        lab = await alice.channel("video-lab")
        await alice.command(lab, "video create", prompt="A paper boat", size="1280x720")
        await until(lambda: house.state() == "delivered")
        assert isinstance(house.bot, Process)
        house.bot.terminate()
        _, said = await house.bot.communicate()
        lines = [json.loads(line) for line in said.decode().splitlines()]
        [trouble] = [line for line in lines if "poll or fetch failed" in line["event"]]
        assert trouble["job"] == 1
        assert trouble["guild"] == int(house.playground.world.channels[lab].guild_id or 0)
        assert trouble["level"] == "warning"
        assert {"timestamp", "logger", "event"} <= trouble.keys()
