"""Moderators bring their server's own key by a private modal, and decide who may stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.services.sealing import new_secrets_key
from emulator.auth import key_digest
from emulator.server import Emulator
from playground.person import RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playground.person import Json, Person
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEY = "fedcba9876543210fedcba9876543210.serversserversse"
OPERATORS_KEY = "0123456789abcdef0123456789abcdef.operatorsoperato"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_emulator() -> AsyncIterator[Emulator]:
    """One that takes two keys."""
    async with Emulator(keys=[OPERATORS_KEY, KEY], in_flight_limit=1_000) as emulator:
        yield emulator


@pytest_asyncio.fixture(loop_scope="session")
async def house(empty_house: House) -> House:
    await empty_house.start_bot(secrets_key=new_secrets_key())
    return empty_house


async def says(house: House, command: str, **options: object) -> str:
    """What one of Mara's commands answers, perhaps after a wait, and always in private."""
    mara = house.people.mara
    message: Json = (await mara.command(house.lab, command, **options))["message"]
    assert message["ephemeral"]
    told = await mara.see(
        house.lab, lambda seen: seen["id"] == message["id"] and seen["content"], within_s=20
    )
    return str(told["content"])


async def open_modal(house: House) -> Json:
    modal: Json = (await house.people.mara.command(house.lab, "cogreel key"))["modal"]
    return modal


async def bring(house: House, words: str, *, key: str = KEY) -> str:
    """Bring a key, and give what Mara is told in private once these words are in it."""
    mara = house.people.mara
    before = {message["id"] for message in await mara.messages(house.lab)}
    await mara.submit(await open_modal(house), gateway="zai", key=key)
    told = await mara.see(
        house.lab,
        lambda seen: seen["id"] not in before and words in seen["content"],
        within_s=20,
    )
    assert told["ephemeral"]
    assert key not in told["content"]
    return str(told["content"])


def payers(house: House) -> list[str]:
    return [entry.api_key_digest for entry in house.emulator.ledger][-house.paid :]


async def sees_the_command(person: Person, house: House) -> bool:
    try:
        await person.command(house.lab, "cogreel accounts")
    except RefusedError:
        return False
    return True


async def test_the_command_is_for_moderators(house: House) -> None:
    assert not await sees_the_command(house.people.alice, house)
    assert await sees_the_command(house.people.mara, house)


async def test_a_key_is_brought_used_and_taken_away(house: House) -> None:
    assert "This server has no key of its own" in await says(house, "cogreel accounts")
    modal = await open_modal(house)
    gateway, key = (label["component"] for label in modal["components"])
    assert [option["label"] for option in gateway["options"]] == ["Z.AI", "BigModel", "302.AI"]
    assert not key.get("value")
    answer = await bring(house, "Z.AI takes the key. Since <t:")
    assert "`/cogreel forget-key` takes it away" in answer
    await house.video()
    assert payers(house) == [key_digest(KEY)]
    shown = await says(house, "cogreel accounts")
    assert "1. Z.AI (this server's own)\n2. Z.AI\n" in shown
    assert "Own key: for Z.AI, brought <t:" in shown
    assert f"by <@{house.people.mara.id}>. It is in use." in shown
    assert "is taken away" in await says(house, "cogreel forget-key")
    assert "no key of its own" in await says(house, "cogreel forget-key")
    assert "1. Z.AI\nThis server has no key" in await says(house, "cogreel accounts")
    await house.video(prompt="Another boat")
    assert payers(house) == [key_digest(KEY), key_digest(OPERATORS_KEY)]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (KEY[::-1], "Z.AI says that it does not accept this key. The key was not kept."),
        (f"{KEY} {KEY}", "has spaces"),
        ("   ", "is empty"),
        ("k" * 300, "is longer than any key"),
    ],
    ids=["unknown", "two", "empty", "long"],
)
async def test_a_bad_key_is_refused_in_private_and_not_kept(
    house: House, key: str, words: str
) -> None:
    await bring(house, words, key=key)
    assert await house.rows("SELECT count(*) FROM own_account") == [(0,)]


async def test_a_gateway_in_trouble_leaves_the_key_unkept(house: House) -> None:
    house.emulator.knobs.update({"faults": [{"on": "poll", "do": "html"}]})
    await bring(house, "did not say whether it takes this key")
    assert await house.rows("SELECT count(*) FROM own_account") == [(0,)]


async def test_a_refused_key_is_shown_as_paused(house: House) -> None:
    await bring(house, "takes the key")
    house.emulator.knobs.update({"faults": [{"on": "create", "do": "error 429 1113"}]})
    await house.video()
    shown = await says(house, "cogreel accounts")
    assert "It is paused since <t:" in shown
    assert "Z.AI refuses the key, its balance or its plan" in shown
    assert payers(house) == [key_digest(OPERATORS_KEY)]


async def test_a_key_that_cannot_be_opened_has_to_be_given_again(house: House) -> None:
    await bring(house, "takes the key")
    await house.restart_bot(secrets_key=new_secrets_key())
    assert "Give it again with `/cogreel key`" in await says(house, "cogreel accounts")
    await bring(house, "takes the key")
    assert "It is in use." in await says(house, "cogreel accounts")


async def test_a_modal_is_for_the_one_who_opened_it(house: House) -> None:
    modal = await open_modal(house)
    keeper = house.playground.world.interactions.by_id(modal["id"])
    assert keeper is not None
    keeper.user_id = house.people.alice.id  # as if Discord let her press it
    await house.people.alice.submit(modal, gateway="zai", key=KEY)
    await house.told(house.people.alice, "bring a key here")
    assert await house.rows("SELECT count(*) FROM own_account") == [(0,)]


async def test_without_a_secrets_key_moderators_are_told_whom_to_ask(house: House) -> None:
    await house.restart_bot()
    assert "Ask the operator to set `COGREEL_SECRETS_KEY`." in await says(house, "cogreel key")


async def test_moderators_decide_whether_dearer_accounts_stand_in(house: House) -> None:
    assert "may not stand in" in await says(house, "cogreel accounts")
    assert "may stand in" in await says(house, "cogreel stand-in", allowed="yes")
    await house.restart_bot()
    assert "may stand in" in await says(house, "cogreel accounts")
    assert "may not stand in" in await says(house, "cogreel stand-in", allowed="no")
