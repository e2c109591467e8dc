import asyncio
import io
import json

import aiohttp
import discord
import pytest

from playground.world import seed
from tests.playground.driver import PATIENCE_S, Driver, Json
from tests.playground.sample_bot import CLIP, SampleBot

LAB = f"/channels/{seed.VIDEO_LAB}/messages"


async def test_a_message_is_posted_edited_read_and_deleted(bot: SampleBot, driver: Driver) -> None:
    channel = bot.text_channel(seed.VIDEO_LAB)

    message = await channel.send("one", embed=discord.Embed(title="A fox", colour=0x123456))
    await message.edit(content="two", view=discord.ui.View().add_item(discord.ui.Button(label="x")))
    read = [each async for each in channel.history(limit=5)]
    (seen,) = await driver.alice.reads()
    await message.delete()

    assert [each.content for each in read] == ["two"]
    assert seen["content"] == "two"
    assert seen["edited_at"]
    assert seen["embeds"][0]["title"] == "A fox"
    assert await driver.alice.reads() == []


@pytest.mark.usefixtures("bot")
async def test_history_comes_in_pages(driver: Driver) -> None:
    ids = [(await driver.rest("POST", LAB, {"content": str(n)})).body["id"] for n in range(5)]

    async def contents(query: str) -> str:
        answer = await driver.rest("GET", f"{LAB}?{query}")
        return "".join(message["content"] for message in answer.body)

    assert await contents("limit=2") == "43"
    assert await contents(f"before={ids[2]}&limit=1") == "1"
    assert await contents(f"after={ids[1]}&limit=2") == "32"
    assert await contents(f"around={ids[2]}&limit=3") == "321"


async def test_a_repeated_nonce_gives_the_message_it_made(driver: Driver) -> None:
    body = {"content": "once", "nonce": "job-7", "enforce_nonce": True}

    first, second = [await driver.rest("POST", LAB, body) for _ in range(2)]
    other = await driver.rest("POST", LAB, {**body, "nonce": "job-8"})

    assert first.body["id"] == second.body["id"] != other.body["id"]
    assert first.body["nonce"] == "job-7"
    assert len(await driver.alice.reads()) == 2


async def test_an_answer_lost_after_its_effect_is_found_again_by_its_nonce(
    bot: SampleBot, driver: Driver
) -> None:
    route = "POST /channels/{channel_id}/messages"
    await driver.knobs(faults=[{"route": route, "times": 1, "do": "lost_answer"}])
    channel = bot.text_channel(seed.VIDEO_LAB)

    with pytest.raises(aiohttp.ClientError):
        await channel.send("once", nonce="job-7")
    message = await channel.send("once", nonce="job-7")

    assert [each["id"] for each in await driver.alice.reads()] == [str(message.id)]


async def test_a_hanging_request_has_taken_effect_and_answers_when_released(
    bot: SampleBot, driver: Driver
) -> None:
    route = "POST /channels/{channel_id}/messages"
    await driver.knobs(faults=[{"route": route, "times": 1, "do": "hang"}])

    sending = asyncio.create_task(bot.text_channel(seed.VIDEO_LAB).send("hm"))
    seen = await driver.alice.sees(lambda message: message["content"] == "hm")
    assert not sending.done()
    await driver.knobs(release_hangs=True)

    assert str((await asyncio.wait_for(sending, PATIENCE_S)).id) == seen["id"]


async def test_a_fault_of_a_status_has_no_effect(bot: SampleBot, driver: Driver) -> None:
    route = "POST /channels/{channel_id}/messages"
    faults = [{"route": route, "times": 1, "do": "status 503"}]
    left = await driver.knobs(faults=faults)

    with pytest.raises(discord.DiscordServerError):
        await bot.text_channel(seed.VIDEO_LAB).send("hm")

    assert left["faults"] == faults
    assert await driver.alice.reads() == []
    assert (await driver.knobs())["faults"] == []


