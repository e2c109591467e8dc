"""Words, images and clips that are kept no longer. The job's row, the ledger and the audit stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.job import JobState, OutcomeReason
from storage import confirmations, favourites, further_posts, member_defaults, storyboards
from storage.job_rows import SELECT_JOB, require_job, select_jobs
from storage.job_states import ENDED
from storage.request_codec import encode_request
from storage.takedowns import drop_inputs, take_down

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.job import Job

_DAY_MS = int(timedelta(days=1).total_seconds() * 1000)


def withdraw(
    db: sqlite3.Connection, user_id: int, *, at: datetime, limit: int
) -> tuple[list[int], list[Job]]:
    """Take down some of a member's jobs, on whatever server, as they wish.

    What they were asked about and have not confirmed is dropped, and so are their drafts, their
    defaults, their favourites, and who wanted others' videos posted again.
    One that waits is cancelled; one that is being made is paid for and not posted. Each is erased
    by `erase` once its post is gone.

    Returns:
        Which ones, and those of them that are cancelled by it.
    """
    confirmations.end_all_of(db, user_id, at=at)
    favourites.forget_of_member(db, user_id)
    further_posts.forget_who(db, user_id)
    storyboards.discard_drafts_of(db, user_id)
    member_defaults.forget(db, user_id)
    found = db.execute(
        "SELECT job_id, state FROM job WHERE user_id = ? AND withdrawn_at_ms IS NULL"
        " ORDER BY job_id LIMIT ?",
        (user_id, limit),
    ).fetchall()
    for job_id, _ in found:
        withdraw_one(db, job_id, at=at)
    waited = [job_id for job_id, state in found if state == JobState.QUEUED.value]
    return [job_id for job_id, _ in found], [require_job(db, job_id) for job_id in waited]


def withdraw_one(db: sqlite3.Connection, job_id: int, *, at: datetime) -> None:
    """Take one job down as its member wishes."""
    take_down(db, job_id, at=at, reason=OutcomeReason.CANCELLED_BY_MEMBER)
    favourites.forget_of_job(db, job_id)
    db.execute(
        # What moderators took down before is gone through once more, for the words.
        "UPDATE job SET withdrawn_at_ms = ?, takedown_done_at_ms = NULL, shown_state = NULL"
        " WHERE job_id = ?",
        (to_ms(at), job_id),
    )


def erase(db: sqlite3.Connection, job_id: int, *, at: datetime) -> Job:
    """Forget what an ended job was made from. Delete its clip after this, where nobody shares it.

    Raises:
        ValueError: It has not ended.
    """
    job = require_job(db, job_id)
    if not job.is_terminal:
        raise ValueError(f"job {job_id} has not ended")
    drop_inputs(db, job_id)
    db.execute("UPDATE shot SET prompt = '' WHERE job_id = ?", (job_id,))
    # A link to it ends, and the housekeeping deletes what was made to fit.
    db.execute("DELETE FROM parcel WHERE job_id = ?", (job_id,))
    without = replace(job.request, prompt="", images=(), references=())
    db.execute(
        "UPDATE job SET request = ?, result_url = NULL, erased_at_ms = ? WHERE job_id = ?",
        (encode_request(without), to_ms(at), job_id),
    )
    return require_job(db, job_id)


def to_erase(db: sqlite3.Connection, *, now: datetime, keep_days: int, limit: int) -> list[Job]:
    """Jobs that ended longer ago than is kept: by the server's wish, where it is a shorter time.

    Args:
        db: Only read.
        now: Counts back from here.
        keep_days: The operator's days.
        limit: At most so many, the oldest first.
    """
    return select_jobs(
        db,
        SELECT_JOB + "LEFT JOIN guild_setting ON guild_setting.guild_id = job.guild_id"
        " WHERE job.erased_at_ms IS NULL"
        f" AND {ENDED}"
        " AND job.state_at_ms < :now_ms - :day_ms"
        " AND job.state_at_ms < :now_ms - :day_ms * CASE"
        " WHEN guild_setting.keep_days < :keep_days THEN guild_setting.keep_days"
        " ELSE :keep_days END"
        " ORDER BY job.state_at_ms, job.job_id LIMIT :limit",
        {"now_ms": to_ms(now), "day_ms": _DAY_MS, "keep_days": keep_days, "limit": limit},
    )


def clip_is_wanted(db: sqlite3.Connection, artifact_id: str) -> bool:
    """Whether a job has this clip that was neither erased nor taken down."""
    found = db.execute(
        "SELECT 1 FROM job WHERE clip_artifact_id = ? AND erased_at_ms IS NULL"
        " AND taken_down_at_ms IS NULL LIMIT 1",
        (artifact_id,),
    ).fetchone()
    return found is not None
