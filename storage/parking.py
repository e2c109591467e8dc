"""Clips that no place takes: they wait for their member, and are tried again now and then.

With them the places in which a result may have been posted: written before the post.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.destination import DestinationKind, PostTry
from bot.domain.errors import StaleStateError
from bot.domain.job import Job, JobState, OutcomeReason
from storage.job_rows import SELECT_JOB, require_job, select_jobs
from storage.ledger import settle

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime


def record_try(db: sqlite3.Connection, job_id: int, tried: PostTry, *, at: datetime) -> bool:
    """The result may be in this place from now on; whether that is news."""
    added = db.execute(
        "INSERT INTO post_try (job_id, channel_id, kind, why, tried_at_ms) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (job_id, channel_id) DO NOTHING",
        (job_id, tried.channel_id, tried.kind.value, tried.why, to_ms(at)),
    ).rowcount
    return added == 1


def forget_try(db: sqlite3.Connection, job_id: int, channel_id: int) -> None:
    """The result is not in this place: the only post that was ever tried there was refused."""
    db.execute("DELETE FROM post_try WHERE job_id = ? AND channel_id = ?", (job_id, channel_id))


def tries(db: sqlite3.Connection, job_id: int) -> list[PostTry]:
    """Where a job's result may have been posted, in the order of the tries."""
    rows = db.execute(
        "SELECT channel_id, kind, why FROM post_try WHERE job_id = ?"
        " ORDER BY tried_at_ms, channel_id",
        (job_id,),
    ).fetchall()
    return [
        PostTry(channel_id=channel_id, kind=DestinationKind(kind), why=why)
        for channel_id, kind, why in rows
    ]


def park(
    db: sqlite3.Connection, job_id: int, *, why: str, again_at: datetime, at: datetime
) -> bool:
    """No place takes the clip of a fetched job, which waits; whether that is news.

    Raises:
        StaleStateError: The job is not fetched.
    """
    job = require_job(db, job_id)
    if job.state is not JobState.FETCHED:
        raise StaleStateError(job_id=job_id, expected=JobState.FETCHED.value)
    db.execute(
        "UPDATE job SET parked_at_ms = coalesce(parked_at_ms, ?), parked_why = ?,"
        " post_again_at_ms = ?, claimed_into = NULL WHERE job_id = ?",
        (to_ms(at), why, to_ms(again_at), job_id),
    )
    return job.parked_why != why


def due(db: sqlite3.Connection, *, at: datetime, limit: int) -> list[Job]:
    """Parked jobs that are to be tried again by now, those that wait longest first."""
    return select_jobs(
        db,
        SELECT_JOB + "WHERE job.state = 'fetched' AND job.parked_at_ms IS NOT NULL"
        " AND job.post_again_at_ms <= ? ORDER BY job.post_again_at_ms LIMIT ?",
        (to_ms(at), limit),
    )


def parked_of_member(
    db: sqlite3.Connection, guild_id: int, user_id: int, *, limit: int
) -> list[Job]:
    """A member's parked jobs on a server, oldest first."""
    return select_jobs(
        db,
        SELECT_JOB + "WHERE job.guild_id = ? AND job.user_id = ? AND job.state = 'fetched'"
        " AND job.parked_at_ms IS NOT NULL AND job.taken_down_at_ms IS NULL"
        " ORDER BY job.job_id LIMIT ?",
        (guild_id, user_id, limit),
    )


def late_of_member(db: sqlite3.Connection, guild_id: int, user_id: int, *, limit: int) -> list[Job]:
    """A member's late jobs on a server that still render, oldest first."""
    return select_jobs(
        db,
        SELECT_JOB + "WHERE job.guild_id = ? AND job.user_id = ? AND job.state = 'rendering'"
        " AND job.late_at_ms IS NOT NULL ORDER BY job.job_id LIMIT ?",
        (guild_id, user_id, limit),
    )


def claim(db: sqlite3.Connection, job_id: int, *, into: int | None, at: datetime) -> Job | None:
    """The member wants a parked clip, in this channel or the usual way; None where it is gone."""
    moved = db.execute(
        "UPDATE job SET claimed_into = ?, post_again_at_ms = ?"
        " WHERE job_id = ? AND state = 'fetched' AND parked_at_ms IS NOT NULL",
        (into, to_ms(at), job_id),
    ).rowcount
    return require_job(db, job_id) if moved else None


def any_waits(db: sqlite3.Connection, guild_id: int) -> bool:
    """Whether a server has parked jobs."""
    found = db.execute(
        "SELECT 1 FROM job WHERE guild_id = ? AND state = 'fetched' AND parked_at_ms IS NOT NULL"
        " LIMIT 1",
        (guild_id,),
    ).fetchone()
    return found is not None


def try_again_now(db: sqlite3.Connection, guild_id: int, *, at: datetime) -> int:
    """Something changed on a server: its parked jobs are due; how many these are."""
    return db.execute(
        "UPDATE job SET post_again_at_ms = ?"
        " WHERE guild_id = ? AND state = 'fetched' AND parked_at_ms IS NOT NULL",
        (to_ms(at), guild_id),
    ).rowcount


def end_unposted(
    db: sqlite3.Connection, job_id: int, *, reason: OutcomeReason, at: datetime
) -> Job:
    """Fetched to failed: the clip can be posted no more. It was paid for.

    Raises:
        StaleStateError: The job is not fetched.
    """
    moved = db.execute(
        "UPDATE job SET state = 'failed', state_at_ms = ?, reason = ?, parked_at_ms = NULL"
        " WHERE job_id = ? AND state = 'fetched'",
        (to_ms(at), reason.value, job_id),
    ).rowcount
    if moved != 1:
        raise StaleStateError(job_id=job_id, expected=JobState.FETCHED.value)
    settle(db, job_id, at=at)
    return require_job(db, job_id)


def unclaimed(db: sqlite3.Connection, *, parked_before: datetime, limit: int) -> Sequence[int]:
    """The parked jobs that nobody claimed since."""
    rows = db.execute(
        "SELECT job_id FROM job WHERE state = 'fetched' AND parked_at_ms IS NOT NULL"
        " AND parked_at_ms < ? ORDER BY post_again_at_ms LIMIT ?",
        (to_ms(parked_before), limit),
    ).fetchall()
    return [job_id for (job_id,) in rows]
