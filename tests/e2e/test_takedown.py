"""A moderator takes a video down: the post and the files go, the record stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cogs import clearing, put_off
from playground.knobs import Fault
from playground.person import RefusedError, button, words
from tests.e2e.crash_house import until
from tests.e2e.house import labels

if TYPE_CHECKING:
    from pathlib import Path

    from bot.demo.visit import Result
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

MENU = "Take this video down"
DELETE = "DELETE /channels/{channel_id}/messages/{message_id}"
DOWN = "was taken down by the moderators of this server."


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "SWEEP_S", 0.02)
    monkeypatch.setattr(put_off, "FIRST_WAIT_S", 0.02)


def clips(state_dir: Path) -> int:
    return len(list((state_dir / "files").glob("*.mp4")))


async def cleared_away(house: House) -> None:
    left = "SELECT count(*) FROM job WHERE taken_down_at_ms > 0 AND takedown_done_at_ms IS NULL"

    async def so() -> bool:
        return await house.rows(left) == [(0,)]

    await until(so)


async def is_there(house: House, result: Result) -> bool:
    message = result.message
    return await house.people.alice.message(message["channel_id"], message["id"]) is not None


async def says(house: House, **options: object) -> str:
    mara = house.people.mara
    message: Json = (await mara.command(house.lab, "moderate takedown", **options))["message"]
    assert message["ephemeral"]
    return str(message["content"])


async def test_the_post_and_the_file_go_and_the_status_says_no_more_than_that(
    house: House,
) -> None:
    alice = house.people.alice
    result = await house.video()
    (status,) = [seen for seen in await alice.messages(house.lab) if seen["author"]["bot"]]
    guild, channel = "1300000000000000000", result.message["channel_id"]
    link = f"https://discord.com/channels/{guild}/{channel}/{result.message['id']}"
    answer = await says(house, video=link, reason="vile")
    assert answer.startswith(f"Video #1 of <@{alice.id}> is taken down: its post and its files")
    await cleared_away(house)
    assert not await is_there(house, result)
    assert clips(house.state_dir) == 0
    shown = await house.reads(status, DOWN)
    assert shown["content"] == f"🚫 **Video #1** {DOWN}\n-# for <@{alice.id}>"
    assert labels(shown) == []
    assert await house.rows("SELECT state, request LIKE '%paper boat%' FROM job") == [
        ("delivered", 1)
    ]
    assert await says(house, video="#1") == "Video #1 was taken down before."
    rows = await house.rows("SELECT action, detail FROM audit_entry")
    assert [action for action, _ in rows] == ["job_taken_down"]
    assert "vile" in rows[0][1]


async def test_a_message_is_enough_to_take_its_video_down(house: House) -> None:
    result = await house.video()
    thread = result.message["channel_id"]
    interaction = await house.people.mara.use_on(thread, MENU, result.message["id"])
    assert interaction["message"]["ephemeral"]
    assert "is taken down" in interaction["message"]["content"]
    await cleared_away(house)
    assert not await is_there(house, result)


async def test_other_messages_are_no_video(house: House) -> None:
    mara = house.people.mara
    sent = await house.api.send(
        "/message", {"as": mara.id, "channel": house.lab, "content": "hello"}
    )
    interaction = await mara.use_on(house.lab, MENU, sent["message"]["id"])
    assert interaction["message"]["content"].startswith("That is no video of mine on this server.")
    for video in ("99", "hello", sent["message"]["id"]):
        assert (await says(house, video=video)).startswith("That is no video of mine")


async def test_a_take_of_it_stays_and_no_other_is_made(house: House) -> None:
    alice = house.people.alice
    first = await house.video()
    thread = first.message["channel_id"]
    interaction = await alice.click(first.message, button(first.message, "Again"))
    take = await alice.see(
        thread, lambda seen: "another take of #1" in words(seen) and bool(seen["attachments"])
    )
    status = await house.reads(interaction["message"], "is done")
    mara = house.people.mara
    await mara.command(house.lab, "moderate takedown", video="#1")
    await cleared_away(house)
    assert await alice.message(thread, take["id"]) is not None
    assert clips(house.state_dir) == 1  # the same clip is the take's
    (first_status,) = [seen for seen in await alice.messages(house.lab) if seen["author"]["bot"]]
    refusal = "so it is not made again. Start another one with `/video create`."
    async with house.nothing_happens():
        await alice.react(first_status, "🔁")
        await house.direct(alice, refusal)
    again = await alice.click(take, button(take, "Again"))
    assert not again["message"]["ephemeral"]
    assert DOWN not in status["content"]


async def test_what_is_being_made_is_not_posted(house: House) -> None:
    house.hold_renders()
    status = await house.ask()
    await house.reads(status, "is rendering")
    await says(house, video="1")
    await house.reads(status, DOWN)
    house.let_renders_end()

    async def ended() -> bool:
        return await house.rows("SELECT state, reason FROM job") == [("failed", "taken_down")]

    await until(ended)
    await cleared_away(house)
    assert clips(house.state_dir) == 0
    shown = await house.people.alice.message(house.lab, status["id"])
    assert shown is not None
    assert shown["thread"] is None


async def test_the_post_goes_also_after_trouble_and_a_restart(house: House) -> None:
    result = await house.video()
    house.playground.knobs.play(Fault(route=DELETE, times=6, do="status 403"))
    await says(house, video="1")
    await until(lambda: not house.playground.knobs.faults)
    await house.restart_bot()
    await cleared_away(house)
    assert not await is_there(house, result)


async def test_a_post_that_somebody_deleted_is_no_trouble(house: House) -> None:
    result = await house.video()
    channel = house.playground.world.channels[result.message["channel_id"]]
    del channel.messages[result.message["id"]]
    await says(house, video="1")
    await cleared_away(house)
    assert clips(house.state_dir) == 0


async def test_members_have_neither_the_command_nor_the_menu(house: House) -> None:
    alice = house.people.alice
    result = await house.video()
    with pytest.raises(RefusedError) as refused:
        await alice.command(house.lab, "moderate takedown", video="1")
    assert refused.value.code == "unknown_command"
    with pytest.raises(RefusedError) as refused:
        await alice.use_on(result.message["channel_id"], MENU, result.message["id"])
    assert refused.value.code == "unknown_command"
