"""A bot process between in-process stand-ins, made to be killed."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import aiohttp

from playground.clock import Clock
from playground.person import PeopleApi
from playground.server import Playground
from playground.world.components import words_of
from tests.e2e.forked_program import ForkedProgram
from tests.openapi import OpenApiChecker, document_path

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from emulator.server import Emulator

ROOT = Path(__file__).parents[2]
SIZE = "1280x720"
PROMPT = "A lighthouse in the first snow"
WITHIN_S = 25.0
LOOK_EVERY_S = 0.02
Running: TypeAlias = asyncio.subprocess.Process | ForkedProgram


class ForgetfulClock(Clock):
    """Real time that a test moves forward: Discord forgets nonces after a few minutes."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def steady_s(self) -> float:
        return super().steady_s() + self.ahead_s


class CrashHouse:
    """Emulator, playground and the files of one bot; the bot itself comes and goes."""

    def __init__(
        self, emulator: Emulator, playground: Playground, clock: ForgetfulClock, state_dir: Path
    ) -> None:
        self.emulator = emulator
        self.playground = playground
        self.clock = clock
        self.state_dir = state_dir
        self.root = ROOT  # where the program is
        self.forks = False  # whether it is started quickly, by a fork
        self.bot: Running | None = None
        self.paid_before = len(emulator.ledger)

    async def launch_bot(self, *, stderr: int | None = None, **more: str) -> None:
        """Start the program, with these further settings; it may end before it is connected."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("COGREEL_")}
        env = inherited | {
            "COGREEL_DISCORD_TOKEN": self.playground.bot_token,
            "COGREEL_DISCORD_API_URL": self.playground.discord_api,
            "COGREEL_DISCORD_GATEWAY_URL": self.playground.gateway_url,
            "COGREEL_GATEWAY_URL": self.emulator.api_base,
            "COGREEL_API_KEY": self.emulator.api_key,
            "COGREEL_POLL_PACE": "0.02",
            "COGREEL_STATE_DIR": str(self.state_dir),
            "COGREEL_LOG_LEVEL": "WARNING",
            "COGREEL_HEALTH": "false",
        }
        env |= {f"COGREEL_{name.upper()}": value for name, value in more.items()}
        if self.forks:
            self.bot = await ForkedProgram.start(self.root, env)
            return
        words = [sys.executable, "-m", "bot", "run"]
        self.bot = await asyncio.create_subprocess_exec(
            *words, cwd=self.root, env=env, stderr=stderr
        )

    async def start_bot(self, *, stderr: int | None = None, **more: str) -> None:
        """Start the program, with these further settings, and wait until it is connected."""
        await self.launch_bot(stderr=stderr, **more)
        bot = self.bot
        assert bot is not None
        async with aiohttp.ClientSession() as session:
            api = PeopleApi(session, self.playground.people_api)

            async def connected() -> bool:
                assert bot.returncode is None, "the bot ended by itself"
                return await api.bot_is_connected()

            await until(connected)

    async def kill_bot(self) -> None:
        """SIGKILL: nothing is flushed, nothing is said goodbye to."""
        assert self.bot is not None
        self.bot.kill()
        await self.bot.wait()

    def state(self) -> str | None:
        """The durable state of the only job, as another process sees it."""
        return self._one("SELECT state FROM job ORDER BY job_id DESC LIMIT 1")

    def reservation(self) -> str | None:
        """The ledger's last word on it."""
        return self._one("SELECT kind FROM ledger ORDER BY job_id DESC, entry_id DESC LIMIT 1")

    def paid(self) -> int:
        """Creates that the provider accepted, since the house was built."""
        return len(self.emulator.ledger) - self.paid_before

    def posts(self) -> list[dict[str, Any]]:
        """Messages with a clip, in any channel or thread."""
        return [
            {"channel": channel.id, "message": message.id}
            for channel in self.playground.world.channels.values()
            for message in channel.messages.values()
            if message.attachments
        ]

    def contents(self) -> list[str]:
        """What every message says, in any channel or thread."""
        return [
            words_of(message.content, message.components)
            for channel in self.playground.world.channels.values()
            for message in channel.messages.values()
        ]

    def order(self, *faults: dict[str, Any]) -> None:
        """Faults of the video API."""
        self.emulator.knobs.update({"faults": list(faults)})

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds, as another process sees it; nothing before there is a database."""
        path = self.state_dir / "cogreel.sqlite3"
        if not path.exists():
            return []
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as db:
            try:
                return db.execute(query).fetchall()
            except sqlite3.OperationalError as exc:
                if "no such table" not in str(exc):  # killed before it was made
                    raise
                return []

    def count(self, query: str) -> int:
        """The number that a query finds; 0 before there is a database."""
        rows = self.rows(query)
        return int(rows[0][0] or 0) if rows else 0

    def _one(self, query: str) -> str | None:
        rows = self.rows(query)
        return str(rows[0][0]) if rows else None


async def until(condition: Callable[[], Any], within_s: float = WITHIN_S) -> None:
    """Wait until something is so, without guessing how long that takes."""
    async with asyncio.timeout(within_s):
        while True:
            holds = condition()
            if asyncio.iscoroutine(holds):
                holds = await holds
            if holds:
                return
            await asyncio.sleep(LOOK_EVERY_S)  # noqa: TID251  # looks at another process


@asynccontextmanager
async def crash_house(
    emulator: Emulator, state_dir: Path, *, rate_limits: bool = True
) -> AsyncGenerator[CrashHouse]:
    """A house on an empty folder. At its end every request of the bot was one of Discord's."""
    clock = ForgetfulClock()
    limit_before = emulator.knobs.in_flight_limit  # the emulator is shared with other tests
    document = document_path()
    checker = None if document is None else OpenApiChecker(document)
    async with Playground(clock=clock, observer=checker, rate_limits=rate_limits) as playground:
        house = CrashHouse(emulator, playground, clock, state_dir)
        try:
            yield house
        finally:
            if house.bot is not None and house.bot.returncode is None:
                await house.kill_bot()
            emulator.knobs.update({"faults": [], "render_delay_s": 0})
            emulator.knobs.update({"duplicate_request_id": "1231", "in_flight_limit": limit_before})
            emulator.release()
            playground.knobs.faults.clear()
            playground.knobs.release_hangs()
        assert checker is None or checker.violations == []
