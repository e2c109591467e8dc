"""A server sees its videos in one message, which is kept true."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cogs import boards
from playground.person import button
from playground.world import places, posting
from playground.world.events import ChannelChanged
from playground.world.model import Overwrite, OverwriteKind
from playground.world.permissions import Permission
from tests.e2e.house import PROMPT, WITHIN_S

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEAD = "The videos of this server"


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "LOOK_EVERY_S", 0.05)


async def show_in(house: House, *channels: str) -> None:
    """What Mara picks in the panel."""
    mara = house.people.mara
    panel = (await mara.command(house.lab, "cogreel setup"))["message"]
    panel = (await mara.click(panel, button(panel, "Turns and time")))["message"]
    await mara.pick(panel, "cogreel:setup:board", *channels)


async def board(house: House, channel: str, *said: str) -> Json:
    """The board, once it says all of this."""
    return await house.people.alice.see(
        channel,
        lambda seen: HEAD in seen["content"] and all(each in seen["content"] for each in said),
        within_s=WITHIN_S,
    )


def boards_there(house: House) -> list[str]:
    return [text for text in house.public() if HEAD in text]


async def test_the_board_follows_the_videos_through_restarts_moves_and_deletion(
    house: House,
) -> None:
    alice, world = house.people.alice, house.playground.world
    general = await alice.channel("general")
    await show_in(house, general)
    first = await board(house, general, "🟢 Z.AI works.", "Nothing is waiting or running here")
    house.hold_renders()
    status = await house.ask()
    line = "**[#1](<https://discord.com/channels/"
    shown = await board(house, general, line, "most likely done by <t:", PROMPT)
    assert shown["id"] == first["id"], "one message"
    assert f"/{house.lab}/{status['id']}>)**" in shown["content"]
    second = await house.reads(await house.ask(house.people.bob, prompt="A kite"), "is waiting")
    await board(house, general, "is waiting, number 1 in line, and starts about <t:", "A kite")

    await house.restart_bot()
    await house.people.bob.click(second, button(second, "Cancel"))
    async with asyncio.timeout(WITHIN_S):
        while "A kite" in boards_there(house)[0]:
            await alice.messages(general)
    assert len(boards_there(house)) == 1

    posting.delete(world, world.channels[general].messages[first["id"]])
    house.let_renders_end()
    again = await board(house, general, "Nothing is waiting or running here")
    assert again["id"] != first["id"]

    await show_in(house, house.lab)
    await board(house, house.lab)
    async with asyncio.timeout(WITHIN_S):
        while len(boards_there(house)) > 1:
            await alice.messages(general)
    await show_in(house)
    async with asyncio.timeout(WITHIN_S):
        while boards_there(house) or await house.rows("SELECT * FROM board"):
            await alice.messages(general)


async def test_the_board_tells_nobody_what_not_everybody_may_know(house: House) -> None:
    alice, world = house.people.alice, house.playground.world
    general = await alice.channel("general")
    await show_in(house, general)
    lab = world.channels[house.lab]
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    await board(house, general, "**[#1](<", PROMPT)
    lab.nsfw = True
    world.publish(ChannelChanged(lab))
    async with asyncio.timeout(WITHIN_S):
        while PROMPT in boards_there(house)[0]:
            await alice.messages(general)
    await board(house, general, "**[#1](<")
    sight = int(Permission.VIEW_CHANNEL)
    who = (alice.id, house.playground.application_id)
    lab.overwrites = [
        Overwrite(lab.guild_id or "", OverwriteKind.ROLE, 0, sight),
        *(Overwrite(member, OverwriteKind.MEMBER, sight, 0) for member in who),
    ]
    world.publish(ChannelChanged(lab))
    hidden = await board(house, general, "… and 1 video in channels that not everybody sees")
    assert "#1" not in hidden["content"]


async def test_a_board_whose_channel_is_gone_is_off_and_the_log_says_so_once(
    house: House,
) -> None:
    alice, mara, world = house.people.alice, house.people.mara, house.playground.world
    general = await alice.channel("general")
    await show_in(house, general)
    await board(house, general)
    places.delete_channel(world, world.channels[general])
    changes = "SELECT count(*) FROM audit_entry WHERE action = 'setting_changed'"
    async with asyncio.timeout(WITHIN_S):
        while await house.rows(changes) != [(2,)]:
            await alice.messages(house.lab)
    logged = await mara.command(house.lab, "moderate log")
    assert "changed the channel of the board: none." in logged["message"]["content"]
    await house.restart_bot()
    await alice.command(house.lab, "video queue")
    assert await house.rows(changes) == [(2,)]
    assert await house.rows("SELECT board_channel_id FROM guild_setting") == [(None,)]


async def test_an_old_board_is_edited_seldom(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord limits that for the whole channel."""
    monkeypatch.setattr(boards, "OLD_AFTER", timedelta(days=-1))
    general = await house.people.alice.channel("general")
    await show_in(house, general)
    await board(house, general)
    house.hold_renders()
    await house.ask()
    await board(house, general, "**[#1](<")
    second = await house.ask(house.people.bob)
    await house.reads(second, "is waiting")
    assert "**[#2](<" not in boards_there(house)[0]
