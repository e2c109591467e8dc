"""More of a video that there is: several takes, what comes after it, what else it could be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.demo.visit import result_of
from playground.person import button

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


def starts(words: str, seen: Json) -> bool:
    return str(seen["content"]).startswith(words)


async def test_one_click_makes_three_takes_each_with_its_own_message(house: House) -> None:
    bob = house.people.bob
    first = await house.video()
    thread = first.message["channel_id"]
    answer = await bob.click(first.message, button(first.message, "3 more takes"))
    assert not answer["message"]["ephemeral"]
    await result_of(bob, thread, answer["message"]["id"])
    for number in (2, 3, 4):
        await bob.see(thread, partial(starts, f"🎬 **Video #{number}** for <@{bob.id}>"))
    statuses = await house.rows("SELECT DISTINCT status_message_id FROM job WHERE job_id > 1")
    assert len(statuses) == 3
    assert house.paid == 4
