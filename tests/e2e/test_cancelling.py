"""A waiting video is cancelled by whoever asked for it, or by a moderator, in three ways."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from playground.person import button
from tests.e2e.house import labels

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

STATES = """SELECT job.state, sum(ledger.videos) FROM job JOIN ledger USING (job_id)
GROUP BY job_id ORDER BY job_id"""


async def a_waiting_video(house: House) -> Json:
    """The status message of Alice's second video, which waits behind her first."""
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    return await house.reads(await house.ask(), "is waiting, number 1 in line")


async def test_the_requester_cancels_with_the_button(house: House) -> None:
    waiting = await a_waiting_video(house)
    answer = await house.people.alice.click(waiting, button(waiting, "Cancel"))
    assert answer["message"]["ephemeral"]
    assert "Video #2 is cancelled. It cost nothing" in answer["message"]["content"]
    cancelled = await house.reads(waiting, "is cancelled")
    assert labels(cancelled) == ["Again", "Edit"]
    assert await house.rows(STATES) == [("rendering", 1), ("cancelled", 0)]
    assert house.paid == 1


async def test_the_requester_cancels_with_a_reaction(house: House) -> None:
    waiting = await a_waiting_video(house)
    await house.people.alice.react(waiting, "❌")
    cancelled = await house.reads(waiting, "is cancelled")
    assert "by a moderator" not in cancelled["content"]


async def test_a_moderator_cancels_with_the_button(house: House) -> None:
    waiting = await a_waiting_video(house)
    await house.people.mara.click(waiting, button(waiting, "Cancel"))
    await house.reads(waiting, "is cancelled by a moderator")


async def test_a_moderator_cancels_with_a_reaction(house: House) -> None:
    waiting = await a_waiting_video(house)
    await house.people.mara.react(waiting, "❌")
    await house.reads(waiting, "is cancelled by a moderator")


async def test_somebody_else_cancels_nothing(house: House) -> None:
    waiting = await a_waiting_video(house)
    bob = house.people.bob
    async with house.nothing_happens():
        await bob.react(waiting, "❌")
        answer = await bob.click(waiting, button(waiting, "Cancel"))
        assert answer["message"]["ephemeral"]
        assert "Only the member who asked for it, or a moderator" in answer["message"]["content"]
        answer = await bob.command(house.lab, "video cancel", job=2)
        assert "Only the member who asked" in answer["message"]["content"]


async def test_the_cross_under_a_finished_video_cancels_the_take_that_waits(house: House) -> None:
    alice = house.people.alice
    first = await house.video()
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    take = await alice.click(first.message, button(first.message, "Again"))
    status = await house.reads(take["message"], "is waiting")
    await alice.react(first.message, "❌")
    await house.reads(status, "is cancelled")


async def test_a_double_click_on_cancel_cancels_once(house: House) -> None:
    waiting = await a_waiting_video(house)
    alice, cancel = house.people.alice, button(waiting, "Cancel")
    answers = await asyncio.gather(*(alice.click(waiting, cancel) for _ in range(2)))
    told = sorted(answer["message"]["content"] for answer in answers)
    assert told[0].startswith("Video #2 is already cancelled.")
    assert told[1].startswith("Video #2 is cancelled.")


async def test_what_is_being_rendered_cannot_be_cancelled_and_says_why(house: House) -> None:
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    answer = await house.people.alice.command(house.lab, "video cancel")
    assert answer["message"]["ephemeral"]
    assert "already being made and paid for" in answer["message"]["content"]


async def test_video_cancel_takes_the_newest_waiting_one(house: House) -> None:
    waiting = await a_waiting_video(house)
    answer = await house.people.alice.command(house.lab, "video cancel")
    assert "Video #2 is cancelled" in answer["message"]["content"]
    await house.reads(waiting, "is cancelled")


async def test_cancelling_makes_the_others_move_up(house: House) -> None:
    await a_waiting_video(house)
    bob = house.people.bob
    # Alice was served last, so Bob is next.
    ahead = await house.reads(await house.ask(bob), "is waiting, number 1 in line")
    listing = await bob.command(house.lab, "video queue")
    assert "**#2** is waiting, number 2 in line" in listing["message"]["content"]
    await bob.click(ahead, button(ahead, "Cancel"))
    listing = await bob.command(house.lab, "video queue")
    assert "**#2** is waiting, number 1 in line" in listing["message"]["content"]


async def test_a_cancelled_video_stays_cancelled_after_a_restart(house: House) -> None:
    waiting = await a_waiting_video(house)
    await house.people.alice.click(waiting, button(waiting, "Cancel"))
    await house.restart_bot()
    house.let_renders_end()
    await house.people.alice.see(house.lab, lambda seen: "Video #1** is done" in seen["content"])
    assert house.paid == 1
