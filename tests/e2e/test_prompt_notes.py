"""What a model handles badly is told before it is paid for, and the words can be changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.demo.visit import result_of
from bot.domain.money import Money
from playground.person import button
from providers import capabilities
from tests.e2e.house import PROMPT, SIZE, WISH, labels

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOTE = "CogVideoX-3 is made for prompts in English alone, says its maker."
ANYWAY, CHANGE = "Make it anyway", "Change the prompt"
BOAT, STEAMER = "Бумажный кораблик на озере", "Пароход на озере"
LEFT_ALONE = {"size": SIZE, "duration": "model", "quality": "model"}


async def test_a_member_is_told_of_their_prompt_changes_it_and_makes_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = replace(
        capabilities.ZAI_COGVIDEOX_3,
        prompt_advice=replace(capabilities.OPEN_COGVIDEOX_PROMPTS, words=None),
    )
    monkeypatch.setattr(capabilities, "CAPABILITIES", (row,))
    await house.restart_bot()
    alice = house.people.alice

    async def form(question: Json) -> Json:
        modal: Json = (await alice.click(question, button(question, CHANGE)))["modal"]
        return modal

    # The note comes in private and costs nothing; the form has what was typed; a restart between.
    async with house.nothing_happens():
        answer = await alice.command(house.lab, "video create", **(WISH | {"prompt": BOAT}))
        assert answer["message"]["ephemeral"]
        question = await house.told(alice, NOTE)
        assert "This video will cost up to **USD 0.20**. Make it anyway?" in question["content"]
        assert labels(question) == [ANYWAY, CHANGE]
        await house.restart_bot()
        modal = await form(question)
        assert BOAT in str(modal)
        # Other words that it handles badly are told of in the same place.
        await alice.submit(modal, prompt=STEAMER, **LEFT_ALONE)
        again = await alice.see(
            house.lab, lambda seen: seen["id"] == question["id"] and seen != question
        )
        assert NOTE in again["content"]
        assert labels(again) == [ANYWAY, CHANGE]
        assert button(again, CHANGE) != button(question, CHANGE), "it is another question"
    await alice.submit(await form(again), prompt=PROMPT, **LEFT_ALONE)
    closed = await house.reads(question, "Video #1 is asked for.")
    assert labels(closed) == []
    status = await house.says(house.lab, "Video #1** is")
    first = await result_of(alice, house.lab, status["id"])
    asked = "SELECT prompt, origin FROM (SELECT job_id, json_extract(request, '$.prompt') AS prompt"
    asked += ", origin FROM job) ORDER BY job_id"
    assert await house.rows(asked) == [(PROMPT, "command")]

    # Of another take nothing is told, of an edit in other words it is; together with its cost.
    await alice.click(first.message, button(first.message, "Again"))
    await house.says(first.message["channel_id"], "another take of #1")
    mara, guild = house.people.mara, int(await _guild(house))
    assert house.bot is not None
    limit = Money(micros=100_000, currency="USD")
    await house.bot.services.policies.confirm_above(guild, limit, by=int(mara.id))
    modal = (await alice.click(first.message, button(first.message, "Edit")))["modal"]
    await alice.submit(modal, prompt=BOAT + "!", **LEFT_ALONE)
    both = await house.told(alice, NOTE, first.message["channel_id"])
    assert "more than USD 0.10" in both["content"]
    assert labels(both) == [ANYWAY, CHANGE, "Cancel"]
    await alice.click(both, button(both, ANYWAY))
    await house.reads(both, "Video #3 is asked for.")
    assert (await house.rows(asked))[2] == (BOAT + "!", "edit")


async def _guild(house: House) -> str:
    assert house.bot is not None
    (guild,) = (here for here in house.bot.guilds if here.get_channel(int(house.lab)))
    return str(guild.id)
