"""Several accounts, as people see them: who makes a video, who stands in, what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.settings import AccountSettings
from emulator.gateways import GATEWAYS

if TYPE_CHECKING:
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

NO_BALANCE = "error 429 1113"


@pytest_asyncio.fixture(loop_scope="session")
async def house(empty_house: House) -> House:
    """Z.AI first; BigModel costs less, 302.AI does not say what it costs."""
    emulator = empty_house.emulator
    others = {
        gateway: AccountSettings.model_validate(
            {
                "api_key": emulator.keys[gateway],
                "gateway": gateway,
                "gateway_url": emulator.base_of(gateway),
            }
        )
        for gateway in GATEWAYS
        if gateway != "zai"
    }
    await empty_house.start_bot(
        accounts={"second": others["bigmodel"], "third": others["302ai"]},
        exchange_rates={"CNY": "0.1"},
    )
    return empty_house


def refuse(house: House, *gateways: str, times: int = 1000) -> None:
    house.emulator.knobs.update(
        {
            "faults": [
                {"on": "create", "do": NO_BALANCE, "times": times, "gateway": gateway}
                for gateway in gateways
            ]
        }
    )


def makers(house: House) -> list[str]:
    return [entry.gateway for entry in house.emulator.ledger][-house.paid :]


async def test_who_stands_in_is_said_in_the_status(house: House) -> None:
    refuse(house, "zai")
    status = await house.ask()
    told = await house.reads(status, "is done")
    assert "Through BigModel, because Z.AI takes nothing at present." in told["content"]
    assert makers(house) == ["bigmodel"]
    refuse(house)
    other = await house.video()
    assert "because" not in other.status["content"]


async def test_a_video_that_waits_for_a_stopped_account_says_so_and_is_made_afterwards(
    house: House,
) -> None:
    refuse(house, "zai", "bigmodel")
    status = await house.ask()
    await house.reads(status, "The video service takes nothing at present")
    refuse(house)
    await house.reads(status, "is done")
    assert house.paid == 1


async def test_moderators_let_a_dearer_account_stand_in(house: House) -> None:
    refuse(house, "zai", "bigmodel")
    status = await house.ask()
    await house.reads(status, "The video service takes nothing at present")
    await house.people.mara.command(house.lab, "cogreel stand-in", allowed="yes")
    told = await house.reads(status, "is done")
    assert "Through 302.AI, because Z.AI takes nothing at present." in told["content"]
    assert makers(house) == ["302ai"]
    refuse(house)


async def test_an_account_that_became_another_gateways_is_not_asked_for_what_it_never_had(
    house: House,
) -> None:
    house.hold_renders()
    status = await house.ask()
    await house.reads(status, "is rendering")
    bigmodel = {
        "gateway": "bigmodel",
        "gateway_url": house.emulator.base_of("bigmodel"),
        "api_key": house.emulator.keys["bigmodel"],
    }
    await house.restart_bot(**bigmodel)
    house.let_renders_end()
    other = await house.video()
    assert makers(house) == ["zai", "bigmodel"]
    assert (await house.rows("SELECT state, account FROM job WHERE job_id = 1")) == [
        ("rendering", "main@zai")
    ]
    await house.restart_bot()
    await house.reads(status, "is done")
    assert house.paid == 2
    assert other.message["attachments"]


async def test_all_models_are_listed_in_as_many_messages_as_it_takes(house: House) -> None:
    await house.people.alice.command(house.lab, "video models")
    last = await house.told(house.people.alice, "`cogvideox` ·")
    first = await house.told(house.people.alice, "`cogvideox-3` · USD 0.20 · the default")
    assert "then BigModel (CNY 1.00)" in first["content"]
    assert "302.AI" not in first["content"], "nobody allowed a dearer one"
    assert "through BigModel" in last["content"]
