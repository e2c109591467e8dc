"""Discord in trouble while it is answered: nothing is lost, nothing is made twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.demo.visit import result_of
from playground.knobs import Fault
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
