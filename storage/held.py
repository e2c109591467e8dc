"""Held jobs: their paid call may have been taken, and only a person can find that out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.errors import StaleStateError
from bot.domain.job import Job, JobState, OutcomeReason
from storage.job_rows import SELECT_JOB, find_job, require_job, select_jobs
from storage.lanes import ready_again
from storage.ledger import settle
from storage.steps import wait_again

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


def held_jobs(db: sqlite3.Connection, *, limit: int) -> list[Job]:
    """Held jobs of all servers, those that wait longest first."""
    return select_jobs(
        db, SELECT_JOB + "WHERE job.state = 'held' ORDER BY job.state_at_ms LIMIT ?", (limit,)
    )


def job_of_task(db: sqlite3.Connection, account: str, provider_task_id: str) -> Job | None:
    """The job that has this task already."""
    return find_job(
        db,
        SELECT_JOB + "WHERE job.account = ? AND job.provider_task_id = ?",
        (account, provider_task_id),
    )


def end_paid(db: sqlite3.Connection, job_id: int, *, at: datetime) -> Job:
    """Held to failed: the call was taken and paid, and its clip is lost. It counts.

    Raises:
        StaleStateError: The job is not held.
    """
    _move(db, job_id, JobState.FAILED, reason=OutcomeReason.PAID_CLIP_LOST, at=at)
    settle(db, job_id, at=at)
    return require_job(db, job_id)


def begin_anew(db: sqlite3.Connection, job_id: int, *, at: datetime) -> Job:
    """Held to queued, at its old place: the next claim is a new attempt, which may pay again.

    One that was taken down is cancelled: see `steps.wait_again`.

    Raises:
        StaleStateError: The job is not held.
    """
    _move(db, job_id, JobState.QUEUED, reason=None, at=at)
    db.execute("UPDATE job SET request_id = NULL WHERE job_id = ?", (job_id,))
    ready_again(db, job_id)
    return wait_again(db, job_id, at=at)


def _move(
    db: sqlite3.Connection,
    job_id: int,
    state: JobState,
    *,
    reason: OutcomeReason | None,
    at: datetime,
) -> None:
    moved = db.execute(
        "UPDATE job SET state = ?, state_at_ms = ?, reason = ?, shown_state = NULL"
        " WHERE job_id = ? AND state = 'held'",
        (state.value, to_ms(at), reason, job_id),
    ).rowcount
    if moved != 1:
        raise StaleStateError(job_id=job_id, expected=JobState.HELD.value)
