"""A member's videos, newest first, page by page; and the takes of a video."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.domain.history import Cursor, Ended, has_words
from storage.job_states import CLAIMED, WITHOUT_CLIP

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.history import HistoryFilter

LOOKED_AT_ONCE = 500  # prompts, in one go: others wait for it
_STATES = {
    Ended.ALL: "",
    Ended.DONE: " AND state = 'delivered'",
    Ended.FAILED: f" AND {WITHOUT_CLIP}",
    Ended.OPEN: f" AND (state = 'queued' OR {CLAIMED})",
}
_OWN = "FROM job WHERE job.user_id = :user_id AND job.guild_id = :guild_id"
# By the two indexes of what is open: else it would walk everything that a member ever made.
_OWN_OPEN = f"""
FROM job WHERE job.job_id IN (
    SELECT job_id FROM job WHERE guild_id = :guild_id AND user_id = :user_id AND state = 'queued'
    UNION ALL
    SELECT job_id FROM job WHERE guild_id = :guild_id AND user_id = :user_id
    AND {CLAIMED}
)"""  # noqa: S608  # constants
_KEPT = """
FROM favourite CROSS JOIN job ON job.job_id = favourite.job_id
WHERE favourite.user_id = :user_id AND favourite.guild_id = :guild_id"""


def look(
    db: sqlite3.Connection,
    guild_id: int,
    user_id: int,
    *,
    wanted: HistoryFilter,
    cursor: Cursor,
    limit: int,
) -> tuple[list[int], Cursor | None]:
    """Look through some of a member's videos, away from a cursor.

    Args:
        db: Only read.
        guild_id: On which server.
        user_id: Whose.
        wanted: Which.
        cursor: From where, and which way.
        limit: At most so many numbers.

    Returns:
        The numbers of those that are as wanted, in the order in which they were met, and where to
        go on; None where nothing is left.
    """
    number = "favourite.job_id" if wanted.favourites else "job.job_id"
    is_open = wanted.ended is Ended.OPEN and not wanted.favourites
    source = _KEPT if wanted.favourites else _OWN_OPEN if is_open else _OWN
    states = "" if is_open else _STATES[wanted.ended]
    way, order = (">", "ASC") if cursor.newer else ("<", "DESC")
    looked_at = LOOKED_AT_ONCE if wanted.words else limit
    rows = db.execute(
        f"SELECT job.job_id, {'job.request' if wanted.words else 'NULL'} {source}{states}"
        f" AND {number} {way} :from ORDER BY {number} {order} LIMIT :limit",
        {"guild_id": guild_id, "user_id": user_id, "from": cursor.job_id, "limit": looked_at},
    ).fetchall()
    found: list[int] = []
    for job_id, request in rows:
        if request is None or has_words(json.loads(request)["prompt"], wanted.words):
            found.append(job_id)
        cursor = Cursor(job_id=job_id, newer=cursor.newer)
        if len(found) == limit:
            return found, cursor
    return found, cursor if len(rows) == looked_at else None


def takes_of(db: sqlite3.Connection, job_id: int, *, limit: int) -> list[int]:
    """The numbers of the newest takes of a job, oldest first."""
    rows = db.execute(
        "SELECT job_id FROM job WHERE parent_job_id = ? ORDER BY job_id DESC LIMIT ?",
        (job_id, limit),
    ).fetchall()
    return sorted(number for (number,) in rows)
