import asyncio

import discord
import pytest

from playground.world import seed
from tests.playground.driver import PATIENCE_S, Driver
from tests.playground.sample_bot import CLIP, SampleBot


async def test_a_slash_command_is_answered(bot: SampleBot, driver: Driver) -> None:
    answer = await driver.alice.runs("say", text="hello", times=2)

    assert bot.user
    assert answer["answer"] == "message"
    assert answer["message"]["content"] == "hello hello"
    assert answer["message"]["author"] == {"id": str(bot.user.id), "name": "Cogreel", "bot": True}
    assert answer["message"]["command"] == {
        "name": "say",
        "person": {"id": seed.ALICE, "name": "Alice"},
    }


@pytest.mark.usefixtures("bot")
async def test_a_deferred_answer_with_an_image_ends_as_a_clip_in_a_thread(driver: Driver) -> None:
    image = b"not quite a png"

    answer = await driver.alice.runs(
        "video create", prompt="a fox", files={"image": ("fox.png", image)}
    )

    assert (answer["answer"], answer["message"]["loading"]) == ("deferred", True)
    done = await driver.alice.sees(lambda message: message["thread"])
    assert done["content"] == f"a fox, {len(image)} bytes"
    assert (done["loading"], done["edited_at"]) == (False, None)
    clip = await driver.alice.sees(lambda message: message["attachments"], done["thread"]["id"])
    (attachment,) = clip["attachments"]
    assert (attachment["filename"], attachment["content_type"]) == ("clip.mp4", "video/mp4")
    async with driver.session.get(attachment["url"]) as response:
        assert await response.read() == CLIP


async def test_the_bot_is_told_who_asks_where_and_what_may_be_done(
    bot: SampleBot, driver: Driver
) -> None:
    await driver.knobs(attachment_limit_bytes=1_000_000)
    await driver.mara.runs("quiet")

    interaction = await asyncio.wait_for(bot.seen.get(), PATIENCE_S)
    assert isinstance(interaction.user, discord.Member)
    assert interaction.user.id == int(seed.MARA)
    assert interaction.permissions.manage_guild
    assert not interaction.app_permissions.manage_guild
    assert interaction.app_permissions.attach_files
    assert interaction.filesize_limit == 1_000_000
    assert interaction.channel_id == int(seed.VIDEO_LAB)
    assert interaction.context.guild
    assert [role.name for role in interaction.user.roles] == ["@everyone", "Moderators"]


@pytest.mark.usefixtures("bot")
async def test_an_ephemeral_answer_is_seen_by_one_person_only(driver: Driver) -> None:
    answer = await driver.alice.runs("quiet")

    assert answer["message"]["ephemeral"]
    assert [message["content"] for message in await driver.alice.reads()] == ["Psst"]
    assert await driver.bob.reads() == []
    ids = seed.VIDEO_LAB, answer["message"]["id"]
    fetched = await driver.rest("GET", "/channels/{}/messages/{}".format(*ids))
    assert fetched.body["code"] == 10008


@pytest.mark.usefixtures("bot")
async def test_a_button_of_a_dynamic_item_updates_its_message(driver: Driver) -> None:
    message = (await driver.alice.runs("counter"))["message"]

    click = {"channel": seed.VIDEO_LAB, "message": message["id"]}
    first = await driver.bob.does("/click", custom_id="count:0", **click)
    second = await driver.bob.does("/click", custom_id="count:1", **click)

    assert first["answer"] == second["answer"] == "update"
    assert second["message"]["components"][0]["components"][0]["label"] == "2 clicks"


@pytest.mark.usefixtures("bot")
async def test_a_click_on_what_is_not_there_is_refused(driver: Driver) -> None:
    message = (await driver.alice.runs("counter"))["message"]
    click = {"channel": seed.VIDEO_LAB, "message": message["id"], "custom_id": "count:0"}

    for wrong in ({"custom_id": "other"}, {"message": "1"}, {"channel": "1"}):
        answer = await driver.alice.tries("/click", **{**click, **wrong})
        assert answer.status == 404, answer
    answer = await driver.echo.tries("/click", **click)
    assert answer.status == 403


