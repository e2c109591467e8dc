"""Members who want to be told when their video is done, and whether they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.job import Untold
from storage.job_rows import SELECT_JOB, select_jobs

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.job import TellBy


def ask(db: sqlite3.Connection, job_id: int, by: TellBy) -> bool:
    """Tell the member when it is done; False where it has ended, and nothing is changed."""
    moved = db.execute(
        "UPDATE job SET tell_by = ? WHERE job_id = ?"
        " AND state NOT IN ('delivered', 'failed', 'cancelled', 'expired')",
        (by.value, job_id),
    ).rowcount
    return moved == 1


def take_back(db: sqlite3.Connection, job_id: int) -> bool:
    """Do not tell the member; False where it has ended, and nothing is changed."""
    moved = db.execute(
        "UPDATE job SET tell_by = NULL WHERE job_id = ?"
        " AND state NOT IN ('delivered', 'failed', 'cancelled', 'expired')",
        (job_id,),
    ).rowcount
    return moved == 1


def untold(db: sqlite3.Connection, *, limit: int) -> list[Untold]:
    """Jobs that have ended, whose members are still to be told; oldest first."""
    jobs = select_jobs(
        db,
        SELECT_JOB + "WHERE job.tell_by IS NOT NULL AND job.told_at_ms IS NULL"
        " AND job.state IN ('delivered', 'failed', 'cancelled', 'expired')"
        " ORDER BY job.job_id LIMIT ?",
        (limit,),
    )
    return [Untold(job, _tried_at(db, job.job_id)) for job in jobs]


def record_try(db: sqlite3.Connection, job_id: int, *, at: datetime) -> None:
    """The member may have been told from now on. The first such instant counts."""
    db.execute(
        "UPDATE job SET tell_tried_at_ms = coalesce(tell_tried_at_ms, ?) WHERE job_id = ?",
        (to_ms(at), job_id),
    )


def record_told(db: sqlite3.Connection, job_id: int, *, at: datetime) -> None:
    """There is nothing more to tell the member."""
    db.execute("UPDATE job SET told_at_ms = ? WHERE job_id = ?", (to_ms(at), job_id))


def _tried_at(db: sqlite3.Connection, job_id: int) -> datetime | None:
    ((tried_at_ms,),) = db.execute(
        "SELECT tell_tried_at_ms FROM job WHERE job_id = ?", (job_id,)
    ).fetchall()
    return None if tried_at_ms is None else from_ms(tried_at_ms)
