"""Where the bot may not do all it would, people get their video, and are told what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from playground.person import words
from tests.e2e.house import LINKED, WISH, link_of

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def assert_link_plays(house: House, message: Json) -> None:
    assert message["attachments"] == []
    url = link_of(message)
    assert (await house.download(url))[4:8] == b"ftyp"


async def test_without_threads_the_channel_gets_it_and_the_permission_is_named(
    house: House,
) -> None:
    await house.knobs(bot_permissions={house.lab: ["CREATE_PUBLIC_THREADS"]})
    video = await house.video()
    assert video.status["thread"] is None
    assert video.message["channel_id"] == house.lab
    assert "because **Create Public Threads** is missing" in words(video.message)
    assert house.paid == 1


async def test_without_speech_in_threads_the_channel_gets_it(house: House) -> None:
    await house.knobs(bot_permissions={house.lab: ["SEND_MESSAGES_IN_THREADS"]})
    video = await house.video()
    assert video.message["channel_id"] == house.lab
    assert "**Send Messages in Threads** is missing" in words(video.message)


async def test_without_files_a_link_is_posted_that_plays(house: House) -> None:
    await house.knobs(bot_permissions={house.lab: ["ATTACH_FILES"]})
    status = await house.reads(await house.ask(), "is done")
    message = await house.says(status["thread"]["id"], LINKED)
    assert "**Attach Files** is missing" in words(message)
    assert "until about <t:" in words(message)
    await assert_link_plays(house, message)


async def test_where_discord_takes_no_file_at_all_a_link_alone_is_posted(house: House) -> None:
    await house.knobs(attachment_limit_bytes=1_000)
    status = await house.reads(await house.ask(), "is done")
    message = await house.says(status["thread"]["id"], LINKED)
    assert "larger than can be posted here" in words(message)
    # The clip, which is too small already for another encode to help, and the picture.
    assert len([entry for entry in await house.log() if entry["status"] == 413]) == 2
    assert house.paid == 1


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        pytest.param(["SEND_MESSAGES"], "**Send Messages** is missing", id="speech"),
        pytest.param(
            ["VIEW_CHANNEL"], "**View Channel** and **Send Messages** are missing", id="sight"
        ),
    ],
)
async def test_where_the_bot_may_not_write_nothing_is_started(
    house: House, missing: list[str], named: str
) -> None:
    await house.knobs(bot_permissions={house.lab: missing})
    async with house.nothing_happens():
        answer = await house.people.alice.command(house.lab, "video create", **WISH)
        assert answer["message"]["ephemeral"]
        assert named in answer["message"]["content"]
        assert "Nothing was started" in answer["message"]["content"]


async def test_in_a_thread_where_the_bot_may_not_write_nothing_is_started(house: House) -> None:
    first = await house.video()
    thread = first.message["channel_id"]
    await house.knobs(bot_permissions={house.lab: ["SEND_MESSAGES_IN_THREADS"]})
    async with house.nothing_happens():
        answer = await house.people.alice.command(thread, "video create", **WISH)
        assert answer["message"]["ephemeral"]
        assert "**Send Messages in Threads** is missing" in answer["message"]["content"]


async def test_a_reaction_where_the_bot_may_not_write_starts_nothing(house: House) -> None:
    first = await house.video()
    await house.knobs(bot_permissions={house.lab: ["SEND_MESSAGES_IN_THREADS"]})
    async with house.nothing_happens():
        await house.people.alice.react(first.message, "🔁")
        refusal = await house.direct(house.people.alice, "is missing")
    assert "**Send Messages in Threads**" in refusal["content"]


async def test_a_permission_lost_while_rendering_is_named_beside_the_clip(house: House) -> None:
    house.hold_renders()
    status = await house.reads(await house.ask(), "is rendering")
    await house.knobs(bot_permissions={house.lab: ["CREATE_PUBLIC_THREADS"]})
    house.let_renders_end()
    done = await house.reads(status, "is done")
    assert done["thread"] is None
    result = await house.people.alice.see(house.lab, lambda seen: bool(seen["attachments"]))
    assert "**Create Public Threads**" in words(result)


async def test_a_bot_without_any_files_or_threads_still_delivers(house: House) -> None:
    denied = ["CREATE_PUBLIC_THREADS", "ATTACH_FILES", "READ_MESSAGE_HISTORY", "EMBED_LINKS"]
    await house.knobs(bot_permissions={house.lab: denied})
    await house.reads(await house.ask(), "is done")
    message = await house.says(house.lab, LINKED)
    assert "**Attach Files**" in words(message)
    assert "**Create Public Threads**" in words(message)
