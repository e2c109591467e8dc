"""``make demo ONCE=1``: a scripted visit that tells what it sees, and fails where it is not so."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.demo.probe import probe
from bot.demo.visit import Result, make_video, picture, result_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import aiohttp

    from bot.demo.programs import StandIns
    from playground.person import Json, PeopleApi

PROMPT = "A paper boat sails over a quiet lake at sunset"
SIZE = "1280x720"  # the tour shows the path, not the pixels


class TourError(Exception):
    """A step did not do what it says."""


class Tour:
    """The visit. Prints a transcript; clips end up in ``output``."""

    def __init__(
        self,
        api: PeopleApi,
        session: aiohttp.ClientSession,
        found: StandIns,
        *,
        output: Path,
        say: Callable[[str], None],
    ) -> None:
        self._api = api
        self._session = session
        self._found = found
        self._output = output
        self._say = say
        self._names: dict[str, str] = {}
        self._step = 0

    async def play(self) -> None:
        """All steps, in order.

        Raises:
            TourError: A step did not do what it says.
        """
        alice, mara = await self._api.person("Alice"), await self._api.person("Mara")
        channel = await alice.channel("video-lab")
        self._names = {p["id"]: p["name"] for p in (await self._api.state())["people"]}
        self._output.mkdir(exist_ok=True)
        paid_before = await self._paid()

        self._title("Words become a video, with sound")
        self._tell("Alice", f"/video create prompt:{PROMPT} size:1280x720 audio:yes")
        words = await make_video(alice, channel, prompt=PROMPT, audio=True, size=SIZE)
        await self._keep(words, "1-words.mp4", sound=True)

        self._title("An image comes to life")
        self._tell("Alice", "/video create prompt:The sun climbs image:dawn.png size:1280x720")
        files = {"image": ("dawn.png", picture("dawn"))}
        image = await make_video(alice, channel, files, prompt="The sun climbs", size=SIZE)
        await self._keep(image, "2-image.mp4")

        self._title("From a first frame to a last one")
        self._tell(
            "Alice",
            "/video create prompt:A day passes image:dawn.png last_image:dusk.png size:1280x720",
        )
        files["last_image"] = ("dusk.png", picture("dusk"))
        both = await make_video(alice, channel, files, prompt="A day passes", size=SIZE)
        await self._keep(both, "3-first-and-last.mp4")

        self._title("A reaction makes another take")
        self._tell("Mara", "reacts 🔁 to Alice's first video")
        await mara.react(words.message, "🔁")
        thread = str(words.message["channel_id"])
        again = await mara.see(
            thread,
            lambda message: "another take of" in message["content"] and not message["attachments"],
        )
        take = await result_of(mara, thread, str(again["id"]))
        await self._keep(take, "4-another-take.mp4", sound=True)

        self._title("A moderator sets a quota, and it holds")
        self._tell("Mara", "/quota set videos:3 per:day member:Alice")
        answer = await mara.command(channel, "quota set", videos=3, per="day", member=alice.id)
        self._hear(answer)
        self._tell("Alice", "/video create prompt:One more, please")
        before = await self._paid()
        await alice.command(channel, "video create", prompt="One more, please")
        refusal = await alice.see(channel, lambda message: "used up" in message["content"])
        self._say(f"   Cogreel → {self._plain(refusal)}  (only Alice sees this)")
        self._must(refusal["ephemeral"], "the refusal is private")
        self._must(await self._paid() == before, "nothing was paid for it")
        self._must(before - paid_before == 4, "four videos were paid for, once each")  # noqa: PLR2004

    async def _keep(self, result: Result, name: str, *, sound: bool = False) -> None:
        path = self._output / name
        async with self._session.get(result.url) as response:
            path.write_bytes(await response.read())  # a script's few megabytes
        seen = await asyncio.to_thread(probe, path)
        self._say(f"   Cogreel → {self._plain(result.message)}")
        self._say(f"   kept as {path}: {seen.summary}")
        self._must(seen.plays, "the clip plays")
        self._must((seen.width_px, seen.height_px) == (1280, 720), "it has the size asked for")
        self._must((seen.fps, seen.duration_s) == (30, 5.0), "it has the length and rate")
        self._must(seen.has_audio is sound, "it sounds exactly where sound was asked for")

    def _plain(self, message: Json) -> str:
        return _lines(message, self._names)

    async def _paid(self) -> int:
        async with self._session.get(self._found.emulator["ledger"]) as response:
            return len((await response.json())["entries"])

    def _title(self, text: str) -> None:
        self._step += 1
        self._say(f"\n{self._step}. {text}")

    def _tell(self, who: str, what: str) -> None:
        self._say(f"   {who} → {what}")

    def _hear(self, interaction: Json) -> None:
        message = interaction["message"]
        self._must(message is not None, "the bot answered")
        self._say(f"   Cogreel → {self._plain(message)}")

    def _must(self, holds: object, what: str) -> None:
        if not holds:
            raise TourError(f"step {self._step}: it is not true that {what}")


def _lines(message: Json, names: dict[str, str]) -> str:
    """A message on one line, with mentions and time stamps as a chat would show them."""
    text = " / ".join(line for line in str(message["content"]).splitlines() if line)
    text = re.sub(r"<@(\d+)>", lambda found: f"@{names.get(found[1], found[1])}", text)
    text = re.sub(r"<t:(\d+):\w>", lambda found: f"at {_utc(int(found[1]))}", text)
    return text.replace("-# ", "").replace("**", "")


def _utc(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