async def test_only_allowed_mentions_ping(driver: Driver) -> None:
    text = f"<@{seed.ALICE}> <@{seed.BOB}> @everyone <@&{seed.REGULARS}>"

    async def pinged(allowed: Json | None) -> Json:
        body = {"content": text, **({"allowed_mentions": allowed} if allowed else {})}
        return dict((await driver.rest("POST", LAB, body)).body)

    free = await pinged(None)
    closed = await pinged({"parse": []})
    one = await pinged({"parse": [], "users": [int(seed.BOB)]})  # as discord.py writes them

    assert [user["id"] for user in free["mentions"]] == [seed.ALICE, seed.BOB]
    assert not free["mention_everyone"]  # the bot holds no MENTION_EVERYONE
    assert free["mention_roles"] == []  # nor is the role mentionable
    assert closed["mentions"] == []
    assert [user["id"] for user in one["mentions"]] == [seed.BOB]


async def test_a_reply_pings_its_author_and_names_its_message(
    bot: SampleBot, driver: Driver
) -> None:
    said = await driver.bob.does("/message", channel=seed.VIDEO_LAB, content="hello")
    message = await bot.text_channel(seed.VIDEO_LAB).fetch_message(int(said["message"]["id"]))

    await message.reply("hi")

    reply = (await driver.bob.reads())[-1]
    assert (reply["reply_to"], reply["mentions"]) == (said["message"]["id"], [seed.BOB])


async def test_files_are_kept_and_added_by_edits(bot: SampleBot, driver: Driver) -> None:
    channel = bot.text_channel(seed.VIDEO_LAB)
    files = [discord.File(io.BytesIO(CLIP), name) for name in ("a.mp4", "../b c.txt")]

    message = await channel.send(files=files)
    assert [each.filename for each in message.attachments] == ["a.mp4", "b_c.txt"]
    added = discord.File(io.BytesIO(b"z"), "z.txt", description="last")
    await message.edit(attachments=[message.attachments[0], added])

    (seen,) = await driver.alice.reads()
    assert [each["filename"] for each in seen["attachments"]] == ["a.mp4", "z.txt"]


async def test_an_embed_may_show_an_attached_image(bot: SampleBot, driver: Driver) -> None:
    embed = discord.Embed(title="x").set_image(url="attachment://a.png")
    file = discord.File(io.BytesIO(b"x"), "a.png")

    await bot.text_channel(seed.VIDEO_LAB).send(embed=embed, file=file)

    (seen,) = await driver.alice.reads()
    assert seen["embeds"][0]["image"]["url"] == seen["attachments"][0]["url"]


async def test_a_layout_of_components_v2_is_taken(bot: SampleBot, driver: Driver) -> None:
    view = discord.ui.LayoutView()
    gallery: discord.ui.MediaGallery[discord.ui.LayoutView] = discord.ui.MediaGallery(
        discord.MediaGalleryItem("attachment://a.mp4")
    )
    row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow(
        discord.ui.Button(label="Again", custom_id="again:1")
    )
    view.add_item(
        discord.ui.Container(discord.ui.TextDisplay("A fox"), gallery, discord.ui.Separator(), row)
    )

    message = await bot.text_channel(seed.VIDEO_LAB).send(
        view=view, file=discord.File(io.BytesIO(CLIP), "a.mp4")
    )

    assert message.flags.components_v2
    (seen,) = await driver.alice.reads()
    media = seen["components"][0]["components"][1]["items"][0]["media"]
    assert media["url"] == seen["attachments"][0]["url"]


async def test_a_direct_message_is_between_two(bot: SampleBot, driver: Driver) -> None:
    user = await bot.fetch_user(int(seed.ALICE))

    message = await user.send("psst")

    channels = await driver.people(
        "GET", "/channels", query={"as": seed.ALICE, "guild": seed.DARKROOM}
    )
    (dm,) = [each for each in channels.body["channels"] if each["kind"] == "dm"]
    assert dm["id"] == str(message.channel.id)
    assert [each["content"] for each in await driver.alice.reads(dm["id"])] == ["psst"]
    bobs = await driver.people("GET", "/messages", query={"as": seed.BOB, "channel": dm["id"]})
    assert bobs.status == 404


