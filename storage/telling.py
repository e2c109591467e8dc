"""Members who want to be told when their video or film is done, and whether they were."""

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


# --- of storyboards -------------------------------------------------------------------------------


def wish_of_film(db: sqlite3.Connection, storyboard_id: int, by: TellBy | None) -> bool:
    """Tell the member of the film, or not; False where none is on its way, and nothing changes."""
    moved = db.execute(
        "UPDATE storyboard SET tell_by = ? WHERE storyboard_id = ? AND is_open = 1",
        (by, storyboard_id),
    ).rowcount
    return moved == 1


def hand_over(db: sqlite3.Connection, storyboard_id: int, job_id: int) -> None:
    """The film is there: its member is told of it as of any video."""
    db.execute(
        "UPDATE job SET tell_by = (SELECT tell_by FROM storyboard WHERE storyboard_id = ?)"
        " WHERE job_id = ? AND tell_by IS NULL",
        (storyboard_id, job_id),
    )
    _forget_wish(db, storyboard_id)


def without_film(db: sqlite3.Connection, *, limit: int) -> list[tuple[int, datetime | None]]:
    """Storyboards that stand still without one, whose members are to be told so; oldest first.

    Returns:
        Their numbers, and since when their members may have been told.
    """
    rows = db.execute(
        "SELECT storyboard_id, tell_tried_at_ms FROM storyboard"
        " WHERE tell_by IS NOT NULL AND is_open = 0 AND started_at_ms IS NOT NULL"
        " ORDER BY storyboard_id LIMIT ?",
        (limit,),
    ).fetchall()
    return [
        (storyboard_id, None if tried_at_ms is None else from_ms(tried_at_ms))
        for storyboard_id, tried_at_ms in rows
    ]


def record_try_without_film(db: sqlite3.Connection, storyboard_id: int, *, at: datetime) -> None:
    """Likewise for a storyboard: the member may have been told from now on."""
    db.execute(
        "UPDATE storyboard SET tell_tried_at_ms = coalesce(tell_tried_at_ms, ?)"
        " WHERE storyboard_id = ?",
        (to_ms(at), storyboard_id),
    )


def record_told_without_film(db: sqlite3.Connection, storyboard_id: int) -> None:
    """They were told that none comes; one that goes on again meanwhile is told of all the same."""
    ((is_open,),) = db.execute(
        "SELECT is_open FROM storyboard WHERE storyboard_id = ?", (storyboard_id,)
    ).fetchall()
    if not is_open:
        _forget_wish(db, storyboard_id)


def _forget_wish(db: sqlite3.Connection, storyboard_id: int) -> None:
    db.execute(
        "UPDATE storyboard SET tell_by = NULL, tell_tried_at_ms = NULL WHERE storyboard_id = ?",
        (storyboard_id,),
    )


def _tried_at(db: sqlite3.Connection, job_id: int) -> datetime | None:
    ((tried_at_ms,),) = db.execute(
        "SELECT tell_tried_at_ms FROM job WHERE job_id = ?", (job_id,)
    ).fetchall()
    return None if tried_at_ms is None else from_ms(tried_at_ms)