@pytest.mark.usefixtures("bot")
async def test_a_modal_is_filled_in_and_answered(driver: Driver) -> None:
    modal = (await driver.alice.runs("ask"))["modal"]
    custom_id = modal["components"][0]["components"][0]["custom_id"]

    too_long = await driver.alice.tries("/modal", modal=modal["id"], values={custom_id: "x" * 21})
    not_hers = await driver.bob.tries("/modal", modal=modal["id"], values={custom_id: "x"})
    answer = await driver.alice.does("/modal", modal=modal["id"], values={custom_id: "yes"})
    again = await driver.alice.tries("/modal", modal=modal["id"], values={custom_id: "x"})

    assert (too_long.status, not_hers.status, again.status) == (400, 404, 404)
    assert modal["title"] == "Tell me"
    assert answer["message"]["content"] == "You said yes"


@pytest.mark.usefixtures("bot")
async def test_a_modal_takes_selects(driver: Driver) -> None:
    modal = (await driver.alice.runs("settings"))["modal"]
    quality = modal["components"][0]["component"]["custom_id"]

    unknown = await driver.alice.tries("/modal", modal=modal["id"], values={quality: ["best"]})
    answer = await driver.alice.does("/modal", modal=modal["id"], values={quality: ["fine"]})

    assert unknown.status == 400
    assert answer["message"]["content"] == "['fine'] []"


@pytest.mark.usefixtures("bot")
async def test_autocomplete_gives_the_bots_choices(driver: Driver) -> None:
    answer = await driver.alice.does(
        "/autocomplete",
        channel=seed.VIDEO_LAB,
        command="guess",
        options={"size": "7"},
        focused="size",
    )

    assert answer == {"choices": [{"name": "720x1280", "value": "720x1280"}]}


@pytest.mark.usefixtures("bot")
async def test_context_menus_name_their_target(driver: Driver) -> None:
    said = await driver.bob.does("/message", channel=seed.VIDEO_LAB, content="secret sauce")
    menu = {"channel": seed.VIDEO_LAB, "target": said["message"]["id"]}

    echoed = await driver.alice.does("/command", command="Echo it", **menu)
    greeted = await driver.mara.does(
        "/command", channel=seed.VIDEO_LAB, command="Greet", target=seed.BOB
    )

    assert echoed["message"]["content"] == "secret sauce"
    assert greeted["message"]["content"] == "Hello Bob"


async def test_a_late_answer_finds_the_interaction_dead(bot: SampleBot, driver: Driver) -> None:
    await driver.knobs(answer_within_s=0.02)

    answer = await driver.alice.runs("slow")
    bot.go_on.set()
    failure = await asyncio.wait_for(bot.failures.get(), PATIENCE_S)

    assert (answer["answer"], answer["message"]) == ("none", None)
    assert answer["error"] == "The application did not respond"
    assert isinstance(failure.__cause__, discord.NotFound)
    assert failure.__cause__.code == 10062


async def test_a_lost_answer_to_the_first_reply_is_a_second_reply_refused(
    bot: SampleBot, driver: Driver
) -> None:
    await driver.alice.runs("say", text="one")
    interaction = await asyncio.wait_for(bot.seen.get(), PATIENCE_S)
    path = f"/interactions/{interaction.id}/{interaction.token}/callback"

    second = await driver.rest("POST", path, {"type": 5})

    assert (second.status, second.body["code"]) == (400, 40060)


async def test_the_first_followup_of_a_deferred_answer_fills_it(
    bot: SampleBot, driver: Driver
) -> None:
    await driver.alice.runs("quiet")
    interaction = await asyncio.wait_for(bot.seen.get(), PATIENCE_S)

    first = await interaction.followup.send("one", wait=True)
    await interaction.delete_original_response()
    second = await interaction.followup.send("two", ephemeral=True, wait=True)

    assert not first.flags.ephemeral
    assert second.flags.ephemeral
    assert [message["content"] for message in await driver.bob.reads()] == ["one"]


async def test_a_token_ends_after_its_time(bot: SampleBot, driver: Driver) -> None:
    await driver.alice.runs("say", text="one")
    interaction = await asyncio.wait_for(bot.seen.get(), PATIENCE_S)
    await driver.knobs(token_lifetime_s=0)

    with pytest.raises(discord.HTTPException) as refusal:
        await interaction.edit_original_response(content="two")

    assert (refusal.value.status, refusal.value.code) == (401, 50027)
