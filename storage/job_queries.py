"""Questions about jobs, all of them under one name. They change nothing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.job import Job, JobState
from bot.domain.routing import Taken
from storage.job_rows import SELECT_JOB, find_job, get_job, select_jobs
from storage.job_states import AT_REST, CLAIMED
from storage.places import open_jobs_of_guild, place_in_queue

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection
    from datetime import datetime

__all__ = [
    "at_rest_unshown",
    "counts_by_state",
    "get_job",
    "in_flight_of_model",
    "job_for_message",
    "jobs_of_member",
    "latest_job_of_member",
    "newest_to_cancel",
    "newest_waiting_take",
    "oldest_waiting",
    "open_jobs_of_guild",
    "place_in_queue",
    "taken_by_account",
    "unfinished_jobs",
    "waiting_after",
    "waiting_count",
]

_OF_MESSAGE = """
WHERE job.status_message_id = :id OR job.result_message_id = :id
OR job.job_id = (SELECT job_id FROM further_post WHERE message_id = :id)
"""
_OF_MEMBER = "WHERE job.guild_id = :guild_id AND job.user_id = :user_id"
# By the two indexes of what is open: else it would walk everything that a member ever made.
_OPEN_OF_MEMBER = f"""
WHERE job.job_id IN (
    SELECT job_id FROM job WHERE guild_id = :guild_id AND user_id = :user_id AND state = 'queued'
    UNION ALL
    SELECT job_id FROM job WHERE guild_id = :guild_id AND user_id = :user_id
    AND {CLAIMED}
)
"""  # noqa: S608  # constants


def job_for_message(db: sqlite3.Connection, message_id: int) -> Job | None:
    """The job whose status message, result or further post this is."""
    return find_job(db, SELECT_JOB + _OF_MESSAGE, {"id": message_id})


def takes_of(db: sqlite3.Connection, job_id: int, *, limit: int) -> list[Job]:
    """What was made of a job, the first of it first."""
    return select_jobs(
        db,
        SELECT_JOB + "WHERE job.parent_job_id = ? ORDER BY job.job_id LIMIT ?",
        (job_id, limit),
    )


def unfinished_jobs(db: sqlite3.Connection) -> list[Job]:
    """The jobs that a step must go on with, oldest first: submitting, rendering, fetched.

    Those that are parked are taken up when it is time: see `storage.parking`.
    """
    return select_jobs(
        db,
        # The plus keeps the planner from walking all jobs by their number.
        SELECT_JOB + f"WHERE {CLAIMED} AND state <> 'held'"
        " AND job.parked_at_ms IS NULL ORDER BY +job_id",
        (),
    )


def latest_job_of_member(db: sqlite3.Connection, guild_id: int, user_id: int) -> Job | None:
    """The member's newest job on this server, whatever its state."""
    found = jobs_of_member(db, guild_id, user_id, limit=1, open_only=False)
    return found[0] if found else None


def jobs_of_member(
    db: sqlite3.Connection, guild_id: int, user_id: int, *, limit: int, open_only: bool
) -> list[Job]:
    """The member's jobs on this server, newest first; the open ones are those not yet ended."""
    which = _OPEN_OF_MEMBER if open_only else _OF_MEMBER
    return select_jobs(
        db,
        f"{SELECT_JOB}{which} ORDER BY job.job_id DESC LIMIT :limit",
        {"guild_id": guild_id, "user_id": user_id, "limit": limit},
    )


def newest_to_cancel(db: sqlite3.Connection, guild_id: int, user_id: int) -> int | None:
    """The number of the member's newest waiting job here, else newest open, else newest."""
    member = {"guild_id": guild_id, "user_id": user_id}
    found = (
        db.execute(
            f"SELECT job_id FROM job {_OPEN_OF_MEMBER}"  # noqa: S608  # constants
            " ORDER BY state = 'queued' DESC, job_id DESC LIMIT 1",
            member,
        ).fetchone()
        or db.execute(
            f"SELECT job_id FROM job {_OF_MEMBER} ORDER BY job_id DESC LIMIT 1",  # noqa: S608  # likewise
            member,
        ).fetchone()
    )
    return None if found is None else int(found[0])


def newest_waiting_take(
    db: sqlite3.Connection, parent_job_id: int, user_id: int | None
) -> Job | None:
    """The newest take of a job that still waits; of one member, or of anybody."""
    return find_job(
        db,
        SELECT_JOB + "WHERE job.parent_job_id = :parent AND job.state = 'queued'"
        " AND (:user IS NULL OR job.user_id = :user) ORDER BY job.job_id DESC LIMIT 1",
        {"parent": parent_job_id, "user": user_id},
    )


