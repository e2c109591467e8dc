"""What moderators took down, and what of it is still to be cleared away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.errors import StaleStateError
from bot.domain.job import FILM_ACCOUNT, Job, JobState, OutcomeReason
from storage import steps
from storage.job_rows import SELECT_JOB, require_job, select_jobs
from storage.job_states import ENDED
from storage.ledger import settle

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


def take_down(
    db: sqlite3.Connection,
    job_id: int,
    *,
    at: datetime,
    reason: OutcomeReason = OutcomeReason.CANCELLED_BY_MODERATOR,
) -> bool:
    """Take a job down, whatever its state. Whether that is news.

    Args:
        db: In a transaction.
        job_id: The job.
        at: Now.
        reason: Why it is cancelled, if it still waits.

    Raises:
        JobNotFoundError: There is no such job.
    """
    job = require_job(db, job_id)
    if job.taken_down_at is not None:
        return False
    if job.state is JobState.QUEUED:
        steps.cancel_waiting(db, job_id, reason=reason, at=at)
    # Its status message has to say so too, though the job's state may be as it was.
    db.execute(
        "UPDATE job SET taken_down_at_ms = :at_ms, shown_state = NULL,"
        " post_again_at_ms = :at_ms WHERE job_id = :job_id",  # one that is parked ends now
        {"at_ms": to_ms(at), "job_id": job_id},
    )
    if job.storyboard_id is not None and not job.is_film:
        _take_films_down(db, job.storyboard_id, at=at, reason=reason)
    return True


def _take_films_down(
    db: sqlite3.Connection, storyboard_id: int, *, at: datetime, reason: OutcomeReason
) -> None:
    """What was joined from a shot shows it."""
    films = db.execute(
        "SELECT job_id FROM job WHERE storyboard_id = ? AND account = ?",
        (storyboard_id, FILM_ACCOUNT),
    ).fetchall()
    for (film_id,) in films:
        take_down(db, film_id, at=at, reason=reason)


def withhold(db: sqlite3.Connection, job_id: int, *, at: datetime) -> Job:
    """Fetched to failed: the clip of a job that was taken down is not posted. It was paid for.

    Raises:
        StaleStateError: The job is not fetched.
    """
    moved = db.execute(
        "UPDATE job SET state = 'failed', state_at_ms = ?,"
        " reason = CASE WHEN withdrawn_at_ms IS NULL THEN ? ELSE ? END"
        " WHERE job_id = ? AND state = 'fetched' AND taken_down_at_ms IS NOT NULL",
        (to_ms(at), OutcomeReason.TAKEN_DOWN.value, OutcomeReason.WITHDRAWN.value, job_id),
    ).rowcount
    if moved != 1:
        raise StaleStateError(job_id=job_id, expected=JobState.FETCHED.value)
    settle(db, job_id, at=at)
    return require_job(db, job_id)


def to_clear_away(db: sqlite3.Connection, *, limit: int) -> list[Job]:
    """Jobs that were taken down and have ended, whose post or files may still be there."""
    return select_jobs(
        db,
        SELECT_JOB + "WHERE job.taken_down_at_ms IS NOT NULL AND job.takedown_done_at_ms IS NULL"
        f" AND {ENDED}"
        " ORDER BY job.job_id LIMIT ?",
        (limit,),
    )


def drop_inputs(db: sqlite3.Connection, job_id: int) -> None:
    """Need a job's images no more; `artifacts.unreferenced` finds those that no other job needs."""
    db.execute("DELETE FROM job_input WHERE job_id = ?", (job_id,))
    db.execute("UPDATE shot SET image_id = NULL WHERE job_id = ?", (job_id,))


def clip_is_shared(db: sqlite3.Connection, artifact_id: str) -> bool:
    """Whether a job that was not taken down has the same file."""
    found = db.execute(
        "SELECT 1 FROM job WHERE clip_artifact_id = :file AND taken_down_at_ms IS NULL UNION ALL"
        " SELECT 1 FROM parcel JOIN job USING (job_id)"
        " WHERE fitted_artifact_id = :file AND taken_down_at_ms IS NULL LIMIT 1",
        {"file": artifact_id},
    ).fetchone()
    return found is not None


def record_done(db: sqlite3.Connection, job_id: int, *, at: datetime) -> None:
    """Post and files are gone."""
    db.execute("UPDATE job SET takedown_done_at_ms = ? WHERE job_id = ?", (to_ms(at), job_id))
