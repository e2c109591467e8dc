"""Who acts in a chain of fault points, what they do there, and when it has come to rest."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING

from PIL import Image

from playground.person import PeopleApi, RefusedError, button, words
from tests.e2e.crash_house import PROMPT, SIZE, CrashHouse, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    import aiohttp

    from playground.person import Json, Person

RENDER_DELAY_S = 36_000.0  # virtual: the emulator's clock is moved
LASTING = 1_000


@dataclass(slots=True)
class Actors:
    """Who acts in a chain, and what they remember of it."""

    house: CrashHouse
    alice: Person
    mara: Person
    lab: str
    others: Iterator[Person]
    shades: Iterator[int] = field(default_factory=lambda: iter(range(0, 256, 40)))
    clip: Json | None = None  # a result that is reacted to
    is_set_up: bool = False

    @classmethod
    async def of(cls, house: CrashHouse, session: aiohttp.ClientSession) -> Actors:
        api = PeopleApi(session, house.playground.people_api)
        alice, bob, chen, mara = [
            await api.person(name) for name in ("Alice", "Bob", "Chen", "Mara")
        ]
        others = cycle((bob, chen, mara, alice))
        return cls(house, alice, mara, await alice.channel("video-lab"), others)

    async def connected(self) -> None:
        await until(lambda: self.house.playground.world.bot_connected)

    async def ask(self) -> Json:
        await self.connected()
        answer: Json = await self.alice.command(self.lab, "video create", prompt=PROMPT, size=SIZE)
        return answer

    async def result(self) -> Json:
        """A new video's result."""
        status = (await self.ask())["message"]
        thread = str(status["id"])
        result = await self.alice.see(thread, lambda seen: words(seen).startswith("🎬"))
        # A message is known as a job's from its record on: nobody reacts within that moment.
        await until(lambda: self.house.state() == "delivered")
        return result

    def rendering(self) -> bool:
        return self.house.state() == "rendering"


def mended(house: CrashHouse) -> None:
    """Nothing is wrong with the world any more, and all renders end."""
    house.order()
    house.emulator.knobs.update({"render_delay_s": 0, "advance_s": RENDER_DELAY_S})
    house.emulator.release()
    house.playground.knobs.closed_dms = []
    house.playground.world.deny_bot({})


async def park(actors: Actors) -> None:
    """Nothing takes Alice's result."""
    house = actors.house
    house.emulator.knobs.update({"render_delay_s": RENDER_DELAY_S})
    await actors.ask()
    await until(actors.rendering)
    house.playground.world.deny_bot({actors.lab: ["SEND_MESSAGES", "SEND_MESSAGES_IN_THREADS"]})
    house.playground.knobs.closed_dms = [actors.alice.id]
    house.emulator.knobs.update({"render_delay_s": 0, "advance_s": RENDER_DELAY_S})


async def claim_clip(actors: Actors) -> None:
    await actors.connected()
    parked = "SELECT count(*) FROM job WHERE parked_at_ms IS NOT NULL AND state = 'fetched'"
    if not actors.house.count(parked):
        await park(actors)
        await until(lambda: actors.house.count(parked))
    mended(actors.house)
    await actors.alice.command(actors.lab, "video claim")


async def claimed_at_last(actors: Actors) -> None:
    await actors.alice.command(actors.lab, "video claim")


async def take_down(actors: Actors) -> None:
    result = await actors.result()
    guild = actors.house.playground.world.channels[actors.lab].guild_id
    link = f"https://discord.com/channels/{guild}/{result['channel_id']}/{result['id']}"
    await actors.mara.command(actors.lab, "moderate takedown", video=link)


async def take_down_unfinished(actors: Actors) -> None:
    house = actors.house
    house.emulator.knobs.update({"render_delay_s": RENDER_DELAY_S})
    await actors.ask()
    await until(actors.rendering)
    number = house.count("SELECT max(job_id) FROM job")
    await actors.mara.command(actors.lab, "moderate takedown", video=str(number))
    house.emulator.knobs.update({"render_delay_s": 0, "advance_s": RENDER_DELAY_S})


async def withdraw(actors: Actors) -> None:
    await actors.result()
    asked = (await actors.alice.command(actors.lab, "privacy delete"))["message"]
    await actors.alice.click(asked, button(asked, "Delete all of it"))


async def storyboard(actors: Actors) -> None:
    """Two shots, the second of them from the end of the first; unless one goes on from before."""
    await actors.connected()
    if actors.house.count("SELECT count(*) FROM storyboard WHERE is_open = 1"):
        return
    wish = {"size": SIZE, "notify": "direct message"}
    draft = (await actors.alice.command(actors.lab, "video storyboard", **wish))["message"]
    for number, more in ((1, {}), (2, {"start": "former"})):
        wanted = f"**{number}** "
        if wanted not in draft["content"]:  # else it is there from before the kill
            form = await actors.alice.click(draft, button(draft, "Add shot"))
            await actors.alice.submit(form["modal"], prompt=PROMPT, **more)
            draft = await _says(actors, draft, wanted)
    await actors.alice.click(draft, button(draft, "Start"))


async def _says(actors: Actors, message: Json, words: str) -> Json:
    return await actors.alice.see(
        actors.lab, lambda seen: seen["id"] == message["id"] and words in seen["content"]
    )


async def storyboards_rest(actors: Actors) -> None:
    going = "SELECT count(*) FROM storyboard WHERE is_open = 1"
    await until(lambda: actors.house.count(going) == 0)


async def told_once_of_no_film(actors: Actors) -> None:
    """Of each storyboard that stands still its member is told once."""
    await storyboards_rest(actors)
    await until(
        lambda: actors.house.count("SELECT count(*) FROM storyboard WHERE tell_by IS NOT NULL") == 0
    )
    news = [text for text in actors.house.contents() if text.startswith("🔔 **Storyboard #")]
    stopped = actors.house.count("SELECT count(*) FROM storyboard WHERE film_job_id IS NULL")
    assert len(news) == len(set(news)) == stopped


