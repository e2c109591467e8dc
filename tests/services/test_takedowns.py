"""What moderators took down is never posted, nor made again; its record stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import DestinationGoneError
from bot.domain.job import JobState, OutcomeReason
from bot.domain.takedown import NoVideoThereError, TakedownTarget, TakenDownError
from bot.engine.held_jobs import HeldJobs
from bot.engine.live_account import rooms_of
from bot.engine.submit import submit
from storage import audit
from storage.lanes import claim_next
from tests.services.world import GUILD, asker, viewer

if TYPE_CHECKING:
    from bot.domain.job import Job
    from tests.services.gateway import Gateway
    from tests.services.world import Process, World

MODERATOR = 9


async def take_down(process: Process, job: Job) -> bool:
    target = TakedownTarget(job_id=job.job_id)
    _, is_news = await process.takedowns.take_down(GUILD, target, reason="vile", by=MODERATOR)
    return is_news


async def clear_away(process: Process) -> list[int]:
    """What the Discord side does after it deleted the post."""
    found = await process.takedowns.to_clear_away()
    for job in found:
        await process.takedowns.remove_files(job)
        await process.takedowns.record_done(job.job_id)
    return [job.job_id for job in found]


def clips(world: World) -> int:
    return len(list(world.files_dir.glob("*.mp4")))


async def test_its_clip_goes_unless_another_video_is_the_same(world: World) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        first, same = [await process.submit() for _ in range(2)]
        await process.delivered(first, same)
        assert clips(world) == 1
        assert await take_down(process, first)
        assert await clear_away(process) == [first.job_id]
        assert clips(world) == 1
        assert await take_down(process, same)
        assert await clear_away(process) == [same.job_id]
        assert clips(world) == 0
        assert await clear_away(process) == []
        assert (await process.job(first.job_id)).state is JobState.DELIVERED


async def test_no_take_of_it_is_made(world: World) -> None:
    async with world.process() as process:
        job = await process.submit()
        await take_down(process, job)
        with pytest.raises(TakenDownError):
            await process.submissions.take_again(job.job_id, asker(), viewer=viewer(), edits=None)


async def test_one_that_waits_is_cancelled_for_nothing(world: World) -> None:
    async with world.process() as process:
        job = await process.submit()
        await take_down(process, job)
        now = await process.job(job.job_id)
        assert (now.state, now.reason) == (
            JobState.CANCELLED,
            OutcomeReason.CANCELLED_BY_MODERATOR,
        )
        assert await process.reservation(job) == "released"


async def test_one_that_the_gateway_does_not_take_is_asked_for_no_more(
    world: World, gateway: Gateway
) -> None:
    await gateway.order("create", "error 429 1302", times=1)
    async with world.process() as process:
        job = await process.submit()
        claimed = await process.database.write(
            lambda db: claim_next(db, rooms=rooms_of(process.accounts), at=world.clock.now())
        )
        assert claimed is not None
        await take_down(process, job)
        ended = await submit(process.tools, claimed, maybe_sent=False)
        assert (ended.state, ended.reason) == (
            JobState.CANCELLED,
            OutcomeReason.CANCELLED_BY_MODERATOR,
        )
        assert await process.reservation(job) == "released"
        assert await clear_away(process) == [job.job_id]


async def test_one_on_hold_is_not_asked_for_once_more(world: World, gateway: Gateway) -> None:
    world.without_safe_repeats()
    await gateway.order("create", "error 500 1234", times=1)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.until(await process.submit(), JobState.HELD)
        await take_down(process, job)
        held_jobs = HeldJobs(process.tools, process.scheduler)
        ended = await held_jobs.begin_anew(job.job_id, attempt=1, by=MODERATOR)
        assert ended.state is JobState.CANCELLED
        assert await process.reservation(job) == "released"
        assert await gateway.charged() == []


async def test_one_that_is_made_is_paid_and_never_posted(world: World) -> None:
    world.channel.refusals.append(DestinationGoneError("no channel is left"))
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.until(job, JobState.FETCHED)
        await take_down(process, job)
    async with world.process() as process:  # and not by a later process either
        await process.scheduler.start()
        while not (ended := await process.job(job.job_id)).is_terminal:
            await world.channel.next_change()
        assert (ended.state, ended.reason) == (JobState.FAILED, OutcomeReason.TAKEN_DOWN)
        assert await process.reservation(job) == "settled"
        assert world.channel.posts == {}
        assert await clear_away(process) == [job.job_id]
        assert clips(world) == 0


async def test_it_is_taken_down_and_recorded_once(world: World) -> None:
    async with world.process() as process:
        job = await process.submit()
        assert [await take_down(process, job) for _ in range(2)] == [True, False]
        (entry,) = await process.database.read(
            lambda db: audit.entries_of_guild(db, GUILD, limit=9)
        )
        assert entry.act.subject_id == job.job_id
        assert entry.act.detail == {"member_id": job.user_id, "reason": "vile"}


async def test_another_servers_video_is_out_of_reach(world: World) -> None:
    async with world.process() as process:
        job = await process.submit(guild_id=2)
        for target in (
            TakedownTarget(job_id=job.job_id),
            TakedownTarget(job_id=job.job_id + 1),
            TakedownTarget(message_id=10**17),
        ):
            with pytest.raises(NoVideoThereError):
                await process.takedowns.take_down(GUILD, target, reason=None, by=MODERATOR)
        assert (await process.job(job.job_id)).taken_down_at is None