async def test_edits_of_old_messages_are_held_back(driver: Driver) -> None:
    message = (await driver.rest("POST", LAB, {"content": "x"})).body["id"]
    await driver.knobs(old_edit_after_s=0, rate_limits=False)

    answers = [
        await driver.rest("PATCH", f"{LAB}/{message}", {"content": str(n)}) for n in range(6)
    ]

    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert answers[-1].body["code"] == 30046


async def test_a_file_over_the_limit_is_refused(raw: Driver) -> None:
    await raw.knobs(attachment_limit_bytes=1_000)
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", json.dumps({"content": "x"}))
    form.add_field("files[0]", bytes(1_001), filename="a.bin")

    answer = await raw.rest("POST", LAB, data=form)

    assert (answer.status, answer.body["code"]) == (413, 40005)
    assert await raw.alice.reads() == []


def button(**more: object) -> Json:
    return {"type": 2, "style": 1, "label": "x", "custom_id": "x", **more}


def row(*children: Json) -> Json:
    return {"type": 1, "components": list(children)}


TEXT = {"type": 10, "content": "x"}
V2 = 1 << 15


PAST_A_LIMIT: list[tuple[Json, str]] = [
    ({"content": "x" * 2001}, "content"),
    ({"content": 5}, "content"),
    ({"content": "x", "nonce": "x" * 26}, "nonce"),
    ({"content": "x", "embeds": [{"title": "x" * 257}]}, "embeds.0.title"),
    ({"embeds": [{"description": "x" * 4000}] * 2}, "embeds"),
    ({"embeds": [{}]}, "embeds.0.description"),
    ({"embeds": [{"title": "x"}] * 11}, "embeds"),
    ({"embeds": [{"title": "x", "url": "javascript:x"}]}, "embeds.0.url"),
    ({"content": "x", "components": [row()]}, "components.0.components"),
    ({"content": "x", "components": [row(button(), button())]}, "components.0.components.1"),
    ({"content": "x", "components": [row(button(custom_id="x" * 101))]}, "components.0"),
    ({"content": "x", "components": [row(*[button()] * 6)]}, "components.0.components"),
    ({"content": "x", "components": [row(button())] * 6}, "components"),
    ({"content": "x", "components": [TEXT]}, "components.0.type"),
    ({"content": "x", "components": [{"type": 3}]}, "components.0.type"),
    ({"content": "x", "flags": V2, "components": [TEXT]}, "content"),
    ({"flags": V2, "components": [{**TEXT}] * 41}, "components"),
    ({"flags": V2, "components": [{"type": 10, "content": "x" * 3000}] * 2}, "components"),
    ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed"),
    ({"content": "x", "message_reference": {"message_id": "1"}}, "message_reference"),
]


@pytest.mark.parametrize(("body", "fault"), PAST_A_LIMIT, ids=range(len(PAST_A_LIMIT)))
async def test_a_message_past_a_limit_is_refused_with_the_place(
    raw: Driver, body: Json, fault: str
) -> None:
    answer = await raw.rest("POST", LAB, body)

    assert (answer.status, answer.body["code"]) == (400, 50035)
    first = next(iter(_places(answer.body["errors"])))
    assert first.startswith(fault), first


async def test_an_empty_message_is_refused(raw: Driver) -> None:
    assert (await raw.rest("POST", LAB, {"content": ""})).body["code"] == 50006


async def test_another_ones_message_cannot_be_edited(raw: Driver) -> None:
    said = await raw.bob.does("/message", channel=seed.VIDEO_LAB, content="hello")
    path = f"{LAB}/{said['message']['id']}"

    assert (await raw.rest("PATCH", path, {"content": "x"})).body["code"] == 50005
    assert (await raw.rest("DELETE", path)).body["code"] == 50013


def _places(errors: Json) -> list[str]:
    found: list[str] = []
    for name, each in errors.items():
        if name == "_errors":
            found.append("")
        else:
            found += [f"{name}.{rest}".rstrip(".") for rest in _places(each)]
    return found
