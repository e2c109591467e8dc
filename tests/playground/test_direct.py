"""The direct conversation of one person with the bot."""

from typing import Any

import discord
from discord import app_commands

from playground.world import seed
from tests.playground.driver import Driver, Json
from tests.playground.sample_bot import SampleBot


async def test_a_person_opens_it_once_and_nobody_else_sees_it(driver: Driver) -> None:
    opened = (await driver.alice.does("/dm"))["channel"]
    assert (opened["kind"], opened["guild_id"], opened["name"]) == ("dm", None, "Cogreel")

    assert (await driver.alice.does("/dm"))["channel"] == opened
    assert await _channels(driver, seed.ALICE) == [opened]
    assert await _channels(driver, seed.BOB) == []
    answer = await driver.bob.tries("/message", channel=opened["id"], content="let me in")
    assert answer.status == 404


async def test_a_command_there_comes_without_server_and_member(
    bot: SampleBot, driver: Driver
) -> None:
    dm = (await driver.alice.does("/dm"))["channel"]["id"]

    answer = await driver.alice.runs("say", channel=dm, text="hello")

    interaction = await bot.seen.get()
    assert (interaction.guild_id, interaction.context.dm_channel) == (None, True)
    assert isinstance(interaction.user, discord.User)
    assert answer["message"]["channel_id"] == dm
    assert [each["content"] for each in await driver.alice.reads(dm)] == ["hello"]


async def test_only_commands_for_direct_messages_are_offered_there(
    bot: SampleBot, driver: Driver
) -> None:
    async def nothing(_: discord.Interaction) -> None: ...

    here = app_commands.AppCommandContext(guild=True)
    both = app_commands.AppCommandContext(guild=True, dm_channel=True)
    for name, contexts in (("here", here), ("both", both)):
        command: app_commands.Command[Any, ..., None] = app_commands.Command(
            name=name, description="d", callback=nothing, allowed_contexts=contexts
        )
        bot.tree.add_command(command)
    await bot.tree.sync()
    dm = (await driver.alice.does("/dm"))["channel"]["id"]

    assert {"here", "both"} <= await _commands(driver, seed.VIDEO_LAB)
    assert {"here", "both"} & await _commands(driver, dm) == {"both"}
    assert (await driver.alice.tries_to_run("here", channel=dm)).status == 404


async def test_buttons_and_reactions_work_there(driver: Driver, bot: SampleBot) -> None:
    assert bot.is_ready()
    dm = (await driver.alice.does("/dm"))["channel"]["id"]
    message = (await driver.alice.runs("counter", channel=dm))["message"]

    await driver.alice.does("/click", channel=dm, message=message["id"], custom_id="count:0")
    await driver.alice.does("/reaction", channel=dm, message=message["id"], emoji="🧿")

    (seen,) = await driver.alice.reads(dm)
    assert seen["components"][0]["components"][0]["label"] == "1 clicks"
    assert seen["reactions"] == [{"emoji": "🧿", "count": 1, "people": [seed.ALICE]}]


async def test_only_its_two_sides_are_named_there(bot: SampleBot, driver: Driver) -> None:
    async def whom(interaction: discord.Interaction, who: discord.User) -> None:
        await interaction.response.send_message(who.name)

    command: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="whom", description="d", callback=whom
    )
    bot.tree.add_command(command)
    await bot.tree.sync()
    dm = (await driver.alice.does("/dm"))["channel"]["id"]

    answer = await driver.alice.runs("whom", channel=dm, who=seed.ALICE)
    assert answer["message"]["content"] == "alice"
    assert (await driver.alice.tries_to_run("whom", channel=dm, who=seed.BOB)).status == 400


async def _channels(driver: Driver, person: str) -> list[Json]:
    found = await driver.people("GET", "/channels", query={"as": person})
    return list(found.body["channels"])


async def _commands(driver: Driver, channel: str) -> set[str]:
    query = {"as": seed.ALICE, "channel": channel}
    listed = (await driver.people("GET", "/commands", query=query)).body["commands"]
    return {each["name"] for each in listed}
