"""The machine under the program: a disk that fills, and a database that somebody else holds."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import aiohttp
import pytest

from emulator.server import Emulator
from playground.person import PeopleApi
from tests.e2e.crash_house import PROMPT, SIZE, crash_house, until
from tests.media.making import clip_maker

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a running process"),
]
FULL_BYTES = 3 * 1024 * 1024  # of any file: more than the database has, less than the clip


def large_clip(path: Path) -> None:
    clip_maker(path)()
    with path.open("ab") as file:  # a box that nothing reads
        file.write((6 * 1024 * 1024).to_bytes(4) + b"free" + bytes(6 * 1024 * 1024 - 8))


def limit_files(pid: int, most: int) -> None:
    """As where the disk is full: a longer file cannot be written."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))


async def test_a_disk_that_fills_and_a_database_that_is_locked_cost_nothing(tmp_path: Path) -> None:
    result, state_dir = tmp_path / "result.mp4", tmp_path / "state"
    state_dir.mkdir()
    (state_dir / "files").mkdir()
    # What a machine that lost its power may leave.
    torn = [".incoming-1.mp4.00ff.part", "incoming-1.mp4", ".fit-1.mp4.part", "poster-1.jpg"]
    for name in torn:
        await asyncio.to_thread((state_dir / "files" / name).write_bytes, b"\0" * 4096)
    await asyncio.to_thread(large_clip, result)
    async with (
        Emulator() as emulator,
        crash_house(emulator, state_dir, rate_limits=False) as house,
        aiohttp.ClientSession() as session,
    ):
        house.forks = True
        emulator.knobs.update({"result_file": str(result)})
        await house.start_bot()
        assert house.bot is not None
        files = state_dir / "files"
        assert list(files.iterdir()) == []
        alice = await PeopleApi(session, house.playground.people_api).person("Alice")
        lab = await alice.channel("video-lab")
        limit_files(house.bot.pid, FULL_BYTES)
        await alice.command(lab, "video create", prompt=PROMPT, size=SIZE)
        await until(lambda: list(files.glob(".incoming-1.mp4.*.part")))
        await until(lambda: not list(files.iterdir()))  # it is not whole, and nothing is left of it
        assert house.state() == "rendering"

        with closing(sqlite3.connect(state_dir / "cogreel.sqlite3", isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            limit_files(house.bot.pid, resource.RLIM_INFINITY)
            await alice.command(lab, "video create", prompt="Another", size=SIZE)
            await alice.see(
                lab,
                lambda seen: seen["ephemeral"] and "Nothing was started" in seen["content"],
                within_s=60,
            )
            db.execute("ROLLBACK")
        await until(lambda: house.state() == "delivered", 60.0)
        assert house.paid() == 1
        assert len(house.posts()) == 1
        assert house.count("SELECT count(*) FROM ledger WHERE kind = 'settle'") == 1
