import discord
import pytest

from playground.world import seed
from tests.playground.driver import Driver
from tests.playground.sample_bot import SampleBot


async def _thread(bot: SampleBot) -> discord.Thread:
    message = await bot.text_channel(seed.VIDEO_LAB).send("start")
    return await message.create_thread(name="fox")


async def test_a_thread_has_the_id_of_its_message_and_is_seen_under_it(
    bot: SampleBot, driver: Driver
) -> None:
    thread = await _thread(bot)

    (message,) = await driver.alice.reads()
    assert message["id"] == message["thread"]["id"] == str(thread.id)
    assert message["thread"]["parent_id"] == seed.VIDEO_LAB
    assert thread.me


async def test_a_message_starts_one_thread_only(bot: SampleBot) -> None:
    thread = await _thread(bot)
    message = await bot.text_channel(seed.VIDEO_LAB).fetch_message(thread.id)

    with pytest.raises(discord.HTTPException) as refusal:
        await message.create_thread(name="again")

    assert refusal.value.code == 160004


async def test_an_archived_thread_is_woken_by_a_message_but_by_nothing_else(
    bot: SampleBot, driver: Driver
) -> None:
    thread = await _thread(bot)
    inside = await thread.send("inside")
    await thread.edit(archived=True)

    for act in (inside.edit(content="x"), inside.add_reaction("🔁"), inside.delete()):
        with pytest.raises(discord.HTTPException) as refusal:
            await act
        assert refusal.value.code == 50083
    refused = await driver.alice.tries_to_run("say", channel=str(thread.id), text="hi")
    await thread.send("awake")
    ran = await driver.alice.runs("say", channel=str(thread.id), text="hi")

    assert refused.status == 403
    assert ran["message"]["content"] == "hi"
    assert not (await driver.alice.reads())[0]["thread"]["archived"]


async def test_a_locked_thread_stays_shut(bot: SampleBot, driver: Driver) -> None:
    thread = await _thread(bot)
    with pytest.raises(discord.Forbidden):
        await thread.edit(locked=True)  # needs MANAGE_THREADS
    state = driver.playground.world.channels[str(thread.id)].thread
    assert state
    state.locked = True

    with pytest.raises(discord.HTTPException) as refusal:
        await thread.send("hm")
    assert refusal.value.code == 160005
    state.archived = True
    with pytest.raises(discord.HTTPException) as refusal:
        await thread.send("hm")
    assert refusal.value.code == 50083


async def test_people_join_a_thread_by_writing_in_it(bot: SampleBot, driver: Driver) -> None:
    thread = await _thread(bot)

    await driver.bob.does("/message", channel=str(thread.id), content="hello")
    await thread.add_user(discord.Object(int(seed.ALICE)))

    members = {str(member.id) for member in await thread.fetch_members()}
    assert members == {driver.playground.application_id, seed.BOB, seed.ALICE}


async def test_a_thread_may_start_from_no_message_and_be_renamed(
    bot: SampleBot, driver: Driver
) -> None:
    channel = bot.text_channel(seed.VIDEO_LAB)

    thread = await channel.create_thread(
        name="loose", type=discord.ChannelType.public_thread, auto_archive_duration=60
    )
    await thread.edit(name="tight", archived=True)
    archived = [each.name async for each in channel.archived_threads()]

    assert archived == ["tight"]
    active = await driver.rest("GET", f"/guilds/{seed.DARKROOM}/threads/active")
    assert active.body["threads"] == []


async def test_threads_are_not_made_in_threads(bot: SampleBot, driver: Driver) -> None:
    thread = await _thread(bot)
    inside = await thread.send("x")

    path = f"/channels/{thread.id}/messages/{inside.id}/threads"
    answer = await driver.rest("POST", path, {"name": "deeper"})

    assert answer.body["code"] == 50024
