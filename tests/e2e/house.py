"""The whole product on loopback: emulator, playground, people, and a bot that comes and goes."""

from __future__ import annotations

import asyncio
import io
import sqlite3
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import av

from bot.app import composed
from bot.demo.visit import make_video
from bot.settings import Settings
from playground.person import words
from playground.world.components import Kind, walk, words_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import aiohttp
    from av.video.frame import VideoFrame

    from bot.client import CogreelBot
    from bot.clock import Clock
    from bot.demo.visit import Result
    from emulator.server import Emulator
    from playground.person import Json, PeopleApi, Person
    from playground.server import Playground
    from playground.world.model import Message

# One request for most tests: the emulator renders it once and serves it from then on.
PROMPT = "A paper boat on a quiet lake"
SIZE = "1280x720"
Files = dict[str, tuple[str, bytes]]  # by option: name and content
WISH: dict[str, object] = {"prompt": PROMPT, "size": SIZE}
POLL_PACE = 0.01  # polls every 0.05 to 0.1 s
LONG_S = 100_000.0  # on the emulator's clock: no render ends before a test says so
WITHIN_S = 20.0
LINKED = "watch or download"  # what a link to a clip says


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What PyAV finds in a posted file."""

    codec: str
    pixel_format: str | None
    size: str
    fps: float
    duration_s: float
    sounds: bool


@dataclass(slots=True, kw_only=True)
class People:
    """Who lives on the seeded servers: two members, a third with no role, a moderator, a bot."""

    alice: Person
    bob: Person
    chen: Person
    mara: Person
    echo: Person


@dataclass(slots=True, kw_only=True)
class House:
    """Everything of one test. Drive the people; ask the ledger and the database afterwards."""

    emulator: Emulator
    playground: Playground
    api: PeopleApi
    session: aiohttp.ClientSession
    people: People
    lab: str  # the channel #video-lab
    state_dir: Path
    bot: CogreelBot | None = None
    clock: Clock | None = None  # the machine's, where a test brings none
    wanted_pings: list[str] = field(default_factory=list[str])  # by the words of their messages
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)
    _paid_before: int = field(init=False)

    def __post_init__(self) -> None:
        self._paid_before = len(self.emulator.ledger)

    async def start_bot(self, **changes: object) -> None:
        """Start the bot on this house's database, and wait until people can talk to it."""
        settings: dict[str, object] = {
            "discord_token": self.playground.bot_token,
            "api_key": self.emulator.api_key,
            "gateway_url": self.emulator.api_base,
            "discord_api_url": self.playground.discord_api,
            "discord_gateway_url": self.playground.gateway_url,
            "state_dir": self.state_dir,
            "poll_pace": POLL_PACE,
            "health": False,
        }
        chosen = Settings.model_validate(settings | changes)
        self.bot = await self._running.enter_async_context(composed(chosen, clock=self.clock))
        token = chosen.discord_token.get_secret_value()
        connecting = asyncio.create_task(self.bot.start(token))
        self._running.push_async_callback(_ended, connecting)
        ready = asyncio.create_task(self.bot.wait_until_ready())
        await asyncio.wait({connecting, ready}, return_when=asyncio.FIRST_COMPLETED)
        if connecting.done():
            ready.cancel()
            connecting.result()

    async def stop_bot(self) -> None:
        """Stop as SIGTERM does: what is unfinished stays in the database."""
        self.bot = None
        await self._running.aclose()

    async def restart_bot(self, **changes: object) -> None:
        """Stop and start on the same database."""
        await self.stop_bot()
        await self.start_bot(**changes)

    @property
    def paid(self) -> int:
        """Creates that the provider has charged for in this test."""
        return len(self.emulator.ledger) - self._paid_before

    def hold_renders(self) -> None:
        """From now on no accepted task ends before `let_renders_end`."""
        self.emulator.knobs.update({"render_delay_s": LONG_S})

    def let_renders_end(self) -> None:
        """All accepted tasks, and later ones, may end."""
        self.emulator.knobs.update({"render_delay_s": 0, "advance_s": LONG_S})

    async def knobs(self, **changes: object) -> None:
        """Turn the playground's knobs."""
        await self.api.send("/knobs", changes)

    async def log(self) -> list[Json]:
        """What the bot sent to, and received from, the playground."""
        return list((await self.api.get("/log"))["entries"])

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read the bot's database, from outside."""

        def read() -> list[tuple[Any, ...]]:
            address = f"file:{self.state_dir / 'cogreel.sqlite3'}?mode=ro"
            with closing(sqlite3.connect(address, uri=True)) as db:
                return db.execute(query).fetchall()

        return await asyncio.to_thread(read)

    async def rows_written(self, statement: str) -> None:
        """Change the bot's database, from outside."""

        def write() -> None:
            with closing(sqlite3.connect(self.state_dir / "cogreel.sqlite3")) as db, db:
                db.execute(statement)

        await asyncio.to_thread(write)

    async def video(self, person: Person | None = None, /, **more: object) -> Result:
        """A finished video of one person's, Alice's by default, with the usual wish."""
        return await make_video(person or self.people.alice, self.lab, **(WISH | more))

    async def ask(self, person: Person | None = None, /, **more: object) -> Json:
        """Ask for a video and give the status message, whatever it says by now."""
        person = person or self.people.alice
        interaction = await person.command(self.lab, "video create", **(WISH | more))
        message: Json = interaction["message"]
        assert not message["ephemeral"], message["content"]
        return message

    async def reads(self, message: Json, said: str, person: Person | None = None) -> Json:
        """Look at a message until it has these words; the message as it is then."""
        person = person or self.people.alice
        return await person.see(
            message["channel_id"],
            lambda seen: seen["id"] == message["id"] and said in words(seen),
            within_s=WITHIN_S,
        )

    async def says(self, channel: str, said: str) -> Json:
        """Look at a channel until a public message without a file has these words."""
        return await self.people.alice.see(
            channel,
            lambda seen: said in words(seen) and not seen["attachments"],
            within_s=WITHIN_S,
        )

    async def told(self, person: Person, said: str, channel: str | None = None) -> Json:
        """Look until the person is told something in private; that message."""
        return await person.see(
            channel or self.lab,
            lambda seen: seen["ephemeral"] and said in words(seen),
            within_s=WITHIN_S,
        )

    async def direct(self, person: Person, said: str) -> Json:
        """Look into the person's direct messages with the bot until it says something."""
        # There is no such channel before the bot's first word.
        channel = self.playground.world.dm_with(person.id).id
        return await person.see(channel, lambda seen: said in words(seen), within_s=WITHIN_S)

    def public(self) -> list[str]:
        """Everything that was said in public and is still there, by its words."""
        return [
            words_in(message)
            for channel in self.playground.world.channels.values()
            if channel.guild_id is not None
            for message in channel.messages.values()
            if message.ephemeral_for is None
        ]

    def pings(self) -> list[str]:
        """The messages of the bot that pinged anybody; must be `wanted_pings`."""
        bot_id = self.playground.application_id
        return [
            words_in(message)
            for channel in self.playground.world.channels.values()
            for message in channel.messages.values()
            if message.author_id == bot_id
            and (message.mentions or message.mention_roles or message.mention_everyone)
        ]

    @asynccontextmanager
    async def nothing_happens(self) -> AsyncGenerator[None]:
        """Assert that the block leaves no job, reservation, charge or public message behind."""
        before = await self._ledgers()
        yield
        assert await self._ledgers() == before

    async def _ledgers(self) -> tuple[object, ...]:
        jobs = await self.rows("SELECT job_id, state FROM job ORDER BY job_id")
        reservations = await self.rows("SELECT job_id, kind FROM ledger ORDER BY entry_id")
        return jobs, reservations, self.paid, self.public()

    async def download(self, url: str) -> bytes:
        """Fetch a posted file."""
        async with self.session.get(url) as response:
            assert response.status == 200
            return await response.read()

    async def clip(self, message: Json) -> Clip:
        """Fetch and probe the MP4 of a result."""
        content = await self.download(message["attachments"][0]["url"])
        return await asyncio.to_thread(probe, content)


