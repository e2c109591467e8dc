"""Discord in trouble while it is answered: nothing is lost, nothing is made twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.demo.visit import result_of
from playground.knobs import Fault
from playground.world import threads
from tests.e2e.house import WISH

if TYPE_CHECKING:
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
SHOW = "PATCH /webhooks/{application_id}/{interaction_token}/messages/@original"
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
POST = "POST /channels/{channel_id}/messages"
THREAD = "POST /channels/{channel_id}/messages/{message_id}/threads"


async def test_a_first_showing_that_fails_is_made_up_for(house: House) -> None:
    house.playground.knobs.faults.append(Fault(route=SHOW, times=1, do="status 400"))
    alice = house.people.alice
    await alice.command(house.lab, "video create", **WISH)
    status = await alice.see(house.lab, lambda message: "is done" in message["content"])
    await result_of(alice, house.lab, status["id"])
    assert house.paid == 1


async def test_a_first_answer_whose_receipt_is_lost_counts_as_given(house: House) -> None:
    house.playground.knobs.faults.append(Fault(route=CALLBACK, times=1, do="lost_answer"))
    alice = house.people.alice
    await alice.command(house.lab, "video create", **WISH)
    status = await alice.see(house.lab, lambda message: "is done" in message["content"])
    await result_of(alice, house.lab, status["id"])
    assert house.paid == 1


@pytest.mark.parametrize("route", [POST, THREAD, EDIT])
@pytest.mark.parametrize("trouble", ["lost_answer", "status 500", "rate_limit 0.1"])
async def test_the_clip_is_posted_once_through_any_trouble(
    house: House, route: str, trouble: str
) -> None:
    house.playground.knobs.faults.append(Fault(route=route, times=1, do=trouble))
    alice = house.people.alice
    await alice.command(house.lab, "video create", **WISH)
    status = await alice.see(house.lab, lambda message: "is done" in message["content"])
    await result_of(alice, house.lab, status["id"])
    clips = [m for m in await alice.messages(status["thread"]["id"]) if m["attachments"]]
    assert len(clips) == 1
    assert house.paid == 1


async def test_a_lost_gateway_connection_loses_no_job(house: House) -> None:
    house.hold_renders()
    alice = house.people.alice
    await alice.command(house.lab, "video create", **WISH)
    await alice.see(house.lab, lambda message: "is rendering" in message["content"])
    await house.knobs(gateway="drop")
    house.let_renders_end()
    status = await alice.see(house.lab, lambda message: "is done" in message["content"])
    await result_of(alice, house.lab, status["id"])


async def test_a_thread_that_is_refused_for_certain_is_done_without(house: House) -> None:
    house.playground.knobs.faults.append(Fault(route=THREAD, times=1, do="status 400"))
    status = await house.reads(await house.ask(), "is done")
    assert status["thread"] is None
    result = await house.people.alice.see(house.lab, lambda seen: bool(seen["attachments"]))
    assert "because the thread could not be used" in result["content"]


async def test_a_post_that_is_refused_for_certain_goes_to_the_channel_above(house: House) -> None:
    house.playground.knobs.faults.append(Fault(route=POST, times=1, do="status 400"))
    await house.reads(await house.ask(), "is done")
    result = await house.people.alice.see(house.lab, lambda seen: bool(seen["attachments"]))
    assert result["channel_id"] == house.lab


@pytest.mark.parametrize("archived", [False, True])
async def test_a_thread_that_is_locked_meanwhile_gets_its_video_in_the_channel_above(
    house: House, archived: bool
) -> None:
    thread = (await house.video()).message["channel_id"]
    house.hold_renders()
    wish = WISH | {"prompt": "A second boat"}
    answer = await house.people.alice.command(thread, "video create", **wish)
    await house.reads(answer["message"], "is rendering")
    world = house.playground.world
    threads.set_archived(world, world.channels[thread], archived=archived, locked=True)
    house.let_renders_end()
    result = await house.people.alice.see(
        house.lab, lambda seen: seen["attachments"] and "Video #2" in seen["content"]
    )
    assert "because the thread is locked" in result["content"]
    assert await house.rows("SELECT state FROM job") == [("delivered",), ("delivered",)]
