"""What is asked for in a private channel stays there, also from those who guess its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from playground.world.events import ChannelChanged
from playground.world.model import Overwrite, OverwriteKind
from playground.world.permissions import Permission
from tests.e2e.house import WISH

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def private_channel(house: House) -> str:
    """#general, from now on for Alice, Bob and the bot only."""
    world = house.playground.world
    general = await house.people.alice.channel("general")
    channel = world.channels[general]
    assert channel.guild_id is not None
    sight = int(Permission.VIEW_CHANNEL)
    members = (house.people.alice.id, house.people.bob.id, house.playground.application_id)
    channel.overwrites = [
        Overwrite(channel.guild_id, OverwriteKind.ROLE, 0, sight),
        *(Overwrite(member, OverwriteKind.MEMBER, sight, 0) for member in members),
    ]
    world.publish(ChannelChanged(channel))
    return general


async def asked_in_private(house: House) -> Json:
    """Alice's video in the private channel, which renders."""
    house.hold_renders()
    channel = await private_channel(house)
    answer = await house.people.alice.command(channel, "video create", **WISH)
    message: Json = answer["message"]
    return await house.reads(message, "is rendering")


async def test_a_stranger_finds_no_video_by_its_number(house: House) -> None:
    await asked_in_private(house)
    for person in (house.people.chen, house.people.mara):
        for command in ("video status", "video cancel"):
            answer = await person.command(house.lab, command, job=1)
            assert answer["message"]["ephemeral"]
            assert "There is no video #1 here" in answer["message"]["content"]


async def test_the_queue_counts_what_the_asker_may_not_see(house: House) -> None:
    await asked_in_private(house)
    hidden = await house.people.chen.command(house.lab, "video queue")
    assert "**#1**" not in hidden["message"]["content"]
    assert "1 video in channels that you do not see" in hidden["message"]["content"]
    await house.reads(await house.ask(house.people.chen), "is waiting")
    both = await house.people.chen.command(house.lab, "video queue")
    lines = both["message"]["content"].splitlines()
    assert [line.split()[0] for line in lines] == ["**#2**", "-#"]


async def test_those_who_see_the_channel_see_its_videos_from_anywhere(house: House) -> None:
    await asked_in_private(house)
    for person in (house.people.alice, house.people.bob):
        status = await person.command(house.lab, "video status", job=1)
        assert "**Video #1** is rendering" in status["message"]["content"]
        queue = await person.command(house.lab, "video queue")
        assert queue["message"]["content"].startswith("**#1**")


async def test_in_the_thread_of_a_private_channel_the_video_is_known(house: House) -> None:
    status = await asked_in_private(house)
    house.let_renders_end()
    done = await house.reads(status, "is done")
    inside = await house.people.bob.command(done["thread"]["id"], "video status", job=1)
    assert "**Video #1** is done" in inside["message"]["content"]
    outside = await house.people.chen.command(house.lab, "video status", job=1)
    assert "There is no video #1 here" in outside["message"]["content"]
