"""Somebody is away for an hour: every video waits for them, and is paid for and posted once."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import DeliveryUnavailableError, StorageBusyError
from bot.domain.job import JobState
from storage.database import Database
from tests.services.fake_clock import START
from tests.services.world import PATIENCE_S

if TYPE_CHECKING:
    from tests.services.channel import Channel
    from tests.services.fake_clock import FakeClock
    from tests.services.gateway import Gateway
    from tests.services.world import World

HOUR = timedelta(hours=1)
LASTING_S = 10_000_000.0
LASTING = 100_000
AWAY = ("error 503 1305", "lost_answer")


@pytest.mark.parametrize("how", AWAY)
@pytest.mark.parametrize("on", ["poll", "file"])
async def test_the_gateway_is_away_for_an_hour(
    world: World, clock: FakeClock, gateway: Gateway, channel: Channel, on: str, how: str
) -> None:
    fault = "error 503" if on == "file" and how.startswith("error") else how
    await gateway.turn(faults=[{"on": on, "do": fault, "times": LASTING}])
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.until(job, JobState.RENDERING)
        await process.let_others_run(lambda: clock.now() - START > HOUR)
        assert (await process.job(job.job_id)).state is JobState.RENDERING
        await gateway.turn(faults=[])
        await process.delivered(job)
        assert await process.reservation(job) == "settled"
    assert len(channel.posts[job.job_id]) == 1
    assert len(await gateway.charged()) == 1


async def test_the_gateway_takes_no_job_for_an_hour(
    world: World, clock: FakeClock, gateway: Gateway, channel: Channel
) -> None:
    await gateway.turn(faults=[{"on": "create", "do": "error 503 1305", "times": LASTING}])
    async with world.process() as process:
        await process.scheduler.start()
        jobs = [await process.submit() for _ in range(2)]
        await process.let_others_run(lambda: clock.now() - START > HOUR)
        assert await gateway.charged() == []
        await gateway.turn(faults=[])
        await process.delivered(*jobs)
    assert [len(channel.posts[job.job_id]) for job in jobs] == [1, 1]
    assert len(await gateway.charged()) == 2


async def test_discord_is_away_for_an_hour(
    world: World, clock: FakeClock, gateway: Gateway, channel: Channel
) -> None:
    channel.refusals.extend(DeliveryUnavailableError("it is away") for _ in range(40))
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(job := await process.submit())
    assert clock.now() - START > HOUR
    assert not channel.refusals
    assert len(channel.posts[job.job_id]) == 1
    assert len(await gateway.charged()) == 1


async def test_another_process_has_locked_the_database_for_an_hour(
    world: World,
    clock: FakeClock,
    gateway: Gateway,
    channel: Channel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Members are refused, nothing is made for free, and what renders is delivered afterwards."""
    impatient = partial(Database.open, busy_timeout_s=0.01)
    monkeypatch.setattr(Database, "open", impatient)
    await gateway.turn(render_delay_s=LASTING_S)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.until(job, JobState.RENDERING)
        foreign = await asyncio.to_thread(
            sqlite3.connect,
            world.folder / "cogreel.sqlite3",
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            await asyncio.to_thread(foreign.execute, "BEGIN IMMEDIATE")
            await gateway.turn(render_delay_s=0, advance_s=LASTING_S)
            begun = clock.now()
            with pytest.raises(StorageBusyError):
                await process.submit()
            async with asyncio.timeout(PATIENCE_S):
                while clock.now() - begun < HOUR:
                    await channel.next_change()
            assert (await process.job(job.job_id)).state is JobState.RENDERING
            await asyncio.to_thread(foreign.execute, "ROLLBACK")
        finally:
            foreign.close()
        await process.delivered(job)
        await process.delivered(another := await process.submit())
        assert await process.reservation(job) == "settled"
    assert [len(channel.posts[each.job_id]) for each in (job, another)] == [1, 1]
    assert len(await gateway.charged()) == 2
