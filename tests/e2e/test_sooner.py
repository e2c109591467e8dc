"""A member decides which of their own waiting videos goes first, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_member_puts_one_of_their_own_videos_first(house: House) -> None:
    alice, bob = house.people.alice, house.people.bob
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    second = await house.reads(await house.ask(), "is waiting, number 1 in line")
    third = await house.reads(await house.ask(), "is waiting, number 2 in line")
    answer = await alice.command(house.lab, "video sooner", job=3)
    assert answer["message"]["ephemeral"]
    told = answer["message"]["content"]
    assert told.startswith(
        "Video #3 goes before your other waiting videos. It is waiting, number 1"
    )
    assert "starts about <t:" in told
    await house.reads(third, "is waiting, number 1 in line")
    listing = await bob.command(house.lab, "video queue")
    lines = listing["message"]["content"].splitlines()
    assert [line.split()[0] for line in lines] == ["**#1**", "**#3**", "**#2**"]
    house.let_renders_end()
    await house.reads(third, "is done")
    await house.reads(second, "is done")


async def test_only_ones_own_waiting_videos_can_be_put_first(house: House) -> None:
    alice, bob = house.people.alice, house.people.bob
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    await house.reads(await house.ask(), "is waiting")
    async with house.nothing_happens():
        answer = await bob.command(house.lab, "video sooner", job=2)
        assert (
            "Only the member who asked for it can put this video first"
            in answer["message"]["content"]
        )
        answer = await alice.command(house.lab, "video sooner", job=1)
        assert "Video #1 does not wait any more" in answer["message"]["content"]
        answer = await alice.command(house.lab, "video sooner", job=9)
        assert "There is no video #9" in answer["message"]["content"]
