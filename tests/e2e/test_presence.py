"""How the bot arrives at Discord: what it asks for, what it registers, what it takes up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from bot.demo.visit import result_of

if TYPE_CHECKING:
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

GUILDS, GUILD_MESSAGE_REACTIONS = 1 << 0, 1 << 10
SYNC = "PUT /applications/"


async def syncs(house: House) -> int:
    return sum(entry["summary"].startswith(SYNC) for entry in await house.log())


async def test_it_asks_for_servers_and_their_reactions_only(house: House) -> None:
    identifies = [entry for entry in await house.log() if entry["summary"] == "IDENTIFY"]
    assert [entry["body"]["intents"] for entry in identifies] == [GUILDS | GUILD_MESSAGE_REACTIONS]


async def test_commands_are_synced_once_and_not_at_the_second_start(house: House) -> None:
    assert await syncs(house) == 1
    await house.restart_bot()
    assert await syncs(house) == 1
    await house.video()


async def test_its_commands_are_for_servers_only_but_for_ones_own_privacy(house: House) -> None:
    [entry] = [entry for entry in await house.log() if entry["summary"].startswith(SYNC)]
    commands = entry["body"]["request"]
    assert sorted(command["name"] for command in commands) == [
        "About this video",
        "Animate this image",
        "Take this video down",
        "budget",
        "cogreel",
        "jobs",
        "moderate",
        "privacy",
        "quota",
        "usage",
        "video",
    ]
    for command in commands:
        assert command["contexts"] == ([0, 1] if command["name"] == "privacy" else [0])
        assert command["integration_types"] == [0]


async def test_what_waited_and_rendered_goes_on_after_a_restart(house: House) -> None:
    house.hold_renders()
    first = await house.reads(await house.ask(), "is rendering")
    second = await house.reads(await house.ask(house.people.bob), "is waiting")
    await house.restart_bot()
    house.let_renders_end()
    await result_of(house.people.alice, house.lab, first["id"])
    await result_of(house.people.bob, house.lab, second["id"])
    assert house.paid == 2


async def test_a_lost_gateway_connection_is_taken_up_again(house: House) -> None:
    house.hold_renders()
    status = await house.reads(await house.ask(), "is rendering")
    await house.knobs(gateway="drop")
    house.let_renders_end()
    await result_of(house.people.alice, house.lab, status["id"])


async def test_a_wrong_token_stops_it_before_anything_is_paid(empty_house: House) -> None:
    house = empty_house
    with pytest.raises(discord.LoginFailure):
        await house.start_bot(discord_token="no.such.token")
    assert house.paid == 0
