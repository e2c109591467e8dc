"""The bot stops at any point of a job's life and starts again: one paid create, one post."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

import pytest

from bot.domain.job import JobState, OutcomeReason
from storage import lanes, steps
from tests.accounts import rooms
from tests.services.world import OPTIONS, PATIENCE_S, viewer

if TYPE_CHECKING:
    from bot.domain.job import Job
    from tests.services.channel import Channel
    from tests.services.gateway import Gateway
    from tests.services.world import Process, World


async def resumed(world: World, job: Job) -> Job:
    """A new process on what the last one left, until the job is delivered."""
    async with world.process() as process:
        await process.scheduler.start()
        (done,) = await process.delivered(job)
        assert await process.reservation(job) == "settled"
    return done


async def check_one_of_each(world: World, job: Job) -> None:
    assert await world.gateway.charged_jobs() == [job.job_id]
    assert [len(posts) for posts in world.channel.posts.values()] == [1]
    assert [path.suffix for path in world.files_dir.iterdir()] == [".mp4"]


async def test_while_it_waited(world: World) -> None:
    async with world.process() as process:
        job = await process.submit()
    await resumed(world, job)
    await check_one_of_each(world, job)


async def claim(process: Process, job: Job) -> Job:
    at = process.world.clock.now()
    claimed = await process.database.write(
        lambda db: lanes.claim_next(db, rooms=rooms({"cogvideox-3": 1}), at=at)
    )
    assert claimed is not None
    assert claimed.job_id == job.job_id
    return claimed


async def test_between_the_intent_to_pay_and_the_call(world: World) -> None:
    async with world.process() as process:
        job = await claim(process, await process.submit())
    done = await resumed(world, job)
    assert done.attempt == 1
    await check_one_of_each(world, job)


@pytest.mark.parametrize("fault", ["hang_before", "hang_after"])
async def test_during_the_paid_call(world: World, gateway: Gateway, fault: str) -> None:
    await gateway.order("create", fault)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        async with asyncio.timeout(PATIENCE_S):
            await gateway.fault_struck()
        assert (await process.job(job.job_id)).state is JobState.SUBMITTING
    done = await resumed(world, job)
    assert done.attempt == 1
    await check_one_of_each(world, job)


async def test_during_the_paid_call_and_then_the_gateway_is_busy(
    world: World, gateway: Gateway
) -> None:
    await gateway.order("create", "hang_after")
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        async with asyncio.timeout(PATIENCE_S):
            await gateway.fault_struck()
    await gateway.order("create", "error 429 1302", times=3)
    await resumed(world, job)
    await check_one_of_each(world, job)


async def test_while_it_rendered(world: World, gateway: Gateway) -> None:
    await gateway.turn(render_delay_s=3600)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.until(job, JobState.RENDERING)
    await gateway.turn(advance_s=3600)
    await resumed(world, job)
    await check_one_of_each(world, job)


async def test_while_the_clip_was_downloaded(world: World, gateway: Gateway) -> None:
    await gateway.order("file", "slow 600")
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        async with asyncio.timeout(PATIENCE_S):
            await gateway.fault_struck()
        assert (await process.job(job.job_id)).state is JobState.RENDERING
    await resumed(world, job)
    await check_one_of_each(world, job)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_while_it_was_posted(
    world: World, channel: Channel, moment: Literal["before", "after"]
) -> None:
    channel.hold = moment
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        async with asyncio.timeout(PATIENCE_S):
            await channel.held.wait()
        assert (await process.job(job.job_id)).state is JobState.FETCHED
    await resumed(world, job)
    assert [call.look_first for call in channel.calls] == [False, True]
    await check_one_of_each(world, job)


async def test_again_and_again(world: World, gateway: Gateway, channel: Channel) -> None:
    await gateway.turn(faults=[{"on": "create", "do": "hang_after"}])
    async with world.process() as process:
        job = await process.submit()
    for _ in range(2):
        async with world.process() as process:
            await process.scheduler.start()
            async with asyncio.timeout(PATIENCE_S):
                await gateway.fault_struck()
    channel.hold = "after"
    async with world.process() as process:
        await process.scheduler.start()
        async with asyncio.timeout(PATIENCE_S):
            await channel.held.wait()
    await resumed(world, job)
    await check_one_of_each(world, job)


@pytest.mark.parametrize(
    "state",
    [
        JobState.DELIVERED,
        JobState.FAILED,
        JobState.CANCELLED,
        JobState.EXPIRED,
        JobState.HELD,
    ],
)
async def test_what_has_ended_or_is_held_is_left_alone(
    world: World, gateway: Gateway, channel: Channel, state: JobState
) -> None:
    async with world.process() as process:
        job = await _brought_to(process, state)
    charged, posts = await gateway.charged(), dict(channel.posts)
    async with world.process() as process:
        await process.scheduler.start()
        other = await process.submit(user_id=99)
        await process.delivered(other)
        assert (await process.job(job.job_id)).state is state
    assert await gateway.charged_jobs() == [
        *(int(request_id.split("-")[2]) for request_id in charged),
        other.job_id,
    ]
    assert channel.posts.keys() == {*posts, other.job_id}


async def _brought_to(process: Process, state: JobState) -> Job:
    job = await process.submit(OPTIONS)
    at = process.world.clock.now()
    if state is JobState.DELIVERED:
        await process.scheduler.start()
        (done,) = await process.delivered(job)
        return done
    if state is JobState.CANCELLED:
        return await process.jobs.cancel(
            viewer(guild_id=job.place.guild_id, user_id=job.user_id), job.job_id
        )
    job = await claim(process, job)
    if state is JobState.EXPIRED:
        job = await process.database.write(
            lambda db: steps.record_task(db, job.job_id, provider_task_id="lost", at=at)
        )
    return await process.database.write(
        lambda db: steps.finish(
            db,
            job.job_id,
            expected=job.state,
            state=state,
            reason=OutcomeReason.SUBMISSION_UNKNOWN,
            at=at,
        )
    )
