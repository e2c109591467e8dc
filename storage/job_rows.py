"""Rows of the job table as `Job` values: the one place that maps them."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from bot.clock import from_ms
from bot.domain.errors import JobNotFoundError
from bot.domain.job import Clip, Job, JobState, Origin, OutcomeReason, Place
from storage.request_codec import decode_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    Parameters = Sequence[object] | Mapping[str, object]

SELECT_JOB = """
SELECT job.*, artifact.size_bytes AS clip_size_bytes, clip.width_px, clip.height_px,
    clip.duration_s AS clip_duration_s, clip.fps, clip.has_audio, clip.attachable,
    clip.picture_plays
FROM job
LEFT JOIN clip ON clip.artifact_id = job.clip_artifact_id
LEFT JOIN artifact ON artifact.artifact_id = job.clip_artifact_id
"""
"""Goes in front of a WHERE clause. Everything that `select_jobs` reads."""


def select_jobs(db: sqlite3.Connection, query: str, parameters: Parameters) -> list[Job]:
    """Run a query that begins with `SELECT_JOB`."""
    cursor = db.cursor()
    cursor.row_factory = sqlite3.Row
    # Read to its end: an unfinished statement would stand in the way of a COMMIT.
    return [_job(row) for row in cursor.execute(query, parameters).fetchall()]


def find_job(db: sqlite3.Connection, query: str, parameters: Parameters) -> Job | None:
    """The first job of a query that begins with `SELECT_JOB`."""
    found = select_jobs(db, query, parameters)
    return found[0] if found else None


def get_job(db: sqlite3.Connection, job_id: int) -> Job | None:
    """A job by its number."""
    return find_job(db, SELECT_JOB + "WHERE job.job_id = ?", (job_id,))


def require_job(db: sqlite3.Connection, job_id: int) -> Job:
    """A job that must exist.

    Raises:
        JobNotFoundError: It does not.
    """
    job = get_job(db, job_id)
    if job is None:
        raise JobNotFoundError(job_id=job_id)
    return job


def _job(row: sqlite3.Row) -> Job:
    reason = row["reason"]
    return Job(
        job_id=row["job_id"],
        state=JobState(row["state"]),
        state_at=from_ms(row["state_at_ms"]),
        request=decode_request(row["request"]),
        user_id=row["user_id"],
        place=Place(
            guild_id=row["guild_id"],
            channel_id=row["channel_id"],
            in_thread=bool(row["in_thread"]),
            status_message_id=row["status_message_id"],
            thread_id=row["thread_id"],
            result_message_id=row["result_message_id"],
            parent_channel_id=row["parent_channel_id"],
            result_is_direct=bool(row["result_is_direct"]),
            thread_under_id=row["thread_under_id"],
        ),
        origin=Origin(row["origin"]),
        parent_job_id=row["parent_job_id"],
        created_at=from_ms(row["created_at_ms"]),
        route=row["route"],
        account=row["account"],
        passed_over=row["passed_over"],
        attempt=row["attempt"],
        request_id=row["request_id"],
        submitted_at=_instant(row["submitted_at_ms"]),
        provider_task_id=row["provider_task_id"],
        result_url=row["result_url"],
        clip=_clip(row),
        reason=None if reason is None else OutcomeReason(reason),
        taken_down_at=_instant(row["taken_down_at_ms"]),
        withdrawn_at=_instant(row["withdrawn_at_ms"]),
        erased_at=_instant(row["erased_at_ms"]),
        late_at=_instant(row["late_at_ms"]),
        parked_at=_instant(row["parked_at_ms"]),
        parked_why=row["parked_why"],
        claimed_into=row["claimed_into"],
        storyboard_id=row["storyboard_id"],
    )


def _instant(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else from_ms(at_ms)


def _clip(row: sqlite3.Row) -> Clip | None:
    if row["clip_artifact_id"] is None:
        return None
    return Clip(
        artifact_id=row["clip_artifact_id"],
        size_bytes=row["clip_size_bytes"],
        width_px=row["width_px"],
        height_px=row["height_px"],
        duration_s=row["clip_duration_s"],
        fps=row["fps"],
        has_audio=bool(row["has_audio"]),
        attachable=bool(row["attachable"]),
        picture_plays=bool(row["picture_plays"]),
    )
