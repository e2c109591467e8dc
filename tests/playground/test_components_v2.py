"""Components v2: the real LayoutView, and what Discord refuses of one."""

import io
from typing import Any

import discord
import pytest

from playground.world import seed
from tests.playground.driver import Driver, Json
from tests.playground.sample_bot import CLIP, SampleBot

LAB = f"/channels/{seed.VIDEO_LAB}/messages"
V2 = 1 << 15
TEXT = {"type": 10, "content": "x"}
THUMBNAIL = {"type": 11, "media": {"url": "https://example.org/a.png"}}


def layout(*items: discord.ui.Item[Any]) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    for item in items:
        view.add_item(item)
    return view


def file(name: str) -> discord.File:
    return discord.File(io.BytesIO(CLIP), name)


async def test_every_component_of_a_layout_is_taken_and_given_back(
    bot: SampleBot, driver: Driver
) -> None:
    again = discord.ui.Button[Any](label="Again", custom_id="again")
    view = layout(
        discord.ui.TextDisplay[Any]("# A fox"),
        discord.ui.Container[Any](
            discord.ui.Section[Any]("In the snow", accessory=again),
            discord.ui.Section[Any](
                "one", "two", "three", accessory=discord.ui.Thumbnail[Any]("attachment://a.png")
            ),
            discord.ui.Separator[Any](visible=False, spacing=discord.SeparatorSpacing.large),
            discord.ui.MediaGallery[Any](
                discord.MediaGalleryItem("attachment://a.mp4", description="It runs", spoiler=True)
            ),
            discord.ui.File[Any]("attachment://a.txt"),
            accent_colour=0xC8553D,
            spoiler=True,
        ),
    )
    files = [file("a.png"), file("a.mp4"), file("a.txt")]

    message = await bot.text_channel(seed.VIDEO_LAB).send(view=view, files=files)

    fetched = await message.channel.fetch_message(message.id)
    text, container = fetched.components
    assert isinstance(text, discord.TextDisplay)
    assert isinstance(container, discord.Container)
    kinds = [each.type.name for each in container.children]
    assert kinds == ["section", "section", "separator", "media_gallery", "file"]
    assert container.accent_colour == discord.Colour(0xC8553D)
    section, _, separator, gallery, attached = container.children
    assert isinstance(section, discord.SectionComponent)
    assert isinstance(section.accessory, discord.Button)
    assert isinstance(separator, discord.SeparatorComponent)
    assert (separator.visible, separator.spacing.name) == (False, "large")
    assert isinstance(gallery, discord.MediaGalleryComponent)
    (item,) = gallery.items
    by_name = {each.filename: each for each in fetched.attachments}
    assert item.media.url == by_name["a.mp4"].url
    assert (item.description, item.spoiler) == ("It runs", True)
    assert isinstance(attached, discord.FileComponent)
    assert (attached.name, attached.size) == ("a.txt", len(CLIP))
    ids = [each["id"] for each in _walk((await driver.alice.reads())[0]["components"])]
    assert len(set(ids)) == len(ids)


async def test_a_message_turns_into_a_layout_once_its_text_is_gone(
    bot: SampleBot, driver: Driver
) -> None:
    message = await bot.text_channel(seed.VIDEO_LAB).send("in words", file=file("a.mp4"))
    gallery = discord.ui.MediaGallery[Any](discord.MediaGalleryItem("attachment://a.mp4"))

    with pytest.raises(discord.HTTPException, match="content"):
        await message.edit(view=layout(gallery))
    await message.edit(content=None, view=layout(gallery))

    (seen,) = await driver.alice.reads()
    assert (seen["v2"], seen["content"]) == (True, "")
    media = seen["components"][0]["items"][0]["media"]
    assert media["url"] == seen["attachments"][0]["url"]
    with pytest.raises(discord.HTTPException, match="content"):
        await message.edit(content="words again")


async def test_a_button_in_a_layout_is_pressed_and_answered(bot: SampleBot, driver: Driver) -> None:
    class Counting(discord.ui.LayoutView):
        row: discord.ui.ActionRow[Any] = discord.ui.ActionRow[Any]()

        @row.button(label="Press", custom_id="press")
        async def press(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None:
            pressed = layout(discord.ui.TextDisplay[Any]("pressed"))
            await interaction.response.edit_message(view=pressed)

    await bot.text_channel(seed.VIDEO_LAB).send(view=Counting(timeout=None))
    (seen,) = await driver.alice.reads()
    await driver.alice.does("/click", channel=seed.VIDEO_LAB, message=seen["id"], custom_id="press")
    (after,) = await driver.alice.reads()
    assert [each["content"] for each in after["components"]] == ["pressed"]


def section(*parts: Json, accessory: Json | None = THUMBNAIL) -> Json:
    own: Json = {"type": 9, "components": list(parts)}
    return own | ({"accessory": accessory} if accessory else {})


def gallery(*urls: str, **more: object) -> Json:
    return {"type": 12, "items": [{"media": {"url": url}, **more} for url in urls]}


def container(*children: Json, **more: object) -> Json:
    return {"type": 17, "components": list(children), **more}


REFUSED: list[tuple[Json, str]] = [
    (section(), "components.0.components"),
    (section(*[TEXT] * 4), "components.0.components"),
    (section(TEXT, accessory=None), "components.0.accessory"),
    (section(TEXT, accessory=TEXT), "components.0.accessory.type"),
    (section(THUMBNAIL), "components.0.components.0.type"),
    (THUMBNAIL, "components.0.type"),
    (gallery(), "components.0.items"),
    (gallery(*["https://example.org/a.png"] * 11), "components.0.items"),
    (gallery("ftp://example.org/a.png"), "components.0.items.0.media.url"),
    (gallery("attachment://not-there.png"), "components.0.items.0.media.url"),
    (gallery("https://example.org/a", description="x" * 1025), "components.0.items.0.description"),
    ({"type": 13, "file": {"url": "https://example.org/a.txt"}}, "components.0.file.url"),
    ({"type": 13, "file": {"url": "attachment://not-there"}}, "components.0.file.url"),
    ({"type": 14, "spacing": 3}, "components.0.spacing"),
    (container(), "components.0.components"),
    (container(container(TEXT)), "components.0.components.0.type"),
    (container(TEXT, accent_color=0x1000000), "components.0.accent_color"),
    (container(*[TEXT] * 40), "components"),
    (container({**TEXT, "id": 7}, {**TEXT, "id": 7}), "components"),
    ({"type": 10, "content": ""}, "components.0.content"),
]


@pytest.mark.parametrize(("component", "place"), REFUSED, ids=range(len(REFUSED)))
async def test_a_layout_past_a_rule_is_refused_with_the_place(
    raw: Driver, component: Json, place: str
) -> None:
    answer = await raw.rest("POST", LAB, {"flags": V2, "components": [component]})

    assert (answer.status, answer.body["code"]) == (400, 50035)
    errors: Any = answer.body["errors"]
    for step in place.split("."):
        errors = errors[step]
    assert errors["_errors"]


async def test_given_ids_are_kept_and_the_others_fit_around_them(raw: Driver) -> None:
    body = {"flags": V2, "components": [TEXT, {**TEXT, "id": 1}, {**TEXT, "id": 0}]}

    answer = await raw.rest("POST", LAB, body)

    assert [each["id"] for each in answer.body["components"]] == [2, 1, 3]


def _walk(components: list[Json]) -> list[Json]:
    found: list[Json] = []
    for each in components:
        inner = [*each.get("components", []), *filter(None, [each.get("accessory")])]
        found += [each, *_walk(inner)]
    return found
