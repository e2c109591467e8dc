"""Who is served when, how many at once, and who wins where two act on one job."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import TYPE_CHECKING

from bot.domain.errors import NotCancellableError
from bot.domain.fairness import ALIKE
from bot.domain.job import JobState
from tests.fair_queue import FairQueue, Waiting
from tests.services.world import ALICE, BOB, viewer

if TYPE_CHECKING:
    import pytest

    from tests.services.gateway import Gateway
    from tests.services.world import World


async def test_two_servers_take_turns_and_so_do_their_members(
    world: World, gateway: Gateway
) -> None:
    async with world.process() as process:
        asked = [(1, ALICE)] * 4 + [(2, BOB)] * 2 + [(1, BOB)] * 2
        jobs = [await process.submit(guild_id=guild, user_id=user) for guild, user in asked]
        await process.scheduler.start()
        await process.delivered(*jobs)
    fair = FairQueue(ALIKE)
    for job in jobs:
        fair.join(
            Waiting(
                job_id=job.job_id,
                guild_id=job.place.guild_id,
                user_id=job.user_id,
                model=job.request.model,
                route=job.route,
            )
        )
    charged = await gateway.charged_jobs()
    assert charged == fair.order(jobs[0].request.model)
    assert charged == [1, 5, 7, 6, 2, 8, 3, 4]


async def test_the_accounts_limit_of_renders_at_once_is_used_and_never_passed(
    world: World, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot")
    world.in_flight = 3
    await gateway.turn(in_flight_limit=3, render_delay_s=3600)
    async with world.process() as process:
        jobs = [await process.submit(user_id=10 + number) for number in range(7)]
        await process.scheduler.start()
        for job in jobs[:3]:
            await process.until(job, JobState.RENDERING)
        states = Counter([(await process.job(job.job_id)).state for job in jobs])
        assert states == {JobState.RENDERING: 3, JobState.QUEUED: 4}
        assert len(await gateway.charged()) == 3
        await gateway.turn(render_delay_s=0, advance_s=3600)
        await process.delivered(*jobs)
    assert len(await gateway.charged()) == 7
    assert caplog.records == [], "the gateway never had to refuse"


async def test_a_job_that_arrives_while_the_queue_is_empty_starts_at_once(world: World) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        for _ in range(3):
            await process.delivered(await process.submit())


async def test_a_cancelled_job_is_never_paid_and_a_paid_one_never_cancelled(
    world: World, gateway: Gateway
) -> None:
    world.in_flight = 4
    async with world.process() as process:
        jobs = [await process.submit(user_id=10 + number) for number in range(12)]
        await process.scheduler.start()

        async def cancel(job_id: int) -> bool:
            try:
                await process.jobs.cancel(viewer(user_id=0, is_moderator=True), job_id)
            except NotCancellableError:
                return False
            return True

        outcomes = await asyncio.gather(*(cancel(job.job_id) for job in jobs))
        cancelled = {job.job_id for job, gone in zip(jobs, outcomes, strict=True) if gone}
        made = [job for job in jobs if job.job_id not in cancelled]
        await process.delivered(*made)
        for job in jobs:
            expected = "released" if job.job_id in cancelled else "settled"
            assert await process.reservation(job) == expected
    charged = await gateway.charged_jobs()
    assert sorted(charged) == [job.job_id for job in made]
    assert cancelled, "some were cancelled in time"


async def test_a_waiting_job_knows_about_when_it_starts(world: World, gateway: Gateway) -> None:
    await gateway.turn(render_delay_s=3600)
    async with world.process() as process:
        jobs = [await process.submit() for _ in range(3)]
        await process.scheduler.start()
        await process.until(jobs[0], JobState.RENDERING)
        last = await process.jobs.standing(jobs[2].job_id)
        assert last is not None
        assert last.starts_at is not None
        wait_s = (last.starts_at - world.clock.now()).total_seconds()
        assert 60 < wait_s < 600, "one whole render, and what is left of another"
        assert last.place == 2
        await gateway.turn(render_delay_s=0, advance_s=3600)
        await process.delivered(*jobs)
