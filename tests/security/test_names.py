"""Somebody whose name, channel or server is called what a program could take for its own."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from playground.person import button

if TYPE_CHECKING:
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAMES = (
    "{0.__class__.__mro__} {actor} %s %(message)s",
    "$(touch /tmp/x) `id` '; DROP TABLE job; --",
    "@everyone <@&1320000000000000001> **x**",
    "a\nERROR   bot: forged",
)


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_is_neither_formatted_nor_run_nor_shown(
    empty_house: House, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    house = empty_house
    caplog.set_level(logging.DEBUG, logger="bot")
    caplog.set_level(logging.DEBUG, logger="cogs")
    world = house.playground.world
    alice, mara = house.people.alice, house.people.mara
    world.users[alice.id] = replace(world.users[alice.id], name=name)
    lab = world.channels[house.lab]
    lab.name = name
    assert lab.guild_id is not None
    world.guilds[lab.guild_id].name = name
    await house.start_bot()
    video = await house.video()
    await alice.click(video.message, button(video.message, "Edit"))
    await mara.command(house.lab, "quota set", videos=3, per="day", member=alice.id)
    told = (await mara.command(house.lab, "moderate log"))["message"]["content"]
    assert f"<@{alice.id}>" in told
    for text in [*house.public(), told, *(record.getMessage() for record in caplog.records)]:
        assert name not in text
        assert "forged" not in text
    assert await house.rows("SELECT count(*) FROM job") == [(1,)]
