"""The programs that are measured, each a process of its own, on a playground in this one."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from bot.clock import SystemClock
from bot.demo.programs import StandIns, bot_environment, first_line, program

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

    from playground.server import Playground

READY_WITHIN_S = 60.0
LOOK_EVERY_S = 0.2  # so seldom that looking costs the measured programs nothing
DATABASE = "cogreel.sqlite3"
PRIORITY = 10  # real-time, round robin
MIB = 1024 * 1024
CLOCK = SystemClock()


class BenchmarkError(Exception):
    """The run itself went wrong: there is no figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One bot, connected to the playground.

    Attributes:
        process: Its own process, without its children.
        database_path: Its SQLite file; none of the bare bot.
    """

    process: psutil.Process
    database_path: Path

    def rss_mib(self) -> float:
        """Resident memory of the process."""
        return float(self.process.memory_info().rss) / MIB

    def put_children_behind(self) -> None:
        """Give its decoding child back the priority that it has outside of `before_others`."""
        for child in self.process.children(recursive=True):
            with suppress(AttributeError, ProcessLookupError):
                os.sched_setscheduler(child.pid, os.SCHED_OTHER, os.sched_param(0))

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in the bot's database, read from outside."""
        return await asyncio.to_thread(self._rows, query)

    async def count(self, where: str) -> int:
        """How many jobs are so."""
        return int((await self.rows(f"SELECT count(*) FROM job WHERE {where}"))[0][0])  # noqa: S608  # the benchmarks' own words

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        uri = f"{self.database_path.as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=30)) as db:
            return db.execute(query).fetchall()


@asynccontextmanager
async def emulator(
    *, in_flight: int, render_delay_s: float = 0.0
) -> AsyncGenerator[dict[str, Any]]:
    """Run the emulator; the addresses that it prints."""
    arguments = ("--in-flight", str(in_flight), "--render-delay", str(render_delay_s))
    async with program("emulator", *arguments) as process:
        yield await first_line(process, "emulator")


@asynccontextmanager
async def product(
    playground: Playground, video_api: dict[str, Any], folder: Path, **settings: object
) -> AsyncGenerator[Program]:
    """Run the whole bot until the block ends.

    Args:
        playground: Its Discord.
        video_api: What `emulator` gave.
        folder: Where its database and files go.
        **settings: ``COGREEL_`` settings in small letters, over those of the demo.
    """
    environment = bot_environment(_stand_ins(playground, video_api), folder)
    environment |= {f"COGREEL_{name.upper()}": str(value) for name, value in settings.items()}
    async with _connected(playground, "bot", "run", environment=environment) as process:
        yield Program(process=process, database_path=folder / DATABASE)


@asynccontextmanager
async def bare_bot(playground: Playground) -> AsyncGenerator[Program]:
    """Run the bot that only defers, until the block ends."""
    environment = dict(os.environ) | {
        "COGREEL_DISCORD_TOKEN": playground.bot_token,
        "COGREEL_DISCORD_API_URL": playground.discord_api,
        "COGREEL_DISCORD_GATEWAY_URL": playground.gateway_url,
    }
    async with _connected(playground, "benchmarks.bare_bot", environment=environment) as process:
        yield Program(process=process, database_path=Path())


@contextmanager
def before_others() -> Generator[str]:
    """Run this process, and the programs that it starts, before other work on the machine.

    What else runs here is not measured, and would hit the busier program harder. Where the system
    does not permit it, everything goes on as it was.

    Yields:
        Which of the two, for the note.
    """
    try:
        # Not niceness: Linux groups processes by session, and weighs it only within a session.
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
    except (AttributeError, PermissionError):
        yield "at the usual priority: other work on this machine is in the figures"
        return
    try:
        yield "both bots and the playground run before other work on this machine"
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


async def until(condition: Callable[[], Awaitable[bool]], *, within_s: float, what: str) -> None:
    """Wait for something to become true.

    Raises:
        BenchmarkError: It did not in time.
    """
    try:
        async with asyncio.timeout(within_s):
            while not await condition():
                await CLOCK.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise BenchmarkError(f"not within {within_s:.0f} s: {what}") from None


@asynccontextmanager
async def _connected(
    playground: Playground, *words: str, environment: dict[str, str]
) -> AsyncGenerator[psutil.Process]:
    async def is_connected() -> bool:
        return playground.world.bot_connected

    async def is_gone() -> bool:
        return not playground.world.bot_connected

    async with program(*words, environment=environment) as process:
        await until(is_connected, within_s=READY_WITHIN_S, what=f"{words[0]} connects")
        yield psutil.Process(process.pid)
    # The next bot has the same token: it must not get what was meant for this one.
    await until(is_gone, within_s=READY_WITHIN_S, what=f"{words[0]} disconnects")


def _stand_ins(playground: Playground, video_api: dict[str, Any]) -> StandIns:
    addresses = {
        "bot_token": playground.bot_token,
        "discord_api": playground.discord_api,
        "gateway": playground.gateway_url,
    }
    return StandIns(playground=addresses, emulator=video_api)
