"""What a video costs at the most stands in the first answer, however it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.demo.visit import picture
from playground.person import button
from tests.e2e.house import PROMPT, SIZE, WISH, Files

if TYPE_CHECKING:
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAWN: tuple[str, bytes] = ("dawn.png", picture("dawn"))
DUSK: tuple[str, bytes] = ("dusk.png", picture("dusk"))
UP_TO = "costs up to USD 0.20 · for"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({}, id="text"),
        pytest.param({"image": DAWN}, id="an image"),
        pytest.param({"image": DAWN, "last_image": DUSK}, id="two images"),
    ],
)
async def test_the_first_answer_to_a_wish_says_what_it_costs_at_the_most(
    house: House, files: Files
) -> None:
    house.hold_renders()
    interaction = await house.people.alice.command(house.lab, "video create", files, **WISH)
    await house.reads(interaction["message"], UP_TO)


async def test_the_first_answer_to_a_wish_with_references_says_what_it_costs_at_the_most(
    house: House,
) -> None:
    house.hold_renders()
    interaction = await house.people.alice.command(
        house.lab, "video references", {"image": DAWN}, prompt=PROMPT
    )
    await house.reads(interaction["message"], "costs up to USD ")


async def test_the_first_answer_to_another_take_says_what_it_costs_at_the_most(
    house: House,
) -> None:
    alice, bob, chen = house.people.alice, house.people.bob, house.people.chen
    first = await house.video()
    assert "· cost USD 0.20 · for" in (await house.reads(first.status, "is done"))["content"]
    house.hold_renders()
    again = await alice.click(first.message, button(first.message, "Again"))
    await house.reads(again["message"], UP_TO)
    modal = (await bob.click(first.message, button(first.message, "Edit")))["modal"]
    edit = await bob.submit(modal, prompt="A steamer", size=SIZE, duration="model", quality="model")
    await house.reads(edit["message"], UP_TO)
    await chen.react(first.message, "🔁")
    await house.says(first.message["channel_id"], f"{UP_TO} <@{chen.id}>")


async def test_what_is_free_is_said_to_be(empty_house: House) -> None:
    house = empty_house
    await house.start_bot(
        gateway="bigmodel",
        gateway_url=house.emulator.base_of("bigmodel"),
        api_key=house.emulator.keys["bigmodel"],
        model="cogvideox-flash",
    )
    house.hold_renders()
    interaction = await house.people.alice.command(house.lab, "video create", prompt=PROMPT)
    await house.reads(interaction["message"], " · free · for")


async def test_what_was_cancelled_names_no_cost_any_more(house: House) -> None:
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    waiting = await house.reads(await house.ask(), "is waiting")
    await house.people.alice.click(waiting, button(waiting, "Cancel"))
    shown = await house.reads(waiting, "It cost nothing")
    assert "USD" not in shown["content"]
