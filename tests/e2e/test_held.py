"""The operator settles videos on hold by command; nobody else does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bot.engine import submit
from playground.person import button
from playground.world.seed import MODERATORS

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(autouse=True)
def held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first create without an answer, instead of after many minutes of repeats."""
    monkeypatch.setattr(submit, "HELD_AFTER_UNANSWERED", 1)


async def held(house: House, do: str = "lost_answer") -> Json:
    """Alice's video, on hold; its status message."""
    house.emulator.knobs.update({"faults": [{"on": "create", "do": do, "times": 1}]})
    return await house.reads(await house.ask(), "is on hold")


async def settle(house: House, words: str, **options: Any) -> Json:  # noqa: ANN401  # what was typed
    """Mara owns the application in the playground."""
    await house.people.mara.command(house.lab, "jobs settle", job=1, **options)
    return await house.told(house.people.mara, words)


async def test_the_list_says_what_to_look_up(house: House) -> None:
    await held(house)
    await house.people.mara.command(house.lab, "jobs list")
    told = await house.told(house.people.mara, "**#1**")
    ((request_id,),) = await house.rows("SELECT request_id FROM job")
    assert f"request `{request_id}`" in told["content"]
    assert "attempt 1" in told["content"]


async def test_a_moderator_who_is_not_the_operator_is_refused(house: House) -> None:
    status = await held(house)
    guild = next(iter(house.playground.world.guilds.values()))
    chen = house.people.chen
    guild.members[chen.id] = replace(guild.members[chen.id], roles=(MODERATORS,))
    await chen.command(house.lab, "jobs settle", job=1, how="unpaid")
    await house.told(chen, "Only the operator of this bot, who owns its application")
    await chen.command(house.lab, "jobs list")
    assert await chen.autocomplete(house.lab, "jobs settle", "job", job=1) == []
    assert await house.rows("SELECT state FROM job") == [("held",)]
    await house.reads(status, "is on hold")


async def test_unpaid_frees_it_and_tells_the_member(house: House) -> None:
    status = await held(house, "error 500 500")
    choices = await house.people.mara.autocomplete(house.lab, "jobs settle", "job", job=1)
    assert [choice["value"] for choice in choices] == [1]
    await settle(house, "is given back", how="unpaid")
    await house.reads(status, "never took it, as the operator of this bot found")
    log = await house.people.mara.command(house.lab, "moderate log")
    assert "the operator of this bot, settled video #1" in log["message"]["content"]


async def test_paid_with_its_task_delivers_it(house: House) -> None:
    status = await held(house)
    task = list(house.emulator.ledger)[-1].task_id
    await settle(house, f"goes on as task `{task}`", how="paid", task=task)
    await house.reads(status, "is done")
    assert house.paid == 1


async def test_paid_without_it_ends_it(house: House) -> None:
    status = await held(house)
    await settle(house, "counts as paid", how="paid")
    await house.reads(status, "its clip is lost")
    await settle(house, "is not on hold, or was settled before", how="paid")


async def test_a_retry_asks_first_and_survives_a_restart(house: House) -> None:
    status = await held(house)
    asked = await settle(house, "pays a second time", how="retry")
    assert await house.rows("SELECT state FROM job") == [("held",)]
    await house.restart_bot()
    await house.people.mara.click(asked, button(asked, "Ask for it once more"))
    await house.told(house.people.mara, "is asked for as a new request")
    await house.reads(status, "is done")
    await house.people.mara.click(asked, button(asked, "Ask for it once more"))
    await house.told(house.people.mara, "is not on hold, or was settled before")
    assert house.paid == 2
    assert await house.rows("SELECT attempt, state FROM job") == [(2, "delivered")]
