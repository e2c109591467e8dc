"""How often a status message is edited while its video waits and renders, on a clock that hurries.

The whole bot runs in this process, because its clock is this module's; so is the playground's, of
whose time the ids of messages are made.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import aiohttp

import playground.clock
from benchmarks.figures import Figure
from benchmarks.load import FIRST_EDIT
from benchmarks.programs import BenchmarkError, until
from bot.app import composed
from bot.settings import Settings
from emulator.server import Emulator
from playground.person import PeopleApi
from playground.server import Playground
from playground.world.seed import VIDEO_LAB

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.client import CogreelBot
    from playground.rest.dispatcher import RestRecord

NAME = "status_edits"
TARGET = 6.0
HURRY = 60  # seconds of the clock in a second
RENDER_S = 300.0
IN_FLIGHT = 2
ASKED = 6  # so that each waits for none, one or two renders before its own
APART_S = 20.0
MESSAGE = "/channels/{channel_id}/messages/{message_id}"
PROMPT, SIZE = "Desert at noon", "1024x1024"
WITHIN_S = 120.0


class HurriedClock(playground.clock.Clock):
    """Both the bot's clock and the playground's."""

    def __init__(self) -> None:
        self._began = datetime.now(UTC)  # noqa: TID251  # where it begins to hurry
        self._began_s = time.monotonic()

    def now(self) -> datetime:
        """The present, aware UTC."""
        return self._began + timedelta(seconds=HURRY * (time.monotonic() - self._began_s))

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(max(0.0, seconds / HURRY))  # noqa: TID251  # a clock's own

    def now_s(self) -> float:
        """Seconds since 1970."""
        return self.now().timestamp()


@dataclass(slots=True)
class Edits:
    """Counts the edits of each message; the playground's observer."""

    original_of: Callable[[str], str | None]
    by_message: Counter[str] = field(default_factory=Counter[str])

    def __call__(self, record: RestRecord) -> None:
        """Take one request of the bot."""
        if record.method != "PATCH":
            return
        if record.route == MESSAGE:
            self.by_message[record.path_params["message_id"]] += 1
        elif record.route == FIRST_EDIT:
            message_id = self.original_of(record.path_params["webhook_token"])
            self.by_message[message_id or ""] += 1


async def measure(say: Callable[[str], None]) -> list[Figure]:
    """The median over some videos, of which two are rendered at once."""
    clock = HurriedClock()
    edits = Edits(original_of=lambda token: _original_of(server, token))
    server = Playground(observer=edits, rate_limits=False, log=False, clock=clock)
    with tempfile.TemporaryDirectory(prefix="cogreel-bench-") as folder:
        async with (
            server,
            Emulator(in_flight_limit=IN_FLIGHT, render_delay_s=RENDER_S / HURRY) as video_api,
            composed(_settings(server, video_api, Path(folder)), clock=clock) as bot,
        ):
            await _connected(bot, server)
            statuses = await _asked(server, clock)

            async def all_are_done() -> bool:
                lab = server.world.channels[VIDEO_LAB]
                return all("is done" in lab.messages[each].content for each in statuses)

            await until(all_are_done, within_s=WITHIN_S, what="all videos are delivered")
    counts = sorted(edits.by_message[each] for each in statuses)
    say(f"edits of {len(counts)} status messages: {counts}")
    return [
        Figure(
            name=NAME,
            value=median(counts),
            unit="edits",
            target=TARGET,
            sound=min(counts) > 0,
            note=(
                f"per video, each of which renders for {RENDER_S:g} s, {IN_FLIGHT} at once; the "
                f"first one fills the answer that was begun; between {counts[0]} and {counts[-1]}"
            ),
        )
    ]


def _original_of(server: Playground, token: str) -> str | None:
    found = server.world.interactions.by_token(token)
    return None if found is None else found.original_id


def _settings(server: Playground, video_api: Emulator, folder: Path) -> Settings:
    return Settings.model_validate(
        {
            "discord_token": server.bot_token,
            "api_key": video_api.api_key,
            "gateway_url": video_api.api_base,
            "discord_api_url": server.discord_api,
            "discord_gateway_url": server.gateway_url,
            "state_dir": folder,
            "account_in_flight": IN_FLIGHT,
            "health": False,
        }
    )


async def _connected(bot: CogreelBot, server: Playground) -> None:
    connecting = asyncio.create_task(bot.start(server.bot_token))
    ready = asyncio.create_task(bot.wait_until_ready())
    await asyncio.wait({connecting, ready}, return_when=asyncio.FIRST_COMPLETED)
    if not ready.done():
        raise BenchmarkError("the bot did not connect")


async def _asked(server: Playground, clock: HurriedClock) -> list[str]:
    """Alice and Bob ask in turn; the ids of the statuses."""
    async with aiohttp.ClientSession() as session:
        api = PeopleApi(session, server.people_api)
        people = [await api.person(name) for name in ("Alice", "Bob")]
        found: list[str] = []
        for number in range(ASKED):
            person = people[number % len(people)]
            asked = await person.command(VIDEO_LAB, "video create", prompt=PROMPT, size=SIZE)
            found.append(asked["message"]["id"])
            await clock.sleep(APART_S)
        return found
