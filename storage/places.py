"""Where a waiting job stands, from the lanes' counts and without walking the queue.

Lanes take turns in the order of (served, id), and each turn puts a lane behind all others, so the
order repeats while they last. Before a lane's n-th turn, a lane in front of it has had n turns and
one behind it n - 1, or as many as it has jobs waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.job_rows import require_job

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.job import Job

_TURN_OF_MEMBER = """
SELECT count(*) FROM job
WHERE guild_id = :guild_id AND user_id = :user_id AND state = 'queued' AND job_id <= :job_id
"""
_MEMBERS_TURNS_BEFORE = """
SELECT coalesce(sum(CASE WHEN waiting < turns THEN waiting ELSE turns END), 0) FROM (
    SELECT other.waiting AS waiting,
        CASE WHEN (other.served, other.user_id) < (own.served, own.user_id)
            THEN :turn ELSE :turn - 1 END AS turns
    FROM member_lane AS own
    JOIN member_lane AS other ON other.guild_id = own.guild_id AND other.user_id <> own.user_id
    WHERE own.guild_id = :guild_id AND own.user_id = :user_id AND other.waiting > 0
) AS counted
"""
_GUILDS_TURNS_BEFORE = """
SELECT coalesce(sum(CASE WHEN waiting < turns THEN waiting ELSE turns END), 0) FROM (
    SELECT other.waiting AS waiting,
        CASE WHEN (other.served, other.guild_id) < (own.served, own.guild_id)
            THEN :turn ELSE :turn - 1 END AS turns
    FROM guild_lane AS own
    JOIN guild_lane AS other ON other.guild_id <> own.guild_id
    WHERE own.guild_id = :guild_id AND other.waiting > 0
) AS counted
"""
_OPEN_IN_ORDER = """
SELECT open_job.job_id FROM (
    SELECT job_id, user_id, state,
        CASE state WHEN 'queued' THEN 2 WHEN 'held' THEN 3 ELSE 1 END AS part,
        row_number() OVER (PARTITION BY user_id, state ORDER BY job_id) AS turn
    FROM job WHERE guild_id = :guild_id
    AND state IN ('queued', 'submitting', 'rendering', 'fetched', 'held')
) AS open_job
LEFT JOIN member_lane ON member_lane.guild_id = :guild_id
    AND member_lane.user_id = open_job.user_id AND open_job.state = 'queued'
ORDER BY open_job.part,
    CASE open_job.state WHEN 'queued' THEN open_job.turn END,
    member_lane.served, member_lane.user_id, open_job.job_id
LIMIT :limit
"""


def place_in_queue(db: sqlite3.Connection, job_id: int) -> int | None:
    """How many claims until this job is served, if none joins; 1 is next.

    Returns:
        None for a job that does not wait, or does not exist.
    """
    found = db.execute(
        "SELECT guild_id, user_id FROM job WHERE job_id = ? AND state = 'queued'", (job_id,)
    ).fetchone()
    if found is None:
        return None
    lane: dict[str, int] = {"guild_id": found[0], "user_id": found[1], "job_id": job_id}
    (turn,) = db.execute(_TURN_OF_MEMBER, lane).fetchone()
    (before,) = db.execute(_MEMBERS_TURNS_BEFORE, lane | {"turn": turn}).fetchone()
    turn += before  # now the turn of the guild
    (before,) = db.execute(_GUILDS_TURNS_BEFORE, lane | {"turn": turn}).fetchone()
    return int(turn + before)


def open_jobs_of_guild(db: sqlite3.Connection, guild_id: int, *, limit: int) -> list[Job]:
    """A server's jobs that have not ended, as people expect to see them.

    Those under way by number, then the waiting in the order in which they will be served, then
    the held, which wait for a person.
    """
    rows = db.execute(_OPEN_IN_ORDER, {"guild_id": guild_id, "limit": limit}).fetchall()
    return [require_job(db, job_id) for (job_id,) in rows]