def waiting_count(db: sqlite3.Connection) -> int:
    """How many jobs wait, on all servers."""
    (waiting,) = db.execute(
        "SELECT coalesce(sum(waiting), 0) FROM guild_lane WHERE is_waiting = 1"
    ).fetchone()
    return int(waiting)


def oldest_waiting(db: sqlite3.Connection, *, limit: int) -> list[int]:
    """The ids of the waiting jobs that asked first, on any server."""
    rows = db.execute(
        "SELECT job_id FROM job WHERE state = 'queued' ORDER BY job_id LIMIT ?", (limit,)
    ).fetchall()
    return [job_id for (job_id,) in rows]


def at_rest_unshown(
    db: sqlite3.Connection, *, since: datetime, before: datetime, limit: int
) -> list[int]:
    """The ids of the jobs that came to rest in this time, and whose status says otherwise.

    The newest first, so that an endless trouble with old ones keeps none of today's waiting.
    """
    rows = db.execute(
        "SELECT job_id FROM job"  # noqa: S608  # constants
        f" WHERE {AT_REST}"
        " AND shown_state IS NOT state AND state_at_ms >= ? AND state_at_ms <= ?"
        " ORDER BY state_at_ms DESC LIMIT ?",
        (to_ms(since), to_ms(before), limit),
    ).fetchall()
    return [job_id for (job_id,) in rows]


def taken_by_account(db: sqlite3.Connection) -> dict[tuple[str, str], Taken]:
    """The in-flight places that are taken, by account and model."""
    rows = db.execute(
        "SELECT account, model, count(*), sum(CASE state WHEN 'submitting' THEN 1 ELSE 0 END)"
        " FROM job WHERE state IN ('submitting', 'rendering') AND result_url IS NULL"
        " GROUP BY account, model"
    ).fetchall()
    return {(account, model): Taken(places, asking) for account, model, places, asking in rows}


def in_flight_of_model(
    db: sqlite3.Connection, model: str, accounts: Collection[str]
) -> list[tuple[int, datetime]]:
    """The cost, in milliseconds, and the claim of each job of a model in flight with an account."""
    rows = db.execute(
        "SELECT account, cost_ms, submitted_at_ms FROM job"
        " WHERE state IN ('submitting', 'rendering') AND result_url IS NULL AND model = ?",
        (model,),
    ).fetchall()
    return [(cost_ms, from_ms(at_ms)) for account, cost_ms, at_ms in rows if account in accounts]


def waiting_after(
    db: sqlite3.Connection, job_id: int, *, limit: int, guild_id: int | None = None
) -> list[Job]:
    """The waiting jobs with higher numbers, by number; of one server or of all.

    Without those that wait for another shot: they get their route when that is there.
    """
    of_guild = "" if guild_id is None else " AND job.guild_id = :guild_id"
    return select_jobs(
        db,
        SELECT_JOB
        + f"WHERE job.state = 'queued' AND job.route <> 'after' AND job.job_id > :job_id{of_guild}"
        + " ORDER BY job.job_id LIMIT :limit",
        {"job_id": job_id, "guild_id": guild_id, "limit": limit},
    )


def counts_by_state(db: sqlite3.Connection) -> dict[JobState, int]:
    """How many jobs there are in each state, zeros included."""
    counted = dict(db.execute("SELECT state, count(*) FROM job GROUP BY state").fetchall())
    return {state: counted.get(state.value, 0) for state in JobState}


def open_of_members(db: sqlite3.Connection, guild_id: int) -> dict[int, int]:
    """How many videos each member of a server has under way; without those on hold, or parked."""
    found = Counter[int]()
    for user_id, waiting in db.execute(
        "SELECT user_id, waiting FROM member_lane WHERE guild_id = ? AND is_waiting = 1",
        (guild_id,),
    ).fetchall():
        found[user_id] += waiting
    rows = db.execute(
        # Counted here: grouped by member, the planner would walk every job that there ever was.
        "SELECT user_id FROM job WHERE guild_id = ?"  # noqa: S608  # constants
        f" AND {CLAIMED} AND state <> 'held'"
        " AND parked_at_ms IS NULL",
        (guild_id,),
    ).fetchall()
    return found + Counter(user_id for (user_id,) in rows)
