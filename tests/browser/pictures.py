"""``make pictures``: photographs the page for the README and the guides, into ``docs/pictures/``.

The bot, the page and the clip are real. Instants are made up, so that a picture changes only where
what it shows has changed; as far as a browser's fonts allow.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

import aiohttp
from PIL import Image
from playwright.async_api import async_playwright, expect

import playground.clock
from benchmarks.history import lived_through
from emulator.server import Emulator
from playground.person import PeopleApi
from playground.server import Playground
from storage.database import FILE_NAME
from tests.browser.chromium import QUIET, chromium
from tests.browser.visitor import Visitor
from tests.e2e.house import House, People

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from playwright.async_api import Browser, Locator

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
BEGAN: Final = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
LAB, SIZE = "video-lab", "1280x720"
PROMPT = "A paper boat sails over a quiet lake at sunset"
PATIENCE_MS = 180_000  # polls come as seldom as in real life
SCALE = 2
QUALITY = 80
WIDTH_PX, MARGIN_PX = 720, 8  # what is further right is empty
SHOWN_AT_S = 2.0  # of the clip
LONGEST_BYTES = 150_000
VIDEOS_BEFORE = 180
# The words of each shot, and what it starts from.
SHOTS = (
    ("A lighthouse on a cliff before dawn, the camera glides towards it", ""),
    ("The sun rises behind the lighthouse", "the last frame of shot 1"),
    ("Gulls circle around its lamp, seen from below", "the words, and the image if there is one"),
)


class MadeUpClock(playground.clock.Clock):
    """The bot's clock, and the playground's: it begins at the same instant each time."""

    def __init__(self) -> None:
        self._began_s = monotonic()

    def now(self) -> datetime:
        """The present, aware UTC."""
        return BEGAN + timedelta(seconds=monotonic() - self._began_s)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(max(0.0, seconds))  # noqa: TID251  # a clock's own

    def now_s(self) -> float:
        """Seconds since 1970."""
        return self.now().timestamp()


class Studio:
    """The house, and a camera."""

    def __init__(self, browser: Browser, house: House, clock: MadeUpClock) -> None:
        self._browser = browser
        self.house = house
        self._clock = clock

    async def visitor(
        self, name: str, channel: str = LAB, *, width_px: int = 1200, height_px: int = 1600
    ) -> Visitor:
        """Somebody at the page, at a desk; high enough that nothing has to be scrolled."""
        profile: dict[str, object] = {
            "viewport": {"width": width_px, "height": height_px},
            "device_scale_factor": SCALE,
            "color_scheme": "dark",
            "reduced_motion": "reduce",
            "timezone_id": "UTC",
            "locale": "en-US",
        }
        visitor = await Visitor.arrive(
            self._browser, self.house.playground.page_url, name, channel, profile
        )
        await visitor.page.clock.set_system_time(self._clock.now())
        return visitor

    async def photograph(self, name: str, *messages: Locator) -> None:
        """Keep what reaches from the first of some messages to the last."""
        await messages[0].page.mouse.move(0, 0)
        await messages[-1].scroll_into_view_if_needed()
        boxes = [box for each in messages if (box := await each.bounding_box())]
        top = min(box["y"] for box in boxes) - MARGIN_PX
        bottom = max(box["y"] + box["height"] for box in boxes) + MARGIN_PX
        first = boxes[0]
        shot = await messages[0].page.screenshot(
            clip={"x": first["x"], "y": top, "width": WIDTH_PX, "height": bottom - top},
            animations="disabled",
        )
        await asyncio.to_thread(_keep, name, shot)


def say(line: str) -> None:
    """Tell whoever takes pictures."""
    sys.stderr.write(f"{line}\n")


def _keep(name: str, shot: bytes) -> None:
    path = FOLDER / f"{name}.webp"
    with Image.open(io.BytesIO(shot)) as image:
        image.convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)
    size = path.stat().st_size
    if size > LONGEST_BYTES:
        raise RuntimeError(f"{path.name} has {size} bytes, more than {LONGEST_BYTES}")
    say(f"{path.relative_to(FOLDER.parents[1])}: {size // 1000} kB")


async def status(studio: Studio) -> None:
    """One video is made, and the next one waits."""
    alice = await studio.visitor("Alice")
    studio.house.hold_renders()
    await alice.run("video create", prompt=PROMPT, size=SIZE, audio="True")
    await expect(alice.message("Video #1")).to_contain_text("is rendering, started")
    await alice.run("video create", prompt="The same boat in the rain", size=SIZE)
    waiting = alice.message("Video #2")
    await expect(waiting).to_contain_text("starts about", timeout=PATIENCE_MS)
    await studio.photograph("status", alice.message("Video #1"), waiting)
    studio.house.let_renders_end()
    await expect(waiting).to_contain_text("is done", timeout=PATIENCE_MS)
    await alice.leave()


async def thread(studio: Studio) -> None:
    """A finished video in its thread, with its buttons."""
    alice = await studio.visitor("Alice")
    asked = alice.message("Video #1").first
    await asked.get_by_role("button", name="Open the thread").first.click()
    result = alice.message("Video #1").filter(has=alice.page.locator("video")).last
    clip = result.locator("video")
    await expect(clip).to_be_visible()
    await clip.evaluate(
        """(video, at) => new Promise((seen) => {
            video.muted = true;
            video.controls = false;
            video.addEventListener("seeked", () => seen(null), {once: true});
            video.currentTime = at;
        })""",
        SHOWN_AT_S,
    )
    await studio.photograph("thread", result)
    await alice.leave()


async def refusal(studio: Studio) -> None:
    """A member over their limit is told so, and a moderator asks why."""
    mara, alice = await studio.visitor("Mara"), await studio.visitor("Alice")
    await mara.run("quota set", videos="2", per="day", member="@Alice")
    await alice.run("video create", prompt="One more, please", size=SIZE)
    refused = alice.message("used up")
    await expect(refused).to_contain_text("Only you can see this")
    await studio.photograph("refusal", refused)
    await mara.run("quota explain", member="@Alice")
    explained = mara.message("This one decides")
    await expect(explained).to_be_visible()
    await studio.photograph("explanation", explained)
    await alice.leave()
    await mara.leave()


async def setup(studio: Studio) -> None:
    """The panel in which moderators set a server up."""
    mara = await studio.visitor("Mara", width_px=990)  # so narrow that no row is cut
    await mara.run("cogreel setup")
    panel = mara.see("messages").get_by_role("listitem").last
    await expect(panel).to_contain_text("Who and where")
    await studio.photograph("setup", panel)
    await mara.leave()


async def page(studio: Studio) -> None:
    """All of the page, with what the bot sends and receives beside it."""
    chen = await studio.visitor("Chen", height_px=760)
    await chen.see("composer").fill("/video")
    await expect(chen.see("command-video create")).to_be_visible()
    shot = await chen.page.screenshot(animations="disabled")
    await asyncio.to_thread(_keep, "page", shot)
    await chen.leave()


async def usage(studio: Studio) -> None:
    """What a server made in a month, as a picture."""
    mara = await studio.visitor("Mara")
    await mara.run("usage")
    drawn = mara.see("messages").get_by_role("listitem").last
    await expect(drawn).not_to_contain_text("is thinking", timeout=PATIENCE_MS)
    await drawn.locator("img").last.evaluate("(image) => image.decode()")
    await studio.photograph("usage", drawn)
    await mara.leave()


async def storyboard(studio: Studio) -> None:
    """A draft of three shots, with what they cost."""
    bob = await studio.visitor("Bob", width_px=990)  # so narrow that its last line is not cut
    await bob.run("video storyboard", size=SIZE)
    draft = bob.see("messages").get_by_role("listitem").last
    await expect(draft).to_contain_text("No shots yet")
    for number, (prompt, start) in enumerate(SHOTS, 1):
        await draft.get_by_role("button", name="Add shot").click()
        form = bob.see("modal")
        await form.get_by_label("Prompt").fill(prompt)
        if number > 1:
            await form.get_by_label("Starts from").select_option(label=start)
        await bob.see("modal-submit").click()
        await expect(draft).to_contain_text(prompt)
    await studio.photograph("storyboard", draft)
    await bob.leave()


# In this order: later ones show what earlier ones made. Each keeps the pictures that it names.
SCENES: tuple[tuple[Callable[[Studio], Awaitable[None]], tuple[str, ...]], ...] = (
    (status, ("status",)),
    (thread, ("thread",)),
    (refusal, ("refusal", "explanation")),
    (setup, ("setup",)),
    (page, ("page",)),
)
# On a server with a month behind it.
LATER_SCENES = ((usage, ("usage",)), (storyboard, ("storyboard",)))
NAMES = tuple(name for _, names in (*SCENES, *LATER_SCENES) for name in names)


@asynccontextmanager
async def opened(browser: Browser, *, videos_before: int = 0) -> AsyncGenerator[Studio]:
    """The whole product behind the page, for as long as the block lasts."""
    clock = MadeUpClock()
    with tempfile.TemporaryDirectory() as folder:
        if videos_before:
            await lived_through(Path(folder) / FILE_NAME, jobs=videos_before, until=BEGAN)
        async with (
            Playground(clock=clock) as server,
            Emulator(in_flight_limit=1) as emulator,
            aiohttp.ClientSession() as session,
        ):
            api = PeopleApi(session, server.people_api)
            names = ("Alice", "Bob", "Chen", "Mara", "Echo")
            people = People(**{name.lower(): await api.person(name) for name in names})
            house = House(
                emulator=emulator,
                playground=server,
                api=api,
                session=session,
                people=people,
                lab=await people.alice.channel(LAB),
                state_dir=Path(folder),
                clock=clock,
            )
            try:
                await house.start_bot(account_in_flight=1, poll_pace=1.0)
                yield Studio(browser, house, clock)
            finally:
                await house.stop_bot()


async def take_all() -> int:
    """Take all pictures anew; 1 where there is no Chromium."""
    executable = chromium()
    if executable is None:
        say("There is no Chromium: apt-get install chromium, or CHROMIUM=…")
        return 1
    FOLDER.mkdir(exist_ok=True)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=executable, args=QUIET)
        async with opened(browser) as studio:
            for scene, _ in SCENES:
                await scene(studio)
        async with opened(browser, videos_before=VIDEOS_BEFORE) as studio:
            for scene, _ in LATER_SCENES:
                await scene(studio)
        await browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(take_all()))
