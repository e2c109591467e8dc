"""The tour's first part: what a member does most days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.stage import Expected
from bot.demo.visit import make_video, picture, result_of

if TYPE_CHECKING:
    from bot.demo.stage import Stage
    from bot.demo.visit import Result

PROMPT = "A paper boat sails over a quiet lake at sunset"
SIZE = "1280x720"  # the tour shows the path, not the pixels


async def words(stage: Stage) -> Result:
    """A video from words; the first one."""
    stage.title("Words become a video, with sound")
    stage.tell("Alice", f"/video create prompt:{PROMPT} size:1280x720 audio:yes")
    made = await make_video(stage.alice, stage.channel, prompt=PROMPT, audio=True, size=SIZE)
    await stage.keep(made, "1-words.mp4", Expected(sound=True))
    return made


async def frames(stage: Stage) -> None:
    """From a first frame, then also to a last one."""
    stage.title("An image comes to life")
    stage.tell("Alice", "/video create prompt:The sun climbs image:dawn.png size:1280x720")
    files = {"image": ("dawn.png", picture("dawn"))}
    image = await make_video(stage.alice, stage.channel, files, prompt="The sun climbs", size=SIZE)
    await stage.keep(image, "2-image.mp4")

    stage.title("From a first frame to a last one")
    stage.tell(
        "Alice",
        "/video create prompt:A day passes image:dawn.png last_image:dusk.png size:1280x720",
    )
    files["last_image"] = ("dusk.png", picture("dusk"))
    both = await make_video(stage.alice, stage.channel, files, prompt="A day passes", size=SIZE)
    await stage.keep(both, "3-first-and-last.mp4")


async def another_take(stage: Stage, of: Result) -> None:
    """A reaction does what Again does."""
    stage.title("A reaction makes another take")
    stage.tell("Mara", "reacts 🔁 to Alice's first video")
    await stage.mara.react(of.message, "🔁")
    thread = str(of.message["channel_id"])
    again = await stage.mara.see(
        thread,
        lambda message: "another take of" in message["content"] and not message["attachments"],
    )
    take = await result_of(stage.mara, thread, str(again["id"]))
    await stage.keep(take, "4-another-take.mp4", Expected(sound=True))
