"""Whatever people send: a private answer with the next step; nothing reserved, paid or posted."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from bot.demo.visit import picture
from playground.person import button
from tests.e2e import pictures
from tests.e2e.house import WISH, Files

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

MIB = 1024 * 1024
GOOD: tuple[str, bytes] = ("good.png", picture("dawn"))


async def refusal(house: House, files: Files | None = None, /, **options: object) -> str:
    """What Alice is told who asks for the impossible; nothing else may have happened."""
    alice = house.people.alice
    async with house.nothing_happens():
        await alice.command(house.lab, "video create", files, **options)
        message = await house.told(alice, "")
        assert await house.people.bob.messages(house.lab) == []
    assert message["mentions"] == []
    return str(message["content"])


@pytest.mark.parametrize("prompt", ["", "   ", "\n\t\u3000"])
async def test_no_words_and_no_image(house: House, prompt: str) -> None:
    assert await refusal(house, prompt=prompt) == (
        "`prompt`: a video needs words, an image, or both; you gave neither. "
        "Describe what should happen in the video."
    )


@pytest.mark.parametrize("letter", ["x", "é", "🦊"])
async def test_a_prompt_that_is_one_character_too_long(house: House, letter: str) -> None:
    assert await refusal(house, prompt=letter * 513) == (
        "`prompt`: CogVideoX-3 takes at most 512 characters; you gave 513. Shorten it by 1."
    )


async def test_the_longest_prompt_is_accepted(house: House) -> None:
    house.hold_renders()
    await house.reads(await house.ask(prompt="🦊" * 512), "is rendering")


async def test_a_size_that_the_model_lacks(house: House) -> None:
    text = await refusal(house, prompt="a sea", size="640x480")
    assert text.startswith("`size`: CogVideoX-3 takes `1280x720`, ")
    assert "you gave `640x480`. Choose one of these" in text


async def test_a_size_that_would_break_out_of_its_quotes(house: House) -> None:
    text = await refusal(house, prompt="a sea", size="`@everyone` " + "9" * 3000)
    assert "you gave `'@everyone' 999" in text
    assert len(text) < 500


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [("duration", 7, "`7 s`"), ("fps", 24, "`24`"), ("quality", "best", "`best`")],
)
async def test_other_settings_that_the_model_lacks(
    house: House, option: str, value: object, named: str
) -> None:
    text = await refusal(house, prompt="a sea", **{option: value})
    assert text.startswith(f"`{option}`: CogVideoX-3 takes ")
    assert f"you gave {named}" in text


async def test_two_images_with_better_quality(house: House) -> None:
    files: Files = {"image": GOOD, "last_image": GOOD}
    text = await refusal(house, files, prompt="a day", quality="quality")
    assert text.startswith("`quality`: with first and last frame CogVideoX-3 takes only `speed`")
    assert text.endswith("Leave `quality` out, or leave one image out.")


async def test_a_last_image_alone(house: House) -> None:
    text = await refusal(house, {"last_image": GOOD}, prompt="a day")
    assert text == (
        "`last_image`: a last frame needs a first one; you gave only the last. "
        "Attach the first frame as `image`."
    )


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("fox.png", b"this is only text", "is not", id="text renamed .png"),
        pytest.param("fox.png", b"\0", "is not", id="one byte"),
        pytest.param("fox.jpg", pictures.truncated_jpeg(), "", id="a truncated JPEG"),
        pytest.param("fox.png", pictures.bomb(), "pixels", id="a decompression bomb"),
        pytest.param("fox.gif", pictures.animated_gif(), "", id="an animated GIF"),
        pytest.param("fox.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "", id="an SVG"),
    ],
)
async def test_a_file_that_is_no_usable_picture(
    house: House, name: str, content: bytes, reason: str
) -> None:
    text = await refusal(house, {"image": (name, content)}, **WISH)
    assert text.startswith("The image in `image` ")
    assert reason in text


async def test_a_bad_second_image_is_named(house: House) -> None:
    files: Files = {"image": GOOD, "last_image": ("dusk.png", b"text")}
    assert (await refusal(house, files, **WISH)).startswith("The image in `last_image` ")


async def test_an_image_of_thirty_megabytes(house: House) -> None:
    text = await refusal(house, {"image": ("big.png", bytes(30 * MIB))}, **WISH)
    assert text == ("The image in `image` has 30.0 MiB; the most is 20 MiB. Attach a smaller one.")


async def test_an_attachment_whose_link_has_expired(house: House) -> None:
    await house.knobs(attachment_url_lifetime_s=0)
    text = await refusal(house, {"image": GOOD}, **WISH)
    assert text == (
        "The image in `image` is no longer there: Discord's link to it has expired. "
        "Attach the image again."
    )


async def test_a_picture_with_odd_colours_is_no_mistake(house: House) -> None:
    buffer = io.BytesIO()
    Image.new("LA", (500, 400), (90, 120)).save(buffer, "PNG")
    house.hold_renders()
    alice = house.people.alice
    files = {"image": ("odd.png", buffer.getvalue())}
    answer = await alice.command(house.lab, "video create", files, **WISH)
    await house.reads(answer["message"], "is rendering")


async def forged(house: House, custom_id: str) -> Json:
    """A message of the bot's with a button that it never made."""
    button_json = {"type": 2, "style": 2, "label": "Forged", "custom_id": custom_id}
    rows = [{"type": 1, "components": [button_json]}]
    headers = {"Authorization": f"Bot {house.playground.bot_token}"}
    async with house.session.post(
        f"{house.playground.discord_api}/channels/{house.lab}/messages",
        json={"content": "a button", "components": rows},
        headers=headers,
    ) as response:
        message: Json = await response.json()
    return message


@pytest.mark.parametrize("verb", ["again", "edit", "cancel"])
@pytest.mark.parametrize("number", [77, 0, 999_999_999_999_999_999])
async def test_a_button_of_a_job_that_does_not_exist(house: House, verb: str, number: int) -> None:
    message = await forged(house, f"cogreel:{verb}:{number}")
    alice = house.people.alice
    async with house.nothing_happens():
        await alice.click(message, f"cogreel:{verb}:{number}")
        answer = await house.told(alice, "There is no video")
    assert answer["content"] == (
        f"There is no video #{number} here. Start one with `/video create`, or see `/video queue`."
    )


async def test_a_button_of_a_database_that_was_lost(empty_house: House) -> None:
    house = empty_house
    await house.start_bot()
    first = await house.video()
    (house.state_dir / "another").mkdir()
    await house.restart_bot(state_dir=house.state_dir / "another")
    alice = house.people.alice
    await alice.click(first.message, button(first.message, "Again"))
    answer = await house.told(alice, "There is no video #1 here", first.message["channel_id"])
    assert answer["ephemeral"]
    assert house.paid == 1


async def test_a_button_of_another_servers_job(house: House) -> None:
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    bob = house.people.bob
    lobby = await bob.channel("lobby")
    answer = await bob.command(lobby, "video cancel", job=1)
    assert "There is no video #1 here" in answer["message"]["content"]


@pytest.mark.parametrize(
    "custom_id", ["cogreel:again:", "cogreel:again:1x", "cogreel:erase:1", "cogreel:never:1", "x"]
)
async def test_a_button_that_was_never_ours_starts_nothing(house: House, custom_id: str) -> None:
    await house.video()
    message = await forged(house, custom_id)
    await house.knobs(answer_within_s=0.3)
    async with house.nothing_happens():
        answer = await house.people.alice.click(message, custom_id)
    assert answer["error"] == "The application did not respond"
