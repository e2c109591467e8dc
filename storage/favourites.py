"""Results that members collected with a star."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import to_ms

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.job import Job


def add(db: sqlite3.Connection, job: Job, user_id: int, *, at: datetime) -> bool:
    """A member collects a job's result; whether that is news."""
    added = db.execute(
        "INSERT INTO favourite (user_id, guild_id, job_id, at_ms) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (user_id, guild_id, job_id) DO NOTHING",
        (user_id, job.place.guild_id, job.job_id, to_ms(at)),
    )
    return added.rowcount == 1


def remove(db: sqlite3.Connection, job: Job, user_id: int) -> bool:
    """A member does so no more; whether they did."""
    removed = db.execute(
        "DELETE FROM favourite WHERE user_id = ? AND guild_id = ? AND job_id = ?",
        (user_id, job.place.guild_id, job.job_id),
    )
    return removed.rowcount == 1


def stars(db: sqlite3.Connection, job: Job) -> int:
    """How many members but its own collect a job's result."""
    ((count,),) = db.execute(
        "SELECT count(*) FROM favourite WHERE job_id = ? AND user_id <> ?",
        (job.job_id, job.user_id),
    ).fetchall()
    return int(count)


def forget_of_member(db: sqlite3.Connection, user_id: int) -> None:
    """A member collects nothing any more, on whatever server."""
    db.execute("DELETE FROM favourite WHERE user_id = ?", (user_id,))


def forget_of_job(db: sqlite3.Connection, job_id: int) -> None:
    """Nobody collects a job's result any more."""
    db.execute("DELETE FROM favourite WHERE job_id = ?", (job_id,))
