"""The program is killed at every fault point that the code names, and started again.

Afterwards every video was posted once and paid for once, or ended free of charge with a reason;
the ledger adds up, nothing was left on the disk, and every status says how it ended.
"""

from __future__ import annotations

import ast
import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
import pytest_asyncio

from bot.domain.job import JobState
from bot.fault_points import FaultPoint, fault_point_of
from emulator.server import Emulator
from tests.e2e.actors import Actors, mended
from tests.e2e.crash_house import CrashHouse, crash_house, until
from tests.e2e.fault_chains import CHAINS, Chain
from tests.e2e.whole_books import read_whole_books
from tests.media.making import clip_maker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 240  # of a chain, where the machine is busy with other tests
DIES_WITHIN_S = 60.0
AT_REST_WITHIN_S = 60.0
OPEN = """SELECT count(*) FROM job WHERE state NOT IN
('delivered', 'failed', 'cancelled', 'expired') OR shown_state IS NOT state
OR (taken_down_at_ms IS NOT NULL AND takedown_done_at_ms IS NULL)"""

in_a_loop = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def emulator() -> AsyncGenerator[Emulator]:
    async with Emulator(in_flight_limit=100) as running:
        yield running


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Small results by chain: most are posted as they are."""
    folder = tmp_path_factory.mktemp("clips")
    plain, odd, broken = (folder / f"{name}.mp4" for name in ("plain", "odd", "broken"))
    clip_maker(plain)(noise=True)
    clip_maker(odd)(codec="libx265", frames=10)
    clip_maker(broken)(codec="libx265", frames=60, noise=True)
    content = bytearray(broken.read_bytes())
    begin = content.index(b"mdat") + len(content) // 3  # it begins to play, and then does not
    content[begin:] = bytes(len(content) - begin)
    broken.write_bytes(content)
    return {"made to fit": odd, "not to be made to fit": broken, "": plain}


@in_a_loop
@pytest.mark.timeout(TIMEOUT_S)
@pytest.mark.parametrize("name", CHAINS)
async def test_killed_at_each_point_it_ends_with_one_video_and_one_charge(
    emulator: Emulator, clips: dict[str, Path], tmp_path: Path, name: str
) -> None:
    chain = CHAINS[name]
    result = clips.get(name, clips[""])
    async with (
        crash_house(emulator, tmp_path, rate_limits=False) as house,
        aiohttp.ClientSession() as session,
    ):
        house.forks = True
        emulator.knobs.update({"result_file": str(result)})
        charged_before = len(emulator.ledger)
        settings = dict(chain.settings)
        actors = await Actors.of(house, session)
        if name == "the operator's channel":
            settings["operator_channel_id"] = await actors.alice.channel("general")
        for point in chain.points:
            chain.before(house)
            await house.launch_bot(stderr=None, fault_point=point, **settings)
            await dies(house, chain, actors, point)
        mended(house)
        await house.start_bot(stderr=None, **settings)
        if chain.after is not None:
            await chain.after(actors)
        await until(lambda: not open_jobs(house), AT_REST_WITHIN_S)
        await ended(house)
        entries = emulator.ledger.to_list(after=charged_before)
        books = await asyncio.to_thread(
            read_whole_books,
            house.state_dir,
            [entry["request_id"] for entry in entries],
            house.playground.world,
        )
        emulator.knobs.update({"result_file": None})
    assert books.disagreements() == []
    assert [job.job_id for job in books.jobs if job.state is JobState.HELD] == []
    assert books.jobs or name in {"a log channel", "a board"}
    said = [text.rpartition("\n")[2] for text in house.contents() if "\n-# " in text]
    known = [line for line in said if line.startswith(("-# Notice", "-# Log"))]
    assert len(known) == len(set(known)), "told twice"


async def dies(house: CrashHouse, chain: Chain, actors: Actors, point: str) -> None:
    """Cause what leads to the point; the process kills itself there."""
    bot, causing = house.bot, asyncio.ensure_future(chain.cause(actors))
    assert bot is not None
    try:
        async with asyncio.timeout(DIES_WITHIN_S):
            assert await bot.wait() == -signal.SIGKILL, point
    except TimeoutError:
        raise AssertionError(f"{point} was not reached: {causing}") from None
    finally:
        causing.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await causing  # its person may have been cut off in the middle
    await until(lambda: not house.playground.world.bot_connected)


def open_jobs(house: CrashHouse) -> int:
    return house.count(OPEN)


async def ended(house: CrashHouse) -> None:
    """SIGTERM, as an operator stops it."""
    assert house.bot is not None
    house.bot.terminate()
    assert await house.bot.wait() == 0


def test_every_point_is_in_a_chain() -> None:
    reached = {fault_point_of(text)[0] for chain in CHAINS.values() for text in chain.points}
    assert set(FaultPoint) - reached == set()


def test_every_point_stands_in_the_code_once_or_more() -> None:
    named = {
        node.attr
        for folder in ("bot", "cogs", "storage", "media")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "FaultPoint"
    }
    assert {point.name for point in FaultPoint} - named == set()


# A write or an outside call, as the engine spells it.
CALLS = {"write", "create", "poll", "download", "fit", "post_result", "keep"}
# Functions of the engine whose writes have no point of their own, with the reason.
WITHOUT_A_POINT = {
    # What they write is found and written again at the next look or start.
    "Scheduler.start": "counts that are recounted at each start",
    "Scheduler._mend_lanes": "the same counts",
    "Housekeeper.sweep": "old notices, ten minutes later again",
    "Housekeeper._give_up_unclaimed": "one by one, and again in ten minutes",
    "Housekeeper._remove_unused_images": "one by one, and again in ten minutes",
    "Retention.sweep": "old drafts, ten minutes later again",
    "Retention._forget": "again in ten minutes",
    "Retention._erase": "again in ten minutes",
    "Departures.left": "each waiting job ends at its claim all the same",
    "Departures.changed": "parked clips are tried again within the hour all the same",
    "Director._advance": "that nothing goes on, found again at the next look",
    "reroute_waiting": "done anew at each start",
    # One transaction, whose intent is the press of a button that can be pressed again.
    "HeldJobs._settle": "the operator sees that it is on hold still",
    "HeldJobs._check_task": "a question that changes nothing",
    # Around which their caller has points.
    "_try": "a post: its points are in cogs/poster.py",
    "_wait_for_room": "a count of tries, and a notice once a day",
    "Fitter.fit": "a child process: its caller has points",
    "Packing._link": "how long a file is kept, written before each post of a link",
}


def calls_in(tree: ast.AST, owner: str = "") -> Iterator[tuple[str, ast.AST]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from calls_in(node, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield owner + node.name, node


def test_every_write_and_outside_call_of_the_engine_has_a_point_beside_it() -> None:
    without = {
        name
        for path in (ROOT / "bot/engine").glob("*.py")
        for name, function in calls_in(ast.parse(path.read_text()))
        if isinstance(function, ast.AsyncFunctionDef)
        and any(is_outside(node) for node in ast.walk(function))
        and not any(is_point(node) for node in ast.walk(function))
    }
    assert without == set(WITHOUT_A_POINT)


def is_outside(node: ast.AST) -> bool:
    """``await ...write(...)`` and the like."""
    if not isinstance(node, ast.Await):
        return False
    called = [each.func for each in ast.walk(node.value) if isinstance(each, ast.Call)]
    return any(
        (isinstance(func, ast.Attribute) and func.attr in CALLS)
        or (isinstance(func, ast.Name) and func.id == "download")
        for func in called
    )


def is_point(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "reached"


@pytest.mark.parametrize("text", ["nowhere", "after_create:0", "after_create:x"])
def test_an_unknown_point_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"nowhere|count"):
        fault_point_of(text)


def test_with_a_real_token_no_point_is_taken(tmp_path: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("COGREEL_")}
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=kept
        | {
            "PYTHONPATH": str(ROOT),
            "COGREEL_DISCORD_TOKEN": "a.b.c",
            "COGREEL_API_KEY": "a.b",
            "COGREEL_STATE_DIR": str(tmp_path),
            "COGREEL_FAULT_POINT": "after_create",
        },
    )
    assert ended.returncode == 2
    assert "COGREEL_FAULT_POINT: is for tests with a playground." in ended.stderr
