"""The moves of a job's life: each names the state that it expects to leave, and writes one fact.

A move whose job has left that state writes nothing and raises, so of two who act on one job the
second learns it. Which moves exist says `MOVES` in ``bot/domain/job.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.errors import JobNotFoundError, NotCancellableError, StaleStateError
from bot.domain.job import MOVES, Clip, Job, JobState, OutcomeReason
from storage.artifacts import register_clip
from storage.job_rows import require_job
from storage.lanes import give_back, leave
from storage.ledger import release, settle

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

ENDS_WITHOUT_CLIP = frozenset(
    {JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED, JobState.HELD}
)


def requeue(db: sqlite3.Connection, job_id: int, *, at: datetime, fresh_request: bool) -> Job:
    """Submitting to queued: the provider accepted nothing. The job keeps its place.

    One that was taken down meanwhile is cancelled: see `wait_again`.

    Args:
        db: In a transaction.
        job_id: The job.
        at: Now.
        fresh_request: Whether the next claim begins a new attempt with a new ``request_id``;
            otherwise it repeats this one.

    Raises:
        StaleStateError: The job is not submitting.
    """
    moved = db.execute(
        "UPDATE job SET state = 'queued', state_at_ms = :at_ms,"
        " request_id = CASE WHEN :fresh THEN NULL ELSE request_id END"
        " WHERE job_id = :job_id AND state = 'submitting'",
        {"at_ms": to_ms(at), "fresh": fresh_request, "job_id": job_id},
    ).rowcount
    _check_moved(moved, job_id, JobState.SUBMITTING)
    return wait_again(db, job_id, at=at)


def wait_again(db: sqlite3.Connection, job_id: int, *, at: datetime) -> Job:
    """A job that was claimed is queued again, at its old place.

    One that was taken down after its claim could be cancelled by nobody then. It is now: it would
    be paid for and never posted.
    """
    give_back(db, job_id)
    job = require_job(db, job_id)
    if job.taken_down_at is None:
        return job
    by_moderator = job.withdrawn_at is None
    reason = (
        OutcomeReason.CANCELLED_BY_MODERATOR if by_moderator else OutcomeReason.CANCELLED_BY_MEMBER
    )
    return cancel_waiting(db, job_id, reason=reason, at=at)


def record_task(db: sqlite3.Connection, job_id: int, *, provider_task_id: str, at: datetime) -> Job:
    """Submitting, or held, to rendering: the provider has this task for it.

    Raises:
        StaleStateError: The job is neither.
        sqlite3.IntegrityError: The task is another job's (`StorageError` outside).
    """
    moved = db.execute(
        "UPDATE job SET state = 'rendering', state_at_ms = ?, provider_task_id = ?, reason = NULL"
        " WHERE job_id = ? AND state IN ('submitting', 'held')",
        (to_ms(at), provider_task_id, job_id),
    ).rowcount
    _check_moved(moved, job_id, JobState.SUBMITTING)
    return require_job(db, job_id)


def record_result_url(db: sqlite3.Connection, job_id: int, *, url: str, at: datetime) -> Job:
    """The task succeeded, and this is the gateway's link. The job goes on rendering until fetched.

    Raises:
        StaleStateError: The job is not rendering.
    """
    moved = db.execute(
        "UPDATE job SET result_url = ?, result_url_at_ms = ?"
        " WHERE job_id = ? AND state = 'rendering'",
        (url, to_ms(at), job_id),
    ).rowcount
    _check_moved(moved, job_id, JobState.RENDERING)
    return require_job(db, job_id)


def record_late(db: sqlite3.Connection, job_id: int, *, at: datetime) -> Job:
    """The job renders for longer than its patience; the first time stands.

    Raises:
        JobNotFoundError: There is no such job.
    """
    db.execute(
        "UPDATE job SET late_at_ms = ?"
        " WHERE job_id = ? AND state = 'rendering' AND late_at_ms IS NULL",
        (to_ms(at), job_id),
    )
    return require_job(db, job_id)


def record_fetched(db: sqlite3.Connection, job_id: int, *, clip: Clip, at: datetime) -> Job:
    """Rendering to fetched: the clip is on our disk as ``<artifact_id>.mp4``, and probed.

    Raises:
        StaleStateError: The job is not rendering.
    """
    register_clip(db, clip, at=at)
    moved = db.execute(
        "UPDATE job SET state = 'fetched', state_at_ms = :at_ms, fetched_at_ms = :at_ms,"
        " clip_artifact_id = :clip WHERE job_id = :job_id AND state = 'rendering'",
        {"at_ms": to_ms(at), "clip": clip.artifact_id, "job_id": job_id},
    ).rowcount
    _check_moved(moved, job_id, JobState.RENDERING)
    return require_job(db, job_id)


def record_delivered(
    db: sqlite3.Connection,
    job_id: int,
    *,
    result_message_id: int,
    thread_id: int | None,
    at: datetime,
    direct: bool = False,
) -> Job:
    """Fetched to delivered: the clip is posted, and its reservation settled.

    Args:
        db: In a transaction.
        job_id: The job.
        result_message_id: The message with the clip.
        thread_id: The thread that holds it, or whatever place but the channel of the job; None
            where that does.
        at: Now.
        direct: Whether it is in the member's direct messages.

    Raises:
        StaleStateError: The job is not fetched.
    """
    moved = db.execute(
        "UPDATE job SET state = 'delivered', state_at_ms = ?, result_message_id = ?,"
        " thread_id = ?, result_is_direct = ?, parked_at_ms = NULL"
        " WHERE job_id = ? AND state = 'fetched'",
        (to_ms(at), result_message_id, thread_id, int(direct), job_id),
    ).rowcount
    _check_moved(moved, job_id, JobState.FETCHED)
    settle(db, job_id, at=at)
    return require_job(db, job_id)


def finish(  # the facts of one ending
    db: sqlite3.Connection,
    job_id: int,
    *,
    expected: JobState,
    state: JobState,
    reason: OutcomeReason,
    at: datetime,
) -> Job:
    """End a job without a clip and release its reservation; or hold it, which keeps it.

    Args:
        db: In a transaction.
        job_id: The job.
        expected: The state that it leaves.
        state: ``failed``, ``cancelled``, ``expired`` or ``held``.
        reason: Why.
        at: Now.

    Raises:
        StaleStateError: The job is not in the expected state.
        ValueError: There is no such move.
    """
    if state not in ENDS_WITHOUT_CLIP & MOVES[expected]:
        raise ValueError(f"no job goes from {expected} to {state}")
    moved = db.execute(
        "UPDATE job SET state = ?, state_at_ms = ?, reason = ? WHERE job_id = ? AND state = ?",
        (state.value, to_ms(at), reason.value, job_id, expected.value),
    ).rowcount
    _check_moved(moved, job_id, expected)
    if expected is JobState.QUEUED:
        leave(db, job_id)
    if state is not JobState.HELD:
        release(db, job_id, at=at)
    return require_job(db, job_id)


def cancel_waiting(
    db: sqlite3.Connection, job_id: int, *, reason: OutcomeReason, at: datetime
) -> Job:
    """Queued to cancelled; nothing was paid, and the reservation is released.

    Raises:
        NotCancellableError: It does not wait any more; names its state.
        JobNotFoundError: There is no such job.
    """
    try:
        return finish(
            db,
            job_id,
            expected=JobState.QUEUED,
            state=JobState.CANCELLED,
            reason=reason,
            at=at,
        )
    except StaleStateError as exc:
        job = require_job(db, job_id)
        raise NotCancellableError(job_id=job_id, state=job.state.value) from exc


def put_first(db: sqlite3.Connection, job_id: int) -> Job:
    """A waiting job goes before its member's other ones on this server; nobody else's turn moves.

    Raises:
        StaleStateError: It does not wait.
    """
    moved = db.execute(
        "UPDATE job SET priority = 1 + ("
        " SELECT max(other.priority) FROM job AS other WHERE other.state = 'queued'"
        " AND other.guild_id = job.guild_id AND other.user_id = job.user_id"
        ") WHERE job_id = ? AND state = 'queued'",
        (job_id,),
    ).rowcount
    _check_moved(moved, job_id, JobState.QUEUED)
    return require_job(db, job_id)


def record_status_message(db: sqlite3.Connection, job_id: int, *, message_id: int) -> None:
    """The first answer is this message; in any state.

    Raises:
        JobNotFoundError: There is no such job.
    """
    moved = db.execute(
        "UPDATE job SET status_message_id = ? WHERE job_id = ?", (message_id, job_id)
    ).rowcount
    _check_found(moved, job_id)


def record_shown(db: sqlite3.Connection, job_id: int, *, state: JobState) -> None:
    """The status message says this state now, or will never say any.

    Raises:
        JobNotFoundError: There is no such job.
    """
    found = db.execute(
        "UPDATE job SET shown_state = ? WHERE job_id = ?", (state.value, job_id)
    ).rowcount
    _check_found(found, job_id)


def record_thread(db: sqlite3.Connection, job_id: int, *, thread_id: int) -> None:
    """The job has this thread; in any state.

    Raises:
        JobNotFoundError: There is no such job.
    """
    moved = db.execute(
        "UPDATE job SET thread_id = ? WHERE job_id = ?", (thread_id, job_id)
    ).rowcount
    _check_found(moved, job_id)


def _check_moved(moved: int, job_id: int, expected: JobState) -> None:
    if moved != 1:
        raise StaleStateError(job_id=job_id, expected=expected.value)


def _check_found(found: int, job_id: int) -> None:
    if found != 1:
        raise JobNotFoundError(job_id=job_id)
