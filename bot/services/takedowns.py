"""Moderators take videos down: the post and the files go, the record stays."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.block import canonical_reason
from bot.domain.job import JobState
from bot.domain.language import N_
from bot.domain.takedown import NoVideoThereError, TakedownTarget
from bot.fault_points import FaultPoint, reached
from bot.metrics import count_end
from storage import (
    artifacts,
    audit,
    erasure,
    further_posts,
    job_queries,
    parcels,
    takedowns,
)
from storage.job_rows import require_job

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from bot.clock import Clock
    from bot.domain.job import Job
    from storage.database import Database

AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Takedowns:
    """Who may is the caller's to say. What is posted is cleared away by ``cogs/clearing.py``."""

    database: Database
    clock: Clock
    files_dir: Path

    async def take_down(
        self, guild_id: int, target: TakedownTarget, *, reason: str | None, by: int
    ) -> tuple[Job, bool]:
        """Take a video of a server down; the job, and whether it was not down already.

        Raises:
            NoVideoThereError: There is no such video on this server.
        """
        at = self.clock.now()

        def write(db: sqlite3.Connection) -> tuple[Job, bool, Job | None]:
            job = _find(db, target)
            if job is None or job.place.guild_id != guild_id:
                raise NoVideoThereError
            is_news = takedowns.take_down(db, job.job_id, at=at)
            if is_news:
                audit.append(db, _taken_down(job, reason=reason, by=by), at=at)
            waited = is_news and job.state is JobState.QUEUED
            return job, is_news, require_job(db, job.job_id) if waited else None

        reached(FaultPoint.BEFORE_TAKEDOWN)
        job, is_news, cancelled = await self.database.write(write)
        reached(FaultPoint.AFTER_TAKEDOWN)
        if cancelled is not None:
            count_end(cancelled)
        return job, is_news

    async def to_clear_away(self) -> list[Job]:
        """What was taken down and has ended, whose post or files may still be there."""
        return await self.database.read(lambda db: takedowns.to_clear_away(db, limit=AT_ONCE))

    async def remove_files(self, job: Job) -> None:
        """Delete the clip, and what was made of it, where no other job has it; let the images go.

        Images that no other job needs are deleted by the housekeeping, within two hours.
        """
        await self.database.write(lambda db: takedowns.drop_inputs(db, job.job_id))
        parcel = await self.database.read(lambda db: parcels.parcel_of(db, job.job_id))
        held = (job.clip.artifact_id if job.clip else None, parcel.fitted_artifact_id)
        for file in filter(None, held):
            is_shared = partial(takedowns.clip_is_shared, artifact_id=file)
            if not await self.database.read(is_shared):
                path = self.files_dir / artifacts.clip_file_name(file)
                await asyncio.to_thread(path.unlink, missing_ok=True)

    async def record_done(self, job_id: int) -> None:
        """Remember that posts and files are gone; forget what its member wanted deleted."""
        at = self.clock.now()

        def write(db: sqlite3.Connection) -> None:
            takedowns.record_done(db, job_id, at=at)
            further_posts.forget_all(db, job_id)
            job = job_queries.get_job(db, job_id)
            if job is not None and job.withdrawn_at is not None and job.erased_at is None:
                erasure.erase(db, job_id, at=at)

        await self.database.write(write)


def _find(db: sqlite3.Connection, target: TakedownTarget) -> Job | None:
    if target.message_id is not None:
        return job_queries.job_for_message(db, target.message_id)
    return job_queries.get_job(db, target.job_id or 0)


def _taken_down(job: Job, *, reason: str | None, by: int) -> Act:
    return Act(
        guild_id=job.place.guild_id,
        actor_id=by,
        action=AuditAction.JOB_TAKEN_DOWN,
        subject_kind=SubjectKind.JOB,
        subject_id=job.job_id,
        detail={
            "member_id": job.user_id,
            "reason": canonical_reason(reason) or N_("no reason given"),
        },
    )
