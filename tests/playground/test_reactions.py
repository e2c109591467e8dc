import asyncio

import pytest

from playground.world import seed
from playground.world.emoji import is_emoji
from tests.playground.driver import PATIENCE_S, Driver
from tests.playground.sample_bot import SampleBot


async def test_a_reaction_is_told_with_who_gave_it(bot: SampleBot, driver: Driver) -> None:
    message = await bot.text_channel(seed.VIDEO_LAB).send("clip")
    reaction = {"channel": seed.VIDEO_LAB, "message": str(message.id), "emoji": "🔁"}

    shown = await driver.bob.does("/reaction", **reaction)
    await driver.bob.does("/reaction", **reaction)  # again: changes nothing
    await driver.echo.does("/reaction", **reaction)
    taken = await driver.bob.tries("/reaction", method="DELETE", **reaction)

    async with asyncio.timeout(PATIENCE_S):
        bobs, echos, gone = [await bot.reactions.get() for _ in range(3)]
    assert bobs.member
    assert (bobs.user_id, str(bobs.emoji), bobs.member.bot) == (int(seed.BOB), "🔁", False)
    assert [role.name for role in bobs.member.roles] == ["@everyone", "Regulars"]
    assert echos.member
    assert echos.member.bot
    assert (gone.event_type, gone.user_id) == ("REACTION_REMOVE", int(seed.BOB))
    assert shown["message"]["reactions"] == [{"emoji": "🔁", "count": 1, "people": [seed.BOB]}]
    assert taken.body["message"]["reactions"][0]["people"] == [seed.ECHO]


async def test_the_bot_reacts_and_reads_reactions(bot: SampleBot, driver: Driver) -> None:
    message = await bot.text_channel(seed.VIDEO_LAB).send("clip")
    for emoji in ("🔁", "❌"):
        await message.add_reaction(emoji)
    await driver.alice.does(
        "/reaction", channel=seed.VIDEO_LAB, message=str(message.id), emoji="❌"
    )

    await message.remove_reaction("🔁", bot.guilds[0].me)
    (cross,) = (await message.channel.fetch_message(message.id)).reactions
    people = {user.name async for user in cross.users()}

    assert (str(cross.emoji), cross.count, cross.me) == ("❌", 2, True)
    assert people == {"cogreel", "alice"}


async def test_a_message_takes_twenty_different_reactions(raw: Driver) -> None:
    said = await raw.bob.does("/message", channel=seed.GENERAL, content="x")
    path = f"/channels/{seed.GENERAL}/messages/{said['message']['id']}/reactions"
    emojis = [chr(0x1F600 + n) for n in range(21)]

    answers = [await raw.rest("PUT", f"{path}/{emoji}/@me") for emoji in emojis]
    unknown = await raw.rest("PUT", f"{path}/abc/@me")

    assert [answer.status for answer in answers] == [204] * 20 + [400]
    assert answers[-1].body["code"] == 30010
    assert unknown.body["code"] == 10014


@pytest.mark.parametrize("emoji", ["🔁", "❌", "▶️", "👩‍🚀", "👍🏽", "🇩🇪", "5️⃣", "❤️"])
def test_an_emoji_is_one(emoji: str) -> None:
    assert is_emoji(emoji)


@pytest.mark.parametrize("text", ["", "a", "5", "🔁a", "<b>", "\u200d", "🔁" * 17, "name:123"])
def test_other_text_is_none(text: str) -> None:
    assert not is_emoji(text)
