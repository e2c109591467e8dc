import asyncio
from typing import TYPE_CHECKING

import discord
import pytest

from playground.world import seed
from playground.world.permissions import Permission
from tests.playground.driver import PATIENCE_S, Driver
from tests.playground.sample_bot import SampleBot

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


async def test_the_bot_may_not_write_where_it_is_denied(bot: SampleBot, driver: Driver) -> None:
    with pytest.raises(discord.Forbidden) as refusal:
        await bot.text_channel(seed.ANNOUNCEMENTS).send("hm")

    assert refusal.value.code == 50013
    # A command is answered there all the same: that is the interaction's right, not the bot's.
    answer = await driver.alice.runs("say", channel=seed.ANNOUNCEMENTS, text="hello")
    assert answer["message"]["content"] == "hello"
    interaction = await asyncio.wait_for(bot.seen.get(), PATIENCE_S)
    assert not interaction.app_permissions.send_messages
    assert not interaction.permissions.send_messages


@pytest.mark.parametrize(
    ("denied", "act", "code"),
    [
        ("VIEW_CHANNEL", "send", 50001),
        ("SEND_MESSAGES", "send", 50013),
        ("ATTACH_FILES", "file", 50013),
        ("EMBED_LINKS", "embed", 50013),
        ("CREATE_PUBLIC_THREADS", "thread", 50013),
        ("SEND_MESSAGES_IN_THREADS", "in thread", 50013),
        ("ADD_REACTIONS", "react", 50013),
        ("READ_MESSAGE_HISTORY", "fetch", 50013),
    ],
)
async def test_a_permission_taken_by_a_knob_is_missed(
    bot: SampleBot, driver: Driver, denied: str, act: str, code: int
) -> None:
    channel = bot.text_channel(seed.VIDEO_LAB)
    message = await channel.send("start")
    thread = await (await channel.send("thread")).create_thread(name="x")
    acts: dict[str, Callable[[], Coroutine[object, object, object]]] = {
        "send": lambda: channel.send("x"),
        "file": lambda: channel.send(file=discord.File(__file__)),
        "embed": lambda: channel.send(embed=discord.Embed(title="x")),
        "thread": lambda: message.create_thread(name="x"),
        "in thread": lambda: thread.send("x"),
        "react": lambda: message.add_reaction("🔁"),
        "fetch": lambda: channel.fetch_message(message.id),
    }

    shown = await driver.knobs(bot_permissions={seed.VIDEO_LAB: [denied]})
    with pytest.raises(discord.Forbidden) as refusal:
        await acts[act]()
    await driver.knobs(bot_permissions={})
    await acts[act]()

    assert refusal.value.code == code
    assert shown["bot_permissions"] == {seed.VIDEO_LAB: [denied]}


async def test_the_client_learns_of_a_permission_taken(bot: SampleBot, driver: Driver) -> None:
    channel = bot.text_channel(seed.VIDEO_LAB)
    await driver.knobs(bot_permissions={seed.VIDEO_LAB: ["SEND_MESSAGES", "ATTACH_FILES"]})
    async with asyncio.timeout(PATIENCE_S):
        assert (await bot.changed.get()).id == channel.id

    assert not channel.permissions_for(channel.guild.me).send_messages


@pytest.mark.usefixtures("bot")
async def test_a_command_for_moderators_is_shown_to_moderators_only(driver: Driver) -> None:
    async def names(person: str) -> set[str]:
        query = {"as": person, "channel": seed.VIDEO_LAB}
        answer = await driver.people("GET", "/commands", query=query)
        return {command["name"] for command in answer.body["commands"]}

    assert "Greet" in await names(seed.MARA)
    assert "Greet" not in await names(seed.ALICE)
    refused = await driver.alice.tries(
        "/command", channel=seed.VIDEO_LAB, command="Greet", target=seed.BOB
    )
    assert refused.status == 404


async def test_people_see_the_channels_of_their_servers(driver: Driver) -> None:
    async def guild(person: str) -> int:
        query = {"as": person, "guild": seed.BACK_ROOM}
        return (await driver.people("GET", "/channels", query=query)).status

    assert await guild(seed.BOB) == 200
    assert await guild(seed.ALICE) == 404
    hidden = await driver.people(
        "GET", "/messages", query={"as": seed.ALICE, "channel": seed.LOBBY}
    )
    assert hidden.status == 404


async def test_only_those_who_may_write_do(driver: Driver) -> None:
    words = {"channel": seed.ANNOUNCEMENTS, "content": "Hear ye"}

    assert (await driver.alice.tries("/message", **words)).status == 403
    assert (await driver.mara.tries("/message", **words)).status == 200


def test_permission_bits_are_discords_own() -> None:
    for permission in Permission:
        flags = discord.Permissions(int(permission))
        names = {name for name, held in flags if held}
        expected = permission.name.lower() if permission.name else ""
        aliases = {
            "view_channel": "read_messages",
            "use_external_emojis": "external_emojis",
            "use_application_commands": "use_application_commands",
        }
        assert names & {expected, aliases.get(expected, expected)}, permission
