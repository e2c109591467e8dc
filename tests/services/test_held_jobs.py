"""A held job is settled by a person's word, once, and by nothing else."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.domain.audit import AuditAction
from bot.domain.job import JobState, OutcomeReason
from bot.engine.held_jobs import HeldJobs, NotHeldError, TaskNotUsableError
from storage import audit, notices
from tests.services.world import GUILD

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.domain.job import Job
    from tests.services.gateway import Gateway
    from tests.services.world import Process, World

OPERATOR = 99


@asynccontextmanager
async def held(
    world: World, gateway: Gateway, do: str = "lost_answer"
) -> AsyncGenerator[tuple[Process, HeldJobs, Job]]:
    """A job whose create got no answer, where no repeat is safe."""
    world.without_safe_repeats()
    await gateway.order("create", do, times=1)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.until(await process.submit(), JobState.HELD)
        yield process, HeldJobs(process.tools, process.scheduler), job


async def told(process: Process) -> list[tuple[AuditAction, int, str]]:
    entries = await process.database.read(lambda db: audit.entries_of_guild(db, GUILD, limit=9))
    return [
        (entry.act.action, entry.act.actor_id, str(entry.act.detail.get("how")))
        for entry in entries
    ]


async def test_the_operator_is_told_of_it_with_what_to_look_up(
    world: World, gateway: Gateway
) -> None:
    async with held(world, gateway) as (process, held_jobs, job):
        (notice,) = await process.database.read(lambda db: notices.unsent(db, 9))
        assert f"Video #{job.job_id} is on hold" in notice.text
        assert job.request_id is not None
        assert job.request_id in notice.text
        assert [each.job_id for each in await held_jobs.all()] == [job.job_id]


async def test_unpaid_gives_back_what_was_reserved(world: World, gateway: Gateway) -> None:
    async with held(world, gateway, "error 500 1234") as (process, held_jobs, job):
        ended = await held_jobs.unpaid(job.job_id, by=OPERATOR)
        assert (ended.state, ended.reason) == (JobState.FAILED, OutcomeReason.NEVER_TAKEN)
        assert await process.reservation(job) == "released"
        assert await told(process) == [(AuditAction.HELD_SETTLED, OPERATOR, "it was not paid")]
        assert await held_jobs.all() == []


async def test_paid_without_a_clip_counts(world: World, gateway: Gateway) -> None:
    async with held(world, gateway) as (process, held_jobs, job):
        ended = await held_jobs.paid(job.job_id, by=OPERATOR)
        assert (ended.state, ended.reason) == (JobState.FAILED, OutcomeReason.PAID_CLIP_LOST)
        assert await process.reservation(job) == "settled"


async def test_a_task_that_is_found_is_followed_and_delivered(
    world: World, gateway: Gateway
) -> None:
    async with held(world, gateway) as (process, held_jobs, job):
        (task,) = {entry["task_id"] for entry in await gateway.ledger()}
        await held_jobs.adopt(job.job_id, f" {task} ", by=OPERATOR)
        (done,) = await process.delivered(job)
        assert done.provider_task_id == task
        assert await process.reservation(job) == "settled"
        assert len(await gateway.charged()) == 1
        assert len(world.channel.posts[job.job_id]) == 1


@pytest.mark.parametrize(
    ("task", "why"),
    [("12345678", "knows no such task"), ("not/a task", "no task id")],
    ids=["unknown", "not one"],
)
async def test_a_task_that_the_gateway_does_not_know_changes_nothing(
    world: World, gateway: Gateway, task: str, why: str
) -> None:
    async with held(world, gateway) as (process, held_jobs, job):
        with pytest.raises(TaskNotUsableError, match=why):
            await held_jobs.adopt(job.job_id, task, by=OPERATOR)
        assert await process.job(job.job_id) == job
        assert await process.reservation(job) == "reserved"
        assert await told(process) == []


async def test_another_jobs_task_is_not_adopted(world: World, gateway: Gateway) -> None:
    async with held(world, gateway, "error 500 1234") as (process, held_jobs, job):
        (other,) = await process.delivered(await process.submit())
        with pytest.raises(TaskNotUsableError, match=f"is video #{other.job_id}"):
            await held_jobs.adopt(job.job_id, other.provider_task_id or "", by=OPERATOR)


async def test_a_retry_is_one_new_attempt_with_a_new_request_id(
    world: World, gateway: Gateway
) -> None:
    async with held(world, gateway) as (process, held_jobs, job):
        await held_jobs.begin_anew(job.job_id, attempt=1, by=OPERATOR)
        with pytest.raises(NotHeldError):  # the second press of the same button
            await held_jobs.begin_anew(job.job_id, attempt=1, by=OPERATOR)
        (done,) = await process.delivered(job)
        assert done.attempt == 2
        assert done.request_id != job.request_id
        assert len(await gateway.charged()) == 2  # as the operator was warned
        assert await process.reservation(job) == "settled"


async def test_the_word_for_one_attempt_is_not_the_word_for_the_next(
    world: World, gateway: Gateway
) -> None:
    async with held(world, gateway, "error 500 1234") as (process, held_jobs, job):
        await gateway.order("create", "error 500 1234", times=1)
        await held_jobs.begin_anew(job.job_id, attempt=1, by=OPERATOR)
        again = await process.until(job, JobState.HELD)
        assert again.attempt == 2
        with pytest.raises(NotHeldError):
            await held_jobs.begin_anew(job.job_id, attempt=1, by=OPERATOR)


async def test_what_is_settled_is_not_settled_again(world: World, gateway: Gateway) -> None:
    async with held(world, gateway) as (process, held_jobs, job):
        await held_jobs.paid(job.job_id, by=OPERATOR)
        for settle in (held_jobs.paid, held_jobs.unpaid):
            with pytest.raises(NotHeldError):
                await settle(job.job_id, by=OPERATOR)
        with pytest.raises(NotHeldError):
            await held_jobs.adopt(job.job_id, "12345678", by=OPERATOR)
        assert await process.reservation(job) == "settled"
        assert len(await told(process)) == 1
