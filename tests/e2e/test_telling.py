"""A member is told when their video is done, if they asked for it, and nobody else is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.demo.visit import picture
from playground.person import button, words
from tests.e2e.house import SIZE, WISH, WITHIN_S, labels

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def result_in(house: House, status: Json) -> Json:
    """The result in the thread of a status message, once it is there."""
    done = await house.reads(status, "is done in")
    return await house.people.alice.see(
        done["thread"]["id"], lambda seen: words(seen).startswith("🎬")
    )


async def all_told(house: House) -> None:
    async with asyncio.timeout(WITHIN_S):
        while await house.rows("SELECT 1 FROM job WHERE told_at_ms IS NULL"):
            await house.people.alice.messages(house.lab)


async def test_a_mention_in_the_result_tells_its_member_and_nobody_else(house: House) -> None:
    alice, bob = house.people.alice, house.people.bob
    house.hold_renders()
    status = await house.ask(notify="mention", prompt=f"<@{bob.id}> and @everyone in a boat")
    status = await house.reads(status, f"<@{alice.id}> is mentioned when it is done")
    assert labels(await house.reads(status, "is rendering")) == ["Do not tell me"]
    house.let_renders_end()
    result = await result_in(house, status)
    assert result["mentions"] == [alice.id]
    house.wanted_pings.append(words(result))
    await all_told(house)
    assert len(await alice.messages(result["channel_id"])) == 1, "said once"


async def test_a_button_asks_for_it_through_a_restart_and_is_its_members_alone(
    house: House,
) -> None:
    alice = house.people.alice
    house.hold_renders()
    status = await house.reads(await house.ask(), "is rendering")
    tell = button(status, "Tell me")
    await house.people.bob.click(status, tell)
    await house.told(house.people.bob, "Only the member who asked for it can be told when")
    await alice.click(status, tell)
    await house.told(alice, "I mention you when video #1 is done.")
    await house.reads(status, "is mentioned when it is done")
    await house.restart_bot()
    house.let_renders_end()
    result = await result_in(house, status)
    assert result["mentions"] == [alice.id]
    house.wanted_pings.append(words(result))
    await all_told(house)


async def test_who_asked_for_it_may_take_it_back_and_is_not_told(house: House) -> None:
    alice, bob = house.people.alice, house.people.bob
    house.hold_renders()
    status = await house.ask(notify="direct message")
    status = await house.reads(status, "gets a direct message when it is done")
    await bob.click(status, button(status, "Do not tell me"))
    await house.told(bob, "Only the member who asked for it can be told when")
    await alice.click(status, button(status, "Do not tell me"))
    await house.told(alice, "I do not tell you when video #1 is done.")
    async with asyncio.timeout(WITHIN_S):
        while "Do not tell me" in labels(status):
            status = await house.reads(status, "is rendering")
    assert "direct message" not in words(status)
    await alice.click(status, button(status, "Tell me"))
    await house.told(alice, "I mention you when video #1 is done. **Do not tell me** takes")
    status = await house.reads(status, "is mentioned when it is done")
    await alice.click(status, button(status, "Do not tell me"))
    async with asyncio.timeout(WITHIN_S):
        while await house.rows("SELECT 1 FROM job WHERE tell_by IS NOT NULL"):
            await alice.messages(house.lab)
    house.let_renders_end()
    result = await result_in(house, status)
    assert result["mentions"] == []
    async with asyncio.timeout(WITHIN_S):
        while labels(status):
            status = await house.reads(status, "is done in")
    assert "Tell me" not in words(status)


async def test_every_command_that_makes_a_video_takes_it(house: House) -> None:
    alice = house.people.alice
    await house.video()
    house.hold_renders()
    by_words = {"notify": "direct message"}
    dawn = {"image": ("dawn.png", picture("dawn"))}
    await alice.command(house.lab, "video references", dawn, prompt="They meet", **by_words)
    await house.says(house.lab, f"<@{alice.id}> gets a direct message when it is done")
    await alice.command(house.lab, "video extend", job=1, notify="mention")
    sent = {"size": SIZE, "duration": "model", "quality": "model"}
    form = await alice.command(house.lab, "video remix", job=1, **by_words)
    await alice.submit(form["modal"], prompt="At dawn", **sent)
    form = await alice.command(house.lab, "video looks", look="ink-wash", notify="mention")
    await alice.submit(form["modal"], subject="A heron")
    asked = [("command", "direct message"), ("command", "mention")]
    asked += [("extend", "mention"), ("remix", "direct message")]
    rows = "SELECT origin, tell_by FROM job WHERE job_id > 1 ORDER BY origin, tell_by"
    async with asyncio.timeout(WITHIN_S):
        while await house.rows(rows) != asked:
            await alice.messages(house.lab)


async def test_a_direct_message_leads_to_the_result_and_comes_once(house: House) -> None:
    alice, mara = house.people.alice, house.people.mara
    panel = (await mara.command(house.lab, "cogreel setup"))["message"]
    panel = (await mara.click(panel, button(panel, "Models")))["message"]
    form = await mara.click(panel, button(panel, "Ask about the cost of a video …"))
    await mara.submit(form["modal"], amount="0")
    wish = WISH | {"notify": "direct message"}
    await alice.command(house.lab, "video create", **wish)
    question = await house.told(alice, "Make it?")
    await alice.click(question, button(question, "Make it"))
    told = await house.direct(alice, "Video #1 is done.")
    status = await house.says(house.lab, "is done in")
    result = await result_in(house, status)
    assert told["content"].endswith(f"/{result['channel_id']}/{result['id']}")
    await all_told(house)
    await house.restart_bot()
    await house.rows_written("UPDATE job SET told_at_ms = NULL")  # as after a kill
    await house.restart_bot()
    await all_told(house)
    assert len(await alice.messages(told["channel_id"])) == 1


async def test_where_no_direct_message_is_taken_a_mention_tells_it(house: House) -> None:
    alice = house.people.alice
    await house.knobs(closed_dms=[alice.id])
    status = await house.ask(notify="direct message")
    result = await result_in(house, status)
    told = await alice.see(
        result["channel_id"], lambda seen: "Video #1 is done." in seen["content"]
    )
    assert told["mentions"] == [alice.id]
    house.wanted_pings.append(told["content"])
    await all_told(house)


async def test_a_member_is_also_told_that_nothing_comes(house: House) -> None:
    house.emulator.knobs.update({"faults": [{"on": "create", "do": "fail"}]})
    await house.ask(notify="mention")
    told = await house.says(house.lab, "🔔 **Video #1** could not be made: ")
    assert told["mentions"] == [house.people.alice.id]
    house.wanted_pings.append(told["content"])
    await all_told(house)