def labels(message: Json) -> list[str]:
    """The buttons under a message, by what they say."""
    found = walk(message["components"])
    return [item["label"] for item in found if item["type"] == Kind.BUTTON and "label" in item]


def words_in(message: Message) -> str:
    """Everything that is written in a message of the playground's world; see `words` too."""
    return words_of(message.content, message.components)


def gallery_of(message: Json) -> list[Json]:
    """The clips and pictures that a message shows where it is laid out."""
    galleries = [each for each in walk(message["components"]) if each["type"] == Kind.MEDIA_GALLERY]
    return [item for gallery in galleries for item in gallery["items"]]


def link_of(message: Json) -> str:
    """Where the button under a result leads that holds no file."""
    (link,) = [item["url"] for item in walk(message["components"]) if "url" in item]
    return str(link)


def probe(content: bytes) -> Clip:
    """Decode every frame of an MP4."""
    with av.open(io.BytesIO(content), "r") as container:
        stream = container.streams.video[0]
        frames: list[VideoFrame] = list(container.decode(stream))
        rate = float(stream.average_rate or 0)
        return Clip(
            codec=stream.codec_context.name,
            pixel_format=stream.codec_context.pix_fmt,
            size=f"{frames[0].width}x{frames[0].height}",
            fps=rate,
            duration_s=len(frames) / rate,
            sounds=bool(container.streams.audio),
        )


async def _ended(connecting: asyncio.Task[None]) -> None:
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)
