"""Where the tour is told: who does what, what the bot says to it, and what must be true."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.demo.captions import WatchedApi
from bot.demo.probe import probe
from playground.person import words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import aiohttp

    from bot.demo.programs import StandIns
    from bot.demo.visit import Result
    from playground.person import Json, PeopleApi, Person


MOST_LETTERS = 2_000  # of a caption: playground/people/captions.py


class TourError(Exception):
    """A step did not do what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a clip of the tour must be.

    Attributes:
        size: ``WIDTHxHEIGHT`` in pixels.
        fps: Frames per second.
        duration_s: Length in seconds.
        sound: Whether it has any.
    """

    size: str = "1280x720"
    fps: int = 30
    duration_s: float = 5.0
    sound: bool = False


class Stage:
    """The channel, its people, and a transcript. Clips end up in ``output``.

    Attributes:
        alice: A member.
        bob: Another.
        chen: And another.
        mara: A moderator.
        channel: Where they are.
        operators: Where the bot tells its operator things.
        keys: A key of each gateway, by the gateway's name.
    """

    alice: Person
    bob: Person
    chen: Person
    mara: Person
    channel: str
    operators: str

    def __init__(
        self,
        api: PeopleApi,
        session: aiohttp.ClientSession,
        found: StandIns,
        *,
        output: Path,
        say: Callable[[str], None],
    ) -> None:
        """Set the stage.

        Args:
            api: The people; a `WatchedApi` where somebody looks on at the page.
            session: For clips and the emulator.
            found: Where everything is.
            output: Where clips end up.
            say: Prints a line of the transcript.
        """
        self._api = api
        self._session = session
        self._emulator = found.emulator
        self.keys: dict[str, str] = found.emulator["keys"]
        self._output = output
        self._say = say
        self._names: dict[str, str] = {}
        self._step = 0
        self._title = "The tour"

    async def enter(self) -> None:
        """Bring the people in."""
        self.alice, self.mara = await self._api.person("Alice"), await self._api.person("Mara")
        self.bob, self.chen = await self._api.person("Bob"), await self._api.person("Chen")
        self.channel = await self.alice.channel("video-lab")
        self.operators = await operator_channel(self._api)
        self._names = {p["id"]: p["name"] for p in (await self._api.state())["people"]}
        self._output.mkdir(exist_ok=True)

    def title(self, text: str) -> None:
        """A step begins."""
        self._step += 1
        self._title = f"{self._step}. {text}"
        self._say(f"\n{self._title}")

    def tell(self, who: str, what: str) -> None:
        """Somebody does something."""
        self._say(f"   {who} → {what}")
        person = next((each for each, name in self._names.items() if name == who), None)
        self._caption(what, {"who": who, "as": person, "channel": self.channel})

    def note(self, what: str) -> None:
        """Something happens that nobody in the channel does."""
        self._say(f"   ({what})")
        self._caption(what, {})

    def hear(self, message: Json, aside: str = "") -> None:
        """The bot says something."""
        line = f"{_lines(message, self._names)}{aside}"
        self.must(line, "it says something")
        self._say(f"   Cogreel → {line}")
        self._caption(line, {"who": "Cogreel", "channel": message["channel_id"]})

    def must(self, holds: object, what: str) -> None:
        """Stop the tour where something is not true.

        Raises:
            TourError: It is not.
        """
        if not holds:
            raise TourError(f"step {self._step}: it is not true that {what}")

    async def answer(self, person: Person, command: str, **options: object) -> Json:
        """Run a command that is answered in private, and tell the answer."""
        interaction = await person.command(self.channel, command, **options)
        message: Json | None = interaction["message"]
        if message is None:
            raise TourError(f"step {self._step}: nobody answered /{command}")
        self.hear(message)
        return message

    async def keep(self, result: Result, name: str, expected: Expected | None = None) -> None:
        """Save a clip, look into it, and tell what it is."""
        expected = expected or Expected()
        path = self._output / name
        async with self._session.get(result.url) as response:
            path.write_bytes(await response.read())  # a script's few megabytes
        seen = await asyncio.to_thread(probe, path)
        self.hear(result.message)
        self._say(f"   kept as {path}: {seen.summary}")
        self._caption(f"The clip is {seen.summary}.", {})
        self.must(seen.plays, "the clip plays")
        self.must(f"{seen.width_px}x{seen.height_px}" == expected.size, "it has its size")
        self.must((seen.fps, seen.duration_s) == (expected.fps, expected.duration_s), "it is whole")
        self.must(seen.has_audio is expected.sound, "it sounds exactly where sound was asked for")

    async def end(self, what: str) -> None:
        """The tour is over, or stopped: say so to those who look on."""
        self._title = "The tour is over"
        self._caption(what, {"end": True})
        if isinstance(self._api, WatchedApi):
            await self._api.flush()

    def _caption(self, says: str, more: Json) -> None:
        if isinstance(self._api, WatchedApi):
            self._api.tell({"title": self._title, "says": says[:MOST_LETTERS]} | more)

    async def paid(self) -> list[Json]:
        """What the video APIs have charged for."""
        async with self._session.get(self._emulator["ledger"]) as response:
            entries: list[Json] = (await response.json())["entries"]
            return entries

    async def jobs_in_order(self) -> list[str]:
        """The jobs' numbers, as the video APIs accepted them."""
        # The bot's own name for an attempt: cogreel-INSTALLATION-JOB-ATTEMPT.
        return [str(entry["request_id"]).split("-")[2] for entry in await self.paid()]

    async def turn_knobs(self, **knobs: object) -> None:
        """Change how the video APIs behave."""
        async with self._session.post(self._emulator["knobs"], json=knobs) as response:
            self.must(response.status == 200, "the video API can be told so")  # noqa: PLR2004


async def operator_channel(api: PeopleApi) -> str:
    """The channel for what only the operator can mend: on a server where no members are."""
    return await (await api.person("Mara")).channel("lobby")


def _lines(message: Json, names: dict[str, str]) -> str:
    """A message on one line, with mentions and time stamps as a chat would show them."""
    text = " / ".join(line for line in words(message).splitlines() if line)
    text = re.sub(r"<@(\d+)>", lambda found: f"@{names.get(found[1], found[1])}", text)
    text = re.sub(r" in <#\d+>", " in its thread", text)
    text = re.sub(r"<t:(\d+):\w>", lambda found: f"at {_utc(int(found[1]))}", text)
    return text.replace("-# ", "").replace("**", "")


def _utc(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
