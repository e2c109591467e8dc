"""The next job in the fair order, with the intent to submit it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import to_ms
from storage.installation import installation_id, next_claim_number
from storage.job_queries import in_flight_count
from storage.job_rows import require_job
from storage.lanes import next_turn, serve

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.job import Job


def claim_next(db: sqlite3.Connection, *, in_flight_limit: int, at: datetime) -> Job | None:
    """Take the next waiting job: queued to submitting.

    A job that was requeued repeats the attempt and the ``request_id`` that it had, unless it was
    told to begin a fresh one.

    Args:
        db: In a transaction.
        in_flight_limit: How many jobs may be submitting or rendering at once.
        at: Now.

    Returns:
        The job ``submitting``; None where nothing waits, or no place is free.
    """
    if in_flight_count(db) >= in_flight_limit:
        return None
    turn = next_turn(db)
    if turn is None:
        return None
    serve(db, turn, claim=next_claim_number(db))
    job = require_job(db, turn.job_id)
    attempt, request_id = job.attempt, job.request_id
    if request_id is None:
        attempt += 1
        request_id = f"cogreel-{installation_id(db)}-{job.job_id}-{attempt}"
        db.execute(
            "INSERT INTO job_attempt (job_id, attempt, request_id, claimed_at_ms)"
            " VALUES (?, ?, ?, ?)",
            (job.job_id, attempt, request_id, to_ms(at)),
        )
    db.execute(
        "UPDATE job SET state = 'submitting', state_at_ms = :at_ms, submitted_at_ms = :at_ms,"
        " attempt = :attempt, request_id = :request_id,"
        " guild_served_before = :guild_served, member_served_before = :member_served"
        " WHERE job_id = :job_id AND state = 'queued'",
        {
            "at_ms": to_ms(at),
            "attempt": attempt,
            "request_id": request_id,
            "guild_served": turn.guild_served,
            "member_served": turn.member_served,
            "job_id": job.job_id,
        },
    )
    return require_job(db, job.job_id)
