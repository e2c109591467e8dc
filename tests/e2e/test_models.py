"""Members choose among the account's models, and see what each takes and costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.demo.visit import picture

if TYPE_CHECKING:
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAWN: tuple[str, bytes] = ("dawn.png", picture("dawn"))
DUSK: tuple[str, bytes] = ("dusk.png", picture("dusk"))


async def offered(
    house: House, focused: str, *, command: str = "video create", **options: object
) -> dict[Any, str]:
    given = {"prompt": "a sea", **options, focused: options.get(focused, "")}
    choices = await house.people.alice.autocomplete(house.lab, command, focused, **given)
    return {choice["value"]: choice["name"] for choice in choices}


async def test_the_models_are_told_with_what_they_take_and_cost(house: House) -> None:
    answer = await house.people.alice.command(house.lab, "video models")
    content = answer["message"]["content"]
    assert answer["message"]["ephemeral"]
    assert "**CogVideoX-3** · `cogvideox-3` · USD 0.20 · the default" in content
    assert "**Vidu 2 reference** · `vidu2-reference` · USD 0.40" in content
    assert "from references" in content
    assert "… and more" not in content


async def test_the_models_of_three_gateways_are_told_on_several_pages(empty_house: House) -> None:
    further = {"second": "bigmodel", "third": "302ai"}
    await empty_house.start_bot(
        accounts={name: {"gateway": of, "api_key": "k"} for name, of in further.items()},
        exchange_rates="CNY=0.1,PTC=1",
    )
    alice = empty_house.people.alice
    answer = await alice.command(empty_house.lab, "video models")
    assert "`cogvideox`" not in answer["message"]["content"]
    other = await empty_house.told(alice, "**CogVideoX** · `cogvideox` · price not published")
    assert other["ephemeral"]


async def test_models_are_offered_with_their_price_where_they_fit(house: House) -> None:
    models = await offered(house, "model")
    assert models["cogvideox-3"] == "CogVideoX-3 · USD 0.20"
    assert models["vidu2-image"] == "Vidu 2 image · USD 0.20 · needs an image"
    assert "vidu2-reference" not in models
    assert set(await offered(house, "model", duration=4)) == {"vidu2-image", "vidu2-start-end"}
    assert set(await offered(house, "model", style="anime")) == {"viduq1-text"}
    assert set(await offered(house, "model", model="Q1 t")) == {"viduq1-text"}
    references = await offered(house, "model", command="video references")
    assert set(references) == {"vidu2-reference"}


async def test_choices_are_those_of_the_model_that_was_chosen(house: House) -> None:
    assert set(await offered(house, "style", model="viduq1-text")) == {"general", "anime"}
    assert await offered(house, "style") == {}
    assert set(await offered(house, "size", model="vidu2-start-end")) == {"1280x720", "720x480"}
    assert set(await offered(house, "duration", model="viduq1-image")) == {5}
    assert await offered(house, "fps", model="viduq1-image") == {}
    ratios = await offered(house, "aspect_ratio", command="video references")
    assert set(ratios) == {"16:9", "9:16", "1:1"}
    assert await offered(house, "size", model="nonsense") == {}


async def test_choices_are_those_of_the_default_also_where_another_account_serves_it(
    empty_house: House,
) -> None:
    await empty_house.start_bot(accounts={"second": {"gateway": "bigmodel", "api_key": "k"}})
    assert empty_house.bot is not None
    empty_house.bot.services.catalogues.turn_off("main@zai", "cogvideox-3")
    assert set(await offered(empty_house, "duration")) == {5, 10}
    assert await offered(empty_house, "style") == {}, "another model has some"


async def test_a_video_from_two_references_is_posted(house: House) -> None:
    alice = house.people.alice
    interaction = await alice.command(
        house.lab,
        "video references",
        {"image": DAWN, "image2": DUSK},
        prompt="They meet on a bridge",
        aspect_ratio="1:1",
    )
    status = await house.reads(interaction["message"], "is done")
    assert "Vidu 2 reference · from references" in status["content"]
    assert house.paid == 1
    assert list(house.emulator.ledger)[-1].model == "vidu2-reference"


async def test_a_model_that_does_not_take_the_image_is_refused_with_those_that_do(
    house: House,
) -> None:
    alice = house.people.alice
    async with house.nothing_happens():
        await alice.command(
            house.lab, "video create", {"image": DAWN}, prompt="a sea", model="viduq1-text"
        )
        message = await house.told(alice, "`model`: ")
    assert "Vidu Q1 text starts from text; you gave first frame." in message["content"]
    assert "`viduq1-image` (USD 0.40)" in message["content"]


async def test_each_model_renders_in_its_own_room(house: House) -> None:
    house.hold_renders()
    first = await house.ask()
    await house.reads(first, "is rendering")
    waits = await house.ask(house.people.bob)
    other = await house.ask(model="viduq1-text", size=None)
    await house.reads(other, "is rendering")
    await house.reads(waits, "is waiting", house.people.bob)
