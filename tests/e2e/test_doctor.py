"""The doctor finds what is wrong with an installation, and says of each fault what to do."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.doctor.finding import Level
from tests.e2e.illnesses import API_KEY, FAULTS, NOBODY, ON_THE_MACHINE, held_job, open_folder
from tests.e2e.patient import Patient, free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.e2e.house import House

pytestmark = [pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def patient(empty_house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Patient]:
    """Where the bot ran once, and is stopped."""
    await empty_house.start_bot()
    await empty_house.stop_bot()
    found = Patient(
        empty_house,
        {
            "discord_token": empty_house.playground.bot_token,
            "discord_api_url": empty_house.playground.discord_api,
            "discord_gateway_url": empty_house.playground.gateway_url,
            "api_key": empty_house.emulator.api_key,
            "gateway_url": empty_house.emulator.api_base,
            "state_dir": str(empty_house.state_dir),
            "operator_channel_id": empty_house.lab,
            "health_port": str(free_port()),
        },
        monkeypatch,
    )
    with found.held_open:
        yield found


@pytest.mark.parametrize(
    ("seed", "part", "said", "mend"), FAULTS, ids=[seed.__name__ for seed, *_ in FAULTS]
)
async def test_a_fault_is_found_and_how_to_mend_it(
    patient: Patient, seed: Callable[[Patient], None], part: str, said: str, mend: str
) -> None:
    await asyncio.to_thread(seed, patient)
    found = await patient.faults(offline=seed in ON_THE_MACHINE)
    fits = next((each for each in found if each.part == part and said in each.said), None)
    assert fits is not None, found
    assert mend in fits.mend
    assert fits.level is (Level.NOTE if seed in {held_job, open_folder} else Level.FAULT)


async def test_an_installation_that_works_has_no_fault_and_is_left_as_it_was(
    patient: Patient,
) -> None:
    def digest() -> str:
        return sha256(patient.path.read_bytes()).hexdigest()

    before = await asyncio.to_thread(digest)
    code, told = await patient.told()
    assert code == 0, told
    assert "FAULT" not in told
    assert "note" not in told
    assert "2 of 2 grant all" in told
    assert await asyncio.to_thread(digest) == before


async def test_it_works_while_the_bot_runs_and_asks_it_how_it_is(patient: Patient) -> None:
    await patient.house.start_bot(health=True, health_port=int(patient.settings["health_port"]))
    code, told = await patient.told()
    assert code == 0, told
    assert "runs as process" in told
    assert "the running bot is well in every part" in told
    assert patient.house.bot is not None
    await patient.house.bot.on_disconnect()
    code, told = await patient.told()
    assert code == 1
    assert "health: discord: not connected" in told
    await patient.house.bot.on_resumed()
    await patient.house.video()


async def test_a_public_address_leads_to_the_bot_that_runs_or_does_not(patient: Patient) -> None:
    port = free_port()
    public_url = f"http://127.0.0.1:{port}"
    await patient.house.start_bot(public_url=public_url, link_port=port)
    patient.settings |= {"public_url": public_url, "health": "false"}
    code, told = await patient.told()
    assert code == 0, told
    assert f"public address: {public_url} leads to the bot" in told
    assert f"note   public address: {public_url} is not https" in told

    patient.settings["public_url"] = patient.house.playground.people_api
    code, told = await patient.told()
    assert code == 1
    assert "that is not the bot" in told

    await patient.house.stop_bot()
    code, told = await patient.told()
    assert code == 0, told
    assert "can be reached" in told


async def test_a_running_bot_without_its_health_page_is_told(patient: Patient) -> None:
    await patient.house.start_bot()
    [found] = await patient.faults(offline=True)
    assert "does not answer" in found.said


async def test_its_words_hold_no_secret(patient: Patient) -> None:
    patient.settings |= {"api_key": API_KEY, "discord_token": "MTIz.made-up.token"}
    code, told = await patient.told()
    assert code == 1
    for secret in (API_KEY, "made-up"):
        assert secret not in told


async def test_offline_nobody_is_asked(patient: Patient) -> None:
    patient.settings |= {"discord_api_url": NOBODY, "gateway_url": NOBODY}
    assert await patient.faults(offline=True) == []


async def test_before_the_first_start_there_is_nothing_to_complain_about(
    patient: Patient, tmp_path: Path
) -> None:
    patient.settings["state_dir"] = str(tmp_path / "to" / "be" / "made")
    assert {found.level for found in await patient.faults(offline=True)} == {Level.NOTE}
