"""A backup that was taken at work is restored to a bot that finishes the work, each video once."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from typing import TYPE_CHECKING

import aiohttp
import pytest
import pytest_asyncio

from emulator.server import Emulator
from playground.knobs import Fault
from playground.person import PeopleApi, words
from storage.restore import MARKER
from tests.e2e.crash_house import ROOT, SIZE, CrashHouse, crash_house, until
from tests.e2e.pictures import gradient

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(150)]

POST = "POST /channels/{channel_id}/messages"
LASTING = 1_000
RENDER_DELAY_S = 3600  # virtual
AT_ONCE = "2"
PROMPTS = ("A lighthouse", "A paper boat", "A red kite", "A slow train", "An owl")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def emulator() -> AsyncGenerator[Emulator]:
    async with Emulator() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def house(emulator: Emulator, tmp_path: Path) -> AsyncGenerator[CrashHouse]:
    (tmp_path / "state").mkdir()
    async with crash_house(emulator, tmp_path / "state") as built:
        yield built


async def program(house: CrashHouse, *arguments: str) -> tuple[int, str]:
    """``python -m bot`` with these arguments, on the house's state; its exit code and its words."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("COGREEL_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=ROOT,
        env=inherited
        | {
            "COGREEL_DISCORD_TOKEN": "unused",
            "COGREEL_API_KEY": "unused",
            "COGREEL_STATE_DIR": str(house.state_dir),
        },
        stdout=PIPE,
        stderr=STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def ask(
    house: CrashHouse, prompt: str, files: dict[str, tuple[str, bytes]] | None = None
) -> None:
    async with aiohttp.ClientSession() as session:
        alice = await PeopleApi(session, house.playground.people_api).person("Alice")
        channel = await alice.channel("video-lab")
        await alice.command(channel, "video create", files or {}, prompt=prompt, size=SIZE)


async def show_again(house: CrashHouse, job: int, channel: str) -> None:
    async with aiohttp.ClientSession() as session:
        alice = await PeopleApi(session, house.playground.people_api).person("Alice")
        await alice.command(channel, "video show", job=job)
        await alice.see(channel, lambda seen: words(seen).startswith("📌"))


def states(house: CrashHouse) -> dict[str, int]:
    found = house.rows("SELECT state, count(*) FROM job GROUP BY state")
    return {str(state): int(count) for state, count in found}


async def at_work(house: CrashHouse) -> None:
    """One video is fetched and cannot be posted, two render, two wait, one with an image."""
    await house.start_bot(account_in_flight=AT_ONCE)
    house.playground.knobs.play(Fault(route=POST, times=LASTING, do="status 500"))
    await ask(house, PROMPTS[0])
    await until(lambda: states(house) == {"fetched": 1})
    house.emulator.knobs.update({"render_delay_s": RENDER_DELAY_S, "in_flight_limit": 100})
    for prompt in PROMPTS[1:-1]:
        await ask(house, prompt)
    await ask(house, PROMPTS[-1], {"image": ("owl.png", gradient())})
    await until(lambda: states(house) == {"fetched": 1, "rendering": 2, "queued": 2})


def mended(house: CrashHouse) -> None:
    house.playground.knobs.faults.clear()
    house.emulator.knobs.update({"render_delay_s": 0, "advance_s": RENDER_DELAY_S})


async def all_are_delivered(house: CrashHouse, count: int = len(PROMPTS)) -> None:
    await until(lambda: states(house) == {"delivered": count}, within_s=60)
    assert len(house.posts()) == count
    assert house.paid() == count
    settled = house.rows(
        "SELECT count(*), count(DISTINCT job_id) FROM ledger WHERE kind = 'settle'"
    )
    assert settled == [(count, count)]


async def backed_up(house: CrashHouse, target: Path) -> None:
    code, said = await program(house, "backup", str(target))
    assert code == 0, said
    assert "the database and 2 files" in said


async def restored(house: CrashHouse, source: Path) -> None:
    """As on a new machine: in another folder."""
    house.state_dir = house.state_dir.with_name("restored")
    code, said = await program(house, "restore", str(source))
    assert code == 0, said
    await house.start_bot(account_in_flight=AT_ONCE)


async def test_the_machine_is_lost_at_the_moment_of_the_backup(
    house: CrashHouse, tmp_path: Path
) -> None:
    await at_work(house)
    await backed_up(house, tmp_path / "b.tar")
    await house.kill_bot()
    mended(house)
    await restored(house, tmp_path / "b.tar")
    await all_are_delivered(house)


async def test_the_bot_went_on_after_the_backup_and_finished_everything(
    house: CrashHouse, tmp_path: Path
) -> None:
    await at_work(house)
    await backed_up(house, tmp_path / "b.tar")
    mended(house)
    await all_are_delivered(house)
    await ask(house, "A fox that the backup does not know")
    await all_are_delivered(house, 6)
    where = "SELECT job_id, thread_id, result_message_id FROM job WHERE job_id < 6 ORDER BY job_id"
    results = house.rows(where)
    await show_again(house, 1, str(results[0][1]))
    await house.kill_bot()
    house.clock.ahead_s += 3600  # Discord remembers no nonce
    posts, paid = house.posts(), house.paid()
    await restored(house, tmp_path / "b.tar")
    await until(lambda: states(house) == {"delivered": 5}, within_s=60)
    assert house.posts() == posts, "nothing is posted twice"
    assert house.rows(where) == results, "what was shown again is not taken for the result"
    assert house.paid() == paid, "what was paid since is adopted by its request id"

    await ask(house, "A hare that asks the restored bot")
    await until(lambda: states(house) == {"delivered": 6})
    assert (len(house.posts()), house.paid()) == (len(posts) + 1, 7), "no number is given twice"


async def test_a_bot_that_runs_is_not_restored_over(house: CrashHouse, tmp_path: Path) -> None:
    await house.start_bot()
    code, said = await program(house, "backup", str(tmp_path / "b.tar"))
    assert code == 0
    code, said = await program(house, "restore", "--replace", str(tmp_path / "b.tar"))
    assert code == 1
    assert "stop it first" in said
    assert "Traceback" not in said


# --- a control: without the mark that a restore leaves, the same restore does harm ----------------


async def test_control_without_the_mark_of_a_restore_clips_are_posted_twice(
    house: CrashHouse, tmp_path: Path
) -> None:
    await at_work(house)
    await backed_up(house, tmp_path / "b.tar")
    mended(house)
    await all_are_delivered(house)
    await house.kill_bot()
    house.clock.ahead_s += 3600
    house.state_dir = house.state_dir.with_name("restored")
    code, said = await program(house, "restore", str(tmp_path / "b.tar"))
    assert code == 0, said
    (house.state_dir / MARKER).unlink()
    await house.start_bot(account_in_flight=AT_ONCE)
    await until(lambda: states(house) == {"delivered": 5}, within_s=60)
    assert len(house.posts()) > len(PROMPTS)