async def cancel(actors: Actors) -> None:
    actors.house.order({"on": "create", "do": "error 429 1302", "times": LASTING})
    status = (await actors.ask())["message"]
    status = await actors.alice.see(
        actors.lab, lambda seen: seen["id"] == status["id"] and "is waiting" in seen["content"]
    )
    await actors.alice.click(status, button(status, "Cancel"))


async def react(actors: Actors) -> None:
    await actors.connected()
    if actors.clip is None:
        actors.clip = await actors.result()
    person = next(actors.others)
    with suppress(RefusedError):
        await person.unreact(actors.clip, "🔁")
    await person.react(actors.clip, "🔁")


async def question(actors: Actors) -> None:
    await actors.connected()
    if actors.clip is None:
        actors.clip = await actors.result()
    if not actors.is_set_up:
        panel = (await actors.mara.command(actors.lab, "cogreel setup"))["message"]
        panel = (await actors.mara.click(panel, button(panel, "Models")))["message"]
        form = await actors.mara.click(panel, button(panel, "Ask about the cost of a video …"))
        await actors.mara.submit(form["modal"], amount="0")
        actors.is_set_up = True
    person = next(actors.others)
    with suppress(RefusedError):
        await person.unreact(actors.clip, "🔁")
    await person.react(actors.clip, "🔁")
    asked = await person.see(
        str(actors.clip["channel_id"]),
        lambda seen: f"<@{person.id}>" in seen["content"] and "Make it?" in seen["content"],
    )
    await person.click(asked, button(asked, "Cancel"))


async def log_into_general(actors: Actors) -> None:
    await actors.connected()
    if not actors.is_set_up:
        general = await actors.alice.channel("general")
        panel = (await actors.mara.command(actors.lab, "cogreel setup"))["message"]
        panel = (await actors.mara.click(panel, button(panel, "Results and log")))["message"]
        await actors.mara.pick(panel, "cogreel:setup:log", general)
        actors.is_set_up = True
    number = actors.house.count("SELECT count(*) FROM audit")
    await actors.mara.command(actors.lab, "moderate words add", text=f"word{number}")


async def log_is_told(actors: Actors) -> None:
    behind = "SELECT max(seq) - (SELECT min(posted_seq) FROM log_cursor) FROM audit"
    await until(lambda: actors.house.count(behind) <= 0)


async def star(actors: Actors) -> None:
    """Somebody collects a new video of Alice's, and one star is enough for the gallery."""
    if not actors.is_set_up:
        await actors.connected()
        general = await actors.alice.channel("general")
        panel = (await actors.mara.command(actors.lab, "cogreel setup"))["message"]
        panel = (await actors.mara.click(panel, button(panel, "Gallery and reactions")))["message"]
        panel = (await actors.mara.pick(panel, "cogreel:setup:gallery", general))["message"]
        form = await actors.mara.click(panel, button(panel, "Stars for the gallery …"))
        await actors.mara.submit(form["modal"], stars="1")
        actors.is_set_up = True
    await actors.mara.react(await actors.result(), "⭐")


async def galleries_are_whole(actors: Actors) -> None:
    """Each video that has a star is there once."""
    wanted = "SELECT count(*) FROM further_post WHERE message_id IS NULL"
    await until(lambda: actors.house.count(wanted) == 0)
    heads = [text.partition("\n")[0] for text in actors.house.contents() if text.startswith("⭐ ")]
    assert len(heads) == len(set(heads)) == actors.house.count("SELECT count(*) FROM favourite")


async def notices_are_told(actors: Actors) -> None:
    unsent = "SELECT count(*) FROM notice WHERE sent_at_ms IS NULL"
    await until(lambda: actors.house.count(unsent) == 0)


async def ask(actors: Actors) -> None:
    await actors.ask()


async def ask_to_be_told(actors: Actors) -> None:
    await actors.connected()
    await actors.alice.command(
        actors.lab, "video create", prompt=PROMPT, size=SIZE, notify="direct message"
    )


async def all_are_told(actors: Actors) -> None:
    untold = "SELECT count(*) FROM job WHERE tell_by IS NOT NULL AND told_at_ms IS NULL"
    await until(lambda: actors.house.count(untold) == 0)


async def show_board(actors: Actors) -> None:
    """In the other channel each time: it is begun anew."""
    await actors.connected()
    at_present = actors.house.count("SELECT max(board_channel_id) FROM guild_setting")
    channels = [actors.lab, await actors.alice.channel("general")]
    panel = (await actors.mara.command(actors.lab, "cogreel setup"))["message"]
    panel = (await actors.mara.click(panel, button(panel, "Turns and time")))["message"]
    other = next(each for each in channels if int(each) != at_present)
    await actors.mara.pick(panel, "cogreel:setup:board", other)


async def board_is_shown(actors: Actors) -> None:
    await until(lambda: actors.house.count("SELECT count(message_id) FROM board"))


async def ask_with_an_image(actors: Actors) -> None:
    """Each of another shade: what is known already is not new to the disk."""
    await actors.connected()
    frame = io.BytesIO()
    Image.new("RGB", (640, 480), (next(actors.shades), 90, 40)).save(frame, "PNG")
    files = {"image": ("frame.png", frame.getvalue())}
    await actors.alice.command(actors.lab, "video create", files, prompt=PROMPT, size=SIZE)


async def made_from_an_image(actors: Actors) -> None:
    await ask_with_an_image(actors)
    await until(lambda: actors.house.count("SELECT count(*) FROM job"))
