"""A bot's past: thousands of videos that were made, paid and posted on one server."""

from __future__ import annotations

import hashlib
import random
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.backlog import ACCOUNT, MODEL, ROOMS
from benchmarks.programs import BenchmarkError
from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.cost import Cost
from bot.domain.job import Clip, JobState, NewJob, Origin, OutcomeReason, Place
from bot.domain.money import Money
from bot.domain.render_setting import RenderSetting
from bot.domain.render_times import assumed
from bot.domain.request import VideoRequest
from playground.world.seed import ALICE, BOB, DARKROOM, MARA, VIDEO_LAB
from storage import audit, steps
from storage.database import Database
from storage.enqueue import enqueue
from storage.lanes import claim_next

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime
    from pathlib import Path

AT_ONCE = 500
DAYS = 30
ASKERS = (ALICE, BOB, MARA)
NO_LIMIT = 10**9
FIRST_MESSAGE = 1_200_000_000_000_000_000  # no message of the playground's has so low a number
SETTING = RenderSetting(
    gateway="zai", model=MODEL, settings="text 5s", assumed=assumed(median_s=90.0, p95_s=270.0)
)
COST = Cost(by_account={ACCOUNT: Money(micros=200_000, currency="USD")}, of="2026-11-20")


async def lived_through(path: Path, *, jobs: int, until: datetime) -> int:
    """Write a month of delivered videos, each with an entry of the audit, and one on hold.

    They come at random instants, the same ones in each run.

    Returns:
        The number of the one on hold.
    """
    chance = random.Random(jobs)  # noqa: S311  # repeatable, guards no secret
    ago = sorted((timedelta(days=DAYS) * chance.random() for _ in range(jobs)), reverse=True)
    async with await Database.open(path) as database:
        for begin in range(0, jobs, AT_ONCE):
            some = list(enumerate(ago))[begin : begin + AT_ONCE]
            await database.write(partial(_put_all, some=some, of=jobs, until=until))
        return await database.write(partial(_put_held, number=jobs, at=until))


def _put_all(
    db: sqlite3.Connection, *, some: list[tuple[int, timedelta]], of: int, until: datetime
) -> None:
    for number, ago in some:
        at = until - ago
        job_id = _rendering(db, number, at)
        steps.record_fetched(db, job_id, clip=_clip(number), at=at)
        message_id = FIRST_MESSAGE + number
        steps.record_status_message(db, job_id, message_id=message_id)
        steps.record_delivered(
            db, job_id, result_message_id=message_id + of, thread_id=message_id, at=at
        )
        steps.record_shown(db, job_id, state=JobState.DELIVERED)
        audit.append(db, _act(number), at=at)


def _put_held(db: sqlite3.Connection, *, number: int, at: datetime) -> int:
    job_id = _claimed(db, number, at)
    steps.finish(
        db,
        job_id,
        expected=JobState.SUBMITTING,
        state=JobState.HELD,
        reason=OutcomeReason.SUBMISSION_UNKNOWN,
        at=at,
    )
    steps.record_shown(db, job_id, state=JobState.HELD)
    return job_id


def _rendering(db: sqlite3.Connection, number: int, at: datetime) -> int:
    job_id = _claimed(db, number, at)
    steps.record_task(db, job_id, provider_task_id=f"task-{number}", at=at)
    return job_id


def _claimed(db: sqlite3.Connection, number: int, at: datetime) -> int:
    enqueue(db, _new_job(number), at=at, max_waiting_per_member=NO_LIMIT)
    job = claim_next(db, rooms=ROOMS, at=at)
    if job is None:
        raise BenchmarkError("the one video that waits was not claimed")
    return job.job_id


def _new_job(number: int) -> NewJob:
    return NewJob(
        request=VideoRequest(model=MODEL, prompt=f"A paper boat, number {number}", duration_s=5),
        user_id=int(ASKERS[number % len(ASKERS)]),
        role_ids=(),
        place=Place(guild_id=int(DARKROOM), channel_id=int(VIDEO_LAB), in_thread=False),
        origin=Origin.COMMAND,
        origin_key=f"interaction:{number}",
        route=f"{MODEL} {ACCOUNT}",
        setting=SETTING,
        cost=COST,
    )


def _clip(number: int) -> Clip:
    return Clip(
        artifact_id=hashlib.sha256(str(number).encode()).hexdigest(),
        size_bytes=1_000_000,
        width_px=1280,
        height_px=720,
        duration_s=5.0,
        fps=30.0,
        has_audio=False,
        attachable=True,
        picture_plays=True,
    )


def _act(number: int) -> Act:
    user_id = int(ASKERS[number % len(ASKERS)])
    return Act(
        guild_id=int(DARKROOM),
        actor_id=user_id,
        action=AuditAction.REFUSED_QUEUE_FULL,
        subject_kind=SubjectKind.MEMBER,
        subject_id=user_id,
        detail={"limit": 10},
    )
