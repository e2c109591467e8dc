"""More of a video that there is: several takes, what comes after it, what else it could be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.demo.visit import picture, result_of
from playground.person import button, words
from playground.world.events import ChannelChanged
from tests.e2e.house import PROMPT, SIZE

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


def starts(said: str, seen: Json) -> bool:
    return words(seen).startswith(said)


async def test_one_click_makes_three_takes_each_with_its_own_message(house: House) -> None:
    bob = house.people.bob
    first = await house.video()
    thread = first.message["channel_id"]
    answer = await bob.click(first.message, button(first.message, "3 more"))
    assert not answer["message"]["ephemeral"]
    await result_of(bob, thread, answer["message"]["id"])
    for number in (2, 3, 4):
        await bob.see(thread, partial(starts, f"🎬 **Video #{number}** for <@{bob.id}>"))
    statuses = await house.rows("SELECT DISTINCT status_message_id FROM job WHERE job_id > 1")
    assert len(statuses) == 3
    assert house.paid == 4


async def test_a_video_is_gone_on_from_by_button_by_command_and_from_its_post(
    house: House,
) -> None:
    alice, bob = house.people.alice, house.people.bob
    first = await house.video()
    thread = first.message["channel_id"]
    opened = await bob.click(first.message, button(first.message, "Extend"))
    assert opened["modal"]["title"] == "What comes after video #1"
    sent = {"prompt": "It sinks", "size": SIZE, "duration": "model", "quality": "model"}
    answer = await bob.submit(opened["modal"], **sent)
    second = await result_of(bob, thread, answer["message"]["id"])
    assert "> It sinks" in words(second.message)
    assert f"for <@{bob.id}>, what comes after #1" in words(second.message)
    (frame,) = second.status["attachments"]
    assert frame["filename"] == "first-frame-2.jpg"

    # The file is not kept any more: the post has it.
    for clip in (house.state_dir / "files").glob("*.mp4"):
        clip.unlink()
    answer = await alice.command(house.lab, "video extend", job=2)
    third = await result_of(alice, house.lab, answer["message"]["id"])
    assert "> It sinks" in words(third.message)
    assert "from first frame" in words(third.message)
    assert await house.rows(
        "SELECT job_id, parent_job_id, user_id, origin FROM job WHERE parent_job_id IS NOT NULL"
    ) == [(2, 1, int(bob.id), "extend"), (3, 2, int(alice.id), "extend")]

    # So it is where the post shows it in a gallery.
    for clip in (house.state_dir / "files").glob("*.mp4"):
        clip.unlink()
    post = house.playground.world.channels[thread].messages[second.message["id"]]
    link = second.message["attachments"][0]["url"]
    media = {"id": "1", "url": link, "proxy_url": link}
    item = {"media": media, "description": None, "spoiler": False}
    gallery = {"type": 12, "id": 1, "items": [item]}
    post.attachments.clear()
    container = {"type": 17, "id": 2, "components": [gallery]}
    post.components[:] = [{**container, "accent_color": None, "spoiler": False}]
    answer = await alice.command(house.lab, "video extend", job=2)
    await result_of(alice, house.lab, answer["message"]["id"])

    # Neither is there any more.
    for clip in (house.state_dir / "files").glob("*.mp4"):
        clip.unlink()
    del house.playground.world.channels[third.message["channel_id"]].messages[third.message["id"]]
    async with house.nothing_happens():
        await alice.command(house.lab, "video extend", job=3)
        await house.told(alice, "Video #3 cannot be extended: its file is not kept any more")
        wrong = await alice.command(house.lab, "video extend", job=1, model="viduq1-text")
        assert "Choose one that takes it: `cogvideox-3`" in wrong["message"]["content"]
    house.hold_renders()
    await house.reads(await house.ask(alice), "Video #5")
    async with house.nothing_happens():
        early = await alice.command(house.lab, "video extend", job=5)
        assert "it is not finished yet" in early["message"]["content"]


async def test_what_was_made_for_adults_is_not_carried_to_other_channels(house: House) -> None:
    alice = house.people.alice
    channels = house.playground.world.channels
    general = channels[await alice.channel("general")]
    channels[house.lab].nsfw = True
    house.playground.world.publish(ChannelChanged(channels[house.lab]))
    await house.video()
    async with house.nothing_happens():
        for command in ("video extend", "video remix"):
            refused = await alice.command(general.id, command, job=1)
            assert "was made in an age-restricted channel" in refused["message"]["content"]
    answer = await alice.command(house.lab, "video extend", job=1)
    await result_of(alice, house.lab, answer["message"]["id"])


async def test_what_is_taken_down_is_not_gone_on_from_and_its_first_picture_goes(
    house: House,
) -> None:
    alice, mara = house.people.alice, house.people.mara
    await house.video()
    answer = await alice.command(house.lab, "video extend", job=1)
    second = await result_of(alice, house.lab, answer["message"]["id"])
    assert second.status["attachments"]
    await mara.command(house.lab, "moderate takedown", video="#2")
    gone = await house.reads(second.status, "was taken down")
    assert gone["attachments"] == []
    async with house.nothing_happens():
        refused = await alice.command(house.lab, "video extend", job=2)
        assert "was taken down" in refused["message"]["content"]


async def test_a_remix_changes_words_settings_and_image(house: House) -> None:
    bob = house.people.bob
    await house.video()
    opened = await bob.command(house.lab, "video remix", job=1)
    modal = opened["modal"]
    assert modal["title"] == "Remix video #1"
    found = [label["component"]["custom_id"] for label in modal["components"]]
    assert found == ["prompt", "images", "size", "duration", "quality"]
    assert modal["components"][0]["component"]["value"] == PROMPT
    sent = {"prompt": "At dawn", "size": SIZE, "duration": "model", "quality": "model"}
    files = {"images": ("dawn.png", picture("dawn"))}
    answer = await bob.submit(modal, files, **sent)
    remix = await result_of(bob, house.lab, answer["message"]["id"])
    assert "> At dawn" in words(remix.message)
    assert "from first frame" in words(remix.message)
    assert f"for <@{bob.id}>, a remix of #1" in words(remix.message)

    # Without a new image it has those of the video that it is made of.
    opened = await bob.command(house.lab, "video remix", job=2)
    answer = await bob.submit(opened["modal"], **sent)
    again = await result_of(bob, house.lab, answer["message"]["id"])
    assert "from first frame" in words(again.message)
    async with house.nothing_happens():
        opened = await bob.command(house.lab, "video remix", job=1)
        await bob.submit(opened["modal"], {"images": ("no.png", b"no picture")}, **sent)
        await house.told(bob, "The image in `image` is not a PNG, JPEG, WebP or GIF")


async def test_a_posted_picture_is_animated_and_everything_about_a_video_is_told(
    house: House,
) -> None:
    alice, bob = house.people.alice, house.people.bob
    files = {"0": ("dawn.png", picture("dawn")), "1": ("dusk.png", picture("dusk"))}
    files["2"] = ("notes.txt", b"no picture")
    post = await bob.write(house.lab, "Look: http://127.0.0.1/x.png", files)
    opened = await alice.use_on(house.lab, "Animate this image", post["id"])
    modal = opened["modal"]
    assert modal["title"] == "Animate with CogVideoX-3"
    named = {each["component"]["custom_id"]: each["component"] for each in modal["components"]}
    assert [option["label"] for option in named["picture"]["options"]] == ["dawn.png", "dusk.png"]
    rest = {"size": SIZE, "duration": "model", "quality": "model"}
    answer = await alice.submit(modal, prompt="Waves roll in", picture="1", **rest)
    video = await result_of(alice, house.lab, answer["message"]["id"])
    assert "from first frame" in words(video.message)

    plain = await bob.write(house.lab, "https://cdn.discordapp.com/attachments/1/2/x.png")
    refused = await alice.use_on(house.lab, "Animate this image", plain["id"])
    assert "has no picture that I can take" in refused["message"]["content"]

    # Of a link that was typed, only what Discord itself keeps is taken.
    shown = house.playground.world.channels[house.lab].messages[plain["id"]]
    of_discords = post["attachments"][0]["url"]
    for proxy, said in (
        ("https://images-ext-1.discordapp.net/external/x/https/evil.test/x.png", "has no picture"),
        (of_discords, None),
    ):
        thumbnail = {"url": "https://evil.test/x.png", "proxy_url": proxy}
        shown.embeds = [{"type": "image", "url": "https://evil.test/x.png", "thumbnail": thumbnail}]
        used = await alice.use_on(house.lab, "Animate this image", plain["id"])
        assert (used["modal"] is not None) if said is None else (said in used["message"]["content"])

    again = await bob.click(video.message, button(video.message, "Again"))
    thread = video.message["channel_id"]
    await result_of(bob, thread, again["message"]["id"])
    for message in (video.status, video.message):
        told = (await bob.use_on(message["channel_id"], "About this video", message["id"]))[
            "message"
        ]
        assert told["ephemeral"]
        for said in (
            "**About video #1**",
            "> Waves roll in",
            "Model: `cogvideox-3` · ",
            f"Asked for by <@{alice.id}>",
            "from the menu of a picture",
            "Cost: USD 0.20",
            "What was made of it: [#2](https://discord.com/channels/",
            f"{video.message['channel_id']}/{video.message['id']}",
        ):
            assert said in told["content"]
    none = await bob.use_on(house.lab, "About this video", post["id"])
    assert "That is no video of mine" in none["message"]["content"]


async def test_defaults_are_shown_used_and_cleared(house: House) -> None:
    alice = house.people.alice

    async def says(command: str, **options: object) -> str:
        message = (await alice.command(house.lab, f"video defaults {command}", **options))[
            "message"
        ]
        assert message["ephemeral"]
        return str(message["content"])

    assert "You have no defaults" in await says("show")
    assert "You have no defaults" in await says("set")
    assert "you gave `7 s`" in await says("set", duration=7)
    assert "- Size: 1280x720\n- Sound: yes" in await says("set", size=SIZE, audio=True)
    answer = await alice.command(house.lab, "video create", prompt=PROMPT)
    video = await result_of(alice, house.lab, answer["message"]["id"])
    assert f"{SIZE} · 5 s · 30 fps · sound" in words(video.message)
    post = await alice.write(house.lab, "", {"0": ("dawn.png", picture("dawn"))})
    modal = (await alice.use_on(house.lab, "Animate this image", post["id"]))["modal"]
    sizes = next(each["component"] for each in modal["components"] if each["label"] == "Size")
    assert [each["value"] for each in sizes["options"] if each.get("default")] == [SIZE]
    assert "are deleted" in await says("clear")
    assert "You have no defaults" in await says("clear")
