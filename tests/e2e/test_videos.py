"""A member makes a video, and the bot shows how it comes along."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.demo.visit import make_video, picture
from playground.person import words
from tests.e2e.house import PROMPT, SIZE, WISH, Clip, Files, gallery_of, labels

if TYPE_CHECKING:
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAWN: tuple[str, bytes] = ("dawn.png", picture("dawn"))
DUSK: tuple[str, bytes] = ("dusk.png", picture("dusk"))


@pytest.mark.parametrize(
    ("files", "options", "mode"),
    [
        pytest.param({}, {}, "from text", id="text"),
        pytest.param({}, {"audio": True}, "sound", id="sound"),
        pytest.param({"image": DAWN}, {}, "from first frame", id="an image"),
        pytest.param(
            {"image": DAWN, "last_image": DUSK}, {}, "from first and last frame", id="two images"
        ),
    ],
)
async def test_a_wish_becomes_a_clip_in_a_thread_named_after_it(
    house: House,
    files: Files,
    options: dict[str, object],
    mode: str,
) -> None:
    video = await make_video(house.people.alice, house.lab, files, **(WISH | options))
    assert video.status["thread"]["name"] == PROMPT
    assert video.status["thread"]["parent_id"] == house.lab
    assert video.message["channel_id"] == video.status["thread"]["id"]
    assert video.message["author"]["bot"]
    assert f"for <@{house.people.alice.id}>" in words(video.message)
    assert f"> {PROMPT}" in words(video.message)
    assert mode in words(video.message)
    assert re.search(r" · made in \d+ s$", words(video.message))
    (shown,) = gallery_of(video.message)
    assert shown["media"]["url"] == video.url
    assert shown["description"] == PROMPT, "for those who do not see it"
    # Nothing waits there that could be cancelled.
    making, keeping = (
        ["Again", "3 more", "Extend", "Edit"],
        ["Favourite", "Send to me", "Report"],
    )
    assert labels(video.message) == making + keeping
    assert await house.clip(video.message) == Clip(
        codec="h264",
        pixel_format="yuv420p",
        size=SIZE,
        fps=30.0,
        duration_s=5.0,
        sounds=bool(options),
    )
    assert house.paid == 1


async def test_length_rate_and_size_are_as_asked(house: House) -> None:
    wish: dict[str, object] = {"size": "720 X 1280", "duration": 10, "fps": 60, "quality": "speed"}
    video = await house.video(**wish)
    clip = await house.clip(video.message)
    assert (clip.size, clip.duration_s, clip.fps) == ("720x1280", 10.0, 60.0)
    assert "720x1280 · 10 s · 60 fps · quality: speed" in words(video.message)


async def test_an_image_alone_is_enough(house: House) -> None:
    files: Files = {"image": DAWN}
    video = await make_video(house.people.alice, house.lab, files, prompt=" ", size=SIZE)
    assert "only the image" in words(video.message)
    assert video.status["thread"]["name"] == "Video #1"


async def test_the_status_message_follows_the_video(house: House) -> None:
    house.hold_renders()
    first = await house.ask()
    await house.reads(first, "is rendering, started <t:")
    second = await house.ask(house.people.bob)
    waiting = await house.reads(second, "is waiting, number 1 in line")
    assert labels(waiting) == ["Edit", "Cancel", "Tell me"]
    house.let_renders_end()
    done = await house.reads(first, "is done in <#")
    assert "✅ **Video #1**" in done["content"]
    assert labels(done) == []
    await house.reads(second, "is done in <#")
    assert house.paid == 2


async def test_expected_time_is_told_while_rendering(house: House) -> None:
    house.hold_renders()
    status = await house.reads(await house.ask(), "is rendering")
    assert "and usually takes " in status["content"]


async def test_in_a_thread_the_video_stays_in_the_thread(house: House) -> None:
    alice = house.people.alice
    first = await house.video()
    thread = first.status["thread"]["id"]
    second = await make_video(alice, thread, **WISH)
    assert second.status["channel_id"] == thread
    assert second.message["channel_id"] == thread
    assert second.status["thread"] is None


async def test_a_render_that_fails_is_told_and_counts_against_no_limit(house: House) -> None:
    mara, alice = house.people.mara, house.people.alice
    await mara.command(house.lab, "quota set", videos=1, per="day", member=alice.id)
    house.emulator.knobs.update({"faults": [{"on": "create", "do": "fail"}]})
    failed = await house.reads(await house.ask(), "could not be made")
    assert "counts against no limit. Try again" in failed["content"]
    assert labels(failed) == ["Again", "Edit"]
    assert await house.rows("SELECT kind FROM ledger") == [("reserve",), ("release",)]
    await house.video()


async def test_a_refused_prompt_is_told_with_the_next_step(house: House) -> None:
    fault = {"on": "create", "do": "error 400 1301"}
    house.emulator.knobs.update({"faults": [fault]})
    failed = await house.reads(await house.ask(), "could not be made")
    assert "Change the prompt and try again" in failed["content"]
    assert house.paid == 0


async def test_a_wish_nobody_may_ping_with_pings_nobody(house: House) -> None:
    bob = house.people.bob
    typed = f"@everyone look, <@{bob.id}> and @here and <@&{bob.id}>"
    video = await house.video(prompt=typed)
    assert gallery_of(video.message)[0]["description"] == typed, "which nobody is told of"
    seen = [video.status, video.message]
    assert [message["mentions"] for message in seen] == [[], []]
    assert house.pings() == []


async def test_direction_and_zero_width_characters_stay_out_of_the_thread_name(
    house: House,
) -> None:
    video = await house.video(prompt="a \u202edlrow\u202c\u200b of\u2066 مرحبا\u00ad \u200dsea")
    assert video.status["thread"]["name"] == "a dlrow of مرحبا sea"


async def test_markdown_of_a_prompt_formats_nothing(house: House) -> None:
    video = await house.video(prompt="**bold** `code` [x](https://example.com) ||spoiler||")
    assert r"\*\*bold\*\*" in words(video.message)
    assert r"\|\|spoiler" in words(video.message)
    assert r"\`code\`" in words(video.message)
